"""Questionnaire instruments: answers to items in, scores out.

One module an instrument (hads, eq5d, shc, chalder, single_items, ips25); placement of items, value sets, cut-offs and
bands are in `parameters/*.yml`, each with unit, date and source. Unanswered items are treated by explicit, documented
rules. No item wording is kept here.
"""

import pandas as pd

from analysis.frames.instruments.chalder import fatigue_case, score_chalder
from analysis.frames.instruments.eq5d import score_eq5d
from analysis.frames.instruments.hads import hads_case, score_hads
from analysis.frames.instruments.ips25 import fidelity_band, score_ips25
from analysis.frames.instruments.parameter_sets import Parameter, ParameterError, read_parameters
from analysis.frames.instruments.shc import any_complaint, score_shc
from analysis.frames.instruments.single_items import score_single_items
from analysis.study.settings import Study

__all__ = [
    "Parameter",
    "ParameterError",
    "any_complaint",
    "fatigue_case",
    "fidelity_band",
    "hads_case",
    "read_parameters",
    "score_chalder",
    "score_eq5d",
    "score_hads",
    "score_ips25",
    "score_questionnaires",
    "score_shc",
    "score_single_items",
]


def score_questionnaires(questionnaires: pd.DataFrame, study: Study) -> pd.DataFrame:
    """All scores, one row a participant and returned questionnaire, in the order of `questionnaires`.

    Columns: participant_id, wave (0, 6, 12 months), hads_anxiety, hads_depression, hads_total, eq5d_index,
    health_ladder, shc_total, the five SHC factor sums, chalder_total, chalder_bimodal, expectation_work,
    expected_health_effect, satisfaction, followup_effect_on_health; units and ranges as in the instruments' own
    modules. Rules for unanswered items, cut-offs and the EQ-5D value set are those of `study.instruments`; a score that
    cannot be computed is NaN, and an instrument that the study does not use has no columns. Raises KeyError for absent
    columns, ValueError for answers outside their range.
    """
    rules = study.instruments
    scorers = {
        "hads": lambda rule: score_hads(questionnaires, rule["max_missing_per_subscale"]),
        "eq5d": lambda rule: score_eq5d(questionnaires, rule["value_set"]),
        "shc": lambda rule: score_shc(questionnaires, rule["max_missing"]),
        "chalder": lambda rule: score_chalder(questionnaires, rule["max_missing"]),
    }
    scores = [score(rules[name]) for name, score in scorers.items() if name in rules]
    known = [questionnaires[["participant_id", "wave"]], *scores, score_single_items(questionnaires)]
    return pd.concat(known, axis=1).reset_index(drop=True)

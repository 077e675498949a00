"""Questionnaire instruments: answers to items in, scores out.

One module an instrument (hads, eq5d, shc, chalder, single_items, ips25); placement of items, value sets, cut-offs and
bands are in `parameters/*.yml`, each with unit, date and source. Unanswered items are treated by explicit, documented
rules. No item wording is kept here.
"""

from collections.abc import Mapping

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
    "SCORES",
    "SINGLE_ITEMS",
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
    "scores_of",
]


# The scores of each instrument that the health chapter follows over the waves.
SCORES: Mapping[str, tuple[str, ...]] = {
    "hads": ("hads_total", "hads_depression", "hads_anxiety"),
    "shc": ("shc_total",),
    "eq5d": ("eq5d_index", "health_ladder"),
    "chalder": ("chalder_total",),
}
SINGLE_ITEMS = ("expectation_work", "expected_health_effect")


def scores_of(study: Study) -> tuple[str, ...]:
    """The health scores that a study's instruments give."""
    return tuple(name for instrument, names in SCORES.items() if instrument in study.instruments for name in names)


def score_questionnaires(questionnaires: pd.DataFrame, study: Study) -> pd.DataFrame:
    """All scores of the instruments a study declares, one row a participant and returned questionnaire, in their order.

    Columns: participant_id, wave (months); with the instrument in `study.instruments` hads_anxiety, hads_depression,
    hads_total (hads), eq5d_index, health_ladder (eq5d), shc_total and five factor sums (shc), chalder_total,
    chalder_bimodal (chalder); always expectation_work, expected_health_effect, satisfaction, followup_effect_on_health,
    missing where the questionnaires lack the question. Units and ranges are those of the instruments' own modules.
    Rules for unanswered items, cut-offs and the EQ-5D value set are those of `study.instruments`; a score that cannot
    be computed is NaN. Raises KeyError for absent items of a declared instrument, ValueError for answers outside their
    range.
    """
    rules = study.instruments
    ways = {
        "hads": lambda rule: score_hads(questionnaires, rule["max_missing_per_subscale"]),
        "eq5d": lambda rule: score_eq5d(questionnaires, rule["value_set"]),
        "shc": lambda rule: score_shc(questionnaires, rule["max_missing"]),
        "chalder": lambda rule: score_chalder(questionnaires, rule["max_missing"]),
    }
    scores = [score(rules[instrument]) for instrument, score in ways.items() if instrument in rules]
    scores = [questionnaires[["participant_id", "wave"]], *scores, score_single_items(questionnaires)]
    return pd.concat(scores, axis=1).reset_index(drop=True)

"""All answers of the trial: questionnaires at item level, services used, open answers, reviews and interviews."""

import logging

import numpy as np
import pandas as pd

from analysis.study.contract import TABLES

from . import background_answers, health_services, interviews, open_answers, reference_group
from .centre_reviews import fidelity
from .process_answers import coordination, earlier_treatment
from .questionnaires import build_questionnaires
from .response import draw_response
from .scores import Scores, fit_scores
from .targets import Targets

log = logging.getLogger("analysis.synthesis.sfj")
PARTS = (
    "response",
    "scores",
    "questionnaires",
    "background",
    "earlier_treatment",
    "health_services",
    "open_answers",
    "coordination",
    "fidelity",
    "interviews",
    "reference_group",
)
# Informants per focus group: the team and whoever else took part; five to seven are printed (section 2.3).
FOCUS_GROUP_SIZES = {"hordaland": 7, "soer_troendelag": 5, "oestfold": 6, "akershus": 6, "oslo": 7, "troms": 5}


def stage(people: pd.DataFrame, rng: np.random.Generator, targets: Targets) -> dict[str, pd.DataFrame]:
    """Tables background, earlier_treatment, questionnaires, health_services, open_answers, coordination, fidelity,
    interviews, interview_themes and reference_group, as the data contract declares them.

    `people` is the frame of the people stage. Every part has its own child generator, so that a change in one part
    leaves the bytes of the others alone.
    """
    people = people.reset_index(drop=True)
    generators = dict(zip(PARTS, rng.spawn(len(PARTS)), strict=True))
    response = draw_response(people, generators["response"], targets)
    scores = fit_scores(people, response, generators["scores"], targets)
    for miss in scores.misses.itertuples(index=False):
        log.info("missed: %s %s / %s %s: %s printed, %.4f reached", *miss)
    tables = {"questionnaires": build_questionnaires(people, response, scores, generators["questionnaires"], targets)}
    tables |= background_answers.stage(people, generators["background"], targets)
    tables["earlier_treatment"] = earlier_treatment(people, generators["earlier_treatment"], targets)
    load = pd.DataFrame({"participant_id": people["participant_id"], "distress": _distress(scores)})
    tables |= health_services.stage(people, response, load, generators["health_services"], targets)
    tables |= open_answers.stage(people, response, generators["open_answers"], targets)[0]
    tables["coordination"] = coordination(people, response, generators["coordination"], targets)
    tables["fidelity"] = fidelity(generators["fidelity"], targets)
    tables |= interviews.stage(FOCUS_GROUP_SIZES, generators["interviews"], targets)
    tables |= reference_group.stage(generators["reference_group"], targets)
    return {name: _typed(name, table) for name, table in tables.items()}


def _distress(scores: Scores) -> np.ndarray:
    load = scores.values["hads_anxiety"][:, 0] + scores.values["hads_depression"][:, 0]
    return (load - load.mean()) / load.std()


def _typed(name: str, table: pd.DataFrame) -> pd.DataFrame:
    """The table with the contract's columns, in its order and types; columns made by another stage are left out."""
    columns = {column: declared for column, declared in TABLES[name].columns.items() if column in table}
    return table[list(columns)].astype({column: declared.dtype.type for column, declared in columns.items()})

"""Who returned which questionnaire, when, and which of its parts they answered."""

import numpy as np
import pandas as pd

from .answers_drawing import pick
from .targets import Targets

NAME = "response"
WAVES = (0, 6, 12)
ARMS = ("sfj", "control")
SCALES = ("hads", "shc", "eq5d", "health_ladder", "fatigue")
# How the 740 and 636 returned questionnaires fall on the arms: the print gives the arms' totals only scale by scale.
RETURNED = {6: {"sfj": 432, "control": 308}, 12: {"sfj": 380, "control": 256}}
BOTH_LATER_WAVES = {"sfj": 325, "control": 205}
BASELINE_ROW = {
    "hads": "baseline_hads_total",
    "shc": "baseline_subjective_health_complaints",
    "eq5d": "baseline_eq5d",
    "health_ladder": "baseline_health_ladder",
}
FINAL_ROW = {
    "hads": "hads_total",
    "shc": "subjective_health_complaints",
    "eq5d": "function_eq5d",
    "health_ladder": "health_ladder",
    "fatigue": "fatigue",
}
CARRIED_ROW = FINAL_ROW | {"eq5d": "eq5d"}
FATIGUE_BASELINE_MISSING = {"sfj": 4, "control": 5}


def draw_response(people: pd.DataFrame, rng: np.random.Generator, targets: Targets) -> pd.DataFrame:
    """One row per participant: returned_6, returned_12, responder and a column valid_<scale>_<wave> per scale and wave.

    A responder returned the questionnaire at 12 months with at least one valid score, as in table 14: the smallest group
    that holds everybody counted in tables 10 and 14. Women, older people and those with higher education return more
    often. Numbers of valid scores are those of tables 10, 14 and 15.
    """
    people = people.reset_index(drop=True)
    response = pd.DataFrame({"participant_id": people["participant_id"], "returned_0": True})
    propensity = _propensity(people)
    for column in ("returned_6", "returned_12", "responder"):
        response[column] = False
    for scale in SCALES:
        for wave in WAVES:
            response[f"valid_{scale}_{wave}"] = wave == 0
    for arm in ARMS:
        members = np.flatnonzero(people["arm"] == arm)
        _draw_arm(response, members, propensity[members], arm, rng, targets)
    return response


def _propensity(people: pd.DataFrame) -> np.ndarray:
    age = (people["included_on"] - people["birth_date"]).dt.days.to_numpy() / 365.25
    higher = people["education"].isin(["university_1_4_years", "university_over_4_years"]).to_numpy()
    return 0.3 * (people["sex"] == "woman").to_numpy() + 0.025 * (age - 40) + 0.35 * higher


def _draw_arm(response, members, propensity, arm, rng, targets) -> None:
    size = len(members)
    final = pick(rng, propensity, RETURNED[12][arm])
    middle = pick(rng, np.where(final, propensity, -np.inf), BOTH_LATER_WAVES[arm])
    middle |= pick(rng, np.where(final, -np.inf, propensity), RETURNED[6][arm] - BOTH_LATER_WAVES[arm])
    responders = responder_count(targets, arm)
    responder = pick(rng, np.where(final, 2.0 * middle, -np.inf), responders)
    for column, values in {"returned_6": middle, "returned_12": final, "responder": responder}.items():
        response.loc[members, column] = values
    for scale in SCALES:
        valid = _draw_scale(scale, arm, middle, responder, rng, targets)
        for position, wave in enumerate(WAVES):
            response.loc[members, f"valid_{scale}_{wave}"] = valid[:, position]
    if size != len(final):
        raise ValueError("response drawn for another number of people")


def responder_count(targets: Targets, arm: str) -> int:
    """People with at least one valid score at 12 months: the largest group size that tables 10 and 14 print."""
    final = [targets.count("table_10", row, arm) for row in FINAL_ROW.values()]
    baseline = [targets.count("table_14", row, f"{arm}_responders_12m") for row in BASELINE_ROW.values()]
    return max(final + baseline)


def _draw_scale(scale, arm, middle, responder, rng, targets) -> np.ndarray:
    """Valid at 0, 6 and 12 months (columns) for the people of one arm.

    Those without a baseline score have one later as often as table 15 implies; whoever lacks the baseline score of a
    scale also lacks the one at 12 months, so that adjusted models keep the printed numbers, unless there are too few.
    """
    size = len(responder)
    final_count = targets.count("table_10", FINAL_ROW[scale], arm)
    lost = _baseline_lost(scale, arm, responder, middle, rng, targets)
    valid = np.column_stack([~lost, middle, responder])
    spare = int(responder.sum()) - final_count
    without = np.flatnonzero(responder & lost)[:spare]
    more = np.flatnonzero(responder & ~lost)
    without = np.concatenate([without, rng.choice(more, spare - len(without), replace=False)])
    valid[without, 2] = False
    carried = targets.count("table_15", CARRIED_ROW[scale], arm)
    _settle_carried(valid, lost, size - carried, scale, rng)
    return valid


def _baseline_lost(scale, arm, responder, middle, rng, targets) -> np.ndarray:
    lost = np.zeros(len(responder), dtype=bool)
    for group, marks in (("responders", responder), ("non_responders", ~responder)):
        if scale == "fatigue":
            count = 0 if group == "responders" else FATIGUE_BASELINE_MISSING[arm]
        else:
            count = int(marks.sum()) - targets.count("table_14", BASELINE_ROW[scale], f"{arm}_{group}_12m")
        lost |= pick(rng, np.where(marks, 6.0 * middle, -np.inf), count)
    return lost


def _settle_carried(valid, lost, never_count, scale, rng) -> None:
    """Take away 6-month scores among those with no other score, until as many have none at all as table 15 implies."""
    open_rows = np.flatnonzero(lost & ~valid[:, 2])
    with_middle = open_rows[valid[open_rows, 1]]
    surplus = never_count - (len(open_rows) - len(with_middle))
    if surplus < 0:
        raise ValueError(f"{scale}: {-surplus} too few people without the baseline score answered at 6 months")
    valid[rng.choice(with_middle, surplus, replace=False), 1] = False


def answered_on(people: pd.DataFrame, wave: int, rng: np.random.Generator) -> pd.Series:
    """Day of the answer: at inclusion for wave 0, else most in the weeks after the questionnaire fell due."""
    included = people["included_on"]
    delay = np.minimum(rng.gamma(1.6, 12.0, size=len(people)).astype(int), 120)
    if wave == 0:
        return included + pd.to_timedelta(np.where(rng.random(len(people)) < 0.7, 0, rng.integers(1, 6, len(people))), "D")
    return included + pd.DateOffset(months=wave) + pd.to_timedelta(delay, "D")

"""Who returned which questionnaire, when, and which of its scores are known."""

from itertools import product

import numpy as np
import pandas as pd

from .answers_drawing import pick
from .groups import A1_COLUMNS
from .targets import Targets

WAVES = (0, 6, 12)
ARMS = ("sfj", "control")
SCALES = ("hads", "shc", "eq5d", "health_ladder", "fatigue")
# How the 740 and 636 returned questionnaires fall on the arms: the print gives the arms' totals only scale by scale.
RETURNED = {6: {"sfj": 432, "control": 308}, 12: {"sfj": 380, "control": 256}}
BOTH_LATER_WAVES = {"sfj": 325, "control": 205}
# Who tends to answer, on the logit scale: women, one year of age, higher education. Assumed; the report does not say.
WILLINGNESS = np.array([0.3, 0.015, 0.3])
# Squared Mahalanobis distance between the arms in the covariates of the responders: models A and C of table 16 (0.20
# between their coefficients, hardly wider intervals) need about this much.
COVARIATE_DISTANCE = 0.075
DRAWS = 60
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
A1_ROW = {"hads": "hads_total", "health_ladder": "health_ladder"}
# Scales whose responders without a baseline score are other people than those without one at 12 months. With the same
# 627 people in tables 10 and 14 and in the adjusted model of table 11, the adjusted difference in HADS total could not
# be below 1.32 (1.30 is printed); the health ladder is as tight.
APART = ("hads", "health_ladder")
MOST_WITHOUT = 31
PARTS_OF_A_POINT = {"hads": 6, "health_ladder": 1}  # one unanswered HADS item of seven makes sums of sixths


def draw_response(people: pd.DataFrame, rng: np.random.Generator, targets: Targets) -> pd.DataFrame:
    """One row per participant: returned_<wave>, responder and a column valid_<scale>_<wave> per scale and wave.

    A responder returned the questionnaire at 12 months with at least one valid score, as in table 14: the smallest
    group that holds everybody counted in tables 10 and 14. Numbers of valid scores are those of tables 10, 14, 15 and
    A.1.
    """
    people = people.reset_index(drop=True)
    responders = {arm: responder_count(targets, arm) for arm in ARMS}
    drawn = [_returned(people, responders, rng) for _ in range(DRAWS)]
    gaps = [abs(_distance_of_arms(people, response["responder"]) - COVARIATE_DISTANCE) for response in drawn]
    response = drawn[int(np.argmin(gaps))]
    for scale in SCALES:
        valid = _known_scores(scale, people, response, rng, targets)
        response = response.assign(**{f"valid_{scale}_{wave}": valid[:, place] for place, wave in enumerate(WAVES)})
    return response


def covariates(people: pd.DataFrame) -> np.ndarray:
    """Columns woman, age in completed years and higher education: the covariates of table 16."""
    included, born = people["included_on"].dt, people["birth_date"].dt
    before = (included.month * 100 + included.day) < (born.month * 100 + born.day)
    age = (included.year - born.year - before).to_numpy(dtype=float)
    woman = (people["sex"] == "woman").to_numpy(dtype=float)
    higher = people["education"].isin(["university_1_4_years", "university_over_4_years"]).to_numpy(dtype=float)
    return np.column_stack([woman, age, higher])


def _returned(people: pd.DataFrame, responders: dict[str, int], rng: np.random.Generator) -> pd.DataFrame:
    """One possible outcome of who returned the questionnaires, and who of them is a responder."""
    marks = np.zeros((len(people), 3), dtype=bool)
    for arm in ARMS:
        members = np.flatnonzero(people["arm"] == arm)
        willing = covariates(people.loc[members]) @ WILLINGNESS
        final = pick(rng, willing, RETURNED[12][arm])
        middle = pick(rng, np.where(final, willing, -np.inf), BOTH_LATER_WAVES[arm])
        middle |= pick(rng, np.where(final, -np.inf, willing), RETURNED[6][arm] - BOTH_LATER_WAVES[arm])
        responder = pick(rng, np.where(final, 2.0 * middle, -np.inf), responders[arm])
        marks[members] = np.column_stack([middle, final, responder])
    response = people[["participant_id"]].assign(returned_0=True)
    return response.assign(returned_6=marks[:, 0], returned_12=marks[:, 1], responder=marks[:, 2])


def _distance_of_arms(people: pd.DataFrame, members: pd.Series) -> float:
    """Squared Mahalanobis distance between the arms' mean covariates among the members."""
    groups = [covariates(people.loc[members & (people["arm"] == arm)]) for arm in ARMS]
    gap = groups[1].mean(axis=0) - groups[0].mean(axis=0)
    within = sum((len(group) - 1) * np.cov(group.T) for group in groups) / (sum(map(len, groups)) - 2)
    return float(gap @ np.linalg.solve(within, gap))


def responder_count(targets: Targets, arm: str) -> int:
    """People with at least one valid score at 12 months: the largest group size that tables 10 and 14 print."""
    final = [targets.count("table_10", row, arm) for row in FINAL_ROW.values()]
    baseline = [targets.count("table_14", row, f"{arm}_responders_12m") for row in BASELINE_ROW.values()]
    return max(final + baseline)


def _known_scores(scale, people, response, rng, targets) -> np.ndarray:
    """Known at 0, 6 and 12 months (columns), one row a person: the first draw that table 15's numbers allow."""
    for _ in range(DRAWS):
        valid = _drawn_scores(scale, people, response, rng, targets)
        if valid is not None:
            return valid
    raise ValueError(f"{scale}: no draw leaves as many people without any score as table 15 implies")


def _drawn_scores(scale, people, response, rng, targets) -> np.ndarray | None:
    """One draw of who is known when; None if it has too few scores at 6 months among those without a first one.

    Those without a baseline score have one later as often as table 15 implies. Whoever lacks the baseline score of a
    scale also lacks the one at 12 months, as far as possible, but not for the scales in APART.
    """
    lost = _lost_at_baseline(scale, people, response, rng, targets)
    valid = np.column_stack([~lost, response["returned_6"], response["responder"]])
    for arm in ARMS:
        members = (people["arm"] == arm).to_numpy()
        responders = np.flatnonzero(members & response["responder"].to_numpy())
        spare = len(responders) - targets.count("table_10", FINAL_ROW[scale], arm)
        without = responders[lost[responders]][: 0 if scale in APART else spare]
        more = rng.choice(responders[~lost[responders]], spare - len(without), replace=False)
        valid[np.concatenate([without, more]), 2] = False
        never = int(members.sum()) - targets.count("table_15", CARRIED_ROW[scale], arm)
        if not _settle_carried(valid, np.flatnonzero(members & lost), never, rng):
            return None
    return valid


def _lost_at_baseline(scale, people, response, rng, targets) -> np.ndarray:
    """Who lacks the baseline score: per arm and response group as table 14 has it, per status as table A.1 allows."""
    groups = people["arm"] + response["responder"].map({True: "_responders_12m", False: "_non_responders_12m"})
    counts = {}
    for group, size in groups.value_counts().sort_index().items():
        if scale == "fatigue":
            counts[group] = 0 if "_non_" not in group else FATIGUE_BASELINE_MISSING[group.split("_")[0]]
        else:
            counts[group] = int(size) - targets.count("table_14", BASELINE_ROW[scale], group)
    slots = np.repeat(list(counts), list(counts.values()))
    statuses = _statuses_without(scale, people, len(slots), targets)
    statuses = rng.permutation(statuses) if statuses is not None else np.full(len(slots), "any")
    lost = np.zeros(len(people), dtype=bool)
    for group, status in zip(slots, statuses, strict=True):
        free = (groups == group) & ~lost & ((people["status_group"] == status) | (status == "any"))
        lost |= pick(rng, np.where(free, 6.0 * response["returned_6"], -np.inf), 1)
    return lost


def _statuses_without(scale: str, people: pd.DataFrame, missing: int, targets: Targets) -> np.ndarray | None:
    """Status groups of those without the score, such that the means of tables A.1 and 14 can hold together."""
    if scale not in A1_ROW:
        return None
    sizes = people["status_group"].value_counts().sort_index()
    options = [_possible_missing(scale, group, int(size), targets) for group, size in sizes.items()]
    expected = missing * sizes.to_numpy() / len(people)
    means = np.array([targets.value("table_A1", A1_ROW[scale], A1_COLUMNS[group], "mean") for group in sizes.index])
    total, slack = _printed_sum(scale, targets)
    best, best_cost = None, np.inf
    for chosen in product(*options):
        numbers = np.array([number for number, _ in chosen])
        if numbers.sum() == missing and abs(means @ (sizes.to_numpy() - numbers) - total) <= 0.4 * slack:
            cost = ((numbers - expected) ** 2 / expected).sum() + sum(fraction for _, fraction in chosen)
            if cost < best_cost:
                best, best_cost = numbers, cost
    if best is None:
        raise ValueError(f"table_A1: no distribution of {missing} missing scores of {scale} allows the printed means")
    return np.repeat(sizes.index.to_numpy(dtype=object), best)


def _printed_sum(scale: str, targets: Targets) -> tuple[float, float]:
    """Sum of everybody's baseline scores by table 14, and what rounding leaves open."""
    columns = [f"{arm}_{group}_12m" for arm in ARMS for group in ("responders", "non_responders")]
    counts = np.array([targets.count("table_14", BASELINE_ROW[scale], column) for column in columns])
    means = np.array([targets.value("table_14", BASELINE_ROW[scale], column, "mean") for column in columns])
    return float(counts @ means), float(
        counts.sum() * targets.half_unit("table_14", BASELINE_ROW[scale], columns[0], "mean")
    )


def _possible_missing(scale: str, group: str, size: int, targets: Targets) -> list[tuple[int, float]]:
    """(people without the score, 1 if only a fractional sum does) for which a sum has the printed mean."""
    mean = targets.value("table_A1", A1_ROW[scale], A1_COLUMNS[group], "mean")
    half = 0.98 * targets.half_unit("table_A1", A1_ROW[scale], A1_COLUMNS[group], "mean")
    found = []
    for missing in range(MOST_WITHOUT):
        known = size - missing
        if abs(round(mean * known) / known - mean) <= half:
            found.append((missing, 0.0))
        elif abs(round(mean * known * PARTS_OF_A_POINT[scale]) / PARTS_OF_A_POINT[scale] / known - mean) <= half:
            found.append((missing, 1.0))
    return found


def _settle_carried(valid: np.ndarray, lost: np.ndarray, never: int, rng: np.random.Generator) -> bool:
    """Take away 6-month scores among those with no other score, until as many have none at all as table 15 implies.

    False when too few of them have one.
    """
    without = lost[~valid[lost, 2]]
    with_middle = without[valid[without, 1]]
    surplus = never - (len(without) - len(with_middle))
    if surplus < 0:
        return False
    valid[rng.choice(with_middle, surplus, replace=False), 1] = False
    return True


def answered_on(people: pd.DataFrame, wave: int, rng: np.random.Generator) -> pd.Series:
    """Day of the answer: at inclusion for wave 0, else most in the weeks after the questionnaire fell due."""
    included = people["included_on"]
    if wave == 0:
        late = np.where(rng.random(len(people)) < 0.7, 0, rng.integers(1, 6, len(people)))
        return included + pd.to_timedelta(late, "D")
    delay = np.minimum(rng.gamma(1.6, 12.0, size=len(people)).astype(int), 120)
    return included + pd.DateOffset(months=wave) + pd.to_timedelta(delay, "D")

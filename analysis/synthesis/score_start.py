"""First draw of the questionnaire scores: right on the average, correlated as scores are, before the fine fitting."""

import numpy as np
import pandas as pd
from scipy import optimize, stats

from .families import MAXIMUM, family_of
from .health_states import draw_states
from .score_targets import ROWS
from .targets import Targets

WAVES = (0, 6, 12)
CASES = {  # printed share above the cut-off, and the row of the mean in table 3
    "hads_anxiety": ("anxiety_above_cutoff", "hads_anxiety_sum"),
    "hads_depression": ("depression_above_cutoff", "hads_depression_sum"),
}
ROUNDED_LADDER = {10: 0.45, 5: 0.32, 1: 0.23}  # share of people who answer on tens, fives and single points
# Questionnaires per wave and subscale with one HADS item unanswered.
UNANSWERED_ITEM = {0: 8, 6: 5, 12: 4}
SCORES = ("hads_anxiety", "hads_depression", "shc_total", "eq5d_index", "health_ladder", "chalder_total")
# Assumed, not printed: correlation of a score with itself a year later (the baseline adjustments of table 11 imply
# about these), and between scores on one occasion, by symptom load (signs turned for the two measures of good health).
STABILITY = {
    "hads_anxiety": 0.55,
    "hads_depression": 0.53,
    "shc_total": 0.62,
    "eq5d_index": 0.42,
    "health_ladder": 0.43,
    "chalder_total": 0.22,
}
LOADINGS = {
    "hads_anxiety": 0.68,
    "hads_depression": 0.74,
    "shc_total": 0.72,
    "eq5d_index": 0.76,
    "health_ladder": 0.76,
    "chalder_total": 0.68,
}
# Anxiety and depression go together less at inclusion than a year later: the spread of their sum says so.
EXTRA_BOND = {0: -0.15, 6: 0.25, 12: 0.45}
# Means and spread of fatigue at inclusion are not printed; these leave room for what tables 11 and 15 print.
FATIGUE_BASELINE = {("sfj", True): 17.6, ("sfj", False): 18.2, ("control", True): 18.3, ("control", False): 19.4}
FATIGUE_SPREAD = 5.8
# Half the way to the 12-month mean is done at 6 months, and more; the figures 10 to 15 give no numbers.
DONE_AT_6 = 0.75
STATUS_SHIFT = {"in_work": -0.1, "sick_listed_full": 0.12, "aap": -0.05, "other": -0.05}
HEALTH_SHIFT = {"very_good": -1.3, "good": -0.55, "fair": 0.15, "poor": 0.8, "very_poor": 1.2, "missing": 0.0}


def latent_scores(people: pd.DataFrame, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Symptom load behind every score: standard normal, one row a person, columns 0, 6 and 12 months."""
    size = len(people)
    burden = people["self_rated_health"].map(HEALTH_SHIFT).to_numpy(dtype=float)
    lasting_common = (
        0.85 * rng.normal(size=size) + 0.5 * burden + people["status_group"].map(STATUS_SHIFT).to_numpy(dtype=float)
    )
    lasting_common = (lasting_common - lasting_common.mean()) / lasting_common.std()
    wave_common = rng.normal(size=(size, 3))
    bond = rng.normal(size=(size, 3))
    own_lasting = {score: rng.normal(size=size) for score in SCORES}
    latent = {}
    for score in SCORES:
        load, rho = LOADINGS[score], STABILITY[score]
        lasting = load * lasting_common + np.sqrt(1 - load**2) * own_lasting[score]
        columns = []
        for place, extra in enumerate(EXTRA_BOND.values()):
            fleeting = load * wave_common[:, place]
            share = extra * (score.startswith("hads"))
            sign = -1.0 if share < 0 and score == "hads_depression" else 1.0
            fleeting = fleeting + sign * np.sqrt(abs(share)) * bond[:, place]
            noise = np.sqrt(max(1 - load**2 - abs(share), 0.02))
            columns.append(np.sqrt(rho) * lasting + np.sqrt(1 - rho) * (fleeting + noise * rng.normal(size=size)))
        latent[score] = np.column_stack(columns)
    return latent


def wanted_moments(
    targets: Targets, score: str, response: pd.DataFrame, arm: str
) -> dict[tuple[str, int], tuple[float, float]]:
    """Mean and standard deviation per group ("responders", "non_responders") and wave for one arm.

    Mean and spread at 6 months of those who never answered at 12 follow from table 15.
    """
    _, row_14, row_10, _, row_15, _ = ROWS[score]
    wanted = {}
    for group in ("responders", "non_responders"):
        if row_14 is None:
            wanted[group, 0] = (FATIGUE_BASELINE[arm, group == "responders"], FATIGUE_SPREAD)
        else:
            wanted[group, 0] = _printed_moments(targets, "table_14", row_14, f"{arm}_{group}_12m")
    wanted["responders", 12] = _printed_moments(targets, "table_10", row_10, arm)
    first, last = wanted["responders", 0], wanted["responders", 12]
    wanted["responders", 6] = (first[0] + DONE_AT_6 * (last[0] - first[0]), last[1])
    members = response["arm"] == arm
    known = {wave: members & response[f"valid_{family_of(score).block}_{wave}"] for wave in WAVES}
    middle = int((known[6] & ~known[12]).sum())
    silent = int((known[0] & ~known[6] & ~known[12]).sum())
    column = ("table_15", row_15, arm)
    carried = (targets.value(*column, "mean"), targets.value(*column, "sd"), targets.count(*column))
    parts = [(*last, int(known[12].sum())), (*wanted["non_responders", 0], silent)]
    wanted["non_responders", 6] = _remaining_moments(carried, parts, middle)
    wanted["non_responders", 12] = wanted["responders", 12]
    return wanted


def _remaining_moments(whole: tuple, parts: list[tuple], count: int) -> tuple[float, float]:
    """Mean and spread of the `count` people left when parts are taken from a whole (each: mean, spread, number)."""
    total = whole[0] * whole[2] - sum(mean * n for mean, _, n in parts)
    squares = _square_sum(*whole) - sum(_square_sum(*part) for part in parts)
    mean = total / count
    variance = (squares - count * mean**2) / (count - 1)
    # Never implausibly even or uneven: the search does the rest.
    typical = parts[0][1]
    return mean, float(np.clip(np.sqrt(max(variance, 0.0)), 0.7 * typical, 1.3 * typical))


def _square_sum(mean: float, sd: float, n: int) -> float:
    return (n - 1) * sd**2 + n * mean**2


def _printed_moments(targets: Targets, source: str, row: str, column: str) -> tuple[float, float]:
    n = targets.count(source, row, column)
    low, high = (targets.value(source, row, column, s) for s in ("ci_low", "ci_high"))
    return targets.value(source, row, column, "mean"), (high - low) / 2 / stats.t.ppf(0.975, n - 1) * np.sqrt(n)


def bounded(latent: np.ndarray, mean: float, sd: float, maximum: float) -> np.ndarray:
    """Map standard normal values to whole scores from 0 to `maximum` with about this mean and spread (beta shaped)."""
    width = maximum + 1.0
    share, variance = (mean + 0.5) / width, (sd / width) ** 2
    strength = share * (1 - share) / variance - 1
    drawn = stats.beta.ppf(stats.norm.cdf(latent), share * strength, (1 - share) * strength)
    return np.clip(np.rint(drawn * width - 0.5), 0, maximum)


def with_case_share(latent: np.ndarray, mean: float, sd: float, maximum: int, case_share: float) -> np.ndarray:
    """As `bounded`, but with the given share of people at or above the cut-off of 8.

    The printed means and shares above the cut-offs need more people below it than one hump would have: the beta shape
    is tilted by a smooth step at the cut-off, and by a line and a parabola that keep mean and spread.
    """
    support = np.arange(maximum + 1)
    share, width = (mean + 0.5) / (maximum + 1), maximum + 1
    strength = share * (1 - share) / (sd / width) ** 2 - 1
    edges = stats.beta.cdf(np.arange(width + 1) / width, share * strength, (1 - share) * strength)
    base = np.log(np.maximum(np.diff(edges), 1e-12))
    tilts = np.column_stack([support - mean, (support - mean) ** 2 / sd**2, 1 / (1 + np.exp(-(support - 7.5) / 1.5))])

    def gap(weights: np.ndarray) -> np.ndarray:
        chance = np.exp(base + tilts @ weights - (base + tilts @ weights).max())
        chance /= chance.sum()
        middle = chance @ support
        return np.array(
            [middle - mean, np.sqrt(chance @ (support - middle) ** 2) - sd, 5 * (chance[8:].sum() - case_share)]
        )

    weights = optimize.root(gap, np.zeros(3)).x
    chance = np.exp(base + tilts @ weights - (base + tilts @ weights).max())
    return np.searchsorted(np.cumsum(chance / chance.sum())[:-1], stats.norm.cdf(latent))


def draw_start(
    people: pd.DataFrame, response: pd.DataFrame, rng: np.random.Generator, targets: Targets
) -> dict[str, np.ndarray]:
    """First draw of every score: persons × waves (EQ-5D: number of the health state); a value also where unknown."""
    latent = latent_scores(people, rng)
    grain = rng.choice(list(ROUNDED_LADDER), size=len(people), p=list(ROUNDED_LADDER.values()))
    body = rng.normal(size=(len(people), 5))
    mood = (latent["hads_anxiety"] + latent["hads_depression"]) / 1.6
    drawn = {score: np.zeros((len(people), 3)) for score in SCORES}
    for arm in ("sfj", "control"):
        for score in SCORES:
            for (group, wave), (mean, sd) in wanted_moments(targets, score, response, arm).items():
                is_responder = response["responder"].to_numpy() == (group == "responders")
                members, place = np.flatnonzero(is_responder & (people["arm"] == arm).to_numpy()), WAVES.index(wave)
                load = _normal_scores(latent[score][members, place])
                if score == "eq5d_index":
                    drawn[score][members, place] = draw_states(load, mood[members, place], body[members], mean, rng)
                elif score == "health_ladder":
                    value = bounded(-load, mean, sd, MAXIMUM[score])
                    drawn[score][members, place] = np.rint(value / grain[members]) * grain[members]
                elif score in CASES and wave == 0:
                    share = _case_share(score, mean, sd, targets)
                    drawn[score][members, place] = with_case_share(load, mean, sd, MAXIMUM[score], share)
                else:
                    drawn[score][members, place] = bounded(load, mean, sd, MAXIMUM[score])
    return drawn


def _normal_scores(values: np.ndarray) -> np.ndarray:
    """The values' ranks as normal quantiles, so that a group's first draw has the wanted mean and spread."""
    ranks = stats.rankdata(values, method="ordinal")
    return stats.norm.ppf((ranks - 0.5) / len(values))


def _case_share(score: str, mean: float, sd: float, targets: Targets) -> float:
    """Share above the cut-off in a group: the printed share of everybody, moved as far as the group's mean differs."""
    row, total_row = CASES[score]
    overall = targets.value("table_03", total_row, "total", "mean")
    slope = stats.norm.pdf((7.5 - overall) / sd) / sd
    return targets.value("text_3.2", row, "total", "pct") / 100 + slope * (mean - overall)


def draw_gaps(people: pd.DataFrame, response: pd.DataFrame, rng: np.random.Generator) -> np.ndarray:
    """Where one item of a HADS subscale is unanswered: persons × (anxiety 0, 6, 12, depression 0, 6, 12).

    At inclusion some in every status group: printed means of table A.1 rest on sums that are no whole numbers.
    """
    gaps = np.zeros((len(people), 6), dtype=bool)
    status = people["status_group"].to_numpy()
    for subscale in range(2):
        for place, (wave, count) in enumerate(UNANSWERED_ITEM.items()):
            known = response[f"valid_hads_{wave}"].to_numpy()
            groups = np.unique(status) if wave == 0 else [slice(None)]
            for group in groups:
                members = np.flatnonzero(known & (status == group)) if wave == 0 else np.flatnonzero(known)
                gaps[rng.choice(members, count // len(groups), replace=False), 3 * subscale + place] = True
    return gaps

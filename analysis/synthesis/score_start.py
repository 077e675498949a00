"""First draw of the questionnaire scores: right on the average, correlated as scores are, before the fine fitting."""

import numpy as np
import pandas as pd
from scipy import stats

from .score_targets import ROWS
from .targets import Targets

SCORES = ("hads_anxiety", "hads_depression", "shc_total", "eq5d_index", "health_ladder", "chalder_total")
MAXIMUM = {"hads_anxiety": 21, "hads_depression": 21, "shc_total": 87, "health_ladder": 100, "chalder_total": 33}
GOOD_IS_HIGH = ("eq5d_index", "health_ladder")
# Assumed, not printed: correlation of a score with itself a year later (the baseline adjustments of table 11 imply
# about these), and between scores on one occasion, by symptom load (signs turned for the two measures of good health).
STABILITY = {"hads_anxiety": 0.55, "hads_depression": 0.53, "shc_total": 0.62, "eq5d_index": 0.42, "health_ladder": 0.43, "chalder_total": 0.22}
LOADINGS = {"hads_anxiety": 0.66, "hads_depression": 0.72, "shc_total": 0.66, "eq5d_index": 0.72, "health_ladder": 0.7, "chalder_total": 0.62}
# Anxiety and depression go together less at inclusion than a year later: the spread of their sum says so.
EXTRA_BOND = {0: -0.25, 6: 0.25, 12: 0.45}
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
    lasting_common = 0.85 * rng.normal(size=size) + 0.5 * burden + people["status_group"].map(STATUS_SHIFT).to_numpy(dtype=float)
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


def wanted_moments(targets: Targets, score: str, response: pd.DataFrame, arm: str) -> dict[tuple[str, int], tuple[float, float]]:
    """Mean and standard deviation per group ("responders", "non_responders") and wave for one arm.

    The mean at 6 months of those who never answered at 12 follows from table 15.
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
    carried = targets.value("table_15", row_15, arm, "mean") * targets.count("table_15", row_15, arm)
    members = response["arm"] == arm
    name = "hads" if score.startswith("hads") else {"shc_total": "shc", "eq5d_index": "eq5d", "chalder_total": "fatigue"}.get(score, score)
    known = {wave: members & response[f"valid_{name}_{wave}"] for wave in (0, 6, 12)}
    middle = known[6] & ~known[12]
    only_first = known[0] & ~known[6] & ~known[12]
    rest = carried - known[12].sum() * last[0] - only_first.sum() * wanted["non_responders", 0][0]
    wanted["non_responders", 6] = (rest / max(middle.sum(), 1), last[1])
    wanted["non_responders", 12] = wanted["responders", 12]
    return wanted


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

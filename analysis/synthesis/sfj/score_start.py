"""First draw of the questionnaire scores: right on the average, correlated as scores are, before the fine fitting."""

from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd
from scipy import optimize, stats

from analysis.calibration import cheapest

from .families import MAXIMUM, family_of
from .groups import A1_COLUMNS
from .health_states import STATE_VALUES, draw_states
from .response import A1_ROW
from .score_targets import ROWS
from .targets import Targets

WAVES = (0, 6, 12)
GROUPS = ("responders", "non_responders")
LEANING_ROUNDS, BISECTIONS = 8, 12
CASES = {  # printed share above the cut-off, and the row of the mean in table 3
    "hads_anxiety": ("anxiety_above_cutoff", "hads_anxiety_sum"),
    "hads_depression": ("depression_above_cutoff", "hads_depression_sum"),
}
ROUNDED_LADDER = {10: 0.45, 5: 0.32, 1: 0.23}  # share of people who answer on tens, fives and single points
CASE_FROM = 8
# The upper half of what the printed share above a cut-off may be, in percentage points: there the shapes are smoothest.
ABOVE_PRINT = 0.3
TAIL = 0.002  # least share of people with a score less than about two spreads from the mean
# Assumed, not printed, of each score: its lasting part (with what has not faded it makes the correlation with itself a
# year later that table 11's baseline adjustments imply), and the correlation between scores on one occasion, by symptom
# load (signs turned for the two measures of good health).
_STABILITY_AND_LOADING = {
    "hads_anxiety": (0.5, 0.68),
    "hads_depression": (0.48, 0.74),
    "shc_total": (0.57, 0.72),
    "eq5d_index": (0.58, 0.76),
    "health_ladder": (0.34, 0.76),
    "chalder_total": (0.1, 0.68),
}
SCORES = tuple(_STABILITY_AND_LOADING)
STABILITY = {score: lasting for score, (lasting, _) in _STABILITY_AND_LOADING.items()}
LOADINGS = {score: load for score, (_, load) in _STABILITY_AND_LOADING.items()}
# What is not lasting fades: this much of it is left half a year later.
FADING = 0.4
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
    wave_common = _fading(rng, size)
    own_lasting = {score: rng.normal(size=size) for score in SCORES}
    latent = {}
    for score in SCORES:
        load, rho = LOADINGS[score], STABILITY[score]
        lasting = load * lasting_common + np.sqrt(1 - load**2) * own_lasting[score]
        fleeting = load * wave_common + np.sqrt(1 - load**2) * _fading(rng, size)
        latent[score] = np.sqrt(rho) * lasting[:, None] + np.sqrt(1 - rho) * fleeting
    return latent


def _fading(rng: np.random.Generator, size: int) -> np.ndarray:
    """Standard normal values at 0, 6 and 12 months (columns), of which a part lasts from one wave to the next."""
    values = rng.normal(size=(size, 3))
    for place in (1, 2):
        values[:, place] = FADING * values[:, place - 1] + np.sqrt(1 - FADING**2) * values[:, place]
    return values


def wanted_moments(targets: Targets, score: str, arm: str) -> dict[tuple[str, int], tuple[float, float]]:
    """Mean and standard deviation per group ("responders", "non_responders") and wave for one arm."""
    _, row_14, row_10, *_ = ROWS[score]
    wanted = {}
    for group in GROUPS:
        if row_14 is None:
            wanted[group, 0] = (FATIGUE_BASELINE[arm, group == "responders"], FATIGUE_SPREAD)
        else:
            wanted[group, 0] = _printed_moments(targets, "table_14", row_14, f"{arm}_{group}_12m")
    last = _printed_moments(targets, "table_10", row_10, arm)
    for group in GROUPS:
        first = wanted[group, 0]
        wanted[group, 6] = (first[0] + DONE_AT_6 * (last[0] - wanted["responders", 0][0]), last[1])
        wanted[group, 12] = last
    return wanted


def carried_moments(targets: Targets, score: str, arm: str, carried: np.ndarray, count: int) -> tuple[float, float]:
    """Mean and spread at 6 months of the `count` people of one arm whose score then is their last.

    Table 15 has everybody's last score: the final ones of table 10, `carried` from inclusion, and these.
    """
    _, _, row_10, _, row_15, _ = ROWS[score]
    final = (*_printed_moments(targets, "table_10", row_10, arm), targets.count("table_10", row_10, arm))
    column = ("table_15", row_15, arm)
    whole = (targets.value(*column, "mean"), targets.value(*column, "sd"), targets.count(*column))
    total = whole[0] * whole[2] - final[0] * final[2] - carried.sum()
    squares = _square_sum(*whole) - _square_sum(*final) - (carried**2).sum()
    mean = total / count
    variance = (squares - count * mean**2) / (count - 1)
    # Never implausibly even or uneven: the search does the rest.
    return mean, float(np.clip(np.sqrt(max(variance, 0.0)), 0.75 * final[1], 1.25 * final[1]))


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


@cache
def smooth_shares(mean: float, sd: float, maximum: int, case_share: float) -> np.ndarray:
    """Shares of people with each score from 0 to `maximum`, with this mean, spread and share from the cut-off on.

    The printed mean, interval and share above the cut-off of anxiety leave no bell: 30 per cent below 8 with a mean of
    10.7 and a spread of 4 need a valley or a shoulder. Shares here rise to one mode and never rise again after it;
    among such the one whose slope changes least at once is taken (a linear programme for each mode).
    """
    support, size = np.arange(maximum + 1), maximum + 1
    bend, slope = np.diff(np.eye(size), n=2, axis=0), np.diff(np.eye(size), axis=0)
    tails = np.minimum(TAIL, TAIL * np.exp(-0.5 * ((support - mean) / sd) ** 2 + 2.4))
    equal = np.column_stack([np.ones(size), support, (support - mean) ** 2, support >= CASE_FROM]).T
    found = []
    for mode in range(1, maximum):
        rising = np.where(np.arange(maximum) < mode, -1.0, 1.0)[:, None] * slope
        limits = np.vstack([np.hstack([bend, -np.ones((size - 2, 1))]), np.hstack([-bend, -np.ones((size - 2, 1))])])
        limits = np.vstack([limits, np.hstack([rising, np.zeros((maximum, 1))])])
        answer = cheapest(
            np.append(np.zeros(size), 1.0),
            (limits, np.zeros(len(limits))),
            [(low, 1) for low in tails] + [(0, None)],
            (np.hstack([equal, np.zeros((4, 1))]), [1.0, mean, sd**2, case_share]),
        )
        if answer is not None:
            found.append((round(answer[1], 9), mode, answer[0][:size]))
    if not found:
        raise ValueError(f"no shares with one mode have mean {mean}, spread {sd} and {case_share:.3f} of cases")
    return min(found, key=lambda each: each[:2])[2]


@cache
def tilted(shares: tuple[float, ...], mean: float, sd: float) -> np.ndarray:
    """The shares, tilted by a line and a parabola on the logarithmic scale so that they have this mean and spread."""
    shares, support = np.array(shares), np.arange(len(shares))
    centred = (support - mean) / sd

    def gap(weights: np.ndarray) -> np.ndarray:
        chance = shares * np.exp(weights[0] * centred + weights[1] * centred**2)
        chance = chance / chance.sum()
        middle = chance @ support
        return np.array([middle - mean, np.sqrt(chance @ (support - middle) ** 2) - sd])

    weights = optimize.root(gap, np.zeros(2)).x
    chance = shares * np.exp(weights[0] * centred + weights[1] * centred**2)
    return chance / chance.sum()


def of_shares(latent: np.ndarray, shares: np.ndarray) -> np.ndarray:
    """Map standard normal values to scores that have these shares."""
    return np.searchsorted(np.cumsum(shares)[:-1], stats.norm.cdf(latent))


def draw_start(
    people: pd.DataFrame, response: pd.DataFrame, rng: np.random.Generator, targets: Targets
) -> dict[str, np.ndarray]:
    """First draw of every score: persons × waves (EQ-5D: number of the health state); a value also where unknown."""
    latent = latent_scores(people, rng)
    maker = _Maker(
        targets,
        moments={(score, arm): wanted_moments(targets, score, arm) for score in SCORES for arm in ("sfj", "control")},
        shares={score: tuple(_overall_shares(score, targets)) for score in CASES},
        grain=rng.choice(list(ROUNDED_LADDER), size=len(people), p=list(ROUNDED_LADDER.values())),
        body=rng.normal(size=(len(people), 5)),
        mood=(latent["hads_anxiety"] + latent["hads_depression"]) / 1.6,
        generator=rng,
    )
    drawn = {}
    for score in SCORES:
        drawn[score] = np.zeros((len(people), 3))
    for place in range(3):
        _bind(people, response, latent, maker, place, targets)
    for names in (("hads_anxiety", "hads_depression"), ("health_ladder",)):
        _lean_to_statuses(people, response, latent, maker, names, targets)
    for score in SCORES:
        for place in range(3):
            drawn[score][:, place] = _wave(people, response, score, latent[score][:, place], place, maker)
        _draw_carried(people, response, drawn[score], score, latent[score][:, 1], maker)
    return drawn


@dataclass(frozen=True)
class _Maker:
    """Makes scores of a group from symptom load.

    moments: wanted mean and spread by score and arm, then group and wave. shares: of everybody at inclusion, by score.
    grain, body and mood belong to all people, one row each.
    """

    targets: Targets
    moments: dict[tuple[str, str], dict]
    shares: dict[str, tuple[float, ...]]
    grain: np.ndarray
    body: np.ndarray
    mood: np.ndarray
    generator: np.random.Generator

    def scores(self, score: str, load: np.ndarray, members: np.ndarray, place: int, moments: tuple) -> np.ndarray:
        """Scores with about these moments, the order of people that of their load."""
        load, (mean, sd) = _normal_scores(load), moments
        if score == "eq5d_index":
            return draw_states(load, self.mood[members, place], self.body[members], moments, self.generator)
        if score == "health_ladder":
            rounded = sum(share * grain**2 for grain, share in ROUNDED_LADDER.items()) / 12
            value = bounded(-load, mean, np.sqrt(sd**2 - rounded), MAXIMUM[score])
            return np.rint(value / self.grain[members]) * self.grain[members]
        if score in CASES and place == 0:
            return of_shares(load, tilted(self.shares[score], mean, sd))
        return bounded(load, mean, sd, MAXIMUM[score])


def _wave(people, response, score: str, load: np.ndarray, place: int, maker: _Maker) -> np.ndarray:
    """Scores of everybody at one wave, from their symptom load: moments by arm and response group."""
    found = np.zeros(len(people))
    responder = response["responder"].to_numpy(dtype=bool)
    for arm in ("sfj", "control"):
        wanted = maker.moments[score, arm]
        for group in GROUPS:
            members = np.flatnonzero((responder == (group == "responders")) & (people["arm"] == arm).to_numpy())
            found[members] = maker.scores(score, load[members], members, place, wanted[group, WAVES[place]])
    return found


def _draw_carried(people, response, drawn: np.ndarray, score: str, load: np.ndarray, maker: _Maker) -> None:
    """Draw the 6-month scores that are carried to 12 months anew, with the moments that table 15 leaves for them."""
    block = family_of(score).block
    first, middle, last = (response[f"valid_{block}_{wave}"].to_numpy(dtype=bool) for wave in WAVES)
    values = STATE_VALUES[drawn[:, 0].astype(int)] if score == "eq5d_index" else drawn[:, 0]
    for arm in ("sfj", "control"):
        own = (people["arm"] == arm).to_numpy() & ~last
        members = np.flatnonzero(own & middle)
        moments = carried_moments(maker.targets, score, arm, values[own & first & ~middle], len(members))
        drawn[members, 1] = maker.scores(score, load[members], members, 1, moments)


def _bind(people, response, latent, maker: _Maker, place: int, targets: Targets) -> None:
    """Let anxiety and depression go together as far as the printed spread of their sum says, by arm (bisection)."""
    names = ("hads_anxiety", "hads_depression")
    known = response[f"valid_hads_{WAVES[place]}"].to_numpy(dtype=bool)
    before = [latent[name][:, place].copy() for name in names]
    for arm in ("sfj", "control"):
        own = (people["arm"] == arm).to_numpy()
        wanted = _spread_of_sum(targets, arm, place)
        low, high = -0.6, 3.0
        for _ in range(BISECTIONS):
            bond = (low + high) / 2
            for name, mine, other in zip(names, before, before[::-1], strict=True):
                latent[name][own, place] = (mine + bond * other)[own]
            total = sum(_wave(people, response, name, latent[name][:, place], place, maker) for name in names)
            low, high = (bond, high) if total[own & known].std(ddof=1) < wanted else (low, bond)


def _spread_of_sum(targets: Targets, arm: str, place: int) -> float:
    """Printed standard deviation of the HADS sum: at inclusion of table 3, later of table 10."""
    if place:
        return _printed_moments(targets, "table_10", ROWS["hads_total"][2], arm)[1]
    row = ROWS["hads_total"][0]
    low, high = (targets.value("table_03", row, arm, end) for end in ("ci_low", "ci_high"))
    people = sum(targets.count("table_14", ROWS["hads_total"][1], f"{arm}_{group}_12m") for group in GROUPS)
    return (high - low) / 2 / stats.t.ppf(0.975, people - 1) * np.sqrt(people)


def _lean_to_statuses(people, response, latent, maker: _Maker, names: tuple[str, ...], targets: Targets) -> None:
    """Shift and stretch the symptom load at inclusion by status until the scores' sum has table A.1's moments."""
    block = family_of(names[0]).block
    known = response[f"valid_{block}_0"].to_numpy(dtype=bool)
    better = 1.0 if block == "hads" else -1.0
    wanted = {
        group: [targets.value("table_A1", A1_ROW[block], column, statistic) for statistic in ("mean", "sd")]
        for group, column in A1_COLUMNS.items()
    }
    for _ in range(LEANING_ROUNDS):
        total = sum(_wave(people, response, name, latent[name][:, 0], 0, maker) for name in names)
        for group, (mean, sd) in wanted.items():
            own = (people["status_group"] == group).to_numpy()
            shift = better * (mean - total[own & known].mean()) / total[known].std()
            stretch = sd / total[own & known].std()
            for name in names:
                middle = latent[name][own, 0].mean()
                latent[name][own, 0] = middle + shift + stretch * (latent[name][own, 0] - middle)


def _normal_scores(values: np.ndarray) -> np.ndarray:
    """The values' ranks as normal quantiles, so that a group's first draw has the wanted mean and spread."""
    ranks = stats.rankdata(values, method="ordinal")
    return stats.norm.ppf((ranks - 0.5) / len(values))


def _overall_shares(score: str, targets: Targets) -> np.ndarray:
    """Shares of everybody at inclusion: table 3's mean and interval, section 3.2's share above the cut-off."""
    row, total_row = CASES[score]
    low, high = (targets.value("table_03", total_row, "total", end) for end in ("ci_low", "ci_high"))
    people = targets.count("text_3.5", "participants_included", "total")
    spread = (high - low) / 2 / stats.t.ppf(0.975, people - 1) * np.sqrt(people)
    share = targets.value("text_3.2", row, "total", "pct") + ABOVE_PRINT
    return smooth_shares(targets.value("table_03", total_row, "total", "mean"), spread, MAXIMUM[score], share / 100)


def draw_gaps(people: pd.DataFrame, response: pd.DataFrame, rng: np.random.Generator) -> np.ndarray:
    """Where one item of a HADS subscale is unanswered: persons × (anxiety 0, 6, 12, depression 0, 6, 12).

    At inclusion one in every arm, response group and status, later a few in every arm: about one questionnaire in a
    hundred. Printed means of table A.1 rest on sums that are no whole numbers, and those of table 10 nearly so.
    """
    gaps = np.zeros((len(people), 6), dtype=bool)
    known = response[["valid_hads_0", "valid_hads_6", "valid_hads_12"]].to_numpy(dtype=bool)
    counted = np.column_stack([known[:, 0], known[:, 1] & ~known[:, 2], known[:, 0] & known[:, 2]])
    groups = people["arm"] + people["status_group"] + response["responder"].astype(str)
    for subscale in range(2):
        for place, (stratum, count) in enumerate(((groups, 1), (people["arm"], 3), (people["arm"], 3))):
            # Responders without a final score have their own sum, which has to be whole.
            free = counted[:, place] & ~(response["responder"].to_numpy() & ~known[:, 2]) & ~gaps[:, place]
            for group in np.unique(stratum):
                members = np.flatnonzero(free & (stratum == group).to_numpy())
                gaps[rng.choice(members, min(count, len(members)), replace=False), 3 * subscale + place] = True
    return gaps

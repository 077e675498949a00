"""What centres chosen by their result show: beside what chance alone would show, and as other people tell it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from analysis.methods.recording import recorded

FEWEST = 4  # people of an arm at a centre who can be parted into halves that each have a spread


@dataclass(frozen=True)
class CentreGaps:
    """Differences between the arms by centre: those by which centres are chosen, and those that are told of them.

    One entry a centre that can be compared: its code, its people, both differences and, `covariance` (k × 2 × 2), how
    both hang together by chance. left_out: codes of the others.
    """

    centres: tuple[str, ...]
    people: np.ndarray
    chosen_by: np.ndarray
    told: np.ndarray
    covariance: np.ndarray
    left_out: tuple[str, ...] = ()

    def best(self, n: int) -> np.ndarray:
        """Places of the n centres with the largest difference, ties to the one with more people."""
        return np.lexsort((-self.people, -self.chosen_by))[:n]

    def mean_told(self, places: Sequence[int] | slice = slice(None)) -> float:
        """The difference told, averaged over centres by their people."""
        return float(np.average(self.told[places], weights=self.people[places]))


@dataclass(frozen=True)
class Picked:
    """What the n best of k centres show, beside what they would show if all centres had one effect.

    everyone, with interval: the difference told of all centres. observed, with the interval that does not know of the
    choice: of the n best. expected, expected_low, expected_high: mean and central range over draws with one effect;
    p_value: how often they show at least as much more than everyone as was observed. other_half, with interval: the n
    best of one half of the people, told by the other half. All but the counts is missing where there is no choice.
    """

    n: int
    k: int
    draws: int
    splits: int
    conf_level: float
    everyone: float = float("nan")
    everyone_low: float = float("nan")
    everyone_high: float = float("nan")
    observed: float = float("nan")
    observed_low: float = float("nan")
    observed_high: float = float("nan")
    expected: float = float("nan")
    expected_low: float = float("nan")
    expected_high: float = float("nan")
    p_value: float = float("nan")
    other_half: float = float("nan")
    other_half_low: float = float("nan")
    other_half_high: float = float("nan")


@recorded
def centre_gaps(
    people: pd.DataFrame, chosen_by: Sequence[str], told: str, *, treatment: str, control: str
) -> CentreGaps:
    """Differences between the arms at each centre in two things that hang together, with their covariance.

    `people` has one row a person with `arm`, `centre`, the columns `chosen_by`, whose differences are averaged (a month
    each, say; missing where not observed), and `told`. The covariance comes from each person's share in both,
    (yᵢ − ȳ)/n of their arm, averaged over the columns: Σ of products, so that the variance of a share is p(1 − p)/n. A
    centre is left out where an arm has nobody, or nobody who differs. Checked against `difference_in_proportions` and
    by draws (tests/test_heterogeneity.py).
    """
    parts = {str(code): _gap(own, list(chosen_by), told, treatment, control)
             for code, own in people.groupby("centre", observed=True)}  # fmt: skip
    kept = {code: part for code, part in parts.items() if part is not None}
    gaps, spreads, sizes = zip(*kept.values(), strict=True) if kept else ((), (), ())
    both = np.array(gaps).reshape(-1, 2)
    return CentreGaps(tuple(kept), np.array(sizes, float), both[:, 0], both[:, 1], np.array(spreads).reshape(-1, 2, 2),
                      tuple(code for code in parts if code not in kept))  # fmt: skip


def _gap(own: pd.DataFrame, chosen_by: list[str], told: str, treatment: str, control: str) -> tuple | None:
    """Both differences of one centre, their covariance, and its people; None where they cannot be compared."""
    arms = [own[own["arm"] == arm] for arm in (treatment, control)]
    compared = [name for name in (*chosen_by, told) if all(arm[name].notna().any() for arm in arms)]
    if compared[-1:] != [told] or len(compared) < 2:
        return None
    (treated, of_treated), (untreated, of_untreated) = (_arm(arm[compared].to_numpy(float)) for arm in arms)
    spread = of_treated + of_untreated
    return (treated - untreated, spread, len(own)) if (np.diag(spread) > 0).all() else None


def _arm(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """In one arm the average of the means of all columns but the last, the mean of the last, and their covariance."""
    counts = np.isfinite(values).sum(axis=0)
    means = np.nansum(values, axis=0) / counts
    shares = np.nan_to_num((values - means) / counts)
    both = np.column_stack([shares[:, :-1].mean(axis=1), shares[:, -1]])
    return np.array([means[:-1].mean(), means[-1]]), both.T @ both


@recorded
def picked(
    people: pd.DataFrame,
    chosen_by: Sequence[str],
    told: str,
    n: int,
    rng: np.random.Generator,
    *,
    treatment: str,
    control: str,
    draws: int = 2000,
    conf_level: float = 0.95,
) -> Picked:
    """What do the n centres with the largest differences show, had all one effect, and told by other people?

    Frame and columns as in `centre_gaps`, in the unit of the columns; centres are averaged by their people.

    One effect: both differences of every centre are drawn from a normal distribution about the same values with the
    centre's own covariance, the n best of each draw are chosen, and their mean less that of all is set beside the
    observed one, `draws` times; p = (1 + number at least as large)/(draws + 1). Levels of the arms may differ between
    centres, effects may not.

    Other half: within centre and arm people are parted at random; the n best of one half are told by the other half,
    both ways, for half as many splits as draws. Their mean is what those chosen by half of these people have, averaged
    over the choices. Its variance is a split's own, on average, less the variance between the splits (multiple
    outputation, Follmann and others 2003), and at least that of the mean if every choice were given; normal interval.
    With n or fewer centres nothing is chosen.
    Checked against order statistics of the normal distribution and on planted effects (tests/test_heterogeneity.py).
    """
    gaps = centre_gaps(people, chosen_by, told, treatment=treatment, control=control)
    k, splits = len(gaps.centres), draws // 2
    if not 0 < n < k:
        return Picked(n, k, draws, splits, conf_level)
    best, tails = gaps.best(n), [0.5 - conf_level / 2, 0.5 + conf_level / 2]
    everyone, observed = gaps.mean_told(), gaps.mean_told(best)
    within = [stats.norm.ppf(tails) * _error(gaps, places) for places in (slice(None), best)]
    more = more_by_chance(gaps.people, gaps.covariance, n, draws, rng)
    p = (1 + int((more >= observed - everyone).sum())) / (draws + 1)
    kept = people[people["centre"].isin(gaps.centres)]
    half = _other_half(kept, gaps, list(chosen_by), told, n, rng, splits, conf_level, (treatment, control))
    expected = (everyone + float(more.mean()), *(everyone + np.quantile(more, tails)))
    return Picked(n, k, draws, splits, conf_level, everyone, *(everyone + within[0]), observed, *(observed + within[1]),
                  *expected, p, *half)  # fmt: skip


def _error(gaps: CentreGaps, places: np.ndarray | slice) -> float:
    people = gaps.people[places]
    return float(np.sqrt((people**2 * gaps.covariance[places, 1, 1]).sum()) / people.sum())


@recorded
def more_by_chance(
    people: np.ndarray, covariance: np.ndarray, n: int, draws: int, rng: np.random.Generator
) -> np.ndarray:
    """By how much the n best of equally good centres show more than all, in each draw.

    people: of each centre, its weight. covariance (k × 2 × 2): of what centres are chosen by and what is told of them,
    by chance. See `picked`.
    """
    (chooses, both), (_, tells) = covariance.transpose(1, 2, 0)
    with_choice = both / np.sqrt(chooses)
    alone = np.sqrt(np.maximum(tells - with_choice**2, 0))
    first, second = rng.standard_normal((2, draws, len(people)))
    told = with_choice * first + alone * second
    best = np.argpartition(-np.sqrt(chooses) * first, n - 1, axis=1)[:, :n]
    weights = people[best]
    of_best = (np.take_along_axis(told, best, axis=1) * weights).sum(axis=1) / weights.sum(axis=1)
    return of_best - np.average(told, weights=people, axis=1)


def _other_half(
    people: pd.DataFrame, gaps: CentreGaps, chosen_by: list[str], told: str, n: int, rng: np.random.Generator,
    splits: int, conf_level: float, arms: tuple[str, str],
) -> tuple[float, float, float]:  # fmt: skip
    """Mean over splits and both halves, with its interval; missing with too few people."""
    known = people.dropna(subset=[told])
    sizes = known.groupby(["centre", "arm"], observed=True).size().unstack().reindex(columns=list(arms))
    if not (sizes >= FEWEST).all(axis=None):
        return (float("nan"),) * 3
    place = known["centre"].map({code: number for number, code in enumerate(gaps.centres)}).to_numpy()
    cell = (place + len(gaps.centres) * (known["arm"] == arms[1])).to_numpy()
    values, halves = known[[*chosen_by, told]].to_numpy(float), _halves(cell, splits, rng)
    first, second = (_gaps_of(half, values, cell) for half in (halves, ~halves))
    chosen, means, variances = map(np.concatenate, zip((first[0], *second[1:]), (second[0], *first[1:]), strict=True))
    estimate, error = _over_splits(_weights(chosen, gaps.people, n), means, variances, gaps.covariance[:, 1, 1])
    reach = stats.norm.ppf(0.5 + conf_level / 2) * error
    return estimate, estimate - reach, estimate + reach


def _over_splits(
    weights: np.ndarray, means: np.ndarray, variances: np.ndarray, of_all: np.ndarray
) -> tuple[float, float]:
    """Mean of what the centres chosen in each split show, and its standard error.

    weights, means, variances (splits × centres): what each centre counts, its difference in the other half and that
    one's variance. of_all: variance of each centre's difference among all its people.
    """
    told, own = (weights * means).sum(axis=1), (weights**2 * variances).sum(axis=1)
    given = (weights.mean(axis=0) ** 2 * of_all).sum()
    return float(told.mean()), float(np.sqrt(max(own.mean() - told.var(), given)))


def _halves(cell: np.ndarray, splits: int, rng: np.random.Generator) -> np.ndarray:
    """Who is in the first half of each split (splits × people): every other one within a cell, in random order."""
    order = np.argsort(cell + rng.random((splits, len(cell))), axis=1)
    starts = np.concatenate([[0], np.cumsum(np.bincount(cell))])[np.sort(cell)]
    odd = (np.arange(len(cell)) - starts) % 2 == 0
    first = np.empty(order.shape, bool)
    np.put_along_axis(first, order, np.broadcast_to(odd, order.shape), axis=1)
    return first


def _gaps_of(halves: np.ndarray, values: np.ndarray, cell: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Of the people in each half (splits × centres): the mean difference in all columns but the last, that in the last
    and its variance."""
    cells, own, k = np.eye(cell.max() + 1)[cell], halves.astype(float), (cell.max() + 1) // 2
    with np.errstate(invalid="ignore", divide="ignore"):
        means = np.array([_means(own, cells, column) for column in values.T])
        differences = means[:, :, :k] - means[:, :, k:]
        known = np.isfinite(differences[:-1])
        chosen = np.where(known, differences[:-1], 0).sum(axis=0) / known.sum(axis=0)
        spread = (_means(own, cells, values[:, -1] ** 2) - means[-1] ** 2) / (own @ cells)
    return chosen, differences[-1], spread[:, :k] + spread[:, k:]


def _means(own: np.ndarray, cells: np.ndarray, column: np.ndarray) -> np.ndarray:
    """Mean of a column in each cell (splits × cells), over those who have it."""
    known = np.isfinite(column)[:, None]
    return (own @ (cells * np.nan_to_num(column)[:, None])) / (own @ (cells * known))


def _weights(chosen: np.ndarray, people: np.ndarray, n: int) -> np.ndarray:
    """What each centre counts in each split (splits × centres): its share of the people of the n best, or nothing."""
    best = np.argsort(-np.nan_to_num(chosen, nan=-np.inf), axis=1)[:, :n]
    weights = np.zeros(chosen.shape)
    np.put_along_axis(weights, best, people[best], axis=1)
    return weights / weights.sum(axis=1, keepdims=True)

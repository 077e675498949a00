"""Printed statistics as functions of sums over people, so that what a change of one person does is known at once.

A `Term` is one sum: of the people that meet some conditions, the product of some columns. A `Statistic` is a value of
a few terms. Values are a matrix, one row a person, one column a variable; a missing value is NaN, and whoever lacks a
value is not counted where it is needed. Each statistic is the one that `analysis/methods/` computes from people
(tests/test_calibration_statistics.py holds them to each other).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations_with_replacement

import numpy as np
from scipy.special import ndtr, ndtri, stdtr, stdtrit

# Least variance and standard error: a search may come by people who are all alike.
TINY = 1e-9
# Steps of a tenth do not add up to tenths in binary fractions.
EDGE = 1e-6


@dataclass(frozen=True)
class Condition:
    """A column's value lies between two ends, both included: equal ones pick a code, infinite ones whoever has any."""

    column: int
    low: float = -np.inf
    high: float = np.inf

    def holds(self, values: np.ndarray) -> np.ndarray:
        """Whom it holds for; not for a missing value."""
        own = values[:, self.column]
        return (own >= self.low - EDGE) & (own <= self.high + EDGE)


Who = frozenset[Condition]
Measure = tuple[int, ...]  # a column, or several whose product is meant


@dataclass(frozen=True)
class Term:
    """Σ over people who meet every condition, of the product of the columns; without columns, their number."""

    who: Who
    columns: tuple[int, ...] = ()

    def __call__(self, values: np.ndarray) -> np.ndarray:
        """Each person's share of the sum."""
        return meets(values, self.who) * _product(values, self.columns)


def meets(values: np.ndarray, who: Who) -> np.ndarray:
    """Whom every condition holds for."""
    inside = np.ones(len(values), dtype=bool)
    for condition in who:
        inside &= condition.holds(values)
    return inside


def _product(values: np.ndarray, columns: Measure) -> np.ndarray | float:
    """The product of columns, nought where one is missing."""
    if not columns:
        return 1.0
    product = values[:, columns[0]]
    for column in columns[1:]:
        product = product * values[:, column]
    return np.nan_to_num(product)


@dataclass(frozen=True)
class Statistic:
    """A number that people's values give: `value` of the sums of `terms`, an array for each, many candidates at once.

    kind, groups and measure say what it is, for those who reason about it: see `linear`.
    """

    terms: tuple[Term, ...]
    value: Callable[..., np.ndarray]
    kind: str = ""
    groups: tuple[Who, ...] = ()
    measure: "Measure | Who" = ()
    scale: float = 1.0

    def of(self, values: np.ndarray) -> float:
        """The statistic of all people."""
        return float(self.value(*(np.array([term(values).sum()]) for term in self.terms))[0])


class Figures:
    """Several statistics together: the distinct terms are summed once."""

    def __init__(self, statistics: Sequence[Statistic]) -> None:
        self.statistics = statistics
        self.terms = list(dict.fromkeys(term for each in statistics for term in each.terms))
        place = {term: number for number, term in enumerate(self.terms)}
        self.places = [[place[term] for term in each.terms] for each in statistics]

    def features(self, rows: np.ndarray, values: np.ndarray) -> np.ndarray:
        """Each person's share of every term: people × terms; `rows` are their numbers, which play no part."""
        inside = {who: meets(values, who) for who in {term.who for term in self.terms}}
        product = {columns: _product(values, columns) for columns in {term.columns for term in self.terms}}
        return np.column_stack([inside[term.who] * product[term.columns] for term in self.terms])

    def cells(self, sums: np.ndarray) -> np.ndarray:
        """The statistics of each row of sums."""
        pairs = zip(self.statistics, self.places, strict=True)
        return np.column_stack([each.value(*sums[:, places].T) for each, places in pairs])


def known(who: Who, *columns: int) -> Who:
    """Those of the people who have a value in each column."""
    return who | {Condition(column) for column in columns}


def answered(who: Who, event: Who) -> Who:
    """Those of the people of whom it is known whether the event holds."""
    return known(who, *(condition.column for condition in event))


def people(who: Who, measure: Measure = ()) -> Statistic:
    """Number of people, those without a value left out."""
    return Statistic((Term(known(who, *measure)),), lambda n: n, "people", (known(who, *measure),))


def share(who: Who, event: Who, scale: float = 1.0) -> Statistic:
    """Share of the people with a value for whom the event (all its conditions) holds, times `scale`: 100, per cent."""
    group = answered(who, event)
    terms = (Term(group), Term(group | event))
    return Statistic(terms, lambda n, k: scale * k / np.maximum(n, 1), "share", (group,), event, scale)


def mean_statistic(kind: str, who: Who, measure: Measure, scale: float = 1.0, level: float = 0.95) -> Statistic:
    """Of the known values of a measure times `scale`: mean, sd, se, ci_low or ci_high (t interval of the mean)."""
    group = known(who, *measure)
    terms = (Term(group), Term(group, measure), Term(group, measure * 2))

    def value(n: np.ndarray, total: np.ndarray, squares: np.ndarray) -> np.ndarray:
        mean, sd = _moments(n, total, squares)
        se = sd / np.sqrt(np.maximum(n, 1))
        return scale * _of_mean(kind, mean, sd, se, n - 1, level)

    return Statistic(terms, value, kind, (group,), measure, scale)


def _moments(n: np.ndarray, total: np.ndarray, squares: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    mean = total / np.maximum(n, 1)
    return mean, np.sqrt(np.maximum(squares - n * mean**2, TINY) / np.maximum(n - 1, 1))


def _of_mean(
    kind: str, mean: np.ndarray, sd: np.ndarray, se: np.ndarray, df: np.ndarray | int, level: float
) -> np.ndarray:
    if kind in ("mean", "sd", "se"):
        return {"mean": mean, "sd": sd, "se": se}[kind]
    reach = _quantile(df, level) * se
    return mean - reach if kind == "ci_low" else mean + reach


def difference_statistic(
    kind: str, first: Who, second: Who, measure: Measure, scale: float = 1.0, level: float = 0.95
) -> Statistic:
    """Mean of the first group less that of the second: difference, se, t, p, df, ci_low or ci_high; equal variances.

    `scale` is the unit in which the difference, its error and interval are told.
    """
    groups = (known(first, *measure), known(second, *measure))
    terms = tuple(Term(group, columns) for group in groups for columns in ((), measure, measure * 2))

    def value(n1: np.ndarray, s1: np.ndarray, q1: np.ndarray, n0: np.ndarray, s0: np.ndarray, q0: np.ndarray):
        (m1, sd1), (m0, sd0) = _moments(n1, s1, q1), _moments(n0, s0, q0)
        df = np.maximum(n1 + n0 - 2, 1)
        pooled = np.sqrt(((n1 - 1) * sd1**2 + (n0 - 1) * sd0**2) / df)
        se = pooled * np.sqrt(1 / np.maximum(n1, 1) + 1 / np.maximum(n0, 1))
        return _of_estimate(kind, scale * (m1 - m0), scale * se, df, level)

    return Statistic(terms, value, kind, groups, measure, scale)


def _quantile(df: np.ndarray, level: float) -> np.ndarray:
    """Two-sided quantile of t; looked up once for each number of degrees of freedom, of which there are few."""
    distinct, place = np.unique(np.maximum(df, 1), return_inverse=True)
    return stdtrit(distinct, 0.5 + level / 2)[place].reshape(np.shape(df))


def _of_estimate(kind: str, estimate: np.ndarray, se: np.ndarray, df: np.ndarray, level: float) -> np.ndarray:
    """The number of an estimate with a t distribution that `kind` names."""
    t = estimate / np.maximum(se, TINY)
    if kind == "p":
        return 2 * stdtr(df, -np.abs(t))
    if kind in ("ci_low", "ci_high"):
        return _of_mean(kind, estimate, se, se, df, level)
    return {"difference": estimate, "b": estimate, "se": se, "t": t, "df": df + 0.0 * estimate}[kind]


def share_difference(
    kind: str, first: Who, second: Who, event: Who, scale: float = 1.0, level: float = 0.95
) -> Statistic:
    """Share in the first group less that in the second, times `scale`: difference, ci_low or ci_high (Wald), z or p
    (pooled)."""
    groups = (answered(first, event), answered(second, event))
    terms = tuple(Term(who) for group in groups for who in (group, group | event))

    def value(n1: np.ndarray, k1: np.ndarray, n0: np.ndarray, k0: np.ndarray) -> np.ndarray:
        n1, n0 = np.maximum(n1, 1), np.maximum(n0, 1)
        p1, p0, both = k1 / n1, k0 / n0, (k1 + k0) / (n1 + n0)
        reach = ndtri(0.5 + level / 2) * np.sqrt(p1 * (1 - p1) / n1 + p0 * (1 - p0) / n0)
        z = (p1 - p0) / np.sqrt(np.maximum(both * (1 - both) * (1 / n1 + 1 / n0), TINY))
        found = {"difference": scale * (p1 - p0), "z": z, "p": 2 * ndtr(-np.abs(z))}
        return {**found, "ci_low": scale * (p1 - p0 - reach), "ci_high": scale * (p1 - p0 + reach)}[kind]

    return Statistic(terms, value, kind, groups, event, scale)


def coefficient(
    kind: str, first: Who, second: Who, column: int, covariates: Sequence[int], level: float = 0.95
) -> Statistic:
    """Least squares of a column on being in the first group rather than the second, and covariates: b, se, t, p, df,
    ci_low or ci_high of the group. Only people with all values are in it."""
    groups = tuple(known(who, column, *covariates) for who in (first, second))
    products = ((), *((c,) for c in (*covariates, column)),
                *combinations_with_replacement((*covariates, column), 2))  # fmt: skip
    terms = tuple(Term(group, product) for group in groups for product in products)
    size = len(covariates) + 1

    def value(*sums: np.ndarray) -> np.ndarray:
        own, other = (_cross_products(part, size) for part in np.split(np.array(sums), 2))
        gram = _with_group(own, other)
        n, k = gram[:, 0, 0], size + 1
        inverse = np.linalg.inv(gram[:, :-1, :-1] + TINY * np.eye(k))
        beta = np.einsum("bij,bj->bi", inverse, gram[:, :-1, -1])
        df = np.maximum(n - k, 1)
        left = np.maximum(gram[:, -1, -1] - np.einsum("bi,bi->b", beta, gram[:, :-1, -1]), TINY)
        return _of_estimate(kind, beta[:, 1], np.sqrt(left / df * inverse[:, 1, 1]), df, level)

    return Statistic(terms, value, "coefficient", groups, (column,))


def _cross_products(sums: np.ndarray, size: int) -> np.ndarray:
    """Cross products of constant, covariates and outcome of one group, a matrix a candidate, from the sums in order."""
    gram = np.empty((sums.shape[1], size + 1, size + 1))
    gram[:, 0, 0] = sums[0]
    for number in range(1, size + 1):
        gram[:, 0, number] = gram[:, number, 0] = sums[number]
    pairs = combinations_with_replacement(range(1, size + 1), 2)
    for (i, j), total in zip(pairs, sums[size + 1 :], strict=True):
        gram[:, i, j] = gram[:, j, i] = total
    return gram


def _with_group(own: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Cross products of both groups together, the first group's indicator put in second place."""
    gram = np.insert(np.insert(own + other, 1, 0.0, axis=1), 1, 0.0, axis=2)
    order = [0, 1, *range(2, gram.shape[1])]
    gram[:, 1, order] = gram[:, order, 1] = own[:, 0, [0, 0, *range(1, own.shape[1])]]
    return gram


def rank_statistic(kind: str, first: Who, second: Who, column: int, levels: Sequence[float]) -> Statistic:
    """Wilcoxon's rank sum of the first group, or its z with the tie correction; the column has few `levels`."""
    groups = (known(first, column), known(second, column))
    terms = tuple(Term(group | {Condition(column, level, level)}) for group in groups for level in levels)

    def value(*counts: np.ndarray) -> np.ndarray:
        total, z = rank_sum(np.array(counts).reshape(2, len(levels), -1).transpose(2, 0, 1))
        return total if kind == "rank_sum" else z

    return Statistic(terms, value, "rank", groups, (column,))


def rank_sum(counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Rank sum of the first group and z with the tie correction; `counts` is candidates × groups × levels."""
    tied = counts.sum(axis=1)
    ranks = tied.cumsum(axis=1) - tied + (tied + 1) / 2
    first, second = counts[:, 0].sum(axis=1), counts[:, 1].sum(axis=1)
    total = first + second
    observed = np.einsum("cr,cr->c", counts[:, 0], ranks)
    ties = (tied.astype(float) ** 3 - tied).sum(axis=1) / (total * (total - 1))
    variance = first * second / 12 * (total + 1 - ties)
    return observed, (observed - first * (total + 1) / 2) / np.sqrt(variance)

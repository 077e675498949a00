"""What printed numbers ask of whole people, as far as it is linear: the ground on which they can be shown to conflict.

People are counted in cells: stratum by the codes of all columns that are printed together. Each cell has a whole number
of people and, for each number, a whole sum of grains within its range. A mean, a share, their difference and a count
are linear in these; so are standard deviation, standard error and interval, with the deviation as a number of its own
that the range bounds, and t, with the deviation of both groups together. What is left out (p values, coefficients,
rank sums, products, ranges of a number) is taken to be possible. So what is proved impossible here is impossible.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product

import numpy as np
from scipy import sparse
from scipy.special import stdtrit

from .moves import Column
from .programmes import cheapest_whole
from .statistics import Condition, Statistic, Who
from .targets import Target

STRATUM = 0  # the column that never changes: the arm
LEVEL, TANGENTS, NODES = 0.95, 9, 2000
MOST_CELLS = 3000

Entries = dict[int, float]
Row = tuple[Entries, float, float]


@dataclass
class Ground:
    """Variables and what always holds of them. sizes: people by stratum; columns: what each other column may hold."""

    sizes: Mapping[float, int]
    columns: Mapping[int, Column]
    low: list[float] = field(default_factory=list)
    high: list[float] = field(default_factory=list)
    whole: list[int] = field(default_factory=list)
    always: list[Row] = field(default_factory=list)
    numbered: dict[tuple, int] = field(default_factory=dict)
    part: dict[int, tuple[int, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, targets: Iterable[Target], sizes: Mapping[float, int], columns: Mapping[int, Column]) -> "Ground":
        """The ground of some targets: columns that stand in one target are counted together."""
        ground = cls(sizes, columns)
        parts = [{column} for column in columns]
        for target in targets:
            touched = [part for part in parts if part & _movable(target.statistic)]
            parts = [part for part in parts if part not in touched] + [set().union(*touched)] * bool(touched)
        for part in parts:
            ground.part |= dict.fromkeys(part, tuple(sorted(part)))
            ground._count(tuple(sorted(part)))
        return ground

    def variable(self, key: tuple, high: float, whole: int = 0, low: float = 0.0) -> int:
        """The number of a variable, made when first asked for."""
        if key not in self.numbered:
            self.numbered[key] = len(self.low)
            self.low.append(low)
            self.high.append(high)
            self.whole.append(whole)
        return self.numbered[key]

    def _codes(self, part: tuple[int, ...]) -> list[int]:
        return [column for column in part if self.columns[column].is_code]

    def _count(self, part: tuple[int, ...]) -> None:
        """Cells of a part, their people and sums; none where they would be too many."""
        codes = self._codes(part)
        levels = list(product(*(self.columns[column].levels for column in codes)))
        if len(levels) * len(self.sizes) > MOST_CELLS:
            return
        for stratum, size in self.sizes.items():
            people = [self.variable(("n", part, stratum, level), size, 1) for level in levels]
            self.always.append((dict.fromkeys(people, 1.0), size, size))
            for column in set(part) - set(codes):
                for level, n in zip(levels, people, strict=True):
                    most = round((self.columns[column].high - self.columns[column].low) / self.columns[column].grain)
                    grains = self.variable(("s", column, stratum, level), most * size, 1)
                    self.always.append(({grains: 1.0, n: -float(most)}, -np.inf, 0.0))

    def people(self, who: Who, part: tuple[int, ...]) -> Entries | None:
        """The number of people who meet the conditions, as a sum of variables; None if it is none."""
        cells = self._cells(who, part)
        return None if cells is None else {self.numbered["n", part, *cell]: 1.0 for cell in cells}

    def sum(self, who: Who, column: int) -> Entries | None:
        """The sum of a number over people who meet the conditions."""
        cells, spec, part = self._cells(who, self.part[column]), self.columns[column], self.part[column]
        if cells is None or spec.is_code:
            return None
        grains = {self.numbered["s", column, *cell]: spec.grain for cell in cells}
        return grains | {self.numbered["n", part, *cell]: spec.low for cell in cells}

    def _cells(self, who: Who, part: tuple[int, ...]) -> list[tuple] | None:
        conditions = {each for each in who if np.isfinite(each.low) or np.isfinite(each.high)}
        codes = self._codes(part)
        known = {STRATUM, *codes}
        if {each.column for each in conditions} - known:
            return None
        levels = list(product(*(self.columns[column].levels for column in codes)))
        if len(levels) * len(self.sizes) > MOST_CELLS:
            return None
        found = product(self.sizes, levels)
        return [(stratum, level) for stratum, level in found
                if all(_meets(each, stratum, dict(zip(codes, level, strict=True))) for each in conditions)]  # fmt: skip

    def size(self, who: Who) -> int | None:
        """How many they are, if only strata tell."""
        asked = [each for each in who if np.isfinite(each.low) or np.isfinite(each.high)]
        if {each.column for each in asked} - {STRATUM}:
            return None
        return sum(n for stratum, n in self.sizes.items() if all(each.low <= stratum <= each.high for each in asked))


def _meets(condition: Condition, stratum: float, codes: Mapping[int, float]) -> bool:
    return condition.low <= codes.get(condition.column, stratum) <= condition.high


def _movable(statistic: Statistic) -> set[int]:
    """Columns that a statistic needs together."""
    sets = [*statistic.groups, *([statistic.measure] if isinstance(statistic.measure, frozenset) else [])]
    columns = {each.column for who in sets for each in who if np.isfinite(each.low) or np.isfinite(each.high)}
    return (columns | set(statistic.measure if isinstance(statistic.measure, tuple) else ())) - {STRATUM}


def asked_by(target: Target, ground: Ground) -> list[Row]:
    """What a target asks; nothing if that is not linear."""
    statistic, (low, high) = target.statistic, target.bounds
    low, high = low / statistic.scale, high / statistic.scale
    if isinstance(statistic.measure, tuple) and len(statistic.measure) > 1:
        return []
    rule = _RULES.get((statistic.kind, len(statistic.groups)))
    rows = rule(statistic, low, high, ground) if rule else []
    return rows or []


def _added(*parts: tuple[Entries | None, float]) -> Entries | None:
    """Entries times factors, added up; None if one is missing."""
    found: Entries = {}
    for entries, factor in parts:
        if entries is None:
            return None
        for number, value in entries.items():
            found[number] = found.get(number, 0.0) + factor * value
    return found


def _between(total: Entries | None, size: Entries | None, low: float, high: float) -> list[Row] | None:
    """low · size ≤ total ≤ high · size."""
    least, most = _added((total, 1.0), (size, -low)), _added((total, 1.0), (size, -high))
    return None if least is None else [(least, 0.0, np.inf), (most, -np.inf, 0.0)]


def _home(statistic: Statistic, ground: Ground) -> tuple[int, ...]:
    return next((ground.part[column] for column in sorted(_movable(statistic))), next(iter(ground.part.values()), ()))


def _people(statistic: Statistic, low: float, high: float, ground: Ground) -> list[Row] | None:
    event = statistic.measure if isinstance(statistic.measure, frozenset) else frozenset()
    found = ground.people(statistic.groups[0] | event, _home(statistic, ground))
    return None if found is None else [(found, low, high)]


def _share(statistic: Statistic, low: float, high: float, ground: Ground) -> list[Row] | None:
    (who,), part = statistic.groups, _home(statistic, ground)
    return _between(ground.people(who | statistic.measure, part), ground.people(who, part), low, high)


def _mean(statistic: Statistic, low: float, high: float, ground: Ground) -> list[Row] | None:
    (who,), (column,) = statistic.groups, statistic.measure
    return _between(ground.sum(who, column), ground.people(who, ground.part[column]), low, high)


def _averages(statistic: Statistic, ground: Ground) -> Entries | None:
    """Mean, share, or the difference of two, where sizes are known."""
    signs, parts = (1.0, -1.0), []
    for who, sign in zip(statistic.groups, signs, strict=False):
        size = ground.size(who)
        if not size:
            return None
        event = isinstance(statistic.measure, frozenset)
        total = (ground.people(who | statistic.measure, _home(statistic, ground)) if event
                 else ground.sum(who, statistic.measure[0]))  # fmt: skip
        parts.append((total, sign / size))
    return _added(*parts)


def _difference(statistic: Statistic, low: float, high: float, ground: Ground) -> list[Row] | None:
    found = _averages(statistic, ground)
    return None if found is None else [(found, low, high)]


def _deviation(who: Who, column: int, ground: Ground) -> Entries | None:
    """The standard deviation of a number, with the most that its range and mean allow."""
    size, spec = ground.size(who), ground.columns[column]
    total = ground.sum(who, column) if size and size > 1 else None
    if total is None:
        return None
    key, wide = ("sd", who, column), spec.high - spec.low
    is_new = key not in ground.numbered
    number = ground.variable(key, wide)
    factor = np.sqrt(size / (size - 1))
    for mean in np.linspace(spec.low, spec.high, TANGENTS + 2)[1:-1] if is_new else ():
        # (mean − low)(high − mean) is concave, so the deviation lies below each tangent.
        most = factor * np.sqrt((mean - spec.low) * (spec.high - mean))
        slope = factor**2 * (spec.low + spec.high - 2 * mean) / (2 * most)
        row = _added(({number: 1.0}, 1.0), (total, -slope / size))
        ground.always.append((row, -np.inf, most - slope * mean))
    return {number: 1.0}


def _of_deviation(statistic: Statistic, low: float, high: float, ground: Ground) -> list[Row] | None:
    """sd, se and the ends of the interval of one mean."""
    (who,), (column,) = statistic.groups, statistic.measure
    deviation, size = _deviation(who, column, ground), ground.size(who)
    if deviation is None:
        return None
    error = 1 / np.sqrt(size)
    reach = error * stdtrit(size - 1, 0.5 + LEVEL / 2)
    factor = {"sd": 1.0, "se": error, "ci_low": -reach, "ci_high": reach}[statistic.kind]
    mean = _averages(statistic, ground) if statistic.kind.startswith("ci") else {}
    row = _added((mean, 1.0), (deviation, factor))
    return None if row is None else [(row, low, high)]


def _pooled(statistic: Statistic, ground: Ground) -> tuple[Entries, float, int] | None:
    """Standard deviation of two groups together, what turns it into a standard error, and degrees of freedom."""
    column = statistic.measure[0]
    deviations = [_deviation(who, column, ground) for who in statistic.groups]
    sizes = [ground.size(who) for who in statistic.groups]
    if None in deviations:
        return None
    df = sum(sizes) - 2
    weights = [(size - 1) / df for size in sizes]
    key = ("pooled", *statistic.groups, column)
    is_new = key not in ground.numbered
    both = {ground.variable(key, ground.columns[column].high - ground.columns[column].low): 1.0}
    if is_new:
        parts = [(each, -np.sqrt(w)) for each, w in zip(deviations, weights, strict=True)]
        ground.always.append((_added((both, 1.0), *parts), -np.inf, 0.0))
        for angle in np.linspace(0, np.pi / 2, TANGENTS):
            ways = zip(deviations, np.sqrt(weights) * [np.cos(angle), np.sin(angle)], strict=True)
            ground.always.append((_added((both, 1.0), *((each, -way) for each, way in ways)), 0.0, np.inf))
    return both, float(np.sqrt(sum(1 / size for size in sizes))), df


def _of_pooled(statistic: Statistic, low: float, high: float, ground: Ground) -> list[Row] | None:
    """t of a difference in means, its standard error, and the ends of its interval."""
    if not isinstance(statistic.measure, tuple) or (found := _pooled(statistic, ground)) is None:
        return None
    both, error, df = found
    difference = _averages(statistic, ground)
    if statistic.kind == "t":
        low, high = low * statistic.scale, high * statistic.scale
        return _between(difference, _added((both, error)), low, high)
    reach = error * stdtrit(df, 0.5 + LEVEL / 2)
    factor = {"se": error, "ci_low": -reach, "ci_high": reach}[statistic.kind]
    row = _added(({} if statistic.kind == "se" else difference, 1.0), (both, factor))
    return None if row is None else [(row, low, high)]


_RULES = {
    ("people", 1): _people, ("count", 1): _people, ("share", 1): _share, ("mean", 1): _mean,
    ("difference", 2): _difference, **{(kind, 1): _of_deviation for kind in ("sd", "se", "ci_low", "ci_high")},
    **{(kind, 2): _of_pooled for kind in ("t", "se", "ci_low", "ci_high")},
}  # fmt: skip


def impossible(rows: Sequence[Row], ground: Ground) -> bool:
    """Whether it is proved that these cannot hold together, first of divided people, then of whole ones."""
    rows = [*ground.always, *rows]
    number = np.repeat(np.arange(len(rows)), [len(entries) for entries, _, _ in rows])
    place = [variable for entries, _, _ in rows for variable in entries]
    values = [value for entries, _, _ in rows for value in entries.values()]
    matrix = sparse.csr_array((values, (number, place)), shape=(len(rows), len(ground.low)))
    ends = (np.array([low for _, low, _ in rows]), np.array([high for _, _, high in rows]))
    price, low, high = np.zeros(len(ground.low)), np.array(ground.low), np.array(ground.high)
    return any(
        cheapest_whole(price, [(matrix, *ends)], low, high, whole, node_limit=NODES)[1]
        for whole in (np.zeros(len(price)), np.array(ground.whole))
    )

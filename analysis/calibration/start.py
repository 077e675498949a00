"""Where a search begins: whole people in the printed groups, numbers spread around the printed means."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from .linear import STRATUM
from .moves import Column
from .statistics import meets
from .targets import Target
from .whole_numbers import Margin, deal, integer_table, table_cells

# Spread of a number whose standard deviation is not printed, as a part of its range.
SPREAD = 1 / 6


def first_values(
    targets: Sequence[Target], sizes: Mapping[float, int], columns: Mapping[int, Column], rng: np.random.Generator
) -> np.ndarray:
    """Values of people, the strata in column 0: codes with the printed counts, numbers near the printed means."""
    values = np.zeros((sum(sizes.values()), 1 + max(columns)))
    values[:, STRATUM] = np.repeat(list(sizes), list(sizes.values()))
    for place, spec in columns.items():
        if spec.is_code:
            values[:, place] = _codes(targets, sizes, place, spec, rng)
        else:
            values[:, place] = rng.choice(spec.levels, size=len(values))
    by_breadth = sorted(targets, key=lambda target: len(target.statistic.groups[0]))
    for target in by_breadth:
        if target.statistic.kind == "mean" and len(target.statistic.measure) == 1:
            _spread(values, target, targets, columns, rng)
    for target in by_breadth:
        if target.statistic.kind == "people":
            _count_in_range(values, target, columns, rng)
    return values


def _codes(
    targets: Sequence[Target], sizes: Mapping[float, int], place: int, spec: Column, rng: np.random.Generator
) -> pd.Series:
    """A code for everybody: counts by stratum that meet the printed ones, and printed shares as nearly as may be."""
    cells = table_cells({"stratum": list(sizes), "code": list(spec.levels)})
    expected = cells["stratum"].map(sizes).to_numpy(dtype=float) / len(spec.levels)
    margins: list[Margin] = [({"stratum": stratum}, size) for stratum, size in sizes.items()]
    for target in targets:
        keys = _keys(target, place)
        if keys is None or "code" not in keys:
            continue
        if target.statistic.kind == "people":
            margins.append((keys, round(target.value)))
        elif "stratum" in keys:
            own = (cells["stratum"] == keys["stratum"]) & (cells["code"] == keys["code"])
            expected[own] = target.value / target.statistic.scale * sizes[keys["stratum"]]
    people = pd.DataFrame({"stratum": np.repeat(list(sizes), list(sizes.values()))})
    try:
        counts = integer_table(cells, expected, margins)
    except ValueError:  # a contradiction that is not proved elsewhere: the search has to show how near it gets
        counts = integer_table(cells, expected, margins[: len(sizes)])
    return deal(people, ["stratum"], cells, counts, "code", rng)


def _keys(target: Target, place: int) -> dict[str, float] | None:
    """Stratum and code that a count or share is of, if it is of nothing else."""
    statistic = target.statistic
    if statistic.kind not in ("people", "share"):
        return None
    event = statistic.measure if isinstance(statistic.measure, frozenset) else frozenset()
    conditions = {each for each in statistic.groups[0] | event if np.isfinite(each.low)}
    names, found = {STRATUM: "stratum", place: "code"}, {}
    for each in conditions:
        if each.column not in names or each.low != each.high or names[each.column] in found:
            return None
        found[names[each.column]] = each.low
    return found


def _spread(
    values: np.ndarray,
    target: Target,
    targets: Sequence[Target],
    columns: Mapping[int, Column],
    rng: np.random.Generator,
) -> None:
    """Values of a group around its printed mean, spread as printed if that is so, on the grain and in the range."""
    (column,), group, scale = target.statistic.measure, target.statistic.groups[0], target.statistic.scale
    spec, who = columns[column], np.flatnonzero(meets(values, group))
    alike = [each.value for each in targets if each.statistic.kind == "sd"
             and (each.statistic.groups, each.statistic.measure) == ((group,), (column,))]  # fmt: skip
    sd = alike[0] / scale if alike else SPREAD * (spec.high - spec.low)
    drawn = np.clip(rng.normal(target.value / scale, sd, len(who)), spec.low, spec.high)
    values[who, column] = spec.low + spec.grain * np.rint((drawn - spec.low) / spec.grain)


def _count_in_range(
    values: np.ndarray, target: Target, columns: Mapping[int, Column], rng: np.random.Generator
) -> None:
    """As many people with a number in a range as are printed: the fewest that must go into it or out of it do."""
    (group,), ranged = target.statistic.groups, []
    for condition in group:
        spec = columns.get(condition.column)
        if spec and not spec.is_code and (np.isfinite(condition.low) or np.isfinite(condition.high)):
            ranged.append(condition)
    if not ranged:
        return
    condition = max(ranged, key=lambda each: each.column)
    levels, who = columns[condition.column].levels, np.flatnonzero(meets(values, group - {condition}))
    inside, allowed = condition.holds(values[who]), (levels >= condition.low) & (levels <= condition.high)
    surplus = int(inside.sum()) - round(target.value)
    movable = rng.permutation(who[inside if surplus > 0 else ~inside])[: abs(surplus)]
    values[movable, condition.column] = rng.choice(levels[~allowed if surplus > 0 else allowed], size=len(movable))

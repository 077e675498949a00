"""Which of the numbers that a report tells must stay untold, found from what it tells of everybody and of halves.

The report is rehearsed: once with all people, then with random halves of them (`frames.halves`), the second half being
the rest of the first. A number that no half changes is about nobody. One that the two halves add up to counts people. A
share is a count over another count that is told. All other numbers (means, effects, tests) hang on the counts that they
are told with.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np

from analysis.show.disclosure import told
from analysis.show.disclosure.fates import SMALL, UNKNOWN, share_fates
from analysis.show.disclosure.grids import NOTHING, gridded
from analysis.show.disclosure.in_halves import (
    Heard,
    additive,
    base_in,
    digits_of,
    is_constant,
    is_dominated,
    is_few,
    may_count,
    text_in,
    value_in,
)
from analysis.show.disclosure.relations import Counts, related
from analysis.show.disclosure.released import Released
from analysis.show.disclosure.rounding import as_rounded
from analysis.show.disclosure.suppression import suppress
from analysis.show.disclosure.told import Address, Told


@dataclass(frozen=True)
class Plan:
    """What must stay untold: `hidden` numbers by their addresses; `told` ones may be told. Others are not known.

    threshold: the smallest number of people that may be told of. unknown: the hidden whose people nobody knows.
    rounded: what to tell instead of a count, a share or a difference of shares, in the unit of `Told.value`.
    near_earlier: how many of the hidden an earlier release told of 1 to threshold − 1 people more or less.
    released: what the register of releases keeps. counts and hidden_counts: the system that was solved, None when the
    plan was read from a file.
    """

    threshold: int
    hidden: frozenset[Address]
    told: frozenset[Address]
    unknown: frozenset[Address] = frozenset()
    rounded: Mapping[Address, float] = field(default_factory=dict)
    near_earlier: int = 0
    released: Released = field(default=Released(), repr=False, compare=False)
    counts: Counts | None = field(default=None, repr=False, compare=False)
    hidden_counts: np.ndarray | None = field(default=None, repr=False, compare=False)

    def hides(self, each: Told) -> bool:
        """Whether a number must not be told: it is hidden, or the rehearsal did not hear it. A missing one is none."""
        missing = each.value != each.value and not each.text
        return not missing and each.sort != told.NOBODYS and each.address not in self.told


def plan_of(
    everybody: Heard, halves: Sequence[Heard], threshold: int = 5, earlier: Sequence[Released] = (),
    base: int | None = None,
) -> Plan:  # fmt: skip
    """The plan for a report that tells these numbers of everybody, and these of halves, the first two disjoint.

    `earlier`: what earlier reports told, of the same halves. Their counts and those of this one are one system, in
    which theirs cannot be hidden any more. Another number at the same place that is now of a few people more or less is
    hidden. `base`: what numbers of people are rounded to.
    """
    return _Planner(everybody, halves, threshold, earlier).plan(base)


def system_of(
    everybody: Heard, halves: Sequence[Heard], threshold: int = 5, earlier: Sequence[Released] = ()
) -> tuple[Counts, dict[Address, list[int]]]:
    """The counts that such a report can tell, how they hang together, and which of them each address tells."""
    return _Planner(everybody, halves, threshold, earlier).system()


class _Planner:
    """One number told a row: what it was of everybody and of each half."""

    def __init__(
        self, everybody: Heard, halves: Sequence[Heard], threshold: int, earlier: Sequence[Released] = ()
    ) -> None:
        self.earlier, self.told_before = earlier, [release.by_address() for release in earlier]
        pairs = [(each, place) for heard in everybody.values() for place, each in enumerate(heard)]
        self.told, self.place_of = [each for each, _ in pairs], [(each.address, place) for each, place in pairs]
        self.threshold = threshold
        there = [{address[:3] for address in half} for half in halves]
        self.values = np.array([
            [each.value, *map(partial(value_in, each, place), halves, there)] for each, place in pairs
        ])
        self.bases = np.array([[each.base, *(base_in(half, each, place) for half in halves)] for each, place in pairs])
        self.texts = [[each.text, *(text_in(half, each, place) for half in halves)] for each, place in pairs]
        self.rows_of: dict[tuple, int] = {}
        self.vectors: list[np.ndarray] = []
        self.weights: list[float] = []
        self.is_shown: list[bool] = []

    def plan(self, base: int | None = None) -> Plan:
        count, free = self._counts()
        share = self._shares(count)
        around = self._around(count, share, free)
        counts, own = self._system(count, share, around)
        untold = suppress(counts, self.threshold)
        hidden = self._hidden(count, share, free, around, untold)
        rounded = self._rounded(count, share, around, base, hidden) if base else {}
        addresses = [each.address for each in self.told]
        away = frozenset(address for address, one in zip(addresses, hidden, strict=True) if one)
        unknown = frozenset(address for address, one in zip(addresses, hidden, strict=True) if one == UNKNOWN)
        people = tuple((each.address, self._people(place, count, share, around))
                       for place, each in enumerate(self.told) if each.address not in away)  # fmt: skip
        told = [is_told and not hides for is_told, hides in zip(own.told, untold.tolist(), strict=False)]
        near = {addresses[place] for place in {*count, *share, *around} if self.earlier
                and self._is_near_earlier(place, self._people(place, count, share, around))}  # fmt: skip
        return Plan(self.threshold, away, frozenset(addresses) - away, unknown, rounded, len(near & away),
                    replace(own, people=people, told=told), counts, untold)  # fmt: skip

    def system(self) -> tuple[Counts, dict[Address, list[int]]]:
        """The counts with their relations, and the rows that are told at each address."""
        count, free = self._counts()
        share = self._shares(count)
        counts, _ = self._system(count, share, self._around(count, share, free))
        rows: dict[Address, list[int]] = defaultdict(list)
        for place in {*count, *share}:
            rows[self.told[place].address] += share.get(place, (count.get(place),))
        return counts, dict(rows)

    def _system(self, count: Mapping, share: Mapping, around: Mapping) -> tuple[Counts, Released]:
        """The counts of this report and of earlier ones, and what of this one is to be kept."""
        sizes = self._sizes(count, share, around)
        blocks, pairs, series = self._blocks(count, share), set(share.values()), self._series(count, share)
        own = Released(vectors=[vector.tolist() for vector in self.vectors], told=self.is_shown.copy(),
                       blocks=blocks.copy(), pairs=sorted(pairs), series=list(map(sorted, series)))  # fmt: skip
        self._join_earlier(blocks, pairs, series)
        counts = related(np.array(self.vectors).reshape(-1, self.values.shape[1]), np.array(self.is_shown, bool),
                         np.array(self.weights), blocks, pairs, self.threshold, sizes, series)  # fmt: skip
        return counts, own

    def _rounded(self, count: Mapping, share: Mapping, around: Mapping, base: int, hidden: list[str]) -> dict:
        """What to tell instead, by address; numbers that it cannot be said of are hidden."""
        people = {place: self._people(place, count, share, around) for place in {*count, *share}}
        people |= self._picked(people)
        found = as_rounded(self.told, self.values, people, around, base)
        one = {address: next(iter(values)) for address, values in found.items() if len(values) == 1}
        for place, each in enumerate(self.told):
            if each.address in found and not one.get(each.address, np.nan) >= -np.inf:
                hidden[place] = SMALL
        return one

    def _picked(self, settled: Collection[int]) -> dict[int, tuple[int, ...]]:
        """People in groups that the data pick, as the best centres, so that halves do not add up; and shares of these.

        What a sentence counts may be other things; it is of people where a table or figure has the same number.
        """
        people: dict[int, tuple[int, ...]] = {}
        waiting = [place for place, each in enumerate(self.told) if place not in settled and each.value == each.value
                   and not is_constant(self.values[place])]  # fmt: skip
        for place in waiting:
            each, part = self.told[place], self.told[place].value * self.told[place].base
            if each.sort == told.COUNT and (each.address[1] in _WITH_PEOPLE or may_count(self.values[place])):
                people[place] = (round(each.value),)
            elif each.sort == told.SHARE and each.base > 0 and abs(part - round(part)) < 1e-6:
                people[place] = (round(part), round(each.base))
        known = {digits_of(self.values[place]) for place, own in people.items() if len(own) == 1} - {()}
        counts = (place for place in waiting if self.told[place].sort == told.COUNT)
        same = (place for place in counts if digits_of(self.values[place]) in known)
        return people | {place: (round(self.told[place].value),) for place in same}

    def _people(self, place: int, count: Mapping, share: Mapping, around: Mapping) -> tuple[int, ...]:
        """Of how many people a number is; nothing where nobody knows."""
        if place in count or place in share:
            return tuple(int(self.vectors[row][0]) for row in share.get(place, (count.get(place),)))
        counts = [self.values[one][0] for one in around.get(place, ()) if self.told[one].sort != told.SHARE]
        known = [base for base in (self.told[place].base, *counts) if base == base]
        return (int(min(known)),) if known and place in around else ()

    def _is_near_earlier(self, place: int, people: Sequence[int]) -> bool:
        """Whether an earlier release told the number of a few people more or less."""
        address, order = self.place_of[place]
        found = [then for release in self.told_before for then in release.get(address, [])[order : order + 1]]
        apart = (abs(one - other) for then in found if len(then) == len(people)
                 for one, other in zip(then, people, strict=True))  # fmt: skip
        return any(0 < each < self.threshold for each in apart)

    def _join_earlier(self, blocks: list, pairs: set, series: list) -> None:
        """Adds the counts of earlier reports to the system: what was told is told for good."""
        for release in self.earlier:
            rows = [self._row(np.array(vector), np.inf if told else 0.0)
                    for vector, told in zip(release.vectors, release.told, strict=True)]  # fmt: skip
            blocks += [np.append(rows, NOTHING)[block].tolist() for block in release.blocks]
            pairs |= {(rows[part], rows[whole]) for part, whole in release.pairs}
            series += [{rows[one] for one in drawn} for drawn in release.series]

    def _row(self, vector: np.ndarray, weight: float) -> int:
        """The row of a count among the counts, a new one if there is none."""
        row = self.rows_of.setdefault(tuple(vector), len(self.vectors))
        if row == len(self.vectors):
            self.vectors.append(vector)
            self.weights.append(0.0)
            self.is_shown.append(False)
        self.weights[row] += weight
        self.is_shown[row] |= weight > 0
        return row

    def _counts(self) -> tuple[dict[int, int], set[int]]:
        """Which numbers count people, with their row among the counts; and which are about nobody."""
        count, free = {}, set()
        for place, each in enumerate(self.told):
            values = self.values[place]
            if each.sort == told.TEXT:
                free |= {place} if len(set(self.texts[place])) == 1 else set()
            elif np.isnan(values[0]) or each.sort == told.NOBODYS or is_constant(values):
                free.add(place)
            elif each.sort in (told.COUNT, told.OTHER) and (vector := additive(values)) is not None:
                count[place] = self._row(vector, 1)
            elif each.sort == told.COUNT and values[0] >= self.threshold and not may_count(values):
                free.add(place)  # a number of other things, such as tests
        return count, free

    def _shares(self, count: Mapping[int, int]) -> dict[int, tuple[int, int]]:
        """Which numbers are shares, with the rows of part and whole among the counts."""
        near, page = defaultdict(dict), defaultdict(dict)
        for place, row in count.items():
            each = self.told[place]
            for where in (each.beside, each.row, each.address[:3]):
                near[where][row] = None
            page[each.address[0]][row] = None
        share = {}
        for place, each in enumerate(self.told):
            if each.sort == told.SHARE and not is_constant(self.values[place]):
                own = additive(self.bases[place])
                near[place,] = {} if own is None else {self._row(own, 0): None}
                places = (near[place,], near[each.beside], near[each.row], near[each.address[:3]],
                          page[each.address[0]])
                if (found := self._part_and_whole(place, places)) is not None:
                    share[place] = found
        return share

    def _part_and_whole(self, place: int, places: Iterable[Iterable[int]]) -> tuple[int, int] | None:
        for rows in places:
            rows = list(rows)
            if not rows:
                continue
            wholes = np.array([self.vectors[row] for row in rows], float)
            parts = np.nan_to_num(self.values[place]) * wholes
            fits = (np.abs(parts - np.rint(parts)) < 1e-6).all(axis=1) & (parts[:, 0] <= wholes[:, 0])
            fits &= np.isfinite(self.values[place]).all() | (wholes[:, np.isnan(self.values[place])] == 0).all(axis=1)
            parts = np.rint(parts).astype(np.int64)
            fits &= (parts[:, 1] + parts[:, 2] == parts[:, 0]) & (wholes[:, 1] + wholes[:, 2] == wholes[:, 0])
            if fits.any():
                best = min(np.flatnonzero(fits), key=lambda one: wholes[one, 0])
                return self._row(parts[best], 1), rows[best]
        return None

    def _blocks(self, count: Mapping[int, int], share: Mapping[int, tuple[int, int]]) -> list[list]:
        """Counts that stand side by side: in the grid of a result's headings, and as parts of one whole in it."""
        cells: dict[tuple, dict[Address, int]] = defaultdict(dict)
        parts: dict[tuple, dict[int, None]] = defaultdict(dict)
        for place in sorted({*count, *share}):
            each = self.told[place]
            row = count[place] if place in count else share[place][0]
            result, headings = each.address[:3], each.beside[3:]
            if headings:
                cells[result, each.address[-1], len(headings)][headings] = row
            if place in share:
                parts[result, share[place][1]][row] = None
        grids = [gridded(told).tolist() for told in cells.values() if len(told) > 1]
        return grids + [list(side_by_side) for side_by_side in parts.values() if len(side_by_side) > 1]

    def _around(self, count: Mapping, share: Mapping, free: set[int]) -> dict[int, list[int]]:
        """For each number that is neither, the counts and shares that it is told with: in its cell, else in its row."""
        beside, row = defaultdict(list), defaultdict(list)
        for place in sorted({*count, *share}):
            beside[self.told[place].beside].append(place)
            row[self.told[place].row].append(place)
        settled = {*count, *share, *free}
        others = (place for place in range(len(self.told)) if place not in settled)
        return {place: beside.get(each.beside) or row.get(each.row, []) for place in others
                for each in [self.told[place]]}  # fmt: skip

    def _sizes(self, count: Mapping, share: Mapping, around: Mapping[int, Sequence[int]]) -> set[int]:
        """The rows that only say how large a group is; a count weighs as many numbers as would be hidden with it."""
        told_with = [{count[place] for place in places if place in count} for places in around.values()]
        for row in [*(whole for _, whole in share.values()), *(row for rows in told_with for row in rows)]:
            self.weights[row] += 1
        return set(count.values()) - {part for part, _ in share.values()}

    def _series(self, count: Mapping, share: Mapping) -> list[set[int]]:
        """The rows that each figure draws."""
        drawn: dict[Address, set[int]] = defaultdict(set)
        for place in {*count, *share}:
            if self.told[place].address[1] == "figure":
                drawn[self.told[place].address[:3]].add(count[place] if place in count else share[place][0])
        return list(drawn.values())

    def _hidden(
        self, count: Mapping[int, int], share: Mapping[int, tuple[int, int]], free: set[int],
        around: Mapping[int, Sequence[int]], untold: np.ndarray,
    ) -> list[str]:  # fmt: skip
        """For each number "" if it may be told, or why not."""
        hidden: list[str | None] = [None] * len(self.told)
        for place in range(len(self.told)):
            if place in free:
                hidden[place] = ""
            elif place in count:
                hidden[place] = SMALL if untold[count[place]] else ""
            elif place in share:
                hidden[place] = SMALL if untold[list(share[place])].any() else ""
        for place, others in around.items():
            is_near = self._is_near_earlier(place, self._people(place, count, share, around))
            hidden[place] = SMALL if is_near else self._with(place, others, hidden)
        share_fates(hidden, self.told, self.values, {*free, *count}, around)
        return [UNKNOWN if one is None else one for one in hidden]

    def _with(self, place: int, around: Sequence[int], hidden: Sequence[str | None]) -> str | None:
        each = self.told[place]
        if each.sort == told.COUNT:  # whatever it counts, the halves do not say of whom
            return SMALL if each.value < self.threshold else None
        if each.sort == told.SHARE and is_few(each.value * each.base, each.base, self.threshold):
            return SMALL
        counts = [one for one in around if self.told[one].sort != told.SHARE]
        fewest = min(counts, key=lambda one: self.values[one][0], default=None)
        base = each.base if each.base == each.base or fewest is None else self.values[fewest][0]
        least = self.threshold * (2 if each.sort in (told.QUANTILE, told.AMOUNT) else 1)
        if each.sort == told.EXTREME or base < least or any(hidden[one] for one in around):
            return SMALL
        if each.sort == told.AMOUNT and fewest is not None and is_dominated(self.values[place] * self.values[fewest]):
            return SMALL
        return "" if base == base else None


# Results whose counts are of people unless they say otherwise.
_WITH_PEOPLE = ("table", "figure", "frame")

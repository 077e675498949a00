"""How the counts of a report hang together, learnt from what they are on random parts of the people.

Nobody says which cells of which tables add up. Instead the report is computed again on random halves of the people, so
that each count becomes a vector: its value among all people, then among each half. Places that tell one vector tell one
set of people, and a sum that holds in every element is a sum of the sets. With halves, two sets that differ by k people
have the same vector with a probability of about sqrt(2/(pi k))^R (k = 1: 2^-R); `related` says what R that asks for.

The linear system that comes out is the one of linked tables: de Wolf and Giessing, "Adjusting the tau-ARGUS modular
approach to deal with linked tables", Data & Knowledge Engineering 68 (2009); Hundepool et al., Statistical Disclosure
Control (Wiley 2012), ch. 4. There it is declared by hand.
"""

import itertools
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from analysis.show.disclosure.grids import slices, with_margins
from analysis.show.disclosure.sets import Rows, a_set, by_size, nearly_equal, of_people

_BITS = 22  # of a key, for the table that says quickly that no count has it
# Thresholds by which a set may be smaller than another and be held to lie within it. For one count to become as large
# as the threshold it rises by less than that, and so do or fall those around it: a part that rises and a whole that
# falls come nearer by less than two thresholds.
_SLACK = 2
# Thresholds by which two populations may differ and still be almost the same: each may lack a few that the other has.
_FEW = 2
# Rows of a block of which every union is looked at: 4,095 sums. Of a report of 2,500 numbers (the IPS study as a
# protected one) 468 are hidden, and as many with 8 rows; also with 1 or 3 for `_SLACK`, and with 1 or 4 for `_FEW`.
_WIDE = 12
# Number of rows → every choice of some of them, the smallest first.
_SUBSETS = {
    size: np.array(sorted(itertools.product((0, 1), repeat=size), key=sum)[1:], np.int64)
    for size in range(2, _WIDE + 1)
}


@dataclass(frozen=True)
class Relation:
    """Sum of sign times count is zero: `members` are rows of the counts, `signs` 1 or -1 for each.

    Unless it `is_equal`, the sum is zero or more: a set within another has no more people.
    """

    members: tuple[int, ...]
    signs: tuple[int, ...]
    is_equal: bool = True


@dataclass(frozen=True)
class Counts:
    """The counts of a report, one row for each set of people, and how they add up.

    `vectors` has the people of the set: among all (first column), then among each random half. `shown`: some output
    tells it unless it is hidden; the others an outsider can derive.
    `weight`: how many places tell it, the cost of hiding it. `nearly`: (part, whole) of nearly the same people, a few
    more in the whole: told beside one another they tell of these few. A row of infinite weight was told by an earlier
    release, and cannot be hidden any more.
    """

    vectors: np.ndarray
    relations: tuple[Relation, ...]
    shown: np.ndarray
    weight: np.ndarray
    nearly: tuple[tuple[int, int], ...] = ()

    @property
    def known(self) -> np.ndarray:
        """Which rows an earlier release told."""
        return np.isinf(self.weight)

    @property
    def values(self) -> np.ndarray:
        """People of each set."""
        return self.vectors[:, 0]

    def sensitive(self, threshold: int) -> np.ndarray:
        """Which rows count at least one person and fewer than `threshold`; numbers that no half changes count none."""
        return (self.values > 0) & (self.values < threshold) & of_people(self.vectors)


def related(
    vectors: np.ndarray,
    shown: np.ndarray,
    weight: np.ndarray,
    blocks: Iterable[Sequence] = (),
    pairs: Iterable[tuple[int, int]] = (),
    threshold: int = 5,
    sizes: Iterable[int] = (),
    series: Iterable[Iterable[int]] = (),
) -> Counts:
    """The counts with their relations; row i of the input stays row i, derived counts follow.

    `vectors`: whole numbers, a row for each distinct count (ValueError for two equal rows), column 0 among all people,
    the others among each half. Rows that no half changes (years, thresholds, zeros) are kept and related to nothing.
    `blocks`: rows that stand side by side, in their order, or as a grid (`grids`), of which every slice is such a
    block, and those of its margins; those whose sum is a count are a partition of it.
    `pairs`: (part, whole) of shares, which tell the complement too. `sizes`: rows that say how large a group is of
    which others tell something; that one is a few people larger than another, who left a question out, is told.
    `series`: rows drawn together, such as the months of a curve: none of them is another for a few people more or less.
    Found: a + b = c among all counts; unions of up to R rows of a block; unions of rows of two blocks that are one set;
    complements; whom one table is about and another is not; sets within others that have fewer than `_SLACK` thresholds
    more people, told or derived; and the differences smaller than `threshold` between two populations that are almost
    the same, or between two tables of one form that are nested cell by cell. A status nested in another by chance gives
    none. A relation by chance hides a little more, never less.
    """
    rows = Rows(vectors)
    relations = _Relations(rows, threshold, set(sizes), set(np.flatnonzero(shown).tolist()))
    for number, drawn in enumerate(series):
        for row in drawn:
            relations.drawn.setdefault(row, set()).add(number)
    for part, whole in pairs:
        relations.share(part, whole)
    blocks = relations.sliced(blocks)
    relations.partitions(blocks)
    relations.common(blocks)
    relations.parallel(form for form in relations.forms if len(form) > 1)
    relations.rests()
    relations.populations()
    relations.sums()
    relations.inclusions()
    derived = len(rows) - len(vectors)
    return Counts(
        vectors=rows.array(),
        relations=tuple(relations.found.values()),
        shown=np.append(np.asarray(shown, bool), np.zeros(derived, bool)),
        weight=np.append(np.asarray(weight, float), np.zeros(derived)),
        nearly=tuple(dict.fromkeys(relations.nearly)),
    )


class _Relations:
    """The relations found so far, each once, and of which populations a count is a part."""

    def __init__(self, rows: Rows, threshold: int, sizes: set[int], shown: set[int]) -> None:
        self.rows, self.threshold, self.sizes, self.shown = rows, threshold, sizes, shown
        self.found: dict[tuple, Relation] = {}
        self.wholes: dict[int, set[int]] = {}
        self.drawn: dict[int, set[int]] = {}  # the series that a row is in
        self.nearly: list[tuple[int, int]] = []
        self.forms: dict[tuple[int, ...], None] = {}  # what stands side by side in a table itself
        self.tables: dict[int, None] = {}  # whom a table is about, where it is told
        self.readable = set(range(len(rows)))  # what is told, and what shares tell with it: their complements

    def add(self, parts: Sequence[int], whole: int) -> bool:
        """Whether the parts are different sets that sum to the whole in every element."""
        vectors, parts = self.rows.vectors, sorted(parts)
        if whole in parts or len(set(parts)) < len(parts):
            return False
        if self._of_sizes(parts, whole) or not np.array_equal(sum(vectors[part] for part in parts), vectors[whole]):
            return False
        members = (*parts, whole)
        self.found.setdefault(members, Relation(members, (1,) * len(parts) + (-1,)))
        return True

    def difference(self, part: int, whole: int) -> None:
        """What of the whole is not the part: a count that an outsider derives."""
        rest = self.rows.row(self.rows.vectors[whole] - self.rows.vectors[part])
        if rest is not None and self.rows.people[part]:
            self.add((part, rest), whole)
            self.wholes.setdefault(rest, set()).add(whole)
            self.readable.add(rest)

    def small_difference(self, part: int, whole: int) -> None:
        """The few people that the whole has more, unless both only say how large a group is, or are drawn together."""
        if not ({part, whole} <= self.sizes or self.drawn.get(part, set()) & self.drawn.get(whole, set())):
            self.nearly.append((part, whole))

    def _of_sizes(self, parts: Sequence[int], whole: int) -> bool:
        """Whether it only says that one group is a few people larger than another, of whom nothing else is told."""
        few = [part for part in parts if part not in self.sizes]
        return whole in self.sizes and len(few) == 1 and few[0] not in self.shown and (
            self.rows.vectors[few[0]][0] < self.threshold
        )

    def share(self, part: int, whole: int) -> None:
        self.difference(part, whole)
        self.wholes.setdefault(part, set()).add(whole)

    def sliced(self, blocks: Iterable[Sequence]) -> list[tuple[int, ...]]:
        """Rows side by side: of a grid its slices and those of its margins, counts that an outsider derives."""
        found: dict[tuple[int, ...], None] = {}
        for block in blocks:
            *grids, whole = with_margins(np.asarray(block), self.rows)
            self.forms |= dict.fromkeys(slices(grids[0]))
            found |= dict.fromkeys(itertools.chain.from_iterable(map(slices, grids)))
            self.tables |= {int(whole): None} if int(whole) in self.shown else {}
        return [block for block in found if len(block) > 1]

    def partitions(self, blocks: Iterable[Sequence[int]]) -> None:
        """What rows side by side sum to: all of them, and whichever of them together are a count."""
        people = self.rows.people
        distinct = list(dict.fromkeys(tuple(dict.fromkeys(row for row in block if people[row])) for block in blocks))
        distinct = [block for block in distinct if len(block) > 1]
        sums = [self.union(block) for block in distinct]
        for block, whole in zip(distinct, sums, strict=True):
            for row in block:
                self.wholes.setdefault(row, set()).add(whole)
        every = self.rows.array()
        for block, whole in zip(distinct, sums, strict=True):
            for some in self._unions(block, every):
                union = self.union(some)
                self.wholes.setdefault(union, set()).add(whole)

    def union(self, parts: tuple[int, ...]) -> int:
        """The row of the sum, a count that an outsider derives."""
        row = self.rows.row(sum(self.rows.vectors[part] for part in parts))
        if len(parts) > 1:
            self.add(parts, row)
        return row

    def _unions(self, block: tuple[int, ...], every: np.ndarray) -> set[tuple[int, ...]]:
        """Which rows of the block together are a count, or one with a few people more or less: least squares, rounded.

        With more halves than rows in the block the weights of a sum are unique; otherwise only runs are looked at.
        """
        parts = every[list(block)]
        if len(block) >= every.shape[1]:
            return self._runs(block, parts)
        members = np.rint(every @ np.linalg.pinv(parts.astype(float)))
        likely = ((members == 0) | (members == 1)).all(axis=1) & (members.sum(axis=1) > 1)
        rest = every[likely] - members[likely].astype(int) @ parts
        near = (np.abs(rest[:, 0]) < self.threshold) & (a_set(rest) | a_set(-rest))
        return {tuple(np.array(block)[some].tolist()) for some in members[likely][near] == 1}

    def common(self, blocks: Iterable[Sequence[int]]) -> None:
        """Unions of rows of one block that are unions of rows of another, none of them within a smaller such one.

        Of two partitions these are all relations there are: the classes of their finest common coarsening.
        """
        people = self.rows.people
        distinct = {tuple(sorted({row for row in block if people[row]})) for block in blocks}
        small = sorted(block for block in distinct if 1 < len(block) <= _WIDE)
        keys = [_SUBSETS[len(block)] @ self.rows.key(np.array(self.rows.vectors)[list(block)]) for block in small]
        of = np.repeat(np.arange(len(small)), [len(some) for some in keys])
        place = np.concatenate([np.arange(len(some)) for some in keys] or [[]]).astype(int)
        _, same, times = np.unique(np.concatenate(keys or [[]]), return_inverse=True, return_counts=True)
        unions: dict[int, dict[tuple[int, ...], int]] = {}
        for one in np.flatnonzero(times[same] > 1):
            block = small[of[one]]
            members = tuple(itertools.compress(block, _SUBSETS[len(block)][place[one]]))
            unions.setdefault(int(same[one]), {}).setdefault(members, int(of[one]))
        self._meet(sorted(unions.values(), key=lambda alike: min(map(len, alike))))

    def _meet(self, unions: Iterable[Mapping[tuple[int, ...], int]]) -> None:
        """Relates unions, each with the number of its block, that are the same set; the smallest first."""
        met: dict[tuple[int, int], list[set[int]]] = {}
        for alike in unions:
            for one, other in itertools.combinations(alike, 2):
                known = met.setdefault((alike[one], alike[other]), [])
                if not set(one) & set(other) and not any(smaller <= {*one, *other} for smaller in known):
                    known.append({*one, *other})
                    self.union(one)
                    self.union(other)

    def _runs(self, block: tuple[int, ...], parts: np.ndarray) -> set[tuple[int, ...]]:
        keys = np.append(0, np.cumsum(self.rows.key(parts)))
        starts, ends = np.triu_indices(len(keys), 2)
        counts = np.isin(keys[ends] - keys[starts], np.fromiter(self.rows.row_of, np.int64))
        return {block[start:end] for start, end in zip(starts[counts], ends[counts], strict=True)}

    def parallel(self, blocks: Iterable[Sequence[int]]) -> None:
        """Small differences between two tables of one form, nested cell by cell: one table of two populations."""
        lengths: dict[int, list[Sequence[int]]] = {}
        for block in dict.fromkeys(map(tuple, blocks)):
            lengths.setdefault(len(block), []).append(block)
        every = self.rows.array()
        for same in lengths.values():
            rows = np.array(same)
            cells = every[rows]
            for large, cell in enumerate(cells):
                inside = np.flatnonzero((cells[:, :, 0] <= cell[:, 0]).all(axis=1))
                rest = cell - cells[inside]
                for small in inside[(rest >= 0).all(axis=(1, 2))]:
                    self._small_differences(rows[small].tolist(), rows[large].tolist())

    def _small_differences(self, parts: list[int], wholes: list[int]) -> None:
        for part, whole in zip(parts, wholes, strict=True):
            if 0 < self.rows.vectors[whole][0] - self.rows.vectors[part][0] < self.threshold:
                self.small_difference(part, whole)

    def rests(self) -> None:
        """Whom one table is about and another is not, where they are more than a few: the rest of both."""
        tables, vectors = list(self.tables), self.rows.array()
        for whole in tables:
            rests = vectors[whole] - vectors[tables]
            for part in itertools.compress(tables, a_set(rests) & (rests[:, 0] >= self.threshold)):
                self.add((part, self.rows.row(vectors[whole] - vectors[part])), whole)

    def populations(self) -> None:
        """Small differences between two populations that are almost the same, and between their parts."""
        vectors = self.rows.array()
        rows = np.array(sorted(self.readable), int)
        for part, whole in rows[np.array([*nearly_equal(vectors[rows], self.threshold)], int).reshape(-1, 2)].tolist():
            if self._outsiders(vectors[whole] - vectors[part], part, whole, vectors):
                self.small_difference(part, whole)

    def _outsiders(self, rest: np.ndarray, part: int, whole: int, vectors: np.ndarray) -> bool:
        """Whether the rest can be the few people of the larger population that are not of the smaller one.

        A status may lie within another by chance, as that of one month within that of the next, which nobody can know.
        """
        if not self.wholes.get(part) or not self.wholes.get(whole):
            return True
        pairs = ((large, small) for large in self.wholes[whole] for small in self.wholes[part] if large != small)
        others = (vectors[large] - vectors[small] for large, small in pairs)
        return any(other[0] < _FEW * self.threshold and (rest <= other).all() for other in others)

    def sums(self) -> None:
        """All a + b = c among the counts: for each c, which c - a is a count of its own?"""
        vectors = self.rows.array()
        index = np.flatnonzero(of_people(vectors))
        vectors = vectors[index]
        index, vectors = by_size(index, vectors)
        keys, half = self.rows.key(vectors), vectors[:, 0] / 2
        taken = np.zeros(1 << _BITS, bool)
        taken[keys & (len(taken) - 1)] = True
        for whole, key in enumerate(keys):
            rests = key - keys[: np.searchsorted(vectors[:, 0], half[whole], side="right")]
            for part in np.flatnonzero(taken[rests & (len(taken) - 1)]):
                rest = self.rows.row_of.get(int(rests[part]))
                if rest is not None:
                    self.add((int(index[part]), rest), int(index[whole]))

    def inclusions(self) -> None:
        """Sets within others that have a few people more: what bounds sums over several tables from above.

        A count is lifted by fewer people than the threshold, and others move with it by few, so that wider inclusions
        bind nothing. One that follows from others, over a set between the two or from a sum, is left out.
        """
        vectors = self.rows.array()
        near, parts = defaultdict(list), defaultdict(set)
        for part, whole in nearly_equal(vectors, _SLACK * self.threshold):
            near[whole].append(part)
        for members, relation in self.found.items():
            parts[members[-1]].update(members[:-1] if relation.signs[-1] < 0 else ())
        below = [0] * len(vectors)  # the rows that are known to lie within each, as bits
        for whole in np.argsort(vectors[:, 0], kind="stable").tolist():
            for part in parts[whole]:
                below[whole] |= below[part] | 1 << int(part)
            for part in reversed(near[whole]):  # the largest first
                if vectors[part][0] and not below[whole] >> int(part) & 1:
                    self.found[part, whole] = Relation((part, whole), (-1, 1), is_equal=False)
                    below[whole] |= below[part] | 1 << int(part)

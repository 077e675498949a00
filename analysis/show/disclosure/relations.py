"""How the counts of a report hang together, learnt from what they are on random parts of the people.

Nobody says which cells of which tables add up. Instead the report is computed again on random halves of the people, so
that each count becomes a vector: its value among all people, then among each half. Places that tell one vector tell one
set of people, and a sum that holds in every element is a sum of the sets. With halves, two sets that differ by k people
have the same vector with a probability of about sqrt(2/(pi k))^R (k = 1: 2^-R); `related` says what R that asks for.

The linear system that comes out is the one of linked tables: de Wolf and Giessing, "Adjusting the tau-ARGUS modular
approach to deal with linked tables", Data & Knowledge Engineering 68 (2009); Hundepool et al., Statistical Disclosure
Control (Wiley 2012), ch. 4. There it is declared by hand.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

_BITS = 22  # of a key, for the table that says quickly that no count has it
_MULTIPLIERS = 20261127  # seed of the numbers that make keys


@dataclass(frozen=True)
class Relation:
    """Sum of sign times count is zero: `members` are rows of the counts, `signs` 1 or -1 for each."""

    members: tuple[int, ...]
    signs: tuple[int, ...]


@dataclass(frozen=True)
class Counts:
    """The counts of a report, one row for each set of people, and how they add up.

    `vectors` has the people of the set: among all (first column), then among each random half. `shown`: some output tells
    it unless it is hidden; the others an outsider can derive. `weight`: how many places tell it, the cost of hiding it.
    """

    vectors: np.ndarray
    relations: tuple[Relation, ...]
    shown: np.ndarray
    weight: np.ndarray

    @property
    def values(self) -> np.ndarray:
        """People of each set."""
        return self.vectors[:, 0]

    def sensitive(self, threshold: int) -> np.ndarray:
        """Which rows count at least one person and fewer than `threshold`; numbers that no half changes count none."""
        return (self.values > 0) & (self.values < threshold) & _of_people(self.vectors)


def related(
    vectors: np.ndarray,
    shown: np.ndarray,
    weight: np.ndarray,
    blocks: Iterable[Sequence[int]] = (),
    pairs: Iterable[tuple[int, int]] = (),
    threshold: int = 5,
) -> Counts:
    """The counts with their relations; row i of the input stays row i, derived counts follow.

    `vectors`: whole numbers, a row for each distinct count (ValueError for two equal rows), column 0 among all people,
    the others among each half. Rows that no half changes (years, thresholds, zeros) are kept and related to nothing.
    `blocks`: rows that stand side by side, in their order; a run of them whose sum is a count, or the sum of another run,
    is a partition. `pairs`: (part, whole) of shares, which tell the complement too.
    Found: a + b = c among all counts; partitions; complements; and for nested sets of at least `threshold` people each,
    such as two populations, the difference if it is smaller than `threshold`. A relation by chance hides a little more,
    never less: the outsider is taken to know it.
    """
    rows = _Rows(vectors)
    relations = _Relations(rows)
    for part, whole in pairs:
        relations.difference(part, whole)
    relations.partitions(blocks)
    for part, whole in list(_nearly_equal(rows.array(), threshold)):
        relations.difference(part, whole)
    relations.sums()
    derived = len(rows) - len(vectors)
    return Counts(
        vectors=rows.array(),
        relations=tuple(relations.found.values()),
        shown=np.append(np.asarray(shown, bool), np.zeros(derived, bool)),
        weight=np.append(np.asarray(weight, float), np.zeros(derived)),
    )


def _of_people(vectors: np.ndarray) -> np.ndarray:
    """Rows that are not the same number in every part of the people; with no part all are taken to be counts."""
    return np.ptp(vectors, axis=1) > 0 if vectors.shape[1] > 1 else vectors[:, 0] > 0


class _Rows:
    """Rows of counts with a key each: the key of a sum is the sum of the keys."""

    def __init__(self, vectors: np.ndarray) -> None:
        vectors = np.asarray(vectors, np.int64)
        self.vectors = list(vectors)
        numbers = np.random.default_rng(_MULTIPLIERS).integers(1 << 62, size=vectors.shape[1], dtype=np.int64)
        self.numbers = numbers * 2 + 1
        self.people = list(_of_people(vectors))
        self.row_of = {key: row for row, key in enumerate(self.key(vectors).tolist()) if self.people[row]}
        if len(self.row_of) < sum(self.people):
            raise ValueError("two rows of the vectors are equal: places that tell one vector tell one count")

    def __len__(self) -> int:
        return len(self.vectors)

    def key(self, vectors: np.ndarray) -> np.ndarray:
        return vectors @ self.numbers  # modulo 2^64, as numpy computes with whole numbers

    def array(self) -> np.ndarray:
        return np.array(self.vectors)

    def row(self, vector: np.ndarray) -> int | None:
        """The row with this vector, a new one if there is none yet; None for no possible set of people."""
        if vector.min() < 0 or not _of_people(vector[None])[0]:
            return None
        row = self.row_of.setdefault(int(self.key(vector)), len(self))
        if row == len(self):
            self.vectors.append(vector)
            self.people.append(True)
        return row


class _Relations:
    """The relations found so far, each once."""

    def __init__(self, rows: _Rows) -> None:
        self.rows = rows
        self.found: dict[tuple, Relation] = {}

    def add(self, parts: Sequence[int], whole: int) -> None:
        """The parts sum to the whole, if they are different sets and do so in every element."""
        vectors, parts = self.rows.vectors, sorted(parts)
        if whole in parts or len(set(parts)) < len(parts):
            return
        if np.array_equal(sum(vectors[part] for part in parts), vectors[whole]):
            members = (*parts, whole)
            self.found.setdefault(members, Relation(members, (1,) * len(parts) + (-1,)))

    def difference(self, part: int, whole: int) -> None:
        """What of the whole is not the part: a count that an outsider derives."""
        rest = self.rows.row(self.rows.vectors[whole] - self.rows.vectors[part])
        if rest is not None and self.rows.people[part]:
            self.add((part, rest), whole)

    def partitions(self, blocks: Iterable[Sequence[int]]) -> None:
        """Runs within a block that sum to a count, to another run, or that are the whole block."""
        people, vectors = self.rows.people, self.rows.vectors
        distinct = dict.fromkeys(tuple(row for row in block if people[row]) for block in blocks)
        largest = max((vector[0] for vector, one in zip(vectors, people, strict=True) if one), default=0)
        runs = {run: key for block in distinct for run, key in self._runs(block, largest)}
        repeated = _repeated(runs.values())
        for run, key in runs.items():
            if key in self.rows.row_of or key in repeated or run in distinct:
                self.add(run, self.rows.row(sum(vectors[row] for row in run)))

    def _runs(self, block: tuple[int, ...], largest: int) -> Iterator[tuple[tuple[int, ...], int]]:
        """Runs of two or more, and every second, third, ..., with the key of the sum; no set has more than all people."""
        sums = np.cumsum([np.zeros_like(self.rows.numbers), *(self.rows.vectors[row] for row in block)], axis=0)
        keys = self.rows.key(sums)
        for start in range(len(block) - 1):
            ends = np.arange(start + 2, len(block) + 1)
            ends = ends[sums[ends, 0] - sums[start, 0] <= largest]
            for end, key in zip(ends.tolist(), (keys[ends] - keys[start]).tolist(), strict=True):
                yield block[start:end], key
        for step in (step for step in range(2, len(block) // 2 + 1) if len(block) % step == 0):
            for start in range(step):
                line = block[start::step]
                yield line, int(self.rows.key(sum(self.rows.vectors[row] for row in line)))

    def sums(self) -> None:
        """All a + b = c among the counts: for each c, which c - a is a count of its own?"""
        index = np.flatnonzero(self.rows.people)
        vectors = self.rows.array()[index]
        index, vectors = _sorted(index, vectors)
        keys, half = self.rows.key(vectors), vectors[:, 0] / 2
        taken = np.zeros(1 << _BITS, bool)
        taken[keys & (len(taken) - 1)] = True
        for whole, key in enumerate(keys):
            rests = key - keys[: np.searchsorted(vectors[:, 0], half[whole], side="right")]
            for part in np.flatnonzero(taken[rests & (len(taken) - 1)]):
                rest = self.rows.row_of.get(int(rests[part]))
                if rest is not None:
                    self.add((int(index[part]), rest), int(index[whole]))


def _repeated(keys: Iterable[int]) -> set[int]:
    values, times = np.unique(np.fromiter(keys, np.int64), return_counts=True)
    return set(values[times > 1].tolist())


def _sorted(index: np.ndarray, vectors: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    order = np.argsort(vectors[:, 0], kind="stable")
    return index[order], vectors[order]


def _nearly_equal(vectors: np.ndarray, threshold: int) -> Iterator[tuple[int, int]]:
    """(part, whole) of sets that are nested and differ by fewer people than the threshold, both large enough to be told."""
    index = np.flatnonzero((vectors[:, 0] >= threshold) & _of_people(vectors))
    index, vectors = _sorted(index, vectors[index])
    sizes = vectors[:, 0]
    for whole, size in enumerate(sizes):
        first, last = np.searchsorted(sizes, (size - threshold + 1, size))
        rest = vectors[whole] - vectors[first:last]
        for part in np.flatnonzero(_a_set(rest)):
            yield int(index[first + part]), int(index[whole])


def _a_set(rest: np.ndarray) -> np.ndarray:
    """Whether the rows can be the counts of a few people: between none and all of them in each half, by halves.

    In a random half each of d people is with probability 1/2, so the squared distance from d/2 is d/4 on average with
    variance d(d - 1)/8; the difference of two sets that overlap without being nested varies more.
    """
    size, halves = rest[:, :1], rest[:, 1:]
    inside = ((halves >= 0) & (halves <= size)).all(axis=1)
    number, people = halves.shape[1], rest[:, 0]
    usual = number * people / 4 + 4 * np.sqrt(number * people * (people - 1) / 8)
    return inside & (((halves - size / 2) ** 2).sum(axis=1) <= usual)

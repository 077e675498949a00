"""Sets of people known by their vectors: how many they are among all people, and in each random half."""

from collections.abc import Iterator

import numpy as np

_MULTIPLIERS = 20261127  # seed of the numbers that make keys


def of_people(vectors: np.ndarray) -> np.ndarray:
    """Rows that are not the same number in every part of the people; with no part all are taken to be counts."""
    return np.ptp(vectors, axis=1) > 0 if vectors.shape[1] > 1 else vectors[:, 0] > 0


class Rows:
    """Rows of counts with a key each: the key of a sum is the sum of the keys."""

    def __init__(self, vectors: np.ndarray) -> None:
        vectors = np.asarray(vectors, np.int64)
        self.vectors = list(vectors)
        numbers = np.random.default_rng(_MULTIPLIERS).integers(1 << 62, size=vectors.shape[1], dtype=np.int64)
        self.numbers = numbers * 2 + 1
        self.people = list(of_people(vectors))
        self.row_of = {key: row for row, key in enumerate(self.key(vectors).tolist()) if self.people[row]}
        if len(self.row_of) < sum(self.people):
            raise ValueError("two rows of the vectors are equal: places that tell one vector tell one count")

    def __len__(self) -> int:
        return len(self.vectors)

    def key(self, vectors: np.ndarray) -> np.ndarray:
        return vectors @ self.numbers  # modulo 2^64, as numpy computes with whole numbers

    def array(self) -> np.ndarray:
        return np.array(self.vectors, np.int64).reshape(-1, len(self.numbers))

    def row(self, vector: np.ndarray) -> int | None:
        """The row with this vector, a new one if there is none yet; None for no possible set of people."""
        if vector.min() < 0 or not of_people(vector[None])[0]:
            return None
        row = self.row_of.setdefault(int(self.key(vector)), len(self))
        if row == len(self):
            self.vectors.append(vector)
            self.people.append(True)
        return row


def by_size(index: np.ndarray, vectors: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    order = np.argsort(vectors[:, 0], kind="stable")
    return index[order], vectors[order]


def nearly_equal(vectors: np.ndarray, threshold: int) -> Iterator[tuple[int, int]]:
    """(part, whole) of sets that are nested and differ by fewer people than the threshold."""
    index = np.flatnonzero(of_people(vectors))
    index, vectors = by_size(index, vectors[index])
    sizes = vectors[:, 0]
    for whole, size in enumerate(sizes):
        first, last = np.searchsorted(sizes, (size - threshold + 1, size))
        rest = vectors[whole] - vectors[first:last]
        for part in np.flatnonzero(a_set(rest)):
            yield int(index[first + part]), int(index[whole])


def a_set(rest: np.ndarray) -> np.ndarray:
    """Whether the rows can be the counts of a few people: between none and all of them in each half, by halves.

    In a random half each of d people is with probability 1/2, so the squared distance from d/2 is d/4 on average with
    variance d(d - 1)/8; the difference of two sets that overlap without being nested varies more.
    """
    size, halves = rest[:, :1], rest[:, 1:]
    inside = ((halves >= 0) & (halves <= size)).all(axis=1)
    number, people = halves.shape[1], rest[:, 0]
    usual = number * people / 4 + 4 * np.sqrt(number * people * (people - 1) / 8)
    return inside & (((halves - size / 2) ** 2).sum(axis=1) <= usual)

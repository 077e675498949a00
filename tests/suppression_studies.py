"""Random studies with small groups and an outsider who knows how their tables are built.

The outsider knows nothing of how the engine finds relations: the unknowns are the people in each cell of the full
cross-classification, and every told count is a sum of them.
"""

from dataclasses import dataclass, field
from itertools import combinations, product

import numpy as np
from scipy import sparse
from scipy.optimize import LinearConstraint, milp

from analysis.book.rehearsal import HALVES
from analysis.show.disclosure.grids import gridded
from analysis.show.disclosure.relations import Counts, Relation, related

LEVELS = {"arm": 2, "sex": 2, "age": 3, "centre": 4, "status_6": 3, "status_12": 3, "withdrawn": 2}  # status 0: unknown
BY = ("arm", "sex", "age", "centre", "status_6", "status_12")
POPULATIONS = {
    "all": {},
    "known_6": {"status_6": (1, 2)},
    "known_12": {"status_12": (1, 2)},
    "staying": {"withdrawn": (0,)},
}

Group = tuple[tuple[str, tuple[int, ...]], ...]  # what the people of a count have: variable and levels, sorted


def group(*conditions: dict) -> Group | None:
    """The people to whom all conditions apply; None if they contradict each other."""
    levels = {name: set(range(number)) for name, number in LEVELS.items()}
    for condition in conditions:
        for name, allowed in condition.items():
            levels[name] &= set(allowed)
    if not all(levels.values()):
        return None
    return tuple(sorted((name, tuple(sorted(some))) for name, some in levels.items() if len(some) < LEVELS[name]))


@dataclass
class Study:
    """Tables of a study: every group told, the groups of each table, shares."""

    people: dict[str, np.ndarray]
    places: dict[Group, int] = field(default_factory=dict)
    shares: list[tuple[Group, Group]] = field(default_factory=list)
    tables: list[dict[tuple, list[Group]]] = field(default_factory=list)

    def mask(self, some: Group) -> np.ndarray:
        held = np.ones(len(self.people["arm"]), bool)
        for name, levels in some:
            held &= np.isin(self.people[name], levels)
        return held

    def size(self, some: Group, less: Group | None = None) -> int:
        return int(self.mask(some).sum()) if less is None else int((self.mask(some) & ~self.mask(less)).sum())

    def tell(self, population: dict, by: tuple[str, ...], share: bool, totals: bool) -> None:
        """A table of counts by up to three variables with its margins, or with shares of the total only."""
        kept = [some for depth in range(len(by)) for some in combinations(by, depth)] * totals + [by]
        cells = {}
        for names in kept:
            for values in product(*(range(LEVELS[name]) for name in names)):
                told = group(population, {name: (value,) for name, value in zip(names, values, strict=True)})
                if told is not None:
                    cells[names, values] = told
                    self.places[told] = self.places.get(told, 0) + 1
        for (names, values), some in cells.items():
            if share and names:
                self.shares.append((some, cells.get((names[:-1], values[:-1]), group(population))))
                self.places.setdefault(self.shares[-1][1], 1)
        self.tables.append({"by": by, "cells": cells})


def random_study(seed: int, tables: int = 8) -> Study:
    """A study of 25 to 400 people with two to so many tables, of whom a few did not answer or withdrew."""
    rng = np.random.default_rng(seed)
    size = int(rng.integers(25, 400))
    people = {name: rng.choice(levels, size, p=rng.dirichlet(np.full(levels, 2.0))) for name, levels in LEVELS.items()}
    unknown = rng.choice(size, int(rng.integers(1, 12)), replace=False)
    people["status_6"][people["status_6"] == 0] = 1
    people["status_6"][unknown[::2]] = 0
    stay = rng.random(size) < 0.6
    people["status_12"][stay] = people["status_6"][stay]
    people["withdrawn"] = np.zeros(size, int)
    people["withdrawn"][rng.choice(size, 3, replace=False)] = 1
    study = Study(people)
    for _ in range(int(rng.integers(2, tables + 1))):
        population = POPULATIONS[str(rng.choice(list(POPULATIONS)))]
        by = tuple(str(name) for name in rng.choice(BY, int(rng.integers(1, 4)), replace=False))
        study.tell(population, by, share=bool(rng.random() < 0.5), totals=bool(rng.random() < 0.7))
    return study


def counts_of(study: Study, seed: int = 1, halves: int = HALVES) -> tuple[Counts, dict[Group, int]]:
    """The counts as the engine sees them, and the row of each group told."""
    rng = np.random.default_rng(seed)
    size = len(study.people["arm"])
    within = np.array([np.ones(size, bool), *(rng.permutation(size) < size // 2 for _ in range(halves))])
    masks = np.array([study.mask(some) for some in study.places])
    vectors, row = np.unique((masks.astype(int) @ within.T), axis=0, return_inverse=True)
    rows = dict(zip(study.places, row.ravel().tolist(), strict=True))
    weight = np.zeros(len(vectors))
    np.add.at(weight, row.ravel(), list(study.places.values()))
    blocks = [gridded({values: rows[some] for (names, values), some in table["cells"].items() if names == table["by"]})
              for table in study.tables]  # fmt: skip
    pairs = [(rows[part], rows[whole]) for part, whole in study.shares]
    return related(vectors, np.ones(len(vectors), bool), weight, blocks, pairs), rows


class Outsider:
    """Bounds for groups from all that is told, by the cells of the full cross-classification."""

    def __init__(self, told: dict[Group, int]) -> None:
        shape = tuple(LEVELS.values())
        self.levels = dict(zip(LEVELS, np.indices(shape).reshape(len(shape), -1), strict=True))
        cells = np.array([self.cells(some) for some in told], float).reshape(len(told), -1)
        # Cells that no told count tells apart are one unknown: a cell of the table family.
        patterns, self.cell = np.unique(cells, axis=1, return_inverse=True)
        self.told, self.values = sparse.csr_array(patterns), np.array(list(told.values()))

    def cells(self, some: Group) -> np.ndarray:
        held = np.ones(len(self.levels["arm"]), bool)
        for name, levels in some:
            held &= np.isin(self.levels[name], levels)
        return held

    def finds(self, few: list[tuple[Group, Group | None]], threshold: int = 5) -> list[tuple[Group, Group | None]]:
        """Those of some groups, each less another, that no solution in whole people gives `threshold` people."""
        found, waiting = [], [(cell, self.reached(*cell)) for cell in few]
        while waiting:
            cell, reached = waiting.pop()
            constraints = [LinearConstraint(self.told, self.values, self.values),
                           LinearConstraint(reached[None], threshold, np.inf)]  # fmt: skip
            solution = milp(np.zeros(len(reached)), constraints=constraints, integrality=np.ones(len(reached))).x
            if solution is None:
                found.append(cell)
            else:  # which may do for others, too
                waiting = [each for each in waiting if each[1] @ np.rint(solution) < threshold]
        return found

    def reached(self, some: Group, less: Group | None = None) -> np.ndarray:
        """The unknowns that a group, less another, may lie in."""
        counted = self.cells(some) if less is None else self.cells(some) & ~self.cells(less)
        reached = np.zeros(self.told.shape[1])
        reached[np.unique(self.cell.ravel()[counted])] = 1
        return reached


def small_groups(study: Study) -> list[tuple[Group, Group | None]]:
    """Groups of one to four people among cells and complements: a group, and which of it are not counted."""
    cells = [(some, None) for some in study.places] + [(whole, part) for part, whole in study.shares]
    return [cell for cell in dict.fromkeys(cells) if 0 < study.size(*cell) < 5]


def leaks(study: Study, counts: Counts, row: dict[Group, int], hidden: np.ndarray) -> list:
    """Those of them that the outsider finds out."""
    return Outsider({some: int(counts.values[at]) for some, at in row.items() if not hidden[at]}).finds(
        small_groups(study)
    )


def declared_counts(study: Study) -> tuple[Counts, dict[Group, int]]:
    """The counts as they would be if every group were declared: sums of the cells of the full cross-classification."""
    of_groups = Outsider(dict.fromkeys(study.places, 0))
    groups, complements = list(study.places), [cell for cell in small_groups(study) if cell[1] is not None]
    told = of_groups.told.toarray()
    patterns, row = np.unique(told, axis=0, return_inverse=True)
    held = np.array([study.size(some) for some in groups])
    sizes = np.zeros(len(patterns), int)
    sizes[row.ravel()] = held
    people = np.ravel_multi_index([study.people[name] for name in LEVELS], tuple(LEVELS.values()))
    cells = np.bincount(of_groups.cell.ravel()[people], minlength=told.shape[1])
    rests = np.array([of_groups.reached(*cell) for cell in complements]).reshape(-1, told.shape[1])
    system = np.vstack([patterns, rests])
    values = np.concatenate([sizes, (rests @ cells).astype(int), cells])
    weight = np.zeros(len(values))
    np.add.at(weight, row.ravel(), list(study.places.values()))
    first = len(system)
    relations = tuple(
        Relation((at, *(first + np.flatnonzero(line)).tolist()), (-1,) + (1,) * int(line.sum()))
        for at, line in enumerate(system)
    )
    counts = Counts(values[:, None], relations, np.arange(len(values)) < len(patterns), weight)
    return counts, dict(zip(groups, row.ravel().tolist(), strict=True))

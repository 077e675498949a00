"""What the scores of one family have to give: printed cells as functions of sums over people, with their intervals."""

from dataclasses import dataclass
from functools import cached_property
from itertools import product

import numpy as np
import pandas as pd
from scipy import sparse

from analysis.calibration import cheapest

from .families import Family
from .groups import A1_COLUMNS
from .response import A1_ROW, covariates
from .score_targets import COUNTED, PER_ARM, WEIGHTED, WHOLE, Panel, person_sums, printed_cells, score_targets
from .targets import Targets

STATUS_GROUPS = tuple(A1_COLUMNS)
CASE_FROM = 8
# Share of a half rounding interval that counts as inside: the very edge belongs to binary fractions.
INSIDE = 0.99
ROUNDS, FIRST_REACH, LAST_REACH = 40, 1.0, 1e-5
FEW = 12  # people: their squares are no sum of their own to choose
MODERATE = 0.05  # share of the scale by which each of them may move in one step
# What a step as long as the people's own spread costs, in half intervals: goals stay near where the sums begin.
NEARNESS = 1e-3


def panel_of(people: pd.DataFrame, response: pd.DataFrame, block: str) -> Panel:
    """Who counts for the scores of one questionnaire block."""
    adjusting = covariates(people)
    return Panel(
        control=(people["arm"] == "control").to_numpy().astype(int),
        responder=response["responder"].to_numpy(dtype=bool),
        valid=response[[f"valid_{block}_{wave}" for wave in (0, 6, 12)]].to_numpy(dtype=bool),
        covariates=adjusting - adjusting.mean(axis=0),
    )


@dataclass(frozen=True)
class Goals:
    """The printed cells of one family of scores, given who answered.

    The sums of `sums_of` are, score by score and arm by arm, those of `person_sums`; then the people above the two
    cut-offs of HADS; then, for the scores of table A.1, sum and square sum by status at inclusion.
    """

    family: Family
    panel: Panel
    status: np.ndarray
    targets: Targets

    @cached_property
    def intervals(self) -> dict[tuple, tuple[float, float]]:
        """Key of every printed cell of the family: printed value and half a unit of its last place."""
        wanted = dict(score_targets(self.targets, self.family.printed_scores))
        for key in self._group_cells(np.zeros((1, 2 + 2 * len(STATUS_GROUPS)))):
            wanted[key] = (self.targets.value(*key), self.targets.half_unit(*key))
        return wanted

    @cached_property
    def keys(self) -> list[tuple]:
        """Keys of the cells in the order of `misses`."""
        return list(self.intervals)

    def sums_of(self, rows: np.ndarray, values: np.ndarray) -> np.ndarray:
        """Each person's share of every sum, one row a person."""
        scores = self.family.scores(values)
        own = [person_sums(self.panel, rows, score) for score in scores]
        return np.hstack([*own, self._group_sums(rows, scores)]).astype(float)

    def cells(self, sums: np.ndarray) -> np.ndarray:
        """The printed cells, one row for each row of sums."""
        found = {}
        for place, name in enumerate(self.family.printed_scores):
            found |= printed_cells(self.panel, sums[:, 2 * PER_ARM * place : 2 * PER_ARM * (place + 1)], name)
        found |= self._group_cells(sums[:, self.group_start :])
        return np.column_stack([found[key] for key in self.keys])

    def misses(self, sums: np.ndarray) -> np.ndarray:
        """Distance of each cell from the print in half rounding intervals, with sign; inside is −1 to 1."""
        printed, half = np.array(list(self.intervals.values())).T
        return (self.cells(sums) - printed) / half

    def slopes(self, sums: np.ndarray, scale: np.ndarray, complete: bool = False) -> np.ndarray:
        """How the misses move with the sums: cells × sums, by differences as wide as 1/10,000 of `scale`.

        With `complete` the sums that follow from a sum of few people move along with it.
        """
        width = 1e-4 * np.maximum(scale, 1e-6)
        ways = [np.diag(sign * width) for sign in (1, -1)]
        if complete:
            ways = [np.array([self.completed(sums, step) for step in way]) for way in ways]
        up, down = (self.misses(sums + way) for way in ways)
        return ((up - down) / (2 * width[:, None])).T

    def completed(self, sums: np.ndarray, step: np.ndarray) -> np.ndarray:
        """The step with what follows from it: few people's square sum moves with their sum, as if all moved alike."""
        step = step.copy()
        for total, square, weighted, size, middle in self._few:
            step[square] += (2 * sums[total] + step[total]) * step[total] / size
            step[weighted] += middle * step[total]
        return step

    def scale(self, shares: np.ndarray) -> np.ndarray:
        """A long step of every sum, from all people's shares of the sums: 0 for sums that only follow from others."""
        scale = np.sqrt((shares**2).sum(axis=0))
        for part in range(2 * len(self.family.printed_scores)):
            scale[[PER_ARM * part + column for column in COUNTED]] = 0
        for total, square, weighted, size, _ in self._few:
            scale[[square, *weighted]] = 0
            scale[total] = MODERATE * self.family.tops[0] * np.sqrt(size)
        return scale

    @cached_property
    def _few(self) -> list[tuple[int, int, list[int], int, np.ndarray]]:
        """Groups of few people with one score only: columns of sum, squares, weighted sums; size; mean covariates."""
        valid = self.panel.valid
        found = []
        for score, arm in product(range(len(self.family.printed_scores)), (0, 1)):
            own, start = self.panel.control == arm, PER_ARM * (2 * score + arm)
            early = own & valid[:, 0] & ~valid[:, 2] & self.panel.responder
            late = own & valid[:, 2] & ~valid[:, 0]
            if 0 < early.sum() <= FEW:
                found.append((start, start + 1, [], int(early.sum()), np.zeros(0)))
            if 0 < late.sum() <= FEW:
                middle = self.panel.covariates[late].mean(axis=0)
                found.append((start + 4, start + 5, [start + 19 + k for k in range(3)], int(late.sum()), middle))
        return found

    @property
    def group_start(self) -> int:
        """Where the sums beyond the arms begin."""
        return 2 * PER_ARM * len(self.family.printed_scores)

    @property
    def status_start(self) -> int | None:
        """Where the sums by status begin, if table A.1 prints a score of the family."""
        return self.group_start + 2 * (self.family.block == "hads") if self.family.block in A1_ROW else None

    @property
    def whole(self) -> np.ndarray:
        """Columns of the sums of scores: those that are whole numbers where every answer is."""
        parts = len(self.family.printed_scores) * 2
        own = [PER_ARM * part + column for part in range(parts) for column in WHOLE]
        if self.status_start is not None:
            own += [self.status_start + 2 * group for group in range(len(STATUS_GROUPS))]
        return np.array(own)

    @property
    def links(self) -> np.ndarray:
        """Rows r with r · sums = 0 whatever the answers: HADS adds up, statuses and response groups share a total."""
        size = self.group_start + 2 * (self.family.block == "hads") + 2 * len(STATUS_GROUPS)
        rows, parts = [], 2 * len(self.family.printed_scores)
        if self.family.block == "hads":
            for column in (*WHOLE, *WEIGHTED):
                for arm in (0, 1):
                    places = [PER_ARM * (2 * score + arm) + column for score in range(3)]
                    rows.append(_sparse_row(size, places, (1, 1, -1)))
        if self.status_start is not None:
            for power in (0, 1):
                arms = [PER_ARM * (parts - 2 + arm) + group + power for arm in (0, 1) for group in (0, 2, 8)]
                own = [self.status_start + 2 * group + power for group in range(len(STATUS_GROUPS))]
                rows.append(_sparse_row(size, [*arms, *own], [1] * 6 + [-1] * len(own)))
        return np.array(rows).reshape(len(rows), size)[:, : self._size]

    @property
    def _size(self) -> int:
        start = self.status_start
        return start + 2 * len(STATUS_GROUPS) if start is not None else self.group_start

    def _group_sums(self, rows: np.ndarray, scores: list[np.ndarray]) -> np.ndarray:
        known = self.panel.valid[rows, 0]
        parts = []
        if self.family.block == "hads":
            parts += [known & (score[:, 0] >= CASE_FROM) for score in scores[:2]]
        if self.family.block in A1_ROW:
            first = np.where(known, scores[-1][:, 0], 0.0)
            for group in STATUS_GROUPS:
                member = self.status[rows] == group
                parts += [first * member, first**2 * member]
        return np.column_stack(parts).astype(float) if parts else np.zeros((len(rows), 0))

    def _group_cells(self, sums: np.ndarray) -> dict[tuple, np.ndarray]:
        found, place = {}, 0
        if self.family.block == "hads":
            known = self.panel.valid[:, 0].sum()
            for column, name in enumerate(("anxiety", "depression")):
                found["text_3.2", f"{name}_above_cutoff", "total", "pct"] = 100 * sums[:, column] / known
            place = 2
        if self.family.block in A1_ROW:
            for group in STATUS_GROUPS:
                n = (self.panel.valid[:, 0] & (self.status == group)).sum()
                mean = sums[:, place] / n
                spread = np.sqrt(np.maximum(sums[:, place + 1] - n * mean**2, 0) / (n - 1))
                key = ("table_A1", A1_ROW[self.family.block], A1_COLUMNS[group])
                found |= {(*key, "mean"): mean, (*key, "sd"): spread}
                place += 2
        return found


def _sparse_row(size: int, places: list[int], entries: tuple | list) -> np.ndarray:
    row = np.zeros(size)
    row[places] = entries
    return row


def centre(goals: Goals, sums: np.ndarray, scale: np.ndarray) -> tuple[np.ndarray, float]:
    """Sums near the given ones whose worst miss is as small as possible, as if people could be divided; and that miss.

    A sequence of linear programmes, each within reach of the last answer. `scale` is the length of a long step of each
    sum; sums with scale 0 stay. A worst miss above 1 would say that the printed cells contradict each other.
    """
    reach, worst = FIRST_REACH, np.abs(goals.misses(sums[None])).max()
    for _ in range(ROUNDS):
        step = goals.completed(sums, _programme(goals, sums, scale, reach))
        found = np.abs(goals.misses((sums + step)[None])).max()
        if found < worst - 1e-5:
            sums, worst = sums + step, found
        else:
            reach /= 4
        if reach < LAST_REACH:
            break
    return sums, float(worst)


def _programme(goals: Goals, sums: np.ndarray, scale: np.ndarray, reach: float) -> np.ndarray:
    now, slopes = goals.misses(sums[None])[0], goals.slopes(sums, scale, complete=True) * scale
    cells, size = slopes.shape
    worst = -np.ones((cells, 1))
    limits = np.vstack([np.hstack([slopes, -slopes, worst]), np.hstack([-slopes, slopes, worst])])
    links = goals.links * scale
    equal = np.hstack([links, -links, np.zeros((len(links), 1))])
    found, _ = cheapest(
        np.concatenate([np.full(2 * size, NEARNESS), [1.0]]),
        (sparse.csr_matrix(limits), np.concatenate([-now, now])),
        [(0, reach)] * (2 * size) + [(0, None)],
        (sparse.csr_matrix(equal), np.zeros(len(links))) if len(links) else None,
    )
    return (found[:size] - found[size:-1]) * scale

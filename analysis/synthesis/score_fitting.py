"""Scores of every questionnaire, fitted to the printed figures: anxiety and depression together, the others singly."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from .families import Family
from .groups import A1_COLUMNS
from .response import A1_ROW, covariates
from .score_moves import exchanger, mover
from .score_targets import PER_ARM, Panel, person_sums, printed_cells, score_targets
from .search import Puzzle, solve
from .targets import Targets

STATUS_GROUPS = tuple(A1_COLUMNS)
CASE_FROM = 8


@dataclass(frozen=True)
class Fit:
    """Fitted values of one family (persons × answers) and the printed cells that they miss, one row a cell."""

    values: np.ndarray
    misses: pd.DataFrame


def panel_of(people: pd.DataFrame, response: pd.DataFrame, block: str) -> Panel:
    """Who counts for the scores of one questionnaire block."""
    adjusting = covariates(people)
    return Panel(
        control=(people["arm"] == "control").to_numpy().astype(int),
        responder=response["responder"].to_numpy(dtype=bool),
        valid=response[[f"valid_{block}_{wave}" for wave in (0, 6, 12)]].to_numpy(dtype=bool),
        covariates=adjusting - adjusting.mean(axis=0),
    )


def fit_family(
    people: pd.DataFrame,
    response: pd.DataFrame,
    family: Family,
    begin: tuple[np.ndarray, np.ndarray],
    rng: np.random.Generator,
    targets: Targets,
) -> Fit:
    """Move the answers of one family from where they begin until the printed figures hold.

    `begin`: answers, one row a person, for each score of the family at 0, 6 and 12 months (EQ-5D: number of the health
    state); and the smallest step of every answer, 7/6 where a HADS subscale has an unanswered item, else 1.
    """
    (start, units), status, panel = begin, people["status_group"].to_numpy(), panel_of(people, response, family.block)
    keys, low, high = _targets(family, status, panel, targets)

    def features(rows: np.ndarray, values: np.ndarray) -> np.ndarray:
        scores = family.scores(values)
        own = [person_sums(panel, rows, score) for score in scores]
        return np.hstack([*own, _group_sums(family, panel, status, rows, scores)])

    def cells(sums: np.ndarray) -> np.ndarray:
        found = _all_cells(family, panel, status, sums)
        return np.column_stack([found[key] for key in keys])

    puzzle = Puzzle(
        features, cells, low, high, mover(panel, family, units), exchanger(panel, family, units, status, start)
    )
    return _fit(puzzle, keys, solve(puzzle, start, rng)[0], targets)


def _all_cells(family: Family, panel: Panel, status: np.ndarray, sums: np.ndarray) -> dict[tuple, np.ndarray]:
    """Every printed cell of the family, from the sums that `features` lays side by side."""
    found = {}
    for place, name in enumerate(family.printed_scores):
        found |= printed_cells(panel, sums[:, 2 * PER_ARM * place : 2 * PER_ARM * (place + 1)], name)
    return found | _group_cells(family, panel, status, sums[:, 2 * PER_ARM * len(family.printed_scores) :])


def _group_sums(
    family: Family, panel: Panel, status: np.ndarray, rows: np.ndarray, scores: list[np.ndarray]
) -> np.ndarray:
    """Baseline sums beyond the arms: people above the cut-offs, and sums and squares by status at inclusion."""
    known = panel.valid[rows, 0]
    parts = []
    if family.block == "hads":
        parts += [known & (score[:, 0] >= CASE_FROM) for score in scores[:2]]
    if family.block in A1_ROW:
        first = np.where(known, scores[-1][:, 0], 0.0)
        for group in STATUS_GROUPS:
            member = status[rows] == group
            parts += [first * member, first**2 * member]
    return np.column_stack(parts).astype(float) if parts else np.zeros((len(rows), 0))


def _group_cells(family: Family, panel: Panel, status: np.ndarray, sums: np.ndarray) -> dict[tuple, np.ndarray]:
    found, place = {}, 0
    if family.block == "hads":
        known = panel.valid[:, 0].sum()
        for column, name in enumerate(("anxiety", "depression")):
            found["text_3.2", f"{name}_above_cutoff", "total", "pct"] = 100 * sums[:, column] / known
        place = 2
    if family.block in A1_ROW:
        for group in STATUS_GROUPS:
            n = (panel.valid[:, 0] & (status == group)).sum()
            mean = sums[:, place] / n
            spread = np.sqrt(np.maximum(sums[:, place + 1] - n * mean**2, 0) / (n - 1))
            key = ("table_A1", A1_ROW[family.block], A1_COLUMNS[group])
            found |= {(*key, "mean"): mean, (*key, "sd"): spread}
            place += 2
    return found


def _targets(
    family: Family, status: np.ndarray, panel: Panel, targets: Targets
) -> tuple[list[tuple], np.ndarray, np.ndarray]:
    """Keys of the printed cells of the family, and the ends of their rounding intervals (a little drawn in)."""
    empty = np.zeros((1, 2 + 2 * len(STATUS_GROUPS)))
    wanted = score_targets(targets, family.printed_scores)
    for key in _group_cells(family, panel, status, empty):
        value, half = targets.value(*key), targets.half_unit(*key)
        wanted[key] = (value - 0.96 * half, value + 0.96 * half)
    return list(wanted), *np.array(list(wanted.values())).T


def _fit(puzzle: Puzzle, keys: list[tuple], values: np.ndarray, targets: Targets) -> Fit:
    rows = []
    for key, value in zip(keys, puzzle.cells(puzzle.sums(values)[None, :])[0], strict=True):
        printed, half = targets.value(*key), targets.half_unit(*key)
        if abs(value - printed) > half * (1 + 1e-9):
            rows.append((*key, printed, value))
    return Fit(values, pd.DataFrame(rows, columns=["source", "row", "column", "statistic", "printed", "reached"]))

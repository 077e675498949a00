"""Which participants belong to the three centres where the measure helped most (section 4.1)."""

import numpy as np
import pandas as pd

from .logit_influence import NotConverged, fit, statistics
from .logit_models import LogitModel, published_models
from .regression_state import base_matrix
from .targets import Targets

TOLERANCE = np.array([0.004, 0.0004])


def centre_stage(people: pd.DataFrame, targets: Targets, assumed: dict, rng: np.random.Generator) -> pd.DataFrame:
    """The people with centres exchanged within arm and status, so that the three best centres show what is printed.

    First those fully sick-listed at inclusion (figure 9: shares fully or partly in work at 12 months in both arms), then
    the others (adjusted effects on both outcomes). Every count of table 1 stays.
    """
    best = people["centre"].isin(assumed["best_centres"]).to_numpy()
    exchanged = _figure_9(people, best, targets, rng)
    models = [model for model in published_models(targets) if model.column[:2] in ("m1", "m3")][:2]
    goals = np.array([
        targets.value("text_4.1", f"three_best_centres_effect_{name}", "sfj_minus_control", "pct") / 100
        for name in ("in_work_no_benefits", "fully_or_partly_12m")
    ])  # fmt: skip
    return _effects(people.assign(centre=exchanged), assumed, models, goals, rng)


def _figure_9(people: pd.DataFrame, best: np.ndarray, targets: Targets, rng: np.random.Generator) -> pd.Series:
    """Exchange centres among the fully sick-listed of an arm until the printed share works."""
    centre = people["centre"].to_numpy(dtype=object).copy()
    for arm in ("control", "sfj"):
        row = "three_best_centres_sick_listed_100_fig9_in_work_12m"
        share = targets.value("text_4.1", row, arm, "pct") / 100
        members = ((people["arm"] == arm) & (people["status_group"] == "sick_listed_full")).to_numpy()
        works = people["partly_m12"].to_numpy(dtype=bool)
        surplus = int((members & best & works).sum()) - round(share * int((members & best).sum()))
        leaving = members & best & (works if surplus > 0 else ~works)
        coming = members & ~best & (~works if surplus > 0 else works)
        out = rng.permutation(np.flatnonzero(leaving))[: abs(surplus)]
        into = rng.permutation(np.flatnonzero(coming))[: abs(surplus)]
        centre[out], centre[into] = centre[into].copy(), centre[out].copy()
    return pd.Series(centre, index=people.index)


def _effects(
    people: pd.DataFrame, assumed: dict, models: list[LogitModel], goals: np.ndarray, rng: np.random.Generator
) -> pd.DataFrame:
    """Exchange centres between two people of one arm and status whose outcomes differ, while the misses fall."""
    base = base_matrix(people)
    usable = (people["in_registers"] & (people["education"] != "missing")).to_numpy()
    centre = people["centre"].to_numpy(dtype=object).copy()
    cells = (people["arm"] + people["status_group"]).to_numpy()
    # Among the fully sick-listed only people with the same second outcome are exchanged: figure 9 stays.
    sick = (people["status_group"] == "sick_listed_full").to_numpy()
    cells = np.where(sick, cells + people["partly_m12"].astype(str).to_numpy(), cells)
    miss = _miss(people, base, usable, centre, assumed, models, goals)
    for _ in range(6000):
        if (np.abs(miss) <= TOLERANCE).all():
            break
        one, other = rng.integers(len(people), size=2)
        inside = [centre[i] in assumed["best_centres"] for i in (one, other)]
        if cells[one] != cells[other] or inside[0] == inside[1]:
            continue
        centre[[one, other]] = centre[[other, one]]
        tried = _miss(people, base, usable, centre, assumed, models, goals)
        if np.abs(tried / TOLERANCE).max() < np.abs(miss / TOLERANCE).max():
            miss = tried
        else:
            centre[[one, other]] = centre[[other, one]]
    return people.assign(centre=centre)


def _miss(
    people: pd.DataFrame,
    base: np.ndarray,
    usable: np.ndarray,
    centre: np.ndarray,
    assumed: dict,
    models: list[LogitModel],
    goals: np.ndarray,
) -> np.ndarray:
    """Difference of the two adjusted effects in the best centres from the printed ones."""
    rows = usable & np.isin(centre, assumed["best_centres"])
    misses = []
    for model, goal in zip(models, goals, strict=True):
        try:
            fitted = fit(model, base[rows], people[model.outcome].to_numpy(dtype=float)[rows])
        except NotConverged:
            return np.full(len(goals), np.inf)
        misses.append(statistics(fitted)[model.terms.index("sfj_vs_control")] - goal)
    return np.array(misses)

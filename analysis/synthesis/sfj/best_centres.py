"""Which participants belong to the three centres where the measure helped most (section 4.1)."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.calibration import NotConverged, fitted_logit, logit_statistics

from .groups import ARMS
from .logit_models import LogitModel, published_models
from .paths import JOB
from .regression_state import base_matrix
from .targets import Targets

# Misses that do not matter: half a unit of the printed percentages, and a lead that is wide enough.
TOLERANCE = np.array([0.004, 0.0004, 0.002, 0.004])
LEAD = 0.015
LATE_MONTHS = range(12, 19)


def centre_stage(
    people: pd.DataFrame, months: pd.DataFrame, targets: Targets, assumed: dict, rng: np.random.Generator
) -> pd.Series:
    """Centres exchanged within arm and status group, so that the three best centres show what is printed.

    First those fully sick-listed at inclusion (figure 9: shares fully or partly in work at 12 months in both arms),
    then everybody (adjusted effects on both outcomes; the three centres must be those with the largest mean difference
    in work in the months 12 to 18, and section 5.3 prints what it is in the three together). Every count of table 1
    stays. Returns the centre of each participant. Raises ValueError when exchanges do not reach it.
    """
    people = people.assign(centre=_figure_9(people, assumed, targets, rng))
    return pd.Series(_exchanged(_CentreFit.of(people, months, targets, assumed), rng), index=people.index)


def _figure_9(people: pd.DataFrame, assumed: dict, targets: Targets, rng: np.random.Generator) -> np.ndarray:
    """Exchange centres among the fully sick-listed of an arm until the printed share works."""
    centre = people["centre"].to_numpy(dtype=object).copy()
    best = np.isin(centre, assumed["best_centres"])
    works = people["partly_m12"].to_numpy(dtype=bool)
    for arm in ARMS:
        row = "three_best_centres_sick_listed_100_fig9_in_work_12m"
        share = targets.value("text_4.1", row, arm, "pct") / 100
        members = ((people["arm"] == arm) & (people["status_group"] == "sick_listed_full")).to_numpy()
        surplus = int((members & best & works).sum()) - round(share * int((members & best).sum()))
        leaving = members & best & (works if surplus > 0 else ~works)
        coming = members & ~best & (~works if surplus > 0 else works)
        out = rng.permutation(np.flatnonzero(leaving))[: abs(surplus)]
        into = rng.permutation(np.flatnonzero(coming))[: abs(surplus)]
        centre[out], centre[into] = centre[into].copy(), centre[out].copy()
    return centre


@dataclass
class _CentreFit:
    """What the exchange of centres looks at, as arrays over the participants."""

    centre: np.ndarray
    best: list[str]
    cells: np.ndarray
    base: np.ndarray
    usable: np.ndarray
    outcomes: dict[str, np.ndarray]
    models: list[LogitModel]
    goals: np.ndarray
    late_goal: float
    treated: np.ndarray
    working: np.ndarray
    observed: np.ndarray

    @classmethod
    def of(cls, people: pd.DataFrame, months: pd.DataFrame, targets: Targets, assumed: dict) -> "_CentreFit":
        """Arrays and goals. People exchange centres within arm and status group; of the fully sick-listed only people
        with the same second outcome, which keeps figure 9."""
        sick = people["status_group"] == "sick_listed_full"
        cells = people["arm"] + people["status_group"] + np.where(sick, people["partly_m12"].astype(str), "")
        models = [model for model in published_models(targets) if model.source == "table_09"]
        row = "three_best_centres_effect_"
        names = ("in_work_no_benefits", "fully_or_partly_12m")
        goals = [targets.value("text_4.1", row + name, "sfj_minus_control", "pct") / 100 for name in names]
        late = months[list(LATE_MONTHS)].where(people["in_registers"])
        return cls(
            people["centre"].to_numpy(dtype=object).copy(),
            assumed["best_centres"],
            cells.to_numpy(),
            base_matrix(people),
            (people["in_registers"] & (people["education"] != "missing")).to_numpy(),
            {name: people[name].to_numpy(dtype=float) for name in ("in_work_m12", "partly_m12")},
            [models[0], models[2]],
            np.array(goals),
            targets.value("text_5.3", "three_best_centres_effect", "external", "pct") / 100,
            (people["arm"] == "sfj").to_numpy(),
            (late == JOB).to_numpy(dtype=float),
            late.notna().to_numpy(dtype=float),
        )

    def misses(self) -> np.ndarray:
        """Beyond TOLERANCE: both adjusted effects in the best centres, how much their lead falls short, and their mean
        difference in work in the late months."""
        best = np.isin(self.centre, self.best)
        rows = self.usable & best
        misses = []
        for model, goal in zip(self.models, self.goals, strict=True):
            try:
                fitted = fitted_logit(model, self.base[rows], self.outcomes[model.outcome][rows])
            except NotConverged:
                return np.full(len(TOLERANCE), np.inf)
            misses.append(logit_statistics(fitted)[model.terms.index("sfj_vs_control")] - goal)
        misses += [max(0.0, LEAD - self.lead()), self._difference(best) - self.late_goal]
        return np.maximum(np.abs(misses) / TOLERANCE - 1, 0)

    def lead(self) -> float:
        """Least mean difference in work among the best centres less the largest among the others."""
        differences = {centre: self._difference(self.centre == centre) for centre in sorted(set(self.centre))}
        best = min(differences[centre] for centre in self.best)
        return best - max(value for centre, value in differences.items() if centre not in self.best)

    def _difference(self, members: np.ndarray) -> float:
        shares = []
        for arm in (True, False):
            chosen = members & (self.treated == arm)
            shares.append(self.working[chosen].sum(axis=0) / np.maximum(self.observed[chosen].sum(axis=0), 1))
        return float((shares[0] - shares[1]).mean())


def _exchanged(fitting: _CentreFit, rng: np.random.Generator, tries: int = 8000) -> np.ndarray:
    """Exchange the centres of two people of one cell while the misses fall."""
    misses = fitting.misses()
    for _ in range(tries):
        if not misses.any():
            break
        one = int(rng.integers(len(fitting.centre)))
        alike = np.flatnonzero((fitting.cells == fitting.cells[one]) & (fitting.centre != fitting.centre[one]))
        pair = [one, int(rng.choice(alike))]
        fitting.centre[pair] = fitting.centre[pair[::-1]]
        tried = fitting.misses()
        if tried @ tried < misses @ misses:
            misses = tried
        else:
            fitting.centre[pair] = fitting.centre[pair[::-1]]
    if misses.any():
        raise ValueError(f"text_4.1, text_5.3: the best centres miss what is printed by {misses.round(3).tolist()}")
    return fitting.centre

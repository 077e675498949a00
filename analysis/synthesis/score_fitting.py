"""Scores of every questionnaire, fitted to the printed figures: anxiety and depression together, the others singly."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from .health_states import STATE_VALUES, draw_states, step_state
from .score_start import MAXIMUM, SCORES, bounded, latent_scores, wanted_moments
from .score_targets import Panel, person_sums, printed_cells, score_targets
from .search import Puzzle, excess, solve
from .targets import Targets

WAVES = (0, 6, 12)
BLOCK = {  # name of the validity columns of each score
    "hads_anxiety": "hads", "hads_depression": "hads", "shc_total": "shc", "eq5d_index": "eq5d",
    "health_ladder": "health_ladder", "chalder_total": "fatigue",
}
FAMILIES = (("hads_anxiety", "hads_depression"), ("shc_total",), ("eq5d_index",), ("health_ladder",), ("chalder_total",))
STEPS = {"health_ladder": (-10, -5, -5, -1, 1, 5, 5, 10)}
ROUNDED_LADDER = {10: 0.55, 5: 0.35, 1: 0.10}  # share of people who answer on tens, fives and single points


@dataclass(frozen=True)
class Fit:
    """Fitted values of one family of scores and the printed cells that they miss."""

    values: np.ndarray
    misses: pd.DataFrame


def panel_of(people: pd.DataFrame, response: pd.DataFrame, score: str) -> Panel:
    """Who counts for one score; covariates are age, woman and higher education, centred."""
    age = _completed_years(people)
    woman = (people["sex"] == "woman").to_numpy(dtype=float)
    higher = people["education"].isin(["university_1_4_years", "university_over_4_years"]).to_numpy(dtype=float)
    covariates = np.column_stack([age, woman, higher])
    return Panel(
        control=(people["arm"] == "control").to_numpy().astype(int),
        responder=response["responder"].to_numpy(dtype=bool),
        valid=response[[f"valid_{BLOCK[score]}_{wave}" for wave in WAVES]].to_numpy(dtype=bool),
        covariates=covariates - covariates.mean(axis=0),
    )


def _completed_years(people: pd.DataFrame) -> np.ndarray:
    included, born = people["included_on"].dt, people["birth_date"].dt
    before = (included.month * 100 + included.day) < (born.month * 100 + born.day)
    return (included.year - born.year - before).to_numpy(dtype=float)


def draw_start(people: pd.DataFrame, response: pd.DataFrame, rng: np.random.Generator, targets: Targets) -> dict[str, np.ndarray]:
    """First draw of every score: persons × waves (EQ-5D: number of the health state), NaN nowhere."""
    latent = latent_scores(people, rng)
    grain = rng.choice(list(ROUNDED_LADDER), size=len(people), p=list(ROUNDED_LADDER.values()))
    drawn = {score: np.zeros((len(people), 3)) for score in SCORES}
    body = rng.normal(size=(len(people), 5))
    for arm in ("sfj", "control"):
        for score in SCORES:
            wanted = wanted_moments(targets, score, response, arm)
            for (group, wave), (mean, sd) in wanted.items():
                responder = response["responder"].to_numpy() == (group == "responders")
                members = np.flatnonzero(responder & (people["arm"] == arm).to_numpy())
                place, z = WAVES.index(wave), latent[score][members, WAVES.index(wave)]
                if score == "eq5d_index":
                    mood = (latent["hads_anxiety"] + latent["hads_depression"])[members, place] / 1.6
                    drawn[score][members, place] = draw_states(z, mood, body[members], mean, rng)
                    continue
                sign = -1.0 if score == "health_ladder" else 1.0
                value = bounded(sign * z, mean, sd, MAXIMUM[score])
                drawn[score][members, place] = np.rint(value / grain[members]) * grain[members] if score == "health_ladder" else value
    return drawn


def fit_scores(
    people: pd.DataFrame, response: pd.DataFrame, rng: np.random.Generator, targets: Targets, left_out: set[tuple]
) -> tuple[dict[str, np.ndarray], pd.DataFrame]:
    """All scores (score → persons × waves; EQ-5D as state numbers) and the printed cells missed, one row a cell."""
    people = people.reset_index(drop=True)
    generators = rng.spawn(len(FAMILIES) + 1)
    start = draw_start(people, response, generators[0], targets)
    fitted, misses = {}, []
    for family, generator in zip(FAMILIES, generators[1:], strict=True):
        fit = fit_family(people, response, family, np.hstack([start[score] for score in family]), generator, targets, left_out)
        fitted |= {score: fit.values[:, 3 * i : 3 * i + 3] for i, score in enumerate(family)}
        misses.append(fit.misses)
    return fitted, pd.concat(misses, ignore_index=True)


def fit_family(people, response, family, start, rng, targets, left_out) -> Fit:
    panel = panel_of(people, response, family[0])
    names = [*family, "hads_total"] if len(family) == 2 else list(family)
    wanted = score_targets(targets, names, left_out)
    keys = list(wanted)
    low, high = np.array([wanted[k] for k in keys]).T
    case = _caseness(panel, targets) if len(family) == 2 else None

    def triples(values: np.ndarray) -> list[np.ndarray]:
        if family == ("eq5d_index",):
            return [STATE_VALUES[values.astype(int)]]
        parts = [values[:, :3]] if len(family) == 1 else [values[:, :3], values[:, 3:]]
        return parts if len(parts) == 1 else [*parts, parts[0] + parts[1]]

    def features(rows: np.ndarray, values: np.ndarray) -> np.ndarray:
        parts = [person_sums(panel, rows, scores) for scores in triples(values)]
        if case is not None:
            known = panel.valid[rows, 0]
            parts += [(known & (values[:, [0, 3]] >= 8).T).T.astype(float)]
        return np.hstack(parts)

    def cells(sums: np.ndarray) -> np.ndarray:
        width = (sums.shape[1] - (2 if case is not None else 0)) // len(names)
        found = {}
        for place, name in enumerate(names):
            found |= printed_cells(panel, sums[:, place * width : (place + 1) * width], name)
        return np.column_stack([found[key] for key in keys])

    def cost(sums: np.ndarray) -> np.ndarray:
        total = excess(cells(sums), low, high).sum(axis=1)
        return total if case is None else total + excess(sums[:, -2:], case[0], case[1]).sum(axis=1)

    puzzle = Puzzle(features, cost, _mover(panel, family), _exchanger(panel, family))
    values, _ = solve(puzzle, start, rng, rounds=4000)
    reached = cells(features(np.arange(len(values)), values).sum(axis=0)[None, :])[0]
    return Fit(values, _missed(keys, reached, targets))


def _caseness(panel: Panel, targets: Targets) -> tuple[np.ndarray, np.ndarray]:
    known = int(panel.valid[:, 0].sum())
    share = np.array([targets.value("text_3.2", f"{s}_above_cutoff", "total", "pct") for s in ("anxiety", "depression")])
    return (share - 0.48) / 100 * known, (share + 0.48) / 100 * known


def _mover(panel: Panel, family: tuple[str, ...]):
    tops = np.repeat([MAXIMUM.get(score, 0) for score in family], 3)
    steps = np.array(STEPS.get(family[0], (-2, -1, -1, 1, 1, 2)))
    columns = [(row, column) for row, column in np.argwhere(np.tile(panel.valid, (1, len(family))))]
    columns = np.array(columns)

    def propose(rng: np.random.Generator, values: np.ndarray, size: int):
        rows, places = columns[rng.integers(len(columns), size=size)].T
        new = values[rows].copy()
        at = np.arange(size)
        if family == ("eq5d_index",):
            new[at, places] = step_state(new[at, places].astype(int), rng)
            return rows, new
        step = rng.choice(steps, size=size)
        fine = np.abs(step) == 1
        if family == ("health_ladder",):
            step = np.where(fine & (new[at, places] % 5 == 0), 5 * step, step)
        moved = new[at, places] + step
        new[at, places] = np.where((moved >= 0) & (moved <= tops[places]), moved, new[at, places])
        return rows, new

    return propose


def _exchanger(panel: Panel, family: tuple[str, ...]):
    """Two people of one arm and response group exchange their whole answers of one wave."""
    group = panel.control * 2 + panel.responder
    pools = [
        np.flatnonzero((group == g) & panel.valid[:, place])
        for place in (0, 2) for g in range(4) if ((group == g) & panel.valid[:, place]).sum() > 1
    ]
    places = [place for place in (0, 2) for g in range(4) if ((group == g) & panel.valid[:, place]).sum() > 1]

    def swap(rng: np.random.Generator, values: np.ndarray, size: int):
        which = rng.integers(len(pools), size=size)
        pairs = np.array([rng.choice(pools[w], 2, replace=False) for w in which])
        first, second = values[pairs[:, 0]].copy(), values[pairs[:, 1]].copy()
        for part in range(len(family)):
            column = 3 * part + np.array([places[w] for w in which])
            at = np.arange(size)
            first[at, column], second[at, column] = second[at, column], first[at, column].copy()
        return (pairs[:, 0], first), (pairs[:, 1], second)

    return swap


def _missed(keys: list[tuple], reached: np.ndarray, targets: Targets) -> pd.DataFrame:
    rows = []
    for key, value in zip(keys, reached, strict=True):
        printed, half = targets.value(*key), targets.half_unit(*key)
        if abs(value - printed) > half * (1 + 1e-9):
            rows.append((*key, printed, value))
    return pd.DataFrame(rows, columns=["source", "row", "column", "statistic", "printed", "reached"])

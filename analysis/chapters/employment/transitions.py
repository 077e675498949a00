"""How people moved between the groups of statuses: from inclusion to later times, and from one unit to the next."""

from itertools import pairwise

import pandas as pd

from analysis.chapters.employment.populations import arm_columns, compares, gap_column
from analysis.chapters.employment.shares import outcome_label
from analysis.chapters.employment.states import UNOBSERVED, arms_of, grouped_states, known_states
from analysis.chapters.employment.time_in_work import last_followed, outcomes_in_time, time_cells
from analysis.frames.needs import Absent, needs
from analysis.frames.trial import Trial, once_a_trial
from analysis.methods.estimates import concat_estimates
from analysis.methods.time_in_state import next_steps, rate_of_change, steps_between, transition_matrix
from analysis.show.figures import Figure, titled
from analysis.show.prose import Sentence, count, month, percent
from analysis.show.tables import Table, cells

NEXT = "next"


def flow_times(trial: Trial) -> list[int]:
    """The times between which moves are shown: inclusion, half way to the primary time, that, and the end."""
    at, last = trial.study.primary_at, last_followed(trial)
    return sorted({0, *(time for time in (at // 2, at, last) if 0 < time <= last)})


@once_a_trial
def _steps(trial: Trial, start: int, end: int) -> pd.DataFrame:
    return steps_between(grouped_states(trial), "category", trial.study.unit, start, end)


@needs("registers")
def transitions_table(trial: Trial) -> Table | Absent:
    """Where those with each status at inclusion were later, by arm: per cent of those observed at both times.

    A study whose small cells may be told gets the moves from one time unit to the next as well, over all units after
    inclusion, since a number of moves does not say how few people made them; and moves that nobody made have no row.
    """
    unit, known, times = trial.study.unit, known_states(trial), flow_times(trial)[1:]
    if not times:
        return Absent("observed")
    pairs, shows_all = {f"{unit}{at}": _steps(trial, 0, at) for at in times}, trial.study.disclosure == "as_published"
    pairs |= {NEXT: _every_step(trial)} if shows_all else {}
    matrix = pd.concat([transition_matrix(steps, known).assign(place=place) for place, steps in pairs.items()])
    if shows_all:  # elsewhere what is left out would hang on single people
        matrix = matrix[matrix.groupby(["before", "after"])["n"].transform("sum") > 0]
    made = _cells(matrix)
    rows = {before: [f"{before}_people", *(f"{before}_to_{after}" for after in known)] for before in known}
    columns = {place: [f"to_{place}_{arm}" for arm in arm_columns(trial)] for place in pairs}
    notes = (Sentence("next_counted"),) if NEXT in pairs else ()
    return Table("transitions", cells(made), rows=rows, columns=columns, names={"rows": "moves"}, notes=notes)


def _every_step(trial: Trial) -> pd.DataFrame:
    """The moves between neighbouring units from inclusion on."""
    rows, unit = grouped_states(trial), trial.study.unit
    return next_steps(rows[rows[unit].between(0, trial.study.horizon.after)], "category", unit)


def _cells(matrix: pd.DataFrame) -> list[tuple]:
    """How many had each status before, and the share of them in each status after; nothing where there was nobody."""
    there, found = matrix[matrix["of"] > 0], []
    for (place, arm, before), own in there.groupby(["place", "arm", "before"], sort=False):
        column, of = f"to_{place}_{arm}", own["of"].iloc[0]
        found.append((f"{before}_people", column, "n", of, of))
        found += [(f"{before}_to_{row.after}", column, "pct", 100 * row.share, row.of)
                  for row in own.itertuples()]  # fmt: skip
    return found


@needs("registers")
def flows_figure(trial: Trial) -> Figure | Absent:
    """How people moved between the groups of statuses, from inclusion over the main times to the end, by arm.

    One row is one pair of states at two neighbouring times: people, and their share of all observed at inclusion. Who
    is no longer observed is a state of its own.
    """
    times, known = flow_times(trial), (*known_states(trial), UNOBSERVED)
    if len(times) < 2:
        return Absent("observed")
    parts = [_flow(trial, start, end, known) for start, end in pairwise(times)]
    options = {"percent": True, "x": trial.study.unit, "order": known, "decimals": 0}
    values = {"last": month(times[-1])}
    return titled(Figure("flows", "alluvial", pd.concat(parts, ignore_index=True), options, values),
                  _moved(_steps(trial, 0, times[-1]), trial, values))  # fmt: skip


def _moved(steps: pd.DataFrame, trial: Trial, values: dict) -> Sentence | None:
    """How many of those observed at both ends had another status at the second; None without such people of an arm."""
    both = steps.dropna(subset=["before", "after"])
    other = (both["before"] != both["after"]).groupby(both["arm"]).agg(["mean", "size"])
    if set(arm_columns(trial)) - set(other.index):
        return None
    for role, arm in zip(("control", "treated"), arm_columns(trial), strict=False):
        values = {**values, role: percent(100 * other.loc[arm, "mean"]), f"n_{role}": count(other.loc[arm, "size"])}
    return Sentence("moved_of_arms" if compares(trial) else "moved_of_all", values)


def _flow(trial: Trial, start: int, end: int, known: tuple[str, ...]) -> pd.DataFrame:
    """The moves of everybody observed at inclusion between two times."""
    first = _steps(trial, 0, start)
    moves = first.assign(before=first["after"], after=_steps(trial, 0, end)["after"])
    moves = moves.assign(**{name: moves[name].fillna(UNOBSERVED) for name in ("before", "after")})
    matrix = transition_matrix(moves, known)
    people = moves["arm"].value_counts()
    frame = matrix[matrix["n"] > 0].rename(columns={"arm": "panel", "before": "category", "after": "then"})
    frame = frame.assign(estimate=frame["n"] / frame["panel"].map(people), until=end, **{trial.study.unit: start})
    arms = list(arm_columns(trial))
    frame = frame.sort_values("panel", key=lambda panels: panels.map(arms.index), kind="stable")
    return frame[["panel", trial.study.unit, "until", "category", "then", "n", "estimate"]]


@needs("registers")
def comings_and_goings(trial: Trial, conf_level: float = 0.95) -> pd.DataFrame | Absent:
    """Estimate frame: of those without the primary outcome, the share who have it in the next time unit; of those with
    it, the share who have not; by arm, pooled over all units from inclusion on."""
    code, unit, rows = trial.study.primary_outcome, trial.study.unit, outcomes_in_time(trial)
    steps = next_steps(rows[rows[unit].between(0, trial.study.horizon.after)], code, unit)
    if not set(arm_columns(trial)) <= set(steps["arm"]):
        return Absent("observed")
    settings = {**arms_of(trial), "conf_level": conf_level}
    return concat_estimates(rate_of_change(steps, outcome=name, entering=name == "entering", **settings)
                            for name in ("entering", "leaving"))  # fmt: skip


@needs()
def rates_table(found: pd.DataFrame, trial: Trial) -> Table:
    """How often people came into work and left it, from the frame of `comings_and_goings`."""
    made = [_as_share(cell) for record in found.to_dict("records") for cell in time_cells(record, trial)]
    columns = [*arm_columns(trial), *([gap_column(trial)] if compares(trial) else [])]
    level, values = float(found["conf_level"].iloc[0]), {"outcome": outcome_label(trial.study.primary_outcome)}
    return Table("rates", cells(made), rows=["entering", "leaving"], columns=columns, conf_level=level, values=values,
                 decimals={"difference": 1, "ci_low": 1, "ci_high": 1})  # fmt: skip


def _as_share(cell: tuple) -> tuple:
    """A cell of a mean as one of a share, in per cent."""
    row, column, name, value, n = cell
    scaled = value if name in ("n", "p") else 100 * value
    return (row, column, "pct" if name == "mean" else name, scaled, n)

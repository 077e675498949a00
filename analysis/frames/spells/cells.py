"""Outcomes of the panel, counted: how many people share arm, unit, status and outcomes; still one Ibis expression."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import pandas as pd

from analysis.frames.outcomes import holds
from analysis.frames.spells.panel import PERIOD, SCHEMAS, panel_expression
from analysis.study.outcome_rules import AT_A_TIME

if TYPE_CHECKING:
    from ibis.expr.types import Column, Table

    from analysis.study.settings import Study

# What a cell counts, and the participant's background that cells may be told apart by.
PEOPLE = "people"
STATUS_THEN = "status_at_inclusion"
BACKGROUND = {"arm": "string", "centre": "string", "sex": "string", "birth_date": "date"}
# The tables of a register as its cells read them.
TABLES = {**SCHEMAS, "participants": {**SCHEMAS["participants"], **BACKGROUND}}


def cells_expression(
    sources: Mapping[str, "Table"],
    study: "Study",
    by: Sequence[str] = ("arm",),
    units: tuple[int, int] | None = None,
) -> "Table":
    """People by what they have in common, as an unexecuted Ibis expression over tables with the columns of `TABLES`.

    One row is one cell: the columns of `by` (of participants, `age` in completed years at inclusion, or
    `status_at_inclusion`), `period`, `status`, one bool column for each outcome of the study that is a yes or no at a
    time (as `outcomes.work_outcomes`), and `people`, how many have all this in common. `units` as `panel_expression`.
    """
    then = panel_expression(sources, study, (0, 0))
    then = then.select("participant_id", status_then=then.status, degree_then=then.disability_degree)
    people = _with_age(sources["participants"]).left_join(then, "participant_id").drop("participant_id_right")
    people = people.rename({STATUS_THEN: "status_then"})
    kept = people.select(*dict.fromkeys(("participant_id", "degree_then", STATUS_THEN, *by)))
    now = panel_expression(sources, study, units).join(kept, "participant_id")
    before = {"status": now[STATUS_THEN], "disability_degree": now.degree_then}
    rules = [outcome for outcome in study.outcomes if outcome.measure == AT_A_TIME]
    now = now.mutate(**{rule.code: holds(rule, now, before).fill_null(False) for rule in rules})
    keys = [*by, PERIOD, "status", *(rule.code for rule in rules)]
    return now.group_by(keys).aggregate(**{PEOPLE: now.count()})


def _with_age(participants: "Table") -> "Table":
    """Participants with `age` in completed years at inclusion, as `people.completed_years`."""
    import ibis

    born, on = participants.birth_date, participants.included_on
    had_birthday = (on.month() > born.month()) | ((on.month() == born.month()) & (on.day() >= born.day()))
    age: Column = on.year() - born.year() - ibis.ifelse(had_birthday, 0, 1)
    return participants.mutate(age=age.cast("int32"))


def added_up(parts: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Cells of several groups of people as cells of all, in order; the engines give them in none."""
    cells = pd.concat(parts, ignore_index=True)
    keys = [name for name in cells.columns if name != PEOPLE]
    return cells.groupby(keys, dropna=False, sort=True)[PEOPLE].sum().reset_index()

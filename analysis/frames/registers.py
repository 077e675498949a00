"""Register spells → one status per participant and time unit: calendar month, week from Monday, or calendar year.

The panel is one Ibis expression (`frames.spells`): the same lines run on the embedded DuckDB here, on files larger than
memory, or on Spark. Nothing loops over people.
"""

from collections.abc import Mapping
from functools import cache
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pandas as pd
import pyarrow as pa

from analysis.frames.spells.panel import (
    FORM_DAYS,
    FULL_DEGREE,
    KEYS,
    PANEL_COLUMNS,
    PERIOD,
    SCHEMAS,
    panel_expression,
)
from analysis.study.outcome_rules import STATUSES

if TYPE_CHECKING:
    from analysis.study.design import Dates, Horizon, RegisterSettings
    from analysis.study.settings import Study

__all__ = [
    "EMPLOYER_PERIOD_DAYS", "FORM_DAYS", "FULL_DEGREE", "PANEL_COLUMNS", "SCHEMAS", "STATUSES", "panel_expression",
    "status_panel", "time_out_of_work",
]  # fmt: skip

# The employer pays the first days of a sick leave (section 8-19): they are in no benefit register.
EMPLOYER_PERIOD_DAYS = 16

_ARROW_TYPES = {"string": pa.string(), "date": pa.date32(), "float64": pa.float64()}


def status_panel(tables: Mapping[str, pd.DataFrame], study: "Study") -> pd.DataFrame:
    """One status per participant and observed time unit; what follows says month for the unit of `study.registers`.

    One row is one participant in one month relative to the month of inclusion (month 0), from `study.horizon.before`
    months before it to `study.horizon.after` months after it. Months not wholly inside the register window of
    `study.dates`, or not over by the day until which the participant is observed (`observed_until`), have no row: what
    the registers cannot show is not a status. Columns: participant_id, month (int; the column has the unit's name),
    status (categorical, the ten codes of `STATUSES`), has_job (a job registered at the month's end), weekly_hours (the
    agreed hours of those jobs together, 0 without a job, missing where no hours are registered), sick_degree and
    disability_degree (percent, 0 without the benefit in the month).

    Precedence within a month, first match: sickness benefit on any day of the month, full or graded by the degree of
    the last spell that touches it; AAP in force at month end, with work when the hours reported on the fortnightly
    forms that start in the month (or cover the week) are at least `aap_work_share_min` of two agreed weeks; disability
    pension from the first month paid, full or graded; unemployment benefit or individual allowance on any day; a
    registered job at month end; follow-up by NAV on any day; none of these. Sick leave inside the employer's first 16
    days is not in the benefit register and cannot be seen here.

    Missing data: a spell without `to_date` runs to the end of the register window; a degree that is missing counts as
    full; a table that the study does not hold counts as empty. Raises KeyError when `participants` is missing, or
    when the study states no horizon.
    Checked against statuses worked by hand (tests/test_registers.py).
    """
    import duckdb

    if not study.has_registers:
        raise KeyError("study.yml gives no horizon and dates, so nobody can be followed in registers")
    with duckdb.connect() as connection:
        for name in SCHEMAS:
            connection.register(name, _rows(tables, name))
        query = _panel_query(study.horizon, study.dates, study.registers)
        panel = connection.execute(query).to_arrow_table().to_pandas()
    return panel.assign(
        participant_id=panel["participant_id"].astype("string"),
        **{PERIOD: panel[PERIOD].astype("int64")},
        status=pd.Categorical(panel["status"], categories=STATUSES),
        has_job=panel["has_job"].astype(bool),
    ).rename(columns={PERIOD: study.unit})


@cache
def _panel_query(horizon: "Horizon", dates: "Dates", registers: "RegisterSettings") -> str:
    """The panel as DuckDB's SQL over tables named as in `SCHEMAS`, compiled once for the settings it depends on."""
    import ibis

    sources = {name: ibis.table(ibis.schema(columns), name=name) for name, columns in SCHEMAS.items()}
    settings = SimpleNamespace(unit=registers.unit, horizon=horizon, dates=dates, registers=registers)
    return str(ibis.to_sql(panel_expression(sources, settings).order_by(KEYS), dialect="duckdb"))


def _rows(tables: Mapping[str, pd.DataFrame], name: str) -> pa.Table:
    """The columns of one table that the panel reads, in their types; an absent optional table has no rows."""
    schema = pa.schema([(column, _ARROW_TYPES[kind]) for column, kind in SCHEMAS[name].items()])
    if name not in tables and name != "participants":
        return schema.empty_table()
    rows = tables[name].reindex(columns=schema.names).reset_index(drop=True)
    dates = {column: pd.to_datetime(rows[column]) for column, kind in SCHEMAS[name].items() if kind == "date"}
    return pa.Table.from_pandas(rows.assign(**dates), schema=schema, preserve_index=False)


def time_out_of_work(panel: pd.DataFrame, unit: str = "month") -> pd.DataFrame:
    """Time units out of work before inclusion; what follows says month for the unit.

    One row is one participant with an observed month −1: `months_out_of_work` counts the unbroken run of months
    directly before month 0 that were not spent in work without benefits (`job_no_benefits`); a month on graded benefit
    counts as out, as in the sick-leave duration the report studies. `still_running` is true when the run reaches the
    first observed month, so that the true duration is at least this long. Someone in work in month −1 has 0.
    """
    before = panel.loc[panel[unit] < 0, ["participant_id", unit, "status"]]
    first = before.groupby("participant_id")[unit].min()
    in_work = before.loc[before["status"] == "job_no_benefits"]
    last_in_work = in_work.groupby("participant_id")[unit].max().reindex(first.index)
    out = (-1 - last_in_work).fillna(-first).astype("int64")
    found = {f"{unit}s_out_of_work": out, "still_running": last_in_work.isna()}
    return pd.DataFrame(found, index=first.index).reset_index()

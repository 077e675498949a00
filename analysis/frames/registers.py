"""Register spells → one status per participant and time unit: calendar month, week from Monday, or calendar year.

The panel is one Ibis expression: the same lines run on the embedded DuckDB here, on a DuckDB file or on Spark. Nothing
loops over people.
"""

from collections.abc import Mapping
from datetime import date
from functools import cache
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pandas as pd
import pyarrow as pa

from analysis.study.outcome_rules import STATUSES

if TYPE_CHECKING:
    from ibis.expr.types import Column, Table

    from analysis.study.design import Dates, Horizon, RegisterSettings
    from analysis.study.settings import Study

PANEL_COLUMNS = ("status", "has_job", "weekly_hours", "sick_degree", "disability_degree")
# Time units are counted from the one of inclusion, 0; the panel names their column by the unit.
PERIOD = "period"
KEYS = ("participant_id", PERIOD)

# Degree, in percent, from which a sickness or disability benefit counts as full.
FULL_DEGREE = 100
# Recipients of AAP report their hours on a form every fortnight (National Insurance Act section 11-7).
FORM_DAYS = 14
# The employer pays the first days of a sick leave (section 8-19): they are in no benefit register.
EMPLOYER_PERIOD_DAYS = 16

# The columns of each table that the panel reads, with the types it reads them as.
SCHEMAS = {
    "participants": {"participant_id": "string", "included_on": "date", "observed_until": "date"},
    "benefit_spells": {
        "participant_id": "string",
        "benefit": "string",
        "degree": "float64",
        "from_date": "date",
        "to_date": "date",
    },
    "job_spells": {"participant_id": "string", "agreed_hours": "float64", "from_date": "date", "to_date": "date"},
    "aap_hours": {"participant_id": "string", "period_start": "date", "hours_worked": "float64"},
}
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
    return str(ibis.to_sql(panel_expression(sources, settings), dialect="duckdb"))


def panel_expression(sources: Mapping[str, "Table"], study: "Study") -> "Table":
    """The monthly panel as an unexecuted Ibis expression over tables with the columns of `SCHEMAS`."""
    months = _observed_periods(sources["participants"], study)
    panel = months
    for part in (
        _benefits_by_month(months, sources["benefit_spells"]),
        _jobs_by_month(months, sources["job_spells"]),
        _reported_work_by_month(months, sources["aap_hours"], study.unit),
    ):
        panel = panel.left_join(part, KEYS).drop("participant_id_right", f"{PERIOD}_right")
    return _with_status(panel, study)


def _rows(tables: Mapping[str, pd.DataFrame], name: str) -> pa.Table:
    """The columns of one table that the panel reads, in their types; an absent optional table has no rows."""
    schema = pa.schema([(column, _ARROW_TYPES[kind]) for column, kind in SCHEMAS[name].items()])
    if name not in tables and name != "participants":
        return schema.empty_table()
    rows = tables[name].reindex(columns=schema.names).reset_index(drop=True)
    dates = {column: pd.to_datetime(rows[column]) for column, kind in SCHEMAS[name].items() if kind == "date"}
    return pa.Table.from_pandas(rows.assign(**dates), schema=schema, preserve_index=False)


def _observed_periods(participants: "Table", study: "Study") -> "Table":
    """One row per participant and unit of the horizon that lies wholly inside the register window and observation."""
    import ibis

    number, first_day = CALENDAR[study.unit]
    offsets = ibis.range(-study.horizon.before, study.horizon.after + 1).unnest().name(PERIOD).as_table()
    people = participants.select("participant_id", "observed_until", inclusion=number(participants.included_on))
    periods = people.cross_join(offsets).mutate(number=lambda t: (t.inclusion + t[PERIOD]).cast("int32"))
    periods = periods.mutate(
        first_day=lambda t: first_day(t.number), last_day=lambda t: _day_before(first_day((t.number + 1).cast("int32")))
    )
    inside = (periods.first_day >= _literal(study.dates.register_start)) & (
        periods.last_day <= _literal(study.dates.register_end)
    )
    observed = periods.observed_until.isnull() | (periods.last_day <= periods.observed_until)
    return periods.filter(inside & observed).select("participant_id", PERIOD, "first_day", "last_day")


def _month_number(day: "Column") -> "Column":
    return day.year() * 12 + day.month() - 1


def _first_of_month(number: "Column") -> "Column":
    import ibis

    return ibis.date((number // 12).cast("int32"), (number % 12 + 1).cast("int32"), 1)


def _week_number(day: "Column") -> "Column":
    """Weeks since the Monday of the week of 1 January 1970, a Thursday."""
    return (day.epoch_days() + 3) // 7


def _monday(number: "Column") -> "Column":
    return (_literal(date(1969, 12, 29)) + (number * 7).as_interval("D")).cast("date")


def _first_of_year(number: "Column") -> "Column":
    import ibis

    return ibis.date(number.cast("int32"), 1, 1)


def _day_before(day: "Column") -> "Column":
    return (day - _days(1)).cast("date")


def _days(number: int):
    import ibis

    return ibis.interval(days=number)


# Unit → number of the unit a day is in, and the first day of a unit by its number.
CALENDAR = {
    "month": (_month_number, _first_of_month),
    "week": (_week_number, _monday),
    "year": (lambda day: day.year(), _first_of_year),
}


def _literal(day: date):
    import ibis

    return ibis.literal(day, type="date")


def _touching(months: "Table", spells: "Table") -> "Table":
    """Spells with each month in which they run on at least one day; `at_end` where they run on its last day."""
    pairs = months.join(
        spells,
        [
            months.participant_id == spells.participant_id,
            spells.from_date <= months.last_day,
            spells.to_date.isnull() | (spells.to_date >= months.first_day),
        ],
    ).drop("participant_id_right")
    return pairs.mutate(at_end=pairs.to_date.isnull() | (pairs.to_date >= pairs.last_day))


def _latest(value: "Column", day: "Column", where: "Column") -> "Column":
    """The value that belongs to the latest day; of several on that day the largest, so that row order never matters."""
    return value.argmax(day.epoch_days() * 1000 + value, where=where)


def _benefits_by_month(months: "Table", spells: "Table") -> "Table":
    """What was paid in each month with a benefit: degrees of the last spell, and which other benefits there were."""
    pairs = _touching(months, spells.mutate(degree=spells.degree.fill_null(FULL_DEGREE)))

    def paid(*benefits: str) -> "Column":
        return pairs.benefit.isin(benefits)

    return pairs.group_by(KEYS).aggregate(
        sick_degree=_latest(pairs.degree, pairs.from_date, paid("sickness_benefit")),
        disability_degree=_latest(pairs.degree, pairs.from_date, paid("disability_pension")),
        on_aap=(paid("aap") & pairs.at_end).any(),
        unemployed=paid("unemployment_benefit", "individual_allowance").any(),
        followed_up=paid("nav_follow_up").any(),
    )


def _jobs_by_month(months: "Table", jobs: "Table") -> "Table":
    """Jobs begun by the end of each month: whether one runs then, and agreed weekly hours.

    current_hours is the sum over the jobs that run, latest_hours those of the job that ended last; hours that are
    missing or zero count as not registered.
    """
    begun = months.join(jobs, [months.participant_id == jobs.participant_id, jobs.from_date <= months.last_day])
    begun = begun.drop("participant_id_right").mutate(
        runs=lambda t: t.to_date.isnull() | (t.to_date >= t.last_day), hours=lambda t: t.agreed_hours.nullif(0)
    )
    return begun.group_by(KEYS).aggregate(
        has_job=begun.runs.any(),
        current_hours=begun.hours.sum(where=begun.runs),
        latest_hours=_latest(begun.hours, begun.to_date, ~begun.runs & begun.hours.notnull()),
    )


def _reported_work_by_month(months: "Table", forms: "Table", unit: str) -> "Table":
    """Hours worked a fortnight, averaged over the forms that start in the month; a week is shorter than a form, so
    that in weeks those count which cover the week."""
    reach = FORM_DAYS - 1 if unit == "week" else 0
    pairs = months.join(
        forms,
        [
            months.participant_id == forms.participant_id,
            (forms.period_start + _days(reach)) >= months.first_day,
            forms.period_start <= months.last_day,
        ],
    ).drop("participant_id_right")
    return pairs.group_by(KEYS).aggregate(fortnightly_hours=pairs.hours_worked.mean())


def _with_status(panel: "Table", study: "Study") -> "Table":
    """Name the status of each month by precedence and fill what no register mentions."""
    import ibis

    rules = study.registers
    sick, pension = panel.sick_degree.fill_null(0), panel.disability_degree.fill_null(0)
    on_aap, has_job = panel.on_aap.fill_null(False), panel.has_job.fill_null(False)
    agreed = ibis.coalesce(panel.current_hours, panel.latest_hours, rules.full_time_weekly_hours)
    works = panel.fortnightly_hours.fill_null(0) / (FORM_DAYS // 7 * agreed) >= rules.aap_work_share_min
    hours = ibis.ifelse(has_job, panel.current_hours, 0)
    status = ibis.cases(
        (sick >= FULL_DEGREE, "sick_listed_full"),
        (sick > 0, "sick_listed_graded"),
        (on_aap & works, "aap_and_job"),
        (on_aap, "aap"),
        (pension >= FULL_DEGREE, "disability_pension_full"),
        (pension > 0, "disability_pension_graded"),
        (panel.unemployed.fill_null(False), "unemployment_benefit_individual_allowance"),
        (has_job, "job_no_benefits"),
        (panel.followed_up.fill_null(False), "nav_follow_up_without_benefits"),
        else_="no_job_no_benefit",
    )
    named = panel.mutate(
        status=status, has_job=has_job, weekly_hours=hours, sick_degree=sick, disability_degree=pension
    )
    return named.select(*KEYS, *PANEL_COLUMNS).order_by(KEYS)


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

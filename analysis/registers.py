"""Register spells → one status per participant and calendar month.

The panel is one Ibis expression: the same lines run on the embedded DuckDB here, on a DuckDB file or on Spark. Nothing
loops over people.
"""

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from ibis.expr.types import Table

    from analysis.study import Study

STATUSES = (
    "no_job_no_benefit",
    "job_no_benefits",
    "sick_listed_full",
    "sick_listed_graded",
    "aap",
    "aap_and_job",
    "unemployment_benefit_individual_allowance",
    "disability_pension_full",
    "disability_pension_graded",
    "nav_follow_up_without_benefits",
)
PANEL_COLUMNS = ("participant_id", "month", "status", "has_job", "sick_degree", "disability_degree")

# Degree, in percent, from which a sickness or disability benefit counts as full.
FULL_DEGREE = 100

# The columns of each table that the panel reads, with the types it reads them as.
SCHEMAS = {
    "participants": {"participant_id": "string", "included_on": "date"},
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


def status_panel(tables: Mapping[str, pd.DataFrame], study: "Study") -> pd.DataFrame:
    """One status per participant and observed calendar month.

    One row is one participant in one month relative to the month of inclusion (month 0), from `study.horizon.before`
    months before it to `study.horizon.after` months after it. Months not wholly inside the register window of
    `study.dates` have no row: what the registers cannot show is not a status. Columns: participant_id, month (int),
    status (categorical, the ten codes of `STATUSES`), has_job (a job registered at the month's end), sick_degree and
    disability_degree (percent, 0 without the benefit in the month).

    Precedence within a month, first match: sickness benefit on any day of the month, full or graded by the degree of
    the last spell that touches it; AAP in force at month end, with work when the hours reported on the fortnightly
    forms that start in the month are at least `aap_work_share_min` of two agreed weeks; disability pension from the
    first month paid, full or graded; unemployment benefit or individual allowance on any day; a registered job at
    month end; follow-up by NAV on any day; none of these. Sick leave inside the employer's first 16 days is not in the
    benefit register and cannot be seen here.

    Missing data: a spell without `to_date` runs to the end of the register window; a degree that is missing counts as
    full; a table that the study does not hold counts as empty. Raises KeyError when `participants` is missing.
    Checked against statuses worked by hand (tests/test_registers.py).
    """
    import ibis

    connection = ibis.duckdb.connect()
    sources = {name: ibis.memtable(_rows(tables, name), schema=ibis.schema(SCHEMAS[name])) for name in SCHEMAS}
    panel = connection.to_pandas(panel_expression(sources, study))
    return panel.assign(
        participant_id=panel["participant_id"].astype("string"),
        month=panel["month"].astype("int64"),
        status=pd.Categorical(panel["status"], categories=STATUSES),
        has_job=panel["has_job"].astype(bool),
    )


def panel_expression(sources: Mapping[str, "Table"], study: "Study") -> "Table":
    """The monthly panel as an unexecuted Ibis expression over tables with the columns of `SCHEMAS`."""
    months = _observed_months(sources["participants"], study)
    benefits, jobs = sources["benefit_spells"], sources["job_spells"]

    def paid(*names: str) -> "Table":
        return benefits.filter(benefits.benefit.isin(names))

    parts = (
        _last_degree(months, paid("sickness_benefit"), "sick_degree"),
        _present_at_end(months, paid("aap"), "on_aap"),
        _last_degree(months, paid("disability_pension"), "disability_degree"),
        _present(months, paid("unemployment_benefit", "individual_allowance"), "unemployed"),
        _present_at_end(months, jobs, "has_job"),
        _present(months, paid("nav_follow_up"), "followed_up"),
        _aap_work_share(months, jobs, sources["aap_hours"], study.registers.full_time_weekly_hours),
    )
    panel = months
    for part in parts:
        panel = panel.left_join(part, ["participant_id", "month"]).drop("participant_id_right", "month_right")
    return _with_status(panel, study.registers.aap_work_share_min)


def _rows(tables: Mapping[str, pd.DataFrame], name: str) -> pd.DataFrame:
    """The columns of one table that the panel reads; an absent optional table has no rows."""
    columns = list(SCHEMAS[name])
    if name not in tables and name != "participants":
        return pd.DataFrame({column: pd.Series(dtype="object") for column in columns})
    rows = tables[name][columns].reset_index(drop=True)
    dates = {column: pd.to_datetime(rows[column]) for column, kind in SCHEMAS[name].items() if kind == "date"}
    return rows.assign(**dates)


def _observed_months(participants: "Table", study: "Study") -> "Table":
    """One row per participant and month of the horizon that lies wholly inside the register window."""
    import ibis

    offsets = ibis.range(-study.horizon.before, study.horizon.after + 1).unnest().name("month").as_table()
    included = participants.included_on
    months = participants.select("participant_id", index=included.year() * 12 + included.month() - 1)
    months = months.cross_join(offsets).mutate(index=lambda t: (t.index + t.month).cast("int32"))
    months = months.mutate(
        first_day=lambda t: ibis.date((t.index // 12).cast("int32"), (t.index % 12 + 1).cast("int32"), 1),
        next_first=lambda t: ibis.date(((t.index + 1) // 12).cast("int32"), ((t.index + 1) % 12 + 1).cast("int32"), 1),
    ).mutate(last_day=lambda t: (t.next_first - ibis.interval(days=1)).cast("date"))
    inside = (months.first_day >= _literal(study.dates.register_start)) & (
        months.last_day <= _literal(study.dates.register_end)
    )
    return months.filter(inside).select("participant_id", "month", "first_day", "last_day")


def _literal(day: date):
    import ibis

    return ibis.literal(day, type="date")


def _touching(months: "Table", spells: "Table") -> "Table":
    """Spells with the months in which they run on at least one day."""
    return months.join(
        spells,
        [
            months.participant_id == spells.participant_id,
            spells.from_date <= months.last_day,
            spells.to_date.isnull() | (spells.to_date >= months.first_day),
        ],
    ).drop("participant_id_right")


def _keyed(pairs: "Table", **columns) -> "Table":
    return pairs.group_by("participant_id", "month").aggregate(**columns)


def _present(months: "Table", spells: "Table", name: str) -> "Table":
    """Months with such a spell on any day."""
    pairs = _touching(months, spells)
    return _keyed(pairs, **{name: pairs.count() > 0})


def _present_at_end(months: "Table", spells: "Table", name: str) -> "Table":
    """Months with such a spell in force on the last day."""
    pairs = _touching(months, spells)
    at_end = pairs.to_date.isnull() | (pairs.to_date >= pairs.last_day)
    return _keyed(pairs, **{name: at_end.any()})


def _last_degree(months: "Table", spells: "Table", name: str) -> "Table":
    """Degree of the last spell that touches the month: the largest of them if several begin on one day."""
    pairs = _touching(months, spells.mutate(degree=spells.degree.fill_null(FULL_DEGREE)))
    last = _latest(pairs, "from_date", "degree")
    return last.select("participant_id", "month", last.degree.name(name))


def _latest(pairs: "Table", *order: str) -> "Table":
    """The one row of each participant and month that comes last in the given order."""
    import ibis

    place = ibis.row_number().over(
        group_by=["participant_id", "month"], order_by=[ibis.desc(column) for column in order]
    )
    return pairs.mutate(place=place).filter(lambda t: t.place == 0)


def _weekly_hours(months: "Table", jobs: "Table", full_time_hours: float) -> "Table":
    """Agreed weekly hours: the sum over jobs running at month end, else the job that ended last, else full time.

    Missing or zero hours count as not registered.
    """
    import ibis

    known = jobs.filter(jobs.agreed_hours > 0)
    begun = months.join(
        known, [months.participant_id == known.participant_id, known.from_date <= months.last_day]
    ).drop("participant_id_right")
    begun = begun.mutate(running=begun.to_date.isnull() | (begun.to_date >= begun.last_day))
    ended = _latest(begun.filter(~begun.running), "to_date", "from_date", "agreed_hours")
    ended = ended.select("participant_id", "month", latest_hours="agreed_hours")
    current = _keyed(begun, current_hours=begun.agreed_hours.sum(where=begun.running))
    hours = months.select("participant_id", "month").left_join(current, ["participant_id", "month"])
    hours = hours.drop("participant_id_right", "month_right").left_join(ended, ["participant_id", "month"])
    agreed = ibis.coalesce(hours.current_hours, hours.latest_hours, full_time_hours)
    return hours.select("participant_id", "month", agreed=agreed)


def _aap_work_share(months: "Table", jobs: "Table", forms: "Table", full_time_hours: float) -> "Table":
    """Hours worked a fortnight, averaged over the forms that start in the month, as a share of two agreed weeks."""
    pairs = months.join(
        forms,
        [
            months.participant_id == forms.participant_id,
            forms.period_start >= months.first_day,
            forms.period_start <= months.last_day,
        ],
    ).drop("participant_id_right")
    reported = _keyed(pairs, fortnightly_hours=pairs.hours_worked.mean())
    agreed = _weekly_hours(months, jobs, full_time_hours)
    shares = reported.join(agreed, ["participant_id", "month"])
    return shares.select("participant_id", "month", work_share=shares.fortnightly_hours / (2 * shares.agreed))


def _with_status(panel: "Table", aap_work_share_min: float) -> "Table":
    """Name the status of each month by precedence and fill what no register mentions."""
    import ibis

    sick, pension = panel.sick_degree.fill_null(0), panel.disability_degree.fill_null(0)
    working_on_aap = panel.work_share.fill_null(0) >= aap_work_share_min
    status = ibis.cases(
        (sick >= FULL_DEGREE, "sick_listed_full"),
        (sick > 0, "sick_listed_graded"),
        (panel.on_aap.fill_null(False) & working_on_aap, "aap_and_job"),
        (panel.on_aap.fill_null(False), "aap"),
        (pension >= FULL_DEGREE, "disability_pension_full"),
        (pension > 0, "disability_pension_graded"),
        (panel.unemployed.fill_null(False), "unemployment_benefit_individual_allowance"),
        (panel.has_job.fill_null(False), "job_no_benefits"),
        (panel.followed_up.fill_null(False), "nav_follow_up_without_benefits"),
        else_="no_job_no_benefit",
    )
    named = panel.mutate(
        status=status, has_job=panel.has_job.fill_null(False), sick_degree=sick, disability_degree=pension
    )
    return named.select(*PANEL_COLUMNS).order_by("participant_id", "month")


def months_out_of_work(panel: pd.DataFrame) -> pd.DataFrame:
    """Months out of work before inclusion.

    One row is one participant with an observed month −1: `months_out_of_work` counts the unbroken run of months
    directly before month 0 that were not spent in work without benefits (`job_no_benefits`); a month on graded benefit
    counts as out, as in the sick-leave duration the report studies. `still_running` is true when the run reaches the
    first observed month, so that the true duration is at least this long. Someone in work in month −1 has 0.
    """
    before = panel.loc[panel["month"] < 0, ["participant_id", "month", "status"]]
    first_month = before.groupby("participant_id")["month"].min()
    in_work = before.loc[before["status"] == "job_no_benefits"]
    last_in_work = in_work.groupby("participant_id")["month"].max().reindex(first_month.index)
    months = (-1 - last_in_work).fillna(-first_month).astype("int64")
    return pd.DataFrame(
        {"months_out_of_work": months, "still_running": last_in_work.isna()}, index=first_month.index
    ).reset_index()

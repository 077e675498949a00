"""Register spells → one status per participant and time unit, as one Ibis expression.

No spell meets a month that it does not touch: each is cut to the run of months that it touches within those observed of
its participant, and all that is told of a month, by whichever register, comes together in one aggregation. This grows
with what the registers hold; a join of months and spells by inequality grows with months times spells.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from analysis.frames.spells.calendar import day_literal, days_after, first_whole, last_over, number_of

if TYPE_CHECKING:
    from ibis.expr.types import Column, Table

    from analysis.study.settings import Study

PANEL_COLUMNS = ("status", "has_job", "weekly_hours", "sick_degree", "disability_degree")
# Time units are counted from the one of inclusion, 0; the panel names their column by the unit.
PERIOD = "period"
KEYS = ("participant_id", PERIOD)

# Degree, in percent, from which a sickness or disability benefit counts as full.
FULL_DEGREE = 100
# Recipients of AAP report their hours on a form every fortnight (National Insurance Act section 11-7).
FORM_DAYS = 14

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
# Benefits without a degree, by what goes before what: the foremost that is paid is all that a status asks.
_AAP, _UNEMPLOYED, _FOLLOWED_UP = 3, 2, 1
_RANKS = {
    "aap": _AAP,
    "unemployment_benefit": _UNEMPLOYED,
    "individual_allowance": _UNEMPLOYED,
    "nav_follow_up": _FOLLOWED_UP,
}
# What a row tells of one participant in one unit. Each register tells of some; the rest is missing.
_TOLD = {
    "sick": "int64", "pension": "int64", "rank": "int8", "runs": "boolean", "hours": "float64", "past_hours": "int64",
    "fortnight": "float64",
}  # fmt: skip
_FOREVER = 10**8  # later than any unit: what has no end
# How `_dated` packs a value and its day; days are counted from so many before 1970 that none is negative.
_UNIT, _A_DAY, _EARLY = 10**6, 10**9, 10**5


def panel_expression(
    sources: Mapping[str, "Table"], study: "Study", units: tuple[int, int] | None = None
) -> "Table":
    """The panel as an unexecuted Ibis expression over tables with the columns of `SCHEMAS`, in no order.

    One row is one participant and observed unit; columns `KEYS` and `PANEL_COLUMNS`, as `registers.status_panel` says.
    `units`: the first and last unit after inclusion that are wanted, of those of the study's horizon.
    """
    import ibis

    people, unit = observed(sources["participants"], study, units), study.unit
    told = ibis.union(
        _cut(people, people.first, people.last),
        _benefits(people, sources["benefit_spells"], unit),
        *_jobs(people, sources["job_spells"], unit),
        _forms(people, sources["aap_hours"], unit),
    )
    return _with_status(_together(told), study)


def observed(participants: "Table", study: "Study", units: tuple[int, int] | None = None) -> "Table":
    """One row per participant: `inclusion`, and the `first` and `last` unit that lies wholly inside the register
    window, the horizon and the participant's own observation, all as numbers of the calendar."""
    import ibis

    unit, (before, after) = study.unit, units or (-study.horizon.before, study.horizon.after)
    inclusion = number_of(unit, participants.included_on)
    over = last_over(unit, participants.observed_until).fill_null(_FOREVER)
    people = participants.select(
        "participant_id",
        inclusion=inclusion,
        first=ibis.greatest(inclusion + before, first_whole(unit, day_literal(study.dates.register_start))),
        last=ibis.least(inclusion + after, last_over(unit, day_literal(study.dates.register_end)), over),
    )
    return people.filter(people.first <= people.last)


def _cut(rows: "Table", first: "Column", last: "Column", **told: "Column") -> "Table":
    """One row for each unit from `first` to `last` of each row, with what is told of it.

    `rows` have `participant_id` and `inclusion`. All is worked out before the cut, once a spell.
    """
    import ibis

    missing = {name: ibis.null(kind) for name, kind in _TOLD.items() if name not in told}
    values = {name: (told | missing)[name].cast(kind) for name, kind in _TOLD.items()}
    runs = rows.select("participant_id", "inclusion", run_first=first, run_last=last, **values)
    runs = runs.filter(runs.run_first <= runs.run_last)
    cut = runs.mutate(unit=ibis.range(runs.run_first, runs.run_last + 1).unnest())
    return cut.select("participant_id", (cut.unit - cut.inclusion).cast("int32").name(PERIOD), *_TOLD)


def _dated(day: "Column", value: "Column") -> "Column":
    """A value from 0 to 999 with its day as one whole number, whose largest is of the latest day, and of several on
    that day the largest, so that the order of rows never matters. Values count to a millionth."""
    return (day.epoch_days() + _EARLY).cast("int64") * _A_DAY + (value * _UNIT).round().cast("int64")


def _undated(latest: "Column") -> "Column":
    """The value of the latest day."""
    return (latest % _A_DAY).cast("float64") / _UNIT


def _benefits(people: "Table", spells: "Table", unit: str) -> "Table":
    """Units in which a benefit runs on at least one day; AAP where it runs on the last."""
    import ibis

    spells = spells.mutate(degree=spells.degree.fill_null(FULL_DEGREE)).join(people, "participant_id")
    paid, degree = spells.benefit, _dated(spells.from_date, spells.degree)
    end = ibis.ifelse(paid == "aap", last_over(unit, spells.to_date), number_of(unit, spells.to_date))
    return _cut(
        spells,
        ibis.greatest(spells.first, number_of(unit, spells.from_date)),
        ibis.least(spells.last, end.fill_null(_FOREVER)),
        sick=ibis.ifelse(paid == "sickness_benefit", degree, None),
        pension=ibis.ifelse(paid == "disability_pension", degree, None),
        rank=paid.cases(*_RANKS.items(), else_=0),
    )


def _jobs(people: "Table", jobs: "Table", unit: str) -> tuple["Table", "Table"]:
    """Units on whose last day a job runs; and those after it, with the agreed hours that it had.

    Hours that are missing or zero count as not registered.
    """
    import ibis

    jobs = jobs.mutate(agreed_hours=jobs.agreed_hours.nullif(0)).join(people, "participant_id")
    over = last_over(unit, jobs.to_date).fill_null(_FOREVER)
    jobs = jobs.mutate(begun=ibis.greatest(jobs.first, number_of(unit, jobs.from_date)), over=over)
    running = _cut(jobs, jobs.begun, ibis.least(jobs.last, jobs.over), runs=ibis.literal(True), hours=jobs.agreed_hours)
    past = jobs.filter(jobs.agreed_hours.notnull() & (jobs.over < jobs.last))
    hours = _dated(past.to_date, past.agreed_hours)
    return running, _cut(past, ibis.greatest(past.begun, past.over + 1), past.last, past_hours=hours)


def _forms(people: "Table", forms: "Table", unit: str) -> "Table":
    """Units in which a form starts; a week is shorter than a form: in weeks those count that it covers."""
    import ibis

    forms = forms.join(people, "participant_id")
    reach = FORM_DAYS - 1 if unit == "week" else 0
    start, end = (number_of(unit, days_after(forms.period_start, days)) for days in (0, reach))
    return _cut(forms, ibis.greatest(forms.first, start), ibis.least(forms.last, end), fortnight=forms.hours_worked)


def _together(told: "Table") -> "Table":
    """One row per participant and unit: the last degrees, the foremost other benefit, jobs, and hours.

    current_hours is the sum over the jobs that run, latest_hours those of the job that ended last, fortnightly_hours
    the mean over the forms.
    """
    return told.group_by(KEYS).aggregate(
        sick_degree=_undated(told.sick.max()),
        disability_degree=_undated(told.pension.max()),
        rank=told["rank"].max(),
        has_job=told.runs.any(),
        current_hours=told.hours.sum(),
        latest_hours=_undated(told.past_hours.max()),
        fortnightly_hours=told.fortnight.mean(),
    )


def _with_status(panel: "Table", study: "Study") -> "Table":
    """Name the status of each unit by precedence and fill what no register mentions."""
    import ibis

    rules = study.registers
    sick, pension = panel.sick_degree.fill_null(0), panel.disability_degree.fill_null(0)
    rank, has_job = panel["rank"].fill_null(0), panel.has_job.fill_null(False)
    agreed = ibis.coalesce(panel.current_hours, panel.latest_hours, rules.full_time_weekly_hours)
    works = panel.fortnightly_hours.fill_null(0) / (FORM_DAYS // 7 * agreed) >= rules.aap_work_share_min
    hours = ibis.ifelse(has_job, panel.current_hours, 0)
    status = ibis.cases(
        (sick >= FULL_DEGREE, "sick_listed_full"),
        (sick > 0, "sick_listed_graded"),
        ((rank == _AAP) & works, "aap_and_job"),
        (rank == _AAP, "aap"),
        (pension >= FULL_DEGREE, "disability_pension_full"),
        (pension > 0, "disability_pension_graded"),
        (rank == _UNEMPLOYED, "unemployment_benefit_individual_allowance"),
        (has_job, "job_no_benefits"),
        (rank == _FOLLOWED_UP, "nav_follow_up_without_benefits"),
        else_="no_job_no_benefit",
    )
    named = panel.mutate(
        status=status, has_job=has_job, weekly_hours=hours, sick_degree=sick, disability_degree=pension
    )
    return named.select(*KEYS, *PANEL_COLUMNS)

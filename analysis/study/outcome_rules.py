"""What a study counts as an outcome and whom it looks at apart, as rules that `study.yml` declares."""

from collections.abc import Mapping
from dataclasses import field
from itertools import pairwise
from typing import Annotated, Literal

from pydantic import Field, model_validator
from pydantic.dataclasses import dataclass

from analysis.study.design import SETTINGS, Code, FilledLabel, Label, Offset, Window
from analysis.study.time_units import MOST_UNITS

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
Status = Literal[STATUSES]
# Each time unit gets a yes or no; all other measures give one value a person over the follow-up.
AT_A_TIME = "at_a_time"
YES_OR_NO = (AT_A_TIME, "any_time")
# What a person has of it lies between nought and one, if sums are taken as a part of their window.
SHARES = (*YES_OR_NO, "time_in", "full_time_equivalents")
# How long it takes until something holds; never known of those for whom it does not within their observation.
SUSTAINED = "time_to_sustained"
EVENTS = ("time_to_first", SUSTAINED)
JOB_MEASURES = ("jobs", "employers", "full_time_equivalents")
# Statuses of people whom no benefit places: whether they have a job decides between these.
_OF_JOBS = {"no_job_no_benefit", "job_no_benefits", "nav_follow_up_without_benefits"}


@dataclass(frozen=True, config=SETTINGS)
class Step:
    """A change since inclusion that counts as the outcome: one of the statuses `from` then, one of `to` now.

    beside_graded_pension: only for those who also had a graded disability pension at inclusion. with_job: only with a
    job registered now.
    """

    before: Annotated[tuple[Status, ...], Field(alias="from", min_length=1)]
    after: Annotated[tuple[Status, ...], Field(alias="to", min_length=1)]
    beside_graded_pension: bool = False
    with_job: bool = False


@dataclass(frozen=True, config=SETTINGS)
class Outcome:
    """One outcome: what is measured, by which rule.

    measure: `at_a_time` a yes or no for every time unit; over the `window` (default: from the first unit after
    inclusion to the horizon): `any_time` whether it held in any unit; `time_in` in how many; `time_to_first` the first;
    `time_to_sustained` the last of the first `units` in a row, so that it is known when it comes; an unobserved unit
    breaks the row;
    `full_time_equivalents` the units worked, each weighted by agreed hours over full-time hours, at most 1;
    `jobs` and `employers` how many different ones ran at the end of a unit; `amount` the mean yearly income of the
    calendar years after inclusion.
    The yes or no of a unit holds with one of `statuses`, with a job (`has_job`), with agreed hours of at least
    `weekly_hours_min`, or after one of the `steps`.
    """

    code: Code
    label: Label = field(default_factory=dict)
    measure: Literal[
        "at_a_time", "any_time", "time_in", "time_to_first", "time_to_sustained", "full_time_equivalents", "jobs",
        "employers", "amount",
    ] = AT_A_TIME
    statuses: tuple[Status, ...] = ()
    has_job: bool = False
    weekly_hours_min: Annotated[float, Field(gt=0, le=80)] | None = None
    steps: tuple[Step, ...] = ()
    units: Annotated[int, Field(ge=2, le=MOST_UNITS)] | None = None
    window: Window | None = None

    @model_validator(mode="after")
    def _has_a_rule(self) -> "Outcome":
        ruled = bool(self.statuses or self.has_job or self.weekly_hours_min or self.steps)
        if ruled == (self.measure in (*JOB_MEASURES, "amount")):
            raise ValueError(
                "an outcome of measure at_a_time, any_time, time_in, time_to_first or time_to_sustained needs a rule "
                "(statuses, has_job, weekly_hours_min or steps), and no other measure takes one"
            )
        if (self.units is None) == (self.measure == SUSTAINED):
            raise ValueError(f"units, how many in a row count, are given exactly for an outcome of measure {SUSTAINED}")
        if self.measure == AT_A_TIME and self.window:
            raise ValueError("an outcome of measure at_a_time takes no window; late_window says which units are shown")
        return self

    @property
    def is_event(self) -> bool:
        """Whether the outcome of a person is how long it took until something held."""
        return self.measure in EVENTS

    @property
    def registers(self) -> tuple[str, ...]:
        """The tables of spells without which nobody can know whether the rule holds: in an empty one nobody works."""
        jobs = self.has_job or self.weekly_hours_min or self.steps or self.measure in JOB_MEASURES
        of_jobs = ("job_spells",) if jobs or _OF_JOBS & set(self.statuses) else ()
        return (*of_jobs, "benefit_spells") if self.statuses or self.steps else of_jobs

    @property
    def is_yes_or_no(self) -> bool:
        """Whether the outcome of a person is a yes or no, so that its mean is a share."""
        return self.measure in YES_OR_NO

    @property
    def is_share(self) -> bool:
        """Whether what a person has of it lies between nought and one, sums being taken as a part of their window."""
        return self.measure in SHARES


@dataclass(frozen=True, config=SETTINGS)
class Primary:
    """The outcome that the study was planned for, and at which time unit after inclusion."""

    outcome: Code
    at: Annotated[Offset, Field(ge=0)]


@dataclass(frozen=True, config=SETTINGS)
class Subgroup:
    """People looked at apart: a column of `people`, cut at numbers or grouped by its values.

    cuts: lower limits of the higher groups, for a number: [30] gives `under_30` and `from_30`, and [30, 50] `under_30`,
    `from_30_to_50` and `from_50`. groups: group → values; a group without values takes all others. Without either,
    every value is a group, and yes or no gives `yes` and `no`. labels: a label for each group. planned: whether it was
    chosen before anybody saw results; what does not say so counts as post hoc.
    """

    code: Code
    column: Code
    label: FilledLabel
    cuts: tuple[float, ...] = ()
    groups: Mapping[Code, tuple[str, ...]] = field(default_factory=dict)
    labels: Mapping[Code, FilledLabel] = field(default_factory=dict)
    planned: bool = False

    @model_validator(mode="after")
    def _one_way(self) -> "Subgroup":
        if self.cuts and self.groups:
            raise ValueError("a subgroup has cuts or groups, not both")
        if list(self.cuts) != sorted(set(self.cuts)):
            raise ValueError("cuts must rise")
        return self

    @property
    def cut_names(self) -> tuple[str, ...]:
        """Codes of the groups that the cuts make, from the lowest on; none without cuts."""
        ends = [f"{cut:g}".replace(".", "_").replace("-", "minus_") for cut in self.cuts]
        between = (f"from_{low}_to_{high}" for low, high in pairwise(ends))
        return (f"under_{ends[0]}", *between, f"from_{ends[-1]}") if ends else ()


IN_WORK_NO_BENEFITS = Outcome(code="in_work_no_benefits", statuses=("job_no_benefits",))
FULLY_OR_PARTLY_IN_WORK = Outcome(
    code="fully_or_partly_in_work",
    statuses=("job_no_benefits",),
    steps=(
        Step(before=("sick_listed_full",), after=("sick_listed_graded",)),
        Step(before=("aap",), after=("aap_and_job",)),
        Step(
            before=("sick_listed_full", "sick_listed_graded"),
            beside_graded_pension=True,
            after=("disability_pension_graded",),
            with_job=True,
        ),
    ),
)
# What a study is taken to count that declares no outcomes of its own.
USUAL_OUTCOMES = (IN_WORK_NO_BENEFITS, FULLY_OR_PARTLY_IN_WORK)
# Statuses at inclusion put together; a group without statuses takes all others.
USUAL_STATUS_GROUPS: Mapping[str, tuple[str, ...]] = {
    "in_work": ("job_no_benefits", "sick_listed_graded"),
    "sick_listed_full": ("sick_listed_full",),
    "aap": ("aap", "aap_and_job"),
    "other": (),
}

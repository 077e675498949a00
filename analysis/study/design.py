"""The design of a study as its `study.yml` states it: arms, centres, time, dates, columns of its own."""

import re
from collections.abc import Mapping
from dataclasses import field
from datetime import date
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, StringConstraints, model_validator
from pydantic.dataclasses import dataclass

from analysis.study.escaping import plain
from analysis.study.time_units import A_DAY, EARLIEST, LATEST, MOST_UNITS

SETTINGS = ConfigDict(extra="forbid", populate_by_name=True, allow_inf_nan=False)
CODE_PATTERN = r"^[a-z][a-z0-9_]*$"
Code = Annotated[str, StringConstraints(pattern=CODE_PATTERN)]
Text = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True), AfterValidator(plain)]
FileName = Annotated[str, StringConstraints(pattern=r"^\w[\w.-]*$", max_length=100)]
Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}$")]
Label = Mapping[Language, Text]
FilledLabel = Annotated[Label, Field(min_length=1)]
# Time units relative to inclusion.
Offset = Annotated[int, Field(ge=-MOST_UNITS, le=MOST_UNITS)]


def _written_as_date(value: object) -> object:
    """Refuses numbers, which would be taken for seconds since 1970."""
    if not isinstance(value, date) and not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", str(value)):
        raise ValueError(f"The value cannot be used. Allowed is {A_DAY}")
    return value


def _plausible(value: date) -> date:
    if not EARLIEST <= value <= LATEST:
        raise ValueError(f"The value cannot be used. Allowed is {A_DAY}")
    return value


Day = Annotated[date, BeforeValidator(_written_as_date), AfterValidator(_plausible)]


def in_language(label: Label, language: str) -> str:
    """A label in a language, in the first one given if it lacks that language."""
    return label.get(language) or next(iter(label.values()))


@dataclass(frozen=True, config=SETTINGS)
class Arm:
    """One arm of the trial; role says which arm is compared with which.

    short: what pages call the arm for short, written as within a sentence, such as an abbreviation;
    without it, the label.
    """

    code: Code
    role: Literal["treatment", "control"]
    label: FilledLabel
    short: Label = field(default_factory=dict)

    def name(self, language: str) -> str:
        """The arm's label in a language."""
        return in_language(self.label, language)

    def short_name(self, language: str) -> str:
        """The arm's short name, or its label if it has none."""
        return in_language(self.short, language) if self.short else self.name(language)


@dataclass(frozen=True, config=SETTINGS)
class Centre:
    """One centre that included participants, or one place that an evaluation without arms is about."""

    code: Code
    label: Text


@dataclass(frozen=True, config=SETTINGS)
class Horizon:
    """Time units shown before and after the one of inclusion (see `RegisterSettings.unit`)."""

    before: Annotated[Offset, Field(ge=0)]
    after: Annotated[Offset, Field(ge=0)]


@dataclass(frozen=True, config=SETTINGS)
class Window:
    """A span of time units relative to inclusion, both ends included."""

    first: Annotated[Offset, Field(alias="from")]
    last: Annotated[Offset, Field(alias="to")]

    @model_validator(mode="after")
    def _in_order(self) -> "Window":
        if self.first > self.last:
            raise ValueError("A window begins before it ends: from must not be above to")
        return self

    @property
    def units(self) -> range:
        """Every time unit of the window."""
        return range(self.first, self.last + 1)


@dataclass(frozen=True, config=SETTINGS)
class Dates:
    """First and last day of inclusion, and of the register extract."""

    inclusion_start: Day
    inclusion_end: Day
    register_start: Day
    register_end: Day

    @model_validator(mode="after")
    def _in_order(self) -> "Dates":
        if not self.register_start <= self.inclusion_start <= self.inclusion_end <= self.register_end:
            raise ValueError("Dates must follow: register_start, inclusion_start, inclusion_end, register_end")
        return self


@dataclass(frozen=True, config=SETTINGS)
class AllocationPhase:
    """A period with one allocation ratio; ratio maps arm codes to shares, for example two to one."""

    from_date: Annotated[Day, Field(alias="from")]
    to_date: Annotated[Day, Field(alias="to")]
    ratio: Mapping[Code, Annotated[float, Field(gt=0)]]


@dataclass(frozen=True, config=SETTINGS)
class RegisterSettings:
    """How register data become one status a time unit.

    unit: the calendar month, the week from Monday, or the calendar year. aap_work_share_min: share of the agreed hours
    from which time on AAP counts as AAP and job. full_time_weekly_hours: agreed hours of a full-time job.
    """

    unit: Literal["month", "week", "year"] = "month"
    aap_work_share_min: Annotated[float, Field(gt=0, le=1)] = 0.1
    full_time_weekly_hours: Annotated[float, Field(gt=0, le=80)] = 37.5


@dataclass(frozen=True, config=SETTINGS)
class BackgroundColumn:
    """A column of `background.csv` beyond those of the contract: a code with its values, yes or no, or a number.

    values: the codes allowed, for kind `code`, each with its label.
    """

    description: Text
    kind: Literal["code", "flag", "number"] = "code"
    values: Mapping[Code, FilledLabel] = field(default_factory=dict)
    label: Label = field(default_factory=dict)
    unit: Text | None = None

    @model_validator(mode="after")
    def _codes_have_values(self) -> "BackgroundColumn":
        if (self.kind == "code") != bool(self.values):
            raise ValueError("values are given exactly for a column of kind code")
        return self


@dataclass(frozen=True, config=SETTINGS)
class InterviewSettings:
    """Open code lists of the interviews, each code with its label, in the order in which they are shown.

    types: kinds of interview. roles: of informants. themes: what came up. expectation_groups: what users knew
    beforehand. information_sources: where they had heard of the service. work_statuses: their tie to work, first the
    one that counts as being in work. users: the types in which the users themselves speak.
    """

    types: Mapping[Code, FilledLabel] = field(default_factory=dict)
    roles: Mapping[Code, FilledLabel] = field(default_factory=dict)
    themes: Mapping[Code, FilledLabel] = field(default_factory=dict)
    expectation_groups: Mapping[Code, FilledLabel] = field(default_factory=dict)
    information_sources: Mapping[Code, FilledLabel] = field(default_factory=dict)
    work_statuses: Mapping[Code, FilledLabel] = field(default_factory=dict)
    users: tuple[Code, ...] = ()

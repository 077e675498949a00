"""`targets.yml`: who took part, what each column may hold, and which of it the printed numbers measure."""

from collections.abc import Mapping
from dataclasses import field
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, model_validator
from pydantic.dataclasses import dataclass

from analysis.study.design import SETTINGS, Code, Dates, Label, Text
from analysis.study.problems import Problem, StudyProblems
from analysis.study.reading import validated
from analysis.study.yaml_files import Document, YamlProblems, read_document

FILE, CELLS = "targets.yml", "cells.csv"
LONGEST = 120  # months
ADDRESS = r"^[^/]+(/[^/]+){3}$"  # source/row/column/statistic
Number = int | float


@dataclass(frozen=True, config=SETTINGS)
class Range:
    """A number from one end to the other, both included."""

    least: Annotated[Number | None, Field(alias="from")] = None
    most: Annotated[Number | None, Field(alias="to")] = None


# What a column has to hold for somebody to belong: a code, true or false, a number, or a range of numbers.
Conditions = Mapping[Code, bool | Number | Code | Range]


@dataclass(frozen=True, config=SETTINGS)
class DeclaredArm:
    """One arm: how many people, its part in the comparison, its label."""

    people: Annotated[int, Field(ge=1)]
    role: Literal["treatment", "control"]
    label: Text


@dataclass(frozen=True, config=SETTINGS)
class DeclaredColumn:
    """What a column may hold: `values` of a code with their labels, a number with its ends and step, or yes and no.

    shares: of each code among those of whom nothing is printed, one as likely as another unless given. given: the flag
    without which a person has no value. table: where it is written; wave: the questionnaire that asks for it.
    """

    values: Mapping[Code, Text] = field(default_factory=dict)
    least: Annotated[Number | None, Field(alias="from")] = None
    most: Annotated[Number | None, Field(alias="to")] = None
    step: Annotated[float, Field(gt=0)] = 1
    given: Code | None = None
    label: Text | None = None
    written: Code | None = None
    wave: Annotated[int, Field(ge=0, le=LONGEST)] | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> "DeclaredColumn":
        if (self.least is None) != (self.most is None) or (self.values and self.least is not None):
            raise ValueError("a column has values, or a number with both from and to, or neither if it is yes or no")
        if self.least is not None and self.least >= self.most:
            raise ValueError("from must lie below to")
        return self

    @property
    def kind(self) -> str:
        """code, number or flag, as `columns` of study.yml has them."""
        return "code" if self.values else "flag" if self.least is None else "number"


@dataclass(frozen=True, config=SETTINGS)
class Measured:
    """What a row measures: a column, several multiplied, or conditions that hold or do not. where: among whom.

    per: what one unit of the print is in units of the column. adjusted: covariates of a regression coefficient.
    """

    of: Code | tuple[Code, ...] | Conditions
    where: Conditions = field(default_factory=dict)
    per: Annotated[float, Field(gt=0)] = 1
    adjusted: tuple[Code, ...] = ()


@dataclass(frozen=True, config=SETTINGS)
class DeclaredJobs:
    """How jobs are made: from yes or no `at` some months, or from the number of `months` in work; part of full time."""

    at: Mapping[Annotated[int, Field(ge=1, le=LONGEST)], Code] = field(default_factory=dict)
    months: Code | None = None
    part: Code | None = None

    @model_validator(mode="after")
    def _one_way(self) -> "DeclaredJobs":
        if bool(self.at) == bool(self.months):
            raise ValueError("jobs come from at, or from months: give one of the two")
        return self


@dataclass(frozen=True, config=SETTINGS)
class Declaration:
    """All of `targets.yml`. groups: the print's columns, each the people meant, or two groups that are compared.

    measures: source → row → what it measures. assumed: numbers that are not printed and shall hold, by the address that
    they would have. follow_up: last month of the registers, if there are jobs.
    """

    name: Code
    title: Label
    arms: Mapping[Code, DeclaredArm]
    columns: Mapping[Code, DeclaredColumn]
    groups: Mapping[Code, tuple[Code, Code] | Conditions]
    measures: Mapping[Code, Mapping[Code, Code | Measured]]
    dates: Dates
    assumed: Mapping[Annotated[str, Field(pattern=ADDRESS)], Number] = field(default_factory=dict)
    jobs: DeclaredJobs | None = None
    follow_up: Annotated[int, Field(ge=1, le=LONGEST)] | None = None
    seed: int = 1

    @model_validator(mode="after")
    def _with_horizon(self) -> "Declaration":
        if (self.jobs is None) != (self.follow_up is None):
            raise ValueError("follow_up, the last month looked at, is given exactly where there are jobs")
        return self


def cells_of(folder: Path) -> Path:
    """The file of printed numbers, in the folder or in its `published/`; raises StudyProblems without one."""
    places = [folder / CELLS, folder / "published" / CELLS]
    if found := [path for path in places if path.is_file()]:
        return found[0]
    remedy = "List them, one a row: source, row, column, statistic, value, decimals."
    cause = "The printed numbers are missing."
    raise StudyProblems(folder, [Problem(CELLS, None, None, "missing_file", cause, remedy)])


def read_declaration(folder: Path) -> tuple[Declaration, Document]:
    """`targets.yml` of a folder; raises StudyProblems with every fault and its line."""
    if not (folder / FILE).is_file():
        remedy = f"Add {FILE}; data/examples/coaching/{FILE} is a complete example."
        raise StudyProblems(folder, [Problem(FILE, None, None, "missing_file", "The declaration is missing.", remedy)])
    try:
        document = read_document(folder / FILE)
    except YamlProblems as error:
        raise StudyProblems(folder, error.problems) from error
    declared, problems = validated(document, FILE, Declaration)
    if declared is None:
        raise StudyProblems(folder, problems)
    return declared, document

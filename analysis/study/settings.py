"""The settings of a study, read from its `study.yml` into frozen dataclasses.

Every key is declared here: a missing, misspelt or impossible setting becomes a `Problem` with the line in the file.
"""

from collections.abc import Mapping
from dataclasses import field
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError, model_validator
from pydantic.dataclasses import dataclass
from typing_extensions import TypedDict

from analysis.study.problems import Problem, StudyProblems
from analysis.study.yaml_files import Document, YamlProblems, read_document

FILE = "study.yml"
# Disclosure policies that this version can apply; a study that names another is not opened.
POLICIES = ("as_published",)
_SETTINGS = ConfigDict(extra="forbid", populate_by_name=True)
Code = str
Label = Mapping[str, str]


@dataclass(frozen=True, config=_SETTINGS)
class Arm:
    """One arm of the trial; role says which arm is compared with which.

    short: what tables, figures and sentences call the arm for short, such as an abbreviation; without it, the label.
    """

    code: Code
    role: Literal["treatment", "control"]
    label: Label
    short: Label = field(default_factory=dict)

    def name(self, language: str) -> str:
        """The arm's label in a language, in the first one given if it lacks that language."""
        return self.label.get(language) or next(iter(self.label.values()))

    def short_name(self, language: str) -> str:
        """The arm's short name, or its label if it has none."""
        return self.short.get(language) or next(iter(self.short.values()), self.name(language))


@dataclass(frozen=True, config=_SETTINGS)
class Centre:
    """One centre that included participants."""

    code: Code
    label: str


@dataclass(frozen=True, config=_SETTINGS)
class Horizon:
    """Months shown before and after the month of inclusion."""

    before: Annotated[int, Field(ge=0)]
    after: Annotated[int, Field(ge=0)]


@dataclass(frozen=True, config=_SETTINGS)
class Dates:
    """First and last day of inclusion, and of the register extract."""

    inclusion_start: date
    inclusion_end: date
    register_start: date
    register_end: date

    @model_validator(mode="after")
    def _in_order(self) -> "Dates":
        if not self.register_start <= self.inclusion_start <= self.inclusion_end <= self.register_end:
            raise ValueError("Dates must follow: register_start, inclusion_start, inclusion_end, register_end")
        return self


@dataclass(frozen=True, config=_SETTINGS)
class AllocationPhase:
    """A period with one allocation ratio; ratio maps arm codes to shares, for example sfj 2 and control 1."""

    from_date: Annotated[date, Field(alias="from")]
    to_date: Annotated[date, Field(alias="to")]
    ratio: Mapping[Code, float]


@dataclass(frozen=True, config=_SETTINGS)
class RegisterSettings:
    """How register data become monthly statuses."""

    aap_work_share_min: Annotated[float, Field(gt=0, le=1)]
    full_time_weekly_hours: Annotated[float, Field(gt=0)]


class HadsSettings(TypedDict):
    """Unanswered items that may be replaced in a subscale; lowest subscale score that counts as a case."""

    max_missing_per_subscale: int
    caseness_from: int


class Eq5dSettings(TypedDict):
    """Name of the value set that turns answers into an index."""

    value_set: str


class SumScoreSettings(TypedDict):
    """Unanswered items that may be replaced before a sum counts as missing."""

    max_missing: int


class Ips25Settings(TypedDict):
    """Lowest sum score of each band of fidelity."""

    bands: Mapping[str, int]


class InstrumentSettings(TypedDict):
    """Scoring rules of the instruments, read as `study.instruments["hads"]["caseness_from"]`."""

    hads: HadsSettings
    eq5d: Eq5dSettings
    shc: SumScoreSettings
    chalder: SumScoreSettings
    ips25: Ips25Settings


for _settings in (HadsSettings, Eq5dSettings, SumScoreSettings, Ips25Settings, InstrumentSettings):
    _settings.__pydantic_config__ = ConfigDict(extra="forbid")


@dataclass(frozen=True, config=_SETTINGS)
class EconomicInput:
    """One input of the cost-benefit analysis: a number, or numbers by year, service or group."""

    value: float | Mapping[str | int, float]
    unit: Annotated[str, Field(min_length=1)]
    price_year: int | None
    source: Annotated[str, Field(min_length=10)]


@dataclass(frozen=True, config=_SETTINGS)
class Study:
    """All settings of one study. Codes of arms and centres are those of its tables."""

    name: str
    title: Label
    data: Literal["synthetic", "real"]
    disclosure: Literal["as_published", "protected"]
    arms: tuple[Arm, ...]
    centres: Annotated[tuple[Centre, ...], Field(min_length=1)]
    waves: Annotated[tuple[int, ...], Field(min_length=1)]
    horizon: Horizon
    dates: Dates
    allocation_phases: tuple[AllocationPhase, ...]
    instruments: InstrumentSettings
    registers: RegisterSettings
    economics: Mapping[str, EconomicInput] = field(default_factory=dict)

    @model_validator(mode="after")
    def _one_arm_per_role(self) -> "Study":
        if sorted(arm.role for arm in self.arms) != ["control", "treatment"]:
            raise ValueError("arms must hold exactly one treatment arm and one control arm")
        for codes in (self.arm_codes, self.centre_codes):
            if len(set(codes)) < len(codes):
                raise ValueError("codes of arms and of centres must be unique")
        return self

    @property
    def treatment(self) -> Code:
        """Code of the arm whose effect is estimated."""
        return next(arm.code for arm in self.arms if arm.role == "treatment")

    @property
    def control(self) -> Code:
        """Code of the arm it is compared with."""
        return next(arm.code for arm in self.arms if arm.role == "control")

    @property
    def contrast(self) -> str:
        """Name of the comparison in estimate frames, for example `sfj_vs_control`."""
        return f"{self.treatment}_vs_{self.control}"

    @property
    def arm_codes(self) -> tuple[Code, ...]:
        """Codes of the arms in the order of the file."""
        return tuple(arm.code for arm in self.arms)

    @property
    def centre_codes(self) -> tuple[Code, ...]:
        """Codes of the centres in the order of the file."""
        return tuple(centre.code for centre in self.centres)


def read_settings(folder: Path) -> Study:
    """Read `study.yml` of a study folder.

    Raises StudyProblems with every missing, unknown or impossible setting, each with its line in the file.
    """
    path = Path(folder) / FILE
    if not path.is_file():
        problem = Problem(
            FILE,
            None,
            None,
            "missing_file",
            "The settings of the study are missing.",
            f"Add {FILE}; data/sfj/{FILE} is a complete example.",
        )
        raise StudyProblems(folder, [problem])
    try:
        document = read_document(path)
    except YamlProblems as error:
        raise StudyProblems(folder, error.problems) from error
    study, problems = _validated(document)
    problems += document.repeated
    if problems or study is None:
        raise StudyProblems(folder, sorted(problems, key=lambda problem: problem.row or 0))
    return study


def _validated(document: Document) -> tuple[Study | None, list[Problem]]:
    try:
        study = TypeAdapter(Study).validate_python(document.content)
        return study, [] if study.disclosure in POLICIES else [_policy_problem(document)]
    except ValidationError as error:
        problems = [_setting_problem(fault, document) for fault in error.errors()]
    first_of_each = {(problem.row, problem.column): problem for problem in reversed(problems)}
    return None, list(reversed(first_of_each.values()))


def _policy_problem(document: Document) -> Problem:
    cause = f"This version does not have the policy; it has: {', '.join(POLICIES)}. Nothing is shown without one."
    remedy = "Use a version that has it, or name another if the rules for these data allow."
    return Problem(FILE, document.line(("disclosure",)), "disclosure", "unknown_policy", cause, remedy)


_REMEDIES = {
    "missing": "Add the setting.",
    "unexpected_keyword_argument": "Remove the setting or correct its spelling.",
    "extra_forbidden": "Remove the setting or correct its spelling.",
}
_KINDS = {
    "missing": "missing_setting",
    "unexpected_keyword_argument": "unknown_setting",
    "extra_forbidden": "unknown_setting",
}
_CAUSES = {"missing_setting": "A required setting is missing.", "unknown_setting": "This setting is not known."}


def _setting_problem(fault: Mapping[str, Any], document: Document) -> Problem:
    location = tuple(part for part in fault["loc"] if not _is_type_tag(part))
    name = ".".join(str(part) for part in location) or None
    kind = _KINDS.get(fault["type"], "impossible_setting")
    message = _allowed(fault) or fault["msg"].removeprefix("Value error, ").rstrip(".") + "."
    remedy = _REMEDIES.get(fault["type"], "Correct the setting; data/sfj/study.yml is a complete example.")
    return Problem(FILE, document.line(location), name, kind, _CAUSES.get(kind, message), remedy)


def _allowed(fault: Mapping[str, Any]) -> str | None:
    """What may stand in a setting, for the faults that people make most, in the words used for cells of tables."""
    if fault["type"].startswith("date_"):
        return "The value cannot be used. Allowed is a date written YYYY-MM-DD."
    if fault["type"] == "literal_error":
        names = fault["ctx"]["expected"].replace("'", "").replace(" or ", ", ")
        return f"The value cannot be used. Allowed is one of {names}."
    return None


def _is_type_tag(part: str | int) -> bool:
    """Pydantic names the member of a union it tried last in the location; that is no part of the path in the file."""
    return isinstance(part, str) and (part in {"float", "[key]"} or part.startswith("dict["))

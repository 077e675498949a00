"""The settings of a study as frozen dataclasses; `reading` makes them from its `study.yml`.

Every key is declared here, in `design`, in `economics`, in `instrument_rules` or in `outcome_rules`.
"""

from collections.abc import Collection, Mapping
from dataclasses import field, replace
from typing import Annotated, Literal

from pydantic import Field
from pydantic.dataclasses import dataclass

from analysis.study.as_printed import AsPrinted
from analysis.study.contract.answer_tables import LAST_WAVE
from analysis.study.design import (
    SETTINGS,
    AllocationPhase,
    Arm,
    BackgroundColumn,
    Centre,
    Code,
    Dates,
    FilledLabel,
    Horizon,
    InterviewSettings,
    RegisterSettings,
    Window,
)
from analysis.study.economics import Economics
from analysis.study.instrument_rules import InstrumentSettings
from analysis.study.outcome_rules import (
    AT_A_TIME,
    USUAL_OUTCOMES,
    USUAL_STATUS_GROUPS,
    Outcome,
    Primary,
    Status,
    Subgroup,
)

FILE = "study.yml"
# Covariates of the adjusted models of a study that names none; those it cannot give are left out.
USUAL_COVARIATES = (
    "woman",
    "age",
    "married",
    "education_primary",
    "education_higher",
    "born_outside_norway",
    "income_year_before_inclusion_1000nok",
    "income_below_G_year_before_inclusion",
    "good_self_rated_health",
    "positive_expectation_of_work",
)


@dataclass(frozen=True, config=SETTINGS)
class Study:
    """All settings of one study. Codes of arms and centres are those of its tables.

    What a study does not have is left out: arms (two, or none for an evaluation without comparison; one without
    comparison, too), centres, waves of questionnaires, registers (horizon and dates), instruments, economics,
    interviews. alternative_outcomes: other ways to count the aim, which the study did not plan; they stand beside
    the primary result and nowhere else. randomised: whether people were drawn to the arms; differences between arms
    that were not are refused. status_group_labels: a label for each group of `status_groups` that the usual ones do
    not have. companions: studies that are parts of the same book, each a folder beside this one or one that comes
    with the program. as_printed: the ways of the report that the study's own published figures are from, None
    without one. disclosure: whether small numbers may be told as they are; protected is for all but invented
    people. smallest_group: the fewest people that a protected study tells of. rounding: what its numbers of people are
    rounded to, None to tell them as they are.
    """

    name: Code
    title: FilledLabel
    data: Literal["synthetic", "real"]
    disclosure: Literal["as_published", "protected"] = "protected"
    smallest_group: Annotated[int, Field(ge=2, le=100)] = 5
    rounding: Annotated[int, Field(ge=2, le=100)] | None = None
    arms: tuple[Arm, ...] = ()
    randomised: bool = True
    centres: tuple[Centre, ...] = ()
    waves: tuple[Annotated[int, Field(ge=0, le=LAST_WAVE)], ...] = ()
    horizon: Horizon | None = None
    dates: Dates | None = None
    allocation_phases: tuple[AllocationPhase, ...] = ()
    instruments: InstrumentSettings = field(default_factory=dict)
    registers: RegisterSettings = field(default_factory=RegisterSettings)
    columns: Mapping[Code, BackgroundColumn] = field(default_factory=dict)
    outcomes: tuple[Outcome, ...] = USUAL_OUTCOMES
    alternative_outcomes: tuple[Outcome, ...] = ()
    primary: Primary | None = None
    late_window: Window | None = None
    status_groups: Mapping[Code, tuple[Status, ...]] = field(default_factory=lambda: dict(USUAL_STATUS_GROUPS))
    status_group_labels: Mapping[Code, FilledLabel] = field(default_factory=dict)
    subgroups: tuple[Subgroup, ...] = ()
    covariates: tuple[str, ...] = USUAL_COVARIATES
    economics: Economics = field(default_factory=Economics)
    interviews: InterviewSettings = field(default_factory=InterviewSettings)
    companions: tuple[Code, ...] = ()
    as_printed: AsPrinted | None = None

    @property
    def has_arms(self) -> bool:
        """Whether there are two arms to compare."""
        return len(self.arms) == 2

    @property
    def has_registers(self) -> bool:
        """Whether there is a horizon, so that people can be followed in registers."""
        return self.horizon is not None and self.dates is not None

    @property
    def unit(self) -> str:
        """What time is counted in: month, week or year; also the name of the column that holds it."""
        return self.registers.unit

    @property
    def monthly_outcomes(self) -> tuple[str, ...]:
        """Codes of the outcomes that are a yes or no at every time unit."""
        return tuple(outcome.code for outcome in self.outcomes if outcome.measure == AT_A_TIME)

    @property
    def primary_outcome(self) -> str:
        """Code of the outcome that the study was planned for; without the setting, the last one at a time."""
        return self.primary.outcome if self.primary else self.monthly_outcomes[-1]

    @property
    def primary_at(self) -> int:
        """The time unit at which the primary outcome is read; without the setting, the last one shown."""
        return self.primary.at if self.primary else self.horizon.after

    @property
    def late(self) -> Window:
        """The time units whose results are shown one by one; without the setting, from the primary one on."""
        return self.late_window or Window(first=self.primary_at, last=self.horizon.after)

    @property
    def follow_up_waves(self) -> tuple[int, ...]:
        """The waves of questionnaires after inclusion."""
        return tuple(wave for wave in self.waves if wave > 0)

    def outcome(self, code: str) -> Outcome:
        """The outcome with this code, planned or not; KeyError if there is none."""
        return {outcome.code: outcome for outcome in (*self.outcomes, *self.alternative_outcomes)}[code]

    def told_by(self, registers: Collection[str]) -> "Study":
        """The study with those outcomes that these tables can tell; as it is where its primary one is not among them.

        Then nothing is said of work at all. In an empty register of jobs nobody works, which is no finding.
        """
        if not self.outcomes or not self.monthly_outcomes or self._lacks(self.outcome(self.primary_outcome), registers):
            return self
        kept = {name: tuple(outcome for outcome in getattr(self, name) if not self._lacks(outcome, registers))
                for name in ("outcomes", "alternative_outcomes")}  # fmt: skip
        return replace(self, **kept)

    @staticmethod
    def _lacks(outcome: Outcome, registers: Collection[str]) -> bool:
        return not set(outcome.registers) <= set(registers)

    @property
    def outcome_family(self) -> tuple[Outcome, ...]:
        """The primary outcome, then all others that are a share from nought to one: declared, then alternative."""
        shares = [outcome for outcome in (*self.outcomes, *self.alternative_outcomes) if outcome.is_share]
        return tuple(sorted(shares, key=lambda outcome: outcome.code != self.primary_outcome))

    @property
    def treatment(self) -> Code:
        """Code of the arm whose effect is estimated; StopIteration without one."""
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

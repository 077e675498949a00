"""Inputs of the cost-benefit analysis as `study.yml` states them, each with its allowed range, and faults between them.

Every input is optional, and so is the whole. What a study does not price is no part of its evaluation; what it prices
and the data do not hold is unknown.
"""

from collections.abc import Iterator, Mapping
from dataclasses import field, fields
from typing import TYPE_CHECKING, Annotated, Generic, Literal, TypeVar, get_type_hints

from pydantic import Field, TypeAdapter, ValidationError, model_validator
from pydantic.dataclasses import dataclass
from typing_extensions import TypedDict

from analysis.study.design import SETTINGS, Code, FilledLabel, Offset, Text
from analysis.study.outcome_rules import Status
from analysis.study.problems import Fault

if TYPE_CHECKING:
    from analysis.study.settings import Study

Value = TypeVar("Value")
Share = Annotated[float, Field(ge=0, le=1)]
Amount = Annotated[float, Field(ge=0)]
Positive = Annotated[float, Field(gt=0)]
Year = Annotated[int, Field(ge=1900, le=2200)]
YearAfter = Annotated[int, Field(ge=1)]
Span = TypedDict("Span", {"from": Offset, "to": Offset})
# Services with a fee of their own; consultations at district psychiatric centres are priced as psychologists'.
PricedService = Literal["general_practitioner", "psychologist", "physiotherapist", "chiropractor"]
Measure = Literal[
    "supported_employment_arbeid_med_bistand", "amo_labour_market_training", "clarification_avklaring",
    "individual_follow_up", "job_club", "wage_subsidy", "work_practice_sheltered", "work_practice_ordinary",
    "education", "other",
]  # fmt: skip
Effect = Literal["full_job", "partial_job"]
Distribution = Literal["normal", "gamma", "beta", "uniform", "triangular"]
View = Literal["society", "public_purse"]
# Costs of the treatment arm that an evaluation may leave out.
LeftOut = Literal["other_measures", PricedService]
_PRICED = ("injury_insurance", "centre_appropriation", "job_consultant_monthly_rate", "programme_cost_per_case",
           "consultation_fee", "measure_monthly_rate")  # fmt: skip


@dataclass(frozen=True, config=SETTINGS)
class EconomicInput(Generic[Value]):
    """One input of the cost-benefit analysis: a number, or numbers by year, service or measure."""

    value: Value
    unit: Text
    price_year: Year | None
    source: Annotated[Text, Field(min_length=10)]


@dataclass(frozen=True, config=SETTINGS)
class Uncertainty:
    """How far an input that is a single number may be from its value, for one-way and probabilistic analyses.

    uniform and triangular (peak at the value): between `low` and `high`. normal, gamma and beta: with the value as
    mean, and `low` to `high` as wide as their middle 95%.
    """

    distribution: Distribution
    low: float
    high: float
    source: Annotated[Text, Field(min_length=10)]

    @model_validator(mode="after")
    def _in_order(self) -> "Uncertainty":
        if not self.low < self.high:
            raise ValueError("low must be below high")
        return self


@dataclass(frozen=True, config=SETTINGS)
class Population:
    """The people an evaluation is about: with one of the statuses at inclusion, or in some groups of a subgroup.

    Without either, everybody. The first population of a study is the one its main result is about.
    """

    label: FilledLabel
    statuses: tuple[Status, ...] = ()
    subgroup: Code | None = None
    groups: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _chosen_one_way(self) -> "Population":
        if bool(self.groups) != (self.subgroup is not None):
            raise ValueError("a population by subgroup names the subgroup and one or more of its groups")
        if self.statuses and self.subgroup:
            raise ValueError("a population has statuses or a subgroup, not both")
        return self


@dataclass(frozen=True, config=SETTINGS)
class ScenarioSetting:
    """The first population under other assumptions; what is not named stays as in the evaluation.

    inputs: other values of single-number inputs. effects: the effects that count. not_counted_for_treatment: costs of
    the treatment arm left out. best_centres: the effects at so many centres, those with the largest effect on full
    work. discount_by_steps: discounted with `discount_rate_steps`. before_window: counts work from the month after
    inclusion up to the effect window, too. caseload_of_trial: as many cases a year as the trial allocated. health:
    adds quality-adjusted life years at `value_of_qaly`. view: society's or that of public budgets. added: looked at
    beyond the published report, in a table and figure of its own.
    """

    label: FilledLabel
    inputs: Mapping[Code, float] = field(default_factory=dict)
    effects: tuple[Effect, ...] = ("full_job", "partial_job")
    not_counted_for_treatment: tuple[LeftOut, ...] | None = None
    best_centres: Annotated[int, Field(ge=1)] | None = None
    discount_by_steps: bool = False
    before_window: bool = False
    caseload_of_trial: bool = False
    health: bool = False
    view: View = "society"
    added: bool = False


@dataclass(frozen=True, config=SETTINGS)
class WorkOutcomes:
    """Codes of the outcomes at a time whose effects are valued: full work, and full or partial work."""

    full: Code = "in_work_no_benefits"
    full_or_partial: Code = "fully_or_partly_in_work"


@dataclass(frozen=True, config=SETTINGS)
class Economics(Mapping[str, EconomicInput]):
    """Everything below `economics:`; a mapping from the names of the inputs given to the inputs.

    Shares lie between 0 and 1, amounts are zero or more, prices of years positive. The programme costs either
    `programme_cost_per_case`, or the year's appropriation and bought months of job consultants over the year's cases:
    `cases_per_year`, or those closed in a third of a year times the thirds a year has. `effect_window` and
    `measure_window` are months after inclusion, both ends counted.
    """

    employer_contribution_rate: EconomicInput[Share] | None = None
    pension_cost_rate: EconomicInput[Share] | None = None
    injury_insurance: EconomicInput[Amount] | None = None
    income_tax_rate: EconomicInput[Share] | None = None
    labour_supply_elasticity: EconomicInput[Amount] | None = None
    leisure_share_of_net_wage: EconomicInput[Share] | None = None
    disability_pension_rate: EconomicInput[Share] | None = None
    disability_pension_tax_rate: EconomicInput[Share] | None = None
    marginal_cost_of_public_funds: EconomicInput[Share] | None = None
    discount_rate: EconomicInput[Share] | None = None
    discount_rate_steps: EconomicInput[Mapping[YearAfter, Share]] | None = None
    effect_window: EconomicInput[Span] | None = None
    partial_work_weight: EconomicInput[Share] | None = None
    cost_year: EconomicInput[Year] | None = None
    gain_year: EconomicInput[Year] | None = None
    effect_duration_years: EconomicInput[Positive] | None = None
    effect_decay: EconomicInput[Share] | None = None
    value_of_qaly: EconomicInput[Amount] | None = None
    programme_cost_per_case: EconomicInput[Amount] | None = None
    centre_appropriation: EconomicInput[Amount] | None = None
    job_consultant_months: EconomicInput[Amount] | None = None
    job_consultant_monthly_rate: EconomicInput[Amount] | None = None
    cases_per_year: EconomicInput[Positive] | None = None
    cases_closed_first_third: EconomicInput[Positive] | None = None
    thirds_per_year: EconomicInput[Annotated[float, Field(gt=0, le=3)]] | None = None
    consultation_fee: EconomicInput[Mapping[PricedService, Amount]] | None = None
    measure_monthly_rate: EconomicInput[Mapping[Measure, Amount]] | None = None
    measure_window: EconomicInput[Span] | None = None
    supported_employment_from_month: EconomicInput[int] | None = None
    basic_amount: EconomicInput[Mapping[Year, Positive]] | None = None
    consumer_price_index: EconomicInput[Mapping[Year, Positive]] | None = None
    income_price_year: EconomicInput[Year] | None = None
    populations: Mapping[Code, Population] = field(default_factory=dict)
    scenarios: Mapping[Code, ScenarioSetting] = field(default_factory=dict)
    uncertainty: Mapping[Code, Uncertainty] = field(default_factory=dict)
    not_counted_for_treatment: tuple[LeftOut, ...] = ()
    work_outcomes: WorkOutcomes = field(default_factory=WorkOutcomes)

    def __getitem__(self, name: str) -> EconomicInput:
        given = getattr(self, name, None) if name in INPUTS else None
        if given is None:
            raise KeyError(name)
        return given

    def __iter__(self) -> Iterator[str]:
        return (name for name in INPUTS if getattr(self, name) is not None)

    def __len__(self) -> int:
        return sum(1 for _ in self)


_OTHER_SETTINGS = ("populations", "scenarios", "uncertainty", "not_counted_for_treatment", "work_outcomes")
INPUTS = tuple(each.name for each in fields(Economics) if each.name not in _OTHER_SETTINGS)
_TYPES = get_type_hints(Economics, include_extras=True)


def economics_faults(study: "Study") -> Iterator[Fault]:
    """Path of a setting below `economics`, what is wrong with it beside the other settings, and what to do."""
    for check in (_years, _windows, _prices, _populations, _scenarios, _uncertainty, _outcomes):
        for place, cause, remedy in check(study):
            yield Fault(("economics", *place), cause, remedy)


def _years(study: "Study") -> Iterator[Fault]:
    given = study.economics
    if {"cost_year", "gain_year"} <= set(given) and given["gain_year"].value < given["cost_year"].value:
        yield Fault(("gain_year", "value"), "Gains cannot fall in a year before the costs.", "Correct a year.")
    yield from _discount_rates(given)
    used = _years_before_inclusion(study)
    for name in ("basic_amount", "consumer_price_index"):
        lacking = sorted(used - set(given[name].value)) if name in given else []
        if lacking:
            years = ", ".join(map(str, lacking))
            cause = f"Incomes of the year before inclusion need a value for every year; {years} is missing."
            yield Fault((name, "value"), cause, "Add the missing years.")
    index = given["consumer_price_index"].value if "consumer_price_index" in given else {}
    if index and "income_price_year" in given and given["income_price_year"].value not in index:
        cause = "The consumer price index has no value for this year."
        yield Fault(("income_price_year", "value"), cause, "Choose another year, or add it to the index.")


def _discount_rates(given: Economics) -> Iterator[Fault]:
    if "discount_rate_steps" not in given:
        return
    first = given["discount_rate_steps"].value.get(1)
    place = ("discount_rate_steps", "value")
    if first is None:
        yield Fault(place, "There is no rate from year 1 after the costs on.", "Add it.")
    elif "discount_rate" in given and given["discount_rate"].value != first:
        cause = f"The rate from year 1 on is {first}, and discount_rate is {given['discount_rate'].value}."
        yield Fault(place, cause, "Give both the same value.")


def _years_before_inclusion(study: "Study") -> set[int]:
    if study.dates is None:
        return set()
    return set(range(study.dates.inclusion_start.year - 1, study.dates.inclusion_end.year))


def _windows(study: "Study") -> Iterator[Fault]:
    for name in ("effect_window", "measure_window"):
        if name in study.economics and study.economics[name].value["from"] > study.economics[name].value["to"]:
            yield Fault((name, "value"), "A window ends after it begins: from must not be above to.")


def _prices(study: "Study") -> Iterator[Fault]:
    for name in _PRICED:
        if name in study.economics and study.economics[name].price_year is None:
            yield Fault((name, "price_year"), "An amount of money needs the year of its prices.", "Add the year.")


def _populations(study: "Study") -> Iterator[Fault]:
    subgroups = {subgroup.code: subgroup for subgroup in study.subgroups}
    for code, population in study.economics.populations.items():
        if population.subgroup is None:
            continue
        if population.subgroup not in subgroups:
            known = ", ".join(subgroups) or "none"
            yield Fault(("populations", code, "subgroup"), f"The study has no such subgroup. It has: {known}.")
            continue
        declared = set(subgroups[population.subgroup].groups) | set(subgroups[population.subgroup].labels)
        if declared and not set(population.groups) <= declared:
            cause = f"The subgroup has no such group. It has: {', '.join(sorted(declared))}."
            yield Fault(("populations", code, "groups"), cause)


def _scenarios(study: "Study") -> Iterator[Fault]:
    given = study.economics
    for code, scenario in given.scenarios.items():
        for name, value in scenario.inputs.items():
            cause = _fault_of_change(given, name, value)
            if cause:
                yield Fault(("scenarios", code, "inputs", name), cause)
        if scenario.discount_by_steps and "discount_rate_steps" not in given:
            cause = "The study gives no discount_rate_steps."
            yield Fault(("scenarios", code, "discount_by_steps"), cause, "Add the input, or remove this line.")
        if scenario.best_centres and scenario.best_centres > len(study.centres):
            cause = f"The study has only {len(study.centres)} centres."
            yield Fault(("scenarios", code, "best_centres"), cause, "Choose fewer.")
        if scenario.caseload_of_trial and study.dates is None:
            cause = "The study gives no dates of inclusion."
            yield Fault(("scenarios", code, "caseload_of_trial"), cause, "Add the dates, or remove this line.")
        if scenario.health and not ("value_of_qaly" in given and "eq5d" in study.instruments):
            cause = "Health needs the input value_of_qaly and the instrument eq5d, and the study has not both."
            yield Fault(("scenarios", code, "health"), cause, "Add them, or remove this line.")


def _uncertainty(study: "Study") -> Iterator[Fault]:
    given = study.economics
    for name, spread in given.uncertainty.items():
        place = ("uncertainty", name)
        cause = next(filter(None, (_fault_of_change(given, name, end) for end in (spread.low, spread.high))), None)
        if cause:
            yield Fault(place, cause)
        elif not spread.low <= given[name].value <= spread.high:
            cause = f"The value of the input, {given[name].value}, does not lie between low and high."
            yield Fault(place, cause, "Widen them.")


def _fault_of_change(given: Economics, name: str, value: float) -> str | None:
    if name not in given:
        return "Only inputs that the study gives can be changed; this is none of them."
    if isinstance(given[name].value, Mapping):
        return "Only inputs that are a single number can be changed; this one is not."
    try:
        changed_input(given, name, value)
    except ValidationError as error:
        return error.errors()[0]["msg"] + "."
    return None


def changed_input(economics: Economics, name: str, value: float) -> EconomicInput:
    """One input with another value; ValidationError if its range does not allow it."""
    old = economics[name]
    settings = {"value": value, "unit": old.unit, "price_year": old.price_year, "source": old.source}
    return TypeAdapter(_TYPES[name]).validate_python(settings)


def _outcomes(study: "Study") -> Iterator[Fault]:
    if "effect_window" not in study.economics:
        return
    chosen = study.economics.work_outcomes
    for setting, code in (("full", chosen.full), ("full_or_partial", chosen.full_or_partial)):
        if code not in study.monthly_outcomes:
            known = ", ".join(study.monthly_outcomes) or "none"
            cause = f"The effects on work need an outcome at a time, and {code} is none. There is: {known}."
            yield Fault(("work_outcomes", setting), cause, "Name the study's own outcomes in economics.work_outcomes.")

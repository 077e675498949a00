"""From a declaration and printed numbers to people whose figures are the printed ones."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.published.scorecard import read_published
from analysis.study.problems import Fault, Problem, StudyProblems
from analysis.study.reading import setting_problem

from . import statistics as st
from .declaration import (
    CELLS,
    FILE,
    Declaration,
    DeclaredColumn,
    Measured,
    Range,
    cells_of,
    read_declaration,
)
from .diagnose import contradictions, reached
from .moves import Column, Moves
from .solve import Report, solve
from .start import first_values
from .targets import Target, puzzle_of

ARM = "arm"
# Statistics of one group: of an event, of a number. p of a comparison is that of its own test.
OF_EVENT = {"n": None, "pct": 100.0, "proportion": 1.0, "share": 1.0}
OF_NUMBER = ("mean", "sd", "se", "ci_low", "ci_high")
OF_COMPARISON = ("difference", "se", "t", "p", "df", "ci_low", "ci_high")
OF_SHARES = ("difference", "z", "p", "ci_low", "ci_high")
OF_REGRESSION = ("b", "se", "t", "p", "df", "ci_low", "ci_high")
OF_RANKS = ("rank_sum", "z")


@dataclass(frozen=True)
class Made:
    """Calibrated people: the seed, values (people × columns, the arm first), what each target reached (`reached`),
    numbers that cannot hold together, and addresses of printed numbers that nothing measures."""

    declared: Declaration
    seed: int
    values: np.ndarray
    reached: pd.DataFrame
    conflicts: list[list[str]]
    unmeasured: list[str]


class Reading:
    """The names of a declaration as columns of numbers, and its conditions and measures as statistics."""

    def __init__(self, declared: Declaration) -> None:
        self.declared = declared
        self.place = {name: number for number, name in enumerate([ARM, *declared.columns])}
        self.codes = {ARM: list(declared.arms)}
        self.codes |= {name: list(each.values) for name, each in declared.columns.items() if each.values}

    def spec(self, column: DeclaredColumn) -> Column:
        """What a column may hold, as numbers."""
        if column.kind == "number":
            return Column(float(column.least), float(column.most), column.step)
        return Column(0.0, float(max(len(column.values) - 1, 1)), is_code=True)

    @property
    def columns(self) -> dict[int, Column]:
        """Every column but the arm by its place."""
        return {self.place[name]: self.spec(column) for name, column in self.declared.columns.items()}

    @property
    def sizes(self) -> dict[float, int]:
        """People by stratum."""
        return {float(number): arm.people for number, arm in enumerate(self.declared.arms.values())}

    def who(self, conditions: Mapping) -> st.Who:
        """The conditions on numbers; a column that is only given to some asks that they are among them."""
        found = set()
        for name, value in conditions.items():
            low, high = self._ends(name, value)
            found |= {st.Condition(self.place[name], low, high)} | self.given(name)
        return frozenset(found)

    def _ends(self, name: str, value: object) -> tuple[float, float]:
        if isinstance(value, Range):
            ends = zip((value.least, value.most), (-np.inf, np.inf), strict=True)
            return tuple(open_end if end is None else float(end) for end, open_end in ends)
        at = float(self.codes[name].index(value) if name in self.codes else value)
        return at, at

    def given(self, name: str) -> set[st.Condition]:
        """What somebody has to meet to have a value in a column."""
        given = self.declared.columns[name].given if name in self.declared.columns else None
        return {st.Condition(self.place[given], 1.0, 1.0)} if given else set()

    def statistic(self, measured: Measured, group: object, statistic: str) -> st.Statistic | None:
        """What a printed number is of the people; None if no statistic of this name is known for it."""
        who, columns = self.who(measured.where), self._columns(measured.of)
        who |= frozenset().union(*(self.given(name) for name in (*columns, *measured.adjusted)))
        event = self._event(measured.of)
        if isinstance(group, tuple):
            first, second = (who | self.who(self.declared.groups[name]) for name in group)
            return self._compared(measured, first, second, event, statistic)
        who |= self.who(group)
        if statistic == "n":
            return st.people(who | (event or frozenset()))
        if event is not None:
            scale = OF_EVENT.get(statistic)
            return st.share(who, event, scale) if scale else None
        measure = tuple(self.place[name] for name in columns)
        return st.mean_statistic(statistic, who, measure, 1 / measured.per) if statistic in OF_NUMBER else None

    def _compared(
        self, measured: Measured, first: st.Who, second: st.Who, event: st.Who | None, statistic: str
    ) -> st.Statistic | None:
        if event is not None:
            scale = 100.0 if statistic == "pct" else 1.0
            name = {"pct": "difference"}.get(statistic, statistic)
            return st.share_difference(name, first, second, event, scale) if name in OF_SHARES else None
        columns = self._columns(measured.of)
        places = tuple(self.place[name] for name in columns)
        if statistic in OF_RANKS and len(places) == 1:
            levels = self.columns[places[0]].levels
            return st.rank_statistic(statistic, first, second, places[0], levels)
        if measured.adjusted or statistic == "b":
            covariates = [self.place[name] for name in measured.adjusted]
            known = statistic in OF_REGRESSION and len(places) == 1
            return st.coefficient(statistic, first, second, places[0], covariates) if known else None
        known = statistic in OF_COMPARISON
        return st.difference_statistic(statistic, first, second, places, 1 / measured.per) if known else None

    def _columns(self, of: object) -> tuple[str, ...]:
        return (of,) if isinstance(of, str) else of if isinstance(of, tuple) else ()

    def _event(self, of: object) -> st.Who | None:
        """The event that a measure is: conditions, or a yes; None for a number."""
        if isinstance(of, Mapping):
            return self.who(of)
        one = len(of) == 1 or isinstance(of, str)
        name = self._columns(of)[0]
        is_flag = one and self.declared.columns[name].kind == "flag"
        return frozenset({st.Condition(self.place[name], 1.0, 1.0)}) if is_flag else None


def faults(declared: Declaration) -> Iterator[Fault]:
    """Names that stand for nothing, and codes that a column does not have."""
    reading = Reading(declared)
    for name, column in declared.columns.items():
        if column.given and (column.given not in declared.columns or declared.columns[column.given].kind != "flag"):
            yield Fault(("columns", name, "given"), "This is no column of yes and no.", "Name one, or remove it.")
    for name, group in declared.groups.items():
        yield from _unknown(("groups", name), group, reading)
    for source, rows in declared.measures.items():
        for row, measured in rows.items():
            yield from _in_measure(("measures", source, row), measured_of(measured), reading)
    for number in (declared.jobs.at.values() if declared.jobs else ()):
        if number not in declared.columns:
            yield Fault(("jobs", "at"), f"There is no column {number}.", "Declare it under columns.")
    for name in filter(None, (declared.jobs.months, declared.jobs.part) if declared.jobs else ()):
        if name not in declared.columns:
            yield Fault(("jobs",), f"There is no column {name}.", "Declare it under columns.")


def measured_of(measured: str | Measured) -> Measured:
    """What a row measures; a name alone is that column."""
    return Measured(of=measured) if isinstance(measured, str) else measured


def _in_measure(place: tuple, measured: Measured, reading: Reading) -> Iterator[Fault]:
    names = [*((measured.of,) if isinstance(measured.of, str) else measured.of), *measured.adjusted]
    for name in names:
        if name not in reading.place:
            yield Fault(place, f"There is no column {name}.", "Declare it under columns, or correct its spelling.")
    for conditions in (measured.where, *([measured.of] if isinstance(measured.of, Mapping) else [])):
        yield from _unknown(place, conditions, reading)


def _unknown(place: tuple, group: object, reading: Reading) -> Iterator[Fault]:
    if isinstance(group, tuple):
        for name in group:
            if isinstance(reading.declared.groups.get(name), tuple) or name not in reading.declared.groups:
                yield Fault(place, f"{name} is no group of people.", "Compare two that are listed under groups.")
        return
    for name, value in group.items():
        if name not in reading.place:
            yield Fault((*place, name), f"There is no column {name}.", "Declare it under columns.")
        elif name in reading.codes and value not in reading.codes[name]:
            codes = ", ".join(reading.codes[name])
            yield Fault((*place, name), "The column has no such value.", f"Use one of {codes}.")
        elif name not in reading.codes and isinstance(value, str):
            yield Fault((*place, name), "The column has no codes.", "Use true or false, a number, or {from:, to:}.")


def targets_of(cells: pd.DataFrame, declared: Declaration) -> tuple[list[Target], list[str]]:
    """The printed numbers that the declaration measures, and the addresses of those that it does not."""
    reading, targets, unmeasured = Reading(declared), [], []
    for cell in cells.itertuples():
        address = f"{cell.source}/{cell.row}/{cell.column}/{cell.statistic}"
        measured, group = declared.measures.get(cell.source, {}).get(cell.row), declared.groups.get(cell.column)
        known = measured is not None and group is not None
        statistic = reading.statistic(measured_of(measured), group, cell.statistic) if known else None
        if statistic is None:
            unmeasured.append(address)
        else:
            targets.append(Target(address, float(cell.value), int(cell.decimals), statistic))
    return targets, unmeasured


def assumed_cells(declared: Declaration) -> pd.DataFrame:
    """The assumed numbers in the form of printed ones, as precise as they are written."""
    rows = [(*address.split("/"), value, len(f"{value}".partition(".")[2])) for address, value in
            declared.assumed.items()]  # fmt: skip
    return pd.DataFrame(rows, columns=["source", "row", "column", "statistic", "value", "decimals"])


@dataclass(frozen=True)
class Sought:
    """What people are sought for: `targets`, printed and assumed, of which those in `held` can hold together.

    Of numbers that cannot, the last is given up: totals stand behind their parts. unmeasured: addresses of printed
    numbers that the declaration leaves out.
    """

    reading: Reading
    targets: list[Target]
    conflicts: list[list[Target]]
    unmeasured: list[str]

    @property
    def held(self) -> list[Target]:
        """The targets without those given up."""
        given_up = {max(conflict, key=self.targets.index).address for conflict in self.conflicts}
        return [target for target in self.targets if target.address not in given_up]

    @property
    def moves(self) -> Moves:
        """What a search may change; nobody changes arms."""
        sizes = self.reading.sizes
        return Moves(self.reading.columns, np.repeat(list(sizes), list(sizes.values())))


def read_sought(folder: Path) -> Sought:
    """The printed numbers of a folder with what its declaration says of them; raises StudyProblems where these cannot
    be used."""
    declared, document = read_declaration(folder)
    if found := list(faults(declared)):
        raise StudyProblems(folder, [setting_problem(fault, document, FILE) for fault in found])
    targets, unmeasured = targets_of(read_published(cells_of(folder)), declared)
    assumed, unknown = targets_of(assumed_cells(declared), declared)
    if unknown:
        faults_of = [Fault(("assumed", name), "Nothing measures this number.", "Name its row.") for name in unknown]
        raise StudyProblems(folder, [setting_problem(fault, document, FILE) for fault in faults_of])
    if not targets:
        cause = "None of these numbers is measured."
        raise StudyProblems(folder, [Problem(CELLS, None, None, "unmeasured", cause, f"Name their rows in {FILE}.")])
    reading = Reading(declared)
    targets += assumed
    return Sought(reading, targets, contradictions(targets, reading.sizes, reading.columns), unmeasured)


def people_for(
    sought: Sought, targets: list[Target], rng: np.random.Generator, report: Report = lambda line: None
) -> np.ndarray:
    """People who meet these of the targets as far as found: people × columns, the arm first."""
    values = first_values(targets, sought.reading.sizes, sought.reading.columns, rng)
    return solve(puzzle_of(targets, sought.moves), values, rng, report=report)[0]


def make_people(folder: Path, seed: int | None = None, report: Report = lambda line: None) -> Made:
    """People for the printed numbers of a folder. Raises StudyProblems where its files cannot be used."""
    sought = read_sought(folder)
    declared, targets = sought.reading.declared, sought.targets
    report(f"{len(targets)} numbers, {len(sought.conflicts)} sets of them cannot hold together")
    seed = declared.seed if seed is None else seed
    values = people_for(sought, sought.held, np.random.default_rng(seed), report)
    names = [[target.address for target in conflict] for conflict in sought.conflicts]
    return Made(declared, seed, values, reached(targets, values), names, sought.unmeasured)

"""What a shown number of synthetic data is: published, reproduced, or not in the report. Decided from the print alone.

A computed number is *reproduced* when the report prints it and the two agree as far as the print goes. Numbers of a
table that carries the print's keys are found by their address. All others, in sentences, figures and further tables,
are found by their unrounded value: a number is the report's if it is the very one that the program computes for a
printed number. Short numbers, such as small counts, and shares of the same people meet by accident; so the numbers that
are told together, in a sentence or the row of a table, have to be so many and so long that they do not stand in one
place of the report by chance.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np
import pandas as pd

from analysis.frames.trial import Trial
from analysis.published.computed import computed_cells, with_printed_arms
from analysis.published.keys import printed_rule
from analysis.published.prints import report_of
from analysis.published.registry import chapters_in_print
from analysis.published.scorecard import EXACT, KEY, NOT_COMPARED, NOT_COMPUTED, SLACK, addresses, agrees
from analysis.study.kinds import NOT_IN_REPORT, PUBLISHED, REPRODUCED

# Columns of tables and frames that quote the print.
QUOTED = ("published", "printed")
# Numbers stand in one place of the report by chance when that is likelier than this.
BY_CHANCE = 0.01
# The print's statistic of shares that it gives in per cent.
PER_CENT = "pct"
# A share or mean of at most so many people is recognised as one: few values are possible, and two may be the same.
_PEOPLE = np.arange(2, 1301)
# The place of the numbers of all participants and of those of each arm.
_EVERYBODY = "everybody"
# Two computed numbers are the same when so many significant digits are.
_DIGITS = 9


@dataclass(frozen=True)
class Match:
    """A printed number whose computed one has a certain value: where, how far off, decimals told, whether it agrees."""

    source: str
    row: str
    off: float
    places: float
    agrees: bool

    def as_told(self, decimals: float | None) -> bool:
        """Whether print and computation agree, also when only so many decimals are told."""
        places = self.places if decimals is None else min(decimals, self.places)
        return self.agrees or self.off <= 0.5 * 10.0**-places * (1 + SLACK)


@dataclass(frozen=True, eq=False)
class Kinds:
    """The kinds of numbers of one chapter; what the report prints is computed at first use, once.

    A chapter to which no printed number belongs, such as a summary, is held against those of all.
    """

    trial: Trial
    chapter: str

    def of_cells(self, source: str, cells: pd.DataFrame, decimals: Sequence[float | None] | None = None) -> list[str]:
        """The kind of each cell of a table called `source` in print, in order; empty for a cell without a number.

        decimals: those told of each cell; None for all of them. A cell that differs from the printed number at its
        address may still be another one of that table, sign apart: differences that the print has the other way round.
        In a table that is not in print a row may be called as a printed one, here or where the print's keys are told
        (as_printed.yml); a number of that row is then known by its name, however short it is.
        """
        cells = cells.reset_index(drop=True)
        named = with_printed_arms(cells[[*KEY[1:], "value"]].assign(source=source), self.trial)
        card = _compared(named, self._printed)
        known = card["printed"].notna().to_numpy()
        told = pd.Series(list(decimals) if decimals else np.inf, index=cells.index, dtype=float).fillna(np.inf)
        exact = agrees(card.assign(value=card["printed"]), card["places"].where(card["places"] < told, told))
        found = known & exact.to_numpy(bool)
        kinds = np.where(found, REPRODUCED, NOT_IN_REPORT).astype(object)
        numbers = list(zip(cells["value"], told, strict=True))
        for row in cells.groupby("row", sort=False).indices.values():
            others = row[~found[row]]
            kinds[others] = self.of_numbers([numbers[each] for each in others], {source} if known[row].any() else set())
            own = [self._is_of_row(*numbers[each], named["row"].iat[each]) for each in others]
            kinds[others[own]] = REPRODUCED
        kinds[cells["column"].isin(QUOTED)] = PUBLISHED
        kinds[cells["value"].isna()] = ""
        return list(kinds)

    def of_frame(self, frame: pd.DataFrame, results: Sequence[str], together: Sequence[str] | None = ()) -> list[str]:
        """What the numbers of each row of a frame are: one kind, or, where they differ, `column: kind; column: kind`.

        results: the columns that hold results. together: columns by which rows are told together, such as the arms at
        one time; without any, each row is told alone, with None all rows together. The rows of a scorecard hold a
        printed number and mostly a computed one.
        """
        if {"verdict", "computed", "value"} <= set(frame.columns):
            return [_of_verdict(verdict) for verdict in frame["verdict"]]
        numbers = frame[list(results)].astype(float).reset_index(drop=True)
        alone = numbers.index if together is not None else np.zeros(len(numbers))
        by = [frame[column].to_numpy() for column in together or ()] or alone
        groups: dict[int, list[tuple[int, str, float]]] = {}
        for row, (group, *values) in enumerate(zip(
            numbers.groupby(by, sort=False, dropna=False).ngroup(), *map(numbers.get, results), strict=True
        )):  # fmt: skip
            groups.setdefault(group, []).extend(
                (row, name, value) for name, value in zip(results, values, strict=True) if not np.isnan(value)
            )
        quoted = {column: PUBLISHED for column in QUOTED if column in frame}
        told: dict[int, dict[str, str]] = {}
        for group in groups.values():
            kinds = self.of_numbers([(value, None) for *_, value in group])
            for (row, name, _), kind in zip(group, kinds, strict=True):
                told.setdefault(row, {})[name] = kind
        return [_joined({**told[row], **quoted}) if row in told else "" for row in numbers.index]

    def of_numbers(self, numbers: Sequence[tuple[float, float | None]], sources: set[str] = frozenset()) -> list[str]:
        """The kind of each of the numbers that are told together, given with the decimals told (None: all).

        sources: places of the report that the numbers are known to be from.
        """
        found = [self._places_of(value, decimals) for value, decimals in numbers]
        told = {_digits(value): value for value, _ in numbers if np.isfinite(value)}
        by_place: dict[str, set[str]] = {}
        for (value, _), places in zip(numbers, found, strict=True):
            for place in places:
                by_place.setdefault(place, set()).add(_digits(value))
        sure = {
            place for place, there in by_place.items()
            if _by_chance({digits: self._chance(value, place) for digits, value in told.items()}, there) < BY_CHANCE
        }  # fmt: skip
        return [REPRODUCED if places & (sure | sources) else NOT_IN_REPORT for places in found]

    def _places_of(self, value: float, decimals: float | None) -> set[str]:
        return {match.source for match in self._matches(value, decimals)}

    def _is_of_row(self, value: float, decimals: float | None, row: str) -> bool:
        called = {row, self._keys_in_print.get(row)}
        return any(match.row in called for match in self._matches(value, decimals))

    @cached_property
    def _keys_in_print(self) -> dict[str, str]:
        """Key here → key in print, of all tables of the chapter, or of its only one."""
        told = printed_rule(self.trial, f"{self.chapter}.keys", {})
        by_table = [own if isinstance(own, Mapping) else {key: own} for key, own in told.items()]
        return {key: named for own in by_table for key, named in own.items()}

    def _matches(self, value: float, decimals: float | None) -> list[Match]:
        matches = self._by_value.get(_digits(value), {}).get(_scale(value), [])
        return [match for match in matches if match.as_told(decimals)]

    def _chance(self, value: float, place: str) -> float:
        """How likely it is that a number of this length, or a share of as many people, stands in a place by chance."""
        people, length = _people(value), len(_digits(value))
        known = self._alike[place]
        return min(1.0, max(known[people, "people"] / people if people else 0.0,
                            known[length, "digits"] / 9 / 10 ** (length - 1)))  # fmt: skip

    @cached_property
    def _printed(self) -> pd.DataFrame:
        """The report's numbers by address: printed, places, said."""
        report = report_of(self.trial)
        said = addresses(report.cells).map(lambda address: report.rough.get(address, "")).astype(str)
        cells = report.cells.assign(printed=report.cells["value"], places=report.places, said=said)
        return cells[[*KEY, "printed", "places", "said"]].drop_duplicates(KEY)

    @cached_property
    def _card(self) -> pd.DataFrame:
        own = self.chapter if self.chapter in chapters_in_print(self.trial) else None
        card = _compared(computed_cells(self.trial, own), self._printed)
        card = card[card["printed"].notna() & card["computed"].notna()]
        card = card.assign(agrees=agrees(card.assign(value=card["printed"]), card["places"]))
        return card if own is None else pd.concat([card, self._everybody], ignore_index=True)

    @cached_property
    def _everybody(self) -> pd.DataFrame:
        """How many participants there are, in all and by arm, if a row of the report counts just these; else nothing.

        They are told in every chapter, and printed in one. They make a place of their own.
        """
        people, study = self.trial.tables["participants"], self.trial.study
        counts = {"total": len(people)} | (people["arm"].value_counts().to_dict() if study.has_arms else {})
        cells = pd.DataFrame({"row": _EVERYBODY, "column": list(counts), "value": list(counts.values())})
        named = with_printed_arms(cells, self.trial)
        printed = self._printed[self._printed["statistic"] == "n"].merge(named[["column", "value"]], on="column")
        fits = printed[printed["printed"] == printed["value"]]
        if not (fits.groupby(["source", "row"])["column"].nunique() == len(counts)).any():
            return pd.DataFrame()
        own = {"source": _EVERYBODY, "printed": named["value"], "difference": 0.0, "places": 0, "agrees": True}
        return named.assign(**own).rename(columns={"value": "computed"}).astype({"computed": float})

    @cached_property
    def _by_value(self) -> dict[str, dict[int, list[Match]]]:
        """Digits → power of ten → the printed numbers that are computed with this value, sign apart."""
        found: dict[str, dict[int, list[Match]]] = {}
        for row in self._card.itertuples():
            for factor in _factors(row.statistic, row.computed):
                value, places = row.computed * factor, row.places - np.log10(factor)
                match = Match(row.source, row.row, abs(row.difference) * factor, places, row.agrees)
                found.setdefault(_digits(value), {}).setdefault(_scale(value), []).append(match)
        return found

    @cached_property
    def _alike(self) -> dict[str, Counter]:
        """Place → how many different numbers stand there that have so many digits, or are shares of so many people."""
        found: dict[str, Counter] = {}
        for source, part in self._card.groupby("source"):
            different = {_digits(value): value for value in part["computed"]}
            found[source] = Counter((len(digits), "digits") for digits in different)
            found[source].update((_people(value), "people") for value in different.values())
        return found


def kinds_of(trial: Trial, chapter: str) -> Kinds | None:
    """What tells the kinds of a chapter's numbers; None for real data and for a study without a published report."""
    if trial.study.data != "synthetic" or trial.folder is None:
        return None
    return Kinds(trial, chapter) if (trial.folder / "published" / "cells.csv").is_file() else None


def _factors(statistic: str, value: float) -> tuple[float, ...]:
    """By what a printed number may be multiplied when it is told: a per cent is no proportion, nor is a count."""
    if statistic == PER_CENT:
        return 1.0, 0.01
    return (1.0, 100.0) if abs(value) <= 1 else (1.0,)


def _compared(computed: pd.DataFrame, printed: pd.DataFrame) -> pd.DataFrame:
    printed = printed[printed["source"].isin(computed["source"].unique())]
    card = computed[[*KEY, "value"]].rename(columns={"value": "computed"}).merge(printed, on=KEY, how="left")
    return card.assign(difference=card["computed"] - card["printed"], said=card["said"].fillna(""))


def _of_verdict(verdict: str) -> str:
    if verdict in (NOT_COMPUTED, NOT_COMPARED):
        return f"value: {PUBLISHED}"
    return f"value: {PUBLISHED}; computed: {REPRODUCED if verdict == EXACT else NOT_IN_REPORT}"


def _by_chance(chances: Mapping[str, float], there: set[str]) -> float:
    """How likely it is that so many of the numbers told are found in a place by chance, as rare ones as were found.

    chances: of each number told, by its digits. there: those that were found. Small counts, likely to be found
    anywhere, take nothing from what a rare number shows.
    """
    limits = {chances[number] for number in there}
    return min(
        _so_many([chance for chance in chances.values() if chance <= limit],
                 sum(chances[number] <= limit for number in there))
        for limit in limits
    )  # fmt: skip


def _so_many(chances: Sequence[float], many: int) -> float:
    """At most how likely it is that so many of independent events happen: the sum over all choices of so many."""
    sums = [1.0] + [0.0] * many
    for chance in chances:
        for size in range(many, 0, -1):
            sums[size] += chance * sums[size - 1]
    return sums[many]


def _joined(kinds: Mapping[str, str]) -> str:
    """One kind, or each number's own behind its name."""
    if len(set(kinds.values())) < 2:
        return next(iter(kinds.values()), "")
    return "; ".join(f"{column}: {kind}" for column, kind in kinds.items())


@cache
def _people(value: float) -> int:
    """The smallest number of people of whom a number is a share, per cent or mean; 0 if it is whole or none."""
    if not np.isfinite(value) or value == round(value):
        return 0
    for share in (value / 100, value):  # a per cent of 315 people is also one of 63, were it a mean
        whole = share * _PEOPLE
        fits = np.abs(whole - np.round(whole)) < 1e-7 * max(1.0, abs(share))
        if fits.any():
            return int(_PEOPLE[fits][0])
    return 0


@cache
def _digits(value: float) -> str:
    """The significant digits of a number, without its sign and the noughts at its ends."""
    return f"{abs(value):.{_DIGITS - 1}e}".partition("e")[0].replace(".", "").strip("0") or "0"


def _scale(value: float) -> int:
    return int(f"{abs(value):.{_DIGITS - 1}e}".partition("e")[2] or 0) if np.isfinite(value) else 0

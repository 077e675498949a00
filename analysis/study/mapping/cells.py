"""Cells of an extract → cells as the contract writes them, by the rule of a field. Text in, text out."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pandera.pandas as pa

from analysis.study.contract.columns import kind_of
from analysis.study.mapping.settings import DATE_FORMATS, FIRST_DAY, LAST_DAY, FieldRule, Filter, as_day
from analysis.study.table_files import forms

if TYPE_CHECKING:
    from analysis.study.mapping.records import Records

_IDENTITY_NUMBER = r"\d{11}"
_MADE_DAYS = (FIRST_DAY, LAST_DAY)
_NUMBERS = ("integer", "decimal")


@dataclass(frozen=True)
class Faults:
    """Cells of one field that cannot be made: where (bool by record), in which column of the extract, and why."""

    where: pd.Series
    column: str
    kind: str
    cause: str
    remedy: str = "Correct the cell, or the rule in mapping.yml."


def made_field(
    rule: FieldRule, column: pa.Column, records: "Records", dates: str, numbers: Mapping[str, str]
) -> tuple[pd.Series, list[Faults]]:
    """One field for every record, as text, and its faults; a faulty cell is missing. numbers: identifier → number."""
    cells, kind = records.cells, kind_of(column)
    if rule.column is None:
        return pd.Series([rule.constant] * len(cells), index=cells.index, dtype="str"), []
    steps = _Steps(rule, records, rule.date or dates)
    values = cells[rule.column] if kind == "text" else steps.known(cells[rule.column])
    values = values.mask(values.isin(rule.missing))
    if rule.values:
        values = steps.translated(values)
    if rule.age_on:
        values = steps.born(values)
    elif kind == "date" or rule.take:
        values = steps.day(values)
    elif kind in _NUMBERS:
        values = steps.number(values)
    if rule.prefix:
        values = steps.identified(values, numbers)
    return values, steps.faults


class _Steps:
    """What is done to the cells of one field; collects what cannot be done."""

    def __init__(self, rule: FieldRule, records: "Records", dates: str) -> None:
        self.rule, self.cells, self.labels, self.plain = rule, records.cells, records.labels, records.plain
        self.dates = dates
        self.faults: list[Faults] = []

    def known(self, values: pd.Series) -> pd.Series:
        """The cells without the marks for missing values of other programs, unless the rule lists them as codes."""
        return values.mask(values.isin(forms.MISSING_MARKS - set(self.rule.values)))

    def translated(self, values: pd.Series) -> pd.Series:
        """By code, or by its label in a file that has labels."""
        labels = self.labels.get(self.rule.column, {})
        values = values.where(values.isin(list(self.rule.values)), values.replace(dict(labels))).astype("str")
        known = values.isin(list(self.rule.values))
        if self.rule.otherwise is None:
            listed = ", ".join(self.rule.values)
            self._refuse(values.notna() & ~known, "unknown_code", f"Allowed is what {self._name} lists: {listed}.")
        translated = values.map(self.rule.values).astype("str")
        return translated.mask(values.notna() & ~known, self.rule.otherwise).astype("str")

    def day(self, values: pd.Series) -> pd.Series:
        found = self._days(values, self.rule.column)
        if self.rule.add_days:
            found += pd.Timedelta(days=self.rule.add_days)
        for bound, moved in ((self.rule.not_before, "later"), (self.rule.not_after, "earlier")):
            if bound:
                found = _moved(found, self._bound(bound), moved)
        return found.dt.strftime("%Y" if self.rule.take else "%Y-%m-%d").astype("str")

    def born(self, values: pd.Series) -> pd.Series:
        """The middle of the year in which someone of this age was born: so many years and a half before the day."""
        age, on = _numbers(values, self.plain), self._bound(self.rule.age_on)
        whole = age.between(0, 130) & (age % 1 == 0)
        self._refuse(values.notna() & ~whole, "not_a_number", "Allowed is an age in completed years.")
        months = on.to_numpy().astype("datetime64[M]") - np.where(whole, 12 * age.fillna(0) + 6, 0).astype(int)
        born = pd.Series(months.astype("datetime64[s]"), index=values.index) + pd.Timedelta(days=14)
        return born.where(whole & on.notna()).dt.strftime("%Y-%m-%d").astype("str")

    def number(self, values: pd.Series) -> pd.Series:
        found = _numbers(values, self.plain)
        self._refuse(values.notna() & found.isna(), "not_a_number", "Allowed is a number, written like the others.")
        if self.rule.factor is not None:
            found *= self.rule.factor
        if self.rule.decimals is not None:
            found = found.round(self.rule.decimals)
        return found.map(written, na_action="ignore").astype("str")

    def identified(self, values: pd.Series, numbers: Mapping[str, str]) -> pd.Series:
        if self.rule.numbered:
            return values.map(numbers, na_action="ignore").astype("str")
        digits = values.str.fullmatch(r"\d+").fillna(False).astype(bool)
        self._refuse(values.notna() & ~digits, "bad_identifier", "A prefix stands before digits only.",
                     f"Add numbered: true to {self._name} in mapping.yml.")  # fmt: skip
        identity = values.str.fullmatch(_IDENTITY_NUMBER).fillna(False).astype(bool)
        self._refuse(identity, "bad_identifier", "Eleven digits may be a national identity number.",
                     f"Add numbered: true to {self._name} in mapping.yml.")  # fmt: skip
        return (self.rule.prefix + values.str.zfill(4)).where(digits & ~identity)

    @property
    def _name(self) -> str:
        return "values" if self.rule.values else "the field"

    def _refuse(self, where: pd.Series, kind: str, cause: str, remedy: str | None = None, column: str = "") -> None:
        if where.any():
            told = (f"The value cannot be used. {cause}", *([remedy] if remedy else []))
            self.faults.append(Faults(where.astype(bool), column or self.rule.column, kind, *told))

    def _days(self, values: pd.Series, column: str) -> pd.Series:
        dates = "yyyy-mm-dd" if column in _MADE_DAYS else self.dates
        found = days(values, dates, self.rule.day)
        allowed = f"Allowed is a date written {dates.upper()}."
        self._refuse(values.notna() & found.isna(), "unreadable_date", allowed, column=column)
        return found

    def _bound(self, named: str) -> pd.Series:
        """The day of a setting that is a day, or a column with one for each record."""
        day = as_day(named)
        if day:
            return pd.Series(pd.Timestamp(day), index=self.cells.index).astype("datetime64[s]")
        return self._days(self.known(self.cells[named]), named)


def days(values: pd.Series, written: str, day: str) -> pd.Series:
    """Days in a form of `DATE_FORMATS`, or in any that cannot be misread; missing what is neither.

    day: which one is meant where the form has only a month or a year.
    """
    texts = pd.Series(values.dropna().unique(), dtype="str")
    found = _dated(texts, written)
    if day != "first" and "dd" not in written:
        found = _within(found, "M" if "mm" in written else "Y", day)
    own = forms.Forms(month_first=written.startswith("mm/") if written[2:3] in "/-" else None)
    other = texts.map(lambda text: forms.iso_date(text, own)).astype("str")
    found = found.fillna(pd.to_datetime(other, format="%Y-%m-%d", errors="coerce").astype("datetime64[s]"))
    return values.map(dict(zip(texts, found, strict=True)), na_action="ignore").astype("datetime64[s]")


def _dated(texts: pd.Series, written: str) -> pd.Series:
    pattern = written.replace(".", r"\.").replace("yyyy", r"\d{4}").replace("mm", r"\d{2}").replace("dd", r"\d{2}")
    exact = texts.where(texts.str.fullmatch(pattern).fillna(False).astype(bool))
    return pd.to_datetime(exact, format=DATE_FORMATS[written], errors="coerce").astype("datetime64[s]")


def _within(day: pd.Series, unit: str, which: str) -> pd.Series:
    """The last day of the month or year, or the one in its middle: the 15th, or 1 July."""
    begin = day.to_numpy().astype(f"datetime64[{unit}]")
    last = (begin + 1).astype("datetime64[D]") - 1
    middle = (begin.astype("datetime64[M]") + 6).astype("datetime64[D]") if unit == "Y" else None
    if which == "middle":
        last = middle if unit == "Y" else begin.astype("datetime64[D]") + 14
    return pd.Series(last.astype("datetime64[s]"), index=day.index)


def _moved(day: pd.Series, bound: pd.Series, moved: str) -> pd.Series:
    if moved == "later":
        return day.mask(day < bound, bound)
    return day.mask(bound.notna() & (day.isna() | (day > bound)), bound)


def _numbers(values: pd.Series, plain: bool) -> pd.Series:
    texts = values.dropna().unique()
    own = forms.forms_of(texts, (), plain=plain)
    read = values.map({text: forms.number_text(text, own) for text in texts}).astype("str")
    return pd.to_numeric(read, errors="coerce").astype(float)


def written(number: float) -> str:
    """A number as the contract writes it: with a decimal point, without an exponent."""
    return np.format_float_positional(number, precision=10, trim="-")


def holds(kept: Filter, records: "Records", dates: str) -> tuple[pd.Series, Faults | None]:
    """Whether a filter keeps each record, and the cells that it cannot read; what cannot be read is kept and named."""
    values = records.cells[kept.column]
    held, unreadable = pd.Series(True, index=values.index), pd.Series(False, index=values.index)
    if kept.among:
        held &= values.isin(kept.among)
    if kept.not_among:
        held &= ~values.isin(kept.not_among)
    if kept.filled is not None:
        held &= values.notna() == kept.filled
    for bound, sign in ((kept.at_least, 1), (kept.at_most, -1)):
        if bound is not None:
            within, wrong = _within_bound(values, bound, sign, kept.date or dates, records.plain)
            held, unreadable = held & within, unreadable | wrong
    cause = f"The value cannot be used. The filter {kept.name} needs a number or a day as mapping.yml writes it."
    faults = Faults(unreadable, kept.column, "unreadable", cause) if unreadable.any() else None
    if kept.or_empty:
        held |= values.isna()
    return (held | unreadable).astype(bool), faults


def _within_bound(values: pd.Series, bound: object, sign: int, dates: str, plain: bool) -> tuple[pd.Series, pd.Series]:
    """Whether cells are at least (sign 1) or at most (−1) a number or day, and which cannot be read as one."""
    if isinstance(bound, (int, float)):
        found = _numbers(values, plain)
    else:
        found, bound = days(values, dates, "first"), pd.Timestamp(bound)
    return found >= bound if sign > 0 else found <= bound, values.notna() & found.isna()

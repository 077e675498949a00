"""How programs write dates, numbers, flags and missing values, and what a file must show to be read one way.

What can be read in two ways is never guessed. Whether a comma begins decimals, and whether the day or the month comes
first between slashes or hyphens, is decided by the other cells of the file; dates with dots begin with the day.
"""

import re
from collections.abc import Iterable
from typing import NamedTuple

import pandas as pd

# What stands for a missing value in dates, numbers and flags, and wherever it is not allowed as a value.
MISSING_MARKS = frozenset({"NA", "N/A", "#N/A", "<NA>", "NaN", "nan", "NULL", "."})
FLAGS = {"true": True, "1": True, "ja": True, "yes": True, "false": False, "0": False, "nei": False, "no": False}
_YEAR_FIRST = re.compile(r"(\d{4})([-./]?)(\d\d?)\2(\d\d?)", re.ASCII)
_YEAR_LAST = re.compile(r"(\d\d?)([-./])(\d\d?)\2(\d{4})", re.ASCII)
_TIME = re.compile(r"[T ]+(\d\d?:\d\d(:\d\d([.,]\d+)?)?.*)", re.ASCII)
_MIDNIGHT = re.compile(r"0?0:00(:00([.,]0+)?)?")
_NUMBER = re.compile(r"([+-]?)(\d*)([.,]?)(\d*)([eE][+-]?\d+)?", re.ASCII)
_GROUPED = re.compile(r"[+-]?\d{1,3}([ \u00a0\u202f]\d{3})+([.,]\d+)?", re.ASCII)
_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}([.,]\d{3})+", re.ASCII)
# No date and no number is longer; what is may be anything, and is not searched.
_LONGEST = 400


class Forms(NamedTuple):
    """How one file writes what can be written in several ways.

    decimal: what begins decimals. month_first: of dates with slashes or hyphens; None where no date settles it.
    unsettled: a sign that may begin decimals or part thousands, since every number with it has three digits behind it.
    """

    decimal: str = "."
    month_first: bool | None = None
    unsettled: str = ""


def forms_of(numbers: Iterable[str], dates: Iterable[str], *, plain: bool = True) -> Forms:
    """The forms of a file, from the texts in its columns of numbers and of dates.

    plain: the file is of a form in which a point begins decimals whatever stands behind it.
    """
    signs = [(text, part[3]) for text in numbers if (part := _number(text)) and part[3]]
    sure = [sign for text, sign in signs if not _THOUSANDS.fullmatch(text) or (plain and sign == ".")]
    unsure = {sign for text, sign in signs} - set(sure)
    decimal = "," if sure.count(",") > sure.count(".") else "."
    return Forms(decimal, _month_first(dates), "".join(unsure))


def _month_first(dates: Iterable[str]) -> bool | None:
    between = [text for text in dates if "/" in text or "-" in text]
    parts = [part for text in between if (part := _YEAR_LAST.fullmatch(_day(text))) and part[2] != "."]
    day_first = any(int(part[1]) > 12 for part in parts)
    month_first = any(int(part[3]) > 12 for part in parts)
    return month_first if day_first != month_first else None


def iso_date(text: str, forms: Forms) -> str | None:
    """A date as YYYY-MM-DD; None where it is none, has a time of day, or could be two dates."""
    day = _day(text)
    if year_first := _YEAR_FIRST.fullmatch(day):
        year, separator, month, date = year_first.groups()
        return _iso(year, month, date) if separator or len(day) == len("YYYYMMDD") else None
    if not (year_last := _YEAR_LAST.fullmatch(day)):
        return None
    first, separator, second, year = year_last.groups()
    if separator == ".":
        return _iso(year, second, first)
    if forms.month_first is None and int(first) != int(second):
        return None
    return _iso(year, first, second) if forms.month_first else _iso(year, second, first)


def _iso(year: str, month: str, day: str) -> str:
    return f"{year}-{month:0>2}-{day:0>2}"


def _day(text: str) -> str:
    """The text without the time 00:00, with which programs write a date that they hold as a time stamp."""
    day, time = _parted(text)
    return day if _MIDNIGHT.fullmatch(time) else text


def _parted(text: str) -> tuple[str, str]:
    """A day and a time of day; no time where the text has none."""
    time = _TIME.search(text) if len(text) <= _LONGEST else None
    return (text[: time.start()], time[1]) if time else (text, "")


def number_text(text: str, forms: Forms) -> str | None:
    """A number with a decimal point and without spaces between thousands; None where it is none or could be two."""
    part = _number(text)
    if not part or part[3] not in ("", forms.decimal):
        return None
    if part[3] and part[3] in forms.unsettled and _THOUSANDS.fullmatch(part[0]):
        return None
    return f"{part[1]}{part[2] or '0'}.{part[4] or '0'}{part[5] or ''}" if part[3] else part[0]


def _number(text: str) -> re.Match | None:
    if len(text) > _LONGEST:
        return None
    if _GROUPED.fullmatch(text):
        text = re.sub(r"\s", "", text)
    part = _NUMBER.fullmatch(text)
    return part if part and (part[2] or part[4]) else None


def fault_of_date(text: str) -> str | None:
    """The kind of fault of a text that is not read as a date; None if it looks like no date at all."""
    if _YEAR_LAST.fullmatch(_day(text)) and "." not in _day(text):
        return "ambiguous_date"
    day, time = _parted(text)
    return "time_of_day" if time and (_YEAR_FIRST.fullmatch(day) or _YEAR_LAST.fullmatch(day)) else None


def fault_of_number(text: str, forms: Forms) -> str | None:
    """The kind of fault of a text that is not read as a number; None if it looks like no number at all."""
    part = _number(text)
    if not part or not part[3]:
        return None
    return "ambiguous_number" if part[3] in forms.unsettled else "mixed_decimals"


def told_forms(cells: pd.DataFrame) -> list[str]:
    """What of the forms of a file differs from a plain one: `dates dd.mm.yyyy`, `decimal comma`, `NA for missing`."""
    columns = [[text for text in column.unique() if isinstance(text, str)] for _, column in cells.items()]
    words = dict.fromkeys(word for texts in columns for word in _told(texts))
    return sorted(words, key=lambda word: word.endswith("missing"))


def _told(texts: list[str]) -> list[str]:
    marks = sorted(MISSING_MARKS.intersection(texts))
    rest = [text for text in texts if text not in marks]
    words = [f"{mark} for missing" for mark in marks]
    if not rest:
        return words
    if all(map(_number, rest)):
        return ["decimal comma"] * (forms_of(rest, []).decimal == ",") + words
    if all(_YEAR_LAST.fullmatch(_day(text)) or _YEAR_FIRST.fullmatch(_day(text)) for text in rest):
        return _told_dates(rest) + words
    return []


def _told_dates(texts: list[str]) -> list[str]:
    signs = sorted({part[2] for text in texts if (part := _YEAR_LAST.fullmatch(_day(text)))})
    stamped = ["time stamps at 00:00"] if any(text != _day(text) for text in texts) else []
    return [f"dates {_order(sign, _month_first(texts))}" for sign in signs] + stamped


def _order(sign: str, month_first: bool | None) -> str:
    if sign == ".":
        return "dd.mm.yyyy"
    return (
        "of unsettled order"
        if month_first is None
        else sign.join(("mm", "dd", "yyyy") if month_first else ("dd", "mm", "yyyy"))
    )

"""Calendar months, weeks from Monday and calendar years, numbered so that time since inclusion is a difference."""

from datetime import date, timedelta
from typing import Literal

Unit = Literal["month", "week", "year"]
_A_MONDAY = date(1969, 12, 29)  # of the week of 1 January 1970, which has the number 0
# Days outside are no days of a study: slips of the pen, and stand-ins such as 9999-12-31 for an end that is open.
EARLIEST, LATEST = date(1850, 1, 1), date(2150, 12, 31)
A_DAY = f"a date written YYYY-MM-DD, from {EARLIEST} to {LATEST}"
# More time units than any study has before or after inclusion.
MOST_UNITS = 10_000
_DAY = timedelta(days=1)


def unit_number(day: date, unit: Unit) -> int:
    """The number of the unit that a day is in; neighbouring units have neighbouring numbers."""
    if unit == "week":
        return (day - _A_MONDAY).days // 7
    return day.year if unit == "year" else day.year * 12 + day.month - 1


def whole_units(first: date, last: date, unit: Unit) -> range:
    """Numbers of the units that lie wholly inside a span of days, both ends included; empty if none does."""
    return range(unit_number(first - _DAY, unit) + 1, unit_number(last + _DAY, unit))

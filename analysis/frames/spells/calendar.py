"""Time units as numbers, in Ibis: the unit that a day is in, the first day of a unit, the last unit over by a day."""

from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ibis.expr.types import Column


def day_literal(day: date) -> "Column":
    """A day as an Ibis value."""
    import ibis

    return ibis.literal(day, type="date")


def days_after(day: "Column", number: int) -> "Column":
    """The day so many days later."""
    import ibis

    return (day + ibis.interval(days=number)).cast("date")


def number_of(unit: str, day: "Column") -> "Column":
    """Number of the unit that a day is in: months and years of the calendar, weeks from the Monday of the week of
    1 January 1970, a Thursday."""
    if unit == "week":
        number = (day.epoch_days() + 3) // 7
    elif unit == "month":
        number = day.year() * 12 + day.month() - 1
    else:
        number = day.year()
    return number.cast("int32")


def last_over(unit: str, day: "Column") -> "Column":
    """Number of the last unit that is over by the end of a day."""
    return number_of(unit, days_after(day, 1)) - 1


def first_whole(unit: str, day: "Column") -> "Column":
    """Number of the first unit that does not begin before a day."""
    return number_of(unit, days_after(day, -1)) + 1

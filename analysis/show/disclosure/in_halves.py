"""What a number told is about, from what it is of everybody and of random halves of the people."""

from collections.abc import Collection, Mapping, Sequence

import numpy as np

from analysis.show.disclosure import told
from analysis.show.disclosure.told import Address, Told

Heard = Mapping[Address, Sequence[Told]]
# Two numbers are one if they are equal to so many significant digits in every rehearsal.
_DIGITS = 9
# Part of a sum that one person may have; where halves split it more unevenly than that, somebody dominates.
_DOMINANT = 0.85


def value_in(each: Told, place: int, half: Heard, there: Collection[Address]) -> float:
    """The number in a half; nobody where the result is there without this cell."""
    heard = half.get(each.address, ())
    if place < len(heard):
        return heard[place].value
    nobody = each.sort == told.COUNT and each.address[1] != "says" and each.address[:3] in there
    return 0.0 if nobody else float("nan")


def base_in(half: Heard, each: Told, place: int) -> float:
    heard = half.get(each.address, ())
    return heard[place].base if place < len(heard) else 0.0


def is_few(part: float, whole: float, threshold: int) -> bool:
    """Whether a share of so many people is that of a few, or of all but a few."""
    return 0 < round(part) < threshold or 0 < round(whole - part) < threshold if part == part else False


def text_in(half: Heard, each: Told, place: int) -> str:
    heard = half.get(each.address, ())
    return heard[place].text if place < len(heard) else ""


def is_constant(values: np.ndarray) -> bool:
    """Whether it is the same in every half; what some half lacks may be the value of the one person in the others."""
    return len(values) > 2 and bool((np.abs(values - values[0]) <= 1e-12 * np.abs(values[0])).all())


def additive(values: np.ndarray) -> np.ndarray | None:
    """The whole numbers of a count of people; None for what two halves do not add up to."""
    if np.isnan(values).any() or (values < 0).any() or (values != np.rint(values)).any():
        return None
    return values.astype(np.int64) if values[1] + values[2] == values[0] else None


def may_count(values: np.ndarray) -> bool:
    """Whether it may count people though the halves do not add up: some half does not have the number."""
    return bool(np.isnan(values).any())


def is_dominated(sums: np.ndarray) -> bool:
    """Whether one person has nearly all of a sum: then each half has nearly all or nearly nothing."""
    parts = np.abs(sums[1:] / sums[0]) if sums[0] else np.array([])
    parts = parts[~np.isnan(parts)]
    return len(parts) > 2 and bool(np.maximum(parts, 1 - parts).mean() > _DOMINANT)


def nobodys_of(everybody: Heard, halves: Sequence[Heard]) -> frozenset[Address]:
    """Where numbers stand that are about nobody: no half changes them, or they are said to count no people."""
    there = [{address[:3] for address in half} for half in halves]

    def is_nobodys(each: Told, place: int) -> bool:
        values = [each.value, *(value_in(each, place, half, known) for half, known in zip(halves, there, strict=True))]
        return each.sort == told.NOBODYS or is_constant(np.array(values))

    return frozenset(address for address, heard in everybody.items()
                     if all(is_nobodys(each, place) for place, each in enumerate(heard)))  # fmt: skip


def digits_of(values: np.ndarray) -> tuple:
    """What a number is known by, whatever its unit or sign: its digits in every rehearsal."""
    known = [value for value in values if value == value]
    if not known or not known[0] or len(known) < len(values) // 2:
        return ()
    return tuple(_digits(abs(value)) for value in values)


def _digits(value: float) -> str:
    return "" if value != value else f"{value:.{_DIGITS}g}".replace(".", "").lstrip("0").rstrip("0").split("e")[0]

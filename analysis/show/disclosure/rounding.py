"""Numbers of people rounded to a base, and the shares and differences of shares told with them made to agree.

Intervals, tests, means and models are computed from the people themselves, and told as they are.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from analysis.show.disclosure.told import Address, Told

_DECIMALS = 9


def to_base(people: int, base: int) -> int:
    """The nearest multiple of the base; the upper one of two that are as near."""
    return int((people + base // 2) // base * base) if base % 2 else int((2 * people + base) // (2 * base) * base)


def as_rounded(
    each: Sequence[Told], values: np.ndarray, people: Mapping[int, tuple[int, ...]], others: Iterable[int], base: int
) -> dict[Address, set[float]]:
    """What is told at each address instead, in the unit of `Told.value`; several values where several are told there.

    `values`: those of each number among all people and each half. `people`: for counts the people, for shares part and
    whole. `others`: numbers that may be the difference of two shares of the same result, as fractions or per cent.
    NaN for a share whose whole is rounded to nobody.
    """
    told = {place: _of(numbers, base) for place, numbers in people.items()}
    shares = {place for place, numbers in people.items() if len(numbers) > 1}
    told |= _differences(each, values, shares, others, told)
    found: dict[Address, set[float]] = defaultdict(set)
    for place, value in told.items():
        found[each[place].address].add(value)
    return dict(found)


def _of(numbers: tuple[int, ...], base: int) -> float:
    part, *whole = (to_base(number, base) for number in numbers)
    if not whole:
        return float(part)
    return min(part / whole[0], 1.0) if whole[0] else float("nan")


def _differences(
    each: Sequence[Told], values: np.ndarray, shares: Iterable[int], others: Iterable[int], told: Mapping[int, float]
) -> dict[int, float]:
    of_result: dict[Address, dict[bytes, int]] = defaultdict(dict)
    for place in shares:
        of_result[each[place].address[:3]][_key(values[place])] = place
    found = {}
    for place in others:
        known = of_result.get(each[place].address[:3], {})
        for unit in (1, 100):
            pairs = ((one, known.get(_key(values[one] - values[place] / unit))) for one in known.values())
            pair = next(((one, other) for one, other in pairs if other is not None and other != one), None)
            if pair and values[place][0] == values[place][0]:
                found[place] = (told[pair[0]] - told[pair[1]]) * unit
                break
    return found


def _key(values: np.ndarray) -> bytes:
    return (np.round(np.nan_to_num(values, nan=1e9), _DECIMALS) + 0.0).tobytes()

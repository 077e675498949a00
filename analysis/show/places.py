"""Rankings in words: who shares the first places, so that no sentence breaks a tie unsaid."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from analysis.show.prose import round_half_up


@dataclass(frozen=True)
class Place:
    """One place of a ranking: all that share it, in the order given, and the value they have in common."""

    keys: tuple[str, ...]
    value: float


def places(values: Mapping[str, float], fewest: int = 1, lowest: bool = False, decimals: int = 9) -> tuple[Place, ...]:
    """The first places of a ranking, as many as it takes to name `fewest` keys, so that a tie is never broken unsaid.

    values: key → number; what is not known (NaN) has no place. lowest: the smallest number has the first place. Numbers
    that print alike with so many decimals share a place. A sentence on what is most or least names all keys of
    `places(...)[0]`, or says with `is_level` that nothing is.
    """
    ranked: dict[float, list[str]] = {}
    known = [(key, value) for key, value in values.items() if not math.isnan(value)]  # NaN has no place in an order
    for key, value in sorted(known, key=lambda item: item[1] if lowest else -item[1]):
        ranked.setdefault(round_half_up(float(value), decimals), []).append(str(key))
    found: list[Place] = []
    for value, keys in ranked.items():
        if sum(len(place.keys) for place in found) < fewest:
            found.append(Place(tuple(keys), value))
    return tuple(found)


def is_level(values: Mapping[str, float], decimals: int = 9) -> bool:
    """Whether two or more are known and all print alike, so that none is most or least."""
    known = sum(not math.isnan(value) for value in values.values())
    return known > 1 and len(places(values, decimals=decimals)[0].keys) == known

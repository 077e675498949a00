"""Which numbers share a fate: what is hidden in one place is told in no other, and nothing around it gives it back."""

from collections import defaultdict
from collections.abc import Collection, Sequence

import numpy as np

from analysis.show.disclosure.in_halves import digits_of
from analysis.show.disclosure.told import Told

SMALL, UNKNOWN = "small", "unknown"  # why a number is hidden; one that may be told has "", an undecided one None
# Limits and tests of an estimate, under the names that tables, figures and sentences have for them: the middle of a
# symmetric interval is the estimate, and Wilson's gives the share back.
LIMITS = frozenset({"ci_low", "ci_high", "conf_low", "conf_high", "low", "high", "p", "p_value", "p_interaction", "se"})


def share_fates(
    hidden: list[str | None], told: Sequence[Told], values: np.ndarray, settled: Collection[int],
    around: Collection[int],
) -> None:  # fmt: skip
    """A number is hidden wherever it is told, and with it its limits and test; one whose people are unknown is known by
    another that it equals.

    hidden: the fate of each number told, changed in place. values: of all people and of each half, a row a number.
    settled: numbers of which nothing else decides. around: those that are told with counts, and are none.
    """
    same: dict[tuple, list[int]] = defaultdict(list)
    for place in (place for place in range(len(told)) if place not in settled):
        if key := digits_of(values[place]):
            same[key].append(place)
    limits: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for place in (place for place in around if told[place].address[-1] in LIMITS):
        limits[told[place].address[:-1]].append(place)
    before = None
    while before != hidden:
        before = hidden.copy()
        for places in same.values():
            fates = {hidden[place] for place in places}
            fate = SMALL if SMALL in fates else "" if "" in fates else None
            for place in places:
                hidden[place] = fate
        for place, each in enumerate(told):
            if hidden[place] == SMALL and each.address[-1] not in LIMITS and each.address[:-1] in limits:
                for one in limits[each.address[:-1]]:
                    hidden[one] = SMALL

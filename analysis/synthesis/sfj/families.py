"""Scores that are fitted together, and how answers become the scores that the report prints."""

from dataclasses import dataclass

import numpy as np

from .health_states import STATE_VALUES

MAXIMUM = {"hads_anxiety": 21, "hads_depression": 21, "shc_total": 87, "health_ladder": 100, "chalder_total": 33}


@dataclass(frozen=True)
class Family:
    """Scores fitted together: members, the questionnaire block that holds them, and the scores printed for them."""

    members: tuple[str, ...]
    block: str

    @property
    def printed_scores(self) -> tuple[str, ...]:
        """The members and, for HADS, their sum."""
        return (*self.members, "hads_total") if self.block == "hads" else self.members

    @property
    def grain(self) -> int:
        """Points on which most people answer: fives on the health ladder."""
        return 5 if self.block == "health_ladder" else 1

    @property
    def tops(self) -> np.ndarray:
        """Highest value of every answer column."""
        return np.repeat([MAXIMUM.get(member, len(STATE_VALUES) - 1) for member in self.members], 3)

    def scores(self, values: np.ndarray) -> list[np.ndarray]:
        """The printed scores at 0, 6 and 12 months, one array (persons × waves) each."""
        if self.block == "eq5d":
            return [STATE_VALUES[values.astype(int)]]
        parts = [values[:, 3 * place : 3 * place + 3] for place in range(len(self.members))]
        return [*parts, parts[0] + parts[1]] if self.block == "hads" else parts


FAMILIES = (
    Family(("hads_anxiety", "hads_depression"), "hads"),
    Family(("shc_total",), "shc"),
    Family(("eq5d_index",), "eq5d"),
    Family(("health_ladder",), "health_ladder"),
    Family(("chalder_total",), "fatigue"),
)


def family_of(score: str) -> Family:
    """The family that a score belongs to."""
    return next(family for family in FAMILIES if score in family.members)

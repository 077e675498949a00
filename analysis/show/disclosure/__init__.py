"""Disclosure control: what must stay untold so that no small group is found out, and the gate that keeps it so."""

from analysis.show.disclosure.policy import (
    SMALL_CELLS,
    NoPlan,
    Shown,
    gate_of,
    recording,
    refuse_small_cells,
    shows_small_cells,
    write_people,
    write_plan,
)

__all__ = [
    "SMALL_CELLS", "NoPlan", "Shown", "gate_of", "recording", "refuse_small_cells", "shows_small_cells", "write_people",
    "write_plan",
]  # fmt: skip

"""Disclosure control: what must stay untold so that no small group is found out, and the gate that keeps it so."""

from analysis.show.disclosure.policy import (
    NoPlan,
    Shown,
    gate_of,
    guard,
    recording,
    refuse_small_cells,
    shows_small_cells,
    write_plans,
)

__all__ = ["NoPlan", "Shown", "gate_of", "guard", "recording", "refuse_small_cells", "shows_small_cells", "write_plans"]

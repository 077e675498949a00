"""The engine that makes people whose figures are the printed ones; it knows nothing of any report.

A *puzzle* holds people's values, the figures that are functions of sums over them, and where each has to lie.
`statistics` are such figures, `moves` change people, `solve` finds values that meet the figures, `whole_numbers` makes
tables of whole people, `diagnose` says what is missed and which printed numbers cannot hold together, `seal` that the
bytes are the same. `declared` makes a study from a file of printed numbers and a declaration of what they measure.
"""

from .drafts import chosen_drafts
from .logits import (
    Contributions,
    NotConverged,
    coefficients_behind_effects,
    effects_and_gradients,
    fitted_logit,
    logit_statistics,
)
from .programmes import cheapest, cheapest_whole
from .puzzle import Puzzle, excess
from .relaxation import relaxed
from .seal import (
    SAME_EVERYWHERE,
    differences,
    of_text,
    renewed,
    source_digests,
    table_digests,
    with_same_arithmetic,
)
from .solve import drawn, solve
from .statistics import rank_sum
from .tables import write_table, write_tables
from .whole_numbers import Margin, deal, independent, integer_table, table_cells

__all__ = [
    "SAME_EVERYWHERE", "Contributions", "Margin", "NotConverged", "Puzzle", "cheapest", "cheapest_whole",
    "chosen_drafts", "coefficients_behind_effects", "deal", "differences", "drawn", "effects_and_gradients", "excess",
    "fitted_logit", "independent", "integer_table", "logit_statistics", "of_text", "rank_sum", "relaxed", "renewed",
    "solve", "source_digests", "table_cells", "table_digests", "with_same_arithmetic", "write_table", "write_tables",
]  # fmt: skip

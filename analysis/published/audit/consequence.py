"""How much a finding matters: whether it reaches what people quote of a report, and by how much that changes."""

from collections.abc import Collection, Mapping

import numpy as np
import pandas as pd

from analysis.published.audit.cells import cells_by_address
from analysis.published.audit.outcome import UNDECIDABLE
from analysis.published.audit.ranges import Range

# A sentence that says the opposite of its number, or gives it in another unit, changes altogether.
ALTOGETHER = 1.0


def with_consequences(
    found: pd.DataFrame, published: pd.DataFrame, quoted: Collection[str], moved: Mapping[str, float]
) -> pd.DataFrame:
    """Findings with `quoted` and `change`, the most consequential first.

    quoted: whether a finding is about a number or sentence that is quoted (addresses), bears on a conclusion, or moves
    a result (`moved`: relation → change of the result relative to what is printed). change: of the result, if it moves
    one; else of the number itself, relative to what is printed; 1 for a sentence whose words change.
    """
    printed = {address: cell.value for address, cell in cells_by_address(published).items()}
    reaches = found["blames"].map(lambda addresses: not set(quoted).isdisjoint(addresses))
    reaches |= (found["bears_on"] == "conclusion") | found["relation"].isin(moved)
    own = [_change(row, printed) for _, row in found.iterrows()]
    change = found["relation"].map(moved).astype(float).abs().fillna(pd.Series(own, index=found.index, dtype=float))
    ranked = found.assign(quoted=reaches, change=change)
    return ranked.sort_values(["quoted", "change"], ascending=False, kind="stable").reset_index(drop=True)


def _change(finding: pd.Series, printed: Mapping[str, float]) -> float:
    """The largest relative change that one of the numbers needs; the smallest where either of two may be wrong."""
    changes = [
        Range(*ends).distance(printed[address]) / abs(printed[address]) if printed[address] else np.inf
        for address, ends in finding["corrects"].items()
    ]
    chosen = min if finding["sure"] == UNDECIDABLE else max
    return min(chosen(changes, default=ALTOGETHER), ALTOGETHER)

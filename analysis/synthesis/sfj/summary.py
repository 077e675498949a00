"""How well the synthetic study gives the published figures back."""

import numpy as np
import pandas as pd

from .targets import Targets

ADDRESS = ["source", "row", "column", "statistic"]


def fit(computed: pd.DataFrame, targets: Targets) -> pd.DataFrame:
    """Printed numbers met, by source.

    `computed` has one row a number that the ordinary analysis makes from the synthetic study: source, row, column,
    statistic, value (unrounded). Returns one row a source: printed, computed, exact (rounds to the print), near (within
    one unit of the last printed place, exact ones included), largest_miss (in such units; the print's own slips count
    as misses too). Numbers nobody computes are in `printed` only.
    """
    values = computed.drop_duplicates(ADDRESS).set_index(ADDRESS)["value"].rename("computed")
    both = targets.cells.join(values, on=ADDRESS)
    units = (both["computed"] - both["value"]).abs() * 10.0 ** both["decimals"]
    judged = both.assign(
        has_value=both["computed"].notna(),
        exact=units <= 0.5 + 1e-7,
        near=units <= 1 + 1e-7,
        units=units.where(np.isfinite(units)),
    )
    grouped = judged.groupby("source", sort=False)
    return pd.DataFrame(
        {
            "printed": grouped.size(),
            "computed": grouped["has_value"].sum(),
            "exact": grouped["exact"].sum(),
            "near": grouped["near"].sum(),
            "largest_miss": grouped["units"].max(),
        }
    ).reset_index()

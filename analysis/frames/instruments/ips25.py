"""IPS-25, the fidelity scale of Individual Placement and Support: totals, bands, section sums."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from analysis.frames.instruments.items import item_matrix
from analysis.frames.instruments.parameter_sets import read_parameters

SECTIONS = ("staffing", "organisation", "services")


def fidelity_band(totals: pd.Series, bands: Mapping[str, int] | None = None) -> pd.Series:
    """The band of each total, ordered categories from not_ips to exemplary; a missing total has no band.

    `bands` gives the lowest total of each band (default from parameters/ips25.yml: not_ips 25, fair 74, good 100,
    exemplary 115).
    """
    limits = read_parameters("ips25")["bands"].value if bands is None else bands
    names = sorted(limits, key=limits.get)
    edges = [limits[name] for name in names] + [np.inf]
    return pd.cut(totals.astype(float), bins=edges, labels=names, right=False)


def _items_by_centre(fidelity: pd.DataFrame, numbers: list[int]) -> pd.DataFrame:
    repeated = int(fidelity.duplicated(["centre", "item"]).sum())
    if repeated:
        raise ValueError(f"{repeated} ratings repeat a centre and item; each item is rated once a centre")
    unknown = sorted(set(fidelity["item"].dropna().astype(int)) - set(numbers))
    if unknown:
        raise ValueError(f"IPS-25 has items {min(numbers)} to {max(numbers)}; unknown items: {unknown}")
    wide = fidelity.assign(item=fidelity["item"].astype(int)).pivot(index="centre", columns="item", values="score")
    return wide.reindex(columns=numbers)


def score_ips25(fidelity: pd.DataFrame, bands: Mapping[str, int] | None = None) -> pd.DataFrame:
    """IPS-25 scores, one row a centre, index centre, from one row a centre and item (columns centre, item, score).

    Columns: staffing (items 1-3, 3-15), organisation (4-11, 8-40), services (12-25, 14-70), total (25-125), band;
    total_adjusted and band_adjusted are the same with the items the evaluation found less suitable (6, 24, 25) at the
    top score. Missing items: nothing is imputed; a section with an unrated item, and the total, are missing. (The
    scale's manual scores an item that cannot be rated as 1; that is the reviewers' decision and belongs in the data.)
    Source: Bond et al. 2012. Raises ValueError for repeated ratings, unknown items and scores outside 1-5.
    Checked against hand-worked ratings.
    """
    parameters = read_parameters("ips25")
    numbers = [number for section in SECTIONS for number in parameters[f"{section}_items"].value]
    allowed = parameters["item_range"].value
    ratings = _items_by_centre(fidelity, numbers)
    ratings = pd.DataFrame(item_matrix(ratings, numbers, allowed), index=ratings.index, columns=numbers)
    scores = {name: ratings[parameters[f"{name}_items"].value].sum(axis=1, skipna=False) for name in SECTIONS}
    adjusted = ratings.copy()
    adjusted[parameters["less_suitable_items"].value] = float(allowed[1])
    scores["total"] = ratings.sum(axis=1, skipna=False)
    scores["band"] = fidelity_band(scores["total"], bands)
    scores["total_adjusted"] = adjusted.sum(axis=1, skipna=False)
    scores["band_adjusted"] = fidelity_band(scores["total_adjusted"], bands)
    return pd.DataFrame(scores)

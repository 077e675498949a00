"""Fidelity reviews of the six centres."""

import numpy as np
import pandas as pd

from .targets import Targets

NAME = "centre_reviews"
CENTRES = ("hordaland", "soer_troendelag", "oestfold", "akershus", "oslo", "troms")
TEXT = "text_6.10"
INTEGRATION_ITEM = 5
LESS_SUITABLE = (6, 24, 25)
ITEMS = 25
# Items that the reviews found weakest across the centres: supervision, executive support, employer contact,
# individual and time-unlimited follow-along.
WEAK_ITEMS = (8, 11, 17, 22, 23)
REVIEWED = ("2012-03-12", "2012-04-16", "2012-05-07", "2012-05-21", "2012-06-04", "2012-06-18")


def fidelity(rng: np.random.Generator, targets: Targets) -> pd.DataFrame:
    """Table `fidelity`: one row per centre and item of the IPS-25 scale.

    Totals span the printed range; three centres are high and three low on frequent team contact (item 5); with the
    three less suitable items at the top score exactly one centre reaches the band "good".
    """
    lowest, highest = (int(targets.value(TEXT, "ips_fidelity_six_centres", s, "score")) for s in ("min", "max"))
    good = int(targets.value(TEXT, "ips_fidelity_good", "min", "score"))
    totals = _totals(lowest, highest, rng)
    integration = rng.permutation([4, 5, 4, 1, 2, 2])
    rows = []
    for place, centre in enumerate(rng.permutation(CENTRES)):
        scores = _scores(int(totals[place]), int(integration[place]), good, place == 0, rng)
        rows += [{"centre": centre, "item": item, "score": scores[item]} for item in range(1, ITEMS + 1)]
    table = pd.DataFrame(rows)
    table["reviewed_on"] = pd.to_datetime(table["centre"].map(dict(zip(CENTRES, REVIEWED, strict=True))))
    order = {centre: place for place, centre in enumerate(CENTRES)}
    return (
        table.assign(place=table["centre"].map(order))
        .sort_values(["place", "item"])
        .drop(columns="place")
        .reset_index(drop=True)
    )


def _totals(lowest: int, highest: int, rng: np.random.Generator) -> np.ndarray:
    """Totals of the six centres, the highest first."""
    between = rng.choice(np.arange(lowest + 2, highest - 3), 4, replace=False)
    return np.concatenate([[highest], np.sort(between)[::-1], [lowest]])


def _scores(total: int, integration: int, good: int, tips_over: bool, rng: np.random.Generator) -> dict[int, int]:
    """Item scores of one centre with the given total and integration score."""
    room = good - 1 - total if not tips_over else good + 1 - total
    lost = min(room, 6) if not tips_over else room
    scores = dict.fromkeys(LESS_SUITABLE, 5)
    for _ in range(max(lost, 0)):
        open_items = [item for item in LESS_SUITABLE if scores[item] > 2]
        scores[int(rng.choice(open_items))] -= 1
    scores[INTEGRATION_ITEM] = integration
    rest = [item for item in range(1, ITEMS + 1) if item not in scores]
    scores |= {item: int(rng.integers(1, 4)) if item in WEAK_ITEMS else int(rng.integers(3, 6)) for item in rest}
    while (gap := total - sum(scores.values())) != 0:
        item, step = int(rng.choice(rest)), int(np.sign(gap))
        top = 3 if item in WEAK_ITEMS and rng.random() < 0.9 else 5
        if 1 <= scores[item] + step <= top:
            scores[item] += step
    return scores

"""How much a calibration learns: printed numbers that it was not told, beside what it makes of them."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from .declared import Sought, people_for

COLUMNS = ["address", "fold", "printed", "decimals", "calibrated", "dealt"]


@dataclass(frozen=True)
class Learnt:
    """Of numbers left out: how many; the median distance from the print in units of its last place, of the people
    calibrated to the others and of the same people dealt anew; and in how many the first are nearer, or farther."""

    numbers: int
    calibrated: float
    dealt: float
    nearer: int
    farther: int


def fold(number: int, folds: int, sought: Sought, seed: int) -> pd.DataFrame:
    """One row a printed number of one fold, as `COLUMNS`, from people calibrated to all other targets.

    `dealt` is the number of the same people with each column dealt anew among all of them: independent draws with the
    right margins, which know the others' totals and nothing of who is whom. Assumed numbers and those that cannot
    hold together with others stay out of all folds.
    """
    printed = [target for target in sought.held if target.address not in sought.reading.declared.assumed]
    lot = np.random.default_rng(seed).permutation(np.arange(len(printed)) % folds)
    own = [target for target, place in zip(printed, lot, strict=True) if place == number]
    addresses = {target.address for target in own}
    rng = np.random.default_rng([seed, number])
    values = people_for(sought, [target for target in sought.held if target.address not in addresses], rng)
    dealt = values.copy()
    for column in sought.moves.columns:
        dealt[:, column] = rng.permutation(dealt[:, column])
    rows = [(target.address, number, target.value, target.decimals, target.statistic.of(values),
             target.statistic.of(dealt)) for target in own]  # fmt: skip
    return pd.DataFrame(rows, columns=COLUMNS)


def learnt(left_out: pd.DataFrame) -> dict[str, Learnt]:
    """By the name of the statistic, and of all together, what was learnt of numbers left out."""
    unit = 10.0 ** -left_out["decimals"]
    far = pd.DataFrame({name: (left_out[name] - left_out["printed"]).abs() / unit for name in ("calibrated", "dealt")})
    names = left_out["address"].str.rpartition("/")[2]
    groups = {"all": far, **dict(iter(far.groupby(names)))}
    return {name: Learnt(len(own), *own.median(), int((own["calibrated"] < own["dealt"]).sum()),
                         int((own["calibrated"] > own["dealt"]).sum())) for name, own in groups.items()}  # fmt: skip

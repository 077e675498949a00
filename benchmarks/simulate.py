"""How often intervals hold the truth, tests cry wolf and estimates are off: the book's methods in simulated trials.

`python -m benchmarks.simulate [TRIALS [KIND ...]]` draws so many trials (2,000) of each kind of `kinds.py`, or of those
named, without an effect and with one, two kinds at a time, and writes analysis/methods/worked/simulated.csv, which the
pages of the methods show: one row a method, what of it, and a planted effect, with the mean error of the estimate, the
share of 95 per cent intervals with the truth in them, the share of p-values below 0.05, and the Monte Carlo error of
each.
"""

import sys
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.methods import worked
from benchmarks import kinds

SEED = 20101
FILE = Path(worked.__file__).with_name("simulated.csv")


@dataclass(frozen=True)
class Kind:
    """A kind of trial and the effects that are planted in it."""

    draw: Callable[[np.random.Generator, float], kinds.Found]
    effects: tuple[float, float] = (0.0, 0.07)


KINDS = {
    draw.__name__: Kind(draw)
    for draw in (kinds.of_scores, kinds.in_strata, kinds.of_time, kinds.of_shares, kinds.of_costs, kinds.of_centres,
                 kinds.of_the_best, kinds.of_the_silent, kinds.of_answers)
}  # fmt: skip


def measured(task: tuple[str, float, int]) -> pd.DataFrame:
    """What came of so many trials of a kind with one planted effect: one row a method and what of it."""
    name, effect, trials = task
    place = list(KINDS).index(name)
    started, rng = time.perf_counter(), np.random.default_rng([SEED, place, round(1000 * effect)])
    told = []
    for _ in range(trials):
        found = KINDS[name].draw(rng, effect)
        told += [(*key, _part(one, "estimate"), _part(one, "conf_low"), _part(one, "conf_high"), _part(one, "p_value"),
                  truth) for key, (one, truth) in found.items()]  # fmt: skip
    print(f"{name}, effect {effect}: {time.perf_counter() - started:.0f} s", file=sys.stderr)
    frame = pd.DataFrame(told, columns=["method", "what", "estimate", "low", "high", "p", "truth"])
    return _summed(frame).assign(effect=effect, trials=trials)


def _part(found: object, name: str) -> float:
    value = getattr(found, name, None) if not isinstance(found, (Mapping, pd.Series)) else found.get(name)
    return float("nan") if value is None or pd.isna(value) else float(value)


def _summed(frame: pd.DataFrame) -> pd.DataFrame:
    rows = []
    for (method, what), own in frame.groupby(["method", "what"], sort=False):
        covered = ((own["low"] <= own["truth"]) & (own["truth"] <= own["high"])).where(own["low"].notna()).mean()
        below = (own["p"] < 0.05).where(own["p"].notna()).mean()
        errors = [np.sqrt(share * (1 - share) / len(own)) for share in (covered, below)]
        off = own["estimate"] - own["truth"]
        bias_error = off.std() / np.sqrt(off.notna().sum())
        rows.append((method, what, off.mean(), bias_error, covered, errors[0], below, errors[1]))
    names = ["method", "what", "bias", "bias_error", "coverage", "coverage_error", "p_below_05", "p_below_05_error"]
    return pd.DataFrame(rows, columns=names)


def main(trials: int, chosen: Sequence[str]) -> pd.DataFrame:
    """The chosen kinds with all their effects, two at a time; what is known of methods of other kinds stays."""
    tasks = [(name, effect, trials) for name in chosen for effect in KINDS[name].effects]
    with ProcessPoolExecutor(2) as pool:
        new = pd.concat(pool.map(measured, tasks), ignore_index=True).round(5)
    keys = ["method", "what", "effect"]
    old = pd.read_csv(FILE).fillna({"what": ""}) if set(chosen) != set(KINDS) else new.iloc[:0]
    stays = ~old["method"].isin(new["method"])
    return pd.concat([old[stays], new]).sort_values(keys, kind="stable", ignore_index=True)


if __name__ == "__main__":
    first, *others = sys.argv[1:] or ["2000"]
    table = main(int(first), others or list(KINDS))
    table.to_csv(FILE, index=False, lineterminator="\n")
    print(table.round(4).to_string(index=False))

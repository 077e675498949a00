"""How often intervals hold the truth, tests cry wolf and estimates are off: the book's methods in simulated trials.

`python -m benchmarks.simulate [TRIALS [KIND ...]]` draws so many trials (2,000) of each kind of `kinds.py`, or of those
named, without an effect and with one, two blocks of trials at a time, and writes
analysis/methods/worked/simulated.csv, which the pages of the methods show: one row a method, what of it, and a planted
effect, with the mean error of the estimate, the share of 95 per cent intervals with the truth in them, the share of
p-values below 0.05, and the Monte Carlo error of each.
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
BLOCK = 100  # trials that share a stream of random numbers
FILE = Path(worked.__file__).with_name("simulated.csv")


@dataclass(frozen=True)
class Kind:
    """A kind of trial and the effects that are planted in it."""

    draw: Callable[[np.random.Generator, float], kinds.Found]
    effects: tuple[float, float] = (0.0, 0.07)


KINDS = {
    draw.__name__: Kind(draw)
    for draw in (kinds.of_scores, kinds.in_strata, kinds.of_time, kinds.of_shares, kinds.of_costs, kinds.of_centres,
                 kinds.of_the_best, kinds.of_the_silent, kinds.of_answers, kinds.of_two_scores)
}  # fmt: skip


def block(task: tuple[str, float, int, int]) -> pd.DataFrame:
    """What so many trials of a kind with one planted effect found: one row a trial, method and what of it."""
    name, effect, number, trials = task
    place, started = list(KINDS).index(name), time.process_time()
    rng = np.random.default_rng([SEED, place, round(1000 * effect), number])
    told = []
    for _ in range(trials):
        found = KINDS[name].draw(rng, effect)
        told += [(*key, _part(one, "estimate"), _part(one, "conf_low"), _part(one, "conf_high"), _part(one, "p_value"),
                  truth) for key, (one, truth) in found.items()]  # fmt: skip
    print(f"{name}, effect {effect}, block {number}: {time.process_time() - started:.0f} CPU s", file=sys.stderr)
    return pd.DataFrame(told, columns=["method", "what", "estimate", "low", "high", "p", "truth"]).assign(effect=effect)


def _part(found: object, name: str) -> float:
    value = getattr(found, name, None) if not isinstance(found, (Mapping, pd.Series)) else found.get(name)
    return float("nan") if value is None or pd.isna(value) else float(value)


def summed(told: pd.DataFrame, trials: int) -> pd.DataFrame:
    """The rows of all blocks of a kind: one row a method, what of it, and a planted effect."""
    rows = []
    for (method, what, effect), own in told.groupby(["method", "what", "effect"], sort=False):
        covered = ((own["low"] <= own["truth"]) & (own["truth"] <= own["high"])).where(own["low"].notna()).mean()
        below = (own["p"] < 0.05).where(own["p"].notna()).mean()
        errors = [np.sqrt(share * (1 - share) / len(own)) for share in (covered, below)]
        off = own["estimate"] - own["truth"]
        bias_error = off.std() / np.sqrt(off.notna().sum())
        rows.append((method, what, off.mean(), bias_error, covered, errors[0], below, errors[1], effect, trials))
    names = ["method", "what", "bias", "bias_error", "coverage", "coverage_error", "p_below_05", "p_below_05_error"]
    return pd.DataFrame(rows, columns=[*names, "effect", "trials"])


def tasks(trials: int, chosen: Sequence[str]) -> list[tuple[str, float, int, int]]:
    return [(name, effect, number, min(BLOCK, trials - first)) for name in chosen
            for effect in KINDS[name].effects for number, first in enumerate(range(0, trials, BLOCK))]  # fmt: skip


def main(trials: int, chosen: Sequence[str]) -> pd.DataFrame:
    """The chosen kinds with all their effects; what other kinds told of methods stays, also of the same ones."""
    with ProcessPoolExecutor(2) as pool:
        new = summed(pd.concat(pool.map(block, tasks(trials, chosen)), ignore_index=True), trials).round(5)
    keys = ["method", "what", "effect"]
    old = pd.read_csv(FILE).fillna({"what": ""}) if set(chosen) != set(KINDS) else new.iloc[:0]
    both = pd.concat([old, new]).drop_duplicates(keys, keep="last")
    return both.sort_values(keys, kind="stable", ignore_index=True)


if __name__ == "__main__":
    first, *others = sys.argv[1:] or ["2000"]
    table = main(int(first), others or list(KINDS))
    table.to_csv(FILE, index=False, lineterminator="\n")
    print(table.round(4).to_string(index=False))

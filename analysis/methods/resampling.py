"""Drawing anew, however many draws and workers: each block of draws has a stream of random numbers of its own.

All methods that draw do it here, so that a number hangs on the seed and on how many draws there are, and on nothing of
the machine. Draws are made as arrays, a block at a time; what one draw would do stands in the method.
"""

import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pandas as pd

from analysis.methods.estimates import Estimate
from analysis.methods.recording import recorded
from analysis.methods.strata import NAN, arm_rows, stratified_difference, stratum_sums

# Draws from one stream. Fewer than this many come from the generator itself.
BLOCK = 10_000
# Seconds after which draws that go on tell how far they are, and between two times that they do.
PATIENCE = 5.0

Draw = Callable[[int, np.random.Generator], np.ndarray]


def drawn(draw: Draw, draws: int, rng: np.random.Generator, *, workers: int = 1, axis: int = 0) -> np.ndarray:
    """What `draw` gives for so many draws: `draw(n, rng)` returns an array whose axis `axis` has n entries.

    The first block is drawn from `rng`, each further one from a stream that is spawned of it (NumPy's SeedSequence), so
    that the same seed gives the same numbers for any number of workers, which are threads. Draws that last tell on
    standard error how far they are: in a build on the terminal, in an ordinary kernel below the cell, too.
    """
    sizes = [min(BLOCK, draws - start) for start in range(0, draws, BLOCK)] or [0]
    streams = [rng, *(rng.spawn(len(sizes) - 1) if len(sizes) > 1 else ())]
    if workers == 1 or len(sizes) == 1:
        blocks = list(_told(map(draw, sizes, streams), draws))
    else:
        with ThreadPoolExecutor(workers) as pool:
            blocks = list(_told(pool.map(draw, sizes, streams), draws))
    return blocks[0] if len(blocks) == 1 else np.concatenate(blocks, axis=axis)


def _told(blocks: Iterable[np.ndarray], draws: int) -> Iterator[np.ndarray]:
    """The blocks as they come, with a line now and then of how many of the draws are made."""
    last = time.monotonic()
    for number, block in enumerate(blocks, start=1):
        yield block
        if number * BLOCK < draws and time.monotonic() - last >= PATIENCE and sys.__stderr__:
            last = time.monotonic()
            print(f"{number * BLOCK:,} of {draws:,} draws made", file=sys.__stderr__, flush=True)


def weights_of(size: int, draws: int, rng: np.random.Generator) -> np.ndarray:
    """Draws × units: how often each of `size` units is in a draw of as many with replacement."""
    return rng.multinomial(size, np.full(size, 1 / max(size, 1)), size=draws)


@recorded
def bootstrap_difference(
    frame: pd.DataFrame,
    outcome: str,
    strata: Sequence[str],
    *,
    treatment: str,
    control: str,
    rng: np.random.Generator,
    draws: int = 2000,
    population: str = "all",
    conf_level: float = 0.95,
    workers: int = 1,
) -> Estimate:
    """The Mantel–Haenszel difference with standard error and percentile interval from people drawn anew.

    People are drawn with replacement within stratum and arm, as many as there were, so that weights stay. A draw of a
    cell is how many of its people have each value, one multinomial number a cell instead of one a person. `frame`,
    missing data and strata without both arms as in `strata.stratified_difference`; NaN without anybody in both arms.
    Held against people drawn one by one and against scipy's bootstrap (tests/test_resampling.py).
    """
    arms = {"treatment": treatment, "control": control}
    found = stratified_difference(frame, outcome, strata, **arms, population=population, conf_level=conf_level)
    named = replace(found, method=f"bootstrap within strata and arm, {draws} draws", p_value=NAN, statistic_value=NAN)
    rows = arm_rows(frame, outcome, strata, treatment, control)
    sums = stratum_sums(rows)
    if sums.empty:
        return named
    cells = _cells(rows, sums)
    gaps = drawn(lambda size, stream: _gaps(cells, size, stream), draws, rng, workers=workers)
    low, high = np.quantile(gaps, [(1 - conf_level) / 2, (1 + conf_level) / 2])
    return replace(named, std_error=float(np.std(gaps, ddof=1)), conf_low=float(low), conf_high=float(high))


def _cells(rows: pd.DataFrame, sums: pd.DataFrame) -> list[tuple[float, np.ndarray, np.ndarray]]:
    """Of each stratum and arm what its mean weighs, the values there are, and how many people have each."""
    n1, n0 = sums["n_treated"], sums["n_control"]
    weights = n1 * n0 / (n1 + n0) / (n1 * n0 / (n1 + n0)).sum()
    inside = rows[rows["stratum"].isin(sums.index)]
    return [
        (weights[stratum] * (1 if treated else -1), *np.unique(own["value"].to_numpy(), return_counts=True))
        for (stratum, treated), own in inside.groupby(["stratum", "treated"])
    ]


def _gaps(cells: list[tuple[float, np.ndarray, np.ndarray]], draws: int, rng: np.random.Generator) -> np.ndarray:
    total = np.zeros(draws)
    for weight, values, people in cells:
        n = people.sum()
        total += weight / n * (rng.multinomial(n, people / n, size=draws) @ values)
    return total

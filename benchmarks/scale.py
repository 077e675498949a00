"""Registers of a thousand people and more, estimates on them, and drawing anew, each beside what one would do instead.

`python -m benchmarks.scale [PEOPLE]` measures registers from a thousand people to so many (1,000,000) and appends to
benchmarks/scale.csv (`drawing` and `registers PEOPLE` measure a part): one row a measurement, each in a process of its
own, with date, machine and versions. Ways that are compared run one after the other, so that what else the machine does
falls on both; CPU seconds bear that better than wall seconds. Before times are kept the ways must give the same cells,
row for row. `python -m benchmarks.scale told` prints ratios and fitted exponents from the file.
"""

import csv
import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from datetime import date
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import stats

from analysis.chapters.employment.at_scale import counted_at_primary, counted_register, register_estimates
from analysis.frames.spells.cells import PEOPLE
from analysis.methods.randomisation import randomisation_test
from analysis.methods.resampling import bootstrap_difference
from analysis.study.finding import find_study
from analysis.study.reading import read_settings
from benchmarks import by_hand

FILE = Path(__file__).with_name("scale.csv")
PACKAGES = ("numpy", "pandas", "scipy", "duckdb", "ibis-framework")
SIZES, MOST_IN_PANDAS = (1_000, 10_000, 100_000, 1_000_000, 10_000_000), 100_000
DRAWS, LOOPED = 10_000, 200  # draws that are compared, and those that the loop makes, whose time is scaled up
COLUMNS = ("date", "machine", "versions", "what", "how", "size", "cpu_seconds", "wall_seconds", "peak_mib", "digest")
Way = Callable[[Path, int], object]


def of_register(count: Callable) -> Way:
    return lambda folder, size: count(folder, read_settings(find_study(None)))


def estimates(folder: Path, size: int) -> pd.DataFrame:
    study = read_settings(find_study(None))
    return register_estimates(counted_at_primary(folder, study), study)


def people_like_the_trials() -> pd.DataFrame:
    """1,190 people in twelve strata, a third of whom work."""
    rng = np.random.default_rng(1)
    arm = rng.choice(["new", "usual"], 1190)
    return pd.DataFrame({"arm": arm, "stratum": rng.integers(0, 12, 1190), "works": rng.random(1190) < 0.33})


ARMS = {"treatment": "new", "control": "usual"}


def bootstrap(folder: Path, size: int, strata: tuple[str, ...] = ("stratum",)) -> None:
    bootstrap_difference(people_like_the_trials(), "works", strata, rng=np.random.default_rng(1), draws=size, **ARMS)


def bootstrap_in_a_loop(folder: Path, size: int) -> None:
    """People drawn one draw at a time, the estimate computed on each frame; so many draws as `LOOPED`."""
    frame, rng = people_like_the_trials(), np.random.default_rng(1)
    for _ in range(size):
        own = frame.groupby(["stratum", "arm"], group_keys=False).sample(frac=1, replace=True, random_state=rng)
        means = own.groupby(["stratum", "arm"])["works"].agg(["mean", "size"]).unstack("arm")
        n1, n0 = means["size"]["new"], means["size"]["usual"]
        gap = means["mean"]["new"] - means["mean"]["usual"]
        float((gap * n1 * n0 / (n1 + n0)).sum() / (n1 * n0 / (n1 + n0)).sum())


def _arms_apart() -> list[np.ndarray]:
    frame = people_like_the_trials()
    return [frame.loc[frame["arm"] == arm, "works"].to_numpy(float) for arm in ("new", "usual")]


def scipys_bootstrap(folder: Path, size: int) -> None:
    stats.bootstrap(_arms_apart(), _gap, n_resamples=size, method="percentile", rng=np.random.default_rng(1))


def scipys_permutations(folder: Path, size: int) -> None:
    stats.permutation_test(_arms_apart(), _gap, n_resamples=size, rng=np.random.default_rng(1))


def _gap(new: np.ndarray, usual: np.ndarray, axis: int) -> np.ndarray:
    return new.mean(axis=axis) - usual.mean(axis=axis)


def randomisation(folder: Path, size: int, strata: tuple[str, ...] = ("stratum",)) -> None:
    randomisation_test(people_like_the_trials(), "works", strata, rng=np.random.default_rng(1), draws=size, **ARMS)


def randomisation_in_a_loop(folder: Path, size: int) -> None:
    """Arms shuffled within strata one draw at a time, t computed on each frame."""
    from analysis.methods.strata import stratified_difference

    frame, rng = people_like_the_trials(), np.random.default_rng(1)
    for _ in range(size):
        own = frame.assign(arm=frame.groupby("stratum")["arm"].transform(lambda arm: rng.permutation(arm.to_numpy())))
        stratified_difference(own, "works", ["stratum"], **ARMS)


# What is measured → how → the way; the first is the book's own.
WAYS: Mapping[str, Mapping[str, Way]] = {
    "register": {"expressions": of_register(counted_register), "sql_by_hand": of_register(by_hand.handwritten_cells),
                 "pandas": of_register(by_hand.pandas_cells)},
    "estimates": {"cells": estimates},
    "bootstrap": {"drawn": bootstrap, "loop": bootstrap_in_a_loop},
    "bootstrap_without_strata": {"drawn": lambda folder, size: bootstrap(folder, size, ()), "scipy": scipys_bootstrap},
    "randomisation": {"drawn": randomisation, "loop": randomisation_in_a_loop},
    "randomisation_without_strata": {"drawn": lambda folder, size: randomisation(folder, size, ()),
                                     "scipy": scipys_permutations},
}  # fmt: skip


def measured(what: str, how: str, folder: Path, size: int) -> dict[str, object]:
    """One way in a process of its own: seconds less what imports took, peak memory, and a digest of cells."""
    command = [sys.executable, "-m", "benchmarks.scale", "one", what, how, str(folder), str(size)]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()[-1])


def one(what: str, how: str, folder: Path, size: int) -> dict[str, object]:
    way, started, began = WAYS[what][how], os.times(), time.perf_counter()
    found = way(folder, size)
    wall, ended = time.perf_counter() - began, os.times()
    cpu = ended.user + ended.system - started.user - started.system
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    digest = _digest(found) if what == "register" else ""
    return {"cpu_seconds": round(cpu, 3), "wall_seconds": round(wall, 3), "peak_mib": round(peak), "digest": digest}


def _digest(cells: pd.DataFrame) -> str:
    cells = cells.rename(columns={"month": "period"})[[*by_hand.CELL, PEOPLE]].astype("str")
    return f"{pd.util.hash_pandas_object(cells, index=False).sum():016x}"


def keep(what: str, how: str, size: int, found: Mapping[str, object]) -> None:
    """Append one measurement to the file."""
    versions = " ".join(f"{name} {version(name)}" for name in PACKAGES)
    load = f"load {os.getloadavg()[0]:.0f}"
    machine = f"{platform.machine()}, {os.cpu_count()} processors, {load}, Python {platform.python_version()}"
    row = {"date": date.today().isoformat(), "machine": machine, "versions": versions, "what": what, "how": how,
           "size": size, **found}  # fmt: skip
    is_new = not FILE.exists()
    with FILE.open("a", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        if is_new:
            writer.writeheader()
        writer.writerow(row)
    print(f"{what:<30} {how:<12} {size:>10,} {found['cpu_seconds']:>9.2f} s CPU {found['peak_mib']:>6} MiB", flush=True)


def measure_register(folder: Path, size: int) -> None:
    """A register of so many people, by each way, and the estimates on it; no times are kept of ways that disagree."""
    ways = [how for how in WAYS["register"] if how != "pandas" or size <= MOST_IN_PANDAS]
    found = {how: measured("register", how, folder, size) for how in ways}
    if len({each["digest"] for each in found.values()}) != 1:
        sys.exit(f"{size} people: the ways do not give the same cells: {found}")
    for how, each in found.items():
        keep("register", how, size, each)
    keep("estimates", "cells", size, measured("estimates", "cells", folder, size))


def measure_registers(most: int) -> None:
    """Registers of each size up to so many people, invented for it and removed afterwards."""
    for size in (size for size in SIZES if size <= most):
        with tempfile.TemporaryDirectory() as folder:
            invent = [sys.executable, "-m", "analysis", "simulate-register", "--people", str(size), "--out", folder]
            subprocess.run(invent, check=True)
            measure_register(Path(folder), size)


def measure_drawing() -> None:
    """Each way to draw anew; of the loop fewer draws, its seconds scaled to as many."""
    for what, ways in WAYS.items():
        for how in ways if what not in ("register", "estimates") else ():
            looped = how == "loop"
            found = measured(what, how, Path(), LOOPED if looped else DRAWS)
            for name in ("cpu_seconds", "wall_seconds") if looped else ():
                found[name] = round(found[name] * DRAWS / LOOPED, 3)
            keep(what, how, DRAWS, found)


def told() -> str:
    """Ratios of the last measurement of each way and size, and the exponent of growth fitted from 10,000 people on."""
    rows = pd.read_csv(FILE).groupby(["what", "how", "size"], sort=False).last().reset_index()
    lines = []
    for (what, size), own in rows.groupby(["what", "size"], sort=False):
        seconds = own.set_index("how")["cpu_seconds"]
        first = next(iter(WAYS[what]))
        lines += [f"{what} {size:,}: {how} takes {seconds[how] / seconds[first]:.2f} times {first}"
                  for how in seconds.index if how != first and first in seconds]  # fmt: skip
    for (what, how), own in rows[rows["size"] >= 10_000].groupby(["what", "how"], sort=False):
        if len(own) > 2:
            slope = np.polyfit(np.log(own["size"]), np.log(own["cpu_seconds"]), 1)[0]
            lines.append(f"{what} {how}: CPU time grows with people^{slope:.2f}")
    return "\n".join(lines)


def main() -> None:
    """Measure what the command line says."""
    words = sys.argv[1:] or ["1000000"]
    if words[0] == "one":
        print(json.dumps(one(words[1], words[2], Path(words[3]), int(words[4]))))
    elif words[0] == "told":
        print(told())
    elif words[0] == "drawing":
        measure_drawing()
    elif words[0] == "registers":
        measure_registers(int(words[1]))
    else:
        measure_drawing()
        measure_registers(int(words[0]))
        print(told())


if __name__ == "__main__":
    main()

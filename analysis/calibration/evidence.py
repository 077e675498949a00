"""Many worlds and numbers held out, computed part by part and kept, so that what was stopped goes on where it was."""

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path

import pandas as pd

from .declaration import FILE, cells_of
from .declared import Made, read_sought
from .held_out import fold, learnt
from .left_open import World, is_same, ranges, world
from .seal import ROOT, source_digests

FOLDER, WORLDS, LEFT_OPEN, HELD_OUT = "calibration", "worlds.csv", "left_open.csv", "held_out.csv"
DIGITS = 8  # of a number that is kept
# Of each task and what it gives, as they come; the tasks may be done side by side.
Doing = Callable[[Callable, Sequence], Iterable[tuple[object, object]]]


def ensemble(made: Made, study: Path, out: Path, worlds: int, doing: Doing) -> Iterator[str]:
    """Lines for whoever waits, while `left_open.csv` is made of so many worlds: these people and those found from them.

    Worlds that `worlds.csv` has of the same numbers, declaration, seed and program are not computed again.
    """
    file, key = out / WORLDS, _key(made, study)
    kept = pd.read_csv(file, dtype={"made_from": str}) if file.is_file() else pd.DataFrame({"made_from": []})
    kept = kept[kept["made_from"] == key]
    missing = [number for number in range(worlds) if number not in set(kept.get("world", ()))]
    out.mkdir(parents=True, exist_ok=True)
    for done, (_, found) in enumerate(doing(partial(_world, study, made), missing), worlds - len(missing) + 1):
        rows = pd.DataFrame(list(found.values.items()), columns=["address", "value"])
        kept = pd.concat([kept, rows.assign(made_from=key, world=found.number, changed=found.changed)])
        _write(kept.sort_values("world", kind="stable"), file)
        yield f"world {done} of {worlds}: {100 * found.changed:.0f} % of what may change is otherwise"
    of_worlds = [World(number, dict(zip(own["address"], own["value"], strict=True)), own["changed"].iloc[0])
                 for number, own in kept[kept["world"] < worlds].groupby("world")]  # fmt: skip
    _write(ranges(of_worlds, made.declared), out / LEFT_OPEN)


def held_out(made: Made, study: Path, out: Path, folds: int, doing: Doing) -> Iterator[str]:
    """Lines for whoever waits, while `held_out.csv` is made: each printed number as others' people have it."""
    out.mkdir(parents=True, exist_ok=True)
    parts = {}
    for number, part in doing(partial(_fold, study, folds, made.seed), range(folds)):
        parts[number] = part
        yield f"part {len(parts)} of {folds} left out"
    _write(pd.concat([parts[number] for number in sorted(parts)]), out / HELD_OUT)


def _world(study: Path, made: Made, number: int) -> World:
    return world(number, read_sought(study), made.values, made.seed)


def _fold(study: Path, folds: int, seed: int, number: int) -> pd.DataFrame:
    return fold(number, folds, read_sought(study), seed)


def _key(made: Made, study: Path) -> str:
    """What worlds hang on: the printed numbers, the declaration, the people begun with, and the program."""
    digest = hashlib.sha256(made.values.tobytes())
    for path in (cells_of(study), study / FILE):
        digest.update(path.read_bytes())
    programs = source_digests([ROOT / "analysis" / "calibration" / "left_open.py"])
    digest.update(repr(sorted(programs.items())).encode())
    return digest.hexdigest()[:16]


def _write(frame: pd.DataFrame, file: Path) -> None:
    """The file as a whole, or as it was."""
    aside = file.with_name(f".{file.name}")
    frame.to_csv(aside, index=False, float_format=f"%.{DIGITS}g", lineterminator="\n")
    os.replace(aside, file)


def told_of_worlds(left_open: pd.DataFrame) -> list[str]:
    """Lines: how many numbers that are not printed are the same in all worlds, and which comparisons are open."""
    said = left_open[left_open["is_settled"].notna()]
    unsettled = said[~said["is_settled"].astype(bool)]
    lines = [
        f"{len(left_open)} numbers that are not printed, in {left_open['worlds'].max()} worlds: "
        f"{is_same(left_open).sum()} the same in all",
        f"of {len(said)} directions and p-values, the printed numbers settle {len(said) - len(unsettled)}",
    ]
    return lines + [f"  open: {'/'.join(row[:4])}: {row.here:.3g} here, {row.lowest:.3g} to {row.highest:.3g}"
                    for row in unsettled.itertuples(index=False)]  # fmt: skip


def told_of_held_out(left_out: pd.DataFrame) -> list[str]:
    """Lines: how near the numbers left out are met, beside people dealt anew, in units of the last printed place."""
    return [
        f"{name}: {each.numbers} left out, half of them off by at most {each.calibrated:.2g} units of the last place, "
        f"dealt anew by {each.dealt:.2g}; nearer in {each.nearer}, farther in {each.farther}"
        for name, each in learnt(left_out).items()
    ]

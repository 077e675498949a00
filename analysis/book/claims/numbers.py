"""Numbers that the engine's own words may tell, by address: simulated trials, parameters, constants of the code."""

from collections.abc import Iterator, Mapping
from functools import cache
from importlib import import_module
from pathlib import Path

import pandas as pd

import analysis
from analysis.book.method_pages import SIMULATED
from analysis.frames.instruments.parameter_sets import PARAMETER_FOLDER, read_parameters

CODE = "code/"
SUPPRESSION = Path(analysis.__file__).parents[1] / "benchmarks" / "suppression.csv"


@cache
def engine_numbers() -> Mapping[str, float]:
    """`simulated/method/what/effect/column`, `parameters/instrument/name/part` and so on → number."""
    return {**_simulated(), **_parameters(), **_suppression()}


def number_at(address: str, known: Mapping[str, float]) -> float | None:
    """The number with an address among those known, or a constant: `code/module/NAME`, and `/place` of a list."""
    if not address.startswith(CODE):
        return known.get(address)
    module, name, *place = address.removeprefix(CODE).split("/")
    try:
        value = getattr(import_module(module), name)
        return float(value[int(place[0])] if place else value)
    except (ImportError, AttributeError, IndexError, TypeError, ValueError):
        return None


def is_address(reason: str, known: Mapping[str, float]) -> bool:
    """Whether a reason is meant as the address of a number. An address of one's own words has no spaces."""
    return reason in known or ("/" in reason and " " not in reason)


def _simulated() -> dict[str, float]:
    """What came of simulated trials, such as the share of right intervals."""
    found = pd.read_csv(SIMULATED, keep_default_na=True).fillna({"what": ""})
    named = found.assign(effect=found["effect"].ne(0).map({True: "effect", False: "no_effect"}))
    numbers = named.melt(["method", "what", "effect"]).dropna()
    keys = numbers[["method", "what", "effect", "variable"]].agg("/".join, axis=1)
    return dict(zip("simulated/" + keys, numbers["value"].astype(float), strict=True))


def _parameters() -> dict[str, float]:
    return {
        address: value
        for path in sorted(PARAMETER_FOLDER.glob("*.yml"))
        for name, each in read_parameters(path.stem).items()
        for address, value in _flat(f"parameters/{path.stem}/{name}", each.value)
    }


def _suppression() -> dict[str, float]:
    """What an outsider found out of protected random studies, and what that cost (`benchmarks/suppression.py`)."""
    if not SUPPRESSION.is_file():
        return {}
    found = pd.read_csv(SUPPRESSION)
    hidden = 100 * found["of_many_hidden"].sum() / found["of_many"].sum()
    told = {"studies": len(found), "found_out": found["found_out"].sum(), "hidden_of_100": hidden}
    return {f"benchmarks/suppression/{name}": float(value) for name, value in told.items()}


def _flat(address: str, value: object) -> Iterator[tuple[str, float]]:
    """Each number in a value, lists by the place from nought on and mappings by key."""
    pairs = value.items() if isinstance(value, Mapping) else enumerate(value) if isinstance(value, list) else ()
    for key, part in pairs:
        yield from _flat(f"{address}/{key}", part)
    if isinstance(value, int | float):
        yield address, float(value)

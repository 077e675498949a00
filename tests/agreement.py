"""How closely a method agrees with another program: what its page says of it, held in every run.

`agrees` fails where a number is further off than the page of the method says. After a new check, run its tests with
`ANALYSIS_CHECKED=1 python -m pytest tests/test_x.py`, without workers: what they find is written down, as the power of
ten above the largest difference.
"""

import csv
import math
import os
from pathlib import Path

import pandas as pd

from analysis.methods import worked

CHECKED = Path(worked.__file__).with_name("checked.csv")
COLUMNS = ["method", "against", "largest_difference"]
WRITES = "ANALYSIS_CHECKED"
# Closer than this nobody can tell one floating-point calculation from another.
CLOSEST = 1e-12
# So much another processor may add, which sums in another order.
ANOTHER_MACHINE = 1e-9


def agrees(method: str, against: str, value: float, answer: float, within: float = 1e-6) -> None:
    """A method's number is another program's, as closely as its page says; above one the difference is relative."""
    assert math.isnan(value) == math.isnan(answer), (method, against, value, answer)
    difference = 0.0 if math.isnan(answer) else abs(value - answer) / max(1.0, abs(answer))
    assert difference <= within, (method, against, value, answer)
    stated = _stated()
    if os.environ.get(WRITES):
        stated[method, against] = max(stated.get((method, against), CLOSEST), _bound(difference))
        _write(stated)
    largest = stated.get((method, against))
    assert largest is not None, (method, against, f"run with {WRITES}=1")
    assert difference <= max(largest, ANOTHER_MACHINE), (method, against, difference)


def _stated() -> dict[tuple[str, str], float]:
    if not _KNOWN:
        rows = pd.read_csv(CHECKED, comment="#")
        _KNOWN.update({(row.method, row.against): row.largest_difference for row in rows.itertuples()})
    return _KNOWN


_KNOWN: dict[tuple[str, str], float] = {}


def _bound(difference: float) -> float:
    """The power of ten at or above a difference."""
    return float(f"1e{math.ceil(math.log10(difference))}") if difference > CLOSEST else CLOSEST


def _write(stated: dict[tuple[str, str], float]) -> None:
    order = {method: place for place, method in enumerate(worked.EXAMPLES)}
    rows = sorted(stated.items(), key=lambda item: (order.get(item[0][0], len(order)), item[0][1]))
    with CHECKED.open("w", encoding="utf-8", newline="") as file:
        file.write("# Largest difference between a method and what it was held against; see tests/agreement.py.\n")
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows((method, against, f"{largest:.0e}") for (method, against), largest in rows)

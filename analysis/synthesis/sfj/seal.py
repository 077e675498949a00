"""The seal of the bundled trial: digests of its tables and of everything they are made from.

`python -m analysis.synthesis.sfj` writes the seal beside the tables. So it shows at once when a table was changed by
hand, or when the program or the published numbers have changed since the tables were made. That a new run gives the
same bytes is what `python -m analysis.synthesis.sfj --check` finds out, which makes everything anew.
"""

import json
from pathlib import Path

from analysis.calibration import of_text, source_digests, table_digests

from .open_answers import MOVED
from .pipeline import inputs
from .targets import PUBLISHED

NAME = "seal.json"


def write_seal(folder: Path, seed: int) -> None:
    """Write the seal of the tables in `folder`, made from this seed by the program as it is."""
    seal = {"seed": seed, "made_from": sources(), "tables": table_digests(folder)}
    (folder / NAME).write_text(json.dumps(seal, indent=1) + "\n", encoding="utf-8")


def read_seal(folder: Path) -> dict:
    """The seal of a study folder: seed, made_from and tables (name → digest)."""
    return json.loads((folder / NAME).read_text(encoding="utf-8"))


def sources() -> dict[str, str]:
    """SHA-256 of all that decides the bytes of the tables: programs, assumptions, published numbers, settings."""
    package = Path(__file__).parent
    files = source_digests(package.glob("*.py"), (*package.glob("assumptions*.yml"), PUBLISHED, MOVED))
    return dict(sorted({**files, "settings": of_text(json.dumps(inputs(), sort_keys=True))}.items()))

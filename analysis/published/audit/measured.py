"""What the audit can see: the share of planted errors that it finds, or what answers for each printed number."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from analysis.published.audit import CHECKS, coverage, mutation, outcome_of
from analysis.published.audit.reading import read_relations
from analysis.published.scorecard import read_published

# So many errors are planted between two lines of progress.
STEP = 500


@dataclass(frozen=True)
class Measured:
    """frame: one row a planted error or a printed number. lines: what to print. complete: whether nothing is open."""

    frame: pd.DataFrame
    lines: list[str]
    complete: bool = True


def measured(cells: Path, relations: Path, errors: int | None, seed: int, tell: Callable[[str], None]) -> Measured:
    """So many planted errors, or, without a number, the coverage of the printed numbers.

    Beside the relations stand `twin.yml` (see `mutation.twin_of`) and `unchecked.yml` (see `coverage.coverage`).
    """
    published = read_published(cells)
    declared = read_relations(relations, published, CHECKS)
    if not errors:
        covered = coverage.coverage(published, declared, relations.with_name("unchecked.yml"))
        flat = covered.assign(checks=covered["checks"].map(" ".join))
        return Measured(flat, coverage.report(covered), bool((covered["why"] != "").all()))

    def progress(done: int) -> None:
        if done % STEP == 0 or done == errors:
            tell(f"{done} of {errors} errors planted")

    twin = mutation.twin_of(published, relations.with_name("twin.yml"))
    recall = mutation.measure(declared, twin, outcome_of, errors, seed, progress)
    joined = {name: recall.planted[name].map(lambda names: " ".join(sorted(names))) for name in ("checked", "found_by")}
    return Measured(recall.planted.assign(**joined), mutation.report(recall, seed))

"""The published report that a study is about: the folder `published` beside its tables, read once."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

import pandas as pd

from analysis.frames.trial import Trial
from analysis.methods import recording
from analysis.published.audit import CHECKS, COLUMNS, audit
from analysis.published.audit.carry import Chain, chain_of
from analysis.published.audit.reading import read_relations
from analysis.published.moved import FILE, MovedRow, read_moved
from analysis.published.scorecard import addresses, precision, read_outside, read_published
from analysis.study.yaml_files import read_yaml


@dataclass(frozen=True, eq=False)
class PublishedReport:
    """What a report prints. Only `cells.csv` has to be there; what another file would say is then not said.

    Frames are made at first use, once, and must not be changed by callers.
    """

    folder: Path

    @cached_property
    def cells(self) -> pd.DataFrame:
        """The printed numbers; see `scorecard.read_published`."""
        return read_published(self.folder / "cells.csv")

    @cached_property
    def places(self) -> pd.Series:
        """Decimals of each printed number that carry information; see `scorecard.precision`."""
        return precision(self.cells)

    @cached_property
    def words(self) -> Mapping[str, str]:
        """What to call the codes of printed numbers in a sentence."""
        return self._read("words.yml")

    @cached_property
    def rough(self) -> Mapping[str, str]:
        """Address → about, a_good, nearly, over or at_least, for numbers that the text itself gives roughly."""
        return self._read("rough.yml")

    @cached_property
    def restated(self) -> Mapping[str, list]:
        """Address of a number that is printed again → the computed cells it repeats, and the factor of units."""
        return self._read("restated.yml")

    @cached_property
    def outside(self) -> Mapping[str, str]:
        """Address → why the data of a study cannot give this number; see `scorecard.read_outside`."""
        path = self.folder / "outside.yml"
        return read_outside(path) if path.is_file() else {}

    @cached_property
    def moved(self) -> tuple[MovedRow, ...]:
        """Rows whose numbers were printed in another row; see `moved.read_moved`."""
        return read_moved(self.folder / FILE, frozenset(addresses(self.cells)))

    @property
    def relations(self) -> Path:
        """File with what should hold between the numbers; a report may come without one."""
        return self.folder / "relations.yml"

    @property
    def findings(self) -> pd.DataFrame:
        """Every declared relation, checked; one row a relation (see `audit.audit`); none without `relations.yml`."""
        findings, given = self._findings
        recording.take_up(given)
        return findings

    @cached_property
    def _findings(self) -> tuple[pd.DataFrame, Mapping]:
        """These, and what methods gave for them."""
        if not self.relations.is_file():
            return pd.DataFrame(columns=list(COLUMNS)), {}
        return recording.apart(lambda: audit(self.cells, self.relations, self.words))

    def chain(self, in_doubt: Collection[str] = ()) -> Chain:
        """The calculation of the economic analysis with its slips; see `chain_of`."""
        return chain_of(read_relations(self.relations, self.cells, CHECKS), self.findings, in_doubt=in_doubt)

    def word(self, code: str) -> str:
        """What to call a code; one that is not listed is read as it stands, with spaces for underscores."""
        return self.words.get(code, code.replace("_", " "))

    def _read(self, name: str) -> Mapping:
        path = self.folder / name
        return (read_yaml(path) or {}) if path.is_file() else {}


def report_of(trial: Trial) -> PublishedReport:
    """The published report of a trial's study; the need `published` says whether there is one."""
    folder = trial.folder / "published"
    return _opened(folder, tuple((path.name, path.stat().st_mtime_ns) for path in sorted(folder.glob("*"))))


@cache
def _opened(folder: Path, files: tuple[tuple[str, int], ...]) -> PublishedReport:
    """The report as it is while these files are the same."""
    return PublishedReport(folder)

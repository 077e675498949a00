"""Reading `mapping.yml` of a study folder, and making the tables that it describes."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from os.path import lexists
from pathlib import Path

from analysis.study.mapping.fitting import Schemas, faults_of_mapping
from analysis.study.mapping.records import Reader
from analysis.study.mapping.settings import FILE, TableMapping
from analysis.study.mapping.tables import MappedTable, map_tables
from analysis.study.problems import Problem, Unchecked
from analysis.study.reading import setting_problem, validated
from analysis.study.yaml_files import YamlProblems, read_document


@dataclass(frozen=True)
class Mapped:
    """What a mapping makes of an extract.

    tables: those that could be laid out. lines: all tables of the mapping, and where each stands in it. files: all
    files that it reads. problems: of the mapping and of the files, each where it can be mended. untold: there is a
    mapping, but nobody can tell which files and tables it means.
    """

    tables: Mapping[str, MappedTable] = field(default_factory=dict)
    lines: Mapping[str, int | None] = field(default_factory=dict)
    files: frozenset[str] = frozenset()
    problems: tuple[Problem, ...] = ()
    untold: bool = False

    @property
    def unchecked(self) -> tuple[Unchecked, ...]:
        """What could not be looked at."""
        what = "Files of other names, and the tables that are made of them."
        return (Unchecked(what, f"{FILE} has faults"),) if self.untold else ()

    @property
    def names(self) -> tuple[str, ...]:
        """All tables of the mapping."""
        return tuple(self.lines)

    @property
    def in_tables(self) -> list[Problem]:
        """A problem for each faulty cell as one of the table it is in, for those who look at tables alone."""
        return [Problem(f"{name}.csv", row, field or None, "unreadable", "", "")
                for name, table in self.tables.items() for row, field in table.faulty]  # fmt: skip

    def at_source(self, problems: Iterable[Problem]) -> list[Problem]:
        """The problems, those of tables that the mapping made at the place of the extract that they come from."""
        by_file = {f"{name}.csv": table for name, table in self.tables.items()}
        moved = [by_file[problem.file].at_source(problem) if problem.file in by_file else problem
                 for problem in problems]  # fmt: skip
        return [problem for problem in moved if problem]

    def twice(self, others: Collection[str]) -> list[Problem]:
        """A problem for each table that the mapping makes and that stands in a file of its own, too."""
        cause, remedy = "The table comes from the mapping, and there is a file of its name, too.", "Remove one of them."
        return [Problem(FILE, self.lines[name], f"tables.{name}", "table_twice", cause, remedy)
                for name in self.names if name in others]  # fmt: skip


def mapped_files(folder: Path) -> tuple[str, ...]:
    """The files that the folder's mapping reads, in its order; none without a mapping that can be read."""
    path = folder / FILE
    try:
        mapping = validated(read_document(path), FILE, TableMapping)[0] if lexists(path) else None
    except YamlProblems:
        return ()
    return _files(mapping) if mapping else ()


def _files(mapping: TableMapping) -> tuple[str, ...]:
    sources = [source for table in mapping.tables.values() for source in table.sources]
    return tuple(dict.fromkeys(name for source in sources for name in source.files))


def read_mapping(folder: Path, schemas: Schemas, read: Reader, open_tables: Collection[str] = ()) -> Mapped:
    """The tables that the folder's mapping makes; none in a folder without one. Nothing is raised: faults are told.

    open_tables: those of which nobody can tell now which fields they have; they are left out.
    """
    path = folder / FILE
    if not lexists(path):  # a folder of this name or a link to nowhere is a fault, not no mapping
        return Mapped()
    try:
        document = read_document(path)
    except YamlProblems as error:
        return Mapped(problems=error.problems, untold=True)
    mapping, problems = validated(document, FILE, TableMapping)
    if mapping is None:
        return Mapped(problems=tuple(problems), untold=True)
    lines = {name: document.line(("tables", name)) for name in mapping.tables}
    files = frozenset(_files(mapping))
    mapping = replace(mapping, tables={name: mapping.tables[name] for name in lines if name not in open_tables})
    faults = list(faults_of_mapping(mapping, schemas))
    if faults:
        return Mapped({}, lines, files, tuple(setting_problem(fault, document, FILE) for fault in faults))
    tables, problems = map_tables(mapping, document, read, schemas)
    found = [*problems, *(problem for table in tables.values() for problem in table.problems)]
    return Mapped(tables, lines, files, tuple(dict.fromkeys(found)))

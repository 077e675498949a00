"""Reading `mapping.yml` of a study folder, and making the tables that it describes."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from analysis.study.mapping.fitting import Schemas, faults_of_mapping
from analysis.study.mapping.records import Reader
from analysis.study.mapping.settings import FILE, TableMapping
from analysis.study.mapping.tables import MappedTable, map_tables
from analysis.study.problems import Problem, StudyProblems
from analysis.study.reading import setting_problem, validated


@dataclass(frozen=True)
class Mapped:
    """What a mapping makes of an extract.

    tables: those that could be laid out. names: all tables of the mapping. files: all files that it reads. problems: of
    the mapping and of the files, each where it can be mended.
    """

    tables: Mapping[str, MappedTable] = field(default_factory=dict)
    names: tuple[str, ...] = ()
    files: frozenset[str] = frozenset()
    problems: tuple[Problem, ...] = ()

    def at_source(self, problems: Iterable[Problem]) -> list[Problem]:
        """The problems, those of tables that the mapping made at the place of the extract that they come from."""
        by_file = {f"{name}.csv": table for name, table in self.tables.items()}
        moved = [by_file[problem.file].at_source(problem) if problem.file in by_file else problem
                 for problem in problems]  # fmt: skip
        return [problem for problem in moved if problem]


def read_mapping(folder: Path, schemas: Schemas, read: Reader, open_tables: Collection[str] = ()) -> Mapped:
    """The tables that the folder's mapping makes; none in a folder without one. Nothing is raised: faults are told.

    open_tables: those of which nobody can tell now which fields they have; they are left out.
    """
    path = folder / FILE
    if not path.is_file():
        return Mapped()
    try:
        mapping, document = validated(folder, path, TableMapping)
    except StudyProblems as error:
        return Mapped(problems=error.problems)
    names = tuple(mapping.tables)
    files = frozenset(name for table in mapping.tables.values() for source in table.sources for name in source.files)
    mapping = replace(mapping, tables={name: mapping.tables[name] for name in names if name not in open_tables})
    faults = list(faults_of_mapping(mapping, schemas))
    if faults:
        return Mapped({}, names, files, tuple(setting_problem(fault, document, FILE) for fault in faults))
    tables, problems = map_tables(mapping, document, read, schemas)
    found = [*problems, *(problem for table in tables.values() for problem in table.problems)]
    both = [_twice(name, document.line(("tables", name))) for name in names if (folder / f"{name}.csv").is_file()
            and f"{name}.csv" not in files]  # fmt: skip
    return Mapped(tables, names, files, (*both, *dict.fromkeys(found)))


def _twice(name: str, line: int | None) -> Problem:
    cause = f"The table comes from the mapping, and there is a file {name}.csv, too."
    return Problem(FILE, line, f"tables.{name}", "table_twice", cause, "Remove one of them.")

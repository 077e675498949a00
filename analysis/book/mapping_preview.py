"""What `map` says of a mapping, in counts and never of people, and the draft that it writes where there is none."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from pathlib import Path

import pandas as pd
import yaml

from analysis.show.catalogue import Catalogue
from analysis.study.contract import TABLES, tables_of
from analysis.study.contract.columns import kind_of
from analysis.study.intake import OPEN_TABLES, mapped_tables
from analysis.study.mapping.guess import FEWEST, GuessedFile, GuessedSource, extract_files, guess_file, shown_name
from analysis.study.mapping.records import EMPTY_UNIT
from analysis.study.mapping.settings import FILE, LINE, FieldRule
from analysis.study.mapping.tables import Counted, MappedTable
from analysis.study.problems import Problem, StudyProblems, group_problems
from analysis.study.reading import read_settings
from analysis.study.settings import Study
from analysis.study.table_files.folder import file_named

_FIT = ("both", "name", "file")


def shown_or_drafted(folder: Path, day: date, language: str = "en") -> tuple[list[str], list[Problem]]:
    """What `map` says of a folder, and the problems in it: the preview of its mapping, or that a draft was written."""
    words = Catalogue(language)
    if not folder.is_dir():
        return [], [Problem(str(folder), None, None, "missing_folder", "There is no such folder.", "Check the path.")]
    try:
        if (folder / FILE).exists():
            return preview_of(folder, words)
        return write_draft(folder, day, words), []
    except OSError as error:
        cause = f"The file cannot be written: {error.strerror}."
        return [], [Problem(FILE, None, None, "unwritable", cause, "Copy the extract to a folder of your own.")]


def write_draft(folder: Path, day: date, words: Catalogue) -> list[str]:
    """Write a draft of `mapping.yml` and tell so; raises FileExistsError rather than touch one that is there."""
    schemas = tables_of(_settings(folder))
    names = extract_files(folder, TABLES)
    guessed = [guess_file(file_named(folder, name), name, schemas) for name in names]
    if not any(found.sources for found in guessed):
        return [words.text("common.map.draft.no_files", folder=folder), *_nothing(guessed, words)]
    heading = words.text("common.map.draft.heading", day=day.isoformat(), fewest=str(FEWEST)).rstrip()
    lines = [heading, "tables:", *_tables(guessed, schemas, words), *_nothing(guessed, words)]
    with (folder / FILE).open("x", encoding="utf-8", newline="\n") as file:
        file.write("\n".join(lines) + "\n")
    return [words.text("common.map.draft.written", file=folder / FILE)]


def _settings(folder: Path) -> Study | None:
    """The settings of a folder, None while they cannot be read: a mapping may be made before."""
    try:
        return read_settings(folder)
    except StudyProblems:
        return None


def _tables(guessed: list[GuessedFile], schemas: Iterable[str], words: Catalogue) -> Iterator[str]:
    for table in schemas:
        sources = [(found, source) for found in guessed for source in found.sources if source.table == table]
        if sources:
            yield f"  {table}:"
            yield "    sources:"
        for found, source in sources:
            yield from _source(found, source, words)


def _source(found: GuessedFile, source: GuessedSource, words: Catalogue) -> Iterator[str]:
    yield f"      - file: {_flow(source.file)}"
    for run, (first, last) in found.runs.items():
        yield "        " + words.text("common.map.draft.run", run=run, first=first, last=last)
    yield "        fields:"
    rules = {guess.field: f"          {guess.field}: {_flow(_short(guess.rule))}" for guess in source.guesses}
    width = min(max(map(len, rules.values())), 70)
    for guess in source.guesses:
        told = [words.text(f"common.map.draft.{guess.rests_on}"), guess.why]
        told += [words.text("common.map.draft.hidden", n=str(guess.hidden))] if guess.hidden else []
        told += [words.text("common.map.draft.unknown")] if None in guess.rule.get("values", {}).values() else []
        yield f"{rules[guess.field]:<{width}}  # {'; '.join(part for part in told if part)}"
    for field in source.lacking:
        yield "          " + words.text("common.map.draft.lacking", field=field)
    if found.unused:
        yield "        " + words.text("common.map.draft.unused", columns=_names(found.unused))


def _nothing(guessed: list[GuessedFile], words: Catalogue) -> list[str]:
    columns = {found.file: ", ".join([_names(found.unused), *found.runs]) for found in guessed if not found.sources}
    return [words.text("common.map.draft.nothing", file=file, columns=names) for file, names in columns.items()]


def _names(columns: Iterable[str]) -> str:
    return ", ".join(shown_name(column, number) for number, column in enumerate(columns, 1))


def _short(rule: Mapping) -> Mapping | str:
    return rule["column"] if set(rule) == {"column"} else rule


def _flow(value: object) -> str:
    text = yaml.safe_dump(value, default_flow_style=True, allow_unicode=True, sort_keys=False, width=10_000)
    return text.removesuffix("...\n").strip()


def preview_of(folder: Path, words: Catalogue) -> tuple[list[str], list[Problem]]:
    """Where each table and field comes from, in counts, of codes only those that enough rows have; and the problems."""
    study = _settings(folder)
    mapped = mapped_tables(folder, study, () if study else OPEN_TABLES)
    lines = [line for table in mapped.tables.values() for line in _table(table, words)]
    lines += [words.text("common.map.preview.unseen", table=table) for table in OPEN_TABLES
              if study is None and table in mapped.names]  # fmt: skip
    return lines or [words.text("common.map.preview.nothing", folder=folder)], group_problems(mapped.problems)


def _table(table: MappedTable, words: Catalogue) -> Iterator[str]:
    yield words.text("common.map.preview.table", table=table.name, rows=f"{len(table.rows):,}")
    for number, counted in enumerate(table.counted):
        yield from (f"  {line}" for line in _counts(counted, words))
        own = table.carried.loc[table.carried["source"] == number, "row"].drop_duplicates()
        for field, rule in table.rule.sources[number].fields.items():
            yield f"    {_field(field, rule, table.rows.loc[own, field], words)}"
        used = {LINE, *table.rule.sources[number].columns}
        unused = [name for name in table.records[number].origin if name not in used]
        if unused:
            yield "    " + words.text("common.map.preview.unused", columns=_names(unused))
    mapped = set().union(*(source.fields for source in table.rule.sources))
    absent = [field for field in table.rows.columns if field not in mapped]
    if absent:
        yield "  " + words.text("common.map.preview.not_mapped", fields=", ".join(absent))


def _counts(counted: Counted, words: Catalogue) -> Iterator[str]:
    numbers = {"rows": f"{counted.rows:,}", "records": f"{counted.records:,}"}
    rows = words.text("common.map.preview.rows", n=numbers["rows"])
    if counted.records != counted.rows:
        rows = words.text("common.map.preview.units", **numbers)
    left_out = sum(counted.left_out.values())
    yield words.text("common.map.preview.source", files=", ".join(counted.files), records=rows,
                     used=f"{counted.used:,}", left_out=f"{left_out:,}", faulty=f"{counted.faulty:,}")  # fmt: skip
    for name, number in counted.left_out.items():
        if name == EMPTY_UNIT and not number:
            continue
        key = "empty_unit" if name == EMPTY_UNIT else "left_out"
        yield "  " + words.text(f"common.map.preview.{key}", name=name, n=f"{number:,}")
    for file, number in counted.without_partner.items():
        if number:
            yield "  " + words.text("common.map.preview.without_partner", file=file, n=f"{number:,}")


def _field(field: str, rule: FieldRule, values: pd.Series, words: Catalogue) -> str:
    if rule.column is None:
        return words.text("common.map.preview.constant", field=field, value=rule.constant)
    told = words.text("common.map.preview.column", field=field, column=rule.column)
    parts = list(_categories(field, values, words))
    if values.isna().any():
        parts.append(words.text("common.map.preview.missing", n=f"{int(values.isna().sum()):,}"))
    return f"{told}: {', '.join(parts)}" if parts else told


def _categories(field: str, values: pd.Series, words: Catalogue) -> Iterator[str]:
    """How many rows have each code. Nothing is told of dates, numbers, texts and identifiers."""
    column = next((table.columns[field] for table in TABLES.values() if field in table.columns), None)
    if column is None or kind_of(column) not in ("code", "flag"):
        return
    counted = values.value_counts().sort_index()
    enough = counted[~counted.index.isin(_untold(counted))]
    yield from (words.text("common.map.preview.counts", value=value, n=f"{n:,}") for value, n in enough.items())
    if len(enough) < len(counted):
        yield words.text("common.map.preview.rare", fewest=str(FEWEST))


def _untold(counted: pd.Series) -> list[str]:
    """The rare codes, and the next more frequent ones, until no difference from all rows tells of a few."""
    ascending = counted.sort_values(kind="stable")
    if ascending.empty or ascending.iloc[0] >= FEWEST:
        return []
    number = max(int((ascending < FEWEST).sum()), int((ascending.cumsum() < FEWEST).sum()) + 1)
    return list(ascending.index[:number])

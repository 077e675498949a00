"""A first mapping by guessing: which file of an extract gives which table, from names of columns and what is in them.

What a guess rests on is told with it. Of the values nothing is told that fewer than FEWEST rows have.
"""

import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import pandera.pandas as pa

from analysis.study.contract.columns import kind_of, values_of
from analysis.study.mapping.cells import days
from analysis.study.mapping.fitting import Schemas
from analysis.study.mapping.settings import DATE_FORMATS
from analysis.study.table_files import RawTable, forms, parts_of
from analysis.study.table_files.reading import ending_of, reader_of
from analysis.study.yaml_files import read_yaml

# A value that fewer rows have is not told, in a draft or in a preview.
FEWEST = 5
_MOST_CODES = 40
_MOST_UNKNOWN = 10
_FEWEST_UNITS = 12
_IDENTIFIERS = {"participant_id": "P", "employer_id": "E", "referral_id": "R"}
# A table of the contract about people that no extract holds.
_NEVER = ("extract_differences",)
# Folders of a study that hold no data of people.
_OF_A_STUDY = {"published", "words", "pages"}
_SHORTEST = 4  # letters of a synonym that may stand inside a longer name


@dataclass(frozen=True)
class Guess:
    """One field: the rule for it, and what it rests on: name and values (`both`), the `name`, or that of the `file`.

    why: what else is to be known of it. hidden: values of too few rows to be told.
    """

    field: str
    rule: Mapping[str, Any]
    rests_on: str
    why: str = ""
    hidden: int = 0


@dataclass(frozen=True)
class GuessedSource:
    """One file that gives rows of one table. lacking: fields that the table needs and nothing looks like."""

    table: str
    file: str
    guesses: tuple[Guess, ...]
    lacking: tuple[str, ...]


@dataclass(frozen=True)
class GuessedFile:
    """One file: the tables that it may give, columns that nothing takes, and runs of columns that look like time units
    by their name with {n} for the number, with the first and the last number."""

    file: str
    sources: tuple[GuessedSource, ...]
    unused: tuple[str, ...]
    runs: Mapping[str, tuple[int, int]]


def extract_files(folder: Path, names: Collection[str]) -> list[str]:
    """Files with tables below a study folder, and parts of such files, that are no tables of the contract.

    names: of the tables of the contract, which stand in the folder itself.
    """
    found = []
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        own = path.name.lower().removesuffix(ending_of(path)) in names and path.parent == folder
        if path.is_file() and reader_of(path) and not own and not set(name.split("/")[:-1]) & _OF_A_STUDY:
            found += [f"{name} ({part})" for part in parts_of(path)] or [name]
    return found


def guess_file(raw: RawTable, file: str, schemas: Schemas) -> GuessedFile:
    """What a file may give, best table first. Two tables never share a column but the identifiers."""
    found, used = [], set()
    for source in sorted(_candidates(raw, file, schemas), key=_rank):
        columns = {guess.rule["column"] for guess in source.guesses if _is_own(guess)}
        if not found or (columns and not columns & used and not source.lacking):
            found.append(source)
            used |= columns | {str(guess.rule.get("column")) for guess in source.guesses}
    runs = _runs(raw.header)
    unused = tuple(column for column in raw.header if column not in used and not _in_run(column, runs))
    return GuessedFile(file, tuple(found), unused, runs)


def plain_name(text: str) -> str:
    """A name as names are compared: small letters and digits, without marks on letters."""
    return re.sub(r"[^a-z0-9]", "", _without_marks(text))


def _without_marks(text: str) -> str:
    """Small letters of the English alphabet, where a letter is one with a mark."""
    text = unicodedata.normalize("NFKD", text.lower().replace("ø", "o").replace("æ", "ae"))
    return "".join(letter for letter in text if not unicodedata.combining(letter))


def shown_name(column: str, number: int) -> str:
    """The name of a column as it may be told; a header that is missing would have a person's values for names."""
    is_name = re.fullmatch(r"[^\W\d_][\w .%()/-]{0,60}", column) and not re.search(r"\d{5}", column)
    return column if is_name else f"({number})"


def _rank(source: GuessedSource) -> tuple:
    own = [guess for guess in source.guesses if _is_own(guess)]
    return len(source.lacking), -sum({"both": 3, "name": 2}.get(guess.rests_on, 1) for guess in own)


def _is_own(guess: Guess) -> bool:
    return "column" in guess.rule and guess.field not in _IDENTIFIERS


def _candidates(raw: RawTable, file: str, schemas: Schemas) -> Iterator[GuessedSource]:
    for name, schema in schemas.items():
        if name in _NEVER or "participant_id" not in schema.columns:
            continue
        taken: dict[str, str] = {}
        guesses = []
        for field, column in schema.columns.items():
            guess = _guess(field, column, raw, file, taken)
            if guess:
                guesses.append(guess)
                taken[str(guess.rule.get("column"))] = field
        lacking = [field for field, column in schema.columns.items()
                   if not column.nullable and field not in {guess.field for guess in guesses}]  # fmt: skip
        if any(_is_own(guess) for guess in guesses):
            yield GuessedSource(name, file, tuple(_with_age(guesses)), tuple(lacking))


def _with_age(guesses: list[Guess]) -> Iterator[Guess]:
    """An age is counted on the day of inclusion, if the file has it."""
    inclusion = next((guess.rule.get("column") for guess in guesses if guess.field == "included_on"), None)
    for guess in guesses:
        if "age_on" not in guess.rule:
            yield guess
        elif inclusion:
            yield Guess(guess.field, {**guess.rule, "age_on": inclusion}, guess.rests_on, guess.why)


def _guess(field: str, column: pa.Column, raw: RawTable, file: str, taken: Mapping[str, str]) -> Guess | None:
    best: tuple[int, Guess] | None = None
    for name in raw.header:
        named = _named(field, name)
        if not named or name in taken:
            continue
        found = _by_values(field, column, name, raw.cells[name])
        if found and (best is None or (named, found.rests_on == "both") > (best[0], best[1].rests_on == "both")):
            best = named, found
    return best[1] if best else _by_rule(field, raw, taken) or _by_file(field, column, file)


def _named(field: str, column: str) -> int:
    """How well a column's name fits a field: 2 it is a synonym, 1 a synonym is a word or a long part of it, else 0."""
    name, synonyms = plain_name(column), _synonyms(field)
    if name in synonyms:
        return 2
    words = {plain_name(word) for word in re.split(r"[\W_]+", column) if len(word) > 2}
    return int(bool(words & synonyms) or any(len(synonym) >= _SHORTEST and synonym in name for synonym in synonyms))


@cache
def _words() -> Mapping[str, Any]:
    return read_yaml(Path(__file__).with_name("synonyms.yml"))


def _synonyms(field: str) -> set[str]:
    return {plain_name(field), *_words()["fields"].get(field, ())}


def _by_values(field: str, column: pa.Column, name: str, cells: pd.Series) -> Guess | None:
    """The rule for a column whose name fits; None where what is in it cannot be meant."""
    kind, filled = kind_of(column), cells[cells.notna() & ~cells.isin(forms.MISSING_MARKS)]
    if filled.empty:
        return Guess(field, {"column": name}, "name")
    if kind == "identifier":
        return _identifier(field, name, filled)
    if kind == "date":
        form = _date_form(filled)
        return Guess(field, {"column": name, **form}, "both") if form is not None else None
    if kind in ("integer", "decimal"):
        own = forms.forms_of(filled.unique(), (), plain=False)
        numbers = filled.map(lambda text: forms.number_text(text, own) is not None)
        return Guess(field, {"column": name}, "both") if numbers.mean() > 0.9 else None
    if kind == "flag":
        return Guess(field, {"column": name}, "both") if filled.str.lower().isin(forms.FLAGS).all() else None
    return _code(field, column, name, filled) if kind == "code" else Guess(field, {"column": name}, "name")


def _identifier(field: str, name: str, filled: pd.Series) -> Guess:
    prefix = _IDENTIFIERS.get(field, "N")
    if filled.str.fullmatch(rf"{prefix}\d{{4,}}").all():
        return Guess(field, {"column": name}, "both")
    short = filled.str.fullmatch(r"\d{1,10}").all()
    return Guess(field, {"column": name, "prefix": prefix, **({} if short else {"numbered": True})}, "name")


def _date_form(filled: pd.Series) -> Mapping[str, str] | None:
    for form in ("yyyy-mm-dd", *DATE_FORMATS):
        if days(filled, form, "first").notna().mean() > 0.9:
            return {} if form == "yyyy-mm-dd" else {"date": form}
    return None


def _code(field: str, column: pa.Column, name: str, filled: pd.Series) -> Guess | None:
    counted = filled.value_counts()
    told = sorted(counted[counted >= FEWEST].index)
    if len(counted) > _MOST_CODES:
        return None
    codes = values_of(column)
    if set(counted.index) <= set(codes):
        return Guess(field, {"column": name}, "both")
    if not codes:
        return Guess(field, {"column": name, "values": {text: _as_code(text) for text in told}}, "name",
                     hidden=len(counted) - len(told))  # fmt: skip
    meant = {text: _meant(field, codes, text) for text in told}
    if not any(meant.values()) and len(counted) > _MOST_UNKNOWN:
        return None
    sure = "both" if told and all(meant.values()) else "name"
    return Guess(field, {"column": name, "values": meant}, sure, hidden=len(counted) - len(told))


def _as_code(text: str) -> str:
    code = re.sub(r"[^a-z0-9]+", "_", _without_marks(text)).strip("_")
    return code if re.match("[a-z]", code) else f"code_{code}"


def _meant(field: str, codes: tuple[str, ...], text: str) -> str | None:
    """The code of the contract that a value of an extract means; None where nobody can tell."""
    words = _words()["values"].get(field, {})
    name = plain_name(text)
    return next((code for code in codes if name in {plain_name(code), *words.get(code, ())}), None)


def _by_rule(field: str, raw: RawTable, taken: Mapping[str, str]) -> Guess | None:
    for entry in _words()["rules"]:
        if entry["field"] == field:
            fitting = [name for name in raw.header if plain_name(name) in entry["names"] and name not in taken]
            for column in fitting[:1]:
                return Guess(field, {"column": column, **entry["rule"]}, "name", entry["why"])
    return None


def _by_file(field: str, column: pa.Column, file: str) -> Guess | None:
    """A code that the name of the file tells: all of `sykepenger.csv` is sickness benefit."""
    name, words = plain_name(Path(file).name.partition(".")[0]), _words()["values"].get(field, {})
    for code in values_of(column) if not column.nullable else ():
        known = [plain_name(code), *words.get(code, ())]
        if any(word in name for word in known if len(word) >= _SHORTEST) or name in known:
            return Guess(field, {"constant": code}, "file")
    return None


def _runs(header: tuple[str, ...]) -> dict[str, tuple[int, int]]:
    """Columns that differ in one number at their end, at least a dozen of them."""
    numbered: dict[str, list[str]] = {}
    for column in header:
        if found := re.fullmatch(r"(.*\D)(\d{1,4})", column):
            numbered.setdefault(found[1], []).append(found[2])
    return {
        f"{stem}{{{'n' * _width(digits)}}}": (min(map(int, digits)), max(map(int, digits)))
        for stem, digits in numbered.items() if len(digits) >= _FEWEST_UNITS
    }  # fmt: skip


def _width(digits: list[str]) -> int:
    """Digits of every number of a run; 1 where they are not filled up."""
    lengths = set(map(len, digits))
    return lengths.pop() if len(lengths) == 1 else 1


def _in_run(column: str, runs: Mapping[str, tuple[int, int]]) -> bool:
    return any(re.fullmatch(re.escape(run.partition("{")[0]) + r"\d{1,4}", column) for run in runs)

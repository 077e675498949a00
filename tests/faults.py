"""Faults for the check: what people and machines do to files, planted in copies of the hand-made study.

Every planted value holds a number of its own, so that it can be looked for in what the check says. Nothing is random.
"""

import csv
import gzip
import io
import itertools
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from analysis.study.contract import TABLES
from analysis.study.contract.columns import kind_of
from analysis.study.yaml_files import read_yaml

HANDMADE = Path(__file__).parent / "handmade"
_TEXT = (
    "{m}", "<script>alert({m})</script>", "{{{{ x{m} }}}}", "=cmd|'/C calc'!A{m}", "${m}$", "|{m}|", "{{x{m}}}",
    "\\input{{{m}}}", "\x00{m}", "\x1b[31m{m}", "x" * 100_000 + "{m}", "../../{m}", "æøå{m}", "'; DROP TABLE {m}; --",
    "\u202e{m}", "%s{m}", "NaN{m}", "true {m}",
)  # fmt: skip
# Texts that no kind of column can take, for each kind; {m} is the number of the fault.
WRONG = {
    "identifier": ("p{m}", "P {m}", "P-{m}", "01019{m}", "P\u0660\u0661\u0662\u0663 {m}", "P{m}x", "P{m}.0", *_TEXT),
    "code": ("WOMAN{m}", " x {m}", "1{m}", *_TEXT),
    "date": ("9999-12-31", "0974-01-06", "1055-02-02", "1849-12-31", "2151-01-01", "1971-13-01", "1971-02-30",
             "-1971-01-01", "19710{m}1", "1971-01-{m}", "\uff11971-01-01", "0000-00-00", *_TEXT),
    "integer": ("{m}e400", "{m}_000", "0x{m}F", "{m}.5", "-{m}", "--{m}", "1.2.{m}", "\uff11{m}x", "9" * 400 + "{m}",
                "{m}%", *_TEXT[1:]),
    "decimal": ("{m}e400", "{m}_000", "0x{m}F", "-{m}", "--{m}", "1.2.{m}", "9" * 400 + "{m}", "kr {m}", *_TEXT[1:]),
    "flag": ("yes{m}", "2{m}", "TRUE{m}", *_TEXT),
}  # fmt: skip


@dataclass(frozen=True)
class Cell:
    """A planted value: table, line in its file, column, what stands there."""

    table: str
    line: int
    column: str
    value: str


def cells(rounds: int, a_table: int = 16) -> Iterator[list[Cell]]:
    """In each round so many faults in every table that can take them, no two in one cell."""
    number = itertools.count(731_001)
    wrong = {kind: itertools.cycle(texts) for kind, texts in WRONG.items()}
    for _ in range(rounds):
        planted = []
        for name, schema in TABLES.items():
            header, *rows = rows_of(HANDMADE / f"{name}.csv")
            columns = [column for column in header if kind_of(schema.columns[column]) in WRONG]
            places = itertools.product(range(2, len(rows) + 2), columns)
            spread = sorted(places, key=lambda place: (hash_of(name, *place), place))
            for line, column in spread[:a_table]:
                value = next(wrong[kind_of(schema.columns[column])]).format(m=next(number))
                planted.append(Cell(name, line, column, value))
        yield planted


def hash_of(*parts: object) -> int:
    """A number that scatters places over a table, the same in every process."""
    return sum((place + 7) * ord(letter) ** 2 for place, letter in enumerate("/".join(map(str, parts)))) % 997


def rows_of(path: Path) -> list[list[str]]:
    """The rows of a table, its header first."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def plant(folder: Path, planted: list[Cell]) -> None:
    """Write the values into the tables of a folder."""
    for name in {cell.table for cell in planted}:
        rows = rows_of(HANDMADE / f"{name}.csv")
        for cell in (cell for cell in planted if cell.table == name):
            rows[cell.line - 1] = list(rows[cell.line - 1])
            rows[cell.line - 1][rows[0].index(cell.column)] = cell.value
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(rows)


def _lines(change: Callable[[list[str]], list[str]]) -> Callable[[str, str], bytes]:
    return lambda text, m: "\n".join(change([line.replace("{m}", m) for line in text.splitlines()])).encode() + b"\n"


# What happens to whole files: text and the number of the fault in, bytes out.
FILES: dict[str, Callable[[str, str], bytes]] = {
    "empty": lambda text, m: b"",
    "only a byte order mark": lambda text, m: b"\xef\xbb\xbf",
    "only blank lines": lambda text, m: b"\n \n\n",
    "UTF-16": lambda text, m: text.encode("utf-16"),
    "UTF-16 without a mark": lambda text, m: text.encode("utf-16-le"),
    "Latin-1": lambda text, m: _with_text(text, f"bj\u00f8rn{m}").encode("latin-1"),
    "binary": lambda text, m: bytes(range(256)) * 20 + m.encode(),
    "cut in a row": lambda text, m: text.encode()[: text.rindex("\n", 0, -1) + 3],
    "an open quotation mark": lambda text, m: (text + f'"{m},').encode(),
    "NUL bytes": lambda text, m: _with_text(text, f"\x00\x00{m}").encode(),
    "a column twice": _lines(lambda lines: [lines[0] + "," + lines[0].split(",")[0], *(f"{x}," for x in lines[1:])]),
    "a column that is not known": lambda text, m: _lines(
        lambda lines: [f"{lines[0]},Kari {m}", *(f"{line}," for line in lines[1:])])(text, m),
    "the first column missing": _lines(lambda lines: [line.split(",", 1)[-1] for line in lines]),
    "semicolons": lambda text, m: text.replace(",", ";").encode(),
    "tabs": lambda text, m: text.replace(",", "\t").encode(),
    "old line ends": lambda text, m: text.replace("\n", "\r").encode(),
    "a row too long": lambda text, m: f"{text}{m},{',' * text.splitlines()[0].count(',')}\n".encode(),
    "a row too short": lambda text, m: f"{text}{m}\n".encode() if "," in text.splitlines()[0] else b"",
    "a huge cell": lambda text, m: _with_text(text, "x" * 100_000 + m).encode(),
    "a cell beyond every limit": lambda text, m: _with_text(text, "x" * 200_000 + m).encode(),
    "the header again": _lines(lambda lines: [*lines, lines[0]]),
    "no header": _lines(lambda lines: lines[1:]),
    "packed": lambda text, m: gzip.compress(text.encode()),
    "an Excel file": lambda text, m: b"PK\x03\x04" + m.encode() * 50,
    "a web page": lambda text, m: f"<html><body>{m}</body></html>".encode(),
    "JSON": lambda text, m: json.dumps([{"participant_id": m}]).encode(),
    "a title above": lambda text, m: f"Extract {m}\n{text}".encode(),
    "a row of totals": _lines(lambda lines: [*lines, ",".join(["Sum", *["{m}"] * lines[0].count(",")])]),
    "how many rows there are": lambda text, m: f"{text}\n({m} rows affected)\n".encode(),
    "dashes below the header": _lines(lambda lines: [lines[0], "---" + ",---" * lines[0].count(","), *lines[1:]]),
    "a conflict of two versions": _lines(lambda lines: [*lines[:2], "<<<<<<< {m}", *lines[1:3], "=======", *lines[3:]]),
    "a separator too many in rows": _lines(lambda lines: [lines[0], *(f"{line}," for line in lines[1:])]),
    "spaces around names": _lines(lambda lines: [lines[0].replace(",", " , "), *lines[1:]]),
    "single quotation marks": _lines(lambda lines: ["'" + line.replace(",", "','") + "'" for line in lines]),
    "two byte order marks": lambda text, m: b"\xef\xbb\xbf" * 2 + text.encode(),
    "an end of file of DOS": lambda text, m: f"{text}\x1a".encode(),
    "UTF-32": lambda text, m: text.encode("utf-32"),
    "UTF-16 cut in a letter": lambda text, m: text.encode("utf-16")[:-1],
    "EBCDIC": lambda text, m: text.encode("cp037"),
    "packed in two parts": lambda text, m: gzip.compress(text[:30].encode()) + gzip.compress(text[30:].encode()),
}  # fmt: skip


def _with_text(text: str, value: str) -> str:
    """The table with a value in the first cell of its first row."""
    header, *rows = csv.reader(io.StringIO(text))
    rows = [[value, *rows[0][1:]], *rows[1:]]
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([header, *rows])
    return out.getvalue()


def files(round_: int) -> dict[str, tuple[str, str]]:
    """Table → fault and its number: each table another fault, each round others."""
    names = list(FILES)
    first = len(TABLES) * round_ + round_ // 2  # two rounds have every fault
    return {table: (names[(first + place) % len(names)], str(741_001 + 100 * round_ + place))
            for place, table in enumerate(TABLES)}  # fmt: skip


_VALUES = (None, [], {}, "{m}", ["{m}"], {"x{m}": "{m}"}, 731, -1.5, float("inf"), True, [[["{m}"]]])


def settings() -> Iterator[tuple[str, str, str]]:
    """Name of a setting, its text as JSON, which is YAML, and the number planted: each setting of other forms."""
    content = read_yaml(HANDMADE / "study.yml")
    number = itertools.count(751_001)
    for name, value in itertools.product(content, _VALUES):
        m = str(next(number))
        planted = json.dumps(content | {name: value}).replace("{m}", m).replace("Infinity", ".inf")
        yield name, planted, m
    for name in content:
        m = str(next(number))
        yield "", re.sub(rf'"{name}":', f'"{name}_{m}":', json.dumps(content), count=1), ""


_STUDY = (HANDMADE / "study.yml").read_text(encoding="utf-8")
# Files of settings that are none, or take a machine down.
NO_YAML: dict[str, bytes] = {
    "empty": b"",
    "blank": b" \n\n",
    "a comment": b"# nothing\n",
    "a list": b"- name: x\n",
    "a word": b"761001\n",
    "Latin-1": _STUDY.encode("latin-1"),
    "UTF-16": _STUDY.encode("utf-16"),
    "UTF-16 without a mark": _STUDY.encode("utf-16-le"),
    "binary": bytes(range(256)) * 100,
    "NUL": _STUDY.replace("name: handmade", "name: hand\x00made").encode(),
    "tabs": _STUDY.replace("  en: Ten", "\ten: Ten").encode(),
    "cut": _STUDY.encode()[:-900] + b"\n  x: [",
    "two documents": (_STUDY + "\n---\nname: x\n").encode(),
    "an open quotation mark": _STUDY.replace("name: handmade", 'name: "handmade').encode(),
    "deep lists": b"name: " + b"[" * 20_000,
    "deep mappings": "\n".join(" " * level + "a:" for level in range(2_000)).encode(),
    "a bomb of aliases": b"a: &a [x, x, x, x, x, x, x, x, x]\n" + b"".join(
        f"{chr(98 + i)}: &{chr(98 + i)} [{', '.join([f'*{chr(97 + i)}'] * 9)}]\n".encode() for i in range(8)),
    "a bomb of merges": b"a: &a {x: 1}\n" + b"".join(
        f"{chr(98 + i)}: &{chr(98 + i)} {{<<: [{', '.join([f'*{chr(97 + i)}'] * 9)}]}}\n".encode() for i in range(8)),
    "itself": b"a: &a [*a]\n",
    "an alias of nothing": b"name: *nothing\n",
    "a tag of Python": b"name: !!python/object/apply:os.system [ls]\n",
    "a tag that does not fit": b"name: !!bool maybe\n",
    "a day that is none": b"name: !!timestamp never\n",
    "a list as key": b"? [a, b]\n: c\n",
    "huge": b"name: " + b"x" * 6_000_000,
    "a number without end": b"name: " + b"9" * 6_000,
}  # fmt: skip

"""Texts of a study as literal text: one function for each target in which a character could be more than itself.

Texts of `study.yml` and of data are data. Each is put through the function of its target where it enters that target,
and nowhere else: labels and words in the catalogue, cells where a CSV file is written, captions of own tables.
"""

import re
from html import escape

import pandas as pd

# Characters that no page and no drawing can hold, and those that the program itself uses as marks in outlines of texts.
_UNPRINTABLE = re.compile("[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\ud800-\udfff\ufff9-\ufffc\ufffe\uffff]")
_BREAKS = re.compile("[\t\n\v\f\r\x1c-\x1f\x85\u2028\u2029]+")
# Marks that turn the direction of what follows, and the mark that ends each.
_TURNS = {"\u202a": "\u202c", "\u202b": "\u202c", "\u202d": "\u202c", "\u202e": "\u202c",
          "\u2066": "\u2069", "\u2067": "\u2069", "\u2068": "\u2069"}  # fmt: skip
# What may be markup anywhere in the Markdown of the book, and what may be at the start of a line.
_MARKUP = re.compile(r"[\\`*_{}\[\]<>&$|~^]|^[-+=:%#@.!(]|(?<=^\d)[.)]|(?<=^\d\d)[.)]")
# What Markdown cannot have in a cell between two backticks.
_NO_CODE = re.compile(r"[`|\\\x00-\x1f]|^$")
_FORMULA = tuple("=+-@\t\r")
# A number, or one to another: what a spreadsheet may read as such.
_NUMBERS = re.compile(r"[-+]?\d[\d.,]*(e[-+]?\d+)?( to [-+]?\d[\d.,]*)?")


def plain(text: str) -> str:
    """A text in one line that can be printed everywhere: no control characters, no turn of direction left open."""
    line = _UNPRINTABLE.sub("\ufffd", _BREAKS.sub(" ", text))
    return line + "".join(_TURNS[mark] * (line.count(mark) > line.count(_TURNS[mark])) for mark in _TURNS)


def html(text: str) -> str:
    """A text as literal text of a page, also within an attribute."""
    return escape(_UNPRINTABLE.sub("\ufffd", text))


def markdown(text: str) -> str:
    """A text as literal text of the book's Markdown, wherever it stands in a line, a heading, a link or a table.

    Characters are named by number, since a backslash would be undone by what reads the source before Markdown does.
    """
    return _MARKUP.sub(lambda found: f"&#{ord(found[0])};", plain(text).strip())


def code(text: str) -> str:
    """A text as literal code of the book's Markdown."""
    return f"<code>{markdown(text)}</code>" if _NO_CODE.search(text) or text != text.strip() else f"`{text}`"


def cells(frame: pd.DataFrame) -> pd.DataFrame:
    """A frame for a CSV file: no text, and no column name, that a spreadsheet would take for a formula.

    Such a text gets an apostrophe before it, as spreadsheets mark text. Numbers stay as they are.
    """
    texts = frame.select_dtypes(exclude=["number", "bool", "datetime"]).columns
    told = frame.assign(**{name: frame[name].map(_as_text) for name in texts})
    return told.set_axis([_as_text(name) for name in frame.columns], axis="columns")


def _as_text(value: object) -> object:
    is_formula = isinstance(value, str) and value.startswith(_FORMULA) and not _NUMBERS.fullmatch(value)
    return f"'{value}" if is_formula else value

"""All words of the report, by language: labels, captions, notes, units, alt texts and sentence templates.

One folder per language (`catalogue/en/`), one file per chapter plus `common.yml` for what chapters share. A key is the
path through the file: `employment.tables.statuses.caption`. Keys that do not exist are an error that names the key and
the file, so no page is ever built with a gap in its words.
"""

import copy
import os
import re
import string
from collections.abc import Callable, Mapping
from functools import cache, cached_property
from pathlib import Path

from analysis.study import escaping
from analysis.study.yaml_files import read_yaml

FOLDER = Path(__file__).parent / "words"
_PLACEHOLDER = re.compile(r"(?<!\\text)\{(\w+)\}")


class MissingText(LookupError):
    """A key, or a placeholder's value, that the catalogue does not have."""


class Catalogue:
    """The words of one language.

    `names` holds labels that come from the study itself, by group: `{"columns": {"ips": "IPS"}}`; they go before
    the catalogue's own. `words` holds the study's own words for placeholders that any text may use, such as
    `{programme}` for the short name of what the trial tests; without them those of `words:` in `common.yml` are used.
    `own` is a folder of the same kind that goes before the general one: what it says replaces or adds to single keys.
    Names and words are data of the study: `in_markdown` and `in_html` give them as literal text of that target, among
    texts that keep their markup, since an author wrote them.
    """

    literal: Callable[[str], str] = staticmethod(str)

    def __init__(
        self,
        language: str = "en",
        folder: Path | None = None,
        names: Mapping | None = None,
        words: Mapping[str, str] | None = None,
        own: Path | None = None,
    ) -> None:
        self.language = language
        self.own = Path(own) / language if own else None
        self.folder = Path(folder or FOLDER) / language
        self.names = {group: dict(labels) for group, labels in (names or {}).items()}
        known = sorted(path.name for path in Path(folder or FOLDER).glob("*") if path.is_dir())
        if language not in known:  # a name alone, never a path such as `.`
            raise MissingText(f"no catalogue for language {language!r}; there is: {', '.join(known)}")
        self.words = dict(words or self._common_words())
        self._read: dict[tuple[str, bool], tuple[tuple, Mapping]] = {}

    @cached_property
    def in_markdown(self) -> "Catalogue":
        """The catalogue for Markdown of the book."""
        return self._with_literal(escaping.markdown)

    @cached_property
    def in_html(self) -> "Catalogue":
        """The catalogue for texts of an author that are HTML."""
        return self._with_literal(escaping.html)

    def _with_literal(self, literal: Callable[[str], str]) -> "Catalogue":
        twin = copy.copy(self)
        twin.literal = literal
        twin.words = {name: literal(word) for name, word in self.words.items()}
        twin._read = {}
        return twin

    def entry(self, key: str) -> object:
        """What stands under `key`, with the words: text, list or mapping. Raises MissingText naming key and file."""
        return self._entry(key, self.words)

    def template(self, key: str) -> object:
        """What stands under `key` as its author wrote it, to be filled once with `words` and other values."""
        return self._entry(key, {})

    def _entry(self, key: str, words: Mapping[str, str]) -> object:
        chapter, *path = key.split(".")
        found = _find(self._chapter(chapter, words), path)
        if found is None:
            raise MissingText(f"catalogue key {key!r} is missing in {self.language}/{chapter}.yml")
        return found

    def get(self, key: str, default: object = None) -> object:
        """What stands under `key`, or `default` if there is nothing."""
        try:
            return self.entry(key)
        except MissingText:
            return default

    def text(self, key: str, /, **values: str) -> str:
        """The text under `key` with its placeholders `{name}` filled. Raises MissingText naming key or placeholder."""
        template = self.template(key)
        if not isinstance(template, str):
            raise MissingText(f"catalogue key {key!r} holds a {type(template).__name__}, not a text")
        return fill(template, {**self.words, **values}, key)

    def label(self, chapter: str, group: str, key: str, result: str | None = None, names: str | None = None) -> str:
        """The label of `key` in `group` (rows, columns, statistics, …).

        Looked up in this order: the result's own labels (`tables.<name>.rows` or `figures.<name>.rows`), the chapter's,
        the study's names (first those of the group `names`, if given), then `common.yml`.
        """
        places = [f"{chapter}.{kind}.{result}.{group}" for kind in ("tables", "figures", "listings") if result]
        own = [self.get(place) for place in (*places, f"{chapter}.{group}")]
        for labels in own:
            if isinstance(labels, Mapping) and key in labels:
                return str(labels[key])
        for labels in (self.names.get(names, {}), self.names.get(group, {})):
            if key in labels:
                return self.literal(str(labels[key]))
        if isinstance(labels := self.get(f"common.{group}"), Mapping) and key in labels:
            return str(labels[key])
        where = f"{chapter}.{group}.{key}" + (f" (result {result})" if result else "")
        raise MissingText(f"catalogue label {where} is missing in {self.language}/{chapter}.yml and common.yml")

    def _chapter(self, chapter: str, words: Mapping[str, str]) -> Mapping:
        paths = [_file(folder, chapter) for folder in (self.folder, self.own) if folder]
        stamped = tuple((path, modified) for path in paths if (modified := _modified(path)) is not None)
        if not stamped:
            raise MissingText(f"the catalogue has no file {self.language}/{chapter}.yml")
        place = chapter, bool(words)
        if place not in self._read or self._read[place][0] != stamped:
            self._read[place] = stamped, _worded(stamped, tuple(words.items()))
        return self._read[place][1]

    def _common_words(self) -> Mapping[str, str]:
        """General words, and those of the commonest unit of time."""
        path = self.folder / "common.yml"
        common = _read(path, path.stat().st_mtime_ns) if path.is_file() else {}
        return {**common.get("words", {}), **common.get("time", {}).get("month", {})}


@cache
def _file(folder: Path, chapter: str) -> Path:
    return folder / f"{chapter}.yml"


def _modified(path: Path) -> int | None:
    """When a file was last changed, None if it is not there; asked before every look-up, so that it must be quick."""
    try:
        return os.stat(path).st_mtime_ns
    except OSError:
        return None


def fill(template: str, values: Mapping[str, str], key: str) -> str:
    """`template` with every `{name}` replaced. Raises MissingText for a name without a value."""
    wanted = {name for _, name, _, _ in string.Formatter().parse(template) if name is not None}
    missing = sorted(wanted - set(values))
    if missing:
        raise MissingText(f"catalogue text {key!r} needs values for: {', '.join(missing)}")
    return template.format(**values)


def _find(node: object, path: list[str]) -> object:
    """What stands at the end of the path, or None; names with a point in them take several parts."""
    if not path:
        return node
    if isinstance(node, list):
        node = {str(index): item for index, item in enumerate(node)}
    if not isinstance(node, Mapping):
        return None
    for size in range(1, len(path) + 1):
        name = ".".join(path[:size])
        found = _find(node[name], path[size:]) if name in node else None
        if found is not None:
            return found
    return None


@cache
def _read(path: Path, modified: int) -> Mapping:
    content = read_yaml(path) or {}
    if not isinstance(content, Mapping):
        raise MissingText(f"{path.name} must hold a mapping of keys to texts")
    return _with_text_keys(content)


@cache
def _worded(paths: tuple[tuple[Path, int], ...], words: tuple[tuple[str, str], ...]) -> Mapping:
    """The files one over the other, the last on top, with the words put in."""
    content: object = {}
    for path, modified in paths:
        content = _over(content, _read(path, modified))
    return _with_words(content, words)


def _over(below: object, above: object) -> object:
    """Mappings are joined key by key; anything else above takes the place of what is below."""
    if not (isinstance(below, Mapping) and isinstance(above, Mapping)):
        return above
    return {key: _over(below[key], above[key]) if key in below and key in above else {**below, **above}[key]
            for key in (*below, *(key for key in above if key not in below))}  # fmt: skip


def _with_words(node: object, words: tuple[tuple[str, str], ...]) -> object:
    """Every text below `node` with the words put in for their placeholders; other placeholders stay.

    So do the braces of a formula, as in `\\text{programme}`.
    """
    if isinstance(node, Mapping):
        return {key: _with_words(value, words) for key, value in node.items()}
    if isinstance(node, list):
        return [_with_words(item, words) for item in node]
    if isinstance(node, str):
        known = dict(words)
        return _PLACEHOLDER.sub(lambda found: known.get(found[1], found[0]), node)
    return node


def _with_text_keys(node: object) -> object:
    """YAML reads `12:` and `yes:` as numbers and booleans; keys of the catalogue are always text."""
    if isinstance(node, Mapping):
        return {_text_key(key): _with_text_keys(value) for key, value in node.items()}
    if isinstance(node, list):
        return [_with_text_keys(item) for item in node]
    return node


def _text_key(key: object) -> str:
    return str(key).lower() if isinstance(key, bool) else str(key)

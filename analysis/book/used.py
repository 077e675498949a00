"""Which files of the package and of a study a chapter is really made from, so that only their changes run it again.

Read from the sources, without running them: a notebook's imports, what those import in their turn wherever in a file
they do so, and whose words they ask for. What cannot be told so counts as used: a file too many costs a run, one too
few would leave a stale page.
"""

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import nbformat

from analysis.book.inputs import Files

# What runs chapters, beside what their notebooks import.
ENGINE = ("execution", "parameters", "plan", "shell", "surroundings", "workers")
CHAPTERS, PRINTED, REGISTRY, COMPUTED = (
    f"analysis.{name}" for name in ("chapters", "as_printed", "published.registry", "published.computed")
)
# Of a study: what the book itself reads, and no chapter.
_OF_THE_BOOK = ("pages", "releases", "README.md", "seal.json")
_NAMES = r"\((?:[^)#]|#.*)*\)|[^\n;]+"
_IMPORT = re.compile(rf"^[ \t]*(?:from[ \t]+(?P<home>[.\w]+)[ \t]+import[ \t]+(?P<names>{_NAMES})|"
                     rf"import[ \t]+(?P<whole>{_NAMES}))", flags=re.MULTILINE)  # fmt: skip
_WORDS = re.compile(r"""["'](\w+)\.(?!csv\b|yml\b)|\bof=["'](\w+)["']""")
# A notebook that does one of these may use anything.
_ANYTHING = re.compile(r"\b(?:import_module|__import__|exec|eval|runpy)\b|^[ \t]*[%!]", flags=re.MULTILINE)


@dataclass(frozen=True, eq=False)
class Package:
    """The files of the package as they were seen when a build began. chapters: all of them, as files of words go."""

    folder: Path
    files: Files
    chapters: Collection[str]
    _texts: dict[str, str] = field(default_factory=dict)
    _imports: dict[str, set[str]] = field(default_factory=dict)
    _words: dict[str, set[str]] = field(default_factory=dict)

    def used_by(self, template: Path, printed: str | None) -> Files:
        """The files that a chapter hangs on; `printed` is the package of the study's published report, if it has one.

        A chapter with printed numbers of its own hangs on what computes those, any other on all that is computed of
        the report, to which its numbers are held.
        """
        source = _code_of(template)
        if _ANYTHING.search(source):
            return self.files
        modules = self.closure(self._named(source, []))
        if printed and REGISTRY in modules:
            modules |= self.closure(self._of_print(template.stem, printed, modules))
        asked = _words_in(source).union({template.stem}, *map(self._words_asked, modules))
        strange = {name for name in self.chapters if name not in asked and f"{CHAPTERS}.{name}" not in modules}
        files = self.with_data(modules.union(f"analysis.book.{name}" for name in ENGINE))
        return {path: seen for path, seen in files.items() if not _is_of_words(path, strange)}

    def with_data(self, modules: Collection[str]) -> Files:
        """The files of modules, and those beside them that are no modules."""
        paths = {self.modules[name] for name in modules}
        folders = {path.parent for path in paths}
        paths |= {path for path, home in self._data.items() if home in folders}
        return {path: seen for path, seen in self.files.items() if path in paths}

    def of_study(self, files: Files, folder: Path, used: Files) -> Files:
        """The files of a study's folder that a chapter hangs on, which uses those files of the package."""
        asked = {path.stem for path in used if _is_of_words(path, self.chapters)}
        strange = set(self.chapters) - asked
        return {path: seen for path, seen in files.items()
                if path.relative_to(folder).parts[0] not in _OF_THE_BOOK and not _is_of_words(path, strange)}

    def closure(self, names: Iterable[str]) -> set[str]:
        """The modules and all that they import, directly or not."""
        found, waiting = set(), list(names)
        while waiting:
            if (name := waiting.pop()) not in found:
                found.add(name)
                waiting += self.imports(name)
        return found

    def imports(self, name: str) -> set[str]:
        """The modules of the package that one of them imports, with the packages that these are in."""
        if name not in self._imports:
            home = name.split(".") if self.modules[name].stem == "__init__" else name.split(".")[:-1]
            self._imports[name] = self._named(self._text(name), home)
        return self._imports[name]

    @cached_property
    def modules(self) -> dict[str, Path]:
        """Module → its file."""
        names = {path: path.relative_to(self.folder.parent).with_suffix("").parts for path in self.files}
        return {".".join(parts).removesuffix(".__init__"): path
                for path, parts in names.items() if path.suffix == ".py"}  # fmt: skip

    def _text(self, name: str) -> str:
        if name not in self._texts:
            self._texts[name] = self.modules[name].read_text(encoding="utf-8")
        return self._texts[name]

    def _named(self, source: str, home: list[str]) -> set[str]:
        """Modules that a source imports, which is in the package `home`, and the packages that these are in."""
        pieces = (full.split(".") for full in _imported(source, home))
        names = (".".join(parts[:size]) for parts in pieces for size in range(1, len(parts) + 1))
        return {name for name in names if name in self.modules}

    def _of_print(self, chapter: str, printed: str, modules: Collection[str]) -> set[str]:
        """Modules that compute a report's numbers: those that name the chapter, or all where it is held to all."""
        there = {name for name in self.modules if f"{name}.".startswith(f"{PRINTED}.{printed}.")}
        own = {name for name in there if re.search(rf"[\"']{chapter}[\"']", self._text(name))}
        is_of_all = any(COMPUTED in self.imports(name) for name in modules if name.startswith(f"{CHAPTERS}."))
        return there if is_of_all or not own else {f"{PRINTED}.{printed}", *own}

    @cached_property
    def _data(self) -> dict[Path, Path]:
        """Each file that is no module → the folder of the innermost package that it is in."""
        return {path: next(folder for folder in path.parents if folder / "__init__.py" in self.files)
                for path in self.files if path.suffix != ".py"}  # fmt: skip

    def _words_asked(self, name: str) -> set[str]:
        if name not in self._words:
            self._words[name] = _words_in(self._text(name))
        return self._words[name]


def _is_of_words(path: Path, chapters: Collection[str]) -> bool:
    """Whether a file holds the words of one of the chapters, as `words/<language>/<chapter>.yml`."""
    return path.parent.parent.name == "words" and path.stem in chapters


def _words_in(source: str) -> set[str]:
    """What a source may ask the words of: `"employment.categories"` in a text, or `of="employment"`."""
    return {name for found in _WORDS.finditer(source) for name in found.groups() if name}


def _code_of(notebook: Path) -> str:
    cells = nbformat.read(notebook, as_version=4).cells
    return "\n".join(cell.source for cell in cells if cell.cell_type == "code")


def _imported(source: str, home: list[str]) -> Iterator[str]:
    """Full names of what a source imports, which may be modules or what is in them."""
    for found in _IMPORT.finditer(source):
        listed = re.sub(r"#.*", "", found["names"] or found["whole"]).strip("()\\ \n")
        names = [name.split() for name in listed.split(",")]
        above = found["home"] or ""
        dots = len(above) - len(above.lstrip("."))
        around = [*(home[: len(home) + 1 - dots] if dots else []), *filter(None, above.lstrip(".").split("."))]
        yield from (".".join([*around, name[0]]) for name in names if name)
        yield ".".join(around)

"""Links between pages of a book that differs by study: led to where a page stands here, or made plain text.

Pages and chapters are written as if their study were the one the book is about: its pages stand in `book/`, its
chapters in `notebooks/`. A companion's stand in a folder of its own, and its labels begin with that folder's name.
"""

import os
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath

_ROLE = re.compile(r"\{(?P<role>doc|ref)\}`(?:(?P<text>[^`<]*?)\s*<(?P<target>[^`>]+)>|(?P<bare>[^`<]+))`")
_LINK = re.compile(r"(?<!!)\[(?P<text>[^\]]*)\]\((?P<target>[^()\s]+)\)")
_ANCHOR = re.compile(r'<a href="(?P<target>[^"#:]*\.html)(?P<anchor>#[^"]*)?">(?P<text>.*?)</a>', flags=re.DOTALL)
# What lies beside the book, as the book is laid out: of a companion in a folder of its own.
_BESIDE = re.compile(r'href="\.\./(results|trace)/')
_LABEL = re.compile(r"^\((?P<label>[^()\s]+)\)=$", flags=re.MULTILINE)
_EXTENSIONS = (".md", ".ipynb", ".html")


def labels(text: str) -> set[str]:
    """Labels that a MyST text sets for references."""
    return set(_LABEL.findall(text))


def labels_linked(text: str) -> set[str]:
    """Labels that a MyST text links to by their name alone."""
    return {found["target"][1:] for found in _LINK.finditer(text) if found["target"].startswith("#")}


@dataclass(frozen=True)
class Links:
    """The links of one study's pages.

    known: pages that a study's sources may link to, as they are written (`notebooks/health`, `book/methods`).
    places: known page → the file that it is in this book; a page that is not there is missing. known_labels and labels:
    the same for labels, with their names in this book. results: folder below `results/` for the study's downloads,
    empty for none of its own.
    titles: page → what a link without words calls it.
    """

    known: Collection[str]
    places: Mapping[str, str]
    known_labels: Collection[str] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    results: str = ""
    titles: Mapping[str, str] = field(default_factory=dict)

    def mended(self, text: str, page: str) -> str:
        """The MyST source of a page, known under this name, with links that hold in this book."""
        text = _LABEL.sub(lambda found: f"({self.labels.get(found['label'], found['label'])})=", text)
        text = _ROLE.sub(lambda found: self._role(found, page), text)
        return _LINK.sub(lambda found: self._link(found, page), text)

    def mended_output(self, text: str, page: str) -> str:
        """The Markdown of an output, in which links to other pages have to lead to their HTML."""
        return _LINK.sub(lambda found: self._link_to_html(found, page), self._own(text))

    def mended_html(self, html: str, page: str) -> str:
        """Finished HTML of an output: links to other pages of the book, and to downloads."""
        return _ANCHOR.sub(lambda found: self._anchor(found, page), self._own(html))

    def _own(self, html: str) -> str:
        return _BESIDE.sub(rf'href="../\1/{self.results}/', html) if self.results else html

    def _role(self, found: re.Match, page: str) -> str:
        target, text = found["target"] or found["bare"], found["text"]
        if found["role"] == "ref":
            return self._to_label(found[0], target, text or target, lambda label: found[0].replace(target, label))
        known = _resolved(page, target)
        if known not in self.known:
            return found[0]
        place = self._relative(known, page)
        if place is None:
            return text or self.titles.get(known, PurePosixPath(known).name)
        return found[0].replace(target, os.path.splitext(place)[0])

    def _link(self, found: re.Match, page: str) -> str:
        path, sign, anchor = found["target"].partition("#")
        if not path:
            return self._to_label(found[0], anchor, found["text"], lambda label: f"[{found['text']}](#{label})")
        known = _resolved(page, path)
        if known not in self.known or not path.endswith(_EXTENSIONS):
            return found[0]
        place = self._relative(known, page)
        if place is not None and anchor in self.labels:  # a label is found by its name alone
            return f"[{found['text']}](#{self.labels[anchor]})"
        if place is None or self._is_left_out(anchor):
            return found["text"]
        return f"[{found['text']}]({place}{sign}{anchor})"

    def _link_to_html(self, found: re.Match, page: str) -> str:
        path, sign, anchor = found["target"].partition("#")
        if not path:
            return self._link(found, page)
        known = _resolved(page, path)
        if known not in self.known or not path.endswith(_EXTENSIONS):
            return found[0]
        place = self._relative(known, page)
        if place is None or self._is_left_out(anchor):
            return found["text"]
        return f"[{found['text']}]({os.path.splitext(place)[0]}.html{sign}{self.labels.get(anchor, anchor)})"

    def _is_left_out(self, anchor: str) -> bool:
        """Whether a section is labelled so that this book is without."""
        return anchor in self.known_labels and anchor not in self.labels

    def _anchor(self, found: re.Match, page: str) -> str:
        known = _resolved(page, found["target"])
        if known not in self.known:
            return found[0]
        place, anchor = self._relative(known, page), (found["anchor"] or "")[1:]
        if place is None or self._is_left_out(anchor):
            return found["text"]
        at = f"#{self.labels.get(anchor, anchor)}" if anchor else ""
        return f'<a href="{os.path.splitext(place)[0]}.html{at}">{found["text"]}</a>'

    def _to_label(self, whole: str, label: str, text: str, link: Callable[[str], str]) -> str:
        if label not in self.known_labels:
            return whole
        return link(self.labels[label]) if label in self.labels else text

    def _relative(self, known: str, page: str) -> str | None:
        """Path of a known page's file from another known page; None if it is not in this book."""
        if known not in self.places:
            return None
        return os.path.relpath(self.places[known], PurePosixPath(self.places.get(page, page)).parent)


def _resolved(page: str, target: str) -> str:
    """The page that a relative path on a page leads to, without its extension."""
    path = os.path.normpath(PurePosixPath(page).parent / target)
    stem, extension = os.path.splitext(path)
    return stem if extension in _EXTENSIONS else path

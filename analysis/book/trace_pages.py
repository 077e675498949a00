"""From every number of a chapter to what made it: a page beside each chapter, and the answer on the command line."""

import base64
import json
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import fields as fields_of
from functools import cached_property
from pathlib import Path
from typing import Any

from analysis.book.packing import PACKED, folders_with, record
from analysis.book.pages import ChapterPage
from analysis.book.parts import Part
from analysis.chapters import robustness
from analysis.frames.needs import unmet
from analysis.methods.recording import name_of
from analysis.methods.worked import EXAMPLES
from analysis.published.trace import FILE, KINDS, METHOD, anchor_of
from analysis.show.catalogue import Catalogue
from analysis.show.elements import METHOD_PAGE
from analysis.show.prose import fixed
from analysis.study.escaping import cells, html
from analysis.study.outcome_rules import Outcome
from analysis.study.settings import Study

FOLDER, PEOPLE = "trace", "people.csv"
_UNSAID = ("", "None", "nan", "<NA>")
_STYLE = """
:root { color-scheme: light dark; background: Canvas; color: CanvasText; }
body { font: 1rem/1.5 sans-serif; max-width: 75rem; margin: auto; padding: 1rem; overflow-wrap: anywhere; }
pre { margin: 0 0 1rem; font: 0.875rem/1.6 sans-serif; white-space: pre-wrap; }
section { margin: 0 0 1rem; border-top: 1px solid #8795a1; padding-top: 0.5rem; }
:is(section, dt):target { outline: 3px solid #1f6fd0; outline-offset: 4px; }
a:focus-visible { outline: 3px solid #1f6fd0; }
h2 { font-size: 1rem; margin: 0; }
p { margin: 0.3rem 0; }
dt { font-weight: 600; }"""
# Numbers of a chapter repeat their words thousands of times; the page unpacks them when it is opened, also from a file.
_UNPACK = """
(async () => {
  const bytes = Uint8Array.from(atob(document.getElementById("packed").text), (letter) => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  const told = JSON.parse(await new Response(stream).text());
  const sections = document.querySelectorAll("section");
  sections.forEach((section, place) => section.insertAdjacentHTML("beforeend", told[place]));
  if (location.hash) document.getElementById(decodeURIComponent(location.hash.slice(1)))?.scrollIntoView();
})();"""


@dataclass(frozen=True)
class Traced:
    """One result of a chapter: a table, figure, listing or text, with where each of its numbers comes from.

    numbers: place, name, value, kind of origin and, for one that a method gave, which of `origins` and its name there.
    """

    data: str
    kind: str
    item: str
    made_by: str
    numbers: Sequence[Sequence[Any]]
    origins: Sequence[Mapping[str, Any]]


def read(folder: Path) -> list[Traced]:
    """Every result of a chapter that was traced, in the order in which it was shown; none without a trace."""
    return [Traced(**json.loads(line)) for line in record(folder, FILE).splitlines()]


def _traced(html_folder: Path) -> list[Path]:
    """The folders of results with a trace."""
    return folders_with(html_folder / "results", FILE)


def write_pages(html_folder: Path, chapters: Iterable[ChapterPage]) -> None:
    """Write the page of every chapter that was traced beside the book, in `trace/`, as `results/` is laid out."""
    for chapter in chapters:
        place = Path(chapter.part.results) / chapter.chapter
        if found := read(html_folder / "results" / place):
            file = html_folder / FOLDER / place.with_suffix(".html")
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(_Page(chapter, found, html_folder).text, encoding="utf-8")
            _write_people(chapter.part, file.with_name(PEOPLE))


def _write_people(part: Part, file: Path) -> None:
    """The rows behind the main result, one a person, where the people are invented and no policy holds them back."""
    if _shows_rows(part.study) and unmet(part.trial, "arms", "registers") is None and not file.exists():
        people = cells(robustness.people_in(part.trial))
        people.to_csv(file, index=False, float_format="%.10g", lineterminator="\n")


def _shows_rows(study: Study) -> bool:
    return study.data == "synthetic" and study.disclosure == "as_published"


def counted(html_folder: Path) -> Counter[str]:
    """How many numbers of a built report come from what."""
    found = (each for folder in _traced(html_folder) for each in read(folder))
    return Counter(number[3] for each in found for number in each.numbers)


def answer(folder: Path, number: str | None) -> tuple[str, bool]:
    """What a built report says of where its numbers come from: all counted, or those that begin with these digits.

    Besides whether there is anything to say.
    """
    words, html_folder = Catalogue(), folder / "html" if (folder / "html").is_dir() else folder
    counts = counted(html_folder)
    if not counts:
        return words.text("book.trace.none", folder=str(folder)), False
    if number is not None:
        lines = list(told_of(html_folder, number, words))
        return "\n".join(lines) or words.text("book.trace.not_told", number=number), bool(lines)
    told = {f"{kind}s": fixed(counts[kind], 0, words.language) for kind in KINDS}
    return words.text("book.trace.all", n=fixed(sum(counts.values()), 0, words.language), **told), True


def told_of(html_folder: Path, wanted: str, words: Catalogue) -> Iterator[str]:
    """One line for each place where a number is told that begins with the digits wanted, as it is or in per cent."""
    for folder in _traced(html_folder):
        chapter = folder.relative_to(html_folder / "results")
        for each in read(folder):
            for place, name, value, *origin in each.numbers:
                if any(f"{abs(value) * scale:.10f}".startswith(wanted.lstrip("-−")) for scale in (1, 100)):
                    where = " · ".join(filter(None, (each.item, place, name)))
                    yield f"{chapter}: {where} = {value:.10g}: {_origin(each, origin, words)}"


def _origin(each: Traced, origin: Sequence[Any], words: Catalogue) -> str:
    """Where a number comes from, in words."""
    kind, *which = origin
    if kind != METHOD:
        return words.text(f"book.trace.kinds.{kind}", function=each.made_by.removeprefix("analysis."))
    answer = each.origins[which[0]]
    asked = "; ".join(f"{name} {value}" for name, value in _asked(answer))
    return f"{' → '.join(answer['calls'])} ({asked})"


def _asked(answer: Mapping[str, Any]) -> list[tuple[str, str]]:
    """How a method was asked and what its answer says of itself, but for what it does not say."""
    said = {**answer["options"], **answer["about"]}
    return [(name, value) for name, value in said.items() if value not in _UNSAID and name != "unit"]


@dataclass(frozen=True)
class _Page:
    """The page of one chapter."""

    chapter: ChapterPage
    found: Sequence[Traced]
    html_folder: Path

    @property
    def text(self) -> str:
        words, part = self.words, self.chapter.part
        title = words.text("book.trace.title", chapter=part.chapter_title(self.chapter.chapter))
        counts = Counter(number[3] for each in self.found for number in each.numbers)
        all_, methods = self._count(sum(counts.values())), self._count(counts[METHOD])
        told = words.text("book.trace.introduction", n=all_, methods=methods)
        links = f'<a href="{self.up}{part.place}/{self.chapter.chapter}.html">{words.text("book.trace.back")}</a> · ' \
                f'<a href="{self.up}book/provenance.html">{words.text("book.trace.provenance")}</a>'  # fmt: skip
        label = f"<p><em>{words.text('common.data.synthetic_label')}</em></p>\n" * (part.study.data == "synthetic")
        sections = "\n".join(map(self._section, self.found))
        without = words.text("book.trace.without_script", place=self._record, file=FILE)
        return (f'<!DOCTYPE html>\n<html lang="{words.language}">\n<head><meta charset="utf-8">'
                f'<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,">'
                f"<title>{title}</title>"
                f"<style>{_STYLE}</style></head>\n<body><main>\n<h1>{title}</h1>\n<p>{told}</p>\n{label}<p>{links}</p>\n"
                f"<noscript><p>{without}</p></noscript>\n{sections}\n{self._definitions()}\n</main>"
                f'<script type="text/plain" id="packed">{self.packed}</script><script>{_UNPACK}</script>'
                "</body>\n</html>\n")  # fmt: skip

    def _count(self, number: int) -> str:
        return fixed(number, 0, self.words.language)

    @property
    def words(self) -> Catalogue:
        return self.chapter.part.words.in_html

    @property
    def _record(self) -> str:
        return f"{self.up}results/{self.chapter.part.results}/{self.chapter.chapter}/{FILE}{PACKED}".replace("//", "/")

    @property
    def up(self) -> str:
        return "../" * (1 + bool(self.chapter.part.results))

    @cached_property
    def pages(self) -> dict[str, str]:
        """Method → its page, for those that have one in this book."""
        named = {name_of(function): name for name, example in EXAMPLES.items() for function in example.functions}
        return {method: name for method, name in named.items()
                if (self.html_folder / "book" / f"{METHOD_PAGE}{name}.html").is_file()}  # fmt: skip

    @property
    def packed(self) -> str:
        """What each section tells of its numbers, in letters that the page unpacks."""
        told = json.dumps(list(map(self._told, self.found)), ensure_ascii=False, separators=(",", ":"))
        return base64.b64encode(zlib.compress(told.encode(), 9)).decode()

    def _section(self, each: Traced) -> str:
        """The heading of a result and the function that made it; links lead there, and the script adds the rest."""
        made = f"<p>{self.words.text('book.trace.made_by')} <code>{html(each.made_by)}</code></p>" * bool(each.made_by)
        return f'<section id="{anchor_of(each.kind, each.item)}"><h2>{html(each.item)}</h2>{made}</section>'

    def _told(self, each: Traced) -> str:
        """Below each way in which numbers of a result came about a line for each, what all have in common said once."""
        groups: dict[tuple, list] = {}
        for number in each.numbers:
            kind, *which = number[3:5]
            groups.setdefault((kind, *(each.origins[which[0]]["calls"] if kind == METHOD else ())), []).append(number)
        return "".join(self._group(each, kind, calls, numbers) for (kind, *calls), numbers in groups.items())

    def _group(self, each: Traced, kind: str, calls: Sequence[str], numbers: Sequence[Sequence[Any]]) -> str:
        """Numbers that came about in one way, those of one place and one answer in one line: thousands to a page, so
        that it is text and no table."""
        rows: dict[tuple, list] = {}
        for place, name, value, *origin in numbers:
            rows.setdefault((place, *origin), []).append(f"{name} {value:.10g}".strip())
        asked = {key: dict(_asked(each.origins[key[2]])) if kind == METHOD else {} for key in rows}
        first = next(iter(asked.values()))
        common = {name: value for name, value in first.items() if all(own.get(name) == value for own in asked.values())}
        way = " → ".join(map(self._method, calls)) or html(_origin(each, [kind], self.chapter.part.words))
        own = {key: {name: said for name, said in asked[key].items() if name not in common} for key in rows}
        lines = "\n".join(self._line(key[0], told, own[key]) for key, told in rows.items())
        return f"<p>{way}{f' ({self._facts(common)})' if common else ''}</p><pre>{lines}</pre>"

    def _line(self, place: str, told: Sequence[str], own: Mapping[str, str]) -> str:
        """Where, which numbers, and what of the method's answer is not said of all above."""
        facts = "; ".join(f"{name} {value}" for name, value in own.items())
        return html(": ".join(filter(None, (place, ", ".join(told)))) + f" ({facts})" * bool(facts))

    def _facts(self, asked: Mapping[str, str]) -> str:
        return "; ".join(f"{html(name)} {self._outcome(value) if name == 'outcome' else html(value)}"
                         for name, value in asked.items())  # fmt: skip

    def _method(self, name: str) -> str:
        page = self.pages.get(name)
        code = f"<code>{html(name)}</code>"
        return f'<a href="{self.up}book/{METHOD_PAGE}{page}.html">{code}</a>' if page else code

    def _outcome(self, code: str) -> str:
        return f'<a href="#outcome-{html(code)}">{html(code)}</a>' if code in self.outcomes else html(code)

    @cached_property
    def outcomes(self) -> dict[str, Outcome]:
        """The outcomes of the study that the chapter's methods were asked about."""
        study = self.chapter.part.study
        known = {outcome.code: outcome for outcome in (*study.outcomes, *study.alternative_outcomes)}
        asked = {answer["about"].get("outcome") for each in self.found for answer in each.origins}
        return {code: outcome for code, outcome in known.items() if code in asked}

    def _definitions(self) -> str:
        """What the outcomes are, and which people stand behind everything here."""
        study, words = self.chapter.part.study, self.words
        people = words.text("book.trace.people", n=self._count(len(self.chapter.part.trial.tables["participants"])))
        people *= study.disclosure == "as_published"
        rows = f'<a href="{PEOPLE}" download>{words.text("book.trace.rows")}</a>' * _shows_rows(study)
        told = "".join(f'<dt id="outcome-{html(code)}">{html(code)}</dt><dd>{html(_rule(outcome))}</dd>'
                       for code, outcome in self.outcomes.items())  # fmt: skip
        if unmet(self.chapter.part.trial, "arms", "registers"):
            return ""
        heading = f"<h2>{words.text('book.trace.definitions')}</h2>\n<p>{people} {rows}</p>\n"
        return heading + f"<dl>{told}</dl>" * bool(told)


def _rule(outcome: Outcome) -> str:
    """An outcome's settings in one line: all that it says, but its code."""
    said = {field.name: getattr(outcome, field.name) for field in fields_of(outcome) if field.name != "code"}
    return "; ".join(f"{name}: {_plain(value)}" for name, value in said.items() if value)


def _plain(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(map(str, value.values()))
    return ", ".join(map(_plain, value)) if isinstance(value, (tuple, list)) else str(value)

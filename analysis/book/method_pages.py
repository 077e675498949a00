"""A page for each method in use: question, formula, assumptions, a way through by hand, code, checks, what uses it."""

import inspect
import math
import re
from collections.abc import Iterator, Mapping, MutableMapping, Sequence
from functools import partial
from html import unescape
from pathlib import Path

import nbformat
import pandas as pd

from analysis.book.pages import ChapterPage
from analysis.book.parts import Part
from analysis.book.workers import of_each
from analysis.chapters._worked_on import people_for
from analysis.methods import worked
from analysis.methods.worked import EXAMPLES, MODULES, Example, Worked
from analysis.show.catalogue import Catalogue
from analysis.show.elements import METHOD_PAGE
from analysis.show.prose import MISSING, fixed
from analysis.study.escaping import html, markdown

SIMULATED = Path(worked.__file__).with_name("simulated.csv")
CHECKED = Path(worked.__file__).with_name("checked.csv")
_DIGITS = 5  # of a number in a step that is no whole number
_LINK = re.compile(r'href="(?:\.\./)*book/' + METHOD_PAGE + r'(\w+)\.html"')
_RESULT = re.compile(r'<figure class="result-\w+" id="([^"]+)">(.*?)</figure>\n?(?=<figure|\Z|\n|<)', flags=re.DOTALL)
_FINDING = re.compile(r"<strong>.*?</strong>", flags=re.DOTALL)  # above a figure, before its caption
_CAPTION = re.compile(r"<(?:fig)?caption>(.*?)</(?:fig)?caption>", flags=re.DOTALL)


def method_pages(
    part: Part, shown: Sequence[ChapterPage], by_hand: MutableMapping[str, str] | None = None
) -> dict[str, str]:  # fmt: skip
    """File name → MyST of the page of each method that a table or figure of these chapters links to, in their order.

    by_hand: method → its way by hand where that is known; what is not known is worked out and added.
    """
    uses, known = _uses(shown), {} if by_hand is None else by_hand
    checked = pd.read_csv(CHECKED, comment="#")
    parts = studies_of(part, shown)
    new = [name for name in EXAMPLES if name in uses and name not in known]
    known |= zip(new, of_each(partial(_by_hand, parts), new), strict=True)
    return {f"{METHOD_PAGE}{name}.md": _page(name, parts, uses[name], checked, known[name])
            for name in EXAMPLES if name in uses}  # fmt: skip


def studies_of(part: Part, shown: Sequence[ChapterPage]) -> list[Part]:
    """The studies on whose people methods are worked: the book's own, then those that have chapters in it."""
    return list({each.place: each for each in (part, *(page.part for page in shown))}.values())


def _uses(shown: Sequence[ChapterPage]) -> dict[str, list[str]]:
    """Method → Markdown links to the results that link to it."""
    found: dict[str, list[str]] = {}
    for page in shown:
        for anchor, result in _results(page):
            caption = _FINDING.sub("", (_CAPTION.search(result) or ["", anchor])[1])
            caption = markdown(unescape(re.sub(r"<[^>]+>", "", caption)))
            link = f'{_chapter(page)}: <a href="../{Path(page.file).with_suffix(".html")}#{anchor}">{caption}</a>'
            for name in dict.fromkeys(_LINK.findall(result)):
                found.setdefault(name, []).append(link)
    return found


def _chapter(page: ChapterPage) -> str:
    """What the chapter is called, of which study if not of the book's own."""
    title = page.part.chapter_title(page.chapter)
    return title if page.part.is_main else f"{markdown(page.part.title)}, {title}"


def _results(page: ChapterPage) -> Iterator[tuple[str, str]]:
    """Anchor and HTML of every table and figure of a chapter."""
    if page.executed is None:
        return
    for cell in nbformat.read(page.executed, as_version=4).cells:
        for output in cell.get("outputs", []):
            yield from _RESULT.findall(output.get("data", {}).get("text/html", ""))


def _own_words(name: str, parts: Sequence[Part]) -> Mapping:
    module = next(module for module, examples in MODULES.items() if name in examples)
    return parts[0].words.in_markdown.entry(f"methods/{module}.{name}")


def _page(name: str, parts: Sequence[Part], uses: Sequence[str], checked: pd.DataFrame, by_hand: str) -> str:
    words, own = parts[0].words.in_markdown, _own_words(name, parts)
    titles = words.entry("book.method_page.titles")
    pieces = {
        "data": own["data"],
        "formula": own["formula"],
        "assumptions": _points(own["assumptions"]),
        "by_hand": by_hand,
        "code": _code(EXAMPLES[name]),
        "checked": _checks(checked[checked["method"] == name], words),
        "simulated": _simulated(name, own, words),
        "used": _points(uses),
    }
    sections = [f"## {titles[piece]}\n\n{text.strip()}" for piece, text in pieces.items() if text.strip()]
    return "\n\n".join([f"# {own['title']}", own["question"], *sections]) + "\n"


def _points(texts: Sequence[str]) -> str:
    return "\n".join(f"- {text}" for text in texts)


def _by_hand(parts: Sequence[Part], name: str) -> str:
    """The invented people, then every step for them and for those of the first study that has such people."""
    example, own = EXAMPLES[name], _own_words(name, parts)
    words = parts[0].words.in_markdown
    invented = example.by_hand(example.people)
    ways = {words.text("book.method_page.invented"): invented}
    told = [words.text("book.method_page.by_hand"), _people(invented, own, words)]
    found = ((part, people_for(part.trial, example.takes)) for part in parts)
    part, people = next(((part, people) for part, people in found if people is not None), (None, None))
    if part is None:
        return "\n\n".join([*told, _steps(ways, own, words)])
    ways[markdown(part.study.name.upper())] = example.by_hand(people)
    told += [_worked_on(example, people, part), _steps(ways, own, words)]
    return "\n\n".join(told + [_synthetic_label(part)] * (part.study.data == "synthetic"))


def _worked_on(example: Example, people: pd.DataFrame, part: Part) -> str:
    """Who of the study the steps are taken for, and in what."""
    words = part.words.in_markdown
    named = {"of": words.label(*people.attrs["of"])} if "of" in people.attrs else {}
    return words.text(f"book.method_page.worked_on.{example.takes}", title=markdown(part.title), **named)


def _synthetic_label(part: Part) -> str:
    return f'```{{raw}} html\n<p class="data-label">{html(part.words.text("common.data.synthetic_label"))}</p>\n```'


def _people(worked: Worked, own: Mapping, words: Catalogue) -> str:
    columns = [own["columns"][column] for column in worked.people]
    rows = [[_cell(value, words) for value in row] for row in worked.people.itertuples(index=False)]
    return _table([own.get("row", words.text("book.method_page.person")), *columns],
                  [[str(number), *row] for number, row in enumerate(rows, start=1)])  # fmt: skip


def _steps(ways: Mapping[str, Worked], own: Mapping, words: Catalogue) -> str:
    first = next(iter(ways.values()))
    rows = [[own["steps"][step], *(_cell(way.steps[step], words) for way in ways.values())] for step in first.steps]
    return _table([words.text("book.method_page.step"), *ways], rows)


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [heads, [":---", *["---:"] * (len(heads) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cell(value: object, words: Catalogue) -> str:
    """A value as text: whole numbers whole, others to a few digits, a yes or no in words."""
    if value is None or value is pd.NA or value != value:
        return MISSING
    if isinstance(value, str):
        return markdown(value)
    if str(value) in ("True", "False"):
        return words.text(f"book.method_page.{'yes' if value else 'no'}")
    number = float(value)
    if number.is_integer() and abs(number) < 1e15:
        return fixed(number, 0, words.language)
    decimals = max(0, _DIGITS - 1 - math.floor(math.log10(abs(number)))) if number else 0
    return fixed(number, min(decimals, 12), words.language)


def _code(example: Example) -> str:
    """The source of the functions, each under its full name."""
    return "\n\n".join(
        f"`{each.__module__}.{each.__name__}`\n\n```python\n{inspect.getsource(each)}```" for each in example.functions
    )


def _simulated(name: str, own: Mapping, words: Catalogue) -> str:
    """What came of simulated trials: how far off, how many intervals with the truth, how many small p-values."""
    found = pd.read_csv(SIMULATED, keep_default_na=True).fillna({"what": ""})
    found = found[found["method"] == name]
    if found.empty:
        return ""
    heads = [words.text(f"book.method_page.simulated.{column}") for column in ("what", "bias", "coverage", "below")]
    rows = [[_trials_of(row, words), _with_error(row.bias, row.bias_error, 4, words),
             *(_with_error(100 * share, 100 * error, 1, words) for share, error in (
                 (row.coverage, row.coverage_error), (row.p_below_05, row.p_below_05_error)))]
            for row in found.itertuples()]  # fmt: skip
    n = fixed(int(found["trials"].iloc[0]), 0, words.language)
    told = words.text("book.method_page.simulated.told", n=n)
    return "\n\n".join([told, _table(heads, rows), own.get("simulated", "")]).rstrip()


def _trials_of(row: tuple, words: Catalogue) -> str:
    effect = words.text(f"book.method_page.simulated.{'effect' if row.effect else 'no_effect'}")
    return f"{row.what}, {effect}" if row.what else effect


def _with_error(value: float, error: float, decimals: int, words: Catalogue) -> str:
    """A number and, behind ± and where it is known, its Monte Carlo error."""
    known = [each for each in (value, error) if each == each]
    return " ± ".join(fixed(each, decimals, words.language) for each in known) or MISSING


def _checks(checked: pd.DataFrame, words: Catalogue) -> str:
    """What the method was held against, and the largest difference found."""
    heads = [words.text(f"book.method_page.checks.{name}") for name in ("against", "largest")]
    rows = [[row.against, f"$10^{{{math.log10(row.largest_difference):.0f}}}$"] for row in checked.itertuples()]
    return _table(heads, rows)

"""The one gate through which tables, figures and sentences reach a reader.

A notebook opens a `Page` for its chapter; the page opens the study, sends every result through the disclosure policy,
words it from the catalogue, labels synthetic data as such, and writes downloads when given a results folder:

    page = Page("employment", study=study, language=language, results=results, conf_level=conf_level)
    page.show(employment.statuses_table(page.trial))
    page.say(employment.main_result(page.trial, conf_level))
"""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, replace
from html import escape
from pathlib import Path
from typing import Any

import pandas as pd

from analysis.frames.needs import Absent
from analysis.frames.trial import open_trial
from analysis.show import disclosure, listing, own_table, prose, table_html, tables
from analysis.show.answers import Answer
from analysis.show.answers import markdown as answers_markdown
from analysis.show.disclosure import Result
from analysis.show.figures import PHONE, WIDTH, Figure, alt_text, draw, entry_of
from analysis.show.files import json_bytes, rounded, significant
from analysis.show.listing import Listing
from analysis.show.parameters import check_in_notebook
from analysis.show.prose import Sentence
from analysis.show.study_words import missing_line, study_catalogue
from analysis.show.tables import Table
from analysis.study.settings import Study


@dataclass(frozen=True)
class Html:
    """Finished HTML, shown by a notebook as it is."""

    html: str

    def _repr_html_(self) -> str:
        return self.html

    def __repr__(self) -> str:
        return ""


@dataclass(frozen=True)
class Markdown:
    """Finished Markdown, shown by a notebook as prose."""

    text: str

    def _repr_markdown_(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return self.text


class Page:
    """One chapter's page: opens the study, shows results, says sentences, writes downloads.

    chapter: name of the chapter and of its catalogue file.
    study: study folder, None for the bundled synthetic trial.
    language: folder of the catalogue to use.
    results: folder for downloads (`<results>/<chapter>/…`), None to write nothing.
    from_print: the page's numbers come from the published report alone, not from the study's data.
    parameters: the chapter's other parameters by name, which are checked.
    Raises StudyProblems for an invalid study, MissingText for words the catalogue lacks, UnknownPolicy for a
    disclosure policy this version does not have, WrongParameter for a parameter that is unknown or cannot be so.
    """

    def __init__(
        self,
        chapter: str,
        study: str | None = None,
        language: str = "en",
        results: str | None = None,
        from_print: bool = False,
        **parameters: Any,
    ) -> None:
        self.chapter = chapter
        self.from_print = from_print
        self.trial = open_trial(study)
        check_in_notebook(parameters, self.study)
        self.catalogue = study_catalogue(self.study, language, self.trial.folder)
        self.results = Path(results) / chapter if results else None
        self._said: dict[tuple[str, str, str], dict] = {}
        self.permitted(None)
        if self.results:
            self.results.mkdir(parents=True, exist_ok=True)

    @property
    def study(self) -> Study:
        """Settings of the page's study."""
        return self.trial.study

    @property
    def data_label(self) -> str | None:
        """The label every output of synthetic data carries; None for real data and for printed figures."""
        synthetic = self.study.data == "synthetic" and not self.from_print
        return self.catalogue.text("common.data.synthetic_label") if synthetic else None

    def permitted(self, result: Result) -> Result:
        """The result as the disclosure policy of the study lets it out: whatever is shown, said or written."""
        return disclosure.apply(result, self.study.disclosure)

    def show(
        self, result: Table | Figure | Listing | Sentence | Absent | pd.DataFrame, caption: str = "", decimals: int = 2
    ) -> Html | Markdown:
        """The table or figure as the reader may see it, with caption, unit, notes, label and download.

        For a result that the study cannot give, one line that says what it would need. A frame of one's own needs a
        caption; its fractions are shown with so many decimals, and its download is named after the caption.
        """
        if isinstance(result, Absent):
            return self._missing(result)
        result = self.permitted(result)
        if isinstance(result, Table):
            return self._show_table(result)
        if isinstance(result, Figure):
            return self._show_figure(result)
        if isinstance(result, Sentence):  # says why the study has no such table or figure
            return self.say(result)
        if isinstance(result, Listing):
            return self._show_listing(result)
        if isinstance(result, pd.DataFrame):
            return self._show_frame(result, caption, decimals)
        raise TypeError(f"a page shows a Table, a Figure, a Listing or a frame, not a {type(result).__name__}")

    def show_all(self, *results: Table | Figure | Listing | Absent) -> Html:
        """Several results one below the other."""
        return Html("\n".join(getattr(shown, "html", None) or f"<p>{escape(shown.text)}</p>" for shown in
                              map(self.show, results)))  # fmt: skip

    def say(self, *sentences: Sentence, of: str | None = None) -> Markdown:
        """The sentences as one paragraph, joined by spaces; `of` names the chapter whose words they use, if another."""
        said = [sentence for sentence in sentences if not isinstance(sentence, Absent)]
        if sentences and not said:
            return self._missing(sentences[0])
        texts = [self._write(sentence, of) for sentence in said]
        return Markdown(prose.unbroken(" ".join(texts)))

    def bullets(self, *sentences: Sentence, of: str | None = None) -> Markdown:
        """The sentences as a list, one point each; `of` names the chapter whose words they use, if another."""
        said = [sentence for sentence in sentences if not isinstance(sentence, Absent)]
        if sentences and not said:
            return self._missing(sentences[0])
        return Markdown(prose.unbroken("\n".join(f"- {self._write(sentence, of)}" for sentence in said)))

    def answers(self, *answers: Answer) -> Markdown:
        """Questions with their answers, the caveats in the same paragraph; nothing where none is answered."""
        return Markdown(prose.unbroken(answers_markdown(answers, self._write, self.chapter, self.catalogue)))

    def note(self, name: str) -> Markdown:
        """What the study's own words add here about itself or about its published report; nothing without such words.

        The text stands under `notes:` in the study's `words/<language>/<chapter>.yml`, in the Markdown of the book.
        """
        return Markdown(str(self.catalogue.get(f"{self.chapter}.notes.{name}", "")))

    def points_below(self, name: str, *sentences: Sentence) -> Markdown:
        """The note of that name with the sentences below it as a list; where they are absent, what they would need."""
        points = self.bullets(*sentences).text
        return Markdown("\n".join(part for part in (self.note(name).text, points) if part))

    def title(self, sentence: Sentence | Absent) -> Markdown:
        """The sentence as the page's one main heading; the chapter's plain title where there is nothing to say."""
        if isinstance(sentence, Absent):
            return Markdown(f"# {self.catalogue.text(f'book.chapter_titles.{self.chapter}')}")
        return Markdown(f"# {self._write(sentence)}")

    def numbers(self, **numbers: float) -> pd.DataFrame:
        """Key numbers of the page as a frame, one row each, rounded to ten significant digits for comparison."""
        values = [significant(float(value)) for value in numbers.values()]
        told = {name: rounded(float(value)) for name, value in numbers.items()}
        self._write_file("numbers.json", json_bytes({"data": self._data_column(), "numbers": told}))
        return pd.DataFrame({"number": list(numbers), "value": values}).set_index("number")

    def __repr__(self) -> str:
        return f"Page({self.chapter!r})"  # the same in every run, as it is stored in notebooks

    def _repr_html_(self) -> str:
        """A short notice of what data the page shows, so that a notebook can end its loading cell with `page`."""
        title = self.study.title.get(self.catalogue.language) or next(iter(self.study.title.values()))
        kind = "synthetic" if self.data_label else "real"
        text = self.catalogue.text(f"common.data.{kind}_notice", title=title, name=self.study.name)
        return f'<aside class="data-notice data-{kind}"><p>{escape(text)}</p></aside>'

    def _show_table(self, table: Table) -> Html:
        key = f"{self.chapter}.tables.{table.key}"
        caption = self._caption(key, table.values)
        element = table_html.to_html(table, self.chapter, self.catalogue, caption)
        rounded = () if tables.adds_up(table, self.chapter, self.catalogue) else (Sentence("rounded", of="common"),)
        below = self._below(key, table.values, unit=table.unit, n=table.n, extra=(*table.notes, *rounded))
        name = self._public_name(table.name, table.part)
        self._write_csv(name, tables.download_frame(table, self.chapter, self.catalogue, name))
        return self._framed(element, name, caption, below)

    def _show_frame(self, frame: pd.DataFrame, caption: str, decimals: int) -> Html:
        own = own_table.OwnTable(frame, caption, decimals)
        self._write_csv(own.name, own.whole)
        return self._framed(own.to_html(self.catalogue), own.name, escape(caption), self._below_all([]))

    def _framed(self, element: str, name: str, caption: str, below: str) -> Html:
        """A table element with what stands below it and its download, in a frame that scrolls sideways."""
        scroll = f'<div class="table-scroll" role="region" tabindex="0" aria-label="{caption}">\n{element}\n</div>'
        links = self._links(name, ["csv"])
        return Html(f'<figure class="result-table" id="{self._anchor(name)}">\n{scroll}\n{below}{links}</figure>')

    def _public_name(self, name: str, part: str = "") -> str:
        """What a table or figure is called in downloads and links: as the study's published report calls it, if so."""
        printed = self.study.as_printed.tables if self.study.as_printed else {}
        whole = f"{name}_{part}" if part else name
        for known, suffix in ((whole, ""), (name, f"_{part}" if part else "")):
            if f"{self.chapter}.{known}" in printed:
                return printed[f"{self.chapter}.{known}"] + suffix
        return whole

    def _missing(self, absent: Absent) -> Markdown:
        """The one line that stands where a study cannot give a result."""
        return Markdown(missing_line(absent.need, self.catalogue))

    def _show_listing(self, shown: Listing) -> Html:
        key = f"{self.chapter}.listings.{shown.name}"
        caption = self._caption(key, shown.values)
        element = listing.to_html(shown, self.chapter, self.catalogue, caption)
        below = self._below(key, shown.values)
        whole = shown.download if shown.download is not None else listing.written(shown, self.chapter, self.catalogue)
        self._write_csv(shown.name, whole)
        return self._framed(element, shown.name, caption, below)

    def _show_figure(self, figure: Figure) -> Html:
        if self.study.has_arms:
            arms = {"treatment": self.study.treatment, "control": self.study.control}
            figure = replace(figure, options=arms | dict(figure.options))
        key = f"{self.chapter}.figures.{entry_of(figure, self.chapter, self.catalogue)}"
        caption = self._caption(key, figure.values)
        svg, narrow = (draw(figure, self.chapter, self.catalogue, self.data_label, width) for width in (WIDTH, PHONE))
        text = alt_text(figure, self.chapter, self.catalogue, self._texts(figure.values))
        name = self._public_name(figure.name)
        self._write_csv(name, figure.frame)
        self._write_file(f"{name}.svg", svg)
        image = (
            f'<picture><source media="(max-width: 36rem)" srcset="{_embedded(narrow)}">'
            f'<img src="{_embedded(svg)}" alt="{escape(text)}"></picture>'
        )
        below = self._below(key, figure.values) + self._links(name, ["csv", "svg"])
        return Html(
            f'<figure class="result-figure" id="{self._anchor(name)}">\n'
            f"<figcaption>{self._finding(figure)}{caption}</figcaption>\n{image}\n{below}</figure>"
        )

    def _finding(self, figure: Figure) -> str:
        """What a figure shows, before its caption."""
        return f"<strong>{escape(self._write(figure.finding))}</strong> " if figure.finding else ""

    def _anchor(self, name: str) -> str:
        return f"{self.chapter}-{name}".replace("_", "-").replace(".", "-").lower()

    def _caption(self, key: str, values: Mapping) -> str:
        return escape(self.catalogue.text(f"{key}.caption", **self._texts(values)))

    def _texts(self, values: Mapping) -> dict[str, str]:
        return {name: prose.value_text(value, self.chapter, self.catalogue) for name, value in values.items()}

    def _below(self, key: str, values: Mapping, unit: str | None = None, n: int | None = None, extra=()) -> str:
        """What stands under a table or figure: unit, number of people, notes and the label of synthetic data."""
        parts = []
        unit_text = self.catalogue.label(self.chapter, "units", unit) if unit else self.catalogue.get(f"{key}.unit")
        if unit_text:
            parts.append(self.catalogue.text("common.table.unit", unit=str(unit_text)))
        if n is not None:
            parts.append(self.catalogue.text("common.table.n", n=prose.format_number(prose.count(n), self.language)))
        texts = self._texts(values)
        for index, _ in enumerate(self.catalogue.get(f"{key}.notes", [])):
            parts.append(self.catalogue.text(f"{key}.notes.{index}", **texts))
        return self._below_all([*parts, *(self._plain(sentence) for sentence in extra)])

    def _below_all(self, parts: list[str]) -> str:
        """Paragraphs under a table or figure, the label of synthetic data behind them."""
        lines = "".join(f"<p>{escape(part)}</p>" for part in parts)
        if self.data_label:
            lines += f'<p class="data-label">{escape(self.data_label)}</p>'
        return f'<div class="result-notes">{lines}</div>\n' if lines else ""

    def _links(self, name: str, types: list[str]) -> str:
        if self.results is None:
            return ""
        links = [
            f'<a href="../results/{self.chapter}/{name}.{kind}" download>'
            + escape(self.catalogue.text(f"common.download.{kind}"))
            + "</a>"
            for kind in types
        ]
        return f'<p class="downloads">{" · ".join(links)}</p>\n'

    def _write(self, sentence: Sentence, of: str | None = None) -> str:
        sentence = self.permitted(sentence)
        chapter = sentence.of or of or self.chapter
        text = prose.write(sentence, chapter, self.catalogue)
        self._said[chapter, sentence.key, text] = {
            "chapter": chapter,
            "key": sentence.key,
            "direction": sentence.direction,
            "finding": sentence.finding,
            "text": text,
            "data": self._data_column(),
            "values": {name: rounded(prose.plain(value)) for name, value in sentence.values.items()},
        }
        self._write_file("sentences.json", json_bytes(list(self._said.values())))
        return text

    def _plain(self, sentence: Sentence) -> str:
        return prose.write(sentence, self.chapter, self.catalogue)

    @property
    def language(self) -> str:
        """Language of the page."""
        return self.catalogue.language

    def _data_column(self) -> str:
        if self.from_print:
            return self.catalogue.text("common.data.print_source")
        return self.data_label or self.catalogue.text("common.data.real_source", name=self.study.name)

    def write_csv(self, frame: pd.DataFrame, path: Path) -> None:
        """Write a frame as a download: as the policy lets it out, each row labelled, to ten significant digits."""
        labelled = self.permitted(frame).assign(data=self._data_column())
        for column in labelled.select_dtypes("floating"):
            labelled[column] = labelled[column].map(significant)
        path.write_bytes(labelled.to_csv(index=False, lineterminator="\n").encode())

    def _write_csv(self, name: str, frame: pd.DataFrame) -> None:
        if self.results is not None:
            self.write_csv(frame, self.results / f"{name}.csv")

    def _write_file(self, name: str, content: bytes) -> None:
        if self.results is not None:
            (self.results / name).write_bytes(content)


def _embedded(svg: bytes) -> str:
    """A drawing as an address that holds it."""
    return f"data:image/svg+xml;base64,{base64.b64encode(svg).decode()}"

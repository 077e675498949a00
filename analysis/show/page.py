"""The one gate through which tables, figures and sentences reach a reader.

A notebook opens a `Page` for its chapter; the page opens the study, sends every result through the disclosure policy,
words it from the catalogue, labels synthetic data as such, says what each number is, and writes downloads when given a
results folder:

    page = Page("employment", study=study, language=language, results=results, conf_level=conf_level)
    page.show(employment.statuses_table(page.trial))
    page.say(employment.main_result(page.trial, conf_level))
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from analysis.frames.needs import Absent
from analysis.frames.trial import open_trial
from analysis.published.kinds import kinds_of
from analysis.published.trace import trace_of
from analysis.show import calculator, elements, files, listing, own_table, prose, sheets, table_html, tables
from analysis.show.answers import Answer, markdown
from analysis.show.calculator import Calculator
from analysis.show.column_order import in_arm_order
from analysis.show.disclosure import gate_of, shows_small_cells
from analysis.show.disclosure.gate import UNTOLD, Gate
from analysis.show.figures import PHONE, WIDTH, Figure, alt_lead, alt_text, draw, draw_files, entry_of, labels_of
from analysis.show.figures.tabulated import tabulated
from analysis.show.files import json_bytes, rounded, significant
from analysis.show.finished import Html, Markdown, Numbers
from analysis.show.kept import Kept
from analysis.show.kinds import KindMarks
from analysis.show.listing import Listing
from analysis.show.page_files import PageFiles
from analysis.show.parameters import check_in_notebook
from analysis.show.prose import Sentence
from analysis.show.study_words import missing_line, study_catalogue
from analysis.show.tables import Table
from analysis.show.worth_saying import worth_saying
from analysis.study.escaping import html
from analysis.study.kinds import NOT_IN_REPORT
from analysis.study.settings import Study


class Page(PageFiles):
    """One chapter's page: opens the study, shows results, says sentences, writes downloads.

    chapter: name of the chapter and of its catalogue file.
    study: study folder, None for the bundled synthetic trial.
    language: folder of the catalogue to use.
    results: folder for downloads (`<results>/<chapter>/…`), None to write nothing.
    from_print: the page's numbers come from the published report alone, not from the study's data.
    written: the page tells what was written of the study, which is no result of its data.
    compares: the page is about how computed numbers compare with those of the published report.
    parameters: the chapter's other parameters by name, which are checked.
    Raises StudyProblems for an invalid study, MissingText for words the catalogue lacks, NoPlan for a protected study
    of which nobody worked out what must stay untold, WrongParameter for a parameter that is unknown or cannot be so.
    """

    def __init__(
        self,
        chapter: str,
        study: str | None = None,
        language: str = "en",
        results: str | None = None,
        from_print: bool = False,
        compares: bool = False,
        written: bool = False,
        **parameters: Any,
    ) -> None:
        self.chapter = chapter
        self.from_print, self.written = from_print, written
        self.trial = open_trial(study)
        check_in_notebook(parameters, self.study)
        self.catalogue = study_catalogue(self.study, language, self.trial.folder)
        gate = gate_of(self.study, chapter, self.catalogue)
        self.gate = Gate() if written and gate.hides else gate  # what is written tells of no data
        decides = None if self.gate.records else kinds_of(self.trial, chapter)
        self.kinds = KindMarks(decides, self.catalogue, from_print, compares or written)
        self.results = Path(results) / chapter if results else None
        if self.results:
            self.results.mkdir(parents=True, exist_ok=True)
        is_told = self.results and not (self.gate.hides or self.gate.records)
        self._trace = trace_of(self.trial, parameters, self.results if is_told else None, self._data_column())
        self._keeps = Kept(self._write_file, self._trace)
        self._written: dict[str, pd.DataFrame] = {}

    @property
    def study(self) -> Study:
        """Settings of the page's study."""
        return self.trial.study

    @property
    def data_label(self) -> str | None:
        """The label every output of synthetic data carries; None for real data, printed figures, what was written."""
        synthetic = self.study.data == "synthetic" and not (self.from_print or self.written)
        return self.catalogue.text("common.data.synthetic_label") if synthetic else None

    def show(
        self, result: Table | Figure | Listing | Calculator | Sentence | Absent | pd.DataFrame, caption: str = "",
        decimals: int = 2,
    ) -> Html | Markdown:  # fmt: skip
        """The table or figure as the reader may see it, with caption, unit, notes, label and download.

        For a result that the study cannot give, one line that says what it would need. A frame of one's own needs a
        caption; its fractions are shown with so many decimals, and its download is named after the caption.
        """
        if isinstance(result, Absent):
            return self._missing(result)
        if isinstance(result, pd.DataFrame):
            return self._show_frame(result, caption, decimals)
        result = self.permitted(result)
        if self.gate.records:
            return Html("")
        ways = {Table: self._show_table, Figure: self._show_figure, Listing: self._show_listing,
                Calculator: self._show_calculator, Sentence: self.say}  # fmt: skip
        for kind, way in ways.items():  # a sentence says why the study has no such table or figure
            if isinstance(result, kind):
                return way(result)
        raise TypeError(f"a page shows a Table, a Figure, a Listing or a frame, not a {type(result).__name__}")

    def show_all(self, *results: Table | Figure | Listing | Absent) -> Html:
        """Several results one below the other."""
        shown = map(self.show, results)  # a line of Markdown is HTML, too
        return Html("\n".join(getattr(each, "html", None) or f"<p>{each.text}</p>" for each in shown))

    def say(self, *sentences: Sentence, of: str | None = None) -> Markdown:
        """The sentences as one paragraph, joined by spaces; `of` names the chapter whose words they use, if another.

        What one chapter says of another is a finding. On synthetic data a result that is not in the published report
        is none, and is left out there.
        """
        return self._said_together(sentences, of, "{}", " ")

    def bullets(self, *sentences: Sentence, of: str | None = None) -> Markdown:
        """The sentences as a list, one point each; see `say`."""
        return self._said_together(sentences, of, "- {}", "\n")

    def _said_together(self, sentences: Sequence[Sentence], of: str | None, point: str, joint: str) -> Markdown:
        said = list(filter(worth_saying, sentences))
        if sentences and not said:
            return self._missing(next((each for each in sentences if isinstance(each, Absent)), Absent("variation")))
        kept = self.kinds.findings(said, of) if of else said
        if said and not kept:
            return Markdown(self.catalogue.text("common.kinds.left_out"))
        kinds = [self.kinds.sentence(sentence, of or self.chapter) for sentence in kept]
        goes_on = [joint == " " and last == NOT_IN_REPORT for last in ["", *kinds]]
        texts = [self.kinds.worded(self._write(sentence, of), kind, on)
                 for sentence, kind, on in zip(kept, kinds, goes_on, strict=False)]  # fmt: skip
        texts = dict.fromkeys(texts)  # that something is not shown is said once
        return Markdown(prose.unbroken(joint.join(map(point.format, texts))) + self._traced(kept, of))

    def folded(self, title: Sentence, *sentences: Sentence) -> Markdown:
        """The sentences as a list that a reader unfolds; the title stands on the fold."""
        shown = self.bullets(*sentences)
        if sentences and not any(map(worth_saying, sentences)):
            return shown
        fold = html(self._plain(title))
        return Markdown(f"<details>\n<summary>{fold}</summary>\n\n{shown.text}\n\n</details>")

    def answers(self, *answers: Answer) -> Markdown:
        """Questions with their answers, the caveats in the same paragraph; nothing where none is answered.

        An answer is a finding: on synthetic data what is not in the published report is left out.
        """
        findings = partial(self.kinds.findings, chapter=self.chapter)
        kept = [replace(each, said=said, more=findings(each.more)) for each in answers if (said := findings(each.said))]
        return Markdown(prose.unbroken(markdown(kept, self._marked, self.chapter, self.catalogue.in_markdown)))

    def _marked(self, sentence: Sentence) -> str:
        return self.kinds.worded(self._write(sentence), self.kinds.sentence(sentence, self.chapter), goes_on=True)

    def points_below(self, name: str, *sentences: Sentence) -> Markdown:
        """The note of that name with the sentences below it as a list; where they are absent, what they would need."""
        note, points = self.note(name).text, self.bullets(*sentences).text
        self._keep_words([str(self.catalogue.get(f"{self.chapter}.notes.{name}", ""))])
        return Markdown("\n\n".join(filter(None, (note, points))))

    def title(self, sentence: Sentence | Absent) -> Markdown:
        """The sentence as the page's one main heading; the chapter's plain title where there is nothing to say, or
        where it must not be said."""
        if not worth_saying(sentence) or self.permitted(sentence) == UNTOLD:
            return Markdown(f"# {self.catalogue.in_markdown.text(f'book.chapter_titles.{self.chapter}')}")
        kind = self.kinds.sentence(sentence, self.chapter)
        return Markdown(f"# {self.kinds.first_words(kind)}{self._write(sentence)}")

    def numbers(self, **numbers: float) -> pd.DataFrame:
        """Key numbers of the page as a frame, one row each, rounded to ten significant digits for comparison."""
        numbers = dict(self.gate.numbers(numbers, self.chapter))
        values = [significant(float(value)) for value in numbers.values()]
        told = {name: rounded(float(value)) for name, value in numbers.items()}
        self._write_file("numbers.json", json_bytes({"data": self._data_column(), "numbers": told}))
        frame = pd.DataFrame({"number": list(numbers), "value": values}).set_index("number")
        return Numbers(self.kinds.numbers(frame, numbers.values()))

    def __repr__(self) -> str:
        return f"Page({self.chapter!r})"  # the same in every run, as it is stored in notebooks

    def _repr_html_(self) -> str:
        """A short notice of what data the page shows, so that a notebook can end its loading cell with `page`."""
        title = self.study.title.get(self.catalogue.language) or next(iter(self.study.title.values()))
        kind = "synthetic" if self.data_label else "real"
        text = self.catalogue.text(f"common.data.{kind}_notice", title=title, name=self.study.name)
        policy = "page" if self.gate.hides else "small_cells" if shows_small_cells(self.study) else ""
        held = f"<p>{html(self._hidden_words(policy))}</p>" if policy else ""
        if self.gate.hides and self.study.rounding:
            held += f"<p>{html(self._hidden_words('rounded'))}</p>"
        self._keep_words([text])
        return f'<aside class="data-notice data-{kind}"><p>{html(text)}</p>{held}{self.kinds.notice()}</aside>'

    def _show_table(self, table: Table) -> Html:
        key = f"{self.chapter}.tables.{table.key}"
        if self.study.has_arms:
            table = in_arm_order(table, self.study.treatment, self.study.control)
        if self.gate.hides:
            table = tables.as_told(table, self.chapter, self.catalogue)
        caption = self._caption(key, table.values)
        name = self._public_name(table.name, table.part)
        source = self._public_name(table.name)
        exact = self.kinds.table(table, source)
        self._write_csv(name, tables.download_frame(exact, self.chapter, self.catalogue, name), table)
        told = tables.Formatter(table, self.chapter, self.catalogue).decimals_told()
        table = self.kinds.table(table, source, told)
        element = table_html.to_html(table, self.chapter, self.catalogue, caption)
        legend = [*self.kinds.legend_of_table(table), *self._of_hidden("hidden" in table.cells)]
        rounded = () if tables.adds_up(table, self.chapter, self.catalogue) else (Sentence("rounded", of="common"),)
        below = self._below(key, table.values, legend, unit=table.unit, n=table.n, extra=(*table.notes, *rounded))
        self._keep_sheet(name, "table", caption, below, *sheets.of_table(exact, self.chapter, self.catalogue))
        return self._framed(element, name, caption, below)

    def _show_frame(self, frame: pd.DataFrame, caption: str, decimals: int) -> Html:
        own = own_table.OwnTable(frame, caption, decimals)
        whole, hidden = self.gate.frame(own.whole, own.name, self.chapter)
        own = own_table.OwnTable(whole, caption, decimals, hidden)
        told = self.kinds.frame(whole, list(whole.select_dtypes("number").columns))
        whole = files.with_hidden(told, hidden)
        self._write_csv(own.name, whole, own)
        legend = [*self.kinds.legend_of_frame(told), *self._of_hidden(hidden is not None)]
        below = elements.notes_below([], legend, self.data_label)
        self._keep_sheet(own.name, "table", html(caption), below, *sheets.of_frame(whole))
        return self._framed(own.to_html(self.catalogue), own.name, html(caption), below)

    def _framed(self, element: str, name: str, caption: str, below: str) -> Html:
        """A table element with what stands below it and its download."""
        return elements.table_frame(element, self._anchor(name), caption, below + self._links(name, ["csv"]))

    def _missing(self, absent: Absent) -> Markdown:
        return Markdown(missing_line(absent.need, self.catalogue.in_markdown))

    def _show_listing(self, shown: Listing) -> Html:
        key = f"{self.chapter}.listings.{shown.name}"
        caption = self._caption(key, shown.values)
        element = listing.to_html(shown, self.chapter, self.catalogue, caption)
        self._keep_words(listing.sentences_in(shown, self.chapter, self.catalogue))
        below = self._below(key, shown.values)
        whole = listing.written(shown, self.chapter, self.catalogue)
        if shown.download is not None:
            whole = files.with_hidden(shown.download, shown.hidden)
        told = self.kinds.listing(shown, whole)
        self._write_csv(shown.name, told, shown)
        self._keep_sheet(shown.name, "table", caption, below, *sheets.of_listing(shown, told))
        return self._framed(element, shown.name, caption, below)

    def _show_figure(self, figure: Figure) -> Html:
        if self.study.has_arms:
            arms = {"treatment": self.study.treatment, "control": self.study.control}
            figure = replace(figure, options=arms | dict(figure.options))
        if figure.hidden is not None and "estimate" in figure.frame and figure.frame["estimate"].isna().all():
            return Html(f"<p><em>{html(self._hidden_words('figure'))}</em></p>")
        key = f"{self.chapter}.figures.{entry_of(figure, self.chapter, self.catalogue)}"
        caption = self._finding(figure) + self._caption(key, figure.values)
        narrow, *wide = (draw(figure, self.chapter, self.catalogue, self.data_label, each)
                         for each in ((PHONE,) if self.results else (PHONE, WIDTH)))  # fmt: skip
        drawn = {"svg": wide[0]} if wide else draw_files(figure, self.chapter, self.catalogue, self.data_label)
        self._kept(lambda put: alt_lead(figure, self.chapter, self.catalogue, self._texts(figure.values, put)))
        self._keep_words(labels_of(figure, self.chapter, self.catalogue))
        text = alt_text(figure, self.chapter, self.catalogue, self._texts(figure.values))
        name = self._public_name(figure.name)
        told = self.kinds.figure(figure)
        whole = files.with_hidden(told, figure.hidden)
        self._write_csv(name, whole, figure)
        for kind, content in drawn.items():
            self._write_file(f"{name}.{kind}", content)
        legend = [*self.kinds.legend_of_frame(told), *self._of_hidden(figure.hidden is not None)]
        below = self._below(key, figure.values, legend)
        percent = bool(figure.options.get("percent"))
        self._keep_sheet(name, "figure", caption, below, *sheets.of_frame(whole, percent), text)
        below += self._links(name, ["csv", "svg", "png"])
        table = elements.other_view(*tabulated(figure, self.chapter, self.catalogue), self.catalogue.text)
        return elements.figure_frame(drawn["svg"], narrow, text, self._anchor(name), caption, below, table)

    def _show_calculator(self, shown: Calculator) -> Html:
        if self.gate.hides:
            return Html(f"<p><em>{html(self.catalogue.text('common.hidden.calculator'))}</em></p>")
        case = "".join(f"<p>{self._in_html(each)}</p>" for each in shown.case)
        return Html(calculator.to_html(shown, self.chapter, self.catalogue, case, self.data_label))

    def _finding(self, figure: Figure) -> str:
        return f"<strong>{self._in_html(self.permitted(figure.finding))}</strong> " if figure.finding else ""

    def _in_html(self, found: Sentence) -> str:
        """A sentence as HTML, with its mark."""
        kind = self.kinds.sentence(found, found.of or self.chapter)
        told = html(self.kinds.first_words(kind).replace("*", "") + self._told(found))
        return self.kinds.worded(told, kind, goes_on=True)

    def _anchor(self, name: str) -> str:
        return f"{self.chapter}-{name}".replace("_", "-").replace(".", "-").lower()

    def _caption(self, key: str, values: Mapping) -> str:
        return html(self._worded(f"{key}.caption", values))

    def _below(
        self, key: str, values: Mapping, legend: Sequence[str] = (), unit: str | None = None, n: int | None = None,
        extra: Sequence[Sentence] = (),
    ) -> str:  # fmt: skip
        """What stands under a table or figure: unit, number of people, notes, legend, the label of synthetic data."""
        parts = self._planned(key)
        unit_text = self.catalogue.label(self.chapter, "units", unit) if unit else self.catalogue.get(f"{key}.unit")
        if unit_text:
            parts.append(self.catalogue.text("common.table.unit", unit=str(unit_text)))
        if n is not None:
            parts.append(self._worded("common.table.n", {"n": prose.count(n)}))
        notes = self.catalogue.get(f"{key}.notes", [])
        parts += [self._worded(f"{key}.notes.{place}", values) for place in range(len(notes))]
        parts += [self._plain(sentence) for sentence in extra]
        return elements.notes_below(parts, legend, self.data_label) + self._methods(key)

    def _methods(self, key: str) -> str:
        """The way to the pages of the methods behind a result; its words name them as `<module>.<method>`."""
        named = self.catalogue.get(f"{key}.methods", [])
        titles = {each.split(".")[-1]: self.catalogue.in_html.entry(f"methods/{each}.title") for each in named}
        return elements.methods_linked(self.catalogue.text("common.method_pages"), titles)

    def write_csv(self, frame: pd.DataFrame, path: Path) -> None:
        """Write a frame, already as it may leave, as a download: each row labelled, to ten significant digits."""
        whole = files.as_written(frame.assign(data=self._data_column()))
        path.write_bytes(whole.to_csv(index=False, lineterminator="\n").encode())

    def _write_csv(self, name: str, frame: pd.DataFrame, result: object) -> None:
        if self.results is not None:
            self._trace.of_frame(name, frame, result, getattr(result, "places", ()))
            if not self._written.setdefault(name, frame).equals(frame):
                raise ValueError(f"two results are called {name}: one download would replace the other")
            self.write_csv(frame, self.results / f"{name}.csv")

"""How a page words its texts: from its words, as they may leave, each kept with the values of its numbers."""

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

from analysis.show import elements, prose
from analysis.show.catalogue import Catalogue
from analysis.show.disclosure import Shown
from analysis.show.disclosure.gate import Gate
from analysis.show.finished import Markdown
from analysis.show.kept import Kept
from analysis.show.kinds import KindMarks
from analysis.show.prose import Sentence
from analysis.study.escaping import html
from analysis.study.settings import Study


class PageTexts:
    """The part of a page that writes texts; the page has what it writes with."""

    chapter: str
    catalogue: Catalogue
    gate: Gate
    kinds: KindMarks
    from_print: bool
    written: bool
    data_label: str | None
    study: Study
    _keeps: Kept
    _trace: Any  # a `published.trace.Trace`

    def permitted(self, result: Shown) -> Shown:
        """The result as the disclosure policy of the study lets it out: whatever is shown, said or written."""
        result = self.gate.result(result, self.chapter)
        if self.gate.hides:
            self._keeps.told(result, self.chapter)
        return result

    def note(self, name: str) -> Markdown:
        """What is said here in words, and behind it what the study adds about its published report; maybe nothing.

        Both stand under `notes:` in `<chapter>.yml` of the words, in the Markdown of the book: as `<name>` the engine's
        text, or the study's own in its place; as `<name>_if_synthetic` what goes on about invented people, where there
        are any; as `<name>_in_print` what the study says of its print; as `<name>_in_margin` a term or a caveat that
        stands beside the text where a window has room, and else below it.
        """
        words = self.catalogue.in_markdown
        keys = (name, f"{name}_if_synthetic", f"{name}_in_print", f"{name}_in_margin")
        told, invented, printed, beside = (str(words.get(f"{self.chapter}.notes.{key}", "")).rstrip() for key in keys)
        said = "\n".join(filter(None, (told, invented if self.study.data == "synthetic" else "")))
        self._keep_words((said, printed, beside))
        marked = printed and f"**{words.text('book.folds.in_print')}.** {printed}"
        text = "\n\n".join(filter(None, (said, marked)))
        return Markdown(elements.beside(text, beside) if beside else text)

    def _worded(self, key: str, values: Mapping) -> str:
        return self._kept(lambda put: self.catalogue.text(key, **self._texts(values, put)))

    def _kept(self, *written: Callable[[Callable], str]) -> str:
        return self._keeps.texts(self._data_column(), *written)

    def _keep_words(self, texts: Iterable[str]) -> None:
        self._keeps.words(self._data_column(), texts)

    def _texts(self, values: Mapping, put: Callable = prose.as_text) -> dict[str, str]:
        return {name: prose.value_text(value, self.chapter, self.catalogue, put) for name, value in values.items()}

    def _write(self, sentence: Sentence, of: str | None = None) -> str:
        """A sentence in Markdown, kept as plain text, with the marks of its results."""
        self._told(sentence := self.permitted(sentence), of)
        chapter = sentence.of or of or self.chapter
        return prose.write(sentence, chapter, self.catalogue.in_markdown, self.kinds.put(sentence, chapter))

    def _told(self, sentence: Sentence, of: str | None = None) -> str:
        chapter = sentence.of or of or self.chapter
        text = prose.write(sentence, chapter, self.catalogue)
        return self._keeps.sentence(sentence, chapter, partial(prose.write, sentence, chapter, self.catalogue),
                                    data=self._data_column(), hidden=self.gate.stands_in(text),
                                    kind=self.kinds.sentence(sentence, chapter))  # fmt: skip

    def _traced(self, sentences: Iterable[Sentence], of: str | None) -> str:
        """A small link behind sentences to where their numbers come from."""
        texts = (prose.write(each, each.of or of or self.chapter, self.catalogue) for each in sentences)
        link = self._trace.link(*texts)
        return elements.traced(link, self.catalogue.text("common.traced")) if link else ""

    def _planned(self, key: str) -> list[str]:
        """Whether a comparison of the arms was planned, as `planned` of its words has it; nothing for any other."""
        planned = self.catalogue.get(f"{key}.planned") if self.study.has_arms else None
        return [self.catalogue.text(f"common.planned.{planned}")] if planned else []

    def _plain(self, sentence: Sentence) -> str:
        sentence = self.permitted(sentence)
        return self._kept(lambda put: prose.write(sentence, self.chapter, self.catalogue, put))

    def _of_hidden(self, some: bool) -> list[str]:
        """What stands for numbers that must not be told, where there are some; a line of HTML."""
        return [html(self._hidden_words("note"))] if some else []

    def _hidden_words(self, name: str) -> str:
        values = {"sign": prose.HIDDEN, "fewest": prose.count(self.study.smallest_group),
                  "base": prose.count(self.study.rounding or 1)}  # fmt: skip
        key = f"common.hidden.{name}"
        wanted = {name: value for name, value in values.items() if f"{{{name}}}" in str(self.catalogue.entry(key))}
        return self._worded(key, wanted)

    def _data_column(self) -> str:
        if self.written:
            return self.catalogue.text("common.data.written_source", name=self.study.name)
        if self.from_print:
            return self.catalogue.text("common.data.print_source")
        return self.data_label or self.catalogue.text("common.data.real_source", name=self.study.name)

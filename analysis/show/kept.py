"""What a page said, kept with the values of its numbers, so that a reader of the book can be led back to them."""

from collections.abc import Callable, Iterable
from typing import Any

from analysis.show import prose
from analysis.show.disclosure.gate import walked
from analysis.show.disclosure.told import TEXT, Told, is_in_words
from analysis.show.files import JsonList, rounded
from analysis.show.prose import Sentence
from analysis.show.tracing import outlined, plain, traced

SENTENCES, TEXTS, IN_WORDS = "sentences.json", "texts.json", "in_words.json"


class Kept:
    """The sentences of a page, and its other texts; `write` writes each list to the file of its name when it grows.

    trace: leads their numbers back to what made them (a `published.trace.Trace`).
    """

    def __init__(self, write: Callable[[str, JsonList], None], trace: Any) -> None:
        self.write, self.trace = write, trace
        self.said, self.worded, self.in_words = JsonList(), JsonList(), JsonList()

    def sentence(self, sentence: Sentence, chapter: str, written: Callable[[Callable], str], **told: object) -> str:
        """Keep a sentence in words of a chapter with its values; `told` is what else is said of it, if anything."""
        text, (outline, numbers) = written(prose.as_text), outlined(written)
        self.trace.of_text("sentence", text, sentence, numbers)
        self.said.put((chapter, sentence.key, text), {
            "chapter": chapter, "key": sentence.key, "direction": sentence.direction, "finding": sentence.finding,
            "text": text, "data": told.pop("data"),
            "values": {name: rounded(plain(value)) for name, value in sentence.values.items()},
            **traced(outline, numbers), **{name: value for name, value in told.items() if value},
        })  # fmt: skip
        self.write(SENTENCES, self.said)
        return text

    def texts(self, data: str, *written: Callable[[Callable], str]) -> str:
        """Keep texts with what their numbers are, and give the last of them."""
        text = ""
        for write in written:
            text, (outline, numbers) = write(prose.as_text), outlined(write)
            self.trace.of_text("text", text, None, numbers)
            self.worded.put(text, {"text": text, "data": data, **traced(outline, numbers)})
        self.write(TEXTS, self.worded)
        return text

    def told(self, result: Any, page: str) -> None:
        """Keep each number that the words of a result tell, with its address, where others of them are hidden."""

        def keep(each: Told, value: Any) -> Any:
            if is_in_words(each.address) and each.sort != TEXT and each.value == each.value:
                self.in_words.put(each.address, {"at": each.address, "value": rounded(each.value)})
            return value

        walked(result, page, keep)
        self.write(IN_WORDS, self.in_words)

    def words(self, data: str, texts: Iterable[str]) -> None:
        """Texts without a number that anything computed gives, kept where digits in them could be taken for one."""
        if told := [text for text in texts if any(map(str.isdigit, text))]:
            self.texts(data, *(lambda put, text=text: text for text in told))

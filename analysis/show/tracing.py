"""What a text was made from: its outline with a mark for each number, and the values of these numbers."""

import math
import re
from collections.abc import Callable, Sequence

from analysis.show.files import rounded
from analysis.show.prose import Label, Number, Sentence

# What stands for a number, and for a name put in, in the outline of a text.
MARK, WORDS = "\ufffc", "\ufffb"
_MARKED = re.compile(f"{MARK}(\\d+);")


def outlined(written: Callable[[Callable], str]) -> tuple[str, list[Number]]:
    """A text with MARK for each of its numbers and WORDS for each name put in, and the numbers in their order.

    `written` gives the text, with what is put in printed by the function that it gets, as `as_text` would.
    """
    found: list[Number] = []

    def marked(value: Number | str, language: str) -> str:
        if isinstance(value, str):
            return WORDS
        found.append(value)
        return f"{MARK}{len(found) - 1};"

    text = written(marked)
    order = [int(place) for place in _MARKED.findall(text)]
    return _MARKED.sub(MARK, text), [found[place] for place in order]


def traced(outline: str, numbers: Sequence[Number]) -> dict[str, object]:
    """Outline and numbers of a text as a file holds them, so that a reader of the book can be led back to them."""
    return {"outline": outline, "numbers": [rounded(plain(number)) for number in numbers]}


def plain(value: object) -> object:
    """What a placeholder holds, for a file: a number unrounded (missing as null), a label's key, a sentence's parts."""
    if isinstance(value, Number):
        return None if math.isnan(value.value) else float(value.value)
    if isinstance(value, Label):
        return value.key
    if isinstance(value, Sentence):
        told = {"key": value.key} | ({"direction": value.direction} if value.direction else {})
        return told | {name: plain(part) for name, part in value.values.items()}
    return [plain(part) for part in value] if isinstance(value, tuple) else str(getattr(value, "text", value))

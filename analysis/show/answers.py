"""Questions with their answers, as the front of a report gives them: what was found, what changes how it is read, and
what the published report says.

A caveat stands in the same paragraph as the finding that it is about, so that no page shows the one without the other.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from analysis.show.catalogue import Catalogue
from analysis.show.prose import Sentence


@dataclass(frozen=True)
class Answer:
    """One question and its answer.

    question: its key in `questions:` of the chapter's words. said: findings, each with its interval. caveats: sentences
    that change how they are read, before the study's own, the chapter's note `caveat_<question>`. more: findings in
    paragraphs of their own. printed: what the published report prints of it all; None for a study without such a
    report, or where a finding says it itself.
    """

    question: str
    said: tuple[Sentence, ...]
    caveats: tuple[Sentence, ...] = ()
    more: tuple[Sentence, ...] = ()
    printed: Sentence | None = None


def markdown(answers: Iterable[Answer], write: Callable[[Sentence], str], chapter: str, words: Catalogue) -> str:
    """The answers as a definition list; `write` words a sentence of the chapter."""
    return "\n\n".join(_one(answer, write, chapter, words) for answer in answers)


def _one(answer: Answer, write: Callable[[Sentence], str], chapter: str, words: Catalogue) -> str:
    own = str(words.get(f"{chapter}.notes.caveat_{answer.question}", "")).strip()
    said = [*map(write, answer.said), *map(write, answer.caveats), *([own] if own else [])]
    paragraphs = [" ".join(" ".join(said).split()), *map(write, answer.more)]
    if answer.printed is not None:
        paragraphs.append(f"*{words.text('common.published')}* {write(answer.printed)}")
    lines = [words.text(f"{chapter}.questions.{answer.question}"), f": {paragraphs[0]}"]
    return "\n".join([*lines, *(f"\n  {text}" for text in paragraphs[1:])])

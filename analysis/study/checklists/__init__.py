"""Reporting checklists: their items, where a book answers them, and what a study's own `checklists.yml` says of itself.

`items.yml` names the places of any book and says which of them answers an item for every study. What only those who ran
a study know (who was asked, who approved, what was planned) stands in the study folder. Items in our own short words
stand in the catalogue.
"""

from collections.abc import Iterator, Mapping
from dataclasses import field
from functools import cache
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, StringConstraints, TypeAdapter, model_validator
from pydantic.dataclasses import dataclass

from analysis.study.design import SETTINGS, Code, Label
from analysis.study.problems import Fault, Problem, StudyProblems
from analysis.study.reading import setting_problem, validated
from analysis.study.yaml_files import Document, YamlProblems, read_document, read_yaml

FILE = "checklists.yml"
ENGINE = Path(__file__).with_name("items.yml")
# What an answer may be, in the order in which they are counted.
KINDS = ("answered", "missing", "not_applicable", "open")
# YAML reads an item such as 12 as a number.
Item = Annotated[str, BeforeValidator(str), StringConstraints(pattern=r"^[0-9]{1,2}[a-z]?$")]


@dataclass(frozen=True, config=SETTINGS)
class Place:
    """A place of the book: page as sources link to it, anchor on it, what a study needs to have it, and its label.

    The label of a general place stands in the catalogue.
    """

    page: Annotated[str, StringConstraints(pattern=r"^(book|notebooks)/[a-z_]+$")]
    anchor: str = ""
    needs: tuple[str, ...] = ()
    label: Label = field(default_factory=dict)


@dataclass(frozen=True, config=SETTINGS)
class Answer:
    """A study's answer to one item: where it stands and what is said there, what is missing, or why it is not asked."""

    at: Code | None = None
    says: Label = field(default_factory=dict)
    missing: Label = field(default_factory=dict)
    not_applicable: Label = field(default_factory=dict)

    @model_validator(mode="after")
    def _one_answer(self) -> "Answer":
        if sum(map(bool, (self.at or self.says, self.missing, self.not_applicable))) != 1:
            raise ValueError("An answer is one of: at with says, missing, not_applicable")
        return self

    @property
    def kind(self) -> str:
        """Which of `KINDS` the answer is."""
        return "missing" if self.missing else "not_applicable" if self.not_applicable else "answered"

    @property
    def text(self) -> Label:
        """What it says, in every language given."""
        return self.says or self.missing or self.not_applicable


@dataclass(frozen=True, config=SETTINGS)
class General:
    """What is so of an item in every study: the place that answers it, or that the program cannot; neither: unknown."""

    at: Code | None = None
    missing: bool = False


@dataclass(frozen=True, config=SETTINGS)
class Checklist:
    """One checklist: what a study needs to be held to it, and its items in their order."""

    items: Mapping[Item, General]
    needs: tuple[str, ...] = ()


@dataclass(frozen=True, config=SETTINGS)
class Checklists:
    """Every checklist, and the places of any book."""

    places: Mapping[Code, Place]
    checklists: Mapping[Code, Checklist]


@dataclass(frozen=True, config=SETTINGS)
class OwnAnswers:
    """What a study says itself: places of its own pages, checklists that are answered elsewhere, answers by item."""

    places: Mapping[Code, Place] = field(default_factory=dict)
    left_out: tuple[Code, ...] = ()
    answers: Mapping[Code, Mapping[Item, Answer]] = field(default_factory=dict)


@cache
def general_checklists() -> Checklists:
    """The checklists and places of the program."""
    content = read_yaml(ENGINE)
    return TypeAdapter(Checklists).validate_python({name: content[name] for name in ("places", "checklists")})


def own_answers(folder: Path | None) -> OwnAnswers:
    """The answers in a study folder, none without the file. Raises StudyProblems with every fault and its line."""
    path = folder / FILE if folder else None
    if path is None or not path.is_file():
        return OwnAnswers()
    own, problems = _read(path, path.stat().st_mtime_ns)
    if problems:
        raise StudyProblems(folder, problems)
    return own


def problems_in(folder: Path) -> tuple[Problem, ...]:
    """What is wrong with the answers in a study folder."""
    path = folder / FILE
    return _read(path, path.stat().st_mtime_ns)[1] if path.is_file() else ()


@cache
def _read(path: Path, changed: int) -> tuple[OwnAnswers | None, tuple[Problem, ...]]:
    """Read once as long as the file is not changed."""
    try:
        document = read_document(path)
    except YamlProblems as error:
        return None, tuple(error.problems)
    own, problems = validated(document, FILE, OwnAnswers)
    if own is None:
        return None, tuple(problems)
    return own, tuple(_unknown(own, document))


def _unknown(own: OwnAnswers, document: Document) -> Iterator[Problem]:
    """Checklists, items and places that do not exist."""
    general = general_checklists()
    for location, name, known in _named(own, general):
        if name not in known:
            fault = Fault(location, "This name is not known.", f"Allowed is one of {', '.join(known)}.")
            yield setting_problem(fault, document, FILE)


def _named(own: OwnAnswers, general: Checklists) -> Iterator[tuple[tuple[Any, ...], str, Mapping[str, Any]]]:
    """Each name that the file uses, with its place in the file and what it may be."""
    places = {**general.places, **own.places}
    for number, name in enumerate(own.left_out):
        yield ("left_out", number), name, general.checklists
    for name, answers in own.answers.items():
        yield ("answers", name), name, general.checklists
        items = general.checklists[name].items if name in general.checklists else answers
        for item, answer in answers.items():
            yield ("answers", name, item), item, items
            if answer.at:
                yield ("answers", name, item, "at"), answer.at, places


__all__ = [
    "FILE", "KINDS", "Answer", "Checklist", "Checklists", "General", "OwnAnswers", "Place",
    "general_checklists", "own_answers", "problems_in",
]  # fmt: skip

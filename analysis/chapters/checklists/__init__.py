"""Chapter: reporting checklists. Where the book answers each item for this study, and what is missing."""

from collections.abc import Iterator
from typing import NamedTuple

import pandas as pd

from analysis.frames.needs import Absent, needs, unmet
from analysis.frames.trial import Trial
from analysis.show.listing import Linked, Listing
from analysis.show.prose import Label, Sentence
from analysis.show.tables import Table, cells
from analysis.study.checklists import KINDS, Answer, General, OwnAnswers, Place, general_checklists, own_answers
from analysis.study.design import in_language

# A place is linked to from the page of this chapter.
_FOLDERS = {"book": "../book/", "notebooks": ""}


class Found(NamedTuple):
    """The answer to one item: which of `KINDS` it is, and the cell that says so."""

    item: str
    kind: str
    cell: Linked | Sentence


def held_to(trial: Trial) -> list[str]:
    """The checklists that a study is held to: those whose needs it meets, without those that it leaves out."""
    return [name for name in general_checklists().checklists if unmet(trial, f"checklist:{name}") is None]


@needs()
def listing(trial: Trial, name: str, language: str = "en") -> Listing | Absent:
    """Every item of one checklist with its place in the book, or what is missing, in the order of the checklist."""
    if need := unmet(trial, f"checklist:{name}"):
        return Absent(need)
    rows = [
        (_numbered(name, found.item), Label("states", found.kind), found.cell)
        for found in answers(trial, name, language)
    ]
    return Listing(name, pd.DataFrame(rows, columns=["item", "state", "place"]), filters=["state"])


def _numbered(name: str, item: str) -> Sentence:
    return Sentence("item", {"number": item, "item": Sentence(f"{name}_{item}")})


def answers(trial: Trial, name: str, language: str = "en") -> Iterator[Found]:
    """The answer to each item of a checklist: the study's own before the one that holds for every study."""
    own = own_answers(trial.folder)
    given = own.answers.get(name, {})
    for item, general in general_checklists().checklists[name].items.items():
        answer = _own(trial, own, given[item], language) if item in given else _general(trial, name, item, general)
        yield Found(item, *answer)


def _own(trial: Trial, own: OwnAnswers, answer: Answer, language: str) -> tuple[str, Linked | Sentence]:
    text = in_language(answer.text, language) if answer.text else ""
    if answer.kind != "answered":
        return answer.kind, Sentence(answer.kind, {"what": text[:1].upper() + text[1:]})
    if answer.at is None:
        return answer.kind, Sentence("answered_elsewhere", {"what": text})
    if answer.at not in own.places:
        return _at(trial, answer.at, text)
    place = own.places[answer.at]
    return _linked(trial, place, in_language(place.label, language), text)


def _general(trial: Trial, name: str, item: str, general: General) -> tuple[str, Linked | Sentence]:
    says = Sentence(f"{name}_{item}_where")
    if general.missing:
        return "missing", Sentence("missing", {"what": says})
    return _at(trial, general.at, says) if general.at else ("open", Sentence("open"))


def _at(trial: Trial, name: str, says: Sentence | str) -> tuple[str, Linked | Sentence]:
    return _linked(trial, general_checklists().places[name], Label("places", name), says)


def _linked(trial: Trial, place: Place, label: object, says: Sentence | str) -> tuple[str, Linked | Sentence]:
    if unmet(trial, *place.needs):
        return "missing", Sentence("lacks")
    return "answered", Linked(label, address(place), says)


def address(place: Place) -> str:
    """Where a place stands, as a link from the page of this chapter."""
    folder, page = place.page.split("/")
    return f"{_FOLDERS[folder]}{page}.html{'#' if place.anchor else ''}{place.anchor}"


@needs()
def overview(trial: Trial) -> Table:
    """Items of each checklist and how many are answered, missing, do not apply, or have nothing said of them."""
    rows = []
    for name in held_to(trial):
        kinds = [found.kind for found in answers(trial, name)]
        rows.append((name, "items", "n", len(kinds)))
        rows += [(name, kind, "n", kinds.count(kind)) for kind in KINDS]
    return Table("overview", cells(rows), columns=["items", *KINDS])


def key_numbers(trial: Trial) -> dict[str, float]:
    """The numbers a test compares, by name: items answered of each checklist."""
    found = overview(trial).cells.query("column == 'answered'")
    return {f"{row}_answered": value for row, value in zip(found["row"], found["value"], strict=True)}


__all__ = ["address", "answers", "held_to", "key_numbers", "listing", "overview"]

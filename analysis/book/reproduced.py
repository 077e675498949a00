"""The scorecard of a study in lines of text, and every number of it in a file."""

from pathlib import Path

from analysis.chapters import reproduction
from analysis.frames.needs import Absent
from analysis.published.scorecard import totals
from analysis.show.disclosure import NoPlan
from analysis.show.files import with_hidden
from analysis.show.page import Page
from analysis.show.study_words import missing_line
from analysis.study.problems import StudyProblems


class NotPossible(Exception):
    """A study that cannot be held to a published report, with the reason."""


def reproduced(study: str | Path | None, file: Path | None) -> str:
    """How many printed numbers come out, by source and verdict; every number is written to the file, if one is named.

    Raises NotPossible for a study that cannot be read, shown or compared.
    """
    try:
        page = Page("reproduction", study, compares=True)
    except (StudyProblems, NoPlan) as error:
        raise NotPossible(str(error)) from error
    scores = reproduction.card(page.trial)
    if isinstance(scores, Absent):
        raise NotPossible(f"{page.trial.folder}: {missing_line(scores.need, page.catalogue).strip('*')}")
    scores = reproduction.compared(scores, page)
    if file:
        shown = page.permitted(reproduction.listing(page.trial, scores))
        page.write_csv(with_hidden(shown.download, shown.hidden), file)
    return f"{totals(scores).to_string()}\n{scores['verdict'].value_counts().to_string()}"

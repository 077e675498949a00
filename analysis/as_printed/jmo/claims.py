"""What the project page's statements are held to: how interviews that raise a theme mostly speak of it.

Interviews are no sample of anybody, so nothing is tested: the counts are what they are.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import pandas as pd

from analysis.chapters.process_evaluation.interview_material import themes_raised
from analysis.frames.needs import needs
from analysis.frames.trial import Trial
from analysis.published.registry import answers
from analysis.show.prose import Label

PROCESS, USERS = "process_evaluation", "user_survey"
PRAISE, CHALLENGE, EXPERIENCE, WISH = "success_factor", "challenge", "experience", "wish"


@dataclass(frozen=True)
class Spoken:
    """What a statement is about: a theme (None: everything said), how it is spoken of, at which pilot, by whom."""

    theme: str | None
    aspect: str
    centre: str | None = None
    groups: tuple[str, ...] = ()


# By the name of the answer; the letters of the pilots are those of study.yml.
SPOKEN = {
    "short_therapy_praised": Spoken("job_focused_therapy", PRAISE, "pilot_b"),
    "back_in_work_praised_by_participants": Spoken("back_in_work", PRAISE, "pilot_b", ("participants",)),
    "cooperation_a_challenge": Spoken("cooperation_nav_health", CHALLENGE, "pilot_b"),
    "fitted_follow_up_praised": Spoken("tailored_follow_up", PRAISE, "pilot_a"),
    "different_needs_met_with": Spoken("individual_needs", EXPERIENCE, "pilot_a"),
    "more_praise_than_complaint": Spoken(None, PRAISE, "pilot_a", ("participants", "enterprises", "project_staff")),
    "stability_praised": Spoken("stability_in_work", PRAISE, "pilot_a"),
    "competence_passed_on": Spoken("competence_transfer", PRAISE, "pilot_a"),
    "confidence_praised": Spoken("confidence_of_enterprises", PRAISE, "pilot_a"),
    "better_known_wished": Spoken("better_known", WISH, groups=("participants",)),
}
# What speaks against praise where no theme is named: experiences are neither.
AGAINST = (CHALLENGE, WISH)


@needs("table:interviews", "table:interview_themes")
def spoken_so(spoken: Spoken, trial: Trial) -> list[dict]:
    """Interviews that raise the theme and speak of it so, less those that raise it otherwise.

    Without a theme, mentions in praise less complaints and wishes. Missing where nobody raised it.
    """
    raised = _chosen(themes_raised(trial), spoken)
    if raised.empty:
        return [{"estimate": float("nan")}]
    if spoken.theme is None:
        less = (raised["aspect"] == spoken.aspect).sum() - raised["aspect"].isin(AGAINST).sum()
        return [{"estimate": float(less), "part": Label("answers", "mentions")}]
    so = raised.loc[raised["aspect"] == spoken.aspect, "interview_id"].nunique()
    return [{"estimate": float(2 * so - raised["interview_id"].nunique()), "part": Label("answers", "interviews")}]


def _chosen(raised: pd.DataFrame, spoken: Spoken) -> pd.DataFrame:
    wanted: Sequence[tuple[str, object]] = (("theme", spoken.theme), ("centre", spoken.centre))
    for column, value in wanted:
        raised = raised if value is None else raised[raised[column] == value]
    return raised[raised["interview_type"].isin(spoken.groups)] if spoken.groups else raised


def _register(name: str, spoken: Spoken) -> None:
    made = partial(spoken_so, spoken)
    made.__module__ = __name__
    answers(name, USERS if spoken.groups == ("participants",) else PROCESS, "count", counted=True)(made)


for _name, _spoken in SPOKEN.items():
    _register(_name, _spoken)

"""The people of a study on whom its methods are worked by hand: what an example of `methods.worked` takes."""

from collections.abc import Callable, Mapping

import pandas as pd

from analysis.chapters import robustness
from analysis.frames.needs import unmet
from analysis.frames.trial import Trial


def _outcome(trial: Trial) -> pd.DataFrame:
    """One row a person of the main result: whether they were offered the programme, and have the primary outcome."""
    people = robustness.people_in(trial)
    shares = people[trial.study.primary_outcome]
    return pd.DataFrame({
        "treated": people["arm"].eq(trial.study.treatment),
        "outcome": shares.astype("Float64").astype("boolean"),
    })  # fmt: skip


# Name → what the people need of a study, and who they are.
_PEOPLE: Mapping[str, tuple[tuple[str, ...], Callable[[Trial], pd.DataFrame]]] = {
    "outcome": (("arms", "registers"), _outcome),
}


def people_for(trial: Trial, name: str) -> pd.DataFrame | None:
    """The people of that name, or None where the study cannot give them or nothing small of it may be told."""
    if not name or trial.study.disclosure == "protected":
        return None
    needs, people = _PEOPLE[name]
    return None if unmet(trial, *needs) else people(trial)

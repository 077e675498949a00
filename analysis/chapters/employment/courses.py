"""Whole courses: every person's statuses from inclusion on, and which courses are the commonest."""

from collections import Counter
from itertools import groupby

import pandas as pd

from analysis.chapters.employment.populations import arm_columns
from analysis.chapters.employment.states import UNOBSERVED, grouped_states, known_states
from analysis.frames.needs import Absent, needs
from analysis.frames.trial import Trial, once_a_trial
from analysis.show.figures import Figure, titled
from analysis.show.listing import Listing
from analysis.show.prose import Label, Sentence, count, month, percent, tally

MOST_SHOWN = 12


@once_a_trial
def courses(trial: Trial) -> pd.DataFrame:
    """One row per compared person observed at inclusion: a column `arm`, then the state in each unit from 0 on."""
    unit, rows = trial.study.unit, grouped_states(trial)
    own = rows[rows[unit].between(0, trial.study.horizon.after)]
    wide = own.pivot(index=["arm", "participant_id"], columns=unit, values="category")
    wide = wide.reindex(columns=range(trial.study.horizon.after + 1)).astype("object")
    return wide[wide[0].notna()].fillna(UNOBSERVED).reset_index("arm")


def in_runs(states: tuple[str, ...]) -> str:
    """A course in the way of sequence analysis: `(state,time units)` for each run, joined by hyphens."""
    return "-".join(f"({state},{len(list(run))})" for state, run in groupby(states))


@needs("registers", "single_courses")
def sequences_figure(trial: Trial) -> Figure | Absent:
    """Every person's course as a line, by arm: sorted by the status at inclusion, then by time in work, then alike.

    One row is one course and arm: how many people had it, of how many, and its runs of states.
    """
    known, unit = known_states(trial), trial.study.unit
    parts = [_sorted(own.drop(columns="arm"), known).assign(panel=arm)
             for arm in arm_columns(trial) for own in [courses(trial).query("arm == @arm")] if len(own)]  # fmt: skip
    if not parts:
        return Absent("observed")
    frame = pd.concat(parts, ignore_index=True)[["panel", "line", "people", "of", "sequence"]]
    options = {"x": unit, "order": (*known, UNOBSERVED)}
    values = {"n": count(frame["people"].sum()), "different": count(frame["sequence"].nunique())}
    return titled(Figure("sequences", "sequences", frame, options), Sentence("courses_drawn", values))


def _sorted(own: pd.DataFrame, known: tuple[str, ...]) -> pd.DataFrame:
    """The courses of an arm in the order of their lines, the same ones together."""
    place = {state: number for number, state in enumerate((*known, UNOBSERVED))}
    numbered = [tuple(place[state] for state in states) for states in own.itertuples(index=False, name=None)]
    lines = sorted(numbered, key=lambda course: (course[0], -course.count(0), course))
    states = {number: state for state, number in place.items()}
    rows = [(len(list(same)), in_runs(tuple(states[number] for number in course))) for course, same in groupby(lines)]
    frame = pd.DataFrame(rows, columns=["people", "sequence"])
    return frame.assign(line=range(1, len(frame) + 1), of=len(own))


@needs("registers")
def common_courses(trial: Trial) -> Listing | Absent:
    """The commonest courses to the primary time: which states came after one another, however long each lasted.

    Of those observed in every unit until then, how many of each arm had it; only courses of as many people as the study
    may tell of.
    """
    at, arms = trial.study.primary_at, arm_columns(trial)[::-1]  # as in tables
    whole = courses(trial).loc[:, ["arm", *range(at + 1)]]
    whole = whole[~whole.eq(UNOBSERVED).any(axis=1)]
    steps = [tuple(state for state, _ in groupby(states)) for states in whole[range(at + 1)].itertuples(False, None)]
    of_all, had, people = Counter(steps), Counter(zip(whole["arm"], steps, strict=True)), Counter(whole["arm"])
    told = [states for states, n in of_all.most_common() if n >= trial.study.smallest_group][:MOST_SHOWN]
    if not told:
        return Absent("observed")
    rows = [{"course": _in_words(states), **{arm: _share(had[arm, states], people[arm]) for arm in arms}}
            for states in told]  # fmt: skip
    values = {"at": month(at), "n": count(len(whole)), "fewest": tally(trial.study.smallest_group)}
    return Listing("courses", pd.DataFrame(rows), values=values)


def _in_words(states: tuple[str, ...]) -> Label | Sentence:
    """One state, or one after the other."""
    said: Label | Sentence = Label("categories", states[0])
    for state in states[1:]:
        said = Sentence("then", {"before": said, "after": Label("categories", state)})
    return said


def _share(n: int, people: int) -> Sentence:
    return Sentence("of_arm", {"n": count(n), "share": percent(100 * n / people if people else float("nan"))})

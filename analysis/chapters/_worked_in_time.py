"""People and centres of a study followed month by month, for methods worked by hand; see `_worked_people`."""

from collections.abc import Callable, Mapping

import pandas as pd

from analysis.chapters._worked_people import of
from analysis.chapters.employment import between_centres, follow_up, picking, states, time_in_work, transitions
from analysis.frames.needs import Absent
from analysis.frames.trial import Trial
from analysis.methods.heterogeneity import usable

BEST = 3  # centres, as the chapter chooses


def _event_in_time(trial: Trial) -> pd.DataFrame | None:
    """Time to the first of the study's events, with the time up to which its mean is taken."""
    found = time_in_work.mean_waits(trial)
    if isinstance(found, Absent):
        return None
    code = time_in_work.event_outcomes(trial)[0]
    people = follow_up.first_times(trial, code)
    frame = pd.DataFrame({"treated": people["arm"].eq(trial.study.treatment), "time": people["time"].astype(float),
                          "happened": people["happened"].astype(bool)})  # fmt: skip
    frame.attrs["last"] = float(found["last"].iloc[0])
    return of(frame, "employment", "outcomes", code)


def _courses(trial: Trial, first: int, last: int) -> pd.DataFrame | None:
    """One row a person: whether with the primary outcome in each unit, missing where not observed."""
    rows, unit, code = time_in_work.outcomes_in_time(trial), trial.study.unit, trial.study.primary_outcome
    own = rows[rows[unit].between(first, last)]
    if own.empty:
        return None
    wide = own.astype({code: "boolean"}).pivot(index="participant_id", columns=unit, values=code)
    arms = own.groupby("participant_id")["arm"].first().reindex(wide.index).eq(trial.study.treatment).rename("treated")
    frame = pd.concat([arms, wide.add_prefix("month_")], axis=1).reset_index(drop=True)
    return of(frame, "employment", "outcomes", code)


def _in_work(trial: Trial) -> pd.DataFrame | None:
    return _courses(trial, 1, time_in_work.last_followed(trial))


def _from_inclusion(trial: Trial) -> pd.DataFrame | None:
    return _courses(trial, 0, trial.study.horizon.after)


def _moves(trial: Trial) -> pd.DataFrame | None:
    """Who was in the commonest status at inclusion, and in the first of the statuses, work, at the last time."""
    times = transitions.flow_times(trial)
    if len(times) < 2:
        return None
    steps = transitions._steps(trial, 0, times[-1])
    at_first = steps["before"].value_counts()
    work = states.known_states(trial)[0]
    common = next((state for state in at_first.index if state != work), None)
    if common is None:
        return None
    later = steps["after"].eq(work).astype("boolean").mask(steps["after"].isna())
    frame = pd.DataFrame({"treated": steps["arm"].eq(trial.study.treatment), "before": steps["before"].eq(common),
                          "after": later}).reset_index(drop=True)  # fmt: skip
    return of(frame, "employment", "categories", str(common))


def _effects_between_centres(trial: Trial) -> pd.DataFrame | None:
    """Each centre's difference in the primary outcome and its standard error."""
    found = between_centres.centre_effects(trial)
    gaps = usable(found[found["contrast"] == trial.study.contrast])
    return gaps[["estimate", "std_error"]].astype(float) if len(gaps) > 1 else None


def _people_of_centres(trial: Trial) -> pd.DataFrame | None:
    """Who had which outcome, for the choice and for what is told; see `employment.picking`."""
    people, chosen_by = picking._people(trial, trial.study.primary_outcome)
    frame = pd.DataFrame({"treated": people["arm"].eq(trial.study.treatment), "centre": people["centre"].astype(str)})
    columns = {name: f"chosen_{place}" for place, name in enumerate(chosen_by, start=1)}
    values = people[[*chosen_by, trial.study.primary_outcome]].rename(columns=columns)
    frame = pd.concat([frame, values.rename(columns={trial.study.primary_outcome: "told"})], axis=1)
    frame.attrs["best"] = BEST
    return frame if picking._gaps(trial, trial.study.primary_outcome).people.size > BEST else None


_MAIN = ("arms", "registers")
# Name → what it needs of a study, and the rows.
PEOPLE: Mapping[str, tuple[tuple[str, ...], Callable[[Trial], pd.DataFrame | None]]] = {
    "event_in_time": ((*_MAIN, "events"), _event_in_time),
    "months_in_work": (_MAIN, _in_work),
    "months_from_inclusion": (_MAIN, _from_inclusion),
    "moves": (_MAIN, _moves),
    "effects_between_centres": (between_centres.NEEDS, _effects_between_centres),
    "people_of_centres": (picking.NEEDS, _people_of_centres),
}

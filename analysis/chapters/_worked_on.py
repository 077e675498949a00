"""The people of a study on whom its methods are worked by hand: what an example of `methods.worked` takes.

Each kind is taken from the functions of the chapter that shows the result, so that the steps lead to the number that
stands there. What the people are looked at in, where the study has a choice, is named in `attrs["of"]`: chapter, group
and key of a label.
"""

from collections.abc import Callable, Mapping

import pandas as pd

from analysis.chapters import robustness
from analysis.chapters._worked_in_time import PEOPLE as IN_TIME
from analysis.chapters._worked_people import PEOPLE
from analysis.chapters._worked_people import of as _of
from analysis.chapters.employment import durations, follow_up, models, subgroups
from analysis.chapters.employment.covariates import covariates, product_terms, regression_frame, status_terms
from analysis.chapters.health.expectations import ITEMS
from analysis.chapters.health.measures import FOLLOWED, SCORED, last_wave, scores_in
from analysis.chapters.health.sensitivity import CASES, cases_of
from analysis.chapters.participants.background import reference_people
from analysis.chapters.participants.comparisons import characteristics
from analysis.chapters.participants.questions import questions_of
from analysis.chapters.participants.shares import baseline
from analysis.chapters.robustness.people import PHASE, background, strata
from analysis.frames.needs import unmet
from analysis.frames.trial import Trial
from analysis.methods.strata import stratum_of


def _treated(people: pd.DataFrame, trial: Trial) -> pd.Series:
    """Whether drawn to the programme, of people in one of the two arms."""
    return people["arm"].eq(trial.study.treatment).where(people["arm"].isin(trial.study.arm_codes)).astype("boolean")


def _outcome(trial: Trial) -> pd.DataFrame:
    """One row a person of the main result: whether they were offered the programme, and have the primary outcome."""
    people = robustness.people_in(trial)
    shares = people[trial.study.primary_outcome]
    return pd.DataFrame({
        "treated": people["arm"].eq(trial.study.treatment),
        "outcome": shares.astype("Float64").astype("boolean"),
    })  # fmt: skip


def _answers_beside_others(trial: Trial) -> pd.DataFrame | None:
    """The first question with three answers or more, of the participants and of ordinary users."""
    groups = baseline(trial), reference_people(trial)
    asked = [each for each in questions_of(trial, "reference_background", *groups) if len(each.answers) > 2]
    if not asked:
        return None
    name = asked[0].variable
    parts = [pd.DataFrame({"treated": first, "answer": own[name].astype("str")})
             for first, own in zip((True, False), groups, strict=True)]  # fmt: skip
    return _of(pd.concat(parts, ignore_index=True), "participants", "rows", name)


def _score(trial: Trial, start: bool = False) -> pd.DataFrame | None:
    """The first score of the health chapter at the last wave, beside that at inclusion if wanted."""
    table = "adjusted_scores" if start else "scores_at_last_wave"
    if not (scores := scores_in(trial, table)):
        return None
    seen, column = trial.extract_for(f"health.{table}").health, scores[0].column
    people = pd.DataFrame({"treated": _treated(seen, trial), "score": seen[f"{column}_m{last_wave(trial)}"]})
    people = people.assign(start=seen[f"{column}_m0"]) if start else people
    return _of(people, "health", "rows", scores[0].key)


def _score_and_start(trial: Trial) -> pd.DataFrame | None:
    return _score(trial, start=True)


def _answer(trial: Trial) -> pd.DataFrame | None:
    """The first of the single questions at the last wave."""
    asked = [item for item in ITEMS if not unmet(trial, f"item:{item}")]
    if not asked:
        return None
    seen = trial.extract_for(f"health.{asked[0]}").health
    people = pd.DataFrame({"treated": _treated(seen, trial), "score": seen[f"{asked[0]}_m{last_wave(trial)}"]})
    return _of(people, "book", "worked_items", asked[0])


def _characteristic(trial: Trial) -> pd.DataFrame | None:
    """The first characteristic of the balance of the arms that is more than a yes or no."""
    people = characteristics(trial)
    numbers = [name for name in people.columns.drop("arm") if not people[name].dropna().isin([0, 1]).all()]
    if not numbers:
        return None
    found = pd.DataFrame({"treated": _treated(people, trial), "score": people[numbers[0]]})
    return _of(found, "participants", "rows", numbers[0])


def _outcome_and_background(trial: Trial) -> pd.DataFrame:
    """The outcome and terms of the adjusted model at the primary time, without products."""
    extract = trial.extract_for(models.ADJUSTED)
    model = models.model_of(extract, trial.study.primary_outcome)
    return _terms(extract, model.at, models.terms_of(model, extract))


def _terms(trial: Trial, at: int, terms: list[str]) -> pd.DataFrame:
    frame = regression_frame(trial, at)
    renamed = {trial.study.primary_outcome: "outcome", trial.study.contrast: "treated"}
    return frame[[*renamed, *(term for term in terms if term not in renamed)]].rename(columns=renamed)


def _outcome_by_status(trial: Trial) -> pd.DataFrame:
    """The same with the terms that the model with products multiplies by the programme called groups."""
    extract = trial.extract_for(models.ADJUSTED)
    people = _outcome_and_background(trial)
    multiplied = set(product_terms(extract, list(status_terms(extract)) or covariates(extract)).values())
    return people.rename(columns={name: f"group_{name}" for name in multiplied})


def _case_and_start(trial: Trial) -> pd.DataFrame:
    """Caseness at the last wave and the score at inclusion, of the first of the two scores."""
    outcome, column = next(iter(CASES.items()))
    cases = cases_of(trial, outcome, column, last_wave(trial))
    return pd.DataFrame({"treated": _treated(cases, trial), "outcome": cases[outcome].astype("Float64"),
                         "start": cases[f"{column}_m0"]}).pipe(_of, "health", "row_groups", outcome)  # fmt: skip


def _outcome_and_duration(trial: Trial) -> pd.DataFrame:
    """The primary outcome, time out of work and covariates of those whom the duration is asked of."""
    frame = durations.duration_frame(trial)
    renamed = {trial.study.primary_outcome: "outcome", trial.study.contrast: "treated",
               durations.duration_of(trial): "months"}  # fmt: skip
    return frame[[*renamed, *covariates(trial)]].rename(columns=renamed)


def _first_event(trial: Trial) -> pd.DataFrame:
    """Time to the first of the study's first events, or for how long the person was seen without it."""
    code = follow_up.first_outcomes(trial)[0]
    people = follow_up.first_times(trial, code)
    return pd.DataFrame({"treated": _treated(people, trial), "time": people["time"].astype(float),
                         "happened": people["happened"]}).pipe(_of, "employment", "outcomes", code)  # fmt: skip


def _subgroup(trial: Trial) -> pd.DataFrame | None:
    """Differences in the primary outcome in the groups of the first subgroup."""
    apart = trial.study.subgroups[0].code
    effects = subgroups.subgroup_effects(trial, subgroup=apart)
    gaps = effects[effects["contrast"] == trial.study.contrast]
    known = gaps[["estimate", "std_error"]].reset_index(drop=True)
    return _of(known, "employment", "subgroups", apart) if len(known) > 1 and (known["std_error"] > 0).all() else None


def _strata(trial: Trial) -> pd.DataFrame:
    people = robustness.people_in(trial)
    return _outcome(trial).assign(stratum=stratum_of(people, strata(trial)))


def _phases(trial: Trial) -> pd.DataFrame:
    return _outcome(trial).assign(stratum=robustness.people_in(trial)[PHASE])


def _strata_and_background(trial: Trial) -> pd.DataFrame:
    return pd.concat([_strata(trial), robustness.people_in(trial)[background(trial)]], axis=1)


_MAIN = ("arms", "registers")
# Name → what the people need of a study, and who they are.
_PEOPLE: Mapping[str, tuple[tuple[str, ...], Callable[[Trial], pd.DataFrame | None]]] = {
    "outcome": (_MAIN, _outcome),
    "answers_beside_others": (("participants", "table:reference_group"), _answers_beside_others),
    "score": (SCORED, _score),
    "score_and_start": (FOLLOWED, _score_and_start),
    "answer": (SCORED[:2], _answer),
    "characteristic": (("arms",), _characteristic),
    "outcome_and_background": (_MAIN, _outcome_and_background),
    "outcome_by_status": (_MAIN, _outcome_by_status),
    "case_and_start": ((*FOLLOWED, "instrument:hads"), _case_and_start),
    "outcome_and_duration": (durations.NEEDS, _outcome_and_duration),
    "first_event": ((*_MAIN, "outcome:time_to_first"), _first_event),
    "subgroup": (subgroups.NEEDS, _subgroup),
    "strata": (_MAIN, _strata),
    "phases": ((*_MAIN, "several_phases"), _phases),
    "strata_and_background": (_MAIN, _strata_and_background),
    **PEOPLE,
    **IN_TIME,
}
_FEWEST = 2  # people of an arm with whom it is worth while


def people_for(trial: Trial, name: str) -> pd.DataFrame | None:
    """The people of that name, or None where the study cannot give them or nothing small of it may be told."""
    if not name or trial.study.disclosure == "protected":
        return None
    needs, people = _PEOPLE[name]
    if unmet(trial, *needs) or (found := people(trial)) is None:
        return None
    known = found.dropna(subset=[name for name in found if not str(name).startswith("month_")])
    few = "treated" in known and min((known["treated"] == arm).sum() for arm in (True, False)) < _FEWEST
    return None if few else found

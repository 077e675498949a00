"""People and other rows of a study for methods of questionnaires, money, coding and fidelity, worked by hand.

Each makes them from what its chapter shows, so that the last step is a number of the book.
"""

from collections.abc import Callable, Mapping

import pandas as pd

from analysis.chapters.cost_benefit.evaluation import (
    EVALUATION,
    WAGE_RATES,
    effect_months,
    evaluate,
    main_population,
    members_of,
)
from analysis.chapters.health.measures import FOLLOWED, Score, last_wave, scores_in
from analysis.chapters.health.missing import weighing
from analysis.chapters.health.several import compared_at_equal_start
from analysis.chapters.process_evaluation.model_fidelity import bands_of, effect_by_centre
from analysis.chapters.user_survey.open_answers import answers_of
from analysis.frames.instruments import read_parameters
from analysis.frames.resources import input_values
from analysis.frames.trial import Trial
from analysis.methods.fidelity import latest_review
from analysis.study.contract.answer_tables import ANSWER_CATEGORIES

_ORDER = ("first", "middle", "last")


def of(rows: pd.DataFrame, *label: str) -> pd.DataFrame:
    """The rows with what they are about: a chapter, a group of its labels, a key."""
    rows.attrs["of"] = label
    return rows


def _arm(trial: Trial) -> pd.Series:
    """Whether each person, by their id, was offered the programme."""
    return trial.people.set_index("participant_id")["arm"].eq(trial.study.treatment).rename("treated")


def _scores(trial: Trial) -> pd.DataFrame | None:
    """The first score of the chapter on health at inclusion and at two follow-ups; none with more or fewer of them."""
    score = scores_in(trial)[0]
    found = _at_three_waves(trial, trial.scores, score.column)
    return None if found is None else of(found, "health", "rows", score.key)


def _returned(trial: Trial) -> pd.DataFrame | None:
    """The same with one for a questionnaire that came back."""
    return _at_three_waves(trial, trial.scores.assign(returned=1.0), "returned")


def _at_three_waves(trial: Trial, scores: pd.DataFrame, column: str) -> pd.DataFrame | None:
    if len(trial.study.waves) != len(_ORDER):
        return None
    wide = scores.pivot(index="participant_id", columns="wave", values=column).reindex(columns=list(trial.study.waves))
    arm = _arm(trial)
    return arm.to_frame().join(wide.set_axis(_ORDER, axis=1).astype(float)).reset_index(drop=True)


def _silent(trial: Trial) -> pd.DataFrame:
    """The first score at inclusion, and whether the last questionnaire brought any score."""
    seen, score = trial.extract_for("health.baseline_by_response").health, scores_in(trial)[0]
    frame = pd.DataFrame({"treated": seen["arm"].eq(trial.study.treatment), "first": seen[f"{score.column}_m0"],
                          "answered": seen["responded"].astype(bool)})  # fmt: skip
    return of(frame.reset_index(drop=True), "health", "rows", score.key)


def _answers_at_equal_start(trial: Trial) -> pd.DataFrame:
    """Everybody with the first score at inclusion and at the last questionnaire, missing of the silent."""
    return _answers(trial, scores_in(trial)[0])


def _answers(trial: Trial, score: Score) -> pd.DataFrame:
    seen = trial.health[trial.health["arm"].isin(trial.study.arm_codes)]
    frame = pd.DataFrame({"treated": seen["arm"].eq(trial.study.treatment), "start": seen[f"{score.column}_m0"],
                          "score": seen[f"{score.column}_m{last_wave(trial)}"]})  # fmt: skip
    return of(frame.reset_index(drop=True), "health", "rows", score.key)


def _answers_and_background(trial: Trial) -> pd.DataFrame | None:
    """The same of the first score that answering is foretold from, with all else that it is."""
    frame, predictors = weighing(trial)
    score = next((score for score in scores_in(trial) if f"{score.column}_m0" in predictors), None)
    if score is None:
        return None
    others = [name for name in predictors if name != f"{score.column}_m0"]
    rows = frame.loc[frame["arm"].isin(trial.study.arm_codes), others].reset_index(drop=True)
    return of(pd.concat([_answers(trial, score), rows], axis=1), "health", "rows", score.key)


def _tests_of_scores(trial: Trial) -> pd.DataFrame | None:
    """The p-values of all scores of the chapter on health at the last questionnaire."""
    found = compared_at_equal_start(trial)[["p_value"]].astype(float).dropna().reset_index(drop=True)
    return found if len(found) > 1 else None


def _wages(trial: Trial) -> pd.DataFrame:
    """Income the year before inclusion of those whom the main evaluation is about, and its rates."""
    people = trial.people.set_index("participant_id").loc[members_of(trial, main_population(trial.study))]
    wages = pd.DataFrame({"wage": 1000 * people["income_year_before_inclusion_1000nok"].to_numpy(float)})
    names = ("contribution", "pension", "insurance", "tax", "leisure", "benefit", "benefit_tax", "funds")
    inputs = input_values(trial.study)
    rates = (inputs[name] for name in (*WAGE_RATES, "marginal_cost_of_public_funds"))
    wages.attrs |= dict(zip(names, map(float, rates), strict=True))
    return wages


def _work_by_month(trial: Trial) -> pd.DataFrame:
    """Full work in each month of the window, of those whom the main evaluation is about."""
    outcomes, full = trial.extract_for("cost_benefit.effects").outcomes, trial.study.economics.work_outcomes.full
    months = effect_months(trial.study)
    own = outcomes[outcomes["participant_id"].isin(members_of(trial, main_population(trial.study)))
                   & outcomes["month"].isin(months)]  # fmt: skip
    wide = own.assign(value=own[full].astype(float)).pivot(index="participant_id", columns="month", values="value")
    wide = wide.reindex(columns=list(months)).set_axis([f"month_{month}" for month in months], axis=1)
    return _arm(trial).to_frame().join(wide, how="inner").reset_index(drop=True)


def _years(trial: Trial) -> pd.DataFrame:
    """The years in which the effect counts, with what the main evaluation takes for granted."""
    scenario = evaluate(trial).scenario
    first = scenario.first_year
    years = pd.DataFrame({"year": range(first, first + max(1, -int(-scenario.duration // 1)))})
    years.attrs |= {
        "full": scenario.effect_full, "partial": scenario.effect_partial, "weight": scenario.partial_weight,
        "value": scenario.yearly_value, "cost": scenario.cost_programme, "control": scenario.cost_control,
        "funds": scenario.cost_of_funds, "rate": scenario.rate_from_year[1], "decay": scenario.decay,
        "duration": scenario.duration,
    }  # fmt: skip
    return years


def _category(trial: Trial) -> pd.DataFrame | None:
    """The treated's answers on what they were most satisfied with, and whether each has the first category."""
    answers, waves = answers_of(trial), trial.study.follow_up_waves
    own = answers[answers["arm"].eq(trial.study.treatment) & answers["question"].eq("most_satisfied")]
    if set(own["wave"]) != set(waves) or len(waves) != 2:
        return None
    found = pd.DataFrame({"later": own["wave"].eq(waves[1]), "given": _has_first(own)}).reset_index(drop=True)
    return of(found, "user_survey", "categories", ANSWER_CATEGORIES[0])


def _has_first(answers: pd.DataFrame) -> pd.Series:
    return answers.filter(like="category_").eq(ANSWER_CATEGORIES[0]).fillna(False).any(axis=1)


def _coded_twice(trial: Trial) -> pd.DataFrame:
    """Answers that both coders coded, and whether each gave the first category."""
    answers = trial.tables["open_answers"]
    given = answers.assign(given=_has_first(answers))
    wide = given.pivot(index=["participant_id", "wave", "question"], columns="coder", values="given").dropna()
    found = pd.DataFrame({"one": wide[1].astype(bool), "two": wide[2].astype(bool)}).reset_index(drop=True)
    return of(found, "user_survey", "categories", ANSWER_CATEGORIES[0])


def _reviewed_centres(trial: Trial) -> pd.DataFrame | None:
    """Each reviewed centre's sums of items and the three items that suit less; none where an item was not rated."""
    items = latest_review(trial.tables["fidelity"]).pivot(index="centre", columns="item", values="score")
    parameters = read_parameters("ips25")
    sums = {name: items.reindex(columns=parameters[f"{name}_items"].value).sum(axis=1, skipna=False)
            for name in ("staffing", "organisation", "services")}  # fmt: skip
    single = {f"item_{item}": items[item] for item in parameters["less_suitable_items"].value if item in items}
    frame = pd.DataFrame({**sums, **single})
    if frame.isna().any(axis=None) or len(single) < 3:
        return None
    whole = frame.astype(int).reset_index(drop=True)
    limits = {name: limit for name, limit in bands_of(trial).items() if name != "not_ips"}
    whole.attrs |= {"bands": limits, "top": parameters["item_range"].value[1]}
    return whole


def _effects_of_centres(trial: Trial) -> pd.DataFrame | None:
    """Fidelity and effect of each reviewed centre that has both; none for fewer than three."""
    found = effect_by_centre(trial)[["fidelity", "estimate"]].dropna().rename(columns={"estimate": "effect"})
    return found.reset_index(drop=True) if len(found) > 2 else None


# Name → what it needs of a study, and the rows.
PEOPLE: Mapping[str, tuple[tuple[str, ...], Callable[[Trial], pd.DataFrame | None]]] = {
    "scores": (FOLLOWED, _scores),
    "returned": (FOLLOWED, _returned),
    "silent": (FOLLOWED, _silent),
    "answers_at_equal_start": (FOLLOWED, _answers_at_equal_start),
    "answers_and_background": (FOLLOWED, _answers_and_background),
    "tests_of_scores": (FOLLOWED, _tests_of_scores),
    "wages": ((*EVALUATION, "table:income"), _wages),
    "work_by_month": (EVALUATION, _work_by_month),
    "years": ((*EVALUATION, "table:income"), _years),
    "category": (("open_answers",), _category),
    "coded_twice": (("two_coders",), _coded_twice),
    "reviewed_centres": (("reviewed_centres:1",), _reviewed_centres),
    "effects_of_centres": (("reviewed_centres:3", "arms", "registers", "outcome:at_a_time"), _effects_of_centres),
}

"""Are the groups alike? The arms at inclusion, and the study population beside ordinary users."""

import pandas as pd

from analysis.chapters.participants.background import REFERENCE, STUDY, reference_people
from analysis.chapters.participants.burdens import SHARED_MEASURES, reference_scores, with_woman
from analysis.chapters.participants.questions import is_known, one_of, questions_of
from analysis.chapters.participants.shares import baseline, cell, cell_frame
from analysis.frames.needs import Absent, needs
from analysis.frames.trial import Trial
from analysis.methods.estimates import estimate_frame
from analysis.methods.means import difference_in_means, standardised_difference
from analysis.methods.proportions import independence_test
from analysis.show.figures import Figure, titled
from analysis.show.prose import Sentence, decimal, percent, tally
from analysis.show.tables import Table

LEVEL = 0.05
CHARACTERISTICS = {
    "woman": "woman", "age": "age_exact", "education_higher": "education_higher", "married": "married",
    "born_outside_norway": "born_outside_norway", "reading_writing_difficulties": "reading_writing_difficulties",
    "good_self_rated_health": "good_self_rated_health",
    "positive_expectation_of_work": "positive_expectation_of_work", "years_in_occupation": "years_in_occupation",
    "years_with_mental_complaints": "years_with_mental_complaints", "hads_anxiety": "hads_anxiety",
    "hads_depression": "hads_depression", "subjective_health_complaints": "shc_total",
    "health_ladder": "health_ladder",
    "income_year_before_inclusion_1000nok": "income_year_before_inclusion_1000nok",
}  # fmt: skip


def characteristics(trial: Trial) -> pd.DataFrame:
    """What the arms are compared in, one row per participant: arm, and a column of numbers for each characteristic.

    The standard ones, then the study's own columns; a column of codes gives one characteristic a code, without the last
    where there are two. Those without a value are left out.
    """
    people = with_woman(baseline(trial.extract_for("participants.background")))
    known = {row: people[name].astype(float) for row, name in CHARACTERISTICS.items() if is_known(people, name)}
    for name, column in trial.study.columns.items():
        if not is_known(people, name):
            continue
        codes = list(column.values)[: 1 if len(column.values) == 2 else None]
        parts = {f"{name}_{code}": one_of(people[name], (code,)) for code in codes} or {name: people[name]}
        known |= {row: own.astype(float) for row, own in parts.items()}
    return pd.DataFrame({"arm": people["arm"], **known})


@needs("arms")
def balance(trial: Trial, conf_level: float = 0.95) -> pd.DataFrame:
    """Standardised difference between the arms in each characteristic, with the p-value of Welch's t test.

    One row per characteristic; people who did not answer are left out of that row.
    """
    people, study = characteristics(trial), trial.study
    arms = [people[people["arm"] == arm] for arm in (study.treatment, study.control)]
    rows = []
    for name in people.columns.drop("arm"):
        treated, control = (own[name] for own in arms)
        names = {"outcome": name, "population": "all", "contrast": study.contrast, "conf_level": conf_level}
        spread = standardised_difference(treated, control, **names)
        test = difference_in_means(treated, control, variances="unequal", **names)
        rows.append({**vars(spread), "p_value": test.p_value})
    return estimate_frame(rows)


@needs("arms")
def balance_figure(trial: Trial, found: pd.DataFrame | None = None) -> Figure:
    """Forest of the standardised differences between the arms at inclusion, those of `balance`."""
    found = balance(trial) if found is None else found
    if found["estimate"].isna().all():
        return Absent("known:characteristics")
    level = percent(100 * found["conf_level"].iloc[0], 0)
    frame = found.rename(columns={"outcome": "row"})[
        ["row", "estimate", "conf_low", "conf_high", "p_value", "n_treated", "n_control"]
    ]
    options = {"decimals": 2, "reference": 0.0}
    figure = Figure("balance", "forest", frame.astype({"row": "str"}), options, values={"level": level})
    return titled(figure, _differing(found))


def _differing(found: pd.DataFrame) -> Sentence | Absent:
    """In how many characteristics the arms differ, and in how many chance alone would make them."""
    known = found.dropna(subset=["p_value", "estimate"])
    if known.empty:
        return Absent("known:characteristics")
    values = {"differing": tally(len(significant(known))), "tests": tally(len(known)),
              "expected": decimal(LEVEL * len(known))}  # fmt: skip
    return Sentence("balance_counted", values)


@needs("participants", "table:reference_group")
def representativeness(trial: Trial) -> pd.DataFrame:
    """Tests of the study population against ordinary users, one row per question that both answered.

    Pearson's χ² over all answers of a question; Welch's t test for means of years and scores. estimate is Cramér's V or
    the difference in means (study population minus ordinary users).
    """
    people, reference = baseline(trial), reference_people(trial)
    scores = reference_scores(trial)
    names = {"population": "all", "contrast": f"{STUDY}_vs_{REFERENCE}"}
    rows = [
        independence_test(
            people[question.variable].astype("str"),
            reference[question.variable].astype("str"),
            outcome=question.variable,
            **names,
        )
        for question in questions_of(trial, "reference_background", people, reference)
        if question.answers
    ]
    rows += [
        difference_in_means(
            people[name].astype(float), scores[name].astype(float), outcome=row, variances="unequal", **names
        )
        for row, name in SHARED_MEASURES.items()
        if is_known(people, name) and is_known(scores, name)
    ]
    return estimate_frame(rows)


@needs("participants", "table:reference_group")
def representativeness_table(trial: Trial, tests: pd.DataFrame | None = None) -> Table:
    """The tests of `representativeness`: statistic, degrees of freedom and p-value."""
    tests = representativeness(trial) if tests is None else tests
    if tests.empty:
        return Absent("table:reference_group")
    cells = []
    for found in tests.to_dict("records"):
        people = found["n_treated"] + found["n_control"]
        cells += [
            cell(found["outcome"], _kind(found), "statistic", found["statistic_value"], people),
            cell(found["outcome"], _kind(found), "df", found["df"], people),
            cell(found["outcome"], _kind(found), "p", found["p_value"], people),
        ]
    return Table("representativeness", cell_frame(cells), decimals={"statistic": 2, "df": 0})


def _kind(found: dict) -> str:
    return "chi_squared" if found["method"] == "chi-squared" else "welch_t"


def significant(tests: pd.DataFrame, level: float = LEVEL) -> list[str]:
    """Outcomes whose p-value lies below the level, smallest p-value first."""
    return list(tests[tests["p_value"] < level].sort_values("p_value")["outcome"].astype("str"))

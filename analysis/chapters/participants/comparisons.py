"""Are the groups alike? The arms at inclusion, and the study population beside ordinary users."""

import pandas as pd

from analysis.chapters.participants.background import STUDY_QUESTIONS, reference_people
from analysis.chapters.participants.burdens import MEANS, reference_scores
from analysis.chapters.participants.shares import baseline, cell, cell_frame
from analysis.frames.trial import Trial
from analysis.methods.estimates import estimate_frame
from analysis.methods.means import difference_in_means, standardised_difference
from analysis.methods.proportions import independence_test
from analysis.show.figures import Figure
from analysis.show.prose import percent
from analysis.show.tables import Table

LEVEL = 0.05
_BALANCE = {
    "woman": "woman", "age": "age_exact", "education_higher": "education_higher", "married": "married",
    "born_outside_norway": "born_outside_norway", "reading_writing_difficulties": "reading_writing_difficulties",
    "good_self_rated_health": "good_self_rated_health",
    "positive_expectation_of_work": "positive_expectation_of_work", "years_in_occupation": "years_in_occupation",
    "years_with_mental_complaints": "years_with_mental_complaints", "hads_anxiety": "hads_anxiety",
    "hads_depression": "hads_depression", "subjective_health_complaints": "shc_total",
    "health_ladder": "health_ladder",
    "income_year_before_inclusion_1000nok": "income_year_before_inclusion_1000nok",
}  # fmt: skip


def balance(trial: Trial, conf_level: float = 0.95) -> pd.DataFrame:
    """Standardised difference between the arms in each covariate, with the p-value of Welch's t test.

    One row per covariate; people who did not answer are left out of that row.
    """
    people, study = baseline(trial), trial.study
    people = people.assign(woman=people["sex"] == "woman")
    arms = [people[people["arm"] == arm] for arm in (study.treatment, study.control)]
    rows = []
    for row, name in _BALANCE.items():
        treated, control = (own[name].astype(float) for own in arms)
        names = {"outcome": row, "population": "all", "contrast": study.contrast, "conf_level": conf_level}
        spread = standardised_difference(treated, control, **names)
        test = difference_in_means(treated, control, variances="unequal", **names)
        rows.append({**vars(spread), "p_value": test.p_value})
    return estimate_frame(rows)


def figure_balance(trial: Trial, conf_level: float = 0.95) -> Figure:
    """Forest of the standardised differences between the arms at inclusion."""
    found = balance(trial, conf_level)
    frame = found.rename(columns={"outcome": "row"})[
        ["row", "estimate", "conf_low", "conf_high", "p_value", "n_treated", "n_control"]
    ]
    level = percent(100 * conf_level, 0)
    options = {"decimals": 2, "reference": 0.0}
    return Figure("balance", "forest", frame.astype({"row": "str"}), options, values={"level": level})


def representativeness(trial: Trial) -> pd.DataFrame:
    """Tests of the study population against ordinary users, one row per question.

    Pearson's χ² over all answers of a question; Welch's t test for the means of Table 6. estimate is Cramér's V or the
    difference in means (study population minus ordinary users).
    """
    people, reference = (
        baseline(trial),
        reference_people(trial).join(
            reference_scores(trial)[list({*MEANS.values()} - {"years_in_occupation", "years_with_mental_complaints"})]
        ),
    )
    names = {"population": "all", "contrast": "study_population_vs_ordinary_sfj"}
    rows = [
        independence_test(
            people[question.variable].astype("str"),
            reference[question.variable].astype("str"),
            outcome=question.variable,
            **names,
        )
        for question in STUDY_QUESTIONS
    ]
    rows += [
        difference_in_means(
            people[name].astype(float), reference[name].astype(float), outcome=row, variances="unequal", **names
        )
        for row, name in MEANS.items()
    ]
    return estimate_frame(rows)


def representativeness_table(trial: Trial) -> Table:
    """The tests of `representativeness`: statistic, degrees of freedom and p-value."""
    cells = []
    for found in representativeness(trial).to_dict("records"):
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

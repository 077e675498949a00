"""Background of the participants: Table 2, its numbers in the running text, and Table 5 against ordinary users."""

import pandas as pd

from analysis.chapters.participants.shares import (
    Question,
    by_arm,
    cell,
    cell_frame,
    extract_notes,
    mean_cells,
    question_cells,
    share_cells,
)
from analysis.frames.people import AGE_GROUPS, age_groups
from analysis.frames.trial import Trial
from analysis.show.tables import Table

COUNTRIES = ("norway", "nordic", "outside_nordic")
SEXES = ("woman", "man")
MARITAL = ("unmarried", "married_partner", "cohabiting", "widowed", "divorced_separated")
EDUCATION = ("primary", "upper_secondary", "university_1_4_years", "university_over_4_years")
HEALTH = ("very_good", "good", "fair", "poor", "very_poor")
STATUS = ("sick_listed_from_job", "in_work", "unemployed")
EXPECTS = ("fits_very_well", "fits_well", "neither", "fits_poorly", "fits_very_poorly")
READING = "reading_writing_difficulties"

# AAP, disability pension and unemployment benefit, as the summary puts them together.
OTHER_BENEFITS = (
    "aap", "aap_and_job", "disability_pension_full", "disability_pension_graded",
    "unemployment_benefit_individual_allowance",
)  # fmt: skip

# The intervals and denominators that give the printed numbers back, found by trying every formula on every printed row.
# The first run took Wald's interval of everybody, with 564 controls; cells that changed when one of them was moved to
# SFJ were redone with Wilson's. Fair health has Wilson's interval and still 564 controls.
QUESTIONS = (
    Question(
        "country_of_birth",
        COUNTRIES,
        of_everyone=True,
        wilson=frozenset({"country_of_birth_norway"}),
        of_answered=frozenset({"country_of_birth_norway"}),
    ),
    Question("sex", SEXES, wilson=frozenset({"sex_woman", "sex_man"})),
    Question("age_group", AGE_GROUPS),
    Question(
        "marital_status",
        MARITAL,
        of_everyone=True,
        of_answered=frozenset({("marital_cohabiting", "control")}),
        wilson=frozenset(
            {"marital_divorced_separated", ("marital_cohabiting", "control"), ("marital_cohabiting", "sfj")}
        ),
    ),
    Question("education", EDUCATION, wilson=frozenset({("education_university_1_4_years", "control")})),
    Question(
        "self_rated_health",
        HEALTH,
        of_everyone=True,
        of_answered=frozenset(
            {("self_rated_health_poor", "control"), ("self_rated_health_poor", "sfj"), "self_rated_health_very_poor"}
        ),
        wilson=frozenset({("self_rated_health_poor", "control"), "self_rated_health_fair"}),
        not_redone=frozenset({"self_rated_health_fair"}),
    ),
)
# Questions of which the first run is printed, cell by cell; the others were computed on the corrected data.
FIRST_RUN = ("country_of_birth", "age_group", "marital_status", "self_rated_health")
_ALL_STATUS = frozenset(f"self_reported_status_{status}" for status in STATUS)
STUDY_QUESTIONS = (
    Question("country_of_birth", COUNTRIES, of_everyone=True),
    Question("sex", SEXES),
    Question("age_group", AGE_GROUPS),
    Question("marital_status", MARITAL, of_everyone=True),
    Question("education", EDUCATION),
    Question(
        "self_rated_health",
        HEALTH,
        of_everyone=True,
        of_answered=frozenset({"self_rated_health_very_poor"}),
        wilson=frozenset({"self_rated_health_fair"}),
    ),
    Question("self_reported_status", STATUS, wilson=_ALL_STATUS),
    Question("expects_return_within_weeks", EXPECTS),
)
ROWS = {
    "country_of_birth": [f"country_of_birth_{code}" for code in COUNTRIES],
    "sex": [f"sex_{code}" for code in SEXES],
    "age": [f"age_{code}" for code in AGE_GROUPS],
    "marital_status": [f"marital_{code}" for code in MARITAL],
    "reading": [READING],
    "education": [f"education_{code}" for code in EDUCATION],
    "self_rated_health": [f"self_rated_health_{code}" for code in HEALTH],
    "self_reported_status": [f"self_reported_status_{code}" for code in STATUS],
    "expectation": [f"expects_return_within_weeks_{code}" for code in EXPECTS],
}
_TABLE_02_GROUPS = tuple(ROWS)[:7]


def table_02(trial: Trial, conf_level: float = 0.95) -> Table:
    """Background at inclusion, all participants and by arm: number, per cent and interval.

    Cells of the first run come from an extract of their own, in which one participant still stood in the wrong arm.
    """
    people, first_run = trial.in_extract("table_02").people, trial.in_extract("table_02_age").people
    arms = (trial.study.control, trial.study.treatment)
    before = by_arm(first_run, arms)
    cells = []
    for column, own in by_arm(people, arms).items():
        for question in QUESTIONS:
            first = before[column] if question.variable in FIRST_RUN else None
            cells += question_cells(own, question, column, conf_level, first)
        cells += share_cells(own[READING], READING, column, "wald", conf_level)
    rows = {group: ROWS[group] for group in _TABLE_02_GROUPS}
    return Table(
        "table_02",
        cell_frame(cells),
        rows=rows,
        columns=["total", *arms],
        n=len(people),
        conf_level=conf_level,
        notes=extract_notes(trial, "table_02", "table_02_age"),
    )


def table_05(trial: Trial, conf_level: float = 0.95) -> Table:
    """Background of the study population beside ordinary users of the service.

    Study population: Wald, but Wilson for self-reported status. Ordinary users: Wilson throughout.
    """
    people, reference = trial.in_extract("table_05").people, reference_people(trial)
    cells = []
    for question in STUDY_QUESTIONS:
        cells += question_cells(people, question, "study_population", conf_level)
        cells += question_cells(reference, _wilson_for_all(question), "ordinary_sfj", conf_level)
    cells += share_cells(people[READING], READING, "study_population", "wald", conf_level)
    cells += share_cells(reference[READING], READING, "ordinary_sfj", "wilson", conf_level)
    return Table(
        "table_05", cell_frame(cells), rows=ROWS, columns=["study_population", "ordinary_sfj"], conf_level=conf_level
    )


def _wilson_for_all(question: Question) -> Question:
    """The question as asked of the reference group: all shares with Wilson; marital status of those who answered."""
    rows = frozenset(question.row(answer) for answer in question.answers)
    of_everyone = question.of_everyone and question.variable != "marital_status"
    return Question(question.variable, question.answers, of_everyone, wilson=rows)


def reference_people(trial: Trial) -> pd.DataFrame:
    """Ordinary users of the service, one row per person, with their age group."""
    reference = trial.tables["reference_group"]
    return reference.assign(age_group=age_groups(reference["age"]))


def text_1(trial: Trial) -> Table:
    """Shares of the summary by what the registers say at inclusion: in work, fully sick-listed, on other benefits."""
    people = trial.people
    on_benefits = people["status_at_inclusion"].isin(OTHER_BENEFITS)
    shares = {
        "status_in_work_at_inclusion": people["status_group"] == "in_work",
        "status_sick_listed_at_inclusion": people["status_group"] == "sick_listed_full",
        "status_aap_disability_unemployment_at_inclusion": on_benefits,
    }
    return Table("text_1", cell_frame([cell(row, "total", "pct", 100 * held.mean()) for row, held in shares.items()]))


def text_3_1(trial: Trial, conf_level: float = 0.95) -> Table:
    """Shares and the mean age of section 3.1; the age groups are those of the participants as they are recorded."""
    people = trial.people
    ages = {"age_18_30": ["under_30"], "age_30_50": ["30_40", "40_50"], "age_50_60": ["over_50"]}
    shares = {"sex_woman": people["sex"] == "woman", "sex_man": people["sex"] == "man"}
    cells = [cell(row, "total", "pct", 100 * held.mean()) for row, held in shares.items()]
    cells += mean_cells(people["age_exact"], "age", "total", conf_level)
    cells += [cell(row, "total", "pct", 100 * people["age_group"].isin(groups).mean()) for row, groups in ages.items()]
    answered = {
        "country_of_birth_norway": people["country_of_birth"].dropna() == "norway",
        "education_primary": people["education"].dropna() == "primary",
        "education_university_over_4_years": people["education"].dropna() == "university_over_4_years",
        READING: people[READING].dropna(),
    }
    cells += [cell(row, "total", "pct", 100 * held.astype(float).mean()) for row, held in answered.items()]
    return Table("text_3.1", cell_frame(cells), decimals={"pct": 1, "mean": 1}, conf_level=conf_level)

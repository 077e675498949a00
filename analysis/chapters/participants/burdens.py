"""Health, work and strain at inclusion: Tables 3, 4, 6 and A.1, and the shares of sections 3.2 to 3.4."""

import pandas as pd

from analysis.chapters.participants.shares import (
    baseline,
    by_arm,
    cell,
    cell_frame,
    extract_notes,
    mean_cells,
    spread_cells,
)
from analysis.frames.instruments import any_complaint, hads_case, read_parameters, score_hads, score_shc
from analysis.frames.trial import Trial
from analysis.methods.proportions import proportion_interval
from analysis.show.tables import Table
from analysis.study.outcome_rules import USUAL_STATUS_GROUPS as STATUS_GROUPS

MEANS = {
    "years_in_occupation": "years_in_occupation",
    "years_with_mental_complaints": "years_with_mental_complaints",
    "hads_anxiety_sum": "hads_anxiety",
    "hads_depression_sum": "hads_depression",
    "hads_total_sum": "hads_total",
    "subjective_health_complaints_sum": "shc_total",
}
VIOLENCE = (
    "violence_been_beaten",
    "violence_robbery_assault",
    "violence_sexual",
    "violence_deprivation_of_liberty",
    "violence_serious_threats",
)
# The report rounded each share to this many decimals before it reckoned the interval.
_VIOLENCE_DECIMALS = {"violence_robbery_assault": 1}
STATUS_COLUMNS = dict(zip(STATUS_GROUPS, ("in_work", "sick_listed_100", "aap", "other"), strict=True))
COVARIATES = {
    "age": "age_exact", "education_primary": "education_primary",
    "education_upper_secondary": "education_upper_secondary", "education_higher": "education_higher",
    "married": "married", "reading_writing_difficulties": "reading_writing_difficulties",
    "good_self_rated_health": "good_self_rated_health",
    "positive_expectation_of_work": "positive_expectation_of_work", "hads_total": "hads_total",
    "health_ladder": "health_ladder", "income_year_before_inclusion_1000nok": "income_year_before_inclusion_1000nok",
    "income_below_G_before_inclusion": "income_below_G_year_before_inclusion",
}  # fmt: skip
_SITUATIONS = {
    "self_reported_unemployed": "unemployed",
    "self_reported_job_attachment": "job_attachment",
    "will_return_unknown_when": "returning_date_unknown",
    "concrete_plan_return_within_weeks": "returning_within_weeks",
}
_CAUSES = {
    "sick_leave_cause_mental": "mental",
    "sick_leave_cause_work_conflict": "work_conflict",
    "sick_leave_cause_other_health": "other_health",
    "sick_leave_cause_home_strain": "home_strain",
}
POOR_SLEEP = ("poor", "very_poor")


def table_03(trial: Trial, conf_level: float = 0.95) -> Table:
    """Means at inclusion with t interval: years in occupation and with complaints, HADS, SHC; all and by arm."""
    people = baseline(trial.in_extract("table_03"))
    arms = (trial.study.control, trial.study.treatment)
    cells = [
        found
        for column, own in by_arm(people, arms).items()
        for row, name in MEANS.items()
        for found in mean_cells(own[name], row, column, conf_level)
    ]
    return Table(
        "table_03",
        cell_frame(cells),
        decimals={"mean": 2, "ci_low": 2, "ci_high": 2},
        n=len(people),
        columns=["total", *arms],
        conf_level=conf_level,
        notes=extract_notes(trial, "table_03"),
    )


def table_04(trial: Trial, conf_level: float = 0.95) -> Table:
    """Kinds of violence reported, of all participants; several answers were possible.

    The report rounded each share first and put the Wald interval around the rounded share, everyone counted.
    """
    people = trial.in_extract("table_04").people
    cells = []
    for row in VIOLENCE:
        count, decimals = int(people[row].fillna(False).sum()), _VIOLENCE_DECIMALS.get(row, 0)
        shown = round(100 * count / len(people), decimals)
        low, high = proportion_interval(shown / 100 * len(people), len(people), "wald", conf_level)
        values = {"n": count, "pct": 100 * count / len(people), "ci_low": 100 * low, "ci_high": 100 * high}
        cells += [cell(row, "total", name, value, count) for name, value in values.items()]
    return Table("table_04", cell_frame(cells), n=len(people), conf_level=conf_level)


def table_06(trial: Trial, conf_level: float = 0.95) -> Table:
    """The means of Table 3 in the study population and among ordinary users."""
    people, reference = baseline(trial.in_extract("table_06")), reference_scores(trial)
    cells = []
    for row, name in MEANS.items():
        cells += mean_cells(people[name], row, "study_population", conf_level)
        cells += mean_cells(reference[name], row, "ordinary_sfj", conf_level)
    cells += [
        cell("header_n", "study_population", "n", len(people)),
        cell("header_n", "ordinary_sfj", "n", len(reference)),
    ]
    return Table(
        "table_06",
        cell_frame(cells),
        decimals={"mean": 2, "ci_low": 2, "ci_high": 2},
        columns=["study_population", "ordinary_sfj"],
        conf_level=conf_level,
    )


def reference_scores(trial: Trial) -> pd.DataFrame:
    """Ordinary users with their HADS and SHC scores, scored by the same rules as the participants."""
    reference, rules = trial.tables["reference_group"], trial.study.instruments
    return pd.concat(
        [
            reference,
            score_hads(reference, rules["hads"]["max_missing_per_subscale"]),
            score_shc(reference, rules["shc"]["max_missing"]),
        ],
        axis=1,
    )


def table_a1(trial: Trial) -> Table:
    """Covariates of the analyses by status at inclusion: mean and standard deviation (n − 1), unanswered left out."""
    people = baseline(trial.in_extract("table_A1"))
    cells = []
    for group, column in STATUS_COLUMNS.items():
        own = people[people["status_group"] == group]
        cells += spread_cells(own["sex"] == "woman", "woman", column)
        for row, name in COVARIATES.items():
            cells += spread_cells(own[name], row, column)
        cells.append(cell("number", column, "n", len(own), len(own)))
    return Table(
        "table_A1",
        cell_frame(cells),
        decimals={"mean": 3, "sd": 3},
        columns=list(STATUS_COLUMNS.values()),
        n=len(people),
        notes=extract_notes(trial, "table_A1"),
    )


def text_3_2(trial: Trial) -> Table:
    """Section 3.2: years with complaints; shares at or above the HADS cut-off, with bodily complaints, bad sleep."""
    people, answers = baseline(trial), trial.tables["questionnaires"].query("wave == 0")
    cut_off = trial.study.instruments["hads"]["caseness_from"]
    shares = {
        "anxiety_above_cutoff": hads_case(people["hads_anxiety"], cut_off),
        "depression_above_cutoff": hads_case(people["hads_depression"], cut_off),
        "musculoskeletal_complaints": any_complaint(answers, "musculoskeletal"),
        "gastrointestinal_complaints": any_complaint(answers, "gastrointestinal"),
        "sleep_problems": _one_of(people["sleep_quality"], POOR_SLEEP),
    }
    cells = [
        cell("years_with_mental_complaints", "total", "mean", people["years_with_mental_complaints"].mean()),
        cell("hads_cutoff", "note", "score", cut_off),
        *_percent_cells(shares),
    ]
    cells += [
        cell(f"hads_{subscale}_general_population", "norm", "mean", hads_norm(subscale))
        for subscale in ("anxiety", "depression")
    ]
    return Table("text_3.2", cell_frame(cells), decimals={"mean": 1, "pct": 1, "score": 0})


def hads_norm(subscale: str) -> float:
    """Mean score of a HADS subscale (anxiety, depression) in the general population."""
    return float(read_parameters("hads")[f"norm_{subscale}"].value)


def text_3_3(trial: Trial) -> Table:
    """Section 3.3: own description of the work situation, and the main reason of those on sick leave."""
    people = trial.people
    shares = {row: _one_of(people["work_situation"], (code,)) for row, code in _SITUATIONS.items()}
    shares |= {row: _one_of(people["sick_leave_reason"], (code,)) for row, code in _CAUSES.items()}
    return Table("text_3.3", cell_frame(_percent_cells(shares)), decimals={"pct": 1})


def text_3_4(trial: Trial) -> Table:
    """Section 3.4: violence, bullying and conflicts at work, nobody to share joys and sorrows with."""
    people = trial.people
    shares = {
        "ever_exposed_to_violence": people["violence_any"],
        "regular_violence_over_time": people["violence_regular"],
        "workplace_bullying": people["bullied_at_work"],
        "workplace_bullying_regular": people["bullied_regularly"],
        "workplace_conflicts_repeated": people["conflicts_at_work"],
        "no_family_to_share_with": ~people["support_in_family"],
        "no_one_outside_family_to_share_with": ~people["support_outside_family"],
    }
    return Table("text_3.4", cell_frame(_percent_cells(shares)), decimals={"pct": 1})


def _one_of(values: pd.Series, codes: tuple[str, ...]) -> pd.Series:
    return values.isin(codes).astype("boolean").mask(values.isna())


def _percent_cells(shares: dict[str, pd.Series]) -> list[dict]:
    """People who said yes, and their per cent of those who answered."""
    cells = []
    for row, held in shares.items():
        count = int(held.fillna(False).sum())
        cells += [
            cell(row, "total", "n", count, count),
            cell(row, "total", "pct", 100 * held.dropna().astype(float).mean(), count),
        ]
    return cells

"""Health, work and strain at inclusion: means of scores, kinds of violence, work situation, status in the registers."""

import pandas as pd

from analysis.chapters.participants.background import REFERENCE, STUDY
from analysis.chapters.participants.questions import POOR_SLEEP, VIOLENCE, is_known, one_of
from analysis.chapters.participants.shares import (
    TOTAL,
    answer_shares,
    answers,
    baseline,
    by_arm,
    cell,
    cell_frame,
    level_of,
    mean_cells,
    measure_means,
    measures_frame,
    percent_cells,
    share_cells,
)
from analysis.chapters.participants.ways import extract_notes, is_as_printed, rules_of, with_printed_columns
from analysis.frames.instruments import any_complaint, hads_case, read_parameters, score_hads, score_shc
from analysis.frames.needs import Absent, needs
from analysis.frames.trial import Trial
from analysis.methods.means import mean_estimate, standard_deviation
from analysis.show.tables import Table

# Row of a table → column of `baseline`.
SHARED_MEASURES = {
    "years_in_occupation": "years_in_occupation",
    "years_with_mental_complaints": "years_with_mental_complaints",
    "hads_anxiety_sum": "hads_anxiety",
    "hads_depression_sum": "hads_depression",
    "hads_total_sum": "hads_total",
    "subjective_health_complaints_sum": "shc_total",
}
SCORES = {
    **SHARED_MEASURES, "health_ladder": "health_ladder", "function_eq5d": "eq5d_index", "fatigue": "chalder_total",
}  # fmt: skip
BACKGROUND_MEASURES = {
    "age": "age_exact", "income_year_before_inclusion_1000nok": "income_year_before_inclusion_1000nok"
}  # fmt: skip
_EQ5D_DECIMALS = {("function_eq5d", statistic): 3 for statistic in ("mean", "ci_low", "ci_high")}
DECIMALS = {"mean": 2, "ci_low": 2, "ci_high": 2, **_EQ5D_DECIMALS}
COVARIATES = {
    "woman": "woman", "age": "age_exact", "education_primary": "education_primary",
    "education_upper_secondary": "education_upper_secondary", "education_higher": "education_higher",
    "married": "married", "reading_writing_difficulties": "reading_writing_difficulties",
    "good_self_rated_health": "good_self_rated_health",
    "positive_expectation_of_work": "positive_expectation_of_work", "hads_total": "hads_total",
    "health_ladder": "health_ladder", "income_year_before_inclusion_1000nok": "income_year_before_inclusion_1000nok",
    "income_below_G_before_inclusion": "income_below_G_year_before_inclusion",
}  # fmt: skip
SITUATIONS = {
    "self_reported_unemployed": "unemployed",
    "self_reported_job_attachment": "job_attachment",
    "will_return_unknown_when": "returning_date_unknown",
    "concrete_plan_return_within_weeks": "returning_within_weeks",
}
CAUSES = {
    "sick_leave_cause_mental": "mental",
    "sick_leave_cause_work_conflict": "work_conflict",
    "sick_leave_cause_other_health": "other_health",
    "sick_leave_cause_home_strain": "home_strain",
}
STRAIN = {
    "ever_exposed_to_violence": "violence_any",
    "regular_violence_over_time": "violence_regular",
    "workplace_bullying": "bullied_at_work",
    "workplace_bullying_regular": "bullied_regularly",
    "workplace_conflicts_repeated": "conflicts_at_work",
}
SUPPORT = {
    "no_family_to_share_with": "support_in_family",
    "no_one_outside_family_to_share_with": "support_outside_family",
}


@needs("participants")
def background_measures(trial: Trial) -> pd.DataFrame:
    """Age, income the year before and numbers of the study's own: one row a person, measure and column of the table
    (everybody, and by arm); those that nobody has a value of are left out."""
    own = {name: name for name, column in trial.study.columns.items() if column.kind == "number"}
    return _measures(trial, "background_means", BACKGROUND_MEASURES | own, "known:birth_date")


@needs("participants")
def baseline_measures(trial: Trial) -> pd.DataFrame:
    """Years in occupation and with complaints, and scores of the questionnaire at inclusion: one row a person, measure
    and column of the table (everybody, and by arm).

    Those without a value are left out; a published report may have had fewer (`rows` in `as_printed.yml`).
    """
    return _measures(trial, "baseline_means", SCORES, "answers")


def _measures(trial: Trial, table: str, measures: dict[str, str], need: str) -> pd.DataFrame | Absent:
    people = baseline(trial.extract_for(f"participants.{table}"))
    rows = [row for row in rules_of(trial, table).get("rows", measures) if is_known(people, measures[row])]
    if not rows:
        return Absent(need)
    columns = by_arm(people, trial.study)
    return measures_frame((row, column, part[measures[row]]) for column, part in columns.items() for row in rows)


@needs("participants")
def background_means_table(trial: Trial, means: pd.DataFrame | None = None) -> Table:
    """Mean age, income and numbers of the study's own at inclusion with t interval; everybody and by arm."""
    means = measure_means(background_measures(trial)) if means is None else means
    return means if isinstance(means, Absent) else _means_table(trial, "background_means", means)


@needs("participants")
def baseline_means_table(trial: Trial, means: pd.DataFrame | None = None) -> Table:
    """Mean years and scores at inclusion with t interval, of `measure_means`; everybody and by arm."""
    means = measure_means(baseline_measures(trial)) if means is None else means
    return means if isinstance(means, Absent) else _means_table(trial, "baseline_means", means)


def _means_table(trial: Trial, name: str, means: pd.DataFrame) -> Table:
    people = trial.extract_for(f"participants.{name}").people
    return Table(
        name,
        mean_cells(trial, name, means),
        decimals=DECIMALS,
        n=len(people),
        columns=list(by_arm(people, trial.study)),
        conf_level=level_of(means),
        notes=extract_notes(trial, f"participants.{name}"),
    )


@needs("participants", "known:violence_any")
def violence_answers(trial: Trial) -> pd.DataFrame:
    """Kinds of violence reported (see `shares.answers`); who was never exposed counts as no for every kind."""

    def people_of(extract: str) -> dict[str, pd.DataFrame]:
        people = trial.extract_for(extract).people
        never = people["violence_any"].eq(False).fillna(False)
        kinds = people[[kind.variable for kind in VIOLENCE]]
        return {TOTAL: people.assign(**kinds.mask(kinds.isna().mul(never, axis="index"), False))}

    return answers(trial, "violence", [(TOTAL, kind) for kind in VIOLENCE], people_of)


@needs("participants", "known:violence_any")
def violence_table(trial: Trial, shares: pd.DataFrame | None = None, conf_level: float = 0.95) -> Table:
    """Kinds of violence reported, with per cent and interval; several answers were possible."""
    shares = answer_shares(violence_answers(trial), conf_level=conf_level) if shares is None else shares
    people = trial.extract_for("participants.violence").people
    cells = share_cells(trial, "violence", shares)
    return Table("violence", cells, decimals={"answered": 0}, n=len(people), conf_level=level_of(shares))


@needs("participants", "table:reference_group")
def reference_measures(trial: Trial) -> pd.DataFrame:
    """Years and scores of the participants and of ordinary users, those known in both: one row a person, measure and
    group."""
    people, reference = baseline(trial.extract_for("participants.reference_means")), reference_scores(trial)
    rows = [row for row, name in SHARED_MEASURES.items() if is_known(people, name) and is_known(reference, name)]
    if not rows:
        return Absent("answers")
    groups = ((STUDY, people), (REFERENCE, reference))
    return measures_frame((row, column, part[SHARED_MEASURES[row]]) for row in rows for column, part in groups)


@needs("participants", "table:reference_group")
def reference_means_table(trial: Trial, means: pd.DataFrame | None = None) -> Table:
    """Means of years and scores among the participants and among ordinary users, with t interval."""
    means = measure_means(reference_measures(trial)) if means is None else means
    if isinstance(means, Absent):
        return means
    sizes = {STUDY: len(trial.extract_for("participants.reference_means").people)}
    sizes |= {REFERENCE: len(trial.tables["reference_group"])}
    heads = [cell("header_n", column, "n", size) for column, size in sizes.items()]
    cells = mean_cells(trial, "reference_means", means)
    return Table(
        "reference_means",
        pd.concat([cells, cell_frame(heads, trial, "reference_means")], ignore_index=True),
        decimals=DECIMALS,
        columns=with_printed_columns(trial, "reference_means", (STUDY, REFERENCE)),
        conf_level=level_of(means),
    )


def reference_scores(trial: Trial) -> pd.DataFrame:
    """Ordinary users with the scores of the instruments in use, scored by the same rules as the participants."""
    reference, rules = trial.tables["reference_group"], trial.study.instruments
    parts = [reference]
    if "hads" in rules:
        parts.append(score_hads(reference, rules["hads"]["max_missing_per_subscale"]))
    if "shc" in rules:
        parts.append(score_shc(reference, rules["shc"]["max_missing"]))
    return pd.concat(parts, axis=1)


@needs("participants", "benefits")
def baseline_by_status_table(trial: Trial) -> Table:
    """Characteristics by status at inclusion: mean and standard deviation (n − 1), unanswered left out."""
    people = with_woman(baseline(trial.extract_for("participants.baseline_by_status")))
    cells = []
    groups = [group for group in trial.study.status_groups if people["status_group"].eq(group).any()]
    for group in groups:
        own = people[people["status_group"] == group]
        for row, name in COVARIATES.items():
            cells += spread_cells(own[name], row, group) if is_known(people, name) else []
        cells.append(cell("number", group, "n", len(own), len(own)))
    return Table(
        "baseline_by_status",
        cell_frame(cells, trial, "baseline_by_status"),
        decimals={"mean": 3, "sd": 3},
        shares=[row for row, name in COVARIATES.items()
                if is_known(people, name) and people[name].dropna().isin([0, 1]).all()],
        columns=with_printed_columns(trial, "baseline_by_status", groups),
        n=len(people),
        notes=extract_notes(trial, "participants.baseline_by_status"),
    )


def spread_cells(values: pd.Series, row: str, column: str) -> list[dict]:
    """mean and sd of one cell; sd with n − 1 in the denominator."""
    found = mean_estimate(values.astype(float), outcome=row, population="all", contrast=column)
    spread = standard_deviation({"std_error": found.std_error, "n_treated": found.n_treated})
    return [
        cell(row, column, name, value, found.n_treated) for name, value in (("mean", found.estimate), ("sd", spread))
    ]


def with_woman(people: pd.DataFrame) -> pd.DataFrame:
    """The people with the column `woman`, missing where the sex is."""
    return people.assign(woman=one_of(people["sex"], ("woman",)))


def symptoms_held(trial: Trial) -> dict[str, pd.Series]:
    """Who has symptoms at inclusion, by row: at or above the HADS cut-off, bodily complaints, bad sleep.

    Nullable booleans, missing without an answer; rows that nobody's answers decide are left out.
    """
    people, rules = baseline(trial), trial.study.instruments
    asked = trial.tables["questionnaires"].query("wave == 0")
    held = {"sleep_problems": one_of(people["sleep_quality"], POOR_SLEEP)}
    if "hads" in rules and "hads_anxiety" in people:
        cut_off, scales = rules["hads"]["caseness_from"], ("anxiety", "depression")
        held |= {f"{scale}_above_cutoff": hads_case(people[f"hads_{scale}"], cut_off) for scale in scales}
    if "shc" in rules:
        held |= {f"{part}_complaints": any_complaint(asked, part) for part in ("musculoskeletal", "gastrointestinal")}
    return {row: own for row, own in held.items() if own.notna().any()}


def hads_norm(subscale: str) -> float:
    """Mean score of a HADS subscale (anxiety, depression) in the general population."""
    return float(read_parameters("hads")[f"norm_{subscale}"].value)


def work_held(trial: Trial) -> dict[str, pd.Series]:
    """Who chose which description of the work situation and which main reason of sick leave; see `symptoms_held`."""
    people, held = trial.people, {}
    for column, rows in (("work_situation", SITUATIONS), ("sick_leave_reason", CAUSES)):
        if is_known(people, column):
            held |= {row: one_of(people[column], (code,)) for row, code in rows.items()}
    return held


def strain_held(trial: Trial) -> dict[str, pd.Series]:
    """Who was exposed to violence, bullying and conflicts, and who has nobody to share with; see `symptoms_held`."""
    people = trial.people
    held = {row: people[name] for row, name in STRAIN.items() if is_known(people, name)}
    return held | {row: ~people[name] for row, name in SUPPORT.items() if is_known(people, name)}


@needs("participants")
def work_situation_table(trial: Trial) -> Table:
    """Own description of the work situation, and the main reason of those on sick leave, of those who answered."""
    return _held_table(trial, "work_situation", work_held(trial), "known:work_situation")


@needs("participants")
def strain_table(trial: Trial) -> Table:
    """Violence, bullying and conflicts at work, nobody to share joys and sorrows with, of those who answered."""
    return _held_table(trial, "strain", strain_held(trial), "known:violence_any")


def _held_table(trial: Trial, name: str, held: dict[str, pd.Series], need: str) -> Table:
    if not held:
        return Absent(need)
    cells = percent_cells(held)
    if not is_as_printed(trial, name):
        cells = [
            each
            for row, own in held.items()
            for each in (*percent_cells({row: own}), cell(row, TOTAL, "answered", own.notna().sum()))
        ]
    return Table(name, cell_frame(cells), decimals={"pct": 1, "answered": 0})

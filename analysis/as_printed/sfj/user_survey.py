"""Numbers of the report's section 7 that have no table in the chapter."""

import pandas as pd

from analysis.chapters.user_survey.experience import SCALE, arms_of, by_arm, earlier_treatment_table, ratings
from analysis.chapters.user_survey.informants import HELPED, users
from analysis.chapters.user_survey.open_answers import (
    QUESTIONS,
    TOO_SHORT,
    answers_of,
    categories_table,
    coordination_table,
    shares_by_wave,
    wave_cells,
    wave_column,
    wave_columns,
)
from analysis.frames.needs import needs
from analysis.frames.trial import Trial
from analysis.methods.coding import flag_shares, mean_over_waves
from analysis.published.registry import counts_as, published
from analysis.show.tables import Table, cells

CHAPTER = "user_survey"
# Categories that the running text names otherwise than Table 23.
_TEXT_NAMES = {"satisfied_with_all_or_most": "satisfied_with_everything"}
counts_as(
    "sfj",
    CHAPTER,
    **{"text_7.2": earlier_treatment_table, "table_23": categories_table, "text_7.5": coordination_table},
)


@published("text_7.3", CHAPTER, in_text=False)
@needs("ratings:satisfaction")
def text_7_3(trial: Trial) -> Table:
    """Satisfaction and perceived effect on health as section 7.3 prints them: mean and standard deviation by arm.

    The report gives the effect on health once, without saying when; the data agree with the last follow-up.
    """
    rows = [
        (row, side, "score", value)
        for row in ("satisfaction_scale", "effect_on_health_scale")
        for side, value in zip(("min", "max"), SCALE, strict=True)
    ]
    waves = trial.study.follow_up_waves
    for arm in arms_of(trial):
        for wave in waves:
            rows += _mean_and_sd(trial, f"satisfaction_{wave}m", arm, "satisfaction", wave)
        rows += _mean_and_sd(trial, "effect_on_health", arm, "followup_effect_on_health", waves[-1])
    return Table("text_7.3", cells(rows), columns=[*arms_of(trial), "min", "max"], decimals={"score": 0})


def _mean_and_sd(trial: Trial, row: str, arm: str, rating: str, wave: int) -> list[tuple]:
    known = by_arm(ratings(trial), trial, rating, wave)[arm].dropna()
    return [(row, arm, "mean", known.mean(), len(known)), (row, arm, "sd", known.std(), len(known))]


@published("table_23", CHAPTER)
@needs("open_answers")
def table_23_answers(trial: Trial) -> Table:
    """All answers behind Table 23, and “too short”, which the table counts without a row of its own."""
    answers = answers_of(trial)
    least = answers[answers["question"] == "least_satisfied"]
    short = mean_over_waves(flag_shares(least, TOO_SHORT, ["arm", "wave"]), ["arm"]).to_dict("records")
    rows = [
        (TOO_SHORT, f"least_satisfied_{row['arm']}", statistic, value, row["n"])
        for row in short
        for statistic, value in (("n", row["n"]), ("pct", 100 * row["proportion"]))
    ]
    rows.append(("caption_total_responses", "total", "n", len(answers), len(answers)))
    return Table("table_23", cells(rows), part="answers")


@published("text_7.4", CHAPTER)
@needs("open_answers")
def text_7_4(trial: Trial) -> Table:
    """Answers by arm and wave, as section 7.4 goes through them: respondents, categories, and “too short”."""
    answers = answers_of(trial)
    codes = answers[["category_1", "category_2", "category_3"]].notna().sum(axis=1)
    by_arm_ = answers["arm"].value_counts()
    rows = [
        ("responses_categorised_intro", "total", "n", len(answers), len(answers)),
        ("responses_categorised", "total", "n", len(answers), len(answers)),
        *(("responses_categorised", arm, "n", by_arm_.get(arm, 0), by_arm_.get(arm, 0)) for arm in arms_of(trial)),
        ("max_categories_per_response", "total", "n", codes.max()),
    ]
    sizes = answers.groupby(["question", "arm", "wave"], observed=True).size()
    rows += [
        (f"respondents_{question}", wave_column({"arm": arm, "wave": wave}), "n", n, n)
        for (question, arm, wave), n in sizes.items()
    ]
    least = answers[answers["question"] == "least_satisfied"]
    short = flag_shares(least, TOO_SHORT, ["arm", "wave"]).to_dict("records")
    rows += [
        cell for row in shares_by_wave(trial).to_dict("records") for cell in wave_cells(row, _text_name(row, trial))
    ]
    rows += [cell for row in short for cell in wave_cells(row, f"least_{TOO_SHORT}")]
    frame = cells(rows)
    columns = ["total", *arms_of(trial), *wave_columns(trial)]
    return Table("text_7.4", frame, rows=_text_rows(frame), columns=columns)


def _text_name(row: dict, trial: Trial) -> str:
    """Row key of section 7.4: the question's first word and the category as the text calls it."""
    category = row["category"]
    if category == "psychologist" and row["question"] == "most_satisfied" and row["arm"] == trial.study.treatment:
        category = "psychologist_adviser"
    return f"{row['question'].split('_')[0]}_{_TEXT_NAMES.get(category, category)}"


def _text_rows(frame: pd.DataFrame) -> dict[str, list[str]]:
    keys = list(dict.fromkeys(frame["row"]))
    questions = {group: [key for key in keys if key.startswith(f"{group.split('_')[0]}_")] for group in QUESTIONS}
    listed = {key for members in questions.values() for key in members}
    return {"answers": [key for key in keys if key not in listed]} | questions


@published("text_7.6", CHAPTER)
@needs("users_interviewed")
def text_7_6(trial: Trial) -> Table:
    """Who the user informants are, as section 7.6 counts them."""
    people = users(trial)
    status = people["work_status_at_interview"]
    rows = [
        ("user_interviews", "total", "n", people["interview_id"].nunique()),
        ("user_informants", "total", "n", len(people)),
        ("user_informants", "men", "n", (people["sex"] == "man").sum()),
        ("user_informants_age", "min", "years", people["age"].min()),
        ("user_informants_age", "max", "years", people["age"].max()),
        ("user_informants_in_full_work", "total", "n", (status == "in_work").sum()),
        ("user_informants_on_aap_job_trial", "total", "n", (status == "aap_job_trial").sum()),
        ("user_informants_sick_listed", "total", "n", (status == "sick_listed").sum()),
    ]
    return Table("text_7.6", cells(rows), columns=["total", "men", "min", "max"], decimals={"years": 0})


@published("text_7.7", CHAPTER)
@needs("users_interviewed")
def text_7_7(trial: Trial) -> Table:
    """How many user informants had help from a job consultant (section 7.7)."""
    helped = users(trial)["job_consultant_help"]
    rows = [
        ("user_informants", "total", "n", len(helped)),
        ("user_informants_received_job_consultant", "total", "n", helped.isin(HELPED).sum()),
        ("user_informants_extensive_job_consultant", "total", "n", (helped == "extensive").sum()),
    ]
    return Table("text_7.7", cells(rows))

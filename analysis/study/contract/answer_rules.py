"""Rules about answers: waves, days of answering, blocks of questions, coding."""

from collections.abc import Iterator

import pandas as pd

from analysis.study.contract.faults import Rule, Tables, faults, looked_up
from analysis.study.problems import Problem
from analysis.study.settings import Study

ANSWER_MONTHS = 6
_AFTER_INCLUSION = ("satisfaction", "followup_effect_on_health")


def _known_wave(table: str) -> Rule:
    def check(tables: Tables, study: Study) -> Iterator[Problem]:
        waves = study.waves if table == "questionnaires" else tuple(wave for wave in study.waves if wave)
        allowed = f"Allowed is one of {', '.join(map(str, waves))}." if waves else "study.yml lists none."
        yield from faults(
            table,
            ~tables[table]["wave"].isin(waves),
            "wave",
            "unknown_wave",
            f"This wave is not asked here. {allowed}",
            "Correct the wave, or the waves in study.yml.",
        )

    statement = "Every wave is a wave of study.yml; only questionnaires are asked at inclusion, wave 0."
    return Rule({table: ("wave",)}, statement, check, settings=("waves",))


def _inside_follow_up(tables: Tables, study: Study) -> Iterator[Problem]:
    answers = tables["questionnaires"]
    included_on = looked_up(answers, "participant_id", tables["participants"], "included_on")
    last = pd.Series(
        [
            start + pd.DateOffset(months=int(wave) + ANSWER_MONTHS) if pd.notna(start) and pd.notna(wave) else pd.NaT
            for start, wave in zip(included_on, answers["wave"], strict=True)
        ],
        index=answers.index,
        dtype="datetime64[ns]",
    )
    outside = (answers["answered_on"] < included_on) | (answers["answered_on"] > last)
    yield from faults(
        "questionnaires",
        outside,
        "answered_on",
        "outside_follow_up",
        f"The day lies before inclusion or more than {ANSWER_MONTHS} months after the wave was due.",
        "Correct the day, the wave or the day of inclusion.",
    )


def _waves_in_order(tables: Tables, study: Study) -> Iterator[Problem]:
    answers = tables["questionnaires"].dropna(subset=["participant_id", "wave", "answered_on"])
    in_order = answers.sort_values(["participant_id", "wave"])
    earlier = in_order.groupby("participant_id")["answered_on"].shift()
    yield from faults(
        "questionnaires",
        in_order["answered_on"] <= earlier,
        "answered_on",
        "waves_out_of_order",
        "The day is not after the answer to an earlier wave of the same participant.",
        "Correct the day or the wave.",
    )


def _asked_after_inclusion(tables: Tables, study: Study) -> Iterator[Problem]:
    answers = tables["questionnaires"]
    for column in _AFTER_INCLUSION:
        yield from faults(
            "questionnaires",
            (answers["wave"] == 0) & answers[column].notna(),
            column,
            "not_asked",
            "This question is not asked at inclusion.",
            "Empty the cell or correct the wave.",
        )


def _whole_service_block(tables: Tables, study: Study) -> Iterator[Problem]:
    rows = tables["health_services"]
    keys = ["participant_id", "wave"]
    answered = rows.groupby(keys)["service"].transform("nunique")
    asked = rows.groupby("wave")["service"].transform("nunique")
    first = ~rows.duplicated(keys)
    yield from faults(
        "health_services",
        first & (answered < asked),
        "service",
        "incomplete_block",
        "The participant has fewer services in this wave than were asked about.",
        "Add the missing services, or remove the wave if the block was not answered.",
    )


def _unused_services(tables: Tables, study: Study) -> Iterator[Problem]:
    rows = tables["health_services"]
    unused = rows["used"].eq(False) & (rows["consultations"] > 0)
    yield from faults(
        "health_services",
        unused,
        "consultations",
        "tables_disagree",
        "Consultations are counted for a service marked as not used.",
        "Correct one of the two columns.",
    )


def _second_coder(tables: Tables, study: Study) -> Iterator[Problem]:
    rows = tables["open_answers"]
    keys = ["participant_id", "wave", "question"]
    first = pd.MultiIndex.from_frame(rows.loc[rows["coder"] == 1, keys])
    alone = (rows["coder"] == 2) & ~pd.MultiIndex.from_frame(rows[keys]).isin(first)
    yield from faults(
        "open_answers",
        alone,
        "coder",
        "missing_first_coder",
        "Coder 2 has coded an answer that coder 1 has not.",
        "Add the coding of coder 1.",
    )


def _categories_in_order(tables: Tables, study: Study) -> Iterator[Problem]:
    rows = tables["open_answers"]
    gap = rows["category_3"].notna() & rows["category_2"].isna()
    yield from faults(
        "open_answers",
        gap,
        "category_2",
        "missing_value",
        "A third category is given without a second.",
        "Move the third category to the second.",
    )


_ANSWER = ("participant_id", "wave", "answered_on")
ANSWER_RULES = (
    *(_known_wave(table) for table in ("questionnaires", "health_services", "open_answers", "coordination")),
    Rule(
        {"questionnaires": _ANSWER, "participants": ("participant_id", "included_on")},
        f"A questionnaire is answered between inclusion and {ANSWER_MONTHS} months after its wave was due.",
        _inside_follow_up,
    ),
    Rule({"questionnaires": _ANSWER}, "A participant answers later waves on later days.", _waves_in_order),
    Rule(
        {"questionnaires": ("wave", *_AFTER_INCLUSION)},
        "Satisfaction and effect of the follow-up are asked after inclusion only.",
        _asked_after_inclusion,
    ),
    Rule(
        {"health_services": ("participant_id", "wave", "service")},
        "Who answered the block on health services has every service asked about in the wave.",
        _whole_service_block,
        whole=("health_services",),
    ),
    Rule(
        {"health_services": ("used", "consultations")},
        "Services not used have no consultations.",
        _unused_services,
    ),
    Rule(
        {"open_answers": ("participant_id", "wave", "question", "coder")},
        "Coder 1 has coded every answer.",
        _second_coder,
        whole=("open_answers",),
    ),
    Rule(
        {"open_answers": ("category_2", "category_3")},
        "Categories of an open answer are filled in order.",
        _categories_in_order,
    ),
)

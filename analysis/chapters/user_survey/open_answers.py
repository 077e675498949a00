"""What participants were most and least satisfied with, and how NAV coordinated: coded answers (report, 7.4 and 7.5).

Percentages “as published” are the plain mean of the two follow-ups' percentages, which is how the report's Table 23 and
section 7.5 come about; the pooled shares with intervals stand beside them.
"""

import math
from functools import lru_cache

import pandas as pd

from analysis.frames.trial import Trial
from analysis.methods.coding import (
    ANSWER_KEYS,
    answer_shares,
    category_shares,
    coded_once,
    coder_agreement,
    flag_shares,
    mean_over_waves,
)
from analysis.methods.proportions import difference_in_proportions
from analysis.published.scorecard import KEY, read_published
from analysis.show.figures import Figure
from analysis.show.prose import Label, Sentence, count, decimal, direction_of, percent, points
from analysis.show.tables import Table, cells
from analysis.study.contract.answer_tables import ANSWER_CATEGORIES

QUESTIONS = ("most_satisfied", "least_satisfied")
EXPERIENCES = ("positive", "negative", "mixed", "unclassifiable")
# Categories that the running text names otherwise than Table 23.
_TEXT_NAMES = {"satisfied_with_all_or_most": "satisfied_with_everything"}
TOO_SHORT = "too_short_duration"


@lru_cache(maxsize=4)
def answers_of(trial: Trial) -> pd.DataFrame:
    """One row per open answer as the first coder coded it, with the arm. Callers must not change the frame."""
    arms = trial.people[["participant_id", "arm"]]
    return coded_once(trial.tables["open_answers"]).merge(arms, on="participant_id", validate="m:1")


def shares_by_wave(trial: Trial) -> pd.DataFrame:
    """Share of the answers with each category by question, arm and wave; see `coding.category_shares`."""
    return category_shares(answers_of(trial), ["question", "arm", "wave"], ANSWER_CATEGORIES)


def table_23(trial: Trial) -> Table:
    """Categories of the answers by question and arm: number, and the mean of the waves' percentages as published."""
    joined = mean_over_waves(shares_by_wave(trial), ["question", "arm", "category"])
    rows = []
    for row in joined.to_dict("records"):
        column = f"{row['question']}_{row['arm']}"
        rows += [
            (row["category"], column, "n", row["n"], row["n"]),
            (row["category"], column, "pct", 100 * row["proportion"], row["n"]),
        ]
    sizes = answers_of(trial).groupby(["question", "arm"], observed=True).size()
    rows += [("header_n", f"{question}_{arm}", "n", n, n) for (question, arm), n in sizes.items()]
    return Table("table_23", cells(rows), rows=["header_n", *ANSWER_CATEGORIES], columns=_columns(trial))


def table_23_answers(trial: Trial) -> Table:
    """All answers behind Table 23."""
    n = len(answers_of(trial))
    return Table("table_23", cells([("caption_total_responses", "total", "n", n, n)]), part="answers")


def _columns(trial: Trial) -> dict[str, list[str]]:
    return {
        question: [f"{question}_{arm}" for arm in (trial.study.treatment, trial.study.control)]
        for question in QUESTIONS
    }


def table_23_pooled(trial: Trial, conf_level: float = 0.95) -> Table:
    """The same with the answers of both waves pooled: per cent of all answers, with Wilson intervals."""
    shares = category_shares(answers_of(trial), ["question", "arm"], ANSWER_CATEGORIES, conf_level)
    rows = []
    for row in shares.to_dict("records"):
        column = f"{row['question']}_{row['arm']}"
        rows += [
            (row["category"], column, statistic, 100 * row[name], row["n"])
            for statistic, name in (("pct", "proportion"), ("ci_low", "conf_low"), ("ci_high", "conf_high"))
        ]
    return Table(
        "table_23",
        cells(rows),
        part="pooled",
        rows=list(ANSWER_CATEGORIES),
        columns=_columns(trial),
        conf_level=conf_level,
    )


def by_wave_table(trial: Trial, question: str) -> Table:
    """Categories of one question by arm and wave: number and per cent of the answers."""
    shares = shares_by_wave(trial)
    own = shares[shares["question"] == question]
    if question == "least_satisfied":
        answers = answers_of(trial)
        short = flag_shares(answers[answers["question"] == question], TOO_SHORT, ["arm", "wave"])
        own = pd.concat([own, short.assign(category=TOO_SHORT)])
    rows = [cell for row in own.to_dict("records") for cell in _text_cells(row, row["category"])]
    sizes = own.drop_duplicates(["arm", "wave"]).to_dict("records")
    rows += [("header_n", f"{row['arm']}_{row['wave']}m", "n", row["answers"], row["answers"]) for row in sizes]
    order = ["header_n", *ANSWER_CATEGORIES, *([TOO_SHORT] if question == "least_satisfied" else [])]
    columns = [f"{arm}_{wave}m" for arm in _arms(trial) for wave in _waves(trial)]
    return Table("table_23", cells(rows), part=question, rows=order, columns=columns)


def text_7_4(trial: Trial) -> Table:
    """Answers by arm and wave, as section 7.4 goes through them: respondents, categories, and “too short”."""
    answers = answers_of(trial)
    codes = answers[["category_1", "category_2", "category_3"]].notna().sum(axis=1)
    by_arm = answers["arm"].value_counts()
    rows = [
        ("responses_categorised_intro", "total", "n", len(answers), len(answers)),
        ("responses_categorised", "total", "n", len(answers), len(answers)),
        *(("responses_categorised", arm, "n", by_arm.get(arm, 0), by_arm.get(arm, 0)) for arm in _arms(trial)),
        ("max_categories_per_response", "total", "n", codes.max() if len(codes) else math.nan),
    ]
    sizes = answers.groupby(["question", "arm", "wave"], observed=True).size()
    rows += [(f"respondents_{question}", f"{arm}_{wave}m", "n", n, n) for (question, arm, wave), n in sizes.items()]
    rows += [
        cell for row in shares_by_wave(trial).to_dict("records") for cell in _text_cells(row, _text_name(row, trial))
    ]
    least = answers[answers["question"] == "least_satisfied"]
    rows += [
        cell
        for row in flag_shares(least, TOO_SHORT, ["arm", "wave"]).to_dict("records")
        for cell in _text_cells(row, f"least_{TOO_SHORT}")
    ]
    frame = cells(rows)
    waves = [f"{arm}_{wave}m" for arm in _arms(trial) for wave in _waves(trial)]
    columns = ["total", *_arms(trial), *waves]
    return Table("text_7.4", frame, rows=_text_rows(frame), columns=columns)


def _text_name(row: dict, trial: Trial) -> str:
    """Row key of section 7.4: the question's first word and the category as the text calls it."""
    category = row["category"]
    if category == "psychologist" and row["question"] == "most_satisfied" and row["arm"] == trial.study.treatment:
        category = "psychologist_adviser"
    return f"{row['question'].split('_')[0]}_{_TEXT_NAMES.get(category, category)}"


def _text_cells(row: dict, name: str) -> list[tuple]:
    column = f"{row['arm']}_{row['wave']}m"
    return [(name, column, "n", row["n"], row["n"]), (name, column, "pct", 100 * row["proportion"], row["n"])]


def _text_rows(frame: pd.DataFrame) -> dict[str, list[str]]:
    keys = list(dict.fromkeys(frame["row"]))
    questions = {group: [key for key in keys if key.startswith(f"{group.split('_')[0]}_")] for group in QUESTIONS}
    listed = {key for members in questions.values() for key in members}
    return {"answers": [key for key in keys if key not in listed]} | questions


def category_figure(trial: Trial, question: str) -> Figure | Sentence:
    """Share of the answers with each category by arm, the categories that differ most first; a sentence without any."""
    shares = category_shares(answers_of(trial), ["question", "arm"], ANSWER_CATEGORIES)
    own = shares[shares["question"] == question]
    if set(own["arm"]) != set(_arms(trial)):
        return Sentence("no_answers")
    wide = own.pivot(index="category", columns="arm", values="proportion")
    order = (wide[trial.study.treatment] - wide[trial.study.control]).sort_values(ascending=False).index
    frame = own.assign(row=pd.Categorical(own["category"], order, ordered=True)).sort_values(["row", "arm"])
    frame = frame.assign(row=frame["row"].astype(str)).rename(columns={"proportion": "estimate"})
    return Figure(
        question,
        "dots",
        frame[["row", "arm", "estimate"]],
        options={"percent": True, "treatment": trial.study.treatment},
    )


def agreement_table(trial: Trial, conf_level: float = 0.95) -> Table | Sentence:
    """Cohen's kappa between the two coders by category, and the share of equal decisions; a sentence with one coder."""
    if not coded_twice(trial):
        return Sentence("no_second_coder")
    rows = []
    for row in agreement(trial, conf_level).to_dict("records"):
        category, n = row["outcome"], row["df"]
        rows += [
            (category, "kappa", "kappa", row["estimate"], n),
            (category, "kappa", "ci_low", row["conf_low"], n),
            (category, "kappa", "ci_high", row["conf_high"], n),
            (category, "equal", "pct", 100 * row["statistic_value"], n),
            (category, "answers", "n", n, n),
        ]
    return Table(
        "agreement", cells(rows), conf_level=conf_level, decimals={"kappa": 2, "ci_low": 2, "ci_high": 2, "pct": 0}
    )


def coded_twice(trial: Trial) -> bool:
    """Whether any answer was coded by both coders."""
    answers = trial.tables["open_answers"]
    return bool(answers.duplicated([*ANSWER_KEYS]).any())


def agreement(trial: Trial, conf_level: float = 0.95) -> pd.DataFrame:
    """Estimate rows of the coders' agreement; see `coding.coder_agreement`."""
    return coder_agreement(trial.tables["open_answers"], ANSWER_CATEGORIES, conf_level)


def coordination_answers(trial: Trial) -> pd.DataFrame:
    """One row per answer on NAV's coordination with the arm."""
    return trial.tables["coordination"].merge(trial.people[["participant_id", "arm"]], on="participant_id")


def text_7_5(trial: Trial) -> Table:
    """Experience of NAV's coordination by arm: number, and the mean of the waves' percentages as published."""
    by_wave = answer_shares(coordination_answers(trial), ["arm", "wave"], "experience", EXPERIENCES)
    joined = mean_over_waves(by_wave, ["arm", "experience"])
    rows = []
    for row in joined.to_dict("records"):
        name, arm = f"coordination_{row['experience']}", row["arm"]
        rows += [(name, arm, "n", row["n"], row["n"]), (name, arm, "pct", 100 * row["proportion"], row["n"])]
    return Table("text_7.5", cells(rows), columns=_arms(trial), rows=[f"coordination_{name}" for name in EXPERIENCES])


def coordination_pooled(trial: Trial, conf_level: float = 0.95) -> Table:
    """The same with the answers of both waves pooled: per cent with Wilson intervals."""
    shares = answer_shares(coordination_answers(trial), ["arm"], "experience", EXPERIENCES, conf_level)
    rows = [
        (f"coordination_{row['experience']}", row["arm"], statistic, 100 * row[name], row["n"])
        for row in shares.to_dict("records")
        for statistic, name in (("pct", "proportion"), ("ci_low", "conf_low"), ("ci_high", "conf_high"))
    ]
    return Table(
        "text_7.5",
        cells(rows),
        part="pooled",
        columns=_arms(trial),
        conf_level=conf_level,
        rows=[f"coordination_{name}" for name in EXPERIENCES],
    )


def printed_rows_table() -> Table:
    """Section 7.4's counts of both waves beside Table 23's own row and the row printed below it.

    Only categories of the question on least satisfaction whose counts of both waves stand in the text. This table is
    about the report, whatever study is open.
    """
    printed, order = read_published().set_index(KEY)["value"], [*ANSWER_CATEGORIES]
    rows = []
    for name, arm, row, below in (
        ("aspects_of_the_measure", "sfj", order[0], order[1]),
        ("nav", "control", "nav", "psychologist"),
        ("general_practitioner", "control", "general_practitioner", "other_therapists"),
        (TOO_SHORT, "sfj", None, "nav"),
    ):
        key, column = f"{name}_{arm}", f"least_satisfied_{arm}"
        text = sum(printed["text_7.4", f"least_{name}", f"{arm}_{wave}m", "n"] for wave in (6, 12))
        rows += [(key, "text", "n", text), (key, "below", "n", printed["table_23", below, column, "n"])]
        rows.append((key, "same_row", "n", printed["table_23", row, column, "n"] if row else math.nan))
    return Table("printed_rows", cells(rows), columns=["text", "same_row", "below"])


def _waves(trial: Trial) -> list[int]:
    return [wave for wave in trial.study.waves if wave > 0]


def _arms(trial: Trial) -> list[str]:
    return [trial.study.treatment, trial.study.control]


def top_categories(trial: Trial, question: str, arm: str) -> Sentence:
    """The two commonest categories of one question in one arm, with their pooled shares."""
    shares = category_shares(answers_of(trial), ["question", "arm"], ANSWER_CATEGORIES)
    own = shares[(shares["question"] == question) & (shares["arm"] == arm)]
    if own.empty:
        return Sentence("no_answers")
    first, second = own.sort_values("n", ascending=False, kind="stable").head(2).to_dict("records")
    role = "treated" if arm == trial.study.treatment else "control"
    return Sentence(
        f"{question}_{role}",
        {
            "first": Label("categories", first["category"]),
            "first_share": percent(100 * first["proportion"], 0),
            "second": Label("categories", second["category"]),
            "second_share": percent(100 * second["proportion"], 0),
            "answers": count(first["answers"]),
        },
    )


def tools_named(trial: Trial) -> Sentence:
    """Share of the answers on most satisfaction that name tools for coping, by arm."""
    answers = answers_of(trial)
    most = answers[answers["question"] == "most_satisfied"]
    named = most[["category_1", "category_2", "category_3"]].eq("tools").any(axis=1)
    return _compared(trial, "tools_named", most["arm"], named)


def coordination(trial: Trial) -> Sentence:
    """Share of the answers on coordination that tell of good experience, by arm."""
    answers = coordination_answers(trial)
    return _compared(trial, "coordination", answers["arm"], answers["experience"] == "positive")


def _compared(trial: Trial, key: str, arms: pd.Series, values: pd.Series) -> Sentence:
    treated, control = (values[arms == arm] for arm in _arms(trial))
    found = difference_in_proportions(
        treated, control, outcome=key, population="answers", contrast=trial.study.contrast, interval="newcombe"
    )
    return Sentence(
        key,
        {
            "treated": percent(100 * treated.mean(), 0),
            "control": percent(100 * control.mean(), 0),
            "difference": points(100 * found.estimate, 0),
            "answers": count(len(values)),
        },
        direction_of(vars(found)),
    )


def coders(trial: Trial) -> Sentence:
    """Agreement of the coders over all categories, and the category they agreed least on."""
    if not coded_twice(trial):
        return Sentence("no_second_coder")
    found = agreement(trial).set_index("outcome")
    pooled, single = found.loc["all_categories"], found.drop(index="all_categories")["estimate"].dropna()
    return Sentence(
        "coders",
        {
            "kappa": decimal(pooled["estimate"], 2),
            "low": decimal(pooled["conf_low"], 2),
            "high": decimal(pooled["conf_high"], 2),
            "answers": count(pooled["df"]),
            "worst": Label("categories", str(single.idxmin())),
            "worst_kappa": decimal(single.min(), 2),
        },
    )


def answers_counted(trial: Trial) -> Sentence:
    """Number of open answers by arm."""
    by_arm = answers_of(trial)["arm"].value_counts()
    return Sentence(
        "answers_counted",
        {
            "all": count(by_arm.sum()),
            "treated": count(by_arm.get(trial.study.treatment, 0)),
            "control": count(by_arm.get(trial.study.control, 0)),
        },
    )

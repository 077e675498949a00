"""What participants were most and least satisfied with, and how NAV coordinated: coded answers.

Percentages are those of all answers, both follow-ups pooled, with Wilson's interval. Where the published report of the
study took the plain mean of the follow-ups' percentages (rule `user_survey.mean_of_waves`), those come first.
"""

from collections.abc import Sequence

import pandas as pd

from analysis.chapters.user_survey.experience import arms_of
from analysis.frames.needs import Absent, needs, unmet
from analysis.frames.trial import Trial
from analysis.methods.coding import (
    answer_shares,
    category_shares,
    coded_once,
    coder_agreement,
    flag_shares,
    mean_over_waves,
)
from analysis.methods.proportions import difference_in_proportions
from analysis.show.figures import Figure
from analysis.show.prose import Label, Sentence, count, decimal, direction_of, percent
from analysis.show.tables import Table, cells
from analysis.study.contract.answer_tables import ANSWER_CATEGORIES

QUESTIONS = ("most_satisfied", "least_satisfied")
EXPERIENCES = ("positive", "negative", "mixed", "unclassifiable")
TOO_SHORT = "too_short_duration"
PRINTED_RULE = "rule:user_survey.mean_of_waves"


@needs("open_answers")
def answers_of(trial: Trial) -> pd.DataFrame:
    """One row per open answer as the first coder coded it, with the arm."""
    arms = trial.people[["participant_id", "arm"]]
    return coded_once(trial.tables["open_answers"]).merge(arms, on="participant_id", validate="m:1")


def shares_by_wave(trial: Trial) -> pd.DataFrame:
    """Share of the answers with each category by question, arm and wave; see `coding.category_shares`."""
    return category_shares(answers_of(trial), ["question", "arm", "wave"], ANSWER_CATEGORIES)


@needs("open_answers")
def categories_table(trial: Trial, conf_level: float = 0.95) -> Table:
    """Categories of the answers by question and arm: number and per cent of all answers with Wilson's interval.

    By the printed rule the mean of the waves' percentages, without interval.
    """
    sizes = answers_of(trial).groupby(["question", "arm"], observed=True).size()
    rows = [("header_n", f"{question}_{arm}", "n", n, n) for (question, arm), n in sizes.items()]
    if unmet(trial, PRINTED_RULE):
        found = _pooled_cells(trial, conf_level, "n", "pct", "ci_low", "ci_high")
    else:
        joined = mean_over_waves(shares_by_wave(trial), ["question", "arm", "category"])
        found = _cells(joined, "n", "pct")
    order = ["header_n", *ANSWER_CATEGORIES]
    return Table("categories", cells(found + rows), rows=order, columns=_columns(trial), conf_level=conf_level)


@needs("open_answers", PRINTED_RULE)
def categories_pooled(trial: Trial, conf_level: float = 0.95) -> Table:
    """The same with the answers of all waves pooled: per cent of all answers, with Wilson intervals."""
    found = _pooled_cells(trial, conf_level, "pct", "ci_low", "ci_high")
    return Table(
        "categories",
        cells(found),
        part="pooled",
        rows=list(ANSWER_CATEGORIES),
        columns=_columns(trial),
        conf_level=conf_level,
    )


def _pooled_cells(trial: Trial, conf_level: float, *statistics: str) -> list[tuple]:
    shares = category_shares(answers_of(trial), ["question", "arm"], ANSWER_CATEGORIES, conf_level)
    return _cells(shares, *statistics)


def _cells(shares: pd.DataFrame, *statistics: str) -> list[tuple]:
    """Cells of shares by question, arm and category, in per cent."""
    return [
        (row["category"], f"{row['question']}_{row['arm']}", statistic, value, row["n"])
        for row in shares.to_dict("records")
        for statistic, value in _values(row, statistics)
    ]


def _values(row: dict, statistics: Sequence[str]) -> list[tuple[str, float]]:
    names = {"pct": "proportion", "ci_low": "conf_low", "ci_high": "conf_high"}
    return [(name, row["n"] if name == "n" else 100 * row[names[name]]) for name in statistics]


def _columns(trial: Trial) -> dict[str, list[str]]:
    return {question: [f"{question}_{arm}" for arm in arms_of(trial)] for question in QUESTIONS}


@needs("open_answers")
def by_wave_table(trial: Trial, question: str) -> Table | Absent:
    """Categories of one question by arm and wave: number and per cent of the answers."""
    shares, answers = shares_by_wave(trial), answers_of(trial)
    own = shares[shares["question"] == question]
    if own.empty:
        return Absent("open_answers")
    if question == "least_satisfied":
        short = flag_shares(answers[answers["question"] == question], TOO_SHORT, ["arm", "wave"])
        own = pd.concat([own, short.assign(category=TOO_SHORT)])
    rows = [cell for row in own.to_dict("records") for cell in wave_cells(row, row["category"])]
    sizes = own.drop_duplicates(["arm", "wave"]).to_dict("records")
    rows += [("header_n", wave_column(row), "n", row["answers"], row["answers"]) for row in sizes]
    order = ["header_n", *ANSWER_CATEGORIES, *([TOO_SHORT] if question == "least_satisfied" else [])]
    return Table("categories", cells(rows), part=question, rows=order, columns=wave_columns(trial))


def wave_column(row: dict) -> str:
    """Name of the column of an arm and wave."""
    return f"{row['arm']}_{row['wave']}m"


def wave_columns(trial: Trial) -> list[str]:
    """Columns by arm and wave after inclusion, the treated first."""
    waves = trial.study.follow_up_waves
    return [wave_column({"arm": arm, "wave": wave}) for arm in arms_of(trial) for wave in waves]


def wave_cells(row: dict, name: str) -> list[tuple]:
    """Number and per cent of one category in one arm and wave."""
    column = wave_column(row)
    return [(name, column, "n", row["n"], row["n"]), (name, column, "pct", 100 * row["proportion"], row["n"])]


@needs("open_answers")
def category_figure(trial: Trial, question: str) -> Figure | Absent:
    """Share of the answers with each category by arm, the categories that differ most first."""
    shares = category_shares(answers_of(trial), ["question", "arm"], ANSWER_CATEGORIES)
    own = shares[shares["question"] == question]
    if set(own["arm"]) != set(arms_of(trial)):
        return Absent("open_answers")
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


@needs("two_coders")
def agreement_table(trial: Trial, conf_level: float = 0.95) -> Table:
    """Cohen's kappa between the two coders by category, and the share of equal decisions."""
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


@needs("two_coders")
def agreement(trial: Trial, conf_level: float = 0.95) -> pd.DataFrame:
    """Estimate rows of the coders' agreement; see `coding.coder_agreement`."""
    return coder_agreement(trial.tables["open_answers"], ANSWER_CATEGORIES, conf_level)


@needs("coordination")
def coordination_answers(trial: Trial) -> pd.DataFrame:
    """One row per answer on NAV's coordination with the arm."""
    return trial.tables["coordination"].merge(trial.people[["participant_id", "arm"]], on="participant_id")


@needs("coordination")
def coordination_table(trial: Trial, conf_level: float = 0.95) -> Table:
    """Experience of NAV's coordination by arm: number and per cent of the answers with Wilson's interval.

    By the printed rule the mean of the waves' percentages, without interval.
    """
    if unmet(trial, PRINTED_RULE):
        rows = _coordination_pooled(trial, conf_level, "n", "pct", "ci_low", "ci_high")
    else:
        shares = answer_shares(coordination_answers(trial), ["arm", "wave"], "experience", EXPERIENCES)
        rows = _coordination_cells(mean_over_waves(shares, ["arm", "experience"]), "n", "pct")
    return _coordination_table(trial, rows, conf_level)


@needs("coordination", PRINTED_RULE)
def coordination_pooled(trial: Trial, conf_level: float = 0.95) -> Table:
    """The same with the answers of all waves pooled: per cent with Wilson intervals."""
    rows = _coordination_pooled(trial, conf_level, "pct", "ci_low", "ci_high")
    return _coordination_table(trial, rows, conf_level, part="pooled")


def _coordination_pooled(trial: Trial, conf_level: float, *statistics: str) -> list[tuple]:
    shares = answer_shares(coordination_answers(trial), ["arm"], "experience", EXPERIENCES, conf_level)
    return _coordination_cells(shares, *statistics)


def _coordination_cells(shares: pd.DataFrame, *statistics: str) -> list[tuple]:
    return [
        (f"coordination_{row['experience']}", row["arm"], statistic, value, row["n"])
        for row in shares.to_dict("records")
        for statistic, value in _values(row, statistics)
    ]


def _coordination_table(trial: Trial, rows: list[tuple], conf_level: float, part: str = "") -> Table:
    order = [f"coordination_{name}" for name in EXPERIENCES]
    return Table("coordination", cells(rows), columns=arms_of(trial), rows=order, conf_level=conf_level, part=part)


@needs("open_answers")
def top_categories(trial: Trial, question: str) -> list[Sentence | Absent]:
    """The two commonest categories of one question with their pooled shares, one sentence for each arm."""
    shares = category_shares(answers_of(trial), ["question", "arm"], ANSWER_CATEGORIES)
    own = shares[shares["question"] == question]
    return [
        _top(question, role, own[own["arm"] == arm])
        for role, arm in zip(("treated", "control"), arms_of(trial), strict=True)
    ]


def _top(question: str, role: str, shares: pd.DataFrame) -> Sentence | Absent:
    named = shares[shares["n"] > 0].sort_values("n", ascending=False, kind="stable").head(2).to_dict("records")
    if not named:
        return Absent("open_answers")
    first = named[0]
    values = {
        "first": Label("categories", first["category"]),
        "first_share": percent(100 * first["proportion"], 0),
        "answers": count(first["answers"]),
        "second": _second(named[1]) if len(named) > 1 else "",
    }
    return Sentence(f"{question}_{role}", values)


def _second(row: dict) -> Sentence:
    values = {"category": Label("categories", row["category"]), "share": percent(100 * row["proportion"], 0)}
    return Sentence("second_category", values)


@needs("open_answers")
def tools_named(trial: Trial, conf_level: float = 0.95) -> Sentence | Absent:
    """Share of the answers on most satisfaction that name tools for coping, by arm."""
    answers = answers_of(trial)
    most = answers[answers["question"] == "most_satisfied"]
    named = most[["category_1", "category_2", "category_3"]].eq("tools").any(axis=1)
    return _compared(trial, "tools_named", most["arm"], named, conf_level)


@needs("coordination")
def coordination(trial: Trial, conf_level: float = 0.95) -> Sentence | Absent:
    """Share of the answers on coordination that tell of good experience, by arm."""
    answers = coordination_answers(trial)
    return _compared(trial, "coordination", answers["arm"], answers["experience"] == "positive", conf_level)


def _compared(trial: Trial, key: str, arms: pd.Series, values: pd.Series, conf_level: float) -> Sentence | Absent:
    treated, control = (values[arms == arm] for arm in arms_of(trial))
    if treated.empty or control.empty:
        return Absent("open_answers")
    found = difference_in_proportions(
        treated, control, outcome=key, population="answers", contrast=trial.study.contrast, interval="newcombe",
        conf_level=conf_level,
    )  # fmt: skip
    return Sentence(
        key,
        {
            "treated": percent(100 * treated.mean(), 0),
            "control": percent(100 * control.mean(), 0),
            "low": decimal(100 * found.conf_low),
            "high": decimal(100 * found.conf_high),
            "level": count(100 * conf_level),
            "answers": count(len(values)),
        },
        direction_of(vars(found)),
    )


@needs("two_coders")
def coders(trial: Trial) -> Sentence:
    """Agreement of the coders over all categories, and the category they agreed least on."""
    found = agreement(trial).set_index("outcome")
    pooled, single = found.loc["all_categories"], found.drop(index="all_categories")["estimate"].dropna()
    if pd.isna(pooled["conf_low"]) or single.empty:
        return Sentence("coders_unknown", {"answers": count(pooled["df"])})
    return Sentence(
        "coders",
        {
            "kappa": decimal(pooled["estimate"], 2),
            "low": decimal(pooled["conf_low"], 2),
            "high": decimal(pooled["conf_high"], 2),
            "answers": count(pooled["df"]),
            "worst": _worst(single),
        },
    )


def _worst(kappas: pd.Series) -> Sentence | str:
    """The category the coders agreed least on; nothing when there is one only, or they agree alike on all."""
    if kappas.nunique() < 2:
        return ""
    name = Label("categories", str(kappas.idxmin()))
    return Sentence("coders_worst", {"category": name, "kappa": decimal(kappas.min(), 2)})


@needs("open_answers")
def answers_counted(trial: Trial) -> Sentence:
    """Number of open answers by arm."""
    by_arm = answers_of(trial)["arm"].value_counts()
    values = {role: count(by_arm[arm]) for role, arm in zip(("treated", "control"), arms_of(trial), strict=True)}
    return Sentence("answers_counted", {"all": count(by_arm.sum()), **values})

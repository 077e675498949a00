"""What participants were most and least satisfied with, and how NAV coordinated: coded answers.

Percentages are those of all answers, the follow-ups pooled. Where the published report of the study took the plain mean
of the follow-ups' percentages (rule `user_survey.mean_of_waves`), table, figures and sentences do so. Both ways stand
side by side in a table of their own. Intervals take the answers of one person together.
"""

from collections.abc import Sequence
from functools import partial

import pandas as pd

from analysis.chapters._shown_from import level_of, shown_from
from analysis.chapters.user_survey.experience import arms_of
from analysis.frames.needs import Absent, needs, unmet
from analysis.frames.trial import Trial
from analysis.methods.coding import category_shares, coded_once, difference_of_shares, flag_shares
from analysis.methods.repeated_answers import categories_given, repeated_shares
from analysis.show.figures import Figure, titled
from analysis.show.places import Place, places
from analysis.show.prose import Label, Sentence, count, decimal, direction_of, labels, percent, tally
from analysis.show.tables import Table, cells
from analysis.study.contract.answer_tables import ANSWER_CATEGORIES

QUESTIONS = ("most_satisfied", "least_satisfied")
EXPERIENCES = ("positive", "negative", "mixed", "unclassifiable")
TOO_SHORT = "too_short_duration"
# Ways to make one percentage of several follow-ups: whether it is the mean of theirs.
WAYS = {"mean": True, "pooled": False}
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
def shares_of(trial: Trial, conf_level: float = 0.95, mean_of_waves: bool | None = None) -> pd.DataFrame:
    """Share of the answers with each category by question and arm, the waves joined as said, else as the study does."""
    answers, joined = answers_of(trial), _as_study(trial) if mean_of_waves is None else mean_of_waves
    given = categories_given(answers, ANSWER_CATEGORIES)
    by = ["question", "arm"]
    shares = repeated_shares(answers, given, by, "category", mean_of_waves=joined, conf_level=conf_level)
    return shares.assign(conf_level=conf_level)


def _as_study(trial: Trial) -> bool:
    """Whether the study takes the mean of the follow-ups' percentages."""
    return unmet(trial, PRINTED_RULE) is None


def how_joined(trial: Trial) -> Label:
    """How percentages of several waves are made one."""
    return Label("joined", "pooled" if unmet(trial, PRINTED_RULE) else "mean_of_waves")


@needs("open_answers")
@shown_from(shares=shares_of)
def categories_table(trial: Trial, shares: pd.DataFrame) -> Table:
    """Categories of the answers by question and arm: number and per cent of all answers with its interval.

    By the printed rule the mean of the waves' percentages, without interval.
    """
    sizes = answers_of(trial).groupby(["question", "arm"], observed=True).size()
    rows = [("header_n", f"{question}_{arm}", "n", n, n) for (question, arm), n in sizes.items()]
    shown = ("n", "pct", "ci_low", "ci_high") if unmet(trial, PRINTED_RULE) else ("n", "pct")
    found, level = _cells(shares, *shown), level_of(shares)
    order = ["header_n", *ANSWER_CATEGORIES]
    return Table("categories", cells(found + rows), rows=order, columns=_columns(trial), conf_level=level)


@needs("answered_again:open_answers")
def shares_joined(trial: Trial, conf_level: float = 0.95) -> pd.DataFrame:
    """`shares_of` with the follow-ups joined in both ways (`way`): the mean of theirs, and pooled."""
    return pd.concat([shares_of(trial, conf_level, mean).assign(way=way) for way, mean in WAYS.items()])


@needs("answered_again:open_answers")
@shown_from(shares=shares_joined)
def categories_joined(trial: Trial, question: str, shares: pd.DataFrame) -> Table:
    """One question's categories by arm, the follow-ups joined in both ways: per cent with intervals."""
    rows = [
        (row["category"], f"{row['arm']}_{row['way']}", statistic, value, row["n"])
        for row in shares[shares["question"] == question].to_dict("records")
        for statistic, value in _values(row, ("pct", "ci_low", "ci_high"))
    ]
    columns = {arm: [f"{arm}_{way}" for way in WAYS] for arm in arms_of(trial)}
    order, level = list(ANSWER_CATEGORIES), level_of(shares)
    return Table("categories_joined", cells(rows), part=question, rows=order, columns=columns, conf_level=level)


@needs("answered_again:open_answers")
def answered_again(trial: Trial) -> Sentence:
    """How many people answered at more than one follow-up, and how far the two ways of joining them part at most."""
    answers = answers_of(trial)
    waves = answers.groupby("participant_id")["wave"].nunique()
    shares = {way: shares_of(trial, mean_of_waves=mean)["proportion"] for way, mean in WAYS.items()}
    apart = (shares["mean"] - shares["pooled"]).abs().max()
    values = {"again": count((waves > 1).sum()), "people": count(len(waves)), "apart": decimal(100 * apart)}
    return Sentence("answered_again", {**values, "joined": how_joined(trial)})


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
@shown_from(shares=shares_of)
def category_figure(trial: Trial, question: str, shares: pd.DataFrame) -> Figure | Absent:
    """Share of the answers with each category by arm, the categories that differ most first."""
    own = shares[shares["question"] == question]
    if set(own["arm"]) != set(arms_of(trial)):
        return Absent("open_answers")
    wide = own.pivot(index="category", columns="arm", values="proportion")
    order = (wide[trial.study.treatment] - wide[trial.study.control]).sort_values(ascending=False).index
    frame = own.assign(row=pd.Categorical(own["category"], order, ordered=True)).sort_values(["row", "arm"])
    frame = frame.assign(row=frame["row"].astype(str), n=frame["answers"].astype("float64"))
    frame = frame.rename(columns={"proportion": "estimate"})
    options = {"percent": True, "treatment": trial.study.treatment}
    figure = Figure(question, "dots", frame[["row", "arm", "estimate", "n"]], options, {"joined": how_joined(trial)})
    return titled(figure, _commonest(wide, trial))


def _commonest(wide: pd.DataFrame, trial: Trial) -> Sentence | None:
    """The category that most answers of each arm have, or those that share the first place; None if not known."""
    firsts = {role: places((100 * wide[arm]).to_dict(), fewest=1, decimals=1)
              for role, arm in zip(("treated", "control"), arms_of(trial), strict=True)}  # fmt: skip
    if not all(firsts.values()):
        return None
    return Sentence("commonest_drawn", {role: category_place(found[0]) for role, found in firsts.items()})


@needs("coordination")
def coordination_answers(trial: Trial) -> pd.DataFrame:
    """One row per answer on NAV's coordination with the arm."""
    return trial.tables["coordination"].merge(trial.people[["participant_id", "arm"]], on="participant_id")


@needs("coordination")
def coordination_shares(trial: Trial, conf_level: float = 0.95, mean_of_waves: bool | None = None) -> pd.DataFrame:
    """Share of the answers with each experience by arm, the waves joined as said, else as the study does."""
    answers, joined = coordination_answers(trial), _as_study(trial) if mean_of_waves is None else mean_of_waves
    answers = answers.dropna(subset="experience")
    given = pd.DataFrame({name: answers["experience"] == name for name in EXPERIENCES})
    shares = repeated_shares(answers, given, ["arm"], "experience", mean_of_waves=joined, conf_level=conf_level)
    return shares.assign(conf_level=conf_level)


@needs("coordination")
@shown_from(shares=coordination_shares)
def coordination_table(trial: Trial, shares: pd.DataFrame) -> Table:
    """Experience of NAV's coordination by arm: number and per cent of the answers with its interval.

    By the printed rule the mean of the waves' percentages, without interval.
    """
    shown = ("n", "pct", "ci_low", "ci_high") if unmet(trial, PRINTED_RULE) else ("n", "pct")
    return _coordination_table(trial, shares, *shown)


@needs("coordination", PRINTED_RULE)
@shown_from(shares=partial(coordination_shares, mean_of_waves=False))
def coordination_pooled(trial: Trial, shares: pd.DataFrame) -> Table:
    """The same with the answers of all waves pooled: per cent with intervals."""
    return _coordination_table(trial, shares, "pct", "ci_low", "ci_high", part="pooled")


def _coordination_table(trial: Trial, shares: pd.DataFrame, *statistics: str, part: str = "") -> Table:
    rows = [
        (f"coordination_{row['experience']}", row["arm"], statistic, value, row["n"])
        for row in shares.to_dict("records")
        for statistic, value in _values(row, statistics)
    ]
    order = [f"coordination_{name}" for name in EXPERIENCES]
    level = level_of(shares)
    return Table("coordination", cells(rows), columns=arms_of(trial), rows=order, conf_level=level, part=part)


@needs("open_answers")
def top_categories(trial: Trial, question: str) -> list[Sentence | Absent]:
    """The two commonest categories of one question, more where some tie, one sentence for each arm."""
    shares = shares_of(trial)
    own = shares[(shares["question"] == question) & (shares["n"] > 0)]
    return [
        _top(trial, question, role, own[own["arm"] == arm])
        for role, arm in zip(("treated", "control"), arms_of(trial), strict=True)
    ]


def _top(trial: Trial, question: str, role: str, shares: pd.DataFrame) -> Sentence | Absent:
    ranked = places((100 * shares.set_index("category")["proportion"]).to_dict(), fewest=2, decimals=1)
    if not ranked:
        return Absent("open_answers")
    values = {
        "first": category_place(ranked[0]),
        "second": Sentence("second_place", {"place": category_place(ranked[1])}) if len(ranked) > 1 else "",
        "answers": count(shares["answers"].iloc[0]),
        "joined": how_joined(trial),
    }
    return Sentence(f"{question}_{role}", values)


def category_place(place: Place) -> Sentence:
    """All categories that share a place, with their per cent."""
    values = {"categories": labels("categories", place.keys), "share": percent(place.value)}
    return Sentence("place_of_one" if len(place.keys) == 1 else "place_of_several", values)


@needs("open_answers")
def tools_named(trial: Trial, conf_level: float = 0.95) -> Sentence | Absent:
    """Share of the answers on most satisfaction that name tools for coping, by arm."""
    shares = shares_of(trial, conf_level)
    own = shares[(shares["question"] == "most_satisfied") & (shares["category"] == "tools")]
    return _compared(trial, "tools_named", own, conf_level)


@needs("coordination")
def coordination(trial: Trial, conf_level: float = 0.95) -> Sentence | Absent:
    """Share of the answers on coordination that tell of good experience, by arm."""
    shares = coordination_shares(trial, conf_level)
    return _compared(trial, "coordination", shares[shares["experience"] == "positive"], conf_level)


def _compared(trial: Trial, key: str, shares: pd.DataFrame, conf_level: float) -> Sentence | Absent:
    """Two shares, one an arm, and the interval of their difference."""
    by_arm = shares.set_index("arm").to_dict("index")
    if set(by_arm) != set(arms_of(trial)):
        return Absent("open_answers")
    treated, control = (by_arm[arm] for arm in arms_of(trial))
    found = difference_of_shares(treated, control)
    values = {
        "treated": percent(100 * treated["proportion"]),
        "control": percent(100 * control["proportion"]),
        "low": decimal(100 * found["conf_low"]),
        "high": decimal(100 * found["conf_high"]),
        "level": tally(100 * conf_level),
        "answers": count(treated["answers"] + control["answers"]),
        "joined": how_joined(trial),
    }
    return Sentence(key, values, direction_of(found))


@needs("open_answers")
def answers_counted(trial: Trial) -> Sentence:
    """Number of open answers by arm."""
    by_arm = answers_of(trial)["arm"].value_counts()
    values = {role: count(by_arm[arm]) for role, arm in zip(("treated", "control"), arms_of(trial), strict=True)}
    return Sentence("answers_counted", {"all": count(by_arm.sum()), **values})

"""The findings of the chapters in the order of the questions, with what limits them."""

from collections.abc import Iterable
from dataclasses import replace
from math import nan

import pandas as pd

from analysis.chapters import cost_benefit, employment, health, participants, user_survey
from analysis.chapters._shown_from import level_of, shown_from
from analysis.chapters.employment.shares import outcome_label, times_in_words
from analysis.chapters.health.measures import scores_in
from analysis.frames.needs import Absent, needs, unmet
from analysis.frames.trial import Trial
from analysis.published.prints import report_of
from analysis.published.scorecard import addresses
from analysis.show import prose
from analysis.show.figures import Figure
from analysis.show.prose import Label, Sentence
from analysis.show.tables import FRACTIONS, Table

# The scores shown, of those that a study has, and those that are told in a sentence.
SCORES = ("hads_depression", "hads_anxiety", "subjective_health_complaints", "fatigue", "health_ladder")
# The rule of a report that names rows in its own way.
KEYS = "summary.keys"
TOLD_SCORES = ("hads_depression", "hads_anxiety")


@needs("registers")
def title(trial: Trial, conf_level: float = 0.95) -> Sentence:
    """What was found on the outcome the study was planned for, in one line; without two arms, what share there was."""
    study, row = trial.study, _primary_row(trial)
    found = _work_cells(trial, conf_level)
    gap = found.loc[(row, _gap(trial))] if study.has_arms and (row, _gap(trial)) in found.index else None
    if gap is None or pd.isna(gap["difference"]):
        return replace(employment.title(trial, conf_level), of="employment")
    direction = prose.direction_of({"conf_low": gap["ci_low"], "conf_high": gap["ci_high"]})
    values = {
        "points": prose.points(100 * gap["difference"]),
        "difference": prose.decimal(100 * gap["difference"]),
        "low": prose.decimal(100 * gap["ci_low"]),
        "high": prose.decimal(100 * gap["ci_high"]),
        "level": prose.count(100 * conf_level),
        "outcome": outcome_label(study.primary_outcome),
        "at": prose.month(study.primary_at),
    }
    return Sentence("title", values, direction)


@needs("registers")
@shown_from(compared=employment.compare_late)
def table_work(trial: Trial, compared: pd.DataFrame) -> Table:
    """Shares with the outcomes at the main times, from `employment.late_shares_table`; see `main_rows`."""
    shown = main_rows(trial)
    shares = employment.late_shares_table(trial, compared).cells
    kept = shares[shares["row"].isin(shown)]
    at, last = trial.study.primary_at, trial.study.late.last
    values = {"at": prose.month(at), "last": prose.month(last), "times": times_in_words(at, last)}
    return Table("main_work", kept.assign(row=kept["row"].map(shown)), fractions=(*FRACTIONS, "difference"),
                 rows=list(shown.values()), unit="proportion", values=values,
                 conf_level=level_of(compared))  # fmt: skip


def main_rows(trial: Trial) -> dict[str, str]:
    """Rows of the employment chapter → what this page calls them: every outcome at the time of the primary one, which
    leads, and the primary outcome at the end of the late window."""
    study = trial.study
    printed = study.as_printed.rules.get(KEYS, {}) if study.as_printed else {}
    others = [code for code in study.monthly_outcomes if code != study.primary_outcome]
    times = [(study.primary_at, code) for code in (study.primary_outcome, *others)]
    return {
        f"{study.unit}_{at}_{code}": printed.get(f"{code}_{study.unit}_{at}", f"{code}_{study.unit}_{at}")
        for at, code in [*times, (study.late.last, study.primary_outcome)]
    }


def _primary_row(trial: Trial) -> str:
    return next(iter(main_rows(trial)))


@needs("arms", "follow_up_waves", "instruments")
@shown_from(compared=health.compare_scores, fitted=health.adjusted_differences)
def table_health(trial: Trial, compared: pd.DataFrame, fitted: pd.DataFrame) -> Table | Absent:
    """Mean scores at the last wave in both arms, and their difference at equal scores at inclusion."""
    means, adjusted = health.scores_at_last_wave(trial, compared), health.adjusted_scores(trial, fitted)
    if lacking := next((each for each in (means, adjusted) if isinstance(each, Absent)), None):
        return lacking
    arms = means.cells[means.cells["row"].isin(SCORES) & means.cells["statistic"].isin(["n", "mean"])]
    equal = adjusted.cells["column"] == "adjusted_baseline"
    differences = adjusted.cells[adjusted.cells["row"].isin(SCORES) & equal]
    both = pd.concat([arms, differences])
    rows = [score for score in SCORES if score in set(both["row"])]
    if not rows:
        return Absent("instruments")
    return Table("main_health", both, {"mean": 1, "b": 2}, rows=rows, unit="score", conf_level=level_of(compared),
                 values={"wave": prose.month(trial.study.follow_up_waves[-1])})  # fmt: skip


@needs("arms", "registers")
@shown_from(compared=employment.compare_late)
def figure_effects(trial: Trial, compared: pd.DataFrame) -> Figure | Absent:
    """Differences in work by time and outcome as intervals, in percentage points."""
    found, conf_level = _wide(trial, compared), level_of(compared)
    known = [row for row in main_rows(trial) if (row, _gap(trial)) in found.index]
    gaps = found.loc[[(row, _gap(trial)) for row in known], ["difference", "ci_low", "ci_high"]].dropna() * 100
    if gaps.empty:
        return Absent("arms")
    frame = gaps.set_axis(["estimate", "conf_low", "conf_high"], axis=1).reset_index(level="column", drop=True)
    cells = employment.late_shares_table(trial, compared).cells.query("statistic == 'proportion'")
    people = cells.pivot(index="row", columns="column", values="count").reindex(frame.index).astype("float64")
    frame = frame.assign(n_treated=people[trial.study.treatment], n_control=people[trial.study.control])
    frame = frame.assign(printed=[_printed_gap(trial, row) for row in frame.index]).dropna(axis="columns", how="all")
    frame = frame.rename(index=main_rows(trial)).rename_axis("row").reset_index()
    values = {
        "intervals": prose.count(len(frame)),
        "first": Label("rows", frame["row"].iloc[0]),
        "points": prose.points(float(frame["estimate"].iloc[0])),
    }
    return Figure("effects", "forest", frame, {"decimals": 1}, values, finding=_shown(title(trial, conf_level)))


def _shown(found: Sentence) -> Sentence | None:
    """The finding above the chart, in the words of the title without its emphasis."""
    return replace(found, key="chart") if found.key == "title" and found.of is None else None


def _printed_gap(trial: Trial, row: str) -> float:
    """The difference that the published report prints in this row of its table of the late shares, in points."""
    printed = trial.study.as_printed
    if printed is None or unmet(trial, "published") or "employment.late_shares" not in printed.tables:
        return nan
    cells = report_of(trial).cells
    column = "{treatment}_minus_{control}".format(**printed.arms)
    address = f"{printed.tables['employment.late_shares']}/{row}/{column}/difference"
    return 100 * float(cells.set_index(addresses(cells))["value"].get(address, nan))


@needs("registers")
def work_findings(trial: Trial, conf_level: float = 0.95) -> list[Sentence | Absent]:
    """The employment chapter's key findings."""
    settings = {"conf_level": conf_level}
    return [employment.main_result(trial, **settings), *employment.other_results(trial, **settings),
            employment.last_month(trial, **settings)]  # fmt: skip


@needs("arms", "follow_up_waves")
def health_findings(trial: Trial, conf_level: float = 0.95) -> list[Sentence | Absent]:
    """The health chapter's adjusted results on depression and anxiety, and what is left once all scores are counted."""
    found = [health.adjusted_result(trial, column, conf_level) for column in TOLD_SCORES]
    found.append(health.correction_in_short(trial, conf_level))
    found = [each if isinstance(each, Absent) else replace(each, finding=True) for each in found]
    return [*found, *picked_scores(trial, found)]


def picked_scores(trial: Trial, told: Iterable[Sentence | Absent]) -> list[Sentence]:
    """Beside clear differences of some scores, that they are some of several; in words, since on invented people what
    is left when all are counted is no finding of the summary."""
    if trial.study.data != "synthetic":
        return []
    clear = [each for each in told if not isinstance(each, Absent) and each.direction in ("higher", "lower")]
    several = unmet(trial, "arms", "follow_up_waves", "instruments") is None and len(scores_in(trial)) > len(clear)
    return [Sentence("picked_scores", of="summary")] if clear and several else []


def limits(trial: Trial) -> list[Sentence | Absent]:
    """What the arms looked like at inclusion, and for how many the registers reach how far."""
    said = {"participants": participants.balance_reading(trial), "employment": employment.observed(trial)}
    known = [replace(each, of=of) for of, each in said.items() if not isinstance(each, Absent)]
    return known or [Absent("arms")]


def economic_findings(trial: Trial) -> list[Sentence | Absent]:
    """Did it pay, as the front page has it, and what effect would; of invented people what is in print comes alone."""
    found = cost_benefit.did_it_pay(trial)
    if isinstance(found, Absent):
        return [found]
    known = [found.in_print] if trial.study.data == "synthetic" else [found.from_data, found.in_print]
    return [*known, cost_benefit.break_even(trial)]


def user_findings(trial: Trial) -> list[Sentence | Absent]:
    """The user survey's key findings."""
    return [user_survey.title(trial), user_survey.tools_named(trial)]


def key_numbers(trial: Trial, conf_level: float = 0.95) -> dict[str, float]:
    """Numbers for the test of the notebook; none where there is nothing to compare."""
    if isinstance(figure_effects(trial, conf_level=conf_level), Absent):
        return {}
    study, gap = trial.study, _work_cells(trial, conf_level).loc[(_primary_row(trial), _gap(trial))]
    name = f"{study.primary_outcome}_{study.unit[0]}{study.primary_at}"
    ends = {"difference": "difference", "low": "ci_low", "high": "ci_high"}
    return {f"{name}_{end}": 100 * gap[column] for end, column in ends.items()}


def _work_cells(trial: Trial, conf_level: float) -> pd.DataFrame:
    return _wide(trial, employment.compare_late(trial, conf_level))


def _wide(trial: Trial, compared: pd.DataFrame) -> pd.DataFrame:
    """The work table with one row per (row, column) and one column per statistic."""
    shares = employment.late_shares_table(trial, compared).cells
    return shares.pivot(index=["row", "column"], columns="statistic", values="value")


def _gap(trial: Trial) -> str:
    """The column that holds the difference between the arms."""
    return f"{trial.study.treatment}_minus_{trial.study.control}"

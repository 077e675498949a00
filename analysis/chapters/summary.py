"""Chapter: the findings of all chapters on one page. Numbers and sentences are those of the chapters themselves."""

from dataclasses import replace

import pandas as pd

from analysis.chapters import cost_benefit, employment, health, user_survey
from analysis.frames.trial import Trial
from analysis.show import prose
from analysis.show.figures import Figure
from analysis.show.prose import Sentence
from analysis.show.tables import Table

WORK = ("month_12_fully_or_partly_in_work", "month_12_in_work_no_benefits", "month_18_fully_or_partly_in_work")
HEALTH = ("hads_depression", "hads_anxiety", "subjective_health_complaints", "fatigue", "health_ladder")


def title(trial: Trial, conf_level: float = 0.95) -> Sentence:
    """What the trial found on the outcome it was planned for, in one line."""
    cell = _work_cells(trial, conf_level).loc[(WORK[0], f"{_treatment(trial)}_minus_{_control(trial)}")]
    direction = prose.direction_of({"conf_low": cell["ci_low"], "conf_high": cell["ci_high"]})
    values = {"points": prose.points(100 * cell["difference"], 0)}
    return Sentence("title", values, direction)


def table_work(trial: Trial, conf_level: float = 0.95) -> Table:
    """Shares in work in both arms and their difference, the rows of `late_shares_table` for the main times."""
    whole = employment.late_shares_table(trial, conf_level)
    kept = whole.cells[whole.cells["row"].isin(WORK)]
    return Table("main_work", kept, {"proportion": 3, "difference": 3}, rows=list(WORK), unit="proportion",
                 conf_level=conf_level)  # fmt: skip


def table_health(trial: Trial, conf_level: float = 0.95) -> Table:
    """Mean scores after 12 months in both arms and their difference at equal baseline, from Tables 10 and 11."""
    means = health.scores_at_last_wave(trial, conf_level).cells
    adjusted = health.adjusted_scores(trial, conf_level).cells
    arms = means[means["row"].isin(HEALTH) & means["statistic"].isin(["n", "mean"])]
    differences = adjusted[adjusted["row"].isin(HEALTH) & (adjusted["column"] == "adjusted_baseline")]
    return Table("main_health", pd.concat([arms, differences]), {"mean": 1, "b": 2}, rows=list(HEALTH), unit="score",
                 conf_level=conf_level)  # fmt: skip


def figure_effects(trial: Trial, conf_level: float = 0.95) -> Figure:
    """Differences in work by month and outcome as intervals, in percentage points."""
    found = _work_cells(trial, conf_level)
    rows = [
        {"row": row, "estimate": 100 * cell["difference"], "conf_low": 100 * cell["ci_low"],
         "conf_high": 100 * cell["ci_high"]}
        for (row, column), cell in found.iterrows()
        if row in WORK and column == f"{_treatment(trial)}_minus_{_control(trial)}"
    ]  # fmt: skip
    frame = pd.DataFrame(rows).set_index("row").loc[list(WORK)].reset_index()
    values = {"points": prose.points(float(frame["estimate"].iloc[0]), 0)}
    return Figure("effects", "forest", frame, {"decimals": 1}, values)


def work_findings(trial: Trial, conf_level: float = 0.95) -> list[Sentence]:
    """The employment chapter's key findings."""
    settings = {"conf_level": conf_level}
    return [employment.main_result(trial, **settings), *employment.other_results(trial, **settings),
            employment.last_month(trial, **settings)]  # fmt: skip


def health_findings(trial: Trial, conf_level: float = 0.95) -> list[Sentence]:
    """The health chapter's adjusted results on depression and anxiety."""
    found = [health.adjusted_result(trial, column, conf_level) for column in ("hads_depression", "hads_anxiety")]
    return [replace(sentence, finding=True) for sentence in found]


def economic_findings(trial: Trial) -> list[Sentence]:
    """The cost–benefit chapter's key findings."""
    return [cost_benefit.net_value(trial), cost_benefit.break_even(trial)]


def user_findings(trial: Trial) -> list[Sentence]:
    """The user survey's key findings."""
    return [user_survey.title(trial), user_survey.tools_named(trial)]


def key_numbers(trial: Trial, conf_level: float = 0.95) -> dict[str, float]:
    """Numbers for the test of the notebook."""
    cell = _work_cells(trial, conf_level).loc[(WORK[0], f"{_treatment(trial)}_minus_{_control(trial)}")]
    return {"difference": cell["difference"], "ci_low": cell["ci_low"], "ci_high": cell["ci_high"]}


def _work_cells(trial: Trial, conf_level: float) -> pd.DataFrame:
    """Table 8 with one row per (row, column) and one column per statistic."""
    cells = employment.late_shares_table(trial, conf_level).cells
    return cells.pivot(index=["row", "column"], columns="statistic", values="value")


def _treatment(trial: Trial) -> str:
    return str(trial.study.treatment)


def _control(trial: Trial) -> str:
    return str(trial.study.control)

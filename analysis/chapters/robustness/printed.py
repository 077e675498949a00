"""What a published report lets a reader reckon for other outcomes than its own: from its shares by status alone."""

from dataclasses import replace

import pandas as pd

from analysis.chapters.robustness.people import family
from analysis.frames.trial import Trial, once_a_trial
from analysis.methods.estimates import Estimate, estimate_frame
from analysis.methods.proportions import difference_in_proportions
from analysis.published.prints import report_of
from analysis.study.outcome_rules import AT_A_TIME, Outcome

# Tables by the names of the chapter that computes them; a report's own are in as_printed.yml.
STATUSES, SHARES = "employment.statuses", "employment.late_shares"
RECKONED = "printed counts"


@once_a_trial
def printed_checks(trial: Trial, conf_level: float = 0.95) -> pd.DataFrame:
    """Estimate frame: what the print itself has for outcomes of the family at the primary time, one row an outcome.

    An outcome that the report gives has its printed difference and p-value. One that is a set of statuses is reckoned
    from printed shares by status and printed numbers of people, whole people being meant. Without such a report, or
    where it prints another time, there are no rows. Further columns: the printed shares `treated` and `control`, as
    fractions.
    """
    rules = [rule for rule in family(trial) if rule.measure == AT_A_TIME] if _has_print(trial) else []
    known = [found for rule in rules if (found := _given(trial, rule) or _reckoned(trial, rule, conf_level))]
    shares = {name: pd.Series([sides[name] for _, sides in known], dtype=float) for name in ("treated", "control")}
    return estimate_frame([one for one, _ in known]).assign(**shares)


def _has_print(trial: Trial) -> bool:
    printed = trial.study.as_printed
    there = trial.folder is not None and (trial.folder / "published" / "cells.csv").is_file()
    return printed is not None and there and {STATUSES, SHARES} <= printed.tables.keys()


def _cells(trial: Trial, table: str) -> pd.Series:
    """The printed numbers of a table by row, column and statistic."""
    cells = report_of(trial).cells
    own = cells[cells["source"] == trial.study.as_printed.tables[table]]
    return own.set_index(["row", "column", "statistic"])["value"]


def _given(trial: Trial, rule: Outcome) -> tuple[Estimate, dict] | None:
    study, cells = trial.study, _cells(trial, SHARES)
    row = f"{study.unit}_{study.primary_at}_{rule.code}"
    arms = study.as_printed.arms
    gap = (row, f"{arms['treatment']}_minus_{arms['control']}", "difference")
    if gap not in cells:
        return None
    p = cells.get((row, f"{arms['treatment']}_vs_{arms['control']}", "p"), float("nan"))
    sides = {"treated": "treatment", "control": "control"}
    shares = {name: cells.get((row, arms[role], "proportion"), float("nan")) for name, role in sides.items()}
    return Estimate(rule.code, "all", study.contrast, "printed", float(cells[gap]), p_value=float(p)), shares


def _reckoned(trial: Trial, rule: Outcome, conf_level: float) -> tuple[Estimate, dict] | None:
    """The difference in printed counts of an outcome that is nothing but statuses; None for any other."""
    study, cells = trial.study, _cells(trial, STATUSES)
    if not rule.statuses or rule.steps or rule.has_job or rule.weekly_hours_min:
        return None
    people = {}
    for role in ("treatment", "control"):
        column = f"{study.unit}{study.primary_at}_{study.as_printed.arms[role]}"
        shares = [cells.get((status, column, "pct"), 0.0) for status in rule.statuses]
        if ("number", column, "n") not in cells or not any(shares):
            return None
        n = int(cells["number", column, "n"])
        k = round(n * sum(shares) / 100)
        people[role] = pd.Series([True] * k + [False] * (n - k))
    found = difference_in_proportions(people["treatment"], people["control"], outcome=rule.code, population="all",
                                      contrast=study.contrast, conf_level=conf_level)  # fmt: skip
    shares = {"treated": people["treatment"].mean(), "control": people["control"].mean()}
    return replace(found, method=RECKONED), shares

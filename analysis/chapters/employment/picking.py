"""What the centres with the largest differences show: beside what chance alone would, and told by other people."""

from dataclasses import replace

import numpy as np
import pandas as pd

from analysis.chapters.employment.populations import centre_outcome, monthly_outcomes, outcomes_at
from analysis.chapters.employment.shares import outcome_label
from analysis.frames.needs import Absent, needs
from analysis.frames.trial import Trial, once_a_trial
from analysis.methods.selection import CentreGaps, Picked, centre_gaps, picked
from analysis.show.figures import Figure, titled
from analysis.show.prose import Sentence, decimal, direction_of, labels, month, p_value, tally
from analysis.show.tables import Table, cells

NEEDS = ("arms", "registers", "several_centres")
DRAWS, SEED = 2000, 1
# What the n best show, in the order of the figure: all centres first.
ROWS = ("everyone", "expected", "observed", "other_half")


def _people(trial: Trial, told: str) -> tuple[pd.DataFrame, list[str]]:
    """One row per person observed at the primary time: arm, centre, what is told, and what centres are chosen by.

    That is a column for each time unit of the late window; their names come second.
    """
    study, rows = trial.study, monthly_outcomes(trial)
    late = rows.loc[rows[study.unit].isin(study.late.units)]
    by_time = late.pivot(index="participant_id", columns=study.unit, values=centre_outcome(trial)).add_prefix("chosen_")
    now = outcomes_at(trial, study.primary_at)[["participant_id", "arm", "centre", told]]
    people = now.merge(by_time, left_on="participant_id", right_index=True, how="left", validate="1:1")
    columns = [told, *by_time.columns]
    return people.astype(dict.fromkeys(columns, "float64")), list(by_time.columns)


def _settings(trial: Trial) -> dict[str, str]:
    return {"treatment": trial.study.treatment, "control": trial.study.control}


@once_a_trial
def _gaps(trial: Trial, outcome: str) -> CentreGaps:
    people, chosen_by = _people(trial, outcome)
    return centre_gaps(people, chosen_by, outcome, **_settings(trial))


@needs(*NEEDS)
@once_a_trial
def best_of_centres(
    trial: Trial, n_best_centres: int = 3, draws: int = DRAWS, seed: int = SEED, conf_level: float = 0.95
) -> dict[str, Picked]:
    """For each outcome at a time, what the centres with the largest differences show; in shares."""
    found = {}
    for outcome in trial.study.monthly_outcomes:
        people, chosen_by = _people(trial, outcome)
        rng = np.random.default_rng(seed)
        found[outcome] = picked(people, chosen_by, outcome, n_best_centres, rng, draws=draws, conf_level=conf_level,
                                **_settings(trial))  # fmt: skip
    return found


@needs()
def best_of_table(found: dict[str, Picked], trial: Trial) -> Table | Absent:
    """Each outcome: all centres, the best as observed, as chance alone would have them, and told by the other half."""
    known = {outcome: own for outcome, own in found.items() if not np.isnan(own.observed)}
    if not known:
        return Absent("several_centres")
    rows, one = [], next(iter(known.values()))
    for outcome, own in known.items():
        people = float(_gaps(trial, outcome).people.sum())
        rows += [(row, outcome, statistic, value, people) for row, statistic, value in _numbers(own)]
    decimals = dict.fromkeys(("estimate", "ci_low", "ci_high"), 1)
    return Table("best_of_centres", cells(rows), decimals, rows=[*ROWS, "as_many"], conf_level=one.conf_level,
                 values=_values(one, trial), names={"columns": "outcomes"})  # fmt: skip


def _numbers(own: Picked) -> list[tuple[str, str, float]]:
    """Row, statistic and value of what one outcome shows, in percentage points."""
    found = []
    for row in ROWS:
        ends = {"estimate": row, "ci_low": f"{row}_low", "ci_high": f"{row}_high"}
        found += [(row, statistic, 100 * getattr(own, name)) for statistic, name in ends.items()]
    return [*found, ("as_many", "p", own.p_value)]


def _values(own: Picked, trial: Trial) -> dict:
    return {"centres": tally(own.n), "all_centres": tally(own.k), "draws": tally(own.draws),
            "splits": tally(own.splits), "at": month(trial.study.primary_at),
            "chosen_by": outcome_label(centre_outcome(trial))}  # fmt: skip


@needs()
def best_of_figures(found: dict[str, Picked], trial: Trial) -> list[Figure] | Absent:
    """The table's numbers as intervals, a figure an outcome."""
    known = {outcome: own for outcome, own in found.items() if not np.isnan(own.observed)}
    figures = [_figure(outcome, own, trial) for outcome, own in known.items()]
    return figures or Absent("several_centres")


def _figure(outcome: str, own: Picked, trial: Trial) -> Figure:
    numbers = pd.DataFrame(_numbers(own), columns=["row", "statistic", "value"])
    wide = numbers[numbers["statistic"] != "p"].pivot(index="row", columns="statistic", values="value")
    frame = wide.loc[list(ROWS)].reset_index().rename(columns={"ci_low": "conf_low", "ci_high": "conf_high"})
    frame = frame[["row", "estimate", "conf_low", "conf_high"]].dropna(subset=["estimate"]).reset_index(drop=True)
    values = {**_values(own, trial), "outcome": outcome_label(outcome)}
    people = int(_gaps(trial, outcome).people.min())
    figure = Figure(f"best_of_centres_{outcome}", "forest", frame, {"reference": 0.0}, values, "best_of_centres",
                    fewest=people)  # fmt: skip
    if np.isnan(own.p_value):
        return figure
    told = _more_than_picking(own, values)
    return titled(figure, replace(told, key=f"{told.key}_drawn"))


@needs()
def best_of_verdicts(found: dict[str, Picked], trial: Trial) -> list[Sentence]:
    """For each outcome, whether the best show more than picking alone would, and what other people say of them."""
    told: list[Sentence] = []
    for outcome, own in found.items():
        said = {**_values(own, trial), "outcome": outcome_label(outcome)}
        if np.isnan(own.observed):
            told.append(Sentence("all_picked" if own.k > 1 else "centres_not_pooled", said))
        else:
            told += [_more_than_picking(own, said), _other_half(own, said)]
    return [*_left_out(trial, found), *told]


def _left_out(trial: Trial, found: dict[str, Picked]) -> list[Sentence]:
    codes = sorted({code for outcome in found for code in _gaps(trial, outcome).left_out})
    return [Sentence("centres_left_out", {"names": labels("centres", codes)})] if codes else []


def _more_than_picking(own: Picked, said: dict) -> Sentence:
    """Whether the best show more than the best of equally good centres would."""
    names = ("everyone", "observed", "expected", "expected_low", "expected_high")
    values = {name: decimal(100 * getattr(own, name)) for name in names}
    level = 1 - own.conf_level
    key = "more_than_picking" if own.p_value < level else "as_picking"
    return Sentence(key, {**said, **values, "level": tally(100 * own.conf_level), "p": p_value(own.p_value)})


def _other_half(own: Picked, said: dict) -> Sentence:
    """What the best of one half of the people show among the other half."""
    if np.isnan(own.other_half):
        return Sentence("other_half_unknown", said)
    row = {"estimate": own.other_half, "conf_low": own.other_half_low, "conf_high": own.other_half_high}
    names = {"difference": "estimate", "low": "conf_low", "high": "conf_high"}
    values = {name: decimal(100 * row[column]) for name, column in names.items()}
    return Sentence("other_half", {**said, **values, "level": tally(100 * own.conf_level)}, direction_of(row))

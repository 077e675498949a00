"""The estimators beside each other, as a table and as a figure."""

from dataclasses import replace

import pandas as pd

from analysis.chapters.employment.populations import gap_column
from analysis.chapters.robustness.sentences import methods_agree
from analysis.frames.needs import needs
from analysis.frames.trial import Trial
from analysis.methods.estimates import fewest_people
from analysis.show.figures import Figure, titled
from analysis.show.prose import Label, month
from analysis.show.tables import Table, cells


def _words(trial: Trial) -> dict:
    study = trial.study
    return {"outcome": Label("outcomes_in_text", study.primary_outcome), "at": month(study.primary_at)}


@needs()
def estimators_table(found: pd.DataFrame, trial: Trial) -> Table:
    """The estimators of `side_by_side` below one another: difference with interval, p-value, people."""
    rows, column = [], gap_column(trial)
    scaled = {"difference": "estimate", "ci_low": "conf_low", "ci_high": "conf_high"}
    for record in found.to_dict("records"):
        n = int(record["n_treated"] + record["n_control"])
        rows += [(record["way"], column, name, 100 * record[key], n) for name, key in scaled.items()]
        rows += [(record["way"], column, "p", record["p_value"], n), (record["way"], column, "n", n, n)]
    groups = {approach: list(own["way"]) for approach, own in found.groupby("approach", sort=False)}
    return Table("estimators", cells(rows), rows=groups, columns=[column], values=_words(trial),
                 decimals={"difference": 1, "ci_low": 1, "ci_high": 1}, fewest=fewest_people(found),
                 conf_level=float(found["conf_level"].iloc[0]))  # fmt: skip


@needs()
def estimators_figure(found: pd.DataFrame, trial: Trial) -> Figure:
    """The same estimators as a forest, in percentage points."""
    points = found.assign(**{name: 100 * found[name] for name in ("estimate", "conf_low", "conf_high")})
    points = points.rename(columns={"way": "row", "approach": "group"})
    columns = ["group", "row", "estimate", "conf_low", "conf_high", "n_treated", "n_control"]
    figure = Figure("estimators_drawn", "forest", points[columns], {"reference": 0.0}, _words(trial))
    told = methods_agree(found, trial)
    return figure if told.key == "methods_unknown" else titled(figure, replace(told, key="methods_drawn"))

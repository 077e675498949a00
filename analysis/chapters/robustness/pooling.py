"""What leaving out the strata does: the ratio of the arms moved, and so might the outcome have."""

import pandas as pd

from analysis.chapters.robustness.people import PHASE
from analysis.frames.needs import needs
from analysis.frames.trial import Trial
from analysis.methods.strata import pooling_bias, trend_bias
from analysis.show.prose import Label, Sentence, decimal, month, percent, tally
from analysis.show.tables import Table, cells

# Steps of the outcome between phases, in percentage points, for which the bias of pooling is foretold.
TRENDS = (5, 10, 20)


@needs("arms", "registers", "several_phases")
def pooled_against_strata(people: pd.DataFrame, trial: Trial) -> pd.DataFrame:
    """What each phase of the draw adds to the difference of pooled shares less the one standardised over phases.

    One row a phase; see `methods.strata.pooling_bias`.
    """
    arms = {"treatment": trial.study.treatment, "control": trial.study.control}
    return pooling_bias(people, trial.study.primary_outcome, [PHASE], **arms)


@needs()
def phases_table(bias: pd.DataFrame, trial: Trial) -> Table:
    """People and primary outcome by phase and arm, and the phase's part of what pooling is off by."""
    rows, study = [], trial.study
    for record in bias.to_dict("records"):
        row = f"phase_{record['stratum']}"
        for arm, role in ((study.control, "control"), (study.treatment, "treated")):
            n = record[f"n_{role}"]
            rows += [(row, arm, "n", n, n), (row, arm, "pct", 100 * record[f"mean_{role}"], n)]
        rows.append((row, "bias", "points", 100 * record["bias"], record["n_treated"] + record["n_control"]))
    values = {"outcome": Label("outcomes_in_text", study.primary_outcome), "at": month(study.primary_at)}
    return Table("phases", cells(rows), columns=[study.control, study.treatment, "bias"], values=values,
                 decimals={"points": 2})  # fmt: skip


@needs()
def trend_table(bias: pd.DataFrame, trial: Trial) -> Table:
    """What pooling would be off by if the outcome of everybody had moved by so much from each phase to the next."""
    rows = [(f"trend_{step}", "bias", "points", 100 * _foretold(bias, step)) for step in TRENDS]
    fewest = int(bias[["n_treated", "n_control"]].to_numpy().min())
    return Table("trends", cells(rows), columns=["bias"], decimals={"points": 2}, fewest=fewest)


def _foretold(bias: pd.DataFrame, step: float) -> float:
    """The bias as a share, for a step in percentage points."""
    return trend_bias(bias, [step / 100 * place for place in range(len(bias))])


@needs()
def pooling(bias: pd.DataFrame, trial: Trial) -> list[Sentence]:
    """By how much pooling over the phases is off here, and what a step of ten points would do."""
    first, last = bias.iloc[0], bias.iloc[-1]
    step = 10
    values = {"off": decimal(100 * bias["bias"].sum(), 2), "of_treated": percent(100 * first["of_treated"]),
              "of_control": percent(100 * first["of_control"]), "step": tally(step),
              "foretold": decimal(100 * _foretold(bias, step), 2),
              "moved": decimal(100 * (last["mean_control"] - first["mean_control"]))}  # fmt: skip
    key = "pooling" if bias["bias"].notna().all() and len(bias) > 1 else "pooling_unknown"
    return [Sentence(key, values)]

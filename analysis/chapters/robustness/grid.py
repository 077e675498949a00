"""Every defensible way to compute the result: outcome × people × estimator with what it takes into account."""

import numpy as np
import pandas as pd

from analysis.chapters._shown_from import level_of
from analysis.chapters.employment.populations import gap_column
from analysis.chapters.robustness.estimators import NOTHING, POOLED, estimate, ways
from analysis.chapters.robustness.people import EVERYONE, chosen_as, family, people_in, populations
from analysis.chapters.robustness.printed import printed_checks
from analysis.frames.needs import needs
from analysis.frames.trial import Trial, once_a_trial
from analysis.methods.estimates import estimate_frame
from analysis.show.figures import Figure
from analysis.show.prose import Sentence, tally
from analysis.show.tables import Table, cells

CHOICES = ("outcome", "population", "estimator", "adjustment")
HIGHER, LOWER, UNCLEAR = "higher", "lower", "unclear"


@needs("arms", "registers")
@once_a_trial
def specifications(trial: Trial, conf_level: float = 0.95) -> pd.DataFrame:
    """Estimate frame: the difference between the arms in every specification, one row each, the primary one first.

    Differences are between shares from nought to one (unit proportion). Further columns: `estimator` and `adjustment`,
    with `outcome` and `population` the choices that make the specification; `chosen`, whether the outcome was planned,
    declared or thought of afterwards; `primary`, whether it is the primary outcome by pooled shares; `verdict`,
    higher or lower where interval and p-value both say so, else unclear, missing where it cannot be estimated; and
    `printed`, the difference that the published report has for it, or has counts for.
    """
    found, choices = [], []
    for population in populations(trial):
        frame = people_in(trial, population)
        for rule in family(trial):
            for way in ways(trial):
                found.append(estimate(trial, frame, rule.code, way, conf_level))
                choices.append((population, way.estimator, way.adjustment))
    columns = pd.DataFrame(choices, columns=["population", "estimator", "adjustment"])
    frame = estimate_frame(found).drop(columns="population").join(columns)
    plain = (frame["population"] == EVERYONE) & (frame["adjustment"] == NOTHING) & (frame["estimator"] == POOLED)
    printed = printed_checks(trial, conf_level).set_index("outcome")["estimate"]
    frame["chosen"] = [chosen_as(trial, code) for code in frame["outcome"]]
    frame["primary"] = plain & (frame["outcome"] == trial.study.primary_outcome)
    frame["printed"] = frame["outcome"].map(printed).astype(float).where(plain)
    return frame.assign(verdict=verdicts(frame))


def verdicts(found: pd.DataFrame) -> pd.Series:
    """For each estimate whether it is clearly higher or lower than nought: interval and p-value both have to say so."""
    clear = found["p_value"] < 1 - found["conf_level"]
    higher, lower = clear & (found["conf_low"] > 0), clear & (found["conf_high"] < 0)
    said = np.select([higher, lower], [HIGHER, LOWER], UNCLEAR)
    return pd.Series(said, index=found.index, dtype="object").where(found["p_value"].notna())


@needs()
def curve(found: pd.DataFrame, trial: Trial) -> Figure:
    """The specification curve in percentage points: every estimate with its interval, the choices below it.

    The published way to the primary outcome and what the report has itself are marked.
    """
    points = found.assign(**{name: 100 * found[name] for name in ("estimate", "conf_low", "conf_high", "printed")})
    columns = [*CHOICES, "chosen", "estimate", "conf_low", "conf_high", "p_value", "n_treated", "n_control", "printed",
               "primary"]  # fmt: skip
    told = found["verdict"].dropna()
    values = {"all": tally(len(told)), "clear": tally(told.ne(UNCLEAR).sum()), "unclear": tally(told.eq(UNCLEAR).sum())}
    finding = Sentence("clear_in_curve", values) if len(told) else None
    level = 1 - float(found["conf_level"].iloc[0])
    return Figure("specifications", "specification", points[columns], {"level": level}, values, finding=finding)


@needs()
def outcomes_table(found: pd.DataFrame, trial: Trial) -> Table:
    """Each outcome of the family in the published way, and what the report itself has for it; rows by how chosen."""
    conf_level = level_of(found)
    plain = found[(found["population"] == EVERYONE) & (found["estimator"] == POOLED)]
    printed, gap, rows = printed_checks(trial, conf_level), gap_column(trial), []
    people = people_in(trial)
    for record in plain.to_dict("records"):
        for arm in (trial.study.control, trial.study.treatment):
            values = people.loc[people["arm"] == arm, record["outcome"]].dropna()
            rows += [(record["outcome"], arm, "pct", 100 * values.mean(), len(values))]
        rows += _gap_cells(record, gap, record["n_treated"] + record["n_control"])
    for record in printed.to_dict("records"):
        rows += _gap_cells(record, "printed", float("nan"))
    groups = {chosen: list(own["outcome"]) for chosen, own in plain.groupby("chosen", sort=False)}
    columns = [trial.study.control, trial.study.treatment, gap, *(["printed"] if len(printed) else [])]
    return Table("outcomes", cells(rows), rows=groups, columns=columns, names={"rows": "outcomes"},
                 decimals={"difference": 1, "ci_low": 1, "ci_high": 1}, conf_level=conf_level)  # fmt: skip


def _gap_cells(record: dict, column: str, n: float) -> list[tuple]:
    scaled = {"difference": "estimate", "ci_low": "conf_low", "ci_high": "conf_high"}
    told = {name: 100 * record[key] for name, key in scaled.items()} | {"p": record["p_value"]}
    return [(record["outcome"], column, name, value, n) for name, value in told.items()]

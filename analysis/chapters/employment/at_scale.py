"""The chapter's main tables of a whole register: from cells counted where it lies, by the chapter's own rules."""

from pathlib import Path

import pandas as pd

from analysis.chapters.employment.populations import EVERYBODY, compare, compares, late_times
from analysis.chapters.employment.shares import late_shares_table, statuses_counted
from analysis.frames.spells.cells import PEOPLE, STATUS_THEN, added_up, cells_expression
from analysis.frames.spells.engines import MEMORY, run
from analysis.frames.spells.panel import PERIOD
from analysis.frames.trial import Trial
from analysis.methods.compressed import linear_difference, standardised_risk_difference
from analysis.methods.estimates import concat_estimates, estimate_frame
from analysis.methods.heterogeneity import pooled_effect, pooled_frame
from analysis.methods.proportions import compare_arms
from analysis.show.tables import Table
from analysis.study.settings import Study


def counted_register(folder: Path, study: Study, engine: str = "duckdb", memory: str = MEMORY) -> pd.DataFrame:
    """People of a register by arm, time unit, status and outcomes: see `spells.cells.cells_expression`.

    Raises NoRegister and NoEngine.
    """
    parts = run(folder, lambda sources: cells_expression(sources, study), engine, memory)
    return added_up(parts).rename(columns={PERIOD: study.unit})


def register_tables(counted: pd.DataFrame, study: Study, conf_level: float = 0.95) -> tuple[Table, Table]:
    """Statuses at two times and the outcomes of the late window, as the chapter's tables, from `counted_register`."""
    trial = _standing_for(counted, study)
    if not compares(trial):
        counted = counted.assign(arm=EVERYBODY)
    people = counted.groupby([study.unit, "arm", "status"])[PEOPLE].sum()
    late = counted[counted[study.unit].isin(late_times(trial))]
    return (
        statuses_counted(people, trial, study.primary_at),
        late_shares_table(trial, compare(late, trial, by=study.unit, conf_level=conf_level)),
    )


# What the people of a register are compared at equal values of; centres besides.
COVARIATES = ("age", "sex", STATUS_THEN)


def counted_at_primary(folder: Path, study: Study, engine: str = "duckdb", memory: str = MEMORY) -> pd.DataFrame:
    """People of a register at the time of the primary outcome, by arm, centre, `COVARIATES`, status and outcomes."""
    by, units = ("arm", "centre", *COVARIATES), (study.primary_at, study.primary_at)
    return added_up(run(folder, lambda sources: cells_expression(sources, study, by, units), engine, memory))


def register_estimates(counted: pd.DataFrame, study: Study, conf_level: float = 0.95) -> pd.DataFrame:
    """Estimate frame of the primary outcome from `counted_at_primary`: difference between the arms, alone and at equal
    covariates by two models, in each centre, and over centres that differ. Centres are the population of a row."""
    outcome, arms = study.primary_outcome, {"treatment": study.treatment, "control": study.control}
    arms["conf_level"] = conf_level
    adjusted = [method(counted, outcome, ("centre", *COVARIATES), **arms)
                for method in (standardised_risk_difference, linear_difference)]  # fmt: skip
    centres = concat_estimates(
        compare_arms(own, outcome, population=centre, **arms).iloc[[2]] for centre, own in counted.groupby("centre")
    )
    pooled = pooled_frame(pooled_effect(centres, conf_level=conf_level), outcome=outcome, contrast=study.contrast)
    alone = compare_arms(counted, outcome, **arms).iloc[[2]]
    return concat_estimates([alone, estimate_frame(adjusted), centres, pooled])


def _standing_for(counted: pd.DataFrame, study: Study) -> Trial:
    """A trial that holds of the register what its tables ask for: which arms have people, and that there are spells."""
    arms = pd.DataFrame({"arm": counted["arm"].drop_duplicates()})
    return Trial(study, {"participants": arms, "benefit_spells": arms, "job_spells": arms})

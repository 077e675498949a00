"""Who is compared, what each of them has of every outcome, and which strata and covariates go with it."""

import pandas as pd

from analysis.chapters.employment.covariates import covariate_terms, status_terms
from analysis.chapters.employment.populations import compared
from analysis.frames.outcomes import person_shares
from analysis.frames.trial import Trial, once_a_trial
from analysis.study.outcome_rules import AT_A_TIME, Outcome
from analysis.study.settings import Study

PHASE = "allocation_phase"
EVERYONE, ALL_RECORDS, LAST_PHASE = "everyone", "all_records", "last_phase"
# Under which heading an outcome was chosen: planned, declared beside it, or thought of afterwards.
PLANNED, DECLARED, POST_HOC = "planned", "declared", "post_hoc"


def strata(trial: Trial) -> list[str]:
    """The columns within which people were drawn to the arms: centre and phase, as far as there are several."""
    study = trial.study
    return [
        *(["centre"] if len(study.centres) > 1 else []),
        *([PHASE] if len(study.allocation_phases) > 1 else []),
    ]


def allocation_phase(people: pd.DataFrame, study: Study) -> pd.Series | int:
    """Under which ratio of the arms each person was drawn, counted from one; 0 where the study names none."""
    return sum((people["included_on"] >= pd.Timestamp(one.from_date)).astype(int) for one in study.allocation_phases)


def family(trial: Trial) -> tuple[Outcome, ...]:
    """The outcomes that stand beside the primary one, itself first."""
    return trial.study.outcome_family


def chosen_as(trial: Trial, code: str) -> str:
    """Whether an outcome is the planned primary one, declared beside it, or an alternative thought of afterwards."""
    study = trial.study
    if code == study.primary_outcome:
        return PLANNED if study.primary else DECLARED
    return DECLARED if code in {outcome.code for outcome in study.outcomes} else POST_HOC


def last_time(trial: Trial, rule: Outcome) -> int:
    """The time unit at which an outcome is read, or with which its window ends."""
    if rule.measure == AT_A_TIME:
        return trial.study.primary_at
    return rule.window.last if rule.window else trial.study.horizon.after


@once_a_trial
def populations(trial: Trial) -> tuple[str, ...]:
    """Whose result is looked at: the people of the main result; all records, where a report left some out; those
    included under the last ratio of the arms, where it changed."""
    own = compared(trial)
    left_out = own.master is not None and len(own.people) < len(own.master.people)
    phases = own.people["included_on"] >= _last_phase(trial) if PHASE in strata(trial) else pd.Series(dtype=bool)
    return (EVERYONE, *([ALL_RECORDS] if left_out else []), *([LAST_PHASE] if phases.any() else []))


def _last_phase(trial: Trial) -> pd.Timestamp:
    return pd.Timestamp(trial.study.allocation_phases[-1].from_date)


@once_a_trial
def people_in(trial: Trial, population: str = EVERYONE) -> pd.DataFrame:
    """One row per person of a population: arm, strata, covariates, status at inclusion, and a share of each outcome.

    Outcomes are floats from nought to one, missing for who was not observed so long; see `outcomes.person_shares`.
    """
    own = compared(trial)
    own = own.master if population == ALL_RECORDS else own
    people, study = own.people, trial.study
    phase = allocation_phase(people, study)
    known = people["status_group"].notna()
    terms = {name: (people["status_group"] == group).astype("Float64").where(known)
             for name, group in status_terms(own).items()}  # fmt: skip
    frame = pd.concat([people[["participant_id", "arm", "centre", "included_on"]], covariate_terms(own)], axis=1)
    frame = frame.assign(**{PHASE: phase}, **terms)
    shares = person_shares(own.tables, own.panel, study, family(trial), study.primary_at)
    frame = frame.merge(shares, on="participant_id", how="inner", validate="1:1")
    later = frame["included_on"] >= _last_phase(trial) if population == LAST_PHASE else slice(None)
    return frame.loc[later].reset_index(drop=True)


@once_a_trial
def background(trial: Trial) -> list[str]:
    """The covariates of the adjusted estimates: those of the study that the data can give, and status at inclusion."""
    own = compared(trial)
    return [*covariate_terms(own).columns, *status_terms(own)]

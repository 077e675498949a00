"""What the data of a study cannot show, in sentences: benefits, hours beside AAP, covariates, ends of observation."""

from datetime import timedelta

import pandas as pd

from analysis.chapters.employment.covariates import lacking_covariates
from analysis.chapters.employment.follow_up import OBSERVED
from analysis.chapters.employment.populations import compared, compares
from analysis.frames.needs import needs, unmet
from analysis.frames.outcomes import first_day
from analysis.frames.registers import FORM_DAYS
from analysis.frames.trial import Trial
from analysis.show.prose import Label, Sentence, count, month

AAP = ("aap", "aap_and_job")


@needs("registers")
def data_gaps(trial: Trial) -> list[Sentence]:
    """One sentence for each thing that the data cannot show and that the chapter's numbers therefore do not hold."""
    trial = compared(trial)
    return [*_benefits(trial), *_hours(trial), *_ends(trial), *_covariates(trial)]


def _benefits(trial: Trial) -> list[Sentence]:
    return [Sentence("without_benefits")] if unmet(trial, "benefits") else []


def _hours(trial: Trial) -> list[Sentence]:
    """Whether work beside AAP can be seen at all, or only until the forms end."""
    if not trial.panel["status"].isin(AAP).any():
        return []
    if unmet(trial, "table:aap_hours"):
        return [Sentence("without_aap_hours")]
    lost, end = months_after_forms(trial)
    if lost.empty:
        return []
    unit = trial.study.unit
    values = {"date": end.isoformat(), "first": month(lost[unit].min()), "n": count(len(lost)),
              "people": count(lost["participant_id"].nunique())}  # fmt: skip
    return [Sentence("aap_hours_end", values)]


def months_after_forms(trial: Trial) -> tuple[pd.DataFrame, object]:
    """Rows of the panel on AAP in time units that begin after the last form with hours has ended, and that day.

    The last fortnight of the registers is let off: its forms come in afterwards.
    """
    unit, panel = trial.study.unit, trial.panel
    last_form = trial.tables["aap_hours"]["period_start"].max().date() + timedelta(days=FORM_DAYS - 1)
    if last_form >= trial.study.dates.register_end - timedelta(days=2 * FORM_DAYS):
        return panel.iloc[:0], last_form
    on_aap = panel.loc[panel["status"].isin(AAP) & (panel[unit] > 0)]
    included = trial.people.set_index("participant_id")["included_on"].reindex(on_aap["participant_id"])
    begins = first_day(included.reset_index(drop=True), on_aap[unit].reset_index(drop=True), unit)
    return on_aap.loc[(begins > pd.Timestamp(last_form)).to_numpy()], last_form


def _ends(trial: Trial) -> list[Sentence]:
    """How many people's observation ended within the follow-up, before the registers do."""
    people, study = trial.people, trial.study
    after = pd.Series(study.horizon.after + 1, index=people.index)
    end = (first_day(people["included_on"], after, study.unit) - pd.Timedelta(days=1)).clip(
        upper=pd.Timestamp(study.dates.register_end)
    )
    early = people["observed_until"].notna() & (people["observed_until"] < end)
    return [Sentence("observed_until", {"n": count(early.sum()), "all": count(len(people))})] if early.any() else []


def _covariates(trial: Trial) -> list[Sentence]:
    lacking = lacking_covariates(trial) if compares(trial) else []
    names = tuple(Label("rows", code) for code in lacking)
    return [Sentence("without_covariates", {"names": names})] if lacking else []


@needs("registers", "follow_up_outcomes")
def shorter_observed(trial: Trial) -> Sentence:
    """How many people were observed for fewer time units than the follow-up has, so that their sums are smaller."""
    trial = compared(trial)
    units, last = trial.follow_up[OBSERVED], trial.study.horizon.after
    shorter = int((units < last).sum()) + len(trial.people) - len(units)
    values = {"n": count(shorter), "all": count(len(trial.people)), "last": month(last)}
    return Sentence("observed_shorter", values) if shorter else Sentence("observed_whole", values)

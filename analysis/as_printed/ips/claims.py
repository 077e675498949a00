"""What the article's statements are held to: work over the follow-up, who gains most, jobs."""

from functools import partial

import pandas as pd

from analysis.as_printed.ips.employment import ANY_WORK, HALF_TIME, MONTHS
from analysis.chapters.employment.differences import beyond_the_rest, gaps, gaps_in_points
from analysis.chapters.employment.follow_up import compare_follow_up, people_followed
from analysis.chapters.employment.populations import compare, main_times, outcomes_at, with_arm
from analysis.chapters.employment.subgroups import subgroup_effects
from analysis.chapters.employment.time_in_work import mean_waits
from analysis.frames.needs import Absent, needs
from analysis.frames.outcomes import first_day
from analysis.frames.trial import Trial
from analysis.methods.estimates import concat_estimates
from analysis.methods.means import compare_means
from analysis.published.registry import answers
from analysis.show.prose import Label

CHAPTER = "employment"
FIRST_JOB, IN_WORK = "time_to_first_job", "ordinary_work"
FOLLOWED = ("arms", "registers", "follow_up_outcomes")
# Groups with a larger effect, as the article names them: subgroup → its group.
GROUPS = {"age": "under_30", "upper_secondary_by_21": "no", "severity": "severe"}
# "Many" and "modest" are held to a half, since the article gives no number.
HALF = 50.0


def _part(rows: pd.DataFrame, name: str) -> pd.DataFrame:
    return rows.assign(part=Label("answers", name))


@answers("months_before_a_first_job", CHAPTER, unit="months")
@needs("arms", "registers", "first_events")
def months_before_a_first_job(trial: Trial) -> pd.DataFrame | Absent:
    """Mean months of the follow-up without a job so far, the arms compared."""
    found = mean_waits(trial)
    if isinstance(found, Absent):
        return found
    return _part(gaps(found[found["outcome"] == FIRST_JOB], trial), "before_a_first_job")


@answers("work_at_the_end", CHAPTER)
@needs("arms", "registers")
def work_at_the_end(trial: Trial) -> pd.DataFrame:
    """In ordinary work in the last month of the follow-up."""
    return gaps_in_points(compare(outcomes_at(trial, main_times(trial)[-1]), trial, [IN_WORK]), trial)


@needs(*FOLLOWED)
def over_follow_up(outcome: str, trial: Trial) -> pd.DataFrame:
    """An outcome over the whole follow-up, the arms compared; shares in points."""
    found = compare_follow_up(people_followed(trial), trial)
    own = found[found["outcome"] == outcome]
    return gaps_in_points(own, trial) if trial.study.outcome(outcome).is_yes_or_no else gaps(own, trial)


@answers("part_time_jobs_above_a_half", CHAPTER, counted=True)
@needs("arms", "registers")
def part_time_jobs(trial: Trial) -> pd.DataFrame:
    """Share of the jobs with fewer hours than full time, less a half, in points; jobs of known hours of both arms."""
    hours = trial.tables["job_spells"]["agreed_hours"].dropna()
    share = 100 * (hours < trial.study.registers.full_time_weekly_hours).mean() if len(hours) else float("nan")
    return _part(pd.DataFrame([{"estimate": share - HALF}]), "above_a_half")


@answers("share_in_work_above_a_half", CHAPTER)
@needs("arms", "registers")
def share_in_work(trial: Trial) -> pd.DataFrame:
    """Share in ordinary work in the last month, less a half, in points; of the arm in which it is higher."""
    found = compare(outcomes_at(trial, main_times(trial)[-1]), trial, [IN_WORK])
    higher = found[found["contrast"].isin(trial.study.arm_codes)].nlargest(1, "estimate")
    less = {name: 100 * higher[name] - HALF for name in ("estimate", "conf_low", "conf_high")}
    return _part(higher.assign(**less, p_value=float("nan")), "in_work_above_a_half")


@needs(*FOLLOWED, "subgroups")
def larger_in_group(subgroup: str, trial: Trial) -> list[dict]:
    """How much larger the effect on any ordinary work is in the group that the article names than among the others."""
    found = gaps_in_points(subgroup_effects(trial, ANY_WORK, subgroup=subgroup), trial)
    named = found["group"] == GROUPS[subgroup]
    if named.sum() != 1 or (~named).sum() != 1:
        return []
    return [beyond_the_rest(found[named].iloc[0], found[~named].iloc[0])]


@answers("days_a_job_lasts", CHAPTER, unit="days")
@needs("arms", "registers")
def days_a_job_lasts(trial: Trial) -> pd.DataFrame:
    """Mean days a person's jobs last within the follow-up, among people with a job; a job that goes on ends with it."""
    study, people = trial.study, with_arm(trial)[["participant_id", "arm", "included_on"]]
    jobs = trial.tables["job_spells"].merge(people, on="participant_id").reset_index(drop=True)
    after = pd.Series(study.horizon.after + 1, index=jobs.index)
    last = first_day(jobs["included_on"], after, study.unit) - pd.Timedelta(days=1)
    jobs = jobs.assign(days=(jobs["to_date"].fillna(last).clip(upper=last) - jobs["from_date"]).dt.days + 1)
    means = jobs[jobs["days"] > 0].groupby(["participant_id", "arm"], observed=True)["days"].mean().reset_index()
    arms = {"treatment": study.treatment, "control": study.control}
    found = concat_estimates([compare_means(means, "days", **arms, variances="unequal", unit="value")])
    return _part(gaps(found, trial), "a_job_lasts")


def _register(name: str, function, setting: str, unit: str = "points") -> None:
    made = partial(function, setting)
    made.__module__ = __name__
    answers(name, CHAPTER, unit)(made)


for _name, _outcome, _unit in (
    ("any_work", ANY_WORK, "points"), ("any_half_time_work", HALF_TIME, "points"), ("months_of_work", MONTHS, "months"),
    ("jobs", "jobs", "jobs"), ("employers", "employers", "employers"),
):  # fmt: skip
    _register(_name, over_follow_up, _outcome, _unit)
for _subgroup in GROUPS:
    _register(f"larger_by_{_subgroup}", larger_in_group, _subgroup)

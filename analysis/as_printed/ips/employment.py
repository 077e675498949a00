"""The numbers of the article, which prints no tables: people, times, work over the follow-up, and who gains most."""

from analysis.chapters.employment.follow_up import compare_follow_up, people_followed
from analysis.chapters.employment.populations import main_times
from analysis.frames.needs import needs
from analysis.frames.trial import Trial
from analysis.published.registry import published
from analysis.show.tables import Table, cells

ANY_WORK, HALF_TIME, MONTHS = "any_ordinary_work", "any_half_time_work", "months_of_work"


@published("article", chapter="employment")
@needs("arms", "registers", "follow_up_outcomes", "subgroups")
def article(trial: Trial) -> Table:
    """Every number of the article, under the addresses of its printed numbers."""
    rows = [*_people(trial), *_times(trial), *_work(trial), *_limits(trial)]
    return Table("article", cells(rows), decimals={"mean": 1, "difference": 0})


def _people(trial: Trial) -> list[tuple]:
    study, sizes = trial.study, trial.people["arm"].value_counts()
    allocated = [("allocated", arm, "n", sizes.get(arm, 0)) for arm in study.arm_codes]
    groups = [(row, "total", "n", len(study.arms)) for row in ("groups_in_heading", "groups")]
    return [*allocated, ("allocated_again", study.control, "n", sizes.get(study.control, 0)), *groups]


def _times(trial: Trial) -> list[tuple]:
    """The follow-up, and the times at which work is told of: the primary one, the next full year, the last."""
    last, times = trial.study.horizon.after, main_times(trial)
    named = {"first_time_point": times[0], "second_time_point": times[min(1, len(times) - 1)],
             "third_time_point": times[-1]}  # fmt: skip
    follow_up = [(row, "last", "months", last) for row in ("follow_up", "follow_up_in_text", "follow_up_of_any_work")]
    return [*follow_up, *((row, "at", "months", at) for row, at in named.items())]


def _work(trial: Trial) -> list[tuple]:
    """Differences in work at any time, in points, and months of work counted as full time."""
    study = trial.study
    found = compare_follow_up(people_followed(trial), trial).set_index(["outcome", "contrast"])["estimate"]
    months = found[MONTHS]
    gaps = {"ordinary_work_any_time_43m": ANY_WORK, "half_time_or_more_any_time_43m": HALF_TIME}
    return [
        *((row, "difference", "pct", 100 * found[code, study.contrast]) for row, code in gaps.items()),
        *(("months_of_work_43m", arm, "mean", months[arm]) for arm in study.arm_codes),
        ("months_of_work_43m", "difference", "difference", months[study.contrast]),
        ("heading_months_of_work", "difference", "difference", months[study.contrast]),
    ]


def _limits(trial: Trial) -> list[tuple]:
    """What the article counts as half time, and the limits of the groups with larger effects.

    The age by which school was to be completed stands in the code of the study's own column.
    """
    study = trial.study
    groups = {subgroup.column: subgroup for subgroup in study.subgroups}
    half = study.outcome(HALF_TIME).weekly_hours_min / study.registers.full_time_weekly_hours
    rows = ("age_of_larger_effect_in_lead", "age_of_larger_effect_in_heading", "age_of_larger_effect")
    school = next(int(column.rsplit("_", 1)[1]) for column in groups if column.startswith("upper_secondary_by_"))
    return [
        ("half_time_job", "minimum", "proportion", half),
        *((row, "upper", "years", groups["age"].cuts[0]) for row in rows),
        ("upper_secondary_not_completed_by", "upper", "years", school),
    ]

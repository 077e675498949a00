"""Whether the invented people are believable where nothing is printed: checks on the generated tables, and their page.

Each check asks of the tables what registers and questionnaires of real people would show, within bounds that are wide
on purpose. `python -m analysis.synthesis.sfj` writes the page beside the tables.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from analysis.frames.trial import Trial

from .registers import AAP_BEGAN

PAGE = "pages/plausibility.md"
FORTNIGHT = 75.0  # agreed hours of full time on one form
MUCH = 200_000  # NOK a year
FULL = "sick_listed_full"
UNEMPLOYED = "unemployment_benefit_individual_allowance"
NEITHER = ("no_job_no_benefit", "nav_follow_up_without_benefits")

_PAGE = """# Believable where nothing is printed?

The published figures leave much open: how a person's months follow each other, on which days things happen, how answers
go together. There the synthetic trial is invented freely, and it should still look like registers and questionnaires of
real people, or methods that are tried on it meet a world that does not exist. These checks are computed on its tables
each time they are made. The bounds are set by judgement and are wide; no data on any real participant are behind them.

{passed} of {all} hold. Those that do not are known faults of the synthetic trial.

| Check | Asked | Found | Holds |
|---|---|--:|---|
{rows}

```{{raw}} html
<p class="data-label">Synthetic data: invented people</p>
```
"""


@dataclass(frozen=True)
class Check:
    """One check: what is looked at, the bounds of its number, how it is written, and the number itself."""

    what: str
    least: float
    most: float
    form: str
    found: float

    @property
    def holds(self) -> bool:
        """Whether the number lies within its bounds, which belong to them."""
        return self.least <= self.found <= self.most

    @property
    def asked(self) -> str:
        """The bounds in words."""
        low, high = (self.written(end) for end in (self.least, self.most))
        if np.isinf(self.most):
            return f"at least\N{NO-BREAK SPACE}{low}"
        return f"at most\N{NO-BREAK SPACE}{high}" if np.isinf(self.least) else f"{low} to {high}"

    def written(self, number: float) -> str:
        """A number in the form of this check."""
        return f"{number:{self.form}}".replace("-", "−")


def at_least(what: str, bound: float, form: str, found: float) -> Check:
    """A check with a lower bound alone."""
    return Check(what, bound, np.inf, form, float(found))


def at_most(what: str, bound: float, form: str, found: float) -> Check:
    """A check with an upper bound alone."""
    return Check(what, -np.inf, bound, form, float(found))


class _Seen:
    """The tables as the checks look at them."""

    def __init__(self, trial: Trial) -> None:
        self.tables, self.panel = trial.tables, trial.panel

    @cached_property
    def status(self) -> pd.DataFrame:
        """People × months: the status, missing where nobody is observed."""
        return self.panel.pivot(index="participant_id", columns="month", values="status").astype(object)

    def changing(self, month: int) -> float:
        """Share of people whose status in the next month is another one."""
        both = self.status[[month, month + 1]].dropna()
        return (both[month] != both[month + 1]).mean()

    def persistence(self, month: int) -> float:
        """Correlation of being in work without benefits in this month and six months on."""
        both = self.status[[month, month + 6]].dropna() == "job_no_benefits"
        return both[month].astype(float).corr(both[month + 6].astype(float))

    def share_with_job(self, status: str) -> float:
        """Share of person-months from inclusion on with a status that have a registered job, too."""
        rows = self.panel[(self.panel["month"] >= 0) & (self.panel["status"] == status)]
        return rows["has_job"].mean()

    def answers(self, wave: int, column: str) -> pd.Series:
        """A column of one wave by person, unanswered ones left out."""
        rows = self.tables["questionnaires"]
        return rows[rows["wave"] == wave].set_index("participant_id")[column].dropna()


def checks(trial: Trial) -> list[Check]:
    """All checks on the tables of a trial that follows people from a year before inclusion to 18 months after it."""
    seen = _Seen(trial)
    return [check for part in (_of_answers, _of_months, _of_benefits, _of_days, _of_jobs) for check in part(seen)]


def _of_answers(seen: _Seen) -> Iterator[Check]:
    health = seen.answers(12, "health_ladder")
    works = (seen.status[12].dropna() == "job_no_benefits").astype(float)
    both = pd.concat([health, works], axis=1, join="inner")
    together = both["health_ladder"].corr(both[12])
    yield at_least("Correlation of self-rated health and work, month 12", 0.15, ".2f", together)
    both = pd.concat([seen.answers(0, "expectation_work"), works], axis=1, join="inner")
    gap = both.groupby(12)["expectation_work"].mean().reindex([0.0, 1.0]).diff().iloc[-1]
    yield at_least("Expectation of work at inclusion, those in work at month 12 less others", 0.3, ".2f", gap)
    before, after = (_sum_of_items(seen, wave, "chalder") for wave in (0, 12))
    yield at_least("Correlation of fatigue over the year", 0.4, ".2f", before.corr(after))


def _sum_of_items(seen: _Seen, wave: int, instrument: str) -> pd.Series:
    """The items of an instrument added up, by person; only those who answered all."""
    rows = seen.tables["questionnaires"]
    items = [name for name in rows if name.startswith(f"{instrument}_")]
    own = rows[rows["wave"] == wave].set_index("participant_id")[items].dropna()
    return own.astype(float).sum(axis=1)


def _of_months(seen: _Seen) -> Iterator[Check]:
    usual = np.mean([seen.changing(month) for month in (10, 11, 13, 14)])
    ratio = seen.changing(12) / usual
    yield at_most("Changes of status from month 12 to 13, as a multiple of the months around", 1.5, ".1f", ratio)
    fall = seen.persistence(6) - seen.persistence(12)
    yield at_most("Persistence of work over six months, from month 6 less from month 12", 0.1, ".2f", fall)


def _of_benefits(seen: _Seen) -> Iterator[Check]:
    spells = seen.tables["benefit_spells"]
    across = (spells["from_date"] < AAP_BEGAN) & ~(spells["to_date"] < AAP_BEGAN) & (spells["benefit"] == "aap")
    yield at_most("AAP spells that run on from a scheme that AAP replaced", 0, ".0f", across.sum())
    hours = seen.tables["aap_hours"]["hours_worked"]
    little = (hours[hours > 0] < FORTNIGHT / 5).mean()
    yield at_least("Forms with less than a fifth of full time, of those with hours", 0.05, ".0%", little)
    income = seen.tables["income"].set_index(["participant_id", "year"])["pensionable_income_nok"]
    yield at_most("Income above 200,000 NOK in years with neither job nor benefit", 0.1, ".0%", _rich(seen, income))


def _rich(seen: _Seen, income: pd.Series) -> float:
    """Share of person-years, all twelve months with neither job nor benefit, that have much income."""
    included = seen.panel["participant_id"].map(seen.tables["participants"].set_index("participant_id")["included_on"])
    year = (included.dt.year * 12 + included.dt.month - 1 + seen.panel["month"]) // 12
    neither = seen.panel["status"].isin(NEITHER)
    months = neither.groupby([seen.panel["participant_id"], year.rename("year")])
    whole = months.agg(["sum", "size"])
    years = whole.index[(whole["sum"] == 12) & (whole["size"] == 12)]
    return (income.reindex(years).dropna() > MUCH).mean()


def _of_days(seen: _Seen) -> Iterator[Check]:
    for what, table, column in (("Contacts", "contacts", "contact_on"), ("Referrals", "screening", "referred_on")):
        weekdays = seen.tables[table][column].dropna().dt.day_of_week.value_counts(normalize=True)
        yield at_most(f"{what} on the commonest weekday", 0.3, ".0%", weekdays.max())


def _of_jobs(seen: _Seen) -> Iterator[Check]:
    jobs = seen.tables["job_spells"]
    ends = jobs["to_date"].dropna()
    yield at_most("Ended jobs that end on the last day of a month", 0.9, ".0%", ends.dt.is_month_end.mean())
    pairs = jobs.merge(jobs, on="participant_id")
    until = pairs[["to_date_x", "to_date_y"]].fillna(pd.Timestamp.max)
    meet = (pairs["from_date_x"] <= until["to_date_y"]) & (pairs["from_date_y"] <= until["to_date_x"])
    two = pairs.loc[meet & (pairs["employer_id_x"] != pairs["employer_id_y"]), "participant_id"].nunique()
    share = two / jobs["participant_id"].nunique()
    yield at_least("People with two employers at a time, of those with a job", 0.02, ".0%", share)
    yield at_least("Jobs without agreed hours", 0.005, ".1%", jobs["agreed_hours"].isna().mean())
    yield Check("Months on full sick leave with a job", 0.6, 0.98, ".0%", seen.share_with_job(FULL))
    yield at_least("Months on unemployment benefit with a job", 0.02, ".0%", seen.share_with_job(UNEMPLOYED))


def page(trial: Trial) -> str:
    """The page as Markdown: every check with what is asked and what is found."""
    found = checks(trial)
    rows = [f"| {check.what} | {check.asked} | {check.written(check.found)} | {'yes' if check.holds else '**no**'} |"
            for check in found]  # fmt: skip
    return _PAGE.format(passed=sum(check.holds for check in found), all=len(found), rows="\n".join(rows))

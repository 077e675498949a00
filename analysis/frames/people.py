"""One row per participant: background and the covariates derived from it, as the analyses use them."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from analysis.study.settings import Study

DAYS_PER_YEAR = 365.25
AGE_GROUPS = ("under_30", "30_40", "40_50", "over_50")
AGE_LIMITS = (0, 30, 40, 50, np.inf)
STATUS_GROUPS = ("in_work", "sick_listed_full", "aap", "other")
_GROUP_OF_STATUS = {
    "job_no_benefits": "in_work",
    "sick_listed_graded": "in_work",
    "sick_listed_full": "sick_listed_full",
    "aap": "aap",
    "aap_and_job": "aap",
}
_YES_NO = {
    "married": ("marital_status", ("married_partner",)),
    "education_primary": ("education", ("primary",)),
    "education_upper_secondary": ("education", ("upper_secondary",)),
    "education_higher": ("education", ("university_1_4_years", "university_over_4_years")),
    "born_outside_norway": ("country_of_birth", ("nordic", "outside_nordic")),
    "good_self_rated_health": ("self_rated_health", ("very_good", "good")),
}
_POSITIVE = ("fits_very_well", "fits_well")
# Only with these unanswered questions counted as no do the means of table A.1 come from whole people in full groups
# (168 of 375 in good health, not 168 of 374) and do the regressions keep 1,187 people.
_UNANSWERED_IS_NO = ("married", "good_self_rated_health")


def people_frame(tables: Mapping[str, pd.DataFrame], study: Study, panel: pd.DataFrame) -> pd.DataFrame:
    """Participants with background and derived covariates, one row per participant in the order of `participants`.

    Columns: those of participants and background, and
    age (completed years at inclusion), age_exact (days since birth / 365.25), age_group (ordered categorical of
    AGE_GROUPS, lower limit included);
    education_primary, education_upper_secondary, education_higher (university), born_outside_norway: boolean, missing
    when the question was not answered;
    married, good_self_rated_health (very good or good): boolean; an unanswered question counts as no, which is the rule
    that gives the means of table A.1 and the 1,187 people of the regressions;
    positive_expectation_of_work: fits well or very well to be back at work within weeks; an unanswered question counts
    as no, which is the rule that gives the published 326 people;
    income_year_before_inclusion_1000nok (see `income_before`), income_below_G_year_before_inclusion;
    status_at_inclusion (status in month 0 of the panel) and status_group (ordered categorical of STATUS_GROUPS: in work
    means in work without benefits or partly sick-listed), missing without an observed month 0.
    Checked against ten people worked by hand (tests/handmade).
    """
    people = tables["participants"].merge(tables["background"], on="participant_id", how="left", validate="1:1")
    people = people.assign(
        **_ages(people), **{name: _is_one_of(people[column], codes) for name, (column, codes) in _YES_NO.items()}
    )
    people = people.assign(**{name: people[name].fillna(False) for name in _UNANSWERED_IS_NO})
    people["positive_expectation_of_work"] = people["expects_return_within_weeks"].isin(_POSITIVE)
    people = people.merge(income_before(tables, study), on="participant_id", how="left", validate="1:1")
    return people.merge(_status_at_inclusion(panel), on="participant_id", how="left", validate="1:1")


def income_before(tables: Mapping[str, pd.DataFrame], study: Study) -> pd.DataFrame:
    """Pensionable income in the calendar year before inclusion, one row per participant.

    income_year_before_inclusion_1000nok: thousand NOK in prices of `economics.income_price_year`, by the ratio of the
    consumer price indices of the two years. income_below_G_year_before_inclusion: income in its own year's prices below
    the basic amount (G) set on 1 May of that year. Both are missing without an income row or without the inputs.
    """
    people = tables["participants"][["participant_id"]].assign(year=tables["participants"]["included_on"].dt.year - 1)
    rows = people.merge(tables["income"], on=["participant_id", "year"], how="left", validate="1:1")
    nominal = rows["pensionable_income_nok"]
    index = _by_year(study, "consumer_price_index")
    price_year = study.economics["income_price_year"].value if "income_price_year" in study.economics else None
    real = nominal * index.get(price_year, np.nan) / rows["year"].map(index) / 1000
    limit = rows["year"].map(_by_year(study, "basic_amount"))
    below = (nominal < limit).astype("boolean").mask(nominal.isna() | limit.isna())
    return pd.DataFrame(
        {
            "participant_id": rows["participant_id"],
            "income_year_before_inclusion_1000nok": real,
            "income_below_G_year_before_inclusion": below,
        }
    )


def completed_years(born: pd.Series, on: pd.Series) -> pd.Series:
    """Completed years of age: someone born on 29 February completes a year on 1 March of other years."""
    before_birthday = (on.dt.month < born.dt.month) | ((on.dt.month == born.dt.month) & (on.dt.day < born.dt.day))
    return on.dt.year - born.dt.year - before_birthday.astype(int)


def age_groups(age: pd.Series) -> pd.Series:
    """Age in years → ordered categorical of AGE_GROUPS; the lower limit belongs to the group. Missing stays missing."""
    return pd.cut(age, AGE_LIMITS, right=False, labels=AGE_GROUPS)


def _ages(people: pd.DataFrame) -> dict[str, pd.Series]:
    age = completed_years(people["birth_date"], people["included_on"])
    exact = (people["included_on"] - people["birth_date"]).dt.days / DAYS_PER_YEAR
    return {"age": age, "age_exact": exact, "age_group": age_groups(age)}


def _is_one_of(values: pd.Series, codes: tuple[str, ...]) -> pd.Series:
    return values.isin(codes).astype("boolean").mask(values.isna())


def _by_year(study: Study, name: str) -> dict[int, float]:
    if name not in study.economics:
        return {}
    return {int(year): value for year, value in study.economics[name].value.items()}


def _status_at_inclusion(panel: pd.DataFrame) -> pd.DataFrame:
    now = panel.loc[panel["month"] == 0, ["participant_id", "status"]].rename(columns={"status": "status_at_inclusion"})
    group = now["status_at_inclusion"].astype("str").map(lambda status: _GROUP_OF_STATUS.get(status, "other"))
    return now.assign(
        status_group=pd.Categorical(group, categories=STATUS_GROUPS, ordered=True),
        participant_id=now["participant_id"].astype("str"),
    )

"""One row per participant: background and the covariates derived from it, as the analyses use them."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from analysis.study.outcome_rules import Subgroup
from analysis.study.settings import Study

DAYS_PER_YEAR = 365.25
AGE_GROUPS = ("under_30", "30_40", "40_50", "over_50")
AGE_LIMITS = (0, 30, 40, 50, np.inf)
_YES_NO = {
    "married": ("marital_status", ("married_partner",)),
    "education_primary": ("education", ("primary",)),
    "education_upper_secondary": ("education", ("upper_secondary",)),
    "education_higher": ("education", ("university_1_4_years", "university_over_4_years")),
    "born_outside_norway": ("country_of_birth", ("nordic", "outside_nordic")),
    "good_self_rated_health": ("self_rated_health", ("very_good", "good")),
    "positive_expectation_of_work": ("expects_return_within_weeks", ("fits_very_well", "fits_well")),
}


def people_frame(tables: Mapping[str, pd.DataFrame], study: Study, panel: pd.DataFrame | None) -> pd.DataFrame:
    """Participants with background and derived covariates, one row per participant in the order of `participants`.

    Columns: those of participants and background, and
    age (completed years at inclusion), age_exact (days since birth / 365.25), age_group (ordered categorical of
    AGE_GROUPS, lower limit included);
    education_primary, education_upper_secondary, education_higher (university), born_outside_norway, married,
    good_self_rated_health (very good or good), positive_expectation_of_work (fits well or very well to be back at work
    within weeks): boolean, missing when the question was not answered, unless the study's published report counted no
    answer as no (`unanswered_is_no` of its as_printed.yml);
    income_year_before_inclusion_1000nok (see `income_before`), income_below_G_year_before_inclusion;
    status_at_inclusion (status in unit 0 of the panel) and status_group (ordered categorical of `status_groups` of
    study.yml), missing without an observed unit of inclusion; both only with a panel;
    one ordered categorical `group_<code>` for each subgroup of study.yml (see `subgroup_of`).
    Checked against ten people worked by hand (tests/handmade).
    """
    people = tables["participants"].merge(tables["background"], on="participant_id", how="left", validate="1:1")
    people = people.assign(
        **_ages(people), **{name: _is_one_of(people[column], codes) for name, (column, codes) in _YES_NO.items()}
    )
    counted_as_no = study.as_printed.unanswered_is_no if study.as_printed else ()
    people = people.assign(**{name: people[name].fillna(False) for name in counted_as_no})
    people = people.merge(income_before(tables, study), on="participant_id", how="left", validate="1:1")
    if panel is not None:
        statuses = _status_at_inclusion(panel, study)
        people = people.merge(statuses, on="participant_id", how="left", validate="1:1")
    return people.assign(**{f"group_{subgroup.code}": subgroup_of(people, subgroup) for subgroup in study.subgroups})


def subgroup_of(people: pd.DataFrame, subgroup: Subgroup) -> pd.Series:
    """Each person's group, an ordered categorical of the subgroup's codes; missing where the column is missing.

    Raises KeyError for a column that `people` does not have.
    """
    values = people[subgroup.column]
    if subgroup.cuts:
        limits = (-np.inf, *subgroup.cuts, np.inf)
        return pd.cut(values.astype(float), limits, right=False, labels=subgroup.cut_names)
    if subgroup.groups:
        group_of = {value: group for group, own in subgroup.groups.items() for value in own}
        rest = next((group for group, own in subgroup.groups.items() if not own), None)
        group = values.map(lambda value: group_of.get(str(value), rest), na_action="ignore")
        return pd.Series(pd.Categorical(group, categories=list(subgroup.groups), ordered=True), index=values.index)
    if pd.api.types.is_bool_dtype(values):
        group = values.astype("boolean").map({True: "yes", False: "no"}, na_action="ignore")
        return pd.Series(pd.Categorical(group, categories=["yes", "no"], ordered=True), index=values.index)
    known = list(subgroup.labels) or sorted(values.dropna().astype(str).unique())
    return pd.Series(pd.Categorical(values.astype("object"), categories=known, ordered=True), index=values.index)


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


def _status_at_inclusion(panel: pd.DataFrame, study: Study) -> pd.DataFrame:
    group_of = {status: group for group, statuses in study.status_groups.items() for status in statuses}
    rest = next((group for group, statuses in study.status_groups.items() if not statuses), None)
    now = panel.loc[panel[study.unit] == 0, ["participant_id", "status"]]
    now = now.rename(columns={"status": "status_at_inclusion"})
    group = now["status_at_inclusion"].astype("object").map(lambda status: group_of.get(status, rest), "ignore")
    return now.assign(
        status_group=pd.Categorical(group, categories=list(study.status_groups), ordered=True),
        participant_id=now["participant_id"].astype("str"),
    )

"""What each participant used: labour-market measures, health services, the programme itself, and what it cost.

Prices come from the economic inputs of the study (`study.economics`); nothing is priced in code. Months are calendar
months relative to the month of inclusion (0).
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from analysis.study.contract.answer_tables import SERVICES
from analysis.study.contract.register_tables import MEASURES
from analysis.study.settings import Study

SUPPORTED_EMPLOYMENT = "supported_employment_arbeid_med_bistand"
# Psychologists in practice and district psychiatric centres are added before consultations are counted and priced.
PRICED_SERVICES: Mapping[str, tuple[str, ...]] = {
    "general_practitioner": ("general_practitioner",),
    "psychologist": ("psychologist", "district_psychiatric_centre"),
    "physiotherapist": ("physiotherapist",),
    "chiropractor": ("chiropractor",),
}


def programme_cost_per_case(study: Study, inputs: Mapping[str, Any] | None = None) -> dict[str, float]:
    """Currency units per person treated in the programme, by part; empty if the study gives no cost of the programme.

    programme: `programme_cost_per_case`. Otherwise centre (appropriation) and job_consultant (bought months of work),
    each the year's cost over the cases of a full year. `inputs`: values in the place of the study's (`input_values`),
    which may be arrays.
    """
    given = inputs or input_values(study)
    if "programme_cost_per_case" in given:
        return {"programme": given["programme_cost_per_case"]}
    cases, parts = cases_per_year(study, given), {}
    if "centre_appropriation" in given:
        parts["centre"] = given["centre_appropriation"] / cases
    if {"job_consultant_months", "job_consultant_monthly_rate"} <= set(given):
        parts["job_consultant"] = given["job_consultant_months"] * given["job_consultant_monthly_rate"] / cases
    return parts


def cases_per_year(study: Study, inputs: Mapping[str, Any] | None = None) -> float:
    """Cases that a full year closes: as given, or those closed in a third of a year × thirds per year; else NaN."""
    given = inputs or input_values(study)
    if "cases_per_year" in given:
        return given["cases_per_year"]
    return given.get("cases_closed_first_third", np.nan) * given.get("thirds_per_year", np.nan)


def input_values(study: Study) -> dict[str, Any]:
    """Name of each economic input that the study gives → its value."""
    return {name: given.value for name, given in study.economics.items()}


def economic_input(study: Study, name: str, default: Any = None) -> Any:
    """Value of one economic input, or the default; KeyError with the name if study.yml gives none and there is none."""
    if name in study.economics:
        return study.economics[name].value
    if default is None:
        raise KeyError(f"study.yml gives no economics.{name}, which the cost-benefit analysis needs")
    return default


def priced_measures(study: Study) -> dict[str, float]:
    """Type of labour-market measure → price of a month in it; empty where measures are no part of the evaluation."""
    return dict(economic_input(study, "measure_monthly_rate", {}))


def priced_services(study: Study) -> dict[str, float]:
    """Health service → fee of a consultation; empty where services are no part of the evaluation."""
    return dict(economic_input(study, "consultation_fee", {}))


def measure_window(study: Study) -> range:
    """The months in which a counted measure starts: `measure_window`, or all after inclusion."""
    window = economic_input(study, "measure_window", {"from": 0, "to": study.horizon.after if study.horizon else 0})
    return range(int(window["from"]), int(window["to"]) + 1)


def participant_resources(tables: Mapping[str, pd.DataFrame], study: Study) -> pd.DataFrame:
    """One row per participant, in the order of `participants`: what was used and what it cost.

    Columns: participant_id, arm, centre; measures_started and measures_<type> (number that started in the window),
    measure_months and measure_cost_nok (see `measure_use`); for every follow-up wave: services_answered_m06 (bool),
    used_<service>_m06, consultations_<service>_m06 and cost_<service>_m06_nok (see `service_use`);
    programme_cost_nok (in the treatment arm, 0 in the control arm). Amounts in prices of the year given in study.yml,
    not discounted.

    Missing data: someone without measures has zeros; someone who did not answer the services block of a wave has
    missing values for that wave.
    """
    people = tables["participants"][["participant_id", "arm", "centre"]]
    programme = sum(programme_cost_per_case(study).values())
    resources = people.assign(programme_cost_nok=(people["arm"] == study.treatment) * programme)
    resources = resources.merge(measure_use(tables, study), on="participant_id", how="left", validate="1:1")
    for wave in study.follow_up_waves:
        use = service_use(tables["health_services"], wave, priced_services(study))
        resources = resources.merge(use, on="participant_id", how="left", validate="1:1")
        answered = f"services_answered_m{wave:02d}"
        resources[answered] = resources[answered].eq(True).fillna(False).astype(bool)
    return resources


def counted_measures(tables: Mapping[str, pd.DataFrame], study: Study) -> pd.DataFrame:
    """Measures that count as help other than the programme: one row per measure started in the window.

    Columns: participant_id, arm, measure, start_month, months, cost_nok. A measure counts if it starts within
    `measure_window` (months after inclusion) and, for supported employment in the treatment arm, not before
    `supported_employment_from_month`, since before that it is the programme's own.
    `months` are the calendar months from the start to the end of the measure that lie inside the window; a running
    measure ends with the register. Cost = months × the measure's monthly rate, missing without a rate.
    """
    people = tables["participants"][["participant_id", "arm", "included_on"]]
    measures = tables["measures"].merge(people, on="participant_id", validate="m:1")
    included = _calendar_month(measures["included_on"])
    register_end = pd.Timestamp(study.dates.register_end)
    ended = measures["to_date"].fillna(register_end).clip(upper=register_end)
    window = measure_window(study)
    start = _calendar_month(measures["from_date"]) - included
    months = (_calendar_month(ended) - included).clip(upper=window[-1]) - start + 1
    counted = measures[["participant_id", "arm", "measure"]].assign(start_month=start, months=months)
    own = (counted["measure"] == SUPPORTED_EMPLOYMENT) & (counted["arm"] == study.treatment)
    too_early = own & (start < economic_input(study, "supported_employment_from_month", window[0]))
    inside = start.between(window[0], window[-1])
    counted = counted[inside & ~too_early & (measures["from_date"] <= register_end)]
    rate = counted["measure"].astype("string").map(priced_measures(study)).astype(float)
    return counted.assign(cost_nok=counted["months"] * rate).reset_index(drop=True)


def measure_types(tables: Mapping[str, pd.DataFrame], study: Study) -> list[str]:
    """The types of measures that a study counts: those it prices, then others that occur in its data."""
    priced, there = priced_measures(study), set(tables["measures"]["measure"].astype(str))
    return [*priced, *(measure for measure in MEASURES if measure in there - set(priced))]


def measure_use(tables: Mapping[str, pd.DataFrame], study: Study) -> pd.DataFrame:
    """One row per participant: measures_<type> and measures_started, measure_months, measure_cost_nok.

    Built on `counted_measures`; participants without a counted measure have zeros. A study that holds no measure at all
    has not delivered the table, and one without dates of registers cannot place them: then everything is missing. The
    cost of someone with a measure that has no monthly rate is missing.
    """
    everyone = pd.Index(tables["participants"]["participant_id"], name="participant_id")
    if tables["measures"].empty or study.dates is None:
        columns = [f"measures_{measure}" for measure in measure_types(tables, study)]
        columns += ["measures_started", "measure_months", "measure_cost_nok"]
        return pd.DataFrame(np.nan, index=everyone, columns=columns).reset_index()
    counted = counted_measures(tables, study)
    by_type = pd.crosstab(counted["participant_id"], counted["measure"].astype(str))
    started = by_type.reindex(index=everyone, columns=measure_types(tables, study), fill_value=0)
    started = started.add_prefix("measures_")
    sums = counted.groupby("participant_id")[["months", "cost_nok"]].sum().reindex(everyone, fill_value=0)
    unpriced = everyone.isin(counted.loc[counted["cost_nok"].isna(), "participant_id"])
    started["measures_started"] = started.sum(axis=1)
    started["measure_months"] = sums["months"].astype("int64")
    started["measure_cost_nok"] = sums["cost_nok"].astype(float).mask(unpriced)
    return started.rename_axis(columns=None).reset_index()


def service_use(services: pd.DataFrame, wave: int, fees: Mapping[str, float]) -> pd.DataFrame:
    """One row per participant who answered the services block of a wave (the last six months).

    `services` has one row per participant, wave and service. Columns: services_answered_mWW (True), used_<service>_mWW,
    consultations_<service>_mWW of PRICED_SERVICES and, for a service with a fee, cost_<service>_mWW_nok = consultations
    × fee; psychologist counts district psychiatric centres too. A missing number of consultations with used = false is
    zero; with used = true it stays missing, and so does the cost: such people are left out of means, which are then too
    low, as the page says with their number. Where a service was used and no user's number is known, it is missing for
    all: the noughts of the others alone would be a mean of nought.
    """
    answered = services[services["wave"] == wave]
    known = answered["consultations"].astype(float).where(answered["used"] | answered["consultations"].notna(), 0.0)
    used, number = (
        answered.assign(consultations=known)
        .pivot(index="participant_id", columns="service", values=values)
        .reindex(columns=list(SERVICES))
        for values in ("used", "consultations")
    )
    use = pd.DataFrame({f"services_answered_m{wave:02d}": True}, index=used.index)
    for service in SERVICES:
        use[f"used_{service}_m{wave:02d}"] = used[service].astype("boolean")
    for service, parts in PRICED_SERVICES.items():
        told = number[list(parts)].astype(float).mask(_untold(used[list(parts)], number[list(parts)]))
        consultations = told.sum(axis=1, skipna=False)
        use[f"consultations_{service}_m{wave:02d}"] = consultations
        if service in fees:
            use[f"cost_{service}_m{wave:02d}_nok"] = consultations * fees[service]
    return use.rename_axis(columns=None).reset_index()


def _untold(used: pd.DataFrame, number: pd.DataFrame) -> pd.DataFrame:
    """Services that somebody used, of whose users nobody's number is known; each in all of its rows."""
    by_users = used.eq(True)
    unknown = by_users.any() & ~(by_users & number.notna()).any()
    return pd.DataFrame({service: unknown[service] for service in number}, index=number.index)


def _calendar_month(days: pd.Series) -> pd.Series:
    """Months since year 0, so that differences are months between calendar months."""
    return days.dt.year * 12 + days.dt.month

"""What each participant used: labour-market measures, health services, the programme itself, and what it cost.

Prices come from the economic inputs of the study (`study.economics`); nothing is priced in code. Months are calendar
months relative to the month of inclusion (0).
"""

from collections.abc import Mapping

import pandas as pd

from analysis.study.contract.answer_tables import SERVICES
from analysis.study.settings import Study

SUPPORTED_EMPLOYMENT = "supported_employment_arbeid_med_bistand"
# The report adds psychologists in practice and district psychiatric centres before counting and pricing consultations.
PRICED_SERVICES: Mapping[str, tuple[str, ...]] = {
    "general_practitioner": ("general_practitioner",),
    "psychologist": ("psychologist", "district_psychiatric_centre"),
    "physiotherapist": ("physiotherapist",),
    "chiropractor": ("chiropractor",),
}


def programme_cost_per_case(study: Study) -> dict[str, float]:
    """NOK per person treated in the programme: centre (appropriation) and job_consultant (bought months of work).

    Each is the year's cost over the cases a full year closes: cases closed in a third of a year × thirds per year
    (report, section 5.2: 246 × 2.5 = 615). Raises KeyError naming an input that study.yml lacks.
    """
    cases = cases_per_year(study)
    consultants = economic_input(study, "job_consultant_months") * economic_input(study, "job_consultant_monthly_rate")
    return {"centre": economic_input(study, "centre_appropriation") / cases, "job_consultant": consultants / cases}


def cases_per_year(study: Study) -> float:
    """Cases the centres close in a year with all places in use."""
    return economic_input(study, "cases_closed_first_third") * economic_input(study, "thirds_per_year")


def economic_input(study: Study, name: str) -> float | Mapping:
    """Value of one economic input; KeyError with the name if study.yml does not give it."""
    if name not in study.economics:
        raise KeyError(f"study.yml gives no economics.{name}, which the cost-benefit analysis needs")
    return study.economics[name].value


def participant_resources(tables: Mapping[str, pd.DataFrame], study: Study) -> pd.DataFrame:
    """One row per participant, in the order of `participants`: what was used and what it cost.

    Columns: participant_id, arm, centre; measures_started and measures_<type> (number that started in the window),
    measure_months and measure_cost_nok (see `measure_use`); for every follow-up wave: services_answered_m06 (bool),
    used_<service>_m06, consultations_<service>_m06 and cost_<service>_m06_nok (see `service_use`);
    programme_cost_nok (centre and job consultant in the treatment arm, 0 in the control arm). NOK of the price year
    given in study.yml, not discounted.

    Missing data: someone without measures has zeros; someone who did not answer the services block of a wave has
    missing values for that wave.
    """
    people = tables["participants"][["participant_id", "arm", "centre"]]
    treated = people["arm"] == study.treatment
    resources = people.assign(programme_cost_nok=treated * sum(programme_cost_per_case(study).values()))
    resources = resources.merge(measure_use(tables, study), on="participant_id", how="left", validate="1:1")
    for wave in (wave for wave in study.waves if wave > 0):
        use = service_use(tables["health_services"], wave, economic_input(study, "consultation_fee"))
        resources = resources.merge(use, on="participant_id", how="left", validate="1:1")
        answered = f"services_answered_m{wave:02d}"
        resources[answered] = resources[answered].eq(True).fillna(False).astype(bool)
    return resources


def counted_measures(tables: Mapping[str, pd.DataFrame], study: Study) -> pd.DataFrame:
    """Measures that count as help other than the programme: one row per measure started in the window.

    Columns: participant_id, arm, measure, start_month, months, cost_nok. A measure counts if it starts within
    `measure_window` (months after inclusion) and, for supported employment in the treatment arm, not before
    `supported_employment_from_month`, since before that it is the programme's own (report, table 19, footnote b).
    `months` are the calendar months from the start to the end of the measure that lie inside the window; a running
    measure ends with the register. Cost = months × the measure's monthly rate.
    """
    people = tables["participants"][["participant_id", "arm", "included_on"]]
    measures = tables["measures"].merge(people, on="participant_id", validate="m:1")
    included = _calendar_month(measures["included_on"])
    register_end = pd.Timestamp(study.dates.register_end)
    ended = measures["to_date"].fillna(register_end).clip(upper=register_end)
    window = economic_input(study, "measure_window")
    first, last = int(window["from"]), int(window["to"])
    start = _calendar_month(measures["from_date"]) - included
    months = (_calendar_month(ended) - included).clip(upper=last) - start + 1
    rates = economic_input(study, "measure_monthly_rate")
    counted = measures[["participant_id", "arm", "measure"]].assign(start_month=start, months=months)
    own = (counted["measure"] == SUPPORTED_EMPLOYMENT) & (counted["arm"] == study.treatment)
    too_early = own & (start < economic_input(study, "supported_employment_from_month"))
    counted = counted[start.between(first, last) & ~too_early & (measures["from_date"] <= register_end)]
    rate = counted["measure"].astype("string").map(dict(rates)).astype(float)
    return counted.assign(cost_nok=counted["months"] * rate).reset_index(drop=True)


def measure_use(tables: Mapping[str, pd.DataFrame], study: Study) -> pd.DataFrame:
    """One row per participant: measures_<type> and measures_started, measure_months, measure_cost_nok.

    Built on `counted_measures`; participants without a counted measure have zeros. A study that holds no measure at all
    has not delivered the table, so everything is missing. A type of measure without a monthly rate raises KeyError.
    """
    counted = counted_measures(tables, study)
    types = list(economic_input(study, "measure_monthly_rate"))
    unpriced = sorted(set(counted["measure"].astype(str)) - set(types))
    if unpriced:
        raise KeyError(f"economics.measure_monthly_rate has no rate for {', '.join(unpriced)}")
    everyone = pd.Index(tables["participants"]["participant_id"], name="participant_id")
    by_type = pd.crosstab(counted["participant_id"], counted["measure"].astype(str))
    started = by_type.reindex(index=everyone, columns=types, fill_value=0).add_prefix("measures_")
    sums = counted.groupby("participant_id")[["months", "cost_nok"]].sum().reindex(everyone, fill_value=0)
    started["measures_started"] = started.sum(axis=1)
    started["measure_months"] = sums["months"].astype("int64")
    started["measure_cost_nok"] = sums["cost_nok"].astype(float)
    if tables["measures"].empty:
        started = started.astype(float).mask(started.notna())
    return started.rename_axis(columns=None).reset_index()


def service_use(services: pd.DataFrame, wave: int, fees: Mapping[str, float]) -> pd.DataFrame:
    """One row per participant who answered the services block of a wave (the last six months).

    `services` has one row per participant, wave and service. Columns: services_answered_mWW (True), used_<service>_mWW,
    consultations_<priced service>_mWW and cost_<priced service>_mWW_nok = consultations × fee, where psychologist
    counts district psychiatric centres too. A missing number of consultations with used = false is zero; with used =
    true it stays missing, and so does the cost.
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
        consultations = number[list(parts)].astype(float).sum(axis=1, skipna=False)
        use[f"consultations_{service}_m{wave:02d}"] = consultations
        use[f"cost_{service}_m{wave:02d}_nok"] = consultations * fees[service]
    return use.rename_axis(columns=None).reset_index()


def _calendar_month(days: pd.Series) -> pd.Series:
    """Months since year 0, so that differences are months between calendar months."""
    return days.dt.year * 12 + days.dt.month

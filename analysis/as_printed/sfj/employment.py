"""Section 4.1 of the report: which tables of the chapter on employment it prints, and the numbers in its text."""

import pandas as pd
from scipy import stats

from analysis.chapters import employment
from analysis.chapters.employment.durations import short_absence
from analysis.chapters.employment.models import ADJUSTED, best_centre_effects, effects, model_of
from analysis.chapters.employment.populations import (
    best_centre_rows,
    best_centres,
    compare,
    late_outcomes,
    outcomes_at,
    two_times,
)
from analysis.chapters.employment.sentences import followed_to
from analysis.frames.needs import Absent, needs
from analysis.frames.registers import EMPLOYER_PERIOD_DAYS, FORM_DAYS, FULL_DEGREE
from analysis.frames.trial import Trial
from analysis.published.registry import counts_as, published
from analysis.show.tables import Table, cells

NAN = float("nan")
NARROW, PRIMARY = "in_work_no_benefits", "fully_or_partly_in_work"
# Printed effects that are read from column 1 of Table 9: (key, column) → term.
EFFECTS_OF_COLUMN_1 = {
    ("age_effect", "per_year"): "age",
    ("higher_education_effect", "vs_upper_secondary"): "education_higher",
    ("primary_education_effect", "vs_upper_secondary"): "education_primary",
    ("income_effect", "per_1000_nok"): "income_year_before_inclusion_1000nok",
    ("good_health_effect", "total"): "good_self_rated_health",
    ("positive_expectation_effect", "total"): "positive_expectation_of_work",
    ("in_work_at_inclusion_effect", "vs_full_sick_leave"): "in_work_at_inclusion",
    ("aap_at_inclusion_effect", "vs_full_sick_leave"): "aap_at_inclusion",
}
# The months in which the report estimated the product of treatment and AAP again, in its footnote 4.
FOOTNOTE_MONTHS = (13, 14, 16, 17)


@published("text_4.1", chapter="employment")
@needs("arms", "benefits", "several_centres", "several_statuses")
def text_4_1(trial: Trial, n_best_centres: int = 3, conf_level: float = 0.95) -> Table | Absent:
    """Every number of section 4.1 outside tables and figures.

    Effects are magnitudes: the text gives their sign in words. A study that is read at other times has no such section.
    """
    if two_times(trial) != [12, 18]:
        return Absent("as_printed")
    found = [
        *_data_and_rules(trial, conf_level),
        *_statuses(trial),
        *_observed(trial),
        *_model_numbers(trial),
        *_groups(trial),
        *_best_centres(trial, n_best_centres),
    ]
    return Table("text_4.1", cells(found), decimals={"z": 2}, conf_level=conf_level)


def _data_and_rules(trial: Trial, conf_level: float) -> list[tuple]:
    dates, level = trial.study.dates, 100 * (1 - conf_level)
    years = trial.tables["income"]["year"] if "income" in trial.tables else pd.Series(dtype="int64")
    return [
        ("register_data_benefits_start_january", "note", "year", dates.register_start.year),
        ("register_data_benefits_end_march", "note", "year", dates.register_end.year),
        ("income_data_start", "note", "year", years.min()),
        ("income_data_end", "note", "year", years.max()),
        ("employer_period", "note", "days", EMPLOYER_PERIOD_DAYS),
        ("sick_leave_not_captured_up_to", "note", "days", EMPLOYER_PERIOD_DAYS),
        ("report_card_interval", "note", "days", FORM_DAYS),
        ("full_disability_degree", "note", "pct", FULL_DEGREE),
        ("significance_level", "note", "pct", level),
        ("significance_level", "note2", "pct", level),
        ("significance_level_footnote4", "note", "pct", 2 * level),
        ("critical_value_5pct", "note", "z", stats.norm.ppf(0.975)),
        ("critical_value_1pct", "note", "z", stats.norm.ppf(0.995)),
        ("short_out_of_work_duration", "range_low", "months", 1),
        ("short_out_of_work_duration", "range_high", "months", short_absence(trial)),
    ]


def _statuses(trial: Trial) -> list[tuple]:
    """Shares at inclusion and differences after 12 months, from Table 7."""
    study, shares = trial.study, employment.statuses_table(trial).cells
    counts = shares[shares["statistic"] == "pct"].pivot(index="row", columns="column", values="count")
    shares = shares[shares["statistic"] == "pct"].pivot(index="row", columns="column", values="value")
    inclusion = [f"inclusion_{arm}" for arm in study.arm_codes]
    together = 100 * counts[inclusion].sum(axis=1) / counts[inclusion].sum().sum()
    in_work = shares.loc["job_no_benefits", inclusion]
    later = shares[f"month12_{study.treatment}"] - shares[f"month12_{study.control}"]
    difference = f"{study.treatment}_minus_{study.control}"
    return [
        ("in_work_at_inclusion", "range_low", "pct", in_work.min()),
        ("in_work_at_inclusion", "range_high", "pct", in_work.max()),
        ("sick_listed_full_at_inclusion", "total", "pct", together["sick_listed_full"]),
        ("sick_listed_graded_at_inclusion", "total", "pct", together["sick_listed_graded"]),
        ("aap_at_inclusion", "total", "pct", together["aap"]),
        ("difference_in_work_no_benefits_12m", difference, "pct", later["job_no_benefits"]),
        ("difference_aap_and_job_12m", difference, "pct", later["aap_and_job"]),
    ]


def _observed(trial: Trial) -> list[tuple]:
    last = trial.study.horizon.after
    at_end = outcomes_at(trial, 18).groupby("arm").size().reindex(list(trial.study.arm_codes), fill_value=0)
    graded = _degree_beside_sick_leave(trial)
    return [
        ("follow_up_all", "note", "months", followed_to(trial)),
        ("follow_up_reported_max", "note", "months", last),
        *(("followed_to_month_18", arm, "n", n, n) for arm, n in at_end.items()),
        ("disability_pension_degree_in_outcome_definition", "note", "pct", graded),
    ]


def _degree_beside_sick_leave(trial: Trial) -> float:
    """The commonest degree of graded disability pension among those sick-listed in the month of inclusion."""
    panel = trial.panel.loc[(trial.panel["month"] == 0) & (trial.panel["sick_degree"] > 0)]
    degrees = panel.loc[panel["disability_degree"].between(1, FULL_DEGREE - 1), "disability_degree"]
    return float(degrees.mode().min()) if len(degrees) else float("nan")


def _model_numbers(trial: Trial) -> list[tuple]:
    """Effects the text quotes from Tables 8 and 9, and the product of treatment and AAP in months 13 to 18."""
    study, extract = trial.study, trial.extract_for(ADJUSTED)
    first, third = (effects(extract, model_of(extract, outcome)).set_index("contrast")["estimate"]
                    for outcome in (NARROW, PRIMARY))  # fmt: skip
    last = effects(extract, model_of(extract, PRIMARY, 18, products=True)).set_index("contrast")["estimate"]
    late = compare(late_outcomes(trial), trial, [NARROW], by="month")
    raw = late[late["month"] == 12].set_index("contrast")
    difference, name = f"{study.treatment}_minus_{study.control}", "difference_in_work_no_benefits_12m"
    product = f"{study.treatment}_x_aap_at_inclusion"
    again = [_product_with_aap(extract, month, product) for month in FOOTNOTE_MONTHS]
    quoted = [(*key, "pct", 100 * abs(first.get(term, NAN))) for key, term in EFFECTS_OF_COLUMN_1.items()]
    return [
        *quoted,
        (f"{name}_unadjusted", difference, "proportion", raw.loc[study.contrast, "estimate"]),
        (f"{name}_unadjusted", difference, "pct", 100 * raw.loc[study.contrast, "estimate"]),
        (f"{name}_adjusted", difference, "proportion", first[study.contrast]),
        (f"{name}_adjusted", difference, "pct", 100 * first[study.contrast]),
        ("effect_fully_or_partly_12m_adjusted", difference, "pct", 100 * third[study.contrast]),
        ("monthly_re_estimation_months", "range_low", "month", 13),
        ("monthly_re_estimation_months", "range_high", "month", trial.study.horizon.after),
        ("aap_effect_18m", "vs_full_sick_leave", "pct", 100 * abs(last.get("aap_at_inclusion", NAN))),
        (f"{study.treatment}_x_aap_effect_18m", study.contrast, "pct", 100 * last.get(product, NAN)),
        (f"{study.treatment}_x_aap_months_13_14_16_17", "range_low", "marginal_effect", min(again)),
        (f"{study.treatment}_x_aap_months_13_14_16_17", "range_high", "marginal_effect", max(again)),
    ]


def _product_with_aap(trial: Trial, month: int, product: str) -> float:
    found = effects(trial, model_of(trial, PRIMARY, month, products=True)).set_index("contrast")["estimate"]
    return float(found.get(product, NAN))


def _groups(trial: Trial) -> list[tuple]:
    at_12 = outcomes_at(trial, 12)
    on_aap = at_12.loc[at_12["status_group"] == "aap"]
    found = _shares(on_aap, "fully_or_partly_in_work_12m_aap_fig7", trial)
    return [*found, ("other_status_group", "total", "n", int((trial.people["status_group"] == "other").sum()))]


def _shares(rows: pd.DataFrame, key: str, trial: Trial) -> list[tuple]:
    shares = compare(rows, trial, [PRIMARY]).set_index("contrast")["estimate"]
    return [(key, arm, "pct", 100 * shares[arm]) for arm in (trial.study.treatment, trial.study.control)]


def _best_centres(trial: Trial, n_best_centres: int) -> list[tuple]:
    study, adjusted = trial.study, best_centre_effects(trial, n_best_centres).set_index("outcome")["estimate"]
    sick = best_centre_rows(trial, n_best_centres)
    people = trial.people.loc[trial.people["centre"].isin(best_centres(trial, n_best_centres))]
    sick_listed = people.loc[people["status_group"] == "sick_listed_full", "arm"].value_counts()
    difference, key = f"{study.treatment}_minus_{study.control}", "three_best_centres"
    return [
        (f"{key}_effect_in_work_no_benefits", difference, "pct", 100 * adjusted[NARROW]),
        (f"{key}_effect_fully_or_partly_12m", difference, "pct", 100 * adjusted[PRIMARY]),
        (f"{key}_sick_listed_100", "total", "n", sick_listed.sum()),
        *((f"{key}_sick_listed_100", arm, "n", sick_listed.get(arm, 0)) for arm in (study.control, study.treatment)),
        *_shares(sick.loc[sick["month"] == 12], f"{key}_sick_listed_100_fig9_in_work_12m", trial),
    ]


counts_as(
    "sfj",
    "employment",
    table_07=employment.statuses_table,
    table_08=employment.late_shares_table,
    table_09=employment.adjusted_models_table,
    table_A2=employment.covariate_products_table,
)

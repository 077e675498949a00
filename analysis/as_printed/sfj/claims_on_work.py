"""What the report's claims on work and benefits are held to: sections 1, 4.1 and 8."""

from functools import partial

import pandas as pd
from scipy import stats

from analysis.chapters.employment.differences import beyond_the_rest, gaps_in_points, in_points
from analysis.chapters.employment.durations import joint_tests
from analysis.chapters.employment.models import ADJUSTED, best_centre_effects, covariate_models, effects, model_of
from analysis.chapters.employment.populations import (
    best_centre_rows,
    compare,
    late_outcomes,
    monthly_outcomes,
    outcomes_at,
)
from analysis.chapters.employment.shares import statuses_by_time
from analysis.frames.needs import needs
from analysis.frames.trial import Trial
from analysis.methods.means import difference_in_means
from analysis.methods.proportions import difference_in_proportions
from analysis.published.registry import answers
from analysis.show.prose import Label, Sentence, month

CHAPTER = "employment"
NARROW, PRIMARY = "in_work_no_benefits", "fully_or_partly_in_work"
YEAR, LAST = 12, 18
WITHOUT_BENEFITS = ("no_job_no_benefit", "job_no_benefits", "nav_follow_up_without_benefits")
# Terms of column 1 of Table 9 that the text speaks of.
TERMS = (
    "woman", "married", "born_outside_norway", "age", "education_primary", "education_higher",
    "income_year_before_inclusion_1000nok", "good_self_rated_health", "positive_expectation_of_work",
    "in_work_at_inclusion", "aap_at_inclusion", "other_status_at_inclusion",
)  # fmt: skip
BENEFITS = ("arms", "benefits")
GROUPS = (*BENEFITS, "several_statuses")


def late_gaps(trial: Trial, outcome: str, *months: int) -> pd.DataFrame:
    """Differences in the months of Table 8, all of them or some."""
    found = gaps_in_points(compare(late_outcomes(trial), trial, [outcome], by="month"), trial)
    found = found[found["month"].isin(months)] if months else found
    return found.assign(part=[Sentence("in_month", {"month": month(each)}, of="common") for each in found["month"]])


def register(name: str, function, *settings, unit: str = "points") -> None:
    """An answer made by a function of the trial and more settings."""
    made = partial(function, *settings)
    made.__module__ = __name__
    answers(name, CHAPTER, unit)(made)


@answers("work_at_12_months", CHAPTER)
@needs(*BENEFITS)
def work_at_12_months(trial: Trial) -> pd.DataFrame:
    """Fully or partly in work, month 12 (Table 8)."""
    return late_gaps(trial, PRIMARY, YEAR)


@answers("work_at_18_months", CHAPTER)
@needs(*BENEFITS)
def work_at_18_months(trial: Trial) -> pd.DataFrame:
    """Fully or partly in work, month 18 (Table 8)."""
    return late_gaps(trial, PRIMARY, LAST)


@answers("work_in_months_12_to_18", CHAPTER)
@needs(*BENEFITS)
def work_in_late_months(trial: Trial) -> pd.DataFrame:
    """Fully or partly in work, each of the months 12 to 18 (Table 8)."""
    return late_gaps(trial, PRIMARY)


@answers("work_without_benefits_in_months_12_to_18", CHAPTER)
@needs(*BENEFITS)
def narrow_in_late_months(trial: Trial) -> pd.DataFrame:
    """In work without benefits, each of the months 12 to 18 (Table 8)."""
    return late_gaps(trial, NARROW)


@answers("months_with_less_work_without_benefits", CHAPTER, unit="count", counted=True)
@needs(*BENEFITS)
def months_with_less(trial: Trial) -> list[dict]:
    """Number of months after inclusion in which the share in work without benefits is below the control arm's."""
    rows = monthly_outcomes(trial)
    shares = rows[rows["month"] > 0].groupby(["month", "arm"], observed=True)[NARROW].mean().unstack()
    below = shares[trial.study.treatment] < shares[trial.study.control]
    return [{"estimate": float(below.sum())}]


@answers("any_benefit_at_12_months", CHAPTER)
@needs(*BENEFITS)
def any_benefit(trial: Trial) -> pd.DataFrame:
    """Receipt of any benefit in month 12, by the statuses of Table 7."""
    panel = statuses_by_time(trial.extract_for("employment.statuses"))
    own = panel[panel["month"] == YEAR]
    receives = ~own["status"].isin(WITHOUT_BENEFITS)
    arms = (receives[own["arm"] == arm].astype(float) for arm in (trial.study.treatment, trial.study.control))
    names = {"outcome": "any_benefit", "population": "all", "contrast": trial.study.contrast}
    found = in_points(pd.DataFrame([vars(difference_in_proportions(*arms, interval="newcombe", **names))]))
    return found.assign(part=Label("answers", "any_benefit"))


@needs(*GROUPS)
def in_group(group: str, trial: Trial) -> pd.DataFrame:
    """Fully or partly in work in month 12 within a group by status at inclusion."""
    rows = outcomes_at(trial, YEAR)
    return gaps_in_points(compare(rows[rows["status_group"] == group], trial, [PRIMARY]), trial)


for _group in ("sick_listed_full", "other"):
    register(f"work_at_12_months_{_group}", in_group, _group)


@answers("aap_against_the_rest", CHAPTER)
@needs(*GROUPS)
def aap_against_the_rest(trial: Trial) -> list[dict]:
    """Difference in month 12 among those on AAP less the difference among the rest; z test of two differences."""
    rows = outcomes_at(trial, YEAR)
    on_aap = rows["status_group"] == "aap"
    parts = (rows[on_aap], rows[~on_aap])
    own, rest = (gaps_in_points(compare(part, trial, [PRIMARY]), trial).iloc[0] for part in parts)
    return [beyond_the_rest(own, rest) | {"part": Label("answers", "aap_against_the_rest")}]


@answers("aap_growth_from_12_to_18_months", CHAPTER)
@needs(*GROUPS)
def aap_growth(trial: Trial) -> pd.DataFrame:
    """Change from month 12 to 18 among those on AAP who are observed at both, the arms compared (Welch)."""
    rows = monthly_outcomes(trial)
    own = rows[(rows["status_group"] == "aap") & rows["month"].isin((YEAR, LAST))]
    wide = own.pivot(index=["participant_id", "arm"], columns="month", values=PRIMARY).astype(float).dropna()
    change = (wide[LAST] - wide[YEAR]).reset_index("arm", name="change")
    arms = (change.loc[change["arm"] == arm, "change"] for arm in (trial.study.treatment, trial.study.control))
    names = {"outcome": "change", "population": "aap", "contrast": trial.study.contrast}
    found = in_points(pd.DataFrame([vars(difference_in_means(*arms, **names))]))
    return found.assign(part=Label("answers", "aap_growth"))


@needs(*GROUPS)
def terms(outcome: str, at: int, products: bool, wanted: tuple[str, ...], trial: Trial) -> pd.DataFrame:
    """Marginal effects of terms of Table 9: `treatment` is the programme, `x_` begins its product with another term."""
    extract = trial.extract_for(ADJUSTED)
    model = model_of(extract, outcome, at, products)
    found = trial.once(("claims", outcome, at, products), lambda: effects(extract, model).set_index("contrast"))
    treatment = trial.study.treatment
    names = [f"{treatment}_{term}" if term.startswith("x_") else term for term in wanted]
    names = [trial.study.contrast if term == "treatment" else term for term in names]
    return in_points(found.reindex(names).rename_axis("contrast").reset_index()).pipe(by_term)


def by_term(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows with the term that each is about, where there are several."""
    return rows.assign(part=[Label("rows", str(term)) for term in rows["contrast"]]) if len(rows) > 1 else rows


for _term in TERMS:
    register(f"model_1_{_term}", terms, NARROW, YEAR, False, (_term,))
register("adjusted_work_without_benefits", terms, NARROW, YEAR, False, ("treatment",))
register("adjusted_work", terms, PRIMARY, YEAR, False, ("treatment",))
_PRODUCTS = ("x_in_work_at_inclusion", "x_aap_at_inclusion", "x_other_status_at_inclusion")
register("products_of_status_work_without_benefits", terms, NARROW, YEAR, True, _PRODUCTS)
register("treatment_beside_products_work", terms, PRIMARY, YEAR, True, ("treatment",))
register("product_with_aap_at_18_months", terms, PRIMARY, LAST, True, ("x_aap_at_inclusion",))


@needs("arms", "registers", "covariates")
def covariate_product(education: bool, trial: Trial) -> pd.DataFrame:
    """Products of treatment and covariates in Table A.2, work without benefits: of higher education, or the rest."""
    extract = trial.extract_for("employment.covariate_products")
    model = next(each for each in covariate_models(extract) if each.products and each.outcome == NARROW)
    found = trial.once(("claims", "covariate_products"), lambda: effects(extract, model))
    products = found[found["contrast"].str.startswith(f"{trial.study.treatment}_x_")]
    own = products["contrast"].str.endswith("education_higher")
    return in_points(products[own == education]).pipe(by_term)


register("product_with_higher_education", covariate_product, True)
register("products_with_other_covariates", covariate_product, False)


@answers("effect_by_time_out_of_work", CHAPTER, unit="test")
@needs("arms", "before_inclusion", "several_statuses")
def by_time_out_of_work(trial: Trial) -> pd.DataFrame:
    """Whether the effect among the fully sick-listed varies with months out of work, linear and with a square."""
    found = joint_tests(trial)
    return found.assign(part=[Label("answers", f"out_of_work_{shape}") for shape in found["shape"]])


@needs(*GROUPS, "several_centres")
def best_centres(outcome: str, trial: Trial) -> pd.DataFrame:
    """Adjusted effect at the three centres with the largest differences."""
    found = trial.once(("claims", "best_centres"), lambda: best_centre_effects(trial, 3))
    return in_points(found[found["outcome"] == outcome])


register("best_centres_work_without_benefits", best_centres, NARROW)
register("best_centres_work", best_centres, PRIMARY)


@answers("best_centres_sick_listed", CHAPTER)
@needs(*GROUPS, "several_centres")
def best_centres_sick_listed(trial: Trial) -> pd.DataFrame:
    """Fully or partly in work in month 12 among the fully sick-listed at these centres (Figure 9)."""
    rows = best_centre_rows(trial, 3)
    return gaps_in_points(compare(rows[rows["month"] == YEAR], trial, [PRIMARY]), trial)


@answers("control_arm_back_in_work", CHAPTER)
@needs(*BENEFITS)
def control_arm_back_in_work(trial: Trial) -> pd.DataFrame:
    """Change in the control arm's share in work without benefits, month 12 less month 0, the same people."""
    rows = monthly_outcomes(trial)
    own = rows[(rows["arm"] == trial.study.control) & rows["month"].isin((0, YEAR))]
    wide = own.pivot(index="participant_id", columns="month", values=NARROW).astype(float).dropna()
    return in_points(mean_change(wide[YEAR] - wide[0]))


def mean_change(change: pd.Series) -> pd.DataFrame:
    """Mean of a change with its t interval and test."""
    test = stats.ttest_1samp(change, 0.0)
    low, high = test.confidence_interval()
    return pd.DataFrame([{"estimate": change.mean(), "conf_low": low, "conf_high": high, "p_value": test.pvalue}])

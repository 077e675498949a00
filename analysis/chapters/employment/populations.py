"""Who is analysed: monthly outcomes with arm, centre and status; covariates under their published names."""

import pandas as pd

from analysis.frames.trial import Trial
from analysis.methods.regression import with_products
from analysis.study.outcome_rules import USUAL_STATUS_GROUPS as STATUS_GROUPS

# The extract behind Table 8: the same people stand behind the main results, Figures 3 and 4 and the table.
PEOPLE = "table_08"
OUTCOMES = ("in_work_no_benefits", "fully_or_partly_in_work")
COVARIATES = (
    "woman",
    "age",
    "married",
    "education_primary",
    "education_higher",
    "born_outside_norway",
    "income_year_before_inclusion_1000nok",
    "income_below_G_year_before_inclusion",
    "good_self_rated_health",
    "positive_expectation_of_work",
)
# Status at inclusion as dummies; fully sick-listed is the base.
STATUS_TERMS = {"in_work_at_inclusion": "in_work", "aap_at_inclusion": "aap", "other_status_at_inclusion": "other"}
# Names of the product terms after "<treatment>_x_", as the report's tables have them.
COVARIATE_PRODUCTS = {
    "woman": "woman",
    "age": "age",
    "married": "married",
    "education_primary": "education_primary",
    "education_higher": "education_higher",
    "born_outside_norway": "born_outside_norway",
    "income": "income_year_before_inclusion_1000nok",
    "income_below_G": "income_below_G_year_before_inclusion",
    "good_health": "good_self_rated_health",
    "positive_expectation": "positive_expectation_of_work",
}
STATUS_PRODUCTS = {name: name for name in STATUS_TERMS}


def monthly_outcomes(trial: Trial) -> pd.DataFrame:
    """One row per participant and observed month: both outcomes, arm, centre and status group."""
    people = trial.people[["participant_id", "arm", "centre", "status_group"]]
    return trial.outcomes.merge(people, on="participant_id", how="inner", validate="m:1")


def outcomes_at(trial: Trial, month: int) -> pd.DataFrame:
    """One row per participant observed in the month."""
    rows = monthly_outcomes(trial)
    return rows.loc[rows["month"] == month].reset_index(drop=True)


def regression_frame(trial: Trial, month: int) -> pd.DataFrame:
    """One row per participant observed in the month: both outcomes and every term of the published logits.

    Terms are numbers; a covariate that was not answered is missing. The indicator of treatment is named as the
    contrast (sfj_vs_control), product terms "<treatment>_x_<name>".
    """
    people, study = trial.people, trial.study
    terms = {name: people[name].astype("Float64") for name in COVARIATES if name not in ("woman", "age")}
    terms |= {name: (people["status_group"] == group).astype("Float64") for name, group in STATUS_TERMS.items()}
    terms |= {
        "woman": (people["sex"] == "woman").astype("Float64"),
        "age": people["age_exact"].astype("Float64"),
        study.contrast: (people["arm"] == study.treatment).astype("Float64"),
    }
    frame = people[["participant_id", "centre", "status_group"]].assign(**terms)
    months = trial.outcomes.loc[trial.outcomes["month"] == month, ["participant_id", *OUTCOMES]]
    frame = frame.merge(months, on="participant_id", how="inner", validate="1:1")
    return with_treatment(trial, frame)


def with_treatment(trial: Trial, frame: pd.DataFrame, treated: int | None = None) -> pd.DataFrame:
    """The frame with its product terms; `treated` puts everybody in one arm (1 or 0) first."""
    if treated is not None:
        frame = frame.assign(**{trial.study.contrast: float(treated)})
    return with_products(frame, trial.study.contrast, product_terms(trial, COVARIATE_PRODUCTS | STATUS_PRODUCTS))


def product_terms(trial: Trial, products: dict[str, str]) -> dict[str, str]:
    """Product column → the column multiplied by treatment."""
    return {f"{trial.study.treatment}_x_{name}": column for name, column in products.items()}


def status_groups() -> tuple[str, ...]:
    """The four groups by status at inclusion, in the order of the report's figures."""
    return tuple(STATUS_GROUPS)


def centre_differences(trial: Trial, outcome: str = "in_work_no_benefits") -> pd.DataFrame:
    """Observed difference between the arms by centre, largest first.

    One row per centre: `difference` is the mean over the months 12 to 18 (as far as observed) of the difference in the
    share with the outcome; `n` the participants of the centre. A centre that lacks an arm comes last.
    """
    rows = monthly_outcomes(trial)
    late = rows.loc[rows["month"].between(12, 18)]
    shares = late.groupby(["centre", "month", "arm"])[outcome].mean().unstack("arm")
    shares = shares.reindex(columns=list(trial.study.arm_codes))
    monthly = shares[trial.study.treatment] - shares[trial.study.control]
    people = trial.people.groupby("centre")["participant_id"].size()
    frame = pd.DataFrame({"difference": monthly.groupby("centre").mean(), "n": people})
    return frame.sort_values(["difference", "n"], ascending=False).rename_axis("centre").reset_index()


def best_centres(trial: Trial, n_best_centres: int = 3, outcome: str = "in_work_no_benefits") -> list[str]:
    """Codes of the centres with the largest observed differences. Chosen by the result: see the chapter's limits."""
    return centre_differences(trial, outcome)["centre"].head(n_best_centres).tolist()

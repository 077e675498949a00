"""The logits of Tables 9 and A.2, read as published and as average effects; subgroups, durations, best centres."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from analysis.chapters.employment.populations import (
    COVARIATE_PRODUCTS,
    COVARIATES,
    STATUS_PRODUCTS,
    STATUS_TERMS,
    best_centres,
    product_terms,
    regression_frame,
    status_groups,
    with_treatment,
)
from analysis.frames.trial import Trial
from analysis.methods.estimates import Estimate, estimate_frame
from analysis.methods.regression import (
    LogitFit,
    NotEstimable,
    average_contrast,
    fit_logit,
    likelihood_ratio_test,
    marginal_effects,
)
from analysis.show.tables import Table, cells

NOT_ESTIMABLE = "logit, not estimable"


@dataclass(frozen=True)
class Model:
    """One column of Table 9 or A.2: its key, outcome and month, whether status is controlled, and its products."""

    column: str
    outcome: str
    month: int
    status: bool
    products: bool


TABLE_09 = (
    Model("m1_in_work_no_benefits_12m_no_interactions", "in_work_no_benefits", 12, True, False),
    Model("m2_in_work_no_benefits_12m_interactions", "in_work_no_benefits", 12, True, True),
    Model("m3_fully_or_partly_12m_no_interactions", "fully_or_partly_in_work", 12, True, False),
    Model("m4_fully_or_partly_12m_interactions", "fully_or_partly_in_work", 12, True, True),
    Model("m5_fully_or_partly_18m_interactions", "fully_or_partly_in_work", 18, True, True),
)
TABLE_A2 = (
    Model("m1_in_work_no_benefits_no_interactions", "in_work_no_benefits", 12, False, False),
    Model("m2_in_work_no_benefits_interactions", "in_work_no_benefits", 12, False, True),
    Model("m3_fully_or_partly_no_interactions", "fully_or_partly_in_work", 12, False, False),
    Model("m4_fully_or_partly_interactions", "fully_or_partly_in_work", 12, False, True),
)


def terms_of(model: Model, trial: Trial) -> list[str]:
    """The model's terms in the order of the published table."""
    status = list(STATUS_TERMS) if model.status else []
    products = STATUS_PRODUCTS if model.status else COVARIATE_PRODUCTS
    added = list(product_terms(trial, products)) if model.products else []
    return [*COVARIATES, *status, *added, trial.study.contrast]


def fit(trial: Trial, model: Model, centres: Sequence[str] | None = None) -> LogitFit:
    """The fitted logit, at some centres only if they are named.

    Raises NotEstimable where the data cannot identify it, as in a very small trial.
    """
    frame = regression_frame(trial, model.month)
    own = frame if centres is None else frame.loc[frame["centre"].isin(centres)]
    return fit_logit(own, model.outcome, terms_of(model, trial))


def effects(
    trial: Trial, model: Model, conf_level: float = 0.95, at: str = "means", centres: Sequence[str] | None = None
) -> pd.DataFrame:
    """Marginal effects of one model, one row per term; NaN for every term when the data cannot identify the model."""
    try:
        return marginal_effects(fit(trial, model, centres), at=at, conf_level=conf_level)
    except NotEstimable:
        terms = terms_of(model, trial)
        return estimate_frame(Estimate(model.outcome, "all", term, NOT_ESTIMABLE, float("nan")) for term in terms)


def table_09(trial: Trial) -> Table:
    """Marginal effects on the probability of work after 12 and 18 months, with status at inclusion as control."""
    return _table("table_09", trial.in_extract("table_09"), TABLE_09, z_places=2)


def table_a2(trial: Trial) -> Table:
    """The models of month 12 without status at inclusion, and with every covariate multiplied by treatment."""
    return _table("table_A2", trial.in_extract("table_A2"), TABLE_A2, z_places=3)


def _table(name: str, trial: Trial, models: Sequence[Model], z_places: int) -> Table:
    found = [cell for model in models for cell in _model_cells(trial, model)]
    longest = max((terms_of(model, trial) for model in models), key=len)
    rows = [*longest, "pseudo_r2", "number"]
    columns = [model.column for model in models]
    places = {"marginal_effect": 4, "z": z_places, "r2": 4}
    return Table(name, cells(found), decimals=places, rows=rows, columns=columns)


def _model_cells(trial: Trial, model: Model) -> list[tuple]:
    try:
        fitted = fit(trial, model)
    except NotEstimable:
        return _empty_cells(trial, model)
    rows, n = [], fitted.n
    for record in marginal_effects(fitted).to_dict("records"):
        rows.append((record["contrast"], model.column, "marginal_effect", record["estimate"], n))
        rows.append((record["contrast"], model.column, "z", record["statistic_value"], n))
    return [*rows, ("pseudo_r2", model.column, "r2", fitted.pseudo_r2, n), ("number", model.column, "n", n, n)]


def _empty_cells(trial: Trial, model: Model) -> list[tuple]:
    """The column of a model that the data cannot identify: the people it had, and no numbers."""
    nothing, terms = float("nan"), terms_of(model, trial)
    n = len(regression_frame(trial, model.month)[[model.outcome, *terms]].dropna())
    rows = [(term, model.column, statistic, nothing, n) for term in terms for statistic in ("marginal_effect", "z")]
    return [*rows, ("pseudo_r2", model.column, "r2", nothing, n), ("number", model.column, "n", n, n)]


def adjusted_effects(
    trial: Trial, model: Model, conf_level: float = 0.95, groups: Sequence[str] = ("all",)
) -> list[Estimate]:
    """Average effect of treatment, everybody treated against nobody, over all people or over single status groups.

    NaN when the model cannot be identified or the group is empty.
    """
    try:
        fitted = fit(trial, model)
    except NotEstimable:
        return [_no_effect(trial, model, group) for group in groups]
    people = regression_frame(trial, model.month).loc[fitted.design.index]
    settings = {"contrast": trial.study.contrast, "conf_level": conf_level}
    found = []
    for group in groups:
        own = people if group == "all" else people.loc[people["status_group"] == group]
        designs = [with_treatment(trial, own, treated) for treated in (1, 0)]
        effect = average_contrast(fitted, *designs, population=group, **settings)
        found.append(effect if len(own) else _no_effect(trial, model, group))
    return found


def _no_effect(trial: Trial, model: Model, group: str) -> Estimate:
    return Estimate(model.outcome, group, trial.study.contrast, NOT_ESTIMABLE, float("nan"))


def interaction_test(trial: Trial, month: int = 12, outcome: str = "fully_or_partly_in_work") -> Estimate:
    """Does the effect differ by status at inclusion? Likelihood ratio test of the three product terms together."""
    contrast = f"{trial.study.treatment}_x_status_at_inclusion"
    with_products, without = (Model("", outcome, month, True, products) for products in (True, False))
    try:
        return likelihood_ratio_test(fit(trial, with_products), fit(trial, without), contrast=contrast)
    except NotEstimable:
        return Estimate(outcome, "all", contrast, "likelihood ratio test", float("nan"), unit="test")


def interaction_table(trial: Trial, conf_level: float = 0.95) -> Table:
    """What the product terms say, by status at inclusion, after 12 and 18 months.

    Two readings side by side: the average effect among the people of the group, and the marginal effect of the product
    term at the means as the report prints it.
    """
    extract, study, found = trial.in_extract("table_09"), trial.study, []
    product_of = {group: f"{study.treatment}_x_{term}" for term, group in STATUS_TERMS.items()}
    for model in (TABLE_09[3], TABLE_09[4]):
        printed = effects(extract, model, conf_level).set_index("contrast")
        column = f"month_{model.month}"
        for effect in adjusted_effects(extract, model, conf_level, status_groups()):
            group = effect.population
            numbers = {"difference": effect.estimate, "ci_low": effect.conf_low, "ci_high": effect.conf_high}
            found += [(group, column, name, 100 * value) for name, value in numbers.items()]
            if group in product_of:
                found.append((group, column, "product_term", 100 * printed.loc[product_of[group], "estimate"]))
    places = {"difference": 1, "ci_low": 1, "ci_high": 1, "product_term": 1}
    return Table("interactions", cells(found), decimals=places, rows=list(status_groups()), conf_level=conf_level)


def best_centre_effects(trial: Trial, n_best_centres: int = 3, conf_level: float = 0.95) -> pd.DataFrame:
    """Marginal effects of treatment at the centres with the largest differences: the models of columns 1 and 3.

    One row per outcome, in an estimate frame.
    """
    extract = trial.in_extract("table_09")
    centres = best_centres(trial, n_best_centres)
    parts = []
    for model in (TABLE_09[0], TABLE_09[2]):
        found = effects(extract, model, conf_level, centres=centres)
        parts.append(found.loc[found["contrast"] == trial.study.contrast])
    return pd.concat(parts, ignore_index=True)

"""The adjusted logits: which models there are, their effects read at the means and as averages over people."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pandas as pd

from analysis.chapters._shown_from import level_of, shown_from
from analysis.chapters.employment.covariates import (
    covariates,
    product_terms,
    regression_frame,
    status_terms,
    with_treatment,
)
from analysis.chapters.employment.populations import (
    base_status,
    best_centres,
    chosen_outcome,
    printed_rule,
    status_groups,
    two_times,
)
from analysis.chapters.employment.shares import times_in_words
from analysis.frames.needs import needs
from analysis.frames.trial import Trial, once_a_trial
from analysis.methods.estimates import Estimate, estimate_frame
from analysis.methods.regression import (
    LogitFit,
    NotEstimable,
    average_contrast,
    fit_logit,
    likelihood_ratio_test,
    marginal_effects,
)
from analysis.show.prose import Label, Sentence, count, month
from analysis.show.tables import Table, cells

NOT_ESTIMABLE = "logit, not estimable"
ADJUSTED = "employment.adjusted_models"


@dataclass(frozen=True)
class Model:
    """One column of a table of models: its key, outcome and time, whether status is controlled, and its products."""

    column: str
    outcome: str
    at: int
    status: bool
    products: bool


def adjusted_models(trial: Trial) -> list[Model]:
    """Every outcome at the primary time and at the end of the late window, without and with products by status.

    A published report's own choice goes before, if the study is read at the report's times.
    """
    printed = _printed_models(trial, "adjusted_models")
    if printed and {model.at for model in printed} == set(two_times(trial)):
        return printed
    status = bool(status_terms(trial))
    return _models(trial, two_times(trial), status, with_products=status)


@needs("arms", "registers", "covariates")
def covariate_models(trial: Trial) -> list[Model]:
    """Every outcome at the primary time without status, without and with every covariate multiplied by treatment."""
    at = trial.study.primary_at
    printed = _printed_models(trial, "covariate_products")
    if printed and {model.at for model in printed} == {at}:
        return printed
    return _models(trial, [at], status=False, with_products=True)


def _printed_models(trial: Trial, table: str) -> list[Model]:
    return [Model(**model) for model in printed_rule(trial, "models", {}).get(table, ())]


def _models(trial: Trial, times: Iterable[int], status: bool, with_products: bool) -> list[Model]:
    unit, kinds = trial.study.unit, {False: ""} | ({True: "_products"} if with_products else {})
    return [
        Model(f"{outcome}_{unit}_{at}{suffix}", outcome, at, status, products)
        for at in times
        for outcome in trial.study.monthly_outcomes
        for products, suffix in kinds.items()
    ]


def model_of(trial: Trial, outcome: str, at: int | None = None, products: bool = False) -> Model:
    """The adjusted model of an outcome, at the primary time unless another is given."""
    at = trial.study.primary_at if at is None else at
    return Model("", outcome, at, bool(status_terms(trial)), products)


def terms_of(model: Model, trial: Trial) -> list[str]:
    """The model's terms in the order of the table."""
    status = list(status_terms(trial)) if model.status else []
    added = list(product_terms(trial, status or covariates(trial))) if model.products else []
    return [*covariates(trial), *status, *added, trial.study.contrast]


def fit(trial: Trial, model: Model, centres: Sequence[str] | None = None) -> LogitFit:
    """The fitted logit, at some centres only if they are named.

    Raises NotEstimable where the data cannot identify it, as in a very small trial.
    """
    return _fit(trial, model, None if centres is None else tuple(centres))


@once_a_trial
def _fit(trial: Trial, model: Model, centres: tuple[str, ...] | None) -> LogitFit:
    frame = regression_frame(trial, model.at)
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


@needs("arms", "registers")
def adjusted_models_table(trial: Trial) -> Table:
    """Marginal effects on the probability of each outcome, with covariates and status at inclusion as controls."""
    return model_table(adjusted_models(trial), trial.extract_for(ADJUSTED))


@needs("arms", "registers", "covariates")
@shown_from(models=covariate_models)
def covariate_products_table(trial: Trial, models: Sequence[Model]) -> Table:
    """The models of the primary time without status at inclusion, and with every covariate multiplied by treatment."""
    return model_table(models, trial.extract_for("employment.covariate_products"), "covariate_products")


@needs()
def model_table(models: Sequence[Model], trial: Trial, name: str = "adjusted_models") -> Table:
    """Marginal effects of each model at the means, with z, R² and the number of people; one column a model."""
    found = [cell for model in models for cell in _model_cells(trial, model)]
    longest = sorted((terms_of(model, trial) for model in models), key=len, reverse=True)
    rows = [*dict.fromkeys(term for terms in longest for term in terms), "pseudo_r2", "number"]
    columns = [model.column for model in models]
    with_status = any(model.status for model in models)
    places = {"r2": 4}
    times = sorted({model.at for model in models})
    base = base_status(trial) if with_status else None
    values = {"at": month(times[0]), "last": month(times[-1]), "times": times_in_words(times[0], times[-1]),
              "compared": _compared_with(base)}  # fmt: skip
    notes = _left_out(trial) if with_status else ()
    return Table(name, cells(found), decimals=places, rows=rows, columns=columns, values=values, notes=notes)


def _left_out(trial: Trial) -> list[Sentence]:
    """How many people the models with the status at inclusion leave out because theirs is not known, if any."""
    unknown = int(trial.people["status_group"].isna().sum())
    return [Sentence("status_unknown", {"people": count(unknown)})] if unknown else []


def _compared_with(base: str | None) -> Sentence:
    return Sentence("status_base", {"base": Label("status_groups", base)}) if base else Sentence("no_status")


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


def people_in(trial: Trial, model: Model) -> int:
    """How many people have all that the model needs."""
    return len(regression_frame(trial, model.at)[[model.outcome, *terms_of(model, trial)]].dropna())


def _empty_cells(trial: Trial, model: Model) -> list[tuple]:
    """The column of a model that the data cannot identify: the people it had, and no numbers."""
    nothing, terms, n = float("nan"), terms_of(model, trial), people_in(trial, model)
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
    people = regression_frame(trial, model.at).loc[fitted.design.index]
    settings = {"contrast": trial.study.contrast, "conf_level": conf_level}
    found = []
    for group in groups:
        own = people if group == "all" else people.loc[people["status_group"] == group]
        if own.empty:
            found.append(_no_effect(trial, model, group))
            continue
        designs = [with_treatment(trial, own, treated) for treated in (1, 0)]
        found.append(average_contrast(fitted, *designs, population=group, **settings))
    return found


def _no_effect(trial: Trial, model: Model, group: str) -> Estimate:
    return Estimate(model.outcome, group, trial.study.contrast, NOT_ESTIMABLE, float("nan"))


def interaction_test(trial: Trial, at: int | None = None, outcome: str | None = None) -> Estimate:
    """Does the effect differ by status at inclusion? Likelihood ratio test of the product terms together."""
    code = chosen_outcome(trial, outcome)
    contrast = f"{trial.study.treatment}_x_status_at_inclusion"
    with_products, without = (model_of(trial, code, at, products) for products in (True, False))
    try:
        return likelihood_ratio_test(fit(trial, with_products), fit(trial, without), contrast=contrast)
    except (NotEstimable, ValueError):
        return Estimate(code, "all", contrast, "likelihood ratio test", float("nan"), unit="test")


@needs("arms", "several_statuses")
def interactions(trial: Trial, conf_level: float = 0.95) -> pd.DataFrame:
    """The effect by status at inclusion, of the logit with products, at the primary time and the late window's end.

    An estimate frame: the average effect among the people of each group (`population`). Further columns: the time,
    named as the unit, and `product_term`, the marginal effect of the group's product term at the means, NaN without.
    """
    extract, study, parts = trial.extract_for(ADJUSTED), trial.study, []
    product_of = {group: f"{study.treatment}_x_{term}" for term, group in status_terms(extract).items()}
    for model in (model_of(extract, study.primary_outcome, at, products=True) for at in two_times(trial)):
        terms = effects(extract, model, conf_level).set_index("contrast")["estimate"]
        found = estimate_frame(adjusted_effects(extract, model, conf_level, status_groups(extract)))
        products = found["population"].map(product_of).map(terms).astype(float)
        parts.append(found.assign(product_term=products, **{study.unit: model.at}))
    return pd.concat(parts, ignore_index=True)


@needs("arms", "several_statuses")
@shown_from(found=interactions)
def interaction_table(trial: Trial, found: pd.DataFrame) -> Table:
    """What the product terms say, by status at inclusion, at the primary time and the end of the late window.

    Two readings side by side: the average effect among the people of the group, and the marginal effect of the product
    term at the means.
    """
    extract, study, rows = trial.extract_for(ADJUSTED), trial.study, []
    with_term = set(status_terms(extract).values())
    numbers = {"difference": "estimate", "ci_low": "conf_low", "ci_high": "conf_high", "product_term": "product_term"}
    for record in found.to_dict("records"):
        group, column = record["population"], f"{study.unit}_{record[study.unit]}"
        rows += [(group, column, name, 100 * record[field]) for name, field in numbers.items()
                 if name != "product_term" or group in with_term]  # fmt: skip
    values = {"outcome": Label("outcomes_in_text", study.primary_outcome),
              "base": Label("status_groups", str(base_status(extract)))}  # fmt: skip
    return Table("interactions", cells(rows), decimals=dict.fromkeys(numbers, 1), rows=list(status_groups(extract)),
                 values=values, conf_level=level_of(found))  # fmt: skip


def best_centre_effects(trial: Trial, n_best_centres: int = 3, conf_level: float = 0.95) -> pd.DataFrame:
    """Marginal effects of treatment at the centres with the largest differences, at the primary time.

    One row per outcome, in an estimate frame.
    """
    extract, centres, parts = trial.extract_for(ADJUSTED), best_centres(trial, n_best_centres), []
    for outcome in trial.study.monthly_outcomes:
        found = effects(extract, model_of(extract, outcome), conf_level, centres=centres)
        parts.append(found.loc[found["contrast"] == trial.study.contrast])
    return pd.concat(parts, ignore_index=True)

"""Does the effect depend on how long people had been out of work? Duration by arm among the fully sick-listed."""

from collections.abc import Sequence

import pandas as pd

from analysis.methods.estimates import estimate_frame
from analysis.methods.recording import recorded
from analysis.methods.regression import LogitFit, average_contrast, fit_logit, likelihood_ratio_test, marginal_effects

SHAPES = {"linear": 1, "quadratic": 2}


def duration_terms(frame: pd.DataFrame, duration: str, indicator: str, shape: str) -> pd.DataFrame:
    """The frame with powers of the duration and their products with the treatment indicator.

    New columns: `<duration>_squared` when the shape is quadratic, and `<indicator>_x_<term>` for each duration term.
    Raises ValueError for an unknown shape.
    """
    powers = _powers(duration, shape)
    squared = {name: frame[duration].astype(float) ** 2 for name in powers[1:]}
    frame = frame.assign(**squared)
    return frame.assign(**{f"{indicator}_x_{term}": frame[indicator].astype(float) * frame[term] for term in powers})


def _powers(duration: str, shape: str) -> list[str]:
    if shape not in SHAPES:
        raise ValueError(f"unknown shape {shape!r}; choose one of {', '.join(SHAPES)}")
    return [duration, f"{duration}_squared"][: SHAPES[shape]]


@recorded
def duration_interaction(
    frame: pd.DataFrame,
    outcome: str,
    *,
    indicator: str,
    duration: str,
    covariates: Sequence[str] = (),
    shape: str = "linear",
    population: str = "all",
    conf_level: float = 0.95,
) -> pd.DataFrame:
    """Logit of the outcome on treatment, duration and their product, with a joint test of the products.

    `frame` has one row per person: a bool outcome, the 0/1 `indicator` of treatment, a `duration` in months, and the
    covariates; people who lack one of them are left out. The estimate frame holds the marginal effects at the means
    of the treatment, duration and product terms (`contrast` names the term), then one row "likelihood ratio test"
    whose p-value asks whether all products are zero, i.e. whether the effect varies with the duration. Raises
    NotEstimable as `fit_logit` does. Checked against R 4 `glm` and `anova(test = "LRT")`
    (tests/reference/employment.R).
    """
    fit, restricted = _fits(frame, outcome, indicator, duration, covariates, shape)
    effects = marginal_effects(fit, population=population, conf_level=conf_level)
    of_interest = [indicator, *_powers(duration, shape), *_products(indicator, duration, shape)]
    rows = effects.loc[effects["contrast"].isin(of_interest)]
    test = likelihood_ratio_test(fit, restricted, population=population, contrast=f"{indicator}_x_{duration}")
    named = pd.concat([rows, estimate_frame([test])], ignore_index=True)
    return named.assign(method=named["method"] + f", {shape} in {duration}")


@recorded
def effect_by_duration(
    frame: pd.DataFrame,
    outcome: str,
    *,
    indicator: str,
    duration: str,
    months: Sequence[int],
    covariates: Sequence[str] = (),
    shape: str = "linear",
    population: str = "all",
    conf_level: float = 0.95,
) -> pd.DataFrame:
    """Difference in predicted probability between the arms had everybody been out of work for so many months.

    An estimate frame with one row per value of `months` and a further column named as `duration`. Estimator and
    standard error as in `regression.average_contrast`.
    """
    fit, _ = _fits(frame, outcome, indicator, duration, covariates, shape)
    people = frame.loc[fit.design.index]
    rows = []
    for length in months:
        designs = [
            duration_terms(people.assign(**{indicator: arm, duration: length}), duration, indicator, shape)
            for arm in (1, 0)
        ]
        rows.append(average_contrast(fit, *designs, population=population, contrast=indicator, conf_level=conf_level))
    return estimate_frame(rows).assign(**{duration: list(months)})


def _products(indicator: str, duration: str, shape: str) -> list[str]:
    return [f"{indicator}_x_{term}" for term in _powers(duration, shape)]


def _fits(
    frame: pd.DataFrame, outcome: str, indicator: str, duration: str, covariates: Sequence[str], shape: str
) -> tuple[LogitFit, LogitFit]:
    """The model with products and the one without, on the same people."""
    rows = duration_terms(frame, duration, indicator, shape)
    common = [indicator, *_powers(duration, shape), *covariates]
    full = fit_logit(rows, outcome, [*common, *_products(indicator, duration, shape)])
    return full, fit_logit(rows, outcome, common)

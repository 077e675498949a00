"""Means: intervals for one, differences between two arms with t test, rank-sum test, and adjusted differences."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from scipy import stats
from statsmodels.regression.linear_model import OLS

from analysis.methods.estimates import Estimate, estimate_frame
from analysis.methods.recording import recorded
from analysis.methods.weighted import error_of, least_squares, mean_and_error, usable

VARIANCES = ("equal", "unequal")
NAN = float("nan")


@recorded
def mean_estimate(
    values: pd.Series,
    *,
    outcome: str,
    population: str,
    contrast: str,
    unit: str = "score",
    conf_level: float = 0.95,
    weights: pd.Series | None = None,
) -> Estimate:
    """The mean of the known values with its t interval; missing values are left out.

    mean ± t(n−1) · s/√n, s with n − 1 in the denominator; std_error is s/√n and df n − 1. n_treated carries the number
    of people: the arm, if any, is named by `contrast`. With fewer than two values only the mean is given.
    weights: of each person, on the index of the values; mean and error are those of `weighted.mean_and_error`.
    Checked against R 4 `t.test` (tests/reference/health.R), with weights `survey::svymean` (tests/reference/weights.R).
    """
    known = _known(values)
    n = len(known)
    std_error = float(known.std(ddof=1) / np.sqrt(n)) if n > 1 else NAN
    mean = float(known.mean()) if n else NAN
    if weights is not None:
        mean, std_error, n = mean_and_error(values, weights)
    half_width = stats.t.ppf(0.5 + conf_level / 2, n - 1) * std_error if n > 1 else NAN
    method = "mean, t interval" if weights is None else "weighted mean, t interval"
    return Estimate(outcome, population, contrast, method, mean, std_error=std_error, conf_low=mean - half_width,
                    conf_high=mean + half_width, conf_level=conf_level, n_treated=n, unit=unit,
                    df=n - 1 if n > 1 else NAN)  # fmt: skip


@recorded
def standard_deviation(mean: Mapping[str, float]) -> float:
    """The standard deviation behind a row of `mean_estimate` (a Series or mapping): its standard error times √n."""
    return float(mean["std_error"] * np.sqrt(mean["n_treated"]))


@recorded
def difference_in_means(
    treated: pd.Series,
    control: pd.Series,
    *,
    outcome: str,
    population: str,
    contrast: str,
    variances: str = "equal",
    unit: str = "score",
    conf_level: float = 0.95,
    weights: pd.Series | None = None,
) -> Estimate:
    """Mean among the treated minus mean among controls, with t interval and two-sided t test; missing values left out.

    variances="equal" (Student): s² pooled over both arms, standard error s√(1/n₁+1/n₀), df n₁+n₀−2. "unequal" (Welch):
    standard error √(s₁²/n₁+s₀²/n₀), df after Satterthwaite, not rounded. statistic_value is t. With fewer than two
    values in an arm only the difference is given; without spread the test is NaN. weights: of each person, on the
    index of both arms, each arm with the error of its own mean as in "unequal". An unknown `variances`, or weights with
    "equal", raise ValueError. Checked against R 4 `t.test` (tests/reference/health.R), with weights `survey::svyglm`,
    the arms as strata of the sample (tests/reference/weights.R).
    """
    if variances not in VARIANCES:
        raise ValueError(f"unknown variances {variances!r}; choose one of {', '.join(VARIANCES)}")
    x, y = _known(treated), _known(control)
    difference = float(x.mean() - y.mean()) if len(x) and len(y) else NAN
    if weights is None:
        std_error, df = _two_sample_error(x, y, variances)
    else:
        difference, std_error, df = _weighted_gap(treated, control, weights, variances)
    t = difference / std_error if std_error > 0 else NAN
    half_width = stats.t.ppf(0.5 + conf_level / 2, df) * std_error
    method = f"difference in {'means' if weights is None else 'weighted means'}, {variances} variances"
    return Estimate(outcome, population, contrast, method, difference, std_error=std_error,
                    conf_low=difference - half_width, conf_high=difference + half_width, conf_level=conf_level,
                    p_value=float(2 * stats.t.sf(abs(t), df)), n_treated=len(x), n_control=len(y), unit=unit,
                    statistic_value=t, df=df)  # fmt: skip


def _known(values: pd.Series) -> np.ndarray:
    return values.dropna().to_numpy(dtype=float)


def _two_sample_error(x: np.ndarray, y: np.ndarray, variances: str) -> tuple[float, float]:
    """Standard error of a difference in means, and its degrees of freedom."""
    n1, n0 = len(x), len(y)
    if min(n1, n0) < 2:
        return NAN, NAN
    v1, v0 = x.var(ddof=1), y.var(ddof=1)
    if variances == "equal":
        pooled = ((n1 - 1) * v1 + (n0 - 1) * v0) / (n1 + n0 - 2)
        return float(np.sqrt(pooled * (1 / n1 + 1 / n0))), float(n1 + n0 - 2)
    return _satterthwaite(v1 / n1, v0 / n0, n1, n0)


def _satterthwaite(a: float, b: float, n1: int, n0: int) -> tuple[float, float]:
    """Standard error of the difference of two means with variances a and b, and its degrees of freedom."""
    df = (a + b) ** 2 / (a**2 / (n1 - 1) + b**2 / (n0 - 1)) if a + b > 0 else NAN
    return float(np.sqrt(a + b)), float(df)


def _weighted_gap(x: pd.Series, y: pd.Series, weights: pd.Series, variances: str) -> tuple[float, float, float]:
    if variances == "equal":
        raise ValueError("with weights each arm has a variance of its own: choose variances='unequal'")
    (one, e1, n1), (other, e0, n0) = (mean_and_error(own, weights) for own in (x, y))
    if min(n1, n0) < 2:
        return one - other, NAN, NAN
    return one - other, *_satterthwaite(e1**2, e0**2, n1, n0)


@recorded
def compare_means(
    frame: pd.DataFrame,
    outcome: str,
    *,
    treatment: str,
    control: str,
    population: str = "all",
    variances: str = "equal",
    unit: str = "score",
    conf_level: float = 0.95,
    weight: str | None = None,
) -> pd.DataFrame:
    """Mean in each arm and the difference: an estimate frame of three rows.

    `frame` has one row per person with a column `arm` and the score named by `outcome`; a missing score is left out.
    Contrasts are the two arm codes and "<treatment>_vs_<control>" (treatment minus control). weight: the column with
    people's weights, if they have any.
    """
    values = {arm: frame.loc[frame["arm"] == arm, outcome] for arm in (treatment, control)}
    weights = None if weight is None else frame[weight]
    names = {"outcome": outcome, "population": population, "unit": unit, "conf_level": conf_level, "weights": weights}
    means = [mean_estimate(values[arm], contrast=arm, **names) for arm in (treatment, control)]
    contrast = f"{treatment}_vs_{control}"
    difference = difference_in_means(
        values[treatment], values[control], contrast=contrast, variances=variances, **names
    )
    return estimate_frame([*means, difference])


@recorded
def reverse_contrast(estimates: pd.DataFrame) -> pd.DataFrame:
    """The same differences the other way round: "a_vs_b" becomes "b_vs_a", estimate, interval and statistic negated.

    Rows whose contrast is not a comparison are returned unchanged.
    """
    turned = estimates.copy()
    compared = turned["contrast"].str.contains("_vs_", regex=False)
    parts = turned.loc[compared, "contrast"].str.split("_vs_", n=1, expand=True)
    if not len(parts):
        return turned
    turned.loc[compared, "contrast"] = parts[1] + "_vs_" + parts[0]
    turned.loc[compared, ["estimate", "statistic_value"]] = -estimates.loc[compared, ["estimate", "statistic_value"]]
    turned.loc[compared, "conf_low"] = -estimates.loc[compared, "conf_high"]
    turned.loc[compared, "conf_high"] = -estimates.loc[compared, "conf_low"]
    turned.loc[compared, ["n_treated", "n_control"]] = estimates.loc[compared, ["n_control", "n_treated"]].to_numpy()
    return turned


@recorded
def standardised_difference(
    treated: pd.Series,
    control: pd.Series,
    *,
    outcome: str,
    population: str,
    contrast: str,
    conf_level: float = 0.95,
) -> Estimate:
    """Difference in means in units of the two arms' mean spread, for judging balance; missing values left out.

    d = (x̄₁ − x̄₀) / √((s₁² + s₀²)/2), s² with n − 1 in the denominator; a yes/no variable is its 0/1 mean (Austin 2009).
    Interval d ± z·√((n₁+n₀)/(n₁n₀) + d²/(2(n₁+n₀))) (Hedges and Olkin 1985). Without spread, or with fewer than two
    values in an arm, only the numbers of people are given. Checked against R 4 with the formulas written out
    (tests/reference/survival.R).
    """
    x, y = _known(treated), _known(control)
    spread = float(np.sqrt((x.var(ddof=1) + y.var(ddof=1)) / 2)) if min(len(x), len(y)) > 1 else NAN
    d = float(x.mean() - y.mean()) / spread if spread > 0 else NAN
    sizes = len(x) + len(y)
    std_error = float(np.sqrt(sizes / (len(x) * len(y)) + d**2 / (2 * sizes))) if spread > 0 else NAN
    half_width = stats.norm.ppf(0.5 + conf_level / 2) * std_error
    return Estimate(
        outcome,
        population,
        contrast,
        "standardised difference",
        d,
        std_error=std_error,
        conf_low=d - half_width,
        conf_high=d + half_width,
        conf_level=conf_level,
        n_treated=len(x),
        n_control=len(y),
        unit="standard deviations",
    )


@recorded
def rank_sum_test(
    treated: pd.Series,
    control: pd.Series,
    *,
    outcome: str,
    population: str,
    arms: tuple[str, str],
) -> pd.DataFrame:
    """Wilcoxon rank-sum (Mann–Whitney) test in the layout of Stata's `ranksum`; missing values are left out.

    An estimate frame of seven rows. For each of the two `arms` (treatment, control) and "combined": the rank sum and
    the sum expected without a difference, n₁(N+1)/2, unit "rank". Last the comparison: estimate is the probability that
    a treated person scores higher than a control, ties counting half (U/n₁n₀); statistic_value is
    z = (W₁ − n₁(N+1)/2)/√V with V = n₁n₀/12 · (N + 1 − Σ(t³−t)/(N(N−1))), t the sizes of the groups of ties, no
    continuity correction; p from the normal distribution. z is positive when the treated rank higher. NaN where an arm
    is empty or all values are tied. Checked against R 4 `wilcox.test(exact = FALSE, correct = FALSE)`
    (tests/reference/health.R).
    """
    x, y = _known(treated), _known(control)
    n1, n0 = len(x), len(y)
    ranks = stats.rankdata(np.concatenate([x, y]))
    sums = {arms[0]: ranks[:n1].sum(), arms[1]: ranks[n1:].sum(), "combined": ranks.sum()}
    sizes = {arms[0]: n1, arms[1]: n0, "combined": n1 + n0}
    shared = {"outcome": outcome, "population": population}
    rows = []
    for group, rank_sum in sums.items():
        group_row = {**shared, "contrast": group, "n_treated": sizes[group], "unit": "rank"}
        expected = sizes[group] * (n1 + n0 + 1) / 2
        rows.append({**group_row, "method": "rank sum", "estimate": float(rank_sum)})
        rows.append({**group_row, "method": "rank sum expected", "estimate": expected})
    test = _rank_sum_comparison(sums[arms[0]], n1, n0, ranks)
    contrast = f"{arms[0]}_vs_{arms[1]}"
    rows.append({**shared, "contrast": contrast, "method": "Wilcoxon rank-sum test", "unit": "probability", **test})
    return estimate_frame(rows)


def _rank_sum_comparison(rank_sum: float, n1: int, n0: int, ranks: np.ndarray) -> dict[str, float]:
    n = n1 + n0
    sizes = {"n_treated": n1, "n_control": n0}
    if not n1 or not n0:
        return {"estimate": NAN, **sizes}
    ties = np.unique(ranks, return_counts=True)[1].astype(float)
    variance = n1 * n0 / 12 * (n + 1 - (ties**3 - ties).sum() / (n * (n - 1)))
    z = float((rank_sum - n1 * (n + 1) / 2) / np.sqrt(variance)) if variance > 0 else NAN
    superiority = (rank_sum - n1 * (n1 + 1) / 2) / (n1 * n0)
    return {"estimate": float(superiority), "statistic_value": z, "p_value": float(2 * stats.norm.sf(abs(z))), **sizes}


@recorded
def adjusted_difference(
    frame: pd.DataFrame,
    outcome: str,
    covariates: Sequence[str] = (),
    *,
    treatment: str,
    control: str,
    population: str = "all",
    unit: str = "score",
    conf_level: float = 0.95,
    weight: str | None = None,
) -> Estimate:
    """Difference between the arms at equal covariates: ordinary least squares with an indicator of the treatment arm.

    `frame` has one row per person: a column `arm`, the score named by `outcome`, numeric or bool `covariates`. With the
    baseline score as covariate this is an analysis of covariance. People who lack the score or a covariate are left
    out. The estimate is the coefficient of the indicator, treatment minus control; t interval and test with n − k
    degrees of freedom, k coefficients. Without covariates it equals `difference_in_means` with equal variances. Where
    the data cannot identify the coefficient (an empty arm, no degrees of freedom, terms that repeat one another) the
    numbers are NaN. weight: the column with people's weights, if any; then least squares with them and the variance of
    `weighted`. Checked against R 4 `lm` (tests/reference/health.R), `survey::svyglm` (tests/reference/weights.R).
    """
    rows = frame.loc[frame["arm"].isin([treatment, control])].dropna(subset=["arm", outcome, *covariates])
    treated = (rows["arm"] == treatment).to_numpy(dtype=float)
    design = np.column_stack([np.ones(len(rows)), treated, rows[list(covariates)].to_numpy(dtype=float)])
    weights = None if weight is None else usable(rows[weight])
    fitted = _indicator_row(rows[outcome].to_numpy(dtype=float), design, conf_level, weights)
    return Estimate(
        outcome,
        population,
        f"{treatment}_vs_{control}",
        ("OLS" if weight is None else "weighted OLS")
        + (f" adjusted for {', '.join(covariates)}" if covariates else ", unadjusted"),
        conf_level=conf_level,
        n_treated=int(treated.sum()),
        n_control=int(len(rows) - treated.sum()),
        unit=unit,
        **fitted,
    )


def _indicator_row(
    outcome: np.ndarray, design: np.ndarray, conf_level: float, weights: np.ndarray | None = None
) -> dict[str, float]:
    """The fitted coefficient of the second column of `design`, NaN where the data cannot identify it."""
    if not _identified(design):
        return {"estimate": NAN}
    if weights is not None:
        coefficients, influence = least_squares(outcome, design, weights)
        return _t_row(float(coefficients[1]), error_of(influence[:, 1]), len(design) - design.shape[1], conf_level)
    fit = OLS(outcome, design).fit()
    low, high = fit.conf_int(alpha=1 - conf_level)[1]
    return {
        "estimate": float(fit.params[1]),
        "std_error": float(fit.bse[1]),
        "conf_low": float(low),
        "conf_high": float(high),
        "p_value": float(fit.pvalues[1]),
        "statistic_value": float(fit.tvalues[1]),
        "df": float(fit.df_resid),
    }


def _t_row(estimate: float, error: float, df: int, conf_level: float) -> dict[str, float]:
    t, half = estimate / error if error > 0 else NAN, stats.t.ppf(0.5 + conf_level / 2, df) * error
    return {"estimate": estimate, "std_error": error, "conf_low": estimate - half, "conf_high": estimate + half,
            "p_value": float(2 * stats.t.sf(abs(t), df)), "statistic_value": t, "df": float(df)}  # fmt: skip


def _identified(design: np.ndarray) -> bool:
    people, terms = design.shape
    if people <= terms:
        return False
    # columns differ in size (years, points, 0/1): compare them on one scale
    size = np.sqrt((design**2).mean(axis=0))
    return bool((size > 0).all() and np.linalg.matrix_rank(design / size) == terms)

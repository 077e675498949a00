"""The one result row that every method returns, and the frame that holds them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields

import pandas as pd
from scipy import stats

from analysis.methods.recording import recorded


@dataclass(frozen=True)
class Estimate:
    """One estimate with its uncertainty.

    outcome, population and contrast say what is estimated, for whom and between whom: the contrast is an arm code,
    "total", or "<treatment>_vs_<control>". `method` names the estimator, `unit` the unit of estimate, std_error and
    interval ("proportion", "points", "nok", ...). `conf_level` is a share (0.95). A number that a method does not
    give is NaN, a count that does not apply is None. `statistic_value` and `df` carry the test statistic behind
    `p_value` where there is one.
    """

    outcome: str
    population: str
    contrast: str
    method: str
    estimate: float
    std_error: float = float("nan")
    conf_low: float = float("nan")
    conf_high: float = float("nan")
    conf_level: float = 0.95
    p_value: float = float("nan")
    n_treated: int | None = None
    n_control: int | None = None
    unit: str = "proportion"
    statistic_value: float = float("nan")
    df: float = float("nan")

    @classmethod
    def normal(
        cls, outcome: str, population: str, contrast: str, method: str, estimate: float, error: float,
        conf_level: float, n_treated: int, n_control: int,
    ) -> "Estimate":  # fmt: skip
        """With interval and two-sided test from the normal distribution; without spread there is neither."""
        known = error > 0
        half = stats.norm.ppf(0.5 + conf_level / 2) * error if known else float("nan")
        z = estimate / error if known else float("nan")
        return cls(
            outcome, population, contrast, method, estimate, std_error=error, conf_low=estimate - half,
            conf_high=estimate + half, conf_level=conf_level, p_value=float(2 * stats.norm.sf(abs(z))),
            n_treated=n_treated, n_control=n_control, statistic_value=z,
        )  # fmt: skip


ESTIMATE_COLUMNS = (
    "outcome",
    "population",
    "contrast",
    "method",
    "estimate",
    "std_error",
    "conf_low",
    "conf_high",
    "conf_level",
    "p_value",
    "n_treated",
    "n_control",
    "unit",
)
TEST_COLUMNS = ("statistic_value", "df")

_TEXT_COLUMNS = ("outcome", "population", "contrast", "method", "unit")
_COUNT_COLUMNS = ("n_treated", "n_control")
_DTYPES = {
    field.name: "string" if field.name in _TEXT_COLUMNS else "Int64" if field.name in _COUNT_COLUMNS else "float64"
    for field in fields(Estimate)
}


def estimate_frame(rows: Iterable[Estimate | Mapping]) -> pd.DataFrame:
    """Estimates as a frame with the same columns and types whatever the method, in the order given.

    One row is one estimate. Rows may be `Estimate` objects or mappings with the same names; a mapping with an unknown
    name raises TypeError. Without rows the frame is empty but keeps its columns.
    """
    estimates = [row if isinstance(row, Estimate) else Estimate(**row) for row in rows]
    columns = {name: [getattr(estimate, name) for estimate in estimates] for name in (*ESTIMATE_COLUMNS, *TEST_COLUMNS)}
    return pd.DataFrame({name: pd.array(values, dtype=_DTYPES[name]) for name, values in columns.items()})


def concat_estimates(frames: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """Several estimate frames under one another, renumbered; no frames give the empty estimate frame."""
    frames = [frame for frame in frames if len(frame)]
    return pd.concat(frames, ignore_index=True) if frames else estimate_frame([])


def fewest_people(estimates: pd.DataFrame) -> int | None:
    """The fewest people of an arm that any of the estimates is computed from; None where none says."""
    known = estimates[list(_COUNT_COLUMNS)].stack().dropna()
    return int(known.min()) if len(known) else None


@recorded
def heterogeneity_test(effects: pd.DataFrame, *, outcome: str, contrast: str) -> Estimate:
    """Whether an effect is the same in several groups of people: Cochran's Q, Σ wᵢ(dᵢ − d̄)² with wᵢ = 1/seᵢ².

    `effects` has one row a group with `estimate` and `std_error`; the groups must not share people. Q is compared with
    χ² on the number of groups less one; with two groups it is the square of the z test of the difference between two
    differences (Altman and Bland 2003). A group without a standard error, or with none above nought, leaves the test
    missing. Checked against R 4, what a weighted `lm` leaves (tests/reference/survival.R).
    """
    errors = effects["std_error"].astype(float)
    nothing, freedom = float("nan"), len(effects) - 1
    if freedom < 1 or not (errors > 0).all():
        return Estimate(outcome, "all", contrast, "Cochran's Q", nothing, unit="test")
    weights, values = 1 / errors**2, effects["estimate"].astype(float)
    mean = (weights * values).sum() / weights.sum()
    q = float((weights * (values - mean) ** 2).sum())
    return Estimate(outcome, "all", contrast, "Cochran's Q", nothing, p_value=float(stats.chi2.sf(q, freedom)),
                    unit="test", statistic_value=q, df=float(freedom))  # fmt: skip

"""What uncertain assumptions do to a net present value: distributions, probability that it pays, value of knowing.

A probabilistic analysis draws every uncertain input from its distribution, works the model of `cost_benefit` out with
each draw, and looks at the draws of the result (Briggs, Claxton and Sculpher 2006; the task force of ISPOR and SMDM,
Briggs and others 2012). The model takes arrays, so that a draw is an element and nothing is computed in a loop.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from analysis.methods.recording import recorded

# The middle 95% of a normal distribution are so many standard deviations wide.
_WIDTH = 2 * stats.norm.ppf(0.975)


@dataclass(frozen=True)
class Assumption:
    """An uncertain number: its value, the ends of what it may be, and how it is spread between or around them.

    uniform: between `low` and `high`. triangular: the same, most often at `value`. normal, gamma, beta: mean `value`,
    standard deviation (high − low) / 3.92; gamma for amounts, which are never negative, beta for shares of one.
    Raises ValueError for another name, for ends that are not in order, or a value that such a
    gamma or beta cannot have as mean.
    """

    distribution: str
    value: float
    low: float
    high: float

    def __post_init__(self) -> None:
        if self.distribution not in _SPREADS:
            raise ValueError(f"unknown distribution {self.distribution!r}; allowed: {', '.join(_SPREADS)}")
        if not self.low <= self.value <= self.high or self.low == self.high:
            raise ValueError(f"low ≤ value ≤ high must hold, low below high; got {self.low}, {self.value}, {self.high}")
        if self.distribution == "gamma" and self.value <= 0:
            raise ValueError(f"a gamma distribution has a mean above nought, got {self.value}")
        if self.distribution == "beta" and self.value * (1 - self.value) <= self.std_error**2:
            raise ValueError(f"no beta distribution has the mean {self.value} and standard deviation {self.std_error}")

    @property
    def std_error(self) -> float:
        """Standard deviation of a normal, gamma or beta spread."""
        return (self.high - self.low) / _WIDTH

    @property
    def spread(self) -> "stats.rv_continuous":
        """The distribution with its parameters; checked against R (tests/reference/cost_benefit_bcea.R)."""
        return _SPREADS[self.distribution](self)

    def draw(self, draws: int, rng: np.random.Generator) -> np.ndarray:
        """Random values, `draws` of them."""
        return self.spread.rvs(size=draws, random_state=rng)


def _gamma(spread: Assumption):
    return stats.gamma(a=(spread.value / spread.std_error) ** 2, scale=spread.std_error**2 / spread.value)


def _beta(spread: Assumption):
    size = spread.value * (1 - spread.value) / spread.std_error**2 - 1
    return stats.beta(spread.value * size, (1 - spread.value) * size)


def _triangular(spread: Assumption):
    width = spread.high - spread.low
    return stats.triang((spread.value - spread.low) / width, spread.low, width)


_SPREADS = {
    "normal": lambda spread: stats.norm(spread.value, spread.std_error),
    "gamma": _gamma,
    "beta": _beta,
    "uniform": lambda spread: stats.uniform(spread.low, spread.high - spread.low),
    "triangular": _triangular,
}


@recorded
def probability_of_gain(net: np.ndarray) -> float:
    """Share of the draws in which the net present value is above nought; NaN where one is not known."""
    return float(np.mean(net > 0)) if not np.isnan(net).any() else np.nan


@recorded
def acceptability(work_gained: np.ndarray, extra_cost: np.ndarray, values: np.ndarray) -> pd.DataFrame:
    """Acceptability curve: how likely the programme is to pay at each value of a person-year in work.

    One row a value: value (NOK), probability = P(value · work gained − extra cost > 0), loss = the expected loss (NOK
    per person) of choosing by the mean where a draw has it otherwise, the expected value of perfect information there.
    `work_gained` are discounted person-years per person, `extra_cost` NOK per person, a draw each. All is NaN where a
    draw is not known. Checked against R's BCEA (tests/reference/cost_benefit_bcea.R).
    """
    net = np.multiply.outer(values, work_gained) - extra_cost
    known = not np.isnan(net).any()
    rows = [(value, probability_of_gain(each), value_of_perfect_information(each)) if known else (value, np.nan, np.nan)
            for value, each in zip(values, net, strict=True)]  # fmt: skip
    return pd.DataFrame(rows, columns=["value", "probability", "loss"])


@recorded
def value_of_perfect_information(net: np.ndarray) -> float:
    """NOK per person that knowing every uncertain number would be worth: E[max(NPV, 0)] − max(E[NPV], 0).

    NaN where a draw is not known. Checked against R's BCEA (tests/reference/cost_benefit_bcea.R).
    """
    return float(np.maximum(net, 0).mean() - max(net.mean(), 0.0)) if not np.isnan(net).any() else np.nan


@recorded
def value_of_knowing(net: np.ndarray, number: np.ndarray, knots: int = 5) -> float:
    """NOK per person that knowing one uncertain number would be worth, the others staying uncertain.

    The expected net present value at each draw of the number is a regression of the draws of the net present value on
    it (Strong, Oakley and Brennan 2014), here on a natural cubic spline with knots at equal shares of the draws; then
    as `value_of_perfect_information`, and no more than that of the draws themselves: one number tells no more than all
    of them, but a line through few or skewed draws may run below nought where no draw does. 0 for a number that does
    not vary; NaN where a draw is not known. Checked against R's splines package and BCEA
    (tests/reference/cost_benefit_bcea.R).
    """
    if np.isnan(net).any():
        return np.nan
    if np.ptp(number) == 0:
        return 0.0
    design = np.column_stack([np.ones(len(net)), _natural_spline(number, knots)])
    expected = design @ np.linalg.lstsq(design, net, rcond=None)[0]
    return min(value_of_perfect_information(expected), value_of_perfect_information(net))


def _natural_spline(number: np.ndarray, knots: int) -> np.ndarray:
    """Columns that span the natural cubic splines of a number (truncated powers), ends at its smallest and largest."""
    scaled = (number - number.mean()) / number.std()
    at = np.unique(np.quantile(scaled, np.linspace(0, 1, knots)))
    cubes = np.maximum(np.subtract.outer(scaled, at), 0) ** 3
    slopes = (cubes[:, :-1] - cubes[:, -1:]) / (at[-1] - at[:-1])
    return np.column_stack([scaled, slopes[:, :-1] - slopes[:, -1:]])


@recorded
def one_way(net_value_at: Mapping[str, tuple[float, float]], base: float) -> pd.DataFrame:
    """Rows of a tornado: what each number does to the net present value on its own, the widest first.

    `net_value_at` maps a number's name to the net present values at its low and high end. One row a number and end:
    row, end (low or high), estimate (NOK), start (`base`). Numbers at whose ends nothing is known are left out.
    """
    known = {name: ends for name, ends in net_value_at.items() if not np.isnan(ends).any()}
    order = sorted(known, key=lambda name: -np.ptp([*known[name], base]))
    rows = [(name, end, value, base) for name in order for end, value in zip(("low", "high"), known[name], strict=True)]
    return pd.DataFrame(rows, columns=["row", "end", "estimate", "start"])

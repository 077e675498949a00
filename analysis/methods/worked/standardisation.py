"""The effect on a share at equal characteristics without trusting the model, by hand."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from analysis.methods import standardisation
from analysis.methods.worked.arithmetic import (
    NAN,
    Z,
    covariance,
    for_all,
    mean,
    newton,
    numbers,
    ratio,
    share,
    two_sided,
    variance,
)
from analysis.methods.worked.example import Example, Worked

# Twelve in two strata, four of six in the programme in the first and two of six in the second, with their age.
TWELVE = pd.DataFrame({
    "treated": [True] * 4 + [False] * 2 + [True] * 2 + [False] * 4,
    "stratum": ["first"] * 6 + ["second"] * 6,
    "age": [25, 31, 44, 34, 39, 52, 29, 50, 24, 33, 47, 30],
    "outcome": pd.array([True, False, True, True, False, False, True, False, True, False, True, False],
                        dtype="boolean"),
})  # fmt: skip
ARMS = {"treatment": "new", "control": "usual"}


def _others(people: pd.DataFrame) -> list[str]:
    return [column for column in people if column not in ("treated", "stratum", "outcome")]


class _Known:
    """Arrays of those who have all that is needed."""

    def __init__(self, people: pd.DataFrame) -> None:
        value, treated, *more = numbers(people, "outcome", "treated", *_others(people))
        table = np.column_stack([value, treated, *more])
        self.rows = ~np.isnan(table).any(axis=1) & people["stratum"].notna().to_numpy()
        self.y, self.treated, *more = table[self.rows].T
        self.more = [each for each in more if len(set(each)) > 1]
        self.stratum = people["stratum"].to_numpy(object)[self.rows]

    def among(self, values: np.ndarray, those: np.ndarray) -> np.ndarray:
        """At each person, the mean of the values of those people who share the stratum."""
        means = {name: mean(values[those & (self.stratum == name)]) for name in set(self.stratum)}
        return np.array([means[name] for name in self.stratum])


def standardised_by_hand(people: pd.DataFrame) -> Worked:
    """A logit with strata; everybody with and without the programme by it; the variance of people as a sample."""
    own = _Known(people)
    everybody = np.ones(len(own.y), dtype=bool)
    level = own.among(own.y, everybody)
    varies = (level > 0) & (level < 1)  # elsewhere the share of a stratum is simply none or all
    mu1, mu0, coefficient = _standard(own, varies, level)
    treated, other = own.treated == 1, own.treated == 0
    pi = mean(own.treated)
    missed = own.y - np.where(treated, mu1, mu0)
    spread1, spread0 = _own_spread(own.y, mu1, treated, pi), _own_spread(own.y, mu0, other, 1 - pi)
    shared = covariance(own.y[treated], mu0[treated]) + covariance(own.y[other], mu1[other]) - covariance(mu1, mu0)
    left = np.nan_to_num(own.among(missed, treated)) / pi + np.nan_to_num(own.among(missed, other)) / (1 - pi)
    saved, d, n = pi * (1 - pi) * mean(left**2), mean(mu1) - mean(mu0), len(own.y)
    error = np.sqrt((spread1 + spread0 - 2 * shared - saved) / n) if n else NAN
    z = ratio(d, error)
    steps = {"n": n, "b1": coefficient, "mean1": mean(mu1), "mean0": mean(mu0), "d": d, "pi": pi, "spread1": spread1,
             "spread0": spread0, "shared": shared, "saved": saved, "error": error, "low": d - Z * error,
             "high": d + Z * error, "z": z, "p_value": two_sided(z)}  # fmt: skip
    columns = {name: for_all(people, own.rows, each) for name, each in (("mu1", mu1), ("mu0", mu0), ("missed", missed))}
    return Worked(people.assign(**columns), steps)


def _standard(own: _Known, varies: np.ndarray, level: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
    """Shares of everybody with and without the programme, and the coefficient of the programme."""
    strata = [own.stratum == name for name in sorted(set(own.stratum[varies]), key=str)[1:]]
    terms = np.column_stack([np.ones(len(own.y)), own.treated, *own.more, *strata])[varies]
    beta, _ = newton(own.y[varies], terms)
    found = []
    for arm in (1.0, 0.0):
        terms[:, 1] = arm
        mu = level.copy()
        mu[varies] = share(terms @ beta)
        found.append(mu)
    return found[0], found[1], float(beta[1])


def _own_spread(y: np.ndarray, mu: np.ndarray, own: np.ndarray, pi: float) -> float:
    """Variance of the standardised share of an arm: what the logit missed, by the arm's share, and the rest of all."""
    both = covariance(y[own], mu[own])
    return ratio(variance(y[own]) - 2 * both + variance(mu), pi) + 2 * both - variance(mu)


def _names(people: pd.DataFrame) -> dict:
    frame = people.assign(arm=people["treated"].map({True: "new", False: "usual"}))
    return {"frame": frame, "outcome": "outcome", "covariates": _others(people), "strata": ["stratum"], **ARMS}


def _told(found) -> Mapping[str, float]:
    return {"n": found.n_treated + found.n_control, "d": found.estimate, "error": found.std_error,
            "low": found.conf_low, "high": found.conf_high, "z": found.statistic_value,
            "p_value": found.p_value}  # fmt: skip


def _standardised(people: pd.DataFrame) -> Mapping[str, float]:
    return _told(standardisation.standardised_risk_difference(**_names(people)))


def augmented_by_hand(people: pd.DataFrame) -> Worked:
    """A logit in each arm, what it misses added back by the share of the stratum that was treated."""
    pi = _Known(people)
    chance = pi.among(pi.treated, np.ones(len(pi.y), dtype=bool))
    both = for_all(people, pi.rows, chance)
    own = _Known(people[(both > 0) & (both < 1)])
    pi = own.among(own.treated, np.ones(len(own.y), dtype=bool))
    one, other = own.treated == 1, own.treated == 0
    mu1, mu0 = _foretold(own, one), _foretold(own, other)
    added1, added0 = own.treated * (own.y - mu1) / pi, (1 - own.treated) * (own.y - mu0) / (1 - pi)
    d = mean(mu1 - mu0 + added1 - added0)
    moved1, moved0 = mu1 + own.among(own.y - mu1, one), mu0 + own.among(own.y - mu0, other)
    phi = moved1 - moved0 + one * (own.y - moved1) / pi - other * (own.y - moved0) / (1 - pi)
    n, squares = len(phi), float(((phi - d) ** 2).sum())
    error = np.sqrt(ratio(squares, n * (n - 1)))
    z = ratio(d, error)
    steps = {"n": n, "mean1": mean(mu1), "mean0": mean(mu0), "added1": mean(added1), "added0": mean(added0), "d": d,
             "squares": squares, "error": error, "low": d - Z * error, "high": d + Z * error, "z": z,
             "p_value": two_sided(z)}  # fmt: skip
    rows = np.flatnonzero((both > 0) & (both < 1))[own.rows]
    told = {"pi": pi, "mu1": mu1, "mu0": mu0, "phi": phi}
    return Worked(people.assign(**{name: for_all(people, rows, each) for name, each in told.items()}), steps)


def _foretold(own: _Known, those: np.ndarray) -> np.ndarray:
    """The share of everybody as a logit among some people has it; their plain share where they are all alike."""
    y, more = own.y[those], [each for each in own.more if len(set(each[those])) > 1]
    if not more or len(set(y)) < 2:
        return np.full(len(own.y), mean(y))
    terms = np.column_stack([np.ones(len(own.y)), *more])
    return share(terms @ newton(y, terms[those])[0])


def _augmented(people: pd.DataFrame) -> Mapping[str, float]:
    return _told(standardisation.augmented_difference(**_names(people)))


EXAMPLES: Mapping[str, Example] = {
    "standardised_shares": Example(
        (
            standardisation.standardised_risk_difference,
            standardisation._unconditional,
            standardisation._saved_by_strata,
        ),
        TWELVE,
        standardised_by_hand,
        _standardised,
        "strata_and_background",
    ),
    "augmented_weighting": Example(
        (standardisation.augmented_difference, standardisation._foretold, standardisation._influence),
        TWELVE,
        augmented_by_hand,
        _augmented,
        "strata_and_background",
    ),
}

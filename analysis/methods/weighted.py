"""People who stand for more or fewer than themselves: weighted means and fits, their errors by each one's influence.

Weights are those of a sample or of answering, the inverse of a probability, and not counts: all of them multiplied by a
number change nothing. The variance is n/(n − 1) Σ uᵢ², uᵢ what a person moves the estimate by, weights taken as known
(Binder 1983; the design of R's `survey` with people drawn one by one).

Methods that estimate take them as `weight`, the name of a column: shares, means, their differences, least squares, the
standardised and the augmented difference, restricted means, times and rates in a state. Tests by ranks, by drawing the
arms anew or by likelihood have no place for them; repeated measures and imputation model all answers instead; centres,
phases and trials weigh by what each can tell.
"""

import numpy as np
import pandas as pd

NAN = float("nan")


def usable(weights: pd.Series) -> np.ndarray:
    """The weights of people who are counted, as numbers. Raises ValueError where one is missing or not above nought."""
    found = weights.to_numpy(dtype=float, na_value=NAN)
    wrong = int((~(found > 0) | np.isinf(found)).sum())
    if wrong:
        raise ValueError(f"{wrong} of {len(found)} weights in the column {weights.name!r} are missing, infinite or not "
                         "above nought; leave these people out or give them one")  # fmt: skip
    return found


def error_of(influence: np.ndarray) -> float:
    """√(n/(n − 1) Σ uᵢ²); NaN for fewer than two people."""
    n = len(influence)
    return float(np.sqrt(n / (n - 1) * (influence**2).sum())) if n > 1 else NAN


def mean_and_error(values: pd.Series, weights: pd.Series) -> tuple[float, float, int]:
    """ȳ = Σwᵢyᵢ/Σwᵢ of those with a value, its standard error with uᵢ = wᵢ(yᵢ − ȳ)/Σw, and how many there are.

    With equal weights the error is s/√n. The weights of others in their index are not looked at.
    """
    known = values.dropna()
    y, w = known.to_numpy(dtype=float), usable(weights.loc[known.index])
    if not len(y):
        return NAN, NAN, 0
    mean = float((w * y).sum() / w.sum())
    return mean, error_of(w * (y - mean) / w.sum()), len(y)


def effective_size(share: float, error: float, weights: np.ndarray) -> float:
    """How many people drawn alike would tell a share with this error, p(1 − p)/se²; (Σw)²/Σw² where all are alike."""
    spread = share * (1 - share)
    if error > 0 and spread > 0:
        return spread / error**2
    return float(weights.sum() ** 2 / (weights**2).sum())


def least_squares(value: np.ndarray, design: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Coefficients (X′WX)⁻¹X′Wy, and the influence of each person on each of them, (X′WX)⁻¹xᵢwᵢeᵢ."""
    bread = np.linalg.inv((design * weights[:, None]).T @ design)
    coefficients = bread @ (design * weights[:, None]).T @ value
    return coefficients, design * (weights * (value - design @ coefficients))[:, None] @ bread

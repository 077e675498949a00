"""Whether an effect is the same in several groups, by hand."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from scipy import stats

from analysis.methods import estimates
from analysis.methods.worked.arithmetic import NAN, numbers
from analysis.methods.worked.example import Example, Worked

# Five groups, each with its own difference between the arms.
FIVE = pd.DataFrame({"estimate": [0.12, 0.03, -0.05, 0.20, 0.08], "std_error": [0.05, 0.06, 0.09, 0.07, 0.04]})


def heterogeneity_by_hand(groups: pd.DataFrame) -> Worked:
    """Cochran's Q: the squared distances from the weighted mean, in units of the standard errors."""
    d, error = numbers(groups, "estimate", "std_error")
    weight = np.array([1 / own**2 if own > 0 else NAN for own in error])
    middle = float((weight * d).sum() / weight.sum()) if len(d) else NAN
    part = weight * (d - middle) ** 2
    q, df = float(part.sum()), len(groups) - 1
    steps = {"groups": len(groups), "weights": float(weight.sum()), "products": float((weight * d).sum()),
             "mean": middle, "q": q, "df": df, "p_value": float(stats.chi2.sf(q, df)) if df > 0 else NAN}  # fmt: skip
    return Worked(groups.assign(weight=weight, part=part), steps)


def _heterogeneity(groups: pd.DataFrame) -> Mapping[str, float]:
    found = estimates.heterogeneity_test(groups, outcome="outcome", contrast="treated_x_group")
    return {"q": found.statistic_value, "df": found.df, "p_value": found.p_value}


EXAMPLES: Mapping[str, Example] = {
    "heterogeneity": Example((estimates.heterogeneity_test,), FIVE, heterogeneity_by_hand, _heterogeneity, "subgroup"),
}

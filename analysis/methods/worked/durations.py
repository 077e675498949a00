"""Whether an effect varies with a duration, by hand."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from scipy import stats

from analysis.methods import durations
from analysis.methods.worked.arithmetic import for_all, log_likelihood, mean, newton, numbers, share
from analysis.methods.worked.example import Example, Worked

# Twelve, half of them in the programme, who had been out of work for so many months.
TWELVE = pd.DataFrame({
    "treated": [True] * 6 + [False] * 6,
    "outcome": pd.array([True, False, True, True, False, True, True, True, False, False, True, False], dtype="boolean"),
    "months": [0.0, 2, 4, 7, 9, 12, 0, 1, 3, 6, 8, 11],
})  # fmt: skip


def _rows(people: pd.DataFrame) -> tuple[np.ndarray, np.ndarray, list[np.ndarray], np.ndarray]:
    others = [column for column in people if column not in ("outcome", "treated", "months")]
    value, treated, months, *more = numbers(people, "outcome", "treated", "months", *others)
    known = ~np.isnan(np.column_stack([value, treated, months, *more])).any(axis=1)
    return known, value[known], [each[known] for each in more], np.column_stack([treated, months])[known]


def _terms(treated: np.ndarray, months: np.ndarray, more: list[np.ndarray]) -> np.ndarray:
    """A one, the programme, the months, the other characteristics, last the product of programme and months."""
    return np.column_stack([np.ones(len(months)), treated, months, *more, treated * months])


def duration_by_hand(people: pd.DataFrame) -> Worked:
    """A logit with the product of programme and months, the test of the product, and the effect at two durations."""
    known, y, more, (treated, months) = (*(found := _rows(people))[:3], found[3].T)
    terms = _terms(treated, months, more)
    beta, inverse = newton(y, terms)
    p, plain = share(terms @ beta), share(terms[:, :-1] @ newton(y, terms[:, :-1])[0])
    large, small = log_likelihood(y, p), log_likelihood(y, plain)
    statistic, middle = 2 * (large - small), float(share(terms.mean(axis=0) @ beta)) if len(y) else float("nan")
    longest = float(months.max()) if len(months) else float("nan")
    steps = {"n": len(y), "b0": float(beta[0]), "b1": float(beta[1]), "b2": float(beta[2]), "b3": float(beta[-1]),
             "small": small, "large": large, "statistic": statistic, "p_value": float(stats.chi2.sf(statistic, 1)),
             "product": middle * (1 - middle) * float(beta[-1])}  # fmt: skip
    for name, length in (("none", 0.0), ("longest", longest)):
        steps |= _effect(name, length, len(y), more, beta, inverse)
    return Worked(people.assign(fitted=for_all(people, known, p), plain=for_all(people, known, plain)), steps)


def _effect(name: str, length: float, n: int, more: list[np.ndarray], beta: np.ndarray, inverse: np.ndarray) -> dict:
    """Shares with and without the programme, had everybody been out of work for so long, and their difference."""
    designs = [_terms(np.full(n, arm), np.full(n, length), more) for arm in (1.0, 0.0)]
    p1, p0 = (share(each @ beta) for each in designs)
    slopes = [(p * (1 - p))[:, None] * each for p, each in zip((p1, p0), designs, strict=True)]
    gradient = (slopes[0] - slopes[1]).sum(axis=0) / max(n, 1)
    return {f"{name}_months": length, f"{name}_with": mean(p1), f"{name}_without": mean(p0),
            f"{name}_effect": mean(p1) - mean(p0),
            f"{name}_error": float(np.sqrt(gradient @ inverse @ gradient))}  # fmt: skip


def _duration(people: pd.DataFrame) -> Mapping[str, float]:
    others = [column for column in people if column not in ("outcome", "treated", "months")]
    frame = people.astype("Float64")
    settings = {"indicator": "treated", "duration": "months", "covariates": others}
    rows = durations.duration_interaction(frame, "outcome", **settings).set_index("contrast")
    test, product = rows[rows["unit"] == "test"].iloc[0], rows[rows["unit"] != "test"].loc["treated_x_months"]
    known = frame.dropna()
    lengths = [0, float(known["months"].max())]
    effects = durations.effect_by_duration(frame, "outcome", months=lengths, **settings)
    told = {"statistic": test["statistic_value"], "p_value": test["p_value"], "product": product["estimate"]}
    for name, row in zip(("none", "longest"), effects.to_dict("records"), strict=True):
        told |= {f"{name}_effect": row["estimate"], f"{name}_error": row["std_error"]}
    return told


EXAMPLES: Mapping[str, Example] = {
    "duration": Example(
        (durations.duration_interaction, durations.effect_by_duration, durations.duration_terms),
        TWELVE,
        duration_by_hand,
        _duration,
        "outcome_and_duration",
    ),
}

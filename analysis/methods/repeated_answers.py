"""Shares of answers where one person may have answered at several follow-ups: intervals that draw on people.

Two ways to make one share of several follow-ups: all answers pooled, or the plain mean of the follow-ups' shares.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from statsmodels.stats.proportion import proportion_confint

from analysis.methods.coding import CATEGORY_COLUMNS

PERSON, WAVE = "participant_id", "wave"


def categories_given(answers: pd.DataFrame, categories: Sequence[str]) -> pd.DataFrame:
    """Whether each answer carries each category: answers × categories."""
    coded = answers[list(CATEGORY_COLUMNS)]
    return pd.DataFrame({category: coded.eq(category).any(axis=1) for category in categories})


def repeated_shares(
    answers: pd.DataFrame,
    given: pd.DataFrame,
    by: Sequence[str],
    level: str,
    *,
    mean_of_waves: bool = False,
    conf_level: float = 0.95,
) -> pd.DataFrame:
    """Share of the answers of each group at each level, with an interval that takes a person's answers together.

    `answers`: one row per person and follow-up (participant_id, wave) with the columns of `by`; `given`: the same rows,
    one yes-or-no column a level. One row of the result is one group and level: the group's columns, `level`, n (answers
    with it), answers, people, proportion, std_error, conf_low, conf_high.

    Pooled, the share is p = Σ_i y_i / n. As the mean of W follow-ups it is Σ_w p_w / W, whatever their sizes n_w. The
    variance is that of totals of people (linearisation): G/(G − 1) Σ_g e_g², with e_g = Σ_{i∈g} (y_i − p)/n pooled, and
    e_g = Σ_{i∈g} (y_i − p_{w(i)})/(W n_{w(i)}) for the mean, G people. The interval is Wilson's with the number of
    answers that would have this variance if all were independent, n* = p(1 − p)/variance, never more than there are
    (Korn and Graubard 1998 for n*; Dean and Pagano 2015 for Wilson's interval with it); where nobody or everybody is at
    a level, or there is one person, n* is the number of people. With one answer a person and one follow-up it is
    Wilson's own but for n/(n − 1) in the variance. std_error is NaN for one person. Missing answers are left
    out before.

    Checked against R's survey (tests/reference/repeated_answers.R): shares and standard errors to 1e-9.
    """
    rows = []
    for group, own in answers.groupby(list(by), observed=True, sort=True):
        labels = dict(zip(by, group if isinstance(group, tuple) else (group,), strict=True))
        rows.append(_of_group(own, given.loc[own.index], level, mean_of_waves, conf_level).assign(**labels))
    names = ["n", "answers", "people", "proportion", "std_error", "conf_low", "conf_high"]
    if not rows:
        return pd.DataFrame(columns=[*by, level, *names])
    return pd.concat(rows, ignore_index=True)[[*by, level, *names]]


def _of_group(
    answers: pd.DataFrame, given: pd.DataFrame, level: str, mean_of_waves: bool, conf_level: float
) -> pd.DataFrame:
    values, people = given.to_numpy(dtype=float), pd.factorize(answers[PERSON])[0]
    waves = pd.factorize(answers[WAVE])[0] if mean_of_waves else np.zeros(len(answers), dtype=int)
    sizes = np.bincount(waves)
    shares = np.stack([values[waves == wave].mean(axis=0) for wave in range(len(sizes))])
    proportion = shares.mean(axis=0)
    errors = (values - shares[waves]) / (len(sizes) * sizes[waves])[:, None]
    variance = _between(errors, people)
    low, high = _wilson(proportion, variance, len(values), people.max() + 1, conf_level)
    return pd.DataFrame({
        level: given.columns, "n": values.sum(axis=0).astype(int), "answers": len(values), "people": people.max() + 1,
        "proportion": proportion, "std_error": np.sqrt(variance), "conf_low": low, "conf_high": high,
    })  # fmt: skip


def _between(errors: np.ndarray, people: np.ndarray) -> np.ndarray:
    """Variance of each column's sum, people being what varies; NaN for fewer than two."""
    number = people.max() + 1
    if number < 2:
        return np.full(errors.shape[1], np.nan)
    totals = np.zeros((number, errors.shape[1]))
    np.add.at(totals, people, errors)
    return number / (number - 1) * (totals**2).sum(axis=0)


def _wilson(
    proportion: np.ndarray, variance: np.ndarray, answers: int, people: int, conf_level: float
) -> tuple[np.ndarray, np.ndarray]:
    spread = proportion * (1 - proportion)
    effective = np.divide(
        spread, variance, out=np.full(len(spread), float(people)), where=(variance > 0) & (spread > 0)
    )
    effective = np.minimum(effective, answers)
    return proportion_confint(proportion * effective, effective, alpha=1 - conf_level, method="wilson")

"""Printed figures of the questionnaire scores as functions of sums over people.

A person's scores at 0, 6 and 12 months enter the sums through squares and products; every printed mean, interval,
test and regression coefficient of tables 3, 10, 11, 14, 15 and 16 is a function of those sums.
"""

from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np
from scipy import stats

from .targets import Targets

ARMS = ("sfj", "control")
# Names of each score's row in the tables that print it.
ROWS = {
    "hads_anxiety": (
        "hads_anxiety_sum",
        "baseline_hads_anxiety",
        "hads_anxiety",
        "hads_anxiety",
        "hads_anxiety",
        "hads_anxiety",
    ),
    "hads_depression": (
        "hads_depression_sum",
        "baseline_hads_depression",
        "hads_depression",
        "hads_depression",
        "hads_depression",
        "hads_depression",
    ),
    "hads_total": ("hads_total_sum", "baseline_hads_total", "hads_total", "hads_total", "hads_total", "hads_total"),
    "shc_total": (
        "subjective_health_complaints_sum",
        "baseline_subjective_health_complaints",
        "subjective_health_complaints",
        "subjective_health_complaints",
        "subjective_health_complaints",
        None,
    ),
    "eq5d_index": (None, "baseline_eq5d", "function_eq5d", "eq5d", "eq5d", None),
    "health_ladder": (None, "baseline_health_ladder", "health_ladder", "health_ladder", "health_ladder", None),
    "chalder_total": (None, None, "fatigue", "fatigue", "fatigue", None),
}
TABLES = ("table_03", "table_14", "table_10", "table_11", "table_15", "table_16")
PER_ARM = 24  # sums kept for each arm and score
# Places among them: sums of scores, and sums of scores times covariates.
WHOLE, WEIGHTED, COUNTED = (0, 2, 4, 6, 8, 10), tuple(range(13, 22)), (22, 23)


@dataclass(frozen=True)
class Panel:
    """Who counts in which sum: one entry a person.

    control: 1 for the control arm. responder: returned valid answers at 12 months. valid: one column a wave (0, 6, 12),
    whether the score is known. covariates: age, woman, higher education, centred.
    """

    control: np.ndarray
    responder: np.ndarray
    valid: np.ndarray
    covariates: np.ndarray

    @cached_property
    def sizes(self) -> dict[str, np.ndarray]:
        """Known scores per arm (sfj, control) in the groups that the tables compare."""
        start, end = self.valid[:, 0], self.valid[:, 2]
        groups = {
            "responders": start & self.responder,
            "non_responders": start & ~self.responder,
            "final": end,
            "carried": self.valid.any(axis=1),
            "both": start & end,
        }
        return {
            name: np.array([(members & (self.control == arm)).sum() for arm in (0, 1)])
            for name, members in groups.items()
        }

    @cached_property
    def products(self) -> dict[str, np.ndarray]:
        """Cross products of constant, control arm and covariates among those with the score at 12 months ("final"), or
        also at inclusion ("both")."""
        design = np.column_stack([np.ones(len(self.control)), self.control, self.covariates])
        groups = {"final": self.valid[:, 2], "both": self.valid[:, 0] & self.valid[:, 2]}
        return {name: design[members].T @ design[members] for name, members in groups.items()}


def person_sums(panel: Panel, rows: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """Each person's share of the sums: 2 × PER_ARM columns, those of the other arm zero. `scores`: columns 0, 6, 12.

    Of an arm: sum and square sum of baseline scores of responders without a final one, of non-responders, of final
    scores without a baseline one, of carried scores; of those with both scores sums, square sums and products, also
    with the covariates. No answer enters two sums of scores but those at inclusion that are carried.
    """
    known = panel.valid[rows]
    first, middle, last = (np.where(known[:, wave], scores[:, wave], 0.0) for wave in range(3))
    kept = panel.responder[rows]
    carried = np.where(known[:, 1], middle, first) * ~known[:, 2]
    both = known[:, 0] & known[:, 2]
    z = panel.covariates[rows]
    start, end = first * both, last * both
    early, late, left = first * (kept & ~both), last * ~both, first * ~kept
    parts = [early, early**2, left, left**2, late, late**2, carried, carried**2]
    parts += [start, start**2, end, end**2, start * end]
    parts += [start[:, None] * z, end[:, None] * z, late[:, None] * z, known[:, 2], both]
    own = np.column_stack(parts)
    control = panel.control[rows].astype(bool)[:, None]
    return np.hstack([np.where(control, 0.0, own), np.where(control, own, 0.0)])


def _totals(own: np.ndarray) -> np.ndarray:
    """The sums of one arm with those who have both scores added to those who have one, and answers to carried ones."""
    totals = own.copy()
    totals[:, [0, 1]] += own[:, [8, 9]]
    totals[:, [4, 5]] += own[:, [10, 11]]
    totals[:, [6, 7]] += totals[:, [4, 5]]
    totals[:, 19:22] += own[:, 16:19]
    return totals


@cache
def _p_grid(df: int) -> tuple[np.ndarray, np.ndarray]:
    t = np.linspace(0, 12, 12001)
    return t, 2 * stats.t.sf(t, df)


def _p_value(t: np.ndarray, df: int) -> np.ndarray:
    """Two-sided p-value, read off a fine grid: the search asks for it very often."""
    return np.interp(t, *_p_grid(int(df)))


@cache
def _quantile(df: int) -> float:
    return float(stats.t.ppf(0.975, df))


def _moments(total: np.ndarray, squares: np.ndarray, n: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    mean = total / n
    return mean, np.sqrt(np.maximum(squares - n * mean**2, 1e-9) / (n - 1))


def _interval(mean: np.ndarray, sd: np.ndarray, n: float) -> dict[str, np.ndarray]:
    reach = _quantile(n - 1) * sd / np.sqrt(n)
    return {"mean": mean, "sd": sd, "se": sd / np.sqrt(n), "ci_low": mean - reach, "ci_high": mean + reach}


def printed_cells(panel: Panel, sums: np.ndarray, score: str) -> dict[tuple[str, str, str, str], np.ndarray]:
    """Every printed cell of one score: (source, row, column, statistic) → one value for each row of `sums`."""
    sizes = panel.sizes
    arms = [_totals(sums[:, :PER_ARM]), _totals(sums[:, PER_ARM:])]
    cells = {}
    row_03, row_14, row_10, row_11, row_15, row_16 = ROWS[score]
    if row_14:
        cells |= _baseline_cells(arms, sizes, row_03, row_14)
    cells |= _final_cells(arms, sizes, row_10, row_11, row_15)
    cells |= _adjusted_cells(panel, arms, sizes, row_11, row_16)
    return cells


def _baseline_cells(arms, sizes, row_03, row_14) -> dict:
    cells, pooled = {}, []
    for place, arm in enumerate(ARMS):
        parts = []
        for offset, group in ((0, "responders"), (2, "non_responders")):
            n = sizes[group][place]
            total, squares = arms[place][:, offset], arms[place][:, offset + 1]
            parts.append((total, squares, n))
            for statistic, value in _interval(*_moments(total, squares, n), n).items():
                cells["table_14", row_14, f"{arm}_{group}_12m", statistic] = value
        pooled.append(tuple(sum(part) for part in zip(*parts, strict=True)))
    pooled.append(tuple(sum(part) for part in zip(*pooled, strict=True)))
    if row_03:
        for column, (total, squares, n) in zip((*ARMS, "total"), pooled, strict=True):
            for statistic, value in _interval(*_moments(total, squares, n), n).items():
                cells["table_03", row_03, column, statistic] = value
    return cells


def _final_cells(arms, sizes, row_10, row_11, row_15) -> dict:
    cells = {}
    for source, row, offset, group in (("table_10", row_10, 4, "final"), ("table_15", row_15, 6, "carried")):
        means, sds = [], []
        for place, arm in enumerate(ARMS):
            n = sizes[group][place]
            mean, sd = _moments(arms[place][:, offset], arms[place][:, offset + 1], n)
            means.append(mean)
            sds.append(sd)
            for statistic, value in _interval(mean, sd, n).items():
                cells[source, row, arm, statistic] = value
        test = _two_sample(means, sds, sizes[group])
        cells[source, row, "sfj_vs_control", "t"] = test["t"]
        cells[source, row, "sfj_vs_control", "p"] = test["p"]
        if source == "table_10":
            for statistic in ("b", "ci_low", "ci_high"):
                cells["table_11", row_11, "unadjusted", statistic] = test[statistic]
                cells["table_16", row_11, "model_a", statistic] = test[statistic]
            cells["table_16", row_11, "model_a", "p"] = test["p"]
    return cells


def _two_sample(means, sds, n) -> dict[str, np.ndarray]:
    df = n.sum() - 2
    pooled = ((n[0] - 1) * sds[0] ** 2 + (n[1] - 1) * sds[1] ** 2) / df
    error = np.sqrt(pooled * (1 / n[0] + 1 / n[1]))
    return _coefficient(means[1] - means[0], error, df)


def _coefficient(b: np.ndarray, error: np.ndarray, df: int) -> dict[str, np.ndarray]:
    t, reach = b / error, _quantile(df) * error
    return {"b": b, "t": t, "p": _p_value(np.abs(t), df), "ci_low": b - reach, "ci_high": b + reach}


def _adjusted_cells(panel, arms, sizes, row_11, row_16) -> dict:
    cells = {}
    baseline = _regress(panel, arms, "both", with_baseline=True, with_covariates=False)
    for statistic in ("b", "ci_low", "ci_high"):
        cells["table_11", row_11, "adjusted_baseline", statistic] = baseline[statistic]
    if row_16:
        models = {
            "model_b": baseline,
            "model_c": _regress(panel, arms, "final", with_baseline=False, with_covariates=True),
            "model_d": _regress(panel, arms, "both", with_baseline=True, with_covariates=True),
        }
        for model, result in models.items():
            for statistic in ("b", "p", "ci_low", "ci_high"):
                cells["table_16", row_16, model, statistic] = result[statistic]
    return cells


def _regress(panel: Panel, arms, group: str, with_baseline: bool, with_covariates: bool) -> dict[str, np.ndarray]:
    """Coefficient of the control arm in a linear model of the score at 12 months, from the sums alone."""
    both = arms[0] + arms[1]
    k = 2 + 3 * with_covariates + with_baseline
    batch = len(both)
    gram, moment = np.zeros((batch, k, k)), np.zeros((batch, k))
    f = 2 + 3 * with_covariates
    gram[:, :f, :f] = panel.products[group][:f, :f]
    end_at = slice(19, 22) if group == "final" else slice(16, 19)
    total, squares = (4, 5) if group == "final" else (10, 11)
    moment[:, 0], moment[:, 1] = both[:, total], arms[1][:, total]
    if with_covariates:
        moment[:, 2:5] = both[:, end_at]
    if with_baseline:
        gram[:, -1, -1] = both[:, 9]
        gram[:, 0, -1] = gram[:, -1, 0] = both[:, 8]
        gram[:, 1, -1] = gram[:, -1, 1] = arms[1][:, 8]
        if with_covariates:
            gram[:, 2:5, -1] = gram[:, -1, 2:5] = both[:, 13:16]
        moment[:, -1] = both[:, 12]
    inverse = np.linalg.inv(gram)
    beta = np.einsum("bij,bj->bi", inverse, moment)
    df = int(panel.sizes[group].sum()) - k
    residual = np.maximum(both[:, squares] - np.einsum("bi,bi->b", beta, moment), 1e-9) / df
    return _coefficient(beta[:, 1], np.sqrt(residual * inverse[:, 1, 1]), df)


def score_targets(targets: Targets, scores: tuple[str, ...]) -> dict[tuple, tuple[float, float]]:
    """Every printed cell of the given scores: key → (printed value, half a unit in its last place)."""
    found = {}
    for score in scores:
        for source, row in zip(TABLES, ROWS[score], strict=True):
            if row is None:
                continue
            printed = targets.where(source, row=row)
            for cell in printed.itertuples():
                key = (source, row, cell.column, cell.statistic)
                if cell.statistic in ("n", "df", "p_lt"):
                    continue
                found[key] = (cell.value, 0.5 * 10.0**-cell.decimals)
    return found

"""The whole numbers behind the printed shares of table 8: who is observed, and how many of them work."""

from dataclasses import dataclass
from math import sqrt

import pandas as pd
from scipy import stats

from .targets import Targets

SOURCE = "table_08"
OUTCOMES = ("in_work_no_benefits", "fully_or_partly_in_work")
ARMS = ("control", "sfj")
FIRST_MONTH, LAST_MONTH = 12, 18


@dataclass(frozen=True)
class ArmMonth:
    """One arm in one month: people observed, in work without benefits, and fully or partly in work."""

    observed: int
    in_work_no_benefits: int
    fully_or_partly_in_work: int


def monthly_counts(targets: Targets) -> pd.DataFrame:
    """Whole numbers behind table 8, one row a month and arm, with the misses that remain.

    The printed shares, differences and p-values of a month admit very few pairs of denominators, as both outcomes share
    them. The pair that breaks the fewest printed numbers is taken, then the one with the smallest excess over the
    rounding; denominators never grow from month to month. Columns: month, arm, observed, in_work_no_benefits,
    fully_or_partly_in_work, misses (printed numbers of the month that these counts do not give).
    """
    rows, ceilings = [], {arm: int(targets.value("table_01", "total", arm, "n")) for arm in ARMS}
    for month in range(FIRST_MONTH, LAST_MONTH + 1):
        misses, chosen = _best_pair(targets, month, ceilings)
        ceilings = {arm: chosen[arm].observed for arm in ARMS}
        rows += [{"month": month, "arm": arm, **vars(chosen[arm]), "misses": misses} for arm in ARMS]
    return pd.DataFrame(rows)


def _best_pair(targets: Targets, month: int, ceilings: dict[str, int]) -> tuple[int, dict[str, ArmMonth]]:
    candidates = {arm: _arm_candidates(targets, month, arm, ceilings[arm]) for arm in ARMS}
    best, best_score = None, (99, 0.0, 0)
    for control in candidates["control"]:
        for treated in candidates["sfj"]:
            excesses = _excesses(targets, month, control, treated)
            score = (sum(e > 0 for e in excesses), sum(excesses), -control.observed - treated.observed)
            if score < best_score:
                best, best_score = {"control": control, "sfj": treated}, score
    if best is None:
        raise ValueError(f"{SOURCE}: no whole numbers come near the shares printed for month {month}")
    return best_score[0], best


def _arm_candidates(targets: Targets, month: int, arm: str, ceiling: int) -> list[ArmMonth]:
    """Denominators, up to a third below the ceiling, whose shares are within one unit of the last printed place."""
    shares = [targets.value(SOURCE, f"month_{month}_{outcome}", arm, "proportion") for outcome in OUTCOMES]
    found = []
    for observed in range(2 * ceiling // 3, ceiling + 1):
        counts = [round(share * observed) for share in shares]
        if all(abs(n / observed - share) < 1.0e-4 for n, share in zip(counts, shares, strict=True)):
            found.append(ArmMonth(observed, *counts))
    return found


def _excesses(targets: Targets, month: int, control: ArmMonth, treated: ArmMonth) -> list[float]:
    """By how many units of the last printed place each printed number of the month is missed; 0 when met."""
    excesses = []
    for outcome in OUTCOMES:
        row, share = f"month_{month}_{outcome}", {}
        for arm, counts in (("control", control), ("sfj", treated)):
            share[arm] = getattr(counts, outcome) / counts.observed
            excesses.append(_excess(targets, row, arm, "proportion", share[arm]))
        difference = share["sfj"] - share["control"]
        excesses.append(_excess(targets, row, "sfj_minus_control", "difference", difference))
        p_value = two_sample_p(share["control"], control.observed, share["sfj"], treated.observed)
        excesses.append(_excess(targets, row, "sfj_vs_control", "p", p_value, places=3))
    return excesses


def _excess(targets: Targets, row: str, column: str, statistic: str, value: float, places: int | None = None) -> float:
    """Distance beyond the rounding interval, in printed units; `places` when the last printed digit carries nothing."""
    half = targets.half_unit(SOURCE, row, column, statistic) if places is None else 0.5 * 10.0**-places
    miss = abs(value - targets.value(SOURCE, row, column, statistic))
    return max(0.0, (miss - half - 1e-9) / (2 * half))


def two_sample_p(share_0: float, n_0: int, share_1: float, n_1: int) -> float:
    """Two-sided p of the z test on two proportions with pooled variance, the test that reproduces table 8."""
    pooled = (n_0 * share_0 + n_1 * share_1) / (n_0 + n_1)
    z = (share_1 - share_0) / sqrt(pooled * (1 - pooled) * (1 / n_0 + 1 / n_1))
    return float(2 * stats.norm.sf(abs(z)))

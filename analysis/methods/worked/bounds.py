"""Lee's bounds by hand, after an equal start."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from scipy import stats

from analysis.methods import bounds
from analysis.methods.worked.arithmetic import NAN, for_all, mean, numbers, ratio
from analysis.methods.worked.example import Example, Worked

# Seven of twelve in the programme, of whom more answered than of the others.
TWELVE = pd.DataFrame({
    "treated": [True] * 7 + [False] * 5,
    "start": [12.0, 9, 14, 8, 11, 10, 13, 13, 9, 7, 12, 10],
    "score": [7.0, 8, 10, 5, None, 9, 6, 11, None, 8, 12, None],
})  # fmt: skip


def lee_by_hand(people: pd.DataFrame) -> Worked:
    """Lowest and highest difference among those who would answer in either arm, and the interval of both."""
    level, slope = _level(people)
    treated = people["treated"].to_numpy(bool)
    arms = [level[treated], level[~treated]]
    answered = [int((~np.isnan(own)).sum()) for own in arms]
    q1, q0 = (ratio(x, len(own)) for x, own in zip(answered, arms, strict=True))
    turn = 1 if q1 >= q0 else -1
    more, fewer = arms[::turn]
    found = [_bound(more, fewer, side) for side in (1, -1)] if min(answered) > 1 else [(NAN, NAN, NAN)] * 2
    (trimmed_low, low, low_error), (trimmed_high, high, high_error) = found
    if turn < 0:
        (low, low_error), (high, high_error) = (-high, high_error), (-low, low_error)
    c = _multiple((high - low) / max(low_error, high_error)) if max(low_error, high_error) > 0 else NAN
    steps = {"slope": slope, "answered1": answered[0], "q1": q1, "answered0": answered[1], "q0": q0,
             "too_many": 1 - ratio(min(q1, q0), max(q1, q0)), "others": mean(fewer[~np.isnan(fewer)]),
             "without_high": trimmed_low, "without_low": trimmed_high, "low": low, "low_error": low_error,
             "high": high, "high_error": high_error, "c": c, "conf_low": low - c * low_error,
             "conf_high": high + c * high_error}  # fmt: skip
    return Worked(people.assign(level=level), steps)


def _level(people: pd.DataFrame) -> tuple[np.ndarray, float]:
    """Scores less what the score at inclusion, taken from its mean, says of them; and the slope."""
    score, start, treated = numbers(people, "score", "start", "treated")
    known = ~np.isnan(score) & ~np.isnan(start)
    apart = [np.where(treated[known] == arm, 1.0, 0.0) for arm in (1, 0)]
    x, y = start[known].copy(), score[known].copy()
    for own in apart:  # slope within the arms
        x -= own * ratio((own * start[known]).sum(), own.sum()) if own.sum() else 0.0
        y -= own * ratio((own * score[known]).sum(), own.sum()) if own.sum() else 0.0
    slope = ratio(float(x @ y), float(x @ x))
    off = np.where(np.isnan(start), 0.0, start - np.nanmean(start))
    return for_all(people, ~np.isnan(score), (score - slope * off)[~np.isnan(score)]), slope


def _bound(more: np.ndarray, fewer: np.ndarray, side: int) -> tuple[float, float, float]:
    """Mean of the arm with more answers without its highest (1) or lowest (-1) ones too many, that less the mean of the
    other arm, and its standard error."""
    answers, others = sorted(side * more[~np.isnan(more)]), fewer[~np.isnan(fewer)]
    n = len(more) + len(fewer)
    q, q_more, at_more, at_fewer = len(others) / len(fewer), len(answers) / len(more), len(more) / n, len(fewer) / n
    kept = q / q_more
    left, total, squares, limit = kept * len(answers), 0.0, 0.0, NAN
    for value in answers:
        part = min(1.0, left)
        if part <= 1e-9:
            break
        total, squares, limit, left = total + part * value, squares + part * value**2, value, left - part
    trimmed = total / (kept * len(answers))
    spread = squares / (kept * len(answers)) - trimmed**2
    of_share = kept**2 * ((1 - q_more) / (at_more * q_more) + (1 - q) / (at_fewer * q))
    own = (spread + (limit - trimmed) ** 2 * (1 - kept)) / (q_more * at_more * kept)
    other = ((others - others.mean()) ** 2).sum() / len(others) / (q * at_fewer)
    variance = own + ((limit - trimmed) / kept) ** 2 * of_share + other
    return side * trimmed, side * trimmed - others.mean(), float(np.sqrt(variance / n))


def _multiple(width: float) -> float:
    """c at which Φ(c + width) − Φ(−c) is 0.95, by halving."""
    low, high = 0.0, 3.0
    for _ in range(100):
        c = (low + high) / 2
        low, high = (c, high) if stats.norm.cdf(c + width) - stats.norm.cdf(-c) < 0.95 else (low, c)
    return low


def _lee(people: pd.DataFrame) -> Mapping[str, float]:
    frame = people.assign(arm=np.where(people["treated"].astype(bool), "new", "usual"))
    arms = {"treatment": "new", "control": "usual"}
    level = bounds.at_equal_start(frame, "score", "start", **arms)
    low, high = bounds.lee_bounds(level, "score", **arms).to_dict("records")
    return {"answered1": low["n_treated"], "answered0": low["n_control"], "low": low["estimate"],
            "low_error": low["std_error"], "high": high["estimate"], "high_error": high["std_error"],
            "conf_low": low["conf_low"], "conf_high": low["conf_high"]}  # fmt: skip


EXAMPLES: Mapping[str, Example] = {
    "lee_bounds": Example((bounds.lee_bounds, bounds._bounds, bounds._lowest, bounds.at_equal_start), TWELVE,
                          lee_by_hand, _lee, "answers_at_equal_start"),
}  # fmt: skip

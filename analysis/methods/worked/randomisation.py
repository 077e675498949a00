"""The arms drawn anew in every possible way, by hand."""

from collections.abc import Iterator, Mapping
from itertools import combinations, product

import numpy as np
import pandas as pd

from analysis.methods import randomisation
from analysis.methods.worked.arithmetic import mean, numbers, ratio, variance
from analysis.methods.worked.example import Example, Worked
from analysis.methods.worked.strata import TEN

TIE = 1e-9


def draws_by_hand(people: pd.DataFrame) -> Worked:
    """The difference within strata over its standard error, as drawn and in every other way to draw the arms."""
    value, treated = numbers(people, "outcome", "treated")
    strata = [np.flatnonzero(people["stratum"] == name) for name in sorted(set(people["stratum"]))]
    d, error = _within(value, treated == 1, strata)
    t = ratio(d, error)
    ways = [_statistic(value, each, strata) for each in ways_to_draw(treated == 1, strata)]
    extreme = sum(abs(each) >= abs(t) - TIE for each in ways)
    larger = sum(abs(each) > abs(t) + TIE for each in ways)
    steps = {"d": d, "error": error, "t": t, "ways": len(ways), "larger": larger, "equal": extreme - larger,
             "p_value": extreme / len(ways)}  # fmt: skip
    return Worked(people, steps)


def ways_to_draw(treated: np.ndarray, strata: list[np.ndarray]) -> Iterator[np.ndarray]:
    """Every way to draw as many treated in each stratum as there were."""
    choices = [list(combinations(own, int(treated[own].sum()))) for own in strata]
    for chosen in product(*choices):
        drawn = np.zeros(len(treated), dtype=bool)
        drawn[[person for own in chosen for person in own]] = True
        yield drawn


def _within(value: np.ndarray, treated: np.ndarray, strata: list[np.ndarray]) -> tuple[float, float]:
    weights, gaps, spreads = [], [], []
    for own in strata:
        x, y = value[own][treated[own]], value[own][~treated[own]]
        weights.append(len(x) * len(y) / (len(x) + len(y)))
        gaps.append(mean(x) - mean(y))
        spreads.append(sum(variance(arm) / len(arm) if len(arm) > 1 else 0.0 for arm in (x, y)))
    weight = np.array(weights) / sum(weights)
    return float(weight @ gaps), float(np.sqrt(weight**2 @ spreads))


def _statistic(value: np.ndarray, treated: np.ndarray, strata: list[np.ndarray]) -> float:
    d, error = _within(value, treated, strata)
    return d / error if error > 0 else np.inf if abs(d) > TIE else 0.0


def _drawn(people: pd.DataFrame) -> Mapping[str, float]:
    """What does not depend on which ways happen to be drawn; see `drawn_p_value` for what does."""
    found = _found(people, draws=1)
    return {"d": found.estimate, "error": found.std_error, "t": found.statistic_value}


def _found(people: pd.DataFrame, draws: int):
    frame = people.assign(arm=people["treated"].map({True: "new", False: "usual"}))
    return randomisation.randomisation_test(frame, "outcome", ["stratum"], treatment="new", control="usual",
                                            rng=np.random.default_rng(1), draws=draws)  # fmt: skip


def drawn_p_value(draws: int) -> float:
    """The p-value of the method for the ten people, from so many draws."""
    return _found(TEN, draws).p_value


EXAMPLES: Mapping[str, Example] = {
    "drawing_anew": Example(
        (randomisation.randomisation_test, randomisation._drawn_statistics, randomisation._drawn_stratum),
        TEN,
        draws_by_hand,
        _drawn,
    ),
}

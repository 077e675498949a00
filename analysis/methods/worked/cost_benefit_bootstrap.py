"""People drawn anew within their arm, by hand, with draws that are written out."""

from collections.abc import Mapping
from types import SimpleNamespace

import numpy as np
import pandas as pd

from analysis.methods import cost_benefit_bootstrap
from analysis.methods.cost_benefit import Scenario, ValueOfWork, net_present_value
from analysis.methods.worked.example import Example, Worked

# Five of nine in the programme: full and partial work in the window, the cost of other measures (of one not known), and
# how often each of five draws took the person.
NINE = pd.DataFrame({
    "treated": [True] * 5 + [False] * 4,
    "full": [1.0, 0, 1, 0, 0, 0, 1, 0, 0],
    "partial": [0.0, 1, 0, 0, 0, 0, 0, 0, 1],
    "cost": [0.0, 12_000, 0, 30_000, None, 25_000, 0, 40_000, 8_000],
    "draw_1": [1, 1, 1, 1, 1, 2, 0, 1, 1],
    "draw_2": [2, 0, 2, 1, 0, 1, 1, 1, 1],
    "draw_3": [0, 2, 1, 1, 1, 1, 2, 1, 0],
    "draw_4": [1, 0, 0, 2, 2, 0, 2, 1, 1],
    "draw_5": [1, 1, 2, 0, 1, 1, 0, 2, 1],
})  # fmt: skip
DRAWS = [column for column in NINE if column.startswith("draw_")]
NINE.attrs |= {"programme": 30_000.0, "value": 390_000.0, "weight": 0.5, "factor": 1 / 1.04, "funds": 0.2}


def _net_by_hand(people: pd.DataFrame, taken: pd.Series) -> float:
    """The net present value a person where everybody counts as often as they were taken."""
    of, treated = people.attrs, people["treated"].astype(bool)
    mean = {(name, arm): (people[name] * taken)[own].sum() / taken[own & people[name].notna()].sum()
            for name in ("full", "partial", "cost") for arm, own in ((1, treated), (0, ~treated))}  # fmt: skip
    work = mean["full", 1] - mean["full", 0] + of["weight"] * (mean["partial", 1] - mean["partial", 0])
    extra = of["programme"] + mean["cost", 1] - mean["cost", 0]
    return float(work * of["value"] * of["factor"] - (1 + of["funds"]) * extra)


def drawn_by_hand(people: pd.DataFrame) -> Worked:
    """The net present value in every draw, their spread, and the ends of the middle of them."""
    everybody = _net_by_hand(people, pd.Series(1, index=people.index))
    drawn = [_net_by_hand(people, people[draw]) for draw in DRAWS]
    ordered, mean = sorted(drawn), sum(drawn) / len(drawn)
    spread = np.sqrt(sum((value - mean) ** 2 for value in drawn) / (len(drawn) - 1))
    place = 0.025 * (len(drawn) - 1)  # from the lowest, counted from nought; the same from the highest
    low = ordered[0] + place * (ordered[1] - ordered[0])
    high = ordered[-1] - place * (ordered[-1] - ordered[-2])
    steps = {**people.attrs, "everybody": everybody, **dict(zip(DRAWS, drawn, strict=True)), "mean": mean,
             "spread": spread, "place": place, "low": low, "high": high}  # fmt: skip
    return Worked(people, steps)


def _drawn(people: pd.DataFrame) -> Mapping[str, float]:
    of, means = people.attrs, []
    for arm in (True, False):
        own = people[people["treated"] == arm]
        blocks = {name: own[[name]].to_numpy(float) for name in ("full", "partial", "cost")}
        sample = cost_benefit_bootstrap.ArmSample(
            {name: blocks[name] for name in ("full", "partial")}, {"cost": blocks["cost"]}
        )
        fixed = SimpleNamespace(multinomial=lambda n, shares, size, own=own: own[DRAWS].to_numpy().T)  # not random
        means.append(cost_benefit_bootstrap.resampled_means(sample, len(DRAWS), fixed))
    rate = {1: 1 / of["factor"] - 1}
    value = ValueOfWork(of["value"], 0.0, 0.0)
    scenario = Scenario(0, 0, value, 0, 0, 1, of["funds"], of["weight"], 1, rate)
    drawn = net_present_value(
        cost_benefit_bootstrap.with_resampled_means(scenario, *means, of["programme"], ["cost"])
    ).per_person
    row = cost_benefit_bootstrap.net_value_estimate(drawn, np.nan, "treated_vs_others", 5, 4).iloc[0]
    return {**dict(zip(DRAWS, drawn, strict=True)), "spread": row["std_error"], "low": row["conf_low"],
            "high": row["conf_high"]}  # fmt: skip


EXAMPLES: Mapping[str, Example] = {
    "net_value_bootstrap": Example(
        (cost_benefit_bootstrap.resampled_means, cost_benefit_bootstrap._weighted, cost_benefit_bootstrap._column_means,
         cost_benefit_bootstrap.with_resampled_means, cost_benefit_bootstrap.net_value_estimate),
        NINE, drawn_by_hand, _drawn,
    ),
}  # fmt: skip

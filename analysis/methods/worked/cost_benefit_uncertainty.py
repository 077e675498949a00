"""What draws of uncertain numbers say of a net present value, by hand."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from scipy.interpolate import CubicSpline

from analysis.methods import cost_benefit_uncertainty
from analysis.methods.worked.example import Example, Worked

# Ten draws: person-years of work won a person, and what the programme costs beyond ordinary follow-up, NOK.
TEN = pd.DataFrame({
    "work": [0.112, 0.041, 0.076, 0.03, 0.121, 0.251, -0.02, 0.055, 0.09, 0.012],
    "cost": [18_800.0, 32_100, 24_500, 19_600, 15_300, 21_800, 28_000, 27_600, 16_700, 26_400],
})  # fmt: skip
TEN.attrs |= {"value": 300_000.0}
# Twelve draws of the years that an effect lasts, and of the net present value.
TWELVE = pd.DataFrame({
    "years": [0.6, 0.9, 1.1, 1.4, 1.5, 1.9, 2.2, 2.4, 2.9, 3.1, 3.5, 3.9],
    "net": [-21_000.0, -9_000, -14_000, 2_000, -12_000, -3_000, 6_000, -2_000, 9_000, 20_000, 11_000, 24_000],
})  # fmt: skip
# What each of six uncertain numbers, one by one, makes of the net present value at its low and its high end.
ENDS = pd.DataFrame({
    "at_low": [-36_000.0, -12_000, -4_000, 9_500, 11_000, 5_400],
    "at_high": [38_000.0, 41_000, 8_000, -2_000, -6_500, 3_900],
})  # fmt: skip
ENDS.attrs |= {"base": 4_500.0}


def acceptable_by_hand(people: pd.DataFrame) -> Worked:
    """How likely it is that the programme pays where a year in work is worth so much."""
    value = people.attrs["value"]
    net = value * people["work"] - people["cost"]
    pays = net > 0
    mean = net.sum() / len(net)
    loss = np.where(mean > 0, np.where(pays, 0.0, -net), np.where(pays, net, 0.0))  # of choosing by the mean
    steps = {"value": value, "draws": len(net), "pays": int(pays.sum()), "probability": pays.sum() / len(net),
             "mean": mean, "loss": loss.sum() / len(net)}  # fmt: skip
    return Worked(people.assign(net=net, gain=pays, loss=loss), steps)


def _acceptable(people: pd.DataFrame) -> Mapping[str, float]:
    work, cost = people["work"].to_numpy(), people["cost"].to_numpy()
    found = cost_benefit_uncertainty.acceptability(work, cost, np.array([people.attrs["value"]])).iloc[0]
    return {"probability": found["probability"], "loss": found["loss"]}


def perfect_by_hand(people: pd.DataFrame) -> Worked:
    """What knowing everything is worth: in each draw the better choice, against the one best on average."""
    net = people["net"]
    best = np.where(net > 0, net, 0.0)
    mean, knowing = net.sum() / len(net), best.sum() / len(net)
    steps = {"draws": len(net), "mean": mean, "without": max(mean, 0.0), "with": knowing,
             "worth": knowing - max(mean, 0.0)}  # fmt: skip
    return Worked(people.assign(best=best), steps)


def _perfect(people: pd.DataFrame) -> Mapping[str, float]:
    return {"worth": cost_benefit_uncertainty.value_of_perfect_information(people["net"].to_numpy())}


def knowing_by_hand(people: pd.DataFrame) -> Worked:
    """What knowing one number is worth: the net present value expected at it, by the natural spline nearest the draws.

    Such a spline is known from its heights at the knots; the heights are those with the least squares.
    """
    number, net = people["years"].to_numpy(float), people["net"].to_numpy(float)
    knots = np.quantile(number, [0, 0.25, 0.5, 0.75, 1])
    bumps = np.column_stack([CubicSpline(knots, height, bc_type="natural")(number) for height in np.eye(5)])
    heights = np.linalg.solve(bumps.T @ bumps, bumps.T @ net)
    expected = bumps @ heights
    best = np.where(expected > 0, expected, 0.0)
    mean, knowing, everything = expected.sum() / len(net), best.sum() / len(net), np.where(net > 0, net, 0.0)
    without = max(mean, 0.0)
    limit = everything.sum() / len(net) - without
    steps = {**{f"knot_{place}": knot for place, knot in enumerate(knots, start=1)},
             **{f"height_{place}": height for place, height in enumerate(heights, start=1)}, "mean": mean,
             "without": without, "with": knowing, "limit": limit,
             "worth": min(knowing - without, limit)}  # fmt: skip
    return Worked(people.assign(expected=expected, best=best), steps)


def _knowing(people: pd.DataFrame) -> Mapping[str, float]:
    net, number = people["net"].to_numpy(), people["years"].to_numpy()
    return {"worth": cost_benefit_uncertainty.value_of_knowing(net, number)}


def ends_by_hand(people: pd.DataFrame) -> Worked:
    """The widest span between a number's ends, and how many numbers turn the sign on their own."""
    base = people.attrs["base"]
    low, high = people["at_low"], people["at_high"]
    lowest, highest = np.fmin(np.fmin(low, high), base), np.fmax(np.fmax(low, high), base)
    width = highest - lowest
    place = width.rank(ascending=False, method="first").astype(int)
    turns = (lowest < 0) & (highest > 0)
    ends = {"from": float(lowest[place == 1].iloc[0]), "to": float(highest[place == 1].iloc[0])}
    steps = {"base": base, "widest": width.max(), **ends, "narrowest": width.min(), "turning": int(turns.sum())}
    return Worked(people.assign(width=width, place=place, turns=turns), steps)


def _ends(people: pd.DataFrame) -> Mapping[str, float]:
    ends = {str(row.Index): (row.at_low, row.at_high) for row in people.itertuples()}
    found = cost_benefit_uncertainty.one_way(ends, people.attrs["base"])
    top = found[found["row"] == found["row"].iloc[0]]["estimate"]
    bottom = found[found["row"] == found["row"].iloc[-1]]["estimate"]
    spans = [np.ptp([*own, people.attrs["base"]]) for own in (top, bottom)]
    return {"widest": spans[0], "from": top.min(), "to": top.max(), "narrowest": spans[1]}


EXAMPLES: Mapping[str, Example] = {
    "acceptability": Example((cost_benefit_uncertainty.acceptability, cost_benefit_uncertainty.probability_of_gain),
                             TEN, acceptable_by_hand, _acceptable),
    "perfect_information": Example((cost_benefit_uncertainty.value_of_perfect_information,), TWELVE, perfect_by_hand,
                                   _perfect),
    "value_of_knowing": Example((cost_benefit_uncertainty.value_of_knowing, cost_benefit_uncertainty._natural_spline),
                                TWELVE, knowing_by_hand, _knowing),
    "one_way": Example((cost_benefit_uncertainty.one_way,), ENDS, ends_by_hand, _ends),
}  # fmt: skip

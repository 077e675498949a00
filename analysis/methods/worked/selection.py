"""What the best of several centres show by hand: chance alone by integrals instead of draws, and the other half."""

from collections.abc import Mapping, Sequence
from itertools import combinations

import numpy as np
import pandas as pd
from scipy import integrate
from scipy.special import ndtr

from analysis.methods import selection
from analysis.methods.worked.arithmetic import Z, mean, numbers
from analysis.methods.worked.example import Example, Worked

# Hours a week in work at three times, at three centres; the best is chosen by the first two and told of the last.
TWELVE = pd.DataFrame({
    "treated": [True, True, False, False] * 3,
    "centre": [name for name in ("a", "b", "c") for _ in range(4)],
    "chosen_1": [20.0, 30, 16, 20, 24, 12, 14, 18, 30, 38, 10, 20],
    "chosen_2": [22.0, 30, 12, 22, 26, 10, 20, 16, 28, 38, 14, 22],
    "told": [24.0, 32, 10, 24, 22, 14, 18, 20, 24, 34, 16, 24],
})  # fmt: skip
# Four centres whose people were parted at random: what each half shows.
HALVES = pd.DataFrame({
    "centre": ["a", "b", "c", "d"] * 2,
    "half": [1] * 4 + [2] * 4,
    "people": [80.0, 60, 90, 70] * 2,
    "chosen": [0.14, 0.02, 0.09, 0.21, 0.05, 0.11, 0.16, 0.12],
    "told": [0.12, 0.01, 0.10, 0.18, 0.06, 0.08, 0.13, 0.10],
    "error": [0.10, 0.12, 0.09, 0.11, 0.10, 0.11, 0.10, 0.12],
})  # fmt: skip
BEST = 1  # so many are chosen, where the people do not say how many


def _arm(own: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Mean of the columns chosen by and of the one told, and what each person has in both."""
    parts, means = np.zeros((len(own), 2)), np.zeros(2)
    columns = [name for name in own if str(name).startswith("chosen")]
    for name, place, weight in [*((name, 0, 1 / len(columns)) for name in columns), ("told", 1, 1.0)]:
        values = own[name].to_numpy(float)
        known = ~np.isnan(values)
        means[place] += weight * mean(values[known])
        parts[known, place] += weight * (values[known] - mean(values[known])) / known.sum()
    return means, parts


def _centres(people: pd.DataFrame) -> tuple[dict[str, tuple], np.ndarray]:
    """Centre → differences, covariance by chance, people; and each person's part in the difference told."""
    found, parts = {}, np.full(len(people), np.nan)
    treated = people["treated"].to_numpy(bool)
    for name in sorted(set(people["centre"])):
        here = (people["centre"] == name).to_numpy()
        if not (here & treated).any() or not (here & ~treated).any():
            continue
        (means1, parts1), (means0, parts0) = _arm(people[here & treated]), _arm(people[here & ~treated])
        spread = parts1.T @ parts1 + parts0.T @ parts0
        parts[here & treated], parts[here & ~treated] = parts1[:, 1], -parts0[:, 1]
        if (np.diag(spread) > 0).all():
            found[name] = (means1 - means0, spread, float(here.sum()))
    return found, parts


def _by_chance(spreads: np.ndarray, people: np.ndarray, best: int) -> float:
    """How much more the best of equally good centres show than all do, on average.

    Of every choice S of so many centres: with M the largest of the others, E[s_i, all of S above M] is an integral over
    M, and of a difference told that goes together with s_i the part cov/var counts.
    """
    sigma, slope = np.sqrt(spreads[:, 0, 0]), spreads[:, 0, 1] / spreads[:, 0, 0]
    ends, total = 9 * float(sigma.max()), 0.0
    for chosen in combinations(range(len(people)), best):
        others = [place for place in range(len(people)) if place not in chosen]
        for place in chosen:
            rest = [each for each in chosen if each != place]
            part = integrate.quad(_density, -ends, ends, (sigma, place, rest, others), epsabs=1e-12, limit=200)[0]
            total += people[place] / people[list(chosen)].sum() * slope[place] * part
    return total


def _density(m: float, sigma: np.ndarray, place: int, rest: Sequence[int], others: Sequence[int]) -> float:
    """The largest of the others is m, the rest of the chosen lie above it, and s of this one is counted there."""
    below = ndtr(m / sigma[others])
    at = _bell(m / sigma[others]) / sigma[others]
    largest = sum(at[own] * np.delete(below, own).prod() for own in range(len(others)))
    above = ndtr(-m / sigma[rest]).prod() if rest else 1.0
    return largest * above * sigma[place] * _bell(m / sigma[place])


def _bell(z: np.ndarray) -> np.ndarray:
    """The density of the standard normal, asked for thousands of times."""
    return np.exp(-0.5 * z**2) / np.sqrt(2 * np.pi)


def chance_by_hand(people: pd.DataFrame) -> Worked:
    """The best centres as observed, beside what the best of equally good ones would show."""
    best = people.attrs.get("best", BEST)
    found, parts = _centres(people)
    gaps, spreads, sizes = (np.array(each) for each in zip(*found.values(), strict=True))
    order = sorted(range(len(sizes)), key=lambda place: (-gaps[place, 0], -sizes[place]))[:best]
    everyone = float((sizes * gaps[:, 1]).sum() / sizes.sum())
    told = float((sizes * gaps[:, 1])[order].sum() / sizes[order].sum())
    error = float(np.sqrt((sizes**2 * spreads[:, 1, 1])[order].sum()) / sizes[order].sum())
    top, more = order[0], _by_chance(spreads, sizes, best)
    steps = {"centres": len(sizes), "best": best, "chosen": gaps[top, 0], "gap": gaps[top, 1],
             "chooses": spreads[top, 0, 0], "both": spreads[top, 0, 1], "tells": spreads[top, 1, 1],
             "everyone": everyone, "observed": told, "error": error, "low": told - Z * error, "high": told + Z * error,
             "more": more, "expected": everyone + more, "beyond": told - everyone - more}  # fmt: skip
    return Worked(people.assign(part=parts), steps)


def _frame(people: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    columns = [name for name in people if str(name).startswith("chosen")]
    return people.assign(arm=people["treated"].astype(bool).map({True: "new", False: "usual"})), columns


def _picked(people: pd.DataFrame, draws: int = 2) -> selection.Picked:
    frame, columns = _frame(people)
    return selection.picked(frame, columns, "told", people.attrs.get("best", BEST), np.random.default_rng(1),
                            treatment="new", control="usual", draws=draws)  # fmt: skip


def _chance(people: pd.DataFrame) -> Mapping[str, float]:
    """What does not depend on the draws; see `more_by_drawing` for what does."""
    frame, columns = _frame(people)
    gaps = selection.centre_gaps(frame, columns, "told", treatment="new", control="usual")
    top, found = gaps.best(1)[0], _picked(people)
    return {"centres": found.k, "chosen": gaps.chosen_by[top], "gap": gaps.told[top],
            "chooses": gaps.covariance[top, 0, 0], "both": gaps.covariance[top, 0, 1],
            "tells": gaps.covariance[top, 1, 1], "everyone": found.everyone, "observed": found.observed,
            "low": found.observed_low, "high": found.observed_high}  # fmt: skip


def more_by_drawing(draws: int) -> float:
    """What the best of the invented centres show by chance beyond all of them, from so many draws of the method."""
    found = _picked(TWELVE, draws)
    return found.expected - found.everyone


def half_by_hand(halves: pd.DataFrame) -> Worked:
    """The best two centres of each half told by the other, their mean, and its error by what lies between them."""
    people, chosen, told, error = numbers(halves, "people", "chosen", "told", "error")
    half, names = halves["half"].to_numpy(int), halves["centre"].to_numpy()
    is_best, steps, counts = np.zeros(len(halves), dtype=bool), {}, dict.fromkeys(names, 0.0)
    for by, teller in ((1, 2), (2, 1)):
        ranked = sorted(np.flatnonzero(half == by), key=lambda row: -chosen[row])[:2]
        is_best[ranked] = True
        rows = [int(np.flatnonzero((half == teller) & (names == names[row]))[0]) for row in ranked]
        for row in rows:
            counts[names[row]] += people[row] / people[rows].sum() / 2
        steps |= {f"told{by}": float((people * told)[rows].sum() / people[rows].sum()),
                  f"error{by}": float(np.sqrt((people**2 * error**2)[rows].sum()) / people[rows].sum())}  # fmt: skip
    middle = (steps["told1"] + steps["told2"]) / 2
    own = (steps["error1"] ** 2 + steps["error2"] ** 2) / 2
    between = ((steps["told1"] - middle) ** 2 + (steps["told2"] - middle) ** 2) / 2
    given = float(sum(share**2 * (error[names == name] ** 2).sum() / 4 for name, share in counts.items()))
    se = float(np.sqrt(max(own - between, given)))
    steps |= {"mean": middle, "own": own, "between": between, "given": given, "error": se, "low": middle - Z * se,
              "high": middle + Z * se}  # fmt: skip
    return Worked(halves.assign(best=is_best), steps)


def _half(halves: pd.DataFrame) -> Mapping[str, float]:
    first, second = (own.drop(columns="half") for _, own in halves.groupby("half"))
    found, parts = {}, []
    for number, (by, teller) in enumerate(((first, second), (second, first)), start=1):
        weights = selection._weights(by["chosen"].to_numpy()[None], by["people"].to_numpy(), 2)
        parts.append((weights, teller["told"].to_numpy()[None], teller["error"].to_numpy()[None] ** 2))
        names = f"told{number}", f"error{number}"
        found |= dict(zip(names, selection._over_splits(*parts[-1], np.zeros(4)), strict=True))
    of_all = (first["error"].to_numpy() ** 2 + second["error"].to_numpy() ** 2) / 4
    mean_told, error = selection._over_splits(*(np.concatenate(each) for each in zip(*parts, strict=True)), of_all)
    return found | {"mean": mean_told, "error": error, "low": mean_told - Z * error, "high": mean_told + Z * error}


EXAMPLES: Mapping[str, Example] = {
    "best_by_chance": Example((selection.picked, selection.centre_gaps, selection._arm, selection.more_by_chance),
                              TWELVE, chance_by_hand, _chance, "people_of_centres"),
    "best_by_others": Example((selection._other_half, selection._weights, selection._over_splits), HALVES,
                              half_by_hand, _half),
}  # fmt: skip

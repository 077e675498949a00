"""How often intervals hold the truth, tests cry wolf and estimates are off: the book's methods in simulated trials.

`python -m benchmarks.simulate [TRIALS]` draws so many trials (2,000) of each kind, without an effect and with one, two
kinds at a time, and writes analysis/methods/worked/simulated.csv, which the pages of the methods show: one row a
method, what of it, and a planted effect, with the mean error of the estimate, the share of 95 per cent intervals with
the truth in them, the share of p-values below 0.05, and the Monte Carlo error of both shares.
"""

import sys
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.methods import (
    cost_benefit,
    cost_benefit_bootstrap,
    estimates,
    heterogeneity,
    imputation,
    means,
    proportions,
    regression,
    repeated_measures,
    survival,
    time_in_state,
    weighting,
    worked,
)
from analysis.methods.imputation import ASSUMPTIONS, AT_RANDOM
from analysis.methods.randomisation import randomisation_test
from analysis.methods.standardisation import augmented_difference, standardised_risk_difference
from analysis.methods.strata import stratified_difference

ARMS = {"treatment": "new", "control": "usual"}
NAMES = {"outcome": "x", "population": "all", "contrast": "new_vs_usual"}
STRATA, SEED = ["centre", "late"], 20101
FILE = Path(worked.__file__).with_name("simulated.csv")
# (method, what of it) → what it found (an estimate, or a row of an estimate frame), and the truth.
Found = Mapping[tuple[str, str], tuple[object, float]]


def in_strata(rng: np.random.Generator, effect: float, people: int = 1200) -> Found:
    """Six centres, drawn two to one in a first phase and one to one later; the outcome moves by ten points between."""
    centre, late, age = rng.integers(0, 6, people), rng.random(people) < 0.88, rng.normal(size=people)
    treated = np.zeros(people, dtype=bool)
    for stratum in range(12):
        own = rng.permutation(np.flatnonzero(2 * centre + late == stratum))
        treated[own[: round(len(own) * (1 / 2 if stratum % 2 else 2 / 3))]] = True
    share = np.clip(0.28 + 0.10 * late + 0.03 * (centre - 2.5) + 0.06 * age + effect * treated, 0, 1)
    frame = pd.DataFrame({"arm": np.where(treated, "new", "usual"), "centre": centre, "late": late.astype(int),
                          "age": age, "works": (rng.random(people) < share) * 1.0})  # fmt: skip
    by_people = {"weights": "people", "variance": "unconditional"}
    pooled = proportions.compare_arms(frame.assign(works=frame["works"] > 0), "works", **ARMS).iloc[2]
    return {
        ("difference_in_shares", "strata left out"): (pooled, effect),
        ("within_strata", "Mantel–Haenszel"): (stratified_difference(frame, "works", STRATA, **ARMS), effect),
        ("within_strata", "by people"): (stratified_difference(frame, "works", STRATA, **by_people, **ARMS), effect),
        ("standardised_shares", ""): (
            standardised_risk_difference(frame, "works", ["age"], strata=STRATA, **ARMS), effect),
        ("augmented_weighting", ""): (augmented_difference(frame, "works", ["age"], strata=STRATA, **ARMS), effect),
        ("drawing_anew", "400 draws"): (
            randomisation_test(frame, "works", STRATA, rng=rng, draws=400, **ARMS), effect),
    }  # fmt: skip


def of_shares(rng: np.random.Generator, effect: float, people: int = 600) -> Found:
    """One to one, a yes or no that hangs on a background number and on nothing else but the arm."""
    treated, age = rng.permutation(np.arange(people) % 2).astype(bool), rng.normal(size=people)
    works = rng.random(people) < np.clip(0.35 + 0.08 * np.clip(age, -2.5, 2.5) + effect * treated, 0, 1)
    frame = pd.DataFrame({"arm": np.where(treated, "new", "usual"), "age": age, "works": works, "group": age > 0.3})
    by_group = [proportions.compare_arms(own, "works", **ARMS).iloc[[2]] for _, own in frame.groupby("group")]
    rows = frame.assign(treated=treated * 1.0, product=treated * age)
    fits = [regression.fit_logit(rows, "works", terms)
            for terms in (["treated", "age", "product"], ["treated", "age"])]  # fmt: skip
    answer = pd.Series(np.digitize(age + rng.normal(size=people), [-0.5, 0.5]))
    return {
        ("share", "Wilson"): (proportions.proportion_estimate(frame.loc[~treated, "works"], **NAMES), 0.35),
        ("difference_in_shares", "no strata"): (proportions.compare_arms(frame, "works", **ARMS).iloc[2], effect),
        ("average_difference", ""): (
            regression.adjusted_difference_in_shares(frame, "works", ["age"], **ARMS), effect),
        ("heterogeneity", "two groups"): (
            estimates.heterogeneity_test(estimates.concat_estimates(by_group), outcome="x", contrast="x"), np.nan),
        ("several_answers", ""): (
            proportions.independence_test(answer[treated], answer[~treated], **NAMES), np.nan),
        ("likelihood_ratio", "" if effect == 0 else "logit not quite true"): (
            regression.likelihood_ratio_test(*fits, contrast="x"), np.nan),
    }  # fmt: skip


def of_scores(rng: np.random.Generator, effect: float, people: int = 400) -> Found:
    """Three waves of a score; who was worse off at the first wave, or got worse, is likelier to fall silent later."""
    points, arm = 10 * effect, np.where(rng.permutation(np.arange(people) % 2) == 1, "new", "usual")
    spread = 16 * np.array([[1, 0.6, 0.5], [0.6, 1, 0.7], [0.5, 0.7, 1]])
    scores = rng.multivariate_normal([10, 9, 8], spread, people)
    scores[:, 2] += points * (arm == "new")
    silent = rng.random(people) < 1 / (1 + np.exp(-(0.25 * (scores[:, 0] - 10) - 0.6)))
    wide = pd.DataFrame(scores, columns=["start", "middle", "end"]).assign(arm=arm)
    answers = wide.assign(end=wide["end"].mask(silent))
    who = pd.DataFrame({"participant_id": np.arange(people).astype(str), "arm": arm})
    long = answers.set_axis(who["participant_id"])[["start", "middle", "end"]].stack().rename("score").reset_index()
    long["wave"] = long.pop("level_1").map({"start": 0, "middle": 6, "end": 12})
    new, usual = (wide.loc[wide["arm"] == one, "end"] for one in ("new", "usual"))
    mixed = repeated_measures.repeated_measures_differences(long, who, "score", [0, 6, 12], **ARMS).iloc[1]
    imputed = imputation.imputed_differences(imputation.impute(long, who, "score", [0, 6, 12], **ARMS), "x", "x")
    return {
        ("mean", ""): (means.mean_estimate(usual, **NAMES), 8),
        ("difference_in_means", "Welch"): (means.difference_in_means(new, usual, **NAMES), points),
        ("difference_in_means", "equal variances"): (
            means.difference_in_means(new, usual, variances="equal", **NAMES), points),
        ("rank_sums", ""): (
            means.rank_sum_test(new, usual, outcome="x", population="all", arms=("new", "usual")).iloc[-1], np.nan),
        ("standardised_difference", ""): (means.standardised_difference(new, usual, **NAMES), points / 4),
        ("adjusted_difference", "of those who answered"): (
            means.adjusted_difference(answers, "end", ["start"], **ARMS), points),
        ("repeated_measures", "of all scores known"): (mixed, points),
        (IMPUTED, "at random, jackknife"): (imputed.iloc[ASSUMPTIONS.index(AT_RANDOM)], points),
        (WEIGHTED, "by the chance of answering"): (
            weighting.weighted_difference(answers, "end", ["start"], ["start"], **ARMS), points),
    }  # fmt: skip


def of_time(rng: np.random.Generator, effect: float, people: int = 400, last: int = 12) -> Found:
    """Months with and without work, and a first event, of people whom the register leaves at different times."""
    treated = rng.permutation(np.arange(people) % 2).astype(bool)
    arm, until = np.where(treated, "new", "usual"), rng.integers(4, 19, people)
    own = rng.beta(3 * (0.35 + effect * treated), 3 * (0.65 - effect * treated))  # a person's own share of months
    state = rng.random((people, last)) < own[:, None]
    person, month = (grid.ravel() for grid in np.meshgrid(np.arange(people), np.arange(1, last + 1), indexing="ij"))
    rows = pd.DataFrame({"participant_id": person.astype(str), "arm": arm[person], "month": month,
                         "works": state.ravel(), "any_work": state.ravel()})[month <= until[person]]  # fmt: skip
    chance = 0.06 + effect / 2 * treated
    event = rng.geometric(chance)
    times = pd.DataFrame({"arm": arm, "time": np.minimum(event, until), "happened": event <= until})
    survived = {one: (1 - (0.06 + effect / 2 * one)) ** np.arange(last) for one in (0, 1)}
    steps = time_in_state.next_steps(rows, "works", "month")
    return {
        ("time_in_state", ""): (
            time_in_state.mean_time_in(rows, "works", unit="month", units=range(1, last + 1), **ARMS).iloc[2],
            last * effect),
        ("rate_of_change", "entering"): (
            time_in_state.rate_of_change(steps, outcome="works", entering=True, **ARMS).iloc[2], _entering(effect)),
        ("window_effects", ""): (
            cost_benefit.window_effects(rows, **ARMS, months=range(1, last + 1), partial_weight=0.5,
                                        full_work="works", any_work="any_work").iloc[0], effect),
        ("restricted_mean", ""): (
            survival.compare_restricted_means(times, outcome="x", last=last, **ARMS).iloc[2],
            survived[1].sum() - survived[0].sum()),
        ("kaplan_meier", "at half of the time"): (
            survival.at_time(survival.cumulative_share(*_of(times, "usual")), last // 2), 1 - 0.94 ** (last // 2)),
        ("log_rank", ""): (
            survival.log_rank_test(times["time"], times["happened"], times["arm"] == "new", outcome="x", contrast="x"),
            np.nan),
    }  # fmt: skip


def _of(times: pd.DataFrame, arm: str) -> tuple[pd.Series, pd.Series]:
    own = times[times["arm"] == arm]
    return own["time"], own["happened"]


def _entering(effect: float) -> float:
    """Difference of the chances to work in a month after one without: E[p(1 − p)]/E[1 − p], p a beta of sum 3."""
    rates = [share * 3 / 4 for share in (0.35 + effect, 0.35)]
    return rates[0] - rates[1]


def of_centres(rng: np.random.Generator, effect: float, centres: int = 6) -> Found:
    """Centres whose effects spread by five points about the mean; and others with one effect."""
    errors = rng.uniform(0.04, 0.09, centres)
    spread, alike = (rng.normal(effect, tau, centres + 1) for tau in (0.05, 0.0))
    noise = rng.normal(0, errors)
    frame = pd.DataFrame({"estimate": spread[:-1] + noise, "std_error": errors})
    pooled = heterogeneity.pooled_effect(frame)
    same = estimates.heterogeneity_test(frame.assign(estimate=alike[:-1] + noise), outcome="x", contrast="x")
    mean = {"estimate": pooled.mean, "conf_low": pooled.conf_low, "conf_high": pooled.conf_high}
    new = {"estimate": pooled.mean, "conf_low": pooled.new_low, "conf_high": pooled.new_high}
    return {
        (POOLED, "mean of six centres"): (mean, effect),
        (POOLED, "a new centre"): (new, float(spread[-1])),
        ("heterogeneity", "six centres"): (same, np.nan),
    }


def of_costs(rng: np.random.Generator, effect: float, people: int = 300) -> Found:
    """Work and skewed costs of two arms, drawn anew 500 times for a net value of work less cost."""
    own, other = (_arm_sample(rng, people, 0.35 + part, cost) for part, cost in ((effect, 1.3), (0.0, 1.0)))
    draws, observed = ([make(arm) for arm in (own, other)] for make in (
        lambda arm: cost_benefit_bootstrap.resampled_means(arm, 500, rng), cost_benefit_bootstrap.observed_means))
    net = [20 * (one["full"] - two["full"]) - (one["cost"] - two["cost"]) for one, two in (draws, observed)]
    found = cost_benefit_bootstrap.net_value_estimate(net[0], net[1], "x", people, people)
    return {("net_value_bootstrap", "500 draws"): (found.iloc[0], 20 * effect - 0.3)}


def _arm_sample(rng: np.random.Generator, people: int, share: float, cost: float) -> cost_benefit_bootstrap.ArmSample:
    own = rng.beta(3 * share, 3 * (1 - share), people)
    work = (rng.random((people, 6)) < own[:, None]) * 1.0
    return cost_benefit_bootstrap.ArmSample({"full": work}, {"cost": rng.gamma(1.0, cost, (people, 1))})


IMPUTED, WEIGHTED, POOLED = "jackknife", "answer_weights", "partial_pooling"


@dataclass(frozen=True)
class Kind:
    """A kind of trial and the effects that are planted in it."""

    draw: Callable[[np.random.Generator, float], Found]
    effects: tuple[float, float] = (0.0, 0.07)


KINDS = tuple(Kind(draw) for draw in (of_scores, in_strata, of_time, of_shares, of_costs, of_centres))


def measured(task: tuple[int, float, int]) -> pd.DataFrame:
    """What came of so many trials of a kind with one planted effect: one row a method and what of it."""
    place, effect, trials = task
    started, rng = time.perf_counter(), np.random.default_rng([SEED, place, round(1000 * effect)])
    told = []
    for _ in range(trials):
        found = KINDS[place].draw(rng, effect)
        told += [(*key, _part(one, "estimate"), _part(one, "conf_low"), _part(one, "conf_high"), _part(one, "p_value"),
                  truth) for key, (one, truth) in found.items()]  # fmt: skip
    print(f"{KINDS[place].draw.__name__}, effect {effect}: {time.perf_counter() - started:.0f} s", file=sys.stderr)
    frame = pd.DataFrame(told, columns=["method", "what", "estimate", "low", "high", "p", "truth"])
    return _summed(frame).assign(effect=effect, trials=trials)


def _part(found: object, name: str) -> float:
    value = getattr(found, name, None) if not isinstance(found, (Mapping, pd.Series)) else found.get(name)
    return float("nan") if value is None or pd.isna(value) else float(value)


def _summed(frame: pd.DataFrame) -> pd.DataFrame:
    rows = []
    for (method, what), own in frame.groupby(["method", "what"], sort=False):
        covered = ((own["low"] <= own["truth"]) & (own["truth"] <= own["high"])).where(own["low"].notna()).mean()
        below = (own["p"] < 0.05).where(own["p"].notna()).mean()
        errors = [np.sqrt(share * (1 - share) / len(own)) for share in (covered, below)]
        bias = (own["estimate"] - own["truth"]).mean()
        rows.append((method, what, bias, covered, errors[0], below, errors[1]))
    names = ["method", "what", "bias", "coverage", "coverage_error", "p_below_05", "p_below_05_error"]
    return pd.DataFrame(rows, columns=names)


def main(trials: int) -> pd.DataFrame:
    """All kinds and effects, two at a time."""
    tasks = [(place, effect, trials) for place, kind in enumerate(KINDS) for effect in kind.effects]
    with ProcessPoolExecutor(2) as pool:
        return pd.concat(pool.map(measured, tasks), ignore_index=True)


if __name__ == "__main__":
    table = main(int(sys.argv[1]) if len(sys.argv) > 1 else 2000)
    table.round(5).to_csv(FILE, index=False, lineterminator="\n")
    print(table.round(4).to_string(index=False))

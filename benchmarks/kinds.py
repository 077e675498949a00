"""Kinds of simulated trials: what is drawn, what the book's methods find in one, and what is true."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from scipy import special

from analysis.methods import (
    agreement,
    bounds,
    coding,
    cost_benefit,
    cost_benefit_bootstrap,
    durations,
    estimates,
    fidelity,
    heterogeneity,
    imputation,
    means,
    multiplicity,
    proportions,
    regression,
    repeated_answers,
    repeated_measures,
    selection,
    survival,
    time_in_state,
    weighting,
)
from analysis.methods.imputation import ASSUMPTIONS
from analysis.methods.randomisation import randomisation_test
from analysis.methods.standardisation import augmented_difference, standardised_risk_difference
from analysis.methods.strata import stratified_difference

ARMS = {"treatment": "new", "control": "usual"}
NAMES = {"outcome": "x", "population": "all", "contrast": "new_vs_usual"}
STRATA = ["centre", "late"]
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
    odds = np.log(0.35 / 0.65) + 4.5 * effect * treated + 0.4 * age
    rows = frame.assign(works=rng.random(people) < special.expit(odds), treated=treated * 1.0, product=treated * age)
    fits = [regression.fit_logit(rows, "works", terms)
            for terms in (["treated", "age", "product"], ["treated", "age"])]  # fmt: skip
    at_mean = np.log(0.35 / 0.65) + 0.4 * age.mean()
    change = special.expit(at_mean + 4.5 * effect) - special.expit(at_mean)
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
        ("logit", "at the means"): (regression.marginal_effects(fits[1]).iloc[0], change),
        ("likelihood_ratio", ""): (regression.likelihood_ratio_test(*fits, contrast="x"), np.nan),
        ("duration", ""): (
            durations.duration_interaction(rows, "works", indicator="treated", duration="age").iloc[-1], np.nan),
    }  # fmt: skip


ANSWERING = 1 - float(special.expit(0.25 * 4 * special.roots_hermitenorm(60)[0] - 0.6)
                      @ special.roots_hermitenorm(60)[1] / np.sqrt(2 * np.pi))  # fmt: skip


def of_scores(rng: np.random.Generator, effect: float, people: int = 400) -> Found:
    """Three waves of a score; who was worse off at the first wave, or got worse, is likelier to fall silent later."""
    points, arm = 10 * effect, np.where(rng.permutation(np.arange(people) % 2) == 1, "new", "usual")
    spread = 16 * np.array([[1, 0.6, 0.5], [0.6, 1, 0.7], [0.5, 0.7, 1]])
    scores = rng.multivariate_normal([10, 9, 8], spread, people)
    scores[:, 2] += points * (arm == "new")
    silent = rng.random(people) < special.expit(0.25 * (scores[:, 0] - 10) - 0.6)
    wide = pd.DataFrame(scores, columns=["start", "middle", "end"]).assign(arm=arm)
    answers = wide.assign(end=wide["end"].mask(silent))
    who = pd.DataFrame({"participant_id": np.arange(people).astype(str), "arm": arm})
    long = answers.set_axis(who["participant_id"])[["start", "middle", "end"]].stack().rename("score").reset_index()
    long["wave"] = long.pop("level_1").map({"start": 0, "middle": 6, "end": 12})
    new, usual = (wide.loc[wide["arm"] == one, "end"] for one in ("new", "usual"))
    mixed = repeated_measures.repeated_measures_differences(long, who, "score", [0, 6, 12], **ARMS).iloc[1]
    imputed = imputation.imputed_differences(imputation.impute(long, who, "score", [0, 6, 12], **ARMS), "x", "x")
    # As the control arm once they are silent: the effect of those who answer.
    true = dict.fromkeys(ASSUMPTIONS, ANSWERING * points) | {ASSUMPTIONS[0]: points}
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
        **{("jackknife", name.replace("_", " ")): (imputed.iloc[place], true[name])
           for place, name in enumerate(ASSUMPTIONS)},
        ("answer_weights", "by the chance of answering"): (
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
    pooled, plain = (heterogeneity.pooled_effect(frame, modified=modified) for modified in (True, False))
    same = estimates.heterogeneity_test(frame.assign(estimate=alike[:-1] + noise), outcome="x", contrast="x")
    found = {}
    for how, each in (("", pooled), (", q alone", plain)):
        mean = {"estimate": each.mean, "conf_low": each.conf_low, "conf_high": each.conf_high}
        new = {"estimate": each.mean, "conf_low": each.new_low, "conf_high": each.new_high}
        found |= {("partial_pooling", f"mean of six centres{how}"): (mean, effect),
                  ("partial_pooling", f"a new centre{how}"): (new, float(spread[-1]))}  # fmt: skip
    return found | {
        ("shrunken_effects", "one of six centres"): (
            heterogeneity.shrunken_effects(frame, pooled).iloc[0], float(spread[0])),
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


def of_the_best(rng: np.random.Generator, effect: float, people: int = 600, months: int = 3) -> Found:
    """Five centres with one effect, of which the two with the largest differences are picked; months go together."""
    centre, treated = (rng.permutation(np.arange(people) % parts) for parts in (5, 2))
    own = rng.beta(2 * (0.3 + effect * treated), 2 * (0.7 - effect * treated))
    works = {f"m{month}": (rng.random(people) < own) * 1.0 for month in range(months)}
    frame = pd.DataFrame({"centre": centre.astype(str), "arm": np.where(treated == 1, "new", "usual"), **works})
    best = selection.picked(frame, list(works), "m2", 2, rng, draws=200, **ARMS)
    half = {"estimate": best.other_half, "conf_low": best.other_half_low, "conf_high": best.other_half_high}
    ranks = pd.Series(rng.normal(size=6)), pd.Series(rng.normal(size=6))
    return {
        ("best_by_chance", "200 draws"): ({"p_value": best.p_value}, np.nan),
        ("best_by_others", "100 splits"): (half, effect),
        ("rank_correlation", "six centres, exact"): (fidelity.rank_correlation(*ranks).iloc[0], np.nan),
    }


def of_the_silent(rng: np.random.Generator, effect: float, people: int = 300) -> Found:
    """Who would answer in the new arm alone scores above all others, so that Lee's lower bound is the truth.

    The answers of the new arm are spread evenly. Where they leave a gap just where the trimming falls, a bound moves
    more by one answer too few cut off than by one too many, and is biased inwards.
    """
    treated, kind = rng.permutation(np.arange(people) % 2) == 1, rng.random(people)
    always, more, even = kind < 0.6, treated & (kind >= 0.6) & (kind < 0.8), rng.random(people)
    answers = np.select([always, more], [even, 1 + even / 3], np.nan) + effect * treated
    frame = pd.DataFrame({"arm": np.where(treated, "new", "usual"), "score": answers, "gap": answers + more})
    lowest, gap = (bounds.lee_bounds(frame, column, **ARMS).iloc[0] for column in ("score", "gap"))
    return {
        ("lee_bounds", "the truth at the lower bound"): (lowest, effect),
        ("lee_bounds", "a gap in the answers there"): (gap, effect),
    }


def of_two_scores(rng: np.random.Generator, effect: float, people: int = 300) -> Found:
    """Two scores of one person, drawn in two strata, and three waves of one, all without an effect."""
    arm = np.where(rng.permutation(np.arange(people) % 2) == 1, "new", "usual")
    both = rng.multivariate_normal([0, 0], [[1, 0.5], [0.5, 1]], people)
    frame = pd.DataFrame({"arm": arm, "one": both[:, 0], "other": both[:, 1]})
    stratum = pd.Series(np.arange(people) // (people // 2))
    alike = multiplicity.max_t(frame, {"one": [], "other": []}, stratum, rng=rng, draws=400, **ARMS)
    alone = pd.Series([means.difference_in_means(*(own[score] for _, own in frame.groupby("arm")), **NAMES).p_value
                       for score in ("one", "other")])  # fmt: skip
    waves = np.repeat(rng.normal(0, 1, people), 3).reshape(-1, 3) + rng.normal(0, 1, (people, 3))
    who = pd.DataFrame({"participant_id": np.arange(people).astype(str), "arm": arm})
    long = pd.DataFrame({"participant_id": np.repeat(who["participant_id"].to_numpy(), 3),
                         "wave": np.tile([0, 6, 12], people), "score": waves.ravel()})  # fmt: skip
    return {
        ("max_t", "two scores, 400 draws"): ({"p_value": alike.min()}, np.nan),
        ("holm", "two scores"): ({"p_value": multiplicity.holm(alone).min()}, np.nan),
        ("covariance_test", ""): (
            repeated_measures.covariance_test(long, who, "score", [0, 6, 12], **ARMS), np.nan),
    }  # fmt: skip


def _of_both_waves(rng: np.random.Generator, answers: pd.DataFrame, share: float) -> pd.Series:
    """The share of yes among the answers of people who answer twice, each with a chance of their own."""
    own = rng.beta(3 * share, 3 * (1 - share), len(answers) // 2)
    given = pd.DataFrame({"yes": (rng.random((len(own), 2)) < own[:, None]).ravel()})
    return repeated_answers.repeated_shares(answers, given, ["all"], "level").iloc[0]


def of_answers(rng: np.random.Generator, effect: float, people: int = 150) -> Found:
    """Two follow-ups of the people of two arms, whose answers go together; three coders who err in one code of six."""
    answers = pd.DataFrame({"participant_id": np.repeat(np.arange(people), 2), "wave": np.tile([1, 2], people),
                            "all": "x"})  # fmt: skip
    named = {"proportion": "estimate"}
    shares, usual = (_of_both_waves(rng, answers, share) for share in (0.3 + effect, 0.3))
    apart = rng.random((people, 2)) < 0.3 + effect
    waves = pd.DataFrame({"all": "x", "wave": [1, 2], "n": apart.sum(axis=0), "answers": people,
                          "proportion": apart.mean(axis=0)})  # fmt: skip
    true = rng.random(people) < 0.4 + effect
    codes = pd.DataFrame({coder: true ^ (rng.random(people) < 1 / 6) for coder in (1, 2, 3)})
    share = (0.4 + effect) * 5 / 6 + (0.6 - effect) / 6
    beyond = 1 - 2 * 1 / 6 * 5 / 6 / (2 * share * (1 - share))
    three = agreement.agreement(codes, outcome="x", population="all", rng=rng, draws=400).set_index("method")
    long = codes[[1, 2]].melt(var_name="coder", value_name="given", ignore_index=False).rename_axis("participant_id")
    blank = dict.fromkeys(coding.CATEGORY_COLUMNS[1:])
    coded = long.reset_index().assign(wave=1, question="why", **blank)
    coded[coding.CATEGORY_COLUMNS[0]] = coded.pop("given").map({True: "a", False: None})
    return {
        ("repeated_shares", "one arm"): (shares.rename(named), 0.3 + effect),
        ("repeated_shares", "difference of two arms"): (coding.difference_of_shares(shares, usual), effect),
        ("mean_over_waves", "waves independent"): (
            coding.mean_over_waves(waves, ["all"]).rename(columns=named).iloc[0], 0.3 + effect),
        ("coder_agreement", "Cohen's kappa"): (coding.coder_agreement(coded, ["a"]).iloc[0], beyond),
        ("fleiss_kappa", "three coders"): (three.loc["fleiss_kappa"], beyond),
        ("krippendorff_alpha", "three coders"): (three.loc["krippendorff_alpha"], beyond),
    }

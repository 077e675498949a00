"""What the chapter says. Every number is computed here; words and their direction are chosen by the results.

A sentence about a published table looks at the data as that table's extract saw them, so that it never contradicts it.
"""

import math

import pandas as pd

from analysis.chapters.health.as_published import (
    ITEM_TABLES,
    MODELS,
    adjusted_at_last_wave,
    baseline_by_response,
    carried_forward,
    compare_item,
    comparison_at_last_wave,
    rank_sums,
)
from analysis.chapters.health.cells import one_estimate, people_behind
from analysis.chapters.health.figures import standardised_effects
from analysis.chapters.health.measures import SCORES, Score, arm_names, baseline, last_wave, score_named
from analysis.chapters.health.sensitivity import WAYS, caseness, tipping, ways_with_missing_answers
from analysis.frames.trial import Trial
from analysis.methods.missing_data import carried_from, response
from analysis.show.prose import (
    Label,
    Number,
    Sentence,
    count,
    decimal,
    direction_by_p,
    direction_of,
    month,
    p_value,
    percent,
    points,
)


def _level(row: pd.Series) -> Number:
    return percent(100 * row["conf_level"], 0)


def _turned(row: pd.Series, direction: str, decimals: int = 2, scale: float = 1.0) -> dict[str, Number]:
    """Difference and interval as the words need them: "1.2 lower (0.5 to 1.8)", with its sign when unclear."""
    point, low, high = (scale * row[name] for name in ("estimate", "conf_low", "conf_high"))
    if direction == "lower":
        point, low, high = -point, -high, -low
    numbers = {"difference": point, "low": low, "high": high}
    return {name: decimal(value, decimals) for name, value in numbers.items()}


def title(trial: Trial, conf_level: float = 0.95) -> Sentence:
    """The answer to the chapter's question: anxiety and depression together, adjusted for the baseline score."""
    seen = trial.in_extract("table_11")
    fitted = adjusted_at_last_wave(seen, score_named("hads_total"), ("baseline",), conf_level)
    return Sentence("title", {"month": month(last_wave(trial))}, direction_of(fitted))


def returned(trial: Trial, wave: int, conf_level: float = 0.95) -> Sentence:
    """How many returned the questionnaire of a wave, and whether that differs between the arms."""
    shares = response(trial.scores, trial.people, wave, **arm_names(trial), conf_level=conf_level)
    total = one_estimate(shares, contrast="total")
    gap = one_estimate(shares, contrast=trial.study.contrast)
    n = people_behind(total)
    values = {
        "wave": month(wave),
        "returned": count(total["estimate"] * n),
        "n": count(n),
        "share": percent(100 * total["estimate"], 0),
        "treated": percent(100 * one_estimate(shares, contrast=trial.study.treatment)["estimate"]),
        "control": percent(100 * one_estimate(shares, contrast=trial.study.control)["estimate"]),
        "points": points(100 * gap["estimate"]),
        "p": p_value(gap["p_value"]),
    }
    direction = direction_by_p(gap["estimate"], gap["p_value"], 1 - conf_level)
    return Sentence("returned", values, direction, finding=wave == last_wave(trial))


def loss_by_arm(trial: Trial, conf_level: float = 0.95) -> Sentence:
    """What the difference in response at the last wave means for the comparison."""
    shares = response(trial.scores, trial.people, last_wave(trial), **arm_names(trial), conf_level=conf_level)
    gap = one_estimate(shares, contrast=trial.study.contrast)
    direction = direction_by_p(gap["estimate"], gap["p_value"], 1 - conf_level)
    return Sentence("loss_by_arm", {"month": month(last_wave(trial))}, direction)


def result(trial: Trial, column: str, conf_level: float = 0.95) -> Sentence:
    """One score at the last wave: both means, the difference, its interval and p (Table 10)."""
    score, trial = score_named(column), trial.in_extract("table_10")
    compared = comparison_at_last_wave(trial, score, conf_level)
    gap = compared.iloc[2]
    direction = direction_of(gap)
    values = {
        "score": Label("rows", score.short),
        "month": month(last_wave(trial)),
        "treated": decimal(one_estimate(compared, contrast=trial.study.treatment)["estimate"], score.decimals),
        "control": decimal(one_estimate(compared, contrast=trial.study.control)["estimate"], score.decimals),
        "level": _level(gap),
        "p": p_value(gap["p_value"]),
        **_turned(gap, direction, score.decimals),
    }
    kind = "result_symptoms" if score.better == "lower" else "result_function"
    return Sentence(kind, values, direction, finding=column in ("hads_anxiety", "hads_depression", "health_ladder"))


def adjusted_result(trial: Trial, column: str, conf_level: float = 0.95) -> Sentence:
    """The same difference at equal baseline scores (Table 11)."""
    score, trial = score_named(column), trial.in_extract("table_11")
    plain = adjusted_at_last_wave(trial, score, (), conf_level)
    fitted = adjusted_at_last_wave(trial, score, ("baseline",), conf_level)
    direction = direction_of(fitted)
    values = {
        "score": Label("rows", score.short),
        "plain": decimal(plain["estimate"], score.decimals),
        "level": _level(fitted),
        **_turned(fitted, direction, score.decimals),
    }
    return Sentence("adjusted_result", values, direction)


# Limits of standardised differences usually called small, medium and large (Cohen 1988).
SIZES = {"large": 0.8, "medium": 0.5, "small": 0.2}


def magnitude(trial: Trial, column: str, conf_level: float = 0.95) -> Sentence:
    """How large a difference is, in standard deviations of the baseline score, and what that is usually called."""
    effects = standardised_effects(trial, conf_level)
    effect = one_estimate(effects, row=score_named(column).short, series="adjusted_baseline")
    size = abs(effect["estimate"])
    word = next((name for name, limit in SIZES.items() if size >= limit), "below_small")
    values = {"score": Label("rows", score_named(column).short), "size": decimal(size, 2)}
    return Sentence("magnitude", values | {"word": Label("sizes", word)})


def expectation(trial: Trial, item: str, wave: int, conf_level: float = 0.95) -> Sentence:
    """One expectation at one wave: means, interval, and what the rank-sum test says (Tables 12 and 13)."""
    trial = trial.in_extract(ITEM_TABLES[item])
    compared = compare_item(trial, item, wave, conf_level)
    gap, ranks = compared.iloc[2], rank_sums(trial, item, wave).iloc[-1]
    direction = direction_of(gap)
    values = {
        "wave": month(wave),
        "treated": decimal(one_estimate(compared, contrast=trial.study.treatment)["estimate"], 2),
        "control": decimal(one_estimate(compared, contrast=trial.study.control)["estimate"], 2),
        "level": _level(gap),
        "rank_p": p_value(ranks["p_value"]),
        "superiority": percent(100 * ranks["estimate"], 0),
        **_turned(gap, direction),
    }
    return Sentence(item, values, direction)


def non_responders(trial: Trial, arm: str, conf_level: float = 0.95) -> Sentence:
    """Baseline anxiety and depression of those who later did not answer, against those who did, in one arm."""
    means = baseline_by_response(trial.in_extract("table_14"), conf_level)
    own = means[(means["outcome"] == f"hads_total_m{baseline(trial)}") & (means["population"] == arm)]
    gap = one_estimate(own, contrast="responders_vs_non_responders")
    values = {
        "arm": Label("arms", arm),
        "month": month(last_wave(trial)),
        "answered": decimal(one_estimate(own, contrast="responders")["estimate"], 2),
        "silent": decimal(one_estimate(own, contrast="non_responders")["estimate"], 2),
        "p": p_value(gap["p_value"]),
    }
    # the contrast is responders minus non-responders; the sentence is about the non-responders
    turned = {"higher": "lower", "lower": "higher", "unclear": "unclear"}
    return Sentence("non_responders", values, turned[direction_of(gap)])


def carried_shares(trial: Trial, column: str = "hads_total") -> Sentence:
    """How much of Table 15 is not an answer at the last wave at all, but one from inclusion."""
    sources = carried_from(carried_forward(trial.in_extract("table_15"), score_named(column)))
    first = sources[sources["from_wave"] == baseline(trial)].set_index("arm")["share"]
    values = {
        "treated": percent(100 * first.get(trial.study.treatment, 0.0), 0),
        "control": percent(100 * first.get(trial.study.control, 0.0), 0),
        "month": month(last_wave(trial)),
    }
    return Sentence("carried_shares", values)


def models(trial: Trial, column: str, conf_level: float = 0.95) -> Sentence:
    """Range of the difference over the four models of Table 16, and in how many its interval excludes zero."""
    score, trial = score_named(column), trial.in_extract("table_16")
    fitted = [adjusted_at_last_wave(trial, score, covariates, conf_level) for covariates in MODELS.values()]
    fitted = [row for row in fitted if not math.isnan(row["estimate"])]
    sizes = sorted((row["estimate"] for row in fitted), key=abs) or [float("nan")]
    clear = sum(direction_of(row) != "unclear" for row in fitted)
    values = {
        "score": Label("rows", score.short),
        "least": decimal(sizes[0], 2),
        "most": decimal(sizes[-1], 2),
        "clear": count(clear),
        "all": count(len(fitted)),
    }
    return Sentence("models", values)


def cases(trial: Trial, outcome: str, conf_level: float = 0.95) -> Sentence:
    """Share of cases at inclusion and at the last wave in both arms, and whether the arms then differ."""
    shares = caseness(trial, conf_level)
    shares = shares[shares["outcome"] == outcome]
    waves = {"first": baseline(trial), "last": last_wave(trial)}
    values = {
        f"{place}_{role}": percent(100 * one_estimate(shares, contrast=arm, wave=wave)["estimate"], 0)
        for place, wave in waves.items()
        for role, arm in arm_names(trial).items()
    }
    gap = one_estimate(shares, contrast=trial.study.contrast, wave=last_wave(trial))
    named = {"case": Label("rows", outcome), "month": month(last_wave(trial))}
    more = {"points": points(100 * gap["estimate"], 0), "p": p_value(gap["p_value"])}
    # the p-value stands in the sentence, so it decides; with few people it can disagree with the interval
    return Sentence("cases", values | named | more, direction_by_p(gap["estimate"], gap["p_value"], 1 - conf_level))


def ways(trial: Trial, conf_level: float = 0.95) -> Sentence:
    """In how many of the scores each way of treating missing answers finds a clear difference."""
    found = dict.fromkeys(WAYS, 0)
    for score in SCORES:
        for row in ways_with_missing_answers(trial, score, conf_level).to_dict("records"):
            found[row["way"]] += direction_of(row) != "unclear"
    values = {way: count(number) for way, number in found.items()}
    return Sentence("ways", values | {"all": count(len(SCORES))})


def tipping_sentence(trial: Trial, column: str, conf_level: float = 0.95) -> Sentence:
    """How different the silent treated would have to be before the finding is gone; nothing to tip when unclear."""
    score: Score = score_named(column)
    tip, missing = tipping(trial, score, conf_level)
    direction = direction_of(adjusted_at_last_wave(trial, score, ("baseline",), conf_level))
    named = {"score": Label("rows", score.short), "missing": percent(100 * missing, 0)}
    return Sentence("tipping", named | {"points": decimal(abs(tip), 1)}, direction)


def key_numbers(trial: Trial, conf_level: float = 0.95) -> dict[str, float]:
    """The numbers a test of the page compares."""
    last = last_wave(trial)
    total = one_estimate(response(trial.scores, trial.people, last, **arm_names(trial)), contrast="total")
    numbers = {"returned_last_wave": total["estimate"] * people_behind(total)}
    for column in ("hads_anxiety", "hads_depression", "health_ladder"):
        score = score_named(column)
        gap = comparison_at_last_wave(trial, score, conf_level).iloc[2]
        fitted = adjusted_at_last_wave(trial, score, ("baseline",), conf_level)
        numbers |= {f"{column}_difference": gap["estimate"], f"{column}_p": gap["p_value"]}
        numbers[f"{column}_adjusted"] = fitted["estimate"]
    return numbers

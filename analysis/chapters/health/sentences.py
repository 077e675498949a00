"""What the chapter says about scores. Every number is computed here; words and their direction follow the results.

A sentence about a table looks at the data as that table's extract saw them, so that it never contradicts it. Nothing is
said where a number is not known: the function then gives `Absent` with what would be needed.
"""

from math import isnan

import pandas as pd

from analysis.chapters.health.answers import returned
from analysis.chapters.health.cells import one_estimate, people_behind
from analysis.chapters.health.expectations import adjusted_item, compare_item, rank_sums
from analysis.chapters.health.measures import (
    ANSWERED,
    DECIMALS,
    FOLLOWED,
    SCORED,
    arm_names,
    is_known,
    last_wave,
    needed,
    score_named,
)
from analysis.chapters.health.sensitivity import adjusted_caseness, caseness
from analysis.chapters.health.tables import (
    adjusted_at_last_wave,
    comparison_at_last_wave,
    difference_at_start,
    standardised_effects,
)
from analysis.chapters.health.wording import level, turned
from analysis.frames.health import model_covariates
from analysis.frames.needs import Absent, needs, unmet
from analysis.frames.trial import Trial
from analysis.methods.missing_data import response
from analysis.show.prose import (
    Label,
    Number,
    Sentence,
    decimal,
    direction_of,
    month,
    p_value,
    percent,
    round_half_up,
    tally,
)

# Limits of standardised differences usually called small, medium and large (Cohen 1988).
SIZES = {"large": 0.8, "medium": 0.5, "small": 0.2}
FINDINGS = ("hads_anxiety", "hads_depression", "health_ladder")


@needs(*FOLLOWED, "instrument:hads")
def title(trial: Trial, conf_level: float = 0.95) -> Sentence | Absent:
    """The answer to the chapter's question: anxiety and depression together, adjusted for the baseline score."""
    seen = trial.extract_for("health.adjusted_scores")
    fitted = adjusted_at_last_wave(seen, score_named("hads_total"), ("baseline",), conf_level)
    if not is_known(fitted):
        return Absent("enough_answers")
    direction = direction_of(fitted)
    plain = direction_of(comparison_at_last_wave(seen, score_named("hads_total"), conf_level).iloc[2])
    key = "title" if direction in ("unclear", plain) else "title_adjusted_only"
    given = {**turned(fitted, direction), "level": level(fitted), "p": p_value(fitted["p_value"])}
    return Sentence(key, {"month": month(last_wave(trial)), **given}, direction)


@needs(*SCORED)
def result(trial: Trial, column: str, conf_level: float = 0.95) -> Sentence | Absent:
    """One score at the last wave: the difference at equal scores at inclusion, beside both means and their difference.

    Without scores at inclusion the difference between the means is all there is.
    """
    if lacking := unmet(trial, needed(column)):
        return Absent(lacking)
    score, seen = score_named(column), trial.extract_for("health.scores_at_last_wave")
    compared = comparison_at_last_wave(seen, score, conf_level)
    plain, more, key = compared.iloc[2], {}, "result"
    gap = plain
    if not unmet(trial, "baseline"):
        adjusting = trial.extract_for("health.adjusted_scores")
        gap, key = adjusted_at_last_wave(adjusting, score, ("baseline",), conf_level), "result_at_equal_start"
        more = _beside(plain["estimate"], difference_at_start(adjusting, column)["estimate"])
    if not is_known(gap, "conf_low", "p_value"):
        return Absent("enough_answers")
    direction = direction_of(gap)
    values = {
        "score": Label("rows", score.key),
        "month": month(last_wave(trial)),
        **_means(trial, compared),
        "level": level(gap),
        "p": p_value(gap["p_value"]),
        "meaning": Label("meanings", f"{direction}_where_{score.better}_is_better"),
        **turned(gap, direction),
        **more,
    }
    return Sentence(key, values, direction, finding=column in FINDINGS)


def _means(trial: Trial, compared: pd.DataFrame) -> dict[str, Number]:
    """The means of both arms, from the rows of a comparison."""
    return {role: decimal(one_estimate(compared, contrast=arm)["estimate"], DECIMALS)
            for role, arm in (("treated", trial.study.treatment), ("control", trial.study.control))}  # fmt: skip


def _beside(plain: float, start: float, decimals: int = DECIMALS) -> dict[str, Number]:
    """What stands beside an adjusted difference: the one without adjustment and the one at inclusion, signed."""
    return {"plain": decimal(plain, decimals), "start": decimal(start, decimals)}


@needs(*FOLLOWED)
def adjusted_result(trial: Trial, column: str, conf_level: float = 0.95) -> Sentence | Absent:
    """The same difference at equal baseline scores."""
    if lacking := unmet(trial, needed(column)):
        return Absent(lacking)
    score, seen = score_named(column), trial.extract_for("health.adjusted_scores")
    plain = adjusted_at_last_wave(seen, score, (), conf_level)
    fitted = adjusted_at_last_wave(seen, score, ("baseline",), conf_level)
    if not is_known(fitted):
        return Absent("enough_answers")
    direction = direction_of(fitted)
    values = {
        "score": Label("rows", score.key),
        **_beside(plain["estimate"], difference_at_start(seen, column)["estimate"]),
        "level": level(fitted),
        **turned(fitted, direction),
    }
    return Sentence("adjusted_result", values, direction)


@needs(*FOLLOWED)
def magnitude(trial: Trial, column: str, conf_level: float = 0.95) -> Sentence | Absent:
    """How large a difference is, in standard deviations of the baseline score, and what that is usually called."""
    if lacking := unmet(trial, needed(column)):
        return Absent(lacking)
    key = score_named(column).key
    effect = one_estimate(standardised_effects(trial, conf_level), row=key, series="adjusted_baseline")
    size = abs(effect["estimate"])
    if isnan(size):
        return Absent("enough_answers")
    word = next((name for name, limit in SIZES.items() if size >= limit), "below_small")
    return Sentence("magnitude", {"score": Label("rows", key), "size": decimal(size, 2), "word": Label("sizes", word)})


@needs(*FOLLOWED)
def in_short(trial: Trial, column: str, conf_level: float = 0.95) -> Sentence | Absent:
    """The difference at equal baseline scores with its size and how many answered, in one sentence: what changes the
    reading cannot be cut off from the result."""
    found, size = adjusted_result(trial, column, conf_level), magnitude(trial, column, conf_level)
    answered = returned(trial, last_wave(trial), conf_level)
    if lacking := next((each for each in (found, size, answered) if isinstance(each, Absent)), None):
        return lacking
    values = {name: found.values[name] for name in ("score", "difference", "low", "high", "level")}
    values |= {name: size.values[name] for name in ("size", "word")}
    values |= {name: answered.values[name] for name in ("share", "wave")}
    return Sentence("in_short", values, found.direction, of="health")


@needs(*ANSWERED)
def expectation(trial: Trial, item: str, wave: int, conf_level: float = 0.95) -> Sentence | Absent:
    """One expectation at one wave: the difference at equal answers at inclusion beside the means and their rank sums.

    Without answers at inclusion the difference between the means is all there is.
    """
    if lacking := unmet(trial, f"item:{item}"):
        return Absent(lacking)
    seen = trial.extract_for(f"health.{item}")
    compared, ranks = compare_item(seen, item, wave, conf_level), rank_sums(seen, item, wave).iloc[-1]
    gap, more, key = compared.iloc[2], {}, item
    if seen.health.get(f"{item}_m0", pd.Series(dtype=float)).notna().any():
        more = _beside(gap["estimate"], difference_at_start(seen, item)["estimate"])
        gap, key = adjusted_item(seen, item, wave, conf_level).iloc[0], f"{item}_at_equal_start"
    if not is_known(gap) or isnan(ranks["p_value"]):
        return Absent("enough_answers")
    direction = direction_of(gap)
    values = {
        "wave": month(wave),
        **_means(trial, compared),
        "level": level(gap),
        "rank_p": p_value(ranks["p_value"]),
        **turned(gap, direction),
        **more,
    }
    return Sentence(key, values, direction)


def expectations(trial: Trial, item: str, conf_level: float = 0.95) -> list[Sentence | Absent]:
    """One expectation, one sentence a wave after inclusion."""
    return [expectation(trial, item, wave, conf_level) for wave in trial.study.follow_up_waves]


@needs(*FOLLOWED)
def models(trial: Trial, column: str, conf_level: float = 0.95) -> Sentence | Absent:
    """Range of the difference over the adjusted models, and in how many its interval excludes zero."""
    if lacking := unmet(trial, needed(column)):
        return Absent(lacking)
    score, seen = score_named(column), trial.extract_for("health.adjusted_models")
    ways = model_covariates(trial.study).values()
    fitted = [adjusted_at_last_wave(seen, score, covariates, conf_level) for covariates in ways]
    fitted = [row for row in fitted if is_known(row)]
    if not fitted:
        return Absent("enough_answers")
    sizes = sorted((row["estimate"] for row in fitted), key=abs)
    values = {
        "score": Label("rows", score.key),
        "least": decimal(sizes[0], 2),
        "most": decimal(sizes[-1], 2),
        "clear": tally(sum(direction_of(row) != "unclear" for row in fitted)),
        "all": tally(len(fitted)),
    }
    alike = round_half_up(sizes[0], 2) == round_half_up(sizes[-1], 2)
    return Sentence("models_alike" if alike else "models", values)


@needs(*FOLLOWED, "instrument:hads")
def cases(trial: Trial, outcome: str, conf_level: float = 0.95) -> Sentence | Absent:
    """Share of cases in both arms at inclusion and at the last wave, and whether the arms differ at an equal start."""
    shares = caseness(trial, conf_level)
    shares = shares[shares["outcome"] == outcome]
    found = {
        f"{place}_{role}": one_estimate(shares, contrast=arm, wave=wave)["estimate"]
        for place, wave in {"first": 0, "last": last_wave(trial)}.items()
        for role, arm in arm_names(trial).items()
    }
    start, plain = (100 * one_estimate(shares, contrast=trial.study.contrast, wave=wave)["estimate"]
                    for wave in (0, last_wave(trial)))  # fmt: skip
    gap = one_estimate(adjusted_caseness(trial, conf_level), outcome=outcome, wave=last_wave(trial))
    if any(map(isnan, found.values())) or not is_known(gap):
        return Absent("enough_answers")
    direction = direction_of(gap)
    in_points = gap.copy()
    in_points[["estimate", "conf_low", "conf_high"]] *= 100
    values = {name: percent(100 * share) for name, share in found.items()}
    named = {"case": Label("rows", outcome), "month": month(last_wave(trial)), "level": level(gap)}
    return Sentence("cases", values | named | turned(in_points, direction, 1) | _beside(plain, start, 1), direction)


@needs(*ANSWERED)
def key_numbers(trial: Trial, conf_level: float = 0.95) -> dict[str, float]:
    """The numbers a test of the page compares."""
    last = last_wave(trial)
    total = one_estimate(response(trial.scores, trial.people, last, **arm_names(trial)), contrast="total")
    numbers = {"returned_last_wave": total["estimate"] * people_behind(total)}
    for column in FINDINGS:
        if unmet(trial, needed(column), "baseline"):
            continue
        score = score_named(column)
        fitted = adjusted_at_last_wave(trial, score, ("baseline",), conf_level)
        names = {"adjusted": "estimate", "adjusted_low": "conf_low", "adjusted_high": "conf_high"}
        numbers |= {f"{column}_{name}": fitted[field] for name, field in names.items()}
        numbers[f"{column}_unadjusted"] = comparison_at_last_wave(trial, score, conf_level).iloc[2]["estimate"]
        numbers[f"{column}_at_inclusion"] = difference_at_start(trial, column)["estimate"]
    return numbers

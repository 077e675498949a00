"""Whether the result stands when assumptions are uncertain or other: sentences that turn with it."""

from math import isnan

import pandas as pd

from analysis.chapters.cost_benefit.evaluation import DRAWS, EVALUATION, SEED, evaluate
from analysis.chapters.cost_benefit.resampling import HEALTH, sizes_of
from analysis.chapters.cost_benefit.scenarios import observed_arms, resampled_arms
from analysis.chapters.cost_benefit.today import FIXED, FREE, TODAY, estimates_today
from analysis.chapters.cost_benefit.uncertainty import UNCERTAIN, probabilistic
from analysis.chapters.cost_benefit.wording import HUNDREDS, interval_words, rounding, sign
from analysis.frames.needs import Absent, needs
from analysis.frames.trial import Trial
from analysis.methods.cost_benefit_bootstrap import net_value_estimate
from analysis.methods.cost_benefit_uncertainty import value_of_perfect_information
from analysis.show.prose import Label, Sentence, count, decimal, direction_of, million_nok, nok, percent, tally


@needs(*TODAY)
def conclusion(
    trial: Trial, draws: int = DRAWS, seed: int = SEED, conf_level: float = 0.95
) -> list[Sentence | Absent] | Absent:
    """The result with uncertain assumptions, and whether the sign of the evaluation stands with them and elsewhere."""
    found = estimates_today(trial, draws, seed, conf_level)
    if isinstance(found, Absent):
        return found
    rows = found.set_index("population")
    if rows[["conf_low", "conf_high"]].loc[[FIXED, FREE]].isna().any(axis=None):
        return Absent("enough_answers")
    free = rows.loc[FREE]
    said = {**interval_words(free), "probability": percent(100 * free["probability"], 0)}
    return [Sentence("today", said, direction_of(free), finding=True), _stands(rows), _elsewhere(rows)]


def _stands(rows: pd.DataFrame) -> Sentence:
    """Whether the sign of the evaluation is that of the probabilistic analysis, beyond its uncertainty."""
    fixed, free = rows.loc[FIXED], rows.loc[FREE]
    way = direction_of(free)
    places = rounding(fixed["estimate"], free["estimate"], free["conf_low"], free["conf_high"])
    values = {
        "fixed": nok(fixed["estimate"], places),
        "mean": nok(free["estimate"], places),
        "low": nok(free["conf_low"], places),
        "high": nok(free["conf_high"], places),
        "level": tally(100 * free["conf_level"]),
    }
    if way == "unclear":
        return Sentence("conclusion_open", values)
    return Sentence("conclusion_stands" if way == sign(fixed["estimate"]) else "conclusion_turns", values)


def _elsewhere(rows: pd.DataFrame) -> Sentence | Absent:
    """Which of the other choices turn the sign of the estimate; nothing where no choice or no sign is known."""
    fixed = rows.loc[FIXED, "estimate"]
    others = rows.drop(index=[FIXED, FREE])["estimate"].dropna()
    if others.empty or fixed == 0:
        return Absent("added_scenarios")
    turned = list(others.index[others * fixed < 0])
    values = {"choices": tally(len(others)), "same": tally(len(others) - len(turned)), "turned": tally(len(turned))}
    if not turned:
        return Sentence("choices_keep", values)
    which = tuple(Sentence("quoted", {"what": Label("scenarios", code)}) for code in turned)
    return Sentence("choices_turn", {**values, "which": which})


@needs(*UNCERTAIN)
def knowing(trial: Trial, draws: int = DRAWS, seed: int = SEED) -> Sentence | Absent:
    """What knowing every uncertain number before deciding would be worth, and what knowing the best single one is."""
    found = probabilistic(trial, draws, seed)
    if isinstance(found, Absent):
        return found
    cases, worth = evaluate(trial).scenario.participants, value_of_perfect_information(found.net)
    name = max(found.numbers, key=found.value_of_knowing)
    alone = found.value_of_knowing(name)
    values = {"worth": nok(worth, rounding(worth)), "cases": count(cases), "total": million_nok(worth * cases),
              "what": Label("rows", name), "alone": nok(alone, rounding(alone))}  # fmt: skip
    if alone < 50:
        return Sentence("knowing_little", values)
    return Sentence("knowing_per_person" if isnan(cases) else "knowing", values)


@needs(*UNCERTAIN)
def price_of_work(trial: Trial, draws: int = DRAWS, seed: int = SEED) -> Sentence | Absent:
    """Mean extra cost for each further person-year in work beside what one is worth; none where no work is gained."""
    found = probabilistic(trial, draws, seed)
    if isinstance(found, Absent):
        return found
    years, cost = (float(each.mean()) for each in (found.free.work_gained, found.free.weighted_extra_cost))
    values = {"years": decimal(years, 3), "cost": nok(cost, rounding(cost))}
    if years <= 0 or cost <= 0:
        return Sentence("price_of_work_none" if years <= 0 else "price_of_work_saved", values)
    worth = float(evaluate(trial).scenario.yearly_value)
    return Sentence("price_of_work", {**values, "price": nok(cost / years, HUNDREDS), "worth": nok(worth, HUNDREDS)})


@needs(*EVALUATION, *HEALTH)
def health_years(trial: Trial, draws: int = DRAWS, seed: int = SEED, conf_level: float = 0.95) -> Sentence | Absent:
    """Difference in quality-adjusted life years over the follow-up with its bootstrap interval."""
    (treated, control), (drawn_treated, drawn_control) = observed_arms(trial), resampled_arms(trial, draws, seed)
    drawn = drawn_treated["qaly"] - drawn_control["qaly"]
    row = net_value_estimate(drawn, treated["qaly"] - control["qaly"], trial.study.contrast,
                             *sizes_of(trial, evaluate(trial).members), conf_level).iloc[0]  # fmt: skip
    if isnan(row["conf_low"]):
        return Absent("enough_answers")
    values = {name: decimal(row[column], 3) for name, column in
              (("years", "estimate"), ("low", "conf_low"), ("high", "conf_high"))}  # fmt: skip
    months = tally(trial.study.follow_up_waves[-1])
    return Sentence("health_years", {**values, "level": tally(100 * conf_level), "months": months}, direction_of(row))

"""What the chapter says of the adjusted models, of interactions, durations and centres; and its key numbers."""

import pandas as pd

from analysis.chapters.employment.covariates import covariates
from analysis.chapters.employment.durations import NEEDS as DURATION_NEEDS
from analysis.chapters.employment.durations import joint_tests
from analysis.chapters.employment.follow_up import compare_follow_up, people_followed
from analysis.chapters.employment.models import (
    ADJUSTED,
    adjusted_effects,
    best_centre_effects,
    effects,
    interaction_test,
    model_of,
    people_in,
    terms_of,
)
from analysis.chapters.employment.populations import (
    best_centres,
    compare,
    compares,
    outcomes_at,
    printed_rule,
    two_times,
)
from analysis.chapters.employment.shares import outcome_label
from analysis.frames.needs import needs, unmet
from analysis.frames.trial import Trial
from analysis.methods.durations import SHAPES
from analysis.methods.multiplicity import holm
from analysis.show.prose import (
    Label,
    Sentence,
    count,
    decimal,
    direction_by_p,
    direction_of,
    month,
    p_value,
    percent,
    points,
    tally,
)


@needs("arms", "registers")
def adjusted(trial: Trial, conf_level: float = 0.95) -> list[Sentence]:
    """For each outcome, the effect after adjustment, for a person at the means and averaged over people."""
    return [_adjusted(trial.extract_for(ADJUSTED), outcome, conf_level) for outcome in trial.study.monthly_outcomes]


def _adjusted(trial: Trial, outcome: str, conf_level: float) -> Sentence:
    model = model_of(trial, outcome)
    at_means = effects(trial, model, conf_level).set_index("contrast").loc[trial.study.contrast]
    (average,) = adjusted_effects(trial, model, conf_level)
    if pd.isna(at_means["estimate"]):
        return Sentence("adjusted_unknown", {"outcome": outcome_label(outcome)})
    values = {
        "outcome": outcome_label(outcome),
        "at": month(model.at),
        "arm": Label("arms", trial.study.treatment),
        "points": points(100 * at_means["estimate"]),
        "difference": decimal(100 * at_means["estimate"]),
        "low": decimal(100 * at_means["conf_low"]),
        "high": decimal(100 * at_means["conf_high"]),
        "p": p_value(at_means["p_value"]),
        "average": decimal(100 * average.estimate),
        "level": tally(100 * conf_level),
        "for": Sentence("for_both" if model.status else "for_background"),
    }
    return Sentence("adjusted", values, direction_of(at_means))


@needs("arms", "registers")
def clear_terms(trial: Trial, conf_level: float = 0.95) -> list[Sentence]:
    """How many characteristics of the first outcome's adjusted model there are, then each that goes clearly with it."""
    extract, outcome = trial.extract_for(ADJUSTED), trial.study.monthly_outcomes[0]
    rows = effects(extract, model_of(extract, outcome), conf_level)
    said = {"outcome": outcome_label(outcome), "at": month(trial.study.primary_at)}
    if rows["estimate"].isna().all():
        return [Sentence("terms_unknown", said)]
    rows = rows[(rows["contrast"] != trial.study.contrast) & rows["p_value"].notna()]
    if rows.empty:
        return []
    own, left = rows[rows["p_value"] < 1 - conf_level], holm(rows["p_value"].astype(float)) < 1 - conf_level
    said |= {"looked_at": tally(len(rows)), "clear": tally(len(own)), "left": tally(int(left.sum()))}
    if own.empty:
        return [Sentence("no_clear_terms", said)]
    per_unit = {name for name in covariates(extract) if extract.people.get(name, pd.Series()).nunique() > 2}
    each = [_clear_term(row, per_unit, conf_level) for row in own.to_dict("records")]
    return [Sentence("terms_looked_at", said), *each]


def _clear_term(row: dict, per_unit: set[str], conf_level: float) -> Sentence:
    """An effect per unit of a number is small: printed with two decimals."""
    values = {
        "term": Label("rows", row["contrast"]),
        "points": points(100 * row["estimate"], 2 if row["contrast"] in per_unit else 1),
        "p": p_value(row["p_value"]),
    }
    return Sentence("clear_term", values, direction_by_p(row["estimate"], row["p_value"], 1 - conf_level))


@needs("arms", "several_statuses")
def interaction(trial: Trial, conf_level: float = 0.95) -> list[Sentence]:
    """Do the effects differ by status? One sentence each for the primary time and the end of the late window."""
    extract = trial.extract_for(ADJUSTED)
    tests = {at: interaction_test(extract, at).p_value for at in two_times(trial)}
    return [Sentence(_verdict("interaction", p, conf_level), {"month": month(at), **_tested(trial, p, conf_level)})
            for at, p in tests.items()]  # fmt: skip


def _tested(trial: Trial, p: float, conf_level: float) -> dict:
    """A p-value, if known, the level it is held to, and of how many it is one."""
    if pd.isna(p):
        return {}
    return {"p": p_value(p), "level": tally(100 * conf_level), "tests": tally(tests_after_the_fact(trial))}


def tests_after_the_fact(trial: Trial) -> int:
    """How many p-values the page gives for parts of the trial without adjusting them: by status, time out of work, and
    of the centres their best, what picking explains, and their spread. Those of subgroups are adjusted."""
    study, asked = trial.study, 0
    asked += 0 if unmet(trial, "arms", "several_statuses") else len(two_times(trial))
    asked += 0 if unmet(trial, *DURATION_NEEDS) else len(SHAPES)
    asked += 0 if unmet(trial, "arms", "several_centres") else 2 * len(study.monthly_outcomes) + 1
    return asked


@needs("arms", "several_statuses", "rule:employment.product_group")
def product_term(trial: Trial, conf_level: float = 0.95) -> Sentence:
    """The product of treatment and one status as printed beside the average effect in that group, last time."""
    extract, group = trial.extract_for(ADJUSTED), printed_rule(trial, "product_group")
    model = model_of(extract, trial.study.primary_outcome, two_times(trial)[-1], products=True)
    term = f"{trial.study.treatment}_x_{group}_at_inclusion"
    found = effects(extract, model, conf_level).set_index("contrast")
    (average,) = adjusted_effects(extract, model, conf_level, [group])
    if term not in found.index or pd.isna(found.loc[term, "estimate"]) or pd.isna(average.estimate):
        return Sentence("product_term_unknown", {"month": month(model.at)})
    values = {
        "month": month(model.at),
        "printed": decimal(100 * found.loc[term, "estimate"]),
        "z": decimal(found.loc[term, "statistic_value"], 2),
        "average": decimal(100 * average.estimate),
        "low": decimal(100 * average.conf_low),
        "high": decimal(100 * average.conf_high),
        "level": tally(100 * conf_level),
        "group": Label("status_groups", group),
    }
    return Sentence("product_term", values)


@needs(*DURATION_NEEDS)
def duration(trial: Trial, conf_level: float = 0.95, at: int | None = None) -> list[Sentence]:
    """Does the effect in the base group vary with the time out of work? Linear, then quadratic."""
    tests = joint_tests(trial, at)[["shape", "p_value"]].itertuples(index=False)
    told = [(_verdict("duration", p, conf_level), shape, _tested(trial, p, conf_level)) for shape, p in tests]
    return [Sentence(key, {"shape": Label("shapes", shape), **values}) for key, shape, values in told]


def _verdict(key: str, p: float, conf_level: float) -> str:
    """The template for a test that has no direction: found, not found, or not computable."""
    if pd.isna(p):
        return f"{key}_unknown"
    return f"{key}_found" if p < 1 - conf_level else f"{key}_not_found"


@needs("arms", "registers", "several_centres")
def centres(trial: Trial, n_best_centres: int = 3, conf_level: float = 0.95) -> list[Sentence]:
    """The centres with the largest observed differences and the adjusted effects there."""
    names = {centre.code: centre.label for centre in trial.study.centres}
    chosen, found = best_centres(trial, n_best_centres), best_centre_effects(trial, n_best_centres, conf_level)
    values = {
        "names": tuple(str(names[code]) for code in chosen),
        "centres": tally(len(chosen)),
        "share": percent(100 * trial.people["centre"].isin(chosen).mean()),
        "at": month(trial.study.primary_at),
    }
    if found["estimate"].isna().any():
        return [Sentence("centres_unknown", values)]
    told, numbers = [], {}
    for outcome, row in found.set_index("outcome").iterrows():
        own = {"effect": decimal(100 * row["estimate"]), "p": p_value(row["p_value"])}
        numbers |= {f"{name}_{outcome}": number for name, number in own.items()}
        told.append(Sentence("centre_effect", {"outcome": outcome_label(str(outcome)), **own}))
    return [Sentence("centres", {**values, **numbers, "effects": tuple(told)})]


@needs("arms", "registers")
def regression_sample(trial: Trial) -> Sentence:
    """How many people the models of the primary time and of the last hold."""
    extract, study = trial.extract_for(ADJUSTED), trial.study
    first, *later = two_times(trial)
    model = model_of(extract, study.monthly_outcomes[0])
    values = {"first": count(people_in(extract, model)), "terms": tally(len(terms_of(model, extract))),
              "at": month(first)}  # fmt: skip
    if not later:
        return Sentence("regression_sample_once", values)
    last = model_of(extract, study.primary_outcome, later[0], products=model.status)
    return Sentence("regression_sample", {**values, "last": count(people_in(extract, last)), "late": month(later[0])})


def key_numbers(trial: Trial, conf_level: float = 0.95, n_best_centres: int = 3) -> dict[str, float]:
    """The chapter's main numbers by name, for comparison between runs. Shares and effects in per cent and points."""
    study, initial = trial.study, trial.study.unit[0]
    numbers: dict[str, float] = {"participants": len(trial.people)}
    if unmet(trial, "registers"):
        return numbers
    at, last = study.primary_at, two_times(trial)[-1]
    numbers[f"observed_{study.unit}_{last}"] = len(outcomes_at(trial, last))
    for outcome in study.monthly_outcomes:
        found = compare(outcomes_at(trial, at), trial, [outcome], conf_level=conf_level).set_index("contrast")
        name = f"{outcome}_{initial}{at}"
        if not compares(trial):
            numbers[name] = 100 * found["estimate"].iloc[0]
            continue
        numbers |= {f"{name}_{arm}": 100 * found.loc[arm, "estimate"] for arm in study.arm_codes}
        numbers[f"{name}_difference"] = 100 * found.loc[study.contrast, "estimate"]
        numbers[f"{name}_p"] = found.loc[study.contrast, "p_value"]
        adjusted_at = effects(trial.extract_for(ADJUSTED), model_of(trial, outcome)).set_index("contrast")
        numbers[f"{name}_adjusted"] = 100 * adjusted_at.loc[study.contrast, "estimate"]
    if not unmet(trial, "arms", "several_centres"):
        numbers["best_centres_adjusted"] = 100 * best_centre_effects(trial, n_best_centres)["estimate"].iloc[0]
    if not unmet(trial, *DURATION_NEEDS):
        numbers |= {f"duration_{row['shape']}_p": row["p_value"] for row in joint_tests(trial).to_dict("records")}
    return numbers | _follow_up_numbers(trial)


def _follow_up_numbers(trial: Trial) -> dict[str, float]:
    if unmet(trial, "registers", "follow_up_outcomes"):
        return {}
    found = compare_follow_up(people_followed(trial), trial)
    return {f"{row['outcome']}_{row['contrast']}": row["estimate"] for row in found.to_dict("records")}

"""What the chapter says: sentences whose words turn with the estimates, and the numbers a test compares."""

import pandas as pd

from analysis.chapters.employment.durations import joint_tests
from analysis.chapters.employment.models import (
    TABLE_09,
    adjusted_effects,
    best_centre_effects,
    effects,
    interaction_test,
    terms_of,
)
from analysis.chapters.employment.populations import (
    PEOPLE,
    best_centres,
    monthly_outcomes,
    outcomes_at,
    regression_frame,
    status_groups,
)
from analysis.chapters.employment.shares import arms_of, late_estimates, table_07
from analysis.chapters.employment.text import followed_to
from analysis.chapters.employment.trajectories import best_centre_rows
from analysis.frames.registers import STATUSES
from analysis.frames.trial import Trial
from analysis.methods.proportions import compare_arms
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
from analysis.show.tables import Table

PRIMARY = "fully_or_partly_in_work"
# Terms whose effect is per unit and small: printed with two decimals.
CONTINUOUS = ("age", "income_year_before_inclusion_1000nok")


def comparison(rows: pd.DataFrame, outcome: str, trial: Trial, conf_level: float) -> dict:
    """The two shares and the difference of one comparison, ready for a sentence: values and direction."""
    found = compare_arms(rows, outcome, **arms_of(trial), conf_level=conf_level).set_index("contrast")
    difference = found.loc[trial.study.contrast]
    values = {
        "treated": percent(100 * found.loc[trial.study.treatment, "estimate"]),
        "control": percent(100 * found.loc[trial.study.control, "estimate"]),
        "points": points(100 * difference["estimate"]),
        "difference": decimal(100 * difference["estimate"]),
        "low": decimal(100 * difference["conf_low"]),
        "high": decimal(100 * difference["conf_high"]),
        "p": p_value(difference["p_value"]),
        "n_treated": count(difference["n_treated"]),
        "n_control": count(difference["n_control"]),
        "level": count(100 * conf_level),
        "arm": Label("arms", trial.study.treatment),
        "other_arm": Label("arms", trial.study.control),
    }
    # A clear difference needs both: an interval without nought and a p-value below the level.
    clear = difference["p_value"] < 1 - conf_level
    return {"values": values, "direction": direction_of(difference) if clear else "unclear"}


def title(trial: Trial, conf_level: float = 0.95) -> Sentence:
    """The chapter's question and its answer after 12 months."""
    return Sentence("title", **comparison(outcomes_at(trial.in_extract(PEOPLE), 12), PRIMARY, trial, conf_level))


def main_result(trial: Trial, conf_level: float = 0.95) -> Sentence:
    """Fully or partly in work after 12 months: the outcome the trial was planned for."""
    found = comparison(outcomes_at(trial.in_extract(PEOPLE), 12), PRIMARY, trial, conf_level)
    return Sentence("main_result", **found, finding=True)


def narrow_result(trial: Trial, conf_level: float = 0.95) -> Sentence:
    """In work without benefits after 12 months."""
    found = comparison(outcomes_at(trial.in_extract(PEOPLE), 12), "in_work_no_benefits", trial, conf_level)
    return Sentence("narrow_result", **found, finding=True)


def last_month(trial: Trial, conf_level: float = 0.95) -> Sentence:
    """Fully or partly in work in the last month shown, among those observed so long."""
    last = trial.study.horizon.after
    found = comparison(outcomes_at(trial.in_extract(PEOPLE), last), PRIMARY, trial, conf_level)
    return Sentence("last_month", {**found["values"], "month": month(last)}, found["direction"], finding=True)


def later_months(trial: Trial, outcome: str, conf_level: float = 0.95) -> Sentence:
    """In how many of the months from 12 on the arms differ clearly."""
    rows = late_estimates(trial, conf_level)
    own = rows.loc[(rows["outcome"] == outcome) & (rows["contrast"] == trial.study.contrast)]
    clear = own["p_value"] < 1 - conf_level
    values = {
        "outcome": Label("outcomes", outcome),
        "arm": Label("arms", trial.study.treatment),
        "months": count(len(own)),
        "first": month(own["month"].min()),
        "last": month(own["month"].max()),
        "higher": _how_many(clear & (own["estimate"] > 0)),
        "lower": _how_many(clear & (own["estimate"] < 0)),
        "level": count(100 * (1 - conf_level)),
    }
    return Sentence("later_months", values)


def _how_many(which: pd.Series) -> Number | Sentence:
    return count(which.sum()) if which.any() else Sentence("none")


def observed(trial: Trial) -> Sentence:
    """Who can be followed how long."""
    last = trial.study.horizon.after
    at_end = outcomes_at(trial, last)["arm"].value_counts()
    values = {
        "n": count(len(trial.people)),
        "arm": Label("arms", trial.study.treatment),
        "other_arm": Label("arms", trial.study.control),
        "full_month": month(followed_to(trial)),
        "last_month": month(last),
        "n_treated": count(at_end.get(trial.study.treatment, 0)),
        "n_control": count(at_end.get(trial.study.control, 0)),
    }
    return Sentence("observed", values)


def data_gaps(trial: Trial) -> list[Sentence]:
    """One sentence for each optional table that the study lacks: what this chapter cannot say without it."""
    lacking = [name for name in ("aap_hours", "background", "income") if trial.tables[name].empty]
    return [Sentence(f"without_{name}") for name in lacking]


def before_inclusion(trial: Trial, conf_level: float = 0.95) -> Sentence:
    """Were the arms alike in the first month shown?"""
    first = int(monthly_outcomes(trial)["month"].min())
    found = comparison(outcomes_at(trial, first), "in_work_no_benefits", trial, conf_level)
    return Sentence("before_inclusion", {**found["values"], "month": count(abs(first))}, found["direction"])


def at_inclusion(trial: Trial, conf_level: float = 0.95) -> Sentence:
    """Work without benefits in the month of inclusion, and whether it had fallen since the first month shown."""
    found = comparison(outcomes_at(trial, 0), "in_work_no_benefits", trial, conf_level)
    first = outcomes_at(trial, int(monthly_outcomes(trial)["month"].min()))
    change = outcomes_at(trial, 0)["in_work_no_benefits"].mean() - first["in_work_no_benefits"].mean()
    return Sentence("at_inclusion", found["values"], "lower" if change < 0 else "unclear")


def largest_shifts(trial: Trial) -> Sentence:
    """The states of Table 7 in which the arms differ most after 12 months, one each way."""
    found = table_07(trial).cells
    shares = found[found["statistic"] == "pct"].pivot(index="row", columns="column", values="value").loc[list(STATUSES)]
    gaps = shares[f"month12_{trial.study.treatment}"] - shares[f"month12_{trial.study.control}"]
    most, least = gaps.idxmax(), gaps.idxmin()
    values = {
        "arm": Label("arms", trial.study.treatment),
        "other_arm": Label("arms", trial.study.control),
        "more": Label("statuses", most),
        "more_points": points(gaps[most]),
        "fewer": Label("statuses", least),
        "fewer_points": points(gaps[least]),
    }
    return Sentence("largest_shifts", values)


def adjusted(trial: Trial, outcome: str, conf_level: float = 0.95) -> Sentence:
    """The effect after adjustment for covariates and status at inclusion, as published and averaged over people."""
    extract = trial.in_extract("table_09")
    model = {model.outcome: model for model in (TABLE_09[0], TABLE_09[2])}[outcome]
    printed = effects(extract, model, conf_level).set_index("contrast").loc[trial.study.contrast]
    (average,) = adjusted_effects(extract, model, conf_level)
    if pd.isna(printed["estimate"]):
        return Sentence("adjusted_unknown", {"outcome": Label("outcomes", outcome)})
    values = {
        "outcome": Label("outcomes", outcome),
        "arm": Label("arms", trial.study.treatment),
        "points": points(100 * printed["estimate"]),
        "difference": decimal(100 * printed["estimate"]),
        "low": decimal(100 * printed["conf_low"]),
        "high": decimal(100 * printed["conf_high"]),
        "p": p_value(printed["p_value"]),
        "average": decimal(100 * average.estimate),
        "level": count(100 * conf_level),
    }
    return Sentence("adjusted", values, direction_of(printed))


def clear_terms(trial: Trial, conf_level: float = 0.95) -> list[Sentence]:
    """One sentence per characteristic that goes with work after 12 months in column 1 of Table 9."""
    model, extract = TABLE_09[0], trial.in_extract("table_09")
    rows = effects(extract, model, conf_level)
    own = rows.loc[(rows["p_value"] < 1 - conf_level) & (rows["contrast"] != trial.study.contrast)]
    if own.empty:
        return [Sentence("no_clear_terms")]
    return [
        Sentence(
            "clear_term",
            {
                "term": Label("rows", row["contrast"]),
                "points": points(100 * row["estimate"], 2 if row["contrast"] in CONTINUOUS else 1),
                "p": p_value(row["p_value"]),
            },
            direction_by_p(row["estimate"], row["p_value"], 1 - conf_level),
        )
        for row in own.to_dict("records")
    ]


def by_status(trial: Trial, conf_level: float = 0.95) -> list[Sentence]:
    """Fully or partly in work after 12 months, one sentence per status at inclusion."""
    rows = outcomes_at(trial, 12)
    sentences = []
    for group in status_groups():
        found = comparison(rows.loc[rows["status_group"] == group], PRIMARY, trial, conf_level)
        values = {**found["values"], "group": Label("status_groups", group)}
        sentences.append(Sentence("by_status", values, found["direction"], finding=group == "aap"))
    return sentences


def interaction(trial: Trial, conf_level: float = 0.95) -> list[Sentence]:
    """Do the effects differ by status? One sentence each for months 12 and 18."""
    extract = trial.in_extract("table_09")
    tests = {after: interaction_test(extract, after).p_value for after in (12, 18)}
    return [
        Sentence(_verdict("interaction", p, conf_level), {"month": month(after), "p": p_value(p)})
        for after, p in tests.items()
    ]


def product_term(trial: Trial, conf_level: float = 0.95) -> Sentence:
    """The product of treatment and AAP as printed beside the average effect among people on AAP, last month."""
    model, extract = TABLE_09[4], trial.in_extract("table_09")
    term = f"{trial.study.treatment}_x_aap_at_inclusion"
    printed = effects(extract, model, conf_level).set_index("contrast").loc[term]
    (average,) = adjusted_effects(extract, model, conf_level, ["aap"])
    if pd.isna(printed["estimate"]):
        return Sentence("product_term_unknown", {"month": month(model.month)})
    values = {
        "month": month(model.month),
        "printed": decimal(100 * printed["estimate"]),
        "z": decimal(printed["statistic_value"], 2),
        "average": decimal(100 * average.estimate),
        "low": decimal(100 * average.conf_low),
        "high": decimal(100 * average.conf_high),
        "level": count(100 * conf_level),
    }
    return Sentence("product_term", values)


def duration(trial: Trial, conf_level: float = 0.95) -> list[Sentence]:
    """Does the effect among the fully sick-listed vary with the months out of work? Linear, then quadratic."""
    return [
        Sentence(_verdict("duration", p, conf_level), {"shape": Label("shapes", shape), "p": p_value(p)})
        for shape, p in joint_tests(trial)[["shape", "p_value"]].itertuples(index=False)
    ]


def _verdict(key: str, p: float, conf_level: float) -> str:
    """The template for a test that has no direction: found, not found, or not computable."""
    if pd.isna(p):
        return f"{key}_unknown"
    return f"{key}_found" if p < 1 - conf_level else f"{key}_not_found"


def centres(trial: Trial, n_best_centres: int = 3, conf_level: float = 0.95) -> Sentence:
    """The centres with the largest observed differences and the adjusted effects there."""
    names = {centre.code: centre.label for centre in trial.study.centres}
    chosen = best_centres(trial, n_best_centres)
    narrow, primary = best_centre_effects(trial, n_best_centres, conf_level).to_dict("records")
    values = {
        "names": tuple(str(names[code]) for code in chosen),
        "centres": count(len(chosen)),
        "share": percent(100 * trial.people["centre"].isin(chosen).mean(), 0),
    }
    if pd.isna(narrow["estimate"]) or pd.isna(primary["estimate"]):
        return Sentence("centres_unknown", values)
    values |= {
        "narrow": decimal(100 * narrow["estimate"]),
        "narrow_p": p_value(narrow["p_value"]),
        "primary": decimal(100 * primary["estimate"]),
        "primary_p": p_value(primary["p_value"]),
    }
    return Sentence("centres", values)


def centres_sick_listed(trial: Trial, n_best_centres: int = 3, conf_level: float = 0.95) -> Sentence:
    """The fully sick-listed at those centres after 12 months."""
    rows = best_centre_rows(trial, n_best_centres)
    found = comparison(rows.loc[rows["month"] == 12], PRIMARY, trial, conf_level)
    return Sentence("centres_sick_listed", **found)


def work_share(table: Table) -> Sentence:
    """How far the main result moves with the limit of AAP with work, read from `sensitivity.work_share_table`."""
    differences = table.cells.loc[table.cells["statistic"] == "difference"]
    limits = differences["row"].str.removeprefix("share_").astype(int)
    values = {
        "lowest_share": percent(limits.min(), 0),
        "highest_share": percent(limits.max(), 0),
        "lowest": decimal(differences["value"].min()),
        "highest": decimal(differences["value"].max()),
    }
    return Sentence("work_share", values)


def regression_sample(trial: Trial) -> Sentence:
    """How many people the models of month 12 and of the last month hold."""
    extract, values = trial.in_extract("table_09"), {}
    for name, model in (("first", TABLE_09[0]), ("last", TABLE_09[4])):
        frame = regression_frame(extract, model.month)
        values[name] = count(len(frame[[model.outcome, *terms_of(model, extract)]].dropna()))
    return Sentence("regression_sample", {**values, "terms": count(len(terms_of(TABLE_09[0], extract)))})


def key_numbers(trial: Trial, conf_level: float = 0.95, n_best_centres: int = 3) -> dict[str, float]:
    """The chapter's main numbers by name, for comparison between runs. Shares and effects in per cent and points."""
    at_12 = outcomes_at(trial, 12)
    numbers: dict[str, float] = {"participants": len(trial.people), "observed_month_18": len(outcomes_at(trial, 18))}
    for outcome, model in (("in_work_no_benefits", TABLE_09[0]), (PRIMARY, TABLE_09[2])):
        found = compare_arms(at_12, outcome, **arms_of(trial), conf_level=conf_level).set_index("contrast")
        numbers |= {f"{outcome}_m12_{arm}": 100 * found.loc[arm, "estimate"] for arm in trial.study.arm_codes}
        numbers[f"{outcome}_m12_difference"] = 100 * found.loc[trial.study.contrast, "estimate"]
        numbers[f"{outcome}_m12_p"] = found.loc[trial.study.contrast, "p_value"]
        printed = effects(trial.in_extract("table_09"), model).set_index("contrast")
        numbers[f"{outcome}_m12_adjusted"] = 100 * printed.loc[trial.study.contrast, "estimate"]
    numbers["best_centres_adjusted"] = 100 * best_centre_effects(trial, n_best_centres)["estimate"].iloc[0]
    numbers |= {f"duration_{row['shape']}_p": row["p_value"] for row in joint_tests(trial).to_dict("records")}
    return numbers

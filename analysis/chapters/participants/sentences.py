"""Sentences on who the participants are: each takes its numbers, and the turn of its words, from the trial."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from analysis.chapters.participants.background import largest_shift
from analysis.chapters.participants.burdens import (
    CAUSES,
    SITUATIONS,
    STRAIN,
    SUPPORT,
    hads_norm,
    strain_held,
    symptoms_held,
    with_woman,
    work_held,
)
from analysis.chapters.participants.comparisons import LEVEL, balance, representativeness, significant
from analysis.chapters.participants.inclusion import flow_counts
from analysis.chapters.participants.questions import is_known
from analysis.chapters.participants.shares import TOTAL, baseline, percent_of
from analysis.frames.needs import Absent, has_background_answers, needs
from analysis.frames.trial import Trial
from analysis.methods.means import mean_estimate
from analysis.methods.proportions import proportion_estimate
from analysis.show.prose import Label, Number, Sentence, count, decimal, direction_of, p_value, percent, tally

_COMPLAINTS = {
    "muscles": "musculoskeletal_complaints", "stomach": "gastrointestinal_complaints", "sleep": "sleep_problems"
}  # fmt: skip
_VIOLENCE, _AT_WORK = list(STRAIN)[:2], list(STRAIN)[2:]


@needs("participants", "known:sex")
def women(trial: Trial) -> Sentence:
    """Whether women are more than half of the participants."""
    held = with_woman(trial.extract_for("participants.background").people)["woman"]
    found = proportion_estimate(held, outcome="sex_woman", population="all", contrast=TOTAL)
    return Sentence(
        "women", {"share": percent(100 * found.estimate), "n": count(held.sum())}, direction_of(vars(found), 0.5)
    )


@needs("participants", "known:birth_date")
def age(trial: Trial, conf_level: float = 0.95) -> Sentence:
    """Mean age with its interval, and the share between 30 and 50."""
    people = trial.people
    found = mean_estimate(people["age_exact"], outcome="age", population="all", contrast=TOTAL, conf_level=conf_level)
    middle = people["age_group"].dropna().isin(["30_40", "40_50"])
    values = {"mean": decimal(found.estimate), "middle": percent(100 * middle.mean())}
    if np.isnan(found.conf_low):
        return Sentence("age_of_one", values)
    ends = {"low": decimal(found.conf_low), "high": decimal(found.conf_high), "level": percent(100 * conf_level, 0)}
    return Sentence("age", values | ends)


@needs("participants", "known:education")
def education(trial: Trial) -> Sentence:
    """Whether more than half have higher education, of those who answered."""
    held = trial.people["education_higher"]
    found = proportion_estimate(held, outcome="education_higher", population="all", contrast=TOTAL)
    return Sentence(
        "education",
        {"share": percent(100 * found.estimate), "answered": count(held.notna().sum())},
        direction_of(vars(found), 0.5),
    )


@needs("participants", "wave:0", "instrument:hads")
def symptoms(trial: Trial, subscale: str) -> Sentence:
    """Whether the mean of a HADS subscale lies above its cut-off, and the share of people at or above it."""
    people = baseline(trial)
    if not is_known(people, f"hads_{subscale}"):
        return Absent("wave:0")
    cut_off = trial.study.instruments["hads"]["caseness_from"]
    found = mean_estimate(people[f"hads_{subscale}"], outcome=subscale, population="all", contrast=TOTAL)
    return Sentence(
        f"symptoms_{subscale}",
        {
            "mean": decimal(found.estimate),
            "cut_off": count(cut_off),
            "share": percent(percent_of(symptoms_held(trial)[f"{subscale}_above_cutoff"])),
            "norm": decimal(hads_norm(subscale)),
        },
        direction_of(vars(found), cut_off),
        finding=True,
    )


@needs("participants")
def complaints(trial: Trial) -> list[Sentence]:
    """Bodily complaints, bad sleep, years with complaints: one sentence where all is known, else one for each part."""
    held = symptoms_held(trial)
    values = {name: percent(percent_of(held[row])) for name, row in _COMPLAINTS.items() if row in held}
    if is_known(trial.people, "years_with_mental_complaints"):
        values["years"] = decimal(trial.people["years_with_mental_complaints"].mean())
    parts = {"complaints_body": ["muscles", "stomach"], "complaints_sleep": ["sleep"], "complaints_years": ["years"]}
    return _whole_or_parts("complaints", parts, values, "answers")


@needs("participants")
def work(trial: Trial) -> list[Sentence]:
    """The work situation as people describe it, and the commonest reason of sick leave, as far as known."""
    shares = {row: percent_of(held) for row, held in work_held(trial).items()}
    values: dict[str, object] = {row: percent(share) for row, share in shares.items() if row in SITUATIONS}
    causes = {row: share for row, share in shares.items() if row in CAUSES and share > 0}
    if causes:
        commonest = max(causes, key=causes.get)
        values |= {"cause": Label("causes", commonest), "share": percent(causes[commonest])}
    parts = {"work_situation": list(SITUATIONS), "sick_leave": ["cause", "share"]}
    return _whole_or_parts("work", parts, values, "known:work_situation")


@needs("participants")
def strain(trial: Trial) -> list[Sentence]:
    """Violence, bullying, conflicts, missing support: one sentence where all is known, else one for each part."""
    held = strain_held(trial)
    values = {row: percent(percent_of(own)) for row, own in held.items()}
    if _VIOLENCE[0] in held:
        values["n"] = count(held[_VIOLENCE[0]].fillna(False).sum())
    parts = {
        "strain_violence": [*_VIOLENCE, "n"],
        "strain_at_work": _AT_WORK,
        "strain_support": list(SUPPORT),
    }
    if _VIOLENCE[1] not in held:
        parts |= {"strain_ever": [_VIOLENCE[0], "n"]}
    return _whole_or_parts("strain", parts, values, "known:violence_any")


def _whole_or_parts(
    whole: str, parts: Mapping[str, list[str]], values: Mapping[str, object], need: str
) -> list[Sentence] | Absent:
    """The sentence of all values where each part is known, else a sentence for each part that is."""
    known = [part for part, names in parts.items() if set(names) <= set(values)]
    if len(known) == len(parts):
        return [Sentence(whole, values)]
    return [Sentence(part, {name: values[name] for name in parts[part]}) for part in known] or Absent(need)


@needs("arms")
def balance_reading(trial: Trial, found: pd.DataFrame | None = None) -> Sentence:
    """How many characteristics differ between the arms, how many chance would give, and the largest difference."""
    found = (balance(trial) if found is None else found).dropna(subset=["p_value", "estimate"])
    if found.empty:
        return Absent("known:characteristics")
    largest = found.loc[found["estimate"].abs().idxmax()]
    differing = len(significant(found))
    expected = LEVEL * len(found)
    direction = "higher" if differing > max(1.0, 2 * expected) else "lower" if differing == 0 else "unclear"
    return Sentence(
        "balance",
        {
            "tests": tally(len(found)),
            "differing": tally(differing),
            "expected": decimal(expected),
            "largest": Label("rows", str(largest["outcome"])),
            "size": decimal(abs(largest["estimate"]), 2),
            "p": p_value(largest["p_value"]),
        },
        direction,
        finding=True,
    )


@needs("participants", "table:reference_group")
def reference_reading(trial: Trial, tests: pd.DataFrame | None = None) -> list[Sentence]:
    """How many questions ordinary users answer otherwise than participants, and one sentence for each of them."""
    tests = (representativeness(trial) if tests is None else tests).dropna(subset=["p_value"])
    if tests.empty:
        return Absent("table:reference_group")
    differing = significant(tests)
    people = {"reference": count(len(trial.tables["reference_group"])), "tests": tally(len(tests))}
    if not differing:
        return [Sentence("reference_alike", people)]
    lead = Sentence(
        "reference_differs", {**people, "differing": tally(len(differing)), "expected": decimal(LEVEL * len(tests))}
    )
    by_name = tests.set_index(tests["outcome"].astype("str"))["p_value"]
    return [
        lead,
        *(
            Sentence("reference_difference", {"row": Label("rows", row), "p": p_value(by_name[row])})
            for row in differing
        ),
    ]


@needs("participants")
def answered(trial: Trial) -> list[Sentence]:
    """How many answered the background questions and the questionnaire at inclusion, as far as there are any."""
    people = baseline(trial)
    counts = {
        "background": len(trial.tables["background"]) if has_background_answers(trial) else 0,
        "questionnaire": int(trial.tables["questionnaires"]["wave"].eq(0).sum()),
        **{name: int(people[column].notna().sum()) for name, column in _ANSWERED.items() if is_known(people, column)},
    }
    values = {name: count(size) for name, size in counts.items() if size} | {"n": count(len(people))}
    parts = {
        "answered_background": ["background", "n"],
        "answered_questionnaire": ["questionnaire", "n"],
        "answered_hads": ["hads"],
        "answered_shc": ["shc"],
        "answered_expectation": ["status", "expectation"],
    }
    return _whole_or_parts("answered", parts, values, "answers")


_ANSWERED = {
    "hads": "hads_total",
    "shc": "shc_total",
    "expectation": "expects_return_within_weeks",
    "status": "self_reported_status",
}


@needs("rule:participants.background")
def interval_choice(trial: Trial, conf_level: float = 0.95) -> Sentence:
    """By how much the published report's formulas move a limit of the background table against Wilson's interval."""
    return Sentence("interval_choice", {"most": Number(largest_shift(trial, conf_level), "points", 2)})


@needs("participants")
def key_numbers(trial: Trial) -> dict[str, float]:
    """The numbers the chapter's last cell prints for a test to compare, those that are known."""
    people, study = baseline(trial), trial.study
    boxes = flow_counts(trial).set_index("box")["count"]
    women_of_all = with_woman(trial.extract_for("participants.background").people)["woman"]
    numbers = {"referred": boxes.get("referred"), "included": len(people)}
    if study.has_arms:
        numbers |= {role: (people["arm"] == getattr(study, role)).sum() for role in ("treatment", "control")}
    numbers["women_pct"] = percent_of(women_of_all)
    numbers["mean_age"] = people["age_exact"].mean()
    for scale in ("anxiety", "depression"):
        numbers[f"hads_{scale}_mean"] = people[f"hads_{scale}"].mean() if f"hads_{scale}" in people else None
    cases = symptoms_held(trial).get("anxiety_above_cutoff")
    numbers["anxiety_cases_pct"] = None if cases is None else percent_of(cases)
    tests = balance(trial)
    numbers["covariates_differing"] = None if isinstance(tests, Absent) else len(significant(tests))
    return {name: float(number) for name, number in numbers.items() if number is not None and not np.isnan(number)}

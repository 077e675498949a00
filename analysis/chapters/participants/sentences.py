"""The chapter's sentences: each takes its numbers, and the turn of its words, from the trial."""

import numpy as np

from analysis.chapters.participants.background import table_02
from analysis.chapters.participants.burdens import hads_norm, table_03, text_3_2, text_3_3, text_3_4
from analysis.chapters.participants.comparisons import LEVEL, balance, representativeness, significant
from analysis.chapters.participants.inclusion import SOURCES, inclusions_per_month, start_up, steepest_rise, text_3
from analysis.chapters.participants.shares import baseline
from analysis.frames.trial import Trial
from analysis.methods.means import mean_estimate
from analysis.methods.proportions import proportion_estimate, proportion_interval
from analysis.show.prose import Label, Number, Sentence, count, decimal, direction_of, p_value, percent
from analysis.show.tables import Table


def title(trial: Trial) -> Sentence:
    """The question and its answer in a sentence: how many took part, share of women, mean age."""
    people = trial.people
    return Sentence(
        "title",
        {
            "n": count(len(people)),
            "women": percent(100 * (people["sex"] == "woman").mean(), 0),
            "age": decimal(people["age_exact"].mean(), 0),
            "centres": count(people["centre"].nunique()),
        },
    )


def flow(trial: Trial) -> Sentence:
    """From referral to the arms."""
    numbers = _numbers(text_3(trial))
    study = trial.study
    return Sentence(
        "flow",
        {
            "referred": count(numbers["referred_to_project", "total", "n"]),
            "not_eligible": count(numbers["excluded_not_meeting_criteria", "total", "n"]),
            "no_consent": count(numbers["excluded_no_consent", "total", "n"]),
            "withdrew": count(numbers["withdrew", "total", "n"]),
            "withdrew_treatment": count(numbers["withdrew", study.treatment, "n"]),
            "withdrew_control": count(numbers["withdrew", study.control, "n"]),
            "included": count(numbers["participants_included", "total", "n"]),
            "treatment": count(numbers["participants_included", study.treatment, "n"]),
            "control": count(numbers["participants_included", study.control, "n"]),
        },
        finding=True,
    )


def allocation(trial: Trial) -> Sentence:
    """Whether the treatment arm is larger than the control arm."""
    arms = trial.people["arm"].value_counts()
    treated, control = int(arms.get(trial.study.treatment, 0)), int(arms.get(trial.study.control, 0))
    direction = "higher" if treated > control else "lower" if treated < control else "unclear"
    return Sentence(
        "allocation",
        {
            "treatment": percent(100 * treated / (treated + control)),
            "control": percent(100 * control / (treated + control)),
        },
        direction,
    )


def allocation_phases(trial: Trial) -> list[Sentence]:
    """The allocation ratio of each phase that did not draw equally many to both arms; none if all did."""
    study = trial.study
    return [
        Sentence(
            "allocation_phase",
            {
                "treatment": decimal(phase.ratio[study.treatment], 0),
                "control": decimal(phase.ratio[study.control], 0),
                "from": Label("calendar_months", str(phase.from_date.month)),
                "from_year": Number(phase.from_date.year, "year"),
                "to": Label("calendar_months", str(phase.to_date.month)),
                "to_year": Number(phase.to_date.year, "year"),
            },
        )
        for phase in study.allocation_phases
        if phase.ratio[study.treatment] != phase.ratio[study.control]
    ]


def referral(trial: Trial) -> Sentence:
    """Who referred, commonest source first named."""
    numbers = _numbers(text_3(trial))
    shares = {source: numbers[f"referral_source_{source}", "total", "pct"] for source in SOURCES}
    first, *rest = sorted(shares, key=shares.get, reverse=True)
    values = {
        "known": count(numbers["referral_source_known", "total", "n"]),
        "first": Label("sources", first),
        "first_share": percent(shares[first], 0),
    }
    for place, source in zip(("second", "third", "fourth"), rest, strict=True):
        values |= {place: Label("sources", source), f"{place}_share": percent(shares[source], 0)}
    return Sentence("referral", values)


def inflow(trial: Trial) -> Sentence:
    """Mean and largest monthly inclusion; months of the first phase against all months."""
    per_month, first = inclusions_per_month(trial), start_up(trial)
    later = per_month.loc[first.index.max() + 1 :]
    direction = (
        "unclear"
        if later.empty or later.mean() == first.mean()
        else "higher"
        if later.mean() > first.mean()
        else "lower"
    )
    year, month = steepest_rise(trial)
    places = 0 if per_month.mean() >= 10 else 1
    return Sentence(
        "inflow",
        {
            "months": count(len(per_month)),
            "mean": decimal(per_month.mean(), places),
            "first": decimal(first.mean(), places),
            "later": decimal(later.mean(), places),
            "most": count(per_month.max()),
            "steepest": Label("calendar_months", str(month)),
            "steepest_year": Number(year, "year"),
        },
        direction,
    )


def women(trial: Trial) -> Sentence:
    """Whether women are more than half of the participants."""
    held = trial.people["sex"] == "woman"
    found = proportion_estimate(held, outcome="sex_woman", population="all", contrast="total")
    return Sentence(
        "women", {"share": percent(100 * found.estimate), "n": count(held.sum())}, direction_of(vars(found), 0.5)
    )


def age(trial: Trial) -> Sentence:
    """Mean age with its interval, and the share between 30 and 50."""
    found = mean_estimate(trial.people["age_exact"], outcome="age", population="all", contrast="total")
    middle = 100 * trial.people["age_group"].isin(["30_40", "40_50"]).mean()
    return Sentence(
        "age",
        {
            "mean": decimal(found.estimate),
            "low": decimal(found.conf_low),
            "high": decimal(found.conf_high),
            "middle": percent(middle, 0),
        },
    )


def education(trial: Trial) -> Sentence:
    """Whether more than half have higher education, of those who answered."""
    held = trial.people["education_higher"]
    found = proportion_estimate(held, outcome="education_higher", population="all", contrast="total")
    return Sentence(
        "education",
        {"share": percent(100 * found.estimate, 0), "answered": count(held.notna().sum())},
        direction_of(vars(found), 0.5),
    )


def symptoms(trial: Trial, subscale: str) -> Sentence:
    """Whether the mean of a HADS subscale lies above its cut-off, and the share of people at or above it."""
    scores = baseline(trial)[f"hads_{subscale}"]
    cut_off = trial.study.instruments["hads"]["caseness_from"]
    found = mean_estimate(scores, outcome=subscale, population="all", contrast="total")
    share = _numbers(text_3_2(trial))[f"{subscale}_above_cutoff", "total", "pct"]
    return Sentence(
        f"symptoms_{subscale}",
        {
            "mean": decimal(found.estimate),
            "cut_off": count(cut_off),
            "share": percent(share, 0),
            "norm": decimal(hads_norm(subscale)),
        },
        direction_of(vars(found), cut_off),
        finding=True,
    )


def complaints(trial: Trial) -> Sentence:
    """Bodily complaints and bad sleep."""
    numbers = _numbers(text_3_2(trial))
    return Sentence(
        "complaints",
        {
            "muscles": percent(numbers["musculoskeletal_complaints", "total", "pct"], 0),
            "stomach": percent(numbers["gastrointestinal_complaints", "total", "pct"], 0),
            "sleep": percent(numbers["sleep_problems", "total", "pct"], 0),
            "years": decimal(numbers["years_with_mental_complaints", "total", "mean"]),
        },
    )


def work(trial: Trial) -> Sentence:
    """The work situation as people describe it, and the commonest reason of sick leave."""
    numbers = _numbers(text_3_3(trial))
    names = (
        "self_reported_unemployed",
        "self_reported_job_attachment",
        "will_return_unknown_when",
        "concrete_plan_return_within_weeks",
    )
    causes = {row: value for (row, _, _), value in numbers.items() if row.startswith("sick_leave_cause_")}
    commonest = max(causes, key=lambda row: np.nan_to_num(causes[row], nan=-1.0))
    values = {name: percent(numbers[name, "total", "pct"], 0) for name in names}
    return Sentence("work", {**values, "cause": Label("causes", commonest), "share": percent(causes[commonest], 0)})


def strain(trial: Trial) -> Sentence:
    """Violence, bullying, conflicts, missing support."""
    numbers = _numbers(text_3_4(trial))
    shares = {row: percent(value, 0) for (row, _, statistic), value in numbers.items() if statistic == "pct"}
    return Sentence("strain", {**shares, "n": count(numbers["ever_exposed_to_violence", "total", "n"])})


def balance_reading(trial: Trial) -> Sentence:
    """How many covariates differ between the arms, how many chance would give, and the largest difference."""
    found = balance(trial).dropna(subset=["p_value"])
    largest = found.loc[found["estimate"].abs().idxmax()]
    differing = len(significant(found))
    expected = LEVEL * len(found)
    direction = "higher" if differing > max(1.0, 2 * expected) else "lower" if differing == 0 else "unclear"
    return Sentence(
        "balance",
        {
            "tests": count(len(found)),
            "differing": count(differing),
            "expected": decimal(expected),
            "largest": Label("rows", str(largest["outcome"])),
            "size": decimal(abs(largest["estimate"]), 2),
            "p": p_value(largest["p_value"]),
        },
        direction,
        finding=True,
    )


def reference_reading(trial: Trial) -> list[Sentence]:
    """How many questions ordinary users answer otherwise than participants, and one sentence for each of them."""
    tests = representativeness(trial).dropna(subset=["p_value"])
    differing = significant(tests)
    people = {"reference": count(len(trial.tables["reference_group"])), "tests": count(len(tests))}
    if not differing:
        return [Sentence("reference_alike", people)]
    lead = Sentence(
        "reference_differs", {**people, "differing": count(len(differing)), "expected": decimal(LEVEL * len(tests))}
    )
    by_name = tests.set_index(tests["outcome"].astype("str"))["p_value"]
    return [
        lead,
        *(
            Sentence("reference_difference", {"row": Label("rows", row), "p": p_value(by_name[row])})
            for row in differing
        ),
    ]


def answered(trial: Trial) -> Sentence:
    """How many answered the background questions and the questionnaire at inclusion."""
    questionnaires = trial.tables["questionnaires"].query("wave == 0")
    people, total = baseline(trial), len(trial.people)
    return Sentence(
        "answered",
        {
            "n": count(total),
            "background": count(len(trial.tables["background"])),
            "questionnaire": count(len(questionnaires)),
            "hads": count(people["hads_total"].notna().sum()),
            "shc": count(people["shc_total"].notna().sum()),
            "expectation": count(people["expects_return_within_weeks"].notna().sum()),
            "status": count(people["self_reported_status"].notna().sum()),
        },
    )


def interval_choice(trial: Trial, conf_level: float = 0.95) -> Sentence:
    """By how much the printed formulas move a limit of Table 2 against Wilson's interval of those who answered."""
    return Sentence("interval_choice", {"most": Number(largest_shift(trial, conf_level), "points", 2)})


def largest_shift(trial: Trial, conf_level: float = 0.95) -> float:
    """Largest distance, in percentage points, between a limit of Table 2 and Wilson's with the same count and share."""
    numbers = _numbers(table_02(trial, conf_level))
    shifts = [0.0]
    for (row, column, statistic), size in numbers.items():
        share = numbers.get((row, column, "pct"), np.nan)
        if statistic == "n" and share > 0:
            low, high = proportion_interval(int(size), round(100 * size / share), "wilson", conf_level)
            shifts += [
                abs(100 * low - numbers[row, column, "ci_low"]),
                abs(100 * high - numbers[row, column, "ci_high"]),
            ]
    return float(max(shifts))


def key_numbers(trial: Trial) -> dict[str, float]:
    """The numbers the chapter's last cell prints for a test to compare."""
    flow_numbers, means = _numbers(text_3(trial)), _numbers(table_03(trial))
    health, shares = _numbers(text_3_2(trial)), _numbers(table_02(trial))
    return {
        "referred": flow_numbers["referred_to_project", "total", "n"],
        "included": flow_numbers["participants_included", "total", "n"],
        "treatment": flow_numbers["participants_included", trial.study.treatment, "n"],
        "control": flow_numbers["participants_included", trial.study.control, "n"],
        "women_pct": shares["sex_woman", "total", "pct"],
        "mean_age": float(trial.people["age_exact"].mean()),
        "hads_anxiety_mean": means["hads_anxiety_sum", "total", "mean"],
        "hads_depression_mean": means["hads_depression_sum", "total", "mean"],
        "anxiety_cases_pct": health["anxiety_above_cutoff", "total", "pct"],
        "covariates_differing": len(significant(balance(trial))),
    }


def _numbers(table: Table) -> dict[tuple[str, str, str], float]:
    keys = zip(table.cells["row"], table.cells["column"], table.cells["statistic"], strict=True)
    return dict(zip(keys, table.cells["value"].astype(float), strict=True))

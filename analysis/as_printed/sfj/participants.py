"""Numbers on the participants that stand in the report's running text, and which formula its intervals had."""

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from analysis.chapters import participants
from analysis.chapters.participants.burdens import hads_norm, symptoms_held
from analysis.chapters.participants.inclusion import (
    flow_counts,
    inclusion_period,
    inclusions_per_month,
    percent_part,
    start_up,
    steepest_rise,
)
from analysis.chapters.participants.questions import one_of
from analysis.chapters.participants.shares import TOTAL, cell, cell_frame, percent_cells, percent_of
from analysis.chapters.participants.ways import beside_extract_notes
from analysis.frames.needs import needs
from analysis.frames.trial import Trial
from analysis.methods.means import mean_estimate
from analysis.methods.proportions import INTERVALS, proportion_intervals
from analysis.published.registry import counts_as, published
from analysis.published.scorecard import read_published
from analysis.show.prose import round_half_up
from analysis.show.tables import Table

CHAPTER = "participants"
# AAP, disability pension and unemployment benefit, as the summary puts them together.
OTHER_BENEFITS = (
    "aap", "aap_and_job", "disability_pension_full", "disability_pension_graded",
    "unemployment_benefit_individual_allowance",
)  # fmt: skip
SOURCES = ("nav", "physician", "self", "other")
# Columns of the published tables, and the numbers of people who can have answered: all of them, or up to some dozens
# fewer; a few questions were put to a part of the participants only.
_EVERYBODY = (*range(870, 1013), *range(1160, 1194), *range(540, 565), *range(605, 631))
BLOCKS = {
    "table_02": ("table_02", ("total", "control", "sfj"), _EVERYBODY),
    "table_05_study_population": ("table_05", ("study_population",), _EVERYBODY),
    "table_05_ordinary_sfj": ("table_05", ("ordinary_sfj",), tuple(range(50, 81))),
}
_PRINTED = ["n", "pct", "ci_low", "ci_high"]

counts_as(
    "sfj",
    CHAPTER,
    table_01=participants.inclusion_by_centre_table,
    table_02=participants.background_table,
    table_03=participants.baseline_means_table,
    table_04=participants.violence_table,
    table_05=participants.reference_background_table,
    table_06=participants.reference_means_table,
    table_A1=participants.baseline_by_status_table,
    **{"text_3.3": participants.work_situation_table, "text_3.4": participants.strain_table},
)


@published("text_1", CHAPTER, in_text=False)
@needs("participants", "registers")
def status_in_summary(trial: Trial) -> Table:
    """Shares of the summary by what the registers say at inclusion: in work, fully sick-listed, on other benefits."""
    people = trial.people
    on_benefits = people["status_at_inclusion"].isin(OTHER_BENEFITS)
    shares = {
        "status_in_work_at_inclusion": people["status_group"] == "in_work",
        "status_sick_listed_at_inclusion": people["status_group"] == "sick_listed_full",
        "status_aap_disability_unemployment_at_inclusion": on_benefits,
    }
    return Table("text_1", cell_frame([cell(row, TOTAL, "pct", 100 * held.mean()) for row, held in shares.items()]))


@published("text_3", CHAPTER)
@needs("arms", "table:screening")
def referral_and_inclusion(trial: Trial) -> Table:
    """Numbers of section 3: referrals, exclusions, participants, who referred them, when."""
    cells = [*_flow_cells(trial), *_source_cells(trial), *_recruitment_cells(trial)]
    return Table("text_3", cell_frame(cells), decimals={"pct": 1})


def _flow_cells(trial: Trial) -> list[dict]:
    frame, people, study = flow_counts(trial), trial.people, trial.study
    totals = frame.groupby("box")["count"].sum()
    withdrew = frame[frame["box"] == "withdrew"].set_index("arm")["count"]
    cells = [
        cell("referred_to_project", TOTAL, "n", totals["referred"]),
        cell("excluded_not_meeting_criteria", TOTAL, "n", totals["not_eligible"]),
        cell("excluded_no_consent", TOTAL, "n", totals["no_consent"]),
        cell("withdrew", TOTAL, "n", totals["withdrew"]),
        *(cell("withdrew", arm, "n", withdrew[arm]) for arm in (study.control, study.treatment)),
        cell("participants_included", TOTAL, "n", len(people)),
    ]
    for arm in (study.treatment, study.control):
        size = int((people["arm"] == arm).sum())
        cells += [
            cell("participants_included", arm, "n", size),
            cell("participants_included", arm, "pct", percent_part(size, len(people))),
        ]
    return cells


def _source_cells(trial: Trial) -> list[dict]:
    known = trial.tables["screening"]["referral_source"].dropna()
    cells = [cell("referral_source_known", TOTAL, "n", len(known))]
    for source in SOURCES:
        size = int((known == source).sum())
        cells += [
            cell(f"referral_source_{source}", TOTAL, "n", size),
            cell(f"referral_source_{source}", TOTAL, "pct", percent_part(size, len(known))),
        ]
    return cells


def _recruitment_cells(trial: Trial) -> list[dict]:
    (first, last), phases = inclusion_period(trial), trial.study.allocation_phases
    cells = [
        cell("recruitment_start_june", "note", "year", first.year),
        cell("referral_increase_from_january", "note", "year", steepest_rise(trial)[0]),
        cell("recruitment_end_february", "note", "year", last.year),
    ]
    if not phases:
        return cells
    ratio = phases[0].ratio
    return [
        *cells,
        cell("recruitment_2_to_1_period_start", "note", "year", phases[0].from_date.year),
        cell("recruitment_2_to_1_period_end", "note", "year", phases[0].to_date.year),
        cell(
            "randomisation_ratio_first_period_sfj_to_control",
            "note",
            "ratio",
            ratio[trial.study.treatment] / ratio[trial.study.control],
        ),
    ]


@published("text_3.1", CHAPTER)
@needs("known:sex:birth_date")
def sex_age_and_education(trial: Trial, conf_level: float = 0.95) -> Table:
    """Shares and the mean age of section 3.1; the age groups are those of the participants as they are recorded."""
    people = trial.people
    ages = {"age_18_30": ["under_30"], "age_30_50": ["30_40", "40_50"], "age_50_60": ["over_50"]}
    shares = {"sex_woman": people["sex"] == "woman", "sex_man": people["sex"] == "man"}
    cells = [cell(row, TOTAL, "pct", 100 * held.mean()) for row, held in shares.items()]
    mean = mean_estimate(people["age_exact"], outcome="age", population="all", contrast=TOTAL, conf_level=conf_level)
    parts = {"mean": mean.estimate, "ci_low": mean.conf_low, "ci_high": mean.conf_high}
    cells += [cell("age", TOTAL, name, value, mean.n_treated) for name, value in parts.items()]
    cells += [cell(row, TOTAL, "pct", 100 * people["age_group"].isin(groups).mean()) for row, groups in ages.items()]
    answered = {
        "country_of_birth_norway": one_of(people["country_of_birth"], ("norway",)),
        "education_primary": one_of(people["education"], ("primary",)),
        "education_university_over_4_years": one_of(people["education"], ("university_over_4_years",)),
        "reading_writing_difficulties": people["reading_writing_difficulties"],
    }
    cells += [cell(row, TOTAL, "pct", percent_of(held)) for row, held in answered.items()]
    return Table("text_3.1", cell_frame(cells), decimals={"pct": 1, "mean": 1}, conf_level=conf_level,
                 notes=beside_extract_notes(trial, "participants.background"))  # fmt: skip


@published("text_3.2", CHAPTER)
@needs("wave:0", "instrument:hads")
def symptoms_and_complaints(trial: Trial) -> Table:
    """Section 3.2: years with complaints; shares at or above the HADS cut-off, with bodily complaints, bad sleep."""
    held = symptoms_held(trial)
    rows = ("anxiety_above_cutoff", "depression_above_cutoff", "musculoskeletal_complaints",
            "gastrointestinal_complaints", "sleep_problems")  # fmt: skip
    names = {"outcome": "years_with_mental_complaints", "population": "all", "contrast": TOTAL}
    years = mean_estimate(trial.people[names["outcome"]], **names)
    cells = [
        cell("years_with_mental_complaints", TOTAL, "mean", years.estimate),
        cell("hads_cutoff", "note", "score", trial.study.instruments["hads"]["caseness_from"]),
        *percent_cells({row: held[row] for row in rows if row in held}),
    ]
    cells += [
        cell(f"hads_{subscale}_general_population", "norm", "mean", hads_norm(subscale))
        for subscale in ("anxiety", "depression")
    ]
    return Table("text_3.2", cell_frame(cells), decimals={"mean": 1, "pct": 1, "score": 0})


@published("text_3.5", CHAPTER)
@needs("participants")
def monthly_inflow(trial: Trial) -> Table:
    """Calendar months of inclusion, mean a month, mean in the first allocation phase, largest month."""
    per_month = inclusions_per_month(trial)
    cells = [
        cell("participants_included", TOTAL, "n", per_month.sum()),
        cell("inclusion_period", TOTAL, "months", len(per_month)),
        cell("mean_inclusions_per_month", TOTAL, "mean", per_month.mean()),
        cell("mean_inclusions_per_month_start_up_phase", TOTAL, "mean", start_up(trial).mean()),
        cell("max_inclusions_per_month", TOTAL, "n", per_month.max()),
        cell("ordinary_sfj_population", TOTAL, "n", len(trial.tables["reference_group"])),
    ]
    return Table("text_3.5", cell_frame(cells), decimals={"mean": 1})


@published("interval_formulas", CHAPTER, about_print=True)
def interval_formulas(trial: Trial) -> Table:
    """Printed shares given back by each formula, by block of the published tables, and how many were printed.

    From the printed numbers alone, whatever the trial. A share counts as given back when, for some number of people who
    can have answered, share and both limits round to the print. A formula that fits by luck at some such number counts
    too, so the counts overlap.
    """
    cells = []
    for block, (source, columns, sizes) in BLOCKS.items():
        printed = _printed_shares(source, columns)
        cells.append(cell("printed_shares", block, "n", len(printed)))
        possible = _possible(printed, sizes)
        fits = {formula: _given_back(possible, formula) for formula in INTERVALS}
        cells += [cell(formula, block, "n", len(shares)) for formula, shares in fits.items()]
        cells.append(cell("wald_or_wilson", block, "n", len(fits["wald"] | fits["wilson"])))
    return Table("interval_formulas", cell_frame(cells), columns=list(BLOCKS))


def _printed_shares(source: str, columns: Iterable[str]) -> pd.DataFrame:
    """One row per printed share with an interval: n, pct, ci_low, ci_high."""
    printed = read_published()
    own = printed[(printed["source"] == source) & printed["column"].isin(columns)]
    wide = own.pivot(index=["row", "column"], columns="statistic", values="value")
    return wide[_PRINTED].dropna()


def _possible(printed: pd.DataFrame, sizes: Iterable[int]) -> list[tuple]:
    """Printed shares, each with every number of people of which it can be the share."""
    return [
        (share, size)
        for share in printed.itertuples()
        for size in sizes
        if share.n < size and _prints(100 * share.n / size, share.pct)
    ]


def _given_back(possible: Sequence[tuple], formula: str) -> set[tuple]:
    """The shares that have both of their limits by a formula with some number of people."""
    counts = np.array([share.n for share, _ in possible], dtype=int)
    low, high = proportion_intervals(counts, np.array([size for _, size in possible], dtype=int), formula)
    return {
        share.Index
        for (share, _), bottom, top in zip(possible, 100 * low, 100 * high, strict=True)
        if _prints(bottom, share.ci_low) and _prints(top, share.ci_high)
    }


def _prints(value: float, printed: float) -> bool:
    return round_half_up(value, 1) == printed

"""The synthetic trial of individual job support: the same bytes, the printed numbers, believable people and jobs.

Everything is counted anew here from the stored files, by plain pandas: a month has the jobs of its last day.
"""

import sys
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
import yaml

from analysis.frames.outcomes import follow_up_outcomes
from analysis.frames.registers import status_panel
from analysis.study.reading import read_settings
from analysis.synthesis.ips import __main__ as program

STUDY = Path(__file__).parents[1] / "data" / "ips"
MONTHS = range(44)
FULL_TIME = 37.5
SPLITS = {
    "larger_by_age": lambda people: people["age"] < 30,
    "larger_by_upper_secondary_by_21": lambda people: ~people["upper_secondary_by_21"],
    "larger_by_severity": lambda people: people["severity"] == "severe",
}


@pytest.fixture(scope="module")
def people() -> pd.DataFrame:
    dates = ["included_on", "observed_until", "birth_date"]
    people = pd.read_csv(STUDY / "participants.csv", parse_dates=dates)
    people = people.merge(pd.read_csv(STUDY / "background.csv"), on="participant_id", validate="1:1")
    born, included = people["birth_date"].dt, people["included_on"].dt
    before_birthday = (included.month * 100 + included.day) < (born.month * 100 + born.day)
    return people.assign(age=included.year - born.year - before_birthday).set_index("participant_id")


@pytest.fixture(scope="module")
def spells(people) -> pd.DataFrame:
    """The jobs, with what is known of their person."""
    spells = pd.read_csv(STUDY / "job_spells.csv", parse_dates=["from_date", "to_date"])
    spells = spells.join(people, on="participant_id", validate="m:1")
    return spells.assign(horizon=month_end(spells["included_on"], MONTHS[-1]))


@pytest.fixture(scope="module")
def work(people, spells) -> pd.DataFrame:
    """Share of full time, at most 1, by person and month."""
    months = {}
    for month in MONTHS:
        day = month_end(spells["included_on"], month)
        seen = spells["observed_until"].isna() | (spells["observed_until"] >= day)
        runs = (spells["from_date"] <= day) & (spells["to_date"].isna() | (spells["to_date"] >= day)) & seen
        months[month] = spells[runs].groupby("participant_id")["agreed_hours"].sum() / FULL_TIME
    return pd.DataFrame(months).reindex(people.index).fillna(0).clip(upper=1)


@pytest.fixture(scope="module")
def published() -> pd.Series:
    cells = pd.read_csv(STUDY / "published" / "cells.csv", keep_default_na=False)
    assert not cells["id"].duplicated().any()
    return cells.set_index(["row", "column"]).sort_index()


def month_end(included_on: pd.Series, month: int) -> pd.Series:
    return (included_on.dt.to_period("M") + month).dt.end_time.dt.normalize()


def by_arm(values: pd.Series, people: pd.DataFrame) -> pd.Series:
    return values.groupby(people["arm"]).mean()


def effect(values: pd.Series, people: pd.DataFrame) -> float:
    means = by_arm(values, people)
    return means["ips"] - means["usual"]


# The same bytes


def test_the_stored_tables_are_what_the_program_makes():
    made = program.tables()
    assert {f"{name}.csv" for name in made} == {path.name for path in STUDY.glob("*.csv")}
    for name, text in made.items():
        assert (STUDY / f"{name}.csv").read_bytes() == text.encode(), name


@pytest.mark.parametrize(("added", "code"), [("", 0), ("P9999,severe,true\n", 1)])
def test_the_check_names_what_differs_and_writes_nothing(added, code, monkeypatch, capsys):
    stored = (STUDY / "background.csv").read_bytes()
    monkeypatch.setattr(program, "tables", lambda: {"background": stored.decode() + added})
    monkeypatch.setattr(sys, "argv", ["ips", "--check"])
    assert program.main() == code
    assert ("background.csv" in capsys.readouterr().out) == bool(code)
    assert (STUDY / "background.csv").read_bytes() == stored


# The printed numbers


def test_the_arms_have_the_printed_size(people, published):
    sizes = people["arm"].value_counts()
    assert sizes.to_dict() == {arm: published.loc[("allocated", arm), "value"] for arm in ("ips", "usual")}


@pytest.mark.parametrize("row", ["ordinary_work_any_time_43m", "half_time_or_more_any_time_43m"])
def test_work_at_any_time_differs_by_the_printed_points(row, people, work, published):
    least = published.loc[("half_time_job", "minimum"), "value"] if row.startswith("half") else 1e-9
    points = 100 * effect((work >= least).any(axis=1), people)
    assert f"{points:.1f}" == f"{published.loc[(row, 'difference'), 'value']:.1f}"


def test_months_of_work_are_the_printed_ones(people, work, published):
    means = by_arm(work.sum(axis=1), people)
    printed = published.loc["months_of_work_43m"]["value"]
    assert {arm: f"{means[arm]:.1f}" for arm in means.index} == {arm: f"{printed[arm]:.1f}" for arm in means.index}
    assert f"{means['ips'] - means['usual']:.0f}" == f"{printed['difference']:.0f}"
    assert published.loc[("third_time_point", "at"), "value"] == MONTHS[-1]


def test_the_rules_of_the_study_count_the_same_as_plain_pandas(people, spells, work):
    """The outcomes of study.yml, computed by the package, person by person."""
    study = read_settings(STUDY)
    tables = {"participants": people.reset_index(), "job_spells": spells}
    panel = status_panel(tables, study)
    outcomes = follow_up_outcomes(tables, panel, study).set_index("participant_id").reindex(people.index)
    assert (outcomes["any_ordinary_work"] == (work > 0).any(axis=1)).all()
    assert (outcomes["any_half_time_work"] == (work >= 0.5).any(axis=1)).all()
    assert outcomes["months_of_work"].to_numpy() == pytest.approx(work.sum(axis=1).to_numpy(), rel=1e-12)
    assert outcomes["time_to_first_job"].dropna().to_dict() == (work > 0).idxmax(axis=1)[work.any(axis=1)].to_dict()


# What the article says in words


def _cumulative(work: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame({month: (work.loc[:, :month] > 0).any(axis=1) for month in MONTHS})


def _per_person(spells: pd.DataFrame, people: pd.DataFrame, column: str) -> pd.Series:
    held = spells[spells["from_date"] <= spells["horizon"]].drop_duplicates(["participant_id", column, "included_on"])
    return by_arm(held.groupby("participant_id").size().reindex(people.index, fill_value=0), people)


def _longer(spells: pd.DataFrame) -> bool:
    held = spells[spells["from_date"] <= spells["horizon"]]
    days = (held[["to_date", "horizon"]].min(axis=1) - held["from_date"]).dt.days + 1
    means = days.groupby(held["arm"]).mean()
    return means["ips"] > means["usual"]


def _larger(people: pd.DataFrame, work: pd.DataFrame, side: Callable) -> bool:
    """The effect is clearly larger on this side: any work, any half-time work, months of work, work at 12, 24, 43."""
    inside, outcomes = side(people), [(work > 0).any(axis=1), (work >= 0.5).any(axis=1), work.sum(axis=1) / 20]
    outcomes += [work[month] > 0 for month in (12, 24, 43)]
    effects = [[effect(values[rows], people[rows]) for rows in (inside, ~inside)] for values in outcomes]
    return all(first > second + 0.05 for first, second in effects)


def test_every_claim_of_the_article_comes_out_in_its_direction(people, spells, work):
    claims = yaml.safe_load((STUDY / "published" / "claims.yml").read_text(encoding="utf-8"))
    in_work, first = (work > 0).groupby(people["arm"]).mean(), _cumulative(work).groupby(people["arm"]).mean()
    jobs, employers = (_per_person(spells, people, column) for column in ("from_date", "employer_id"))
    larger = {name: _larger(people, work, side) for name, side in SPLITS.items()}
    holds = {
        "months_before_a_first_job": (first.loc["ips", 1:12] > first.loc["usual", 1:12]).all(),
        "work_at_the_end": in_work.loc["ips", 43] > in_work.loc["usual", 43],
        "any_work": effect((work > 0).any(axis=1), people) > 0,
        "any_half_time_work": effect(((work > 0).any(axis=1) & (work >= 0.5).any(axis=1)), people) > 0,
        "months_of_work": effect(work.sum(axis=1), people) > 0,
        "part_time_jobs_above_a_half": (spells["agreed_hours"] < FULL_TIME).mean() > 0.5,
        "share_in_work_above_a_half": (in_work[43] < 0.5).all(),
        "jobs": jobs["ips"] > jobs["usual"],
        "employers": employers["ips"] > employers["usual"],
        "days_a_job_lasts": _longer(spells),
        **larger,
    }
    assert {claim["subject"] for claim in claims.values()} == set(holds)
    assert [name for name, held in holds.items() if not held] == []


# Believable people and jobs


def test_nobody_has_a_job_in_the_month_of_inclusion(spells):
    assert (spells["from_date"] > month_end(spells["included_on"], 0)).all()


def test_work_at_any_time_does_not_hang_on_the_last_day_of_the_month(people, spells, work):
    """Counted from the jobs themselves, the same people have had any job and any half-time job."""
    seen = spells[["horizon", "observed_until"]].min(axis=1)
    held = spells[spells["from_date"] <= seen]
    for hours in (0, FULL_TIME / 2):
        had = set(held.loc[held["agreed_hours"] >= hours, "participant_id"])
        assert had == set(work.index[(work > 0).any(axis=1) & (work >= hours / FULL_TIME).any(axis=1)])


def test_shares_in_work_move_smoothly_and_as_in_the_trials_first_year(people, work):
    in_work = (work > 0).groupby(people["arm"]).mean().T
    assert (in_work.diff().abs().max() < 0.07).all()
    first_year = {"ips": 0.366, "usual": 0.271}  # Reme and others (2019), all 410 participants
    assert all(abs(in_work.loc[12, arm] - share) < 0.05 for arm, share in first_year.items())
    assert (in_work.loc[24:].max() - in_work.loc[24:].min() < 0.06).all()


def test_jobs_have_believable_hours_lengths_and_days(spells):
    days = (spells["to_date"] - spells["from_date"]).dt.days + 1
    assert days.min() >= 1
    assert 120 < days.median() < 365
    assert (days > 730).any()
    assert spells["agreed_hours"].between(3, FULL_TIME).all()
    assert 15 < spells["agreed_hours"].mean() < 25
    assert 0.3 < spells["to_date"].dropna().dt.is_month_end.mean() < 0.7
    assert 0.3 < spells["from_date"].dt.is_month_start.mean() < 0.7
    assert 0.1 < spells["to_date"].isna().mean() < 0.4


def test_no_two_jobs_of_a_person_overlap(spells):
    before = spells.sort_values(["participant_id", "from_date"]).groupby("participant_id")["to_date"].shift()
    assert (before.isna() | (spells["from_date"] > before)).all()


def test_some_leave_early_and_nobody_works_after_that(people, spells):
    left = people[people["observed_until"].notna()]
    assert set(left["arm"]) == {"ips", "usual"} and len(left) < 10
    assert (left["observed_until"] < month_end(left["included_on"], MONTHS[-1])).all()
    theirs = spells[spells["observed_until"].notna()]
    assert (theirs["to_date"] <= theirs["observed_until"]).all()


def test_everybody_fits_the_dates_of_the_study(people, spells):
    dates = yaml.safe_load((STUDY / "study.yml").read_text(encoding="utf-8"))["dates"]
    day = {name: pd.Timestamp(value) for name, value in dates.items()}
    assert people["included_on"].between(day["inclusion_start"], day["inclusion_end"]).all()
    assert month_end(people["included_on"], MONTHS[-1]).max() == day["register_end"]
    assert max(spells["from_date"].max(), spells["to_date"].max()) <= day["register_end"]
    assert people["age"].between(21, 60).all()
    assert people.index.is_monotonic_increasing and people["included_on"].is_monotonic_increasing

"""Time in a state and to an event under unequal observation, transitions and courses: against R, by hand, in words."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError

from analysis.chapters import employment
from analysis.chapters.employment.follow_up import first_times
from analysis.frames.needs import Absent
from analysis.frames.outcomes import follow_up_outcomes
from analysis.frames.trial import Trial, open_trial
from analysis.methods.estimates import estimate_frame
from analysis.methods.survival import compare_restricted_means, cumulative_share, horizon_of, restricted_mean_time
from analysis.methods.time_in_state import (
    mean_time_in,
    next_steps,
    rate_of_change,
    steps_between,
    transition_matrix,
)
from analysis.show import prose
from analysis.show.prose import Sentence
from analysis.show.study_words import study_catalogue
from analysis.study.between_settings import CHECKS
from analysis.study.design import Horizon, Window
from analysis.study.outcome_rules import Outcome
from tests.agreement import agrees
from tests.everything_of_employment import UNTRUE, of_time, spoken

WEEKLY = Path(__file__).parent / "weekly"
REFERENCE = Path(__file__).parent / "reference"
STATES = ("work", "benefit", "other")
ARMS = {"treatment": "new", "control": "usual"}
MONTHS = range(1, 13)
AALEN_JOHANSEN = "R 4, survival::survfit: Aalen and Johansen, where nobody leaves"


@pytest.fixture(scope="module")
def answers() -> pd.Series:
    return pd.read_csv(REFERENCE / "time_answers.csv").set_index("quantity")["value"]


@pytest.fixture(scope="module")
def whole() -> pd.DataFrame:
    """One row per person and month, as if everybody were observed throughout."""
    rows = pd.read_csv(REFERENCE / "time_data.csv")
    return rows.assign(**{state: rows["state"] == state for state in STATES})


@pytest.fixture(scope="module")
def seen(whole) -> pd.DataFrame:
    """The months until each person's last observed one."""
    return whole[whole["month"] <= whole["last"]]


def held(method: str, against: str, found: pd.DataFrame, answers: pd.Series, name: str) -> None:
    """The estimate frame of both arms and their difference is what R says under this name."""
    rows = found.set_index("contrast")
    for arm in ARMS.values():
        wanted = {"estimate": "", "std_error": "_se", "conf_low": "_low", "conf_high": "_high"}
        for column, quantity in wanted.items():
            agrees(method, f"R 4, {against}", rows.loc[arm, column], answers[f"{name}_{arm}{quantity}"], 1e-8)
    gap = rows.loc["new_vs_usual"]
    wanted = {"estimate": "difference", "conf_low": "low", "conf_high": "high", "p_value": "p"}
    for column, quantity in wanted.items():
        agrees(method, f"R 4, {against}", gap[column], answers[f"{name}_{quantity}"], 1e-8)


# ---- against R -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("last", [6, 10])
def test_restricted_mean_time_to_an_event_is_that_of_survival(seen, answers, last):
    first = seen[seen["work"]].groupby("participant_id")["month"].min()
    people = seen.groupby("participant_id").agg(arm=("arm", "first"), time=("month", "max")).join(first.rename("event"))
    people = people.assign(happened=people["event"].notna(), time=people["event"].fillna(people["time"]))
    found = compare_restricted_means(people, outcome="work", last=last, **ARMS)
    held("restricted_mean", "survival::survfit", found, answers, f"first_{last}")
    told, people_of = found.set_index("contrast")[["n_treated", "n_control"]], people.groupby("arm").size()
    assert told.loc["new", "n_treated"] == told.loc["new_vs_usual", "n_treated"] == people_of["new"]
    assert told.loc["usual", "n_control"] == told.loc["new_vs_usual", "n_control"] == people_of["usual"]


def test_if_nobody_leaves_it_is_welchs_comparison_of_the_sums_and_aalen_and_johansens_occupation(whole, answers):
    found = mean_time_in(whole, "work", unit="month", units=MONTHS, **ARMS).set_index("contrast")
    gap = found.loc["new_vs_usual"]
    for column, quantity in {"estimate": "difference", "conf_low": "low", "conf_high": "high", "p_value": "p",
                             "df": "df"}.items():  # fmt: skip
        agrees("time_in_state", "R 4, t.test, where nobody leaves", gap[column], answers[f"whole_{quantity}"], 1e-9)
    for state in STATES:
        rows = mean_time_in(whole, state, unit="month", units=MONTHS, **ARMS).set_index("contrast")
        for arm, n in (("new", rows.loc["new", "n_treated"]), ("usual", rows.loc["usual", "n_control"])):
            jackknife = rows.loc[arm, "std_error"] * np.sqrt((n - 1) / n)  # R's has n where a sample variance has n − 1
            for value, quantity in ((rows.loc[arm, "estimate"], ""), (jackknife, "_se")):
                agrees("time_in_state", AALEN_JOHANSEN, value, answers[f"aj_{arm}_{state}{quantity}"], 1e-9)


@pytest.mark.parametrize("state", STATES)
def test_of_people_who_leave_it_is_the_sum_of_domain_means_clustered_by_person(seen, answers, state):
    settings = {"unit": "month", "units": MONTHS, **ARMS}
    domains = "survey::svyby, the means of the months added up"
    held("time_in_state", domains, mean_time_in(seen, state, **settings), answers, f"seen_{state}")
    weighted = mean_time_in(seen, state, weight="weight", **settings)
    held("time_in_state", domains, weighted, answers, f"seen_{state}_weighted")


def test_the_error_is_that_of_leaving_one_person_out_at_a_time(seen, answers):
    found = mean_time_in(seen, "work", unit="month", units=MONTHS, **ARMS).set_index("contrast")
    for arm in ARMS.values():
        assert found.loc[arm, "std_error"] == pytest.approx(answers[f"jackknife_{arm}"], rel=0.03)


def test_rates_and_transitions_are_those_of_r(seen, answers):
    steps = next_steps(seen, "state", "month")
    work = steps.assign(before=steps["before"] == "work", after=steps["after"] == "work")
    for name in ("entering", "leaving"):
        found = rate_of_change(work, outcome="work", entering=name == "entering", **ARMS)
        held("rate_of_change", "survey::svyratio", found, answers, name)
    for row in transition_matrix(steps, STATES).itertuples():
        assert row.n == answers[f"next_{row.arm}_{row.before}_{row.after}"]
        agrees("transitions", "R 4, prop.table", row.share, answers[f"share_{row.arm}_{row.before}_{row.after}"], 1e-12)


# ---- by hand ---------------------------------------------------------------------------------------------------------


def rows_of(*courses: str, arm: str = "a") -> pd.DataFrame:
    """One person a text: w in work, o out of work, a blank where not observed, from month 0 on."""
    rows = [(f"{arm}{number}", arm, month, letter == "w") for number, course in enumerate(courses)
            for month, letter in enumerate(course) if letter != " "]  # fmt: skip
    return pd.DataFrame(rows, columns=["participant_id", "arm", "month", "work"])


def test_who_leaves_counts_while_observed_and_no_longer():
    """Month 1: 2 of 3, month 2: 1 of 3, month 3: 1 of 2; nobody's missing month counts as out of work."""
    found = mean_time_in(rows_of("owww", "owo ", "oooo"), "work", unit="month", units=range(1, 4)).iloc[0]
    assert found["estimate"] == pytest.approx(2 / 3 + 1 / 3 + 1 / 2)
    assert found["n_treated"] == 3


def test_times_in_all_states_add_up_to_the_units(seen):
    for arm in ARMS.values():
        own = seen[seen["arm"] == arm]
        sums = [mean_time_in(own, state, unit="month", units=MONTHS)["estimate"].iloc[0] for state in STATES]
        assert sum(sums) == pytest.approx(len(MONTHS))


def test_what_cannot_be_known_is_missing():
    two = pd.concat([rows_of("ow", "oo"), rows_of("oo", "oo", arm="b")])
    settings = {"unit": "month", "treatment": "a", "control": "b"}
    early = mean_time_in(two, "work", units=range(1, 3), **settings)
    assert early["estimate"].isna().all() and early["p_value"].isna().all()
    nobody = mean_time_in(two.assign(work=False), "work", units=[1], **settings).set_index("contrast")
    assert nobody.loc["a_vs_b", "estimate"] == 0
    assert nobody[["conf_low", "p_value"]].isna().all(axis=None)
    alone = mean_time_in(rows_of("ow"), "work", unit="month", units=[1]).iloc[0]
    assert alone["estimate"] == 1 and np.isnan(alone["conf_low"])


def test_the_mean_time_to_an_event_is_the_area_under_the_curve():
    """Events in months 1 and 3 of three people, one of whom leaves after month 2: S is 1, then 2/3, from 3 on 0."""
    curve = cumulative_share(pd.Series([1, 2, 3]), pd.Series([True, False, True]))
    mean, error = restricted_mean_time(curve, 5)
    assert mean == pytest.approx(1 + 2 * 2 / 3)
    assert error == pytest.approx(np.sqrt((2 * 2 / 3) ** 2 * 1 / (3 * 2)))
    assert restricted_mean_time(curve, 0.5)[0] == pytest.approx(0.5)
    assert horizon_of(pd.Series([4, 6, 3]), pd.Series(["a", "a", "b"]), 12) == 3


def test_a_step_over_an_unobserved_month_is_none():
    steps = next_steps(rows_of("ow wo", "oo"), "work", "month")
    assert list(zip(steps["month"], steps["before"], steps["after"], strict=True)) == [
        (0, False, True), (3, True, False), (0, False, False)]  # fmt: skip
    between = steps_between(rows_of("ow wo", "oo"), "work", "month", 0, 3)
    assert between["after"].isna().tolist() == [False, True]
    rate = rate_of_change(steps, outcome="work", entering=True).iloc[0]
    assert rate["estimate"] == pytest.approx(1 / 2) and rate["n_treated"] == 2


# ---- outcomes and settings -------------------------------------------------------------------------------------------


def lasting(units: int = 3, **more) -> Outcome:
    """So many weeks in a row with a job."""
    rule = {"measure": "time_to_sustained", "units": units, "has_job": True}
    return Outcome(code="kept_a_job", label={"en": "A job kept"}, **rule, **more)


@pytest.fixture(scope="module")
def weekly() -> Trial:
    """The ten people by week, with a first and a lasting job beside what the study declares."""
    trial = open_trial(WEEKLY)
    first = Outcome(code="first_job", label={"en": "First job"}, measure="time_to_first", has_job=True)
    return replace(trial, study=replace(trial.study, alternative_outcomes=(first, lasting())))


@pytest.mark.parametrize(("units", "reached"), [(2, {"P0001": 2, "P0010": 2}), (3, {"P0001": 3, "P0010": 3}),
                                                (8, {"P0001": 8})])  # fmt: skip
def test_what_has_to_last_comes_with_the_last_of_the_units(weekly, units, reached):
    """P0002's week before the first counts for nothing, P0010 leaves after seven weeks in work."""
    study = replace(weekly.study, outcomes=(lasting(units),))
    found = follow_up_outcomes(weekly.tables, weekly.panel, study).set_index("participant_id")["kept_a_job"]
    assert found.dropna().to_dict() == reached


def test_a_week_that_is_not_observed_breaks_the_row(weekly):
    gap = weekly.panel[~((weekly.panel["participant_id"] == "P0001") & (weekly.panel["week"] == 2))]
    study = replace(weekly.study, outcomes=(lasting(3),))
    found = follow_up_outcomes(weekly.tables, gap, study).set_index("participant_id")["kept_a_job"]
    assert found["P0001"] == 5


def test_who_has_no_event_in_the_window_is_followed_to_its_end(weekly):
    short = replace(weekly.study, alternative_outcomes=(lasting(3, window=Window(first=1, last=4)),))
    people = first_times(replace(weekly, study=short), "kept_a_job").set_index("participant_id")
    assert people["time"].to_dict() == {"P0001": 3, "P0002": 2, "P0004": 4, "P0005": 4, "P0006": 4, "P0008": 4,
                                        "P0009": 4, "P0010": 3}  # fmt: skip


@pytest.mark.parametrize("wrong", [{"measure": "time_to_sustained", "has_job": True}, {"measure": "time_to_sustained",
                                   "units": 3}, {"measure": "time_to_first", "has_job": True, "units": 3},
                                   {"measure": "time_to_sustained", "has_job": True, "units": 1}])  # fmt: skip
def test_units_in_a_row_stand_where_they_mean_something(wrong):
    with pytest.raises(ValidationError):
        Outcome(code="x", **wrong)


def test_more_units_than_the_window_has_are_a_fault(weekly):
    for rule in (lasting(9), lasting(4, window=Window(first=2, last=4))):
        study = replace(weekly.study, alternative_outcomes=(rule,))
        places = [fault.place for _, check in CHECKS for fault in check(study)]
        assert places == [("alternative_outcomes", 0, "units")]


# ---- the chapter -----------------------------------------------------------------------------------------------------


def values(table) -> pd.Series:
    return table.cells.set_index(["row", "column", "statistic"])["value"]


def said(trial: Trial, sentence: Sentence) -> str:
    return prose.write(sentence, "employment", study_catalogue(trial.study, "en", trial.folder))


def test_the_tables_of_ten_people_are_those_worked_by_hand(weekly):
    times = values(employment.mean_time_table(employment.mean_times(weekly), weekly))
    assert times["works", "trained", "mean"] == pytest.approx(2 / 3 + 6 / 3 + 1 / 2)
    assert times["works", "waiting", "mean"] == pytest.approx(2 / 5 + 1 / 5 + 3 / 4 + 2 / 4 + 1 / 3 + 1 / 2)
    assert times["works", "waiting", "n"] == 5
    moves = values(employment.transitions_table(weekly))
    assert moves["without_job_people", "to_week8_waiting", "n"] == 2  # P0004 and P0008
    assert moves["without_job_to_with_job", "to_week8_waiting", "pct"] == 50
    waits = values(employment.mean_wait_table(employment.mean_waits(weekly), weekly))
    # Two of three have a first job in week 1, the third leaves after week 7: nothing is known of later waits.
    assert waits["first_job", "trained", "mean"] == pytest.approx(1 + 6 / 3)
    assert waits["kept_a_job", "trained", "mean"] == pytest.approx(3 + 4 * 2 / 3)


def test_courses_hold_everybody_who_is_observed_at_inclusion_and_the_flow_adds_up(weekly):
    figure = employment.sequences_figure(weekly).frame
    assert figure.groupby("panel")["people"].sum().to_dict() == {"trained": 4, "waiting": 5}
    assert "(without_job,1)-(with_job,8)" in set(figure.loc[figure["panel"] == "trained", "sequence"])
    flows = employment.flows_figure(weekly).frame
    assert np.allclose(flows.groupby(["panel", "week"])["estimate"].sum(), 1)
    assert flows.groupby(["panel", "week"])["n"].sum().unstack().nunique(axis=1).eq(1).all()


def test_a_protected_study_shows_no_course_of_a_person_and_no_moves_of_a_few(weekly):
    kept = replace(weekly, study=replace(weekly.study, disclosure="protected"))
    assert employment.sequences_figure(kept) == Absent("single_courses")
    assert not employment.transitions_table(kept).cells["column"].str.contains("next").any()
    assert employment.common_courses(kept) == Absent("observed")  # none is shared by five people


def frame_of(trial: Trial, outcome: str, gap: float, error: float, p: float, **more) -> pd.DataFrame:
    arms = [{"contrast": arm, "estimate": 5 + gap * (arm == "trained")} for arm in ("trained", "waiting")]
    both = {"contrast": trial.study.contrast, "estimate": gap, "conf_low": gap - error, "conf_high": gap + error,
            "p_value": p}  # fmt: skip
    rows = [{"outcome": outcome, "population": "all", "method": "m", **row} for row in (*arms, both)]
    return estimate_frame(rows).assign(**more)


def test_sentences_turn_with_the_interval(weekly):
    """More time, less, no clear difference, not known; sooner and later for what one waits for."""
    turns = {(2.0, 1.0, 0.01): ("2.00 weeks more with", "2.00 weeks later with"),
             (-2.0, 1.0, 0.01): ("2.00 weeks less with", "2.00 weeks sooner with"),
             (2.0, 3.0, 0.3): ("no clear difference (2.00 weeks", "no clear difference (2.00 weeks"),
             (0.0, np.nan, np.nan): ("cannot be told", "too few people had it")}  # fmt: skip
    for (gap, error, p), (in_work, before_it) in turns.items():
        [time] = employment.mean_time_results(frame_of(weekly, "works", gap, error, p), weekly)
        [wait] = employment.mean_wait_results(frame_of(weekly, "kept_a_job", gap, error, p, last=8.0), weekly)
        assert in_work in said(weekly, time) and before_it in said(weekly, wait)


def test_rates_are_said_in_points_and_turn_too(weekly):
    for gap, error, p, words in ((0.02, 0.01, 0.01, "2.0 percentage points more"), (-0.02, 0.01, 0.01, "points fewer"),
                                 (0.02, 0.03, 0.3, "no clear difference (2.0"), (0.0, np.nan, np.nan, "too few did")):
        frame = pd.concat([frame_of(weekly, name, gap, error, p) for name in ("entering", "leaving")])
        assert all(words in said(weekly, each) for each in employment.rate_results(frame, weekly))


def variants(trial: Trial) -> dict[str, Trial]:
    people, jobs, study = trial.tables["participants"], trial.tables["job_spells"], trial.study
    soon = people["included_on"] + pd.Timedelta(days=20)
    changed = {
        "one arm": ({"participants": people.assign(arm="trained")}, {"arms": study.arms[:1]}),
        "no arms": ({"participants": people.assign(arm=pd.NA)}, {"arms": ()}),
        "everybody leaves early": ({"participants": people.assign(observed_until=soon)}, {}),
        "nobody in work": ({"job_spells": jobs.iloc[:1].assign(from_date=pd.Timestamp("2031-01-06"))}, {}),
        "one week": ({}, {"horizon": Horizon(before=0, after=1), "late_window": None,
                          "primary": replace(study.primary, at=1), "alternative_outcomes": ()}),
    }  # fmt: skip
    return {name: replace(trial, tables={**trial.tables, **tables}, study=replace(study, **settings))
            for name, (tables, settings) in changed.items()}  # fmt: skip


@pytest.mark.parametrize("name", ["one arm", "no arms", "everybody leaves early", "nobody in work", "one week"])
def test_other_studies_have_what_they_can_have_and_say_nothing_else(weekly, name):
    trial = variants(weekly)[name]
    results = of_time(trial) + [make(trial) for make in (employment.transitions_table, employment.flows_figure,
                                employment.sequences_figure, employment.common_courses)]  # fmt: skip
    said = list(spoken(trial, results, drawn=name in ("no arms", "nobody in work")))
    assert [text for text, result in zip(said, results, strict=True)
            if isinstance(result, Sentence) and UNTRUE.search(text)] == []  # fmt: skip

"""Time in a state and to an event under unequal observation, transitions and courses: against R, by hand, in words."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.methods.survival import compare_restricted_means, cumulative_share, horizon_of, restricted_mean_time
from analysis.methods.time_in_state import (
    mean_time_in,
    next_steps,
    rate_of_change,
    steps_between,
    transition_matrix,
)

REFERENCE = Path(__file__).parent / "reference"
STATES = ("work", "benefit", "other")
ARMS = {"treatment": "new", "control": "usual"}
MONTHS = range(1, 13)


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


def held(found: pd.DataFrame, answers: pd.Series, name: str) -> None:
    """The estimate frame of both arms and their difference is what R says under this name."""
    rows = found.set_index("contrast")
    for arm in ARMS.values():
        assert rows.loc[arm, "estimate"] == pytest.approx(answers[f"{name}_{arm}"], abs=1e-9)
        assert rows.loc[arm, "std_error"] == pytest.approx(answers[f"{name}_{arm}_se"], abs=1e-9)
    gap = rows.loc["new_vs_usual"]
    wanted = {"estimate": "difference", "conf_low": "low", "conf_high": "high", "p_value": "p"}
    for column, quantity in wanted.items():
        assert gap[column] == pytest.approx(answers[f"{name}_{quantity}"], abs=1e-8)


# ---- against R -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("last", [6, 10])
def test_restricted_mean_time_to_an_event_is_that_of_survival(seen, answers, last):
    first = seen[seen["work"]].groupby("participant_id")["month"].min()
    people = seen.groupby("participant_id").agg(arm=("arm", "first"), time=("month", "max")).join(first.rename("event"))
    people = people.assign(happened=people["event"].notna(), time=people["event"].fillna(people["time"]))
    found = compare_restricted_means(people, outcome="work", last=last, **ARMS)
    held(found, answers, f"first_{last}")


def test_if_nobody_leaves_it_is_welchs_comparison_of_the_sums_and_aalen_and_johansens_occupation(whole, answers):
    found = mean_time_in(whole, "work", unit="month", units=MONTHS, **ARMS).set_index("contrast")
    gap = found.loc["new_vs_usual"]
    for column, quantity in {"estimate": "difference", "conf_low": "low", "conf_high": "high", "p_value": "p",
                             "df": "df"}.items():  # fmt: skip
        assert gap[column] == pytest.approx(answers[f"whole_{quantity}"], abs=1e-9)
    for state in STATES:
        rows = mean_time_in(whole, state, unit="month", units=MONTHS, **ARMS).set_index("contrast")
        for arm, n in (("new", rows.loc["new", "n_treated"]), ("usual", rows.loc["usual", "n_control"])):
            assert rows.loc[arm, "estimate"] == pytest.approx(answers[f"aj_{arm}_{state}"], abs=1e-9)
            jackknife = rows.loc[arm, "std_error"] * np.sqrt((n - 1) / n)  # R's has n where a sample variance has n − 1
            assert jackknife == pytest.approx(answers[f"aj_{arm}_{state}_se"], abs=1e-9)


@pytest.mark.parametrize("state", STATES)
def test_of_people_who_leave_it_is_the_sum_of_domain_means_clustered_by_person(seen, answers, state):
    settings = {"unit": "month", "units": MONTHS, **ARMS}
    held(mean_time_in(seen, state, **settings), answers, f"seen_{state}")
    held(mean_time_in(seen, state, weight="weight", **settings), answers, f"seen_{state}_weighted")


def test_the_error_is_that_of_leaving_one_person_out_at_a_time(seen, answers):
    found = mean_time_in(seen, "work", unit="month", units=MONTHS, **ARMS).set_index("contrast")
    for arm in ARMS.values():
        assert found.loc[arm, "std_error"] == pytest.approx(answers[f"jackknife_{arm}"], rel=0.03)


def test_rates_and_transitions_are_those_of_r(seen, answers):
    steps = next_steps(seen, "state", "month")
    work = steps.assign(before=steps["before"] == "work", after=steps["after"] == "work")
    held(rate_of_change(work, outcome="work", entering=True, **ARMS), answers, "entering")
    held(rate_of_change(work, outcome="work", entering=False, **ARMS), answers, "leaving")
    for row in transition_matrix(steps, STATES).itertuples():
        assert row.n == answers[f"next_{row.arm}_{row.before}_{row.after}"]
        assert row.share == pytest.approx(answers[f"share_{row.arm}_{row.before}_{row.after}"], abs=1e-12)


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

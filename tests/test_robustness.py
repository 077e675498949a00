"""The chapter on the conclusion: outcomes by hand, what print alone gives, verdicts, words that turn with the data."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.chapters import robustness
from analysis.chapters.robustness import estimators, grid, people, printed, sentences
from analysis.frames.needs import Absent
from analysis.frames.outcomes import person_shares
from analysis.frames.trial import open_trial
from analysis.methods.estimates import Estimate, estimate_frame
from analysis.methods.proportions import difference_in_proportions
from analysis.show import prose
from analysis.show.figures import PHONE, alt_text, draw
from analysis.show.study_words import study_catalogue
from analysis.study.between_settings import CHECKS
from analysis.study.finding import BUNDLED
from analysis.study.outcome_rules import Outcome, Step, Window
from analysis.study.reading import read_settings

HANDMADE = Path(__file__).parent / "handmade"
CATALOGUE = study_catalogue(read_settings(BUNDLED), "en", BUNDLED)
WORK = ("job_no_benefits", "sick_listed_graded", "aap_and_job")


@pytest.fixture(scope="module")
def handmade():
    return open_trial(HANDMADE)


@pytest.fixture(scope="module")
def bundled():
    return open_trial()


@pytest.fixture(scope="module")
def found(bundled):
    return robustness.specifications(bundled)


def words(sentence):
    return prose.write(sentence, "robustness", CATALOGUE)


def numbered(estimate, low, high, p, **choices):
    choices = {"outcome": "a", "population": "everyone", "estimator": "pooled", "adjustment": "nothing"} | choices
    return {**choices, "estimate": estimate, "conf_low": low, "conf_high": high, "p_value": p, "conf_level": 0.95,
            "primary": False}  # fmt: skip


def frame_of(*rows):
    frame = pd.DataFrame(rows)
    frame.loc[0, "primary"] = True
    return frame.assign(verdict=grid.verdicts(frame))


CLEAR, BELOW, OPEN = (0.07, 0.01, 0.13, 0.02), (-0.07, -0.13, -0.01, 0.02), (0.04, -0.02, 0.10, 0.2)
NOTHING = (np.nan, np.nan, np.nan, np.nan)


# Outcomes


def test_shares_of_ten_people_are_those_worked_by_hand(handmade):
    """From the runs of statuses in expected.yml; P0009 and P0010 are observed to month 13 only, P0008 to 17."""
    rules = (
        Outcome(code="now", statuses=WORK),
        Outcome(code="without", statuses=("job_no_benefits", "no_job_no_benefit", "nav_follow_up_without_benefits")),
        Outcome(code="year", measure="time_in", statuses=("job_no_benefits",), window=Window(first=1, last=12)),
        Outcome(code="whole", measure="time_in", statuses=("job_no_benefits",), window=Window(first=1, last=18)),
        Outcome(code="ever", measure="any_time", statuses=("job_no_benefits",), window=Window(first=1, last=12)),
    )
    shares = person_shares(handmade.tables, handmade.panel, handmade.study, rules, 12).set_index("participant_id")
    working = {"P0001", "P0003", "P0006", "P0008", "P0009"}
    assert set(shares.index[shares["now"] == 1]) == working
    assert set(shares.index[shares["without"] == 1]) == {"P0001", "P0005", "P0006", "P0008", "P0009"}
    assert shares.loc["P0005", "year"] == pytest.approx(5 / 12)  # months 6 to 10
    assert shares.loc["P0009", "year"] == pytest.approx(1 / 12)
    assert shares.loc["P0006", "whole"] == 1 and shares.loc[["P0008", "P0009", "P0010"], "whole"].isna().all()
    assert set(shares.index[shares["ever"] == 1]) == {"P0001", "P0005", "P0006", "P0008", "P0009"}


def test_the_primary_outcome_is_that_of_the_employment_chapter(bundled, found):
    primary = found[found["primary"]].iloc[0]
    assert primary["outcome"] == bundled.study.primary_outcome
    assert primary["estimate"] == pytest.approx(0.0694, abs=5e-5)
    assert primary["p_value"] == pytest.approx(0.015, abs=5e-4)
    assert (primary["n_treated"], primary["n_control"]) == (629, 561)


def test_who_is_not_observed_throughout_is_in_no_sum(bundled, found):
    late = found[(found["outcome"] == "months_in_work_1_to_18") & (found["population"] == "everyone")]
    at_end = bundled.extract_for("employment.people").panel
    seen = at_end.loc[at_end["month"] == 18, "participant_id"].nunique()
    assert int((late["n_treated"] + late["n_control"]).max()) == seen


def test_outcomes_say_whether_they_were_planned(bundled, found):
    told = found.drop_duplicates("outcome").set_index("outcome")["chosen"]
    assert told["fully_or_partly_in_work"] == people.PLANNED and told["in_work_no_benefits"] == people.DECLARED
    assert (told[[rule.code for rule in bundled.study.alternative_outcomes if rule.is_share]] == people.POST_HOC).all()


# Print


def test_print_alone_gives_working_at_all(bundled):
    """By printed shares by status 293 of 628 against 236 of 563: 4.7 points, p = 0.10; the primary one has 0.015."""
    checks = printed.printed_checks(bundled).set_index("outcome")
    row = checks.loc["working_at_all"]
    counts = [pd.Series([True] * k + [False] * (n - k)) for k, n in ((293, 628), (236, 563))]
    by_hand = difference_in_proportions(*counts, outcome="", population="", contrast="")
    assert row["estimate"] == pytest.approx(by_hand.estimate) and row["p_value"] == pytest.approx(by_hand.p_value)
    assert round(100 * row["estimate"], 1) == 4.7 and round(row["p_value"], 2) == 0.10
    assert checks.loc["fully_or_partly_in_work", ["estimate", "p_value"]].tolist() == [0.0694, 0.015]
    assert "half_time_job" not in checks.index  # the print has no hours
    said = " ".join(map(words, robustness.in_print(bundled)))
    assert "293 of 628 against 236 of 563" in said and "no clear difference" in said


def test_print_of_another_time_or_none_gives_nothing(bundled, handmade):
    later = replace(bundled, study=replace(bundled.study, primary=replace(bundled.study.primary, at=15)))
    assert "working_at_all" not in set(printed.printed_checks(later)["outcome"])
    assert len(printed.printed_checks(replace(handmade, folder=None))) == 0
    assert isinstance(robustness.in_print(replace(handmade, folder=None)), Absent)


# Specifications


def test_every_combination_is_there_once(bundled, found):
    choices = list(grid.CHOICES)
    assert not found.duplicated(choices).any() and found["primary"].sum() == 1
    made = len(people.family(bundled)) * len(people.populations(bundled)) * len(estimators.ways(bundled))
    assert len(found) == made and found["estimate"].notna().all()


def test_the_last_ratio_has_those_included_since(bundled):
    own = people.people_in(bundled, people.LAST_PHASE)
    assert own["included_on"].min() >= pd.Timestamp("2010-11-01") and own[people.PHASE].nunique() == 1
    assert set(people.people_in(bundled)[people.PHASE]) == {1, 2}


def test_exchanged_arms_turn_every_estimate_round(bundled, found):
    arms = [replace(arm, role={"treatment": "control", "control": "treatment"}[arm.role]) for arm in bundled.study.arms]
    frame, other = people.people_in(bundled), replace(bundled, study=replace(bundled.study, arms=tuple(arms)))
    for way in estimators.ways(bundled):
        one, turned = (estimators.estimate(trial, frame, "working_at_all", way) for trial in (bundled, other))
        assert turned.estimate == pytest.approx(-one.estimate) and turned.p_value == pytest.approx(one.p_value)


def test_a_study_without_strata_or_covariates_loses_those_ways(bundled):
    bare = replace(bundled.study, centres=(), allocation_phases=())
    trial = replace(bundled, study=bare)
    assert people.strata(trial) == [] and people.populations(trial)[-1] != people.LAST_PHASE
    assert {way.adjustment for way in estimators.ways(trial)} == {estimators.NOTHING, estimators.BACKGROUND}
    assert isinstance(robustness.pooled_against_strata(pd.DataFrame(), trial), Absent)
    armless = replace(bundled, study=replace(bare, arms=()))
    assert isinstance(robustness.specifications(armless), Absent)
    assert isinstance(robustness.curve(robustness.specifications(armless), armless), Absent)


def test_side_by_side_has_the_published_way_first(bundled):
    side = robustness.side_by_side(people.people_in(bundled), bundled, draws=200, seed=1)
    assert side["approach"].tolist() == ["as_published"] + ["today"] * (len(side) - 1)
    assert {"mantel_haenszel_strata", "by_people_strata", "drawn_anew"} <= set(side["way"])
    assert side["p_value"].between(0, 1).all()
    table = robustness.estimators_table(side, bundled)
    assert set(table.cells["row"]) == set(side["way"])


# Words


@pytest.mark.parametrize(
    ("rows", "key", "says"),
    [
        ((CLEAR, CLEAR), "title_all", "in all 2"),
        ((CLEAR, OPEN), "title_some", "1 of 2"),
        ((CLEAR, BELOW), "title_some", "2 of 2"),
        ((OPEN, OPEN), "title_none", "None"),
        ((NOTHING,), "title_unknown", "cannot be told"),
    ],
)
def test_the_title_turns_with_the_specifications(rows, key, says):
    told = robustness.title(frame_of(*(numbered(*row) for row in rows)))
    assert told.key == key and says in words(told)


def test_the_paragraph_counts_and_says_no_clear_difference(bundled):
    rows = [numbered(*CLEAR, outcome="working_at_all"), numbered(*OPEN, outcome="without_benefit"),
            numbered(*BELOW, outcome="half_time_job"), numbered(*NOTHING, outcome="half_time_job")]  # fmt: skip
    said = " ".join(map(words, robustness.overview(frame_of(*rows), bundled)))
    assert "is clearly higher in 1 of 3 specifications" in said and "no clear difference in 1." in said
    assert "−7.0 to 7.0" in said and "Even the sign depends" in said
    assert "Clear whatever else is chosen, for 2 of 3" in said and "Never clear, for 1 of 3" in said


def test_nothing_known_is_said(bundled):
    (told,) = robustness.overview(frame_of(numbered(*NOTHING)), bundled)
    assert told.key == "nothing_known" and words(told)


@pytest.mark.parametrize(("row", "says"), [(CLEAR, "higher"), (BELOW, "lower"), (OPEN, "no clear difference")])
def test_the_published_way_is_worded_by_its_interval_and_p(bundled, row, says):
    frame = frame_of(numbered(*row, outcome="working_at_all"))
    told = next(each for each in robustness.overview(frame, bundled) if each.key == "primary")
    assert says in words(told)


def test_a_verdict_needs_interval_and_p():
    rows = [numbered(0.05, 0.01, 0.09, 0.06), numbered(0.05, -0.01, 0.09, 0.04), numbered(*CLEAR), numbered(*NOTHING)]
    told = frame_of(*rows)["verdict"]
    assert told[:3].tolist() == ["unclear", "unclear", "higher"] and pd.isna(told[3])


def test_what_moves_the_estimate_is_the_choice_with_the_widest_means():
    rows = [numbered(estimate, 0, 1, 0.5, outcome=outcome, estimator=estimator) for estimate, outcome, estimator in
            ((0.10, "a", "pooled"), (0.08, "a", "x"), (0.02, "b", "pooled"), (0.00, "b", "x"))]  # fmt: skip
    found = sentences.spreads(frame_of(*rows))
    assert found["choice"].tolist() == ["outcome", "way"]
    assert found["width"].tolist() == pytest.approx([0.08, 0.02])


def test_methods_that_differ_are_told_from_those_that_agree(bundled):
    settings = {"outcome": "a", "population": "all", "contrast": "", "method": ""}
    rows = [Estimate(estimate=row[0], conf_low=row[1], conf_high=row[2], p_value=row[3], **settings)
            for row in (CLEAR, OPEN)]  # fmt: skip
    told = [robustness.methods_agree(estimate_frame(each), bundled).key for each in (rows, rows[:1])]
    assert told == ["methods_differ", "methods_agree"]
    assert robustness.methods_agree(estimate_frame([]), bundled).key == "methods_unknown"


def test_pooling_is_told_with_its_parts(bundled):
    bias = robustness.pooled_against_strata(people.people_in(bundled), bundled)
    (told,) = robustness.pooling(bias, bundled)
    assert told.values["off"].value == pytest.approx(100 * bias["bias"].sum())
    assert told.values["foretold"].value == pytest.approx(10 * (bias["of_treated"] - bias["of_control"]).iloc[1])
    assert "pooling would be off by" in words(told)
    assert robustness.pooling(bias.assign(bias=np.nan), bundled)[0].key == "pooling_unknown"


def test_estimands_have_a_row_for_each_outcome_and_two_for_the_primary(bundled):
    listing = robustness.estimands(bundled)
    keys = [cell.key for cell in listing.frame["variable"]]
    assert len(keys) - keys.count("variable_scores") - 1 == len(people.family(bundled)) + 1
    for cell in listing.frame.to_numpy().ravel():
        assert prose.value_text(cell, "robustness", CATALOGUE)


def test_estimands_of_scores_say_who_is_in_them_and_what_silence_is_taken_for(bundled):
    frame = robustness.estimands(bundled).frame.set_index("variable", drop=False)
    scores = frame[[cell.key == "variable_scores" for cell in frame["variable"]]]
    counts = {cell.key: (cell.values["n"].value, cell.values["all"].value) for cell in scores["people"]
              if "n" in cell.values}  # fmt: skip
    forms = bundled.tables["questionnaires"]
    randomised = len(bundled.people)
    assert counts["answered_then"][1] == counts["answered_once"][1] == randomised
    returned = forms.query("wave == 12")["participant_id"].nunique()
    assert counts["answered_then"][0] <= returned < counts["answered_once"][0]
    ways = ("answered", "carried", "alike", "jump", "increments", "either")
    assert [cell.key for cell in scores["events"]] == [f"silent_{way}" for way in ways]


# Picture


def test_the_curve_is_drawn_on_a_page_and_a_phone_and_told_in_words(bundled, found):
    figure = robustness.curve(found, bundled)
    assert len(figure.frame) == len(found) and {"n_treated", "n_control", "printed"} <= set(figure.frame)
    for width in ({}, {"width": PHONE}):
        svg = draw(figure, "robustness", CATALOGUE, **width)
        assert svg == draw(figure, "robustness", CATALOGUE, **width)
        assert b"Working at all" in svg and b"Number of people" in svg
    told = alt_text(figure, "robustness", CATALOGUE, {"all": "195", "clear": "29"})
    assert "195 specifications" in told and "Mantel" in told


def test_a_curve_of_few_specifications_has_no_lines_for_what_was_not_chosen(bundled, found):
    one = found[(found["population"] == "everyone") & (found["estimator"] == "pooled")]
    svg = draw(robustness.curve(one, bundled), "robustness", CATALOGUE)
    assert b"All records" not in svg and b"Without benefit" in svg


# Settings


def test_an_alternative_outcome_has_to_be_a_share_with_a_code_of_its_own():
    study = read_settings(BUNDLED)
    wrong = (Outcome(code="jobs_held", label={"en": "Jobs"}, measure="jobs"),
             Outcome(code="in_work_no_benefits", label={"en": "Work"}, statuses=("job_no_benefits",)),
             Outcome(code="beyond", label={"en": "Late"}, measure="time_in", has_job=True,
                     window=Window(first=1, last=99)))  # fmt: skip
    faults = [fault for _, check in CHECKS for fault in check(replace(study, alternative_outcomes=wrong))]
    assert [fault.place[1:] for fault in faults] == [(0, "measure"), (1, "code"), (2, "window")]


def test_step_of_an_alternative_counts_like_that_of_an_outcome(handmade):
    steps = (Step(before=("aap",), after=("aap_and_job",)),)
    rules = (Outcome(code="moved", steps=steps),)
    shares = person_shares(handmade.tables, handmade.panel, handmade.study, rules, 12)
    assert set(shares.loc[shares["moved"] == 1, "participant_id"]) == {"P0003"}

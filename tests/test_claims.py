"""A report's claims: the file is checked line by line, verdicts turn with the estimate, and pages flag what fails."""

import math
from pathlib import Path

import pandas as pd
import pytest
from bs4 import BeautifulSoup

from analysis.chapters import _claims_shown as claims_shown
from analysis.frames.needs import Absent
from analysis.frames.trial import open_trial
from analysis.published.claims import CONTRADICTED, HOLDS, NOT_CLEAR, NOT_KNOWN, NUMBERS, Claim, judge, read_claims
from analysis.published.registry import answers_of
from analysis.show.page import Page
from analysis.study.yaml_files import YamlProblems
from tests.walk import with_study

NAN = float("nan")
PLACE = {"place": "table_a", "line": 7, "says": "More.", "subject": "effect", "direction": "higher"}
PRINTED = frozenset({"table_a/row/column/n"})
# Estimates as (estimate, low, high, p).
CLEARLY_HIGHER, CLEARLY_LOWER = (5.0, 1.0, 9.0, 0.01), (-5.0, -9.0, -1.0, 0.01)
OPEN, WITHOUT_P, TEST_ALONE = (5.0, -1.0, 11.0, 0.10), (5.0, 1.0, 9.0, NAN), (NAN, NAN, NAN, 0.01)
COUNT, NOUGHT, NOTHING = (2.0, NAN, NAN, NAN), (0.0, NAN, NAN, NAN), (NAN, NAN, NAN, NAN)


def answer(*estimates):
    return pd.DataFrame(list(estimates), columns=list(NUMBERS)).assign(part="")


def claim(direction="higher", significant=None, **more):
    return Claim("some", "table_a", 7, "More.", "effect", direction, significant, **more)


@pytest.mark.parametrize(
    ("said", "found", "verdict"),
    [
        (claim(), CLEARLY_HIGHER, HOLDS),
        (claim(), OPEN, NOT_CLEAR),
        (claim(), CLEARLY_LOWER, CONTRADICTED),
        (claim(), WITHOUT_P, HOLDS),
        (claim(), COUNT, NOT_KNOWN),
        (claim("lower"), CLEARLY_LOWER, HOLDS),
        (claim("lower"), CLEARLY_HIGHER, CONTRADICTED),
        (claim(significant=True), CLEARLY_HIGHER, HOLDS),
        (claim(significant=True), OPEN, CONTRADICTED),
        (claim(significant=True, level=0.2), OPEN, HOLDS),
        (claim(significant=True), CLEARLY_LOWER, CONTRADICTED),
        (claim(significant=False), OPEN, HOLDS),
        (claim(significant=False), CLEARLY_HIGHER, CONTRADICTED),
        (claim("none"), OPEN, HOLDS),
        (claim("none"), CLEARLY_LOWER, CONTRADICTED),
        (claim("none"), TEST_ALONE, CONTRADICTED),
        (claim(), NOTHING, NOT_KNOWN),
        (claim(significant=True), TEST_ALONE, NOT_KNOWN),
        (claim("none"), NOTHING, NOT_KNOWN),
        (claim(significant=False), NOTHING, NOT_KNOWN),
        (claim(), (5.0, NAN, 9.0, NAN), NOT_KNOWN),
    ],
)
def test_verdicts_turn_with_the_estimate(said, found, verdict):
    """Reversed is contradicted, called significant and not so is contradicted, and nothing is said of NaN."""
    assert judge(said, answer(found)).verdict == verdict


@pytest.mark.parametrize(
    ("direction", "found", "verdict"),
    [
        ("higher", COUNT, HOLDS),
        ("higher", NOUGHT, CONTRADICTED),
        ("lower", COUNT, CONTRADICTED),
        ("none", NOUGHT, HOLDS),
        ("none", COUNT, CONTRADICTED),
        ("none", NOTHING, NOT_KNOWN),
    ],
)
def test_what_is_counted_is_what_it_is(direction, found, verdict):
    assert judge(claim(direction), answer(found), counted=True).verdict == verdict


def test_the_result_that_speaks_most_against_a_claim_decides():
    assert judge(claim(significant=True), answer(CLEARLY_HIGHER, OPEN)).found["p_value"] == 0.10
    weak, weaker = (5.0, -1.0, 11.0, 0.06), (5.0, -9.0, 19.0, 0.5)
    assert judge(claim(significant=True), answer(weak, weaker)).found["p_value"] == 0.5
    assert judge(claim("none"), answer(weaker, weak)).found["p_value"] == 0.06
    assert judge(claim(), answer(CLEARLY_HIGHER, NOTHING)).verdict == NOT_KNOWN
    assert judge(claim(), answer()).verdict == NOT_KNOWN


def written(tmp_path, **changed):
    entry = {**PLACE, **changed}
    lines = [f"  {key}: {value}" for key, value in entry.items() if value is not None]
    path = tmp_path / "claims.yml"
    path.write_text("\n".join(["some:", *lines]) + "\n", encoding="utf-8")
    return path


def test_a_sound_file_gives_its_claims(tmp_path):
    (found,) = read_claims(written(tmp_path, numbers="[table_a/row/column/n]"), PRINTED, {"effect"})
    assert found == Claim("some", "table_a", 7, "More.", "effect", "higher", numbers=("table_a/row/column/n",))
    assert read_claims(tmp_path / "none.yml", PRINTED, {"effect"}) == ()
    assert read_claims(written(tmp_path, place="press"), PRINTED, {"effect"}, {"press"})[0].place == "press"


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"direktion": "higher"}, "line 7, setting some.direktion: No such key; allowed are place, line, says"),
        ({"place": "table_b"}, "line 2, setting some.place: The report prints no number at table_b, and words.yml"),
        ({"subject": "cause"}, "line 5, setting some.subject: Nothing is computed under the name cause"),
        ({"direction": "up"}, "line 6, setting some.direction: It is one of higher, lower, none"),
        ({"significant": "maybe"}, "line 7, setting some.significant: It is true or false"),
        ({"level": 5}, "line 7, setting some.level: It is a share between 0 and 1"),
        ({"numbers": "[table_a/b/c/pct]"}, "line 7, setting some.numbers: The report prints no table_a/b/c/pct"),
        ({"says": None}, "setting some.says: The key says is missing"),
    ],
)  # fmt: skip
def test_faults_of_the_file_are_refused_with_file_and_line(tmp_path, changed, said):
    with pytest.raises(YamlProblems) as found:
        read_claims(written(tmp_path, **changed), PRINTED, {"effect"})
    assert "claims.yml" in str(found.value) and said in str(found.value)


@pytest.fixture(scope="module")
def trial():
    return open_trial()


@pytest.fixture(scope="module")
def judged(trial):
    return {judged.claim.name: judged for _, judged in claims_shown.judgements(trial)}


def test_every_answer_is_asked_for_and_every_claim_is_judged(trial, judged):
    assert {each.claim.subject for each in judged.values()} == set(answers_of(trial))
    assert NOT_KNOWN not in {each.verdict for each in judged.values()}


@pytest.mark.parametrize(("study", "verdicts"), [("ips", {HOLDS, NOT_CLEAR}), ("jmo", {HOLDS})])
def test_statements_of_a_text_without_tables_are_judged_and_listed_like_those_of_a_report(study, verdicts):
    """Each of them, by what the study's own package answers, on the scorecard of the study with its place and line."""
    trial = open_trial(study)
    found = claims_shown.judgements(trial)
    assert {each.claim.subject for _, each in found} == set(answers_of(trial))
    assert {each.verdict for _, each in found} == verdicts
    page = Page("reproduction", study=study, compares=True)
    shown = BeautifulSoup(page.show(claims_shown.claims_listing(trial)).html, "html.parser")
    rows = [[cell.get_text(" ", strip=True) for cell in row.find_all(["td", "th"])] for row in shown.select("tbody tr")]
    assert [row[1] for row in rows] == [str(each.claim.line) for _, each in found]
    assert [row[2] for row in rows] == [each.claim.says for _, each in found]
    assert not any("not known" in row[3] for row in rows)
    assert "is no evidence" in page.say(claims_shown.claims_overview(trial)).text


def test_statements_that_the_bundled_trial_does_not_bear_out_are_named(judged):
    """The report's own p-values of months 15 and 16 among them."""
    found = {name: each.verdict for name, each in judged.items() if each.verdict == CONTRADICTED}
    assert set(found) >= {
        "no_variation_by_sick_leave", "best_centres_significant", "work_without_benefits_not_significant",
        "work_significant_in_all_months", "fewer_benefits",
    }  # fmt: skip
    assert round(judged["best_centres_significant"].found["p_value"], 3) == 0.059
    assert round(judged["work_significant_in_all_months"].found["p_value"], 3) == 0.182
    assert judged["significant_after_a_year"].verdict == HOLDS


def test_a_page_flags_what_it_does_not_bear_out_and_whose_numbers_decide(trial):
    said = Page("employment").bullets(*claims_shown.not_borne_out(trial, "employment")).text
    assert "**Section 4.1: Among the sick-listed the effect does not vary with the time out of work.**" in said
    flagged = {line.split("**")[1]: line for line in said.split("\n") if "**" in line}
    best = next(line for start, line in flagged.items() if "8%" in start)
    assert "contradicted: 7.8 percentage points" in best and "invented people and is no finding" in best
    months = next(line for start, line in flagged.items() if "months 12 to 18 are significant" in start)
    assert "0.182" in months and "rests on numbers that the report prints" in months


def test_nothing_is_said_of_invented_people_where_data_are_real(trial):
    real = with_study(trial, data="real")
    said = Page("user_survey").bullets(*claims_shown.not_borne_out(real, "user_survey")).text
    assert "contradicted" in said and "invented" not in said and "rests on" not in said


def test_all_claims_are_listed_with_their_verdict(trial, judged):
    shown = Page("reproduction").show(claims_shown.claims_listing(trial)).html
    assert shown.count("<tr id=") == len(judged)
    assert "Contradicted" in shown and "nan" not in shown
    counted = Page("reproduction").say(claims_shown.claims_overview(trial)).text
    assert f"Of {len(judged)} statements" in counted


def test_without_claims_or_a_print_nothing_is_judged(trial):
    by_hand = open_trial(Path(__file__).parent / "handmade")
    assert claims_shown.not_borne_out(by_hand, "employment") == Absent("published:claims")
    assert claims_shown.claims_listing(with_study(trial, as_printed=None)) == Absent("as_printed")


def test_an_answer_that_the_study_cannot_give_is_not_known(trial):
    alone = with_study(trial, arms=())
    found = claims_shown.judgements(alone, "user_survey")
    assert {judged.verdict for _, judged in found} == {NOT_KNOWN}
    assert all(math.isnan(judged.found["estimate"]) for _, judged in found)
    said = Page("user_survey").bullets(*claims_shown.not_borne_out(alone, "user_survey")).text
    assert "not known" in said and "nan" not in said

"""Every printed number has a check, or a reason why none can exist; reasons are held to the relations."""

from pathlib import Path

import pytest
import yaml

from analysis.frames.trial import open_trial
from analysis.published.audit import CHECKS, audit, findings_of
from analysis.published.audit.coverage import CHECKED, REASONS, by_source, coverage
from analysis.published.audit.reading import read_relations
from analysis.published.audit.trust import DOCUMENTS, ITEMS, answers
from analysis.published.prints import report_of
from analysis.published.scorecard import CELLS, read_published
from analysis.study.problems import StudyProblems
from tests.audit.invented import invented_report
from tests.test_audit import INVENTED

ROOT = Path(__file__).parents[2]
UNCHECKED = CELLS.with_name("unchecked.yml")


@pytest.fixture(scope="module")
def published():
    return read_published()


@pytest.fixture(scope="module")
def covered(published):
    return coverage(published, read_relations(CELLS.with_name("relations.yml"), published, CHECKS), UNCHECKED)


def test_every_number_of_the_report_has_a_check_or_a_reason(covered, published):
    assert list(covered["address"]) == list(
        published["source"] + "/" + published["row"] + "/" + published["column"] + "/" + published["statistic"]
    )
    assert covered.loc[covered["why"] == "", "address"].tolist() == []
    assert set(covered["why"]) <= {CHECKED, *REASONS}


def test_nearly_every_number_has_a_check(covered):
    assert (covered["why"] == CHECKED).mean() > 0.98


def test_numbers_by_place_add_up(covered):
    counts = by_source(covered)
    assert counts["numbers"].sum() == len(covered)
    assert counts["neither"].sum() == 0


@pytest.fixture(scope="module")
def invented():
    report = invented_report(1)
    return report, read_relations(INVENTED, report, CHECKS)


def test_a_number_without_either_is_told(invented, tmp_path):
    report, relations = invented
    fewer = [relation for relation in relations if relation.check != "critical_value"]
    found = coverage(report, fewer, tmp_path / "unchecked.yml").set_index("address")
    assert list(found.index[found["why"] == ""]) == ["text/critical/all/z"]
    (tmp_path / "unchecked.yml").write_text("stated_once: [text/critical/all/z]\n", encoding="utf-8")
    found = coverage(report, fewer, tmp_path / "unchecked.yml").set_index("address")
    assert found.at["text/critical/all/z", "why"] == "stated_once"


def test_faults_of_reasons_are_listed_with_their_lines(invented, tmp_path):
    (tmp_path / "unchecked.yml").write_text(
        "too_hard:\n  - table_a/people/all/n\nstated_once:\n  - table_z/a/b/n\n  - table_a/people/treated/n\n",
        encoding="utf-8",
    )
    with pytest.raises(StudyProblems) as error:
        coverage(*invented, tmp_path / "unchecked.yml")
    text = str(error.value)
    for part in ("line 2", "too_hard", "line 4", "prints no table_z", "line 5", "has a check ("):
        assert part in text


def test_questions_about_a_trial_name_checks_that_exist_and_every_check_answers_one():
    named = {check for checks in ITEMS.values() for check in checks}
    assert named == set(CHECKS)


def test_questions_about_a_trial_are_answered_from_their_relations(invented):
    report, _ = invented
    found = audit(report, INVENTED)
    answered = answers(found, findings_of(found))
    assert answered.loc["integers", "relations"] == found["check"].isin(ITEMS["integers"]).sum()
    assert (answered["holds"] == answered["relations"]).all()
    assert answered["findings"].sum() == 0
    assert answered.loc["criteria"].tolist() == [0, 0, 0]
    assert answered.loc[DOCUMENTS, "relations"] == 0
    apart = answers(found, findings_of(found), {"text"}).loc[DOCUMENTS, "relations"]
    places = [{each.split("/")[0] for each in addresses} for addresses in found["addresses"]]
    assert apart == sum("text" in each and len(each) > 1 for each in places) > 0


def test_a_relation_answers_the_question_that_it_asks_beside_those_of_its_check():
    found = report_of(open_trial()).findings
    answered = answers(found, findings_of(found))
    asking = found[found["asks"] == "follow_up"]
    assert answered.loc["follow_up", "relations"] == len(asking) > 0 == len(ITEMS["follow_up"])
    assert answered.loc["outcomes", "relations"] > found["check"].isin(ITEMS["outcomes"]).sum()
    assert set(found["asks"]) == {"", "follow_up", "outcomes"}


def test_a_bound_that_is_not_about_people_is_no_question_of_numbers_of_people():
    """Dates that are in the wrong order: nobody is counted there."""
    found = report_of(open_trial("jmo")).findings
    answered = answers(found, findings_of(found))
    assert set(findings_of(found)["check"]) == {"at_least"} and answered.loc["contradictions", "findings"] == 1
    assert answered.loc["numbers"].tolist() == [0, 0, 0]


def test_a_question_that_does_not_exist_is_refused(invented, tmp_path):
    wrong = INVENTED.read_text(encoding="utf-8").replace("  bears_on:", "  asks: luck\n  bears_on:", 1)
    (tmp_path / "relations.yml").write_text(wrong, encoding="utf-8")
    with pytest.raises(StudyProblems, match=r"'luck' is not allowed\. Choose criteria"):
        audit(invented[0], tmp_path / "relations.yml")


def test_all_eleven_questions_on_results_are_asked_in_their_order():
    words = yaml.safe_load((ROOT / "analysis/show/words/en/audit.yml").read_text(encoding="utf-8"))["tables"]["trust"]
    assert [words["rows"][item].rsplit("(", 1)[1] for item in ITEMS] == [f"4.{number})" for number in range(1, 12)]

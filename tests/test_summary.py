"""The summary quotes the chapters: same numbers, same words, links to each of them."""

from dataclasses import replace
from pathlib import Path

import pytest

from analysis.chapters import employment, summary
from analysis.frames.needs import Absent
from analysis.frames.trial import open_trial
from analysis.show.page import Page
from analysis.study.economics import Economics
from tests.walk import PROSE, shown

NOTEBOOK = Path(__file__).parents[1] / "notebooks" / "summary.ipynb"


@pytest.fixture(scope="module")
def trial():
    return open_trial()


@pytest.fixture(scope="module")
def ips():
    return open_trial("ips")


@pytest.mark.parametrize("study", ["trial", "ips"])
def test_work_rows_are_those_of_the_employment_chapter(study, request):
    """The primary outcome at its time leads; then the others, and the primary one at the end of the late window."""
    trial = request.getfixturevalue(study)
    shown = summary.table_work(trial).cells.set_index(["row", "column", "statistic"])["value"]
    names = {new: old for old, new in summary.main_rows(trial).items()}
    whole = employment.late_shares_table(trial).cells.set_index(["row", "column", "statistic"])["value"]
    assert shown.rename(index=names, level="row").equals(whole.loc[[(names[row], *key) for row, *key in shown.index]])
    primary, late = trial.study.primary_outcome, trial.study.late.last
    assert next(iter(summary.main_rows(trial))) == f"month_12_{primary}"
    assert f"month_{late}_{primary}" in summary.main_rows(trial)


def test_only_what_a_study_has_is_told(ips):
    """The trial of individual job support has work and nothing else; each other part says in one line what it needs."""
    page = Page("summary", study="ips")
    assert "were in ordinary work: 11.7 percentage points more" in page.say(summary.title(ips)).text
    assert page.show(summary.table_work(ips)).html and page.show(summary.figure_effects(ips)).html
    for part in (summary.health_findings(ips), summary.economic_findings(ips), summary.user_findings(ips)):
        assert page.bullets(*part).text.startswith("*Not in this study")


def test_the_summary_says_in_its_prose_nothing_of_work_that_no_report_prints(ips, monkeypatch):
    """Its first line is held to what its points are held to."""
    prose = [text for kind, text in shown(monkeypatch, "summary", ips) if kind == PROSE]
    assert prose and not any("larger share" in text or "in ordinary work" in text for text in prose)


def test_interviews_alone_make_a_summary_without_a_claim_about_work():
    jmo = open_trial("jmo")
    assert summary.title(jmo) == Absent("registers") and summary.key_numbers(jmo) == {}
    assert isinstance(summary.table_health(jmo), Absent) and isinstance(summary.figure_effects(jmo), Absent)
    told = summary.user_findings(jmo)
    assert "interviewed" in Page("user_survey", study="jmo").bullets(*told).text
    # Its users are invented, so that what they say is nothing for a summary.
    assert "not in the published report" in Page("summary", study="jmo").bullets(*told, of="user_survey").text


def test_without_two_arms_the_title_is_a_share(trial):
    alone = replace(trial, study=replace(trial.study, arms=trial.study.arms[:1], as_printed=None))
    sentence = summary.title(alone)
    assert (sentence.key, sentence.of) == ("share_of_all", "employment")
    assert isinstance(summary.figure_effects(alone), Absent)
    assert {column for _, column, *_ in summary.table_work(alone).cells.itertuples(index=False)} == {"total"}


CAVEATS = {
    "work": ("no clear difference for all participants", "less than what is usually called small", "53.3% who"),
    "groups": ("not yet a difference between them",),
    "sure": ("1.3 to 12.5", "among the 498 and 425 people observed so long"),
    "pay": ("interval of the computed net present value includes zero",),
}


@pytest.fixture(scope="module")
def front(trial):
    """Question → its answer as the front page has it."""
    answers = summary.answers(trial)
    return {answer.question: Page("summary").answers(answer).text for answer in answers}


def test_four_answers_in_the_order_of_the_questions(front):
    assert list(front) == list(CAVEATS)


@pytest.mark.parametrize("question", CAVEATS)
def test_what_changes_the_reading_stays_with_its_answer(front, question):
    """Response, size, later follow-up, and an interval that includes zero stand in the answer that they are about;
    those to the first finding in the very paragraph."""
    assert [caveat for caveat in CAVEATS[question] if caveat not in front[question]] == []
    first = front[question].split("\n")[1]
    assert CAVEATS[question][0] in first


@pytest.mark.parametrize("question", CAVEATS)
def test_published_stands_beside_computed(front, question):
    """The printed numbers are read from the print: 6.9 points in Table 8, 24 against 12 per cent, NOK −2.26 million."""
    printed = {"work": "6.9 percentage points more", "groups": "24% against 12%", "sure": "7.7 percentage points more",
               "pay": "NOK −2.26 million"}  # fmt: skip
    told = front[question] if question == "pay" else front[question].split("*Published:*")[1]
    assert printed[question] in told.replace("\u00a0", " ")


def test_invented_people_answer_nothing_that_no_report_prints(ips, trial):
    """The article on IPS prints no share at month 12; without the addresses of a print only its calculation is told."""
    assert summary.answers(ips) == []
    rules = {name: rule for name, rule in trial.study.as_printed.rules.items() if name != "summary.printed"}
    silent = replace(trial, study=replace(trial.study, as_printed=replace(trial.study.as_printed, rules=rules)))
    assert [answer.question for answer in summary.answers(silent)] == ["pay"]
    real = replace(ips, study=replace(ips.study, data="real"))
    assert [answer.question for answer in summary.answers(real)] == ["work", "sure"]


def test_a_study_without_economics_or_arms_is_asked_less(trial):
    poor = replace(trial, study=replace(trial.study, economics=Economics(), as_printed=None, data="real"), folder=None)
    assert [answer.question for answer in summary.answers(poor)] == ["work", "groups", "sure"]
    assert summary.answers(open_trial("jmo")) == []


def test_title_turns_with_the_interval(trial):
    assert summary.title(trial).direction == "higher"
    assert summary.title(trial, conf_level=0.999).direction == "unclear"


def test_sentences_keep_the_words_of_their_chapter(trial):
    page = Page("summary")
    [sentence, *_] = summary.work_findings(trial)
    assert page.say(sentence, of="employment").text == Page("employment").say(sentence).text


def test_key_findings_are_written_with_their_chapter(trial, tmp_path):
    import json

    page = Page("summary", results=str(tmp_path))
    page.bullets(*summary.work_findings(trial), of="employment")
    said = json.loads((tmp_path / "summary" / "sentences.json").read_text())
    assert {entry["chapter"] for entry in said} == {"employment"}
    assert any(entry["finding"] for entry in said)


def test_the_page_links_to_every_results_chapter():
    text = NOTEBOOK.read_text(encoding="utf-8")  # as it is stored, with the notes that its cells show
    for chapter in ("employment", "health", "cost_benefit", "process_evaluation", "user_survey"):
        assert f"({chapter}.ipynb)" in text

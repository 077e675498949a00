"""Words by which authors compare and count in their own notes and pages: all are held, and changed ones are found."""

import re
from pathlib import Path

import pandas as pd
import pytest

from analysis.book.claims import written
from analysis.book.claims.written import Known, faults_of_written, known_of
from analysis.chapters.health.measures import ALL_SCORES
from analysis.methods.fidelity import rank_correlation, smallest_significant_correlation
from analysis.study.yaml_files import read_yaml

ROOT = Path(__file__).parents[1]
STUDIES = {name: ROOT / "data" / name for name in ("sfj", "ips", "jmo")}
OTHER = {
    "more": "fewer", "fewer": "more", "higher": "lower", "lower": "higher", "larger": "smaller", "smaller": "larger",
    "largest": "smallest", "longer": "shorter", "shorter": "longer", "better": "worse", "most": "least", "all": "none",
    "none": "all", "both": "most", "nobody": "everybody", "everybody": "nobody", "no clear": "a clear",
    "clearly": "hardly clear", "two": "three", "three": "four", "four": "five", "five": "six", "six": "seven",
    "seven": "eight", "nine": "ten", "half": "a third",
}  # fmt: skip


@pytest.mark.parametrize("name", STUDIES)
def test_every_comparing_or_counting_word_is_held_or_has_its_reason(name):
    assert [str(fault) for fault in faults_of_written(STUDIES[name], known_of(STUDIES[name]))] == []


def note(folder, text):
    (folder / "words" / "en").mkdir(parents=True)
    (folder / "words" / "en" / "work.yml").write_text(f"notes: {{result: {text!r}}}\n", encoding="utf-8")
    return folder


def causes(folder, how, text="With it more people were in work."):
    listed = {"work.notes.result": {"more people": how}} if how else {}
    printed = {"table_1/employed/a/pct": 44.2, "table_1/employed/b/pct": 37.3}
    known = Known({"more_work": "higher", "less_work": "lower"}, printed, listed)
    return [fault.cause for fault in faults_of_written(note(folder, text), known)]


@pytest.mark.parametrize("how", [
    "the text names it", {"claim": "more_work"},
    {"rule": "a > b", "a": "table_1/employed/a/pct", "b": "table_1/employed/b/pct"},
])  # fmt: skip
def test_a_phrase_is_held_to_a_reason_a_statement_or_printed_numbers(tmp_path, how):
    assert causes(tmp_path, how) == []


@pytest.mark.parametrize(("how", "cause"), [
    (None, "nothing holds “more”"),
    ({"claim": "less_work"}, "the statement less_work says lower"),
    ({"claim": "nosuch"}, "the report has no statement nosuch"),
    ({"rule": "a < b", "a": "table_1/employed/a/pct", "b": "table_1/employed/b/pct"}, "it does not hold that a < b"),
    ({"rule": "a > 1", "a": "table_1/employed/c/pct"}, "table_1/employed/c/pct is not printed"),
    ({"why": "so"}, "a phrase has a reason, a claim or a rule, not why"),
])  # fmt: skip
def test_and_to_nothing_else(tmp_path, how, cause):
    assert any(cause in found for found in causes(tmp_path, how))


def test_a_phrase_that_is_gone_is_told_and_so_is_the_word_in_its_place(tmp_path):
    text = "With it fewer people were in work, no clear difference for two of five."
    found = causes(tmp_path, {"claim": "more_work"}, text)
    assert sorted(cause.split(":")[0] for cause in found) == [
        "nothing holds “clear”", "nothing holds “fewer”", "nothing holds “five”", "nothing holds “no clear”",
        "nothing holds “two”", "“more people” is listed, and does not stand there",
    ]  # fmt: skip


@pytest.mark.parametrize("name", STUDIES)
def test_each_word_changed_to_its_contrary_is_found(tmp_path, name):
    """One at a time in the study's own pages, whatever way it is held; how a score is read is held below."""
    known, planted, missed = known_of(STUDIES[name]), 0, []
    words = re.compile(rf"(?<!at )\b(?:{'|'.join(OTHER)})\b", flags=re.IGNORECASE)  # “at most” is a bound
    for page in sorted((STUDIES[name] / "pages").glob("*.md")):
        plain, place = written._plain(page.read_text(encoding="utf-8")), f"pages.{page.stem}"
        own = Known(known.directions, known.printed, {place: known.listed.get(place, {})})
        for found in words.finditer(plain):
            (tmp_path / page.stem / "pages").mkdir(parents=True, exist_ok=True)
            changed = plain[: found.start()] + OTHER[found[0].lower()] + plain[found.end() :]
            (tmp_path / page.stem / "pages" / page.name).write_text(changed, encoding="utf-8")
            planted += 1
            told = list(faults_of_written(tmp_path / page.stem, own))
            missed += [] if told else [plain[max(0, found.start() - 40) : found.end() + 20]]
    assert planted > 15 and missed == []


@pytest.mark.parametrize("folder", [ROOT / "analysis/show/words/en", STUDIES["sfj"] / "words/en"])
def test_captions_tell_which_way_a_score_is_better(folder):
    figures = read_yaml(folder / "health.yml")["figures"]
    for score in ALL_SCORES:
        caption = figures.get(f"means_{score.column}", {}).get("caption", "")
        assert "better" not in caption or f"{score.better} is better" in caption, score.column
    note = read_yaml(folder / "health.yml")["tables"]["scores_at_last_wave"]["notes"][0]
    assert "Lower is better for HADS, SHC and fatigue, higher for EQ-5D and the health ladder" in " ".join(note.split())
    assert {score.instrument for score in ALL_SCORES if score.better == "higher"} == {"eq5d"}


def test_an_arm_has_one_name_in_all_words():
    """The control arm is no “control group” on some pages and “control arm” on others."""
    texts = [*ROOT.glob("analysis/show/words/en/**/*.yml"), *ROOT.glob("book/*.md"), *ROOT.glob("data/*/pages/*.md"),
             *ROOT.glob("data/*/words/en/*.yml"), *ROOT.glob("data/*/published/*.yml")]  # fmt: skip
    assert len(texts) > 50
    named = [path.name for path in texts if "control group" in " ".join(path.read_text(encoding="utf-8").split())]
    assert named == []


def test_words_of_the_engine_and_of_the_pages_of_every_book_are_held(tmp_path):
    """They are about no study; one that is changed, or added, has to be read anew."""
    words = ROOT / "analysis/show/words/en"
    assert [str(fault) for fault in written.faults_of_engine(words)] == []
    page = (ROOT / "book/index.md").read_text(encoding="utf-8")
    (tmp_path / "index.md").write_text(page + "\nWith the programme more people were in work.\n", encoding="utf-8")
    added = [fault.cause for fault in written.faults_of_engine(words, tmp_path) if fault.place == "pages.index"]
    assert len(added) == 1 and added[0].startswith("nothing holds “more”")


def test_words_of_methods_are_held_one_by_one(monkeypatch):
    """Each that is changed to its contrary is found, in whatever method's page."""
    words, known, planted, missed = ROOT / "analysis/show/words/en", written.known_of_engine(), 0, []
    texts = [each for each in written._texts(words, ROOT / "no pages") if each[0].startswith("methods.")]
    turned = re.compile(rf"(?<!at )\b(?:{'|'.join(OTHER)})\b", flags=re.IGNORECASE)
    for place, text in texts:
        plain, own = written._plain(text), Known(listed={place: known.listed.get(place, {})}, printed=known.printed)
        for found in turned.finditer(plain):
            changed = plain[: found.start()] + OTHER[found[0].lower()] + plain[found.end() :]
            monkeypatch.setattr(written, "_texts", lambda *_, told=(place, changed): [told])
            planted += 1
            told = list(written._faults(words, words, own))
            missed += [] if told else [f"{place}: {plain[max(0, found.start() - 40) : found.end() + 20]}"]
    assert planted > 200 and missed == []


def test_what_a_method_says_of_simulated_trials_is_held_to_them(monkeypatch):
    words, told = ROOT / "analysis/show/words/en", written.engine_numbers()
    too_few = {name: 0.9 if name.endswith("/coverage") else value for name, value in told.items()}
    monkeypatch.setattr(written, "engine_numbers", lambda: too_few)
    causes = {fault.place for fault in written.faults_of_engine(words)}
    assert causes == {"methods.partial_pooling.simulated"}


def test_numbers_in_the_words_of_fidelity_are_those_of_the_method():
    said = read_yaml(ROOT / "analysis/show/words/en/methods/fidelity.yml")
    sections = {"staffing": "three", "organisation": "eight", "services": "fourteen"}
    numbers, formula = {"three": 3, "eight": 8, "fourteen": 14}, " ".join(said["fidelity_totals"]["formula"].split())
    for section, many in sections.items():
        first, last = map(int, re.findall(r"\d+", said["fidelity_totals"]["columns"][section]))
        assert last - first + 1 == numbers[many] and f"{many} on {section}" in formula
    two_pairs_changed = (pd.Series(ranks) for ranks in ([1, 2, 3, 4, 5, 6], [2, 1, 4, 3, 5, 6]))
    found, told = rank_correlation(*two_pairs_changed).iloc[0], " ".join(said["rank_correlation"]["simulated"].split())
    assert found["estimate"] == pytest.approx(smallest_significant_correlation(6))
    assert f"below 0.05 is {found['p_value']:.3f}" in told
    assert [smallest_significant_correlation(n) <= 1 for n in (4, 5)] == [False, True]

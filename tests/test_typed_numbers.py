"""Numbers that authors typed into captions, notes and labels: all are held, and changed ones are found."""

from pathlib import Path

import pytest

from analysis.book.claims import typed
from analysis.book.claims.told import NUMERAL
from analysis.book.claims.typed import Facts, engine_facts, facts_of, faults_of_words
from analysis.study.yaml_files import read_yaml

ROOT = Path(__file__).parents[1]
STUDIES = {name: ROOT / "data" / name for name in ("sfj", "ips", "jmo")}
WORDS = {"engine": ROOT / "analysis/show/words/en"} | {name: path / "words/en" for name, path in STUDIES.items()}


def facts(name):
    return engine_facts() if name == "engine" else facts_of(STUDIES[name])


@pytest.mark.parametrize("name", WORDS)
def test_every_typed_number_is_held_or_listed_with_its_reason(name):
    assert [str(fault) for fault in faults_of_words(WORDS[name], facts(name))] == []


def words(folder, text, chapter="employment", place="notes"):
    folder.mkdir()
    (folder / f"{chapter}.yml").write_text(f"tables:\n  late:\n    {place}: [{text!r}]\n", encoding="utf-8")
    return folder


KNOWN = Facts(frozenset({"8", "4.1", "A.2"}), frozenset({"0", "12", "18"}), {"table_08/month_18/sfj/p": 0.0184})


@pytest.mark.parametrize(
    ("right", "wrong"),
    [("As in Table 8 and section 4.1.", "As in Table 9 and section 4.1."),
     ("In months 12 to 18.", "In months 12 to 17."), ("After 12 months.", "After 13 months."),
     ("From 0 to 21 points.", "From 0 to 22 points."), ("At the 5% level.", "At the 6% level."),
     ("n − 1 degrees", "n − 3 degrees"), ("Of nobody.", "Of 629 people.")],
)  # fmt: skip
def test_a_typed_number_is_what_it_names(tmp_path, right, wrong):
    assert list(faults_of_words(words(tmp_path / "right", right), KNOWN)) == []
    found = [fault.cause for fault in faults_of_words(words(tmp_path / "wrong", wrong), KNOWN)]
    assert found and all("nothing holds the typed number" in cause for cause in found)


@pytest.mark.parametrize(
    ("listed", "cause"),
    [({"0.018": "table_08/month_18/sfj/p"}, None), ({"0.018": "the level of a test"}, None),
     ({"0.018": "table_08/month_18/sfj/z"}, "which is not printed"), ({}, "nothing holds the typed number 0.018"),
     ({"0.018": "table_08/month_18/sfj/p", "7": "a reason"}, "7 is listed, and is not typed there")],
)  # fmt: skip
def test_a_listed_number_is_the_printed_one_or_has_a_reason_and_stands_there(tmp_path, listed, cause):
    known = Facts(printed=KNOWN.printed, listed={"employment.tables.late.notes.0": listed})
    found = [fault.cause for fault in faults_of_words(words(tmp_path / "own", "Printed is 0.018."), known)]
    assert found == [] if cause is None else len(found) == 1 and cause in found[0]
    changed = [fault.cause for fault in faults_of_words(words(tmp_path / "changed", "Printed is 0.017."), known)]
    assert "nothing holds the typed number 0.017: Printed is 0.017." in changed


@pytest.mark.parametrize(
    ("named", "right"), [("section 4.1, table 8", True), ("section 4.1, table 9", False), ("", False)]
)
def test_a_text_names_the_places_that_are_listed_for_it(tmp_path, named, right):
    known = Facts(KNOWN.places, named={"employment.tables.late.notes.0": named})
    found = list(faults_of_words(words(tmp_path / "own", "As in Table 8 and section 4.1."), known))
    assert (found == []) is right


def test_a_caption_calls_a_printed_table_as_the_print_does(tmp_path):
    folder = tmp_path / "own"
    folder.mkdir()
    (folder / "employment.yml").write_text('tables: {late: {caption: "Table 8. Work"}}\n', encoding="utf-8")
    known = Facts(KNOWN.places, names={"employment.late": "Table 8"})
    assert list(faults_of_words(folder, known)) == []
    (found,) = faults_of_words(folder, Facts(KNOWN.places, names={"employment.late": "Table A.2"}))
    assert found.cause == "the caption says Table 8, which is Table A.2 in print"


def _changed(name):
    """(key, text with the last digit of one number changed) for each typed number of the words."""
    for path in sorted(WORDS[name].glob("*.yml")):
        for key, text in typed.texts_of(read_yaml(path) or {}):
            text = " ".join(typed._MARKUP.sub(" ", text).split())
            for found in NUMERAL.finditer(text):
                last = max(place for place in range(*found.span()) if text[place].isdigit())
                yield path.stem, key, text[:last] + str((int(text[last]) + 5) % 10) + text[last + 1 :], found.start()


def test_changed_digits_are_found_also_where_another_table_or_section_of_the_print_is_named():
    planted, missed = 0, []
    for name in WORDS:
        known = facts(name)
        for chapter, key, wrong, start in _changed(name):
            planted += 1
            unheld, place = [numeral for numeral, _ in typed._unheld(key, wrong, known)], f"{chapter}.{key}"
            own = known.listed.get(place, {})
            found = set(unheld) - set(own) or set(own) - set(unheld) or typed._wrong_name(chapter, key, wrong, known)
            found = found or list(typed._wrongly_named(place, wrong, known))
            missed += [] if found else [wrong[max(0, start - 60) : start + 20]]
    assert planted > 500 and len(missed) <= 0.035 * planted, missed

"""Numbers that authors typed into words and pages: all are held, and changed ones are found."""

from pathlib import Path

import pytest

from analysis.book.claims import typed
from analysis.book.claims.numbers import engine_numbers, number_at
from analysis.book.claims.told import NUMERAL
from analysis.book.claims.typed import Facts, engine_facts, facts_of, faults_of_words

ROOT = Path(__file__).parents[1]
STUDIES = {name: ROOT / "data" / name for name in ("sfj", "ips", "jmo")}
WORDS = {"engine": ROOT / "analysis/show/words/en"} | {name: path / "words/en" for name, path in STUDIES.items()}
PAGES = {"engine": ROOT / "book"} | {name: path / "pages" for name, path in STUDIES.items()}


def facts(name):
    return engine_facts() if name == "engine" else facts_of(STUDIES[name])


@pytest.mark.parametrize("name", WORDS)
def test_every_typed_number_is_held_or_listed_with_its_reason(name):
    assert [str(fault) for fault in faults_of_words(WORDS[name], facts(name), PAGES[name])] == []


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


@pytest.mark.parametrize(("part", "text"), [
    ("methods/means", "methods: {mean: {formula: Of 2000 intervals 94.1% held the truth.}}"),
    ("employment", "sentences: {work: {higher: "+'"'+"In all {n} of 629 people.\"}}"),
    ("book", "banner: Some 12 numbers"), ("common", "words: {of: [one of 14]}"),
])  # fmt: skip
def test_no_text_of_any_kind_is_passed_over(tmp_path, part, text):
    """Pages of methods, sentences and whatever else has words are held like captions and notes."""
    path = tmp_path / f"{part}.yml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    assert [fault for fault in faults_of_words(tmp_path, KNOWN) if "nothing holds the typed number" in fault.cause]


def test_numbers_of_pages_are_held_but_those_of_lists_and_of_pages_that_are_made(tmp_path):
    (tmp_path / "own.md").write_text("1. First\n2. Then\n\nIn all 629 people, as `at 12`.\n", encoding="utf-8")
    (tmp_path / "made.md").write_text("Found: 0.21\n", encoding="utf-8")
    (found,) = faults_of_words(tmp_path, Facts(made=frozenset({"pages.made"})), tmp_path)
    assert (found.place, found.cause[:36]) == ("pages.own", "nothing holds the typed number 629: ")


@pytest.mark.parametrize(("address", "right"), [
    ("simulated/share/Wilson/effect/trials", 2000), ("parameters/ips25/bands/good", 100),
    ("parameters/eq5d/uk_tto_mvh_a1/mobility/3", 0.314), ("code/analysis.frames.people/AGE_LIMITS/1", 30),
    ("benchmarks/suppression/studies", 1000), ("code/analysis.frames.people/NOSUCH", None),
    ("code/nosuch/NAME", None), ("code/analysis.frames.people/AGE_LIMITS/9", None), ("parameters/ips25/none", None),
])  # fmt: skip
def test_a_typed_number_of_the_engine_may_be_that_of_a_parameter_a_constant_or_what_was_measured(address, right):
    assert number_at(address, engine_numbers()) == right


def test_in_a_formula_values_are_held():
    assert typed.bare(r"with $y = 1 - 0.081 x$ and $$n - 1$$ of `3.5`") == "with 0.081 and of"


def _changed(name, made):
    """(key, text with the last digit of one number changed) for each typed number of the words."""
    for place, text in typed.all_texts(WORDS[name], PAGES[name]):
        text = typed.bare(text)
        for found in NUMERAL.finditer(text) if place not in made else ():
            last = max(place for place in range(*found.span()) if text[place].isdigit())
            changed = text[:last] + str((int(text[last]) + 5) % 10) + text[last + 1 :]
            yield *place.split(".", 1), changed, found.start()


def test_changed_digits_are_found_also_where_another_table_or_section_of_the_print_is_named():
    planted, missed = 0, []
    for name in WORDS:
        known = facts(name)
        for chapter, key, wrong, start in _changed(name, known.made):
            planted += 1
            unheld, place = [numeral for numeral, _ in typed._unheld(key, wrong, known)], f"{chapter}.{key}"
            own = known.listed.get(place, {})
            found = set(unheld) - set(own) or set(own) - set(unheld) or typed._wrong_name(chapter, key, wrong, known)
            found = found or list(typed._wrongly_named(place, wrong, known))
            missed += [] if found else [wrong[max(0, start - 60) : start + 20]]
    assert planted > 500 and len(missed) <= 0.035 * planted, missed

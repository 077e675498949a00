"""The catalogue finds words in the right order and names what it lacks."""

import os

import pytest
import yaml

from analysis.catalogue import FOLDER, Catalogue, MissingText
from analysis.prose import DIRECTIONS

COMMON = """
rows: {aap: Common AAP, job: Common job}
columns: {sfj: Common SFJ}
waves: {0: At inclusion, 12: A year on}
texts: {yes: Agreed}
"""
CHAPTER = """
rows: {aap: Chapter AAP}
tables:
  text_4.1:
    caption: "In work: {share} of {people}"
    notes: [First note., "Second note, {n} people."]
    rows: {aap: Table AAP}
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "en").mkdir()
    (tmp_path / "en" / "common.yml").write_text(COMMON, encoding="utf-8")
    (tmp_path / "en" / "chapter.yml").write_text(CHAPTER, encoding="utf-8")
    return tmp_path


@pytest.fixture
def words(folder):
    return Catalogue(folder=folder)


def test_text_with_values_under_a_name_with_a_point(words):
    assert words.text("chapter.tables.text_4.1.caption", share="44%", people="630") == "In work: 44% of 630"
    assert words.text("chapter.tables.text_4.1.notes.1", n="7") == "Second note, 7 people."


def test_missing_key_is_named(words):
    with pytest.raises(MissingText, match=r"chapter\.tables\.table_07\.caption.*en/chapter\.yml"):
        words.text("chapter.tables.table_07.caption")


def test_missing_value_is_named(words):
    with pytest.raises(MissingText, match=r"text_4\.1\.caption.*people"):
        words.text("chapter.tables.text_4.1.caption", share="44%")


def test_missing_chapter_and_language_are_named(folder, words):
    with pytest.raises(MissingText, match=r"en/nowhere\.yml"):
        words.text("nowhere.title")
    with pytest.raises(MissingText, match=r"'nb'; there is: en"):
        Catalogue("nb", folder=folder)


def test_a_branch_is_no_text(words):
    with pytest.raises(MissingText, match=r"holds a dict"):
        words.text("chapter.rows")


def test_labels_go_from_the_result_outwards(words):
    assert words.label("chapter", "rows", "aap", "text_4.1") == "Table AAP"
    assert words.label("chapter", "rows", "aap") == "Chapter AAP"
    assert words.label("chapter", "rows", "job") == "Common job"


def test_the_study_names_its_arms_before_the_common_words(folder):
    named = Catalogue(folder=folder, names={"columns": {"sfj": "The trial's own name"}})
    assert named.label("chapter", "columns", "sfj") == "The trial's own name"


def test_missing_label_names_group_key_and_result(words):
    with pytest.raises(MissingText, match=r"chapter\.rows\.nothing \(result text_4\.1\)"):
        words.label("chapter", "rows", "nothing", "text_4.1")


def test_keys_are_text_even_where_yaml_reads_numbers_or_booleans(words):
    assert words.label("chapter", "waves", "12") == "A year on"
    assert words.label("chapter", "texts", "true") == "Agreed"


def test_a_changed_file_is_read_anew(folder, words):
    assert words.label("chapter", "rows", "aap") == "Chapter AAP"
    path = folder / "en" / "chapter.yml"
    path.write_text("rows: {aap: New words}", encoding="utf-8")
    os.utime(path, ns=(1, 1))
    assert words.label("chapter", "rows", "aap") == "New words"


@pytest.mark.parametrize("path", sorted((FOLDER / "en").glob("*.yml")), ids=lambda path: path.stem)
def test_sentences_that_turn_have_all_three_directions(path):
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    entries = content.get("sentences", {}).items()
    turning = {key: text for key, text in entries if isinstance(text, dict) and set(text) & set(DIRECTIONS)}
    assert {key: set(text) for key, text in turning.items() if set(text) != set(DIRECTIONS)} == {}
    assert [key for key, text in turning.items() if text["higher"] == text["lower"]] == []


@pytest.mark.parametrize("path", sorted((FOLDER / "en").glob("*.yml")), ids=lambda path: path.stem)
def test_every_table_and_figure_has_its_words(path):
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert [name for name, entry in content.get("tables", {}).items() if "caption" not in entry] == []
    assert [name for name, entry in content.get("figures", {}).items() if not {"caption", "alt"} <= set(entry)] == []

"""The catalogue finds words in the right order and names what it lacks."""

import ast
import os
import re
import string
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

import analysis.chapters
from analysis.show.catalogue import FOLDER, Catalogue, MissingText
from analysis.show.prose import DIRECTIONS

DATA = Path(__file__).parents[1] / "data"
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


def test_words_of_the_study_are_put_into_texts_and_not_into_formulas(folder):
    (folder / "en" / "chapter.yml").write_text("note: 'With {programme}: $\\text{programme}$'", encoding="utf-8")
    named = Catalogue(folder=folder, words={"programme": r"A \\1 B"})
    assert named.get("chapter.note") == r"With A \\1 B: $\text{programme}$"


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


CHAPTERS = Path(analysis.chapters.__file__).parent
CHAPTER_NAMES = sorted({path.stem for path in CHAPTERS.iterdir() if path.stem in {p.stem for p in FOLDER.glob("en/*")}})
KINDS = {"Sentence": "sentences", "Table": "tables", "Figure": "figures", "Listing": "listings"}


def sources(chapter: str) -> list[ast.Module]:
    folder = CHAPTERS / chapter
    paths = sorted(folder.glob("*.py")) if folder.is_dir() else [folder.with_suffix(".py")]
    return [ast.parse(path.read_text(encoding="utf-8")) for path in paths]


def calls(chapter: str) -> Iterator[tuple[str, ast.Call]]:
    """Each call in a chapter's code that names a sentence, table, figure or listing outright."""
    for module in sources(chapter):
        for node in ast.walk(module):
            named = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in KINDS
            if named and node.args and isinstance(node.args[0], ast.Constant):
                yield KINDS[node.func.id], node


def placeholders(template: object) -> set[str]:
    texts = template.values() if isinstance(template, dict) else [template]
    return {name for text in texts for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def test_the_chapters_are_found():
    assert len(CHAPTER_NAMES) >= 9
    assert sum(1 for chapter in CHAPTER_NAMES for _ in calls(chapter)) > 100


@pytest.mark.parametrize("chapter", CHAPTER_NAMES)
def test_every_name_in_a_chapters_code_has_its_words(chapter):
    words = Catalogue()
    parts = {keyword.value.value for _, call in calls(chapter) for keyword in call.keywords if keyword.arg == "part"
             and isinstance(keyword.value, ast.Constant)}  # fmt: skip
    lost = []
    for kind, call in calls(chapter):
        name = call.args[0].value
        keys = [name, *(f"{name}_{part}" for part in parts)]
        if not any(words.get(f"{chapter}.{kind}.{key}") is not None for key in keys):
            lost.append(f"{kind}.{name}")
    # Some sentences and tables are shown in the words of another chapter (`of=`), then that chapter has them.
    assert [key for key in lost if not any(words.get(f"{other}.{key}") for other in CHAPTER_NAMES)] == []


def template_of(call: ast.Call, chapter: str) -> object:
    """The template of a sentence's call; only the variant, where the code writes out its direction."""
    template = Catalogue().get(f"{chapter}.sentences.{call.args[0].value}")
    if isinstance(template, dict) and len(call.args) > 2 and isinstance(call.args[2], ast.Constant):
        return template[call.args[2].value]
    return template


@pytest.mark.parametrize("chapter", CHAPTER_NAMES)
def test_sentences_get_the_values_they_have_places_for(chapter):
    wrong = []
    for kind, call in calls(chapter):
        given = call.args[1] if len(call.args) > 1 else None
        written_out = isinstance(given, ast.Dict) and all(isinstance(key, ast.Constant) for key in given.keys)
        template = template_of(call, chapter) if kind == "sentences" and written_out else None
        if template is not None and (keys := {key.value for key in given.keys}) != placeholders(template):
            wrong.append((call.args[0].value, sorted(keys ^ placeholders(template))))
    assert wrong == []


def composed_names(module: ast.Module) -> Iterator[str]:
    """Patterns of names that the code puts together: those of sentences, or any around a word of its own."""
    nodes = list(ast.walk(module))
    sentences = [node for node in nodes if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Sentence"]
    named = [node.args[0] for node in sentences if node.args]
    for node in nodes:
        if isinstance(node, ast.JoinedStr):
            fixed = [part.value if isinstance(part, ast.Constant) else None for part in node.values]
            if node in named or any(len(text or "") > 3 for text in fixed):
                yield "".join("[a-z0-9_]+" if text is None else re.escape(text) for text in fixed)


@pytest.mark.parametrize("chapter", CHAPTER_NAMES)
def test_no_sentence_is_left_that_nobody_says(chapter):
    modules = sources(chapter)
    written = {node.value for module in modules for node in ast.walk(module) if isinstance(node, ast.Constant)}
    composed = [pattern for module in modules for pattern in composed_names(module)]
    left = [key for key in Catalogue().get(f"{chapter}.sentences", {}) if key not in written]
    assert [key for key in left if not any(re.fullmatch(p, name) for p in composed for name in (key, f"{key}.x"))] == []


def test_words_of_the_study_go_into_every_text(folder):
    texts = 'rows: {a: "{programme} arm"}\nsentences: {s: "{n} in {programme}."}\nnotes: ["{programme} only"]'
    (folder / "en" / "own.yml").write_text(texts, encoding="utf-8")
    (folder / "en" / "common.yml").write_text("words: {programme: the programme}", encoding="utf-8")
    plain, named = Catalogue(folder=folder), Catalogue(folder=folder, words={"programme": "IPS"})
    assert (plain.label("own", "rows", "a"), named.label("own", "rows", "a")) == ("the programme arm", "IPS arm")
    assert named.text("own.sentences.s", n="3") == "3 in IPS."
    assert named.get("own.notes") == ["IPS only"]


@pytest.mark.parametrize("file", sorted(FOLDER.glob("*/*.yml")) + sorted(DATA.glob("*/words/*/*.yml")), ids=str)
def test_a_difference_of_shares_is_not_told_as_one_of_people(file):
    """“More people offered it were in work” speaks of numbers of people where shares of unlike arms are compared."""
    lines = file.read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if re.search(r"\b(More|Fewer) people (offered|with|in the|had|were)\b", line)] == []


@pytest.mark.parametrize("file", sorted(FOLDER.glob("*/*.yml")) + sorted(DATA.glob("*/words/*/*.yml")), ids=str)
def test_each_note_below_a_table_or_figure_is_a_whole_sentence(file):
    """`[One, two.]` is two notes in YAML, not a sentence with a comma."""
    words = yaml.safe_load(file.read_text(encoding="utf-8"))
    notes = [note for group in ("tables", "figures", "listings") for own in (words.get(group) or {}).values()
             for note in own.get("notes") or ()]  # fmt: skip
    assert [note for note in notes if not re.match(r"[A-Z“{*\dn]", note) or note.rstrip()[-1] not in ".:})"] == []

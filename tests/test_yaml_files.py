"""The one YAML reader: no key twice at any depth, dates as text, and every fault with its line."""

import pytest
import yaml

from analysis.study.yaml_files import YamlProblems, parse_yaml, read_document, read_yaml

NESTED = """
a: {b: [1, {c: 2}]}
d:
  - e: 1
    f: 2
"""


def faults(text: str) -> list[tuple[int | None, str | None, str]]:
    with pytest.raises(YamlProblems) as raised:
        parse_yaml(text, "some.yml")
    return [(problem.row, problem.column, problem.cause) for problem in raised.value.problems]


@pytest.mark.parametrize(
    ("text", "row", "column", "lines"),
    [
        ("a: 1\nb: 2\na: 3\n", 3, "a", "lines 1 and 3"),
        ("a: 1\n'a': 2\n\"a\": 3\n", 2, "a", "lines 1, 2 and 3"),
        ("a:\n  b: 1\n  b: 1\n", 3, "a.b", "lines 2 and 3"),
        ("- a: 1\n- {b: 1, c: 2, b: 3}\n", 2, "1.b", "line 2"),
        ("yes: 1\ntrue: 2\n", 2, "True", "lines 1 and 2"),
        ("x: &x {a: 1}\n<<: *x\n<<: *x\n", 3, "<<", "lines 2 and 3"),
        ("x: &x\n  a: 1\n  a: 2\ny: *x\n", 3, "x.a", "lines 2 and 3"),
    ],
)
def test_a_key_that_stands_twice_is_refused_with_its_lines(text, row, column, lines):
    assert faults(text) == [(row, column, f"The same key stands more than once, in {lines}.")]


def test_all_repeated_keys_are_told_at_once():
    assert [fault[:2] for fault in faults("a: 1\nb: {c: 1, c: 2}\na: 2\n")] == [(2, "b.c"), (3, "a")]


@pytest.mark.parametrize("text", ["a: {b: 1}\nc: {b: 1}\n", "x: &x {a: 1}\ny: {<<: *x, a: 2}\n", "1: a\n'1': b\n"])
def test_keys_that_differ_or_overrule_a_merged_one_are_fine(text):
    assert parse_yaml(text, "some.yml") == yaml.safe_load(text)


@pytest.mark.parametrize(
    ("text", "row"), [("a: 1\nb: [1\n", 3), ("\ta: 1\n", 1), ("a: !own 1\n", 1), ("[a]: 1\n", 1), ("a: 0x_\n", None)]
)
def test_what_is_not_yaml_is_one_located_problem(text, row):
    assert faults(text) == [(row, None, "The file is not valid YAML.")]


def test_of_a_tag_is_said_that_it_is_one_and_of_letters_where_they_are(tmp_path):
    with pytest.raises(YamlProblems, match="exclamation mark"):
        parse_yaml("name: !!python/object/apply:os.system [ls]\n", "some.yml")
    (tmp_path / "some.yml").write_bytes("a: 1\nb: bjørn\n".encode("latin-1"))
    with pytest.raises(YamlProblems, match="line 2: The file is not UTF-8"):
        read_yaml(tmp_path / "some.yml")


def test_dates_stay_text_and_all_else_is_as_in_yaml():
    assert parse_yaml("a: 2010-06-31\nb: [1, 2.5, yes, null]\n", "some.yml") == {
        "a": "2010-06-31", "b": [1, 2.5, True, None]}  # fmt: skip
    assert parse_yaml("", "some.yml") is None


def test_the_line_of_a_setting_is_that_of_its_deepest_part(tmp_path):
    path = tmp_path / "some.yml"
    path.write_text(NESTED, encoding="utf-8-sig")
    document = read_document(path)
    assert document.content == read_yaml(path) == yaml.safe_load(NESTED)
    places = {("a", "b", 1, "c"): 2, ("d", 0, "f"): 5, ("d", 0, "g"): 4, ("d", 3): 3, ("h",): 2}
    assert {place: document.line(place) for place in places} == places

"""Numbers are written in the language's notation, and no sentence says more than its interval shows."""

import math

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.show import prose
from analysis.show.catalogue import Catalogue, MissingText
from analysis.show.places import Place, is_level, places
from analysis.show.prose import Label, Number, Sentence, counted, write

CHAPTER = """
rows: {aap: those on AAP}
sentences:
  result:
    higher: "{points} points more of {who} were in work ({p})."
    lower: "{points} points fewer of {who} were in work ({p})."
    unclear: "No clear difference among {who} ({p})."
  plain: "There were {n} people."
  both: "First: {first}"
"""


@pytest.fixture
def words(tmp_path):
    for language in ("en", "nb"):
        (tmp_path / language).mkdir()
        (tmp_path / language / "common.yml").write_text("{}", encoding="utf-8")
        (tmp_path / language / "chapter.yml").write_text(CHAPTER, encoding="utf-8")
    return Catalogue(folder=tmp_path)


@pytest.mark.parametrize(
    ("number", "english", "norwegian"),
    [
        (prose.count(1193), "1,193", "1\u00a0193"),
        (prose.percent(44.16), "44.2%", "44,2\u00a0%"),
        (prose.points(-6.94), "6.9", "6,9"),
        (prose.decimal(-1.25, 2), "−1.25", "−1,25"),
        (prose.nok(-13056.4), "−13,056", "−13\u00a0056"),
        (prose.million_nok(4_900_000), "4.9", "4,9"),
        (prose.p_value(0.0154), "p = 0.015", "p = 0,015"),
        (prose.p_value(0.0004), "p < 0.001", "p < 0,001"),
        (Number(2012, "year"), "2012", "2012"),
        (prose.p_value(0.0009), "p < 0.001", "p < 0,001"),
        (prose.month(18), "18", "18"),
        (prose.percent(float("nan")), "–", "–"),
    ],
)
def test_numbers_in_two_languages(number, english, norwegian):
    assert prose.format_number(number, "en") == english
    assert prose.format_number(number, "nb") == norwegian


def test_rounding_is_half_away_from_zero_and_knows_no_negative_nought():
    printed = [prose.fixed(value, 2, "en") for value in (2.675, 1.005, 0.125, -0.125, -0.001)]
    assert printed == ["2.68", "1.01", "0.13", "−0.13", "0.00"]


@given(st.floats(-1e6, 1e6), st.integers(0, 4))
def test_rounding_stays_within_half_a_step(value, decimals):
    step = 10.0**-decimals
    assert abs(prose.round_half_up(value, decimals) - value) <= step / 2 + 1e-8


def test_intervals_use_a_dash_only_where_it_cannot_be_read_as_a_minus():
    assert prose.interval(28.7, 34.0, 1, "en") == "28.7–34.0"
    assert prose.interval(-1.2, 3.4, 1, "en") == "−1.2 to 3.4"
    assert prose.interval(float("nan"), 3.4, 1, "en") == "–"


def test_p_values_outside_their_range_are_refused():
    with pytest.raises(ValueError, match="between 0 and 1"):
        prose.format_p(1.2, "en")


def test_unknown_kind_and_bare_number_are_refused(words):
    with pytest.raises(ValueError, match="unknown kind of number 'share'"):
        Number(1, "share")
    with pytest.raises(TypeError, match=r"bare int .* wrap it"):
        prose.write(Sentence("plain", {"n": 5}), "chapter", words)


@pytest.mark.parametrize(
    ("low", "high", "null", "direction"),
    [
        (0.1, 0.3, 0, "higher"),
        (-0.3, -0.1, 0, "lower"),
        (-0.1, 0.3, 0, "unclear"),
        (0.0, 0.3, 0, "unclear"),
        (1.1, 1.4, 1, "higher"),
        (0.8, 1.4, 1, "unclear"),
        (math.nan, 0.3, 0, "unclear"),
    ],
)
def test_direction_by_interval(low, high, null, direction):
    assert prose.direction_of(pd.Series({"conf_low": low, "conf_high": high}), null) == direction


@given(st.floats(-50, 50), st.floats(0, 30))
def test_no_direction_contradicts_the_sign(estimate, half_width):
    direction = prose.direction_of({"conf_low": estimate - half_width, "conf_high": estimate + half_width})
    if direction == "higher":
        assert estimate > 0
    elif direction == "lower":
        assert estimate < 0
    else:
        assert abs(estimate) <= half_width


@given(st.floats(-50, 50), st.floats(0, 1))
def test_direction_by_p_follows_sign_and_level(estimate, p):
    direction = prose.direction_by_p(estimate, p, 0.05)
    assert (direction == "unclear") == (p >= 0.05 or estimate == 0)
    assert direction != ("lower" if estimate > 0 else "higher")


def test_swapped_interval_is_refused():
    with pytest.raises(ValueError, match="swapped"):
        prose.direction_of({"conf_low": 2.0, "conf_high": 1.0})


@pytest.mark.parametrize(
    ("direction", "text"),
    [
        ("higher", "6.9 points more of those on AAP were in work (p = 0.015)."),
        ("lower", "6.9 points fewer of those on AAP were in work (p = 0.015)."),
        ("unclear", "No clear difference among those on AAP (p = 0.015)."),
    ],
)
def test_the_words_turn_with_the_direction(words, direction, text):
    values = {"points": prose.points(-6.9), "who": Label("rows", "aap"), "p": prose.p_value(0.015)}
    assert prose.write(Sentence("result", values, direction), "chapter", words) == text


def test_a_sentence_within_a_sentence(words):
    inner = Sentence("plain", {"n": prose.count(1193)})
    assert prose.write(Sentence("both", {"first": inner}), "chapter", words) == "First: There were 1,193 people."


def test_direction_and_variants_must_go_together(words):
    with pytest.raises(ValueError, match=r"chapter\.sentences\.result needs a direction"):
        prose.write(Sentence("result"), "chapter", words)
    with pytest.raises(ValueError, match=r"takes no direction"):
        prose.write(Sentence("plain", {"n": prose.count(1)}, "higher"), "chapter", words)
    with pytest.raises(ValueError, match="'up'"):
        Sentence("result", direction="up")


def test_missing_sentence_is_named(words):
    with pytest.raises(MissingText, match=r"chapter\.sentences\.nothing"):
        prose.write(Sentence("nothing"), "chapter", words)


def test_several_names_are_joined_as_in_speech(words):
    names = {size: ("Oslo", "Troms", prose.count(1416))[:size] for size in (1, 2, 3)}
    said = [prose.value_text(parts, "chapter", words) for parts in names.values()]
    assert said == ["Oslo", "Oslo and Troms", "Oslo, Troms and 1,416"]


def test_amounts_and_p_values_do_not_break_over_two_lines():
    text = prose.unbroken("A loss of NOK 3,557 or NOK −12 (p = 0.015; p < 0.001), as NOK and p go.")
    assert text == (
        "A loss of NOK\u00a03,557 or NOK\u00a0−12 (p\u00a0=\u00a00.015; p\u00a0<\u00a00.001), as NOK and p go."
    )


def test_a_tie_is_never_broken_unsaid():
    """All that share a place are named, also the last one asked for; what prints alike ties; NaN has no place."""
    shares = {"a": 23.51, "b": 23.49, "c": 30.0, "d": math.nan, "e": 1.0}
    assert [place.keys for place in places(shares, fewest=2)] == [("c",), ("a",)]
    assert [place.keys for place in places(shares, fewest=2, decimals=1)] == [("c",), ("a", "b")]
    assert places(shares, lowest=True)[0] == Place(("e",), 1.0)
    assert places({"d": math.nan}) == ()
    between = {"first": 8.2, "unknown": math.nan, "small": 0.8, "large": 21.0, "then": 17.6}
    assert [place.keys for place in places(between, fewest=2)] == [("large",), ("then",)]


def test_level_is_said_only_of_several_that_print_alike():
    assert is_level({"a": 2.04, "b": 2.01, "c": math.nan}, decimals=1)
    assert not is_level({"a": 2.04, "b": 2.01})
    assert not is_level({"a": 2.0}) and not is_level({})


@pytest.mark.parametrize(("n", "said"), [(1, "1 user"), (0, "0 users"), (22, "22 users"), (1200, "1,200 users")])
def test_a_number_agrees_with_its_noun(n, said):
    assert write(counted(n, "users"), "user_survey", Catalogue()) == said


@pytest.mark.parametrize(("treated", "control", "adds"), [(45.3815, 37.6471, False), (44.1971, 37.2549, True)])
def test_a_difference_that_rounded_shares_do_not_have_is_explained(tmp_path, treated, control, adds):
    """45.4 − 37.6 is printed as 7.7 after month 18, and 44.2 − 37.3 as 6.9 after month 12."""
    folder = tmp_path / "words" / "en"
    folder.mkdir(parents=True)
    (folder / "own.yml").write_text("sentences: {gap: '{treated} against {control}: {points} points.'}\n")
    catalogue = Catalogue("en", own=tmp_path / "words")
    shares = {"treated": prose.percent(treated), "control": prose.percent(control)}
    values = shares | {"points": prose.points(treated - control)}
    text = prose.write(Sentence("gap", values), "own", catalogue)
    assert ("rounded shares differ by 7.8" in text) is not adds
    assert prose.adds_up((float("nan"), 1), (3.0, 1), (1.0, 1))

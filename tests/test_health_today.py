"""The health chapter as one would do it today: ways side by side, several scores, sizes, and words that turn."""

from dataclasses import replace
from math import nan
from pathlib import Path

import pandas as pd
import pytest

from analysis.chapters import health
from analysis.chapters.health import conclusion, measures, missing, several, sizes, tipping
from analysis.frames.needs import Absent
from analysis.frames.trial import open_trial
from analysis.methods.imputation import ASSUMPTIONS
from analysis.show import prose
from analysis.show.figures import draw
from analysis.show.study_words import study_catalogue
from analysis.show.tables import lay_out

HANDMADE = Path(__file__).parent / "handmade"
DEPRESSION = measures.score_named("hads_depression")
# The other end of what a sentence can say, by its key.
KEYS = (
    "survives_all", "survives_most", "survives_few", "survives_none", "stays_open_all", "stays_open_most",
    "stays_open_few", "stays_open_none",
)  # fmt: skip


@pytest.fixture(scope="module")
def bundled():
    return open_trial()


@pytest.fixture(scope="module")
def catalogue(bundled):
    return study_catalogue(bundled.study, "en", bundled.folder)


@pytest.fixture(scope="module")
def handmade():
    return open_trial(HANDMADE)


def cell(table, row, column, statistic):
    return table.cells.set_index(["row", "column", "statistic"])["value"].loc[(row, column, statistic)]


def pretend(monkeypatch, module, name, frame):
    monkeypatch.setattr(module, name, lambda *_, **__: frame)


# Ways side by side ----------------------------------------------------------------------------------------------------


def test_the_table_holds_what_other_tables_say_of_the_same_way(bundled):
    table, adjusted = health.missing_answers_table(bundled), health.adjusted_scores(bundled)
    for score in measures.scores_in(bundled):
        assert cell(table, "adjusted", score.key, "b") == cell(adjusted, score.key, "adjusted_baseline", "b")
        # imputed at random is the model of all waves once more, with everybody counted
        gap = cell(table, "missing_at_random", score.key, "b") - cell(table, "mmrm", score.key, "b")
        assert abs(gap) < 0.02 * abs(cell(table, "mmrm", score.key, "ci_low"))
        assert cell(table, "lee_lower", score.key, "b") <= cell(table, "lee_upper", score.key, "b")
        assert abs(cell(table, "jump_to_reference", score.key, "b")) < abs(
            cell(table, "missing_at_random", score.key, "b")
        )


def test_ways_stand_under_the_print_or_post_hoc_and_without_a_print_under_neither(bundled):
    assert set(missing.approaches(bundled)) == {"in_print", "post_hoc"}
    assert "mmrm" in missing.approaches(bundled)["post_hoc"]
    general = replace(bundled, study=replace(bundled.study, as_printed=None))
    assert set(missing.approaches(general)) == {"usual", "today"}


def test_tables_and_figures_have_their_words(bundled, catalogue):
    for table in (health.missing_answers_table(bundled), health.several_table(bundled, draws=50),
                  health.importance_table(bundled)):  # fmt: skip
        lay_out(table, "health", catalogue)
    for figure in (health.missing_answers_figure(bundled), health.tipping_figure(bundled, "hads_depression")):
        assert draw(figure, "health", catalogue).startswith(b"<?xml")


def verdict_frame(bundled, published, others):
    """Ways with intervals that say `published` and, one by one, `others`."""
    ends = {"lower": (-2, -1), "higher": (1, 2), "unclear": (-1, 1), None: (nan, nan)}
    said = {"adjusted": published, **dict(zip((*missing.TODAY[:-2], "lee_lower"), others, strict=True))}
    rows = [{"way": way, "estimate": sum(ends[told]) / 2, "conf_low": ends[told][0], "conf_high": ends[told][1]}
            for way, told in said.items()]  # fmt: skip
    return pd.DataFrame(rows)


@pytest.mark.parametrize(
    ("published", "others", "key"),
    [
        ("lower", ["lower"] * 6, "survives_all"),
        ("lower", ["lower"] * 4 + ["unclear", "higher"], "survives_most"),
        ("higher", ["higher"] * 3 + ["unclear"] * 3, "survives_few"),
        ("lower", ["unclear"] * 5 + ["higher"], "survives_none"),
        ("unclear", ["unclear"] * 6, "stays_open_all"),
        ("unclear", ["unclear"] * 5 + ["lower"], "stays_open_most"),
        ("unclear", ["unclear"] * 2 + ["lower"] * 4, "stays_open_few"),
        ("unclear", ["lower"] * 6, "stays_open_none"),
        ("lower", ["lower"] * 4 + [None, None], "survives_all"),
    ],
)
def test_the_conclusion_turns_with_the_ways(bundled, catalogue, monkeypatch, published, others, key):
    pretend(monkeypatch, conclusion, "ways_with_missing_answers", verdict_frame(bundled, published, others))
    sentence = conclusion.conclusion(bundled, "hads_depression")
    assert sentence.key == key
    assert sentence.values["all"].value == sum(told is not None for told in others)
    assert "–" not in prose.write(sentence, "health", catalogue)


@pytest.mark.parametrize(("published", "others"), [(None, ["lower"] * 6), ("lower", ["lower"] * 3 + [None] * 3)])
def test_nothing_is_concluded_from_what_is_not_known(bundled, monkeypatch, published, others):
    pretend(monkeypatch, conclusion, "ways_with_missing_answers", verdict_frame(bundled, published, others))
    assert conclusion.conclusion(bundled, "hads_depression") == Absent("enough_answers")


def test_a_trial_of_ten_people_says_what_it_can_and_no_more(handmade):
    for said in (health.weights_told(handmade), health.tipping_sentence(handmade, "hads_total"),
                 *health.conclusions(handmade)[:3]):  # fmt: skip
        assert said == Absent("enough_answers")
    table = health.missing_answers_table(handmade)
    assert table.cells.loc[table.cells["row"].isin(ASSUMPTIONS), "value"].isna().all()


# Several scores -------------------------------------------------------------------------------------------------------


def several_frame(p_values, holm, max_t):
    clear = [p < 0.05 for p in p_values]
    return pd.DataFrame({"estimate": 1.0, "conf_low": [0.1 if one else -0.1 for one in clear], "conf_high": 2.0,
                         "p_value": p_values, "holm": holm, "max_t": max_t, "clear": clear})  # fmt: skip


@pytest.mark.parametrize(
    ("frame", "key", "headline", "short"),
    [
        (several_frame([0.001, 0.03], [0.002, 0.03], [0.002, 0.03]), "correction_leaves", "clear_scores",
         "stands_among_all"),
        (several_frame([0.001, 0.04], [0.002, 0.08], [0.002, 0.07]), "correction_leaves", "clear_scores",
         "some_fall_among_all"),
        (several_frame([0.03, 0.04], [0.06, 0.06], [0.06, 0.07]), "correction_leaves_none", "clear_scores_alone",
         "all_fall_among_all"),
        (several_frame([0.03, 0.04], [0.06, 0.06], [0.04, 0.07]), "correction_leaves", "clear_scores_alone",
         "all_fall_among_all"),
        (several_frame([0.3, 0.4], [0.6, 0.6], [0.6, 0.7]), "correction_of_nothing", "no_clear_scores", None),
    ],
)  # fmt: skip
def test_headline_and_correction_turn_with_the_p_values(bundled, catalogue, monkeypatch, frame, key, headline, short):
    pretend(monkeypatch, several, "corrected", frame)
    pretend(monkeypatch, several, "compared_at_equal_start", frame)
    assert health.correction(bundled).key == key
    assert several.clear_scores(bundled).key == headline
    told = health.correction_in_short(bundled)
    assert told == Absent("enough_answers") if short is None else told.key == short
    prose.write(health.correction(bundled), "health", catalogue)


def test_nothing_is_corrected_that_is_not_known(bundled, monkeypatch):
    unknown = several_frame([nan, nan], nan, nan).assign(conf_low=nan, estimate=nan)
    pretend(monkeypatch, several, "corrected", unknown)
    pretend(monkeypatch, several, "compared_at_equal_start", unknown)
    assert health.correction(bundled) == several.clear_scores(bundled) == Absent("enough_answers")


def test_p_values_stand_in_order_and_draws_hang_on_the_seed(bundled):
    table = health.several_table(bundled, draws=200, seed=1)
    for score in measures.scores_in(bundled):
        raw, holm, drawn = (cell(table, score.key, column, "p") for column in ("alone", "holm", "max_t"))
        assert raw <= holm
        assert drawn <= 1
    again, other = (health.several_table(bundled, draws=200, seed=seed).cells["value"] for seed in (1, 2))
    assert again.equals(table.cells["value"])
    assert not other.equals(again)


# Sizes ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("low", "high", "limit", "said"),
    [
        (1.6, 3.0, 1.5, sizes.AT_LEAST), (-3.0, -1.5, 1.5, sizes.AT_LEAST),
        (-1.4, 1.4, 1.5, sizes.SMALLER), (-1.29, -0.1, 1.5, sizes.SMALLER),
        (0.5, 1.6, 1.5, sizes.OPEN), (-2.0, -1.0, 1.5, sizes.OPEN), (-9.0, 9.0, 1.5, sizes.OPEN),
        (0.5, 1.6, nan, sizes.NONE), (nan, nan, 1.5, None),
    ],
)  # fmt: skip
def test_what_an_interval_says_of_an_important_difference(low, high, limit, said):
    row = pd.Series({"estimate": (low + high) / 2, "conf_low": low, "conf_high": high})
    assert sizes.verdict(row, limit) == said


def test_important_differences_are_those_of_the_instruments(bundled, catalogue):
    limits = {score.column: sizes.important_difference(score) for score in measures.ALL_SCORES}
    known = {column: limit for column, limit in limits.items() if limit == limit}
    assert known == {"hads_total": 1.6, "hads_depression": 1.5, "hads_anxiety": 1.5, "eq5d_index": 0.074,
                     "health_ladder": 7}  # fmt: skip
    for column in limits:
        text = prose.write(health.importance(bundled, column), "health", catalogue)
        assert ("not established" in text) == (column not in known)


# The map of the silent ------------------------------------------------------------------------------------------------


def test_the_middle_of_the_map_is_imputation_at_random_and_marks_are_clear_differences(bundled):
    frame = tipping.deltas_in(bundled, "hads_depression").set_index(["row", "column"])
    middle = frame.loc[("0.0", "0.0")]
    assert middle["estimate"] == cell(
        health.missing_answers_table(bundled), "missing_at_random", "hads_depression", "b"
    )
    assert (frame["marked"] == ((frame["conf_low"] > 0) | (frame["conf_high"] < 0))).all()
    # silent treated worse off, silent controls better off: the difference goes over to the other side
    assert frame.loc[("0.6", "-0.6"), "estimate"] > 0 > frame.loc[("-0.6", "0.6"), "estimate"]


def test_what_the_map_of_the_silent_calls_its_rows_stands_in_its_download(catalogue):
    """So that a page's numbers are found there, and people who open the file read a number."""
    for group in ("rows", "columns"):
        said = catalogue.entry(f"health.figures.tipping.{group}")
        assert {float(code): float(label.replace("−", "-")) for code, label in said.items()} == {
            delta: delta for delta in tipping.DELTAS}  # fmt: skip
        assert list(said) == list(map(str, tipping.DELTAS))


def test_the_tipping_sentence_needs_a_clear_difference(bundled, catalogue):
    for score in measures.ALL_SCORES:
        sentence = health.tipping_sentence(bundled, score.column)
        low, high = (cell(health.missing_answers_table(bundled), "missing_at_random", score.key, end)
                     for end in ("ci_low", "ci_high"))  # fmt: skip
        assert (sentence.key == "tipping") == (low > 0 or high < 0)
        text = prose.write(sentence, "health", catalogue)
        assert ("nothing to overturn" in text) == (low <= 0 <= high)


def test_with_everybody_known_there_is_nothing_to_tip(bundled):
    answered = bundled.health.dropna(subset=["hads_depression_m12"])["participant_id"]
    tables = {name: frame[frame["participant_id"].isin(answered)] if "participant_id" in frame else frame
              for name, frame in bundled.tables.items()}  # fmt: skip
    whole = replace(bundled, tables=tables)
    assert health.tipping_sentence(whole, "hads_depression").key == "nobody_missing"
    assert isinstance(health.tipping_figure(whole, "hads_depression"), Absent)

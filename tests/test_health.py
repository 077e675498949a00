"""The health chapter: hand-made trial, keys of the print, formulas of the print, words that turn with the data."""

import re
from dataclasses import replace
from functools import partial
from math import sqrt
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from scipy import stats

from analysis.chapters import health
from analysis.chapters.health import conclusion, measures, missing, sensitivity, sentences, tables
from analysis.chapters.health.expectations import ITEMS
from analysis.frames.health import health_frame
from analysis.frames.instruments import SCORES
from analysis.frames.needs import Absent
from analysis.frames.trial import open_trial
from analysis.published.registry import printed_tables
from analysis.show import prose
from analysis.show.figures import draw
from analysis.show.study_words import study_catalogue
from analysis.show.tables import lay_out

ROOT = Path(__file__).parent.parent
HANDMADE = Path(__file__).parent / "handmade"
SCORED = [
    "hads_anxiety",
    "hads_depression",
    "hads_total",
    "eq5d_index",
    "health_ladder",
    "shc_total",
    "chalder_total",
    "chalder_bimodal",
]
TABLES = (
    health.response_table, health.scores_at_last_wave, health.adjusted_scores, health.baseline_by_response,
    health.carried_forward, health.adjusted_models, health.caseness_table, health.carried_table,
    health.missing_answers_table, health.importance_table, partial(health.several_table, draws=50),
)  # fmt: skip
# Where the print calls a row of Table 10 by another name than its other tables.
PRINTED_ROWS = {"eq5d_index": "function_eq5d"}
PUBLISHED_TABLES = ["table_10", "table_11", "table_12", "table_13", "table_14", "table_15", "table_16", "text_4.2"]


@pytest.fixture(scope="module")
def handmade():
    return open_trial(HANDMADE)


@pytest.fixture(scope="module")
def expected():
    return yaml.safe_load((HANDMADE / "expected.yml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def bundled():
    return open_trial()


@pytest.fixture(scope="module")
def swapped(bundled):
    """The bundled trial with the arms exchanged: every finding must turn round."""
    other = {"sfj": "control", "control": "sfj"}
    people = bundled.tables["participants"]
    turned = people.assign(arm=people["arm"].map(other).astype(people["arm"].dtype))
    return replace(bundled, tables={**bundled.tables, "participants": turned})


@pytest.fixture(scope="module")
def published():
    cells = pd.read_csv(ROOT / "data" / "sfj" / "published" / "cells.csv")
    return cells[cells["source"].isin(PUBLISHED_TABLES)]


def all_tables(trial):
    """Every table of the chapter that the trial can give, under the engine's own names."""
    made = [
        *(table(trial) for table in TABLES),
        *(table(trial, item) for table in (health.single_item_means, health.single_item_rank_sums) for item in ITEMS),
    ]
    return [table for table in made if not isinstance(table, Absent)]


def printed(trial):
    """The tables of the chapter under the names and keys of the print."""
    return list(printed_tables(trial, "health"))


def as_print_has_it(trial, name):
    return next(table for table in printed(trial) if table.name == name)


def value(table, row, column, statistic):
    cells = table.cells.set_index(["row", "column", "statistic"])["value"]
    return cells.loc[(row, column, statistic)]


# The trial made by hand -----------------------------------------------------------------------------------------------


def test_scores_of_the_handmade_trial(handmade, expected):
    rows = {
        (person, wave): [np.nan if score is None else score for score in row]
        for person, waves in expected["scores"].items()
        for wave, row in waves.items()
    }
    by_hand = pd.DataFrame.from_dict(rows, orient="index", columns=SCORED)
    by_hand.index = pd.MultiIndex.from_tuples(by_hand.index, names=["participant_id", "wave"])
    computed = handmade.scores.set_index(["participant_id", "wave"])[SCORED].sort_index()
    np.testing.assert_allclose(computed.to_numpy(), by_hand.sort_index().to_numpy(dtype=float), atol=1e-12)
    assert computed.index.tolist() == by_hand.sort_index().index.tolist()


def test_response_and_who_counts_as_having_answered(handmade, expected):
    table = health.response_table(handmade)
    for wave, arms in expected["health"]["returned"].items():
        for arm, people in arms.items():
            assert value(table, f"returned_{wave}m", arm, "n") == people
            assert value(table, f"returned_{wave}m", arm, "pct") == pytest.approx(100 * people / 5)
    frame = handmade.health
    assert frame.loc[frame["responded"], "participant_id"].tolist() == expected["health"]["answered_at_12"]


def test_carried_values_and_their_means(handmade, expected):
    score = measures.score_named("hads_total")
    carried = tables.carried_scores(handmade, score).set_index("participant_id")
    for person, (points, wave) in expected["health"]["carried_hads_total"].items():
        row = carried.loc[person, ["hads_total", "from_wave"]]
        assert [None if pd.isna(entry) else entry for entry in row] == [points, wave]
    for arm, mean in expected["health"]["carried_means"].items():
        assert value(health.carried_forward(handmade), "hads_total", arm, "mean") == pytest.approx(mean)


def test_caseness_counts_people_with_the_score_only(handmade, expected):
    table = health.caseness_table(handmade)
    for arm, (cases, people) in expected["health"]["depression_cases_at_inclusion"].items():
        assert value(table, "depression_m0", arm, "n") == people
        assert value(table, "depression_m0", arm, "pct") == pytest.approx(100 * cases / people)


# Keys and relations between tables ------------------------------------------------------------------------------------


def test_every_published_number_of_the_chapter_has_a_computed_cell(bundled, published):
    keys = ["source", "row", "column", "statistic"]
    computed = pd.concat([table.cells.assign(source=table.name) for table in printed(bundled)])
    assert not computed.duplicated(keys).any()
    wanted = set(published[keys].itertuples(index=False, name=None))
    assert sorted(wanted - set(computed[keys].itertuples(index=False, name=None))) == []


def test_the_same_difference_is_the_same_number_in_every_table(bundled):
    by_table = {name: as_print_has_it(bundled, name) for name in ("table_10", "table_11", "table_16")}
    for score in measures.scores_in(bundled)[:3]:
        means = [value(by_table["table_10"], score.key, arm, "mean") for arm in ("control", "sfj")]
        unadjusted = value(by_table["table_11"], score.key, "unadjusted", "b")
        assert unadjusted == pytest.approx(means[0] - means[1])
        assert value(by_table["table_16"], score.key, "model_a", "b") == pytest.approx(unadjusted)
        adjusted = value(by_table["table_11"], score.key, "adjusted_baseline", "b")
        assert value(by_table["table_16"], score.key, "model_b", "b") == pytest.approx(adjusted)


def test_differences_are_treatment_minus_control_and_only_the_print_has_them_turned(bundled):
    """One sign in the book; the scorecard holds Tables 10, 11 and 16 to the print, which has control minus SFJ."""
    shown = health.scores_at_last_wave(bundled), health.adjusted_scores(bundled), health.adjusted_models(bundled)
    in_print = [as_print_has_it(bundled, name) for name in ("table_10", "table_11", "table_16")]
    for score in measures.scores_in(bundled):
        row = PRINTED_ROWS.get(score.column, score.key)
        gap = value(shown[0], row, "sfj", "mean") - value(shown[0], row, "control", "mean")
        assert np.sign(value(shown[0], row, "sfj_vs_control", "t")) == np.sign(gap)
        assert value(shown[1], score.key, "unadjusted", "b") == pytest.approx(gap)
    for here, there in zip(shown, in_print, strict=True):
        turned = here.cells["statistic"].isin(["b", "t"])
        assert turned.any()
        np.testing.assert_array_equal(here.cells.loc[turned, "value"], -there.cells.loc[turned, "value"])
        low, high = (here.cells.loc[(here.cells["statistic"] == end) & here.cells["column"].isin(
            here.cells.loc[here.cells["statistic"] == "b", "column"]), "value"] for end in ("ci_low", "ci_high"))
        ends = there.cells[there.cells["column"].isin(there.cells.loc[there.cells["statistic"] == "b", "column"])]
        np.testing.assert_array_equal(low, -ends.loc[ends["statistic"] == "ci_high", "value"])
        np.testing.assert_array_equal(high, -ends.loc[ends["statistic"] == "ci_low", "value"])


def test_rank_sums_add_up_to_the_sum_of_all_ranks(bundled):
    for item in ITEMS:
        table = health.single_item_rank_sums(bundled, item)
        for row in table.cells["row"].unique():
            n = value(table, row, "combined", "n")
            parts = [value(table, row, arm, "rank_sum") for arm in ("sfj", "control")]
            assert sum(parts) == value(table, row, "combined", "rank_sum") == n * (n + 1) / 2


def test_figures_show_the_means_of_table_10_at_the_last_wave(bundled):
    table = health.scores_at_last_wave(bundled)
    for score in measures.scores_in(bundled):
        frame, row = health.means_figure(bundled, score.column).frame, PRINTED_ROWS.get(score.column, score.key)
        last = frame[frame["wave"] == 12].set_index("arm")
        for arm in ("sfj", "control"):
            assert last.loc[arm, "estimate"] == pytest.approx(value(table, row, arm, "mean"))
            assert last.loc[arm, "n"] == value(table, row, arm, "n")


def test_standardised_effects_turn_so_that_positive_is_better_with_sfj(bundled):
    effects = health.effects_figure(bundled).frame
    effects = effects[effects["series"] == "unadjusted"].set_index("row")["estimate"]
    table = health.adjusted_scores(bundled)
    for score in measures.scores_in(bundled):
        difference = value(table, score.key, "unadjusted", "b")
        better = -difference if score.better == "lower" else difference
        assert np.sign(effects[score.key]) == np.sign(better)


# Formulas of the print ------------------------------------------------------------------------------------------------


def printed_range(published, *key):
    """Lowest and highest number that rounds to the printed one."""
    cell = published.set_index(["source", "row", "column", "statistic"]).loc[key]
    half = 0.5 * 10.0 ** -int(cell["decimals"])
    return cell["value"] - half - 1e-9, cell["value"] + half + 1e-9


def overlap(one, other):
    return one[0] <= other[1] and other[0] <= one[1]


def interval_widths(published, source, row, arm, spread, quantile):
    """Half-widths the quantile gives from the printed spread, and half-widths the printed ends allow."""
    n = printed_range(published, source, row, arm, "n")[1] // 1
    scale = 1.0 if spread == "se" else 1 / sqrt(n)
    computed = tuple(quantile(n) * scale * end for end in printed_range(published, source, row, arm, spread))
    low, high = (printed_range(published, source, row, arm, end) for end in ("ci_low", "ci_high"))
    return computed, ((high[0] - low[1]) / 2, (high[1] - low[0]) / 2)


SPREADS = [("table_10", "se"), ("table_12", "sd"), ("table_13", "sd"), ("table_15", "sd")]


@pytest.mark.parametrize(("source", "spread"), SPREADS)
def test_printed_intervals_are_t_intervals(published, source, spread):
    cells = published[(published["source"] == source) & (published["statistic"] == spread)]
    assert len(cells) >= 4
    for cell in cells.itertuples():
        widths = interval_widths(published, source, cell.row, cell.column, spread, lambda n: stats.t.ppf(0.975, n - 1))
        assert overlap(*widths), (cell.row, cell.column)


def test_normal_quantiles_do_not_reproduce_every_printed_interval(published):
    cells = published[published["statistic"].isin(["se", "sd"])]
    cells = cells[cells["source"].isin(["table_10", "table_15"])]
    missed = {
        (cell.source, cell.row, cell.column)
        for cell in cells.itertuples()
        if not overlap(
            *interval_widths(
                published, cell.source, cell.row, cell.column, cell.statistic, lambda n: stats.norm.ppf(0.975)
            )
        )
    }
    assert missed == {("table_10", "health_ladder", "sfj"), ("table_15", "hads_total", "control")}


@pytest.mark.parametrize("score", measures.ALL_SCORES, ids=lambda score: score.column)
def test_equal_variances_reproduce_t_and_the_unadjusted_interval(published, score):
    assert overlap(*t_ranges(published, score, "equal"))


def test_unequal_variances_do_not_reproduce_t_in_table_10(published):
    missed = {score.key for score in measures.ALL_SCORES if not overlap(*t_ranges(published, score, "unequal"))}
    assert missed == {"subjective_health_complaints", "health_ladder"}


def t_ranges(published, score, variances):
    """Range of t from the printed means, intervals and difference, and the range the printed t allows."""
    sizes, errors, row = [], [], PRINTED_ROWS.get(score.column, score.key)
    for arm in ("sfj", "control"):
        n = printed_range(published, "table_10", row, arm, "n")[1] // 1
        _, widths = interval_widths(published, "table_10", row, arm, "se", lambda n: 1.0)
        from_interval = [width / stats.t.ppf(0.975, n - 1) for width in widths]
        low, high = printed_range(published, "table_10", row, arm, "se")
        sizes.append(n)
        errors.append((max(low, from_interval[0]), min(high, from_interval[1])))
    gap = printed_range(published, "table_11", score.key, "unadjusted", "b")
    total = [standard_error(sizes, [errors[0][end], errors[1][end]], variances) for end in (0, 1)]
    ratios = sorted(difference / error for difference in gap for error in total)
    return (ratios[0], ratios[-1]), printed_range(published, "table_10", row, "sfj_vs_control", "t")


def standard_error(sizes, errors, variances):
    if variances == "unequal":
        return sqrt(errors[0] ** 2 + errors[1] ** 2)
    squares = sum((n - 1) * n * error**2 for n, error in zip(sizes, errors, strict=True))
    return sqrt(squares / (sum(sizes) - 2) * sum(1 / n for n in sizes))


def test_degrees_of_freedom_are_those_of_equal_variances_but_for_one_row(published):
    cells = published[(published["statistic"] == "df")].set_index(["source", "row"])["value"]
    sizes = published[(published["statistic"] == "n") & published["column"].isin(["sfj", "control"])]
    totals = sizes.groupby(["source", "row"])["value"].sum()
    odd = {key for key, df in cells.items() if df != totals[key] - 2}
    assert odd == {("table_13", "expected_health_effect_of_work_12m")}


def test_the_odd_degrees_of_freedom_are_those_of_unequal_variances(published, bundled):
    row = ("table_13", "expected_health_effect_of_work_12m")
    possible = []
    for first in printed_range(published, *row, "sfj", "sd"):
        for second in printed_range(published, *row, "control", "sd"):
            a, b = first**2 / 354, second**2 / 236
            possible.append((a + b) ** 2 / (a**2 / 353 + b**2 / 235))
    assert min(possible) < 452.5
    assert max(possible) > 451.5
    ways = {(item, wave): measures.variances(bundled, item, wave) for item in ITEMS for wave in (6, 12)}
    assert [place for place, way in ways.items() if way == "unequal"] == [("expected_health_effect", 12)]


def test_printed_rank_sums_and_expectations_follow_the_formula(published):
    sums = published[published["statistic"] == "rank_sum"].set_index(["source", "row", "column"])["value"]
    sizes = published[published["statistic"] == "n"].set_index(["source", "row", "column"])["value"]
    for source, row, _ in sums.index:
        n = sizes[source, row, "sfj"] + sizes[source, row, "control"]
        assert sums[source, row, "sfj"] + sums[source, row, "control"] == n * (n + 1) / 2
    expectations = published[published["statistic"] == "rank_sum_expected"]
    for cell in expectations.itertuples():
        n = sizes[cell.source, cell.row, "sfj"] + sizes[cell.source, cell.row, "control"]
        assert cell.value == sizes[cell.source, cell.row, cell.column] * (n + 1) / 2


def test_printed_z_needs_the_correction_for_ties(published):
    cells = published.set_index(["source", "row", "column", "statistic"])["value"]
    for source, row, _, _ in published[published["statistic"] == "z"][
        ["source", "row", "column", "statistic"]
    ].itertuples(index=False):
        n1, n0 = (cells[source, row, arm, "n"] for arm in ("sfj", "control"))
        above = cells[source, row, "sfj", "rank_sum"] - n1 * (n1 + n0 + 1) / 2
        without_ties = above / sqrt(n1 * n0 * (n1 + n0 + 1) / 12)
        # ties make the variance smaller, so the printed z must be larger; without correction it would be equal
        assert cells[source, row, "combined", "z"] > without_ties + 0.1


def test_print_counts_more_eq5d_respondents_at_inclusion_than_eq5d_scores_at_12_months(published):
    # so "responder" in Table 14 cannot mean "has this very score at 12 months"
    sizes = published[published["statistic"] == "n"].set_index(["source", "row", "column"])["value"]
    for arm in ("sfj", "control"):
        assert sizes["table_14", "baseline_eq5d", f"{arm}_responders_12m"] > sizes["table_10", "function_eq5d", arm]


# Words ----------------------------------------------------------------------------------------------------------------


def said(sentence, trial):
    return prose.write(sentence, "health", words_of(trial))


def words_of(trial):
    return trial.once(("words",), lambda: study_catalogue(trial.study, "en", trial.folder))


def all_sentences(trial):
    """Every sentence of the chapter that the trial can give."""
    columns = [score.column for score in measures.ALL_SCORES]
    made = [
        health.title(trial),
        health.loss_by_arm(trial),
        *health.returned_by_wave(trial),
        *(health.result(trial, column) for column in columns),
        *(health.adjusted_result(trial, column) for column in columns),
        *(health.tipping_sentence(trial, column) for column in columns),
        *(health.models(trial, column) for column in columns[:3]),
        *(sentence for item in ITEMS for sentence in health.expectations(trial, item)),
        *(health.non_responders(trial, arm) for arm in trial.study.arm_codes),
        *(health.cases(trial, outcome) for outcome in ("anxiety", "depression")),
        *(health.magnitude(trial, column) for column in columns),
        health.ways(trial),
        health.covariance(trial),
        health.carried_shares(trial),
        health.correction(trial, 50),
        *health.conclusions(trial),
        *(health.importance(trial, column) for column in columns),
    ]
    return [sentence for sentence in made if not isinstance(sentence, Absent)]


def test_sentences_have_words_in_every_direction(bundled):
    for sentence in all_sentences(bundled):
        directions = prose.DIRECTIONS if sentence.direction else (None,)
        texts = {said(replace(sentence, direction=direction), bundled) for direction in directions}
        assert len(texts) == len(directions), sentence.key


def test_findings_turn_round_when_the_arms_are_exchanged(bundled, swapped):
    turned = {"lower": "higher", "higher": "lower", "unclear": "unclear"}
    for score in measures.ALL_SCORES:
        here, there = health.result(bundled, score.column), health.result(swapped, score.column)
        assert there.direction == turned[here.direction]
        assert there.values["treated"] == here.values["control"]
    assert health.title(swapped).direction == turned[health.title(bundled).direction]


def test_the_title_says_what_the_plain_difference_shows_too_or_that_it_does_not(handmade, bundled):
    """By hand the interval of the plain difference holds nought and that of the adjusted one does not."""
    for trial, also in ((handmade, False), (bundled, True)):
        title, table = health.title(trial), health.adjusted_scores(trial)
        plain = {f"conf_{end}": value(table, "hads_total", "unadjusted", f"ci_{end}") for end in ("low", "high")}
        assert (title.direction, prose.direction_of(plain)) == ("lower", "lower" if also else "unclear")
        assert ("also when compared" in said(title, trial)) == also
        assert ("does not clearly show" in said(title, trial)) == (not also)


def test_result_sentence_agrees_with_its_interval(bundled, swapped):
    for trial in (bundled, swapped):
        for score in measures.ALL_SCORES:
            sentence, text = health.result(trial, score.column), said(health.result(trial, score.column), trial)
            low, high = sentence.values["low"].value, sentence.values["high"].value
            if sentence.direction == "unclear":
                assert low <= 0 <= high
                assert "no clear difference" in text
            else:
                assert 0 < low < sentence.values["difference"].value < high
                good = sentence.direction == score.better
                assert ("fewer symptoms" in text or "better health" in text) == good


def test_sentences_see_the_same_extract_as_their_table(bundled):
    # an extract without the first hundred SFJ participants must move table and sentence alike
    people = bundled.tables["participants"]
    gone = people.loc[people["arm"] == "sfj", "participant_id"].head(100)
    rows = pd.DataFrame({"extract": "table_10", "participant_id": gone, "field": "included", "value": "false"})
    differences = pd.concat([bundled.tables["extract_differences"], rows], ignore_index=True)
    trial = replace(bundled, tables={**bundled.tables, "extract_differences": differences})
    table, sentence = health.scores_at_last_wave(trial), health.result(trial, "health_ladder")
    assert sentence.values["treated"].value == value(table, "health_ladder", "sfj", "mean")
    assert sentence.values["treated"].value != health.result(bundled, "health_ladder").values["treated"].value


def test_a_trial_of_ten_can_be_told_too(handmade):
    for sentence in all_sentences(handmade):
        assert "nan" not in said(sentence, handmade)
    for table in all_tables(handmade):
        lay_out(table, "health", words_of(handmade))


def test_tables_and_figures_of_the_bundled_trial_have_all_their_words(bundled):
    catalogue = words_of(bundled)
    for table in all_tables(bundled):
        lay_out(table, "health", catalogue)
        assert catalogue.text(f"health.tables.{table.key}.caption")
    figures = [health.means_figure(bundled, score.column) for score in measures.ALL_SCORES]
    for figure in [*figures, health.effects_figure(bundled), health.missing_answers_figure(bundled)]:
        assert draw(figure, "health", catalogue).startswith(b"<?xml")


def test_results_leave_the_trial_as_it_was(handmade):
    before = {name: table.copy() for name, table in handmade.tables.items()}
    scores = handmade.scores.copy()
    all_tables(handmade)
    all_sentences(handmade)
    for name, table in before.items():
        pd.testing.assert_frame_equal(handmade.tables[name], table)
    pd.testing.assert_frame_equal(handmade.scores, scores)


def test_after_inclusion_the_arms_are_compared_at_an_equal_start(bundled):
    """The claim is that of the adjusted difference; the plain one and the one at inclusion stand beside it."""
    table, cases = health.adjusted_scores(bundled), health.caseness_table(bundled)
    for score in measures.scores_in(bundled):
        for sentence in (health.result(bundled, score.column), health.adjusted_result(bundled, score.column)):
            ends = {f"conf_{end}": value(table, score.key, "adjusted_baseline", f"ci_{end}") for end in ("low", "high")}
            assert sentence.direction == prose.direction_of(ends)
            assert sentence.values["start"].value == value(table, score.key, "at_inclusion", "b")
            assert sentence.values["plain"].value == pytest.approx(value(table, score.key, "unadjusted", "b"))
    for outcome in sensitivity.CASES:
        place = (f"{outcome}_m12", "adjusted_baseline")
        ends = {f"conf_{end}": value(cases, *place, f"ci_{end}") for end in ("low", "high")}
        assert health.cases(bundled, outcome).direction == prose.direction_of(ends)
    for item in ITEMS:
        means = health.single_item_means(bundled, item).cells
        adjusted = means[means["column"] == "adjusted_baseline"].pivot(index="row", columns="statistic", values="value")
        for sentence, row in zip(health.expectations(bundled, item), adjusted.to_dict("records"), strict=True):
            ends = {"conf_low": row["ci_low"], "conf_high": row["ci_high"]}
            assert sentence.direction == prose.direction_of(ends)
            assert {"plain", "start"} <= set(sentence.values)


def test_depression_caseness_is_no_clear_difference_since_the_arms_started_apart(bundled):
    sentence = health.cases(bundled, "depression")
    text = said(sentence, bundled)
    assert "no clear difference after 12 months: SFJ minus control −4.9" in text
    assert "(95% interval −11.5 to 1.7)" in text
    assert "Not adjusted it was −8.7; at inclusion it was −7.8" in text


def test_a_difference_that_was_there_at_inclusion_is_no_finding(bundled):
    """A trial in which the treated answer better at every wave by the same amount: nothing has changed."""
    answers = bundled.tables["questionnaires"]
    arms = bundled.people.set_index("participant_id")["arm"]
    noise = pd.Series(np.random.default_rng(5).normal(60, 15, len(bundled.people)), index=arms.index)
    person = answers["participant_id"]
    better = 10 * (person.map(arms).astype(str) == "sfj")
    ladder = (person.map(noise) + better + np.random.default_rng(6).normal(0, 8, len(answers))).clip(0, 100).round()
    tables_ = {**bundled.tables, "questionnaires": answers.assign(health_ladder=ladder.astype("Int64"))}
    trial = replace(bundled, tables=tables_)
    sentence, table = health.result(trial, "health_ladder"), health.adjusted_scores(trial)
    assert value(table, "health_ladder", "unadjusted", "ci_low") > 5
    assert sentence.values["start"].value > 5
    adjusted, plain = (value(table, "health_ladder", model, "b") for model in ("adjusted_baseline", "unadjusted"))
    assert abs(adjusted) < plain / 2


def test_differences_of_shares_have_the_interval_of_the_methods_page(bundled):
    """Newcombe's, from Wilson's limits of the two shares, for response and caseness alike."""
    for table in (health.response_table(bundled), health.caseness_table(bundled)):
        cells = table.cells.set_index(["row", "column", "statistic"])["value"]
        for row in table.cells["row"].unique():
            (p1, l1, u1), (p0, l0, u0) = ([cells[row, arm, name] for name in ("pct", "ci_low", "ci_high")]
                                          for arm in ("sfj", "control"))  # fmt: skip
            assert cells[row, "sfj_vs_control", "ci_low"] == pytest.approx(p1 - p0 - np.hypot(p1 - l1, u0 - p0))
            assert cells[row, "sfj_vs_control", "ci_high"] == pytest.approx(p1 - p0 + np.hypot(u1 - p1, p0 - l0))


def test_shares_are_told_in_per_cent_with_one_decimal(bundled):
    for sentence in all_sentences(bundled):
        for name, number in sentence.values.items():
            if isinstance(number, prose.Number) and number.kind == "percent":
                assert name == "level" or number.decimals in (None, 1), (sentence.key, name)


def test_the_mmrm_leaves_two_scores_clear_and_six_reject_a_random_intercept(bundled):
    """As in R: six of the seven likelihood ratios are beyond the level, and two intervals keep clear of nought."""
    assert health.ways(bundled).values["mmrm"].value == 2
    preferred = health.covariance(bundled)
    assert (preferred.values["preferred"].value, preferred.values["all"].value) == (6, 7)
    assert "rejected for 6 of 7 scores" in said(preferred, bundled)


def test_ways_counts_the_clear_differences_of_the_table(bundled):
    table, counts = health.missing_answers_table(bundled), health.ways(bundled).values
    counts = {**conclusion.ways_today(bundled).values, **counts}
    ends = table.cells.pivot(index=["row", "column"], columns="statistic", values="value").reset_index()
    clear = ends.assign(clear=(ends["ci_low"] > 0) | (ends["ci_high"] < 0)).groupby("row")["clear"].sum()
    for way in (*missing.USUAL, *missing.TODAY[:-2]):
        assert counts[way].value == clear[way]


def test_the_finding_above_the_effects_counts_the_intervals_without_nought(bundled):
    figure = health.effects_figure(bundled)
    own = figure.frame[figure.frame["series"] == "adjusted_baseline"]
    clear = int(((own["conf_low"] > 0) | (own["conf_high"] < 0)).sum())
    told = figure.finding.values
    assert (told["clear"].value, told["all"].value) == (clear, len(own))


def test_magnitude_is_named_by_its_size(bundled, monkeypatch):
    effects = health.effects_figure(bundled).frame
    for size, word in ((0.19, "below_small"), (-0.2, "small"), (0.79, "medium"), (-0.8, "large")):
        fixed = effects.assign(estimate=size)
        monkeypatch.setattr(sentences, "standardised_effects", lambda *_, fixed=fixed: fixed)
        assert health.magnitude(bundled, "hads_depression").values["word"].key == word


def test_key_numbers_are_finite(bundled):
    assert all(np.isfinite(number) for number in sentences.key_numbers(bundled).values())


# What is not there is not told ----------------------------------------------------------------------------------------

# A missing number, or the dash that stands for one; not the dash of a range such as 0–100.
NEVER = re.compile(r"\bnan\b|(?<!\d)–")


def without(trial, *tables, **settings):
    left = {name: frame.iloc[:0] if name in tables else frame for name, frame in trial.tables.items()}
    return replace(trial, tables=left, study=replace(trial.study, **settings))


def told(trial):
    """Every sentence about a trial, with tables and figures laid out on the way so that none of them fails."""
    catalogue = words_of(trial)
    for table in all_tables(trial):
        lay_out(table, "health", catalogue)
    for score in measures.ALL_SCORES:
        figure = health.means_figure(trial, score.column)
        assert isinstance(figure, Absent) or draw(figure, "health", catalogue)
    return [said(sentence, trial) for sentence in all_sentences(trial)]


def untrue(texts):
    return [text for text in texts if NEVER.search(text)]


@pytest.mark.parametrize("left", [(), ("hads",), ("eq5d", "chalder"), ("shc",)])
def test_any_subset_of_instruments(handmade, left):
    rules = {name: rule for name, rule in handmade.study.instruments.items() if name in left}
    trial = without(handmade, instruments=rules)
    assert set(trial.scores.columns) >= {name for instrument in left for name in SCORES[instrument]}
    assert not {name for instrument in set(SCORES) - set(left) for name in SCORES[instrument]} & set(trial.scores)
    assert untrue(told(trial)) == []
    assert isinstance(health.title(trial), Absent) == ("hads" not in left or trial.people.empty)


@pytest.mark.parametrize("waves", [(), (0,), (0, 12), (0, 6), (6, 12), (0, 4, 24), (0, 3, 12)])
def test_any_waves(handmade, waves):
    """Answers of month 6 are moved to the study's own middle wave; every label and sentence fits it."""
    answers = handmade.tables["questionnaires"]
    places = {0: 0, 6: waves[1], 12: waves[2]} if len(waves) == 3 else {0: 0, 6: 6, 12: 12}
    moved = answers.assign(wave=answers["wave"].map(places).astype(answers["wave"].dtype))
    trial = replace(handmade, tables={**handmade.tables, "questionnaires": moved[moved["wave"].isin(waves)]},
                    study=replace(handmade.study, waves=waves))  # fmt: skip
    texts = told(trial)
    assert untrue(texts) == []
    months = {int(number) for text in texts for number in re.findall(r"(?<![\d.])(\d+) months", text)}
    assert months <= set(waves)
    if len(waves) < 2 and 0 in (*waves, 0):
        assert texts == []


@pytest.mark.parametrize("table", ["questionnaires", "background", "participants"])
def test_without_a_table_nothing_is_claimed(handmade, table):
    trial = without(handmade, table)
    texts = told(trial)
    assert untrue(texts) == []
    if table != "background":
        assert texts == []
        assert isinstance(health.title(trial), Absent)


def test_nobody_answered_at_the_last_wave(handmade):
    """No answers are no finding: neither "no clear difference" nor "about equal" is said of them."""
    answers = handmade.tables["questionnaires"]
    trial = replace(handmade, tables={**handmade.tables, "questionnaires": answers[answers["wave"] < 12]})
    assert untrue(told(trial)) == []
    assert health.title(trial) == health.result(trial, "hads_anxiety") == Absent("enough_answers")
    assert health.returned(trial, 12) == Absent("wave:12")
    assert isinstance(health.loss_by_arm(trial), Absent)


def test_without_a_baseline_the_arms_are_compared_and_nothing_is_adjusted(handmade):
    trial = without(handmade, waves=(6, 12))
    assert isinstance(health.adjusted_scores(trial), Absent)
    assert not isinstance(health.scores_at_last_wave(trial), Absent)


def test_the_general_rule_is_welch_treatment_minus_control_and_every_score(bundled):
    general = replace(bundled, study=replace(bundled.study, as_printed=None))
    general.__dict__.update({name: getattr(bundled, name) for name in ("people", "scores", "panel")})
    compared = health.compare_scores(general)
    assert compared.loc[compared["contrast"] == "sfj_vs_control", "method"].eq(
        "difference in means, unequal variances"
    ).all()  # fmt: skip
    table = health.scores_at_last_wave(general)
    gap = value(table, "eq5d", "sfj", "mean") - value(table, "eq5d", "control", "mean")
    assert np.sign(value(table, "eq5d", "sfj_vs_control", "t")) == np.sign(gap)
    assert "unequal_variances" not in missing.ways_of(general)
    assert len(set(health.adjusted_models(general).cells["row"])) == len(measures.ALL_SCORES)
    assert set(health.adjusted_models(general).cells["column"]) == {
        "unadjusted", "adjusted_baseline", "adjusted_covariates", "adjusted_both"
    }  # fmt: skip


def test_unanswered_covariates_stay_missing_unless_the_print_counted_them_as_no(bundled):
    unknown = bundled.people["education_higher"].isna().to_numpy()
    assert unknown.any() and not bundled.health.loc[unknown, "education_higher"].any()
    general = replace(bundled.study, as_printed=None)
    assert health_frame(bundled.people, bundled.scores, general).loc[unknown, "education_higher"].isna().all()


def test_arms_may_have_any_codes(handmade):
    """Renamed arms change no number."""
    other = {"sfj": "ips", "control": "usual"}
    people = handmade.tables["participants"]
    turned = people.assign(arm=people["arm"].astype(str).map(other).astype("category"))
    arms = tuple(replace(arm, code=other[arm.code]) for arm in handmade.study.arms)
    phases = tuple(replace(one, ratio={other[arm]: share for arm, share in one.ratio.items()})
                   for one in handmade.study.allocation_phases)  # fmt: skip
    study = replace(handmade.study, arms=arms, allocation_phases=phases)
    renamed = replace(handmade, tables={**handmade.tables, "participants": turned}, study=study)
    for here, there in zip(all_tables(handmade), all_tables(renamed), strict=True):
        np.testing.assert_array_equal(here.cells["value"].to_numpy(), there.cells["value"].to_numpy())
    assert untrue(told(renamed)) == []

"""The user-survey chapter: answers by hand, printed tables, the slipped columns of Table 23, words that turn."""

import shutil
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from scipy import stats

from analysis.chapters import user_survey as chapter
from analysis.frames.trial import open_trial
from analysis.show.page import Page
from analysis.show.prose import round_half_up

HANDMADE = Path(__file__).parent / "handmade"
PUBLISHED = pd.read_csv(Path(__file__).parent.parent / "data" / "sfj" / "published" / "cells.csv")
# What a small study may consist of: people, their answers and their registers.
FEW = ("screening", "participants", "questionnaires", "benefit_spells", "job_spells")
TABLES = ("table_23", "table_23_answers", "table_23_pooled", "text_7_2", "text_7_3", "text_7_4", "text_7_5", "text_7_6",
          "text_7_7", "ratings_table", "agreement_table", "coordination_pooled", "informants_table",
          "user_themes_table")  # fmt: skip
SENTENCES = ("title", "answered", "answers_counted", "earlier_treatment", "tools_named", "coordination", "coders",
             "informants", "expectations", "success_and_wishes")  # fmt: skip


@pytest.fixture(scope="module")
def by_hand():
    return open_trial(HANDMADE)


@pytest.fixture(scope="module")
def bundled():
    return open_trial()


def numbers(table):
    return table.cells.set_index(["row", "column", "statistic"])["value"].to_dict()


def with_table(trial, **tables):
    return replace(trial, tables={**trial.tables, **tables})


def test_earlier_treatment_by_hand(by_hand):
    """Two of ten saw a psychologist, one got better and one worse; of two with medication one gave no effect."""
    found = numbers(chapter.text_7_2(by_hand))
    assert found["previous_treatment_psychologist", "total", "pct"] == pytest.approx(20)
    assert found["previous_treatment_psychologist_improved", "among_treated", "pct"] == pytest.approx(50)
    assert found["previous_treatment_medication", "total", "n"] == 2
    assert found["previous_treatment_medication_no_effect", "among_treated", "pct"] == pytest.approx(100)


def test_open_answers_by_hand(by_hand):
    found = numbers(chapter.text_7_4(by_hand))
    assert found["responses_categorised", "total", "n"] == 4
    assert found["responses_categorised", "sfj", "n"] == 3
    assert found["max_categories_per_response", "total", "n"] == 3
    assert found["most_psychologist_adviser", "sfj_6m", "pct"] == pytest.approx(50)
    assert found["least_nav", "control_12m", "n"] == 1
    assert found["least_too_short_duration", "sfj_6m", "n"] == 1


def test_percentages_of_table_23_are_means_of_the_waves(bundled):
    answers = bundled.tables["open_answers"].query("coder == 1 and question == 'most_satisfied'")
    arms = bundled.people.set_index("participant_id")["arm"]
    own = answers[answers["participant_id"].map(arms) == "control"]
    named = own[["category_1", "category_2", "category_3"]].eq("other_therapists").any(axis=1)
    by_wave = named.groupby(own["wave"]).mean()
    found = numbers(chapter.table_23(bundled))
    assert found["other_therapists", "most_satisfied_control", "pct"] == pytest.approx(100 * by_wave.mean())
    assert found["other_therapists", "most_satisfied_control", "n"] == named.sum()
    pooled = numbers(chapter.table_23_pooled(bundled))
    assert pooled["other_therapists", "most_satisfied_control", "pct"] == pytest.approx(100 * named.mean())


@pytest.mark.parametrize("function", ["text_7_2", "text_7_3", "text_7_5", "text_7_6", "text_7_7"])
def test_numbers_of_the_text_are_the_printed_ones(bundled, function):
    table = getattr(chapter, function)(bundled)
    printed = PUBLISHED[PUBLISHED["source"] == table.name].set_index(["row", "column", "statistic"])
    found = {key: value for key, value in numbers(table).items() if key in printed.index}
    wrong = [
        key
        for key, value in found.items()
        if round_half_up(value, printed.loc[key, "decimals"]) != printed.loc[key, "value"]
    ]
    assert found
    assert wrong == []


def test_counts_of_table_23_on_most_satisfaction_are_the_printed_ones(bundled):
    printed = PUBLISHED[(PUBLISHED["source"] == "table_23") & (PUBLISHED["statistic"] == "n")]
    most = printed[printed["column"].str.startswith("most_satisfied")]
    found = numbers(chapter.table_23(bundled))
    expected = {(row, column): value for row, column, value in most[["row", "column", "value"]].itertuples(index=False)}
    assert {key: found[(*key, "n")] for key in expected} == expected


def test_printed_columns_on_least_satisfaction_have_slipped_by_a_row():
    found = numbers(chapter.printed_rows_table())
    for row in ("nav_control", "general_practitioner_control", "too_short_duration_sfj"):
        assert found[row, "text", "n"] == found[row, "below", "n"]
        assert found[row, "text", "n"] != found[row, "same_row", "n"]
    assert found["aspects_of_the_measure_sfj", "text", "n"] == found["aspects_of_the_measure_sfj", "same_row", "n"]


def test_by_wave_tables_add_up_to_table_23(bundled):
    whole = numbers(chapter.table_23(bundled))
    for question in ("most_satisfied", "least_satisfied"):
        parts = numbers(chapter.by_wave_table(bundled, question))
        for arm in ("sfj", "control"):
            assert (
                parts["tools", f"{arm}_6m", "n"] + parts["tools", f"{arm}_12m", "n"]
                == whole["tools", f"{question}_{arm}", "n"]
            )


def test_shares_on_coordination_add_up_to_a_hundred(bundled):
    found = numbers(chapter.coordination_pooled(bundled))
    for arm in ("sfj", "control"):
        total = sum(value for (_, column, statistic), value in found.items() if (column, statistic) == (arm, "pct"))
        assert total == pytest.approx(100)


def _turned(trial):
    """Everyone answers the other way round on satisfaction."""
    answers = trial.tables["questionnaires"]
    return with_table(trial, questionnaires=answers.assign(satisfaction=8 - answers["satisfaction"]))


def test_title_turns_with_the_ratings(bundled):
    same = bundled.tables["questionnaires"]
    even = with_table(bundled, questionnaires=same.assign(satisfaction=same["satisfaction"].mask(same["wave"] > 0, 5)))
    assert chapter.title(bundled).direction == "higher"
    assert chapter.title(_turned(bundled)).direction == "lower"
    assert chapter.title(even).direction == "unclear"


def test_difference_of_the_ratings_is_welchs(bundled):
    answers = chapter.ratings(bundled).query("wave == 12")
    treated, control = (answers.loc[answers["arm"] == arm, "satisfaction"].dropna() for arm in ("sfj", "control"))
    test = stats.ttest_ind(treated, control, equal_var=False)
    found = numbers(chapter.ratings_table(bundled))
    interval = test.confidence_interval()
    assert found["satisfaction_12m", "sfj_minus_control", "ci_low"] == pytest.approx(interval.low)
    assert found["satisfaction_12m", "sfj_minus_control", "p"] == pytest.approx(test.pvalue)


def test_coordination_sentence_turns(bundled):
    answers = bundled.tables["coordination"]
    arms = answers["participant_id"].map(bundled.people.set_index("participant_id")["arm"])

    def all_good_in(arm):
        experience = answers["experience"].mask(arms == arm, "positive").mask(arms != arm, "negative")
        return with_table(bundled, coordination=answers.assign(experience=experience))

    assert chapter.coordination(all_good_in("sfj")).direction == "higher"
    assert chapter.coordination(all_good_in("control")).direction == "lower"


def test_perfect_coders_have_kappa_one(bundled):
    answers = bundled.tables["open_answers"]
    second = answers[answers["coder"] == 1].assign(coder=2)
    same = with_table(bundled, open_answers=pd.concat([answers[answers["coder"] == 1], second], ignore_index=True))
    found = chapter.agreement(same).set_index("outcome").loc["all_categories"]
    assert found["estimate"] == pytest.approx(1)
    assert found["df"] == len(second)
    assert chapter.agreement(bundled).set_index("outcome").loc["all_categories", "estimate"] < 1


def text_of(shown):
    """What a reader gets: a table or figure, or the sentence that says why there is none."""
    return getattr(shown, "html", None) or shown.text


@pytest.fixture(params=["bundled", "by_hand", "required_tables_only"])
def page(request, tmp_path):
    """The chapter's page for the bundled trial, for ten people, and for ten people with required tables only."""
    if request.param == "required_tables_only":
        for name in ("study.yml", *(f"{table}.csv" for table in FEW)):
            shutil.copy(HANDMADE / name, tmp_path)
    folder = {"bundled": None, "by_hand": HANDMADE, "required_tables_only": tmp_path}[request.param]
    return Page("user_survey", study=folder)


def test_every_table_sentence_and_figure_has_its_words(page):
    for name in TABLES:
        assert text_of(page.show(getattr(chapter, name)(page.trial)))
    assert text_of(page.show(chapter.printed_rows_table()))
    for name in SENTENCES:
        assert "{" not in page.say(getattr(chapter, name)(page.trial)).text
    for question in ("most_satisfied", "least_satisfied"):
        assert text_of(page.show(chapter.by_wave_table(page.trial, question)))
        assert text_of(page.show(chapter.category_figure(page.trial, question)))
        for arm in ("sfj", "control"):
            assert page.say(chapter.top_categories(page.trial, question, arm)).text
    for wave in (6, 12):
        assert page.say(chapter.rating(page.trial, "satisfaction", wave)).text
        assert page.say(chapter.rating(page.trial, "followup_effect_on_health", wave)).text
    for name in ("ratings_figure", "satisfaction_spread"):
        assert text_of(page.show(getattr(chapter, name)(page.trial)))

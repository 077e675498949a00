"""The user-survey chapter: answers by hand, printed tables, the slipped columns of Table 23, words that turn."""

import re
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

from analysis.as_printed.sfj import slipped_rows
from analysis.as_printed.sfj import user_survey as printed
from analysis.chapters import user_survey as chapter
from analysis.frames.needs import Absent
from analysis.frames.trial import open_trial
from analysis.methods.proportions import difference_in_proportions
from analysis.show.page import Page
from analysis.show.prose import round_half_up
from tests.walk import prose_of, shown, with_study, with_tables, without

HANDMADE = Path(__file__).parent / "handmade"
PUBLISHED = pd.read_csv(Path(__file__).parent.parent / "data" / "sfj" / "published" / "cells.csv")
PRINTED = {
    "text_7.2": chapter.earlier_treatment_table,
    "text_7.3": printed.text_7_3,
    "text_7.5": chapter.coordination_table,
    "text_7.6": printed.text_7_6,
    "text_7.7": printed.text_7_7,
}


@pytest.fixture(scope="module")
def by_hand():
    return open_trial(HANDMADE)


@pytest.fixture(scope="module")
def bundled():
    return open_trial()


@pytest.fixture(scope="module")
def pilots():
    return open_trial("jmo")


def numbers(table):
    return table.cells.set_index(["row", "column", "statistic"])["value"].to_dict()


def unmarked(said):
    """A page's words without the marks of what their numbers are."""
    return re.sub(r" ?<span[^>]*>[^<]*</span>", "", said.text)


def test_earlier_treatment_by_hand(by_hand):
    """Two of ten saw a psychologist, one got better and one worse; of two with medication one gave no effect."""
    found = numbers(chapter.earlier_treatment_table(by_hand))
    assert found["previous_treatment_psychologist", "total", "pct"] == pytest.approx(20)
    assert found["previous_treatment_psychologist_improved", "among_treated", "pct"] == pytest.approx(50)
    assert found["previous_treatment_medication", "total", "n"] == 2
    assert found["previous_treatment_medication_no_effect", "among_treated", "pct"] == pytest.approx(100)


def test_open_answers_by_hand(by_hand):
    found = numbers(printed.text_7_4(by_hand))
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
    found = numbers(chapter.categories_table(bundled))
    assert found["other_therapists", "most_satisfied_control", "pct"] == pytest.approx(100 * by_wave.mean())
    assert found["other_therapists", "most_satisfied_control", "n"] == named.sum()
    joined = numbers(chapter.categories_joined(bundled, "most_satisfied"))
    assert joined["other_therapists", "control_mean", "pct"] == pytest.approx(100 * by_wave.mean())
    assert joined["other_therapists", "control_pooled", "pct"] == pytest.approx(100 * named.mean())


@pytest.mark.parametrize("source", PRINTED)
def test_numbers_of_the_text_are_the_printed_ones(bundled, source):
    report = PUBLISHED[PUBLISHED["source"] == source].set_index(["row", "column", "statistic"])
    found = {key: value for key, value in numbers(PRINTED[source](bundled)).items() if key in report.index}
    wrong = [
        key
        for key, value in found.items()
        if round_half_up(value, report.loc[key, "decimals"]) != report.loc[key, "value"]
    ]
    assert found
    assert wrong == []


def test_counts_of_table_23_on_most_satisfaction_are_the_printed_ones(bundled):
    report = PUBLISHED[(PUBLISHED["source"] == "table_23") & (PUBLISHED["statistic"] == "n")]
    most = report[report["column"].str.startswith("most_satisfied")]
    found = numbers(chapter.categories_table(bundled))
    expected = {(row, column): value for row, column, value in most[["row", "column", "value"]].itertuples(index=False)}
    assert {key: found[(*key, "n")] for key in expected} == expected


def test_answers_on_least_satisfaction_follow_the_text_and_the_printed_order_stands_beside(bundled):
    """28 + 27 answers of controls name NAV; the print has 2 in that row and 55 in the next."""
    computed = numbers(chapter.categories_table(bundled))
    shown = numbers(slipped_rows.printed_order(bundled))
    counted = numbers(slipped_rows.printed_counts(bundled))["nav_least_satisfied_control", "fits", "n"]
    assert computed["nav", "least_satisfied_control", "n"] == counted == 55
    assert shown["nav", "text_least_satisfied_control", "n"] == 55
    assert shown["nav", "printed_least_satisfied_control", "n"] == 2
    assert computed["satisfied_with_all_or_most", "least_satisfied_sfj", "n"] == 102


def test_counts_of_the_text_by_wave_are_those_of_the_answers(bundled):
    found = numbers(printed.text_7_4(bundled))
    assert (found["least_nav", "control_6m", "n"], found["least_nav", "control_12m", "n"]) == (28, 27)
    for arm, counts in {"sfj": (48, 54), "control": (24, 22)}.items():
        row = "least_satisfied_with_everything"
        assert (found[row, f"{arm}_6m", "n"], found[row, f"{arm}_12m", "n"]) == counts
    for arm, counts in {"sfj": (19, 27), "control": (16, 25)}.items():
        row = "least_general_practitioner"
        assert (found[row, f"{arm}_6m", "n"], found[row, f"{arm}_12m", "n"]) == counts


def test_sentence_chart_and_table_say_the_same_of_what_was_least_liked(bundled):
    """None of them reads the slipped rows, and all take the mean of the waves' percentages."""
    said = unmarked(Page("user_survey").bullets(*chapter.top_categories(bundled, "least_satisfied")))
    table = numbers(chapter.categories_table(bundled))
    chart = chapter.category_figure(bundled, "least_satisfied").frame.set_index(["row", "arm"])["estimate"]
    assert "named NAV (21.0%), then being satisfied with all or most (17.6%)" in said
    assert "being heard" not in said
    for category, arm in (("nav", "control"), ("satisfied_with_all_or_most", "sfj")):
        assert 100 * chart[category, arm] == pytest.approx(table[category, f"least_satisfied_{arm}", "pct"])


def test_categories_that_tie_for_second_place_are_all_named(by_hand):
    answers = by_hand.tables["open_answers"].query("coder == 1").head(1)
    four = pd.concat([answers.assign(participant_id=f"P{n:04}", category_3=None) for n in (1, 3)]).assign(
        category_1="tools", category_2=["nav", "results"], question="most_satisfied", coder=1
    )
    control = four.assign(participant_id=["P0002", "P0004"])
    trial = with_tables(by_hand, open_answers=pd.concat([four, control]))
    said = Page("user_survey", HANDMADE).say(chapter.top_categories(trial, "most_satisfied")[0]).text
    assert "tools for coping (100.0%), then NAV and results (50.0% each)" in said


def test_the_difference_of_pooled_shares_is_newcombes_where_everybody_answers_once(bundled):
    once = bundled.tables["open_answers"].query("wave == 6")
    general = with_study(with_tables(bundled, open_answers=once), as_printed=None)
    answers = chapter.answers_of(general).query("question == 'most_satisfied'")
    named = answers[["category_1", "category_2", "category_3"]].eq("tools").any(axis=1)
    found = difference_in_proportions(
        *(named[answers["arm"] == arm] for arm in ("sfj", "control")),
        outcome="tools", population="answers", contrast="sfj_minus_control", interval="newcombe",
    )  # fmt: skip
    said = chapter.tools_named(general).values
    assert said["low"].value == pytest.approx(100 * found.conf_low, abs=0.05)  # n/(n - 1) in the variance
    assert said["high"].value == pytest.approx(100 * found.conf_high, abs=0.05)


def test_people_who_answer_twice_widen_the_interval(bundled):
    """The same answers, each of somebody else, have narrower intervals."""
    answers, people = bundled.tables["open_answers"], bundled.people
    assert answers.query("coder == 1 and question == 'most_satisfied'").duplicated("participant_id").any()
    found = chapter.answered_again(bundled).values
    assert 0 < found["again"].value < found["people"].value <= len(people)
    joined = numbers(chapter.categories_joined(bundled, "most_satisfied"))
    width = joined["psychologist", "sfj_pooled", "ci_high"] - joined["psychologist", "sfj_pooled", "ci_low"]
    named = chapter.answers_of(bundled).query("question == 'most_satisfied' and arm == 'sfj'")
    count = named[["category_1", "category_2", "category_3"]].eq("psychologist").any(axis=1).sum()
    low, high = proportion_confint(count, len(named), method="wilson")
    assert width > 100 * (high - low) - 1e-9


def test_by_wave_tables_add_up_to_table_23(bundled):
    whole = numbers(chapter.categories_table(bundled))
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


def test_without_a_print_of_its_own_a_study_has_pooled_shares_with_intervals(bundled):
    """The rule of the report, the mean of two percentages, is not everybody's."""
    general = with_study(bundled, as_printed=None)
    found = numbers(chapter.categories_table(general))
    for (category, column, statistic), value in numbers(chapter.categories_joined(bundled, "most_satisfied")).items():
        arm, way = column.rsplit("_", 1)
        if way == "pooled":
            assert found[category, f"most_satisfied_{arm}", statistic] == pytest.approx(value, nan_ok=True)
    once = with_tables(bundled, open_answers=bundled.tables["open_answers"].query("wave == 6"))
    assert chapter.categories_joined(once, "most_satisfied") == Absent("answered_again:open_answers")
    whole = numbers(chapter.coordination_table(general))
    for key, value in numbers(chapter.coordination_pooled(bundled)).items():
        assert whole[key] == pytest.approx(value, nan_ok=True)


def _turned(trial):
    """Everyone answers the other way round on satisfaction."""
    answers = trial.tables["questionnaires"]
    return with_tables(trial, questionnaires=answers.assign(satisfaction=8 - answers["satisfaction"]))


def _satisfied(trial, value):
    """The same answer on satisfaction from everybody at the follow-ups; None where nobody answered."""
    answers = trial.tables["questionnaires"]
    same = answers["satisfaction"].mask(answers["wave"] > 0, value)
    return with_tables(trial, questionnaires=answers.assign(satisfaction=same.astype(float)))


def test_title_turns_with_the_ratings(bundled):
    assert chapter.title(bundled).direction == "higher"
    assert chapter.title(_turned(bundled)).direction == "lower"
    assert chapter.title(_satisfied(bundled, 5)).direction == "unclear"


def test_without_ratings_nothing_is_said_of_satisfaction(bundled):
    """The title then is what users said in interviews, and the ratings are absent, never equal."""
    silent = _satisfied(bundled, None)
    assert chapter.title(silent).key == "title_interviews"
    assert chapter.compare_ratings(silent, chapter.ratings(silent)) == Absent("ratings:satisfaction")
    assert chapter.rating_sentences(silent, Absent("ratings:satisfaction")) == Absent("ratings:satisfaction")


def test_a_wave_without_ratings_is_left_out_of_the_sentences(bundled):
    answers = bundled.tables["questionnaires"]
    early = answers.assign(satisfaction=answers["satisfaction"].where(answers["wave"] < 12))
    trial = with_tables(bundled, questionnaires=early)
    said = chapter.rating_sentences(trial, chapter.compare_ratings(trial, chapter.ratings(trial)))
    assert [each.need if isinstance(each, Absent) else each.key for each in said] == [
        "satisfaction", "ratings:satisfaction:12", "followup_effect_on_health",
    ]  # fmt: skip
    assert chapter.title(trial).values["wave"].value == 6


def test_difference_of_the_ratings_is_welchs(bundled):
    answers = chapter.ratings(bundled).query("wave == 12")
    treated, control = (answers.loc[answers["arm"] == arm, "satisfaction"].dropna() for arm in ("sfj", "control"))
    test = stats.ttest_ind(treated, control, equal_var=False)
    estimates = chapter.compare_ratings(bundled, chapter.ratings(bundled))
    found = numbers(chapter.ratings_table(bundled, estimates))
    interval = test.confidence_interval()
    assert found["satisfaction_12m", "sfj_minus_control", "ci_low"] == pytest.approx(interval.low)
    assert found["satisfaction_12m", "sfj_minus_control", "p"] == pytest.approx(test.pvalue)


def test_coordination_sentence_turns(bundled):
    answers = bundled.tables["coordination"]
    arms = answers["participant_id"].map(bundled.people.set_index("participant_id")["arm"])

    def all_good_in(arm):
        experience = answers["experience"].mask(arms == arm, "positive").mask(arms != arm, "negative")
        return with_tables(bundled, coordination=answers.assign(experience=experience))

    assert chapter.coordination(all_good_in("sfj")).direction == "higher"
    assert chapter.coordination(all_good_in("control")).direction == "lower"


def test_alpha_is_read_by_where_its_interval_lies(bundled):
    answers = bundled.tables["open_answers"]
    first = answers[answers["coder"] == 1]
    again = first.assign(coder=2)
    same = with_tables(bundled, open_answers=pd.concat([first, again], ignore_index=True))
    assert chapter.reading_of_alpha(same).key == "alpha_enough"
    shuffled = again.assign(category_1=again["category_1"].sample(frac=1, random_state=1).to_numpy())
    other = with_tables(bundled, open_answers=pd.concat([first, shuffled], ignore_index=True))
    assert chapter.reading_of_alpha(other).key == "alpha_too_low"
    assert chapter.reading_of_alpha(bundled).key.startswith("alpha_")
    one = with_tables(bundled, open_answers=pd.concat([first, again.head(1)], ignore_index=True))
    assert chapter.reading_of_alpha(one).key == "alpha_unknown"


def test_perfect_coders_have_kappa_one(bundled):
    answers = bundled.tables["open_answers"]
    second = answers[answers["coder"] == 1].assign(coder=2)
    same = with_tables(bundled, open_answers=pd.concat([answers[answers["coder"] == 1], second], ignore_index=True))
    found = chapter.agreement(same).set_index("outcome").loc["all_categories"]
    assert found["estimate"] == pytest.approx(1)
    assert found["df"] == len(second)
    assert chapter.agreement(bundled).set_index("outcome").loc["all_categories", "estimate"] < 1


def test_agreement_over_all_categories_has_one_interval(bundled):
    """The decisions of one person are not independent, so that it is wider than if they were."""
    pooled = chapter.agreement(bundled).set_index("outcome").loc["all_categories"]
    drawn = chapter.coefficients(bundled).set_index("method").loc["cohens_kappa"]
    assert pooled["estimate"] == pytest.approx(drawn["estimate"])
    assert (pooled["conf_low"], pooled["conf_high"]) == (drawn["conf_low"], drawn["conf_high"])


# Interviews with users


def test_users_by_pilot_are_those_of_the_tables(pilots):
    users = pilots.tables["interviews"].query("interview_type == 'participants'")
    found = numbers(chapter.users_by_centre(pilots))
    own = users[users["centre"] == "pilot_a"]
    assert found["users", "pilot_a", "n"] == len(own)
    assert found["sheltered_work", "pilot_a", "n"] == (own["work_status_at_interview"] == "sheltered_work").sum()
    assert found["sheltered_work", "pilot_b", "n"] == 0
    assert found["age", "pilot_a", "max"] == own["age"].max()


def test_what_is_not_known_of_the_users_is_not_said(pilots):
    page, interviews = Page("user_survey", "jmo"), pilots.tables["interviews"]
    nameless = interviews.assign(sex=None, age=float("nan"), work_status_at_interview=None)
    said = page.say(chapter.informants(with_tables(pilots, interviews=nameless))).text
    assert "The interviews were with 22 participants. <" in said
    assert chapter.expectations(pilots) == Absent("known_of_users:expectation_group")


def test_one_user_is_a_user_and_the_opening_tells_only_what_there_is(pilots):
    page, interviews = Page("user_survey", "jmo"), pilots.tables["interviews"]
    users = interviews[interviews["interview_type"] == "participants"]
    single = with_tables(
        pilots, interviews=users.head(1).assign(sex=None, age=float("nan"), work_status_at_interview=None)
    )
    assert unmarked(page.say(chapter.informants(single))) == "*Demonstration:* The interviews were with 1 participant."
    assert page.say(chapter.opening(pilots)).text == "This page tells what some of them said in interviews."


def test_most_of_them_is_said_of_more_than_half_only(bundled):
    """Four interviews with users for each theme: less than half, and several themes tie."""
    themes = bundled.tables["interview_themes"]
    few = themes[themes["interview_id"].str.startswith("B")].groupby("theme").head(4)
    assert chapter.success_and_wishes(bundled).key == "success_and_wishes"
    often = chapter.success_and_wishes(with_tables(bundled, interview_themes=few))
    assert (often.key, often.values["n"].value) == ("often_praised_together", 4)
    assert len(often.values["theme"]) > 1


def test_a_study_with_code_lists_of_its_own_has_its_labels(by_hand):
    """Expectations of another study, said in its own words."""
    lists = replace(by_hand.study.interviews, expectation_groups={"hopeful": {"en": "Hoped for a job"}})
    interviews = by_hand.tables["interviews"]
    hopeful = interviews.assign(expectation_group=interviews["expectation_group"].mask(
        interviews["expectation_group"].notna(), "hopeful"))  # fmt: skip
    trial = with_tables(with_study(by_hand, interviews=lists), interviews=hopeful)
    assert chapter.informants_table(trial).cells["row"].tolist()[0] == "expectation_group_hopeful"
    group = chapter.expectations(trial).values["groups"][0]
    assert (group.values["n"].value, group.values["group"].key) == (1, "hopeful")


# The whole page, for whatever study

USED = ("earlier_treatment", "questionnaires", "open_answers", "coordination", "interviews", "interview_themes")
VARIANTS = {
    "whole": lambda trial: trial,
    **{f"without_{name}": lambda trial, name=name: without(trial, name) for name in USED},
    "nothing": lambda trial: without(trial, *USED),
    "no_arms": lambda trial: with_study(trial, arms=()),
    "arms_renamed": lambda trial: _renamed(trial, {"sfj": "control", "control": "usual"}),
    "no_waves": lambda trial: with_study(trial, waves=()),
    "baseline_only": lambda trial: with_study(trial, waves=(0,)),
    "one_follow_up": lambda trial: with_study(trial, waves=(0, 6)),
    "later_waves": lambda trial: _at_waves(trial, {6: 4, 12: 24}),
    "nothing_printed": lambda trial: with_study(trial, as_printed=None),
}


def _renamed(trial, codes):
    arms = tuple(replace(arm, code=codes[arm.code]) for arm in trial.study.arms)
    people = trial.tables["participants"]
    return with_study(with_tables(trial, participants=people.assign(arm=people["arm"].map(codes))), arms=arms)


def _at_waves(trial, moved):
    tables = {
        name: frame.assign(wave=frame["wave"].replace(moved)) for name, frame in trial.tables.items() if "wave" in frame
    }
    return with_study(with_tables(trial, **tables), waves=(0, *moved.values()))


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_sentence_of_the_page_is_true_of_the_study(by_hand, variant, monkeypatch):
    """No cell fails, and nothing is said of a number that is not there."""
    said = prose_of(shown(monkeypatch, "user_survey", VARIANTS[variant](by_hand)))
    for sentence in said:
        assert not re.search(r"\bnan\b|\{|(?<!\d)–(?!\d)|\bof 0\b(?!\.\d)", sentence, flags=re.IGNORECASE), sentence
    text = " ".join(said)
    if variant in ("without_questionnaires", "no_arms", "no_waves", "baseline_only", "nothing"):
        assert "scale from 1 to 7" not in text and "returned the questionnaire" not in text
    if variant in ("without_open_answers", "no_arms", "nothing"):
        assert "most often satisfied" not in text and "Tools for coping" not in text
    if variant in ("without_interviews", "nothing"):
        assert "The interviews were with" not in text
    if variant == "later_waves":
        assert "6 months" not in text and "24 months" in text


def test_the_page_of_the_pilots_says_what_their_interviews_hold(pilots, monkeypatch):
    text = " ".join(prose_of(shown(monkeypatch, "user_survey", pilots)))
    assert "Participants were interviewed, not surveyed, and these interviews are invented." in text
    assert "**Pilot B.** The success factor most of them named was “Short therapy with the job in focus”" in text
    assert not re.search(r"SFJ|trial|questionnaire|satisfied|\bcontrol\b", text)

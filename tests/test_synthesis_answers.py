"""The answers of the synthetic trial: printed counts and means hold, items add up, one seed gives one table."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.calibration import Puzzle, rank_sum, solve
from analysis.frames.instruments.hads import score_hads
from analysis.frames.instruments.shc import any_complaint, score_shc
from analysis.published.moved import printed_row, read_moved
from analysis.synthesis.sfj import item_answers, reference_group
from analysis.synthesis.sfj.answers_drawing import divide, pick
from analysis.synthesis.sfj.centre_reviews import LESS_SUITABLE, fidelity
from analysis.synthesis.sfj.health_states import LEVELS, STATE_VALUES
from analysis.synthesis.sfj.open_answers import CATEGORIES, MOVED
from analysis.synthesis.sfj.process_answers import split_waves
from analysis.synthesis.sfj.ratings import expectation_counts
from analysis.synthesis.sfj.targets import read_targets

DATA = Path(__file__).parents[1] / "data" / "sfj"
WAVES = (0, 6, 12)


@pytest.fixture(scope="module")
def targets():
    return read_targets()


@pytest.fixture(scope="module")
def questionnaires():
    answers = pd.read_csv(DATA / "questionnaires.csv")
    arms = pd.read_csv(DATA / "participants.csv", usecols=["participant_id", "arm"])
    return answers.merge(arms, on="participant_id", validate="many_to_one")


@pytest.fixture(scope="module")
def scores(questionnaires):
    keys = questionnaires[["participant_id", "wave", "arm"]]
    return pd.concat([keys, score_hads(questionnaires), score_shc(questionnaires)[["shc_total"]]], axis=1)


def printed_mean(targets, *key):
    return pytest.approx(targets.value(*key, "mean"), abs=targets.half_unit(*key, "mean") * (1 + 1e-9))


def test_returned_questionnaires_are_as_many_as_printed(questionnaires, targets):
    returned = questionnaires.groupby("wave").size()
    assert returned[0] == targets.count("text_3.5", "participants_included", "total")
    for wave in (6, 12):
        assert returned[wave] == targets.count("text_4.2", f"returned_questionnaire_{wave}m", "total")


@pytest.mark.parametrize("arm", ["sfj", "control"])
@pytest.mark.parametrize(
    ("score", "row"),
    [
        ("hads_anxiety", "hads_anxiety"),
        ("hads_depression", "hads_depression"),
        ("hads_total", "hads_total"),
        ("shc_total", "subjective_health_complaints"),
    ],
)
def test_means_at_twelve_months_are_those_of_table_10(scores, targets, arm, score, row):
    known = scores.loc[(scores["wave"] == 12) & (scores["arm"] == arm), score].dropna()
    assert len(known) == targets.count("table_10", row, arm)
    assert known.mean() == printed_mean(targets, "table_10", row, arm)


@pytest.mark.parametrize("arm", ["sfj", "control"])
@pytest.mark.parametrize(
    ("score", "row"),
    [
        ("hads_anxiety", "hads_anxiety_sum"),
        ("hads_depression", "hads_depression_sum"),
        ("hads_total", "hads_total_sum"),
        ("shc_total", "subjective_health_complaints_sum"),
    ],
)
def test_means_at_inclusion_are_those_of_table_3(scores, targets, arm, score, row):
    known = scores.loc[(scores["wave"] == 0) & (scores["arm"] == arm), score]
    assert known.mean() == printed_mean(targets, "table_03", row, arm)


def test_shares_of_complaints_and_of_cases_at_inclusion(questionnaires, scores, targets):
    first = questionnaires[questionnaires["wave"] == 0]
    found = {f"{f}_complaints": any_complaint(first, f).mean() for f in ("musculoskeletal", "gastrointestinal")}
    at_start = scores[scores["wave"] == 0]
    for name in ("anxiety", "depression"):
        found[f"{name}_above_cutoff"] = (at_start[f"hads_{name}"].dropna() >= 8).mean()
    for row, share in found.items():
        assert round(100 * share) == targets.value("text_3.2", row, "total", "pct"), row


def test_scores_of_a_person_go_together_and_last(scores):
    wide = scores.pivot(index="participant_id", columns="wave", values=["hads_anxiety", "hads_depression", "shc_total"])
    for wave in WAVES:
        assert 0.35 < wide["hads_anxiety", wave].corr(wide["hads_depression", wave]) < 0.75
        assert 0.25 < wide["hads_anxiety", wave].corr(wide["shc_total", wave]) < 0.7
    for score in ("hads_anxiety", "shc_total"):
        assert 0.4 < wide[score, 0].corr(wide[score, 12]) < 0.75


def test_kinds_of_violence_are_counted_as_in_table_4(targets):
    background = pd.read_csv(DATA / "background.csv")
    for row in targets.where("table_04", statistic="n")["row"]:
        assert background[row].sum() == targets.count("table_04", row, "total"), row
    assert background["violence_any"].sum() == targets.count("text_3.4", "ever_exposed_to_violence", "total")
    kinds = background.filter(regex="violence_(been|robbery|sexual|deprivation|serious)").astype(bool)
    assert not (kinds.any(axis=1) & ~background["violence_any"].fillna(False).astype(bool)).any()


def test_codes_of_the_open_answers_are_counted_as_in_table_23(targets):
    """In the order that the text supports; of what fell out of the print as few as leave no answer without a code."""
    moved = read_moved(MOVED)
    answers = pd.read_csv(DATA / "open_answers.csv").query("coder == 1")
    assert len(answers) == targets.count("table_23", "caption_total_responses", "total")
    arms = pd.read_csv(DATA / "participants.csv").set_index("participant_id")["arm"]
    answers = answers.assign(column=answers["question"] + "_" + answers["participant_id"].map(arms))
    codes = answers.melt("column", ["category_1", "category_2", "category_3"]).dropna()
    counts = codes.groupby(["column", "value"]).size()
    for column, group in answers.groupby("column"):
        assert len(group) == targets.count("table_23", "header_n", column)
        rows = {category: printed_row(moved, "table_23", column, category) for category in CATEGORIES}
        for category, row in rows.items():
            if row is not None:
                assert counts.get((column, category), 0) == targets.count("table_23", row, column), (column, category)
    assert answers["category_1"].notna().all()
    assert counts["least_satisfied_control", "other"] == 26 and counts["least_satisfied_sfj", "other"] == 4


def test_answers_that_say_too_short_are_those_of_the_text(targets):
    answers = pd.read_csv(DATA / "open_answers.csv").query("coder == 1 and too_short_duration")
    arms = pd.read_csv(DATA / "participants.csv").set_index("participant_id")["arm"]
    found = answers.groupby([answers["participant_id"].map(arms), "wave"]).size()
    for wave in (6, 12):
        assert found["sfj", wave] == targets.count("text_7.4", "least_too_short_duration", f"sfj_{wave}m")
    about = answers[["category_1", "category_2", "category_3"]].eq("aspects_of_the_measure").any(axis=1)
    assert about.all() and found["control"].sum() == targets.count("table_23", "nav", "least_satisfied_control")


def test_users_of_health_services_are_shared_out_as_in_table_20(targets):
    services = pd.read_csv(DATA / "health_services.csv")
    arms = pd.read_csv(DATA / "participants.csv").set_index("participant_id")["arm"]
    services = services.assign(arm=services["participant_id"].map(arms))
    for (wave, arm), block in services.groupby(["wave", "arm"]):
        column = f"{wave}m_{arm}"
        assert block["participant_id"].nunique() == targets.count("table_20", "number", column)
        share = block.groupby("service")["used"].mean()
        for service in ("general_practitioner", "psychologist", "physiotherapist", "chiropractor", "other"):
            assert round(100 * share[service], 2) == targets.value("table_20", service, column, "pct")


def test_fidelity_totals_and_the_one_centre_that_tips_over(targets):
    for seed in range(5):
        reviews = fidelity(np.random.default_rng(seed), targets).pivot(index="centre", columns="item", values="score")
        totals = reviews.sum(axis=1)
        assert (totals.min(), totals.max()) == (85, 99)
        assert (
            sorted(np.where(reviews[5] >= 4, "high", np.where(reviews[5] <= 2, "low", "between")))
            == ["high"] * 3 + ["low"] * 3
        )
        adjusted = totals + (5 - reviews[list(LESS_SUITABLE)]).sum(axis=1)
        assert (adjusted >= 100).sum() == 1


def test_expectation_counts_give_the_printed_rank_sum_and_z(targets):
    counts = expectation_counts("expected_health_effect", 6, np.random.default_rng(3), targets)
    observed, _ = rank_sum(np.array([[counts["sfj"], counts["control"]]]))
    row = "ranksum_expected_health_effect_of_work_6m"
    assert observed[0] == targets.value("table_13", row, "sfj", "rank_sum")


def test_item_patterns_add_up_and_follow_the_difficulties():
    sums = np.repeat(np.arange(22), 50)
    answers = item_answers.patterns(
        sums, item_answers.item_weights((3.0, 1, 1, 1, 1, 1, 0.3), 0.8), np.random.default_rng(1)
    )
    assert (answers.sum(axis=1) == sums).all()
    assert answers.min() >= 0 and answers.max() <= 3
    assert answers[:, 0].mean() > answers[:, 1].mean() > answers[:, 6].mean()


def test_a_gap_leaves_one_item_out_and_keeps_the_imputed_sum():
    weights = item_answers.item_weights((1.0,) * 7, 0.8)
    sums, gaps = np.array([7 / 6 * 5, 9.0]), np.array([True, False])
    answers = item_answers.patterns_with_gap(sums, gaps, weights, np.random.default_rng(1))
    assert np.isnan(answers).sum(axis=1).tolist() == [1, 0]
    assert 7 * np.nanmean(answers[0]) == pytest.approx(sums[0])


def test_moving_complaints_between_factors_keeps_the_totals():
    rng = np.random.default_rng(2)
    answers = item_answers.shc_patterns(rng.integers(0, 40, 300), rng.integers(0, 7, 300), rng)
    moved = item_answers.reach_share(answers, "gastrointestinal", 200, ("pseudoneurology", "flu"), rng)
    assert (moved.sum(axis=1) == answers.sum(axis=1)).all()
    assert (moved[:, 15:22] > 0).any(axis=1).sum() == 200
    assert moved.min() >= 0 and moved.max() <= 3


def test_picking_and_dividing_give_exact_counts():
    rng = np.random.default_rng(3)
    assert pick(rng, np.zeros(50), 17).sum() == 17
    chosen = divide(rng, {"a": np.zeros(50), "b": np.zeros(50)}, {"a": 20, "b": 25})
    assert [(chosen == code).sum() for code in ("a", "b")] == [20, 25]
    with pytest.raises(ValueError, match="wanted"):
        pick(rng, np.array([0.0, -np.inf]), 2)


def test_splitting_over_waves_reproduces_the_mean_of_the_waves_per_cents(targets):
    names = ("positive", "negative", "mixed", "unclassifiable")
    totals = {name: targets.count("text_7.5", f"coordination_{name}", "control") for name in names}
    printed = {name: targets.value("text_7.5", f"coordination_{name}", "control", "pct") for name in names}
    first, second = split_waves(totals, printed, (0.44, 0.56))
    for name in names:
        assert first[name] + second[name] == totals[name]
        mean = 50 * (first[name] / sum(first.values()) + second[name] / sum(second.values()))
        assert round(mean, 1) == pytest.approx(printed[name], abs=0.051)


def test_the_search_moves_a_mean_into_its_interval():
    start = np.arange(40.0)

    def propose(rng, values, size):
        rows = rng.integers(len(values), size=size)
        return rows, values[rows] + rng.choice([-1.0, 1.0], size=size)

    puzzle = Puzzle(
        lambda rows, values: values[:, None], lambda sums: sums / 40, np.array([21.0]), np.array([21.1]), propose
    )
    values, _ = solve(puzzle, start, np.random.default_rng(4))
    assert 21.0 <= values.mean() <= 21.1
    assert (start == np.arange(40.0)).all()


def test_health_states_have_the_published_values():
    value = {"".join(map(str, levels)): index for levels, index in zip(LEVELS, STATE_VALUES, strict=True)}
    assert [value[state] for state in ("11111", "21111", "11112", "12321", "22222", "33333")] == pytest.approx(
        [1.0, 0.85, 0.848, 0.329, 0.516, -0.594]
    )


def test_the_same_seed_gives_the_same_table_and_another_seed_another(targets):
    made = [reference_group.stage(np.random.default_rng(seed), targets)["reference_group"] for seed in (1, 1, 2)]
    pd.testing.assert_frame_equal(made[0], made[1])
    assert not made[0].equals(made[2])


def test_more_questionnaires_came_back_than_there_can_be_responders(targets):
    without = [
        targets.count("table_14", "baseline_subjective_health_complaints", f"{arm}_non_responders_12m")
        for arm in ("sfj", "control")
    ]
    included = targets.count("text_3.5", "participants_included", "total")
    assert included - sum(without) < targets.count("text_4.2", "returned_questionnaire_12m", "total")


def test_printed_counts_of_the_least_satisfied_controls_cannot_hold(targets):
    codes = sum(targets.count("table_23", category, "least_satisfied_control") for category in CATEGORIES)
    assert codes < targets.count("table_23", "header_n", "least_satisfied_control")

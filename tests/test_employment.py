"""The employment chapter: hand-worked tables, keys and formulas of the print, words that turn with the data."""

from dataclasses import replace
from itertools import product
from math import sqrt
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from scipy import stats

from analysis.as_printed.sfj.employment import text_4_1
from analysis.chapters import employment
from analysis.chapters.employment import covariates, durations, models, populations, sensitivity, sentences
from analysis.frames.needs import Absent
from analysis.frames.trial import open_trial
from analysis.methods.regression import average_contrast, marginal_effects
from analysis.published.scorecard import read_published
from analysis.show import prose
from analysis.show.figures import Figure, draw
from analysis.show.listing import Listing
from analysis.show.listing import to_html as listing_html
from analysis.show.prose import Sentence
from analysis.show.study_words import study_catalogue
from analysis.show.table_html import to_html
from analysis.show.tables import Table
from analysis.study.finding import BUNDLED
from analysis.study.outcome_rules import USUAL_STATUS_GROUPS as STATUS_GROUPS
from analysis.study.reading import read_settings
from tests.everything_of_employment import everything

HANDMADE = Path(__file__).parent / "handmade"
PUBLISHED = read_published()
PRINTED = {
    "table_07": employment.statuses_table,
    "table_08": employment.late_shares_table,
    "table_09": employment.adjusted_models_table,
    "table_A2": employment.covariate_products_table,
    "text_4.1": text_4_1,
}
# The words of the bundled study's report name the tables and models that the hand-made trial shares with it.
REPORTED = read_settings(BUNDLED)
CATALOGUE = study_catalogue(REPORTED, "en", BUNDLED)
ADJUSTED = models.ADJUSTED
PRINTED_MODELS = [models.Model(**own) for own in REPORTED.as_printed.rules["employment.models"]["adjusted_models"]]


@pytest.fixture(scope="module")
def handmade():
    return open_trial(HANDMADE)


@pytest.fixture(scope="module")
def bundled():
    return open_trial()


@pytest.fixture(scope="module")
def swapped(bundled):
    """The bundled trial with the arms exchanged: every difference must turn round."""
    other = {"sfj": "control", "control": "sfj"}
    people = bundled.tables["participants"]
    turned = people.assign(arm=people["arm"].map(other).astype(people["arm"].dtype))
    return replace(bundled, tables={**bundled.tables, "participants": turned})


@pytest.fixture(scope="module")
def bundled_results(bundled):
    return results(bundled)


def values(table: Table) -> pd.Series:
    return table.cells.set_index(["row", "column", "statistic"])["value"]


def results(trial) -> list:
    """Everything the chapter can show or say about a trial, and the print's numbers of its text."""
    return [result for result in [*everything(trial), text_4_1(trial)] if not isinstance(result, Absent)]


def model(outcome: str, products: bool = False, at: int = 12) -> models.Model:
    return next(each for each in PRINTED_MODELS if (each.outcome, each.products, each.at) == (outcome, products, at))


# ---- tables worked by hand -------------------------------------------------------------------------------------------


def test_table_07_by_hand(handmade):
    """The extract leaves P0010 out and has P0003 on AAP in month 12: five people with SFJ, four in the control arm."""
    found = values(employment.statuses_table(handmade))
    expected = {
        "inclusion_sfj": {"sick_listed_graded": 20, "aap": 20, "unemployment_benefit_individual_allowance": 40,
                          "no_job_no_benefit": 20},
        "inclusion_control": {"sick_listed_full": 50, "job_no_benefits": 25, "sick_listed_graded": 25},
        "month12_sfj": {"job_no_benefits": 40, "aap": 20, "nav_follow_up_without_benefits": 20,
                        "disability_pension_full": 20},
        "month12_control": {"aap": 25, "disability_pension_graded": 25, "job_no_benefits": 50},
    }  # fmt: skip
    for column, statuses in expected.items():
        own = found.xs((column, "pct"), level=("column", "statistic"))
        assert own[own > 0].to_dict() == pytest.approx(statuses)
        assert found["number", column, "n"] == (5 if column.endswith("sfj") else 4)


@pytest.mark.parametrize(
    ("row", "sfj", "control"),
    [
        ("month_12_in_work_no_benefits", 2 / 5, 2 / 5),
        ("month_12_fully_or_partly_in_work", 3 / 5, 3 / 5),
        ("month_14_in_work_no_benefits", 2 / 4, 2 / 4),
        ("month_18_in_work_no_benefits", 2 / 4, 1 / 3),
        ("month_18_fully_or_partly_in_work", 2 / 4, 2 / 3),
    ],
)
def test_table_08_by_hand(handmade, row, sfj, control):
    found = values(employment.late_shares_table(handmade))
    assert found[row, "sfj", "proportion"] == pytest.approx(sfj)
    assert found[row, "control", "proportion"] == pytest.approx(control)
    assert found[row, "sfj_minus_control", "difference"] == pytest.approx(sfj - control)


def test_the_p_value_of_table_08_is_that_of_the_pooled_test(handmade):
    found = values(employment.late_shares_table(handmade))
    pooled = 3 / 7  # three of the seven people observed in month 18 are in work
    z = (1 / 2 - 1 / 3) / sqrt(pooled * (1 - pooled) * (1 / 4 + 1 / 3))
    expected = 2 * stats.norm.sf(z)
    assert found["month_18_in_work_no_benefits", "sfj_vs_control", "p"] == pytest.approx(expected)


def test_people_observed_by_hand(handmade):
    found = values(employment.observed_table(handmade))
    assert [found["month_13", arm, "n"] for arm in ("total", "sfj", "control")] == [10, 5, 5]
    assert [found["month_14", arm, "n"] for arm in ("total", "sfj", "control")] == [8, 4, 4]
    assert [found["month_18", arm, "n"] for arm in ("total", "sfj", "control")] == [7, 4, 3]


def test_centre_differences_by_hand(handmade):
    expected = yaml.safe_load((HANDMADE / "expected.yml").read_text(encoding="utf-8"))["employment"][
        "centre_differences"
    ]
    found = populations.centre_differences(handmade)
    assert found["centre"].tolist() == ["hordaland", "oslo"]
    assert found.set_index("centre")["difference"].to_dict() == pytest.approx(expected, abs=1e-6)
    assert populations.best_centres(handmade, 1) == ["hordaland"]


def test_the_limit_of_aap_with_work_by_hand(handmade):
    """P0003 reports 11 hours a fortnight on average in month 12, of 40 agreed: counted at 25 per cent, not at 50."""
    found = values(employment.work_share_table(handmade))
    assert found["share_25", "sfj", "pct"] == pytest.approx(60)
    assert found["share_50", "sfj", "pct"] == pytest.approx(40)
    assert found["share_50", "control", "pct"] == pytest.approx(60)


def test_months_out_of_work_are_counted_among_the_fully_sick_listed(handmade):
    found = values(employment.spread_table(handmade))
    assert found["short", "control", "n"] == 1  # P0002
    assert found["whole_window", "control", "n"] == 1  # P0004
    assert found["none", "control", "n"] == found["longer", "control", "n"] == 0


def test_numbers_of_the_text_by_hand(handmade):
    found = values(text_4_1(handmade))
    assert found["follow_up_all", "note", "months"] == 13
    assert found["followed_to_month_18", "sfj", "n"] == 4
    assert found["other_status_group", "total", "n"] == 3  # P0005, P0007, P0009
    assert found["disability_pension_degree_in_outcome_definition", "note", "pct"] == 50
    assert found["fully_or_partly_in_work_12m_aap_fig7", "sfj", "pct"] == 100  # P0003
    assert found["fully_or_partly_in_work_12m_aap_fig7", "control", "pct"] == 0  # P0010
    assert found["critical_value_5pct", "note", "z"] == pytest.approx(1.959964, abs=1e-6)


# ---- the print -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", PRINTED)
def test_every_printed_number_has_a_computed_one(bundled, name):
    printed = PUBLISHED[PUBLISHED["source"] == name]
    found = values(PRINTED[name](bundled))
    keys = list(printed[["row", "column", "statistic"]].itertuples(index=False, name=None))
    assert [key for key in keys if key not in found.index] == []
    assert found.loc[keys].notna().all()


def shares_to_counts(printed: float, sizes: range, decimals: int = 4) -> dict[int, int]:
    """Group size → number of people, wherever the share rounds to the printed one."""
    half = 0.5 * 10.0**-decimals + 1e-12
    return {n: round(printed * n) for n in sizes if abs(round(printed * n) / n - printed) <= half}


def printed_share(row: str, column: str) -> float:
    cell = PUBLISHED[(PUBLISHED["source"] == "table_08") & (PUBLISHED["row"] == row) & (PUBLISHED["column"] == column)]
    return float(cell["value"].iloc[0])


def test_no_group_sizes_give_both_the_shares_and_the_p_values_of_month_18():
    """The four printed shares leave one pair of group sizes, and its tests do not give the printed p-values.

    Nor do the sizes that the text names give the shares. This is the proof of what the method note says.
    """
    rows = ("month_18_in_work_no_benefits", "month_18_fully_or_partly_in_work")
    sizes = {"control": range(300, 564), "sfj": range(300, 631)}
    fits = {arm: [shares_to_counts(printed_share(row, arm), sizes[arm]) for row in rows] for arm in ("control", "sfj")}
    common = {arm: sorted(set(first) & set(second)) for arm, (first, second) in fits.items()}
    assert common == {"control": [457], "sfj": [498]}
    for row, control, treated in zip(rows, fits["control"], fits["sfj"], strict=True):
        k0, k1 = control[457], treated[498]
        p = stats.chi2_contingency([[k1, 498 - k1], [k0, 457 - k0]], correction=False).pvalue
        assert abs(p - printed_share(row, "sfj_vs_control")) > 0.002
    assert 540 not in common["sfj"]
    assert 469 not in common["control"]


def test_425_and_498_people_give_month_18_but_for_one_share_cut_off():
    cases = {
        "month_18_in_work_no_benefits": (146, 196),
        "month_18_fully_or_partly_in_work": (160, 226),
    }
    for row, (k0, k1) in cases.items():
        p = stats.chi2_contingency([[k1, 498 - k1], [k0, 425 - k0]], correction=False).pvalue
        assert round(p, 3) == printed_share(row, "sfj_vs_control")
        assert round(k1 / 498, 4) == printed_share(row, "sfj")
        assert int(1e4 * k0 / 425) / 1e4 == printed_share(row, "control")
    assert round(160 / 425, 4) != printed_share("month_18_fully_or_partly_in_work", "control")


def test_whole_people_behind_table_07_add_up_and_five_percentages_are_not_theirs():
    printed = PUBLISHED[(PUBLISHED["source"] == "table_07") & (PUBLISHED["statistic"] == "pct")]
    sizes = PUBLISHED[(PUBLISHED["source"] == "table_07") & (PUBLISHED["row"] == "number")].set_index("column")["value"]
    n = printed["column"].map(sizes)
    people = (printed["value"] * n / 100).round()
    assert people.groupby(printed["column"]).sum().to_dict() == sizes.to_dict()
    off = (100 * people / n - printed["value"]).abs()
    wrong = printed[off > 0.005 + 1e-9]
    assert len(wrong) == 5
    assert wrong.loc[off[wrong.index] > 0.02, "row"].tolist() == ["sick_listed_full"]


@pytest.mark.parametrize("month", range(12, 18))
def test_one_pair_of_group_sizes_gives_shares_and_p_values_of_each_earlier_month(month):
    rows = (f"month_{month}_in_work_no_benefits", f"month_{month}_fully_or_partly_in_work")
    sizes = {"control": range(330, 564), "sfj": range(390, 631)}
    fits = {arm: [shares_to_counts(printed_share(row, arm), sizes[arm]) for row in rows] for arm in ("control", "sfj")}
    common = {arm: sorted(set(first) & set(second)) for arm, (first, second) in fits.items()}
    found = [
        (n0, n1)
        for n0, n1 in product(common["control"], common["sfj"])
        if all(
            round(
                stats.chi2_contingency(
                    [[treated[n1], n1 - treated[n1]], [control[n0], n0 - control[n0]]], correction=False
                ).pvalue,
                3,
            )
            == printed_share(row, "sfj_vs_control")
            for row, control, treated in zip(rows, fits["control"], fits["sfj"], strict=True)
        )
    ]
    assert len(found) == 1


def test_the_printed_standard_errors_are_those_of_effects_at_the_means(bundled):
    """The arm is unrelated to the other terms, so its standard error tells which kind of effect was printed."""
    printed = PUBLISHED[(PUBLISHED["source"] == "table_09") & (PUBLISHED["row"] == "sfj_vs_control")]
    wide = printed.pivot(index="column", columns="statistic", values="value")
    extract = bundled.extract_for(ADJUSTED)
    for outcome in ("in_work_no_benefits", "fully_or_partly_in_work"):
        printed_error = wide.loc[model(outcome).column, "marginal_effect"] / wide.loc[model(outcome).column, "z"]
        fitted = models.fit(extract, model(outcome))
        errors = {
            at: marginal_effects(fitted, at=at).set_index("contrast").loc["sfj_vs_control", "std_error"]
            for at in ("means", "average")
        }
        assert abs(errors["means"] - printed_error) < 0.5 * abs(errors["average"] - printed_error)


def test_the_printed_z_of_aap_is_that_of_a_change_from_nought_to_one(bundled):
    """Few on AAP are in work, so the change from 0 to 1 is more certain than the slope; the print has the change."""
    printed = PUBLISHED[(PUBLISHED["source"] == "table_09") & (PUBLISHED["row"] == "aap_at_inclusion")]
    z = printed[printed["statistic"] == "z"].set_index("column")["value"]
    fitted = models.fit(bundled.extract_for(ADJUSTED), model("in_work_no_benefits"))
    found = {
        kind: marginal_effects(fitted, dummies=kind).set_index("contrast").loc["aap_at_inclusion", "statistic_value"]
        for kind in ("discrete", "derivative")
    }
    misses = {kind: abs(value - z[model("in_work_no_benefits").column]) for kind, value in found.items()}
    assert misses["discrete"] < 0.5 * misses["derivative"]


# ---- the estimates ---------------------------------------------------------------------------------------------------


def test_exchanging_the_arms_turns_every_difference_round(bundled, swapped):
    there, back = (
        employment.compare(employment.late_outcomes(trial), trial, by="month") for trial in (bundled, swapped)
    )
    gap = there["contrast"] == "sfj_vs_control"
    np.testing.assert_allclose(back.loc[gap, "estimate"], -there.loc[gap, "estimate"], atol=1e-12)
    np.testing.assert_allclose(back.loc[gap, "p_value"], there.loc[gap, "p_value"], atol=1e-12)
    for outcome in ("in_work_no_benefits", "fully_or_partly_in_work"):
        both = [models.effects(trial, model(outcome)).set_index("contrast") for trial in (bundled, swapped)]
        first, second = (found.loc["sfj_vs_control"] for found in both)
        assert second["estimate"] == pytest.approx(-first["estimate"], abs=1e-8)


def test_average_effects_of_the_groups_add_up_to_that_of_everyone(bundled):
    own = model("fully_or_partly_in_work", products=True)
    *groups, everyone = models.adjusted_effects(bundled, own, groups=(*STATUS_GROUPS, "all"))
    frame = covariates.regression_frame(bundled, own.at)
    people = frame[[own.outcome, "status_group", *models.terms_of(own, bundled)]].dropna()
    sizes = people["status_group"].value_counts()
    mean = sum(effect.estimate * sizes[effect.population] for effect in groups) / sizes.sum()
    assert everyone.estimate == pytest.approx(mean, abs=1e-10)


def test_the_average_effect_in_a_group_is_the_raw_difference_when_nothing_else_is_in_the_model(bundled):
    """With status, treatment and their products alone the logit is saturated."""
    frame = covariates.regression_frame(bundled, 12)
    products = list(covariates.product_terms(bundled, covariates.status_terms(bundled)))
    fitted = models.fit_logit(
        frame, "fully_or_partly_in_work", [*covariates.status_terms(bundled), *products, "sfj_vs_control"]
    )
    raw = values(employment.group_table(bundled))
    for group in STATUS_GROUPS:
        own = frame[frame["status_group"] == group]
        designs = [covariates.with_treatment(bundled, own, treated) for treated in (1, 0)]
        effect = average_contrast(fitted, *designs, population=group, contrast="sfj_vs_control")
        assert 100 * effect.estimate == pytest.approx(raw[group, "sfj_minus_control", "difference"], abs=1e-6)


def test_people_of_unknown_status_are_left_out_of_the_models_and_counted(bundled):
    """They are in no group, least of all in the one that the others are compared with."""
    general = replace(bundled, study=replace(bundled.study, as_printed=None))
    people = general.people.copy()
    unknown = people["participant_id"].iloc[::40]
    people.loc[people.index[::40], "status_group"] = np.nan
    trial = replace(general)
    trial.__dict__.update(panel=general.panel, outcomes=general.outcomes, people=people)
    frame, own = covariates.regression_frame(trial, 12), model("fully_or_partly_in_work", products=True)
    assert frame.loc[frame["participant_id"].isin(unknown), list(covariates.status_terms(trial))].isna().all().all()
    whole = covariates.regression_frame(general, 12)
    kept = whole[~whole["participant_id"].isin(unknown)]
    assert models.fit(trial, own).n == len(kept[[own.outcome, *models.terms_of(own, trial)]].dropna())
    (note,) = employment.adjusted_models_table(trial).notes
    assert note.values["people"].value == len(unknown) and "not known" in prose.write(note, "employment", CATALOGUE)
    assert not employment.adjusted_models_table(general).notes


def test_products_follow_the_treatment(bundled):
    frame = covariates.regression_frame(bundled, 12)
    nobody = covariates.with_treatment(bundled, frame, 0)
    names = [*covariates.status_terms(bundled), *covariates.covariates(bundled)]
    products = list(covariates.product_terms(bundled, names))
    assert (nobody[products].fillna(0) == 0).all().all()
    everybody = covariates.with_treatment(bundled, frame, 1)
    assert everybody["sfj_x_aap_at_inclusion"].equals(everybody["aap_at_inclusion"].astype(float))


def test_the_studys_own_limit_gives_the_studys_own_outcomes(bundled):
    share = bundled.study.registers.aap_work_share_min
    found = sensitivity.outcomes_with_share(bundled, share).set_index("participant_id")["fully_or_partly_in_work"]
    own = populations.outcomes_at(bundled, 12).set_index("participant_id")["fully_or_partly_in_work"]
    assert found.sort_index().tolist() == own.sort_index().tolist()


def test_duration_models_hold_the_fully_sick_listed_only(bundled):
    frame = durations.duration_frame(bundled)
    assert set(frame["status_group"]) == {"sick_listed_full"}
    assert frame["months_out_of_work"].between(0, 12).all()
    assert durations.joint_tests(bundled)["df"].tolist() == [1, 2]


# ---- figures ---------------------------------------------------------------------------------------------------------


def test_figures_plot_the_shares_of_the_months(bundled):
    figure, _ = employment.outcome_figures(bundled)
    at_12 = figure.frame[figure.frame["month"] == 12].set_index("arm")
    people = populations.outcomes_at(bundled.extract_for(populations.PEOPLE), 12)
    raw = people.groupby("arm")["in_work_no_benefits"].mean()
    assert at_12["estimate"].to_dict() == pytest.approx(raw.to_dict())
    assert (at_12["conf_low"] < at_12["estimate"]).all()
    assert sorted(figure.frame["month"].unique()) == list(range(-12, 19))


def test_statuses_of_a_month_sum_to_one(bundled):
    frame = employment.states_figure(bundled).frame
    totals = frame.groupby(["panel", "month"])["estimate"].sum()
    np.testing.assert_allclose(totals, 1)
    assert frame["category"].nunique() == 6


def test_status_figures_hold_their_group_only(bundled):
    people = populations.compared(bundled).people["status_group"].value_counts()
    figures = employment.status_figures(bundled)
    assert [figure.name for figure in figures] == [f"status_{group}" for group in STATUS_GROUPS]
    for group, figure in zip(STATUS_GROUPS, figures, strict=True):
        assert figure.frame.loc[figure.frame["month"] == 0, "n"].sum() == people[group]


# ---- words -----------------------------------------------------------------------------------------------------------


def test_sentences_turn_when_the_arms_are_exchanged(bundled, swapped):
    for make in (sentences.title, sentences.main_result):
        assert (make(bundled).direction, make(swapped).direction) == ("higher", "lower")


def test_no_difference_is_called_unclear(handmade):
    found = employment.main_result(handmade)
    assert found.direction == "unclear"
    text = prose.write(found, "employment", CATALOGUE)
    assert "no clear difference" in text
    assert "60.0%" in text


def test_a_wide_interval_is_never_called_clear(handmade):
    """One against one person differs by 100 percentage points; that is not a clear difference."""
    for sentence in employment.by_status(handmade):
        assert sentence.direction == "unclear" or sentence.key in ("group_same", "group_too_small")


@pytest.mark.parametrize("study", ["bundled", "handmade"])
def test_everything_can_be_shown_and_said(study, bundled_results, handmade):
    """Also a trial of ten people, in which no model can be estimated, has words for all of it."""
    for result in bundled_results if study == "bundled" else results(handmade):
        if isinstance(result, Table):
            assert to_html(result, "employment", CATALOGUE, "caption").startswith("<table")
        elif isinstance(result, Figure):
            assert draw(result, "employment", CATALOGUE).startswith(b"<?xml")
        elif isinstance(result, Listing):
            assert listing_html(result, "employment", CATALOGUE, "caption").startswith("<table")
        else:
            assert prose.write(result, "employment", CATALOGUE).endswith((".", "?"))


def test_a_study_without_optional_tables_says_what_it_lacks_and_adjusts_for_the_rest(handmade):
    optional = ("aap_hours", "background", "income")
    bare = replace(handmade, tables=handmade.tables | {name: handmade.tables[name].iloc[:0] for name in optional})
    assert [sentence.key for sentence in employment.data_gaps(bare)] == ["without_aap_hours", "without_covariates"]
    said = prose.write(employment.data_gaps(bare)[1], "employment", CATALOGUE)
    assert "Married" in said and "Woman" not in said
    assert covariates.covariates(bare) == ["woman", "age"]
    assert not employment.data_gaps(handmade)


def test_every_variant_of_every_sentence_can_be_said(bundled_results):
    for result in bundled_results:
        if isinstance(result, Sentence) and result.direction is not None:
            for direction in prose.DIRECTIONS:
                assert prose.write(replace(result, direction=direction), "employment", CATALOGUE).endswith(".")


def test_key_numbers_are_those_of_the_tables(bundled):
    numbers = employment.key_numbers(bundled)
    printed = values(employment.adjusted_models_table(bundled))
    column = model("in_work_no_benefits").column
    assert numbers["in_work_no_benefits_m12_adjusted"] == pytest.approx(
        100 * printed["sfj_vs_control", column, "marginal_effect"]
    )
    observed = values(employment.observed_table(bundled))
    assert numbers["observed_month_18"] == observed["month_18", "total", "n"]


def test_centres_are_listed_as_in_speech_and_no_month_as_none(handmade):
    shares = employment.compare(employment.late_outcomes(handmade), handmade, by="month")
    said = prose.write(employment.later_months(shares, handmade)[0], "employment", CATALOGUE)
    assert "clearly lower in none (p below" in said
    assert "are Hordaland and Oslo, with" in prose.write(*employment.centres(handmade, 2), "employment", CATALOGUE)


def test_both_ends_of_a_range_come_with_their_p_value(bundled):
    """The range of the effect by hours beside AAP does not hide that it is unclear at one end."""
    table = employment.work_share_table(bundled)
    cells = table.cells.set_index(["statistic", "row"])["value"]
    said = employment.work_share(table).values
    least, most = cells["difference"].idxmin(), cells["difference"].idxmax()
    assert (said["p_lowest"].value, said["p_highest"].value) == (cells["p"][least], cells["p"][most])
    assert said["p_lowest"].value > 0.05 > said["p_highest"].value


def test_tests_after_the_fact_say_how_many_they_are(bundled):
    """Two times by status, two shapes of the time out of work; of the centres their spread, and of two outcomes the
    effect at the best and what picking explains."""
    found = [each for each in (*employment.interaction(bundled), *employment.duration(bundled)) if "p" in each.values]
    assert found and {each.values["tests"].value for each in found} == {9}

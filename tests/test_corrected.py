"""The report's economic result without its slips: worked by hand from the printed inputs, one value for every page."""

from dataclasses import replace

import pandas as pd
import pytest

from analysis.as_printed.sfj.printed_amounts import amounts_that_do_not_follow, printed_amounts_table
from analysis.chapters import audit, cost_benefit
from analysis.chapters.cost_benefit import slips
from analysis.frames.needs import Absent
from analysis.frames.trial import open_trial
from analysis.published import corrected
from analysis.published.corrected import BREAK_EVEN, PER_PERSON, TOTAL, calculation, corrected_result
from analysis.published.prints import report_of
from analysis.published.scorecard import addresses
from analysis.show.figures import draw
from analysis.show.page import Page
from analysis.show.prose import write

# Section 5.2 and Tables 21 and 22 as printed, all participants. 0.056 is the effect on full work, 0.044, and half of
# that on partial work, 0.024; lambda 0.2, one year at 4 per cent.
W, F, U, TREATED, CONTROL = 399_664, 76_496, 350_240, 37_512, 16_800
WAGE = 340_400
W_RIGHT = WAGE * 1.02 * 1.141 + 1500
F_RIGHT = 0.29 * (1 - 0.34) * WAGE
CONSULTANTS = 66.8 * 53_200 / 615 - 5578
# The tax on disability pension that the other column's 246,850 implies, in the recipe of the first.
TAX = 1 - (246_850 / 252_191 - 0.34 - 0.141 * 1.02) / 0.66
U_RIGHT = WAGE * (0.66 * (1 - TAX) + 0.34 + 0.141 * 1.02)


def per_person(production=W, leisure=F, saved=U, treated=TREATED):
    return 0.056 * (production - leisure + 0.2 * saved) / 1.04 - 1.2 * (treated - CONTROL)


@pytest.fixture(scope="module")
def trial():
    return open_trial()


@pytest.fixture(scope="module")
def found(trial):
    return corrected_result(trial)


def test_result_per_person_by_hand(found):
    """−3,681 as printed becomes −3,419, or −3,602 with the transfers of the other column's recipe."""
    assert found.printed == -3681
    assert found.unrounded == pytest.approx(per_person())
    assert found.corrected == pytest.approx(per_person(W_RIGHT, F_RIGHT, U, TREATED + CONSULTANTS))
    assert found.with_doubt == pytest.approx(per_person(W_RIGHT, F_RIGHT, U_RIGHT, TREATED + CONSULTANTS))
    assert [round(value) for value in (found.corrected, found.with_doubt)] == [-3419, -3602]
    assert (found.low, found.high) == (found.with_doubt, found.corrected)


def test_each_slip_alone_by_hand(found):
    alone = found.slips.set_index("key")["alone"].to_dict()
    by_hand = {
        "job_consultant": per_person(treated=TREATED + CONSULTANTS),
        "W_t": per_person(production=W_RIGHT),
        "F_t": per_person(leisure=F_RIGHT),
        "U_t": per_person(saved=U_RIGHT),
    }
    assert alone == pytest.approx({key: value - per_person() for key, value in by_hand.items()})
    assert found.slips.loc[found.slips["in_doubt"], "key"].tolist() == ["U_t"]


def test_total_and_break_even_by_hand(trial):
    total, even = corrected_result(trial, TOTAL), corrected_result(trial, BREAK_EVEN)
    assert total.printed == -2_263_956
    assert total.corrected == pytest.approx(615 * corrected_result(trial, PER_PERSON).corrected, abs=1)
    assert round(total.corrected / 1e6, 2) == -2.10
    assert round(total.with_doubt / 1e6, 2) == -2.22
    assert round((total.with_doubt - total.corrected) / 1e6, 2) == -0.11
    cost = 1.2 * (TREATED + CONSULTANTS - CONTROL) * 1.04
    assert even.unrounded == pytest.approx(1.2 * (TREATED - CONTROL) * 1.04 / (W - F + 0.2 * U))
    assert even.corrected == pytest.approx(cost / (W_RIGHT - F_RIGHT + 0.2 * U))
    assert even.with_doubt == pytest.approx(cost / (W_RIGHT - F_RIGHT + 0.2 * U_RIGHT))


def test_steps_of_the_figure_lead_from_the_print_to_the_corrected_result(trial, found):
    frame = audit.figure_slips(trial).frame.set_index("row")
    levels = frame.loc[["as_printed", "as_corrected", "in_doubt"], "estimate"].tolist()
    assert levels == [found.unrounded, found.corrected, found.with_doubt]
    steps = frame.drop(index=["as_printed", "as_corrected", "in_doubt"])
    assert (steps["end"] - steps["start"]).tolist() == pytest.approx(steps["estimate"].tolist())
    certain = steps.loc[["job_consultant", "W_t", "F_t"], "estimate"].sum()
    assert found.unrounded + certain == pytest.approx(found.corrected)
    assert b"<svg" in draw(audit.figure_slips(trial), "audit", Page("audit").catalogue)


def test_both_pages_give_one_value(trial, found):
    """To the krone: the sentences of both pages, the audit's table and its key numbers come from one function."""
    catalogue = Page("audit").catalogue
    sentences = slips.consequence(trial), slips.consequence_of_doubt(trial), slips.corrected_break_even(trial)
    on_costs = [*cost_benefit.slip_sentences(trial), *sentences]
    assert sentences == (audit.consequence(trial), audit.consequence_of_doubt(trial), audit.corrected_break_even(trial))
    text = " ".join(write(sentence, "cost_benefit", catalogue) for sentence in on_costs)
    for amount in (found.printed, found.corrected, found.with_doubt):
        assert f"NOK {amount:,.0f} ".replace("-", "−") in text
    cells = audit.table_corrected(trial).cells.set_index(["row", "column"])["value"]
    assert cells["gain_minus_weighted_extra_cost", "as_corrected"] == pytest.approx(found.corrected)
    assert cells["gain_minus_weighted_extra_cost", "in_doubt"] == pytest.approx(found.with_doubt)
    numbers = audit.key_numbers(trial)
    assert numbers["net_present_value_corrected"] == pytest.approx(615 * found.corrected, abs=1)


def test_slips_counted_are_those_that_reach_the_result(trial, found):
    certain = found.slips[~found.slips["in_doubt"]]
    assert f"{len(certain)} slips reach" in write(slips.consequence(trial), "audit", Page("audit").catalogue)
    assert amounts_that_do_not_follow(trial) == ["job_consultant_sfj", "W_t_external", "F_t_external"]


def test_printed_amounts_stand_beside_what_their_parts_give(trial):
    """W is printed 2,000 kroner above what the wage gives; the amounts of the other column follow."""
    table = printed_amounts_table(trial).cells.set_index(["row", "column"])
    assert table.loc[("W_t_external", "difference"), "value"] == pytest.approx(W - W_RIGHT)
    assert table.loc[("W_t_external", "moves"), "value"] == pytest.approx(per_person(W_RIGHT) - per_person())
    follows = table.xs("follows", level="column")["text"]
    assert follows[["W_t_external", "U_t_external", "W_t_internal"]].tolist() == [
        "follows_no", "follows_in_doubt", "follows_yes",
    ]  # fmt: skip


def test_words_turn_with_the_way_a_slip_turns_the_result(trial):
    said = {sentence.values["what"].key: sentence for sentence in slips.slip_sentences(trial)
            if "what" in sentence.values}  # fmt: skip
    assert {key: sentence.direction for key, sentence in said.items()} == {
        "job_consultant": "lower", "W_t": "lower", "F_t": "higher", "U_t": "lower"
    }  # fmt: skip
    assert said["U_t"].key == "slip_in_doubt"


def test_a_result_whose_sign_changes_takes_the_conclusion_with_it(trial, monkeypatch):
    turned = {TOTAL: 1e6, PER_PERSON: 1626.0}
    made = corrected_result

    def with_gain(trial, result=PER_PERSON):
        return replace(made(trial, result), corrected=turned[result])

    monkeypatch.setattr(slips, "corrected_result", with_gain)
    assert slips.consequence(trial).key == "consequence_new_sign"


def test_without_a_slip_nothing_is_corrected(trial, monkeypatch):
    empty = pd.DataFrame({"key": [], "in_doubt": pd.Series(dtype=bool), "alone": []})
    none = replace(corrected_result(trial), slips=empty)
    for module in (slips, audit.economics):
        monkeypatch.setattr(module, "corrected_result", lambda trial, result=PER_PERSON: none)
    for function in (slips.consequence, audit.figure_slips, audit.table_corrected):
        assert function(trial).key == "consequence_none"
    assert isinstance(slips.consequence_of_doubt(trial), Absent)
    assert slips.slip_sentences(trial) == ()


def test_a_study_without_such_a_report_has_no_corrected_result():
    other = open_trial("data/ips")
    assert isinstance(corrected.corrected_result(other), Absent)
    assert isinstance(slips.consequence(other), Absent)


def test_unrounded_numbers_would_have_been_printed_as_they_were(trial):
    """The formula says more decimals, never another number than the print has."""
    chain, cells = calculation(trial), report_of(trial).cells
    halves = dict(zip(addresses(cells), 0.5 * 10.0 ** -cells["decimals"], strict=True))
    moved = {address for address, value in chain.unrounded.items() if value != chain.printed[address]}
    assert len(moved) >= 5
    assert all(abs(chain.unrounded[each] - chain.printed[each]) <= halves[each] + 1e-9 for each in moved)

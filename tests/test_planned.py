"""Every table and figure that compares the arms says whether the comparison was planned."""

import re

import pytest

from analysis.frames.trial import open_trial
from analysis.show import page as page_module
from analysis.show.figures import Figure, entry_of
from analysis.show.page import Page
from analysis.show.tables import Table
from tests.walk import shown, without

HANDMADE = "tests/handmade"
# Fewer draws than a report takes: what is shown is the same.
PARAMETERS = {"robustness": {"draws": 20}, "cost_benefit": {"draws": 20}}
# What the print gives in its own words (section and table numbers), and what tells who people are arm by arm.
OF_THE_PRINT = re.compile(r"^(text|table)_")
SIDE_BY_SIDE = {"flow", "cumulative"}


def compares(result, arms):
    """Whether a result estimates a difference between arms, or draws outcomes of both side by side."""
    if isinstance(result, Figure):
        both = "arm" in result.frame and result.frame["arm"].nunique() > 1
        return result.kind in ("forest", "specification") or (both and result.kind not in SIDE_BY_SIDE)
    names = [f"{arms[0]}_{between}_{arms[1]}" for between in ("minus", "vs")]
    keys = set(result.cells[["row", "column"]].to_numpy().ravel())
    return bool(keys & {*names, "adjusted_baseline", "npv_per_person"})


@pytest.mark.parametrize("chapter", [
    "employment", "health", "robustness", "cost_benefit", "user_survey", "summary", "participants",
])  # fmt: skip
def test_each_comparison_of_the_arms_says_whether_it_was_planned(monkeypatch, chapter):
    """A table or figure named here needs `planned:` in its words: primary, declared, post_hoc or no_effect."""
    trial, silent, seen = open_trial(HANDMADE), set(), []
    arms, show = (trial.study.treatment, trial.study.control), Page.show

    def listening(page, result, *options, **more):
        out = show(page, result, *options, **more)
        if isinstance(result, Table | Figure) and not OF_THE_PRINT.match(result.name) and compares(result, arms):
            table = isinstance(result, Table)
            entry = result.key if table else entry_of(result, page.chapter, page.catalogue)
            seen.append(entry)
            planned = page.catalogue.get(f"{page.chapter}.{'tables' if table else 'figures'}.{entry}.planned")
            if planned is None or page.catalogue.text(f"common.planned.{planned}")[:20] not in out.html:
                silent.add(entry)
        return out

    monkeypatch.setattr(page_module.Page, "show", listening)
    monkeypatch.setattr(page_module, "draw", lambda *_: b"<svg></svg>")
    shown(monkeypatch, chapter, trial, **PARAMETERS.get(chapter, {}))
    assert seen
    assert silent == set()


def test_without_arms_nothing_is_said_of_plans(monkeypatch):
    pilots = open_trial("data/jmo")
    found = shown(monkeypatch, "process_evaluation", without(pilots))
    assert not any("planned" in text for _, text in found)

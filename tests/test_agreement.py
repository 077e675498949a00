"""Agreement of coders: published examples, R, statsmodels, plain loops, and what the chapters say of it."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from statsmodels.stats import inter_rater

from analysis.methods.agreement import agreement
from analysis.methods.coding import coder_decisions, first_coding, theme_decisions
from tests.agreement import agrees

REFERENCE = Path(__file__).parent / "reference"
DATA = pd.read_csv(REFERENCE / "agreement_data.csv", dtype=str).set_index("unit")
R = pd.read_csv(REFERENCE / "agreement_answers.csv").set_index("name")["value"]
CODERS = ["one", "two", "three"]


def found(ratings, clusters=None, draws=200, conf_level=0.95, seed=1):
    frame = agreement(pd.DataFrame(ratings), outcome="codes", population="units", clusters=clusters, draws=draws,
                      conf_level=conf_level, rng=np.random.default_rng(seed))  # fmt: skip
    return frame.set_index("method")


def test_the_example_of_krippendorff():
    """Four observers, twelve units, values missing (Krippendorff 2011, part C): nominal alpha 0.743."""
    a = [1, 2, 3, 3, 2, 1, 4, 1, 2, None, None, None]
    b = [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, None, 3]
    c = [None, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, None]
    d = [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, None]
    row = found({"a": a, "b": b, "c": c, "d": d}).loc["krippendorff_alpha"]
    assert row["estimate"] == pytest.approx(0.743, abs=5e-4)
    assert row["df"] == 11  # the last unit has one code, so nothing to compare


# How many of fourteen raters put each of ten subjects in each of five categories.
FOURTEEN = [
    [0, 0, 0, 0, 14], [0, 2, 6, 4, 2], [0, 0, 3, 5, 6], [0, 3, 9, 2, 0], [2, 2, 8, 1, 1], [7, 7, 0, 0, 0],
    [3, 2, 6, 3, 0], [2, 5, 3, 2, 2], [6, 5, 2, 1, 0], [0, 2, 2, 3, 7],
]  # fmt: skip


def test_an_example_of_fleiss_kappa():
    """Kappa 0.210, and statsmodels' to the last digit."""
    ratings = pd.DataFrame([[code for code, n in enumerate(counts) for _ in range(n)] for counts in FOURTEEN])
    kappa = found(ratings).loc["fleiss_kappa", "estimate"]
    assert kappa == pytest.approx(0.210, abs=5e-4)
    agrees("fleiss_kappa", "statsmodels, inter_rater", kappa, inter_rater.fleiss_kappa(np.array(FOURTEEN)), within=1e-9)


def test_agreement_is_that_of_r():
    pair, all_three = found(DATA[["one", "two"]]), found(DATA[CODERS])
    assert "cohens_kappa" not in all_three.index
    computed = {
        "cohen_one_two": pair.loc["cohens_kappa", "estimate"],
        "fleiss_one_two": pair.loc["fleiss_kappa", "estimate"],
        "alpha_one_two": pair.loc["krippendorff_alpha", "estimate"],
        "fleiss_three": all_three.loc["fleiss_kappa", "estimate"],
        "alpha_three": all_three.loc["krippendorff_alpha", "estimate"],
        "alpha_group_a": found(DATA.loc[DATA["group"] == "a", CODERS]).loc["krippendorff_alpha", "estimate"],
    }
    assert computed.keys() == set(R.index)
    pages = {"cohen": "coder_agreement", "fleiss": "fleiss_kappa", "alpha": "krippendorff_alpha"}
    for name, value in computed.items():
        agrees(pages[name.split("_")[0]], "R 4, formula written out", value, R[name], within=1e-9)


def test_cohens_kappa_is_that_of_statsmodels():
    both = DATA[["one", "two"]].dropna()
    table = pd.crosstab(both["one"], both["two"])
    row = found(DATA[["one", "two"]]).loc["cohens_kappa"]
    assert row["estimate"] == pytest.approx(inter_rater.cohens_kappa(table.to_numpy()).kappa, abs=1e-12)
    assert row["df"] == len(both)


def test_the_interval_is_that_of_groups_drawn_one_by_one():
    """The same draws as plain resampling of whole groups, each draw computed from its own table of ratings."""
    row = found(DATA[CODERS], DATA["group"], draws=60, conf_level=0.8).loc["krippendorff_alpha"]
    groups = sorted(set(DATA["group"]))
    times = np.random.default_rng(1)
    times.multinomial(len(groups), np.full(len(groups), 1 / len(groups)), 60)  # what Fleiss' kappa drew before
    drawn = times.multinomial(len(groups), np.full(len(groups), 1 / len(groups)), 60)
    alphas = []
    for weights in drawn:
        parts = [DATA.loc[DATA["group"] == group, CODERS] for group, n in zip(groups, weights, strict=True)
                 for _ in range(n)]  # fmt: skip
        alphas.append(found(pd.concat(parts, ignore_index=True), draws=2).loc["krippendorff_alpha", "estimate"])
    assert (row["conf_low"], row["conf_high"]) == pytest.approx(np.quantile(alphas, [0.1, 0.9]), abs=1e-9)
    assert row["std_error"] == pytest.approx(np.std(alphas, ddof=1), abs=1e-9)


def test_groups_of_like_units_have_wider_intervals_than_units_drawn_alone():
    units = pd.concat([DATA[CODERS]] * 4, keys=range(4))
    alone = found(units).loc["krippendorff_alpha"]
    grouped = found(units, pd.Series(units.index.get_level_values(1), units.index)).loc["krippendorff_alpha"]
    assert grouped["std_error"] > 1.5 * alone["std_error"]


@pytest.mark.parametrize("ratings", [
    {"one": ["a"] * 5, "two": ["a"] * 5},
    {"one": ["a", None], "two": [None, "b"]},
    {"one": [None], "two": [None]},
])  # fmt: skip
def test_without_variation_or_without_double_codes_nothing_is_known(ratings):
    rows = found(ratings)
    assert rows[["estimate", "conf_low", "conf_high", "std_error"]].isna().all(axis=None)


def test_perfect_agreement_is_one_with_its_interval():
    rows = found({"one": list("abcabc"), "two": list("abcabc")})
    assert (rows[["estimate", "statistic_value"]] == 1).all(axis=None)
    assert (rows["conf_high"] == 1).all()


THEMES = pd.DataFrame(
    [("A", "tools", "wish", 1), ("A", "tools", "challenge", 1), ("A", "nav", "wish", 1), ("A", "tools", "wish", 2),
     ("B", "nav", "wish", None), ("C", "tools", "wish", 2)],
    columns=["interview_id", "theme", "aspect", "coder"],
)  # fmt: skip


def test_themes_become_decisions_of_each_coder():
    wide = theme_decisions(THEMES)
    assert wide.loc[("A", "tools")].tolist() == [1, 1] and wide.loc[("A", "nav")].tolist() == [1, 0]
    assert wide.loc[("B", "nav"), 1] == 1 and np.isnan(wide.loc[("B", "nav"), 2])
    assert np.isnan(wide.loc[("C", "nav"), 1]) and wide.loc[("C", "nav"), 2] == 0
    assert first_coding(THEMES)["interview_id"].tolist() == ["A", "A", "A", "B"]


def test_answers_become_decisions_of_each_coder():
    answers = pd.DataFrame(
        [("P1", 6, "most", 1, "nav", None, None), ("P1", 6, "most", 2, "nav", "tools", None),
         ("P1", 6, "most", 3, None, None, None), ("P2", 6, "most", 1, "tools", None, None)],
        columns=["participant_id", "wave", "question", "coder", "category_1", "category_2", "category_3"],
    )  # fmt: skip
    wide = coder_decisions(answers, ["nav", "tools"])
    assert wide.loc[("P1", 6, "most", "tools")].tolist() == [0, 1, 0]
    assert wide.loc[("P2", 6, "most", "nav"), [2, 3]].isna().all()

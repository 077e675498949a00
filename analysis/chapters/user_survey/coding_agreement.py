"""How far those who coded the open answers agree: by category, and over all decisions."""

import numpy as np
import pandas as pd

from analysis.chapters._agreement_shown import coefficient_cells, read_alpha
from analysis.chapters._shown_from import level_of, shown_from
from analysis.frames.needs import needs
from analysis.frames.trial import Trial, once_a_trial
from analysis.methods.agreement import agreement as coefficients_of
from analysis.methods.coding import coder_agreement, coder_decisions
from analysis.show.places import places
from analysis.show.prose import Sentence, count, decimal, labels
from analysis.show.tables import Table, cells
from analysis.study.contract.answer_tables import ANSWER_CATEGORIES

DRAWS, SEED = 2000, 1


@needs("two_coders")
def agreement(trial: Trial, conf_level: float = 0.95) -> pd.DataFrame:
    """Estimate rows of the coders' agreement; see `coding.coder_agreement`.

    The interval over all categories is that of `coefficients`, since the decisions of one person are not independent.
    """
    found = coder_agreement(trial.tables["open_answers"], ANSWER_CATEGORIES, conf_level)
    drawn = coefficients(trial, conf_level).set_index("method")
    if "cohens_kappa" in drawn.index:
        ends = ["std_error", "conf_low", "conf_high"]
        found.loc[found["outcome"] == "all_categories", ends] = drawn.loc["cohens_kappa", ends].to_numpy(float)
    return found


@needs("two_coders")
@shown_from(found=agreement)
def agreement_table(trial: Trial, found: pd.DataFrame) -> Table:
    """Cohen's kappa between the two coders by category, and the share of equal decisions."""
    rows = []
    for row in found.to_dict("records"):
        category, n = row["outcome"], row["df"]
        rows += [
            (category, "kappa", "kappa", row["estimate"], n),
            (category, "kappa", "ci_low", row["conf_low"], n),
            (category, "kappa", "ci_high", row["conf_high"], n),
            (category, "equal", "pct", 100 * row["statistic_value"], n),
            (category, "answers", "n", n, n),
        ]
    decimals = {"kappa": 2, "ci_low": 2, "ci_high": 2}
    return Table("agreement", cells(rows), conf_level=level_of(found), decimals=decimals)


@needs("two_coders")
def coders(trial: Trial) -> Sentence:
    """Agreement of the coders over all categories, and the category they agreed least on."""
    found = agreement(trial).set_index("outcome")
    pooled, single = found.loc["all_categories"], found.drop(index="all_categories")["estimate"].dropna()
    if pd.isna(pooled["conf_low"]) or single.empty:
        return Sentence("coders_unknown", {"answers": count(pooled["df"])})
    return Sentence(
        "coders",
        {
            "kappa": decimal(pooled["estimate"], 2),
            "low": decimal(pooled["conf_low"], 2),
            "high": decimal(pooled["conf_high"], 2),
            "answers": count(pooled["df"]),
            "worst": _worst(single),
        },
    )


def _worst(kappas: pd.Series) -> Sentence | str:
    """The category the coders agreed least on; nothing when there is one only, or they agree alike on all."""
    if kappas.nunique() < 2:
        return ""
    worst = places(kappas.to_dict(), lowest=True, decimals=2)[0]
    return Sentence("coders_worst", {"category": labels("categories", worst.keys), "kappa": decimal(worst.value, 2)})


@needs("two_coders")
@once_a_trial
def coefficients(trial: Trial, conf_level: float = 0.95, draws: int = DRAWS, seed: int = SEED) -> pd.DataFrame:
    """Cohen's and Fleiss' kappa and Krippendorff's alpha over all decisions, intervals by drawing people anew."""
    decisions = coder_decisions(trial.tables["open_answers"], ANSWER_CATEGORIES)
    people = pd.Series(decisions.index.get_level_values("participant_id"), decisions.index)
    return coefficients_of(
        decisions, outcome="all_categories", population="answers", clusters=people,
        rng=np.random.default_rng(seed), draws=draws, conf_level=conf_level,
    )  # fmt: skip


@needs("two_coders")
@shown_from(found=coefficients)
def coefficients_table(trial: Trial, found: pd.DataFrame) -> Table:
    """The coefficients with their intervals, the share of equal decisions, and how many decisions there are."""
    decimals = {"value": 2, "ci_low": 2, "ci_high": 2}
    return Table("coefficients", cells(coefficient_cells(found)), conf_level=level_of(found), decimals=decimals)


@needs("two_coders")
def reading_of_alpha(trial: Trial, conf_level: float = 0.95) -> Sentence:
    """What Krippendorff's alpha with its interval allows to say."""
    reading, values = read_alpha(coefficients(trial, conf_level))
    return Sentence(f"alpha_{reading}", values)

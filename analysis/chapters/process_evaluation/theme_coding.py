"""How far those who coded the interviews agree on which theme came up in which interview."""

import numpy as np
import pandas as pd

from analysis.chapters._agreement_shown import coefficient_cells, read_alpha
from analysis.chapters._shown_from import level_of, shown_from
from analysis.frames.needs import needs
from analysis.frames.trial import Trial
from analysis.methods.agreement import agreement
from analysis.methods.coding import theme_decisions
from analysis.show.prose import Sentence
from analysis.show.tables import Table, cells

DRAWS, SEED = 2000, 1


@needs("theme_coders")
def theme_agreement(trial: Trial, conf_level: float = 0.95, draws: int = DRAWS, seed: int = SEED) -> pd.DataFrame:
    """Cohen's and Fleiss' kappa and Krippendorff's alpha over interviews and themes, drawing interviews anew."""
    decisions = theme_decisions(trial.tables["interview_themes"])
    interviews = pd.Series(decisions.index.get_level_values("interview_id"), decisions.index)
    return agreement(
        decisions, outcome="all_themes", population="interviews", clusters=interviews,
        rng=np.random.default_rng(seed), draws=draws, conf_level=conf_level,
    )  # fmt: skip


@needs("theme_coders")
@shown_from(found=theme_agreement)
def theme_agreement_table(trial: Trial, found: pd.DataFrame) -> Table:
    """The coefficients with their intervals, the share of equal decisions, and how many there are."""
    decimals = {"value": 2, "ci_low": 2, "ci_high": 2}
    return Table("theme_agreement", cells(coefficient_cells(found)), conf_level=level_of(found), decimals=decimals)


@needs("theme_coders")
def theme_coders(trial: Trial, conf_level: float = 0.95) -> Sentence:
    """What Krippendorff's alpha with its interval allows to say."""
    reading, values = read_alpha(theme_agreement(trial, conf_level))
    return Sentence(f"alpha_{reading}", values)

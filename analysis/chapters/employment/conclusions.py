"""Whether conclusions on the best centres and on subgroups stand: on these data, and on the print alone."""

from math import sqrt

import numpy as np
import pandas as pd
from scipy import stats

from analysis.chapters.employment.picking import SEED
from analysis.chapters.employment.populations import printed_rule
from analysis.chapters.employment.shares import outcome_label
from analysis.chapters.employment.subgroups import subgroup_effects, subgroup_family
from analysis.frames.needs import needs
from analysis.frames.trial import Trial
from analysis.methods.selection import Picked, more_by_chance
from analysis.published.prints import report_of
from analysis.published.scorecard import addresses
from analysis.show.prose import Sentence, decimal, p_value, tally

RULE = "printed_best"
PRINT_DRAWS = 20_000
POWER = 0.8


@needs("arms", "registers", "several_centres")
def conclusion_on_centres(trial: Trial, found: dict[str, Picked]) -> Sentence:
    """Whether a conclusion drawn from the best centres stands in these data, of what `best_of_centres` gives."""
    known = {outcome: own for outcome, own in found.items() if not np.isnan(own.observed)}
    values = {"centres": tally(next(iter(found.values())).n)}
    if not known:
        return Sentence("best_centres_not_told", values)
    tests = [Sentence("of_outcome", {"p": p_value(own.p_value), "outcome": outcome_label(outcome)})
             for outcome, own in known.items()]  # fmt: skip
    stands = [own.p_value < 1 - own.conf_level and own.other_half_low > 0 for own in known.values()]
    key = "best_centres_stand" if all(stands) else "best_centres_stand_in_part"
    return Sentence(key if any(stands) else "best_centres_do_not_stand", {**values, "tests": tuple(tests)})


@needs("arms", "registers", "subgroups")
def conclusion_on_subgroups(
    trial: Trial, outcome: str | None = None, month: int | None = None, conf_level: float = 0.95
) -> Sentence:
    """What the absence of a clear difference between subgroups says: how large one would have to be to be seen."""
    family = subgroup_family(trial, outcome, month)
    effects = subgroup_effects(trial, outcome, month)
    gaps = effects[effects["contrast"] == trial.study.contrast]
    needed = [_detectable(own, conf_level) for code, own in gaps.groupby("subgroup") if family.loc[code, "df"] == 1]
    if not needed or family["holm"].isna().all():
        return Sentence("subgroups_not_told")
    values = {"looked_at": tally(family["p"].notna().sum()), "least": decimal(100 * min(needed)),
              "power": tally(100 * POWER), "level": tally(100 * (1 - conf_level))}  # fmt: skip
    clear = (family["holm"] < 1 - conf_level).any()
    return Sentence("subgroups_vary" if clear else "subgroups_not_shown_alike", values)


def _detectable(gaps: pd.DataFrame, conf_level: float) -> float:
    """The difference between the effects in two groups that a two-sided test shows in a share POWER of trials."""
    error = sqrt((gaps["std_error"].astype(float) ** 2).sum())
    return error * float(stats.norm.ppf(0.5 + conf_level / 2) + stats.norm.ppf(POWER))


@needs("several_centres", "as_printed", f"rule:employment.{RULE}", "published")
def best_in_print(trial: Trial) -> list[Sentence]:
    """For each outcome, what the printed effect and its z let the best of equally good, equally large centres show."""
    rule, cells = printed_rule(trial, RULE), report_of(trial).cells
    printed = pd.Series(cells["value"].to_numpy(), index=addresses(cells))
    n, k = int(rule["best"]), len(trial.study.centres)
    return [_in_print(outcome, {name: float(printed[address]) for name, address in places.items()}, n, k)
            for outcome, places in rule["outcomes"].items()]  # fmt: skip


def _in_print(outcome: str, printed: dict[str, float], n: int, k: int) -> Sentence:
    """Chosen by the very result told, so that both errors are the same: √k times the one the print gives of all."""
    error = 100 * printed["effect"] / printed["z"]
    covariance = np.full((k, 2, 2), k * error**2)
    more = more_by_chance(np.ones(k), covariance, n, PRINT_DRAWS, np.random.default_rng(SEED))
    effect, best = 100 * printed["effect"], printed["best"]
    p = float((more >= best - effect).mean())
    values = {"outcome": outcome_label(outcome), "centres": tally(n), "all_centres": tally(k),
              "effect": decimal(effect), "best": decimal(best), "expected": decimal(effect + more.mean()),
              "error": decimal(error), "p": p_value(p)}  # fmt: skip
    return Sentence("best_in_print_as_chance" if p >= 0.05 else "best_in_print_more", values, from_print=True)

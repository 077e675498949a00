"""What simulated trials (`make simulate`) found of the methods, and what their pages say of it."""

import numpy as np
import pandas as pd

from analysis.book.method_pages import SIMULATED
from analysis.methods.worked import MODULES
from analysis.show.catalogue import Catalogue
from benchmarks.simulate import KINDS

# Whose intervals or tests are on the safe side, what of them, how far; the pages of these methods say why.
SAFE = {"partial_pooling": (0.96, 1), "rank_correlation": (0, 0.06)}
# What is shown to be biased: strata that are left out, and Lee's bound where the answers leave a gap; which way.
BIASED = {"strata left out": -1, "a gap in the answers there": 1}


def test_simulated_trials_hold_what_intervals_and_tests_promise():
    """What `make simulate` measured in 2,000 trials of each effect; pooling alone is biased, by the trend."""
    found = pd.read_csv(SIMULATED).fillna({"what": ""})
    assert (found["trials"] == 2000).all() and set(found["effect"]) == {0.0, 0.07}
    safe = found["method"].isin(SAFE) & ~found["what"].str.contains("q alone")
    assert found.loc[~safe, "coverage"].dropna().between(0.935, 0.965).all()
    assert found.loc[~safe & (found["effect"] == 0), "p_below_05"].dropna().between(0.04, 0.06).all()
    for method, (least, most) in SAFE.items():
        own = found[safe & (found["method"] == method)]
        kept = own["coverage"] if own["coverage"].notna().any() else own["p_below_05"]
        assert len(own) and kept.between(least, most).all(), method
    pooled = found["what"] == "strata left out"
    strata = found["method"].isin(["within_strata", "standardised_shares", "augmented_weighting", "drawing_anew"])
    assert found.loc[strata, "bias"].abs().max() < 0.0015 and (found.loc[pooled, "bias"] < -0.005).all()


def test_what_is_shown_is_what_the_kinds_of_trials_find():
    """No row is left of a method or a name that no kind draws any more, and none is missing."""
    found = pd.read_csv(SIMULATED).fillna({"what": ""})
    one_trial_each = [kind.draw(np.random.default_rng(1), 0.07) for kind in KINDS.values()]
    assert set(zip(found["method"], found["what"], strict=True)) == {key for trial in one_trial_each for key in trial}
    assert not found.duplicated(["method", "what", "effect"]).any()


def test_a_planted_effect_is_recovered_without_bias():
    """The mean error of every estimate is within four of its Monte Carlo errors, but where it is shown to be biased."""
    found = pd.read_csv(SIMULATED).fillna({"what": ""})
    known = found[found["bias_error"].notna()]
    biased = known["what"].isin(BIASED)
    assert len(known) and (known["bias"].abs() <= 4 * known["bias_error"])[~biased].all()
    assert (known["bias"] * known["what"].map(BIASED) > 4 * known["bias_error"])[biased].all()


def test_pages_say_why_an_interval_is_not_what_it_promises_or_an_estimate_is_off():
    found = pd.read_csv(SIMULATED).fillna({"what": ""})
    explained = {*SAFE, *found.loc[found["what"].isin(BIASED), "method"]}
    for module, examples in MODULES.items():
        for name in examples:
            assert ("simulated" in Catalogue().entry(f"methods/{module}.{name}")) == (name in explained), name

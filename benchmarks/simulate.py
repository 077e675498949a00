"""How often intervals hold the truth and tests cry wolf: the estimators within strata in simulated trials.

`python -m benchmarks.simulate [TRIALS]` writes benchmarks/simulated.csv: one row an estimator and planted effect, with
mean error, coverage of the 95 per cent interval, share of p below 0.05, and the Monte Carlo error of both shares. Each
trial has people in six centres, drawn two to one in a first phase and one to one afterwards; the outcome of everybody
moves by ten points between the phases, and depends on centre and a background number.
"""

import sys
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.chapters.robustness.estimators import pooled_difference
from analysis.methods.randomisation import randomisation_test
from analysis.methods.standardisation import augmented_difference, standardised_risk_difference
from analysis.methods.strata import stratified_difference

ARMS = {"treatment": "new", "control": "usual"}
STRATA, PEOPLE, EFFECTS, SEED = ["centre", "late"], 1200, (0.0, 0.07), 20101


def drawn_trial(rng: np.random.Generator, effect: float) -> pd.DataFrame:
    """One row per person: arm, strata, background number and a yes or no."""
    centre, late, age = rng.integers(0, 6, PEOPLE), rng.random(PEOPLE) < 0.88, rng.normal(size=PEOPLE)
    treated = np.zeros(PEOPLE, dtype=bool)
    for stratum in range(12):
        own = rng.permutation(np.flatnonzero(2 * centre + late == stratum))
        treated[own[: round(len(own) * (1 / 2 if stratum % 2 else 2 / 3))]] = True
    share = np.clip(0.28 + 0.10 * late + 0.03 * (centre - 2.5) + 0.06 * age + effect * treated, 0, 1)
    works = rng.random(PEOPLE) < share
    arm = np.where(treated, "new", "usual")
    return pd.DataFrame({"arm": arm, "centre": centre, "late": late.astype(int), "age": age, "works": works * 1.0})


def estimates(frame: pd.DataFrame, rng: np.random.Generator) -> dict:
    """Each estimator's estimate for one trial."""
    by_people = {"weights": "people", "variance": "unconditional"}
    return {
        "pooled": pooled_difference(frame, "works", **ARMS),
        "mantel_haenszel": stratified_difference(frame, "works", STRATA, **ARMS),
        "by_people": stratified_difference(frame, "works", STRATA, **by_people, **ARMS),
        "standardised": standardised_risk_difference(frame, "works", ["age"], strata=STRATA, **ARMS),
        "augmented": augmented_difference(frame, "works", ["age"], strata=STRATA, **ARMS),
        "drawn_anew": randomisation_test(frame, "works", STRATA, rng=rng, draws=400, **ARMS),
    }


def measured(trials: int) -> pd.DataFrame:
    """What came of so many trials for each planted effect."""
    rows = []
    for effect in EFFECTS:
        rng = np.random.default_rng(SEED)
        made = [estimates(drawn_trial(rng, effect), rng) for _ in range(trials)]
        for name in made[0]:
            own = pd.DataFrame([vars(each[name]) for each in made])
            covered = ((own["conf_low"] <= effect) & (effect <= own["conf_high"])).mean()
            found = (own["p_value"] < 0.05).mean()
            error = [np.sqrt(share * (1 - share) / trials) for share in (covered, found)]
            rows.append((name, effect, trials, own["estimate"].mean() - effect, covered, error[0], found, error[1]))
    names = ["estimator", "effect", "trials", "bias", "coverage", "coverage_error", "p_below_05", "p_below_05_error"]
    return pd.DataFrame(rows, columns=names)


if __name__ == "__main__":
    table = measured(int(sys.argv[1]) if len(sys.argv) > 1 else 2000)
    table.round(5).to_csv(Path(__file__).with_name("simulated.csv"), index=False, lineterminator="\n")
    print(table.round(4).to_string(index=False))

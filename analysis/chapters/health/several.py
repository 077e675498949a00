"""Several scores of one trial: p-values corrected for their number, and how many differences remain."""

import numpy as np
import pandas as pd

from analysis.chapters._shown_from import level_of, shown_from
from analysis.chapters.health.cells import difference_cells, people_behind
from analysis.chapters.health.measures import FOLLOWED, arm_names, fine_decimals, is_known, last_wave, scores_in
from analysis.chapters.health.tables import adjusted_at_last_wave
from analysis.chapters.robustness.people import allocation_phase, strata
from analysis.frames.needs import Absent, needs
from analysis.frames.trial import Trial, once_a_trial
from analysis.methods.multiplicity import holm, max_t
from analysis.methods.strata import stratum_of
from analysis.show.prose import Sentence, decimal, direction_of, tally
from analysis.show.tables import Table, cells


@needs(*FOLLOWED)
@once_a_trial
def compared_at_equal_start(trial: Trial, conf_level: float = 0.95) -> pd.DataFrame:
    """The differences at the last wave at equal scores at inclusion, one row a score of the study (`score`, `key`).

    Further columns: `holm`, the p-value corrected for the number of scores; `clear`, whether the interval excludes 0.
    """
    fitted = [adjusted_at_last_wave(trial, score, ("baseline",), conf_level).to_frame().T.assign(
        score=score.column, key=score.key) for score in scores_in(trial)]  # fmt: skip
    frame = pd.concat(fitted, ignore_index=True).infer_objects()
    clear = [direction_of(row) != "unclear" for row in frame.to_dict("records")]
    return frame.assign(holm=holm(frame["p_value"].astype(float)), clear=clear)


@needs(*FOLLOWED)
@once_a_trial
def corrected(trial: Trial, draws: int = 2000, seed: int = 1, conf_level: float = 0.95) -> pd.DataFrame:
    """`compared_at_equal_start` with `max_t`, the p-value from `draws` of the arms anew within their strata."""
    frame = compared_at_equal_start(trial, conf_level).assign(draws=draws)
    known = frame.loc[frame["p_value"].notna(), "score"]
    people = trial.people.assign(allocation_phase=allocation_phase(trial.people, trial.study))
    stratum = pd.Series(stratum_of(people, strata(trial)).to_numpy(), index=trial.health.index)
    outcomes = {f"{score}_m{last_wave(trial)}": [f"{score}_m0"] for score in known}
    if not outcomes:
        return frame.assign(max_t=np.nan)
    rng = np.random.default_rng(seed)
    found = max_t(trial.health, outcomes, stratum, **arm_names(trial), rng=rng, draws=draws)
    return frame.assign(max_t=frame["score"].map(dict(zip(known, found, strict=True))))


@needs(*FOLLOWED)
@shown_from(found=corrected)
def several_table(trial: Trial, found: pd.DataFrame) -> Table:
    """The difference of each score with its p-value as it is, after Holm, and by drawing the arms anew."""
    rows = []
    for _, row in found.iterrows():
        n = people_behind(row)
        rows += difference_cells(row["key"], "adjusted_baseline", row)
        rows += [(row["key"], column, "p", row[field], n)
                 for column, field in (("alone", "p_value"), ("holm", "holm"), ("max_t", "max_t"))]  # fmt: skip
    decimals = fine_decimals("eq5d")
    values = {"draws": tally(found["draws"].iloc[0])}
    return Table("several", cells(rows), decimals, unit="score", values=values, conf_level=level_of(found))


def remaining(frame: pd.DataFrame, conf_level: float = 0.95) -> dict[str, int]:
    """How many scores have an estimate (`all`), a clear difference (`clear`), and one after Holm (`left`)."""
    known = frame[[is_known(row) for row in frame.to_dict("records")]]
    left = known["clear"] & (known["holm"] < 1 - conf_level)
    return {"all": len(known), "clear": int(known["clear"].sum()), "left": int(left.sum())}


@needs(*FOLLOWED)
def clear_scores(trial: Trial, conf_level: float = 0.95) -> Sentence | Absent:
    """In how many of the scores the arms clearly differ at equal baseline scores, and how many remain after Holm."""
    told = remaining(compared_at_equal_start(trial, conf_level), conf_level)
    if not told["all"]:
        return Absent("enough_answers")
    key = "no_clear_scores" if not told["clear"] else "clear_scores" if told["left"] else "clear_scores_alone"
    return Sentence(key, {name: tally(number) for name, number in told.items()})


@needs(*FOLLOWED)
def correction(trial: Trial, draws: int = 2000, seed: int = 1, conf_level: float = 0.95) -> Sentence | Absent:
    """How many of the clear differences remain after either correction, and the smallest p-values."""
    frame = corrected(trial, draws, seed, conf_level)
    told = remaining(frame, conf_level)
    if not told["all"]:
        return Absent("enough_answers")
    clear = frame["clear"] & (frame["max_t"] < 1 - conf_level)
    values = {name: tally(number) for name, number in told.items()}
    values |= {"drawn": tally(clear.sum()), "level": tally(1 - conf_level, 2),
               "least": decimal(frame["p_value"].min(), 3), "least_holm": decimal(frame["holm"].min(), 3),
               "least_drawn": decimal(frame["max_t"].min(), 3)}  # fmt: skip
    most = max(told["left"], int(clear.sum()))
    if not told["clear"]:
        return Sentence("correction_of_nothing", values)
    return Sentence("correction_leaves" if most else "correction_leaves_none", values)


@needs(*FOLLOWED)
def correction_in_short(trial: Trial, conf_level: float = 0.95) -> Sentence | Absent:
    """Beside the answer to the chapter's question: whether the differences stand once their number is counted."""
    told = remaining(compared_at_equal_start(trial, conf_level), conf_level)
    if not told["clear"]:
        return Absent("enough_answers")
    left = told["left"]
    key = "stands_among_all" if left == told["clear"] else "some_fall_among_all" if left else "all_fall_among_all"
    return Sentence(key, {name: tally(number) for name, number in told.items()})

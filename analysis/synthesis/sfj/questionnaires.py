"""The table of questionnaires at item level, from fitted scores."""

import numpy as np
import pandas as pd

from .answers_drawing import pick
from .health_states import DIMENSIONS, LEVELS
from .item_answers import (
    CHALDER,
    CHALDER_SPREAD,
    HADS_ANXIETY,
    HADS_DEPRESSION,
    HADS_SPREAD,
    SHC_LEANS,
    blank_zero_items,
    item_weights,
    patterns,
    patterns_with_gap,
    reach_share,
    shc_patterns,
)
from .ratings import AT_INCLUSION, EFFECT, EXPECTATIONS, SATISFACTION, deal_ratings, expectation_counts, rating_counts
from .response import WAVES, answered_on
from .scores import Scores
from .targets import Targets

# Share of questionnaires with one unanswered health complaint among complaints that the person does not have.
BLANK_COMPLAINTS = 0.02


def build_questionnaires(
    people: pd.DataFrame, response: pd.DataFrame, scores: Scores, rng: np.random.Generator, targets: Targets
) -> pd.DataFrame:
    """Table `questionnaires`: one row per participant and returned wave; items add up to the fitted scores."""
    lean = rng.choice(len(SHC_LEANS), size=len(people), p=[0.4, 0.12, 0.1, 0.12, 0.08, 0.09, 0.09])
    parts = []
    for place, wave in enumerate(WAVES):
        at_wave = {score: values[:, place] for score, values in scores.values.items()}
        parts.append(_wave(people, response, at_wave, scores.gaps[:, [place, 3 + place]], lean, wave, rng, targets))
    table = pd.concat(parts, ignore_index=True)
    return table.sort_values(["participant_id", "wave"]).reset_index(drop=True)


def _wave(people, response, scores, gaps, lean, wave, rng, targets) -> pd.DataFrame:
    blocks = [
        _hads(scores, gaps, rng),
        _eq5d(scores),
        _shc(scores, lean, response, wave, rng, targets),
        _chalder(scores, rng),
    ]
    validity = ("hads", "eq5d", "shc", "fatigue")
    frame = pd.DataFrame(
        {"participant_id": people["participant_id"], "wave": wave, "answered_on": answered_on(people, wave, rng)}
    )
    for block, name in zip(blocks, validity, strict=True):
        frame = frame.join(block.mask(~response[f"valid_{name}_{wave}"]))
    frame.insert(
        frame.columns.get_loc("shc_01"),
        "health_ladder",
        np.where(response[f"valid_health_ladder_{wave}"], scores["health_ladder"], np.nan),
    )
    load = _standardised(scores["hads_anxiety"] + scores["hads_depression"])
    frame = frame.join(_ratings(people, response, load, wave, rng, targets))
    frame = blank_zero_items(frame, [f"shc_{item:02d}" for item in range(23, 28)], BLANK_COMPLAINTS, rng)
    return frame.loc[response[f"returned_{wave}"].to_numpy()]


def _standardised(values: np.ndarray) -> np.ndarray:
    return (values - values.mean()) / values.std()


def _hads(scores: dict[str, np.ndarray], gaps: np.ndarray, rng: np.random.Generator) -> pd.DataFrame:
    columns = {}
    for place, (name, ease) in enumerate((("hads_anxiety", HADS_ANXIETY), ("hads_depression", HADS_DEPRESSION))):
        answers = patterns_with_gap(scores[name], gaps[:, place], item_weights(ease, HADS_SPREAD), rng)
        columns |= {f"hads_{2 * item + place + 1:02d}": answers[:, item] for item in range(7)}
    return pd.DataFrame({f"hads_{item:02d}": columns[f"hads_{item:02d}"] for item in range(1, 15)})


def _eq5d(scores: dict[str, np.ndarray]) -> pd.DataFrame:
    levels = LEVELS[scores["eq5d_index"].astype(int)]
    return pd.DataFrame(levels, columns=[f"eq5d_{dimension}" for dimension in DIMENSIONS], dtype=float)


def _shc(scores, lean, response, wave, rng, targets) -> pd.DataFrame:
    answers = shc_patterns(scores["shc_total"], lean, rng)
    if wave == 0:
        known = response["valid_shc_0"].to_numpy()
        rest = ("pseudoneurology", "allergy", "flu")
        for factor in ("musculoskeletal", "gastrointestinal"):
            share = targets.value("text_3.2", f"{factor}_complaints", "total", "pct") / 100
            answers[known] = reach_share(answers[known], factor, round(share * known.sum()), rest, rng)
    return pd.DataFrame(answers, columns=[f"shc_{item:02d}" for item in range(1, 30)], dtype=float)


def _chalder(scores: dict[str, np.ndarray], rng: np.random.Generator) -> pd.DataFrame:
    answers = patterns(scores["chalder_total"], item_weights(CHALDER, CHALDER_SPREAD), rng)
    return pd.DataFrame(answers, columns=[f"chalder_{item:02d}" for item in range(1, 12)], dtype=float)


def _ratings(people, response, load, wave, rng, targets) -> pd.DataFrame:
    ratings = pd.DataFrame(
        np.nan, index=people.index, columns=[*EXPECTATIONS, "satisfaction", "followup_effect_on_health"]
    )
    for name in EXPECTATIONS:
        counts = _first_expectations(name, people, rng) if wave == 0 else expectation_counts(name, wave, rng, targets)
        _deal_by_arm(ratings, name, counts, people, response, load, wave, rng)
    if wave:
        rows = {"satisfaction": SATISFACTION[wave], "followup_effect_on_health": EFFECT}
        for name, row in rows.items():
            counts = {}
            for arm in ("sfj", "control"):
                size = targets.count("table_12", f"expectation_in_work_within_12m_{wave}m", arm) - (
                    4 if arm == "sfj" else 3
                )
                mean, sd = (targets.value("text_7.3", row, arm, statistic) for statistic in ("mean", "sd"))
                counts[arm] = rating_counts(mean, sd, targets.half_unit("text_7.3", row, arm, "mean"), size, rng)
            _deal_by_arm(ratings, name, counts, people, response, load, wave, rng)
    return ratings


def _first_expectations(name: str, people: pd.DataFrame, rng: np.random.Generator) -> dict[str, np.ndarray]:
    mean, sd = AT_INCLUSION[name]
    return {
        arm: rating_counts(mean, sd, 0.02, int((people["arm"] == arm).sum()) - 14, rng) for arm in ("sfj", "control")
    }


def _deal_by_arm(ratings, name, counts, people, response, load, wave, rng) -> None:
    for arm, count in counts.items():
        members = (people["arm"] == arm).to_numpy() & response[f"returned_{wave}"].to_numpy()
        likely = np.where(members, 2.0 * response[f"valid_hads_{wave}"].to_numpy(), -np.inf)
        answered = pick(rng, likely, int(count.sum()))
        ratings.loc[answered, name] = deal_ratings(count, -0.6 * load[answered], rng)

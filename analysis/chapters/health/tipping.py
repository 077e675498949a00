"""How different the silent of either arm would have to be before the reading turns: a map, and what it says."""

import pandas as pd

from analysis.chapters._shown_from import level_of, shown_from
from analysis.chapters.health.measures import FOLLOWED, Score, last_wave, needed, score_named
from analysis.chapters.health.missing import imputed
from analysis.chapters.health.wording import level, turned
from analysis.frames.needs import Absent, needs, unmet
from analysis.frames.trial import Trial
from analysis.methods.imputation import Imputed, imputed_differences, tipping_delta, tipping_map
from analysis.show.figures import Figure, titled
from analysis.show.prose import Label, Sentence, decimal, direction_of, percent, tally

# Deltas of the map, in standard deviations of the score at inclusion.
DELTAS = (-0.6, -0.4, -0.2, 0.0, 0.2, 0.4, 0.6)


def _spread(trial: Trial, score: Score) -> float:
    return float(trial.health[f"{score.column}_m0"].std(ddof=1))


def at_random(found: Imputed, trial: Trial, conf_level: float = 0.95) -> pd.Series:
    """The difference with the silent of both arms imputed at random, as an estimate row."""
    return imputed_differences(found, "score", trial.study.contrast, conf_level=conf_level).iloc[0]


@needs(*FOLLOWED)
def deltas_in(trial: Trial, column: str, conf_level: float = 0.95) -> pd.DataFrame | Absent:
    """The difference for every pair of deltas: `row` (silent treated), `column` (silent controls), estimate, interval,
    its level, and `marked`, whether it is clear."""
    if lacking := unmet(trial, needed(column)):
        return Absent(lacking)
    score = score_named(column)
    found, unit = imputed(trial, score), _spread(trial, score)
    if found is None or not any(found.missing):
        return Absent("enough_answers")
    points = [unit * delta for delta in DELTAS]
    keys = [(str(one), str(other)) for one in DELTAS for other in DELTAS]
    drawn = tipping_map(found, points, points, conf_level)
    rows = pd.DataFrame(keys, columns=["row", "column"])
    clear = [direction_of(row) != "unclear" for row in drawn.to_dict("records")]
    return rows.join(drawn[["estimate", "conf_low", "conf_high"]]).assign(marked=clear, conf_level=conf_level)


@needs(*FOLLOWED)
@shown_from(drawn=deltas_in)
def tipping_figure(trial: Trial, column: str, drawn: pd.DataFrame) -> Figure:
    """The map of one score: the difference when the silent of either arm lie off what is imputed at random."""
    score, conf_level, frame = score_named(column), level_of(drawn), drawn.drop(columns="conf_level")
    values = {"score": Label("rows", score.key), "wave": str(last_wave(trial)),
              "level": percent(100 * conf_level, 0), "sd": decimal(_spread(trial, score), 1)}  # fmt: skip
    figure = Figure(f"tipping_{column}", "heat", frame, {"decimals": 1 + score.axis_decimals // 2}, values,
                    entry="tipping", fewest=min(imputed(trial, score).n))  # fmt: skip
    return titled(figure, _stays_clear(trial, score, frame, conf_level))


def _stays_clear(trial: Trial, score: Score, frame: pd.DataFrame, conf_level: float) -> Sentence:
    """In how many cells of the map the difference is clear, and in how many of these it has the other sign."""
    start = at_random(imputed(trial, score), trial, conf_level)
    clear = frame.loc[frame["marked"], "estimate"]
    values = {"score": Label("rows", score.key), "all": tally(len(frame))}
    if direction_of(start) == "unclear":  # nought has no sign that others could share
        counts = {"lower": tally(int((clear < 0).sum())), "higher": tally(int((clear > 0).sum()))}
        return Sentence("tipping_cells_unclear", values | counts)
    same = int((clear * start["estimate"] > 0).sum())
    return Sentence("tipping_cells", values | {"same": tally(same), "turned": tally(len(clear) - same)})


@needs(*FOLLOWED)
def tipping_sentence(trial: Trial, column: str, conf_level: float = 0.95) -> Sentence | Absent:
    """How different the silent would have to be before the difference is no longer clear, or for it to become so."""
    if lacking := unmet(trial, needed(column)):
        return Absent(lacking)
    score = score_named(column)
    found = imputed(trial, score)
    if found is None:
        return Absent("enough_answers")
    named = {"score": Label("rows", score.key), "missing": percent(100 * found.missing[0]),
             "missing_control": percent(100 * found.missing[1])}  # fmt: skip
    alone = tipping_delta(found, conf_level=conf_level)
    if not any(found.missing):
        return Sentence("nobody_missing", named)
    if alone != alone:
        return Absent("enough_answers")
    start = at_random(found, trial, conf_level)
    direction = direction_of(start)
    told = named | {"level": level(start), **turned(start, direction), "points": decimal(abs(alone), 2),
                    "sd": decimal(abs(alone) / _spread(trial, score), 2)}  # fmt: skip
    if direction == "unclear":
        way = "higher" if alone > 0 else "lower"
        return Sentence(f"nothing_to_tip_{way}", told | {"delta": decimal(alone, 2)})
    apart = tipping_delta(found, 1.0, -1.0, conf_level)
    return Sentence("tipping", told | {"both": decimal(abs(apart), 2)}, direction)


"""How closely the centres follow the IPS model, and whether that goes with their effect."""

import math

import numpy as np
import pandas as pd

from analysis.chapters._shown_from import level_of
from analysis.chapters.employment.populations import outcomes_at
from analysis.frames.instruments import read_parameters, score_ips25
from analysis.frames.needs import needs
from analysis.frames.trial import Trial
from analysis.methods.fidelity import (
    LARGEST_EXACT,
    detectable_correlation,
    item_spread,
    latest_review,
    rank_correlation,
    smallest_p_value,
    smallest_significant_correlation,
    split_by_score,
)
from analysis.methods.proportions import difference_in_proportions
from analysis.show.figures import Figure, titled
from analysis.show.places import places
from analysis.show.prose import Label, Sentence, decimal, labels, month, p_value, percent, tally
from analysis.show.tables import Table, cells

INTEGRATION_ITEM = 5  # frequent contact between the employment and the treatment team
HIGH_FROM, LOW_TO = 4, 2
GOOD = ("good", "exemplary")
POWER, SEED = 0.8, 1  # chance with which a true correlation should be found, and start of the draws that tell it


@needs("reviewed_centres:1")
def scores_by_centre(trial: Trial) -> pd.DataFrame:
    """IPS-25 scores of each centre's latest review; see `instruments.ips25.score_ips25`."""
    return score_ips25(latest_review(trial.tables["fidelity"]), bands_of(trial))


def bands_of(trial: Trial) -> dict[str, int]:
    """Lowest total of each band, by the study's settings."""
    return dict(trial.study.instruments["ips25"]["bands"])


@needs()
def fidelity_table(trial: Trial, scores: pd.DataFrame) -> Table:
    """Total and band of each centre, as rated and with the less suitable items at the top score."""
    rows = []
    for centre, own in scores.iterrows():
        rows += [(centre, column, "score", own[column], None) for column in ("total", "total_adjusted")]
        bands = {column: own[column] for column in ("band", "band_adjusted")}
        rows += [
            (centre, column, "value", math.nan, "unknown" if pd.isna(band) else str(band))
            for column, band in bands.items()
        ]
    frame = pd.DataFrame(rows, columns=["row", "column", "statistic", "value", "text"])
    columns = ["total", "band", "total_adjusted", "band_adjusted"]
    return Table("fidelity", frame, rows=_reviewed(trial), columns=columns, decimals={"score": 0})


def _reviewed(trial: Trial) -> list[str]:
    reviewed = set(trial.tables["fidelity"]["centre"])
    return [centre for centre in trial.study.centre_codes if centre in reviewed]


def newly_good(scores: pd.DataFrame) -> int:
    """Centres in band good or better only after the adjustment."""
    return int((scores["band_adjusted"].isin(GOOD) & ~scores["band"].isin(GOOD)).sum())


@needs("reviewed_centres:2")
def integration_levels(trial: Trial) -> pd.DataFrame:
    """One row per centre: its score on frequent team contact and whether that is high, low or between."""
    return split_by_score(latest_review(trial.tables["fidelity"]), INTEGRATION_ITEM, HIGH_FROM, LOW_TO)


@needs("reviewed_centres:1")
def item_figure(trial: Trial) -> Figure:
    """Every item's score at every centre, the items that differ most first."""
    reviews = latest_review(trial.tables["fidelity"])
    order = item_spread(reviews)["item"]
    frame = reviews.assign(
        item=pd.Categorical(reviews["item"], order, ordered=True),
        row=reviews["item"].map(lambda item: f"item_{item:02d}").astype(str),
        estimate=reviews["score"].astype(float),
        column=reviews["centre"].astype(str),
        place=pd.Categorical(reviews["centre"].astype(str), _reviewed(trial), ordered=True),
    )
    frame = frame.sort_values(["item", "place"])[["row", "column", "estimate"]]
    axis = tuple(read_parameters("ips25")["item_range"].value)
    figure = Figure("fidelity_items", "heat", frame, options={"decimals": 0, "axis": axis})
    return titled(figure, integration(trial))


@needs("reviewed_centres:2", "arms", "registers", "outcome:at_a_time")
def effect_by_centre(trial: Trial, conf_level: float = 0.95) -> pd.DataFrame:
    """One row per reviewed centre: fidelity total, effect on the primary outcome, its interval (Newcombe), people."""
    study, outcome = trial.study, trial.study.primary_outcome
    people = outcomes_at(trial, study.primary_at)
    totals, rows = scores_by_centre(trial)["total"], []
    for centre in _reviewed(trial):
        own = people[people["centre"] == centre]
        found = difference_in_proportions(
            *(own.loc[own["arm"] == arm, outcome] for arm in (study.treatment, study.control)),
            outcome=outcome,
            population=centre,
            contrast=study.contrast,
            interval="newcombe",
            conf_level=conf_level,
        )
        rows.append((centre, float(totals[centre]), found.estimate, found.conf_low, found.conf_high, len(own)))
    found = pd.DataFrame(rows, columns=["centre", "fidelity", "estimate", "conf_low", "conf_high", "n"])
    return found.assign(conf_level=conf_level)


@needs()
def effect_figure(trial: Trial, effects: pd.DataFrame) -> Figure | Sentence:
    """Each centre's effect in percentage points against its fidelity; a sentence if no centre has both."""
    frame, conf_level = effects.dropna(subset=["fidelity", "estimate"]).drop(columns="conf_level"), level_of(effects)
    if frame.empty:
        return _nothing_to_rank(0)
    low, high = frame["fidelity"].min(), frame["fidelity"].max()
    ticks = tuple(range(5 * int(low // 5), int(high) + 5, 5))
    ends = ["estimate", "conf_low", "conf_high"]
    figure = Figure(
        "fidelity_and_effect",
        "means",
        frame.assign(**{end: 100 * frame[end] for end in ends}),
        values={
            "outcome": Label("outcomes", trial.study.primary_outcome),
            "at": month(trial.study.primary_at),
            "level": percent(100 * conf_level, 0),
        },
        options={"x": "fidelity", "series": "centre", "zero": False, "ticks": ticks},
    )
    related = correlation(effects)
    return figure if related["p_value"].isna().all() else titled(figure, fidelity_and_effect(related))


def _nothing_to_rank(n: int) -> Sentence:
    return Sentence("fidelity_and_effect_unknown" if n < 3 else "fidelity_and_effect_tied", {"n": tally(n)})


@needs()
def correlation(effects: pd.DataFrame) -> pd.DataFrame:
    """Rank correlation of fidelity and effect over the centres of `effect_by_centre`, as an estimate row."""
    by_centre = effects.set_index("centre")
    return rank_correlation(by_centre["fidelity"], by_centre["estimate"])


@needs()
def correlation_table(found: pd.DataFrame) -> Table | Sentence:
    """The rank correlation with its exact p-value, and what so few centres could have shown at all."""
    row = found.iloc[0]
    n = int(row["df"])
    if math.isnan(row["estimate"]):
        return _nothing_to_rank(n)
    rows = [
        ("spearman", "estimate", "value", row["estimate"]),
        ("spearman", "estimate", "ci_low", row["conf_low"]),
        ("spearman", "estimate", "ci_high", row["conf_high"]),
        ("spearman", "p_value", "p", row["p_value"]),
        ("spearman", "centres", "n", n),
        ("smallest_p", "p_value", "p", smallest_p_value(n)),
        ("smallest_significant", "estimate", "value", smallest_significant_correlation(n)),
        ("detectable", "estimate", "value", detectable_correlation(n, np.random.default_rng(SEED), POWER)),
    ]
    known = [cell for cell in rows if not math.isnan(cell[3])]
    values = {"power": percent(100 * POWER, 0), "n": tally(n)}
    return Table(
        "fidelity_correlation", cells(known), decimals={"value": 2, ("spearman", "p"): 2, "p": 4}, values=values,
        conf_level=row["conf_level"],
    )  # fmt: skip


@needs()
def bands_reached(scores: pd.DataFrame, adjusted: bool = False) -> Sentence:
    """Range of the totals and how many centres lie in the commonest band, as rated or adjusted."""
    total, band = ("total_adjusted", "band_adjusted") if adjusted else ("total", "band")
    scores = scores.dropna(subset=[total])
    if scores.empty:
        return Sentence("no_totals")
    common = places(scores[band].astype(str).value_counts().to_dict())[0]
    low, name = tally(scores[total].min()), labels("texts", common.keys)
    if len(scores) == 1:
        return Sentence("band_of_one_adjusted" if adjusted else "band_of_one", {"total": low, "band": name})
    values = {"low": low, "high": tally(scores[total].max()), "centres": tally(len(scores)), "band": name}
    items = len(read_parameters("ips25")["less_suitable_items"].value)
    values |= {"in_band": tally(common.value), "items": tally(items), "reaching": tally(newly_good(scores))}
    if len(common.keys) > 1:
        return Sentence("bands_tied_adjusted" if adjusted else "bands_tied", values)
    alike = common.value == len(scores)
    return Sentence("bands_adjusted" if adjusted else "bands", values, "higher" if alike else "unclear")


@needs("reviewed_centres:2")
def integration(trial: Trial) -> Sentence:
    """How the centres split on frequent team contact."""
    levels = integration_levels(trial)["level"].value_counts()
    if levels.empty:
        return Sentence("integration_unknown")
    spread = item_spread(latest_review(trial.tables["fidelity"])).set_index("item")["range"]
    own = spread[INTEGRATION_ITEM]
    values = {
        "high": tally(levels.get("high", 0)),
        "low": tally(levels.get("low", 0)),
        "high_from": tally(HIGH_FROM),
        "low_to": tally(LOW_TO),
        "range": tally(own),
        "largest": tally(spread.max()),
    }
    return Sentence("integration", values, "lower" if own == 0 else "higher" if own == spread.max() else "unclear")


@needs()
def fidelity_and_effect(found: pd.DataFrame) -> Sentence:
    """What the rank correlation allows to say."""
    row = found.iloc[0]
    n = int(row["df"])
    if math.isnan(row["p_value"]):
        return _nothing_to_rank(n)
    clear = row["p_value"] < 0.05
    p = Sentence("exact_p" if n <= LARGEST_EXACT else "usual_p", {"p": p_value(row["p_value"])})
    values = {"rho": decimal(row["estimate"], 2), "p": p, "n": tally(n), "limit": _limit(n)}
    direction = "unclear" if not clear else "higher" if row["estimate"] > 0 else "lower"
    return Sentence("fidelity_and_effect", values, direction)


def _limit(n: int) -> Sentence:
    """What so many centres can show at all."""
    needed = smallest_significant_correlation(n)
    if math.isnan(needed):
        return Sentence("limit_few", {"n": tally(n)})
    return Sentence("limit", {"n": tally(n), "needed": decimal(needed, 2)})

"""How closely the centres follow the IPS model, and whether that goes with their effect (report, section 6.10)."""

import math

import pandas as pd

from analysis.frames.instruments import read_parameters, score_ips25
from analysis.frames.trial import Trial
from analysis.methods.fidelity import (
    item_spread,
    latest_review,
    rank_correlation,
    smallest_significant_correlation,
    split_by_score,
)
from analysis.methods.proportions import difference_in_proportions
from analysis.show.figures import Figure
from analysis.show.prose import Label, Sentence, count, decimal, p_value, percent
from analysis.show.tables import Table, cells

INTEGRATION_ITEM = 5  # frequent contact between the employment and the treatment team
HIGH_FROM, LOW_TO = 4, 2
EFFECT_MONTH = 12


def scores_by_centre(trial: Trial) -> pd.DataFrame:
    """IPS-25 scores of each centre's latest review; see `instruments.ips25.score_ips25`."""
    return score_ips25(latest_review(trial.tables["fidelity"]), _bands(trial))


def _bands(trial: Trial) -> dict[str, int]:
    return dict(trial.study.instruments["ips25"]["bands"])


def fidelity_table(trial: Trial) -> Table:
    """Total and band of each centre, as rated and with the less suitable items at the top score."""
    rows = []
    for centre, scores in scores_by_centre(trial).iterrows():
        rows += [(centre, column, "score", scores[column], None) for column in ("total", "total_adjusted")]
        rows += [(centre, band, "value", float("nan"), str(scores[band])) for band in ("band", "band_adjusted")]
    frame = pd.DataFrame(rows, columns=["row", "column", "statistic", "value", "text"])
    columns = ["total", "band", "total_adjusted", "band_adjusted"]
    return Table("fidelity", frame, rows=_reviewed(trial), columns=columns, decimals={"score": 0})


def _reviewed(trial: Trial) -> list[str]:
    reviewed = set(trial.tables["fidelity"]["centre"])
    return [centre for centre in trial.study.centre_codes if centre in reviewed]


def text_6_10(trial: Trial) -> Table:
    """The numbers of section 6.10: the scale, its bands, the centres' range, integration, the sensitivity analysis."""
    scores, levels, bands = scores_by_centre(trial), integration_levels(trial), _bands(trial)
    lowest, highest = read_parameters("ips25")["item_range"].value
    items = trial.tables["fidelity"]["item"].nunique()
    tops = {
        "not_ips": bands["fair"] - 1,
        "fair": bands["good"] - 1,
        "good": bands["exemplary"] - 1,
        "exemplary": items * highest,
    }
    rows = [
        ("ips_fidelity_items", "scale", "n", items),
        ("ips_fidelity_item_score", "min", "score", lowest),
        ("ips_fidelity_item_score", "max", "score", highest),
        *((f"ips_fidelity_{band}", "max", "score", top) for band, top in tops.items()),
        *((f"ips_fidelity_{band}", "min", "score", bands[band]) for band in ("fair", "good", "exemplary")),
        *_extremes("ips_fidelity_six_centres", scores["total"]),
        ("ips_criteria_less_suitable", "total", "n", len(read_parameters("ips25")["less_suitable_items"].value)),
        ("centres_reaching_good_after_adjustment", "total", "n", _reaching_good(scores)),
    ]
    for level in ("high", "low"):
        own = levels.loc[levels["level"] == level, "score"]
        rows += [
            *_extremes(f"integration_criterion_{level}_centres", own),
            (f"centres_{level}_on_integration_criterion", "total", "n", len(own)),
        ]
    return Table("text_6.10", cells(rows), columns=["scale", "total", "min", "max"], decimals={"score": 0})


def _extremes(row: str, values: pd.Series) -> list[tuple]:
    return [(row, "min", "score", values.min()), (row, "max", "score", values.max())]


def _reaching_good(scores: pd.DataFrame) -> int:
    """Centres in band good or better only after the adjustment."""
    good = scores["band_adjusted"].isin(["good", "exemplary"]) & ~scores["band"].isin(["good", "exemplary"])
    return int(good.sum())


def integration_levels(trial: Trial) -> pd.DataFrame:
    """One row per centre: its score on frequent team contact and whether that is high, low or between."""
    return split_by_score(latest_review(trial.tables["fidelity"]), INTEGRATION_ITEM, HIGH_FROM, LOW_TO)


def item_figure(trial: Trial) -> Figure | Sentence:
    """Every item's score at every centre, the items that differ most first; a sentence without reviews."""
    reviews = latest_review(trial.tables["fidelity"])
    if reviews.empty:
        return Sentence("no_fidelity")
    order = item_spread(reviews)["item"]
    frame = reviews.assign(item=pd.Categorical(reviews["item"], order, ordered=True)).sort_values("item")
    frame = frame.assign(
        row=frame["item"].map(lambda item: f"item_{item:02d}").astype(str),
        estimate=frame["score"],
        column=frame["centre"].astype(str),
    )
    centre_order = pd.Categorical(frame["column"], _reviewed(trial), ordered=True)
    frame = frame.assign(place=centre_order).sort_values(["item", "place"])[["row", "column", "estimate"]]
    return Figure(
        "fidelity_items",
        "heat",
        frame.astype({"estimate": float}),
        options={"decimals": 0, "axis": tuple(read_parameters("ips25")["item_range"].value)},
    )


def effect_by_centre(trial: Trial, conf_level: float = 0.95) -> pd.DataFrame:
    """One row per reviewed centre: fidelity total, effect on being fully or partly in work, its interval, people."""
    outcomes = trial.outcomes[trial.outcomes["month"] == EFFECT_MONTH]
    people = trial.people[["participant_id", "arm", "centre"]].merge(outcomes, on="participant_id")
    totals, rows = scores_by_centre(trial)["total"], []
    for centre in _reviewed(trial):
        own = people[people["centre"] == centre]
        treated, control = (
            own.loc[own["arm"] == arm, "fully_or_partly_in_work"]
            for arm in (trial.study.treatment, trial.study.control)
        )
        found = difference_in_proportions(
            treated,
            control,
            outcome="fully_or_partly_in_work",
            population=centre,
            contrast=trial.study.contrast,
            interval="newcombe",
            conf_level=conf_level,
        )
        rows.append((centre, float(totals[centre]), found.estimate, found.conf_low, found.conf_high, len(own)))
    return pd.DataFrame(rows, columns=["centre", "fidelity", "estimate", "conf_low", "conf_high", "n"])


def effect_figure(trial: Trial, conf_level: float = 0.95) -> Figure | Sentence:
    """Each centre's effect in percentage points against its fidelity; a sentence if no centre has both."""
    frame = effect_by_centre(trial, conf_level).dropna(subset=["fidelity", "estimate"])
    if frame.empty:
        return Sentence("no_fidelity")
    low, high = frame["fidelity"].min(), frame["fidelity"].max()
    ticks = tuple(range(5 * int(low // 5), int(high) + 5, 5))
    ends = ["estimate", "conf_low", "conf_high"]
    return Figure(
        "fidelity_and_effect",
        "means",
        frame.assign(**{end: 100 * frame[end] for end in ends}),
        values={"month": count(EFFECT_MONTH), "level": percent(100 * conf_level, 0)},
        options={"x": "fidelity", "series": "centre", "zero": False, "ticks": ticks},
    )


def correlation(trial: Trial) -> pd.DataFrame:
    """Rank correlation of fidelity and effect over the centres, as an estimate row."""
    by_centre = effect_by_centre(trial).set_index("centre")
    return rank_correlation(by_centre["fidelity"], by_centre["estimate"])


def correlation_table(trial: Trial) -> Table:
    """The rank correlation with its exact p-value, and what so few centres could have shown at all."""
    found = correlation(trial).iloc[0]
    n = int(found["df"])
    rows = [
        ("spearman", "estimate", "value", found["estimate"]),
        ("spearman", "p_value", "p", found["p_value"]),
        ("spearman", "centres", "n", n),
        ("smallest_significant", "estimate", "value", smallest_significant_correlation(n)),
    ]
    return Table("fidelity_correlation", cells(rows), decimals={"value": 2, "p": 2})


def bands_reached(trial: Trial, adjusted: bool = False) -> Sentence:
    """Range of the totals and how many centres lie in the commonest band, as rated or adjusted."""
    scores = scores_by_centre(trial)
    total, band = ("total_adjusted", "band_adjusted") if adjusted else ("total", "band")
    if scores.empty:
        return Sentence("no_fidelity")
    counts = scores[band].value_counts()
    items = len(read_parameters("ips25")["less_suitable_items"].value)
    return Sentence(
        "bands_adjusted" if adjusted else "bands",
        {
            "low": count(scores[total].min()),
            "high": count(scores[total].max()),
            "centres": count(len(scores)),
            "in_band": count(counts.iloc[0]),
            "band": Label("texts", str(counts.index[0])),
            "items": count(items),
            "reaching": count(_reaching_good(scores)),
        },
        "higher" if counts.iloc[0] == len(scores) else "unclear",
    )


def integration(trial: Trial) -> Sentence:
    """How the centres split on frequent team contact."""
    if trial.tables["fidelity"].empty:
        return Sentence("no_fidelity")
    levels = integration_levels(trial)["level"].value_counts()
    spread = item_spread(latest_review(trial.tables["fidelity"]))
    widest = spread.loc[spread["range"] == spread["range"].max(), "item"]
    return Sentence(
        "integration",
        {
            "high": count(levels.get("high", 0)),
            "low": count(levels.get("low", 0)),
            "high_from": count(HIGH_FROM),
            "low_to": count(LOW_TO),
        },
        "higher" if INTEGRATION_ITEM in set(widest) else "unclear",
    )


def fidelity_and_effect(trial: Trial) -> Sentence:
    """What the rank correlation allows to say."""
    found = correlation(trial).iloc[0]
    n = int(found["df"])
    if math.isnan(found["p_value"]):
        return Sentence("fidelity_and_effect_unknown", {"n": count(n)})
    clear = found["p_value"] < 0.05
    direction = "unclear" if not clear else "higher" if found["estimate"] > 0 else "lower"
    return Sentence(
        "fidelity_and_effect",
        {
            "rho": decimal(found["estimate"], 2),
            "p": p_value(found["p_value"]),
            "n": count(n),
            "needed": decimal(smallest_significant_correlation(n), 2),
        },
        direction,
    )

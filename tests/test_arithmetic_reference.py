"""What is plain arithmetic against R (tests/reference/arithmetic.R, base R)."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pandas as pd

from analysis.frames.instruments.ips25 import score_ips25
from analysis.methods import cost_benefit, cost_benefit_uncertainty, selection
from analysis.methods.coding import category_shares, mean_over_waves
from analysis.methods.fidelity import latest_review
from analysis.methods.missing_data import carried_from, compare_by_response, last_observation_carried_forward, response
from analysis.methods.strata import pooling_bias, trend_bias
from tests.agreement import agrees

FOLDER = Path(__file__).parent / "reference"
R = pd.read_csv(FOLDER / "arithmetic_answers.csv", index_col=["method", "quantity"])["value"].sort_index()
PEOPLE = pd.read_csv(FOLDER / "arithmetic_people.csv")
WAVES = (0, 6, 12)
SCORES = pd.concat(PEOPLE[["participant_id"]].assign(wave=wave, score=PEOPLE[f"score_{wave}"]) for wave in WAVES)
ARMS = {"treatment": "new", "control": "usual"}
ENDS = {"estimate": "estimate", "low": "conf_low", "high": "conf_high"}
CODES = ["tools", "people", "time", "nothing"]


def same(method, found, by):
    """Everything that R has of a method, and nothing else, with the same numbers."""
    answers = R[method]
    assert found.keys() == set(answers.index)
    for quantity, value in found.items():
        agrees(method, by, float(value), answers[quantity])


def test_who_answered():
    rows = response(SCORES, PEOPLE, 12, **ARMS, score="score").set_index("contrast")
    named = {"new": "new", "usual": "usual", "total": "total", "new_vs_usual": "difference"}
    found = {f"{name}_{end}": rows.loc[row, column] for row, name in named.items() for end, column in ENDS.items()}
    found |= {"difference": found.pop("difference_estimate"), "difference_p": rows.loc["new_vs_usual", "p_value"]}
    same("who_answered", found, "R 4, prop.test and the difference written out")


def test_the_last_known_score_and_its_wave():
    carried = last_observation_carried_forward(SCORES, PEOPLE, "score", 12)
    found = {f"last_{row.participant_id}": row.score for row in carried.itertuples()}
    told = carried_from(carried)
    assert not told.duplicated(["arm", "from_wave"]).any()
    for row in told.itertuples():
        found |= {f"{part}_{row.arm}_{row.from_wave}": getattr(row, part) for part in ("people", "share")}
    same("carried_forward", found, "R 4, written out person by person")


def test_who_falls_silent():
    frame = PEOPLE.assign(score=PEOPLE["score_0"], responded=PEOPLE["score_12"].notna())
    rows = compare_by_response(frame, ["score"], arms=["new", "usual"]).set_index(["population", "contrast"])
    groups = {"responders": "responders", "non_responders": "non_responders",
              "responders_vs_non_responders": "difference"}  # fmt: skip
    found = {}
    for arm in ("new", "usual"):
        for contrast, name in groups.items():
            row = rows.loc[(arm, contrast)]
            ends = zip(("mean", "low", "high"), ENDS.values(), strict=True)
            found |= {f"{arm}_{name}_{end}": row[column] for end, column in ends}
        found[f"{arm}_difference_p"] = rows.loc[(arm, "responders_vs_non_responders"), "p_value"]
    same("who_falls_silent", found, "R 4, t.test")


def test_pooling_over_a_changed_ratio():
    bias = pooling_bias(PEOPLE, "told", ["phase"], **ARMS)
    trend = trend_bias(bias, bias["stratum"].map({"early": 0, "late": 2}))
    same("pooling", {"bias": bias["bias"].sum(), "trend": trend}, "R 4, lm with all products, and its predictions")


def test_shares_of_categories_and_their_mean_over_waves():
    answers = pd.read_csv(FOLDER / "arithmetic_coded.csv").assign(group="all")
    shares = category_shares(answers, ["group", "wave"], CODES)
    parts = {"n": "n", "share": "proportion", "low": "conf_low", "high": "conf_high"}
    same("category_shares", {f"{row.category}_{row.wave}_{name}": getattr(row, column)
                             for row in shares.itertuples() for name, column in parts.items()},
         "R 4, prop.test")  # fmt: skip
    joined = mean_over_waves(shares, ["category"])
    same("mean_over_waves", {f"{row.category}_{name}": getattr(row, parts[name])
                             for row in joined.itertuples() for name in ("share", "low", "high")},
         "R 4, formula written out")  # fmt: skip


def test_totals_of_fidelity():
    ratings = pd.read_csv(FOLDER / "arithmetic_ratings.csv", parse_dates=["reviewed_on"])
    scored = score_ips25(latest_review(ratings))
    sums = scored[["staffing", "organisation", "services", "total", "total_adjusted"]]
    found = {f"{name}_{centre}": value for name, column in sums.items() for centre, value in column.items()}
    place = scored["band"].cat.codes + 1.0
    found |= {f"band_{centre}": value for centre, value in place.where(place > 0).items()}
    same("fidelity_totals", found, "R 4, rowSums and findInterval")


def scenarios():
    for row in pd.read_csv(FOLDER / "arithmetic_scenarios.csv").itertuples():
        value = cost_benefit.ValueOfWork(row.value, 0.0, 0.0)
        yield cost_benefit.Scenario(row.full, row.partial, value, row.cost, row.control, 1, row.funds, row.weight,
                                    row.duration, {1: row.rate}, row.first, row.decay)  # fmt: skip


def test_breaking_even_is_a_root_of_the_net_present_value():
    by, every = "R 4, uniroot of the years written out", list(scenarios())
    found = {"break_even_effect": [cost_benefit.break_even_effect(one, one.effect_partial) for one in every],
             "break_even_duration": [cost_benefit.break_even_duration(one) for one in every]}  # fmt: skip
    for method, values in found.items():
        same(method, {str(number): value for number, value in enumerate(values, start=1)}, by)


def test_a_tornado():
    first = next(scenarios())
    changes = {"effect": ({"effect_full": 0.01}, {"effect_full": 0.07}), "decay": ({"decay": 0.4}, {"decay": 0.0}),
               "rate": ({"rate_from_year": {1: 0.06}}, {"rate_from_year": {1: 0.02}}),
               "duration": ({"duration": 1.0}, {"duration": 10.0})}  # fmt: skip
    base = cost_benefit.net_present_value(first).per_person
    ends = {name: tuple(cost_benefit.net_present_value(replace(first, **change)).per_person for change in both)
            for name, both in changes.items()}  # fmt: skip
    rows = cost_benefit_uncertainty.one_way(ends, base)
    order = {name: place for place, name in enumerate(dict.fromkeys(rows["row"]), start=1)}
    found = {f"{order[row.row]}_{row.row}_{row.end}": row.estimate for row in rows.itertuples()}
    assert rows["start"].nunique() == 1
    same("one_way", found | {"base": rows["start"].iloc[0]}, "R 4, every year written out")


def test_the_best_of_several_centres(monkeypatch):
    """On the random numbers and the halves that R used."""
    normal = pd.read_csv(FOLDER / "arithmetic_draws.csv").to_numpy().reshape(2, -1, 4)
    halves = PEOPLE.filter(like="half_").to_numpy().T == 1
    monkeypatch.setattr(selection, "_halves", lambda cell, splits, rng: halves)
    given = SimpleNamespace(standard_normal=lambda shape: normal)
    best = selection.picked(PEOPLE, ["chosen_1", "chosen_2"], "told", 2, given, draws=normal.shape[1], **ARMS)
    same("best_by_chance", {name: getattr(best, name) for name in R["best_by_chance"].index},
         "R 4, formulas written out, on the same random numbers")  # fmt: skip
    half = {"estimate": best.other_half, "low": best.other_half_low, "high": best.other_half_high}
    same("best_by_others", half, "R 4, formulas written out, on the same halves")



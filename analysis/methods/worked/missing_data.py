"""Who answered, last observation carried forward, and who falls silent, by hand."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from scipy import stats

from analysis.methods import missing_data
from analysis.methods.worked.arithmetic import mean, ratio
from analysis.methods.worked.example import Example, Worked
from analysis.methods.worked.proportions import difference_by_hand

# Six of ten in the programme; a score at inclusion and at two later questionnaires, some of them not known.
TEN = pd.DataFrame({
    "treated": [True] * 6 + [False] * 4,
    "first": [12.0, 9, 14, 8, 11, 10, 13, 9, 7, 12],
    "middle": [9.0, None, 12, 6, None, 8, None, 8, None, 11],
    "last": [7.0, 6, None, 5, None, 9, None, 8, None, 10],
})  # fmt: skip
# The same people, with whether the last questionnaire came back.
SILENT = TEN[["treated", "first"]].assign(answered=TEN["last"].notna())
ORDER = {"first": 1, "middle": 2, "last": 3}


def response_by_hand(people: pd.DataFrame) -> Worked:
    """Shares of the arms and of all with a score at the last questionnaire, and the difference between the arms."""
    answered = people["last"].notna()
    outcome = pd.DataFrame({"treated": people["treated"], "outcome": answered.astype("boolean")})
    found = difference_by_hand(outcome).steps
    steps = {name: found[name] for name in ("x1", "n1", "x0", "n0", "p1", "p0")}
    total = (found["x1"] + found["x0"]) / (found["n1"] + found["n0"])
    steps |= {"total": total, **{name: found[name] for name in ("d", "low", "high", "z", "p_value")}}
    return Worked(people.assign(answered=answered), steps)


def _response(people: pd.DataFrame) -> Mapping[str, float]:
    found = missing_data.response(_long(people), _persons(people), 3, **_ARMS, score="score").set_index("contrast")
    shares = {"p1": found.at["treated", "estimate"], "p0": found.at["others", "estimate"]}
    gap = found.loc["treated_vs_others"]
    return {**shares, "total": found.at["total", "estimate"], "d": gap["estimate"], "low": gap["conf_low"],
            "high": gap["conf_high"], "z": gap["statistic_value"], "p_value": gap["p_value"]}  # fmt: skip


_ARMS = {"treatment": "treated", "control": "others"}


def _persons(people: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame({"participant_id": range(len(people)),
                         "arm": np.where(people["treated"].astype(bool), *_ARMS.values())})  # fmt: skip


def _long(people: pd.DataFrame) -> pd.DataFrame:
    waves = [pd.DataFrame({"participant_id": range(len(people)), "wave": wave, "score": people[name].to_numpy(float)})
             for name, wave in ORDER.items()]  # fmt: skip
    return pd.concat(waves, ignore_index=True)


def carried_by_hand(people: pd.DataFrame) -> Worked:
    """Each person's last known score, where it comes from, and its mean in either arm."""
    scores = people[list(ORDER)].to_numpy(float)
    values, sources = [], []
    for first, middle, last in scores:
        known = [(value, place) for value, place in ((last, 3), (middle, 2), (first, 1)) if not np.isnan(value)]
        value, place = known[0] if known else (np.nan, np.nan)
        values.append(value)
        sources.append(place)
    values, sources, treated = np.array(values), np.array(sources), people["treated"].to_numpy(bool)
    counts = {f"from_{name}": int((sources == place).sum()) for name, place in reversed(ORDER.items())}
    own, others = (values[(treated == arm) & ~np.isnan(values)] for arm in (True, False))
    means = {"mean1": mean(own), "mean0": mean(others)}
    steps = {**counts, "never": int(np.isnan(values).sum()), "n1": len(own), "n0": len(others), **means,
             "d": means["mean1"] - means["mean0"]}  # fmt: skip
    return Worked(people.assign(carried=values, source=sources), steps)


def _carried(people: pd.DataFrame) -> Mapping[str, float]:
    found = missing_data.last_observation_carried_forward(_long(people), _persons(people), "score", 3)
    sources = missing_data.carried_from(found).groupby("from_wave")["people"].sum()
    means = found.groupby("arm")["score"].mean()
    counts = {f"from_{name}": int(sources.get(place, 0)) for name, place in ORDER.items()}
    return {**counts, "mean1": means["treated"], "mean0": means["others"]}


def silent_by_hand(people: pd.DataFrame) -> Worked:
    """The mean score at inclusion of the treated who later answered and of those who did not, and their difference."""
    of = people["treated"].to_numpy(bool) & people["first"].notna().to_numpy()
    first, answered = people["first"].to_numpy(float), people["answered"].to_numpy(bool)
    x, y = first[of & answered], first[of & ~answered]
    n1, n0, mean1, mean0 = len(x), len(y), mean(x), mean(y)
    squares = ((x - mean1) ** 2).sum() + ((y - mean0) ** 2).sum()
    df = n1 + n0 - 2
    s = np.sqrt(ratio(squares, df))
    se = s * np.sqrt(ratio(1, n1) + ratio(1, n0))
    d, quantile = mean1 - mean0, float(stats.t.ppf(0.975, df))
    steps = {"n1": n1, "n0": n0, "mean1": mean1, "mean0": mean0, "d": d, "squares": squares, "df": df, "s": s, "se": se,
             "quantile": quantile, "low": d - quantile * se, "high": d + quantile * se, "t": ratio(d, se),
             "p_value": 2 * stats.t.sf(abs(ratio(d, se)), df)}  # fmt: skip
    return Worked(people, steps)


def _silent(people: pd.DataFrame) -> Mapping[str, float]:
    frame = people.rename(columns={"answered": "responded"}).assign(arm=_persons(people)["arm"].to_numpy())
    found = missing_data.compare_by_response(frame, ["first"], arms=["treated"]).set_index("contrast")
    gap = found.loc["responders_vs_non_responders"]
    return {"mean1": found.at["responders", "estimate"], "mean0": found.at["non_responders", "estimate"],
            "d": gap["estimate"], "se": gap["std_error"], "df": gap["df"], "low": gap["conf_low"],
            "high": gap["conf_high"], "t": gap["statistic_value"], "p_value": gap["p_value"]}  # fmt: skip


EXAMPLES: Mapping[str, Example] = {
    "who_answered": Example((missing_data.response, missing_data.has_answer), TEN, response_by_hand, _response,
                            "returned"),
    "carried_forward": Example((missing_data.last_observation_carried_forward, missing_data.carried_from), TEN,
                               carried_by_hand, _carried, "scores"),
    "who_falls_silent": Example((missing_data.compare_by_response,), SILENT, silent_by_hand, _silent, "silent"),
}  # fmt: skip

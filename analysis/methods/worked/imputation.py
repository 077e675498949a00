"""Missing scores imputed by their conditional mean, the jackknife, and silent people who fare otherwise, by hand.

The covariance of the scores is found by the steps of `worked.repeated_measures`, anew without each person; the method
counts patterns and goes on from the whole. The scores are then filled in person for person.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from analysis.methods import imputation, leave_one_out
from analysis.methods.worked.arithmetic import NAN, Z, ratio, two_sided
from analysis.methods.worked.example import Example, Worked
from analysis.methods.worked.repeated_measures import WAVES, likeliest, or_nothing

# Seven of twelve in the programme, with a score at inclusion and at two later questionnaires.
TWELVE = pd.DataFrame({
    "treated": [True] * 7 + [False] * 5,
    "first": [6.0, 12, 9, 13, 10, 9, 12, 9, 9, 8, 11, 12],
    "middle": [8.0, 9, 9, 10, None, 8, 11, 8, 8, 8, 10, 9],
    "last": [7.0, 7, None, 7, None, 7, 7, 12, 9, None, 12, 9],
})  # fmt: skip
AT_RANDOM, JUMP, INCREMENTS = WAYS = ("at_random", "jump", "increments")
_ARMS = {"treatment": "treated", "control": "others"}


def _completed(people: pd.DataFrame) -> dict[str, np.ndarray]:
    """Everybody's score at inclusion and, by way, at the last questionnaire, with what is not known filled in."""
    other, own_arm, sigma = likeliest(people)
    scores, treated = people[list(WAVES)].to_numpy(float), people["treated"].to_numpy(bool)
    start, last = np.zeros(len(people)), {way: np.zeros(len(people)) for way in WAYS}
    for place, (values, is_treated) in enumerate(zip(scores, treated, strict=True)):
        known = ~np.isnan(values)
        mean = own_arm if is_treated else other
        pull = np.linalg.solve(sigma[np.ix_(known, known)], (values - mean)[known]) if known.any() else np.zeros(0)
        start[place] = values[0] if known[0] else mean[0] + sigma[0, known] @ pull
        latest = np.flatnonzero(known)[-1] if known.any() else 0
        middles = {AT_RANDOM: mean[2], JUMP: other[2], INCREMENTS: other[2] + mean[latest] - other[latest]}
        for way, middle in middles.items():
            last[way][place] = values[2] if known[2] else middle + sigma[2, known] @ pull
    return {"start": start, **last}


def _at_equal_start(values: np.ndarray, treated: np.ndarray, start: np.ndarray) -> float:
    """The difference between the arms with the start taken out of both, person for person."""
    x = np.column_stack([np.ones(len(start)), start])
    off = x @ np.linalg.lstsq(x, np.column_stack([values, treated]), rcond=None)[0]
    rest, arm = values - off[:, 0], treated - off[:, 1]
    return ratio(float(rest @ arm), float(arm @ arm))


def _differences(people: pd.DataFrame) -> dict[str, float]:
    """The difference under each assumption, and for being a silent treated or a silent control person."""
    found, treated = _completed(people), people["treated"].to_numpy(float)
    silent = people["last"].isna().to_numpy(float)
    values = {way: found[way] for way in WAYS} | {"a1": silent * treated, "a0": silent * (1 - treated)}
    return {name: _at_equal_start(own, treated, found["start"]) for name, own in values.items()}


FILLED = ("n1", "n0", "silent1", "silent0", "mean1", "mean0", "s13", "s23", "s33", *WAYS)


def imputed_by_hand(people: pd.DataFrame) -> Worked:
    """The difference at an equal start with what is missing filled in, under three assumptions."""
    return or_nothing(_imputed_by_hand, people, FILLED)


def _imputed_by_hand(people: pd.DataFrame) -> Worked:
    other, own, sigma = likeliest(people)
    treated, silent = people["treated"].to_numpy(bool), people["last"].isna().to_numpy()
    steps = {"n1": int(treated.sum()), "n0": int((~treated).sum()), "silent1": int((silent & treated).sum()),
             "silent0": int((silent & ~treated).sum()), "mean1": own[2], "mean0": other[2], "s13": sigma[0, 2],
             "s23": sigma[1, 2], "s33": sigma[2, 2]}  # fmt: skip
    found, differences = _completed(people), _differences(people)
    columns = {f"filled_{way}": found[way] for way in WAYS}
    return Worked(people.assign(**columns), steps | {way: differences[way] for way in WAYS})


def _impute(people: pd.DataFrame) -> imputation.Imputed:
    persons = pd.DataFrame({"participant_id": range(len(people)),
                            "arm": np.where(people["treated"].astype(bool), *_ARMS.values())})  # fmt: skip
    waves = [persons[["participant_id"]].assign(wave=wave, score=people[name].to_numpy(float))
             for wave, name in enumerate(WAVES)]  # fmt: skip
    return imputation.impute(pd.concat(waves, ignore_index=True), persons, "score", [0, 1, 2], **_ARMS)


def _filled(people: pd.DataFrame) -> Mapping[str, float]:
    found = _impute(people)
    return {"n1": found.n[0], "n0": found.n[1], "silent1": round(found.missing[0] * found.n[0]),
            "silent0": round(found.missing[1] * found.n[1]),
            **{way: found.difference(name)[0] for way, name in zip(WAYS, imputation.ASSUMPTIONS, strict=True)},
            }  # fmt: skip


def _without_each(people: pd.DataFrame) -> pd.DataFrame:
    """The differences with everything done again without each person, one row each."""
    rows = [_differences(people.drop(index=person)) for person in people.index]
    return pd.DataFrame(rows, index=people.index)


def _jackknifed(values: np.ndarray) -> float:
    n = len(values)
    return float(np.sqrt((n - 1) / n * ((values - values.mean()) ** 2).sum()))


def jackknife_by_hand(people: pd.DataFrame) -> Worked:
    """How far the differences move when each person in turn is left out, model, imputation and comparison anew."""
    whole, each = _differences(people), _without_each(people)
    own = each[AT_RANDOM].to_numpy()
    error, d = _jackknifed(own), whole[AT_RANDOM]
    steps = {"n": len(people), "d": d, "least": own.min(), "most": own.max(), "mean": own.mean(),
             "squares": ((own - own.mean()) ** 2).sum(), "error": error, "low": d - Z * error, "high": d + Z * error,
             "z": d / error, "p_value": two_sided(d / error), "jump": whole[JUMP],
             "jump_error": _jackknifed(each[JUMP].to_numpy()), "increments": whole[INCREMENTS],
             "increments_error": _jackknifed(each[INCREMENTS].to_numpy())}  # fmt: skip
    return Worked(people.assign(without=own, without_jump=each[JUMP]), steps)


def _jackknife(people: pd.DataFrame) -> Mapping[str, float]:
    found = imputation.imputed_differences(_impute(people), "score", "treated_vs_others")
    random, jump, increments = found.to_dict("records")
    return {"d": random["estimate"], "error": random["std_error"], "low": random["conf_low"],
            "high": random["conf_high"], "z": random["statistic_value"], "p_value": random["p_value"],
            "jump": jump["estimate"], "jump_error": jump["std_error"], "increments": increments["estimate"],
            "increments_error": increments["std_error"]}  # fmt: skip


def tipping_by_hand(people: pd.DataFrame) -> Worked:
    """The difference as a line in how far the silent lie off, its variance as a square, and where they meet."""
    whole, each = _differences(people), _without_each(people)
    d, a1, a0 = (whole[name] for name in (AT_RANDOM, "a1", "a0"))
    own, line = each[AT_RANDOM].to_numpy(), each["a1"].to_numpy()
    share, n = (len(people) - 1) / len(people), len(people)
    vd, va = (share * ((values - values.mean()) ** 2).sum() for values in (own, line))
    cov = share * ((own - own.mean()) * (line - line.mean())).sum()
    squared, linear, constant = a1**2 - Z**2 * va, d * a1 - Z**2 * cov, d**2 - Z**2 * vd
    inside = linear**2 - squared * constant
    roots = [(-linear + sign * np.sqrt(inside)) / squared for sign in (1, -1)] if inside >= 0 else []
    tipping = min(roots, key=abs, default=NAN)
    both = _jackknifed(own + line - each["a0"].to_numpy())
    steps = {"n": n, "d": d, "error": np.sqrt(vd), "a1": a1, "a0": a0, "va": va, "cov": cov, "squared": squared,
             "linear": linear, "constant": constant, "tipping": tipping, "there": d + a1 * tipping,
             "there_error": np.sqrt(vd + 2 * tipping * cov + tipping**2 * va), "apart": d + a1 - a0,
             "apart_error": both}  # fmt: skip
    return Worked(people.assign(without=own, without_line=line), steps)


def _tipping(people: pd.DataFrame) -> Mapping[str, float]:
    found = _impute(people)
    tipping = imputation.tipping_delta(found)
    told = imputation.tipping_map(found, [0.0, tipping, 1.0], [0.0, -1.0]).set_index(["treated", "control"])
    start, there, apart = (told.loc[each] for each in ((0.0, 0.0), (tipping, 0.0), (1.0, -1.0)))
    return {"d": start["estimate"], "error": start["std_error"], "tipping": tipping, "there": there["estimate"],
            "there_error": there["std_error"], "apart": apart["estimate"],
            "apart_error": apart["std_error"]}  # fmt: skip


EXAMPLES: Mapping[str, Example] = {
    "imputation": Example((imputation.impute, imputation._completing, imputation._means_of_the_silent,
                           imputation._effects), TWELVE, imputed_by_hand, _filled, "scores"),
    "jackknife": Example((imputation.imputed_differences, imputation.Imputed.difference,
                          leave_one_out.refit_without_each), TWELVE, jackknife_by_hand, _jackknife),
    "tipping": Example((imputation.tipping_map, imputation.tipping_delta), TWELVE, tipping_by_hand, _tipping),
}  # fmt: skip

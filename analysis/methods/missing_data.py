"""Who answered, who did not, and what the last known answer says about those who did not."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from scipy import stats
from scipy.optimize import minimize_scalar

from analysis.methods.estimates import Estimate, concat_estimates, estimate_frame
from analysis.methods.means import difference_in_means, mean_estimate
from analysis.methods.proportions import compare_arms, proportion_estimate

RESPONSE_GROUPS = ("responders", "non_responders")


def has_answer(scores: pd.DataFrame, participants: pd.Series, wave: int, score: str | None = None) -> pd.Series:
    """Whether each participant returned the questionnaire of `wave`, or, with `score`, has that score there.

    `scores` has one row per participant and returned questionnaire (participant_id, wave, scores). The answer has one
    bool per entry of `participants` (participant ids) and its index.
    """
    at_wave = scores[scores["wave"] == wave]
    known = at_wave if score is None else at_wave[at_wave[score].notna()]
    return participants.isin(known["participant_id"]).astype(bool)


def response(
    scores: pd.DataFrame,
    people: pd.DataFrame,
    wave: int,
    *,
    treatment: str,
    control: str,
    score: str | None = None,
    conf_level: float = 0.95,
) -> pd.DataFrame:
    """Share of all included people with an answer at `wave`: an estimate frame of both arms, their difference, total.

    `people` has one row per participant (participant_id, arm). An answer is a returned questionnaire or, with `score`,
    a known score. Outcome "answered", or "answered_<score>", population "m<wave>"; contrasts are the arm codes,
    "<treatment>_vs_<control>" and "total". Intervals: Wilson for shares, Wald with a pooled z test for the difference.
    """
    outcome = "answered" if score is None else f"answered_{score}"
    answered = people[["arm"]].assign(**{outcome: has_answer(scores, people["participant_id"], wave, score)})
    names = {"population": f"m{wave}", "conf_level": conf_level}
    by_arm = compare_arms(answered, outcome, treatment=treatment, control=control, **names)
    total = proportion_estimate(answered[outcome], outcome=outcome, contrast="total", **names)
    return concat_estimates([by_arm, estimate_frame([total])])


def last_observation_carried_forward(scores: pd.DataFrame, people: pd.DataFrame, score: str, wave: int) -> pd.DataFrame:
    """The last known value of one score up to `wave`: one row per participant of `people`, in its order.

    Columns: participant_id, arm, the score, and from_wave, the wave the value comes from (missing where the score was
    never known). Without a score at the wave itself the one before it counts, and so on back to baseline; each score
    is carried on its own, so a half-answered questionnaire counts for the scores it allows. Carrying forward
    assumes that nothing changed after the last answer; that is no remedy for missing answers.
    """
    known = scores.loc[scores[score].notna() & (scores["wave"] <= wave), ["participant_id", "wave", score]]
    last = known.sort_values("wave").drop_duplicates("participant_id", keep="last")
    carried = people[["participant_id", "arm"]].merge(last, on="participant_id", how="left", validate="one_to_one")
    return carried.rename(columns={"wave": "from_wave"}).astype({"from_wave": "Int64"})


def carried_from(carried: pd.DataFrame) -> pd.DataFrame:
    """How many values come from which wave: one row per arm and wave, columns arm, from_wave, people, share (0–1).

    `carried` is a frame from `last_observation_carried_forward`; shares are of the people of the arm with a value.
    """
    known = carried.dropna(subset="from_wave")
    counts = known.groupby(["arm", "from_wave"], observed=True).size().rename("people").reset_index()
    totals = counts.groupby("arm", observed=True)["people"].transform("sum")
    return counts.assign(share=counts["people"] / totals)


def compare_by_response(
    frame: pd.DataFrame,
    scores: Sequence[str],
    *,
    arms: Sequence[str],
    variances: str = "equal",
    unit: str = "score",
    conf_level: float = 0.95,
) -> pd.DataFrame:
    """Means of earlier scores among those who later answered and those who did not, within each arm.

    `frame` has one row per participant: arm, the bool `responded`, and the `scores`. An estimate frame with, for each
    score and arm, the mean with t interval of responders and of non-responders and their difference (responders minus
    non-responders, `variances` as in `difference_in_means`); contrast is "responders", "non_responders" or
    "responders_vs_non_responders" and population the arm. Missing scores are left out.
    """
    rows = []
    for score in scores:
        for arm in arms:
            in_arm = frame[frame["arm"] == arm]
            values = [in_arm.loc[in_arm["responded"] == answered, score] for answered in (True, False)]
            names = {"outcome": score, "population": arm, "unit": unit, "conf_level": conf_level}
            rows += [
                mean_estimate(group, contrast=contrast, **names)
                for group, contrast in zip(values, RESPONSE_GROUPS, strict=True)
            ]
            between = "_vs_".join(RESPONSE_GROUPS)
            rows.append(difference_in_means(*values, contrast=between, variances=variances, **names))
    return estimate_frame(rows)


def repeated_measures_difference(
    scores: pd.DataFrame,
    people: pd.DataFrame,
    score: str,
    waves: Sequence[int],
    *,
    treatment: str,
    control: str,
    population: str = "all",
    unit: str = "score",
    conf_level: float = 0.95,
) -> pd.DataFrame:
    """Differences between the arms at each follow-up wave from all known scores together: one row per follow-up wave.

    Linear mixed model, score = wave + arm × follow-up wave + random intercept of the participant, by restricted maximum
    likelihood. The first of `waves` is the baseline, where the arms are held equal because they were allocated by lot
    (constrained longitudinal analysis; Liang & Zeger 2000). Everyone with at least one known score counts; the
    estimates hold if whether someone answered depends only on arm and known scores (missing at random). Contrast is
    "<treatment>_vs_<control>", outcome "<score>_m<wave>", z interval and test; n counts people with any known score.
    NaN where there are too few answers for the model. Checked against R 4 nlme::lme (tests/reference/health.R).
    """
    known = scores.loc[scores[score].notna() & scores["wave"].isin(waves), ["participant_id", "wave", score]]
    rows = known.merge(people.loc[people["arm"].isin([treatment, control]), ["participant_id", "arm"]])
    treated = (rows["arm"] == treatment).to_numpy(dtype=float)
    at_wave = {wave: (rows["wave"] == wave).to_numpy(dtype=float) for wave in waves}
    design = np.column_stack([*at_wave.values(), *(treated * at_wave[wave] for wave in waves[1:])])
    fitted = _mixed_model(rows[score].to_numpy(dtype=float), design, rows["participant_id"].to_numpy())
    size = rows.drop_duplicates("participant_id")["arm"].value_counts()
    z = stats.norm.ppf(0.5 + conf_level / 2)
    effects = zip(waves[1:], *(part[len(waves) :] for part in fitted), strict=True)
    return estimate_frame(
        Estimate(
            f"{score}_m{wave}",
            population,
            f"{treatment}_vs_{control}",
            "mixed model for repeated measures",
            effect,
            std_error=error,
            conf_low=effect - z * error,
            conf_high=effect + z * error,
            conf_level=conf_level,
            p_value=float(2 * stats.norm.sf(abs(effect / error))),
            n_treated=int(size.get(treatment, 0)),
            n_control=int(size.get(control, 0)),
            unit=unit,
            statistic_value=effect / error,
        )
        for wave, effect, error in effects
    )


def _mixed_model(outcome: np.ndarray, design: np.ndarray, groups: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Coefficients and standard errors of a random-intercept model by REML, NaN where it cannot be fitted.

    The likelihood depends on one number, the share of the variance that lies between people, once coefficients and
    residual variance are put at their best for it; so a search along that share finds the maximum.
    """
    people, terms = design.shape
    if people <= terms or np.linalg.matrix_rank(design) < terms:
        return np.full(terms, np.nan), np.full(terms, np.nan)
    columns = pd.DataFrame(np.column_stack([design, outcome]))
    means = columns.groupby(groups).transform("mean").to_numpy()
    answers = columns.groupby(groups)[0].transform("size").to_numpy()
    data = (columns.to_numpy(), means, answers)
    best = minimize_scalar(lambda share: _whitened_fit(share, *data)[0], bounds=(0, 1 - 1e-9), method="bounded",
                           options={"xatol": 1e-10})  # fmt: skip
    _, coefficients, errors = _whitened_fit(best.x, *data)
    return coefficients, errors


def _whitened_fit(
    share: float, columns: np.ndarray, means: np.ndarray, answers: np.ndarray
) -> tuple[float, np.ndarray, np.ndarray]:
    """−2 × restricted log-likelihood (up to a constant), coefficients and their errors for one share between people.

    With ratio r = share/(1 − share) of the variances, taking the part 1 − 1/√(1 + m·r) of a person's means from each of
    the m answers makes the answers independent (last of `columns` is the outcome).
    """
    inflation = 1 + answers * share / (1 - share)
    whitened = columns - (1 - 1 / np.sqrt(inflation))[:, None] * means
    x, y = whitened[:, :-1], whitened[:, -1]
    inverse = np.linalg.inv(x.T @ x)
    coefficients = inverse @ (x.T @ y)
    freedom = len(y) - x.shape[1]
    variance = ((y - x @ coefficients) ** 2).sum() / freedom
    # each person's log(1 + m·r) counts once, so each of the m answers carries 1/m of it
    between = (np.log(inflation) / answers).sum()
    fit = freedom * np.log(max(variance, np.finfo(float).tiny)) + between - np.linalg.slogdet(inverse)[1]
    return float(fit), coefficients, np.sqrt(variance * np.diag(inverse))


def tipping_point(difference: Mapping[str, float], missing_share: float) -> float:
    """How far the unseen treated would have to depart from what is expected of them before the finding is gone.

    `difference` is a row with conf_low and conf_high of treatment minus control among those seen; `missing_share` is
    the share (0–1) of the treated without the score. If the unseen treated scored δ points more than people like them
    who were seen, and the unseen controls exactly as expected, the difference for everybody would be the one seen plus
    δ · missing_share. The tipping point is the δ that moves the nearer end of the interval to zero:
    −(nearer end)/missing_share; 0 where the interval already holds zero, NaN where nobody is missing. The standard
    error is taken as unchanged. After White, Horton, Carpenter & Pocock, BMJ 2011;342:d40.
    """
    low, high = float(difference["conf_low"]), float(difference["conf_high"])
    if np.isnan(low) or np.isnan(high) or missing_share <= 0:
        return float("nan")
    if low <= 0 <= high:
        return 0.0
    nearer = low if low > 0 else high
    return -nearer / missing_share

"""Who answered, who did not, and what the last known answer says about those who did not."""

from collections.abc import Sequence

import pandas as pd

from analysis.methods.estimates import concat_estimates, estimate_frame
from analysis.methods.means import difference_in_means, mean_estimate
from analysis.methods.proportions import compare_arms, proportion_estimate
from analysis.methods.recording import recorded

RESPONSE_GROUPS = ("responders", "non_responders")


def has_answer(scores: pd.DataFrame, participants: pd.Series, wave: int, score: str | None = None) -> pd.Series:
    """Whether each participant returned the questionnaire of `wave`, or, with `score`, has that score there.

    `scores` has one row per participant and returned questionnaire (participant_id, wave, scores). The answer has one
    bool per entry of `participants` (participant ids) and its index.
    """
    at_wave = scores[scores["wave"] == wave]
    known = at_wave if score is None else at_wave[at_wave[score].notna()]
    return participants.isin(known["participant_id"]).astype(bool)


@recorded
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
    "<treatment>_vs_<control>" and "total". Intervals: Wilson for shares, Newcombe with a pooled z test for the
    difference.
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


@recorded
def carried_from(carried: pd.DataFrame) -> pd.DataFrame:
    """How many values come from which wave: one row per arm and wave, columns arm, from_wave, people, share (0–1).

    `carried` is a frame from `last_observation_carried_forward`; shares are of the people of the arm with a value.
    """
    known = carried.dropna(subset="from_wave")
    counts = known.groupby(["arm", "from_wave"], observed=True).size().rename("people").reset_index()
    totals = counts.groupby("arm", observed=True)["people"].transform("sum")
    return counts.assign(share=counts["people"] / totals)


@recorded
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

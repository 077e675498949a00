"""Earlier treatment, satisfaction with the follow-up and its perceived effect on health."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pandas as pd

from analysis.chapters._shown_from import level_of, shown_from
from analysis.frames.needs import Absent, needs, unmet
from analysis.frames.trial import Trial
from analysis.methods.estimates import estimate_frame
from analysis.methods.means import difference_in_means, mean_estimate, standard_deviation
from analysis.methods.proportions import Counted, proportion_estimate
from analysis.show.figures import Figure, titled
from analysis.show.places import places
from analysis.show.prose import Label, Sentence, decimal, direction_of, labels, percent, tally
from analysis.show.tables import Table, cells

TREATMENTS = ("psychologist", "other_talk_therapy", "medication", "alternative_treatment")
EFFECTS = ("improved", "no_effect", "worse")
RATINGS = ("satisfaction", "followup_effect_on_health")
SCALE = (1, 7)  # of both ratings, as the questionnaire has it


@needs("earlier_treatment")
def earlier_treatments(trial: Trial, interval: str = "wilson", conf_level: float = 0.95) -> pd.DataFrame:
    """Estimate frame: the share of the participants with each treatment before the trial (contrast total), and what
    those treated say it did (among_treated). `number`: how many.

    Somebody without a row in the table of earlier treatment counts as not treated; effects are shares of those treated
    whose answer is known.
    """
    treated, people, found = trial.tables["earlier_treatment"], len(trial.people), {}
    for treatment in TREATMENTS:
        own, name = treated[treated["treatment"] == treatment], f"previous_treatment_{treatment}"
        found[name, "total"] = Counted(len(own), people)
        answered = own["effect"].dropna()
        for effect in EFFECTS:
            found[f"{name}_{effect}", "among_treated"] = Counted(int((answered == effect).sum()), len(answered))
    settings = {"population": "all", "interval": interval, "conf_level": conf_level}
    shares = [proportion_estimate(each, outcome=row, contrast=column, **settings)
              for (row, column), each in found.items()]  # fmt: skip
    return estimate_frame(shares).assign(number=[each.successes for each in found.values()])


@needs("earlier_treatment")
@shown_from(shares=earlier_treatments)
def earlier_treatment_table(trial: Trial, shares: pd.DataFrame) -> Table:
    """Treatment before the trial: share of the participants, and what those treated say it did."""
    ends = {"pct": "estimate", "ci_low": "conf_low", "ci_high": "conf_high"}
    rows = []
    for share in shares.to_dict("records"):
        row, column, number = share["outcome"], share["contrast"], share["number"]
        rows += [(row, column, name, 100 * share[field], number) for name, field in ends.items()]
        rows.append((row, column, "n", number, number))
    return Table("earlier_treatment", cells(rows), columns=["total", "among_treated"], n=len(trial.people),
                 conf_level=level_of(shares))  # fmt: skip


@needs("arms", "follow_up_waves")
def ratings(trial: Trial) -> pd.DataFrame:
    """Scores of the follow-up waves with the arm: one row per participant and returned questionnaire."""
    arms = trial.people[["participant_id", "arm"]]
    scores = trial.scores[trial.scores["wave"].isin(trial.study.follow_up_waves)]
    return scores[["participant_id", "wave", *RATINGS]].merge(arms, on="participant_id")


@needs("ratings:satisfaction")
def compare_ratings(
    trial: Trial, answers: pd.DataFrame, variances: str = "unequal", conf_level: float = 0.95
) -> pd.DataFrame:
    """Both ratings at every follow-up: an estimate row for the mean of each arm and one for the difference of means.

    Only those who answered count. `variances` as in `means.difference_in_means`: unequal is Welch's interval and test.
    Column `wave` is added; `contrast` is the arm, or the contrast of the study.
    """
    rows, waves = [], []
    for rating in RATINGS:
        for wave in trial.study.follow_up_waves:
            parts = by_arm(answers, trial, rating, wave)
            about = {"outcome": rating, "population": "all", "conf_level": conf_level}
            rows += [mean_estimate(values, contrast=arm, **about) for arm, values in parts.items()]
            rows.append(
                difference_in_means(*parts.values(), contrast=trial.study.contrast, variances=variances, **about)
            )
            waves += [wave] * (len(parts) + 1)
    return estimate_frame(rows).assign(wave=waves)


def by_arm(answers: pd.DataFrame, trial: Trial, rating: str, wave: int) -> dict[str, pd.Series]:
    """Answers to one rating at one wave, by arm, the treated first."""
    at_wave = answers[answers["wave"] == wave]
    return {arm: at_wave.loc[at_wave["arm"] == arm, rating] for arm in arms_of(trial)}


@needs()
def ratings_table(trial: Trial, estimates: pd.DataFrame) -> Table:
    """Both ratings at every follow-up: mean and SD by arm, and the difference with its interval and test."""
    gap = f"{trial.study.treatment}_minus_{trial.study.control}"
    rows = [
        cell
        for row in estimates.to_dict("records")
        for cell in (_difference_cells(row, gap) if row["contrast"] == trial.study.contrast else _mean_cells(row))
    ]
    return Table(
        "ratings",
        cells(rows),
        columns=[*arms_of(trial), gap],
        conf_level=float(estimates["conf_level"].iloc[0]),
        decimals={"difference": 2, "ci_low": 2, "ci_high": 2},
    )


def _mean_cells(row: Mapping) -> list[tuple]:
    n = row["n_treated"]
    values = {"mean": row["estimate"], "sd": standard_deviation(row), "n": n}
    name = f"{row['outcome']}_{row['wave']}m"
    return [(name, row["contrast"], statistic, value, n) for statistic, value in values.items()]


def _difference_cells(row: Mapping, column: str) -> list[tuple]:
    people = (row["n_treated"] or 0) + (row["n_control"] or 0)
    statistics = {"difference": "estimate", "ci_low": "conf_low", "ci_high": "conf_high", "p": "p_value"}
    name = f"{row['outcome']}_{row['wave']}m"
    return [(name, column, statistic, row[key], people) for statistic, key in statistics.items()]


@needs()
def ratings_figure(trial: Trial, estimates: pd.DataFrame) -> Figure:
    """Mean satisfaction and perceived effect on health by wave and arm, with intervals."""
    means = estimates[estimates["contrast"].isin(arms_of(trial))]
    frame = means.rename(columns={"outcome": "panel", "contrast": "arm"})
    frame = frame.assign(n=frame["n_treated"].astype("float64"))
    frame = frame[["panel", "wave", "arm", "estimate", "conf_low", "conf_high", "n"]]
    known = frame.groupby("panel")["estimate"].transform("count") > 0
    level = percent(100 * float(estimates["conf_level"].iloc[0]), 0)
    options = {"treatment": trial.study.treatment}
    figure = Figure("ratings_drawn", "means", frame[known], options, values={"level": level})
    return titled(figure, _last_satisfaction(trial, estimates))


@needs("ratings:satisfaction")
def _last_satisfaction(trial: Trial, estimates: pd.DataFrame) -> Sentence | Absent:
    """The chapter's answer on satisfaction, above its figure: not counted as a key finding again."""
    found = rating_sentence(trial, estimates, "satisfaction", last_rated(trial), key="title")
    return found if isinstance(found, Absent) else replace(found, finding=False)


@needs("ratings:satisfaction")
def satisfaction_spread(trial: Trial) -> Figure:
    """How the answers on satisfaction at the last follow-up with answers spread over the seven points, by arm."""
    answers, wave = ratings(trial), last_rated(trial)
    rows = []
    for arm, values in by_arm(answers, trial, "satisfaction", wave).items():
        shares = values.dropna().value_counts(normalize=True)
        n = float(values.notna().sum())
        rows += [(arm, point, float(shares.get(point, 0.0)), n) for point in range(SCALE[0], SCALE[1] + 1)]
    frame = pd.DataFrame(rows, columns=["arm", "value", "estimate", "n"])
    options, values = {"treatment": trial.study.treatment, "percent": True}, {"wave": tally(wave)}
    high = frame[frame["value"] >= SCALE[1] - 1].groupby("arm")["estimate"].sum()
    shares = {role: percent(100 * high[arm]) for role, arm in zip(("treated", "control"), arms_of(trial), strict=True)}
    figure = Figure("satisfaction_spread", "distribution", frame, options, values)
    return titled(figure, Sentence("high_answers", {**values, **shares}))


def arms_of(trial: Trial) -> list[str]:
    """Codes of the arms, the treated first."""
    return [trial.study.treatment, trial.study.control]


def last_rated(trial: Trial, rating: str = "satisfaction") -> int:
    """The last wave at which two people or more of each arm gave the rating."""
    return max(wave for wave in trial.study.follow_up_waves if unmet(trial, f"ratings:{rating}:{wave}") is None)


@needs()
def rating_sentences(trial: Trial, estimates: pd.DataFrame) -> list[Sentence | Absent]:
    """Satisfaction at every follow-up and the effect on health at the last: one sentence each."""
    waves = trial.study.follow_up_waves
    asked = [*(("satisfaction", wave) for wave in waves), ("followup_effect_on_health", waves[-1])]
    return [rating_sentence(trial, estimates, name, wave) for name, wave in asked]


def rating_sentence(
    trial: Trial, estimates: pd.DataFrame, name: str, wave: int, key: str | None = None
) -> Sentence | Absent:
    """Mean of one rating at one follow-up by arm, in the words of `key`; turns with the interval of the difference."""
    lacking = unmet(trial, f"ratings:{name}:{wave}")
    if lacking:
        return Absent(lacking)
    own = estimates[(estimates["outcome"] == name) & (estimates["wave"] == wave)].set_index("contrast")
    gap, means = own.loc[trial.study.contrast], own["estimate"]
    values = {
        "treated": decimal(means[trial.study.treatment]),
        "control": decimal(means[trial.study.control]),
        "difference": decimal(abs(gap["estimate"]), 2),
        "low": decimal(gap["conf_low"], 2),
        "high": decimal(gap["conf_high"], 2),
        "level": tally(100 * gap["conf_level"]),
        "wave": tally(wave),
    }
    return Sentence(key or name, values, direction_of(gap), finding=key is not None)


@needs("arms", "follow_up_waves")
def answered(trial: Trial) -> Sentence:
    """How many returned a questionnaire at the follow-ups, by arm."""
    scores, arms = ratings(trial), trial.people["arm"].value_counts()
    waves = [wave for wave in trial.study.follow_up_waves if (scores["wave"] == wave).any()]
    later: Sentence | str = ""
    for wave in reversed(waves):
        returned = scores.loc[scores["wave"] == wave, "arm"].value_counts()
        shares = {arm: percent(100 * returned.get(arm, 0) / arms[arm]) for arm in arms_of(trial)}
        values = {"wave": tally(wave), "treated": shares[trial.study.treatment], "control": shares[trial.study.control]}
        key = "answered" if wave == waves[0] else "answered_later"
        later = Sentence(key, values | {"later": later})
    return later


@needs("earlier_treatment")
def earlier_treatment(trial: Trial) -> Sentence:
    """The commonest earlier treatment and the share of those treated who say it helped."""
    treated, people = trial.tables["earlier_treatment"], len(trial.people)
    top = places(treated["treatment"].value_counts().to_dict())[0]
    each = "earlier_helped_one" if len(top.keys) == 1 else "earlier_helped_each"
    helped = [
        Sentence(each, {"helped": percent(100 * (effects == "improved").mean()), "treatment": name})
        for name, effects in _known_effects(treated, top.keys)
    ]
    return Sentence(
        "earlier_treatment" if len(top.keys) == 1 else "earlier_treatments",
        {
            "any": percent(100 * treated["participant_id"].nunique() / people),
            "treatment": labels("treatments", top.keys),
            "share": percent(100 * top.value / people),
            "helped": Sentence("earlier_helped", {"helped": tuple(helped)}) if helped else "",
        },
    )


def _known_effects(treated: pd.DataFrame, treatments: Sequence[str]) -> list[tuple[Label, pd.Series]]:
    """Label and known effects of each treatment that has any."""
    effects = {name: treated.loc[treated["treatment"] == name, "effect"].dropna() for name in treatments}
    return [(Label("treatments", name), known) for name, known in effects.items() if len(known)]

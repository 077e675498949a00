"""Earlier treatment, satisfaction with the follow-up and its perceived effect on health (report, 7.2 and 7.3)."""

import math

import pandas as pd

from analysis.frames.trial import Trial
from analysis.methods.means import difference_in_means, mean_estimate, standard_deviation
from analysis.methods.proportions import proportion_interval
from analysis.show.figures import Figure
from analysis.show.prose import Label, Sentence, count, decimal, direction_of, percent
from analysis.show.tables import Table, cells

TREATMENTS = ("psychologist", "other_talk_therapy", "medication", "alternative_treatment")
EFFECTS = ("improved", "no_effect", "worse")
RATINGS = ("satisfaction", "followup_effect_on_health")
SCALE = (1, 7)  # of both ratings, as the questionnaire has it
# The report gives the effect on health once, without saying when; the data agree with the last follow-up.
_EFFECT_ROW = "effect_on_health"


def text_7_2(trial: Trial) -> Table:
    """Treatment before the trial: share of the participants, and what those treated say it did."""
    treated, people = trial.tables["earlier_treatment"], len(trial.people)
    rows = []
    for treatment in TREATMENTS:
        own = treated[treated["treatment"] == treatment]
        name = f"previous_treatment_{treatment}"
        rows += _share(name, "total", len(own), people)
        answered = own["effect"].notna().sum()
        for effect in EFFECTS:
            rows += _share(f"{name}_{effect}", "among_treated", (own["effect"] == effect).sum(), answered)
    return Table(
        "text_7.2",
        cells(rows),
        columns=["total", "among_treated"],
        n=people,
        decimals={"pct": 0, "ci_low": 0, "ci_high": 0},
    )


def _share(row: str, column: str, number: int, total: int) -> list[tuple]:
    low, high = proportion_interval(int(number), int(total))
    share = 100 * number / total if total else math.nan
    return [
        (row, column, "pct", share, number),
        (row, column, "ci_low", 100 * low, number),
        (row, column, "ci_high", 100 * high, number),
        (row, column, "n", number, number),
    ]


def ratings(trial: Trial) -> pd.DataFrame:
    """Scores of the follow-up waves with the arm: one row per participant and returned questionnaire."""
    arms = trial.people[["participant_id", "arm"]]
    scores = trial.scores[trial.scores["wave"] > 0]
    return scores[["participant_id", "wave", *RATINGS]].merge(arms, on="participant_id")


def text_7_3(trial: Trial) -> Table:
    """Satisfaction and perceived effect on health as section 7.3 prints them: mean and standard deviation by arm."""
    rows = [
        (row, side, "score", value)
        for row in ("satisfaction_scale", "effect_on_health_scale")
        for side, value in zip(("min", "max"), SCALE, strict=True)
    ]
    waves = _waves(trial)
    for arm in _arms(trial):
        for wave in waves:
            rows += _mean_and_sd(trial, f"satisfaction_{wave}m", arm, "satisfaction", wave)
        rows += _mean_and_sd(trial, _EFFECT_ROW, arm, "followup_effect_on_health", waves[-1])
    return Table("text_7.3", cells(rows), columns=[*_arms(trial), "min", "max"], decimals={"score": 0})


def _mean_and_sd(trial: Trial, row: str, arm: str, rating: str, wave: int) -> list[tuple]:
    answers = ratings(trial)
    known = answers.loc[(answers["arm"] == arm) & (answers["wave"] == wave), rating].dropna()
    return [(row, arm, "mean", known.mean(), len(known)), (row, arm, "sd", known.std(), len(known))]


def ratings_table(trial: Trial, conf_level: float = 0.95) -> Table:
    """Both ratings at every follow-up: mean and SD by arm, and the difference with its Welch interval and test."""
    answers, rows = ratings(trial), []
    gap = f"{trial.study.treatment}_minus_{trial.study.control}"
    for rating in RATINGS:
        for wave in _waves(trial):
            row, parts = f"{rating}_{wave}m", _by_arm(answers, trial, rating, wave)
            for arm, values in parts.items():
                mean = mean_estimate(values, outcome=rating, population="all", contrast=arm, conf_level=conf_level)
                rows += [
                    (row, arm, "mean", mean.estimate, mean.n_treated),
                    (row, arm, "sd", standard_deviation(vars(mean)), mean.n_treated),
                    (row, arm, "n", mean.n_treated, mean.n_treated),
                ]
            found = _difference(parts, trial, rating, conf_level)
            people = (found.n_treated or 0) + (found.n_control or 0)
            rows += [
                (row, gap, statistic, value, people)
                for statistic, value in (
                    ("difference", found.estimate),
                    ("ci_low", found.conf_low),
                    ("ci_high", found.conf_high),
                    ("p", found.p_value),
                )
            ]
    return Table(
        "ratings",
        cells(rows),
        columns=[*_arms(trial), gap],
        conf_level=conf_level,
        decimals={"difference": 2, "ci_low": 2, "ci_high": 2},
    )


def _by_arm(answers: pd.DataFrame, trial: Trial, rating: str, wave: int) -> dict[str, pd.Series]:
    at_wave = answers[answers["wave"] == wave]
    return {arm: at_wave.loc[at_wave["arm"] == arm, rating] for arm in _arms(trial)}


def _difference(parts: dict[str, pd.Series], trial: Trial, rating: str, conf_level: float):
    return difference_in_means(
        parts[trial.study.treatment],
        parts[trial.study.control],
        outcome=rating,
        population="all",
        contrast=trial.study.contrast,
        variances="unequal",
        conf_level=conf_level,
    )


def ratings_figure(trial: Trial, conf_level: float = 0.95) -> Figure:
    """Mean satisfaction and perceived effect on health by wave and arm, with intervals."""
    answers, rows = ratings(trial), []
    for rating in RATINGS:
        for wave in _waves(trial):
            for arm, values in _by_arm(answers, trial, rating, wave).items():
                mean = mean_estimate(values, outcome=rating, population="all", contrast=arm, conf_level=conf_level)
                rows.append((rating, wave, arm, mean.estimate, mean.conf_low, mean.conf_high))
    frame = pd.DataFrame(rows, columns=["panel", "wave", "arm", "estimate", "conf_low", "conf_high"])
    level = percent(100 * conf_level, 0)
    return Figure("ratings", "means", frame, {"treatment": trial.study.treatment}, values={"level": level})


def satisfaction_spread(trial: Trial) -> Figure:
    """How the answers on satisfaction at the last follow-up spread over the seven points, by arm."""
    answers, wave = ratings(trial), _waves(trial)[-1]
    rows = []
    for arm, values in _by_arm(answers, trial, "satisfaction", wave).items():
        shares = values.dropna().value_counts(normalize=True)
        rows += [(arm, point, float(shares.get(point, 0.0))) for point in range(SCALE[0], SCALE[1] + 1)]
    frame = pd.DataFrame(rows, columns=["arm", "value", "estimate"])
    return Figure(
        "satisfaction_spread",
        "distribution",
        frame,
        values={"wave": count(wave)},
        options={"treatment": trial.study.treatment, "percent": True},
    )


def _waves(trial: Trial) -> list[int]:
    return [wave for wave in trial.study.waves if wave > 0]


def _arms(trial: Trial) -> list[str]:
    return [trial.study.treatment, trial.study.control]


def title(trial: Trial, conf_level: float = 0.95) -> Sentence:
    """Question and answer: were those followed up at the centres more satisfied? Turns with the last follow-up."""
    return _rating_sentence(trial, "title", "satisfaction", _waves(trial)[-1], conf_level, finding=True)


def rating(trial: Trial, name: str, wave: int, conf_level: float = 0.95) -> Sentence:
    """Mean of one rating at one follow-up by arm; turns with the interval of the difference."""
    return _rating_sentence(trial, name, name, wave, conf_level)


def _rating_sentence(
    trial: Trial, key: str, name: str, wave: int, conf_level: float = 0.95, finding: bool = False
) -> Sentence:
    parts = _by_arm(ratings(trial), trial, name, wave)
    found = _difference(parts, trial, name, conf_level)
    return Sentence(
        key,
        {
            "treated": decimal(parts[trial.study.treatment].mean()),
            "control": decimal(parts[trial.study.control].mean()),
            "difference": decimal(abs(found.estimate), 2),
            "low": decimal(found.conf_low, 2),
            "high": decimal(found.conf_high, 2),
            "level": count(100 * conf_level),
            "wave": count(wave),
        },
        direction_of(vars(found)),
        finding=finding,
    )


def answered(trial: Trial) -> Sentence:
    """How many returned a questionnaire at the follow-ups, by arm."""
    scores, arms, values = ratings(trial), trial.people["arm"].value_counts(), {}
    for wave in _waves(trial):
        for arm, word in zip(_arms(trial), ("treated", "control"), strict=True):
            returned = ((scores["arm"] == arm) & (scores["wave"] == wave)).sum()
            values[f"{word}_{wave}"] = percent(100 * returned / arms[arm], 0)
    return Sentence("answered", values)


def earlier_treatment(trial: Trial) -> Sentence:
    """The commonest earlier treatment and the share of those treated who say it helped."""
    treated = trial.tables["earlier_treatment"]
    if treated.empty:
        return Sentence("no_earlier_treatment")
    by_kind = treated["treatment"].value_counts()
    top = by_kind.index[0]
    helped = (treated.loc[treated["treatment"] == top, "effect"] == "improved").mean()
    any_share = treated["participant_id"].nunique() / len(trial.people)
    return Sentence(
        "earlier_treatment",
        {
            "any": percent(100 * any_share, 0),
            "treatment": Label("treatments", str(top)),
            "share": percent(100 * by_kind.iloc[0] / len(trial.people), 0),
            "helped": percent(100 * helped, 0),
        },
    )

"""What the report's claims on health and expectations are held to: sections 1, 4.2 and 8. Positive is better health."""

from collections.abc import Iterable

import pandas as pd

from analysis.as_printed.sfj.claims_on_work import mean_change
from analysis.chapters.health.expectations import compare_item
from analysis.chapters.health.measures import arm_names, score_named, scores_in, variances
from analysis.chapters.health.tables import carried_scores
from analysis.frames.health import model_covariates
from analysis.frames.needs import needs
from analysis.frames.trial import Trial
from analysis.methods.estimates import estimate_frame
from analysis.methods.means import adjusted_difference, compare_means
from analysis.methods.missing_data import compare_by_response, response
from analysis.published.registry import answers
from analysis.show.prose import Label, Sentence, tally

CHAPTER, WAVES, LAST = "health", (6, 12), 12
CLEAR = ("hads_anxiety", "hads_depression", "health_ladder")
MENTAL = ("hads_depression", "hads_anxiety")
SCORED = ("arms", "follow_up_waves", "instruments", "baseline")


def better(column: str, rows: pd.DataFrame) -> pd.DataFrame:
    """The estimates turned so that positive is better health."""
    if score_named(column).better == "higher":
        return rows
    turned = {"estimate": "estimate", "conf_low": "conf_high", "conf_high": "conf_low"}
    return rows.assign(**{name: -rows[of].astype(float) for name, of in turned.items()})


def about(column: str, wave: int, rows: pd.DataFrame) -> pd.DataFrame:
    """The rows with what they are about."""
    return rows.assign(
        part=Sentence("at_wave", {"what": Label("rows", score_named(column).key), "wave": tally(wave)}, of="common")
    )


def differences(trial: Trial, columns: Iterable[str], waves: Iterable[int], table: str) -> pd.DataFrame:
    """Differences of means at each wave, treatment less control, by the t test of the report."""
    seen = trial.extract_for(f"health.{table}")
    settings = {**arm_names(trial), "variances": variances(trial)}
    found = [
        about(column, wave, better(column, compare_means(seen.health, f"{column}_m{wave}", **settings).iloc[[-1]]))
        for column in columns
        for wave in waves
    ]
    return pd.concat(found)


def adjusted(trial: Trial, column: str, wave: int, covariates: Iterable[str], table: str) -> pd.DataFrame:
    """Difference at a wave, adjusted; "baseline" is the score at inclusion."""
    seen = trial.extract_for(f"health.{table}")
    names = [f"{column}_m0" if name == "baseline" else name for name in covariates]
    known = [name for name in names if name in seen.health]
    found = adjusted_difference(seen.health, f"{column}_m{wave}", known, **arm_names(trial))
    return about(column, wave, better(column, estimate_frame([found])))


@answers("all_scores_at_12_months", CHAPTER, unit="health")
@needs(*SCORED)
def all_scores(trial: Trial) -> pd.DataFrame:
    """All seven scores at 12 months (Table 10)."""
    columns = [score.column for score in scores_in(trial)]
    return differences(trial, columns, [LAST], "scores_at_last_wave")


@answers("clear_scores_at_12_months", CHAPTER, unit="health")
@needs(*SCORED)
def clear_scores(trial: Trial) -> pd.DataFrame:
    """Anxiety, depression and the health ladder at 12 months (Table 10)."""
    return differences(trial, CLEAR, [LAST], "scores_at_last_wave")


@answers("mental_health_at_both_waves", CHAPTER, unit="health")
@needs(*SCORED)
def mental_health(trial: Trial) -> pd.DataFrame:
    """The total of anxiety and depression at 6 and at 12 months, the means compared."""
    return differences(trial, ["hads_total"], WAVES, "scores_at_last_wave")


@answers("health_development_at_both_waves", CHAPTER, unit="health")
@needs(*SCORED)
def health_development(trial: Trial) -> pd.DataFrame:
    """Depression, anxiety and the ladder at 6 and 12 months at an equal start: adjusted for the score at inclusion."""
    found = [adjusted(trial, column, wave, ["baseline"], "adjusted_scores") for column in CLEAR for wave in WAVES]
    return pd.concat(found)


@answers("mental_health_adjusted", CHAPTER, unit="health")
@needs(*SCORED)
def mental_health_adjusted(trial: Trial) -> pd.DataFrame:
    """Depression and anxiety at 12 months by the adjusted models of Table 16."""
    models = list(model_covariates(trial.study).values())[1:]
    found = [adjusted(trial, column, LAST, names, "adjusted_models") for column in MENTAL for names in models]
    return pd.concat(found)


@answers("carried_forward", CHAPTER, unit="health")
@needs(*SCORED)
def carried_forward(trial: Trial) -> pd.DataFrame:
    """Anxiety, depression and the ladder at 12 months, the last observation carried forward (Table 15)."""
    seen = trial.extract_for("health.carried_forward")
    settings = {**arm_names(trial), "variances": variances(trial)}
    found = [
        about(column, LAST, better(column, compare_means(carried(seen, column), column, **settings).iloc[[-1]]))
        for column in CLEAR
    ]
    return pd.concat(found)


def carried(trial: Trial, column: str) -> pd.DataFrame:
    """Each participant's last known value of a score."""
    return carried_scores(trial, score_named(column))


def _item(trial: Trial, item: str) -> pd.DataFrame:
    seen = trial.extract_for(f"health.{item}")
    return pd.concat([compare_item(seen, item, wave).iloc[[-1]].assign(part=_months(wave)) for wave in WAVES])


def _months(wave: int) -> Sentence:
    return Sentence("after_months", {"wave": tally(wave)}, of="common")


@answers("expectation_of_work", CHAPTER, unit="score")
@needs("arms", "item:expectation_work")
def expectation_of_work(trial: Trial) -> pd.DataFrame:
    """Expected return to work at 6 and 12 months (Table 12)."""
    return _item(trial, "expectation_work")


@answers("expected_effect_of_work_on_health", CHAPTER, unit="score")
@needs("arms", "item:expected_health_effect")
def expected_effect(trial: Trial) -> pd.DataFrame:
    """Expected effect of work on health at 6 and 12 months (Table 13)."""
    return _item(trial, "expected_health_effect")


@answers("questionnaires_returned", CHAPTER)
@needs("arms", "follow_up_waves")
def questionnaires_returned(trial: Trial) -> pd.DataFrame:
    """Returned questionnaires at 6 and 12 months, treatment less control."""
    names = arm_names(trial)
    returned = {wave: response(trial.scores, trial.people, wave, **names) for wave in WAVES}
    found = pd.concat([rows.assign(part=_months(wave)) for wave, rows in returned.items()])
    own = found[found["contrast"] == trial.study.contrast]
    return own.assign(**{name: 100 * own[name] for name in ("estimate", "conf_low", "conf_high")})


@answers("baseline_health_of_responders", CHAPTER, unit="health")
@needs(*SCORED)
def baseline_health_of_responders(trial: Trial) -> pd.DataFrame:
    """Scores at inclusion in Table 14: those who answered at 12 months less those who did not, within each arm."""
    seen = trial.extract_for("health.baseline_by_response")
    columns = {f"{score.column}_m0": score.column for score in scores_in(trial, "baseline_by_response")}
    arms = (trial.study.treatment, trial.study.control)
    found = compare_by_response(seen.health, list(columns), arms=arms, variances=variances(trial))
    own = found[found["contrast"] == "responders_vs_non_responders"]
    return pd.concat(
        [about(columns[str(outcome)], 0, better(columns[str(outcome)], rows))
         for outcome, rows in own.groupby("outcome", sort=False)]
    )  # fmt: skip


@answers("control_arm_better_health", CHAPTER, unit="health")
@needs(*SCORED)
def control_arm_better_health(trial: Trial) -> pd.DataFrame:
    """Change of symptoms and of the ladder in the control arm from inclusion to 12 months."""
    own = trial.health[trial.health["arm"] == trial.study.control]
    changes = {column: (own[f"{column}_m{LAST}"] - own[f"{column}_m0"]).dropna() for column in ("hads_total", CLEAR[2])}
    return pd.concat([about(name, LAST, better(name, mean_change(change))) for name, change in changes.items()])

"""How much do the results depend on choices of method? Estimators side by side, and the limit of AAP with work."""

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd

from analysis.chapters.employment.models import NOT_ESTIMABLE, TABLE_09, Model, effects, terms_of
from analysis.chapters.employment.populations import OUTCOMES, outcomes_at, regression_frame, with_treatment
from analysis.chapters.employment.shares import arms_of
from analysis.frames.outcomes import work_outcomes
from analysis.frames.registers import status_panel
from analysis.frames.trial import Trial
from analysis.methods.estimates import Estimate, estimate_frame
from analysis.methods.proportions import compare_arms
from analysis.methods.regression import NotEstimable, average_contrast, fit_logit
from analysis.show.tables import Table, cells

# Shares of the agreed hours from which a month counts as AAP with work, beside the study's own.
WORK_SHARES = (0.05, 0.25, 0.5)
KEPT = tuple(Estimate.__dataclass_fields__)
ESTIMATORS = (
    "unadjusted_newcombe",
    "unadjusted_wald",
    "marginal_at_means",
    "standardised",
    "standardised_with_centre",
)


def estimator_frame(trial: Trial, conf_level: float = 0.95) -> pd.DataFrame:
    """Estimate frame: the effect on both outcomes after 12 months by five estimators, named in `estimator`.

    Without covariates everyone counts; the models are those of Table 9, on its extract.
    """
    parts = []
    for outcome, model in zip(OUTCOMES, (TABLE_09[0], TABLE_09[2]), strict=True):
        found = _estimates(trial, outcome, model, conf_level)
        parts.append(estimate_frame(found).assign(estimator=ESTIMATORS))
    return pd.concat(parts, ignore_index=True)


def _estimates(trial: Trial, outcome: str, model: Model, conf_level: float) -> list[dict]:
    study, now = trial.study, outcomes_at(trial, model.month)
    settings = arms_of(trial) | {"conf_level": conf_level}
    kinds = ("newcombe", "wald")
    raw = [compare_arms(now, outcome, **settings | {"difference_interval": kind}) for kind in kinds]
    extract = trial.in_extract("table_09")
    printed = effects(extract, model, conf_level)
    rows = [frame.loc[frame["contrast"] == study.contrast].iloc[0] for frame in (*raw, printed)]
    known = [{name: row[name] for name in KEPT if pd.notna(row[name]) or name == "estimate"} for row in rows]
    return [*known, *(standardised(extract, model, with_centre, conf_level) for with_centre in (False, True))]


def standardised(trial: Trial, model: Model, with_centre: bool, conf_level: float = 0.95) -> Estimate:
    """Average difference in predicted probability, everybody treated against nobody; centre as covariate if wanted."""
    frame = regression_frame(trial, model.month)
    centres = sorted(frame["centre"].unique())[1:] if with_centre else []
    frame = frame.assign(**{f"centre_{centre}": (frame["centre"] == centre).astype(float) for centre in centres})
    terms = [*terms_of(model, trial), *(f"centre_{centre}" for centre in centres)]
    try:
        fitted = fit_logit(frame, model.outcome, terms)
    except NotEstimable:
        return Estimate(model.outcome, "all", trial.study.contrast, NOT_ESTIMABLE, float("nan"))
    people = frame.loc[fitted.design.index]
    designs = [with_treatment(trial, people, treated) for treated in (1, 0)]
    return average_contrast(fitted, *designs, population="all", contrast=trial.study.contrast, conf_level=conf_level)


def estimator_table(trial: Trial, conf_level: float = 0.95) -> Table:
    """The five estimators beside one another: difference in percentage points, interval, p."""
    rows = []
    for record in estimator_frame(trial, conf_level).to_dict("records"):
        numbers = {"difference": "estimate", "ci_low": "conf_low", "ci_high": "conf_high"}
        rows += [(record["estimator"], record["outcome"], name, 100 * record[key]) for name, key in numbers.items()]
        rows.append((record["estimator"], record["outcome"], "p", record["p_value"]))
    places = {"difference": 1, "ci_low": 1, "ci_high": 1}
    return Table("estimators", cells(rows), decimals=places, columns=list(OUTCOMES), rows=list(ESTIMATORS),
                 conf_level=conf_level)  # fmt: skip


def outcomes_with_share(trial: Trial, share: float, month: int = 12) -> pd.DataFrame:
    """Outcomes in one month had the limit of AAP with work been another share of the agreed hours; with arms."""
    rules = replace(trial.study.registers, aap_work_share_min=share)
    study = replace(trial.study, registers=rules, horizon=replace(trial.study.horizon, before=0, after=month))
    outcomes = work_outcomes(status_panel(trial.tables, study), study)
    now = outcomes.loc[outcomes["month"] == month]
    return now.merge(trial.people[["participant_id", "arm"]], on="participant_id", validate="1:1")


def work_share_frame(trial: Trial, shares: Sequence[float] = WORK_SHARES, conf_level: float = 0.95) -> pd.DataFrame:
    """Estimate frame: fully or partly in work after 12 months for each limit, the study's own among them.

    A further column `work_share` names the limit; rows by arm and for the difference.
    """
    settings, parts = arms_of(trial) | {"conf_level": conf_level}, []
    for share in sorted({*shares, trial.study.registers.aap_work_share_min}):
        frame = outcomes_with_share(trial, share)
        parts.append(compare_arms(frame, OUTCOMES[1], **settings).assign(work_share=share))
    return pd.concat(parts, ignore_index=True)


def work_share_table(trial: Trial, shares: Sequence[float] = WORK_SHARES, conf_level: float = 0.95) -> Table:
    """Fully or partly in work after 12 months, by the share of agreed hours from which AAP counts as with work."""
    study, rows = trial.study, []
    difference = f"{study.treatment}_minus_{study.control}"
    for record in work_share_frame(trial, shares, conf_level).to_dict("records"):
        row = f"share_{round(100 * record['work_share'])}"
        if record["contrast"] != study.contrast:
            rows.append((row, record["contrast"], "pct", 100 * record["estimate"]))
            continue
        numbers = {"difference": "estimate", "ci_low": "conf_low", "ci_high": "conf_high"}
        rows += [(row, difference, name, 100 * record[key]) for name, key in numbers.items()]
        rows.append((row, difference, "p", record["p_value"]))
    places = {"difference": 1, "ci_low": 1, "ci_high": 1}
    return Table("work_shares", cells(rows), decimals=places, columns=[study.control, study.treatment, difference],
                 conf_level=conf_level)  # fmt: skip

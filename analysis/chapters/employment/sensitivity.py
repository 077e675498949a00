"""How much do the results depend on choices of method? Estimators side by side, and the limit of AAP with work."""

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd

from analysis.chapters._shown_from import level_of, shown_from
from analysis.chapters.employment.covariates import regression_frame, with_treatment
from analysis.chapters.employment.models import ADJUSTED, NOT_ESTIMABLE, Model, effects, model_of, terms_of
from analysis.chapters.employment.populations import chosen_time, compare, compared, gap_column, outcomes_at
from analysis.frames.needs import needs
from analysis.frames.outcomes import work_outcomes
from analysis.frames.registers import status_panel
from analysis.frames.trial import Trial, once_a_trial
from analysis.methods.estimates import Estimate, estimate_frame, fewest_people
from analysis.methods.regression import NotEstimable, average_contrast, fit_logit
from analysis.show.prose import Label
from analysis.show.prose import month as month_number
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


@needs("arms", "registers")
def estimator_frame(trial: Trial, conf_level: float = 0.95) -> pd.DataFrame:
    """Estimate frame: the effect on each outcome at the primary time by five estimators, named in `estimator`.

    Without covariates everyone counts; with covariates everyone for whom all of them are known. Without several centres
    there are four.
    """
    parts, kinds = [], _estimators(trial)
    for outcome in trial.study.monthly_outcomes:
        found = _estimates(trial, outcome, conf_level)[: len(kinds)]
        parts.append(estimate_frame(found).assign(estimator=kinds))
    return pd.concat(parts, ignore_index=True)


def _estimators(trial: Trial) -> tuple[str, ...]:
    return ESTIMATORS if len(trial.study.centres) > 1 else ESTIMATORS[:-1]


def _estimates(trial: Trial, outcome: str, conf_level: float) -> list[dict]:
    study, extract = trial.study, trial.extract_for(ADJUSTED)
    model, now = model_of(extract, outcome), outcomes_at(trial, study.primary_at)
    raw = [compare(now, trial, [outcome], interval=kind, conf_level=conf_level) for kind in ("newcombe", "wald")]
    at_means = effects(extract, model, conf_level)
    rows = [frame.loc[frame["contrast"] == study.contrast].iloc[0] for frame in (*raw, at_means)]
    known = [{name: row[name] for name in KEPT if pd.notna(row[name]) or name == "estimate"} for row in rows]
    return [*known, *(standardised(extract, model, with_centre, conf_level) for with_centre in (False, True))]


def standardised(trial: Trial, model: Model, with_centre: bool, conf_level: float = 0.95) -> Estimate:
    """Average difference in predicted probability, everybody treated against nobody; centre as covariate if wanted."""
    frame = regression_frame(trial, model.at)
    centres = sorted(frame["centre"].dropna().unique())[1:] if with_centre else []
    frame = frame.assign(**{f"centre_{centre}": (frame["centre"] == centre).astype(float) for centre in centres})
    terms = [*terms_of(model, trial), *(f"centre_{centre}" for centre in centres)]
    try:
        fitted = fit_logit(frame, model.outcome, terms)
    except NotEstimable:
        return Estimate(model.outcome, "all", trial.study.contrast, NOT_ESTIMABLE, float("nan"))
    people = frame.loc[fitted.design.index]
    designs = [with_treatment(trial, people, treated) for treated in (1, 0)]
    return average_contrast(fitted, *designs, population="all", contrast=trial.study.contrast, conf_level=conf_level)


@needs("arms", "registers")
@shown_from(estimates=estimator_frame)
def estimator_table(trial: Trial, estimates: pd.DataFrame) -> Table:
    """The estimators beside one another: difference in percentage points, interval, p."""
    rows = []
    for record in estimates.to_dict("records"):
        numbers = {"difference": "estimate", "ci_low": "conf_low", "ci_high": "conf_high"}
        rows += [(record["estimator"], record["outcome"], name, 100 * record[key]) for name, key in numbers.items()]
        rows.append((record["estimator"], record["outcome"], "p", record["p_value"]))
    places = {"difference": 1, "ci_low": 1, "ci_high": 1}
    return Table("estimators", cells(rows), decimals=places, columns=list(trial.study.monthly_outcomes),
                 rows=list(_estimators(trial)), conf_level=level_of(estimates), fewest=fewest_people(estimates),
                 values={"at": month_number(trial.study.primary_at)})  # fmt: skip


@once_a_trial
def outcomes_with_share(trial: Trial, share: float, at: int | None = None) -> pd.DataFrame:
    """Outcomes at one time had the limit of AAP with work been another share of the agreed hours; with arms."""
    at, trial = chosen_time(trial, at), compared(trial)
    rules = replace(trial.study.registers, aap_work_share_min=share)
    near = replace(trial.study.horizon, before=0, after=at)
    study = replace(trial.study, registers=rules, horizon=near)
    outcomes = work_outcomes(status_panel(trial.tables, study), study)
    now = outcomes.loc[outcomes[study.unit] == at]
    return now.merge(trial.people[["participant_id", "arm"]], on="participant_id", validate="1:1")


@needs("arms", "benefits", "table:aap_hours")
def work_share_frame(trial: Trial, shares: Sequence[float] = WORK_SHARES, conf_level: float = 0.95) -> pd.DataFrame:
    """Estimate frame: the primary outcome at its time for each limit, the study's own among them.

    A further column `work_share` names the limit; rows by arm and for the difference.
    """
    parts = []
    for share in sorted({*shares, trial.study.registers.aap_work_share_min}):
        frame = outcomes_with_share(trial, share)
        found = compare(frame, trial, [trial.study.primary_outcome], conf_level=conf_level)
        parts.append(found.assign(work_share=share))
    return pd.concat(parts, ignore_index=True)


@needs("arms", "benefits", "table:aap_hours")
@shown_from(found=work_share_frame)
def work_share_table(trial: Trial, found: pd.DataFrame) -> Table:
    """The primary outcome by the share of agreed hours from which AAP counts as with work."""
    study, rows, difference = trial.study, [], gap_column(trial)
    for record in found.to_dict("records"):
        row = f"share_{round(100 * record['work_share'])}"
        if record["contrast"] != study.contrast:
            rows.append((row, record["contrast"], "pct", 100 * record["estimate"]))
            continue
        numbers = {"difference": "estimate", "ci_low": "conf_low", "ci_high": "conf_high"}
        rows += [(row, difference, name, 100 * record[key]) for name, key in numbers.items()]
        rows.append((row, difference, "p", record["p_value"]))
    places = {"difference": 1, "ci_low": 1, "ci_high": 1}
    values = {"outcome": Label("outcomes_in_text", study.primary_outcome), "at": month_number(study.primary_at)}
    return Table("work_shares", cells(rows), decimals=places, columns=[study.control, study.treatment, difference],
                 conf_level=level_of(found), values=values)  # fmt: skip

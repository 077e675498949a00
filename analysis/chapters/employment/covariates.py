"""What the adjusted models hold beside treatment: covariates that the data can give, status at inclusion, products."""

from collections.abc import Iterable, Iterator

import pandas as pd

from analysis.chapters.employment.populations import base_status, compared, printed_rule, status_groups
from analysis.frames.trial import Trial, once_a_trial
from analysis.methods.regression import with_products


@once_a_trial
def covariate_terms(trial: Trial) -> pd.DataFrame:
    """The covariates of the study as numbers, one row per participant in the order of `trial.people`.

    A yes or no is 1 or 0, a code one 0/1 column for each value but the first, a question not answered missing. A
    covariate that the data do not hold, or that is the same for all, has no column.
    """
    columns = {name: values for code in trial.study.covariates for name, values in _terms(trial, code)}
    frame = pd.DataFrame(columns, index=trial.people.index)
    return frame.loc[:, frame.nunique() > 1]


def _terms(trial: Trial, code: str) -> Iterator[tuple[str, pd.Series]]:
    people = trial.people
    if code == "woman":
        yield code, (people["sex"] == "woman").astype("Float64").mask(people["sex"].isna())
    elif code == "age":
        yield code, people["age_exact"].astype("Float64")
    elif code in people and (pd.api.types.is_numeric_dtype(people[code]) or pd.api.types.is_bool_dtype(people[code])):
        yield code, people[code].astype("Float64")
    elif code in people:
        values = people[code].astype("object")
        own = trial.study.columns.get(code)
        for value in (list(own.values) if own else sorted(values.dropna().unique()))[1:]:
            yield f"{code}_{value}", (values == value).astype("Float64").mask(values.isna())


def covariates(trial: Trial) -> list[str]:
    """The covariates that the data can give, in the order of study.yml."""
    return list(covariate_terms(trial).columns)


def lacking_covariates(trial: Trial) -> list[str]:
    """Covariates of the study that its data cannot give."""
    there = covariates(trial)
    return [code for code in trial.study.covariates
            if not any(name == code or name.startswith(f"{code}_") for name in there)]  # fmt: skip


def status_terms(trial: Trial) -> dict[str, str]:
    """Dummies of the status at inclusion → the group; the base group has none. Empty with fewer than two groups."""
    study, base = trial.study, base_status(trial)
    rest = {group for group, statuses in study.status_groups.items() if not statuses}
    others = [group for group in status_groups(trial) if group != base]
    return {f"{group}_status_at_inclusion" if group in rest else f"{group}_at_inclusion": group for group in others}


@once_a_trial
def regression_frame(trial: Trial, at: int) -> pd.DataFrame:
    """One row per compared person observed in the time unit: the outcomes at a time and every term of the logits.

    Terms are numbers; a covariate that was not answered is missing, and so is every term of the status at inclusion
    where that is not known, so that nobody is taken for one of the base group. The indicator of treatment is named as
    the contrast (treatment_vs_control), product terms "<treatment>_x_<name>".
    """
    trial = compared(trial)
    people, study = trial.people, trial.study
    groups = status_terms(trial).items()
    known = people["status_group"].notna()
    terms = {name: (people["status_group"] == group).astype("Float64").where(known) for name, group in groups}
    terms |= {study.contrast: (people["arm"] == study.treatment).astype("Float64")}
    frame = pd.concat([people[["participant_id", "centre", "status_group"]], covariate_terms(trial)], axis=1)
    outcomes = trial.outcomes.loc[trial.outcomes[study.unit] == at, ["participant_id", *study.monthly_outcomes]]
    frame = frame.assign(**terms).merge(outcomes, on="participant_id", how="inner", validate="1:1")
    return with_treatment(trial, frame)


def with_treatment(trial: Trial, frame: pd.DataFrame, treated: int | None = None) -> pd.DataFrame:
    """The frame with its product terms; `treated` puts everybody in one arm (1 or 0) first."""
    if treated is not None:
        frame = frame.assign(**{trial.study.contrast: float(treated)})
    names = [*covariates(trial), *status_terms(trial)]
    return with_products(frame, trial.study.contrast, product_terms(trial, names))


def product_terms(trial: Trial, names: Iterable[str]) -> dict[str, str]:
    """Product column → the column multiplied by treatment; a published report may call some by shorter names."""
    short = printed_rule(trial, "product_names", {})
    return {f"{trial.study.treatment}_x_{short.get(name, name)}": name for name in names}

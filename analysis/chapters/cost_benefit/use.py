"""What both arms used, and what it cost: measures beside the programme, health services, costs per person."""

from collections.abc import Iterator
from math import nan

import pandas as pd

from analysis.chapters.cost_benefit.evaluation import EVALUATION, cost_rows, counted_costs, evaluate
from analysis.frames.needs import needs, unmet
from analysis.frames.resources import (
    PRICED_SERVICES,
    SUPPORTED_EMPLOYMENT,
    economic_input,
    measure_types,
    measure_window,
    priced_services,
)
from analysis.frames.trial import Trial
from analysis.published.keys import with_printed_keys
from analysis.show.prose import Sentence, count, tally
from analysis.show.tables import Table, cells
from analysis.study.contract.answer_tables import SERVICES

MEASURES = ("arms", "registers", "table:measures")
USE = ("arms", "follow_up_waves", "table:health_services")


@needs(*MEASURES)
def measures_table(trial: Trial) -> Table:
    """Measures started in the window by arm: number, and per cent of the arm's participants."""
    types, rows = measure_types(trial.tables, trial.study), []
    for arm in _arms(trial):
        own = trial.resources[trial.resources["arm"] == arm]
        for measure in types:
            rows += _number_and_share(measure, arm, own[f"measures_{measure}"].sum(min_count=1), len(own))
        rows.append(("total_measures_started", arm, "n", own["measures_started"].sum(min_count=1), len(own)))
        recipients = (own["measures_started"] > 0).sum() if own["measures_started"].notna().any() else nan
        rows += _number_and_share("recipients_of_measures", arm, recipients, len(own))
    table = Table(
        "measures_started",
        cells(rows),
        rows=[*types, "total_measures_started", "recipients_of_measures"],
        columns=_arms(trial),
        n=len(trial.resources),
        values=window_words(trial),
        notes=_own_measures(trial),
    )
    return with_printed_keys(table, trial, "cost_benefit")


def _number_and_share(row: str, column: str, number: float, people: int) -> list[tuple]:
    return [(row, column, "n", number, number), (row, column, "pct", 100 * number / people, number)]


def window_words(trial: Trial) -> dict:
    """First and last month in which counted measures start, and the first of supported employment in the programme."""
    window = measure_window(trial.study)
    own = economic_input(trial.study, "supported_employment_from_month", window[0])
    return {"first": tally(window[0]), "last": tally(window[-1]), "own_from": tally(own)}


def _own_measures(trial: Trial) -> tuple[Sentence, ...]:
    """A note where supported employment is the programme's own in the first months."""
    given = "supported_employment_from_month" in trial.study.economics
    counted = SUPPORTED_EMPLOYMENT in measure_types(trial.tables, trial.study)
    return (Sentence("own_measures", window_words(trial)),) if given and counted else ()


@needs(*USE)
def services_table(trial: Trial) -> Table:
    """Share with a consultation outside the programme among those who answered the block, by service, wave and arm."""
    rows = []
    for wave, arm, answered in answered_services(trial):
        column = f"{wave}m_{arm}"
        for service in SERVICES:
            used = answered[f"used_{service}_m{wave:02d}"].astype("boolean")
            rows.append((service, column, "pct", 100 * float(used.astype(float).mean()), used.sum()))
        rows.append(("number", column, "n", len(answered), len(answered)))
    order = [*SERVICES, "number"]
    table = Table("services_used", cells(rows), rows=order, columns=_wave_columns(trial))
    return with_printed_keys(table, trial, "cost_benefit")


@needs(*USE)
def consultations_table(trial: Trial) -> Table:
    """Mean number of consultations of the same people, non-users counted as zero.

    A user whose number is not known is left out of the mean, which is then too low; a note says how many there are.
    """
    rows = [
        (f"consultations_{service}", f"{wave}m_{arm}", "mean",
         answered[f"consultations_{service}_m{wave:02d}"].mean(), len(answered))
        for wave, arm, answered in answered_services(trial)
        for service in PRICED_SERVICES
    ]  # fmt: skip
    order = [f"consultations_{service}" for service in PRICED_SERVICES]
    table = Table("services_used", cells(rows), part="consultations", decimals={"mean": 3}, rows=order,
                  columns=_wave_columns(trial), notes=_untold(trial, list(PRICED_SERVICES)))  # fmt: skip
    return with_printed_keys(table, trial, "cost_benefit")


def _untold(trial: Trial, services: list[str]) -> tuple[Sentence, ...]:
    """A note on how many answers of users lack the number of consultations; none where all have it, or none has.

    An answer is that of one person on one service at one follow-up. A service whose mean is not known at all in an arm
    at a follow-up does not count: nothing is told of it.
    """
    users = untold = 0
    for wave, _, answered in answered_services(trial):
        for service in services:
            number = answered[f"consultations_{service}_m{wave:02d}"]
            used = [answered[f"used_{part}_m{wave:02d}"].eq(True).fillna(False) for part in PRICED_SERVICES[service]]
            using = pd.concat(used, axis=1).any(axis=1) if number.notna().any() else number.notna()
            users, untold = users + int(using.sum()), untold + int((using & number.isna()).sum())
    return (Sentence("untold_consultations", {"untold": count(untold), "users": count(users)}),) if untold else ()


def answered_services(trial: Trial) -> Iterator[tuple[int, str, pd.DataFrame]]:
    """(wave, arm, resources of those who answered the block on health services)."""
    resources = trial.resources
    for wave in trial.study.follow_up_waves:
        for arm in _arms(trial):
            yield wave, arm, resources[(resources["arm"] == arm) & resources[f"services_answered_m{wave:02d}"]]


def _wave_columns(trial: Trial) -> dict[str, list[str]]:
    return {f"wave_{wave}": [f"{wave}m_{arm}" for arm in _arms(trial)] for wave in trial.study.follow_up_waves}


@needs(*EVALUATION)
def costs_table(trial: Trial) -> Table:
    """Cost per person by arm, with the sum that counts in the evaluation (see `counted_costs`).

    A note says how many users of a priced service do not tell how often; they are left out of its mean.
    """
    study, costs = trial.study, evaluate(trial).costs
    arms, order = (study.treatment, study.control), cost_rows(study)
    rows = [(row, arm, "nok", costs.loc[row, arm]) for row in order for arm in arms]
    rows += [("sum", arm, "nok", value) for arm, value in counted_costs(costs, study).items()]
    table = Table("costs", cells(rows), rows=[*order, "sum"], columns=arms, unit="nok",
                  notes=(*_not_counted(trial), *_untold_costs(trial)))  # fmt: skip
    return with_printed_keys(table, trial, "cost_benefit")


def _untold_costs(trial: Trial) -> tuple[Sentence, ...]:
    priced = [service for service in PRICED_SERVICES if service in priced_services(trial.study)]
    return _untold(trial, priced) if unmet(trial, *USE) is None else ()


def _not_counted(trial: Trial) -> tuple[Sentence, ...]:
    return (Sentence("not_counted"),) if trial.study.economics.not_counted_for_treatment else ()


@needs(*MEASURES, "economics:measure_monthly_rate")
def measure_costs(trial: Trial) -> Table:
    """Cost of other measures: mean over everybody, and over those with at least one measure."""
    rows = []
    for arm in _arms(trial):
        own = trial.resources[trial.resources["arm"] == arm]
        recipients = own[own["measures_started"] > 0]
        means = {"mean_cost_per_participant": own, "mean_cost_per_recipient": recipients}
        rows += [
            (row, arm, "nok", people["measure_cost_nok"].mean(skipna=False), float(len(recipients)))
            for row, people in means.items()
        ]
    table = Table("measure_costs", cells(rows), columns=_arms(trial))
    return with_printed_keys(table, trial, "cost_benefit")


def _arms(trial: Trial) -> list[str]:
    return [trial.study.control, trial.study.treatment]

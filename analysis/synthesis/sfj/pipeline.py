"""All stages in order: from a seed to the tables of a synthetic study."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.frames.registers import status_panel
from analysis.study.reading import read_settings
from analysis.study.settings import Study

from . import answers
from .best_centres import centre_stage
from .centre_codes import with_codes
from .contacts import centres, contacts
from .extracts import extract_differences
from .income import income_table
from .jobs import with_other_days
from .measures import measure_spells
from .months import status_months
from .people import people_stage
from .registers import EMPLOYERS, changed_over, register_tables
from .screening import screening_stage
from .settings import SEED, child_generator, read_assumptions
from .subgroup import with_printed_income, worth_of_work
from .subgroup_costs import fitted_services, measure_goals
from .targets import Targets, read_targets

STUDY = Path(__file__).parents[3] / "data" / "sfj"

Stage = Callable[[pd.DataFrame, np.random.Generator, Targets], dict[str, pd.DataFrame]]
# Stages that need no more than the people: name → function of (people, rng, targets).
STAGES: dict[str, Stage] = {"screening": screening_stage, "answers": answers.stage}


def generate(seed: int = SEED, report: Callable[[str], None] = lambda line: None) -> dict[str, pd.DataFrame]:
    """Tables of the synthetic study, ready to be written: table name → frame (see the data dictionary)."""
    targets, assumed, study = read_targets(), read_assumptions(), read_settings(STUDY)
    given = inputs(study)
    people = people_stage(child_generator(seed, "people"), targets, assumed, report)
    people = with_printed_income(people, targets, given, child_generator(seed, "subgroup"))
    worth = worth_of_work(people, given)
    months = status_months(people, targets, assumed, worth, child_generator(seed, "months"))
    report(f"months: {int(months.notna().sum().sum())} monthly statuses")
    people["centre"] = centre_stage(people, months, targets, assumed, child_generator(seed, "centres"))
    report("centres: exchanged")
    tables = people_tables(people)
    for name, stage in STAGES.items():
        for table, rows in stage(people.copy(), child_generator(seed, name), targets).items():
            tables[table] = tables[table].merge(rows, on="participant_id", how="left") if table in tables else rows
        report(f"{name}: done")
    tables |= register_stages(people, months, tables["health_services"], targets, assumed, study, seed)
    tables["health_services"] = fitted_services(
        tables, people, months, study, targets, child_generator(seed, "subgroup_costs")
    )
    check_read_back(tables, people, months, study)
    report("registers: done")
    tables = with_codes(tables, assumed["centre_codes"])
    return {name: tables[name] for name in sorted(tables)}


def inputs(study: Study | None = None) -> dict:
    """Economic inputs of the bundled study, on which the tables depend: name → value."""
    economics = (study or read_settings(STUDY)).economics
    return {name: each.value for name, each in economics.items()}


def check_read_back(tables: dict[str, pd.DataFrame], people: pd.DataFrame, months: pd.DataFrame, study: Study) -> None:
    """Raises ValueError unless the ordinary analysis reads every drawn status again from the register tables."""
    panel = status_panel(tables, study)
    found = panel.pivot(index="participant_id", columns="month", values="status").astype(object)
    found = found.loc[people["participant_id"]].set_axis(people.index)
    drawn = months[found.columns].astype(object)
    wrong = (found != drawn) & (found.notna() | drawn.notna())
    if wrong.to_numpy().any():
        who = people.loc[wrong.any(axis=1), "participant_id"].tolist()
        raise ValueError(f"registers: other statuses are read from the spells than were drawn for {', '.join(who)}")


def register_stages(
    people: pd.DataFrame,
    months: pd.DataFrame,
    services: pd.DataFrame,
    targets: Targets,
    assumed: dict,
    study: Study,
    seed: int,
) -> dict[str, pd.DataFrame]:
    """Everything that follows from the statuses: spells, income, measures, contacts, centres, extract differences.

    Measures need the `services` used, since table 22 prints what both cost the subgroup together.
    """
    economics = study.economics
    generators = {name: child_generator(seed, name) for name in ("registers", "days", "income", "measures", "contacts")}
    rates, supported = economics["measure_monthly_rate"].value, economics["supported_employment_from_month"].value
    goals = measure_goals(people, services, study, targets)
    registers = register_tables(people, months, generators["registers"])
    registers["benefit_spells"] = changed_over(registers["benefit_spells"])
    registers["job_spells"] = with_other_days(registers["job_spells"], EMPLOYERS, generators["days"])
    return registers | {
        "income": income_table(people, economics["consumer_price_index"].value, generators["income"]),
        "measures": measure_spells(people, rates, int(supported), goals, targets, generators["measures"]),
        "contacts": contacts(people, assumed, targets, generators["contacts"]),
        "centres": centres(assumed, targets),
        "extract_differences": extract_differences(people, months[12], assumed),
    }


def people_tables(people: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """`participants`, and the part of `background` that the people stage calibrates."""
    answers = ["country_of_birth", "marital_status", "reading_writing_difficulties", "education", "self_rated_health",
               "self_reported_status", "expects_return_within_weeks"]  # fmt: skip
    background = people[["participant_id", *answers]]
    return {
        "participants": people[["participant_id", "centre", "arm", "included_on", "birth_date", "sex"]],
        "background": background.where(background != "missing", None),
    }

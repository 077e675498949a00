"""All stages in order: from a seed to the tables of a synthetic study."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.study import Study, read_settings

from . import answers
from .best_centres import centre_stage
from .contacts import centres, contacts
from .extracts import extract_differences
from .income import income_table
from .measures import measure_spells
from .months import status_months
from .people import people_stage
from .registers import register_tables
from .screening import screening_stage
from .settings import SEED, child_generator, read_assumptions
from .targets import Targets, read_targets

STUDY = Path(__file__).parents[2] / "data" / "sfj"

Stage = Callable[[pd.DataFrame, np.random.Generator, Targets], dict[str, pd.DataFrame]]
# Stages that need no more than the people: name → function of (people, rng, targets).
STAGES: dict[str, Stage] = {"screening": screening_stage, "answers": answers.stage}


def generate(seed: int = SEED, report: Callable[[str], None] = lambda line: None) -> dict[str, pd.DataFrame]:
    """Tables of the synthetic study, ready to be written: table name → frame (see the data dictionary)."""
    targets, assumed, study = read_targets(), read_assumptions(), read_settings(STUDY)
    people = people_stage(child_generator(seed, "people"), targets, assumed, report)
    months = status_months(people, targets, assumed, child_generator(seed, "months"))
    report(f"months: {int(months.notna().sum().sum())} monthly statuses")
    people["centre"] = centre_stage(people, months, targets, assumed, child_generator(seed, "centres"))
    report("centres: exchanged")
    tables = people_tables(people) | register_stages(people, months, targets, assumed, study, seed)
    for name, stage in STAGES.items():
        for table, rows in stage(people.copy(), child_generator(seed, name), targets).items():
            tables[table] = tables[table].merge(rows, on="participant_id", how="left") if table in tables else rows
        report(f"{name}: done")
    return {name: tables[name] for name in sorted(tables)}


def register_stages(
    people: pd.DataFrame, months: pd.DataFrame, targets: Targets, assumed: dict, study: Study, seed: int
) -> dict[str, pd.DataFrame]:
    """Everything that follows from the statuses: spells, income, measures, contacts, centres, extract differences."""
    economics = study.economics
    generators = {name: child_generator(seed, name) for name in ("registers", "income", "measures", "contacts")}
    rates, supported = economics["measure_monthly_rate"].value, economics["supported_employment_from_month"].value
    return register_tables(people, months, generators["registers"]) | {
        "income": income_table(people, economics["consumer_price_index"].value, generators["income"]),
        "measures": measure_spells(people, rates, int(supported), targets, generators["measures"]),
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

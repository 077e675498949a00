"""All stages in order: from a seed to the tables of a synthetic study."""

from collections.abc import Callable
from pathlib import Path
from zlib import crc32

import numpy as np
import pandas as pd
import yaml

from analysis.study import Study, read_settings

from . import answers
from .contacts import centres, contacts
from .extracts import extract_differences, without_registers
from .income import income_before_inclusion, income_table
from .measures import measure_spells
from .months import status_months
from .people import people_stage
from .registers import register_tables
from .screening import screening_stage
from .targets import Targets, read_targets

SEED = 20130613
ASSUMPTIONS = Path(__file__).with_name("assumptions.yml")
STUDY = Path(__file__).parents[2] / "data" / "sfj"

Stage = Callable[[pd.DataFrame, np.random.Generator, Targets], dict[str, pd.DataFrame]]
# Stages that need no more than the people: name → function of (people, rng, targets).
STAGES: dict[str, Stage] = {"screening": screening_stage, "answers": answers.stage}


def child_generator(seed: int, stage: str) -> np.random.Generator:
    """A stage's own random numbers: a change in one stage leaves the other stages' bytes alone."""
    return np.random.default_rng(np.random.SeedSequence([seed, crc32(stage.encode())]))


def read_assumptions(path: Path = ASSUMPTIONS) -> dict:
    """What the report does not print and the synthesis assumes: name → value."""
    entries = yaml.safe_load(path.read_text(encoding="utf-8"))
    return {name: entry["value"] for name, entry in entries.items()}


def generate(seed: int = SEED, report: Callable[[str], None] = lambda line: None) -> dict[str, pd.DataFrame]:
    """Tables of the synthetic study, ready to be written: table name → frame (see the data dictionary)."""
    targets, assumed, study = read_targets(), read_assumptions(), read_settings(STUDY)
    people = people_stage(child_generator(seed, "people"), targets, assumed)
    people["in_registers"] = ~without_registers(people)
    report(f"people: {len(people)} participants")
    months = status_months(people, targets, assumed, child_generator(seed, "months"))
    people["in_work_m12"] = months[12] == "job_no_benefits"
    report(f"months: {int(months.notna().sum().sum())} monthly statuses")
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
    before = income_before_inclusion(people, targets, generators["income"])
    rates, supported = economics["measure_monthly_rate"].value, economics["supported_employment_from_month"].value
    return register_tables(people, months, generators["registers"]) | {
        "income": income_table(people, before, economics["consumer_price_index"].value, generators["income"]),
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

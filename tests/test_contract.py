"""The contract itself: what it declares is complete, and it refuses what it should."""

import inspect
from dataclasses import fields, replace
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pandera.pandas as pa
import pytest

from analysis.study.contract import TABLES, empty_table, is_required, tables_of
from analysis.study.contract.columns import KINDS, allowed_in, kind_of
from analysis.study.contract.rules import RULES
from analysis.study.design import BackgroundColumn
from analysis.study.intake import read_study
from analysis.study.settings import Study

HANDMADE = Path(__file__).parent / "handmade"
COLUMNS = [(table, name) for table, schema in TABLES.items() for name in schema.columns]


@pytest.fixture(scope="module")
def handmade():
    return read_study(HANDMADE)


def test_the_tables_of_the_trial_are_declared():
    assert set(TABLES) == {
        "screening", "participants", "background", "earlier_treatment", "questionnaires", "health_services",
        "benefit_spells", "job_spells", "aap_hours", "income", "measures", "contacts", "open_answers", "coordination",
        "fidelity", "interviews", "interview_themes", "centres", "reference_group", "extract_differences",
    }  # fmt: skip


@pytest.mark.parametrize(("table", "name"), COLUMNS)
def test_every_column_is_described(table, name):
    column = TABLES[table].columns[name]
    assert column.description
    assert kind_of(column) in KINDS
    assert allowed_in(column)


@pytest.mark.parametrize(("table", "name"), COLUMNS)
def test_measured_columns_have_a_unit(table, name):
    column = TABLES[table].columns[name]
    if kind_of(column) == "decimal":
        assert column.metadata["unit"]


def test_keys_are_columns():
    for schema in TABLES.values():
        assert set(schema.metadata["key"]) <= set(schema.columns)


def test_questionnaires_hold_every_item_once():
    names = list(TABLES["questionnaires"].columns)
    for prefix, items in (("hads", 14), ("eq5d", 5), ("shc", 29), ("chalder", 11)):
        assert sum(name.startswith(f"{prefix}_") for name in names) == items


def test_no_item_wording_is_kept():
    for name, column in TABLES["questionnaires"].columns.items():
        if name.startswith(("hads_", "chalder_", "shc_")):
            assert name[-2:] in column.description and len(column.description) < 60


def test_rules_name_tables_that_exist_and_say_what_they_ask():
    for rule in RULES:
        assert all(set(columns) <= set(TABLES[name].columns) for name, columns in rule.reads.items())
        assert set(rule.whole) <= set(rule.reads)
        assert set(rule.settings) <= {each.name for each in fields(Study)}
        assert rule.statement.endswith(".")
        assert list(inspect.signature(rule.check).parameters) == ["tables", "study"]


def test_every_table_about_participants_refers_to_them():
    linked = {next(iter(rule.reads)) for rule in RULES if "participants" in list(rule.reads)[1:]}
    with_people = {name for name, schema in TABLES.items() if "participant_id" in schema.columns} - {"participants"}
    assert with_people <= linked


@pytest.mark.parametrize("name", TABLES)
def test_an_empty_table_fits_its_own_schema(name):
    TABLES[name].validate(empty_table(TABLES[name]))


@pytest.mark.parametrize(
    ("table", "column", "value"),
    [("participants", "sex", "female"), ("participants", "participant_id", "01017012345"), ("income", "year", 12)],
)
def test_schemas_refuse_impossible_values(table, column, value):
    with pytest.raises(pa.errors.SchemaErrors):
        TABLES[table].columns[column].validate(pd.DataFrame({column: [value]}), lazy=True)


@pytest.mark.parametrize(("item", "allowed"), [("hads_01", (0, 3)), ("eq5d_mobility", (1, 3)), ("shc_29", (0, 3)),
                                               ("chalder_11", (0, 3)), ("health_ladder", (0, 100)),
                                               ("expectation_work", (1, 7))])  # fmt: skip
def test_bounds_of_answers(item, allowed):
    column = TABLES["questionnaires"].columns[item]
    column.validate(pd.DataFrame({item: [float(allowed[0]), float(allowed[1]), float("nan")]}))
    for outside in (allowed[0] - 1.0, allowed[1] + 1.0, allowed[0] + 0.5):
        with pytest.raises(pa.errors.SchemaErrors):
            column.validate(pd.DataFrame({item: [outside]}), lazy=True)


def narrowed(rule, tables):
    return {name: tables[name][list(columns)] for name, columns in rule.reads.items()}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.statement[:40])
def test_rules_read_only_the_columns_and_settings_that_they_name(rule, handmade):
    study, tables = handmade
    nothing_else = SimpleNamespace(**{name: getattr(study, name) for name in rule.settings})
    nothing_else.centre_codes, nothing_else.arm_codes = study.centre_codes, study.arm_codes
    known = nothing_else if rule.settings else None
    assert list(rule.check(narrowed(rule, tables), study if "columns" in rule.settings else known)) == []


# That nobody is in an arm is no fault while no table has a row; the check of a folder sees to that.
ON_EMPTY_TABLES = [rule for rule in RULES if not rule.statement.endswith("once a table has rows.")]


@pytest.mark.parametrize("rule", ON_EMPTY_TABLES, ids=lambda rule: rule.statement[:40])
def test_rules_hold_for_empty_tables(rule, handmade):
    empty = {name: empty_table(schema) for name, schema in TABLES.items()}
    assert list(rule.check(narrowed(rule, empty), handmade[0])) == []


# Which tables and columns a study needs follows from its settings


@pytest.mark.parametrize(("left_out", "column"), [("arms", "arm"), ("centres", "centre")])
def test_who_lists_arms_or_centres_says_of_everyone_which(handmade, left_out, column):
    study = handmade[0]
    assert not tables_of(study)["participants"].columns[column].nullable
    without = tables_of(replace(study, **{left_out: ()}))["participants"]
    assert without.columns[column].nullable
    assert TABLES["participants"].columns[column].nullable  # what any study may hold stays as it was


@pytest.mark.parametrize(("changed", "needed"), [({}, True), ({"arms": ()}, True), ({"horizon": None}, True),
                                                 ({"arms": (), "horizon": None}, False)])  # fmt: skip
def test_a_study_of_interviews_alone_needs_no_participants(handmade, changed, needed):
    assert is_required("participants", replace(handmade[0], **changed)) is needed
    assert not any(is_required(name, handmade[0]) for name in TABLES if name != "participants")


def test_columns_of_a_studys_own_are_of_their_kind(handmade):
    own = {
        "severity": BackgroundColumn(description="Severity", values={"mild": {"en": "Mild"}}),
        "debts": BackgroundColumn(description="Debts", kind="flag"),
        "visits": BackgroundColumn(description="Visits", kind="number", unit="visits"),
    }
    background = tables_of(replace(handmade[0], columns=own))["background"]
    kinds = {name: (kind_of(column), column.nullable) for name, column in background.columns.items()}
    assert {name: kinds[name] for name in own} == {"severity": ("code", True), "debts": ("flag", True),
                                                   "visits": ("decimal", True)}  # fmt: skip
    assert list(background.columns)[: len(TABLES["background"].columns)] == list(TABLES["background"].columns)

"""The data dictionary says everything the contract holds."""

from dataclasses import MISSING, fields
from pathlib import Path

import pytest

from analysis.study.contract import TABLES
from analysis.study.contract.rules import RULES
from analysis.study.design import BackgroundColumn, Dates, Horizon, InterviewSettings, RegisterSettings
from analysis.study.dictionary import SETTINGS, render
from analysis.study.outcome_rules import Primary
from analysis.study.reading import read_settings
from analysis.study.settings import Study

SFJ = Path(__file__).parent.parent / "data" / "sfj"


@pytest.fixture(scope="module")
def page():
    return render(read_settings(SFJ))


@pytest.mark.parametrize("name", TABLES)
def test_every_table_has_a_section_a_target_and_its_description(page, name):
    assert f"\n## `{name}.csv`\n" in page
    assert f"(table-{name.replace('_', '-')})=" in page
    assert TABLES[name].description in page


def test_every_column_is_listed_or_lies_in_a_listed_range(page):
    for name, schema in TABLES.items():
        section = page.split(f"## `{name}.csv`")[1].split("\n## ")[0]
        for column, declared in schema.columns.items():
            numbered = column[-2:].isdigit() and column not in ("status_m00",)
            assert f"`{column}`" in section or (numbered and f"`{column[:-2]}" in section), (name, column)
            if not numbered:
                assert declared.description in section


def test_every_rule_is_stated_once(page):
    rules = page.split("## Rules")[1]
    for rule in RULES:
        assert rules.count(f"- {rule.statement}\n") == 1


def test_inputs_of_a_study_come_with_their_sources(page):
    study = read_settings(SFJ)
    for name, given in study.economics.items():
        assert f"`{name}`" in page and " ".join(given.source.split()) in page
    assert "| 13,693,000 |" in page and "| 2011 | calendar year" in page


def test_tables_of_the_page_are_whole(page):
    for line in page.splitlines():
        if line.startswith("|"):
            assert line.endswith("|") and line.count(" | ") >= 2


def test_without_a_study_there_are_no_inputs():
    assert "Inputs of the cost" not in render()


def test_items_that_differ_only_in_number_share_one_row(page):
    section = page.split("## `questionnaires.csv`")[1].split("\n## ")[0]
    assert section.count("`hads_01` … `hads_14`") == 1 and "`hads_02`" not in section
    assert "`eq5d_mobility`" in section and "`eq5d_self_care`" in section


def test_columns_of_a_studys_own_are_described():
    page = render(read_settings(SFJ.parent / "ips"))
    section = page.split("## `background.csv`")[1].split("\n## ")[0]
    assert "| `severity` | Severity of the mental illness at inclusion | code |" in section
    assert "`severity`" not in render()


def test_what_a_study_needs_is_said(page):
    overview = page.split("## Tables")[1].split("\n## ")[0]
    rows = [line for line in overview.splitlines() if line.startswith("| [")]
    needed = [line for line in rows if "| needed with arms or a horizon |" in line]
    assert len(rows) == len(TABLES) and len(needed) == 1 and "`participants`" in needed[0]


def test_every_setting_is_described_in_its_order():
    """as_printed is no setting of study.yml: it has a file of its own."""
    described = [name for name, _, _ in SETTINGS]
    assert sorted(described) == sorted(field.name for field in fields(Study) if field.name != "as_printed")
    needed = [name for name, _, without in SETTINGS if without == "needed"]
    assert needed == [field.name for field in fields(Study) if field.default is field.default_factory is MISSING]
    page = render()
    assert all(f"| `{name}` | {says} | {without} |" in page for name, says, without in SETTINGS)


@pytest.mark.parametrize(
    ("setting", "declared"),
    [("dates", Dates), ("horizon", Horizon), ("registers", RegisterSettings), ("columns", BackgroundColumn),
     ("interviews", InterviewSettings), ("primary", Primary)],
)  # fmt: skip
def test_every_part_of_a_setting_is_named(setting, declared):
    (says,) = [text for name, text, _ in SETTINGS if name == setting]
    assert [field.name for field in fields(declared) if f"`{field.name}`" not in says] == []

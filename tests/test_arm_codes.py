"""A study may code and name its arms as it likes: every page renders, and under the study's own names."""

import csv
import re
import shutil
from pathlib import Path

import nbformat
import pandas as pd
import pytest

from analysis.catalogue import Catalogue
from analysis.chapters import employment, health, reproduction, user_survey
from analysis.publish import Page
from analysis.trial import open_trial

ROOT = Path(__file__).parents[1]
HANDMADE = ROOT / "tests" / "handmade"
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
CODES = {"sfj": "ips", "control": "usual"}


@pytest.fixture(scope="module")
def renamed(tmp_path_factory) -> Path:
    """The hand-made trial with arms coded ips and usual, named IPS and Usual follow-up."""
    folder = shutil.copytree(HANDMADE, tmp_path_factory.mktemp("studies") / "renamed")
    for path in folder.glob("*.csv"):
        with path.open(encoding="utf-8", newline="") as file:
            head, *rows = csv.reader(file)
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerows([head, *([CODES.get(cell, cell) for cell in row] for row in rows)])
    settings = (folder / "study.yml").read_text(encoding="utf-8")
    settings = re.sub(r"\bsfj\b", "ips", settings).replace("code: control", "code: usual")
    settings = re.sub(r"(ratio: \{ips: \d, )control", r"\1usual", settings)
    settings = settings.replace("{en: Senter for jobbmestring, nb: Senter for jobbmestring}", "{en: IPS, nb: IPS}")
    settings = settings.replace("en: Ordinary follow-up", "en: Usual follow-up")
    (folder / "study.yml").write_text(settings, encoding="utf-8")
    return folder


def run(notebook: Path, study: Path, results: Path) -> None:
    """Run a notebook's code on a study, as the report does, without starting a kernel."""
    names = {"display": lambda result: result}
    for cell in nbformat.read(notebook, 4).cells:
        if cell.cell_type == "code":
            exec(compile(cell.source, f"{notebook.stem}: {cell.id}", "exec"), names)
            if "parameters" in cell.metadata.get("tags", []):
                names |= {"study": str(study), "results": str(results)}


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_every_page_renders(notebook, renamed, tmp_path):
    run(notebook, renamed, tmp_path)
    downloads = [pd.read_csv(path) for path in (tmp_path / notebook.stem).glob("*.csv")]
    labels = {label for frame in downloads if "column_label" in frame for label in frame["column_label"].astype(str)}
    assert not {label for label in labels if re.search(r"\bips\b|\busual\b|[{}]", label)}


def test_labels_are_made_of_the_arms_own_names(renamed):
    page = Page("employment", study=str(renamed))
    label = page.catalogue.label
    assert label("employment", "columns", "ips_minus_usual") == "IPS minus Usual follow-up"
    assert label("employment", "columns", "ips_vs_usual") == "IPS against Usual follow-up"
    assert label("employment", "columns", "inclusion_usual") == "Usual follow-up, at inclusion"
    assert label("employment", "columns", "month12_ips") == "IPS, month 12"
    assert label("user_survey", "columns", "usual_6m") == "Usual follow-up, 6 months"
    assert label("employment", "rows", "ips_x_woman") == "IPS × woman"
    assert label("employment", "panels", "usual") == "Usual follow-up"
    assert label("health", "units", "points_ips_minus_usual") == "score points, IPS minus Usual follow-up"


def test_tables_print_them(renamed):
    trial = open_trial(str(renamed))
    html = Page("employment", study=str(renamed)).show(employment.table_08(trial)).html
    assert "IPS minus Usual follow-up" in html
    assert "SFJ" not in html.split("<tbody>")[0].split("<thead>")[1]
    assert "IPS minus Usual" in Page("user_survey", study=str(renamed)).show(user_survey.ratings_table(trial)).html
    assert "IPS minus Usual" in Page("health", study=str(renamed)).show(health.missing_answers_table(trial)).html


def test_labels_written_out_go_before_derived_ones():
    label = Page("employment", study=str(HANDMADE)).catalogue.label
    assert label("summary", "columns", "sfj_minus_control") == Catalogue().text("common.columns.sfj_minus_control")
    assert label("employment", "rows", "sfj_x_woman") == "SFJ × woman"


def test_numbers_stand_beside_the_printed_ones_whatever_the_arms_are_called(renamed):
    own, other = (reproduction.card(open_trial(str(folder))) for folder in (HANDMADE, renamed))
    assert own["computed"].notna().equals(other["computed"].notna())
    # Two answers of Table 2, for which the report departs from its rule in single arms, are the report's own.
    same = ~own["row"].isin(["marital_cohabiting", "self_rated_health_poor"])
    pd.testing.assert_series_equal(own.loc[same, "computed"], other.loc[same, "computed"])

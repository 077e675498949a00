"""A study may code and name its arms as it likes: every page renders, and under the study's own names."""

import csv
import re
import shutil
from pathlib import Path

import nbformat
import pandas as pd
import pytest
from bs4 import BeautifulSoup

from analysis.chapters import employment, health, reproduction, user_survey
from analysis.frames.trial import open_trial
from analysis.show.page import Page
from analysis.study.finding import BUNDLED

ROOT = Path(__file__).parents[1]
HANDMADE = ROOT / "tests" / "handmade"
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
CODES = {"sfj": "ips", "control": "usual"}
# What is printed in the published report keeps its words: three chapters, and two tables of its own amounts and rows.
ABOUT_THE_PRINT = {"audit", "key_results", "reproduction"}
OF_THE_PRINT = ("cost-benefit-printed-amounts", "user-survey-printed-rows")
LEVEL = 0.9
# Their figures have intervals.
WITH_INTERVALS = ("health", "participants", "process_evaluation", "user_survey")
PUBLISHED_NAME = re.compile(r"\bSFJ\b|Senter for jobbmestring")


@pytest.fixture(scope="module")
def renamed(tmp_path_factory) -> Path:
    """The hand-made trial with arms coded ips and usual, named IPS and Usual follow-up, beside the printed numbers."""
    folder = shutil.copytree(HANDMADE, tmp_path_factory.mktemp("studies") / "renamed")
    shutil.copytree(BUNDLED / "published", folder / "published")
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
    settings = re.sub(r"    short: .*\n", "", settings)
    settings = settings.replace("en: Ordinary follow-up", "en: Usual follow-up")
    (folder / "study.yml").write_text(settings, encoding="utf-8")
    return folder


def run(notebook: Path, study: Path, results: Path) -> None:
    """Run a notebook's code on a study, with intervals of 90 per cent, as the report does but without a kernel."""
    names = {"display": lambda result: result}
    for cell in nbformat.read(notebook, 4).cells:
        if cell.cell_type == "code":
            exec(compile(cell.source, f"{notebook.stem}: {cell.id}", "exec"), names)
            if "parameters" in cell.metadata.get("tags", []):
                level = {"conf_level": LEVEL} if "conf_level" in names else {}
                names |= {"study": str(study), "results": str(results)} | level


@pytest.fixture
def shown(monkeypatch) -> list[str]:
    """Everything that pages show while a test runs, without the pictures' bytes."""
    texts = []

    def kept(result):
        text = getattr(result, "html", None) or result.text
        texts.append(re.sub(r'src="data:[^"]*"', "", text))
        return result

    for way in ("show", "say", "bullets"):
        told = getattr(Page, way)
        monkeypatch.setattr(Page, way, lambda page, *said, _told=told, **of: kept(_told(page, *said, **of)))
    return texts


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_every_page_calls_the_programme_and_the_level_what_study_and_parameters_say(notebook, renamed, tmp_path, shown):
    """At a level of 90 per cent nothing but fixed settings of the report itself speaks of 95 per cent."""
    run(notebook, renamed, tmp_path)
    assert shown
    figures = [text for text in shown if 'class="result-figure"' in text]
    if notebook.stem in WITH_INTERVALS:
        assert [text for text in figures if "95%" in text] == []
        assert any("90%" in text for text in figures)
    if notebook.stem not in ABOUT_THE_PRINT:
        own = [text for text in shown if not any(f'id="{name}"' in text for name in OF_THE_PRINT)]
        drawn = [path.read_text(encoding="utf-8") for path in (tmp_path / notebook.stem).glob("*.svg")]
        assert [text for text in own + drawn if PUBLISHED_NAME.search(text)] == []
        assert notebook.stem == "checklists" or any("IPS" in text for text in own)  # whose items name no programme
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


def test_fixed_prose_names_the_published_programme_only_where_it_speaks_of_it():
    """Text that does not change with the data may name it with "published", "report" or "print" close by."""
    for notebook in NOTEBOOKS:
        for cell in nbformat.read(notebook, 4).cells:
            for paragraph in cell.source.split("\n\n") if cell.cell_type == "markdown" else []:
                if PUBLISHED_NAME.search(paragraph):
                    assert re.search(r"published|report|print", paragraph), paragraph


def test_tables_print_them(renamed):
    trial = open_trial(str(renamed))
    html = Page("employment", study=str(renamed)).show(employment.late_shares_table(trial)).html
    assert "IPS minus Usual follow-up" in BeautifulSoup(html, "html.parser").get_text()
    assert "SFJ" not in html.split("<tbody>")[0].split("<thead>")[1]
    estimates = user_survey.compare_ratings(trial, user_survey.ratings(trial))
    ratings = user_survey.ratings_table(trial, estimates)
    assert "IPS minus Usual" in Page("user_survey", study=str(renamed)).show(ratings).html
    assert "IPS minus Usual" in Page("health", study=str(renamed)).show(health.missing_answers_table(trial)).html


def test_labels_written_out_go_before_derived_ones():
    label = Page("employment", study=str(HANDMADE)).catalogue.label
    assert label("employment", "columns", "inclusion_control") == "Control, at inclusion"
    assert label("employment", "columns", "inclusion_control", "statuses") == "Control"


def test_numbers_stand_beside_the_printed_ones_whatever_the_arms_are_called(renamed):
    own = shutil.copytree(HANDMADE, renamed.with_name("own"))
    shutil.copytree(BUNDLED / "published", own / "published")
    own, other = (reproduction.card(open_trial(str(folder))) for folder in (own, renamed))
    assert own["computed"].notna().equals(other["computed"].notna())
    pd.testing.assert_series_equal(own["computed"], other["computed"])

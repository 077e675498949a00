"""What is said about the trial of individual job support: its pages, and the article's claims, name what exists."""

import re
from pathlib import Path

import pandas as pd
import pytest
import yaml

ROOT = Path(__file__).parents[1]
STUDY = ROOT / "data" / "ips"
PAGES = sorted((STUDY / "pages").glob("*.md"))


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_a_page_has_one_title_and_cites_and_links_what_exists(path):
    text, pages = path.read_text(encoding="utf-8"), "\n".join(page.read_text(encoding="utf-8") for page in PAGES)
    known = re.findall(r"^@\w+\{(\w+),", (ROOT / "book" / "references.bib").read_text(encoding="utf-8"), re.MULTILINE)
    targets = re.findall(r"^\(([\w-]+)\)=$", pages, re.MULTILINE)
    assert len(re.findall(r"^# ", text, re.MULTILINE)) == 1
    assert set(re.findall(r"\{cite\}`(\w+)`", text)) <= set(known)
    assert set(re.findall(r"\]\(#([\w-]+)\)", text)) <= set(targets)
    assert all(target.startswith("ips-") for target in targets) and len(set(targets)) == len(targets)


def test_settings_and_printed_numbers_are_one():
    study = yaml.safe_load((STUDY / "study.yml").read_text(encoding="utf-8"))
    cells = pd.read_csv(STUDY / "published" / "cells.csv").set_index(["row", "column"])["value"].sort_index()
    assert study["horizon"]["after"] == study["late_window"]["to"] == cells["follow_up", "last"]
    assert study["primary"]["at"] == study["late_window"]["from"] == cells["first_time_point", "at"]
    assert study["subgroups"][0]["cuts"] == [cells["age_of_larger_effect", "upper"]]
    half_time = next(outcome for outcome in study["outcomes"] if outcome["code"] == "any_half_time_work")
    full_time = study["registers"]["full_time_weekly_hours"]
    assert half_time["weekly_hours_min"] == cells["half_time_job", "minimum"] * full_time

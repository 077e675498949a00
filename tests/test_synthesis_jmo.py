"""The synthetic interviews of the two pilots: the same bytes every time; what the project page says holds in them."""

import pandas as pd
import pytest
import yaml

from analysis.as_printed.jmo.claims import SPOKEN, Spoken
from analysis.chapters._claims_shown import judgements
from analysis.chapters.audit import other_findings
from analysis.frames.trial import open_trial
from analysis.published.audit import audit
from analysis.published.claims import CONTRADICTED, HOLDS
from analysis.show.page import Page
from analysis.synthesis.jmo.__main__ import ASSUMPTIONS, STUDY, as_csv, generate
from tests.walk import with_tables

CLAIMS = yaml.safe_load((STUDY / "published" / "claims.yml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def assumed() -> dict:
    return yaml.safe_load(ASSUMPTIONS.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def tables(assumed) -> dict[str, pd.DataFrame]:
    return generate(assumed)


def test_a_new_run_gives_the_committed_bytes(tables):
    for name, frame in tables.items():
        assert (STUDY / f"{name}.csv").read_bytes() == as_csv(frame).encode()
    assert {path.stem for path in STUDY.glob("*.csv")} == set(tables)


def test_the_seed_decides_who_raises_a_theme(assumed, tables):
    other = generate({**assumed, "seed": assumed["seed"] + 1})
    assert as_csv(other["interview_themes"]) != as_csv(tables["interview_themes"])
    assert len(other["interview_themes"]) == len(tables["interview_themes"])


def test_every_code_has_its_label(tables):
    settings = yaml.safe_load((STUDY / "study.yml").read_text(encoding="utf-8"))
    lists, informants = settings["interviews"], tables["interviews"]
    assert set(lists["types"]) == set(informants["interview_type"])
    assert set(lists["roles"]) == set(informants["informant_role"])
    assert set(lists["work_statuses"]) == set(informants["work_status_at_interview"].dropna())
    assert set(lists["themes"]) == set(tables["interview_themes"]["theme"])
    assert {centre["code"] for centre in settings["centres"]} == set(tables["centres"]["centre"])


def test_people_seen_twice_are_the_same_people(tables):
    informants = tables["interviews"]
    known = informants.groupby("informant_id")[["centre", "informant_role", "sex"]].nunique()
    assert (known == 1).all(axis=None)
    seen = informants[informants["interview_type"] == "project_staff"].groupby("informant_id")["interview_id"].nunique()
    assert (seen == 2).all()
    assert informants["conducted_on"].max() < pd.Timestamp("2008-01-01")  # the interim report came in January 2008


def test_sheltered_work_and_enterprises_belong_to_oslo(tables):
    informants = tables["interviews"]
    assert set(informants.loc[informants["interview_type"] == "enterprises", "centre"]) == {"pilot_a"}
    sheltered = informants["work_status_at_interview"] == "sheltered_work"
    assert set(informants.loc[sheltered, "centre"]) == {"pilot_a"}


def holds(spoken: Spoken, tables: dict[str, pd.DataFrame]) -> bool:
    """The theme comes up so in most of the interviews that raise it; without one, praise exceeds complaint and wish."""
    raised = tables["interview_themes"].merge(tables["interviews"].drop_duplicates("interview_id"), on="interview_id")
    raised = raised[raised["centre"] == spoken.centre] if spoken.centre else raised
    raised = raised[raised["interview_type"].isin(spoken.groups)] if spoken.groups else raised
    if spoken.theme is None:
        return raised["aspect"].eq("success_factor").sum() > raised["aspect"].isin(["challenge", "wish"]).sum()
    own = raised[raised["theme"] == spoken.theme]
    return 2 * (own["aspect"] == spoken.aspect).sum() > own["interview_id"].nunique()


def reversed_aspects(tables: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """The same interviews, with what was praised as a challenge and the other way round."""
    turned = {"success_factor": "challenge", "challenge": "success_factor", "experience": "wish", "wish": "experience"}
    themes = tables["interview_themes"]
    return {**tables, "interview_themes": themes.assign(aspect=themes["aspect"].map(turned))}


@pytest.mark.parametrize("claim", CLAIMS)
def test_what_the_page_says_holds_in_the_interviews_and_not_in_the_reverse(claim, tables):
    """By plain pandas, and by what the page of the book is held to."""
    subject, trial = CLAIMS[claim]["subject"], open_trial("jmo")
    spoken = SPOKEN[subject]
    for known, read, verdict in (
        (tables, trial.tables, HOLDS),
        (reversed_aspects(tables), reversed_aspects(trial.tables), CONTRADICTED),
    ):
        own = with_tables(trial, interview_themes=read["interview_themes"])
        judged = {each.claim.name: each.verdict for _, each in judgements(own)}
        assert (holds(spoken, known), judged[claim]) == (verdict == HOLDS, verdict)


def test_every_claim_is_assumed_with_its_line(assumed):
    """An assumption that names a printed line is one of the claims, with the aspect of that claim, and no other."""
    printed = {
        (theme, aspect, shares["printed"])
        for theme, aspects in assumed["themes"].items()
        for aspect, shares in aspects.items()
        if "printed" in shares
    }
    about = [(SPOKEN[claim["subject"]], claim["line"]) for claim in CLAIMS.values()]
    assert {(spoken.theme, spoken.aspect, line) for spoken, line in about if spoken.theme} == printed


def test_the_printed_numbers_have_relations_or_a_reason():
    """Every cell is compared with another, or stands on the list of numbers that no data can give."""
    folder = STUDY / "published"
    cells = pd.read_csv(folder / "cells.csv")
    addresses = set(cells[["source", "row", "column", "statistic"]].agg("/".join, axis=1))
    relations = yaml.safe_load((folder / "relations.yml").read_text(encoding="utf-8"))
    outside = yaml.safe_load((folder / "outside.yml").read_text(encoding="utf-8"))
    named = {address for relation in relations for address in relation["cells"].values()}
    reasoned = {address for listed in outside.values() for address in listed}
    assert named | reasoned == addresses


def test_the_dates_of_the_page_contradict_its_text():
    """The page dates the project 2012 to 2015 and has an interim report delivered in 2008.

    An evaluation may well last longer than the pilots that it follows, so that its length is no contradiction.
    """
    folder = STUDY / "published"
    found = audit(pd.read_csv(folder / "cells.csv"), folder / "relations.yml").set_index("relation")["verdict"]
    assert found.to_dict() == {
        "pilots_by_county": "holds",
        "project_covers_pilots": "holds",
        "report_within_project": "fails",
    }


def test_years_of_a_finding_are_written_as_years():
    """The audit says 2012, not 2,012."""
    page = Page("audit", study="jmo", from_print=True)
    said = " ".join(page.say(sentence).text for sentence in other_findings(page.trial))
    assert "2012" in said and "2,012" not in said

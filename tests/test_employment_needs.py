"""The chapter on employment of studies that lack something: each result is there or absent, each sentence true."""

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from analysis.chapters import employment
from analysis.frames.needs import Absent
from analysis.frames.trial import Trial, open_trial
from analysis.show.prose import Sentence
from analysis.study.design import Horizon, RegisterSettings
from analysis.study.outcome_rules import Outcome, Primary
from tests.everything_of_employment import UNTRUE, everything, spoken

HANDMADE = Path(__file__).parent / "handmade"


@pytest.fixture(scope="module")
def trial() -> Trial:
    return open_trial(HANDMADE)


def changed(trial: Trial, tables: dict | None = None, **settings) -> Trial:
    """The hand-made trial with other tables or settings, and without the ways of a published report."""
    study = replace(trial.study, as_printed=None, **settings)
    return replace(trial, study=study, tables={**trial.tables, **(tables or {})})


def without(trial: Trial, *names: str) -> dict:
    return {name: trial.tables[name].iloc[:0] for name in names}


def people(trial: Trial, **columns) -> dict:
    return {"participants": trial.tables["participants"].assign(**columns)}


def until(trial: Trial, days: int) -> dict:
    return people(trial, observed_until=trial.tables["participants"]["included_on"] + pd.Timedelta(days=days))


def long_ago(spells):
    """Jobs that ended before anybody was followed: nobody works, and the register says so."""
    return spells.assign(from_date=pd.Timestamp("1990-01-01"), to_date=pd.Timestamp("1990-12-31"))


VARIANTS = {
    "without benefits": lambda t: changed(t, without(t, "benefit_spells"), outcomes=(Outcome("works", has_job=True),),
                                          alternative_outcomes=(), primary=Primary("works", 12)),
    "without optional tables": lambda t: changed(t, without(t, "background", "income", "aap_hours")),
    "nobody ever in work": lambda t: changed(t, {"job_spells": long_ago(t.tables["job_spells"])}),
    "no centres": lambda t: changed(t, people(t, centre=pd.NA), centres=()),
    "one arm": lambda t: changed(t, people(t, arm="sfj"), arms=t.study.arms[:1], allocation_phases=()),
    "no arms": lambda t: changed(t, people(t, arm=pd.NA), arms=(), allocation_phases=()),
    "short": lambda t: changed(t, horizon=Horizon(before=0, after=6), primary=Primary("fully_or_partly_in_work", 6),
                               late_window=None),
    "long": lambda t: changed(t, horizon=Horizon(before=12, after=43), late_window=None),
    "nobody observed at the primary time": lambda t: changed(t, until(t, 100)),
    "nobody observed": lambda t: changed(t, until(t, 0)),
    "an empty status group": lambda t: changed(t, status_groups={"retired": ("disability_pension_full",), "other": ()}),
    "years": lambda t: changed(t, registers=RegisterSettings(unit="year"), horizon=Horizon(before=1, after=1),
                               primary=Primary("in_work_no_benefits", 1), late_window=None),
}  # fmt: skip


@pytest.mark.parametrize("name", VARIANTS)
def test_everything_is_there_or_absent_and_every_sentence_is_true(trial, name):
    study = VARIANTS[name](trial)
    results = everything(study)
    said = list(spoken(study, results))
    sentences = [text for result, text in zip(results, said, strict=True) if isinstance(result, Sentence)]
    assert sentences
    assert [text for text in sentences if UNTRUE.search(text)] == []


@pytest.mark.parametrize("name", ["job_spells", "benefit_spells"])
def test_without_a_register_that_an_outcome_rests_on_nothing_is_said_of_it(trial, name):
    """An empty register of jobs would say that nobody works, one of benefits that nobody has any."""
    lacking = changed(trial, without(trial, name))
    assert employment.main_result(lacking) == Absent("registers")
    assert employment.late_shares_table(lacking) == Absent("registers")
    assert [made for made in everything(lacking) if isinstance(made, Sentence)] == []
    assert employment.key_numbers(lacking) == {"participants": len(trial.tables["participants"])}


def test_without_benefits_a_status_says_job_or_no_job(trial):
    found = employment.statuses_table(VARIANTS["without benefits"](trial))
    assert set(found.cells["row"]) == {"with_job", "without_job", "number"}


def test_without_two_arms_the_shares_of_everybody_stand_alone(trial):
    study = VARIANTS["no arms"](trial)
    assert set(employment.late_shares_table(study).cells["column"]) == {"total"}
    assert employment.title(study).key == "share_of_all"
    for absent in (employment.main_result, employment.adjusted_models_table, employment.difference_figure):
        assert absent(study) == Absent("arms")


def test_a_longer_follow_up_lengthens_everything(trial):
    study = VARIANTS["long"](trial)
    late = employment.late_shares_table(study)
    assert "month_18_in_work_no_benefits" in set(late.cells["row"])
    assert late.values["last"].value == 43
    assert {model.at for model in employment.adjusted_models(study)} == {12, 43}
    assert employment.observed(study).key == "observed_nobody"


def test_forms_that_end_early_are_noticed(trial):
    """P0002 and P0010 are on AAP until the registers end; their last forms are taken away."""
    forms = trial.tables["aap_hours"]
    early = {"aap_hours": forms[forms["period_start"] < "2011-12-10"]}
    found = employment.data_gaps(changed(trial, early))
    assert [sentence.key for sentence in found] == ["aap_hours_end"]
    assert found[0].values["people"].value == 2
    assert "aap_hours_end" not in [sentence.key for sentence in employment.data_gaps(trial)]

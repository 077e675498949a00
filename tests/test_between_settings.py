"""Settings beside each other: each that does not go with the others is found, with its line; what can be absent may."""

from collections.abc import Mapping
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from analysis.frames.instruments import read_parameters
from analysis.frames.registers import PANEL_COLUMNS
from analysis.frames.trial import open_trial
from analysis.show.catalogue import Catalogue
from analysis.study.between_settings import RESERVED
from analysis.study.instrument_rules import VALUE_SETS
from analysis.study.outcome_rules import STATUSES, Subgroup
from analysis.study.people_columns import DERIVED, GIVEN, TAKEN, people_columns
from analysis.study.problems import StudyProblems
from analysis.study.reading import read_settings

HANDMADE = Path(__file__).parent / "handmade"
WHOLE = """
name: small
title: {en: A small trial}
data: real
disclosure: as_published
arms:
  - {code: helped, role: treatment, label: {en: Helped}}
  - {code: waiting, role: control, label: {en: Waiting}}
centres:
  - {code: north, label: North}
  - {code: south, label: South}
waves: [0, 4, 24]
horizon: {before: 6, after: 24}
dates: {inclusion_start: 2015-01-01, inclusion_end: 2015-12-31, register_start: 2014-07-01, register_end: 2017-06-30}
allocation_phases:
  - {from: 2015-01-01, to: 2015-03-31, ratio: {helped: 2, waiting: 1}}
  - {from: 2015-04-01, to: 2015-12-31, ratio: {helped: 1, waiting: 1}}
instruments:
  hads: {max_missing_per_subscale: 1, caseness_from: 8}
  eq5d: {value_set: uk_tto_mvh_a1}
  ips25: {bands: {not_ips: 25, fair: 74, good: 100, exemplary: 115}}
columns:
  severity:
    description: Severity of the illness
    label: {en: Severity}
    values: {mild: {en: Mild}, severe: {en: Severe}}
  debts: {description: Has debts, kind: flag, label: {en: Debts}}
  visits: {description: Visits the year before, kind: number, unit: visits}
outcomes:
  - {code: works, label: {en: In work}, has_job: true}
  - {code: ever_worked, label: {en: Ever in work}, measure: any_time, has_job: true, window: {from: 1, to: 12}}
primary: {outcome: works, at: 12}
late_window: {from: 12, to: 24}
status_groups: {working: [job_no_benefits], others: []}
status_group_labels: {working: {en: Working}, others: {en: Others}}
subgroups:
  - {code: age, column: age, label: {en: Age}, cuts: [30], labels: {under_30: {en: Young}, from_30: {en: Older}}}
  - {code: debts, column: debts, label: {en: Debts}, labels: {"yes": {en: Debts}, "no": {en: No debts}}}
  - code: illness
    column: severity
    label: {en: Illness}
    labels: {mild: {en: Mild}, severe: {en: Severe}}
  - code: schooling
    column: education
    label: {en: Schooling}
    groups: {short: [primary], long: []}
    labels: {short: {en: Short}, long: {en: Long}}
covariates: [woman, age, debts]
"""


def folder_with(tmp_path, *replacements):
    text = WHOLE
    for old, new in replacements:
        assert old in text, old
        text = text.replace(old, new, 1)
    (tmp_path / "study.yml").write_text(text, encoding="utf-8")
    return tmp_path


def problems_of(folder):
    with pytest.raises(StudyProblems) as raised:
        read_settings(folder)
    return raised.value.problems


def test_the_whole_is_sound(tmp_path):
    study = read_settings(folder_with(tmp_path))
    assert (study.primary_outcome, study.primary_at, study.late.units) == ("works", 12, range(12, 25))
    assert [subgroup.cut_names for subgroup in study.subgroups] == [("under_30", "from_30"), (), (), ()]


THIRD_ARM = "  - {code: third, role: control, label: {en: Third}}\ncentres:"


@pytest.mark.parametrize(
    ("old", "new", "setting", "cause"),
    [
        ("title: {en: A small trial}", "title: {}", "title", "at least 1"),
        ("title: {en: A small trial}", "title: {en: '  '}", "title.en", "at least 1"),
        ("label: North", "label: ''", "centres.0.label", "at least 1"),
        ("{code: north", "{code: North", "centres.0.code", "small letters, digits"),
        ("data: real", "data: real\ncolour: red", "colour", "not known"),
        ("{code: north, label: North}", "{code: north, label: North, size: 3}", "centres.0.size", "not known"),
        ("centres:", THIRD_ARM, "arms", "Three or more arms"),
        ("role: control", "role: treatment", "arms", "exactly one treatment arm"),
        ("data: real", "data: real\nrandomised: false", "randomised", "only a draw"),
        ("label: {en: Waiting}", "label: {en: Helped}", "arms.1.label", "same label"),
        ("code: waiting", "code: total", "arms.1.code", "uses the word total"),
        ("code: waiting", "code: north", "arms.1.code", "same code"),
        ("{code: south", "{code: north", "centres.1.code", "unique"),
        ("{code: south", "{code: total", "centres.1.code", "uses the word total"),
        ("waves: [0, 4, 24]", "waves: [0, 24, 4]", "waves", "rise"),
        ("waves: [0, 4, 24]", "waves: [0, 4, 4]", "waves", "rise"),
        ("waves: [0, 4, 24]", "waves: [-1, 4]", "waves.0", "a number of at least 0"),
        ("after: 24}", "after: 30}", "horizon.after", "no more than 29 months after"),
        ("before: 6", "before: 18", "horizon.before", "no more than 17 months before"),
        ("dates: {inclusion_start", "# dates: {inclusion_start", "horizon", "needs dates"),
        ("register_end: 2017-06-30", "register_end: 2015-06-30", "dates", "must follow"),
        ("ratio: {helped: 2, waiting: 1}", "ratio: {helped: 2}", "allocation_phases.0.ratio", "waiting"),
        ("ratio: {helped: 2, waiting: 1}", "ratio: {helped: 2, waiting: 0}", "allocation_phases.0.ratio.waiting", "0"),
        ("from: 2015-04-01", "from: 2015-04-02", "allocation_phases.1.from", "follow each other"),
        ("to: 2015-12-31, ratio", "to: 2015-11-30, ratio", "allocation_phases", "first to the last day"),
        ("to: 2015-03-31", "to: 2014-03-31", "allocation_phases.0", "before it begins"),
        ("value_set: uk_tto_mvh_a1", "value_set: norway", "instruments.eq5d.value_set", "one of uk_tto_mvh_a1"),
        ("fair: 74", "fair: 101", "instruments.ips25.bands", "rise"),
        ("fair: 74", "so_so: 74", "instruments.ips25.bands.so_so", "not_ips"),
        ("caseness_from: 8", "caseness_from: 22", "instruments.hads.caseness_from", "21"),
        ("  visits: {", "  married: {", "columns.married", "has this column"),
        ("  visits: {", "  sex: {", "columns.sex", "has this column"),
        ("kind: flag", "kind: code", "columns.debts", "kind code"),
        ("{code: works", "{code: status", "outcomes.0.code", "has this name"),
        ("{code: works", "{code: arm", "outcomes.0.code", "has this name"),
        ("{code: works", "{code: participant_id", "outcomes.0.code", "has this name"),
        ("{code: works", "{code: debts", "outcomes.0.code", "has this name"),
        ("{code: ever_worked", "{code: works", "outcomes.1.code", "unique"),
        ("{code: works, label: {en: In work}", "{code: works", "outcomes.0", "call the outcome"),
        ("has_job: true}", "statuses: [employed]}", "outcomes.0.statuses.0", "one of no_job_no_benefit"),
        ("has_job: true, window", "window", "outcomes.1", "needs a rule"),
        ("window: {from: 1, to: 12}", "window: {from: 1, to: 25}", "outcomes.1.window", "outside the horizon"),
        ("window: {from: 1, to: 12}", "window: {from: 12, to: 1}", "outcomes.1.window", "begins before it ends"),
        ("primary: {outcome: works", "primary: {outcome: ever_worked", "primary.outcome", "There is: works"),
        ("at: 12}", "at: 25}", "primary.at", "outside the horizon, -6 to 24"),
        ("late_window: {from: 12", "late_window: {from: -6", "late_window.from", "before it"),
        ("to: 24}", "to: 25}", "late_window", "outside the horizon"),
        ("working: [job_no_benefits]", "working: [in_work]", "status_groups.working.0", "one of no_job_no_benefit"),
        ("others: []", "others: [job_no_benefits]", "status_groups", "stands in two groups"),
        ("working: [job_no_benefits]", "working: []", "status_groups", "takes all others"),
        ("labels: {working: {en: Working}, ", "labels: {", "status_groups.working", "no label"),
        ("others: {en: Others}", "others: {en: Others}, idle: {en: Idle}", "status_group_labels.idle", "no group"),
        ("column: age,", "column: shoe_size,", "subgroups.0.column", "age"),
        ("column: age,", "column: participant_id,", "subgroups.0.column", "cannot be grouped"),
        ("column: age,", "column: arm,", "subgroups.0.column", "cannot be grouped"),
        ("column: age,", "column: severity,", "subgroups.0.cuts", "Only numbers"),
        ("cuts: [30], ", "", "subgroups.0.column", "grouped by cuts"),
        ("cuts: [30]", "cuts: [30, 20]", "subgroups.0", "cuts must rise"),
        ("cuts: [30]", "cuts: [40]", "subgroups.0.labels", "from_30, from_40, under_30, under_40"),
        ('"no": {en: No debts}', '"nope": {en: No debts}', "subgroups.1.labels", "no, nope"),
        ("labels: {mild: {en: Mild}, severe", "labels: {severe", "subgroups.2.labels", "Wrong or missing: mild"),
        ("short: [primary]", "short: [nursery]", "subgroups.3.groups", "never holds nursery"),
        ("groups: {short: [primary]", "groups: {short: []", "subgroups.3.groups", "takes all others"),
        ("long: []", "long: [primary]", "subgroups.3.groups", "stands in two groups"),
        ("label: {en: Schooling}", "label: {en: Schooling}\n    cuts: [1]", "subgroups.3", "not both"),
        ("{code: debts,", "{code: age,", "subgroups.1.code", "unique"),
        ("[woman, age, debts]", "[woman, weight]", "covariates.1", "Allowed is"),
        ("[woman, age, debts]", "[woman, severity]", "covariates.1", "Allowed is"),
        ("[woman, age, debts]", "[woman, age, age]", "covariates.2", "twice"),
        ("[woman, age, debts]", "[visits]", "columns.visits", "no label"),
        ("data: real", "data: real\ncompanions: [small]", "companions", "own companion"),
        ("data: real", "data: real\ncompanions: [nowhere]", "companions.0", "no study folder"),
        ("data: real", "data: real\ninterviews: {users: [user]}", "interviews.users.0", "interviews.types"),
        ("horizon: {before: 6, after: 24}", "registers: {unit: day}", "registers.unit", "one of month, week, year"),
    ],
)  # fmt: skip
def test_each_setting_that_is_wrong_is_located(tmp_path, old, new, setting, cause):
    folder = folder_with(tmp_path, (old, new))
    found = {problem.column: problem for problem in problems_of(folder)}
    assert setting in found, sorted(found)
    problem = found[setting]
    assert cause in problem.cause, problem.cause
    assert problem.file == "study.yml" and problem.row and problem.remedy


def test_all_faults_between_settings_come_at_once(tmp_path):
    folder = folder_with(tmp_path, ("at: 12}", "at: 25}"), ("[0, 4, 24]", "[4, 0]"), ("code: works", "code: status"))
    assert {problem.column for problem in problems_of(folder)} >= {"primary.at", "waves", "outcomes.0.code"}


OPTIONAL = ("arms", "centres", "waves", "allocation_phases", "instruments", "primary", "late_window", "covariates",
            "status_groups", "subgroups", "outcomes", "columns", "horizon", "dates")  # fmt: skip
# Settings that say nothing without another one.
LEANING = {
    "arms": ["allocation_phases"],
    "outcomes": ["primary"],
    "columns": ["subgroups", "covariates"],
    "horizon": ["primary", "late_window", "outcomes"],
    "dates": ["horizon", "primary", "late_window", "outcomes", "allocation_phases"],
    "status_groups": ["status_group_labels"],
}


@pytest.mark.parametrize("setting", OPTIONAL)
def test_whatever_can_be_absent_may_be(tmp_path, setting):
    settings = yaml.safe_load(WHOLE)
    for left_out in (setting, *LEANING.get(setting, ())):
        del settings[left_out]
    (tmp_path / "study.yml").write_text(yaml.safe_dump(settings), encoding="utf-8")
    study = read_settings(tmp_path)
    assert study.has_arms == (setting != "arms")
    assert study.has_registers == (setting not in ("horizon", "dates"))


def test_a_study_of_interviews_needs_four_settings(tmp_path):
    (tmp_path / "study.yml").write_text("name: talk\ntitle: {en: Talk}\ndata: real\ndisclosure: as_published\n")
    study = read_settings(tmp_path)
    assert (study.arms, study.centres, study.waves, study.has_registers) == ((), (), (), False)


@pytest.mark.parametrize("role", ["treatment", "control"])
def test_one_arm_is_described_without_a_comparison(tmp_path, role):
    settings = yaml.safe_load(WHOLE)
    del settings["allocation_phases"]
    settings["arms"] = [arm for arm in settings["arms"] if arm["role"] == role]
    (tmp_path / "study.yml").write_text(yaml.safe_dump(settings), encoding="utf-8")
    study = read_settings(tmp_path)
    assert [arm.role for arm in study.arms] == [role] and not study.has_arms


@pytest.mark.parametrize(("unit", "after", "before"), [("week", 129, 77), ("year", 1, 0)])
def test_the_horizon_is_counted_in_the_unit_of_the_registers(tmp_path, unit, after, before):
    """From Thursday 1 January 2015 to Friday 30 June 2017 129 whole weeks follow the first; 2016 is a whole year."""
    text = WHOLE.replace("primary: {outcome: works, at: 12}\nlate_window: {from: 12, to: 24}\n", "")
    text = text.replace(", window: {from: 1, to: 12}", "")
    text = text.replace("waves:", f"registers: {{unit: {unit}}}\nwaves:")
    for horizon, wrong in [((before, after), []), ((before + 1, after + 1), ["horizon.after", "horizon.before"])]:
        edited = text.replace("{before: 6, after: 24}", f"{{before: {horizon[0]}, after: {horizon[1]}}}")
        (tmp_path / "study.yml").write_text(edited, encoding="utf-8")
        if wrong:
            assert sorted(problem.column for problem in problems_of(tmp_path)) == wrong
        else:
            assert read_settings(tmp_path).unit == unit


# Lists that stand twice, since settings are checked before frames, scores and words are made


def test_columns_of_people_are_those_of_the_frame():
    trial = open_trial(HANDMADE)
    assert set(people_columns(trial.study)) == set(trial.people.columns)
    kinds = {name: trial.people[name].dtype for name in DERIVED}
    assert {name for name, dtype in kinds.items() if str(dtype) in ("bool", "boolean")} == {
        name for name, column in DERIVED.items() if column.kind == "flag"
    }
    assert list(trial.people["age_group"].cat.categories) == list(DERIVED["age_group"].values)
    assert people_columns(trial.study)["status_at_inclusion"].values == STATUSES


def test_no_outcome_may_be_called_like_a_column_beside_it():
    trial = open_trial(HANDMADE)
    beside = {*trial.people.columns, *trial.panel.columns, *trial.scores[["wave"]].columns, *PANEL_COLUMNS}
    assert beside <= TAKEN and {"month", "week", "year", "units_observed"} <= TAKEN
    assert set(GIVEN) <= TAKEN


def test_value_sets_are_those_with_values():
    sets = {name: each.value for name, each in read_parameters("eq5d").items() if isinstance(each.value, Mapping)}
    with_values = [name for name, values in sets.items() if "best_state" in values]
    assert list(VALUE_SETS) == with_values


def test_words_of_the_report_are_no_codes_of_arms_and_centres():
    words = Catalogue("en")
    shared = {key for group in ("columns", "statistics", "column_groups") for key in words.entry(f"common.{group}")}
    with_code = {key for key in shared if {"sfj", "control"} & set(key.split("_")) or key[-1].isdigit()}
    assert shared - with_code <= RESERVED


@given(cuts=st.lists(st.integers(-99, 99), unique=True, min_size=1, max_size=5).map(sorted))
def test_cuts_make_one_group_more_each_with_a_code_of_its_own(cuts):
    names = Subgroup(code="a", column="age", label={"en": "A"}, cuts=cuts).cut_names
    assert len(set(names)) == len(cuts) + 1
    assert all(name.isidentifier() for name in names)

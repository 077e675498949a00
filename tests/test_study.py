"""Study settings: frozen, complete, and every fault located in study.yml."""

from dataclasses import FrozenInstanceError, replace
from datetime import date
from pathlib import Path

import pytest

from analysis.study.problems import StudyProblems
from analysis.study.reading import read_settings
from analysis.study.time_units import A_DAY

SFJ = Path(__file__).parent.parent / "data" / "sfj"


def changed(tmp_path, *replacements):
    """The bundled settings with pieces of text replaced, in a folder of their own."""
    text = (SFJ / "study.yml").read_text(encoding="utf-8")
    for old, new in replacements:
        assert old in text, old
        text = text.replace(old, new, 1)
    (tmp_path / "study.yml").write_text(text, encoding="utf-8")
    return tmp_path


def problems_of(folder):
    with pytest.raises(StudyProblems) as raised:
        read_settings(folder)
    return {problem.column: problem for problem in raised.value.problems}


def line_of(folder, text):
    lines = (folder / "study.yml").read_text(encoding="utf-8").splitlines()
    return next(number for number, line in enumerate(lines, 1) if text in line)


def test_bundled_settings():
    study = read_settings(SFJ)
    assert (study.treatment, study.control, study.contrast) == ("sfj", "control", "sfj_vs_control")
    assert study.data == "synthetic"
    assert len(study.centre_codes) == 6
    assert study.dates.inclusion_start == date(2010, 6, 1)
    assert study.waves == (0, 6, 12)


def test_allocation_was_two_to_one_before_it_was_equal():
    first, second = read_settings(SFJ).allocation_phases
    assert first.ratio == {"sfj": 2, "control": 1} and first.to_date == date(2010, 10, 31)
    assert second.ratio == {"sfj": 1, "control": 1} and second.from_date == date(2010, 11, 1)


def test_settings_cannot_be_changed():
    study = read_settings(SFJ)
    with pytest.raises(FrozenInstanceError):
        study.name = "other"
    with pytest.raises(FrozenInstanceError):
        study.dates.register_end = date(2020, 1, 1)


def test_every_economic_input_has_unit_and_source():
    for name, given in read_settings(SFJ).economics.items():
        assert given.unit, name
        assert len(given.source) >= 10, name


def test_amounts_in_kroner_have_a_price_year():
    for name, given in read_settings(SFJ).economics.items():
        if given.unit.startswith("NOK") and name not in ("basic_amount", "marginal_cost_of_public_funds"):
            assert given.price_year, name


def test_misspelt_and_missing_settings_are_located(tmp_path):
    folder = changed(tmp_path, ("full_time_weekly_hours:", "full_time_hours:"), ("before: 12, ", ""))
    problems = problems_of(folder)
    assert problems["registers.full_time_hours"].kind == "unknown_setting"
    assert problems["registers.full_time_hours"].row == line_of(folder, "full_time_hours:")
    assert problems["horizon.before"].kind == "missing_setting"


@pytest.mark.parametrize(
    ("old", "new", "setting"),
    [
        ("role: control", "role: comparison", "arms.1.role"),
        ("data: synthetic", "data: invented", "data"),
        ("disclosure: as_published", "disclosure: open", "disclosure"),
        ("inclusion_start: 2010-06-01", "inclusion_start: 2010-06-31", "dates.inclusion_start"),
        ("inclusion_start: 2010-06-01", "inclusion_start: 2013-06-01", "dates"),
        ("aap_work_share_min: 0.1", "aap_work_share_min: 10", "registers.aap_work_share_min"),
        ("caseness_from: 8", "caseness_from: eight", "instruments.hads.caseness_from"),
        ("value: 0.34", "value: a third", "economics.income_tax_rate.value"),
        ("before: 12", "before: -1", "horizon.before"),
        ("shc: {max_missing", "phq: {max_missing", "instruments.phq"),
    ],
)
def test_impossible_settings_are_located(tmp_path, old, new, setting):
    folder = changed(tmp_path, (old, new))
    problems = problems_of(folder)
    assert setting in problems
    assert problems[setting].row == line_of(folder, "dates:" if setting == "dates" else new)
    assert problems[setting].remedy


def test_a_source_is_needed(tmp_path):
    without = changed(tmp_path, ("    source: Report, section 5.2\n  pension_cost_rate", "  pension_cost_rate"))
    problems = problems_of(without)
    assert problems["economics.employer_contribution_rate.source"].kind == "missing_setting"


def test_two_control_arms_are_refused(tmp_path):
    folder = changed(tmp_path, ("role: treatment", "role: control"))
    assert "exactly one treatment arm" in str(next(iter(problems_of(folder).values())))


def test_repeated_centre_codes_are_refused(tmp_path):
    folder = changed(tmp_path, ("code: centre_b", "code: centre_a"))
    assert "unique" in str(next(iter(problems_of(folder).values())))


def test_unreadable_yaml_is_one_located_problem(tmp_path):
    folder = changed(tmp_path, ("waves: [0, 6, 12]", "waves: [0, 6, 12"))
    (problem,) = problems_of(folder).values()
    assert problem.kind == "unreadable_yaml" and problem.row


@pytest.mark.parametrize(
    ("added", "setting", "first"),
    [
        ("data: real", "data", "data: synthetic"),
        ("horizon: {before: 12, after: 6}", "horizon", "horizon:"),
        ("registers: {full_time_weekly_hours: 37.5}", "registers", "registers:"),
        ("dates: {register_end: 2013-03-31, 'register_end': 2014-03-31}", "dates.register_end", None),
    ],
)
def test_a_setting_that_is_given_twice_is_refused_with_both_lines(tmp_path, added, setting, first):
    folder = changed(tmp_path)
    before = line_of(folder, first) if first else None
    with (folder / "study.yml").open("a", encoding="utf-8") as file:
        file.write(f"\n{added}\n")
    problem = problems_of(folder)[setting]
    last = line_of(folder, added)
    assert problem.kind == "repeated_key" and problem.row == last
    assert (f"in lines {before} and {last}." if before else f"in line {last}.") in problem.cause


def test_an_economic_input_that_is_given_twice_is_refused_together_with_all_other_faults(tmp_path):
    twice = "  income_tax_rate:\n    value: 0.5\n    unit: share\n    price_year: null\n    source: Another source\n"
    folder = changed(tmp_path, ("economics:\n", f"economics:\n{twice}"), ("role: control", "role: comparison"))
    problems = problems_of(folder)
    assert problems["economics.income_tax_rate"].kind == "repeated_key"
    assert problems["arms.1.role"].kind == "impossible_setting"


def test_a_study_that_does_not_say_otherwise_is_protected(tmp_path):
    folder = changed(tmp_path, ("disclosure: as_published", "smallest_group: 10"))
    study = read_settings(folder)
    assert (study.disclosure, study.smallest_group) == ("protected", 10)


def test_rounding_is_for_protected_studies_and_to_a_number_that_makes_sense(tmp_path):
    assert read_settings(changed(tmp_path, ("disclosure: as_published", "rounding: 5"))).rounding == 5
    odd = ("rounding: 1", "rounding: 7.5", "rounding: often", "rounding: 5\ndisclosure: as_published")
    for line in odd:
        problems = problems_of(changed(tmp_path, ("disclosure: as_published", line)))
        assert list(problems) == ["rounding"] and problems["rounding"].row == line_of(tmp_path, "rounding")


def test_settings_in_another_encoding_are_one_plain_problem(tmp_path):
    text = (SFJ / "study.yml").read_text(encoding="utf-8")
    assert "æ" in text or "ø" in text
    (tmp_path / "study.yml").write_text(text, encoding="cp1252")
    assert [problem.kind for problem in problems_of(tmp_path).values()] == ["not_utf8"]


def test_missing_file(tmp_path):
    (problem,) = problems_of(tmp_path).values()
    assert problem.kind == "missing_file"


def test_an_arm_without_a_short_name_is_called_by_its_label():
    treated, control = read_settings(SFJ).arms
    assert (treated.name("en"), treated.short_name("en")) == ("Senter for jobbmestring", "SFJ")
    assert (control.name("en"), control.short_name("en")) == ("Ordinary follow-up", "control")
    assert replace(control, short={}).short_name("en") == control.name("en")
    assert control.name("nb") == "Ordinær oppfølging"
    assert control.name("fr") == "Ordinary follow-up"


@pytest.mark.parametrize(
    ("old", "new", "setting", "allowed"),
    [
        ("data: synthetic", "data: invented", "data", "one of synthetic, real"),
        ("register_end: 2013-03-31", "register_end: 31.03.2013", "dates.register_end", A_DAY),
        ("register_end: 2013-03-31", "register_end: 9999-12-31", "dates.register_end", A_DAY),
        ("register_end: 2013-03-31", "register_end: 20130331", "dates.register_end", A_DAY),
    ],
)
def test_what_a_setting_allows_is_said_in_plain_words(tmp_path, old, new, setting, allowed):
    cause = problems_of(changed(tmp_path, (old, new)))[setting].cause
    assert cause == f"The value cannot be used. Allowed is {allowed}."


@pytest.mark.parametrize(
    ("old", "new", "setting", "allowed"),
    [
        ("short: {en: SFJ, nb: SFJ}", "short: SFJ", "arms.0.short", "a text for each language, such as {en: North}"),
        ("horizon: {before: 12, after: 18}", "horizon: 18", "horizon", "a mapping of its own settings: {name: value}"),
        ("waves: [0, 6, 12]", "waves: 12", "waves", "a list: [first, second]"),
        ("at: 12}", "at: month 12}", "primary.at", "a whole number"),
        ("data: synthetic", "randomised: perhaps\ndata: synthetic", "randomised", "true or false"),
    ],
)
def test_a_setting_of_the_wrong_form_is_answered_with_the_right_one(tmp_path, old, new, setting, allowed):
    found = problems_of(changed(tmp_path, (old, new)))
    assert found[setting].cause == f"The value cannot be used. Allowed is {allowed}."


def test_a_code_of_the_wrong_form_is_told_what_codes_are_made_of(tmp_path):
    found = problems_of(changed(tmp_path, ("name: sfj", "name: New-Trial")))
    assert "small letters, digits and underscores" in found["name"].cause

"""One quantity has one value in the whole book, and the records that give other values are named in one place."""

import json

import pytest

from analysis.chapters import employment
from analysis.chapters.employment import populations, sensitivity
from analysis.frames.trial import open_trial
from tests.quantities import Quantity, told


@pytest.fixture(scope="module")
def trial():
    return open_trial()


@pytest.fixture(scope="module")
def arms(trial):
    return {"treatment": trial.study.treatment, "control": trial.study.control}


@pytest.fixture(scope="module")
def quantities(built_book, trial, arms):
    return told(built_book / "results", arms, trial.study.monthly_outcomes)


def test_no_quantity_has_two_values(quantities):
    """Sentences, key numbers and tables of all chapters of the bundled study."""
    different = {quantity: places for quantity, places in quantities.items()
                 if max(places.values()) - min(places.values()) > 1e-6}  # fmt: skip
    assert not different, "\n".join(f"{quantity}: {places}" for quantity, places in different.items())


def test_the_primary_result_is_told_in_several_chapters_and_is_the_printed_one(quantities, trial):
    """The difference in shares and its p-value are those of Table 8, as often as they are told."""
    study = trial.study
    primary = Quantity(study.primary_outcome, study.primary_at, "", "observed", "difference")
    assert len({place.split(":")[0] for place in quantities[primary]}) >= 2 and len(quantities[primary]) >= 5
    assert {round(value, 2) for value in quantities[primary].values()} == {6.94}
    assert {round(value, 3) for value in quantities[primary._replace(name="p")].values()} == {0.015}


def test_two_values_of_one_quantity_are_found(tmp_path, arms):
    """The check itself: the same difference, once in a sentence and once among the key numbers."""
    values = {"outcome": "work", "at": 12.0, "difference": 6.9}
    written = {"sentences": [{"text": "6.9", "values": values}], "numbers": {"numbers": {"work_m12_difference": 6.6}}}
    for name, content in written.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / f"{name}.json").write_text(json.dumps(content))
    found = told(tmp_path, arms, ("work",))
    assert sorted(found[Quantity("work", 12, "", "observed", "difference")].values()) == [6.6, 6.9]


def test_tables_without_times_show_the_same_difference(trial):
    """Everyone by status at inclusion, the unadjusted estimate, and the study's own limit of hours beside AAP."""
    study, gap = trial.study, populations.gap_column(trial)
    own = f"share_{round(100 * study.registers.aap_work_share_min)}"
    at = {"status": (employment.group_table(trial), "all", gap),
          "estimator": (sensitivity.estimator_table(trial), "unadjusted_newcombe", study.primary_outcome),
          "hours": (employment.work_share_table(trial), own, gap)}  # fmt: skip
    rows = populations.outcomes_at(trial, study.primary_at)
    found = populations.compare(rows, trial, [study.primary_outcome]).set_index("contrast")
    expected = 100 * found.loc[study.contrast, "estimate"]
    for table, row, column in at.values():
        cells = table.cells.set_index(["row", "column", "statistic"])["value"]
        assert cells[row, column, "difference"] == pytest.approx(expected)


def test_other_records_are_told_with_their_people(trial):
    """Main records first; then those of other tables, and all records of the study, which alone have everybody."""
    said = employment.records(trial)
    assert [sentence.key for sentence in said] == ["records_compared", "records_of_others", *["records_of_all"] * 2]
    assert [sentence.values["n"].value for sentence in said] == [1190, 1191, 1193, 1193]
    assert all(sentence.values["all"].value == len(trial.people) for sentence in said)

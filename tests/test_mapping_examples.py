"""The example mappings that come along give the right rows of tiny extracts; drafts are guessed from such."""

import shutil
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from analysis.__main__ import main
from analysis.book.mapping_preview import _untold, preview_of, write_draft
from analysis.show.catalogue import Catalogue
from analysis.study.finding import DATA
from analysis.study.intake import mapped_tables
from analysis.study.mapping.guess import shown_name
from analysis.study.yaml_files import read_yaml
from tests.extracts import FILES, ROWS
from tests.mapping_files import rows

EXAMPLES = {path.stem: path for path in (DATA / "mappings").glob("*.yml")}
WORDS = Catalogue("en")
DAY = date(2026, 1, 1)


def extract(folder: Path, name: str) -> Path:
    for file, text in FILES[name].items():
        (folder / file).write_text(text, encoding="utf-8")
    return folder


def test_every_example_is_tried():
    assert set(EXAMPLES) == set(FILES) == set(ROWS)


@pytest.mark.parametrize("name", sorted(ROWS))
def test_an_example_gives_the_rows_of_the_contract(tmp_path, name):
    shutil.copy(EXAMPLES[name], extract(tmp_path, name) / "mapping.yml")
    found = mapped_tables(tmp_path, None, ())
    assert {table: rows(found, table) for table in found.tables} == ROWS[name]
    for table in found.tables.values():
        for counted in table.counted:
            assert counted.records == counted.used + counted.faulty + sum(counted.left_out.values())


def test_the_schemes_before_march_2010_end_with_february(tmp_path):
    """A person who goes over has one spell; one who does not has none after the schemes ended."""
    shutil.copy(EXAMPLES["aap"], extract(tmp_path, "aap") / "mapping.yml")
    spells = rows(mapped_tables(tmp_path, None, ()), "benefit_spells")
    assert [spell[3:] for spell in spells if spell[0] == "P0001"] == [("2009-09-01", "2011-06-30")]
    assert [spell[4] for spell in spells if spell[0] == "P0004"] == ["2010-02-28"]


# --- drafts -------------------------------------------------------------------------------------------------------


PEOPLE = "Løpenr;Gruppe;Kjønn;Alder;Randomiseringsdato;Sivilstand;Merknad\n" + "".join(
    f"{number};{'TK'[number % 2]};{'MK'[number % 2]};{20 + number};{1 + number % 28}.03.2011;"
    f"{('Gift', 'Ugift', 'Enke')[0 if number > 2 else number]};hemmelig{number}\n" for number in range(1, 41)
)  # fmt: skip
WEEKS = "pid," + ",".join(f"uke_{week:02d}" for week in range(1, 53)) + "\n" + "7," + ",".join("J" * 52) + "\n"
# What a draft must say of an extract: table → field → rule.
DRAFTS = {
    "sykepenger": ("benefit_spells", {
        "participant_id": {"column": "lopenr", "prefix": "P"}, "degree": "gradering", "from_date": "fom",
        "to_date": "tom"}),
    "dagpenger": ("benefit_spells", {"participant_id": {"column": "lopenr", "prefix": "P"},
                                     "benefit": {"constant": "unemployment_benefit"}}),
    "aa_registeret": ("job_spells", {
        "employer_id": {"column": "orgnr", "prefix": "E"}, "agreed_hours": "timer_per_uke", "from_date": "ansatt_fra",
        "to_date": "ansatt_til"}),
    "a_ordningen": ("job_spells", {"agreed_hours": {"column": "stillingsprosent", "factor": 0.375},
                                   "from_date": "startdato", "to_date": "sluttdato"}),
    "tiltak": ("measures", {"from_date": "deltaker_fra", "to_date": "deltaker_til"}),
}  # fmt: skip


def drafted(folder: Path) -> dict:
    write_draft(folder, DAY, WORDS)
    tables = read_yaml(folder / "mapping.yml")["tables"]
    return {table: rule["sources"][0]["fields"] for table, rule in tables.items()}


@pytest.mark.parametrize("name", DRAFTS)
def test_a_draft_is_guessed_from_names_and_values(tmp_path, name):
    table, wanted = DRAFTS[name]
    found = drafted(extract(tmp_path, name))[table]
    assert {field: found.get(field) for field in wanted} == wanted


def test_a_draft_of_people_and_its_preview(tmp_path):
    (tmp_path / "deltakere.csv").write_text(PEOPLE, encoding="utf-8")
    found = drafted(tmp_path)
    assert found["participants"] == {
        "participant_id": {"column": "Løpenr", "prefix": "P"},
        "arm": {"column": "Gruppe", "values": {"K": "k", "T": "t"}},
        "included_on": "Randomiseringsdato",
        "birth_date": {"column": "Alder", "age_on": "Randomiseringsdato"},
        "sex": {"column": "Kjønn", "values": {"K": "woman", "M": "man"}},
    }
    assert found["background"]["marital_status"]["values"] == {"Gift": "married_partner"}
    text = (tmp_path / "mapping.yml").read_text(encoding="utf-8")
    assert "# name and values fit" in text and "# the name fits" in text and "2 rarer values not shown" in text
    lines = "\n".join(preview_of(tmp_path, WORDS)[0])
    assert "40 rows = 40 used" in lines and "sex from Kjønn: man 20, woman 20" in lines
    for told in (text, lines):
        assert not any(word in told for word in ("Enke", "Ugift", "hemmelig", "2011-03", "03.2011"))


def test_a_code_that_a_draft_makes_of_a_value_has_all_its_letters(tmp_path):
    (tmp_path / "deltakere.csv").write_text(PEOPLE.replace(";K;", ";Før Ås;"), encoding="utf-8")
    assert drafted(tmp_path)["participants"]["arm"]["values"] == {"Før Ås": "for_as", "T": "t"}


def test_a_draft_names_weeks_and_what_fits_nothing(tmp_path):
    (tmp_path / "uker.csv").write_text(WEEKS, encoding="utf-8")
    line = write_draft(tmp_path, DAY, WORDS)[-1]
    assert "uke_{nn}" in line and not (tmp_path / "mapping.yml").exists()


def test_a_mapping_is_never_overwritten(tmp_path, capsys):
    extract(tmp_path, "sykepenger")
    assert main(["map", str(tmp_path)]) == 0 and "written as a draft" in capsys.readouterr().out
    before = (tmp_path / "mapping.yml").read_bytes()
    with pytest.raises(FileExistsError):
        write_draft(tmp_path, DAY, WORDS)
    assert main(["map", str(tmp_path)]) in (0, 2)
    assert (tmp_path / "mapping.yml").read_bytes() == before


def test_the_command_tells_counts_and_problems(tmp_path, capsys):
    shutil.copy(EXAMPLES["sykepenger"], extract(tmp_path, "sykepenger") / "mapping.yml")
    assert main(["map", str(tmp_path)]) == 0
    told = capsys.readouterr().out
    assert "from sykepenger.csv: 6 rows = 4 used + 2 left out + 0 with problems" in told
    assert "left out by the filter sickness benefit: 1" in told
    assert "codes of fewer than 5 rows" not in told  # a constant is no code of the extract
    (tmp_path / "sykepenger.csv").write_text(FILES["sykepenger"]["sykepenger.csv"].replace("03.01.2011", "33.01.2011"))
    assert main(["map", str(tmp_path)]) == 2
    told = capsys.readouterr()
    assert "3 used + 2 left out + 1 with problems" in told.out
    assert "sykepenger.csv, line 2, column fom" in told.err and "33.01" not in told.err


def test_codes_of_few_rows_are_not_told(tmp_path, capsys):
    text = FILES["dagpenger"]["dagpenger.csv"] + "".join(f"{number};DAGO;01.02.2011;\n" for number in range(4, 8))
    (tmp_path / "dagpenger.csv").write_text(text, encoding="utf-8")
    shutil.copy(EXAMPLES["dagpenger"], tmp_path / "mapping.yml")
    assert main(["map", str(tmp_path)]) == 0
    told = capsys.readouterr().out
    assert "benefit from rettighet: codes of fewer than 5 rows, and what would tell them, not shown" in told
    assert "individual_allowance" not in told and "unemployment_benefit" not in told


@pytest.mark.parametrize(("rows", "untold"), [
    ([9, 5], []), ([9, 1], [1, 9]), ([], []), ([9, 7, 4], [4, 7]), ([9, 7, 1, 2], [1, 2, 7]), ([9, 3, 3], [3, 3]),
])  # fmt: skip
def test_no_difference_from_all_rows_tells_of_a_few(rows, untold):
    counted = pd.Series(rows, list("abcd")[: len(rows)], dtype=int)
    assert counted[_untold(counted)].tolist() == untold


def test_the_command_without_a_folder_files_or_the_right_to_write(tmp_path, capsys, monkeypatch):
    assert main(["map", str(tmp_path / "none")]) == 2
    assert "There is no such folder" in capsys.readouterr().err
    assert main(["map", str(tmp_path)]) == 0
    assert "no file with a table" in capsys.readouterr().out
    extract(tmp_path, "sykepenger")
    monkeypatch.setattr(Path, "open", _denied)
    assert main(["map", str(tmp_path)]) == 2
    assert "cannot be written: Permission denied" in capsys.readouterr().err


def _denied(path: Path, mode: str = "r", **options):
    if mode == "x":
        raise PermissionError(13, "Permission denied")
    return open(path, mode, **options)


def test_a_header_that_is_a_row_of_values_is_not_told():
    assert [shown_name(name, 3) for name in ("fra dato", "01019912345", "12.03.2011", "p12345678")] == [
        "fra dato", "(3)", "(3)", "(3)"]  # fmt: skip

"""A built report is looked over before it leaves: names, days of birth, counts of a few people, other files."""

import gzip
import json
import shutil
from dataclasses import replace
from io import BytesIO
from zipfile import ZipFile

import pytest

from analysis.__main__ import main
from analysis.book import releases
from analysis.book.failures import ReportFailed
from analysis.book.inputs import seen
from analysis.book.release import look_over
from analysis.book.search_index import TEXTS, write_search
from analysis.frames.trial import open_trial
from analysis.show.catalogue import Catalogue
from analysis.show.disclosure.released import Released
from analysis.study.finding import DATA


@pytest.fixture(scope="module")
def trial():
    trial = open_trial(DATA / "ips")
    return replace(trial, study=replace(trial.study, disclosure="protected"))


@pytest.fixture
def html(tmp_path):
    """A report of one page and one download that tells nothing it should not."""
    results = tmp_path / "html" / "results" / "employment"
    results.mkdir(parents=True)
    (tmp_path / "html" / "index.html").write_text("<p>In 2015, 184 people took part; 12 of 30 in month 18.</p>")
    (results / "observed.csv").write_text("row,statistic,value\na,n,12\nb,n,:\nb,p,0.3\n")
    return tmp_path / "html"


def test_a_report_that_tells_of_groups_alone_may_leave(html, trial):
    looked = look_over(html, trial)
    assert (looked.files, looked.hidden, looked.told, looked.findings) == (2, 1, 3, ())


@pytest.mark.parametrize("file", ["index.html", "search.js", "chapter.ipynb", "drawing.svg", "results/more.csv"])
def test_a_name_of_a_person_is_found_in_whatever_file_and_not_repeated(html, trial, file):
    name = str(trial.tables["participants"]["participant_id"].iloc[7])
    (html / file).write_text(f'x,"{name}",y\n')
    [finding] = look_over(html, trial).findings
    assert finding.file == file and "names or days of birth" in finding.cause and name not in str(finding)


@pytest.mark.parametrize("pack", [gzip.compress, lambda data: _zipped("a/b.json", data),
                                  lambda data: _zipped("x.jsonl.gz", gzip.compress(data))])  # fmt: skip
def test_what_is_packed_is_looked_over_too(html, trial, pack):
    """As the traces of a report are."""
    name = str(trial.tables["participants"]["participant_id"].iloc[7])
    path = html / ("trace.jsonl.gz" if pack is gzip.compress else "everything.zip")
    path.write_bytes(pack(b'{"x": 1}'))
    assert look_over(html, trial).findings == ()
    path.write_bytes(pack(f'{{"x": "{name}"}}'.encode()))
    assert [finding.file for finding in look_over(html, trial).findings] == [path.name]


def _zipped(name, data):
    packed = BytesIO()
    with ZipFile(packed, "w") as archive:
        archive.writestr(name, data)
    return packed.getvalue()


def test_a_name_in_the_packed_texts_of_the_search_is_found(html, trial):
    name = str(trial.tables["participants"]["participant_id"].iloc[7])
    write_search(html, {"index.html": {"title": "A page", "parts": [["", "", f"told of {name} here"]]}}, Catalogue())
    [finding] = look_over(html, trial).findings
    assert finding.file == TEXTS and name not in (html / TEXTS).read_text()


def test_a_day_of_birth_is_found(html, trial):
    born = trial.tables["participants"]["birth_date"].dropna().iloc[3].strftime("%Y-%m-%d")
    (html / "index.html").write_text(f"<p>born {born}</p>")
    assert len(look_over(html, trial).findings) == 1


@pytest.mark.parametrize("rows", ["statistic,value\nn,3\n", "month,n\n1,2\n", "arm,n_treated,n_control\nall,40,1\n"])
def test_a_count_of_a_few_people_in_a_download_is_found(html, trial, rows):
    (html / "results" / "employment" / "few.csv").write_text(rows)
    [finding] = look_over(html, trial).findings
    assert finding.file.endswith("few.csv") and "fewer than 5: 1" in finding.cause


def test_counts_that_the_print_has_may_be_told_and_those_of_an_open_study_too(html, trial):
    (html / "results" / "employment" / "few.csv").write_text("statistic,value,kind\nn,3,published\n")
    assert look_over(html, trial).findings == ()
    (html / "results" / "employment" / "few.csv").write_text("statistic,value\nn,3\n")
    assert look_over(html, replace(trial, study=replace(trial.study, disclosure="as_published"))).findings == ()


def test_data_have_no_place_in_a_report(html, trial):
    (html / "people.parquet").write_bytes(b"PAR1")
    assert [finding.file for finding in look_over(html, trial).findings] == ["people.parquet"]


def test_the_command_says_and_logs_what_it_found(html, tmp_path, capsys):
    log = tmp_path / "log.json"
    assert main(["release-check", str(tmp_path), "--study", "ips", "--log", str(log)]) == 0
    assert "nothing found" in capsys.readouterr().out
    (html / "people.parquet").write_bytes(b"PAR1")
    assert main(["release-check", str(tmp_path), "--study", "ips", "--log", str(log)]) == 1
    logged = json.loads(log.read_text())
    assert logged["findings"] == ["people.parquet: this kind of file has no place in a report"]
    assert logged["files"] == 3 and len(logged["sha256"]) == 64
    assert main(["release-check", str(tmp_path / "nothing"), "--study", "ips"]) == 2


def test_a_report_is_looked_over_with_the_study_that_it_is_made_from(html, tmp_path, capsys):
    """With another one it would be held to other people and other rules, and found to tell nothing."""
    study = shutil.copytree(DATA / "ips", tmp_path / "study", ignore=shutil.ignore_patterns("published"))
    (study / "raw").mkdir()
    (study / "raw" / "jobs.db").touch()
    files = {path.relative_to(study).as_posix(): {"sha256": file.sha256} for path, file in seen(study).items()}
    files["raw/jobs.db (jobs)"] = files["raw/jobs.db"]
    facts = {"data": {"ips": files, "beside": {}}, "code": {"revision": "abc"}, "parameters": {"conf_level": 0.9}}
    (html / "provenance.json").write_text(json.dumps(facts))
    log = tmp_path / "log.json"
    command = ["release-check", str(tmp_path), "--log", str(log), "--study"]
    for _ in range(2):  # a release on record changes nothing
        assert main([*command, str(study)]) == 0
        assert "The report is about beside, too" in capsys.readouterr().out
        (study / "releases").mkdir(exist_ok=True)
        (study / "releases" / "one.json").write_text('{"told": []}')
    main([*command, str(study)])
    logged = json.loads(log.read_text())
    assert (logged["program"], logged["parameters"]) == (facts["code"], facts["parameters"])
    assert (logged["rounding"], logged["earlier_releases"]) == (None, ["one.json"])
    assert {name: each["bytes"] for name, each in logged["leaves"].items()} == {
        path.relative_to(html).as_posix(): path.stat().st_size for path in html.rglob("*") if path.is_file()
    }
    (study / "job_spells.csv").write_bytes((study / "job_spells.csv").read_bytes() + b"\n")
    for other in (str(study), "sfj"):
        assert main([*command, other]) == 2 and "is not made from" in capsys.readouterr().err


def test_a_report_that_may_leave_is_put_on_record_for_the_next_one(html, tmp_path, trial, capsys):
    study = shutil.copytree(DATA / "ips", tmp_path / "study", ignore=shutil.ignore_patterns("published"))
    kept = tmp_path / "executed" / "en" / "employment"
    kept.mkdir(parents=True)
    told = [(("employment", "table", "observed", "a", "n"), (12,)), (("employment", "says", "x"), ())]
    system = Released(told, [[40, 21, 19], [12, 5, 7]], [True, False], [[0, 1]], [(1, 0)], [[1]])
    (kept / "people.json").write_text(json.dumps({"study": "ips", **system.stored()}))
    command = ["release-check", str(tmp_path), "--study", str(study)]
    assert main(command) == 0 and releases.earlier(replace(trial, folder=study), 2) == []
    assert main([*command, "--record"]) == main([*command, "--record"]) == 0
    assert "Put on record" in capsys.readouterr().out
    [release] = releases.earlier(replace(trial, folder=study), 2)
    assert release.people == told and (release.vectors, release.told) == (system.vectors, system.told)
    for unreadable in (3, 2):  # of another number of halves, and not as it was
        with pytest.raises(ReportFailed, match="cannot be read"):
            releases.earlier(replace(trial, folder=study), unreadable)
        next((study / "releases").iterdir()).write_text("{}")
    (html / "people.parquet").write_bytes(b"PAR1")
    shutil.rmtree(study / "releases")
    assert main([*command, "--record"]) == 1 and not (study / "releases").exists()

"""A finished report is attacked: told is what its files tell, and what follows from it about a few people is found."""

import json
from dataclasses import replace

import pytest

from analysis.book import release, release_attack
from analysis.book.failures import ReportFailed
from analysis.book.release_attack import Files, attack
from analysis.frames.halves import drawn
from analysis.frames.trial import open_trial
from analysis.show.disclosure.gate import Guard
from analysis.show.disclosure.in_halves import nobodys_of
from analysis.show.disclosure.plan import Plan, system_of
from analysis.show.disclosure.told import COUNT, NOBODYS, OTHER, Told
from analysis.show.files import with_hidden
from analysis.show.kept import IN_WORDS, Kept
from analysis.show.prose import HIDDEN
from analysis.show.tables import Table
from analysis.study.finding import DATA
from tests.test_disclosure import PAGE, heard, invented, planned, results_of


@pytest.fixture(scope="module")
def people():
    return invented()


@pytest.fixture(scope="module")
def plan(people) -> Plan:
    return planned(people)


@pytest.fixture
def out(people, plan, tmp_path):
    """The files of a report that its plan protects, as a page writes them."""
    guard, folder = Guard(plan, "[not shown]"), tmp_path / "html" / "results" / PAGE
    folder.mkdir(parents=True)
    results = {name: guard.result(result, PAGE) for name, result in results_of(people).items()}
    for table in (result for result in results.values() if isinstance(result, Table)):
        hidden = table.cells["hidden"]
        table.cells.assign(value=table.cells["value"].astype(object).mask(hidden, HIDDEN)).drop(
            columns=["hidden", "count"]
        ).to_csv(folder / f"{table.key}.csv", index=False)
    drawn_there = results["drawn"]
    with_hidden(drawn_there.frame, drawn_there.hidden).to_csv(folder / "balance.csv", index=False)
    kept = Kept(lambda name, content: (folder / name).write_bytes(bytes(content)), None)
    for name in ("said", "gap", "centres"):
        kept.told(results[name], PAGE)
    return tmp_path


@pytest.fixture
def attacked(people, monkeypatch):
    """Attacks a folder whose report was rehearsed on the invented people."""
    parts = [heard(people[half]) for half in drawn(people.index, 16)]
    monkeypatch.setattr(release_attack, "rehearsed", lambda *_: (heard(people), parts))
    monkeypatch.setattr(release_attack, "_programs", lambda *_: [["page.show(...)"]])
    trial = open_trial(DATA / "ips")
    return lambda out: attack(out, trial)


def test_the_files_tell_what_the_plan_lets_them_tell(out, plan, people):
    told = heard(people)
    files = Files(out / "html" / "results", open_trial(DATA / "ips").study, told)
    _, rows = system_of(told, [heard(people[half]) for half in drawn(people.index, 16)])
    assert {address for address in rows if files.tell(address)} == plan.told & set(rows)
    assert plan.hidden & set(rows)


def test_nothing_can_be_worked_out_from_what_a_plan_protects(out, attacked):
    done = attacked(out)
    assert done.found_out == () and 0 < done.told < done.counts
    assert done.bounds and all(least <= 4 and (most is None or most >= 5) for _, least, most in done.bounds)


def told_instead(out, file: str, hidden: str, told: str) -> None:
    path = out / "html" / "results" / PAGE / file
    text = path.read_text()
    assert hidden in text
    path.write_text(text.replace(hidden, told))


@pytest.mark.parametrize("file", ["background.csv", "balance.csv"])
def test_a_number_that_a_file_tells_against_the_plan_is_found_out_by_the_numbers_beside_it(out, attacked, file):
    told_instead(out, file, HIDDEN, "0.31")
    assert attacked(out).found_out


def test_a_number_that_a_sentence_tells_against_the_plan_is_found_out(out, attacked, plan, people):
    """And any other of the same words that is hidden is not taken for told with it."""
    path = out / "html" / "results" / PAGE / IN_WORDS
    hidden = [(PAGE, "says", "", "pensioners", name) for name in ("few", "share")]
    assert plan.hidden >= {*hidden} and attacked(out).found_out == ()
    told = json.loads(path.read_text())
    path.write_text(json.dumps([*told, {"at": hidden[0], "value": 0.31}]))
    files = Files(out / "html" / "results", open_trial(DATA / "ips").study, heard(people))
    assert attacked(out).found_out and [files.tell(each) for each in hidden] == [True, False]


def test_words_of_a_page_that_keeps_no_record_of_them_count_as_told(out, attacked):
    (out / "html" / "results" / PAGE / IN_WORDS).unlink()
    assert attacked(out).found_out


def test_a_download_of_another_form_than_the_rehearsal_told_counts_as_told(out, attacked):
    path = out / "html" / "results" / PAGE / "background.csv"
    path.write_text("".join(path.read_text().splitlines(keepends=True)[:-1]))
    assert attacked(out).found_out


def test_a_report_without_its_notebooks_is_not_called_safe(out):
    with pytest.raises(ReportFailed, match="no executed notebooks"):
        attack(out, open_trial(DATA / "ips"))


def test_what_is_found_out_is_told_and_logged_by_its_place(out, attacked, monkeypatch):
    looked = release._attacked(release.Looked(1, "", 0, 0, ()), attacked(out))
    assert looked.findings == ()
    told_instead(out, "background.csv", HIDDEN, "0.31")
    trial = open_trial(DATA / "ips")
    looked = release._attacked(release.Looked(1, "", 0, 0, ()), attacked(out))
    assert looked.findings and all("can be worked out" in str(finding) for finding in looked.findings)
    logged = json.loads(release.as_log(looked, trial, out / "html"))
    assert len(logged["attack"]["bounds"]) == len(looked.attacked.bounds) and logged["attack"]["found_out"]


def test_a_listing_and_a_table_in_parts_are_found_in_their_files(tmp_path):
    """A row of a listing is one row, whatever stands in its cells; a part of a table has a file of its own."""
    folder = tmp_path / "page"
    folder.mkdir()
    (folder / "words.csv").write_text("what,people\na,5\nb,:\nb,7\n")
    (folder / "means_of_some.csv").write_text("row,column,statistic,value\nx,arm,n,:\n")
    row = ("page", "listing", "words")
    listed = [(*row, "a", "people"), (*row, "a", "reason", "by"), (*row, "b", "people"), (*row, "b", "2", "people")]
    (folder / IN_WORDS).write_text(json.dumps([{"at": listed[1], "value": 9}]))
    table = ("page", "table", "means_of_some", "x", "arm", "n")
    files = Files(tmp_path, open_trial(DATA / "ips").study, [*listed, table])
    assert [files.tell(each) for each in (*listed, table)] == [True, True, False, True, False]


def test_limits_that_stand_beside_a_hidden_number_are_found(tmp_path):
    folder = tmp_path / "html" / "results" / "page"
    folder.mkdir(parents=True)
    (folder / "shares.csv").write_text(
        "table,row,column,statistic,value\nshares,a,arm,pct,:\nshares,a,arm,ci_low,:\nshares,a,arm,ci_high,31.2\n"
        "shares,b,arm,pct,40.1\nshares,b,arm,ci_low,33.3\nothers,b,arm,n,:\n"
    )
    (folder / "drawn.csv").write_text("row,estimate,conf_low,conf_high\na,:,:,:\nb,:,0.1,0.4\nc,0.3,0.2,0.4\n")
    ips = open_trial(DATA / "ips")
    trial = replace(ips, study=replace(ips.study, disclosure="protected"))
    found = [str(each) for each in release.look_over(tmp_path / "html", trial).findings]
    assert found == [f"results/page/{name}.csv: limits and tests beside a hidden number: {number}"
                     for name, number in (("drawn", 2), ("shares", 1))]  # fmt: skip


def test_what_counts_no_people_may_be_a_few_and_need_not_be_rounded(tmp_path):
    """The print's numbers, which no half changes, and tallies; any other count is still found, and one not rounded."""
    folder = tmp_path / "html" / "results" / "page"
    folder.mkdir(parents=True)
    (folder / "both.csv").write_text("row,column,statistic,value\nprinted,arm,n,3\nown,arm,n,7\nown,arm,mean,2\n")
    (folder / "verdicts.csv").write_text("row,column,statistic,value\nprinted,exact,n,3\nprinted,new,n,1\n")
    at = ("page", "table", "both")
    both = {(*at, "printed", "arm", "n"): Told((*at, "printed", "arm", "n"), COUNT, 3.0),
            (*at, "own", "arm", "n"): Told((*at, "own", "arm", "n"), COUNT, 7.0),
            (*at, "own", "arm", "mean"): Told((*at, "own", "arm", "mean"), OTHER, 2.0)}  # fmt: skip
    (folder / "shown.csv").write_text("what\nprinted\n")
    shown = ("page", "listing", "shown", "printed", "on the page")
    both |= {shown: Told(shown, COUNT, 3.0)}
    tally = ("page", "table", "verdicts", "printed", "exact", "n")
    everybody = {address: [each] for address, each in both.items()} | {tally: [Told(tally, NOBODYS, 3.0)]}
    half = {address: [replace(told, value=told.value - ("own" in address)) for told in heard]
            for address, heard in everybody.items()}  # fmt: skip
    ips = open_trial(DATA / "ips")
    trial = replace(ips, study=replace(ips.study, disclosure="protected", rounding=5))
    files = Files(tmp_path / "html" / "results", trial.study, everybody)
    nobodys = files.cells(everybody, nobodys_of(everybody, [half, half]))
    found = release.look_over(tmp_path / "html", trial, nobodys=nobodys).findings
    assert [str(each) for each in found] == ["results/page/both.csv: counts that are no multiples of 5: 1"]
    assert release.look_over(tmp_path / "html", trial, {"page": frozenset()}).findings == ()
    name = str(trial.tables["participants"]["participant_id"].iloc[7])  # of this study on a page of its companion
    (folder / "named.txt").write_text(name)
    assert [each.file for each in release.look_over(tmp_path / "html", trial, {"page": frozenset()}).findings] == [
        "results/page/named.txt"]  # fmt: skip
    assert release.look_over(tmp_path / "html", trial, {"page": frozenset({name})}).findings == ()

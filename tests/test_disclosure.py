"""Protected output: what a report tells of a few people, or would let an outsider work out, is hidden everywhere."""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from bs4 import BeautifulSoup

from analysis.frames.halves import drawn, random_halves
from analysis.frames.trial import open_trial
from analysis.show import catalogue
from analysis.show import page as publish
from analysis.show.disclosure import gate_of, policy, recording, write_plan
from analysis.show.disclosure.attack import exposed
from analysis.show.disclosure.gate import UNTOLD, Guard, Recorder
from analysis.show.disclosure.plan import _Planner, plan_of
from analysis.show.disclosure.released import Released
from analysis.show.disclosure.rounding import to_base
from analysis.show.disclosure.told import COUNT, Told
from analysis.show.figures import Figure, alt_text
from analysis.show.figures.words import Words
from analysis.show.files import with_hidden
from analysis.show.kept import IN_WORDS
from analysis.show.listing import Listing
from analysis.show.page import Page
from analysis.show.prose import HIDDEN, Label, Sentence, count, decimal, p_value, percent, tally
from analysis.show.tables import Table, cells

PAGE = "chapter"
WORDS = """
sentences: {gap: {higher: "{points} more"}, centres: "{n} centres"}
tables:
  background: {caption: Status}
  background_means: {caption: Scores}
rows: {work: work, sick: sick, pension: pension, number: number, all: all}
columns: {new: new, usual: usual, total: total}
"""


def invented(seed: int = 1) -> pd.DataFrame:
    """Sixty people in two arms; three of the controls are on a pension, two of the treated have no score."""
    draw = np.random.default_rng(seed)
    people = pd.DataFrame({"arm": np.repeat(["new", "usual"], 30), "status": draw.choice(["work", "sick"], 60)})
    people.loc[30:32, "status"] = "pension"
    people["score"] = draw.normal(20, 5, 60)
    return people


def results_of(people: pd.DataFrame) -> dict[str, object]:
    """What a report of these people tells, as chapters make it."""
    rows, arms = [], {arm: people[people["arm"] == arm] for arm in ("new", "usual")}
    for arm, own in arms.items():
        n = len(own)
        for status in ("work", "sick", "pension"):
            rows.append((status, arm, "pct", 100 * (own["status"] == status).mean(), n))
        rows.append(("number", arm, "n", n, n))
    pensioners = people[people["status"] == "pension"]
    means = [(group, "total", name, value, len(own)) for group, own in (("all", people), ("pension", pensioners))
             for name, value in (("mean", own["score"].mean()), ("sd", own["score"].std()))]  # fmt: skip
    shares = pd.DataFrame([{"row": status, "arm": arm, "estimate": (own["status"] == status).mean(), "n": len(own)}
                           for arm, own in arms.items() for status in ("work", "pension")])  # fmt: skip
    few, every = len(pensioners), len(people)
    both = {"few": count(few), "all": count(every), "share": percent(100 * few / every)}
    gap = arms["new"]["score"].mean() - arms["usual"]["score"].mean()
    return {
        "statuses": Table("background", cells(rows)),
        "means": Table("background_means", cells(means)),
        "drawn": Figure("balance", "bars", shares, {"percent": True}),
        "said": Sentence("pensioners", both),
        "gap": Sentence("gap", {"points": decimal(gap)}),
        "centres": Sentence("centres", {"n": count(6)}),
    }


def hearing(tell: Callable[[pd.DataFrame], Iterable]) -> Callable[[pd.DataFrame], dict]:
    """What is heard of people of whom a report tells these results."""

    def hear(people: pd.DataFrame) -> dict:
        recorder = Recorder()
        for result in tell(people):
            recorder.result(result, PAGE)
        return recorder.heard

    return hear


def heard(people: pd.DataFrame) -> dict:
    return hearing(lambda some: results_of(some).values())(people)


def planned(people: pd.DataFrame, halves: int = 16, threshold: int = 5, earlier: Sequence = (), hear=None, base=None):
    hear = hear or heard
    parts = [hear(people[half]) for half in drawn(people.index, halves)]
    return plan_of(hear(people), parts, threshold, earlier, base)


@pytest.fixture(scope="module")
def people():
    return invented()


@pytest.fixture(scope="module")
def guard(people):
    return Guard(planned(people), "[not shown]")


def hidden_in(table: Table) -> set[tuple[str, str, str]]:
    kept = table.cells[table.cells["hidden"]] if "hidden" in table.cells else table.cells[:0]
    return set(kept[["row", "column", "statistic"]].itertuples(index=False, name=None))


def test_a_few_people_are_hidden_and_one_more_so_that_no_total_gives_them_away(guard, people):
    hidden = hidden_in(guard.result(results_of(people)["statuses"], PAGE))
    assert ("pension", "usual", "pct") in hidden
    beside = {("work", "usual", "pct"), ("sick", "usual", "pct"), ("number", "usual", "n")}
    assert hidden & beside
    assert ("pension", "new", "pct") not in hidden  # nobody: zeros may be told
    assert not hidden & {("work", "new", "pct"), ("sick", "new", "pct"), ("number", "new", "n")}


def test_a_mean_of_a_few_people_is_hidden_with_its_spread(guard, people):
    hidden = hidden_in(guard.result(results_of(people)["means"], PAGE))
    assert hidden == {("pension", "total", "mean"), ("pension", "total", "sd")}


def test_a_figure_has_a_gap_where_a_table_has_a_sign(guard, people):
    drawn = guard.result(results_of(people)["drawn"], PAGE)
    pension = (drawn.frame["row"] == "pension") & (drawn.frame["arm"] == "usual")
    assert drawn.frame.loc[pension, "estimate"].isna().all() and drawn.hidden.loc[pension, "estimate"].all()
    assert drawn.frame["estimate"].dropna().map(lambda share: round(share, 3) == share).all()


def test_a_sentence_says_that_it_leaves_out_a_number(guard, people):
    said = guard.result(results_of(people)["said"], PAGE)
    assert said.values["few"] == said.values["share"] == "[not shown]"
    assert guard.stands_in("Of 60 people [not shown] were on a pension.") and not guard.stands_in("Of 60 people …")


def test_what_nobody_knows_the_people_of_is_hidden_and_what_is_about_nobody_told(guard, people):
    gap, centres = (guard.result(results_of(people)[name], PAGE) for name in ("gap", "centres"))
    assert gap.values["points"] == "[not shown]" and centres.values["n"] == count(6)
    assert any(address[2:4] == ("", "gap") for address in guard.plan.unknown)


def test_a_number_that_was_not_rehearsed_is_hidden(guard):
    new = Table("unheard_of", cells([("a", "b", "n", 500.0, 500.0)]))
    assert hidden_in(guard.result(new, PAGE)) == {("a", "b", "n")}
    assert guard.plan.hides(Told(("elsewhere", "number", "n"), COUNT, 500.0))


def test_with_a_smaller_threshold_less_is_hidden(people):
    assert len(planned(people, threshold=3).hidden) < len(planned(people, threshold=5).hidden)
    assert not hidden_in(Guard(planned(people, threshold=2), "x").result(results_of(people)["statuses"], PAGE))


def test_what_an_earlier_release_told_of_one_person_more_is_not_told_again(people):
    released = planned(people).released
    fewer = people.drop(people.index[(people["arm"] == "new") & (people["status"] == "work")][0])
    before, after = planned(fewer), planned(fewer, earlier=[released])
    new = {(PAGE, "table", "background", *place) for place in [("number", "new", "n"), ("work", "new", "pct")]}
    mean = {(PAGE, "table", "background_means", "all", "total", "mean")}
    assert not before.hidden & (new | mean) and new | mean <= after.hidden
    assert before.near_earlier == 0 and after.near_earlier >= len(new | mean)
    assert (PAGE, "table", "background", "number", "usual", "n") not in after.hidden - before.hidden
    assert len(exposed(before.counts, before.hidden_counts)) == len(exposed(after.counts, after.hidden_counts)) == 0


def test_releases_are_one_system_whatever_their_addresses_and_settings(people, monkeypatch):
    """The first hides a second status of the arm with three pensioners; the next tells that one alone, elsewhere."""
    first = planned(people)
    [other] = {address[3] for address in first.hidden if address[2:3] == ("background",)} - {"pension"}
    assert other in ("work", "sick")

    def hear(own: pd.DataFrame) -> dict:
        recorder = Recorder()
        recorder.numbers({"those": int(((own["status"] == other) & (own["arm"] == "usual")).sum())}, "elsewhere")
        return recorder.heard

    assert not planned(people, hear=hear).hidden
    assert planned(people, earlier=[first.released], hear=hear).hidden == {("elsewhere", "number", "those")}
    monkeypatch.setattr(_Planner, "_join_earlier", lambda *_: None)
    assert not planned(people, earlier=[first.released], hear=hear).hidden


def test_a_sentence_whose_test_is_hidden_is_not_told(people):
    """Whichever of its variants stands there would tell on which side of the level the p-value lies."""
    guard = Guard(planned(people), "x")
    assert guard.result(Sentence("no_sign", {"tests": tally(6), "p": p_value(0.3)}), PAGE) == UNTOLD
    assert guard.result(Sentence("no_sign", {"tests": tally(6)}), PAGE) != UNTOLD


def test_what_counts_nobody_is_told_though_no_plan_knows_it(people):
    """Three of seven scores, at a level of 95%: as small as a group, and about nobody."""
    said = Sentence("some", {"people": count(3), "scores": tally(3), "level": tally(95)})
    told = Guard(planned(people), "x").result(said, PAGE).values
    assert (told["people"], told["scores"], told["level"]) == ("x", tally(3), tally(95))


def test_the_same_release_again_hides_the_same(people):
    once = planned(people)
    again = planned(people, earlier=[once.released])
    assert (again.hidden, again.near_earlier) == (once.hidden, 0)
    assert all(address not in once.hidden for address, _ in once.released.people)


def test_a_release_is_the_same_once_it_was_stored(people):
    once = planned(people)
    read = Released.read(json.loads(json.dumps(once.released.stored())))
    assert read.by_address() == once.released.by_address()
    assert planned(people, earlier=[read]).hidden == once.hidden


@pytest.fixture(scope="module")
def rounding(people):
    """A gate that rounds numbers of people to multiples of seven."""
    return Guard(planned(people, base=7), "[not shown]")


def test_counts_are_rounded_and_shares_are_those_of_rounded_counts(rounding, people):
    own = dict(iter(people.groupby("arm")))
    told = rounding.result(results_of(people)["statuses"], PAGE)
    shown = told.cells[~told.cells["hidden"]].set_index(["column", "row", "statistic"])["value"]
    assert shown["new", "number", "n"] == 28  # of 30
    works = int((own["new"]["status"] == "work").sum())
    assert works % 7 and shown["new", "work", "pct"] == pytest.approx(100 * 7 * round(works / 7) / 28)
    drawn = rounding.result(results_of(people)["drawn"], PAGE).frame.set_index(["row", "arm"])
    assert drawn.loc[("work", "new"), "n"] == 28
    assert drawn.loc[("work", "new"), "estimate"] == round(7 * round(works / 7) / 28, 3)
    said = rounding.result(results_of(people)["said"], PAGE).values
    assert said["all"] == count(63) and said["few"] == said["share"] == "[not shown]"


def test_means_and_what_is_about_nobody_are_not_rounded(rounding, guard, people):
    for name in ("means", "centres"):
        plain, rounded = (gate.result(results_of(people)[name], PAGE) for gate in (guard, rounding))
        assert str(plain) == str(rounded)


def test_rounding_hides_nothing_more_and_what_one_address_tells_twice_is_hidden(rounding, guard):
    assert rounding.plan.hidden == guard.plan.hidden
    assert not guard.plan.rounded and all(value == value for value in rounding.plan.rounded.values())


def test_a_difference_of_shares_is_that_of_the_rounded_shares(people):
    def hear(own: pd.DataFrame) -> dict:
        recorder = Recorder()
        arms = {arm: own[own["arm"] == arm]["status"] == "work" for arm in ("new", "usual")}
        rows = [("work", arm, "pct", 100 * some.mean(), some.sum()) for arm, some in arms.items()]
        rows += [("number", arm, "n", len(some), len(some)) for arm, some in arms.items()]
        rows += [("work", "new", "difference", 100 * (arms["new"].mean() - arms["usual"].mean()), len(own))]
        recorder.result(Table("background", cells(rows)), PAGE)
        return recorder.heard

    told = {address[-3:]: value for address, value in planned(people, hear=hear, base=7).rounded.items()}
    shares = [told["work", arm, "pct"] for arm in ("new", "usual")]
    [exact] = hear(people)[PAGE, "table", "background", "work", "new", "difference"]
    assert told["work", "new", "difference"] == pytest.approx(100 * (shares[0] - shares[1])) != exact.value


def test_a_share_that_does_not_say_of_whom_is_rounded_as_the_one_that_does(people):
    def hear(own: pd.DataFrame) -> dict:
        recorder = Recorder()
        works = (own["status"] == "work").mean()
        recorder.result(Table("background", cells([("work", "total", "pct", 100 * works, len(own)),
                                                   ("number", "total", "n", len(own), len(own))])), PAGE)  # fmt: skip
        recorder.numbers({"works_pct": 100 * works}, PAGE)
        return recorder.heard

    told = planned(people, hear=hear, base=7).rounded
    assert told[PAGE, "number", "works_pct"] == 100 * told[PAGE, "table", "background", "work", "total", "pct"]


@pytest.mark.parametrize(("people", "base", "rounded"), [(0, 5, 0), (7, 5, 5), (8, 5, 10), (5, 10, 10), (14, 10, 10)])
def test_the_nearest_multiple(people, base, rounded):
    assert to_base(people, base) == rounded


def test_key_numbers_are_hidden_as_the_others_are(people):
    def told(own):
        recorder = Recorder()
        recorder.numbers({"pensioners": (own["status"] == "pension").sum(), "people": len(own)}, PAGE)
        return recorder.heard

    draw = np.random.default_rng(0).random((4, len(people))) < 0.5
    draw[1] = ~draw[0]
    guard = Guard(plan_of(told(people), [told(people[half]) for half in draw]), "x")
    numbers = guard.numbers({"pensioners": 3, "people": 60}, PAGE)
    assert np.isnan(numbers["pensioners"]) and numbers["people"] == 60


def test_a_frame_of_an_analysts_own_goes_through_the_gate(people):
    def counted(own):
        return own["status"].value_counts().rename_axis("status").reset_index(name="people")

    def told(own):
        recorder = Recorder()
        recorder.frame(counted(own), "own", PAGE)
        return recorder.heard

    draw = np.random.default_rng(0).random((6, len(people))) < 0.5
    draw[1] = ~draw[0]
    guard = Guard(plan_of(told(people), [told(people[half]) for half in draw]), "x")
    frame, hidden = guard.frame(counted(people), "own", PAGE)
    few = frame["status"] == "pension"
    assert frame.loc[few, "people"].isna().all() and hidden.loc[few, "people"].all()
    assert frame.loc[~few, "people"].notna().all()


@pytest.fixture(scope="module")
def bundled():
    return open_trial()


@pytest.fixture
def page(bundled, people, tmp_path, monkeypatch):
    """A page of a protected study, with the plan beside its notebook."""
    folder = tmp_path / "words" / "en"
    folder.mkdir(parents=True)
    (folder / "common.yml").write_text((catalogue.FOLDER / "en" / "common.yml").read_text(encoding="utf-8"))
    (folder / f"{PAGE}.yml").write_text(WORDS)
    (folder / "book.yml").write_text(f"chapter_titles: {{{PAGE}: Chapter}}")
    monkeypatch.setattr(catalogue, "FOLDER", folder.parent)
    protected = replace(bundled.study, disclosure="protected", data="real", as_printed=None)
    monkeypatch.setattr(publish, "open_trial", lambda folder: SimpleNamespace(folder=None, study=protected))
    monkeypatch.setattr(publish, "kinds_of", lambda trial, chapter: None)
    monkeypatch.chdir(tmp_path)
    write_plan(planned(people), protected, PAGE, tmp_path)
    return Page(PAGE, results=str(tmp_path / "results"))


def test_hidden_numbers_are_in_no_file_and_no_markup(page, people, tmp_path):
    results = results_of(people)
    shown = BeautifulSoup(page.show(results["statuses"]).html, "html.parser")
    row = next(row for row in shown.select("tbody tr") if row.th.get_text() == "pension" or HIDDEN in row.get_text())
    assert HIDDEN in [cell.get_text() for cell in row.select("td")]
    assert "fewer than 5 people" in shown.get_text()
    page.show(results["means"])
    written = pd.read_csv(tmp_path / "results" / PAGE / "background.csv", dtype=str)
    few = written[(written["row"] == "pension") & (written["column"] == "usual")]
    assert few["value"].tolist() == [HIDDEN] and "count" not in written and "hidden" not in written
    exact = people.loc[people["status"] == "pension", "score"].mean()
    everything = "".join(path.read_text() for path in (tmp_path / "results").rglob("*") if path.is_file())
    assert f"{exact:.6g}" not in everything and f"{exact:.1f}" not in everything
    assert "10.0" not in "".join(written["value"])  # 3 of 30
    assert "Numbers that would tell of fewer than 5 people" in page._repr_html_()


def test_a_page_says_once_that_something_is_not_shown_and_has_a_plain_title_then(page):
    """A figure whose numbers are all hidden is replaced by a line, also between others."""
    frame = pd.DataFrame([{"row": "all", "arm": "new", "estimate": 0.5, "n": 7.0}])  # nobody rehearsed it
    several = page.show_all(Figure("unheard", "bars", frame), Figure("unheard", "bars", frame)).html
    assert several.count("<em>The figure is left out") == 2 and "*" not in several
    said = [Sentence("gap", {"points": decimal(value)}, "higher") for value in (1.5, 2.5)]
    assert page.say(*said).text.count("is not shown here") == 1
    assert page.bullets(*said).text.count("is not shown here") == 1
    assert page.title(said[0]).text == "# Chapter"


def test_a_page_keeps_which_numbers_its_words_tell(page, people, tmp_path):
    page.say(results_of(people)["centres"])
    told = json.loads((tmp_path / "results" / PAGE / IN_WORDS).read_text())
    assert told == [{"at": [PAGE, "says", "", "centres", "n"], "value": 6.0}]


def test_a_plan_tells_addresses_and_no_numbers_of_people(page, tmp_path):
    stored = json.loads((tmp_path / policy.FILE).read_text())
    assert set(stored) == {"study", "page", "smallest_group", "hidden", "told", "rounded"}
    assert all(isinstance(part, str) for address in stored["hidden"] for part in address)


def test_a_plan_of_another_page_or_study_does_not_open_a_page(page, bundled):
    protected = replace(bundled.study, disclosure="protected", data="real")
    for other, chapter in ((protected, "health"), (replace(protected, name="another"), PAGE)):
        with pytest.raises(policy.NoPlan):
            gate_of(other, chapter, page.catalogue)


def test_pages_record_and_show_nothing_while_it_is_rehearsed(page, people):
    with recording() as recorder:
        rehearsed = Page(PAGE)
        assert rehearsed.show(results_of(people)["statuses"]).html == ""
    assert (PAGE, "table", "background", "pension", "usual", "pct") in recorder.heard


def test_random_halves_split_people_and_leave_what_is_about_nobody(bundled):
    first, second, third = random_halves(bundled, 3)
    whole = set(bundled.tables["participants"]["participant_id"])
    ids = [set(half.tables["participants"]["participant_id"]) for half in (first, second, third)]
    assert ids[0] | ids[1] == whole and not ids[0] & ids[1] and ids[2] not in ids[:2]
    assert 0.4 < len(ids[0]) / len(whole) < 0.6
    for half, own in zip((first, second, third), ids, strict=True):
        assert set(half.tables["questionnaires"]["participant_id"]) <= own
        assert half.tables["centres"].equals(bundled.tables["centres"])
    assert random_halves(bundled, 2)[0].tables["participants"].equals(first.tables["participants"])


def test_all_but_a_few_are_a_few(people):
    """58 of 60 with a property are 2 without it."""

    def told(own):
        recorder = Recorder()
        answered = own["score"].index % 30 != 29
        rows = [("answered", "total", "pct", 100 * answered.mean(), len(own)), ("number", "total", "n", len(own))]
        recorder.result(Table("answers", cells(rows)), PAGE)
        return recorder.heard

    draw = np.random.default_rng(0).random((6, len(people))) < 0.5
    draw[1] = ~draw[0]
    plan = plan_of(told(people), [told(people[half]) for half in draw])
    assert (PAGE, "table", "answers", "answered", "total", "pct") in plan.hidden


def test_a_flow_shows_a_sign_in_a_box_of_a_few_people():
    frame = pd.DataFrame({"box": ["included", "withdrew"], "count": [60.0, float("nan")]})
    hidden = pd.DataFrame({"count": [False, True]})
    flow = Figure("flow", "flow", frame, hidden=hidden)
    words = Words(flow, "participants", catalogue.Catalogue())
    assert (words.people(60.0), words.people(float("nan"))) == ("60", HIDDEN)
    text = alt_text(flow, "participants", catalogue.Catalogue(), {"included": "60"})
    assert "60" in text and text.rstrip(".").endswith(f": {HIDDEN}")


def test_the_download_of_a_listing_is_heard_and_hidden_as_the_listing_is(people):
    """What the page shows is in the download; a verdict, which hangs on the data, is no part of a row's key."""

    def listed(some: pd.DataFrame) -> Listing:
        counts = some["status"].value_counts().reindex(["work", "pension"], fill_value=0)
        frame = pd.DataFrame({"status": counts.index, "people": [count(n) for n in counts]})
        whole = pd.DataFrame({"status": counts.index, "people": counts.to_numpy(float), "printed": [12.0625, 3.0],
                              "decimals": [3, 0], "verdict": np.where(counts > 12, "more", "fewer")})  # fmt: skip
        return Listing("statuses", frame, download=whole, keys=list(counts.index))

    guard = Guard(planned(people, hear=hearing(lambda some: [listed(some)])), "[not shown]")
    told = guard.result(listed(people), PAGE)
    written = with_hidden(told.download, told.hidden)
    working = int((people["status"] == "work").sum())
    assert written["people"].tolist() == [working, HIDDEN]
    assert written["printed"].tolist() == [12.063, 3.0]  # with the decimals that stand beside it


def test_the_limits_of_a_hidden_estimate_are_hidden_with_it(people):
    """Wilson's interval gives back how many of a picked group it is of; a sentence has a mean's interval alone."""

    def told_of(some: pd.DataFrame) -> tuple[Figure, Table, Sentence]:
        above = some[some["score"] > some["score"].mean()]  # who is above hangs on all
        few = max(len(above) // 10, 1)
        rows = [("few", few / len(above)), ("many", 1 / 3 + 1 / len(above))]
        drawn = pd.DataFrame([{"row": row, "estimate": share, "n": len(above), "conf_low": share - 0.0123 * len(above),
                               "conf_high": share + 0.0321 * len(above)} for row, share in rows])  # fmt: skip
        pensioners = some[some["status"] == "pension"]["score"]
        mean, wide = pensioners.mean(), len(some) ** -0.5
        of_few = [("pension", "total", "mean", mean, len(pensioners))]
        said = {"mean": decimal(mean), "low": decimal(mean - wide), "high": decimal(mean + 2 * wide)}
        return (Figure("balance", "bars", drawn, {"percent": True}), Table("background_means", cells(of_few)),
                Sentence("means", said))  # fmt: skip

    plan = planned(people, hear=hearing(told_of))
    guard = Guard(plan, "[not shown]")
    drawn, _, said = (guard.result(each, PAGE) for each in told_of(people))
    limits = drawn.frame.set_index("row")[["estimate", "conf_low", "conf_high"]]
    assert limits.loc["few"].isna().all() and limits.loc["many"].notna().all()
    assert set(said.values.values()) == {"[not shown]"}
    assert plan.hidden >= {(PAGE, "says", "", "means", name) for name in ("mean", "low", "high")}


def compared(some: pd.DataFrame) -> list[Sentence]:
    """The mean score of the pensioners against that of all, which no number of people is told with."""
    gap = some.loc[some["status"] == "pension", "score"].mean() - some["score"].mean()
    higher = Sentence("gap", {"points": decimal(gap)}, "higher" if gap > 0 else "lower")
    judged = Sentence("claim_holds" if gap > 0 else "claim_contradicted", {"points": decimal(gap)}, turns=True)
    plain = Sentence("gap_of", {"points": decimal(gap)})
    return [higher, judged, plain, Sentence("in_all", {"parts": ("all", higher)})]


def test_words_do_not_tell_which_way_a_hidden_result_went(people):
    """Nor whether it is clear, nor the verdict on a claim that it decides; a number alone leaves its sign."""

    guard = Guard(planned(people, hear=hearing(compared)), "[not shown]")
    told = [guard.result(each, PAGE) for each in compared(people)]
    assert told[0] == told[1] == told[3] == UNTOLD and told[2].values == {"points": "[not shown]"}


def test_the_verdict_on_a_hidden_result_is_hidden_in_a_listing_and_above_a_figure(people):
    def results(some: pd.DataFrame) -> tuple[Listing, Figure]:
        higher, judged, *_ = compared(some)
        verdicts = [Label("claim_verdicts", "holds"), Label("claim_verdicts", judged.key.removeprefix("claim_"))]
        frame = pd.DataFrame({"place": [Label("rows", "all"), Label("rows", "pension")], "verdict": verdicts,
                              "found": [Sentence("found", {"n": count(len(some))}), Sentence("found", judged.values)]})
        drawn = pd.DataFrame([{"row": "all", "arm": "new", "estimate": some["score"].mean(), "n": len(some)}])
        return Listing("claims", frame), Figure("balance", "bars", drawn, finding=higher)

    guard = Guard(planned(people, hear=hearing(results)), "[not shown]")
    listing, figure = (guard.result(each, PAGE) for each in results(people))
    assert [verdict.key for verdict in listing.frame["verdict"]] == ["holds", "not_compared"]
    assert figure.finding is None


def test_people_in_groups_that_the_data_pick_are_rounded_too(people):
    """Halves of a picked group do not add up. Its people are rounded, also where a sentence has them; times are not."""

    def picked(some: pd.DataFrame) -> tuple[Figure, Sentence, Sentence]:
        own = some[some["score"] > some["score"].mean()]  # who is above hangs on all
        at_work = (own["status"] == "work").mean()
        drawn = pd.DataFrame([{"row": "picked", "arm": "new", "estimate": at_work, "n": len(own)}])
        times = int(some["score"].sum()) % 7 + 20
        return (Figure("balance", "bars", drawn, {"percent": True}), Sentence("picked", {"n": count(len(own))}),
                Sentence("times", {"n": count(times)}))  # fmt: skip

    guard = Guard(planned(people, hear=hearing(picked), base=5), "[not shown]")
    exact = picked(people)
    drawn, said, times = (guard.result(each, PAGE) for each in exact)
    n, share = exact[0].frame["n"].item(), exact[0].frame["estimate"].item()
    assert n % 5 and drawn.frame["n"].item() == said.values["n"].value == to_base(n, 5)
    assert drawn.frame["estimate"].item() == pytest.approx(to_base(round(share * n), 5) / to_base(n, 5), abs=5e-4)
    assert times.values["n"].value == exact[2].values["n"].value

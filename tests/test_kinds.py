"""What each number is: decided right on handmade examples, on the bundled trials, and nothing of it on real data."""

import json
import re
import shutil
from dataclasses import replace
from pathlib import Path

import nbformat
import pandas as pd
import pytest
import yaml

from analysis.chapters import employment, health, summary
from analysis.frames import trial as trial_module
from analysis.frames.trial import open_trial
from analysis.published.kinds import Kinds, kinds_of
from analysis.published.scorecard import KEY
from analysis.show import prose
from analysis.show.page import Page
from analysis.show.prose import Sentence
from analysis.show.tables import Table, cells
from analysis.study.kinds import KINDS, NOT_IN_REPORT, PUBLISHED, REPRODUCED

PLACES = ("Hordaland", "Sør-Trøndelag", "Østfold", "Akershus", "Oslo", "Troms")
PRINTED = pd.DataFrame(
    [("table_1", "women", "total", "pct", 67.2, 1), ("table_1", "men", "total", "pct", 32.9, 1),
     ("text_1", "score", "total", "mean", 8.63, 2), ("text_1", "effect", "total", "difference", 0.0774, 4)],
    columns=[*KEY, "value", "decimals"],
)  # fmt: skip
COMPUTED = pd.DataFrame(
    [("table_1", "women", "total", "pct", 100 * 802 / 1193), ("table_1", "men", "total", "pct", 100 * 391 / 1193),
     ("text_1", "score", "total", "mean", 8.626990779547), ("text_1", "effect", "total", "difference", 0.077344672809)],
    columns=[*KEY, "value"],
)  # fmt: skip


@pytest.fixture(scope="module")
def bundled():
    return open_trial()


class Handmade(Kinds):
    """A report of four numbers: two agree, one is off by one last unit, one agrees when fewer decimals are told."""

    @property
    def _printed(self):
        return PRINTED.rename(columns={"value": "printed", "decimals": "places"}).assign(said="")[
            [*KEY, "printed", "places", "said"]
        ]


@pytest.fixture
def handmade_kinds(bundled, monkeypatch):
    monkeypatch.setattr("analysis.published.kinds.computed_cells", lambda trial, chapter: COMPUTED)
    return Handmade(bundled, "employment")


def test_a_cell_is_reproduced_when_the_report_prints_it_and_agrees(handmade_kinds):
    """32.77 is printed 32.9, off by one last unit; another is not printed at all; a missing one is no number."""
    table = COMPUTED[COMPUTED["source"] == "table_1"].drop(columns="source")
    more = pd.DataFrame([("unknown", "total", "pct", 12.3456789), ("women", "total", "n", float("nan"))],
                        columns=[*KEY[1:], "value"])  # fmt: skip
    found = handmade_kinds.of_cells("table_1", pd.concat([table, more]))
    assert found == [REPRODUCED, NOT_IN_REPORT, NOT_IN_REPORT, ""]


def test_differences_that_the_print_has_the_other_way_round_are_reproduced(bundled):
    """The book has programme minus control, the report's Tables 10, 11 and 16 control minus programme."""
    kinds = kinds_of(bundled, "health")
    tables = {"table_10": health.scores_at_last_wave(bundled), "table_11": health.adjusted_scores(bundled)}
    for name, table in tables.items():
        found = table.cells.assign(kind=kinds.of_cells(name, table.cells))
        in_print = found["column"] != "at_inclusion"
        assert set(found.loc[in_print, "kind"]) == {REPRODUCED}
        assert set(found.loc[~in_print, "kind"]) <= {NOT_IN_REPORT}


def test_a_number_of_a_sentence_is_found_by_its_unrounded_value(handmade_kinds):
    """Also in another unit; one that only rounds to the printed number is another number."""
    assert handmade_kinds.of_numbers([(8.626990779547, 2), (8.63, 2), (8.6291, 2)]) == [
        REPRODUCED, NOT_IN_REPORT, NOT_IN_REPORT,
    ]  # fmt: skip


def test_a_share_is_told_in_per_cent_or_as_a_proportion_and_in_nothing_else(handmade_kinds, monkeypatch):
    """3 of 629 are printed as 0.48 per cent; 300 of 629, with the same digits, are other people."""
    address = ("table_7", "graded", "a", "pct")
    printed = pd.DataFrame([(*address, 0.48, 2, "")], columns=[*KEY, "printed", "places", "said"])
    monkeypatch.setattr(Handmade, "_printed", printed)
    computed = pd.DataFrame([(*address, 300 / 629)], columns=[*KEY, "value"])
    monkeypatch.setattr("analysis.published.kinds.computed_cells", lambda *_: computed)
    told = [(300 / 629, 2), (3 / 629, 4), (30000 / 629, 1)]
    assert [handmade_kinds.of_numbers([each])[0] for each in told] == [REPRODUCED, REPRODUCED, NOT_IN_REPORT]


def test_print_and_computation_need_to_agree_only_as_far_as_is_told(handmade_kinds):
    """7.73 points are printed 7.74: with two decimals they differ, told as 7.7 they do not."""
    assert handmade_kinds.of_numbers([(7.7344672809, 2)]) == [NOT_IN_REPORT]
    assert handmade_kinds.of_numbers([(7.7344672809, 1)]) == [REPRODUCED]


def test_short_numbers_and_shares_of_the_same_people_do_not_count_by_accident(bundled):
    """210 of 563 are a printed share of Table 7; beside other shares it may as well be another one."""
    kinds = kinds_of(bundled, "employment")
    assert kinds.of_numbers([(100 * 210 / 563, None), (100 * 331 / 563, None), (5.1, None)]) == [NOT_IN_REPORT] * 3
    assert kinds.of_numbers([(3, 0), (12, 0)]) == [NOT_IN_REPORT] * 2


def test_the_numbers_of_all_participants_are_reproduced_in_every_chapter(bundled):
    """The report has them in one place; 1,194 is nobody's number, and of many short numbers one is theirs by chance."""
    for chapter in ("employment", "process_evaluation"):
        kinds = kinds_of(bundled, chapter)
        assert kinds.of_numbers([(1193, None)]) == [REPRODUCED]
        assert kinds.of_numbers([(1194, None), (1193, None)]) == [NOT_IN_REPORT, REPRODUCED]
        assert kinds.of_numbers([(563, 0), (630, 0), (38.123456789, 1)]) == [REPRODUCED, REPRODUCED, NOT_IN_REPORT]
        assert kinds.of_numbers([(631, 0), (562, 0)]) == [NOT_IN_REPORT] * 2
    many = [(number, 0) for number in range(621, 631)]
    assert kinds_of(bundled, "process_evaluation").of_numbers(many) == [NOT_IN_REPORT] * len(many)


def test_but_not_where_the_report_counts_other_people(bundled):
    """Of 110 people the report counts 110 somewhere, too: the control arm of a centre."""
    for people in (1100, 110):
        few = replace(bundled, tables={**bundled.tables, "participants": bundled.tables["participants"].head(people)})
        assert kinds_of(few, "process_evaluation").of_numbers([(people, None)]) == [NOT_IN_REPORT]


def test_a_short_number_is_known_by_the_name_of_its_row(handmade_kinds, monkeypatch):
    """0.4 stands in print under that name; the same number in another row, and another number there, do not."""
    printed = pd.DataFrame([("text_5", "elasticity", "note", "value", 0.4, 1)], columns=[*KEY, "value", "decimals"])
    monkeypatch.setattr("analysis.published.kinds.computed_cells", lambda *_: printed.drop(columns="decimals"))
    monkeypatch.setattr(Handmade, "_printed", printed.rename(
        columns={"value": "printed", "decimals": "places"}).assign(said=""))  # fmt: skip
    rows = [("elasticity", "amount", "value", 0.4), ("pension", "amount", "value", 0.4), ("elasticity", "x", "pct", 40),
            ("elasticity", "low", "value", 0.5), ("e", "amount", "value", 0.4)]  # fmt: skip
    own = {"inputs": {"e": "elasticity"}}
    monkeypatch.setattr("analysis.published.kinds.printed_rule", lambda trial, name, default: own)
    found = handmade_kinds.of_cells("inputs", pd.DataFrame(rows, columns=[*KEY[1:], "value"]))
    assert found == [REPRODUCED, NOT_IN_REPORT, REPRODUCED, NOT_IN_REPORT, REPRODUCED]


def test_a_key_number_is_found_in_print_before_it_is_rounded():
    """239 of 629, printed as 0.3800, are 37.9968203498%: of ten digits the last is 5, and would be rounded up again."""
    page = Page("employment")
    share = 100 * 239 / 629
    shown = page.numbers(in_work=share, difference=share - 100 * 190 / 561)
    assert list(shown["kind"]) == [REPRODUCED, REPRODUCED]


@pytest.mark.parametrize(
    ("make", "kind"),
    [(lambda trial: employment.main_result(trial), REPRODUCED),
     (lambda trial: employment.last_month(trial), REPRODUCED),
     (lambda trial: employment.duration(trial)[0], NOT_IN_REPORT),
     (lambda trial: employment.interaction(trial)[-1], NOT_IN_REPORT),
     (lambda trial: employment.work_share(employment.work_share_table(trial)), NOT_IN_REPORT)],
    ids=["primary result", "month 18", "time out of work", "interaction at month 18", "assumed share of hours"],
)  # fmt: skip
def test_sentences_of_the_bundled_trial_are_what_they_are(bundled, make, kind):
    page = Page("employment")
    assert page.kinds.sentence(make(bundled), "employment") == kind
    text = page.say(make(bundled)).text
    assert text.startswith("*Demonstration:*") == (kind == NOT_IN_REPORT)
    assert f'aria-label="{kind.replace("_", " ").replace("not in report", "not in the report")}"' in text


def test_an_added_number_is_marked_and_leaves_the_result_what_it_is(bundled):
    """24 and 12 per cent are in print, the 12.1 points between them are the book's."""
    said = next(each for each in employment.by_status(bundled) if each.finding)
    page = Page("employment")
    assert page.kinds.sentence(said, "employment") == REPRODUCED
    assert re.search(r"\(12\.1<span[^>]*not in the report", page.say(said).text)
    assert "24.3% of 136" in page.say(said).text


def test_an_interval_that_the_report_does_not_print_is_marked_behind_its_second_end(bundled):
    """Table 8 has no interval of the difference; Table 11 has that of the adjusted one."""
    text = Page("employment").say(employment.main_result(bundled)).text
    assert re.search(r"1\.3 to 12\.5<span[^>]*not in the report", text) and not re.search(r"1\.3<span", text)
    printed = Page("health").show(health.means_figure(bundled, "hads_depression")).html
    assert "interval 0.14 to 1.29 lower" in printed


def test_a_printed_difference_with_its_interval_is_no_demonstration_for_want_of_a_p_value(bundled):
    """Table 11 has 3.05 (0.09 to 6.01) of the health ladder, and stars; p = 0.043 is added, and marked."""
    page, said = Page("health"), health.result(bundled, "health_ladder")
    assert page.kinds.sentence(said, "health") == REPRODUCED
    assert re.search(r"0\.09 to 6\.01 higher; p\s=\s0\.043<span[^>]*not in the report", page.say(said).text)


def test_a_finding_above_a_figure_has_its_kind(bundled):
    page = Page("health")
    for figure, kind in ((health.means_figure(bundled, "hads_depression"), REPRODUCED),
                         (health.effects_figure(bundled), NOT_IN_REPORT)):  # fmt: skip
        said = re.search(r"<strong>(.*?)</strong>", page.show(figure).html)[1]
        assert said.startswith("Demonstration: ") == (kind == NOT_IN_REPORT)
        assert f"kind-{kind.replace('_', '-')}" in said


def test_an_interval_added_to_a_printed_table_is_marked_once_at_its_heading():
    page = Page("summary")
    table = page.show(summary.table_work(page.trial)).html
    assert re.search(r'95% CI<span class="kind kind-not-in-report"', table)
    assert "Numbers without a mark are reproduced" in table


def test_each_row_of_a_download_says_its_kind(tmp_path):
    page = Page("summary", results=str(tmp_path))
    page.show(summary.table_work(page.trial))
    page.show(summary.figure_effects(page.trial))
    table = pd.read_csv(tmp_path / "summary" / "main_work.csv")
    assert set(table.loc[table["statistic"] == "p", "kind"]) == {REPRODUCED}
    assert set(table.loc[table["statistic"].isin(["ci_low", "ci_high"]), "kind"]) == {NOT_IN_REPORT}
    figure = pd.read_csv(tmp_path / "summary" / "effects.csv")
    first = dict(part.split(": ") for part in figure["kind"].iloc[0].split("; "))
    people = {"n_treated": REPRODUCED, "n_control": NOT_IN_REPORT}  # the report prints the one and not the other
    assert first == {"estimate": REPRODUCED, "conf_low": NOT_IN_REPORT, "conf_high": NOT_IN_REPORT, **people,
                     "printed": PUBLISHED}  # fmt: skip


def test_what_is_about_the_print_alone_is_published():
    page = Page("employment")
    table = Table("statuses", cells([("a", "control", "pct", 1.5)]), from_print=True)
    assert set(page.kinds.table(table, "statuses").cells["kind"]) == {PUBLISHED}
    quoted = Sentence("main_result", {"treated": prose.percent(44.2)}, "higher", from_print=True)
    assert page.kinds.sentence(quoted, "employment") == PUBLISHED


def test_the_small_report_of_the_later_trial_is_recognised():
    """Its article prints the months of work of both arms; a number of its own that nobody prints is not in it."""
    ips = open_trial("ips")
    kinds = kinds_of(ips, "employment")
    card = kinds._card.set_index("row")
    value = card.loc["months_of_work_43m", "computed"].iloc[0]
    assert kinds.of_numbers([(value, 1)]) == [REPRODUCED]
    assert kinds.of_numbers([(value + 0.01, 1)]) == [NOT_IN_REPORT]


# Real data


@pytest.fixture(scope="module")
def real(tmp_path_factory) -> Path:
    """The bundled folder as if its data were real."""
    folder = tmp_path_factory.mktemp("real") / "sfj"
    shutil.copytree(trial_module.find_study(None), folder)
    settings = folder / "study.yml"
    content = yaml.safe_load(settings.read_text(encoding="utf-8")) | {"data": "real"}
    settings.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    return folder


def test_on_real_data_nothing_of_it_shows(real, tmp_path):
    page = Page("employment", study=str(real), results=str(tmp_path))
    outputs = [page.show(employment.late_shares_table(page.trial)).html, page._repr_html_(),
               page.bullets(employment.main_result(page.trial), *employment.duration(page.trial)).text,
               page.numbers(effect=1.0).to_csv()]  # fmt: skip
    assert not re.search("kind-|Demonstration|not in the report|,kind", "".join(outputs))
    assert [path.name for path in (tmp_path / "employment").glob("*.csv")
            if "kind" in pd.read_csv(path).columns] == []  # fmt: skip
    assert all("kind" not in said for said in json.loads((tmp_path / "employment" / "sentences.json").read_text()))


# The front page and the summary


def test_no_finding_of_the_summary_is_outside_the_report(monkeypatch, bundled):
    """Quoted from another chapter, or an answer of the front page: what is not in the report is left out."""
    monkeypatch.setattr("analysis.show.page.open_trial", lambda study: bundled)
    page = Page("summary")
    quoted = page.bullets(*employment.duration(bundled), employment.main_result(bundled), of="employment").text
    assert "kind-reproduced" in quoted and "Demonstration" not in quoted and "p = 0.027" not in quoted
    front = page.answers(*summary.answers(bundled)).text
    assert "Demonstration" not in front and "kind-reproduced" in front
    said = [each for each in json.loads(bytes(page._keeps.said)) if each["finding"]]
    assert said and [each["text"] for each in said if each.get("kind") == NOT_IN_REPORT] == []


# Places


def told_in(built_book, chapter):
    """What the cells of a chapter show, but for notes of method and study."""
    for cell in nbformat.read(built_book.parent / "executed" / "en" / chapter / f"{chapter}.ipynb", 4).cells:
        for output in cell.get("outputs", []) if "note" not in cell.metadata.get("tags", []) else []:
            data = output.get("data", {})
            yield data.get("text/html") or data.get("text/markdown") or ""


@pytest.mark.parametrize(("chapter", "allowed"), [("process_evaluation", ()), ("user_survey", ()), ("employment", ()),
                                                  ("participants", ("Table 1", "Figure 2"))])  # fmt: skip
def test_no_real_place_stands_beside_a_number_the_print_does_not_have(built_book, chapter, allowed):
    """Names of the six counties stand in the table and the figure that print them, and where positions are printed."""
    texts = list(told_in(built_book, chapter))
    assert any("result-table" in text for text in texts) and any("result-figure" in text for text in texts)
    for text in texts:
        named = [place for place in PLACES if re.search(rf"\b{place}\b", re.sub(r"<img[^>]*>", "", text))]
        printed_by_name = "Whole positions" in text or any(place in text for place in allowed)
        assert printed_by_name or not named, (named, text[:200])


def test_letters_of_centres_follow_no_order_of_their_names(bundled):
    """Neither the report's order nor the alphabet's, nor either turned round."""
    codes = bundled.study.as_printed.rules["participants.keys"]["inclusion_by_centre"]
    by_letter = [codes[code] for code in sorted(codes)]
    printed = list(codes.values())
    assert set(codes) == set(bundled.study.centre_codes) and len(set(printed)) == 6
    for order in (printed, sorted(printed)):
        assert by_letter not in (order, order[::-1])


def test_tables_of_the_bundled_studies_name_no_place(bundled):
    names = re.compile(r"\b(hordaland|soer_troendelag|oestfold|akershus|oslo|troms)\b")
    for study in ("sfj", "jmo"):
        for path in (bundled.folder.parent / study).glob("*.csv"):
            assert not names.search(path.read_text(encoding="utf-8")), path


def test_the_kinds_have_a_name_and_a_sign_each():
    words = Page("employment").catalogue
    signs = [words.text(f"common.kinds.signs.{kind}") for kind in KINDS]
    assert len(set(signs)) == 3 and all(words.text(f"common.kinds.names.{kind}") for kind in KINDS)

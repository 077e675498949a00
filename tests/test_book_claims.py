"""What a built book claims is held to its numbers: what is planted is found, and a true book has no fault."""

import ast
import json
import re
import string
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from analysis.book import claims
from analysis.book.claims.comparisons import _read, _rules, compared_by, comparisons_of, rule_of, wrong_way
from analysis.book.claims.pages import _known_texts, _left_in, _seen, _without_marks, _words_of, altered_on
from analysis.book.claims.told import NUMERAL, Text, forms_of, shows
from analysis.show import prose
from analysis.show.catalogue import Catalogue
from analysis.show.prose import DIRECTIONS, Sentence, points, write
from analysis.show.tracing import MARK, outlined
from analysis.study.yaml_files import read_yaml

ROOT = Path(__file__).parents[1]
WORDS = sorted((ROOT / "analysis" / "show" / "words" / "en").glob("*.yml"))
OWN_WORDS = sorted((ROOT / "data").glob("*/words/en/*.yml"))


def said(text, outline, *numbers, key="result", direction=None, **values):
    return {"chapter": "employment", "key": key, "direction": direction, "text": text, "outline": outline,
            "numbers": list(numbers), "values": values}  # fmt: skip


def book(folder, *sentences, texts=(), page=None, csv="value,data\n6.94,x\n"):
    """A built book of one chapter; its page has one output, by itself the sentences."""
    page = "".join(f"<p>{each['text']}</p>" for each in sentences) if page is None else page
    (folder / "results" / "employment").mkdir(parents=True)
    (folder / "notebooks").mkdir()
    own = folder / "results" / "employment"
    (own / "sentences.json").write_text(json.dumps(sentences))
    (own / "texts.json").write_text(json.dumps(texts))
    (own / "table_08.csv").write_text(csv)
    output = f'<article><div class="cell_output">{page}</div><p>An author wrote 99.</p></article>'
    (folder / "notebooks" / "employment.html").write_text(output)
    return folder


def causes(folder):
    return [fault.cause for fault in claims.faults(folder)]


MORE = f"{MARK} points more ({MARK} to {MARK})."
GAP = {"difference": 6.94, "low": 1.33, "high": 12.51}


def gap(text="6.9 points more (1.3 to 12.5).", direction="higher", **values):
    return said(text, MORE, 6.94, 1.33, 12.51, direction=direction, **{**GAP, **values})


def test_a_sentence_whose_words_follow_from_its_numbers_is_no_fault(tmp_path):
    assert causes(book(tmp_path, gap(treated=44.2, control=37.3), page="<p>6.9 points more (1.3 to 12.5).</p>")) == []


@pytest.mark.parametrize("wrong", ["7.9 points more (1.3 to 12.5).", "6.9 points more (1.4 to 12.5).",
                                   "−6.9 points more (1.3 to 12.5).", "– points more (1.3 to 12.5)."])  # fmt: skip
def test_a_number_that_is_not_its_value_is_found(tmp_path, wrong):
    assert any("is not its value" in cause for cause in causes(book(tmp_path, gap(wrong))))


@pytest.mark.parametrize(
    ("values", "direction", "cause"),
    [({"low": -1.0}, "higher", "does not bear out"), ({}, "unclear", "does not bear out"),
     ({"treated": 30.0, "control": 37.3}, "higher", "the other way round"),
     ({"low": None, "p": 0.2}, "higher", "does not bear out")],
)  # fmt: skip
def test_a_direction_that_interval_p_value_or_sides_contradict_is_found(tmp_path, values, direction, cause):
    assert any(cause in found for found in causes(book(tmp_path, gap(direction=direction, **values))))


def test_words_that_say_the_other_direction_are_found(tmp_path):
    words = "6.9 points fewer (1.3 to 12.5).", MORE.replace("more", "fewer")
    fewer = said(*words, 6.94, 1.33, 12.51, direction="higher", **GAP)
    assert causes(book(tmp_path, fewer))[0].startswith("is higher, but its words say lower")


@pytest.mark.parametrize("path", [*WORDS, *OWN_WORDS], ids=lambda path: f"{path.parts[-4]}-{path.stem}")
def test_words_of_a_direction_say_that_direction(path):
    """Also those that no bundled study says."""
    for key, template in templates(path).items():
        for direction, text in template.items() if isinstance(template, dict) else ():
            assert wrong_way(key, direction, text) is None, f"{key}: {text}"


def test_exchanged_words_of_two_directions_are_found():
    both = [(key, template) for path in [*WORDS, *OWN_WORDS] for key, template in templates(path).items()
            if isinstance(template, dict) and {"higher", "lower"} <= set(template)]  # fmt: skip
    found = [key for key, template in both if wrong_way(key, "higher", template["lower"])]
    assert len(found) > 0.6 * len(both), sorted({key for key, _ in both} - set(found))


@pytest.mark.parametrize(("text", "right"), [
    ("10.4 points fewer (95% interval −19.8 to −0.6).", False),
    ("10.4 points fewer (95% interval 0.6 to 19.8).", True),
    ("10.4 points fewer (95% interval of the difference −19.8 to −0.6).", True),
    ("The shares differed by 8.2 points, no clear difference (95% interval −16.6 to 0.1).", False),
    ("No clear difference (minus control −8.2 points; 95% interval −16.6 to 0.1).", True),
    ("A loss of NOK 1,000, but its 95% interval runs from −2,500 to −500.", False),
    ("NOK −1,000, but its 95% interval, −2,500 to 500, includes zero.", True),
])  # fmt: skip
def test_an_interval_holds_the_number_that_it_is_told_of(text, right):
    faults = list(comparisons_of(Text(text, "", (), "employment.main_result")))
    assert right is not any("beside none of its numbers" in fault for fault in faults)


# Sentences whose chapter turns the ends of the interval with the difference (“1.2 months less, 0.5 to 1.8”).
TURNED = {"mean_time", "mean_wait"}


@pytest.mark.parametrize("path", [path for path in (*WORDS, *OWN_WORDS) if path.stem != "health"], ids=str)
def test_an_interval_beside_a_size_told_without_its_sign_says_what_it_is_of(path):
    sentences = (read_yaml(path) or {}).get("sentences") or {}
    lower = {key: " ".join(each["lower"].split()) for key, each in sentences.items()
             if isinstance(each, dict) and "lower" in each and key not in TURNED}  # fmt: skip
    assert [key for key, words in lower.items() if re.search(r"\{(points|npv)\}.*interval \{low\}", words)] == []


def test_a_sentence_that_is_not_clear_has_to_say_so(tmp_path):
    unclear = gap(direction="unclear", low=-1.33) | {"text": "6.9 points more (−1.3 to 12.5).",
                                                     "numbers": [6.94, -1.33, 12.51]}  # fmt: skip
    assert causes(book(tmp_path, unclear)) == [f"does not say that the difference is not clear: {unclear['text']}"]


def test_a_comparison_within_a_sentence_is_judged_too(tmp_path):
    part = {"key": "part", "direction": "higher", "low": -2.0, "high": 3.0}
    assert any("does not bear out" in cause for cause in causes(book(tmp_path, gap(part=part))))
    (tmp_path / "again").mkdir()
    assert any("does not bear out" in cause for cause in causes(book(tmp_path / "again", gap(parts=[part]))))


def test_words_that_compare_without_a_rule_are_orphans(tmp_path):
    found = causes(book(tmp_path, said("Most were in work.", "Most were in work.", key="nosuch")))
    assert len(found) == 1 and "says “Most”, and no rule" in found[0]


def test_a_rule_that_does_not_hold_is_found(tmp_path):
    values = {"n": 1190.0, "n_treated": 629.0, "n_control": 561.0}
    found = causes(book(tmp_path, said("All are followed.", "All are followed.", key="observed", **values)))
    assert found == ["it does not hold that n_treated + n_control < n: All are followed."]


@pytest.mark.parametrize(("direction", "good", "holds"), [("higher", 2.0, True), ("higher", 1.0, False),
                                                         ("unclear", 1.0, True), ("lower", 1.0, False)])  # fmt: skip
def test_a_sentence_that_counts_is_held_to_the_rule_of_its_direction(direction, good, holds):
    text = Text("", "", (), "process_evaluation.title", direction, {"good": good, "centres": 2.0})
    assert (list(comparisons_of(text)) == []) is holds


COUNTS = re.compile(r"(?<![\w-])(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|half|thirds?|quarters?|"
                    r"twice)(?![\w-])", flags=re.IGNORECASE)  # fmt: skip


def test_every_number_in_words_of_a_sentence_is_listed_and_none_in_vain():
    said = {key: template for path in [*WORDS, *OWN_WORDS] for key, template in templates(path).items()}
    typed = {}
    for path in [*WORDS, *OWN_WORDS]:
        for key, template in templates(path).items():
            text = " ".join(put for put in (template.values() if isinstance(template, dict) else (template,)))
            typed.setdefault(key, set()).update(each.lower() for each in COUNTS.findall(text))
    counted = _read("counted.yml").items()
    listed = {f"{chapter}.{key}": set(words) for chapter, own in counted for key, words in own.items()}
    assert {key: words for key, words in typed.items() if words} == listed
    names = {name for _, own in counted for words in own.values() for name in words.values()}
    assert {name for name in names if name in put_in(said.values())} == {"at"}


@pytest.mark.parametrize("path", [*WORDS, *OWN_WORDS], ids=lambda path: f"{path.parts[-4]}-{path.stem}")
def test_every_sentence_with_a_direction_is_held_by_an_interval_a_p_value_or_a_rule(path):
    for key, template in templates(path).items():
        if isinstance(template, dict) and set(template) & {"higher", "lower"} and rule_of(key) is None:
            names = put_in([template])
            assert {"low", "high"} <= names or {"p", "rank_p"} & names or key in GIVEN_UNTOLD, f"{key}: {names}"


# Titles in words alone, which are given the interval that they do not tell.
GIVEN_UNTOLD = {"health.title", "health.title_adjusted_only"}


@pytest.mark.parametrize(("at", "right"), [(12.0, True), (18.0, False)])
def test_a_number_in_words_is_its_value(at, right):
    text = Text("", "", (), "employment.main_result", "higher", {"at": at})
    assert (list(comparisons_of(text)) == ["says “twelve” of 18 (at)"]) is not right


@pytest.mark.parametrize(("share", "right"), [(55.2, True), (44.8, False)])
def test_more_than_half_is_more_than_half(share, right):
    text = Text("", "", (), "participants.education", "higher", {"share": share})
    assert (list(comparisons_of(text)) == []) is right


@pytest.mark.parametrize(("shares", "right"), [((21.0, 17.6), True), ((8.2, 21.0), False), ((21.0, None), True)])
def test_first_places_are_named_from_the_first_to_the_last(shares, right):
    named = [{"key": "place_of_one", "share": share} for share in shares]
    found = list(comparisons_of(Text("", "", (), "user_survey.printed_order", None, {"printed": named})))
    assert (found == []) is right


PAGE = (
    '<figure class="result-table"><table><caption>Work</caption><tbody><tr><td>{cell}</td></tr></tbody></table>'
    '<a href="../results/employment/table_08.csv" download>CSV</a></figure>'
    '<figure class="result-figure"><img alt="Share: {alt}."><a href="../results/employment/table_08.csv" download>x</a>'
    "</figure><p>{prose}</p><pre>seed = 17</pre>"
)


def test_every_number_of_a_page_comes_from_a_download_or_a_sentence(tmp_path):
    texts = [{"text": "Share: 6.9.", "outline": f"Share: {MARK}.", "numbers": [6.94]}]
    page = PAGE.format(cell="6.94", alt="6.9", prose="6.9 points more (1.3 to 12.5).")
    assert causes(book(tmp_path, gap(), texts=texts, page=page)) == []


@pytest.mark.parametrize("place", ["cell", "alt", "prose"])
def test_a_number_that_nothing_gives_is_found_wherever_it_stands(tmp_path, place):
    right = {"cell": "6.94", "alt": "6.9", "prose": "6.9 points more (1.3 to 12.5)."}
    found = causes(book(tmp_path, gap(), page=PAGE.format(**right | {place: "7.3"})))
    assert found[-1].startswith("nothing computed gives the number 7.3") and len(found) == 1 + (place == "prose")


GONE, ADDED = "does not stand on the page as it was written", "stands on the page, and was not written"


@pytest.mark.parametrize(("altered", "cause"), [
    ("6.9 points fewer (1.3 to 12.5).", GONE), ("6.9 points more.", GONE),
    ("6.9 points more (1.3 to 12.5).</p>\n<p>6.9 points more (1.3 to 12.6).", ADDED),
    ("6.9 points more (1.3 to 12.5).</p>\n<p>5.9 points more (1.3 to 12.5).", ADDED),
])  # fmt: skip
def test_a_sentence_that_was_altered_on_its_page_is_found(tmp_path, altered, cause):
    """In no output of code, as prose stands on a page, and beside the right one, too."""
    page = f"</div><p>{altered}</p><div>"
    assert [found.split(":")[0] for found in causes(book(tmp_path, gap(), page=page))] == [cause]


def test_answers_on_the_front_page_are_those_of_the_summary(tmp_path):
    front, summary = (tmp_path / name for name in ("index.html", "summary.html"))
    summary.write_text("<article><dl><dd><p>6.9 points more <i>(1.3 to 12.5)</i>.</p></dd></dl></article>")
    front.write_text("<article><dl><dd><p>6.9 points more (1.3 to 12.5).</p></dd></dl></article>")
    assert list(altered_on(front, summary)) == []
    front.write_text(front.read_text().replace("12.5", "11.5"))
    assert list(altered_on(front, summary)) == ["the summary does not say: 6.9 points more (1.3 to 11.5)."]


NOTED = PAGE.replace("Work</caption>", "Work in {caption}</caption>").replace(
    "</table>", '</table><div class="result-notes"><p>Of {note} people.</p><p class="kind-legend"><span class="kind '
    'kind-reproduced">●</span> {n} of the {all} values are reproduced.</p></div>'
)  # fmt: skip


@pytest.mark.parametrize(
    ("place", "wrong"),
    [("caption", "2014"), ("caption", "6.94"), ("note", "630"), ("note", "6.9"), ("n", "3"), ("all", "3")],
)
def test_a_number_of_a_caption_a_note_or_a_legend_is_as_the_chapter_wrote_it(tmp_path, place, wrong):
    """Also where the download holds the wrong number by chance; a legend counts the rows of the download."""
    texts = [{"text": text} for text in ("Share: 6.9.", "Work in 2013", "Of 629 people.")]
    right = {"cell": "6.94", "alt": "6.9", "prose": "-", "caption": "2013", "note": "629", "n": "1", "all": "2"}
    csv = "estimate,kind,data\n6.94,reproduced,x\n630,not_in_report,x\n"
    (tmp_path / "right").mkdir()
    assert causes(book(tmp_path / "right", texts=texts, page=NOTED.format(**right), csv=csv)) == []
    found = causes(book(tmp_path / "wrong", texts=texts, page=NOTED.format(**right | {place: wrong}), csv=csv))
    assert len(found) == 1 and found[0].startswith(f"nothing computed gives the number {wrong}")


@pytest.mark.parametrize(
    ("shown", "value"),
    [("44.2%", 44.197), ("p = 0.015", 0.01504), ("p < 0.001", 0.0002), ("−3,600", -3562.0), ("−2.10", -2102482.0),
     ("–", None), ("0.0", -0.01)],
)  # fmt: skip
def test_a_number_may_be_told_in_its_usual_ways(shown, value):
    assert shows(shown, value)


@pytest.mark.parametrize(
    ("shown", "value"), [("44.3%", 44.197), ("p < 0.001", 0.002), ("−3.1", 3.1), ("–", 1.0), ("3", None)]
)
def test_and_in_no_other(shown, value):
    assert not shows(shown, value)


def test_forms_of_a_value_keep_its_sign():
    assert "-1.9" in forms_of(-1.93) and "1.9" in forms_of(-1.93) and "-1.9" not in forms_of(1.93)


def test_an_outline_has_a_mark_for_each_number_in_the_order_of_the_text(tmp_path):
    folder = tmp_path / "words" / "en"
    folder.mkdir(parents=True)
    (folder / "own.yml").write_text("sentences: {gap: '{b} of {place}, then {a}{part}', part: '; {c}'}\n")
    part = Sentence("part", {"c": prose.count(3)})
    sentence = Sentence("gap", {"a": points(1.26), "b": prose.percent(44.197), "place": "Centre 5", "part": part})
    catalogue = Catalogue("en", own=tmp_path / "words")
    outline, numbers = outlined(lambda put: write(sentence, "own", catalogue, put))
    text = Text(write(sentence, "own", catalogue), outline, tuple(float(number.value) for number in numbers))
    assert text.text == "44.2% of Centre 5, then 1.3; 3" and text.numbers == (44.197, 1.26, 3.0)
    assert list(text.wrong_numbers()) == [] and "5" not in outline


def templates(path):
    listed = (read_yaml(path) or {}).get("sentences") or {}
    return {f"{path.stem}.{key}": template for key, template in listed.items()}


@pytest.mark.parametrize("path", [*WORDS, *OWN_WORDS], ids=lambda path: f"{path.parts[-4]}-{path.stem}")
def test_every_sentence_that_compares_has_a_direction_or_a_rule(path):
    """Also those that no bundled study says."""
    for key, template in templates(path).items():
        if isinstance(template, str) and rule_of(key) is None:
            assert compared_by(re.sub(r"\{\w+\}", MARK, template)) == [], f"{key}: {template}"


def put_in(templates):
    """The names that sentences put in."""
    texts = [text for one in templates for text in (one.values() if isinstance(one, dict) else (one,))]
    return {name for text in texts for _, name, _, _ in string.Formatter().parse(text) if name}


def test_rules_are_about_sentences_that_are_there_and_what_their_chapters_put_into_them():
    for chapter, rules in _rules().items():
        there = [templates(path) for path in [*WORDS, *OWN_WORDS] if path.stem == chapter]
        known = put_in(template for own in there for template in own.values())
        for key, rule in rules.items():
            assert any(f"{chapter}.{key}" in own for own in there), f"{chapter}.{key}"
            if isinstance(rule, dict) and set(rule) == {"because"}:
                assert rule["because"]
                continue
            assert isinstance(rule, str) or set(rule) <= set(DIRECTIONS), f"{chapter}.{key}"
            for each in (rule,) if isinstance(rule, str) else rule.values():
                names = {node.id for node in ast.walk(ast.parse(each)) if isinstance(node, ast.Name)} - {"len", "abs"}
                assert names <= known, f"{chapter}.{key}: {names - known}"


def test_the_book_claims_nothing_that_its_numbers_do_not_give(built_book):
    assert [str(fault) for fault in claims.faults(built_book)] == []
    assert claims.counted(built_book)["numbers"] > 1000


def test_a_digit_changed_in_any_caption_note_or_legend_of_the_book_is_found(built_book):
    """The last digit of each number, one at a time."""
    missed, planted = [], 0
    for told in claims.chapters_of(built_book):
        known, page = _known_texts(told), BeautifulSoup(told.page.read_text(encoding="utf-8"), "html.parser")
        _without_marks(page)
        for text in {_seen(text) for output in page.select(".cell_output") for text in _words_of(output)}:
            for found in NUMERAL.finditer(text):
                last = max(place for place in range(*found.span()) if text[place].isdigit())
                wrong = text[:last] + str((int(text[last]) + 5) % 10) + text[last + 1 :]
                planted += 1
                missed += [] if _left_in(wrong, known) else [wrong]
    assert planted > 400 and missed == []


def test_a_number_changed_in_any_sentence_of_the_book_is_found(built_book):
    """The last digit of each number of each sentence, one at a time."""
    missed, planted = [], 0
    for told in claims.chapters_of(built_book):
        for text in told.sentences:
            found = text.laid_out()
            for group in range(1, len(text.numbers) + 1):
                last = max((place for place in range(*found.span(group)) if text.text[place].isdigit()), default=None)
                if last is not None:
                    wrong = text.text[:last] + str((int(text.text[last]) + 5) % 10) + text.text[last + 1 :]
                    planted += 1
                    missed += [wrong] if not list(Text(wrong, text.outline, text.numbers).wrong_numbers()) else []
    assert planted > 1000 and missed == []


# Words by which a sentence says what is left of the clear ones, or that they were not corrected and why.
LEFT = re.compile(r"\{(?:left|drawn|expected)\}|in none of them|none does|and (?:in )?none when|Holm\), in none|"
                  r"not corrected|stay so")  # fmt: skip
# Counts of clear results that are no tests of one family, each with its reason.
NO_FAMILY = {
    "common.claims_overview": "statements of a print are counted by verdict",
    "cost_benefit.break_even_cheaper": "one effect against its limit",
    "health.models": "adjustments of one result",
    "health.models_alike": "adjustments of one result",
    "health.clear_by_ways": "ways of treating missing answers in one result",
    "health.survives_few": "ways of treating missing answers in one result",
    "health.tipping_cells": "assumptions about one result",
    "health.tipping_cells_unclear": "assumptions about one result",
    "robustness.title_some": "specifications of one result; its page says that they are no independent tests",
    "robustness.counted": "specifications of one result; its page says that they are no independent tests",
    "robustness.clear_in_curve": "specifications of one result; its page says that they are no independent tests",
    "robustness.methods_agree": "estimators of one result",
    "robustness.methods_drawn": "estimators of one result",
    "robustness.methods_differ": "estimators of one result",
    "participants.reference_alike": "none is clear",
}


@pytest.mark.parametrize("path", [*WORDS, *OWN_WORDS], ids=lambda path: f"{path.parts[-4]}-{path.stem}")
def test_a_sentence_that_counts_clear_results_says_what_is_left_when_all_are_counted(path):
    """Of several that were looked at: how many remain after a correction, are to be expected, or that none was made."""
    counts = re.compile(r"(?:clear|differ|excludes|below \{?level|below 0\.05|at the 5%)[^.]*\bof (?:the )?\{|"
                        r"\bof (?:the )?\{[^.]*(?:clear|differ|below)", flags=re.IGNORECASE | re.DOTALL)  # fmt: skip
    for key, template in templates(path).items():
        for text in template.values() if isinstance(template, dict) else (template,):
            if counts.search(text) and re.search(r"\{(?:clear|higher|differing|mmrm|observed|same)\}", text):
                assert LEFT.search(text) or key in NO_FAMILY, f"{key}: {text}"


def test_a_chapter_that_was_borne_out_is_looked_at_again_only_when_it_has_changed(tmp_path, monkeypatch):
    (tmp_path / "results" / "health").mkdir(parents=True)
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "results" / "health" / "sentences.json").write_text("[]")
    page, looked, sound = tmp_path / "notebooks" / "health.html", [], set()
    monkeypatch.setattr(claims, "orphans_of", lambda told: looked.append(told.page.read_text()) or iter(()))
    for text in ("one", "one", "two"):
        page.write_text(text)
        assert claims.faults(tmp_path, sound) == []
    assert looked == ["one", "two"] and len(sound) == 1
    monkeypatch.setattr(claims, "orphans_of", lambda told: iter(["nothing computed gives 7"]))
    page.write_text("three")
    assert len(claims.faults(tmp_path, sound)) == 1 and not sound
    assert len(claims.faults(tmp_path, sound)) == 1

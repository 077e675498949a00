"""Methods worked by hand: each step's number is that of the method, has words, and stands on the method's page."""

import re
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import yaml

from analysis.book import method_pages
from analysis.chapters._worked_on import people_for
from analysis.frames.trial import open_trial
from analysis.methods import selection as chosen
from analysis.methods.worked import EXAMPLES, MODULES, selection
from analysis.methods.worked.randomisation import drawn_p_value
from analysis.methods.worked.selection import more_by_drawing
from analysis.show.catalogue import FOLDER, Catalogue
from analysis.study.finding import BUNDLED
from tests.agreement import CHECKED

HANDMADE = Path(__file__).parent / "handmade"
WORDS = Catalogue()
OWN = {name: WORDS.entry(f"methods/{module}.{name}") for module, examples in MODULES.items() for name in examples}
WORDS_OF_CHAPTERS = sorted([*(FOLDER / "en").glob("*.yml"), *BUNDLED.parent.glob("*/words/en/*.yml")])


def named_methods() -> dict[str, list[str]]:
    """Result of a chapter → the methods that its words name, the general ones and those of the bundled studies."""
    found = {}
    for path in WORDS_OF_CHAPTERS:
        words = yaml.safe_load(path.read_text(encoding="utf-8"))
        for kind in ("tables", "figures", "listings"):
            for name, entry in (words.get(kind) or {}).items():
                found[f"{path}.{kind}.{name}"] = (entry or {}).get("methods", [])
    return found


@pytest.mark.parametrize("name", EXAMPLES)
def test_steps_by_hand_lead_to_what_the_method_gives(name):
    example = EXAMPLES[name]
    steps, answers = example.by_hand(example.people).steps, example.by_method(example.people)
    assert answers
    for step, answer in answers.items():
        assert steps[step] == pytest.approx(answer, rel=1e-6, abs=1e-9, nan_ok=True), step
    assert 5 <= len(example.people) <= 12


@pytest.mark.parametrize("name", [name for name, example in EXAMPLES.items() if example.takes])
def test_the_same_steps_hold_for_the_people_of_a_study(name):
    example = EXAMPLES[name]
    known = (people_for(open_trial(folder), example.takes) for folder in (BUNDLED, BUNDLED.parent / "ips"))
    people = next(each for each in known if each is not None)
    steps, answers = example.by_hand(people).steps, example.by_method(people)
    for step, answer in answers.items():
        assert steps[step] == pytest.approx(answer, rel=1e-6, abs=1e-9), step


@pytest.mark.parametrize("name", [name for name, example in EXAMPLES.items() if example.takes])
def test_in_a_trial_of_ten_people_a_step_has_a_number_or_none(name):
    """Where a model cannot be fitted the steps end in nothing, and never in an error."""
    example = EXAMPLES[name]
    people = people_for(open_trial(HANDMADE), example.takes)
    if people is not None:
        assert list(example.by_hand(people).steps) == list(example.by_hand(example.people).steps)


def test_drawing_the_arms_comes_near_to_all_ways_to_draw_them():
    exact, draws = EXAMPLES["drawing_anew"].by_hand(EXAMPLES["drawing_anew"].people).steps["p_value"], 20_000
    assert abs(drawn_p_value(draws) - exact) < 4 * (exact * (1 - exact) / draws) ** 0.5


def test_drawing_effects_comes_near_to_the_integrals_of_the_best_of_equally_good_centres():
    more, draws = EXAMPLES["best_by_chance"].by_hand(EXAMPLES["best_by_chance"].people).steps["more"], 40_000
    assert abs(more_by_drawing(draws) - more) < 4 * 4.0 / draws**0.5  # a draw's spread is about four hours


def test_of_three_best_centres_of_six_the_way_by_hand_is_that_of_drawing_too():
    """With one chosen, or one left, the centres above the largest of the others do not tell one sign from the other."""
    people, draws = np.arange(1.0, 7.0), 40_000
    covariance = np.array([[[size, 0.5], [0.5, 1.0]] for size in (0.5, 1.0, 1.5, 2.0, 2.5, 3.0)])
    drawn = chosen.more_by_chance(people, covariance, 3, draws, np.random.default_rng(1))
    assert abs(drawn.mean() - selection._by_chance(covariance, people, 3)) < 4 * drawn.std() / draws**0.5


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_step_and_column_has_words_and_no_other(name):
    example, own = EXAMPLES[name], OWN[name]
    worked = example.by_hand(example.people)
    assert list(own["steps"]) == list(worked.steps)
    assert list(own["columns"]) == list(worked.people.columns)
    assert not [words for words in (*own["steps"].values(), *own["columns"].values()) if "|" in words]  # ends a cell
    always = {"title", "question", "data", "formula", "assumptions", "columns", "steps"}
    assert always <= set(own) <= always | {"row", "simulated"}


def test_results_name_methods_that_have_a_page():
    known = {f"{module}.{name}" for module, examples in MODULES.items() for name in examples}
    named = {method for methods in named_methods().values() for method in methods}
    assert named == known


def test_every_method_with_a_page_is_held_against_another_program_and_no_other():
    checked = pd.read_csv(CHECKED, comment="#")
    assert set(checked["method"]) == set(EXAMPLES)
    assert not checked.duplicated(["method", "against"]).any()
    rough = checked["against"].str.contains("draws|in steps")  # theirs are off by so much, and their names say why
    assert (checked.loc[rough, "largest_difference"] <= 1e-3).all() and rough.sum() == 3
    assert (checked.loc[~rough, "largest_difference"] <= 1e-5).all()  # R's second derivatives by differences; else 1e-6


def test_nobody_of_a_protected_study_is_worked_on():
    study = SimpleNamespace(disclosure="protected")
    assert people_for(SimpleNamespace(study=study), "outcome") is None


def test_the_page_on_methods_lists_each_once():
    page = (Path(__file__).parents[1] / "book" / "methods.md").read_text(encoding="utf-8")
    listed = re.findall(r"\]\(method_(\w+)\.md\)", _index(page))
    assert sorted(listed) == sorted(EXAMPLES)


def _index(page: str) -> str:
    return page.split("(methods-index)=")[1].split("(methods-statuses)=")[0]


LINKED = re.compile(r"book/method_(\w+)\.(?:md|html)")
RESULT = re.compile(r'<figure class="result-\w+" id="([^"]+)">(.*?)</figure>', re.DOTALL)
IN_NOTES = r'<div class="[^"]*\badmonition\b[^"]*">.*?</div>'


def test_notes_link_to_methods_that_have_a_page():
    notebooks = sorted((Path(__file__).parents[1] / "notebooks").glob("*.ipynb"))
    texts = {path: path.read_text(encoding="utf-8") for path in (*WORDS_OF_CHAPTERS, *notebooks)}
    assert {name for text in texts.values() for name in LINKED.findall(text)} <= set(EXAMPLES)
    between = [path.read_text(encoding="utf-8") for path in sorted((FOLDER / "en" / "methods").glob("*.yml"))]
    assert {name for text in between for name in re.findall(r"\]\(method_(\w+)\.md\)", text)} <= set(EXAMPLES)


def test_links_of_notes_lead_to_the_pages_of_methods(built_book):
    """Method notes of the built chapters are folded, and what they link to is there."""
    for chapter in ("employment", "participants", "health", "cost_benefit", "process_evaluation", "user_survey"):
        page = (built_book / "notebooks" / f"{chapter}.html").read_text(encoding="utf-8")
        linked = {name for note in re.findall(IN_NOTES, page, re.DOTALL) for name in LINKED.findall(note)}
        assert linked, chapter
        assert not [name for name in linked if not (built_book / "book" / f"method_{name}.html").is_file()]
        assert "In the print" in page, chapter


def test_a_page_shows_the_formula_the_steps_and_the_code(built_book):
    """Every method in use has a page, which links to what uses it and is linked to from there."""
    pages = {path.stem.removeprefix(method_pages.METHOD_PAGE): path.read_text(encoding="utf-8")
             for path in (built_book / "book").glob(f"{method_pages.METHOD_PAGE}*.html")}  # fmt: skip
    assert set(pages) == set(EXAMPLES)
    for name, page in pages.items():
        for function in EXAMPLES[name].functions:
            assert f"{function.__module__}.{function.__name__}" in page.replace("<wbr/>", "")
        used = page.split('id="where-it-is-used"')[1].split("</section>")[0]
        back = re.findall(r'href="(\.\./[^"#]+\.html)#([^"]+)"', used)
        assert back, name
        for file, anchor in back:
            target = (built_book / "book" / Path(file)).resolve().read_text(encoding="utf-8")
            assert f'id="{anchor}"' in target, (name, file, anchor)
            assert f"book/{method_pages.METHOD_PAGE}{name}.html" in target


def test_whatever_compares_the_arms_or_has_an_interval_leads_to_its_method(built_book):
    """Every table and figure of the chapters, those too whose words a study puts otherwise."""
    planned = [text[:20] for text in WORDS.entry("common.planned").values()]
    found, silent = 0, []
    for page in sorted((built_book / "notebooks").glob("*.html")):
        for anchor, result in RESULT.findall(page.read_text(encoding="utf-8")):
            estimated = 'class="interval"' in result or any(text in result for text in planned)
            found += estimated
            if estimated and f"book/{method_pages.METHOD_PAGE}" not in result:
                silent.append(f"{page.stem}#{anchor}")
    assert found > 100
    assert silent == []

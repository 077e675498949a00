"""Every number of a book is led back to what made it, and what is said of it is so: another answer, another number."""

import importlib
import inspect
import json
import pkgutil
from collections import Counter
from dataclasses import fields, is_dataclass, replace
from functools import cached_property
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from bs4 import BeautifulSoup

import analysis.methods
from analysis.__main__ import main
from analysis.book import trace_pages
from analysis.book.packing import folders_with, pack_records
from analysis.frames.trial import Trial, open_trial
from analysis.methods import means, proportions, recording, regression
from analysis.methods.estimates import Estimate
from analysis.methods.recording import origins_of, recorded
from analysis.methods.worked import EXAMPLES
from analysis.published import trace
from analysis.published.trace import CHAPTER, COUNT, METHOD, PRINT, SETTING
from analysis.show.catalogue import Catalogue
from analysis.show.made_by import maker
from analysis.study.finding import BUNDLED
from tests.walk import shown, without


@pytest.fixture
def record(monkeypatch):
    """A record of its own, switched on."""
    monkeypatch.setattr(recording, "_RECORD", recording._Record())
    recording.start()


def test_nothing_is_kept_unless_it_is_asked_for(monkeypatch):
    monkeypatch.setattr(recording, "_RECORD", recording._Record())
    proportions.proportion_interval(3, 20)
    assert recording._RECORD.origins == {}


def test_a_number_is_led_back_to_the_call_that_gave_it(record):
    works = [True] * 4 + [False] * 3 + [True] + [False] * 5
    people = pd.DataFrame({"arm": ["new"] * 7 + ["usual"] * 6, "works": works})
    found = proportions.compare_arms(people, "works", treatment="new", control="usual")
    (origin,) = origins_of(-found["p_value"].iloc[2])
    assert origin.calls == ("proportions.compare_arms", "proportions.difference_in_proportions")
    assert dict(origin.options)["interval"] == "newcombe" and dict(origin.about)["contrast"] == "new_vs_usual"
    assert origin.name == "p_value" and dict(origin.about)["n_treated"] == "7"
    (share,) = (one for one in origins_of(4 / 7) if one.name == "estimate")
    assert share.descends_from("proportions.proportion_interval") and not share.descends_from("means.mean_estimate")


def test_what_a_method_works_out_itself_names_those_it_asked(record):
    inner = recorded(lambda x: x / 3)
    outer = recorded(lambda x: inner(x) + 1)
    outer(2)
    (origin,) = origins_of(2 / 3 + 1)
    assert len(origin.calls) == 1 and len(origin.uses) == 1
    assert len(next(iter(origins_of(2 / 3))).calls) == 2


def test_what_is_made_once_has_the_same_origins_wherever_it_was_made_first(record):
    """In a process that made more before it, in one that comes from there, and where it alone was made."""
    trace.start()
    third, more, opened = recorded(lambda x: x / 3), recorded(lambda frame: frame["estimate"] + 1), Trial(None, {})
    estimates = pd.DataFrame({"estimate": [2 / 3]})

    def make():
        return more(estimates)

    opened.once(("alone",), make)
    alone = origins_of(2 / 3 + 1)
    third(2)  # the number that is handed in was given here, too
    opened.once(("later",), make)
    assert origins_of(2 / 3 + 1) == alone and len(alone) == 1
    recording.forget()
    assert origins_of(2 / 3 + 1) == origins_of(2 / 3) == set()
    opened.once(("later",), make)
    assert origins_of(2 / 3 + 1) == alone and origins_of(2 / 3) == set()


def test_rows_of_people_are_not_kept(record):
    recorded(lambda: pd.DataFrame({"participant_id": ["P1"], "score": [0.123]}))()
    assert origins_of(0.123) == set()


def test_the_function_of_a_chapter_is_told():
    assert maker() == ""
    names = {"__name__": "analysis.chapters.some", "maker": maker}
    exec("def inner():\n    return maker()\ndef table():\n    return inner()", names)
    assert names["table"]() == "analysis.chapters.some.table"


def traces(built_book):
    folder = built_book / "results"
    return {found.relative_to(folder).as_posix(): trace_pages.read(found) for found in folders_with(folder, trace.FILE)}


def test_every_number_of_the_book_is_led_back(built_book):
    """Each has a kind; a method is one of the program's, and what none gave is made by a function that can be found."""
    found = traces(built_book)
    assert {"employment", "health", "robustness", "ips/employment"} <= set(found)
    known = {f"{recording.name_of(each)}" for each in recorded_methods()}
    kinds = Counter()
    for each in (each for results in found.values() for each in results):
        for _, _, _, kind, *origin in each.numbers:
            kinds[kind] += 1
            assert kind in (METHOD, SETTING, PRINT, COUNT, CHAPTER)
            if kind == METHOD:
                assert set(each.origins[origin[0]]["calls"]) <= known
            elif kind in (COUNT, CHAPTER) and each.kind != "text" and each.kind != "owntable":
                assert each.made_by.startswith("analysis."), each.item
    assert kinds[METHOD] > 2 * kinds[CHAPTER] > 0


def own_functions():
    """Every function of a module of methods that others may ask."""
    found = pkgutil.iter_modules(analysis.methods.__path__, "analysis.methods.")
    modules = [importlib.import_module(each.name) for each in found if each.name != "analysis.methods.recording"]
    return [each for module in modules for each in vars(module).values() if inspect.isfunction(each)
            and each.__module__ == module.__name__ and not each.__name__.startswith("_")]  # fmt: skip


def recorded_methods():
    return [each for each in own_functions() if hasattr(each, "__wrapped__")]


def test_whatever_gives_an_estimate_is_recorded():
    giving = [each for each in own_functions() if inspect.signature(each).return_annotation is Estimate]
    assert giving
    assert [each.__name__ for each in giving if not hasattr(each, "__wrapped__")] == []


def test_downloads_are_traced_whole(built_book):
    """No number of a table's download is left out."""
    folder = built_book / "results" / "health"
    found = {each.item: each for each in trace_pages.read(folder) if each.kind == "table"}
    for name, each in found.items():
        values = pd.read_csv(folder / f"{name}.csv")["value"]
        assert len([number for number in each.numbers if number[1] == "value"]) == values.notna().sum(), name


def test_what_many_numbers_have_in_common_is_said_once(tmp_path):
    """Two answers of one method that differ in their people, and a count."""
    asked = {"calls": ["some.share"], "options": {"interval": "wilson"}}
    origins = [{**asked, "about": {"n_treated": str(n)}} for n in (5, 6)]
    numbers = [["a", "value", 0.5, METHOD, 0], ["b", "value", 0.25, METHOD, 1], ["c", "n", 3, COUNT]]
    found = trace_pages.Traced("invented", "table", "shares", "analysis.chapters.one.table", numbers, origins)
    chapter = SimpleNamespace(part=SimpleNamespace(words=Catalogue(), results=""))
    section = BeautifulSoup(trace_pages._Page(chapter, [found], tmp_path)._told(found), "html.parser")
    assert section.get_text().count("wilson") == 1
    assert [lines.get_text().split("\n") for lines in section.find_all("pre")] == [
        ["a: value 0.5 (n_treated 5)", "b: value 0.25 (n_treated 6)"], ["c: n 3"]]  # fmt: skip


def test_a_packed_trace_is_read_as_it_was(tmp_path):
    folder = tmp_path / "results" / "one"
    folder.mkdir(parents=True)
    line = {"data": "d", "kind": "table", "item": "t", "made_by": "", "numbers": [["a", "n", 3, COUNT]], "origins": []}
    (folder / "trace.jsonl").write_text(f"{json.dumps(line)}\n")
    before = trace_pages.read(folder)
    pack_records(tmp_path)
    assert [path.name for path in folder.iterdir()] == ["trace.jsonl.gz"]
    assert trace_pages.read(folder) == before != [] and trace_pages.counted(tmp_path) == {COUNT: 1}


def numbers_of(folder):
    """Where a number stands → its value."""
    lines = (json.loads(line) for line in (folder / "participants" / "trace.jsonl").read_text().splitlines())
    found, of_methods = {}, {}
    for line in lines:
        if line["kind"] not in ("table", "figure"):
            continue
        for place, name, value, kind, *origin in line["numbers"]:
            found[line["item"], place, name] = value
            if kind == METHOD:
                of_methods[line["item"], place, name] = line["origins"][origin[0]]
    return found, of_methods


def test_another_answer_changes_the_numbers_that_descend_from_it_and_no_other(monkeypatch, tmp_path, record):
    """Of the chapter on participants: answers are moved by a little, and those numbers move that the trace names."""
    moved = {recording.name_of(method): method for method in (means.standardised_difference, means.mean_estimate)}
    trial = without(open_trial(BUNDLED))
    shown(monkeypatch, "participants", trial, results=str(tmp_path / "one"))
    before, origins = numbers_of(tmp_path / "one")
    monkeypatch.setattr(recording, "_RECORD", recording._Record())
    recording.start()
    for method in moved.values():
        monkeypatch.setattr(method, "__wrapped__", a_little_more(method.__wrapped__))
    shown(monkeypatch, "participants", without(trial), results=str(tmp_path / "two"))
    after, _ = numbers_of(tmp_path / "two")
    changed = {place for place in before if after[place] != before[place]}
    named = {place for place, origin in origins.items() if moved.keys() & {*origin["calls"], *origin["uses"]}
             and place[2] not in ("n", "count") and before[place] != 0}  # fmt: skip
    assert changed and changed == named


def a_little_more(method):
    """The method with every number that it gives moved, but for whole ones and levels."""
    return lambda *args, **settings: moved(method(*args, **settings))


def moved(answer):
    if isinstance(answer, pd.DataFrame):
        return answer.assign(**{name: answer[name] * 0.999 for name in answer.select_dtypes("float")})
    if isinstance(answer, (pd.Series, np.ndarray)):
        return answer * 0.999 if answer.dtype.kind == "f" else answer
    if isinstance(answer, (float, np.floating)):
        return answer * 0.999
    if isinstance(answer, tuple):
        return tuple(map(moved, answer))
    if isinstance(answer, dict):
        return {name: moved(value) for name, value in answer.items()}
    if not is_dataclass(answer):
        return answer
    worked_out = {name for name, kind in vars(type(answer)).items() if isinstance(kind, (property, cached_property))}
    own = {field.name for field in fields(answer) if field.init and field.metadata != recording.NO_ANSWER}
    other = replace(answer, **{name: moved(getattr(answer, name)) for name in own - {"conf_level"}})
    values = {name: moved(getattr(answer, name)) for name in worked_out}
    object.__setattr__(other, "__class__", type("Moved", (type(answer),), values)) if values else None
    return other


# Method → those whose numbers hang on it without saying so, and fits, whose properties cannot be moved.
HANDED_ON = {
    "survival.horizon_of": "a time is handed to another method as a plain number, among its options",
    "imputation.tipping_delta": "so is a delta",
    "coding.category_shares": "shares without errors are no estimates of which a frame tells",
    "repeated_measures.arms_over_waves": "what goes into a fit, no answer of its own",
    "imputation.tipping_map": "is asked for the one cell whose deltas are known",
}
# Steps that an example finds without a method, though a method gives the same number: P(Q > q) without any spread.
FOUND_ALONE = {("shrunken_effects", "alike")}


@pytest.mark.parametrize("name", EXAMPLES)
def test_another_answer_of_any_method_changes_the_numbers_that_descend_from_it_and_no_other(name, monkeypatch):
    """With each method in turn giving other numbers, those that it gave change, and none that descend from others."""
    example, methods = EXAMPLES[name], {recording.name_of(method): method for method in recorded_methods()}

    def steps():
        monkeypatch.setattr(recording, "_RECORD", recording._Record())
        recording.start()
        found = {step: float(value) for step, value in example.by_method(example.people).items()}
        return found, {step: origins_of(value) for step, value in found.items() if not value.is_integer()}

    before, origins = steps()
    told = {step: own for step, own in origins.items() if own and (name, step) not in FOUND_ALONE}
    asked = {method for own in told.values() for origin in own for method in (*origin.calls, *origin.uses)}
    for method in asked - HANDED_ON.keys():
        with monkeypatch.context() as patched:
            patched.setattr(methods[method], "__wrapped__", a_little_more(methods[method].__wrapped__))
            after, _ = steps()
        changed = {step for step in told if after[step] != before[step]}
        assert {step for step, own in told.items() if all(method in one.calls for one in own)} <= changed, method
        assert changed <= {step for step, own in told.items()
                           if any(method in (*one.calls, *one.uses) for one in own)}, method  # fmt: skip


def test_the_command_counts_and_finds_numbers(built_book, capsys, tmp_path):
    assert main(["trace", str(built_book.parent)]) == 0
    told = capsys.readouterr().out
    assert "numbers:" in told and "by a method" in told
    assert main(["trace", str(built_book.parent), "--number", "6.942"]) == 0
    assert "proportions.difference_in_proportions" in capsys.readouterr().out
    assert main(["trace", str(built_book.parent), "--number", "123456789"]) == 2
    assert main(["trace", str(tmp_path)]) == 2
    assert "no number is traced here" in capsys.readouterr().err


def test_what_a_method_makes_of_plain_numbers_is_led_back_to_all_that_it_asked(record):
    example = EXAMPLES["answer_weights"]
    steps = example.by_method(example.people)
    assert all(one.descends_from("regression.fit_logit") for name in ("d", "error") for one in origins_of(steps[name]))


def test_rows_that_a_fit_keeps_are_no_answer(record):
    people = pd.DataFrame({"works": [1, 0] * 20, "age": [31.625 + n for n in range(40)]})
    regression.fit_logit(people, "works", ["age"])
    assert origins_of(31.625) == set() and recording._RECORD.origins

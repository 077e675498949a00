"""Parameters of a chapter: one check for the command line, for papermill and for a cell changed by hand."""

import re
import shutil
from pathlib import Path
from types import SimpleNamespace

import nbformat
import papermill
import pytest
from papermill.exceptions import PapermillExecutionError

from analysis.frames.trial import open_trial
from analysis.show import parameters
from analysis.show.page import Page
from analysis.show.parameters import WrongParameter, check, check_in_notebook

ROOT = Path(__file__).parents[1]
HANDMADE = ROOT / "tests" / "handmade"
TEMPLATE = 'study = None\nlanguage = "en"\nresults = None\nconf_level = 0.95\nn_best_centres = 3'


@pytest.fixture(scope="module")
def study():
    return open_trial(HANDMADE).study


@pytest.fixture
def ran(monkeypatch):
    """What a notebook has run so far, as IPython keeps it."""

    def run(*cells: str) -> None:
        shell = SimpleNamespace(user_ns={"In": ["", *cells]})
        monkeypatch.setitem(parameters.sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: shell))

    return run


@pytest.mark.parametrize("level", [95, 1.5, 0, -0.5, 1, "high", True, None])
def test_a_level_is_a_share_whoever_sets_it(study, ran, level):
    """On the command line, put in by papermill, or written into the cell by hand."""
    with pytest.raises(WrongParameter, match=r"conf_level takes a share between 0 and 1, for example conf_level=0\.95"):
        check({"conf_level": level}, {"conf_level": 0.95}, study)
    ran(TEMPLATE, f"# Parameters\nconf_level = {level!r}\n")
    with pytest.raises(WrongParameter, match="conf_level takes a share between 0 and 1, for example"):
        check_in_notebook({}, study)
    ran(TEMPLATE.replace("0.95", repr(level)))
    with pytest.raises(WrongParameter, match="conf_level takes a share between 0 and 1"):
        Page("employment", study=str(HANDMADE), conf_level=level)


@pytest.mark.parametrize(
    ("name", "value", "usual", "takes"),
    [
        ("n_best_centres", 2.5, 3, "a whole number from 1"),
        ("n_best_centres", 0, 3, "a whole number from 1"),
        ("draws", 0, 2000, "a whole number from 2"),
        ("seed", -1, 2013, "a whole number"),
        ("repeats", "many", 10, "a whole number"),
        ("month", 19, 12, "a whole number from 0 to 18"),
        ("month", "12", 12, "a whole number from 0 to 18"),
        ("outcome", "hours", "in_work_no_benefits", "one of in_work_no_benefits, fully_or_partly_in_work"),
        ("subgroup", "sex", None, "one of none: the study declares none"),
    ],
)
def test_other_values_are_of_the_kind_that_the_name_stands_for(study, name, value, usual, takes):
    assert parameters.wanted(name, value, usual, study) == takes


@pytest.mark.parametrize(
    ("name", "value", "usual"),
    [("month", 18, 12), ("outcome", "fully_or_partly_in_work", None), ("subgroup", None, None),
     ("conf_level", 0.9, 0.95), ("seed", 0, 2013), ("title", "any", "words")],
)  # fmt: skip
def test_values_that_can_be_pass(study, name, value, usual):
    assert parameters.wanted(name, value, usual, study) is None


def test_a_name_that_the_template_lacks_is_refused_with_the_right_ones(study, ran):
    ran(TEMPLATE, "# Parameters\nconf_levle = 0.9\nstudy = '/data/x'\n")
    with pytest.raises(WrongParameter, match=r"no parameter conf_levle; there is: conf_level, n_best_centres"):
        check_in_notebook({"conf_level": 0.95}, study)


def test_outside_a_notebook_only_what_is_given_is_checked(study):
    check_in_notebook({"conf_level": 0.9, "n_best_centres": 2}, study)


@pytest.mark.parametrize(
    ("given", "message"),
    [({"conf_level": 95}, "conf_level takes a share between 0 and 1, for example conf_level=0.95"),
     ({"conf_levle": 0.9}, "this chapter has no parameter conf_levle; there is: conf_level, draws, seed")],
)  # fmt: skip
def test_plain_papermill_is_refused_with_one_clear_error(tmp_path, given, message):
    """The notebook's own output holds the message and no way through the program."""
    given = {"study": str(HANDMADE), **given}
    with pytest.raises(PapermillExecutionError):
        papermill.execute_notebook(
            str(ROOT / "notebooks" / "health.ipynb"), str(tmp_path / "out.ipynb"), given, progress_bar=False,
            log_output=False, cwd=str(tmp_path),
        )  # fmt: skip
    outputs = [output for cell in nbformat.read(tmp_path / "out.ipynb", 4).cells for output in cell.get("outputs", [])]
    [error] = [output for output in outputs if output.output_type == "error"]
    assert error.traceback == [f"WrongParameter: {message}"]


def test_every_notebook_gives_its_page_every_parameter_by_name():
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        sources = [cell.source for cell in nbformat.read(path, 4).cells if cell.cell_type == "code"]
        names = parameters.assigned(sources[0])
        opened = next(source for source in sources if "Page(" in source)
        assert [name for name in names if f"{name}={name}" not in opened] == [], path.name


def test_an_executed_notebook_runs_again_from_another_folder_with_the_same_numbers(tmp_path, monkeypatch):
    """It names a study that does not come with the program by its folder, and holds the values that were used."""
    from analysis.book.execution import ChapterTask, run_chapters

    other = shutil.copytree(HANDMADE, tmp_path / "studies" / "other")
    given = {"study": "other", "language": "en", "conf_level": 0.9}
    task = ChapterTask("process_evaluation", ROOT / "notebooks" / "process_evaluation.ipynb", given, tmp_path / "run",
                       study=other)  # fmt: skip
    [outcome] = run_chapters([task])
    assert outcome.failure is None
    text = task.notebook.read_text()
    assert str(tmp_path) not in text and "injected" not in text
    assert parameters.assigned(nbformat.read(task.notebook, 4).cells[1].source) == {**given, "results": None}
    monkeypatch.setenv("ANALYSIS_STUDIES", str(other.parent))
    (tmp_path / "elsewhere").mkdir()
    papermill.execute_notebook(str(task.notebook), str(tmp_path / "again.ipynb"), progress_bar=False, log_output=False,
                               cwd=str(tmp_path / "elsewhere"))  # fmt: skip
    first, again = (numbers_of(path) for path in (task.notebook, tmp_path / "again.ipynb"))
    assert first == again and first


def numbers_of(path: Path) -> list[str]:
    """The sentences and key numbers that the cells of a notebook show; the rest holds links to downloads."""
    cells = nbformat.read(path, 4).cells
    shown = [output.get("data", {}) for cell in cells for output in cell.get("outputs", [])]
    told = [data["text/plain"] for data in shown if "text/markdown" in data or "value" in data.get("text/plain", "")]
    return [re.sub(r' <a class="traced".*?</a>', "", text) for text in told]

"""Chapters in forked workers: what they show is what a kernel shows, and their failures are those of a kernel."""

import multiprocessing
import operator
import os
import re
import signal
import subprocess
import sys
import time
import warnings
from pathlib import Path

import nbformat
import pytest

import analysis
from analysis.book import execution, inputs, parts, report, workers
from analysis.book.execution import ChapterTask, run_chapters
from analysis.book.report import ROOT
from analysis.book.surroundings import SETTINGS
from analysis.book.timings import Timings
from analysis.book.workers import CAN_FORK, in_workers, of_each
from analysis.chapters import reproduction
from analysis.frames.trial import Trial, open_trial
from analysis.study.finding import DATA
from analysis.study.reading import read_settings

pytestmark = pytest.mark.skipif(not CAN_FORK, reason="chapters run in kernels where processes cannot be forked")

# Each cell shows something in another way.
SHOWING = (
    "print('out')\nimport sys\nprint('error', file=sys.stderr)\n1 + 1",
    # A kernel reads its descriptors in the meantime, and not at the end of a cell.
    "import os, time\nos.system('echo from another process')\ncount = os.write(1, b'past Python')\ntime.sleep(0.5)",
    "from IPython.display import HTML, Markdown, clear_output, display\ndisplay(HTML('<b>first</b>'))\n"
    "print('between')\ndisplay(Markdown('second'))\nMarkdown('last')",
    "shown = display('before', display_id='known')\nshown.update('after')",
    "print('gone')\nclear_output()\nprint('kept')",
    "",
    "import matplotlib.pyplot as plt\nlines = plt.plot([1, 2])",
    "import pandas as pd\npd.DataFrame({'a': [1.5]})",
    "_, __name__, get_ipython().execution_count",
    "import warnings\nwarnings.warn('told once')",
    "class Two:\n    def _repr_mimebundle_(self, include, exclude):\n"
    "        return {'text/plain': 'two', 'text/html': '<i>two</i>'}, {'text/html': {'isolated': True}}\nTwo()",
    "import asyncio\nawait asyncio.sleep(0)\n'waited'",
    "def fails():\n    raise ValueError('on purpose')\nfails()",
    "'not reached'",
)
ENDINGS = {
    "exit": "import os\nos._exit(3)",
    "killed": "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)",
    "segmentation fault": "import ctypes, faulthandler\nfaulthandler.disable()\nctypes.string_at(0)",
}


def task(folder: Path, *sources: str, name: str = "chapter", study: Path | None = None) -> ChapterTask:
    cells = [nbformat.v4.new_code_cell("study = None\nresults = None", metadata={"tags": ["parameters"]}, id="given")]
    cells += [nbformat.v4.new_code_cell(source, id=f"cell-{number}") for number, source in enumerate(sources)]
    metadata = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    folder.mkdir(exist_ok=True)
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=metadata), folder / f"{name}.ipynb")
    return ChapterTask(name, folder / f"{name}.ipynb", {"study": "x"}, folder / "run" / name, study)


def of_pilots(folder: Path, chapter: str) -> ChapterTask:
    """A chapter of the smallest bundled study, whose chapters take a second."""
    study, template = DATA / "jmo", ROOT / "notebooks" / f"{chapter}.ipynb"
    cells = parts.open_parts(study, "en")[0].cells(template)
    return ChapterTask(chapter, template, {"study": "jmo"}, folder / chapter, study, cells)


def outputs(notebook: Path) -> list:
    """Every cell's number and outputs; streams as they are read, and no number of the process."""
    shown = []
    for cell in nbformat.read(notebook, 4).cells:
        shown.append(cell.get("execution_count"))
        for output in cell.get("outputs", []):
            if output.output_type == "stream" and shown[-1] and output.name == getattr(shown[-1], "name", ""):
                shown[-1].text += output.text
            else:
                shown.append(output)
    return [re.sub(r"/\S*/ipykernel(_\d+)?/", "ipykernel/", str(output)) for output in shown]


@pytest.fixture(scope="module")
def both_ways(tmp_path_factory) -> list[list]:
    """Outcomes of the same chapters in workers, and in kernels."""
    folder = tmp_path_factory.mktemp("ways")
    found = []
    with pytest.MonkeyPatch.context() as environment:
        environment.delenv("PYTEST_CURRENT_TEST")  # with it a kernel lets its descriptors be
        for kernel in (False, True):
            own = folder / str(kernel)
            tasks = [task(own, *SHOWING), of_pilots(own, "user_survey"), of_pilots(own, "process_evaluation")]
            found.append(sorted(run_chapters(tasks, kernel=kernel), key=lambda outcome: outcome.task.chapter))
    return found


def test_outputs_metadata_and_downloads_of_chapters_equal_those_of_a_kernel(both_ways):
    for worker, kernel in list(zip(*both_ways, strict=True))[1:]:
        assert worker.failure is None and kernel.failure is None
        assert worker.task.notebook.read_bytes() == kernel.task.notebook.read_bytes()
        written = [sorted(path.relative_to(one.task.results) for path in one.task.results.rglob("*.*"))
                   for one in (worker, kernel)]  # fmt: skip
        assert written[0] == written[1] != []
        for name in written[0]:
            assert (worker.task.results / name).read_bytes() == (kernel.task.results / name).read_bytes()


def test_whatever_a_cell_shows_and_how_it_fails_is_as_in_a_kernel(both_ways):
    worker, kernel = (outcomes[0] for outcomes in both_ways)
    raw = [one.task.folder / "chapter.raw.ipynb" for one in (worker, kernel)]
    assert "on purpose" in str(outputs(raw[0])) and "not reached" not in str(outputs(raw[0]))
    assert outputs(raw[0]) == outputs(raw[1])
    assert nbformat.read(raw[0], 4).metadata.language_info == nbformat.read(raw[1], 4).metadata.language_info
    assert worker.failure == kernel.failure
    assert worker.failure.place == "notebooks/chapter.ipynb, cell 14 (def fails():)"
    assert worker.failure.cause == "ValueError: on purpose"


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_worker_that_ends_costs_its_chapter_and_says_what_a_dead_kernel_says(tmp_path, ending):
    tasks = [task(tmp_path, ENDINGS[ending], name="ends"), task(tmp_path, "1", name="stands")]
    failures = {outcome.task.chapter: outcome.failure for outcome in run_chapters(tasks)}
    assert failures["stands"] is None
    assert str(failures["ends"]) == "notebooks/ends.ipynb: its process ended early, perhaps for want of memory"
    assert failures["ends"].told == failures["ends"].cause


@pytest.mark.parametrize(("kernel", "minutes"), [(False, 0.03), (True, 0.15)])
def test_a_chapter_that_hangs_is_ended_with_its_kernel(tmp_path, monkeypatch, kernel, minutes):
    """Each holds the other end of the pipe that is read here up to its end."""
    monkeypatch.setattr(execution, "MINUTES_A_CHAPTER", minutes)
    reading, writing = os.pipe()
    code = f"import time\nheld = open('/proc/{os.getpid()}/fd/{writing}', 'w')\ntime.sleep(600)"
    (outcome,) = run_chapters([task(tmp_path, code, name="hangs")], kernel=kernel)
    os.close(writing)
    with os.fdopen(reading) as rest:
        assert rest.read() == "" and multiprocessing.active_children() == []
    assert str(outcome.failure) == f"notebooks/hangs.ipynb: it was ended after {minutes} minutes"


def test_a_chapter_leaves_nothing_behind_in_the_process_that_runs_it(tmp_path):
    before = os.getcwd(), sys.stdout, sys.modules["__main__"], sys.path[:]
    code = "import os, sys\nos.chdir('/')\nsys.path.append('left')\nsys.modules['json'] = None"
    assert [outcome.failure for outcome in run_chapters([task(tmp_path, code)])] == [None]
    assert (os.getcwd(), sys.stdout, sys.modules["__main__"], sys.path) == before
    assert sys.modules["json"] is not None and multiprocessing.active_children() == []


def test_a_study_that_is_open_is_not_read_again(tmp_path):
    """The folder holds nothing to read any more."""
    settings = read_settings(DATA / "jmo")
    folder = tmp_path / "study"
    folder.mkdir()
    code = "from analysis.frames.trial import open_trial\nassert open_trial(study).study.name == 'jmo'"
    opened = Trial(settings, {}, folder=folder)
    outcomes = list(run_chapters([task(tmp_path, code, study=folder)], [opened]))
    assert [outcome.failure for outcome in outcomes] == [None]
    with pytest.raises(Exception, match=r"study\.yml"):
        open_trial(folder)  # shared in the worker alone


@pytest.mark.parametrize(("chapters", "times"), [(3, 1), (2, 0)])
def test_what_many_pages_are_held_to_is_computed_before_them_and_a_fault_of_it_is_theirs(
    tmp_path, monkeypatch, recwarn, chapters, times
):
    seen, study = [], DATA / "jmo"
    monkeypatch.setattr(reproduction, "card", lambda trial: warnings.warn(str(seen.append(trial)), stacklevel=1))
    opened = Trial(read_settings(study), {}, folder=study)
    execution._prepare([task(tmp_path, "1", study=study)] * chapters, [opened])
    assert seen == [opened] * times and not recwarn.list


def _waits(seconds: float) -> float:
    time.sleep(seconds)
    return seconds


def _fails(task: object) -> None:
    raise ValueError(task)


def test_workers_answer_when_they_are_done_and_end_when_nobody_waits_for_them():
    answers = in_workers(_waits, [60, 0.05, 0], 2)
    assert [next(answers)[2], next(answers)[2]] == [0.05, 0]
    answers.close()
    assert multiprocessing.active_children() == []
    with pytest.raises(ValueError, match="on purpose"):
        list(in_workers(_fails, ["on purpose"], 2))


@pytest.mark.parametrize("items", [[], [3], [3, 1], [5, 4, 3, 2, 1]])
def test_items_that_workers_share_are_answered_in_their_order(items):
    assert of_each(operator.neg, items) == [-item for item in items]


def test_a_worker_that_ends_early_with_its_share_is_told():
    with pytest.raises(RuntimeError, match="ended early"):
        of_each(os._exit, [0, 0, 0])
    with pytest.raises(ValueError, match="on purpose"):
        of_each(_fails, ["on purpose", "too"])


def test_what_comes_before_a_task_is_its_workers_and_an_idle_process_has_something_to_do():
    done: list[object] = []
    answers = in_workers(lambda task: (task, list(done)), [1, 2, 3], 2, before=done.append, idle=lambda: done.append(0))
    assert sorted(answer for _, _, answer in answers) == [(1, [1]), (2, [1, 2]), (3, [1, 2, 3])]
    assert done == [1, 2, 3, 0]


def test_the_smallest_study_comes_first_and_each_is_prepared_when_its_turn_comes(tmp_path, monkeypatch):
    seen: list[list[str]] = []
    monkeypatch.setattr(execution, "_prepare", lambda tasks, trials: seen.append([each.chapter for each in tasks]))
    monkeypatch.setattr(execution, "PROCESSES", 1)
    tasks = [task(tmp_path, "1", name=name, study=tmp_path / name[0]) for name in ("a1", "a2", "b1")]
    assert [outcome.task.chapter for outcome in run_chapters(tasks)] == ["b1", "a1", "a2"]
    assert seen == [["b1"], ["a1", "a2"]]


def test_workers_answer_where_processes_cannot_be_forked(monkeypatch):
    monkeypatch.setattr(workers, "CAN_FORK", False)
    assert [answer for _, _, answer in in_workers(operator.neg, [1, 2], 1)] == [-1, -2]


# A shell that runs tests in the background ignores SIGINT for them.
WAITING = "import os, signal, time\nsignal.signal(signal.SIGINT, signal.default_int_handler)\n"
WAITING += "from analysis.book.workers import in_workers\n"
WAITING += "def wait(task):\n    os.write(1, b'here\\n')\n    time.sleep(60)\nlist(in_workers(wait, [1, 2], 2))"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL], ids=lambda number: number.name)
def test_no_worker_outlives_the_process_that_began_it(number):
    """Workers hold the other end of the pipe that is read here up to its end."""
    command = [sys.executable, "-c", WAITING]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=ROOT, text=True) as parent:
        assert [parent.stdout.readline() for _ in range(2)] == ["here\n", "here\n"]
        parent.send_signal(number)
        rest, _ = parent.communicate(timeout=30)
    assert rest == ""


def test_the_command_line_starts_anew_once_with_settings_that_hold_from_the_start():
    code = "from analysis.book.surroundings import settle\nsettle()\nimport sys\n"
    code += "print(sys.flags.hash_randomization, sys.argv)"
    bare = {name: value for name, value in os.environ.items() if name not in SETTINGS}
    command = [sys.executable, "-c", code, "an argument"]
    said = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=bare, check=True).stdout
    assert said == "0 ['-c', 'an argument']\n"


@pytest.mark.parametrize(("asked", "started", "kernel"), [(True, 1e12, True), (False, 1e12, False), (False, 0, True)])
def test_chapters_run_in_kernels_if_asked_or_if_this_process_runs_an_older_program(
    monkeypatch, tmp_path, asked, started, kernel
):
    seen = []
    monkeypatch.setattr(report, "run_chapters", lambda tasks, trials, kernel, idle: seen.append(kernel) or [])
    monkeypatch.setattr(analysis, "STARTED", started)
    assert report._execute(tmp_path, [], asked, print, Timings()) == {}
    assert seen == [kernel]


def test_data_that_change_while_they_are_read_do_not_pass_for_those_that_were_read(tmp_path, monkeypatch):
    (tmp_path / "study.yml").write_bytes((DATA / "jmo" / "study.yml").read_bytes())
    before = inputs.seen(tmp_path)

    def opened(folder):
        (tmp_path / "people.csv").write_text("id\n")
        return Trial(read_settings(folder), {}, folder=folder)

    monkeypatch.setattr(parts, "open_trial", opened)
    assert parts.open_parts(tmp_path, "en")[0].files == before != inputs.seen(tmp_path)


PAST_PAGE = {
    "last": "import pandas as pd\npd.DataFrame({'people': [1]})",
    "displayed": "display('one of 327')",
    "printed": "print('one of 327')",
    "drawn": "import matplotlib.pyplot as plt\nlines = plt.plot([1, 2])",
}


def test_a_notebook_of_a_protected_study_shows_only_what_its_page_gives(tmp_path):
    given = "from analysis.show.finished import Html\nHtml('<b>x</b>')"
    tasks = [task(tmp_path, given, code, name=name) for name, code in {**PAST_PAGE, "fine": "1;"}.items()]
    for each in tasks:
        each.folder.mkdir(parents=True)
        (each.folder / "disclosure.json").write_text("{}")
    found = {outcome.task.chapter: outcome.failure for outcome in run_chapters(tasks)}
    assert found.pop("fine") is None
    for name, failure in found.items():
        assert failure.place.startswith(f"notebooks/{name}.ipynb, cell 3 (")
        assert failure.told.startswith("PastPage: ") and "page.show(" in failure.told and "327" not in failure.told
        assert not (tmp_path / "run" / name / f"{name}.ipynb").exists()

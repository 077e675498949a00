"""Runs that can be trusted: one at a time, killed at any moment, on data that stay, whatever surrounds them."""

import errno
import fcntl
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import nbformat
import pytest
import yaml

from analysis.__main__ import main
from analysis.book import inputs, kept, lock, made, report, surroundings, unchanged
from analysis.book.failures import ReportFailed
from analysis.book.provenance import rows_told
from analysis.book.report import ROOT, Request, build_report
from analysis.book.request import UnusableFolder
from analysis.frames.trial import open_trial
from analysis.study.finding import DATA

STUDY = DATA / "jmo"
GIVEN = 'study = None\nlanguage = "en"\nresults = None'


@pytest.fixture
def root(tmp_path) -> Path:
    """A book of two chapters, in a folder whose name has a space and letters that ASCII lacks."""
    folder = tmp_path / "prosjekt på norsk"
    (folder / "notebooks").mkdir(parents=True)
    (folder / "book" / "_static").mkdir(parents=True)
    for name in ("logo.svg", "favicon.svg", "report.css", "listing.js"):
        shutil.copyfile(ROOT / "book" / "_static" / name, folder / "book" / "_static" / name)
    shutil.copyfile(ROOT / "_config.yml", folder / "_config.yml")
    (folder / "book" / "references.bib").write_text("@book{one, title={T}, author={A, B}, year={2014}, publisher={P}}")
    (folder / "book" / "index.md").write_text("# Start\n\n{cite}`one`\n\n```{bibliography}\n```\n")
    files = ["notebooks/summary", "notebooks/employment", "book/provenance"]
    parts = [{"caption": "All", "chapters": [{"file": file} for file in files]}]
    (folder / "_toc.yml").write_text(yaml.safe_dump({"format": "jb-book", "root": "book/index", "parts": parts}))
    for name in ("summary", "employment"):
        write_chapter(folder, name, "1 + 1")
    return folder


def write_chapter(root: Path, name: str, source: str) -> None:
    cells = [nbformat.v4.new_markdown_cell(f"# Chapter {name}", id="title"),
             nbformat.v4.new_code_cell(GIVEN, metadata={"tags": ["parameters"]}, id="parameters"),
             nbformat.v4.new_code_cell(source, id="source")]  # fmt: skip
    metadata = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=metadata), root / "notebooks" / f"{name}.ipynb")


@pytest.fixture
def unrendered(monkeypatch) -> None:
    """Builds whose book is one empty page, which takes no time."""

    def render(stage: Path) -> Path:
        html = stage / "_build" / "html"
        html.mkdir(parents=True)
        (html / "index.html").write_text("")
        return html

    monkeypatch.setattr(report, "render", render)
    monkeypatch.setattr(report, "_execute", lambda work, runs, kernel, tell, timings: (tell("executed"), {})[1])


@pytest.fixture
def last_good(tmp_path) -> Path:
    html = tmp_path / "out" / "html"
    html.mkdir(parents=True)
    (html / "index.html").write_text("the last good book")
    made.mark(html)
    return html


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


# One at a time


def test_a_folder_that_is_held_is_refused_at_once_by_every_command_that_writes_there(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(report, "build_report", None)
    for command in ("report", "clean"):
        with lock.held(tmp_path):
            assert main([command, "--out", str(tmp_path)]) == 2
        said = capsys.readouterr().err
        assert said.startswith(f"{tmp_path}: process {os.getpid()}, since ") and said.count("\n") == 1
    assert list(tmp_path.iterdir()) == []
    with lock.held(tmp_path):
        pass


def test_a_builder_that_is_killed_holds_nobody_off(tmp_path):
    code = "import sys, time\nfrom pathlib import Path\nfrom analysis.book.lock import held\n"
    code += "with held(Path(sys.argv[1])):\n    print('held', flush=True)\n    time.sleep(60)"
    with subprocess.Popen([sys.executable, "-c", code, tmp_path], stdout=subprocess.PIPE, cwd=ROOT) as holder:
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(lock.Held, match=f"process {holder.pid}, since"):
            lock.refuse_held(tmp_path)
        holder.kill()
    assert (tmp_path / lock.LOCK).is_file()
    with lock.held(tmp_path) as is_sure:
        assert is_sure


def test_a_file_system_without_locks_is_no_hindrance_and_nothing_there_is_swept(tmp_path, monkeypatch):
    def refuse(descriptor, how):
        raise OSError(errno.ENOLCK, "none")

    monkeypatch.setattr(fcntl, "flock", refuse)
    with lock.held(tmp_path) as is_sure:
        assert not is_sure
    made.mark((tmp_path / ".work-x").mkdir() or tmp_path / ".work-x")
    made.clean(tmp_path)
    assert (tmp_path / ".work-x").is_dir()


# Killed at any moment

BUILD = """
import sys
from pathlib import Path
from analysis.book.surroundings import end_in_order, settle
settle()
end_in_order()
from analysis.book.report import Request, build_report
study, out, root = map(Path, sys.argv[1:])
build_report(Request(study, out, root=root), lambda line: print(line, flush=True))
"""


@pytest.mark.parametrize("kill", [os.kill, os.killpg])
def test_a_build_that_is_killed_leaves_the_last_book_no_process_and_what_is_done(root, last_good, tmp_path, kill):
    """The second build, which is killed in its turn, has no need to make again the chapter that the first has made.

    A terminal or a queue of jobs sends its signal to the whole group, workers and all.
    """
    out, before = last_good.parent, contents(last_good)
    for number, code in ((signal.SIGKILL, -signal.SIGKILL), (signal.SIGTERM, 128 + signal.SIGTERM)):
        reading, writing = os.pipe()  # held by each of its processes
        write_chapter(root, "employment", f"import os, time\nos.write({writing}, b'here\\n')\ntime.sleep(60)")
        with subprocess.Popen(
            [sys.executable, "-c", BUILD, STUDY, out, root], cwd=ROOT, pass_fds=[writing], stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, text=True, start_new_session=True,
        ) as driver, os.fdopen(reading) as pipe:  # fmt: skip
            os.close(writing)
            first = driver.stdout.readline()
            assert pipe.readline() == "here\n"
            kill(driver.pid, number)
            assert pipe.read() == ""  # its end: no process is left
            assert driver.wait() == code
        assert first.split()[0] == "summary" and ("unchanged" in first) == (number != signal.SIGKILL)
        assert contents(last_good) == before
        assert len(list(out.glob(".work-*"))) == (number == signal.SIGKILL)


# What was analysed is what is named


def test_an_edit_while_the_book_is_made_is_refused_and_the_last_book_stays(unrendered, root, last_good, tmp_path):
    """Of data or program alike; also one that is taken back."""
    study, before = shutil.copytree(STUDY, tmp_path / "studie"), contents(last_good)
    request = Request(study, tmp_path / "out", root=root)
    edited = study / "interviews.csv", root / "book" / "index.md"

    def edit(line: str) -> None:
        for path in edited:
            text = path.read_bytes()
            path.write_bytes(text + b"\n")
            path.write_bytes(text)

    with pytest.raises(ReportFailed) as refused:
        build_report(request, edit)
    assert [fault.place for fault in refused.value.failures] == sorted(map(str, edited))
    assert "was changed while the report was made" in str(refused.value)
    assert contents(last_good) == before and not list(last_good.parent.glob(".*"))


def test_files_are_seen_behind_links_and_none_that_is_hidden(tmp_path):
    folder, shelf = tmp_path / "study", tmp_path / "shelf"
    for name in ("study/words/en", "study/.git", "study/__pycache__", "shelf"):
        (tmp_path / name).mkdir(parents=True)
    for name in ("study/a.csv", "study/.b", "study/.git/c", "study/__pycache__/d", "shelf/e.yml"):
        (tmp_path / name).write_text("x\ny")
    (folder / "words" / "nb").symlink_to(shelf)
    (folder / "words" / "nb" / "round").symlink_to(folder / "words")
    before = inputs.seen(folder)
    assert [str(path.relative_to(folder)) for path in before] == ["a.csv", "words/nb/e.yml"]
    assert before[folder / "a.csv"].sha256 == hashlib.sha256(b"x\ny").hexdigest()
    (shelf / "e.yml").write_text("x\nz")
    assert inputs.changed({folder: before}) == [folder / "words" / "nb" / "e.yml"]


def test_the_manifest_says_in_plain_names_what_the_report_is_made_from(unrendered, root, tmp_path):
    build_report(Request(STUDY, tmp_path / "out", root=root, chapters=["summary"]), str)
    text = (tmp_path / "out" / "html" / "provenance.json").read_text(encoding="utf-8")
    found = json.loads(text)
    assert list(found) == ["study", "data", "code", "packages", "parameters", "chapters"]
    table = (STUDY / "interviews.csv").read_bytes()
    assert found["data"]["jmo"]["interviews.csv"] == {"sha256": hashlib.sha256(table).hexdigest(), "rows": 65}
    assert found["packages"]["numpy"] and found["parameters"] == {"language": "en"}
    assert found["chapters"]["employment"] == {"study": "jmo", "outcome": "left out", "lacks": None}
    assert str(tmp_path) not in text and str(ROOT) not in text


@pytest.mark.parametrize(("disclosure", "rounding", "told"), [
    ("as_published", None, [0, 3, 8, 402]), ("protected", None, [0, ":", 10, 400]), ("protected", 3, [0, ":", 9, 402]),
])  # fmt: skip
def test_the_manifest_tells_of_a_protected_study_no_few_rows_and_none_exactly(disclosure, rounding, told):
    study = replace(open_trial(STUDY).study, disclosure=disclosure, rounding=rounding)
    assert [rows_told(study, rows) for rows in (0, 3, 8, 402)] == told


# Places that cannot be used


def test_results_among_what_is_read_are_refused_before_anything_is_written(root):
    for out in (STUDY, STUDY / "_build", root / "book" / "x", ROOT / "analysis" / "x"):
        with pytest.raises(UnusableFolder, match=r"nothing can be written there\. Name a folder elsewhere\."):
            build_report(Request(STUDY, out, root=root), str)
        assert not list(out.glob(".*")) and (out == STUDY or not out.exists())


@pytest.mark.parametrize("command", ["report", "clean"])
def test_what_the_system_refuses_is_told_in_one_line(command, tmp_path, monkeypatch, capsys):
    def full(*_, **__):
        raise OSError(errno.ENOSPC, "No space left on device")

    (tmp_path / "out").mkdir()
    monkeypatch.setattr(report, "build_report", full)
    monkeypatch.setattr(made, "clean", full)
    assert main([command, "--out", str(tmp_path / "out")]) == 2
    said = capsys.readouterr().err
    assert f"{tmp_path / 'out'}: No space left on device. See to it," in said and said.count("\n") == 1


def test_a_full_disk_is_one_fault_and_not_one_a_file(tmp_path, monkeypatch):
    from analysis.book import rendering

    told = "WARNING: Failed to copy a: OSError(28, 'No space left on device')\n" * 2
    monkeypatch.setattr(rendering, "_in_a_worker", lambda stage: (1, told))
    with pytest.raises(OSError, match="No space left"):
        rendering.render(tmp_path)


def test_a_command_from_a_folder_that_is_gone_says_so(tmp_path, monkeypatch, capsys):
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    assert main(["report"]) == 2
    assert capsys.readouterr().err.count("\n") == 1


# What surrounds a run

SHOWING = """
import locale, os, sys, time
from analysis.show.figures import style
with style.look():
    canvas, (axes,) = style.canvas(2.0)
    axes.plot([1, 2], label="å")
    drawn = style.svg(canvas, None)
print(sorted(map(hash, "abc")), time.timezone, locale.getlocale(), os.environ.get("COLUMNS"), sys.flags.optimize, "å")
print("told", file=sys.stderr)
print(drawn)
"""
SURROUNDED = """
from analysis.book.surroundings import settle
settle()
import os, sys
def watch(event, arguments):
    if event == "socket.getaddrinfo" or (event == "socket.connect" and arguments[1][0] != "127.0.0.1"):
        os._exit(99)
sys.addaudithook(watch)
from pathlib import Path
from analysis.book.report import Request, build_report
from analysis.book import execution
study, out, root = map(Path, sys.argv[1:4])
if not sys.argv[4:]:
    import datetime, time
    seconds, later = time.time, 500 * 86400  # and one at a time
    time.time, time.time_ns = lambda: seconds() + later, lambda: int((seconds() + later) * 1e9)
    of_now = {name: getattr(time, name) for name in ("localtime", "gmtime")}
    for name, read in of_now.items():
        setattr(time, name, lambda at=None, read=read: read(time.time() if at is None else at))
    shown = time.strftime
    time.strftime = lambda form, at=None: shown(form, at or time.localtime())
    class Day(datetime.date):
        today = classmethod(lambda kind: kind.fromtimestamp(time.time()))
    class Moment(datetime.datetime):
        now = classmethod(lambda kind, tz=None: kind.fromtimestamp(time.time(), tz))
    datetime.date, datetime.datetime = Day, Moment
    execution.PROCESSES = 1
build_report(Request(study, out, root=root, chapters=["summary"], kernel=bool(sys.argv[4:])), str)
"""


def hostile(folder: Path) -> dict[str, str]:
    """Settings of a user that would change a report or stop it, and the folder `here` that a command is given in."""
    broken = "raise SystemExit('from outside')"
    for name, text in {
        "here/matplotlibrc": "lines.linewidth: 9\n# \udce5", "here/scipy.py": broken, "here/docutils.conf": "[x",
        "mpl/matplotlibrc": "lines.linewidth: 9\nnonsense: 1\n", "home/.docutils": "[general]\nlanguage_code: xx\n",
        "ipython/profile_default/startup/00.py": broken, "ipython/profile_default/ipython_config.py": broken,
        "path/sitecustomize.py": "import builtins\nbuiltins.hash = len",
        "path/numpy.py": broken, "start.py": broken, "jupyter/jupyter_config.json": "{",
        "share/kernels/python3/kernel.json": '{"argv": ["false"], "display_name": "x", "language": "python"}',
    }.items():  # fmt: skip
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(text.encode(errors="surrogateescape"))
    (folder / "home").chmod(0o500)
    ours = {
        "HOME": "home", "MPLCONFIGDIR": "mpl", "IPYTHONDIR": "ipython", "PYTHONSTARTUP": "start.py",
        "JUPYTER_CONFIG_DIR": "jupyter", "JUPYTER_PATH": "share", "JUPYTER_DATA_DIR": "share", "TMPDIR": "missing",
    }  # fmt: skip
    return {name: str(folder / place) for name, place in ours.items()} | {
        "PYTHONPATH": f"{ROOT}:{folder / 'path'}", "PYTHONWARNINGS": "error", "PYTHONOPTIMIZE": "2",
        "PYTHONHASHSEED": "7", "LC_ALL": "tr_TR.UTF-8", "LANG": "C", "TZ": "Asia/Kathmandu", "COLUMNS": "20",
        "NO_COLOR": "1", "FORCE_COLOR": "1", "DISPLAY": ":9", "MPLBACKEND": "TkAgg", "GIT_DIR": "/nowhere",
        "SOURCE_DATE_EPOCH": "0", "CONDA_PREFIX": "/nowhere", "PIP_INDEX_URL": "x", "PATH": os.environ["PATH"],
    }  # fmt: skip


def test_nothing_that_surrounds_a_run_stops_it_or_changes_a_byte_and_files_keep_the_umask(root, tmp_path):
    """Forked on one side, a year and more later and one at a time, with kernels on the other; no process asks the
    network for anything."""
    write_chapter(root, "summary", SHOWING)
    settings, found = hostile(tmp_path / "user"), {}
    for name, environ, umask, more in (("hostile", settings, 0o077, ["kernel"]),
                                       ("calm", os.environ | {"PYTHONPATH": str(ROOT)}, 0o022, [])):  # fmt: skip
        out = tmp_path / name / "ut å"
        command = [sys.executable, "-c", SURROUNDED, STUDY, out, root, *more]
        done = subprocess.run(command, env=environ, cwd=tmp_path / "user" / "here", umask=umask, capture_output=True)
        assert done.returncode == 0, done.stderr.decode()
        modes = {path.stat().st_mode & 0o777 for path in out.rglob("*")}
        assert modes == {0o666 & ~umask, 0o777 & ~umask}
        found[name] = contents(out)
    assert found["calm"].keys() == found["hostile"].keys()
    differ = [path for path, text in found["calm"].items() if text != found["hostile"][path]]
    naming_places = (f"/{unchanged.FOLDER}/", f"/{kept.FOLDER}/")
    assert [path for path in differ if not any(name in path for name in naming_places)] == []


def test_a_calm_environment_is_the_same_whatever_it_is_made_from(tmp_path):
    settings = hostile(tmp_path)
    kept = ("HOME", "TMPDIR", "MPLCONFIGDIR", "PATH")
    calm = surroundings.calm(settings)
    assert calm == surroundings.calm(calm)
    assert {name: text for name, text in calm.items() if name not in kept} == {
        name: text for name, text in surroundings.calm({}).items() if name not in kept
    }
    assert calm["PYTHONPATH"] == str(ROOT)

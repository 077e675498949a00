"""`serve` shows the book as it was last built, reloads what is open, says why there is no new one, and ends clean."""

import http.client
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from analysis.__main__ import main
from analysis.book import serve
from analysis.book.inputs import stamps
from analysis.book.report import ROOT
from analysis.study.finding import DATA

PAGE = "<html><body><p>Ärlig</p></body></html>"


@pytest.fixture
def book(tmp_path) -> serve.Book:
    (tmp_path / "html").mkdir()
    (tmp_path / "html" / "index.html").write_text(PAGE, encoding="utf-8")
    (tmp_path / "html" / "a.csv").write_text("a\n</body>\n")
    return serve.Book(tmp_path / "html")


@pytest.fixture
def ask(book):
    running = serve.server(book, 0)

    def asked(path: str, host: str = "localhost") -> tuple[int, str]:
        connection = http.client.HTTPConnection(serve.HOST, running.server_port, timeout=30)
        connection.request("GET", path, headers={"Host": f"{host}:{running.server_port}"})
        answer = connection.getresponse()
        return answer.status, answer.read().decode()

    yield asked
    running.shutdown()
    running.server_close()


def test_pages_are_those_of_the_book_with_what_reloads_them_in_the_answer_alone(book, ask):
    book.built(None)
    status, page = ask("/index.html")
    assert status == 200 and page.replace(serve._RELOAD % 1, "") == PAGE and page != PAGE
    assert (book.folder / "index.html").read_text(encoding="utf-8") == PAGE
    assert ask("/a.csv") == (200, "a\n</body>\n")
    assert ask("/") == (302, "") and ask("/none.html")[0] == 404


def test_every_build_is_told_to_pages_that_are_open_and_a_failed_one_shows_why(book, ask):
    assert ask(serve.VERSION) == (200, "0") and "being built" in ask("/index.html")[1]
    book.built("health.ipynb, cell 3: <ValueError>")
    status, page = ask("/index.html")
    assert status == 503 and "cell 3: &lt;ValueError&gt;" in page and "setInterval" in page and '!== "1"' in page
    assert ask(f"/index.html?{serve.LAST}") == (200, PAGE.replace("</body>", f"{serve._RELOAD % 1}</body>"))
    assert ask("/a.csv")[0] == 200
    book.built(None)
    assert ask(serve.VERSION) == (200, "2") and "Ärlig" in ask("/index.html")[1]


def test_another_site_cannot_read_the_book_under_a_name_of_its_own(book, ask):
    book.built(None)
    assert ask("/index.html", host="evil.example")[0] == 403


def test_a_file_that_is_saved_added_or_removed_is_seen(tmp_path):
    before = stamps([tmp_path])
    (tmp_path / "a.py").write_text("1")
    added = stamps([tmp_path])
    (tmp_path / "a.py").write_text("12")
    saved = stamps([tmp_path])
    (tmp_path / "a.py").unlink()
    assert before != added != saved != stamps([tmp_path]) == before


def test_what_a_report_is_made_from_is_watched():
    watched = set(serve.places(DATA / "sfj"))
    assert {ROOT / "analysis", ROOT / "notebooks", ROOT / "_toc.yml", DATA / "sfj", DATA / "ips"} <= watched


BUILD = "import sys, time\nwrong = open(sys.argv[1]).read()\nprint('built', wrong, flush=True)\n"
BUILD += "time.sleep(60 if wrong == 'slow' else 0)\nsys.exit(int(wrong == 'wrong'))"


class Ended(Exception):
    """Raised in place of an interrupt."""


def test_a_save_builds_again_and_a_build_under_way_gives_way(tmp_path, book, monkeypatch):
    file, told = tmp_path / "saved.txt", []
    monkeypatch.setattr(serve, "_SECONDS", 0.05)
    file.write_text("slow")

    def tell(line: str) -> None:
        told.append(line)
        if line == "built slow":
            file.write_text("wrong")

    def watch() -> None:
        deadline = time.monotonic() + 60
        while book.version == 0 and time.monotonic() < deadline:
            time.sleep(0.01)
        states.append(book.failure)
        file.write_text("")
        while book.version == 1 and time.monotonic() < deadline:
            time.sleep(0.01)
        states.append(book.failure)
        stop.append(True)

    def ending(places: list[Path]) -> dict:
        if stop:
            raise Ended
        return stamps(places)

    states, stop = [], []
    monkeypatch.setattr(serve, "stamps", ending)
    threading.Thread(target=watch).start()
    with pytest.raises(Ended):
        serve.serve([sys.executable, "-c", BUILD, str(file)], [file], book, 0, tell)
    assert told[1:] == ["built slow", "built wrong", "built"]
    assert states == ["built wrong\n", None] and book.version == 2


SERVE = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
from analysis.book import serve
serve.places = lambda study: []
from analysis.__main__ import main
sys.executable = sys.argv[1]
sys.exit(main(["serve", "--port", "0", "--out", sys.argv[2]]))
"""


def test_an_interrupt_ends_server_and_build(tmp_path):
    """The build holds the other end of the pipe that is read here up to its end."""
    program = tmp_path / "build"
    program.write_text("#!/bin/sh\necho building\nexec sleep 60\n")
    program.chmod(0o755)
    command = [sys.executable, "-c", SERVE, str(program), str(tmp_path / "out")]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as server:
        assert server.stdout.readline().startswith("http://127.0.0.1:")
        assert server.stdout.readline() == "building\n"
        server.send_signal(signal.SIGINT)
        assert server.stdout.read() == "ended\n"
    assert server.returncode == 0


def test_a_port_that_is_taken_is_said_so(tmp_path, book, capsys):
    with serve.server(book, 0) as running:
        assert main(["serve", "--port", str(running.server_port), "--out", str(tmp_path / "out")]) == 2
        running.shutdown()
    said = capsys.readouterr().err
    assert said == f"--port {running.server_port}: Address already in use. Name another, or 0 for a free one.\n"

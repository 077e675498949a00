"""Serve a report on this machine while it is written: build on save, reload the browser, show what went wrong.

Each build is a `report` command of its own, so that it runs the program as it has just been saved. Files are watched
by the time and size that the system knows of them. Nothing is added to the files of the book: what reloads a page is
put into the answer. Standard library only.
"""

import html
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from functools import partial
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from analysis.book.inputs import stamps
from analysis.study.finding import BUNDLED, find_companion
from analysis.study.problems import StudyProblems
from analysis.study.yaml_files import YamlProblems, read_yaml

ROOT = Path(__file__).resolve().parents[2]
HOST = "127.0.0.1"
_NAMES = {"127.0.0.1", "localhost"}
VERSION = "/_version"
LAST = "last-good"
_SECONDS = 0.5
# A page asks every second for the number of the book it is from; while a server is gone it waits for the next.
_RELOAD = """<script>setInterval(() => fetch("/_version").then(answer => answer.text()).then(
  version => { if (version !== "%s") location.reload(); }).catch(() => {}), 1000)</script>"""
_PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,"><title>%(title)s</title><style>body { font: 1rem/1.5 sans-serif; margin: auto;
max-width: 60rem; padding: 1rem; } pre { white-space: pre-wrap; overflow-wrap: anywhere; }</style></head>
<body><main><h1>%(title)s</h1><pre>%(told)s</pre>%(link)s</main></body></html>"""


def places(study: Path) -> list[Path]:
    """What a report of a study is made from: the program, the book, and the studies in it."""
    own = [ROOT / name for name in ("analysis", "notebooks", "book", "_config.yml", "_toc.yml")]
    companions = []
    with suppress(StudyProblems, YamlProblems, AttributeError, TypeError):  # the build says what is wrong
        companions = [find_companion(study, name) for name in read_yaml(study / "study.yml").get("companions") or ()]
    return [*own, BUNDLED / "published", study, *companions]


class NoPort(Exception):
    """The port cannot be had."""


class Book:
    """The book that is served: its folder, the number of the build it is from, and what the last build said."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.version, self.failure = folder, 0, "The first build has not ended yet."

    def built(self, failure: str | None) -> None:
        """Another build has ended; browsers see it by the number."""
        self.failure, self.version = failure, self.version + 1


class _Handler(SimpleHTTPRequestHandler):
    """Answers with files of the book, pages with what reloads them; or with one that says why there is no new book."""

    book: Book

    def __init__(self, *given: object, book: Book) -> None:
        self.book = book
        super().__init__(*given, directory=str(book.folder))

    def do_GET(self) -> None:
        path, _, query = self.path.partition("?")
        if self.headers.get("Host", "").rpartition(":")[0] not in _NAMES:  # another site's name for this machine
            self.send_error(HTTPStatus.FORBIDDEN)
        elif path == VERSION:
            self._answer(str(self.book.version), "text/plain")
        elif self.book.failure is not None and query != LAST and Path(path).suffix in ("", ".html"):
            self._answer(self._failed(path) + self._reload(), "text/html", HTTPStatus.SERVICE_UNAVAILABLE)
        elif (page := Path(self.translate_path(path))).suffix == ".html" and page.is_file():
            self._answer(page.read_text(encoding="utf-8").replace("</body>", f"{self._reload()}</body>"), "text/html")
        elif path == "/":
            self.send_response(HTTPStatus.FOUND)
            self.send_header("Location", "/index.html")
            self.end_headers()
        else:
            super().do_GET()

    def end_headers(self) -> None:
        self.send_header("Cache-Control", "no-store")
        super().end_headers()

    def log_message(self, *_: object) -> None:
        """The terminal is for builds."""

    def _reload(self) -> str:
        return _RELOAD % self.book.version

    def _failed(self, path: str) -> str:
        title = "The report is being built" if self.book.version == 0 else "The report was not built"
        is_there = (self.book.folder / "index.html").is_file()
        last = f'<p><a href="{html.escape(path)}?{LAST}">The last book</a></p>' * is_there
        return _PAGE % {"title": title, "told": html.escape(self.book.failure), "link": last}

    def _answer(self, text: str, kind: str, status: HTTPStatus = HTTPStatus.OK) -> None:
        content = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


def server(book: Book, port: int) -> ThreadingHTTPServer:
    """A server of the book for this machine alone, ready to answer. Raises NoPort."""
    try:
        made = ThreadingHTTPServer((HOST, port), partial(_Handler, book=book))
    except (OSError, OverflowError) as error:
        cause = getattr(error, "strerror", None) or "There is no such port"
        raise NoPort(f"--port {port}: {cause}. Name another, or 0 for a free one.") from error
    made.daemon_threads = True
    threading.Thread(target=made.serve_forever, daemon=True).start()
    return made


def serve(command: Sequence[str], places: Iterable[Path], book: Book, port: int, tell: Callable[[str], None]) -> None:
    """Build with the command and serve the book; build again whenever a file at the places is saved, until interrupted.

    A build under way gives way to a newer one.
    """
    places = list(places)
    with server(book, port) as running:
        tell(f"http://{HOST}:{running.server_port}/ (end with Ctrl-C)")
        try:
            while True:
                seen = stamps(places)
                ended, failure = _built(command, places, seen, tell)
                if ended:
                    book.built(failure)
                while stamps(places) == seen:
                    time.sleep(_SECONDS)
        finally:
            running.shutdown()


def _built(
    command: Sequence[str], places: Sequence[Path], seen: object, tell: Callable[[str], None]
) -> tuple[bool, str | None]:
    """Whether the build came to its end before a file was saved, and what it said if it failed."""
    lines: list[str] = []
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, encoding="utf-8")
    reader = threading.Thread(target=lambda: [(lines.append(line), tell(line.rstrip())) for line in process.stdout])
    reader.start()
    try:
        while process.poll() is None and stamps(places) == seen:
            time.sleep(_SECONDS)
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        code = process.wait()
        reader.join()
    return code >= 0 and stamps(places) == seen, "".join(lines) if code else None

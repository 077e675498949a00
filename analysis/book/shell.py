"""The papermill engine that runs a notebook in the process that calls it: a worker for this notebook alone.

The shell is that of a Jupyter kernel, and papermill's own client reads its messages. Only the sockets between them are
left out, so outputs are those of a kernel. The shell takes over the process: its streams, descriptors and main module.
"""

import io
import os
import sys
import tempfile
from collections.abc import Callable
from typing import Any

from ipykernel.compiler import XCachingCompiler
from ipykernel.ipkernel import IPythonKernel
from ipykernel.zmqshell import ZMQInteractiveShell
from IPython.core.interactiveshell import InteractiveShell
from IPython.core.pylabtools import activate_matplotlib
from jupyter_client.session import Session
from matplotlib_inline.backend_inline import configure_inline_support
from nbclient.exceptions import CellExecutionError
from nbformat import NotebookNode
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import Engine, NotebookExecutionManager, papermill_engines
from traitlets import Any as Anything
from traitlets.config import Config

ENGINE = "this-process"
_FIGURES = "module://matplotlib_inline.backend_inline"
# No data base of what was typed, which a kernel's process would wait for.
_CONFIG = Config({"HistoryManager": {"enabled": False}})


class ThisProcess(Engine):
    """A papermill engine without a kernel; see the module."""

    @classmethod
    def execute_managed_notebook(cls, nb_man: NotebookExecutionManager, kernel_name: str, **settings: Any) -> None:
        """Run the cells up to the first that fails, as papermill's engine for kernels does."""
        ShellClient(nb_man).execute()


papermill_engines.register(ENGINE, ThisProcess)


class ShellClient(PapermillNotebookClient):
    """Papermill's client on a shell of this process in place of a kernel's process."""

    def execute(self) -> NotebookNode:
        """Run the cells; a failing one is the last, and its output says so."""
        self.reset_execution_trackers()
        self.channel = Channel()
        self.shell = kernel_shell(self.channel)
        self.papermill_execute_cells()
        self.nb.metadata["language_info"] = IPythonKernel.language_info
        return self.nb

    def execute_cell(self, cell: NotebookNode, cell_index: int) -> NotebookNode:
        """Run a cell and put its outputs into it. Raises CellExecutionError if it failed and was not meant to."""
        if cell.cell_type != "code" or not cell.source.strip():
            return cell
        cell.outputs, self.clear_before_next_output = [], False
        self.channel.receive = lambda message: self.process_message(message, cell, cell_index)
        result = self.shell.run_cell(cell.source, store_history=True)
        sys.stdout.flush()
        sys.stderr.flush()
        cell.execution_count = self.shell.execution_count - 1
        failed = not result.success or self.shell._last_traceback_during_displayhook
        if failed and "raises-exception" not in cell.metadata.get("tags", []):
            error = result.error_before_exec or result.error_in_exec
            told = {"ename": type(error).__name__, "evalue": str(error), "traceback": self.shell._last_traceback or []}
            raise CellExecutionError.from_cell_and_msg(cell, told)
        return cell


class Channel(Session):
    """Where the shell sends its messages: to a function, `receive`, instead of a socket."""

    receive = Anything(help="function of one message")

    def send(self, stream: Any, message: dict | str, content: dict | None = None, *_: Any, **__: Any) -> None:
        """Hand a message on as it would come out of a socket."""
        self.receive(message if isinstance(message, dict) else self.msg(message, content))


class Stream(io.TextIOBase):
    """Standard output or error as a kernel has it: what Python writes, and what is written to the descriptor itself.

    Text waits until something else is shown or the cell ends.
    """

    encoding = "UTF-8"

    def __init__(self, name: str, descriptor: int, send: Callable[[str, dict], None]) -> None:
        self.name, self._descriptor, self._send = name, descriptor, send
        self._file, self._taken = tempfile.TemporaryFile(), 0  # noqa: SIM115
        self._text = io.StringIO()
        os.dup2(self._file.fileno(), descriptor)

    def fileno(self) -> int:
        return self._descriptor

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        return self._text.write(text)

    def flush(self) -> None:
        text = self._from_descriptor() + self._text.getvalue()
        self._text = io.StringIO()
        if text:
            self._send("stream", {"name": self.name, "text": text})

    def _from_descriptor(self) -> str:
        """What was written past Python since last time, by a library or another process."""
        size = os.fstat(self._descriptor).st_size
        written = os.pread(self._file.fileno(), size - self._taken, self._taken)
        self._taken += len(written)
        return written.decode(errors="replace")


def kernel_shell(channel: Channel) -> ZMQInteractiveShell:
    """A kernel's shell that has taken over this process: main module, standard streams and figures."""
    for shell_class in (InteractiveShell, ZMQInteractiveShell):  # of whoever started this process
        shell_class.clear_instance()
    if sys.path[0]:
        sys.path.insert(0, "")
    shell = ZMQInteractiveShell.instance(config=_CONFIG, compiler_class=XCachingCompiler)
    for sender in (shell.displayhook, shell.display_pub):
        sender.session = channel
    shell.displayhook.topic = b"execute_result"
    sys.stdin = open(os.devnull, encoding="utf-8")  # noqa: SIM115
    sys.stdout, sys.stderr = (
        Stream(name, number, lambda kind, content: channel.send(None, kind, content))
        for name, number in (("stdout", 1), ("stderr", 2))
    )
    os.environ["MPLBACKEND"] = _FIGURES
    activate_matplotlib(_FIGURES)
    configure_inline_support(shell, _FIGURES)
    return shell

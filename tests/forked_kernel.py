"""Jupyter kernels for nbval that are forked from the test process, which has the stack imported and the study open.

A kernel is a real one, with its sockets and a namespace of its own, and gone with its notebook; only its process does
not begin from nothing. nbval sends it every cell and compares the outputs, as with any other.
"""

import asyncio
import multiprocessing
import os
from importlib import import_module
from pathlib import Path
from typing import Any

from ipykernel.kernelapp import IPKernelApp
from ipykernel.zmqshell import ZMQInteractiveShell
from IPython.core.interactiveshell import InteractiveShell
from jupyter_client.manager import KernelManager
from jupyter_client.provisioning import LocalProvisioner

from analysis.chapters.reproduction import card
from analysis.frames import trial

CHAPTERS = [path.stem for path in (Path(__file__).parents[1] / "notebooks").glob("*.ipynb")]


class ForkedKernelManager(KernelManager):
    """A kernel manager whose kernel is a fork of this process."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.provisioner = ForkedKernel(kernel_id="forked", kernel_spec=self.kernel_spec, parent=self)


class ForkedKernel(LocalProvisioner):
    """Starts a kernel by a fork in place of a program; the rest is as for any kernel."""

    async def launch_kernel(self, cmd: list[str], **settings: Any) -> dict:
        """Fork; cmd is the program's command line, which ends with the file that names the kernel's sockets."""
        _prepare()
        self.process = _Process(cmd[-1], settings["cwd"])
        self.pid = self.process.pid
        return self.connection_info


class _Process:
    """A forked kernel's process, to be handled as one of `subprocess`."""

    stdin = stdout = stderr = None

    def __init__(self, *of_kernel: str) -> None:
        self._process = multiprocessing.get_context("fork").Process(target=_kernel, args=of_kernel)
        self._process.start()
        self.pid = self._process.pid

    def poll(self) -> int | None:
        return self._process.exitcode

    def wait(self) -> int | None:
        self._process.join()
        return self.poll()

    def send_signal(self, number: int) -> None:
        os.kill(self.pid, number)


def _prepare() -> None:
    """Import and compute what several notebooks need, once for all of them."""
    for chapter in CHAPTERS:
        import_module(f"analysis.chapters.{chapter}")
    bundled = trial.open_trial()
    _ = bundled.people, bundled.outcomes
    card(bundled)


def _kernel(sockets: str, folder: str) -> None:
    """What a forked process does: it forgets the shell and the loop that it came with, and is a kernel to its end."""
    os.chdir(folder)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    for shell in (InteractiveShell, ZMQInteractiveShell, IPKernelApp):
        shell.clear_instance()
    asyncio.set_event_loop(asyncio.new_event_loop())
    parent = f"--IPKernelApp.parent_handle={os.getppid()}"
    IPKernelApp.launch_instance(["-f", sockets, parent, "--matplotlib=inline"])

"""Forked workers: a function of each of several tasks, each in a copy of this process that is gone with its answer.

A worker shares all that this process has read and imported, and leaves nothing behind in it. It ends at once when this
process does. Standard library only, so that the command line can settle its process before anything else is imported.
"""

import contextlib
import gc
import importlib
import multiprocessing
import os
import signal
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import TypeVar

Task = TypeVar("Task")
Answer = TypeVar("Answer")

# One thread a process: two share two cores, and sums are then added in the same order on every machine.
SETTINGS = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "PYTHONHASHSEED": "0",
    "PYDEVD_DISABLE_FILE_VALIDATION": "1",
}
# The system libraries of macOS do not bear a fork.
CAN_FORK = hasattr(os, "fork") and sys.platform != "darwin"


def settle() -> None:
    """Start the command line anew with SETTINGS, which hold only from the start of a process; once, then go on.

    For a process of one's own alone: whoever calls the driver as a library keeps the process as it is.
    """
    if CAN_FORK and not os.environ.items() >= SETTINGS.items():
        os.environ.update(SETTINGS)
        os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])


def in_forks(
    function: Callable[[Task], Answer], tasks: Sequence[Task], at_most: int
) -> Iterator[tuple[Task, float, Answer | None]]:
    """Each task with its seconds and the function's answer, when it is there; None for a worker that ended before.

    Tasks begin in the order given, so many at a time. An error of the function is raised here. Workers that still run
    when the caller stops, for whatever reason, are ended.
    """
    waiting, running = list(reversed(tasks)), {}
    try:
        while waiting or running:
            while waiting and len(running) < at_most:
                task = waiting.pop()
                receiver, process = _started(function, task)
                running[receiver] = task, process, time.perf_counter()
            for receiver in wait(list(running)):
                task, process, started = running.pop(receiver)
                answer = _received(receiver)
                process.join()
                if isinstance(answer, Exception):
                    raise answer
                yield task, time.perf_counter() - started, answer
    finally:
        for _, process, _ in running.values():
            process.kill()
            process.join()


def _started(function: Callable[[Task], Answer], task: Task) -> tuple[Connection, BaseProcess]:
    context = multiprocessing.get_context("fork")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_answer, args=(function, task, sender))
    process.start()
    sender.close()  # or the end of a worker would go unseen while this process and its later workers hold it open
    return receiver, process


def _received(receiver: Connection) -> object:
    with receiver, contextlib.suppress(EOFError, OSError):
        return receiver.recv()


def _answer(function: Callable[[Task], Answer], task: Task, sender: Connection) -> None:
    """What a worker does: it forgets how the process it came from was set up, and sends back what there is to say."""
    gc.freeze()  # what is shared stays shared: collecting would write to all of it
    threading.Thread(target=_end_with_parent, daemon=True).start()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    importlib.reload(warnings)  # whoever catches warnings around the fork does not catch those of a worker
    try:
        answer = function(task)
    except Exception as error:
        answer = error
    sender.send(answer)


def _end_with_parent() -> None:
    multiprocessing.parent_process().join()
    os._exit(1)

"""Workers: a function of each of several tasks, each in a process that is gone with its answer.

A worker is forked where processes can be: it then shares all that this process has read and imported. It leaves nothing
behind in this process, and ends at once when this process does, however that comes about.
"""

import contextlib
import ctypes
import gc
import importlib
import multiprocessing
import os
import signal
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import TypeVar

Task = TypeVar("Task")
Answer = TypeVar("Answer")

# How many chapters, or parts of the book, are worked on at a time.
PROCESSES = 2
# The system libraries of macOS do not bear a fork.
CAN_FORK = hasattr(os, "fork") and sys.platform != "darwin"
_DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG of Linux


def in_workers(
    function: Callable[[Task], Answer], tasks: Sequence[Task], at_most: int, seconds: float | None = None,
    before: Callable[[Task], object] = repr, idle: Callable[[], object] = list,
) -> Iterator[tuple[Task, float, Answer | None]]:  # fmt: skip
    """Each task with its seconds and the function's answer, when it is there; None for a worker that ended before.

    Tasks begin in the order given, so many at a time. A worker that takes longer than `seconds` is ended. An error of
    the function is raised here. Workers that still run when the caller stops, for whatever reason, are ended.
    What this process does itself while others work: `before` each task, whose worker then shares what came of it, and
    `idle` once when no task waits any longer and fewer workers run than may.
    """
    waiting, running, has_idled = list(reversed(tasks)), {}, False
    try:
        while waiting or running:
            while waiting and len(running) < at_most:
                task = waiting.pop()
                before(task)
                receiver, process = _started(function, task)
                running[receiver] = task, process, time.perf_counter()
            if not has_idled and len(running) < at_most:
                idle()
                has_idled = True
            for receiver in _ended(running, seconds):
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


def of_each(function: Callable[[Task], Answer], items: Sequence[Task]) -> list[Answer]:
    """The function's answer for each item, in their order, from workers that share the items out among them; one is
    not worth a process.

    Raises RuntimeError when one of them ended early, as when memory runs out.
    """
    if len(items) < PROCESSES:
        return [function(item) for item in items]
    shares = [items[start::PROCESSES] for start in range(PROCESSES)]
    answers: dict[int, Answer] = {}
    for start, _, share in in_workers(partial(_answers, function, shares), range(len(shares)), PROCESSES):
        if share is None:
            raise RuntimeError("a process that made a part of the book ended early")
        answers |= dict(zip(range(start, len(items), PROCESSES), share, strict=True))
    return [answers[place] for place in range(len(items))]


def _answers(function: Callable[[Task], Answer], shares: Sequence[Sequence[Task]], start: int) -> list[Answer]:
    return [function(item) for item in shares[start]]


def _ended(running: Mapping[Connection, tuple], seconds: float | None) -> list[Connection]:
    """Those of the workers that have answered or ended; one that takes longer than `seconds` is made to."""
    first = min(started for *_, started in running.values())
    ended = wait(list(running), None if seconds is None else max(0.0, first + seconds - time.perf_counter()))
    if ended:
        return ended
    late = [receiver for receiver, (*_, started) in running.items() if time.perf_counter() - started >= seconds]
    for receiver in late:
        running[receiver][1].kill()
    return late


def _started(function: Callable[[Task], Answer], task: Task) -> tuple[Connection, BaseProcess]:
    context = multiprocessing.get_context("fork" if CAN_FORK else "spawn")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_answer, args=(function, task, sender), daemon=True)
    process.start()
    sender.close()  # or the end of a worker would go unseen while this process and its later workers hold it open
    return receiver, process


def _received(receiver: Connection) -> object:
    with receiver, contextlib.suppress(EOFError, OSError):
        return receiver.recv()


def _answer(function: Callable[[Task], Answer], task: Task, sender: Connection) -> None:
    """What a worker does: it forgets how the process it came from was set up, and sends back what there is to say."""
    gc.freeze()  # what is shared stays shared: collecting would write to all of it
    _end_with_parent()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, signal.SIG_DFL)
    importlib.reload(warnings)  # whoever catches warnings around the fork does not catch those of a worker
    try:
        answer = function(task)
    except Exception as error:
        answer = error
    sender.send(answer)


def _end_with_parent() -> None:
    """See to it that this worker ends when its parent does: by the system where it can, and by a thread that waits."""
    parent = multiprocessing.parent_process()
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL)
    if os.getppid() != parent.pid:  # it ended before it could be watched
        os._exit(1)
    threading.Thread(target=lambda: (parent.join(), os._exit(1)), daemon=True).start()

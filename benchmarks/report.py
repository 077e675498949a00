"""Time and memory of the report: a cold build, a second build with nothing changed, and one changed chapter.

Prints one line a build: wall seconds, and the highest memory of the driver with all kernels and Sphinx together,
counting shared pages once (proportional set size, read from /proc ten times a second; Linux only).
"""

import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
INTERVAL = 0.1


def descendants(pid: int) -> list[int]:
    """A process and all processes started by it."""
    found = [pid]
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            children = [int(child) for child in task.read_text().split()]
        except OSError:  # the process ended meanwhile
            continue
        for child in children:
            found += descendants(child)
    return found


def memory(pid: int) -> int:
    """Memory of one process in bytes; nothing if it has ended."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))


def measured(command: list[str]) -> tuple[float, float]:
    """Wall seconds and peak memory in MiB of a command with everything it starts."""
    peak = 0
    started = time.perf_counter()
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)
    done = threading.Event()

    def watch() -> None:
        nonlocal peak
        while not done.wait(INTERVAL):
            peak = max(peak, sum(memory(pid) for pid in descendants(process.pid)))

    watcher = threading.Thread(target=watch)
    watcher.start()
    code = process.wait()
    seconds = time.perf_counter() - started
    done.set()
    watcher.join()
    if code:
        sys.exit(f"{' '.join(command)} ended with exit code {code}")
    return seconds, peak / 2**20


def main() -> None:
    """Measure the three builds in a folder that is removed afterwards."""
    print(f"Python {sys.version.split()[0]}, {os.cpu_count()} processors")
    with tempfile.TemporaryDirectory() as out:
        build = [sys.executable, "-m", "analysis", "report", "--out", out]
        for label, options in (("cold", []), ("nothing changed", []), ("other parameter", ["-p", "conf_level=0.9"])):
            seconds, peak = measured([*build, *options])
            print(f"{label:<16} {seconds:6.1f} s   {peak:6.0f} MiB", flush=True)


if __name__ == "__main__":
    main()

"""What surrounds a run and what of it the run sees: nothing of a user's settings, locale, home, kernels or Python path.

A report is the same wherever it is made, so its processes get an environment of their own: the few variables that a
program needs to start at all, and those that are set here. The command line settles its process before anything that
computes is imported.
"""

import gc
import importlib
import importlib.util
import os
import signal
import site
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import chdir
from pathlib import Path

from analysis.study.finding import VARIABLE as STUDIES

# One thread a process: two share two cores, and sums are then added in the same order on every machine.
SETTINGS = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "PYTHONHASHSEED": "0",
    "PYDEVD_DISABLE_FILE_VALIDATION": "1",
}
SMALL_CELLS = "ANALYSIS_SMALL_CELLS"  # as `show.disclosure` reads it, which takes long to import
_ROOT = Path(__file__).resolve().parents[2]
# What it takes to find programs, libraries, studies and a place for scratch files; no more of PYTHON* than this.
_KEPT = ("PATH", "HOME", "TMPDIR", "LD_LIBRARY_PATH", "MPLCONFIGDIR", "PYTHONHOME", "PYTHONDONTWRITEBYTECODE",
         "PYTHONPYCACHEPREFIX", "PYTHONUSERBASE", SMALL_CELLS, STUDIES)  # fmt: skip
# Text is UTF-8 and time is UTC; no module is found in the folder that a command was given in.
_SET = {"LC_ALL": "C", "TZ": "UTC", "PYTHONUTF8": "1", "PYTHONSAFEPATH": "1", "PYTHONPATH": str(_ROOT)}
_SETTLED = "REPORT_SETTLED"


def calm(environ: Mapping[str, str]) -> dict[str, str]:
    """The environment of a run, whatever the one is like that it is started in."""
    kept = {name: environ[name] for name in _KEPT if name in environ}
    # matplotlib keeps its list of fonts where it always does, and reads its own settings alone.
    fonts = {"MPLCONFIGDIR": os.path.expanduser("~/.cache/matplotlib")}
    drawing = importlib.util.find_spec("matplotlib")
    rules = {"MATPLOTLIBRC": str(Path(drawing.origin).parent / "mpl-data")} if drawing else {}
    return {**fonts, **kept, **rules, **_SET, **SETTINGS}


def collect_seldom() -> None:
    """Look for unreachable objects once in 50,000 new ones, not in 700: tables are hardly ever part of a circle."""
    gc.set_threshold(50_000)


def settle() -> None:
    """Start the command line anew in a calm environment, since much holds only from the start of a process; once.

    For a process of one's own alone: whoever calls the driver as a library keeps the process as it is.
    """
    if os.name == "posix" and os.environ.pop(_SETTLED, "") != str(os.getpid()):
        os.execve(sys.executable, [sys.executable, *sys.orig_argv[1:]], calm(os.environ) | {_SETTLED: str(os.getpid())})
    if os.path.exists("matplotlibrc"):  # it would be read before all others, once, when matplotlib is imported
        with chdir(_ROOT):
            importlib.import_module("matplotlib")


def enter(home: Path) -> None:
    """Make this process, a worker for one task, calm; its home and its scratch files are in a folder of its own."""
    user = {"PYTHONUSERBASE": site.getuserbase()} if site.ENABLE_USER_SITE else {}
    home.mkdir(parents=True, exist_ok=True)
    own = calm(os.environ) | user | {"HOME": str(home), "TMPDIR": str(home)}
    os.environ.clear()
    os.environ.update(own)
    tempfile.tempdir = None
    if hasattr(time, "tzset"):
        time.tzset()


def end_in_order() -> None:
    """Told to end, this process leaves by an exception, so that what it has begun is cleared away. For the command."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, _leave)


def _leave(number: int, _: object) -> None:
    signal.signal(number, signal.SIG_IGN)
    sys.exit(128 + number)

"""A reproducible evaluation report of a randomised labour-market trial.

The flow, from files to prose: `intake` reads and validates a study folder; `registers` turns spells into one status per
participant and month; `instruments` turn items into scores; `outcomes` and `people` give one row per participant; the
methods (`proportions`, `means`, `regression`, ...) return estimates; `chapters` assemble them into tables, figures and
sentences; `publish` is the one gate through which all output passes; `book` renders the report.

Start at `trial.open_trial` for the data and at `chapters/` for the results.
"""

import time

__version__ = "0.1.0"
RELEASED = "2026-11-27"
# What has changed in the package since then is not what this process runs.
STARTED = time.time()

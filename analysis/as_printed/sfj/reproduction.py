"""Settings of the study and its instruments that the report states in its text."""

import math

from analysis.frames.people import AGE_LIMITS
from analysis.frames.trial import Trial
from analysis.published.registry import counts_as
from analysis.show.tables import Table, cells


def settings(trial: Trial) -> Table:
    """Waves, items and limits of age; `restated.yml` says where the report prints them."""
    waves, age = trial.study.waves, trial.people["age"]
    items = [name for name in trial.tables["questionnaires"].columns if name.startswith("shc_")]
    limits = [limit for limit in AGE_LIMITS if 0 < limit < math.inf]
    rows = [
        ("waves", "second", "months", waves[1] if len(waves) > 1 else math.nan),
        ("waves", "last", "months", waves[-1] if waves else math.nan),
        ("waves", "spacing", "months", waves[-1] - waves[-2] if len(waves) > 1 else math.nan),
        ("complaints", "items", "n", len(items)),
        ("age", "youngest", "years", age.min()),
        ("age", "first_limit", "years", limits[0]),
        ("age", "last_limit", "years", limits[-1]),
        ("age", "oldest", "years", age.max()),
    ]
    return Table("settings", cells(rows))


counts_as("sfj", "reproduction", settings=settings)

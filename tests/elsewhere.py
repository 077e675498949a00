"""Whether every sentence of a chapter is true of other data, too: reversed, without effect, unknown, without a table.

Each is held as `python -m analysis claims` holds a built book: to its numbers, interval, p-value and rule. All of it
takes minutes: `python -m tests.elsewhere [chapter ...]`; `tests/test_true_elsewhere.py` takes a part.
"""

import json
import re
import sys
from dataclasses import replace

import pandas as pd
import pytest

from analysis.book.claims.comparisons import comparisons_of
from analysis.book.claims.told import Text
from analysis.frames.trial import open_trial
from analysis.show import page as page_module
from analysis.show.kept import Kept
from tests.walk import shown, without

# Fewer draws than a report takes: what is said is the same.
PARAMETERS = {name: {"draws": 20} for name in ("robustness", "cost_benefit", "employment")}
CHAPTERS = (
    "participants", "employment", "health", "robustness", "cost_benefit", "process_evaluation", "user_survey",
    "summary",
)  # fmt: skip
UNTRUE = re.compile(r"\bnan\b|−?\binf\b|[{}]|(?<!of )\b0 people\b|\bof 0 |(?<![\d.])0(?:\.0+)? to 0(?:\.0+)?(?![\d.])",
                    flags=re.IGNORECASE)  # fmt: skip


def of_a_part(every):
    """The bundled trial, as if it were real and of nobody's print, with every n-th participant."""
    trial = open_trial()
    people = trial.tables["participants"]["participant_id"].sort_values().iloc[::every]
    tables = {name: frame[frame["participant_id"].isin(people)] if "participant_id" in frame else frame
              for name, frame in trial.tables.items()}  # fmt: skip
    return replace(trial, study=replace(trial.study, as_printed=None, data="real"), tables=tables)


def in_other_arm(trial, frame):
    other = {trial.study.treatment: trial.study.control, trial.study.control: trial.study.treatment}
    return frame.assign(arm=frame["arm"].map(other).astype(frame["arm"].dtype)) if "arm" in frame else frame


def reversed_arms(trial):
    turned = {name: in_other_arm(trial, trial.tables[name]) for name in ("participants", "screening")}
    return replace(trial, tables={**trial.tables, **turned})


def twins(trial):
    """Everybody once more in the other arm: no difference between the arms in anything."""

    def with_twins(frame):
        if "participant_id" not in frame:
            return frame
        return pd.concat([frame, in_other_arm(trial, frame.assign(participant_id=frame["participant_id"] + "b"))])

    return replace(trial, tables={name: with_twins(frame) for name, frame in trial.tables.items()})


def unknown(trial):
    """No number known of anybody."""

    def emptied(frame):
        names = [name for name in frame.select_dtypes("number") if str(frame[name].dtype)[0] not in "iu"]
        return frame.assign(**{name: pd.Series(index=frame.index, dtype=frame[name].dtype) for name in names})

    return replace(trial, tables={name: emptied(frame) for name, frame in trial.tables.items()})


def told(monkeypatch, chapter, trial):
    """Everything that the chapter writes about the trial: its sentences, and its other texts."""
    kept, begin = [], Kept.__init__

    def beginning(self, *given):
        begin(self, *given)
        kept.append(self)

    with monkeypatch.context() as patched:
        patched.setattr(Kept, "__init__", beginning)
        patched.setattr(page_module, "draw", lambda *_: b"<svg></svg>")
        patched.setattr(page_module, "draw_files", lambda *_: {"svg": b"<svg></svg>"})
        shown(patched, chapter, trial, **PARAMETERS.get(chapter, {}))
    written = [page.said for page in kept], [page.worded for page in kept]
    return [[Text.of(each) for lines in lists for each in json.loads(bytes(lines))] for lists in written]


def faults(sentences, texts):
    found = [f"{cause}: {each.text}" for each in sentences for cause in comparisons_of(each)]
    found += [f"{cause}: {each.text}" for each in (*sentences, *texts) for cause in each.wrong_numbers()]
    return found + [each.text for each in sentences if UNTRUE.search(each.text)]


CHANGES = {"reversed": reversed_arms, "no effect": twins, "unknown": unknown}


def main(chapters):
    """Tell the faults of each chapter with each change, and without each table."""
    part = of_a_part(5)
    changed = {name: change(part) for name, change in CHANGES.items()}
    changed |= {f"without {name}": without(part, name) for name in part.tables if name != "participants"}
    for chapter in chapters or CHAPTERS:
        for name, trial in changed.items():
            sentences, texts = told(pytest.MonkeyPatch(), chapter, trial)
            print(f"{chapter}, {name}: {len(sentences)} sentences", *faults(sentences, texts), sep="\n    ", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])

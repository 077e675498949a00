"""What the notebook of a chapter shows for any trial, without a kernel: its code cells run here, one by one."""

import ast
from dataclasses import replace
from pathlib import Path

import nbformat
import pandas as pd

from analysis.show import page as page_module

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"
PROSE, RESULT, NUMBERS, NOTE = "prose", "result", "numbers", "note"


def shown(monkeypatch, chapter, trial, **parameters):
    """(kind, text) of everything the chapter's cells show for the trial: prose, a table or figure, numbers, or a note.

    All cells are run, also those that need what the study does not have.
    """
    monkeypatch.setattr(page_module, "open_trial", lambda study: trial)
    found = []
    names = {"display": lambda result: found.append(_text(result))}
    for cell in nbformat.read(NOTEBOOKS / f"{chapter}.ipynb", as_version=4).cells:
        if cell.cell_type == "code":
            before = len(found)
            _run(cell.source, names, found)
            names |= parameters if "parameters" in cell.metadata.tags else {}
            if "note" in cell.metadata.tags:
                found[before:] = [(NOTE, text) for _, text in found[before:]]
    return found


def _run(source, names, found):
    """Run a cell and keep what its last line shows, as a notebook does."""
    body = ast.parse(source).body
    last = body.pop() if isinstance(body[-1], ast.Expr) else None
    exec(compile(ast.Module(body, []), "cell", "exec"), names)
    if last is not None:
        result = eval(compile(ast.Expression(last.value), "cell", "eval"), names)
        found += [] if result is None else [_text(result)]


def _text(result):
    if isinstance(result, pd.DataFrame):
        return NUMBERS, result.to_string()
    if isinstance(result, page_module.Markdown):
        return PROSE, result.text
    return RESULT, getattr(result, "html", None) or result._repr_html_()


def prose_of(found):
    """All sentences, without the lines that say what a result would need."""
    lines = [line for kind, text in found if kind == PROSE for line in text.split("\n")]
    return [line for line in lines if line and not line.startswith("*Not in this study")]


def without(trial, *tables):
    """The trial as if its folder lacked these tables."""
    return replace(trial, tables={**trial.tables, **{name: trial.tables[name].iloc[:0] for name in tables}})


def with_tables(trial, **tables):
    return replace(trial, tables={**trial.tables, **tables})


def with_study(trial, **settings):
    """The trial with other settings; answers of waves that they no longer list are dropped."""
    study = replace(trial.study, **settings)
    tables = {
        name: frame[frame["wave"].isin(study.waves)] if "wave" in frame else frame
        for name, frame in trial.tables.items()
    }
    return replace(trial, study=study, tables=tables)

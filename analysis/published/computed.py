"""The computed numbers under the addresses that the published report gives them."""

import re

import pandas as pd

from analysis.frames.trial import Trial, once_a_trial
from analysis.published.prints import report_of
from analysis.published.registry import printed_tables
from analysis.published.scorecard import KEY, with_restated

_NOTHING = pd.DataFrame(columns=[*KEY, "value"])


@once_a_trial
def computed_cells(trial: Trial, chapter: str | None = None) -> pd.DataFrame:
    """Every computed number under its published address: source, row, column, statistic, value; one row a number.

    chapter: only those that belong to it.
    """
    parts = [table.cells.assign(source=table.name) for table in printed_tables(trial, chapter)]
    computed = pd.concat(parts, ignore_index=True) if parts else _NOTHING
    return with_restated(with_printed_arms(computed.drop_duplicates(KEY), trial), report_of(trial).restated)


def with_printed_arms(computed: pd.DataFrame, trial: Trial) -> pd.DataFrame:
    """The cells under the report's codes of the arms; a study may code its arms in its own way."""
    study = trial.study
    printed = study.as_printed.arms if study.as_printed else {}
    roles = {getattr(study, role): code for role, code in printed.items()} if study.has_arms else {}
    if not roles:
        return computed
    arm = rf"(?<![^_])({'|'.join(map(re.escape, roles))})(?![^_])"
    # In rows only contrasts and product terms hold codes; elsewhere "usual" may be a word like any other.
    in_rows = computed["row"].str.match(rf"{re.escape(study.treatment)}_x_|{re.escape(study.contrast)}$")
    found = computed[["row", "column"]].apply(
        lambda keys: keys.str.replace(arm, lambda code: roles[code[1]], regex=True)
    )
    return computed.assign(row=found["row"].where(in_rows, computed["row"]), column=found["column"])

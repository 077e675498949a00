"""The one order in which tables have the columns of the arms, on every page and in every workbook."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from analysis.show.tables import TOTAL, Table


def in_arm_order(table: Table, treatment: str, control: str) -> Table:
    """The table with its columns in the order of every page: the treatment's, the control's, everybody's.

    So are columns about something of each arm, such as its status at inclusion. All others stay where they are.
    """
    arms = (treatment, control, TOTAL)
    named = re.compile(rf"(?<![^_])(?:{'|'.join(map(re.escape, arms))})(?![^_])")  # a code is a whole part of a key

    def ordered(keys: Sequence[str]) -> list[str]:
        found = {key: named.findall(key) for key in keys}
        about = {key: named.sub("", key) if len(own) == 1 else key for key, own in found.items()}
        placed = sorted(keys, key=lambda key: arms.index(found[key][0]) if len(found[key]) == 1 else 0)
        waiting = {what: [key for key in placed if about[key] == what] for what in about.values()}
        return [waiting[about[key]].pop(0) for key in keys]

    columns = list(dict.fromkeys(table.cells["column"])) if table.columns is None else table.columns
    if isinstance(columns, Mapping):
        return replace(table, columns={group: ordered(columns[group]) for group in ordered(list(columns))})
    return replace(table, columns=ordered(columns))

"""Which amounts printed in Tables 21 and 22 follow from the numbers that the report prints beside them."""

from collections.abc import Iterator

import pandas as pd

from analysis.frames.needs import needs
from analysis.frames.trial import Trial
from analysis.published.audit.outcome import HOLDS
from analysis.published.corrected import CORRECTED, calculation, corrected_result
from analysis.published.prints import report_of
from analysis.show.tables import Table

# The two populations of the printed evaluations, and what their columns are called where an amount is named.
EXTERNAL, INTERNAL = "external_all_participants", "internal_subgroup_aap_plus"
POPULATIONS = {EXTERNAL: "external", INTERNAL: "internal"}
_TABLES = ("table_21", "table_22")


def printed(trial: Trial, source: str, row: str, column: str, statistic: str) -> float:
    """One printed number. Raises KeyError naming the cell if the report prints no such number."""
    cells = trial.once("printed", lambda: report_of(trial).cells.set_index(["source", "row", "column", "statistic"]))
    return float(cells.loc[(source, row, column, statistic), "value"])


@needs(*CORRECTED)
def printed_amounts_table(trial: Trial) -> Table:
    """One row per printed amount that a formula gives: printed, recomputed, the difference, whether it follows.

    It follows where the audit's relation holds, so within what rounding of the printed parts can explain; in doubt are
    failures that rest on an input which is not printed. The last column is what the amount does to the printed net
    present value per person if it alone is corrected.
    """
    moves = corrected_result(trial).slips.set_index("address")["alone"]
    rows = []
    for address, as_printed, recomputed, follows in _amounts(trial):
        row = _name(address)
        rows += [
            (row, "printed", "nok", as_printed, None),
            (row, "recomputed", "nok", recomputed, None),
            (row, "difference", "nok", as_printed - recomputed, None),
            (row, "follows", "value", float(follows == "follows_yes"), follows),
        ]
        rows += [(row, "moves", "nok", moves[address], None)] if address in moves.index else []
    frame = pd.DataFrame(rows, columns=["row", "column", "statistic", "value", "text"])
    return Table("printed_amounts", frame, columns=["printed", "recomputed", "difference", "follows", "moves"])


def amounts_that_do_not_follow(trial: Trial) -> list[str]:
    """Names of the printed amounts that certainly do not follow."""
    return [_name(address) for address, _, _, follows in _amounts(trial) if follows == "follows_no"]


def _amounts(trial: Trial) -> Iterator[tuple[str, float, float, str]]:
    """(address, printed amount, recomputed amount, whether it follows), one an address, a failing formula first."""
    chain = calculation(trial)
    verdicts = report_of(trial).findings.set_index(["relation", "instance"])["verdict"]
    certain = {(slip.relation, slip.instance) for slip in chain.slips if not slip.in_doubt}
    found = {}
    for relation, address, recomputed in chain.formulas():
        source, *_, statistic = address.split("/")
        if source not in _TABLES or statistic != "nok":
            continue
        holds = verdicts[relation] == HOLDS
        follows = "follows_yes" if holds else "follows_no" if relation in certain else "follows_in_doubt"
        if address not in found or not holds:
            found[address] = (address, chain.printed[address], recomputed, follows)
    yield from found.values()


def _name(address: str) -> str:
    _, row, column, _ = address.split("/")
    return f"{row}_{POPULATIONS.get(column, column)}"

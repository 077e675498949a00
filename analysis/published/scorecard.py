"""The published figures, every number the report prints, and the scorecard that holds computed ones to them."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.published.audit.cells import KEY, precision
from analysis.study.finding import BUNDLED
from analysis.study.problems import Problem, StudyProblems, group_problems
from analysis.study.yaml_files import read_yaml

# The printed numbers of the bundled study.
CELLS = BUNDLED / "published" / "cells.csv"
EXACT, ROUNDING, INCONSISTENT, UNEXPLAINED, NOT_COMPUTED = VERDICTS = (
    "exact", "rounding", "print_inconsistent", "unexplained", "not_computed",
)  # fmt: skip
# Of a computed number that a protected report hides or tells rounded: any other verdict would tell more of it.
NOT_COMPARED = "not_compared"
# Failures that are about the words of a sentence and leave its number as it is.
ABOUT_WORDS = ("points_as_percent", "claimed_significant", "claimed_not_significant")
# Failures that say that the numbers of whole rows or columns stand elsewhere.
MOVED = ("columns_moved", "column_sums", "rows_moved")
# Binary fractions are not decimal ones: a computed number this close to the end of a rounding range counts as on it.
SLACK = 1e-7


def read_published(path: Path = CELLS) -> pd.DataFrame:
    """The printed numbers, one row each: source, row, column, statistic, value, decimals, and what else stands there.

    id, line, unit and note may be absent. Numbers stand as the report prints them, also where the report is wrong. A
    missing note or unit is an empty text, a missing line NaN. Raises StudyProblems with every fault of the file.
    """
    try:
        if path.is_fifo():  # it would be waited for without end
            raise _faulty(path, [(None, None, "not_a_file", "This is a pipe, not a file.", "Put the file there.")])
        cells = pd.read_csv(path, dtype=str, keep_default_na=False)
    except OSError as error:
        cause = f"The file cannot be read: {error.strerror}."
        fault = (None, None, "unreadable_file", cause, "Look at its rights and where it lies.")
        raise _faulty(path, [fault]) from error
    except (ValueError, pd.errors.ParserError) as error:
        fault = (None, None, "unreadable", "The file is no table.", "Save it as UTF-8, with commas.")
        raise _faulty(path, [fault]) from error
    if faults := list(_faults(cells)):
        raise _faulty(path, faults)
    for name in ("id", "line", "unit", "note"):
        cells[name] = cells.get(name, "")
    numbers = {"value": cells["value"].astype(float), "decimals": cells["decimals"].astype(int)}
    lines = pd.to_numeric(cells["line"])
    return cells.assign(**numbers, line=lines.astype(int) if lines.notna().all() else lines)


def _faults(cells: pd.DataFrame) -> Iterator[tuple]:
    """(row, column, kind, cause, remedy) of whatever the audit and the scorecard cannot use."""
    needed = [*KEY, "value", "decimals"]
    if missing := [name for name in needed if name not in cells.columns]:
        yield None, None, "missing_column", f"The file lacks {', '.join(missing)}.", f"It needs {', '.join(needed)}."
        return
    for name in KEY:
        for row in cells.index[cells[name].str.contains("/") | (cells[name] == "")]:
            yield row, name, "wrong_code", "The code is empty or has a stroke.", "Use letters, digits and underscores."
    numbers = {"value": "a number", "decimals": "a whole number", "line": "a whole number"}
    for name, what in ((name, what) for name, what in numbers.items() if name in cells):
        text = cells[name].where(cells[name] != "", "0" if name == "line" else "")
        pattern = r"-?\d+(\.\d+)?([eE]-?\d+)?" if name == "value" else r"\d+"
        for row in text.index[~text.str.fullmatch(pattern)]:
            yield row, name, "wrong_number", f"This is not {what}.", "Write it with a point and without separators."
    typed = cells["value"].str.extract(r"\.(\d+)$")[0].str.len()
    for row in cells.index[typed > pd.to_numeric(cells["decimals"], errors="coerce")]:
        yield row, "decimals", "too_few", "The number has more decimals than these.", "Count them as they are printed."
    for row in cells.index[cells.duplicated(KEY)]:
        yield row, None, "repeated_address", "Another row has the same source, row, column and statistic.", "Keep one."


def _faulty(path: Path, faults: list[tuple]) -> StudyProblems:
    """The faults as problems; line 1 of the file is its header."""
    problems = [Problem(path.name, None if row is None else int(row) + 2, *rest) for row, *rest in faults]
    return StudyProblems(path.parent, group_problems(problems))


def addresses(cells: pd.DataFrame) -> pd.Series:
    """`source/row/column/statistic` of each cell, as the audit and the restatements write it."""
    source, row, column, statistic = (cells[name].astype(str) for name in KEY)
    return source + "/" + row + "/" + column + "/" + statistic


def read_outside(path: Path) -> dict[str, str]:
    """Address → why the data of a study cannot give this number (a key of the scorecard's `reasons`)."""
    listed = read_yaml(path)
    return {address: why for why, group in listed.items() for address in group}


def with_restated(computed: pd.DataFrame, restated: Mapping[str, Sequence]) -> pd.DataFrame:
    """The computed cells and, from them, those that the report prints again elsewhere.

    `restated` maps the address of each repeated number to the cell it repeats, or several whose sum it is, and the
    factor between their units. Columns of `computed`: source, row, column, statistic, value. What repeats a cell that
    this study does not give is not given either.
    """
    values = dict(zip(addresses(computed), computed["value"], strict=True))
    rows = []
    for address, (of, factor) in restated.items():
        parts = [of] if isinstance(of, str) else of
        if all(part in values for part in parts):
            rows.append((*address.split("/"), sum(values[part] for part in parts) * factor))
    repeated = pd.DataFrame(rows, columns=[*KEY, "value"])
    return pd.concat([computed[[*KEY, "value"]], repeated], ignore_index=True)


def scorecard(
    published: pd.DataFrame, computed: pd.DataFrame, findings: pd.DataFrame, rough: Mapping[str, str]
) -> pd.DataFrame:
    """Every printed number beside the computed one.

    One row is one printed number, in the report's order: the columns of `published`, and computed (unrounded, NaN if
    nobody computes it), difference (computed − printed), said (how the text itself gives the number roughly, from
    `rough`: address → about, a_good, nearly, over or at_least; else empty), verdict, finding (the audit's finding that
    shows the print to be inconsistent, as relation/instance, else empty; see `_proofs`), follows (whether the number
    only follows, by a stated calculation, from one that the finding is about).
    Verdicts: exact, the computed number prints the same at the printed precision (see `precision`; a printed bound “<”
    is met; a rough number is what its words say); print_inconsistent, off and shown by the print alone to be unable to
    hold together with other printed numbers; rounding, off by no more than one unit of the last printed decimal;
    unexplained; not_computed.
    """
    cells = computed.drop_duplicates(KEY).rename(columns={"value": "computed"})
    card = published.merge(cells[[*KEY, "computed"]], on=KEY, how="left")
    card["difference"] = (card["computed"] - card["value"]).round(10)  # not the last bits of a sum
    card["said"] = _looked_up(card, rough)
    off = card["computed"].notna() & ~_exact(card)
    differing = set(addresses(card)[off])
    proofs = _proofs(findings, card, differing)
    carried = _carried(findings, proofs, differing)
    card["finding"] = _looked_up(card, {**proofs, **carried}).where(off, "")
    own = {
        address for _, finding in findings.iterrows() for address in finding["blames"] if finding["verdict"] == "fails"
    }
    return card.assign(follows=addresses(card).isin(set(carried) - own) & off, verdict=_verdicts(card))


def _looked_up(card: pd.DataFrame, words: Mapping[str, str]) -> pd.Series:
    """The word for each number's address, empty if there is none."""
    return addresses(card).map(lambda address: words.get(address, "")).astype(str)


def _verdicts(card: pd.DataFrame) -> pd.Series:
    near = card["difference"].abs() <= 10.0 ** -precision(card) * (1 + SLACK)
    conditions = [card["computed"].isna(), _exact(card), card["finding"] != "", near & (card["said"] == "")]
    chosen = np.select(conditions, [NOT_COMPUTED, EXACT, INCONSISTENT, ROUNDING], UNEXPLAINED)
    return pd.Series(chosen, index=card.index)


def _exact(card: pd.DataFrame) -> pd.Series:
    return agrees(card, precision(card))


def agrees(card: pd.DataFrame, places: pd.Series) -> pd.Series:
    """Whether each computed number prints as the published one does, `places` decimals being told; see `scorecard`."""
    bound_met = (card["statistic"] == "p_lt") & (card["computed"] < card["value"])
    same_print = card["difference"].abs() <= 0.5 * 10.0**-places * (1 + SLACK)
    rough = [_as_said(said, c, v) for said, c, v in card[["said", "computed", "value"]].itertuples(index=False)]
    return bound_met | same_print | pd.Series(rough, index=card.index, dtype=bool)


def _as_said(said: str, computed: float, stated: float) -> bool:
    """Whether a number is what a rough statement says: half a unit of the stated number's first digit around it,
    or only above, or only below; or any amount above.
    """
    half = 0.5 * 10.0 ** np.floor(np.log10(abs(stated))) if stated else 0.0
    ranges = {"about": (-half, half), "a_good": (0.0, half), "nearly": (-half, 0.0), "at_least": (0.0, np.inf)}
    if said not in ranges:
        return said == "over" and computed > stated
    below, above = ranges[said]
    return below <= computed - stated <= above


def uncompared(card: pd.DataFrame, untold: Sequence[bool]) -> pd.DataFrame:
    """The scorecard without verdicts on computed numbers that must not be told as they are, and what goes with them."""
    away = np.asarray(untold) & card["computed"].notna()
    instead = {"verdict": NOT_COMPARED, "difference": np.nan, "finding": "", "said": "", "follows": False, "counts": "",
               "known_by": "", "computed_there": np.nan}  # fmt: skip
    there = instead.keys() & set(card.columns) if away.any() else ()
    return card.assign(**{name: card[name].mask(away, instead[name]) for name in there})


def finding_key(finding: Mapping) -> str:
    """Name of one finding: its relation and, where that is declared for several numbers, which."""
    return f"{finding['relation']}/{finding['instance']}" if finding["instance"] else str(finding["relation"])


def _proofs(findings: pd.DataFrame, card: pd.DataFrame, off: set[str]) -> dict[str, str]:
    """Address → the finding that proves that this number cannot hold together with others; see `scorecard`.

    A failed relation has no unrounded numbers behind the print that satisfy it. It accounts for a number that differs
    (`off`) when all its other numbers come out as printed, so that this one cannot; when the computed number is what
    the finding says it should have been, or nearer to that than to the print; or when the finding says that whole rows
    or columns were moved, also through a failure that such a finding explains. Of several, the surest of the first of
    these kinds is named.
    """
    failed = findings[(findings["verdict"] == "fails") & ~findings["kind"].isin(ABOUT_WORDS)].sort_values(
        "sure", kind="stable"
    )
    moved = {finding["relation"] for _, finding in failed[failed["kind"].isin(MOVED)].iterrows()}
    numbers = zip(card["computed"], card["decimals"], card["value"], strict=True)
    computed = dict(zip(addresses(card), numbers, strict=True))
    proofs: dict[str, str] = {}
    for accounts in (_alone, _as_corrected, _nearer, _among_moved):
        for _, finding in failed.iterrows():
            for address in accounts(finding, off, computed, moved):
                key = finding["explained_by"] if accounts is _among_moved else ""
                proofs.setdefault(address, key or finding_key(finding))
    with_count = {address.removesuffix("/n") + "/pct": key for address, key in proofs.items() if address.endswith("/n")}
    return {**{address: key for address, key in with_count.items() if address in off}, **proofs}


def _alone(finding: pd.Series, off: set[str], *_: object) -> list[str]:
    """The only number of the finding that differs."""
    differing = [address for address in finding["blames"] if address in off]
    return differing if len(differing) == 1 else []


def _as_corrected(finding: pd.Series, off: set[str], computed: Mapping, *_: object) -> Iterator[str]:
    """Numbers that come out as the finding says they should."""
    for address, (low, high) in finding["corrects"].items():
        if address in off:
            value, decimals, _ = computed[address]
            half = 0.5 * 10.0**-decimals * (1 + SLACK)
            if low - half <= value <= high + half:
                yield address


def _nearer(finding: pd.Series, off: set[str], computed: Mapping, *_: object) -> Iterator[str]:
    """Numbers that come out nearer to what a certain or likely finding says than to what is printed."""
    if finding["sure"] == "undecidable":
        return
    for address, (low, high) in finding["corrects"].items():
        if address in off:
            value, printed = computed[address][0], computed[address][2]
            if max(low - value, value - high) < abs(value - printed) / 2:
                yield address


def _among_moved(finding: pd.Series, off: set[str], computed: Mapping, moved: set[str]) -> list[str]:
    """Numbers of moved rows or columns, and of whatever those explain."""
    explained = finding["relation"] in moved or finding["explained_by"] in moved
    return [address for address in finding["blames"] if address in off] if explained else []


def _carried(findings: pd.DataFrame, proofs: Mapping[str, str], off: set[str]) -> dict[str, str]:
    """Numbers that only follow: results of formulas and repetitions, all of whose differing parts are accounted for."""
    computing = findings[findings["check"].isin(("formula", "equal"))]
    carried: dict[str, str] = {}
    while True:
        known = {**proofs, **carried}
        new = {}
        for _, finding in computing.iterrows():
            result, *parts = finding["blames"]
            wrong = [part for part in parts if part in off]
            if result in off and result not in known and wrong and all(part in known for part in wrong):
                new[result] = finding_key(finding) if finding["verdict"] == "fails" else known[wrong[0]]
        if not new:
            return carried
        carried |= new


def totals(card: pd.DataFrame) -> pd.DataFrame:
    """Number of printed figures by source and verdict; one row a source, in the report's order."""
    verdicts = [*VERDICTS, *{NOT_COMPARED}.intersection(card["verdict"])]
    counts = pd.crosstab(card["source"], card["verdict"]).reindex(columns=verdicts, fill_value=0)
    return counts.reindex(index=card["source"].unique())

"""The published figures, every number the report prints, and the scorecard that holds computed ones to them."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import yaml

DATA = Path(__file__).resolve().parent.parent / "data" / "published"
CELLS, RELATIONS, RESTATED, WORDS = (
    DATA / name for name in ("published_cells.csv", "relations.yml", "restated.yml", "words.yml")
)
KEY = ["source", "row", "column", "statistic"]
EXACT, ROUNDING, INCONSISTENT, UNEXPLAINED, NOT_COMPUTED = VERDICTS = (
    "exact", "rounding", "print_inconsistent", "unexplained", "not_computed",
)  # fmt: skip
# So many numbers in a row that end in a nought are no coincidence.
PADDED_FROM = 5
# Binary fractions are not decimal ones: a computed number this close to the end of a rounding range counts as on it.
SLACK = 1e-7


def read_published(path: Path = CELLS) -> pd.DataFrame:
    """The printed numbers, one row each: id, source, row, column, statistic, value, decimals, line, note.

    Numbers stand as the report prints them, also where the report is wrong. A missing note is an empty text.
    """
    return pd.read_csv(path, dtype={"id": str, "note": str}, keep_default_na=False).astype({"value": float})


def read_words(path: Path = WORDS) -> dict[str, str]:
    """What to call the codes of printed numbers in a sentence."""
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def addresses(cells: pd.DataFrame) -> pd.Series:
    """`source/row/column/statistic` of each cell, as the audit and the restatements write it."""
    return cells[KEY].astype(str).agg("/".join, axis=1)


def with_restated(computed: pd.DataFrame, path: Path = RESTATED) -> pd.DataFrame:
    """The computed cells and, from them, those that the report prints again elsewhere.

    `path` lists each repeated number with the cell it repeats and, where its unit differs, a factor. Columns of
    `computed`: source, row, column, statistic, value. Raises KeyError for a repetition of a cell nobody computes.
    """
    values = dict(zip(addresses(computed), computed["value"], strict=True))
    listed: Mapping = yaml.safe_load(path.read_text(encoding="utf-8"))
    rows = []
    for address, (of, factor) in listed.items():
        if of not in values:
            raise KeyError(f"{path.name}: {address} repeats {of}, which no chapter computes")
        rows.append((*address.split("/"), values[of] * factor))
    repeated = pd.DataFrame(rows, columns=[*KEY, "value"])
    return pd.concat([computed[[*KEY, "value"]], repeated], ignore_index=True)


def scorecard(published: pd.DataFrame, computed: pd.DataFrame, findings: pd.DataFrame | None) -> pd.DataFrame:
    """Every printed number beside the computed one.

    One row is one printed number, in the report's order: the columns of `published`, and computed (unrounded, NaN if
    nobody computes it), difference (computed − printed), verdict, finding (the audit's relation that shows the print
    to be inconsistent, else empty). Verdicts: exact, the computed number prints the same at the printed precision (see
    `precision`; a printed bound “<” is met); rounding, off by no more than one unit of the last printed decimal;
    print_inconsistent, off and part of a relation that the print itself violates beyond rounding; unexplained;
    not_computed. Without findings (other data than the report's) there are no verdicts: the column is empty.
    """
    cells = computed.drop_duplicates(KEY).rename(columns={"value": "computed"})
    card = published.merge(cells[[*KEY, "computed"]], on=KEY, how="left")
    card["difference"] = card["computed"] - card["value"]
    if findings is None:
        return card.assign(verdict="", finding="")
    proofs = _proofs(findings)
    card["finding"] = addresses(card).map(lambda address: proofs.get(address, ""))
    return card.assign(verdict=_verdicts(card))


def precision(published: pd.DataFrame) -> pd.Series:
    """Decimals that carry information: the printed ones, less a padding nought.

    A table that prints the numbers of one statistic with so many decimals, five or more of them, and always with a
    nought as the last, prints one decimal less and pads it.
    """
    last = (published["value"].abs() * 10.0 ** published["decimals"]).round() % 10
    groups = published.assign(nought=last == 0).groupby(["source", "statistic", "decimals"])["nought"]
    padded = groups.transform("all") & (groups.transform("size") >= PADDED_FROM) & (published["decimals"] > 0)
    return published["decimals"] - padded


def _verdicts(card: pd.DataFrame) -> pd.Series:
    unit = 10.0 ** -precision(card)
    off = card["difference"].abs()
    bound_met = (card["statistic"] == "p_lt") & (card["computed"] < card["value"])
    conditions = [
        card["computed"].isna(),
        bound_met | (off <= 0.5 * unit * (1 + SLACK)),
        off <= unit * (1 + SLACK),
        card["finding"] != "",
    ]
    chosen = np.select(conditions, [NOT_COMPUTED, EXACT, ROUNDING, INCONSISTENT], UNEXPLAINED)
    return pd.Series(chosen, index=card.index)


def _proofs(findings: pd.DataFrame) -> dict[str, str]:
    """Address → the first failed relation, in order of consequence, that the cell is part of.

    A percentage is proved inconsistent together with the count it is the percentage of.
    """
    failed = (findings["verdict"] == "fails") & (findings["kind"] != "rounding")
    proofs: dict[str, str] = {}
    for _, finding in findings[failed].iterrows():
        for address in finding["addresses"]:
            proofs.setdefault(address, finding["relation"])
            if address.endswith("/n"):
                proofs.setdefault(address.removesuffix("n") + "pct", finding["relation"])
    return proofs


def totals(card: pd.DataFrame) -> pd.DataFrame:
    """Number of printed figures by source and verdict; one row a source, in the report's order."""
    counts = pd.crosstab(card["source"], card["verdict"]).reindex(columns=list(VERDICTS), fill_value=0)
    return counts.reindex(index=card["source"].unique())

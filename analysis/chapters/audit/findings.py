"""The findings: ranked by what they do to what is quoted, each in a sentence with its place and cause; the listing."""

import re
from collections.abc import Iterator

import pandas as pd

from analysis.frames.needs import needs, unmet
from analysis.frames.trial import Trial
from analysis.published.audit import LAST_DIGIT, findings_of
from analysis.published.audit.consequence import with_consequences
from analysis.published.corrected import CORRECTED, corrected_result
from analysis.published.keys import printed_rule
from analysis.published.prints import PublishedReport, report_of
from analysis.published.scorecard import addresses, finding_key
from analysis.show import prose
from analysis.show.listing import Listing
from analysis.show.prose import Label, Numerals, Sentence

_CODE = re.compile(r"[A-Za-z]\w*")
RELATIONS = "published:relations"
QUOTED = "audit.quoted"
# Changes smaller than this share of a number are not worth a sentence.
NOTABLE = 0.0005
# So many further places of one finding are named; the listing has them all.
NAMED = 6
# What comes out may be nothing: no whole number of people gives a share.
_MAY_BE_OF_NONE = (LAST_DIGIT, "groups_make_other_total")


@needs(RELATIONS)
def quoted_findings(trial: Trial) -> list[Sentence]:
    """One sentence per finding about what people quote of the report, the most consequential first."""
    return _said(trial, quoted=True)


@needs(RELATIONS)
def other_findings(trial: Trial) -> list[Sentence]:
    """One sentence per finding about any other number, the largest change first."""
    return _said(trial, quoted=False)


@needs(RELATIONS)
def other_title(trial: Trial) -> Sentence:
    """What stands on the fold over the other findings."""
    found = ranked(trial)
    return Sentence("folded", {"findings": prose.count(groups(found[~found["quoted"]]))})


@needs(RELATIONS)
def last_digits_title(trial: Trial) -> Sentence:
    """What stands on the fold over the last digits."""
    found = report_of(trial).findings
    return Sentence("folded_digits", {"last_digit": prose.count(int((found["kind"] == LAST_DIGIT).sum()))})


@needs(RELATIONS)
def last_digits(trial: Trial) -> list[Sentence]:
    """One sentence per kind of relation in which only a last digit is off."""
    found = report_of(trial).findings
    off = found[(found["kind"] == LAST_DIGIT) & (found["explained_by"] == "")].assign(change=0.0)
    return [_finding(group, trial) for group in _groups(off)] or [Sentence("no_findings_here")]


def _said(trial: Trial, quoted: bool) -> list[Sentence]:
    found = ranked(trial)
    return [_finding(group, trial) for group in _groups(found[found["quoted"] == quoted])] or [
        Sentence("no_findings_here")
    ]


def ranked(trial: Trial) -> pd.DataFrame:
    """The findings with their consequences; see `consequence.with_consequences`."""
    return trial.once("ranked_findings", lambda: _ranked(trial))


def _ranked(trial: Trial) -> pd.DataFrame:
    report, places = report_of(trial), printed_rule(trial, QUOTED, ())
    cells = report.cells
    quoted = set(addresses(cells)[cells["source"].isin(places)])
    for address, (of, _) in report.restated.items():
        quoted |= set([of] if isinstance(of, str) else of) if address in quoted else set()
    return with_consequences(findings_of(report.findings), cells, quoted, moved(trial))


def moved(trial: Trial) -> dict[str, float]:
    """Relation → change of the economic result if its slip alone is corrected, relative to the printed result."""
    if unmet(trial, *CORRECTED):
        return {}
    found = corrected_result(trial)
    return {row["relation"]: row["alone"] / abs(found.printed) for row in found.slips.to_dict("records")}


def groups(found: pd.DataFrame) -> int:
    """Number of findings when one relation that fails in several places, in the same way, counts once."""
    return len(found[["relation", "kind"]].drop_duplicates())


def _groups(found: pd.DataFrame) -> Iterator[pd.DataFrame]:
    for _, group in found.groupby(["relation", "kind"], sort=False):
        yield group


def _finding(group: pd.DataFrame, trial: Trial) -> Sentence:
    """Where it stands, what should hold, what is printed and comes out, why, and where else it is so."""
    report, first = report_of(trial), group.iloc[0]
    values = {"place": place(first), "about": first["about"], "explained": reason(first, report),
              "more": _more(group.iloc[1:], report), "moves": _moves(first, trial)}  # fmt: skip
    return Sentence("finding", values, of="audit")


def _more(rest: pd.DataFrame, report: PublishedReport) -> Sentence | str:
    if rest.empty:
        return ""
    places = tuple(_one_more(row, report) for _, row in rest.head(NAMED).iterrows())
    key = "more_named" if len(rest) <= NAMED else "more"
    return Sentence(key, {"count": prose.count(len(rest)), "places": places}, of="audit")


def _one_more(row: pd.Series, report: PublishedReport) -> Sentence:
    numbers = {name: _numerals(row[name], row, report) for name in ("printed", "recomputed")}
    key = "one_more_of_none" if row["recomputed"] == prose.MISSING else "one_more"
    return Sentence(key, {"where": _worded(row["instance"], report), **numbers}, of="audit")


def _moves(row: pd.Series, trial: Trial) -> Sentence | str:
    """What the slip alone does to the economic result, or to its own number."""
    change = row["change"]
    if row["relation"] in moved(trial):
        return Sentence("moves_result", {"percent": prose.percent(100 * change, 1)}, of="audit")
    if row["kind"] == LAST_DIGIT or not NOTABLE <= change < 1 or _is_year(row):
        return ""
    return Sentence("moves_number", {"percent": prose.percent(100 * change, 1)}, of="audit")


def reason(row: pd.Series, report: PublishedReport) -> Sentence:
    """What is printed, what comes out instead, how sure that is, and what would explain it."""
    values = {
        "printed": _numerals(row["printed"], row, report),
        "recomputed": _numerals(row["recomputed"], row, report),
        "sure": Label("sureness", row["sure"]),
    }
    details = {name: _detail(name, value, report) for name, value in row["details"].items()}
    of_none = row["recomputed"] == prose.MISSING and row["kind"] in _MAY_BE_OF_NONE
    kind = row["kind"] + "_of_none" * of_none
    said = Sentence(f"kinds.{kind}", values | details, of="audit")
    parts = {"said": said, "cause": "", "assumes": ""}
    if row["cause"]:
        parts["cause"] = Sentence(f"causes.{row['cause']}", details, of="audit")
    if row["assumes"]:
        assumes = row["assumes"][:1].lower() + row["assumes"][1:].rstrip(".")
        parts["assumes"] = Sentence("assumed", {"assumes": assumes}, of="audit")
    return Sentence("reason", parts, of="audit")


def _numerals(text: str, row: pd.Series, report: PublishedReport) -> Numerals | str:
    """The numbers of a finding as the language writes them; years have no separators."""
    worded = _worded(text, report)
    return worded if _is_year(row) else Numerals(worded)


def _is_year(row: pd.Series) -> bool:
    return any(address.endswith("/year") for address in row["blames"][:1])


def proofs(report: PublishedReport) -> dict[str, tuple[Label, Sentence, str]]:
    """Name of a failed relation → its place, what should hold, is printed and comes out, and its anchor on the page."""
    failed = report.findings[report.findings["verdict"] == "fails"]
    return {
        finding_key(row): (
            Label("rows", row["source"].split(", ")[0]),
            Sentence("proof", {"about": row["about"], "explained": reason(row, report)}, of="audit"),
            anchor(row),
        )
        for _, row in failed.iterrows()
    }


def anchor(row: pd.Series) -> str:
    """Name of a finding's row on the page, for links."""
    return "finding-" + re.sub(r"[^a-z0-9]+", "-", finding_key(row).lower()).strip("-")


def _worded(text: str, report: PublishedReport) -> str:
    """Text in which words stand for the codes of printed numbers."""
    return _CODE.sub(lambda code: report.word(code[0]), text)


def _detail(name: str, value: object, report: PublishedReport) -> object:
    if name == "method":
        return Label("methods", str(value))
    if isinstance(value, str):
        return _worded(value, report)
    whole = float(value).is_integer()
    return prose.count(float(value)) if whole else prose.decimal(float(value), 2)


def place(row: pd.Series) -> Sentence:
    """The table or section of a finding, and the line of the source text where that is known."""
    source = Label("rows", row["source"].split(", ")[0])
    if not row["lines"]:
        return Sentence("place", {"source": source}, of="audit")
    return Sentence("place_line", {"source": source, "line": str(row["lines"][0])}, of="audit")


@needs(RELATIONS)
def listing(trial: Trial) -> Listing | Sentence:
    """All failures, last digits and accounted-for ones included, to search; the download also has what holds.

    Each row has the anchor that the scorecard's reasons lead to.
    """
    report = report_of(trial)
    failed = report.findings[report.findings["verdict"] == "fails"]
    if failed.empty:
        return Sentence("no_findings")
    frame = pd.DataFrame(
        {
            "place": [place(row) for _, row in failed.iterrows()],
            "about": failed["about"],
            "as_printed": [_numerals(row["printed"], row, report) for _, row in failed.iterrows()],
            "recomputed": [_numerals(row["recomputed"], row, report) for _, row in failed.iterrows()],
            "kind": [Label("kind_names", kind) for kind in failed["kind"]],
            "sure": [Label("sureness", sure) for sure in failed["sure"]],
            "bears_on": [Label("columns", part) for part in failed["bears_on"]],
        }
    )
    anchors = [anchor(row) for _, row in failed.iterrows()]
    return Listing("findings", frame, filters=["kind", "sure", "bears_on"], download=download(report), anchors=anchors)


def download(report: PublishedReport) -> pd.DataFrame:
    """Every relation as a flat frame: lists joined by spaces, details as name=value."""
    found = report.findings
    return found.assign(
        lines=found["lines"].map(lambda lines: " ".join(map(str, lines))),
        addresses=found["addresses"].map(" ".join),
        blames=found["blames"].map(" ".join).where(found["verdict"] == "fails", ""),
        details=found["details"].map(lambda details: " ".join(f"{name}={value}" for name, value in details.items())),
    )

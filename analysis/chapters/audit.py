"""Chapter: do the published report's own numbers agree? Findings, what they change, what holds.

Which numbers of the economic calculation are shown on the way to its end, and which relations each conclusion rests
on, are rules of the report (`audit.chain` and `audit.conclusions` in as_printed.yml).
"""

import re

import pandas as pd

from analysis.chapters.cost_benefit import slips
from analysis.frames.needs import needs, unmet
from analysis.frames.trial import Trial
from analysis.published.audit import CHECKS
from analysis.published.audit.relations import BEARS_ON
from analysis.published.corrected import CORRECTED, TOTAL, calculation, corrected_result
from analysis.published.prints import PublishedReport, report_of
from analysis.published.scorecard import finding_key
from analysis.show import prose
from analysis.show.figures import Figure
from analysis.show.listing import Listing
from analysis.show.prose import Label, Numerals, Sentence
from analysis.show.tables import Table, cells

_CODE = re.compile(r"[A-Za-z]\w*")
RELATIONS = "published:relations"
CHAIN, CONCLUSIONS = "audit.chain", "audit.conclusions"


def real_findings(report: PublishedReport) -> pd.DataFrame:
    """Failures that are more than a unit of rounding and not already accounted for by another finding."""
    found = report.findings
    return found[(found["verdict"] == "fails") & (found["kind"] != "rounding") & (found["explained_by"] == "")]


@needs(RELATIONS)
def title(trial: Trial) -> Sentence:
    """The chapter's question and its answer."""
    totals = _totals(report_of(trial))
    holds, relations = totals["holds"].value, totals["relations"].value
    key = "title_all" if holds == relations else "title" if holds > relations / 2 else "title_some"
    return Sentence(key, totals)


@needs(RELATIONS)
def overview(trial: Trial) -> Sentence:
    """How much was checked and how much of it holds."""
    return Sentence("overview", _totals(report_of(trial)), finding=True)


def _totals(report: PublishedReport) -> dict[str, prose.Number]:
    found = report.findings
    covered = {address for addresses in found["addresses"] for address in addresses}
    holds = int((found["verdict"] == "holds").sum())
    return {
        "relations": prose.count(len(found)),
        "numbers": prose.count(len(covered)),
        "printed": prose.count(len(report.cells)),
        "holds": prose.count(holds),
        "holds_percent": prose.percent(100 * holds / len(found), 0),
        "rounding": prose.count(int((found["kind"] == "rounding").sum())),
        "explained": prose.count(int((found["explained_by"] != "").sum())),
        "findings": prose.count(len(real_findings(report))),
    }


@needs(RELATIONS)
def table_checks(trial: Trial) -> Table:
    """Relations by kind of check: checked, holding, a unit of rounding off, accounted for elsewhere, and findings."""
    found = report_of(trial).findings.assign(outcome=_outcomes)
    rows = [
        (check, outcome, "n", int(((found["check"] == check) & (found["outcome"] == outcome)).sum()))
        for check in CHECKS
        if check in set(found["check"])
        for outcome in ("holds", "rounding", "explained", "finding")
    ]
    return Table("checks", cells(rows))


def _outcomes(found: pd.DataFrame) -> pd.Series:
    outcome = found["verdict"].map({"holds": "holds", "fails": "finding"})
    outcome = outcome.mask(found["kind"] == "rounding", "rounding")
    return outcome.mask(found["explained_by"] != "", "explained")


@needs(RELATIONS)
def figure_map(trial: Trial) -> Figure | Sentence:
    """Findings by part of the report and what they bear on; a sentence where there is none."""
    report = report_of(trial)
    if real_findings(report).empty:
        return Sentence("no_findings")
    found = real_findings(report).assign(row=lambda frame: frame["source"].str.split(", ").str[0])
    counts = found.groupby(["row", "bears_on"]).size().rename("estimate").reset_index()
    frame = counts.rename(columns={"bears_on": "column"})
    places = [source for source in report.cells["source"].unique() if source in set(frame["row"])]
    whole = frame.pivot(index="row", columns="column", values="estimate").reindex(index=places, columns=list(BEARS_ON))
    long = whole.fillna(0).rename_axis(index="row", columns="column").stack().rename("estimate").reset_index()
    return Figure("findings_map", "heat", long, {"decimals": 0}, {"findings": prose.count(len(found))})


def explanations(trial: Trial, bears_on: str) -> list[Sentence]:
    """One sentence per finding that bears on the given part: what should hold, what is printed, what comes out.

    Where there is no such finding, the one sentence that says so.
    """
    report = report_of(trial)
    found = real_findings(report)
    said = [_explanation(row, report) for _, row in found[found["bears_on"] == bears_on].iterrows()]
    return said or [Sentence("no_findings_here")]


def _explanation(row: pd.Series, report: PublishedReport) -> Sentence:
    return Sentence("finding", {"place": _place(row), "about": row["about"], "explained": _reason(row, report)})


def _reason(row: pd.Series, report: PublishedReport) -> Sentence:
    """What is printed, what comes out instead, and how sure that is; in the words of this chapter, wherever said."""
    values = {
        "printed": _numerals(row["printed"], row, report),
        "recomputed": _numerals(row["recomputed"], row, report),
        "sure": Label("sureness", row["sure"]),
    }
    details = {name: _detail(name, value, report) for name, value in row["details"].items()}
    return Sentence(f"kinds.{row['kind']}", values | details, of="audit")


def _numerals(text: str, row: pd.Series, report: PublishedReport) -> Numerals | str:
    """The numbers of a finding as the language writes them; years have no separators."""
    worded = _worded(text, report)
    return worded if any(address.endswith("/year") for address in row["blames"][:1]) else Numerals(worded)


def proofs(report: PublishedReport) -> dict[str, tuple[Label, Sentence, str]]:
    """Name of a failed relation → its place, what should hold, is printed and comes out, and its anchor on the page."""
    failed = report.findings[report.findings["verdict"] == "fails"]
    return {
        finding_key(row): (
            Label("rows", row["source"].split(", ")[0]),
            Sentence("proof", {"about": row["about"], "explained": _reason(row, report)}, of="audit"),
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
    if name == "first_row":
        return _worded(str(value), report)
    return prose.count(float(value)) if isinstance(value, int) else prose.decimal(float(value), 2)


def _place(row: pd.Series) -> Sentence:
    first = row["source"].split(", ")[0]
    return Sentence("place", {"source": Label("rows", first)})


# The page on costs and benefits says the same of the corrected result.
slip_sentences, corrected_break_even = slips.slip_sentences, slips.corrected_break_even
consequence, consequence_of_doubt = slips.consequence, slips.consequence_of_doubt


@needs(*CORRECTED, f"rule:{CHAIN}")
def table_corrected(trial: Trial) -> Table | Sentence:
    """The chain from inputs to net present value: as printed, slips corrected, and those in doubt corrected, too."""
    found, chain = corrected_result(trial, TOTAL), calculation(trial)
    if found.slips.empty:
        return consequence(trial)
    certain = [slip for slip in chain.slips if not slip.in_doubt]
    columns = {"as_printed": chain.printed, "as_corrected": chain.corrected(certain)}
    if found.slips["in_doubt"].any():
        columns["in_doubt"] = chain.corrected(chain.slips)
    rows = [
        (address.split("/")[1], column, "nok", values[address])
        for address in trial.study.as_printed.rules[CHAIN]
        for column, values in columns.items()
        if any(each[address] != chain.printed[address] for each in columns.values())
    ]
    return Table("corrected", cells(rows), unit="nok", values=slips.doubtful(found))


@needs(*CORRECTED)
def figure_slips(trial: Trial) -> Figure | Sentence:
    """From the printed result per person to the corrected one, slip by slip, those in doubt after it."""
    found = corrected_result(trial)
    if found.slips.empty:
        return consequence(trial)
    doubt = found.slips["in_doubt"]
    steps = found.slips.assign(row=found.slips["key"], estimate=found.slips["end"] - found.slips["start"])
    levels = [("as_printed", found.unrounded), ("as_corrected", found.corrected), ("in_doubt", found.with_doubt)]
    before, after, last = (
        pd.DataFrame([{"row": row, "estimate": level, "start": 0.0, "end": level}]) for row, level in levels
    )
    parts = [before, steps[~doubt], after, *([steps[doubt], last] if doubt.any() else [])]
    frame = pd.concat([part[["row", "estimate", "start", "end"]] for part in parts], ignore_index=True)
    return Figure("slips", "waterfall", frame, {"decimals": 0}, slips.doubtful(found))


@needs(RELATIONS)
def table_intervals(trial: Trial) -> Table | Sentence:
    """Which interval formula reproduces how many of the printed intervals of percentages, by table."""
    found = report_of(trial).findings
    found = found[found["check"].isin(("proportion_interval", "interval_of_answer")) & (found["explained_by"] == "")]
    if found.empty:
        return Sentence("no_intervals")
    method = found["details"].map(lambda details: details.get("method", "none"))
    method = method.where(found["verdict"] == "holds", "none")
    counts = pd.crosstab(found["source"].str.split(", ").str[0], method)
    rows = [
        (table, column, "n", int(counts.at[table, column]))
        for table in counts.index
        for column in ("wald", "wilson", "clopper_pearson", "agresti_coull", "logit", "none")
        if column in counts.columns
    ]
    return Table("interval_methods", cells(rows))


@needs(RELATIONS, f"rule:{CONCLUSIONS}")
def what_holds(trial: Trial) -> tuple[Sentence, ...]:
    """The conclusions of the report whose numbers hold, each with how many of its checks pass."""
    found = report_of(trial).findings
    sentences = []
    for name, relations in trial.study.as_printed.rules[CONCLUSIONS].items():
        part = found[found["relation"].isin(relations)]
        passed = int((part["verdict"] == "holds").sum())
        key = "holds_all" if passed == len(part) else "holds_most"
        values = {"what": Label("holding", name), "passed": prose.count(passed), "checks": prose.count(len(part))}
        sentences.append(Sentence(key, values))
    return tuple(sentences)


@needs(RELATIONS)
def listing(trial: Trial) -> Listing | Sentence:
    """All failures, rounding and accounted-for ones included, to search; the download also has what holds.

    Each row has the anchor that the scorecard's reasons lead to.
    """
    report = report_of(trial)
    failed = report.findings[report.findings["verdict"] == "fails"]
    if failed.empty:
        return Sentence("no_findings")
    frame = pd.DataFrame(
        {
            "place": [_place(row) for _, row in failed.iterrows()],
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
        blames=found["blames"].map(" ".join),
        details=found["details"].map(lambda details: " ".join(f"{name}={value}" for name, value in details.items())),
    )


def key_numbers(trial: Trial) -> dict[str, float]:
    """Numbers for the test of the notebook."""
    totals = {name: number.value for name, number in _totals(report_of(trial)).items()}
    if unmet(trial, *CORRECTED):
        return totals
    found = corrected_result(trial, TOTAL)
    return totals | {"net_present_value_corrected": found.corrected, "with_doubt": found.with_doubt}

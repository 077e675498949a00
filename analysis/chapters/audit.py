"""Chapter: do the published report's own numbers agree? Findings, what they change, what holds."""

import re
from functools import cache

import pandas as pd

from analysis.published.audit import CHECKS, audit
from analysis.published.audit.carry import carry_through
from analysis.published.audit.relations import BEARS_ON
from analysis.published.scorecard import RELATIONS, finding_key, read_published, read_words
from analysis.show import prose
from analysis.show.figures import Figure
from analysis.show.listing import Listing
from analysis.show.prose import Label, Numerals, Sentence
from analysis.show.tables import Table, cells

# The numbers whose corrected values the chapter prints, in the order of the calculation.
CHAIN = (
    "table_22/W_t/external_all_participants/nok",
    "table_22/F_t/external_all_participants/nok",
    "table_21/job_consultant/sfj/nok",
    "table_22/cost_sfj/external_all_participants/nok",
    "table_22/discounted_gain_full_job/external_all_participants/nok",
    "table_22/discounted_gain_partial_job/external_all_participants/nok",
    "table_22/gain_minus_weighted_extra_cost/external_all_participants/nok",
    "table_22/net_present_value_NNV/external_all_participants/nok",
)
NET_PRESENT_VALUE = CHAIN[-1]
_CODE = re.compile(r"[A-Za-z]\w*")


@cache
def findings() -> pd.DataFrame:
    """Every declared relation of the published report, checked; one row a relation (see `published.audit.audit`)."""
    return audit(read_published(), RELATIONS, _words())


@cache
def _words() -> dict[str, str]:
    return read_words()


def real_findings() -> pd.DataFrame:
    """Failures that are more than a unit of rounding and not already accounted for by another finding."""
    found = findings()
    return found[(found["verdict"] == "fails") & (found["kind"] != "rounding") & (found["explained_by"] == "")]


@cache
def corrected() -> pd.DataFrame:
    """Printed numbers of the cost–benefit analysis that change when its slips are corrected."""
    return carry_through(read_published(), RELATIONS, findings())


def title() -> Sentence:
    """The chapter's question and its answer."""
    return Sentence("title", _totals())


def overview() -> Sentence:
    """How much was checked and how much of it holds."""
    return Sentence("overview", _totals(), finding=True)


def _totals() -> dict[str, prose.Number]:
    found = findings()
    covered = {address for addresses in found["addresses"] for address in addresses}
    holds = int((found["verdict"] == "holds").sum())
    return {
        "relations": prose.count(len(found)),
        "numbers": prose.count(len(covered)),
        "printed": prose.count(len(read_published())),
        "holds": prose.count(holds),
        "holds_percent": prose.percent(100 * holds / len(found), 0),
        "rounding": prose.count(int((found["kind"] == "rounding").sum())),
        "explained": prose.count(int((found["explained_by"] != "").sum())),
        "findings": prose.count(len(real_findings())),
    }


def table_checks() -> Table:
    """Relations by kind of check: checked, holding, a unit of rounding off, accounted for elsewhere, and findings."""
    found = findings().assign(outcome=_outcomes)
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


def figure_map() -> Figure:
    """Findings by part of the report and what they bear on."""
    found = real_findings().assign(row=lambda frame: frame["source"].str.split(", ").str[0])
    counts = found.groupby(["row", "bears_on"]).size().rename("estimate").reset_index()
    frame = counts.rename(columns={"bears_on": "column"})
    places = [source for source in read_published()["source"].unique() if source in set(frame["row"])]
    whole = frame.pivot(index="row", columns="column", values="estimate").reindex(index=places, columns=list(BEARS_ON))
    long = whole.fillna(0).rename_axis(index="row", columns="column").stack().rename("estimate").reset_index()
    return Figure("findings_map", "heat", long, {"decimals": 0}, {"findings": prose.count(len(found))})


def explanations(bears_on: str) -> list[Sentence]:
    """One sentence per finding that bears on the given part: what should hold, what is printed, what comes out."""
    found = real_findings()
    return [_explanation(row) for _, row in found[found["bears_on"] == bears_on].iterrows()]


def _explanation(row: pd.Series) -> Sentence:
    return Sentence("finding", {"place": _place(row), "about": row["about"], "explained": _reason(row)})


def _reason(row: pd.Series) -> Sentence:
    """What is printed, what comes out instead, and how sure that is; in the words of this chapter, wherever said."""
    values = {
        "printed": Numerals(_worded(row["printed"])),
        "recomputed": Numerals(_worded(row["recomputed"])),
        "sure": Label("sureness", row["sure"]),
    }
    details = {name: _detail(name, value) for name, value in row["details"].items()}
    return Sentence(f"kinds.{row['kind']}", values | details, of="audit")


@cache
def proofs() -> dict[str, tuple[Label, Sentence, str]]:
    """Name of a failed relation → its place, what should hold, is printed and comes out, and its anchor on the page."""
    failed = findings()[findings()["verdict"] == "fails"]
    return {
        finding_key(row): (
            Label("rows", row["source"].split(", ")[0]),
            Sentence("proof", {"about": row["about"], "explained": _reason(row)}, of="audit"),
            anchor(row),
        )
        for _, row in failed.iterrows()
    }


def anchor(row: pd.Series) -> str:
    """Name of a finding's row on the page, for links."""
    return "finding-" + re.sub(r"[^a-z0-9]+", "-", finding_key(row).lower()).strip("-")


def _worded(text: str) -> str:
    """Text in which words stand for the codes of printed numbers."""
    words = _words()
    return _CODE.sub(lambda code: words.get(code[0], code[0].replace("_", " ")), text)


def _detail(name: str, value: object) -> object:
    if name == "method":
        return Label("methods", str(value))
    if name == "first_row":
        return _worded(str(value))
    return prose.count(float(value)) if isinstance(value, int) else prose.decimal(float(value), 2)


def _place(row: pd.Series) -> Sentence:
    first = row["source"].split(", ")[0]
    return Sentence("place", {"source": Label("rows", first)})


def table_corrected() -> Table:
    """The chain from the inputs to the net present value, as printed and with the slips corrected."""
    moved = corrected().set_index("address")
    rows = []
    for address in CHAIN:
        if address in moved.index:
            key = address.split("/")[1]
            rows += [(key, "as_printed", "nok", moved.at[address, "printed"]),
                     (key, "as_corrected", "nok", moved.at[address, "corrected"])]  # fmt: skip
    return Table("corrected", cells(rows), unit="nok")


def consequence() -> Sentence:
    """What correcting the slips does to the net present value, in sign and size."""
    moved = corrected().set_index("address")
    if NET_PRESENT_VALUE not in moved.index:
        return Sentence("consequence_none")
    before, after = (float(moved.at[NET_PRESENT_VALUE, name]) for name in ("printed", "corrected"))
    key = "consequence_same_sign" if (before < 0) == (after < 0) else "consequence_new_sign"
    values = {"before": prose.million_nok(before, 2), "after": prose.million_nok(after, 2)}
    slips = sorted({name for names in moved["by"] for name in names})
    return Sentence(key, values | {"slips": prose.count(len(slips))}, finding=True)


def table_intervals() -> Table:
    """Which interval formula reproduces how many of the printed intervals of percentages, by table."""
    found = findings()
    found = found[(found["check"] == "proportion_interval") & (found["explained_by"] == "")]
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


def what_holds() -> list[Sentence]:
    """The conclusions of the report whose numbers hold, each with how many of its checks pass."""
    found = findings()
    groups = {
        "main_outcome": ["table_08_differences", "table_08_counts", "main_outcome_in_text", "main_outcome_significant"],
        "adjusted_effect": ["adjusted_effect_significant", "text_adjusted_effect"],
        "health_effects": ["table_10_t", "table_10_p", "table_10_df", "table_11_unadjusted_is_difference",
                           "health_effects_significant"],
        "net_present_value": ["gain_full_work", "gain_partial_work", "net_gain_per_person", "net_present_value"],
        "measures": ["table_19_totals", "table_19_percentages"],
    }  # fmt: skip
    sentences = []
    for name, relations in groups.items():
        part = found[found["relation"].isin(relations)]
        passed = int((part["verdict"] == "holds").sum())
        key = "holds_all" if passed == len(part) else "holds_most"
        values = {"what": Label("holding", name), "passed": prose.count(passed), "checks": prose.count(len(part))}
        sentences.append(Sentence(key, values))
    return sentences


def listing() -> Listing:
    """All failures, rounding and accounted-for ones included, to search; the download also has what holds.

    Each row has the anchor that the scorecard's reasons lead to.
    """
    found = findings()
    failed = found[found["verdict"] == "fails"]
    frame = pd.DataFrame(
        {
            "place": [_place(row) for _, row in failed.iterrows()],
            "about": failed["about"],
            "as_printed": [Numerals(_worded(text)) for text in failed["printed"]],
            "recomputed": [Numerals(_worded(text)) for text in failed["recomputed"]],
            "kind": [Label("kind_names", kind) for kind in failed["kind"]],
            "sure": [Label("sureness", sure) for sure in failed["sure"]],
            "bears_on": [Label("columns", part) for part in failed["bears_on"]],
        }
    )
    anchors = [anchor(row) for _, row in failed.iterrows()]
    return Listing("findings", frame, filters=["kind", "sure", "bears_on"], download=download(), anchors=anchors)


def download() -> pd.DataFrame:
    """Every relation as a flat frame: lists joined by spaces, details as name=value."""
    found = findings()
    return found.assign(
        lines=found["lines"].map(lambda lines: " ".join(map(str, lines))),
        addresses=found["addresses"].map(" ".join),
        blames=found["blames"].map(" ".join),
        details=found["details"].map(lambda details: " ".join(f"{name}={value}" for name, value in details.items())),
    )


def key_numbers() -> dict[str, float]:
    """Numbers for the test of the notebook."""
    moved = corrected().set_index("address")
    totals = {name: number.value for name, number in _totals().items()}
    return totals | {"net_present_value_corrected": float(moved.at[NET_PRESENT_VALUE, "corrected"])}

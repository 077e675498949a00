"""What the audit comes to: its answer, five lines on what stands and what changes, how much was checked."""

import pandas as pd

from analysis.chapters.audit.economics import consequence
from analysis.chapters.audit.findings import RELATIONS, groups, ranked, reason
from analysis.frames.needs import needs, unmet
from analysis.frames.trial import Trial
from analysis.published.audit import CHECKS, LAST_DIGIT, findings_of
from analysis.published.audit.relations import BEARS_ON
from analysis.published.audit.trust import answers
from analysis.published.corrected import CORRECTED, TOTAL, corrected_result
from analysis.published.keys import printed_rule
from analysis.published.prints import report_of
from analysis.show import prose
from analysis.show.figures import Figure, titled
from analysis.show.prose import Label, Sentence
from analysis.show.tables import Table, cells

CONCLUSIONS = "audit.conclusions"
# Which places of the printed numbers are documents of their own.
OTHER_DOCUMENTS = "audit.other_documents"
# The conclusion whose line says what becomes of the economic result.
RESULT = "net_present_value"
# A conclusion none of whose numbers changes by this share stands.
SMALL = 0.01


@needs(RELATIONS)
def title(trial: Trial) -> Sentence:
    """The chapter's question and its answer."""
    totals = _totals(trial)
    holds, relations = totals["holds"].value, totals["relations"].value
    key = "title_all" if holds == relations else "title" if holds > relations / 2 else "title_some"
    return Sentence(key, totals)


@needs(RELATIONS)
def overview(trial: Trial) -> Sentence:
    """How much was checked, how much of it holds, and what becomes of the rest."""
    totals = _totals(trial)
    count = {name: totals[name].value for name in ("last_digit", "explained", "failures")}
    rest = {
        "digits": Sentence("only_last_digits", totals) if count["last_digit"] else "",
        "others": Sentence("accounted_for", totals) if count["explained"] else "",
        "remain": Sentence("remain" if count["failures"] > 1 else "remains_one", totals) if count["failures"] else "",
    }
    return Sentence("overview", totals | rest, finding=True)


def _totals(trial: Trial) -> dict[str, prose.Number]:
    report = report_of(trial)
    found = report.findings
    covered = {address for addresses in found["addresses"] for address in addresses}
    holds = int((found["verdict"] == "holds").sum())
    return {
        "relations": prose.count(len(found)),
        "numbers": prose.count(len(covered)),
        "printed": prose.count(len(report.cells)),
        "holds": prose.count(holds),
        "holds_percent": prose.percent(100 * holds / len(found), 0),
        "last_digit": prose.count(int(((found["kind"] == LAST_DIGIT) & (found["explained_by"] == "")).sum())),
        "explained": prose.count(int((found["explained_by"] != "").sum())),
        "failures": prose.count(len(findings_of(found))),
        "findings": prose.count(groups(findings_of(found))),
    }


@needs(RELATIONS, f"rule:{CONCLUSIONS}")
def summary(trial: Trial) -> tuple[Sentence, ...]:
    """One line a conclusion of the report: it stands, or what changes and which way; its checks beside it."""
    return tuple(_line(name, rests_on, trial) for name, rests_on in printed_rule(trial, CONCLUSIONS, {}).items())


def _line(name: str, rests_on: list[str], trial: Trial) -> Sentence:
    """What becomes of a conclusion that rests on the numbers whose addresses begin like `rests_on`."""
    report = report_of(trial)
    about = report.findings["blames"].map(lambda addresses: any(each.startswith(tuple(rests_on)) for each in addresses))
    part, found = report.findings[about], ranked(trial)
    wrong = found[found["blames"].map(lambda addresses: any(each.startswith(tuple(rests_on)) for each in addresses))]
    values = {
        "what": Label("holding", name),
        "passed": prose.count(int((part["verdict"] == "holds").sum())),
        "checks": prose.count(len(part)),
        "findings": prose.count(groups(wrong)),
    }
    if name == RESULT and not unmet(trial, *CORRECTED):
        return Sentence("line_result", values | {"consequence": consequence(trial)})
    if wrong.empty:
        return Sentence("line_stands" if (part["verdict"] == "holds").all() else "line_stands_but", values)
    if (largest := wrong["change"].max()) < SMALL:
        return Sentence("line_stands_small", values | {"percent": prose.percent(100 * largest, 1)})
    worded = wrong["check"] == "wording"
    only_worded = not (wrong.loc[~worded, "change"] >= SMALL).any()
    first = (wrong[worded] if only_worded else wrong).iloc[0]
    key = "line_wording" if only_worded else "line_one_change" if groups(wrong) == 1 else "line_changes"
    return Sentence(key, values | {"about": first["about"], "first": reason(first, report)})


@needs(RELATIONS)
def table_checks(trial: Trial) -> Table:
    """Relations by kind of check: checked, holding, a last digit off, accounted for elsewhere, and failing."""
    found = report_of(trial).findings.assign(outcome=_outcomes)
    rows = [
        (check, outcome, "n", int(((found["check"] == check) & (found["outcome"] == outcome)).sum()))
        for check in CHECKS
        if check in set(found["check"])
        for outcome in ("holds", "last_digit", "explained", "finding")
    ]
    return Table("checks", cells(rows))


def _outcomes(found: pd.DataFrame) -> pd.Series:
    outcome = found["verdict"].map({"holds": "holds", "fails": "finding"})
    outcome = outcome.mask(found["kind"] == LAST_DIGIT, "last_digit")
    return outcome.mask(found["explained_by"] != "", "explained")


@needs(RELATIONS)
def figure_map(trial: Trial) -> Figure | Sentence:
    """Failures by part of the report and what they bear on; a sentence where there is none."""
    report = report_of(trial)
    found = findings_of(report.findings)
    if found.empty:
        return Sentence("no_findings")
    found = found.assign(row=found["source"].str.split(", ").str[0], column=found["bears_on"])
    counts = found.groupby(["row", "column"]).size()
    places = [source for source in report.cells["source"].unique() if source in set(found["row"])]
    whole = counts.unstack().reindex(index=places, columns=list(BEARS_ON)).fillna(0)
    long = whole.rename_axis(index="row", columns="column").stack().rename("estimate").reset_index()
    values = {"findings": prose.count(len(found)), "places": prose.count(len(places)),
              "all": prose.count(report.cells["source"].nunique())}  # fmt: skip
    return titled(Figure("findings_map", "heat", long, {"decimals": 0}, values), Sentence("map_found", values))


@needs(RELATIONS)
def table_trust(trial: Trial) -> Table:
    """Questions about a trial's results that a tool for reviews asks, and what the checks of the audit answer.

    A question that no check bears on has no relations, and what else would be nought is missing.
    """
    found = report_of(trial).findings
    answered = answers(found, findings_of(found), printed_rule(trial, OTHER_DOCUMENTS, ()))
    rows = [
        (item, column, "n", number if column == "relations" or own["relations"] else float("nan"))
        for item, own in answered.iterrows()
        for column, number in own.items()
    ]
    return Table("trust", cells(rows))


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


def key_numbers(trial: Trial) -> dict[str, float]:
    """Numbers for the test of the notebook."""
    totals = {name: number.value for name, number in _totals(trial).items()}
    if unmet(trial, *CORRECTED):
        return totals
    found = corrected_result(trial, TOTAL)
    return totals | {"net_present_value_corrected": found.corrected, "with_doubt": found.with_doubt}

"""Chapter: how closely does the report's own analysis, run on the study's data, reproduce the published figures?

Every computed number comes from the very tables that the other chapters show, through `published.registry`.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType

import pandas as pd

from analysis.chapters.audit import proofs
from analysis.frames.needs import needs
from analysis.frames.trial import Trial, once_a_trial
from analysis.published.computed import computed_cells
from analysis.published.moved import with_moved
from analysis.published.prints import report_of
from analysis.published.scorecard import (
    EXACT,
    INCONSISTENT,
    NOT_COMPARED,
    NOT_COMPUTED,
    ROUNDING,
    SLACK,
    VERDICTS,
    addresses,
    scorecard,
    totals,
    uncompared,
)
from analysis.show import prose
from analysis.show.figures import Figure, titled
from analysis.show.listing import Linked, Listing
from analysis.show.page import Page
from analysis.show.prose import Label, Sentence
from analysis.show.tables import Table, cells

AUDIT_PAGE = "audit.html"
# The rule of a report that names its tables of regressions, whose numbers are judged by how close they come.
REGRESSIONS = "reproduction.regressions"
# Closeness that counts as met, by statistic, in the unit of the print.
CLOSE = MappingProxyType({"marginal_effect": 0.001, "r2": 0.001, "z": 0.15, "n": 0.5})
REASON_COLUMNS = [
    "verdict", "finding", "follows", "said", "why", "counts", "known_by", "computed_there", "difference", "decimals",
]  # fmt: skip
# How the codes of places in a report begin where the place is a table.
TABLE = "table_"
YEARS = ("year", "year_short")


@needs("published")
@once_a_trial
def card(trial: Trial) -> pd.DataFrame:
    """The scorecard of a study: its published numbers beside the computed ones (see `published.scorecard`).

    why: why a number is not computed, a key of `reasons`; empty for computed ones. For numbers printed in another row
    counts, known_by and computed_there (see `moved.with_moved`).
    """
    report, computed = report_of(trial), computed_cells(trial)
    scores = scorecard(report.cells, computed, report.findings, report.rough)
    scores = with_moved(scores, computed, report.moved)
    why = addresses(scores).map(lambda address: report.outside.get(address, "no_data"))
    return scores.assign(why=why.where(scores["computed"].isna(), ""))


@needs()
def compared(scores: pd.DataFrame, page: Page) -> pd.DataFrame:
    """The scorecard as a page may tell it: what it hides or rounds to a base is not compared with the print.

    A verdict, a difference, and what is counted of them, would tell the number itself.
    """
    told = page.gate.as_computed(scores[["computed"]], "compared", page.chapter, list(addresses(scores)))
    return uncompared(scores, ~told)


@needs()
def title(scores: pd.DataFrame) -> Sentence:
    """The chapter's question and answer."""
    counts = _counts(scores)
    exact, computed = counts[EXACT].value, counts["computed"].value
    some = "title_all" if exact == computed else "title" if exact > computed / 2 else "title_some"
    return Sentence(some if computed else f"title_{_nothing(counts)}", counts)


@needs()
def overview(scores: pd.DataFrame) -> Sentence:
    """How many printed numbers get which verdict."""
    counts = _counts(scores)
    if not counts["computed"].value:
        return Sentence(f"overview_{_nothing(counts)}", counts)
    if counts[NOT_COMPARED].value:
        return Sentence("overview_compared", counts, finding=True)
    return Sentence("overview_all" if counts[EXACT].value == len(scores) else "overview", counts, finding=True)


def _nothing(counts: Mapping) -> str:
    """Why no number has a verdict."""
    return "uncompared" if counts[NOT_COMPARED].value else "none"


def _counts(scores: pd.DataFrame) -> dict[str, prose.Number | Sentence]:
    """How many numbers get each verdict; computed are those that are compared."""
    counts = {verdict: int((scores["verdict"] == verdict).sum()) for verdict in (*VERDICTS, NOT_COMPARED)}
    computed = len(scores) - counts[NOT_COMPUTED] - counts[NOT_COMPARED]
    share = 100 * counts[EXACT] / computed if computed else float("nan")
    counts |= {"printed": len(scores), "computed": computed}
    return {name: prose.tally(count) for name, count in counts.items()} | {
        "exact_percent": prose.percent(share, 0),
        "numbers": Sentence("compared_numbers" if counts[NOT_COMPARED] else "computed_numbers"),
    }


@needs()
def table_totals(scores: pd.DataFrame) -> Table:
    """Printed numbers by place in the report and verdict."""
    counts = totals(scores)
    rows = _rows(pd.concat([counts, counts.sum().rename("all_places").to_frame().T]))
    return Table("totals", cells(rows), of_people=False)


def _rows(counts: pd.DataFrame) -> list[tuple]:
    return [(source, column, "n", count) for source, row in counts.iterrows() for column, count in row.items()]


@needs()
def figure_map(scores: pd.DataFrame) -> Figure | Sentence:
    """Share of each place's computed numbers that get each verdict; a sentence where nothing is computed."""
    counts = totals(scores).drop(columns=[NOT_COMPUTED, NOT_COMPARED], errors="ignore")
    counts = counts[counts.sum(axis=1) > 0]
    if counts.empty:
        return Sentence("no_map")
    shares = counts.div(counts.sum(axis=1), axis=0).rename_axis(index="row", columns="column")
    frame = shares.stack().rename("estimate").reset_index()
    figure = Figure("map", "heat", frame, {"percent": True}, _counts(scores), of_people=False)
    return titled(figure, Sentence("map_found", _counts(scores)))


@needs("printed_tables", "synthetic")
def table_fit(trial: Trial, scores: pd.DataFrame) -> Table:
    """Numbers of the report's tables, without the regressions: exact, print inconsistent, missed; one row a table."""
    counts = _fitted(trial, scores)
    rows = _rows(pd.concat([counts, counts.sum().rename("all_tables").to_frame().T]))
    return Table("fit", cells(rows), of_people=False)


def _regressions(trial: Trial) -> list[str]:
    return trial.study.as_printed.rules.get(REGRESSIONS, []) if trial.study.as_printed else []


def _fitted(trial: Trial, scores: pd.DataFrame) -> pd.DataFrame:
    of_tables = scores["source"].str.startswith(TABLE) & ~scores["source"].isin(_regressions(trial))
    counts = totals(scores[of_tables & ~scores["verdict"].isin([NOT_COMPUTED, NOT_COMPARED])])
    missed = counts.drop(columns=[EXACT, INCONSISTENT]).sum(axis=1)
    return counts[[EXACT, INCONSISTENT]].assign(missed=missed)


@needs(f"rule:{REGRESSIONS}")
def table_logits(trial: Trial, scores: pd.DataFrame) -> Table:
    """How close the report's regressions come: numbers printed, exact, and per cent within `CLOSE`.

    Numbers that the print rules out are printed but neither exact nor part of the per cent.
    """
    own = scores[scores["source"].isin(_regressions(trial))]
    close = own["difference"].abs() <= own["statistic"].map(CLOSE) * (1 + SLACK)
    by = own.assign(exact=own["verdict"] == EXACT, close=close).groupby(["source", "statistic"], sort=False)
    rows = [
        row
        for (source, statistic), part in by
        for row in (
            (f"{source}_{statistic}", "printed", "n", len(part)),
            (f"{source}_{statistic}", "exact", "n", part["exact"].sum()),
            (f"{source}_{statistic}", "close", "pct", 100 * part.loc[part["verdict"] != INCONSISTENT, "close"].mean()),
        )
    ]
    return Table("logits", cells(rows), decimals={"pct": 0}, of_people=False)


@needs("printed_tables", "synthetic")
def fit(trial: Trial, scores: pd.DataFrame) -> Sentence:
    """How many numbers of the tables come out, how many the print rules out, how many are missed."""
    counts = _fitted(trial, scores).sum()
    key = "fit" if counts["missed"] else "fit_complete"
    return Sentence(key, {name: prose.tally(int(counts[name])) for name in (EXACT, INCONSISTENT, "missed")})


@needs("printed_tables")
def certificates(trial: Trial, scores: pd.DataFrame) -> Listing | Sentence:
    """Each finding of the audit that rules out numbers of the report's tables: where, how many, and the proof."""
    ruled_out = scores[scores["source"].str.startswith(TABLE) & (scores["verdict"] == INCONSISTENT)]
    if ruled_out.empty:
        return Sentence("none_ruled_out")
    shown = proofs(report_of(trial))
    counts = ruled_out.groupby("finding", sort=False)["source"].agg(["first", "size"])
    frame = pd.DataFrame(
        {
            "source": [Label("rows", source) for source in counts["first"]],
            "numbers": [prose.tally(number) for number in counts["size"]],
            "proof": [_proof(shown[finding]) for finding in counts.index],
        }
    )
    return Listing("certificates", frame, ["source"], keys=list(counts.index))


def _proof(proof: tuple[Label, Sentence, str], follows: bool = False) -> Linked:
    place, shown, anchor = proof
    then = Sentence("follows", {"shown": shown}) if follows else shown
    return Linked(Sentence("audit_of", {"place": place}), f"{AUDIT_PAGE}#{anchor}", then)


@needs()
def listing(trial: Trial, scores: pd.DataFrame) -> Listing:
    """Every printed number beside the computed one, to search and filter."""
    report = report_of(trial)
    shown = proofs(report)
    reasoned = scores[REASON_COLUMNS].assign(fitted=scores["source"].isin(_regressions(trial)))
    frame = pd.DataFrame(
        {
            "source": [Label("rows", source) for source in scores["source"]],
            "row": scores["row"].map(report.word),
            "column": scores["column"].map(report.word),
            "statistic": [Label("statistics", statistic) for statistic in scores["statistic"]],
            "printed": _numbers(scores, "value"),
            "computed": _numbers(scores, "computed"),
            "verdict": [Label("columns", verdict) for verdict in scores["verdict"]],
            "reason": [_reason(row, shown, report.word) for row in reasoned.itertuples(index=False)],
        }
    )
    return Listing("numbers", frame, ["source", "verdict"], download=scores, keys=list(addresses(scores)))


def _numbers(scores: pd.DataFrame, column: str) -> list[prose.Number]:
    rows = zip(scores[column], scores["decimals"], scores["statistic"], strict=True)
    return [
        prose.Number(value, "year" if statistic in YEARS else "decimal", decimals)
        for value, decimals, statistic in rows
    ]


def _reason(row: tuple, shown: Mapping[str, tuple], word: Callable[[str], str]) -> object:
    """Why a number has its verdict; empty only for one that simply is exact.

    Not computed or compared, roughly stated, the audit's finding with a link to it, a unit of rounding, or by how much.
    Of a number that stands in another row than its own: which that is, how that is known, and what is computed there.
    """
    if row.verdict == NOT_COMPUTED:
        return Label("reasons", row.why)
    if row.verdict == NOT_COMPARED:
        return Label("reasons", NOT_COMPARED)
    if row.verdict == EXACT and row.said:
        return Label("said", row.said)
    if row.verdict == INCONSISTENT:
        return _moved(row, _proof(shown[row.finding], row.follows), word)
    if row.verdict == EXACT:
        return ""
    values = {"difference": prose.decimal(abs(row.difference), row.decimals + 1)}
    key = "rounding" if row.verdict == ROUNDING else "fitted" if row.fitted else "unexplained"
    return Sentence(f"differs.{key}", values)


def _moved(row: tuple, proof: Linked, word: Callable[[str], str]) -> Linked:
    if not row.counts:
        return proof
    there = prose.Number(row.computed_there, "decimal", row.decimals)
    values = {"row": word(row.counts), "there": there, "shown": proof.then}
    return replace(proof, then=Sentence(f"moved_by_{row.known_by}", values))


@needs()
def key_numbers(scores: pd.DataFrame) -> dict[str, float]:
    """Numbers for the test of the notebook; no share of what is not there."""
    numbers = {name: number.value for name, number in _counts(scores).items() if isinstance(number, prose.Number)}
    return {name: value for name, value in numbers.items() if not math.isnan(value) and name != NOT_COMPARED}

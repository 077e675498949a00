"""Chapter: how closely does the report's own analysis, run on the study's data, reproduce the published figures?

Every computed number comes from the very tables that the other chapters show: `published_tables` calls the functions
their notebooks call.
"""

import math
import re
from collections.abc import Iterator
from types import MappingProxyType

import pandas as pd

from analysis.chapters import process_evaluation, user_survey
from analysis.chapters.audit import findings, proofs
from analysis.frames.people import AGE_LIMITS
from analysis.frames.trial import Trial
from analysis.published.registry import printed_tables
from analysis.published.scorecard import (
    EXACT,
    INCONSISTENT,
    NOT_COMPUTED,
    SLACK,
    VERDICTS,
    addresses,
    read_outside,
    read_published,
    read_words,
    scorecard,
    totals,
    with_restated,
)
from analysis.show import prose
from analysis.show.figures import Figure
from analysis.show.listing import Linked, Listing
from analysis.show.prose import Label, Sentence
from analysis.show.tables import Table, cells

# The study that the published report is about; other studies are set beside the print without a verdict.
REPORTED_STUDY = "sfj"
# The codes of the arms in the printed numbers' addresses.
PRINTED_ARMS = MappingProxyType({"treatment": "sfj", "control": "control"})
TABLES = (
    process_evaluation.text_2_3, process_evaluation.text_2_4, process_evaluation.text_6, process_evaluation.text_6_5,
    process_evaluation.text_6_7, process_evaluation.text_6_10, process_evaluation.text_a_3,
    user_survey.table_23, user_survey.table_23_answers, user_survey.text_7_2, user_survey.text_7_3,
    user_survey.text_7_4, user_survey.text_7_5, user_survey.text_7_6, user_survey.text_7_7,
)  # fmt: skip
AUDIT_PAGE = "audit.html"
# Tables of regressions hang together through the people themselves and are fitted, not laid out: they are judged by how
# close they come. Closeness that counts as met, by statistic, in the unit of the print.
REGRESSION_TABLES = ("table_09", "table_A2")
CLOSE = MappingProxyType({"marginal_effect": 0.001, "r2": 0.001, "z": 0.15, "n": 0.5})
YEARS = ("year", "year_short")


def published_tables(trial: Trial) -> Iterator[Table]:
    """The tables of all chapters that carry numbers of the published report, under its own names."""
    yield from printed_tables(trial, "participants")
    for table in TABLES:
        yield table(trial)
    for chapter in ("employment", "health", "cost_benefit"):
        yield from printed_tables(trial, chapter)
    yield settings(trial)


def settings(trial: Trial) -> Table:
    """Settings of the study and its instruments that the report states in its text: waves, items, limits of age."""
    waves, age = trial.study.waves, trial.people["age"]
    items = [name for name in trial.tables["questionnaires"].columns if name.startswith("shc_")]
    limits = [limit for limit in AGE_LIMITS if 0 < limit < math.inf]
    rows = [
        ("waves", "second", "months", waves[1] if len(waves) > 1 else math.nan),
        ("waves", "last", "months", waves[-1]),
        ("waves", "spacing", "months", waves[-1] - waves[-2] if len(waves) > 1 else math.nan),
        ("complaints", "items", "n", len(items)),
        ("age", "youngest", "years", age.min()),
        ("age", "first_limit", "years", limits[0]),
        ("age", "last_limit", "years", limits[-1]),
        ("age", "oldest", "years", age.max()),
    ]
    return Table("settings", cells(rows))


def computed_cells(trial: Trial) -> pd.DataFrame:
    """Every computed number under its published address: source, row, column, statistic, value; one row a number."""
    parts = [table.cells.assign(source=table.name) for table in published_tables(trial)]
    computed = pd.concat(parts, ignore_index=True).drop_duplicates(["source", "row", "column", "statistic"])
    return with_restated(_with_printed_arms(computed, trial))


def _with_printed_arms(computed: pd.DataFrame, trial: Trial) -> pd.DataFrame:
    """The cells under the report's codes of the arms; another study may code its arms in its own way."""
    study = trial.study
    roles = {study.treatment: PRINTED_ARMS["treatment"], study.control: PRINTED_ARMS["control"]}
    arm = rf"(?<![^_])({'|'.join(map(re.escape, roles))})(?![^_])"
    # In rows only contrasts and product terms hold codes; elsewhere "usual" may be a word like any other.
    in_rows = computed["row"].str.match(rf"{re.escape(study.treatment)}_x_|{re.escape(study.contrast)}$")
    found = computed[["row", "column"]].apply(
        lambda keys: keys.str.replace(arm, lambda code: roles[code[1]], regex=True)
    )
    return computed.assign(row=found["row"].where(in_rows, computed["row"]), column=found["column"])


def card(trial: Trial) -> pd.DataFrame:
    """The scorecard of a study; with verdicts only for the study the report is about (see `published.scorecard`)."""
    audited = findings() if trial.study.name == REPORTED_STUDY else None
    return scorecard(read_published(), computed_cells(trial), audited).assign(why=_why)


def _why(scores: pd.DataFrame) -> pd.Series:
    """Why a number is not computed, a key of `reasons`; empty for computed ones."""
    listed = read_outside()
    why = addresses(scores).map(lambda address: listed.get(address, "no_data"))
    return why.where(scores["computed"].isna(), "")


def title(scores: pd.DataFrame) -> Sentence:
    """The chapter's question and answer: shares of the report for its own study, a comparison for others."""
    return Sentence("title", _counts(scores)) if _judged(scores) else Sentence("title_then_and_now", _counts(scores))


def overview(scores: pd.DataFrame) -> Sentence:
    """How many printed numbers get which verdict."""
    judged = _judged(scores)
    return Sentence("overview" if judged else "overview_then_and_now", _counts(scores), finding=judged)


def _judged(scores: pd.DataFrame) -> bool:
    return bool((scores["verdict"] != "").any())


def _counts(scores: pd.DataFrame) -> dict[str, prose.Number]:
    computed = int(scores["computed"].notna().sum())
    counts = {verdict: prose.count(int((scores["verdict"] == verdict).sum())) for verdict in VERDICTS}
    share = 100 * counts[EXACT].value / computed if computed else float("nan")
    return counts | {
        "printed": prose.count(len(scores)),
        "computed": prose.count(computed),
        "exact_percent": prose.percent(share, 0),
    }


def table_totals(scores: pd.DataFrame) -> Table:
    """Printed numbers by place in the report and verdict; without verdicts, how many are printed and computed."""
    if _judged(scores):
        counts = totals(scores)
    else:
        by_place = scores.groupby("source", sort=False)["computed"]
        counts = pd.DataFrame({"printed": by_place.size(), "computed": by_place.count()})
    whole = pd.concat([counts, counts.sum().rename("all_places").to_frame().T])
    rows = [(source, column, "n", count) for source, row in whole.iterrows() for column, count in row.items()]
    return Table("totals", cells(rows)) if _judged(scores) else Table("totals", cells(rows), part="then_and_now")


def figure_map(scores: pd.DataFrame) -> Figure | Sentence:
    """Share of each place's computed numbers that get each verdict; for a study without verdicts it says so."""
    if not _judged(scores):
        return Sentence("no_map")
    counts = totals(scores).drop(columns=NOT_COMPUTED)
    counts = counts[counts.sum(axis=1) > 0]
    shares = counts.div(counts.sum(axis=1), axis=0).rename_axis(index="row", columns="column")
    return Figure("map", "heat", shares.stack().rename("estimate").reset_index(), {"percent": True}, _counts(scores))


def table_fit(scores: pd.DataFrame) -> Table | Sentence:
    """Numbers of the report's tables, without the regressions: exact, print inconsistent, missed; one row a table."""
    if not _judged(scores):
        return Sentence("no_fit")
    counts = _fitted(scores)
    whole = pd.concat([counts, counts.sum().rename("all_tables").to_frame().T])
    rows = [(source, column, "n", count) for source, row in whole.iterrows() for column, count in row.items()]
    return Table("fit", cells(rows))


def _fitted(scores: pd.DataFrame) -> pd.DataFrame:
    of_tables = scores["source"].str.startswith("table_") & ~scores["source"].isin(REGRESSION_TABLES)
    counts = totals(scores[of_tables & scores["computed"].notna()])
    missed = counts.drop(columns=[EXACT, INCONSISTENT]).sum(axis=1)
    return counts[[EXACT, INCONSISTENT]].assign(missed=missed)


def table_logits(scores: pd.DataFrame) -> Table | Sentence:
    """How close the nine regressions of Tables 9 and A.2 come: numbers printed, exact, and per cent within `CLOSE`.

    Numbers that the print rules out are printed but neither exact nor part of the per cent.
    """
    if not _judged(scores):
        return Sentence("no_logits")
    own = scores[scores["source"].isin(REGRESSION_TABLES)]
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
    return Table("logits", cells(rows), decimals={"pct": 0})


def fit(scores: pd.DataFrame) -> Sentence:
    """How many numbers of the tables come out, how many the print rules out, how many are missed."""
    if not _judged(scores):
        return Sentence("no_fit")
    counts = _fitted(scores).sum()
    key = "fit" if counts["missed"] else "fit_complete"
    return Sentence(key, {name: prose.count(int(counts[name])) for name in (EXACT, INCONSISTENT, "missed")})


def certificates(scores: pd.DataFrame) -> Listing | Sentence:
    """Each finding of the audit that rules out numbers of the report's tables: where, how many, and the proof."""
    if not _judged(scores):
        return Sentence("no_fit")
    ruled_out = scores[scores["source"].str.startswith("table_") & (scores["verdict"] == INCONSISTENT)]
    counts = ruled_out.groupby("finding", sort=False)["source"].agg(["first", "size"])
    frame = pd.DataFrame(
        {
            "source": [Label("rows", source) for source in counts["first"]],
            "numbers": [prose.count(number) for number in counts["size"]],
            "proof": [_proof(finding) for finding in counts.index],
        }
    )
    return Listing("certificates", frame, ["source"])


def _proof(finding: str, follows: bool = False) -> Linked:
    place, shown, anchor = proofs()[finding]
    then = Sentence("follows", {"shown": shown}) if follows else shown
    return Linked(Sentence("audit_of", {"place": place}), f"{AUDIT_PAGE}#{anchor}", then)


def listing(scores: pd.DataFrame) -> Listing:
    """Every printed number beside the computed one, to search and filter."""
    judged = _judged(scores)
    frame = pd.DataFrame(
        {
            "source": [Label("rows", source) for source in scores["source"]],
            "row": _worded(scores["row"]),
            "column": _worded(scores["column"]),
            "statistic": [Label("statistics", statistic) for statistic in scores["statistic"]],
            "printed": _numbers(scores, "value"),
            "computed": _numbers(scores, "computed"),
        }
    )
    if judged:
        frame["verdict"] = [Label("columns", verdict) for verdict in scores["verdict"]]
        columns = ["verdict", "finding", "follows", "said", "why"]
        frame["reason"] = [_reason(row) for row in scores[columns].itertuples(index=False)]
    filters = ["source", "verdict"] if judged else ["source"]
    return Listing("numbers" if judged else "then_and_now", frame, filters, download=scores)


def _worded(codes: pd.Series) -> pd.Series:
    words = read_words()
    return codes.map(lambda code: words.get(code, code.replace("_", " ")))


def _numbers(scores: pd.DataFrame, column: str) -> list[prose.Number]:
    rows = zip(scores[column], scores["decimals"], scores["statistic"], strict=True)
    return [
        prose.Number(value, "year" if statistic in YEARS else "decimal", decimals)
        for value, decimals, statistic in rows
    ]


def _reason(row: tuple) -> object:
    """Why a number has its verdict: not computed, roughly stated, or the audit's finding with a link to it."""
    if row.verdict == NOT_COMPUTED:
        return Label("reasons", row.why)
    if row.verdict == EXACT and row.said:
        return Label("said", row.said)
    return _proof(row.finding, row.follows) if row.verdict == INCONSISTENT else ""


def key_numbers(scores: pd.DataFrame) -> dict[str, float]:
    """Numbers for the test of the notebook."""
    return {name: number.value for name, number in _counts(scores).items()}

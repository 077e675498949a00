"""The data dictionary: a page rendered from the contract, so that it cannot say anything else than what is checked."""

from collections.abc import Callable, Collection, Iterator

import pandera.pandas as pa

from analysis.study.contract import NEEDED, TABLES, tables_of
from analysis.study.contract.columns import allowed_in, kind_of
from analysis.study.contract.rules import RULES
from analysis.study.economics import EconomicInput
from analysis.study.escaping import markdown
from analysis.study.settings import Study

_TYPES = {
    "identifier": "pseudonym",
    "code": "code",
    "text": "text",
    "date": "date",
    "integer": "whole number",
    "decimal": "number",
    "flag": "true or false",
}
_INTRODUCTION = """# Data dictionary

A study is a folder with `study.yml`, which holds its settings, and one file for each table below. Its plain form is
CSV: UTF-8, comma as separator, column names in the first line, dates as `YYYY-MM-DD`, `true` or `false`, an empty cell
where a value is missing; [files of other programs](#rerun-formats) are read, too. A missing table counts as empty, and
a column that may be empty may be left out: a study has the chapters that its tables allow. A study that lists arms or a
horizon needs `participants.csv`. This page is generated from the same contract that checks a folder when it is read. To
check a folder without analysing it, run `python -m analysis check <folder>`: every fault is listed with file, line and
column, and no participant's value is ever repeated.
"""


# Setting of study.yml, what it says, and what is so without it.
SETTINGS = (
    ("name", "code of the study: small letters, digits and underscores", "needed"),
    ("title", "its title, in one language or several: `{en: …, nb: …}`, as every label", "needed"),
    ("data", "`synthetic` or `real`; synthetic data are labelled on every output", "needed"),
    ("disclosure", "whether small numbers may be told as they are (`as_published`), or no group of a few people may be "
     "made out from anything that is shown (`protected`)", "protected"),
    ("smallest_group", "the fewest people that a protected study tells of", "5"),
    ("rounding", "what a protected study rounds its numbers of people to, 2 to 100, such as 5; shares agree with the "
     "rounded numbers", "not rounded"),
    ("arms", "two, each `code`, `role` (treatment or control), `label` and perhaps a `short` name; one is described "
     "without a comparison", "nobody is compared"),
    ("randomised", "whether people were drawn to the arms; `false` is refused where there are two", "true"),
    ("centres", "each `code` and `label`", "no centres"),
    ("waves", "months after inclusion in which questionnaires were due, such as `[0, 6, 12]`", "no questionnaires"),
    ("horizon", "time units shown `before` and `after` the one of inclusion", "nobody is followed in registers"),
    ("dates", "`inclusion_start`, `inclusion_end`, `register_start`, `register_end`", "needed with a horizon"),
    ("allocation_phases", "periods of the draw, each `from`, `to` and `ratio` of the arms", "not told"),
    ("instruments", "rules of scoring for `hads`, `eq5d`, `shc`, `chalder` and `ips25`", "not scored"),
    ("registers", "`unit` of time (month, week or year); `aap_work_share_min`, the share of the agreed hours from "
     "which AAP counts as AAP and job; `full_time_weekly_hours`", "month; 0.1; 37.5"),
    ("columns", "columns of `background.csv` of the study's own, by name: `description`, `kind` (code, flag or "
     "number), the `values` of a code with their labels, `label`, `unit`", "none"),
    ("outcomes", "each `code`, `label`, `measure` (at_a_time, any_time, time_in, time_to_first, time_to_sustained, "
     "full_time_equivalents, jobs, employers or amount), its rule (`statuses`, `has_job`, `weekly_hours_min`, `steps`) "
     "and perhaps a `window`; for time_to_sustained also `units`, how many in a row count (2 or more)",
     "`in_work_no_benefits` and `fully_or_partly_in_work`"),
    ("alternative_outcomes", "other ways to count the aim, not planned, shown beside the primary result: as "
     "`outcomes`, of measure at_a_time, any_time, time_in, full_time_equivalents, time_to_first or time_to_sustained",
     "none"),
    ("primary", "the `outcome` that the study was planned for, and `at` which time unit",
     "the last outcome at a time, at the end of the horizon"),
    ("late_window", "time units shown one by one, `from` and `to`", "from the primary one to the end of the horizon"),
    ("status_groups", "statuses at inclusion put together; a group without statuses takes all others",
     "`in_work`, `sick_listed_full`, `aap` and `other`"),
    ("status_group_labels", "a label for each status group of the study's own", "the usual labels"),
    ("subgroups", "people looked at apart, each `code`, `column`, `label`, `cuts` of a number or `groups` of codes, "
     "`labels` of the groups, and `planned`: chosen before anybody saw results", "none; a subgroup counts as post hoc"),
    ("covariates", "columns of the adjusted models: numbers and flags of the participants, `woman`, own columns",
     "the usual ones, as far as the study has them"),
    ("economics", "inputs of the cost–benefit analysis, each with value, unit, price year and source",
     "no costs and benefits"),
    ("interviews", "code lists with labels: `types`, `roles`, `themes`, `expectation_groups`, `information_sources`, "
     "`work_statuses`; `users`, the types in which users speak", "no codes may be used"),
    ("companions", "studies that are parts of the same book", "none"),
)  # fmt: skip


def render(study: Study | None = None) -> str:
    """The dictionary as a MyST page: settings, tables, columns, rules between tables.

    Given a study, with its own columns and with its priced inputs."""
    schemas = tables_of(study)
    own = {"background": study.columns} if study else {}
    tables = (_table(schema, own.get(name, ())) for name, schema in schemas.items())
    parts = [_INTRODUCTION, _settings(), _overview(), *tables, _rules()]
    if study is not None and study.economics:
        parts.append(_economics(study))
    return "\n".join(parts)


def _settings() -> str:
    rows = [(f"`{name}`", says, without) for name, says, without in SETTINGS]
    return "## Settings (`study.yml`)\n\n" + _grid(("Setting", "What it says", "Without it"), rows)


def _overview() -> str:
    rows = [
        (
            f"[`{name}`](#table-{_anchor(name)})",
            "needed with arms or a horizon" if name == NEEDED else "optional",
            schema.description,
            schema.metadata["source"],
        )
        for name, schema in TABLES.items()
    ]
    return "## Tables\n\n" + _grid(("Table", "File is", "Holds", "Source"), rows)


def _table(schema: pa.DataFrameSchema, own: Collection[str]) -> str:
    """One table; `own` are the columns that the study describes itself."""
    key = ", ".join(f"`{column}`" for column in schema.metadata["key"])
    lines = [
        f"(table-{_anchor(schema.name)})=",
        f"## `{schema.name}.csv`",
        "",
        schema.description,
        f"Source: {schema.metadata['source']}.",
    ]
    if key:
        lines.append(f"A row is identified by {key}.")
    rows = [
        (f"`{name}`", as_is(column.description), _TYPES[kind_of(column)], _allowed(column, as_is),
         "yes" if column.nullable else "no")
        for name, column in _columns(schema)
        for as_is in [markdown if name in own else str]
    ]
    head = ("Column", "Meaning", "Type", "Allowed", "May be empty")
    return "\n".join(lines) + "\n\n" + _grid(head, rows)


def _columns(schema: pa.DataFrameSchema) -> Iterator[tuple[str, pa.Column]]:
    """Columns of a table; the items of a questionnaire, alike but for their number, are shown as one row."""
    shown: set[tuple] = set()
    for name, column in schema.columns.items():
        stem, _, number = name.rpartition("_")
        family = (stem, allowed_in(column)) if number.isdigit() and len(number) == 2 else (name,)
        if family in shown:
            continue
        shown.add(family)
        members = [other for other in schema.columns if other.rpartition("_")[0] == stem and len(family) == 2]
        label = f"{members[0]}` … `{members[-1]}" if len(members) > 1 else name
        yield label, column


def _allowed(column: pa.Column, as_is: Callable[[str], str]) -> str:
    text, unit = allowed_in(column), column.metadata["unit"]
    if unit:
        return f"{text} ({as_is(unit)})"
    if kind_of(column) == "code" and text.startswith("one of "):
        return ", ".join(f"`{value}`" for value in text.removeprefix("one of ").split(", "))
    return text


def _rules() -> str:
    statements = dict.fromkeys(rule.statement for rule in RULES)
    listed = "\n".join(f"- {statement}" for statement in statements)
    return f"## Rules between columns, rows and tables\n\n{listed}\n"


def _economics(study: Study) -> str:
    rows = [
        (f"`{name}`", _value(given), markdown(given.unit), str(given.price_year or ""), markdown(given.source))
        for name, given in study.economics.items()
    ]
    return f"## Inputs of the cost–benefit analysis ({study.name})\n\n" + _grid(
        ("Input", "Value", "Unit", "Price year", "Source"), rows
    ) + _uncertainty(study)


def _uncertainty(study: Study) -> str:
    """What is uncertain among the inputs, and by what source; nothing where nothing is."""
    rows = [
        (f"`{name}`", spread.distribution, _number(spread.low), _number(spread.high), markdown(spread.source))
        for name, spread in study.economics.uncertainty.items()
    ]
    return "\n" + _grid(("Uncertain input", "Distribution", "Low", "High", "Source"), rows) if rows else ""


def _value(given: EconomicInput) -> str:
    if isinstance(given.value, float | int):
        return _number(given.value)
    return "; ".join(f"{name}: {_number(amount)}" for name, amount in given.value.items())


def _number(value: float) -> str:
    """Thousands separated from 10,000 up, so that calendar years stay years; no rounding of amounts."""
    return f"{value:,.10g}" if abs(value) >= 10_000 else f"{value:g}"


def _grid(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines) + "\n"


def _anchor(name: str) -> str:
    return name.replace("_", "-")

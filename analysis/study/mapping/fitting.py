"""Whether a mapping fits the contract: its tables, fields and codes are known, and nothing that is needed is absent."""

from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath

import pandera.pandas as pa

from analysis.study.contract.columns import kind_of, values_of
from analysis.study.mapping.settings import FieldRule, Source, TableMapping, TableRule
from analysis.study.problems import Fault

Schemas = Mapping[str, pa.DataFrameSchema]
_FITS = {
    "age_on": ("date",),
    "add_days": ("date", "integer"),
    "not_before": ("date", "integer"),
    "not_after": ("date", "integer"),
    "take": ("integer",),
    "factor": ("integer", "decimal"),
    "decimals": ("integer", "decimal"),
    "prefix": ("identifier",),
}
_CORRECT = "Correct the setting."


def faults_of_mapping(mapping: TableMapping, schemas: Schemas) -> Iterator[Fault]:
    """Everything in which a mapping does not fit the tables of a study, each with its setting."""
    for name, table in mapping.tables.items():
        if name not in schemas:
            yield Fault(("tables", name), f"The contract has no such table. {_one_of(schemas)}", _CORRECT)
            continue
        yield from _table_faults(("tables", name), table, schemas[name])


def _one_of(names: object) -> str:
    return f"Allowed is one of {', '.join(names)}."


def _table_faults(place: tuple, table: TableRule, schema: pa.DataFrameSchema) -> Iterator[Fault]:
    if table.merge and not {"from_date", "to_date"} <= set(schema.columns):
        yield Fault((*place, "merge"), "Only spells can be merged, and this table has none.", "Remove the setting.")
    for number, name in enumerate(table.sum):
        if name not in schema.columns or kind_of(schema.columns[name]) not in ("integer", "decimal"):
            yield Fault((*place, "sum", number), "The table has no number of this name.", _CORRECT)
    for number, source in enumerate(table.sources):
        at = (*place, "sources", number)
        yield from _file_faults(at, source)
        yield from _field_faults((*at, "fields"), source, schema)


def _file_faults(place: tuple, source: Source) -> Iterator[Fault]:
    named = [(("file", number), name) for number, name in enumerate(source.file)]
    named += [(("join", number, "file"), join.file) for number, join in enumerate(source.join)]
    for at, name in named:
        if PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts or "\\" in name or ":" in name:
            yield Fault((*place, *at), "A file is named by its path inside the study folder.", _CORRECT)


def _field_faults(place: tuple, source: Source, schema: pa.DataFrameSchema) -> Iterator[Fault]:
    for name, column in schema.columns.items():
        if not column.nullable and name not in source.fields:
            yield Fault(
                (*place, name), "The table needs this field, and the source does not give it.", "Add the field."
            )
    for name, rule in source.fields.items():
        if name not in schema.columns:
            yield Fault((*place, name), f"The table has no such field. {_one_of(schema.columns)}", _CORRECT)
        else:
            yield from _rule_faults((*place, name), rule, schema.columns[name])


def _rule_faults(place: tuple, rule: FieldRule, column: pa.Column) -> Iterator[Fault]:
    kind, codes = kind_of(column), values_of(column)
    for setting, kinds in _FITS.items():
        if getattr(rule, setting) and kind not in kinds:
            cause = f"The field is of kind {kind}, and this is for {' or '.join(kinds)}."
            yield Fault((*place, setting), cause, "Remove the setting.")
    given = {("constant",): rule.constant, ("otherwise",): rule.otherwise}
    given |= {("values", raw): value for raw, value in rule.values.items()}
    for setting, value in given.items():
        if codes and value is not None and value not in codes:
            yield Fault((*place, *setting), f"The field has no such code. {_one_of(codes)}", _CORRECT)

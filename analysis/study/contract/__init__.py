"""The data contract: every table a study may hold, column by column, and the rules between tables.

`TABLES` maps the name of a table (its file is `<name>.csv`) to a pandera schema with description, unit, allowed
values, nullability and key; `tables_of` is the same as the settings of one study make them. `rules.RULES` holds the
rules that need more than one column or table.
"""

from typing import TYPE_CHECKING

import pandas as pd
import pandera.pandas as pa

from analysis.study.contract.answer_tables import COORDINATION, HEALTH_SERVICES, OPEN_ANSWERS, QUESTIONNAIRES
from analysis.study.contract.centre_tables import CENTRES, FIDELITY, INTERVIEW_THEMES, INTERVIEWS
from analysis.study.contract.columns import code, flag, needed, number, with_columns
from analysis.study.contract.people_tables import (
    BACKGROUND,
    EARLIER_TREATMENT,
    EXTRACT_DIFFERENCES,
    PARTICIPANTS,
    REFERENCE_GROUP,
    SCREENING,
)
from analysis.study.contract.register_tables import (
    AAP_HOURS,
    BENEFIT_SPELLS,
    CONTACTS,
    INCOME,
    JOB_SPELLS,
    MEASURES_TABLE,
)

if TYPE_CHECKING:
    from analysis.study.design import BackgroundColumn
    from analysis.study.settings import Study

TABLES: dict[str, pa.DataFrameSchema] = {
    schema.name: schema
    for schema in (
        SCREENING,
        PARTICIPANTS,
        BACKGROUND,
        EARLIER_TREATMENT,
        QUESTIONNAIRES,
        HEALTH_SERVICES,
        BENEFIT_SPELLS,
        JOB_SPELLS,
        AAP_HOURS,
        INCOME,
        MEASURES_TABLE,
        CONTACTS,
        OPEN_ANSWERS,
        COORDINATION,
        FIDELITY,
        INTERVIEWS,
        INTERVIEW_THEMES,
        CENTRES,
        REFERENCE_GROUP,
        EXTRACT_DIFFERENCES,
    )
}
# The one table that a study must have which lists arms to compare or a horizon to follow people to.
NEEDED = "participants"
# The tables in which a study that lists centres must name one in every row.
_WITH_CENTRE = ("screening", "participants")


def tables_of(study: "Study | None") -> dict[str, pa.DataFrameSchema]:
    """The tables as the settings of a study make them; without settings those of any study.

    Who lists arms or centres must say of each participant which; `columns` are further columns of `background`.
    """
    if study is None:
        return dict(TABLES)
    changed: dict[str, dict[str, pa.Column]] = {name: {} for name in (*_WITH_CENTRE, "background")}
    for name in _WITH_CENTRE if study.centres else ():
        changed[name]["centre"] = needed(TABLES[name].columns["centre"])
    if study.arms:
        changed["participants"]["arm"] = needed(PARTICIPANTS.columns["arm"])
    changed["background"] = {name: own_column(column) for name, column in study.columns.items()}
    return TABLES | {name: with_columns(TABLES[name], columns) for name, columns in changed.items() if columns}


def own_column(column: "BackgroundColumn") -> pa.Column:
    """A column of a study's own; it may always be empty."""
    if column.kind == "code":
        return code(column.description, *column.values, nullable=True)
    if column.kind == "flag":
        return flag(column.description, nullable=True)
    return number(column.description, unit=column.unit, nullable=True)


def is_required(name: str, study: "Study | None") -> bool:
    """Whether a study must have the table; without settings none is known to be needed."""
    return name == NEEDED and study is not None and bool(study.arms or study.horizon)


def empty_table(schema: pa.DataFrameSchema) -> pd.DataFrame:
    """A table without rows, with its columns and types: what a study without that file holds."""
    return pd.DataFrame({name: pd.Series(dtype=column.dtype.type) for name, column in schema.columns.items()})

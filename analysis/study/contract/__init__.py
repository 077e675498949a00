"""The data contract: every table a study may hold, column by column, and the rules between tables.

`TABLES` maps the name of a table (its file is `<name>.csv`) to a pandera schema with description, unit, allowed
values, nullability and key. `rules.RULES` holds the rules that need more than one column or table.
"""

import pandas as pd
import pandera.pandas as pa

from analysis.study.contract.answer_tables import COORDINATION, HEALTH_SERVICES, OPEN_ANSWERS, QUESTIONNAIRES
from analysis.study.contract.centre_tables import CENTRES, FIDELITY, INTERVIEW_THEMES, INTERVIEWS
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
REQUIRED = tuple(name for name, schema in TABLES.items() if schema.metadata["required"])


def empty_table(name: str) -> pd.DataFrame:
    """A table of the contract without rows, with its columns and types: what a study without that file holds."""
    return pd.DataFrame(
        {column: pd.Series(dtype=declared.dtype.type) for column, declared in TABLES[name].columns.items()}
    )

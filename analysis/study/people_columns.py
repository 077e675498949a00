"""The columns of the frame `people`: what subgroups and covariates of `study.yml` may name, and what is taken.

Those that the frame derives are listed here, since settings are checked before any frame is made; a test holds the list
beside the frame.
"""

from typing import TYPE_CHECKING, NamedTuple

from analysis.study.contract.columns import kind_of, values_of
from analysis.study.contract.people_tables import BACKGROUND, PARTICIPANTS
from analysis.study.outcome_rules import STATUSES

if TYPE_CHECKING:
    from analysis.study.settings import Study


class PeopleColumn(NamedTuple):
    """kind: `number`, `flag`, `code`, or `other`, by which nobody is grouped. values: the codes, if they are known."""

    kind: str
    values: tuple[str, ...] = ()


_KINDS = {"integer": "number", "decimal": "number", "flag": "flag", "code": "code"}
# Of the tables.
GIVEN = {
    name: PeopleColumn(_KINDS.get(kind_of(column), "other"), values_of(column))
    for name, column in {**PARTICIPANTS.columns, **BACKGROUND.columns}.items()
}
DERIVED = {
    "age": PeopleColumn("number"),
    "age_exact": PeopleColumn("number"),
    "age_group": PeopleColumn("code", ("under_30", "30_40", "40_50", "over_50")),
    "married": PeopleColumn("flag"),
    "education_primary": PeopleColumn("flag"),
    "education_upper_secondary": PeopleColumn("flag"),
    "education_higher": PeopleColumn("flag"),
    "born_outside_norway": PeopleColumn("flag"),
    "good_self_rated_health": PeopleColumn("flag"),
    "positive_expectation_of_work": PeopleColumn("flag"),
    "income_year_before_inclusion_1000nok": PeopleColumn("number"),
    "income_below_G_year_before_inclusion": PeopleColumn("flag"),
}
# A covariate only: subgroups take the column `sex`.
WOMAN = "woman"
# Of the frames that outcomes and own columns stand in.
_OF_FRAMES = (
    "period month week year status has_job weekly_hours sick_degree disability_degree units_observed wave n value"
)
# Names that neither an outcome nor an own column may have.
TAKEN = frozenset({*GIVEN, *DERIVED, WOMAN, "status_at_inclusion", "status_group", *_OF_FRAMES.split()})


def people_columns(study: "Study") -> dict[str, PeopleColumn]:
    """The columns of `people` of a study, by name."""
    own = {name: PeopleColumn(column.kind, tuple(column.values)) for name, column in study.columns.items()}
    settled = {"centre": PeopleColumn("code", study.centre_codes), "arm": PeopleColumn("other")}
    at_inclusion = {
        "status_at_inclusion": PeopleColumn("code", STATUSES),
        "status_group": PeopleColumn("code", tuple(study.status_groups)),
    }
    return GIVEN | DERIVED | own | settled | (at_inclusion if study.has_registers else {})

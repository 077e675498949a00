"""What must hold for the names that a study declares: outcomes, groups, covariates and columns of its own."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from analysis.study.outcome_rules import USUAL_OUTCOMES, USUAL_STATUS_GROUPS, Subgroup
from analysis.study.people_columns import TAKEN, WOMAN, PeopleColumn, people_columns
from analysis.study.problems import Fault

if TYPE_CHECKING:
    from analysis.study.settings import Study

# Groups of a yes or no.
YES_NO = ("yes", "no")


def faults_of_names(study: "Study") -> Iterator[Fault]:
    """Everything that is wrong with what a study declares, in the order of `Study`."""
    for check in (_own_columns, _outcome_names, _status_groups, _subgroups, _covariates):
        yield from check(study)


def _own_columns(study: "Study") -> Iterator[Fault]:
    for name in study.columns:
        if name in TAKEN:
            yield Fault(("columns", name), "The contract, or a frame made from it, has this column.", "Rename it.")


def _outcome_names(study: "Study") -> Iterator[Fault]:
    usual = {outcome.code for outcome in USUAL_OUTCOMES}
    rules = [(setting, number, outcome) for setting in ("outcomes", "alternative_outcomes")
             for number, outcome in enumerate(getattr(study, setting))]  # fmt: skip
    for setting, number, outcome in rules:
        if outcome.code in TAKEN or outcome.code in study.columns:
            yield Fault((setting, number, "code"), "A column beside the outcomes has this name.", "Rename it.")
        if not outcome.label and outcome.code not in usual:
            yield Fault((setting, number), "The report must call the outcome something.", "Add its label.")


def _status_groups(study: "Study") -> Iterator[Fault]:
    groups, labels = study.status_groups, study.status_group_labels
    statuses = [status for group in groups.values() for status in group]
    if len(statuses) != len(set(statuses)):
        yield Fault(("status_groups",), "A status stands in two groups.")
    if sum(not group for group in groups.values()) > 1:
        yield Fault(("status_groups",), "Only one group may be without statuses: it takes all others.")
    for group in groups:
        if group not in labels and group not in USUAL_STATUS_GROUPS:
            yield Fault(("status_groups", group), "The group has no label.", "Add it under status_group_labels.")
    for group in labels:
        if group not in groups:
            yield Fault(("status_group_labels", group), "There is no group of this code under status_groups.")


def _subgroups(study: "Study") -> Iterator[Fault]:
    columns = people_columns(study)
    for number, subgroup in enumerate(study.subgroups):
        place = ("subgroups", number)
        column = columns.get(subgroup.column)
        if column is None or column.kind == "other":
            known = ", ".join(sorted(name for name, found in columns.items() if found.kind != "other"))
            cause = f"People cannot be grouped by this column. Allowed is one of {known}."
            yield Fault((*place, "column"), cause, "Correct the column, or declare it under columns.")
            continue
        for part, cause in _way_of_grouping(subgroup, column):
            yield Fault((*place, part), cause)
        wrong = sorted(set(subgroup.labels) ^ set(groups_of(subgroup, column)))
        if wrong:
            cause = f"Every group needs a label, and nothing else has one. Wrong or missing: {', '.join(wrong)}."
            yield Fault((*place, "labels"), cause, "Give each group its label, such as {north: {en: North}}.")


def groups_of(subgroup: Subgroup, column: PeopleColumn) -> tuple[str, ...]:
    """Codes of the groups of a subgroup: those of its cuts, its groups, yes and no, or the values of the column."""
    return (
        subgroup.cut_names
        or tuple(subgroup.groups)
        or (YES_NO if column.kind == "flag" else column.values or tuple(subgroup.labels))
    )


def _way_of_grouping(subgroup: Subgroup, column: PeopleColumn) -> Iterator[tuple[str, str]]:
    if column.kind == "number" and not subgroup.cuts:
        yield "column", "The column holds a number: it is grouped by cuts."
    if column.kind != "number" and subgroup.cuts:
        yield "cuts", "Only numbers can be cut, and the column holds none."
    if column.kind != "code" and subgroup.groups:
        yield "groups", "Only codes are put together in groups, and the column holds none."
    values = [value for group in subgroup.groups.values() for value in group]
    if len(values) != len(set(values)):
        yield "groups", "A value stands in two groups."
    if sum(not group for group in subgroup.groups.values()) > 1:
        yield "groups", "Only one group may be without values: it takes all others."
    unknown = sorted(set(values) - set(column.values)) if column.values else []
    if unknown and column.kind == "code":
        yield "groups", f"The column never holds {', '.join(unknown)}."


def _covariates(study: "Study") -> Iterator[Fault]:
    columns = people_columns(study) | {WOMAN: PeopleColumn("flag")}
    usable = sorted(name for name, column in columns.items() if column.kind in ("number", "flag"))
    for number, name in enumerate(study.covariates):
        if name not in usable:
            cause = f"No number and no yes or no of the participants has this name. Allowed is {', '.join(usable)}."
            yield Fault(("covariates", number), cause)
        elif name in study.covariates[:number]:
            yield Fault(("covariates", number), "The covariate stands twice.", "Remove one of them.")
        elif name in study.columns and not study.columns[name].label:
            yield Fault(("columns", name), "The column is a covariate and has no label.", "Add its label.")

"""Rules about people: screening, participants, differences between extracts."""

from collections.abc import Iterator

import pandas as pd

from analysis.study.contract import tables_of
from analysis.study.contract.columns import allowed_in, values_of
from analysis.study.contract.faults import Rule, Tables, faults, looked_up
from analysis.study.problems import Problem
from analysis.study.settings import Study

YOUNGEST, OLDEST = 16, 80
_CENTRE_TABLES = ("screening", "participants", "centres", "fidelity", "interviews")
_ARM_TABLES = ("screening", "participants")
_RANDOMISED = ("included", "withdrew")
_PARTICIPANT_TABLES = (
    "background",
    "earlier_treatment",
    "questionnaires",
    "health_services",
    "benefit_spells",
    "job_spells",
    "aap_hours",
    "income",
    "measures",
    "contacts",
    "open_answers",
    "coordination",
    "extract_differences",
)


def _known_participant(table: str) -> Rule:
    def check(tables: Tables, study: Study) -> Iterator[Problem]:
        ids = tables[table]["participant_id"]
        yield from faults(
            table,
            ids.notna() & ~ids.isin(tables["participants"]["participant_id"]),
            "participant_id",
            "unknown_participant",
            "This participant is not in participants.csv.",
            "Add the participant there or remove the row.",
        )

    statement = "Every participant named in another table is in participants."
    reads = {table: ("participant_id",), "participants": ("participant_id",)}
    return Rule(reads, statement, check, whole=("participants",))


def _known_code(table: str, column: str, setting: str) -> Rule:
    def check(tables: Tables, study: Study) -> Iterator[Problem]:
        codes = study.centre_codes if column == "centre" else study.arm_codes
        values = tables[table][column]
        allowed = f"Allowed is one of {', '.join(codes)}." if codes else f"It lists no {setting}."
        yield from faults(
            table,
            values.notna() & ~values.isin(codes),
            column,
            "unknown_code",
            f"This is not a code of study.yml. {allowed}",
            f"Correct the code, or add it under {setting} in study.yml.",
        )

    return Rule({table: (column,)}, f"Every {column} is listed under {setting} in study.yml.", check, (setting,))


def _included_inside_window(tables: Tables, study: Study) -> Iterator[Problem]:
    if study.dates is None:
        return
    days = tables["participants"]["included_on"]
    first, last = study.dates.inclusion_start, study.dates.inclusion_end
    outside = (days < pd.Timestamp(first)) | (days > pd.Timestamp(last))
    yield from faults(
        "participants",
        outside,
        "included_on",
        "outside_inclusion",
        f"The day lies outside the inclusion period, {first} to {last}.",
        "Correct the day, or the inclusion dates in study.yml.",
    )


def _arms_have_people(tables: Tables, study: Study) -> Iterator[Problem]:
    for arm in study.arm_codes:
        if not tables["participants"]["arm"].eq(arm).any():
            remedy = "Add the participants of the arm, or take the arm out of study.yml."
            yield Problem("participants.csv", None, "arm", "empty_arm", f"Nobody is in the arm {arm}.", remedy)


def _observed_after_inclusion(tables: Tables, study: Study) -> Iterator[Problem]:
    people = tables["participants"]
    yield from faults(
        "participants",
        people["observed_until"] < people["included_on"],
        "observed_until",
        "dates_in_wrong_order",
        "The last day of observation lies before the inclusion.",
        "Correct one of the two days.",
    )


def _observed_in_registers(tables: Tables, study: Study) -> Iterator[Problem]:
    if study.dates is None:
        return
    people = tables["participants"]
    end = study.dates.register_end
    yield from faults(
        "participants",
        people["observed_until"] > pd.Timestamp(end),
        "observed_until",
        "outside_register",
        f"The day lies after the end of the registers, {end}, and nobody is observed longer than that.",
        "Correct the day, or leave it empty if observed to the end of the registers.",
    )


def _plausible_age(tables: Tables, study: Study) -> Iterator[Problem]:
    people = tables["participants"]
    years = (people["included_on"] - people["birth_date"]).dt.days / 365.25
    yield from faults(
        "participants",
        (years < YOUNGEST) | (years > OLDEST),
        "birth_date",
        "implausible_age",
        f"The age at inclusion is not between {YOUNGEST} and {OLDEST} years.",
        "Correct the date of birth or the day of inclusion.",
    )


def _screening_outcome(tables: Tables, study: Study) -> Iterator[Problem]:
    log = tables["screening"]
    included = log["outcome"] == "included"
    yield from faults(
        "screening",
        included != log["participant_id"].notna(),
        "participant_id",
        "outcome_mismatch",
        "A participant is named exactly when the outcome is included.",
        "Fill in or empty the participant, or correct the outcome.",
    )


def _screened_once(tables: Tables, study: Study) -> Iterator[Problem]:
    log = tables["screening"]
    named = log["participant_id"]
    yield from faults(
        "screening",
        named.notna() & named.duplicated(),
        "participant_id",
        "duplicate_key",
        "This participant is named in an earlier row.",
        "Keep one referral for each participant.",
    )


def _screening_arm(tables: Tables, study: Study) -> Iterator[Problem]:
    log = tables["screening"]
    yield from faults(
        "screening",
        bool(study.arms) & (log["outcome"].isin(_RANDOMISED) != log["arm"].notna()),
        "arm",
        "outcome_mismatch",
        "An arm is given exactly for people who were randomised (included or withdrew).",
        "Fill in or empty the arm, or correct the outcome.",
    )


def _screening_agrees(column: str) -> Rule:
    def check(tables: Tables, study: Study) -> Iterator[Problem]:
        log = tables["screening"]
        other = looked_up(log, "participant_id", tables["participants"], column)
        yield from faults(
            "screening",
            log["participant_id"].notna() & other.notna() & (other != log[column]),
            column,
            "tables_disagree",
            f"The {column} differs from the one in participants.csv.",
            "Correct one of the two.",
        )

    columns = ("participant_id", column)
    statement = f"Screening and participants give the same {column}."
    return Rule({"screening": columns, "participants": columns}, statement, check)


def _referred_first(tables: Tables, study: Study) -> Iterator[Problem]:
    log = tables["screening"]
    included_on = looked_up(log, "participant_id", tables["participants"], "included_on")
    yield from faults(
        "screening",
        log["referred_on"] > included_on,
        "referred_on",
        "dates_in_wrong_order",
        "The referral is dated after the inclusion in participants.csv.",
        "Correct one of the two days.",
    )


def _screened_are_participants(tables: Tables, study: Study) -> Iterator[Problem]:
    named = tables["screening"]["participant_id"]
    yield from faults(
        "screening",
        named.notna() & ~named.isin(tables["participants"]["participant_id"]),
        "participant_id",
        "unknown_participant",
        "This participant is not in participants.csv.",
        "Add the participant there or correct the outcome.",
    )


def _participants_are_screened(tables: Tables, study: Study) -> Iterator[Problem]:
    log, people = tables["screening"], tables["participants"]
    if log.empty:
        return
    yield from faults(
        "participants",
        ~people["participant_id"].isin(log["participant_id"]),
        "participant_id",
        "not_screened",
        "This participant is not in screening.csv.",
        "Add the referral there.",
    )


def _extract_fields(tables: Tables, study: Study) -> Iterator[Problem]:
    rows = tables["extract_differences"]
    own = tables_of(study)["background"].columns
    fields = {"included", "arm", "sex", "birth_date", *own} - {"participant_id"}
    known = rows["field"].isin(fields) | rows["field"].str.fullmatch(r"status_m-?\d{2,3}").fillna(False)
    yield from faults(
        "extract_differences",
        ~known,
        "field",
        "unknown_code",
        "The field is neither included, arm, sex, birth_date, a column of background nor status_mNN.",
        "Correct the field.",
    )


def _only_left_out(tables: Tables, study: Study) -> Iterator[Problem]:
    rows = tables["extract_differences"]
    included = rows["field"] == "included"
    yield from faults(
        "extract_differences",
        included & (rows["value"] != "false"),
        "value",
        "unknown_code",
        "For the field included only false is allowed.",
        "Correct the value or remove the row.",
    )


def _extract_values(tables: Tables, study: Study) -> Iterator[Problem]:
    rows = tables["extract_differences"]
    declared = tables_of(study)
    columns = {**declared["participants"].columns, **declared["background"].columns}
    for name, group in rows.groupby("field"):
        column = columns.get(name)
        allowed = values_of(column) if column is not None else ()
        if not allowed:
            continue
        yield from faults(
            "extract_differences",
            group["value"].notna() & ~group["value"].isin(allowed),
            "value",
            "unknown_code",
            f"For the field {name} allowed is {allowed_in(column)}.",
            "Correct the value.",
        )


_SCREENED = {"screening": ("participant_id",), "participants": ("participant_id",)}
PEOPLE_RULES = (
    *(_known_code(table, "centre", "centres") for table in _CENTRE_TABLES),
    *(_known_code(table, "arm", "arms") for table in _ARM_TABLES),
    *(_known_participant(table) for table in _PARTICIPANT_TABLES),
    Rule(
        {"participants": ("included_on",)},
        "Everyone was included inside the inclusion period of study.yml.",
        _included_inside_window,
        settings=("dates",),
    ),
    Rule(
        {"participants": ("arm",)},
        "Every arm of study.yml has participants, once a table has rows.",
        _arms_have_people,
        settings=("arms",),
        whole=("participants",),
    ),
    Rule(
        {"participants": ("included_on", "observed_until")},
        "Nobody's observation ends before inclusion.",
        _observed_after_inclusion,
    ),
    Rule(
        {"participants": ("observed_until",)},
        "Nobody's observation ends after the end of the registers.",
        _observed_in_registers,
        settings=("dates",),
    ),
    Rule(
        {"participants": ("included_on", "birth_date")},
        f"Everyone was {YOUNGEST} to {OLDEST} years old at inclusion.",
        _plausible_age,
    ),
    Rule(
        {"screening": ("outcome", "participant_id")},
        "Screening names a participant for each included person, and for nobody else.",
        _screening_outcome,
    ),
    Rule({"screening": ("participant_id",)}, "Screening names each participant once.", _screened_once),
    Rule(
        {"screening": ("outcome", "arm")},
        "In a study with arms, screening gives the arm of each randomised person, and of nobody else.",
        _screening_arm,
        settings=("arms",),
    ),
    Rule(
        _SCREENED,
        "Every participant named in screening is in participants.",
        _screened_are_participants,
        whole=("participants",),
    ),
    Rule(_SCREENED, "Every participant is in screening.", _participants_are_screened, whole=("screening",)),
    *(_screening_agrees(column) for column in ("centre", "arm")),
    Rule(
        {"screening": ("participant_id", "referred_on"), "participants": ("participant_id", "included_on")},
        "Nobody is referred later than included.",
        _referred_first,
    ),
    Rule(
        {"extract_differences": ("field",)},
        "An extract differs only in fields that exist.",
        _extract_fields,
        settings=("columns",),
    ),
    Rule({"extract_differences": ("field", "value")}, "In an extract, included can only become false.", _only_left_out),
    Rule(
        {"extract_differences": ("field", "value")},
        "A differing value is one that its column allows.",
        _extract_values,
        settings=("columns",),
    ),
)

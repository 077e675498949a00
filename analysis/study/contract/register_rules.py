"""Rules about spells, forms of hours worked, income and contacts."""

from collections.abc import Iterator

import pandas as pd

from analysis.study.contract.faults import Rule, Tables, faults, looked_up
from analysis.study.contract.register_tables import GRADED_BENEFITS
from analysis.study.problems import Problem
from analysis.study.settings import Study

_SPELLS = ("benefit_spells", "job_spells", "measures")
_DAYS = ("from_date", "to_date")
FORM_DAYS = 14


def _ends_after_start(table: str) -> Rule:
    def check(tables: Tables, study: Study) -> Iterator[Problem]:
        spells = tables[table]
        yield from faults(
            table,
            spells["to_date"] < spells["from_date"],
            "to_date",
            "negative_spell",
            "The spell ends before it starts.",
            "Correct one of the two days.",
        )

    return Rule({table: _DAYS}, "A spell ends on or after the day it starts.", check)


def _inside_register(table: str) -> Rule:
    def check(tables: Tables, study: Study) -> Iterator[Problem]:
        if study.dates is None:
            return
        spells = tables[table]
        start, end = study.dates.register_start, study.dates.register_end
        cause = f"The spell has no day inside the register window, {start} to {end}, or ends after it."
        late = (spells["from_date"] > pd.Timestamp(end)) | (spells["to_date"] > pd.Timestamp(end))
        early = (spells["to_date"] < pd.Timestamp(start)) & ~(spells["to_date"] < spells["from_date"])
        yield from faults(
            table,
            late | early,
            "to_date",
            "outside_register",
            cause,
            "Correct the days, leave to_date empty if still running, or mend the window in study.yml.",
        )

    statement = "A spell touches the register window and does not end after it; it may start before."
    return Rule({table: _DAYS}, statement, check, settings=("dates",))


def _no_overlap(table: str, by: str) -> Rule:
    keys = ["participant_id", by]

    def check(tables: Tables, study: Study) -> Iterator[Problem]:
        spells = tables[table].dropna(subset=[*keys, "from_date"]).sort_values([*keys, "from_date"])
        ends = spells["to_date"].fillna(pd.Timestamp.max.floor("D").as_unit("ns"))
        latest = ends.groupby([spells[key] for key in keys]).cummax()
        before = latest.groupby([spells[key] for key in keys]).shift()
        yield from faults(
            table,
            spells["from_date"] <= before,
            "from_date",
            "overlapping_spell",
            f"The spell overlaps an earlier spell of the same participant and {by}.",
            "Merge the spells or correct the days; to_date is the last day, included.",
        )

    statement = "Spells of one participant and benefit, and of one participant and employer, do not overlap."
    return Rule({table: (*keys, *_DAYS)}, statement, check)


def _degree_where_graded(tables: Tables, study: Study) -> Iterator[Problem]:
    spells = tables["benefit_spells"]
    graded = spells["benefit"].isin(GRADED_BENEFITS)
    yield from faults(
        "benefit_spells",
        spells["benefit"].notna() & (graded != spells["degree"].notna()),
        "degree",
        "degree_mismatch",
        f"A degree is given exactly for {', '.join(GRADED_BENEFITS)}.",
        "Fill in or empty the degree, or correct the benefit.",
    )


def _forms_under_aap(tables: Tables, study: Study) -> Iterator[Problem]:
    forms = tables["aap_hours"].rename_axis("line").reset_index()
    spells = tables["benefit_spells"]
    pairs = forms.merge(spells[spells["benefit"].eq("aap").fillna(False)], on="participant_id")
    last_day = pairs["period_start"] + pd.Timedelta(days=FORM_DAYS - 1)
    touches = (pairs["from_date"] <= last_day) & (pairs["to_date"].isna() | (pairs["to_date"] >= pairs["period_start"]))
    outside = ~forms["line"].isin(pairs.loc[touches, "line"])
    yield from faults(
        "aap_hours",
        outside.set_axis(forms["line"]),
        "period_start",
        "hours_without_aap",
        "The 14 days have no day on AAP in benefit_spells.csv.",
        "Add the AAP spell, correct the day or remove the form.",
    )


def _forms_start_on_monday(tables: Tables, study: Study) -> Iterator[Problem]:
    days = tables["aap_hours"]["period_start"]
    yield from faults(
        "aap_hours",
        days.notna() & (days.dt.day_of_week != 0),
        "period_start",
        "not_a_monday",
        "The 14 days do not start on a Monday.",
        "Give the Monday on which the form starts.",
    )


def _contacts_in_treatment(tables: Tables, study: Study) -> Iterator[Problem]:
    contacts, people = tables["contacts"], tables["participants"]
    arm = looked_up(contacts, "participant_id", people, "arm")
    included_on = looked_up(contacts, "participant_id", people, "included_on")
    yield from faults(
        "contacts",
        arm.isin([other.code for other in study.arms if other.role == "control"]),
        "participant_id",
        "contact_outside_treatment",
        "The participant is in the control arm.",
        "Correct the participant or the arm.",
    )
    yield from faults(
        "contacts",
        contacts["contact_on"] < included_on,
        "contact_on",
        "dates_in_wrong_order",
        "The contact is dated before the participant's inclusion.",
        "Correct one of the two days.",
    )


REGISTER_RULES = (
    *(_ends_after_start(table) for table in _SPELLS),
    *(_inside_register(table) for table in _SPELLS),
    _no_overlap("benefit_spells", "benefit"),
    _no_overlap("job_spells", "employer_id"),
    Rule(
        {"benefit_spells": ("benefit", "degree")},
        f"A degree is given for {', '.join(GRADED_BENEFITS)} and for no other benefit.",
        _degree_where_graded,
    ),
    Rule(
        {
            "aap_hours": ("participant_id", "period_start"),
            "benefit_spells": ("participant_id", "benefit", *_DAYS),
        },
        "Hours are reported only for 14 days with at least one day on AAP.",
        _forms_under_aap,
        whole=("benefit_spells",),
    ),
    Rule({"aap_hours": ("period_start",)}, "Forms of hours worked start on a Monday.", _forms_start_on_monday),
    Rule(
        {"contacts": ("participant_id", "contact_on"), "participants": ("participant_id", "arm", "included_on")},
        "Contacts belong to the treatment arm and happen on or after the day of inclusion.",
        _contacts_in_treatment,
        settings=("arms",),
    ),
)

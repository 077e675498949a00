"""Which person is missing or classified otherwise in which of the report's extracts, written out as data."""

import pandas as pd

REGRESSION_TABLES = ("table_08", "table_09", "table_A2")


def without_registers(people: pd.DataFrame) -> pd.Series:
    """People whom table 8 and the regressions lack: the two controls without a country of birth, and one of SFJ.

    The one of SFJ, whom table 7 lacks too, had neither job nor benefit: the earliest included such person.
    """
    unknown = people["country_of_birth"] == "missing"
    candidates = people.loc[(people["arm"] == "sfj") & (people["status_at_inclusion"] == "no_job_no_benefit")]
    return unknown | people.index.isin([candidates["included_on"].idxmin()])


def extract_differences(people: pd.DataFrame, status_12: pd.Series, assumed: dict) -> pd.DataFrame:
    """`extract_differences`: one row per person, extract and field that differ from the master data."""
    lacking = ~people["in_registers"]
    ids = people["participant_id"]
    rows = [(name, person, "included", "false") for name in REGRESSION_TABLES for person in ids[lacking]]
    treated = people["arm"] == "sfj"
    rows.append(("table_02", ids[treated & (people["sex"] == "woman")].iloc[0], "sex", "man"))
    moved = treated & (people["age_group"] == assumed["age_group_of_moved_person"])
    # The cells of table 2 that were redone after this person was put in the right arm are those of Norway, cohabiting
    # and poor health: the person's own answers.
    for question, answer in (
        ("country_of_birth", "norway"),
        ("marital_status", "cohabiting"),
        ("self_rated_health", "poor"),
    ):
        moved &= people[question] == answer
    rows.append(("table_02_age", ids[moved].iloc[0], "arm", "control"))
    rows += _table_07(people, status_12, lacking, assumed)
    return pd.DataFrame(rows, columns=["extract", "participant_id", "field", "value"])


def _table_07(people: pd.DataFrame, status_12: pd.Series, lacking: pd.Series, assumed: dict) -> list[tuple]:
    """Table 7: six people in graded sickness instead of on AAP; one of SFJ missing, a second one at 12 months."""
    ids, treated = people["participant_id"], people["arm"] == "sfj"
    rows = [("table_07", person, "included", "false") for person in ids[lacking & treated]]
    both = people["status_at_inclusion"] == "aap_and_job"
    rows += [("table_07", person, "status_m00", "sick_listed_graded") for person in ids[both]]
    for arm, known in assumed["table_07_month_12"].items():
        others = (people["arm"] == arm) & (status_12 == known["is_really"]) & ~lacking & ~both
        for person in ids[others].iloc[: known["in_work_elsewhere"]]:
            rows.append(("table_07", person, "status_m12", "job_no_benefits"))
    unseen = ids[treated & (status_12 == "aap") & (people["status_at_inclusion"] == "aap")].iloc[-1]
    return [*rows, ("table_07", unseen, "status_m12", None)]

"""The pilots, informants and themes as tables of the study contract."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

GROUPS = {"project_staff": "S", "nav": "N", "health_services": "H", "enterprises": "E", "participants": "P"}


def centres(assumed: dict) -> pd.DataFrame:
    """One row per pilot: positions and whether it shares premises with NAV's advisory office."""
    return pd.DataFrame([{"centre": code, **values} for code, values in assumed["centres"].items()])


def interviews(assumed: dict, rng: np.random.Generator) -> pd.DataFrame:
    """One row per informant of an interview; people of a group interview share its number and day.

    Staff who are seen in both rounds are the same people. Age and tie to work are known of participants only.
    """
    people = _people(assumed, rng)
    table = people.merge(_held(assumed, rng), on=["centre", "interview_type", "group_place"], sort=False)
    table["interview_id"] = table["interview_type"].map(GROUPS) + table["number"].map("{:02d}".format)
    columns = [
        "interview_id", "interview_type", "centre", "conducted_on", "mode", "informant_id", "informant_role", "sex",
        "age", "work_status_at_interview",
    ]  # fmt: skip
    order = pd.Categorical(table["interview_type"], list(GROUPS), ordered=True)
    table = table.assign(order=order).sort_values(["order", "number", "informant_id"])
    return table[columns].astype({"age": "Int64"}).reset_index(drop=True)


def _held(assumed: dict, rng: np.random.Generator) -> pd.DataFrame:
    """One row per interview: its number in its group, day, mode, and which people take part (group_place)."""
    rows = []
    for centre, groups in assumed["interviews"].items():
        for group, how in groups.items():
            for place in range(how["draws"]):
                for part in how["rounds"]:
                    day = rng.choice(pd.bdate_range(*assumed["rounds"][part]))
                    rows.append((centre, group, place, pd.Timestamp(day), how["mode"]))
    held = pd.DataFrame(rows, columns=["centre", "interview_type", "group_place", "conducted_on", "mode"])
    return held.assign(number=held.groupby("interview_type").cumcount() + 1)


def _people(assumed: dict, rng: np.random.Generator) -> pd.DataFrame:
    """One row per informant: pilot, group, which of the group's interviews, role, sex; age and work of participants."""
    rows = []
    for centre, groups in assumed["interviews"].items():
        for group, how in groups.items():
            women = assumed["women"]["participants" if group == "participants" else "others"]
            roles = [role for role, count in how["people"].items() for _ in range(count)]
            for place in range(how["draws"]):
                rows += [(centre, group, place, role, "woman" if rng.random() < women else "man") for role in roles]
    table = pd.DataFrame(rows, columns=["centre", "interview_type", "group_place", "informant_role", "sex"])
    for centre, known in assumed["participants"].items():
        theirs = table.index[(table["centre"] == centre) & (table["interview_type"] == "participants")]
        table.loc[theirs, "age"] = np.clip(rng.normal(*known["age"], len(theirs)), 19, 62).astype(int)
        status = [code for code, count in known["work_status"].items() for _ in range(count)]
        table.loc[theirs, "work_status_at_interview"] = rng.permutation(status)
    return table.assign(informant_id=[f"I{number:03d}" for number in range(1, len(table) + 1)])


def interview_themes(informants: pd.DataFrame, assumed: dict, rng: np.random.Generator) -> pd.DataFrame:
    """One row per interview, theme and aspect: so many interviews of each group as its share says, drawn at random."""
    held = informants.drop_duplicates("interview_id")
    rows = []
    for theme, aspect, centre, group, share in _shares(assumed):
        own = held.loc[(held["centre"] == centre) & (held["interview_type"] == group), "interview_id"]
        raised = rng.choice(own, round(share * len(own)), replace=False)
        rows += [{"interview_id": number, "theme": theme, "aspect": aspect} for number in raised]
    order = pd.Categorical([row["interview_id"] for row in rows], list(held["interview_id"]), ordered=True)
    table = pd.DataFrame(rows).assign(order=order).sort_values(["order", "theme", "aspect"])
    return table.drop(columns="order").reset_index(drop=True)


def _shares(assumed: dict) -> Iterator[tuple[str, str, str, str, float]]:
    for theme, aspects in assumed["themes"].items():
        for aspect, by_centre in aspects.items():
            for centre in assumed["interviews"]:
                yield from ((theme, aspect, centre, *each) for each in by_centre.get(centre, {}).items())

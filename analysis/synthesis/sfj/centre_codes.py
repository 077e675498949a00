"""Letters in place of the six centres: the report names them where it counts participants, and nowhere else.

What is invented about a centre must not be read as a fact about a real place. So the tables have codes that say
nothing, and rows, dates and numbers of reviews and interviews follow the letters.
"""

import pandas as pd

# Interviews of which each centre has its own.
OF_EVERY_CENTRE = ("focus_group", "team_leader", "county_coordinator")


def with_codes(tables: dict[str, pd.DataFrame], codes: dict[str, str]) -> dict[str, pd.DataFrame]:
    """The tables with the code of each centre (`codes`: place → code), in an order of their own."""
    coded = {
        name: frame.assign(centre=frame["centre"].map(codes, na_action="ignore")) if "centre" in frame else frame
        for name, frame in tables.items()
    }
    interviews, names = _interviews(coded["interviews"])
    themes = coded["interview_themes"].assign(interview_id=coded["interview_themes"]["interview_id"].map(names))
    places = {name: place for place, name in enumerate(interviews["interview_id"].unique())}
    themes = themes.sort_values("interview_id", key=lambda ids: ids.map(places), kind="stable", ignore_index=True)
    return coded | {
        "centres": coded["centres"].sort_values("centre", ignore_index=True),
        "fidelity": _reviews(coded["fidelity"]),
        "interviews": interviews,
        "interview_themes": themes,
    }


def _reviews(reviews: pd.DataFrame) -> pd.DataFrame:
    """Reviews by letter, on the same days in order."""
    days = dict(zip(sorted(set(reviews["centre"])), sorted(set(reviews["reviewed_on"])), strict=True))
    ordered = reviews.assign(place=reviews.index).sort_values(["centre", "place"], ignore_index=True)
    return ordered.assign(reviewed_on=ordered["centre"].map(days)).drop(columns="place")


def _interviews(informants: pd.DataFrame) -> tuple[pd.DataFrame, dict[str, str]]:
    """Informants with the interviews of each type numbered and held by letter, and old number → new number.

    Referrers and users keep their order: the report numbers their three counties without naming them.
    """
    held = informants.drop_duplicates("interview_id").set_index("interview_id")
    names, days = {name: name for name in held.index}, dict(held["conducted_on"])
    for _, own in held[held["interview_type"].isin(OF_EVERY_CENTRE)].groupby("interview_type", sort=False):
        ordered = own.assign(old=own.index).sort_values(["centre", "old"], na_position="last")
        names |= dict(zip(ordered.index, sorted(own.index), strict=True))
        days |= dict(zip(sorted(own.index), own.sort_index()["conducted_on"], strict=True))
    number = {name: place for place, name in enumerate(held.index)}
    moved = informants.assign(interview_id=informants["interview_id"].map(names))
    moved = moved.assign(conducted_on=moved["interview_id"].map(days), place=moved["interview_id"].map(number))
    moved = moved.sort_values("place", kind="stable", ignore_index=True).drop(columns="place")
    return moved.assign(informant_id=list(informants["informant_id"])), names

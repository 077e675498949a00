"""The users who were interviewed: who they are, what they expected, what they praised and wished."""

import pandas as pd

from analysis.frames.needs import needs
from analysis.frames.trial import Trial
from analysis.methods.coding import first_coding
from analysis.show.places import places
from analysis.show.prose import Label, Sentence, count, counted
from analysis.show.tables import Table, cells

ASPECTS = ("success_factor", "challenge", "experience", "wish")
EDUCATION = ("primary", "upper_secondary", "university_1_4_years", "university_over_4_years", "other")
HELPED = ("some", "extensive")


@needs("users_interviewed")
def users(trial: Trial) -> pd.DataFrame:
    """One row per user interviewed; who was interviewed more than once counts with the first interview."""
    interviews = trial.tables["interviews"]
    own = interviews[interviews["interview_type"].isin(trial.study.interviews.users)]
    return own.drop_duplicates("informant_id")


def _levels(trial: Trial) -> dict[str, tuple[str, ...]]:
    """Columns about the users with their codes, in the order of the settings."""
    lists = trial.study.interviews
    return {
        "expectation_group": tuple(lists.expectation_groups),
        "information_source": tuple(lists.information_sources),
        "education": EDUCATION,
    }


@needs("user_details")
def informants_table(trial: Trial) -> Table:
    """Expectations, sources of information and education of the users interviewed: number of each."""
    people, rows, order = users(trial), [], {}
    for column, levels in _levels(trial).items():
        present = [level for level in levels if (people[column] == level).any()]
        order[column] = [f"{column}_{level}" for level in present]
        rows += [(f"{column}_{level}", "total", "n", (people[column] == level).sum()) for level in present]
    return Table("informants", cells(rows), rows=order, names={"rows": "interview_details"})


@needs("users_interviewed", "interviews_by_centre")
def users_by_centre(trial: Trial) -> Table:
    """The users interviewed by centre: number, women, age, and their tie to work."""
    people, rows = users(trial), []
    centres = [centre for centre in trial.study.centre_codes if (people["centre"] == centre).any()]
    statuses = [
        status
        for status in trial.study.interviews.work_statuses
        if (people["work_status_at_interview"] == status).any()
    ]
    for place in (*centres, "total"):
        own = people if place == "total" else people[people["centre"] == place]
        rows.append(("users", place, "n", len(own)))
        rows.append(("women", place, "n", (own["sex"] == "woman").where(own["sex"].notna()).sum(min_count=1)))
        rows += [("age", place, "min", own["age"].min()), ("age", place, "max", own["age"].max())]
        rows += [(status, place, "n", (own["work_status_at_interview"] == status).sum()) for status in statuses]
    groups = {"people": ["users", "women", "age"], "work_status": statuses}
    names = {"rows": "interview_work_statuses"}
    columns = [*centres, "total"]
    return Table(
        "users_by_centre", cells(rows), rows=groups, columns=columns, decimals={"min": 0, "max": 0}, names=names
    )


@needs("users_interviewed", "table:interview_themes")
def user_themes_table(trial: Trial) -> Table | Sentence:
    """Themes of the user interviews by how they were spoken of: number of interviews that raised them."""
    raised = _user_themes(trial)
    if raised.empty:
        return Sentence("no_themes")
    rows = [(row["theme"], row["aspect"], "n", row["n"]) for row in raised.to_dict("records")]
    themes = list(raised.groupby("theme")["n"].sum().sort_values(ascending=False, kind="stable").index)
    columns = [aspect for aspect in ASPECTS if (raised["aspect"] == aspect).any()]
    return Table("user_themes", cells(rows), rows=themes, columns=columns, names={"rows": "interview_themes"})


def _user_themes(trial: Trial, interviews: set[str] | None = None) -> pd.DataFrame:
    """One row per theme and aspect of the users' interviews, all or some: n interviews."""
    themes = first_coding(trial.tables["interview_themes"])
    own = themes[themes["interview_id"].isin(_interviews(trial) if interviews is None else interviews)]
    return own.groupby(["theme", "aspect"], observed=True)["interview_id"].nunique().rename("n").reset_index()


def _interviews(trial: Trial, centre: str | None = None) -> set[str]:
    """The users' interviews, all or those about one centre."""
    held = trial.tables["interviews"]
    own = held[held["interview_type"].isin(trial.study.interviews.users)]
    return set(own.loc[own["centre"].eq(centre) if centre else slice(None), "interview_id"])


@needs("users_interviewed")
def informants(trial: Trial) -> Sentence:
    """Who was interviewed, in one sentence; what is not known of them is not said."""
    people = users(trial)
    ages, sexes = people["age"].dropna(), people["sex"].dropna()
    men = Sentence("informants_men", {"men": count((sexes == "man").sum())})
    span = Sentence("informants_ages", {"youngest": count(ages.min()), "oldest": count(ages.max())})
    facts = (*_in_work(trial, people), *_helped(people))
    return Sentence(
        "informants",
        {
            "users": counted(len(people), "users"),
            "men": men if len(sexes) == len(people) else "",
            "ages": span if len(ages) else "",
            "facts": Sentence("informants_facts", {"facts": facts}) if facts else "",
        },
    )


def _in_work(trial: Trial, people: pd.DataFrame) -> tuple[Sentence, ...]:
    """How many are in work: the first of the ties to work that the settings list."""
    status = people["work_status_at_interview"]
    if status.isna().all():
        return ()
    first = next(iter(trial.study.interviews.work_statuses))
    values = {"n": count((status == first).sum()), "status": Label("interview_work_statuses", first)}
    return (Sentence("informants_in_work", values),)


def _helped(people: pd.DataFrame) -> tuple[Sentence, ...]:
    helped = people["job_consultant_help"]
    return () if helped.isna().all() else (Sentence("informants_helped", {"n": count(helped.isin(HELPED).sum())}),)


@needs("known_of_users:expectation_group")
def expectations(trial: Trial) -> Sentence:
    """What the users knew beforehand: number in each group of the settings."""
    known = users(trial)["expectation_group"].value_counts()
    groups = {code: count(known.get(code, 0)) for code in trial.study.interviews.expectation_groups}
    listed = tuple(
        Sentence("with_expectation", {"n": count(known[code]), "group": Label("interview_expectation_groups", code)})
        for code in groups
        if code in known
    )
    return Sentence("expectations", {**groups, "groups": listed})


@needs("users_interviewed", "table:interview_themes")
def success_and_wishes(trial: Trial) -> Sentence:
    """The success factor that came up in most of the users' interviews, and how many had any wish for change."""
    return _success(trial, _interviews(trial))


@needs("users_interviewed", "table:interview_themes", "interviews_by_centre")
def success_by_centre(trial: Trial) -> list[Sentence]:
    """The same for each centre that users were interviewed about."""
    own = {centre: _interviews(trial, centre) for centre in trial.study.centre_codes}
    return [
        Sentence("at_centre", {"centre": Label("centres", centre), "said": _success(trial, interviews)})
        for centre, interviews in own.items()
        if interviews
    ]


def _success(trial: Trial, interviews: set[str]) -> Sentence:
    raised = _user_themes(trial, interviews)
    praised = raised[raised["aspect"] == "success_factor"].set_index("theme")["n"]
    if praised.empty:
        return Sentence("no_praise")
    themes = first_coding(trial.tables["interview_themes"])
    wished = themes[(themes["aspect"] == "wish") & themes["interview_id"].isin(interviews)]
    top, total = places(praised.to_dict())[0], len(interviews)
    named = tuple(Sentence("theme_name", {"theme": Label("interview_themes", theme)}) for theme in top.keys)
    wishes = count(wished["interview_id"].nunique())
    values = {"n": count(top.value), "interviews": counted(total, "interviews"), "wishes": wishes}
    if len(named) > 1:
        return Sentence("often_praised_together", {"theme": named, **values})
    return Sentence("success_and_wishes" if 2 * top.value > total else "often_praised", {"theme": named, **values})

"""The users who were interviewed: who they are, what they expected, what they praised and wished (report, 7.6–7.11)."""

import pandas as pd

from analysis.frames.trial import Trial
from analysis.show.prose import Label, Sentence, count
from analysis.show.tables import Table, cells

EXPECTATIONS = ("knew_method", "little_knowledge", "long_history")
SOURCES = ("nav", "nav_advisory_service", "physician", "employer_meeting", "union_meeting")
ASPECTS = ("success_factor", "challenge", "experience", "wish")
EDUCATION = ("primary", "upper_secondary", "university_1_4_years", "university_over_4_years", "other")


def users(trial: Trial) -> pd.DataFrame:
    """One row per user interviewed."""
    interviews = trial.tables["interviews"]
    return interviews[interviews["interview_type"] == "user"]


def text_7_6(trial: Trial) -> Table:
    """Who the user informants are, as section 7.6 counts them."""
    people = users(trial)
    status = people["work_status_at_interview"]
    rows = [
        ("user_interviews", "total", "n", people["interview_id"].nunique()),
        ("user_informants", "total", "n", len(people)),
        ("user_informants", "men", "n", (people["sex"] == "man").sum()),
        ("user_informants_age", "min", "years", people["age"].min()),
        ("user_informants_age", "max", "years", people["age"].max()),
        ("user_informants_in_full_work", "total", "n", (status == "in_work").sum()),
        ("user_informants_on_aap_job_trial", "total", "n", (status == "aap_job_trial").sum()),
        ("user_informants_sick_listed", "total", "n", (status == "sick_listed").sum()),
    ]
    return Table("text_7.6", cells(rows), columns=["total", "men", "min", "max"], decimals={"years": 0})


def text_7_7(trial: Trial) -> Table:
    """How many user informants had help from a job consultant (section 7.7)."""
    helped = users(trial)["job_consultant_help"]
    rows = [
        ("user_informants", "total", "n", len(helped)),
        ("user_informants_received_job_consultant", "total", "n", helped.isin(["some", "extensive"]).sum()),
        ("user_informants_extensive_job_consultant", "total", "n", (helped == "extensive").sum()),
    ]
    return Table("text_7.7", cells(rows))


def informants_table(trial: Trial) -> Table:
    """Expectations, sources of information and education of the user informants: number of each."""
    people = users(trial)
    groups = {"expectation_group": EXPECTATIONS, "information_source": SOURCES, "education": EDUCATION}
    rows, order = [], {}
    for column, levels in groups.items():
        present = [level for level in levels if (people[column] == level).any()]
        order[column] = [f"{column}_{level}" for level in present]
        rows += [(f"{column}_{level}", "total", "n", (people[column] == level).sum()) for level in present]
    return Table("informants", cells(rows), rows=order)


def user_themes_table(trial: Trial) -> Table:
    """Themes of the user interviews by how they were spoken of: number of interviews that raised them."""
    raised = _user_themes(trial)
    rows = [(row["theme"], row["aspect"], "n", row["n"]) for row in raised.to_dict("records")]
    themes = list(raised.groupby("theme")["n"].sum().sort_values(ascending=False, kind="stable").index)
    return Table(
        "user_themes",
        cells(rows),
        rows=themes,
        columns=[aspect for aspect in ASPECTS if (raised["aspect"] == aspect).any()],
    )


def _user_themes(trial: Trial) -> pd.DataFrame:
    """One row per theme and aspect of the user interviews: n interviews."""
    themes = trial.tables["interview_themes"]
    own = themes[themes["interview_id"].isin(users(trial)["interview_id"])]
    return own.groupby(["theme", "aspect"], observed=True)["interview_id"].nunique().rename("n").reset_index()


def informants(trial: Trial) -> Sentence:
    """Who was interviewed, in one sentence."""
    people = users(trial)
    status = people["work_status_at_interview"]
    return Sentence(
        "informants",
        {
            "all": count(len(people)),
            "men": count((people["sex"] == "man").sum()),
            "youngest": count(people["age"].min()),
            "oldest": count(people["age"].max()),
            "in_work": count((status == "in_work").sum()),
            "helped": count(people["job_consultant_help"].isin(["some", "extensive"]).sum()),
        },
    )


def expectations(trial: Trial) -> Sentence:
    """How many informants knew the method, knew little, or came after a long history of other services."""
    groups = users(trial)["expectation_group"].value_counts()
    return Sentence("expectations", {name: count(groups.get(name, 0)) for name in EXPECTATIONS})


def success_and_wishes(trial: Trial) -> Sentence:
    """The success factor named by most informants and how many had any wish for change."""
    raised = _user_themes(trial)
    praised = raised[raised["aspect"] == "success_factor"].sort_values("n", ascending=False, kind="stable")
    if praised.empty:
        return Sentence("no_themes")
    themes = trial.tables["interview_themes"]
    wishes = themes[(themes["aspect"] == "wish") & themes["interview_id"].isin(users(trial)["interview_id"])]
    top = praised.iloc[0]
    return Sentence(
        "success_and_wishes",
        {
            "theme": Label("themes", str(top["theme"])),
            "n": count(top["n"]),
            "all": count(len(users(trial))),
            "wishes": count(wishes["interview_id"].nunique()),
        },
    )

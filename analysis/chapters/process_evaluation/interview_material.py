"""The interviews: who was interviewed, when and how, and the themes each group of informants raised (appendix A.3)."""

import math

import pandas as pd

from analysis.frames.trial import Trial
from analysis.show.prose import Label, Sentence, count
from analysis.show.tables import Table, cells

TYPES = ("focus_group", "team_leader", "county_coordinator", "referrer", "user")
ASPECTS = ("success_factor", "challenge", "experience", "wish")
_SECTION_6_ROWS = {
    "focus_groups": "focus_group",
    "team_leaders": "team_leader",
    "county_coordinators": "county_coordinator",
    "referrers": "referrer",
    "user_informants": "user",
}
# Appendix A.3 numbers the three counties of the referrers and names their workplaces.
_REFERRER_ROWS = {"ab_firm": "ab_firm", "nav": "nav_caseworker", "health": "health_service"}


def material_table(trial: Trial) -> Table:
    """Interviews and informants by kind of interview: number, women, mode, first and last year."""
    rows = []
    for kind in TYPES:
        own = _of_type(trial, kind)
        if own.empty:
            continue
        n = len(own)
        rows += [
            (kind, "interviews", "n", own["interview_id"].nunique(), n),
            (kind, "informants", "n", n, n),
            (kind, "women", "n", (own["sex"] == "woman").sum(), n),
            (kind, "by_telephone", "n", (own["mode"] == "telephone").sum(), n),
            (kind, "first_year", "year", own["conducted_on"].dt.year.min(), n),
            (kind, "last_year", "year", own["conducted_on"].dt.year.max(), n),
        ]
    return Table("interview_material", cells(rows))


def _of_type(trial: Trial, kind: str) -> pd.DataFrame:
    interviews = trial.tables["interviews"]
    return interviews[interviews["interview_type"] == kind]


def text_6(trial: Trial) -> Table:
    """Number of informants behind the quotation codes of section 6.2."""
    rows = [
        (row, "range_high", "n", _of_type(trial, kind)["interview_id"].nunique())
        for row, kind in _SECTION_6_ROWS.items()
    ]
    return Table("text_6", cells(rows))


def text_2_4(trial: Trial) -> Table:
    """Interviews as section 2.4 describes them."""
    groups, leaders = _of_type(trial, "focus_group"), _of_type(trial, "county_coordinator")
    with_coordinator = groups.loc[groups["informant_role"] == "county_coordinator", "interview_id"].nunique()
    rows = [
        ("focus_groups_with_job_consultants_present", "total", "n", _groups_with_job_consultants(trial)),
        ("focus_group_with_county_coordinator", "total", "n", with_coordinator),
        ("county_coordinators_interviewed_individually", "total", "n", len(leaders)),
        ("county_coordinators_face_to_face", "total", "n", (leaders["mode"] == "in_person").sum()),
        ("county_coordinators_by_phone", "total", "n", (leaders["mode"] == "telephone").sum()),
    ]
    return Table("text_2.4", cells(rows))


def text_2_3(trial: Trial) -> Table:
    """Size of the focus groups, number of referrers, and the years of the data collection (section 2.3)."""
    sizes = _of_type(trial, "focus_group").groupby("interview_id").size()
    days = trial.tables["interviews"]["conducted_on"]
    rows = [
        ("focus_group_informants_per_group", "range_low", "n", _extreme(sizes, min)),
        ("focus_group_informants_per_group", "range_high", "n", _extreme(sizes, max)),
        ("referrers_interviewed", "total", "n", len(_of_type(trial, "referrer"))),
        ("qualitative_data_collection_start", "note", "year", days.min().year if len(days) else math.nan),
        ("qualitative_data_collection_end", "note", "year", days.max().year if len(days) else math.nan),
        *_year_rows(trial, {"team_leader_follow_up_interviews": "team_leader", "user_interviews_when": "user"}),
    ]
    return Table("text_2.3", cells(rows), part="interviews", columns=["total", "range_low", "range_high", "note"])


def _extreme(values: pd.Series, which) -> float:
    return float(which(values)) if len(values) else math.nan


def _year_rows(trial: Trial, kinds: dict[str, str]) -> list[tuple]:
    """Year of each kind of interview; missing when they span several years."""
    rows = []
    for row, kind in kinds.items():
        years = _of_type(trial, kind)["conducted_on"].dt.year.unique()
        rows.append((row, "note", "year", float(years[0]) if len(years) == 1 else math.nan))
    return rows


def text_a_3(trial: Trial) -> Table:
    """Appendix A.3: job consultants in the focus groups, referrers by county and workplace, years of the interviews."""
    groups, referrers = _of_type(trial, "focus_group"), _of_type(trial, "referrer")
    consultants = groups[groups["informant_role"] == "job_consultant"].groupby("interview_id").size()
    years = referrers["conducted_on"].dt.year
    rows = [
        ("job_consultants_per_focus_group", "range_low", "n", _extreme(consultants, min)),
        ("job_consultants_per_focus_group", "range_high", "n", _extreme(consultants, max)),
        ("focus_groups_with_job_consultants", "total", "n", len(consultants)),
        ("county_coordinators", "total", "n", len(_of_type(trial, "county_coordinator"))),
        ("user_informants", "total", "n", len(_of_type(trial, "user"))),
        *_referrer_rows(referrers),
        ("referrer_interviews_from", "note", "year", _extreme(years, min)),
        ("referrer_interviews_to", "note", "year", _extreme(years, max)),
        *_year_rows(
            trial,
            {
                "focus_groups_when": "focus_group",
                "team_leader_interviews_when": "team_leader",
                "coordinator_interviews_when": "county_coordinator",
                "user_interviews_when": "user",
            },
        ),
    ]
    return Table("text_A.3", cells(rows), columns=["total", "range_low", "range_high", "note"])


def _referrer_rows(referrers: pd.DataFrame) -> list[tuple]:
    """Referrers by county, numbered in the order of the table, and workplace; only combinations that occur."""
    counties = list(pd.unique(referrers["centre"].astype(str)))
    counts = referrers.groupby(["centre", "informant_role"], observed=True).size()
    return [
        (f"referrers_F{number}_{row}", "total", "n", counts[county, role])
        for number, county in enumerate(counties, start=1)
        for row, role in _REFERRER_ROWS.items()
        if counts.get((county, role), 0)
    ]


def _groups_with_job_consultants(trial: Trial) -> int:
    groups = _of_type(trial, "focus_group")
    return groups.loc[groups["informant_role"] == "job_consultant", "interview_id"].nunique()


def text_6_7(trial: Trial) -> Table:
    """Focus groups that job consultants took part in (section 6.7)."""
    rows = [("focus_groups_with_job_consultants", "total", "n", _groups_with_job_consultants(trial))]
    return Table("text_6.7", cells(rows))


def themes_table(trial: Trial) -> Table:
    """Number of interviews of each kind in which a theme came up, grouped by how it was mostly spoken of."""
    themes = _themes_with_type(trial)
    kinds = [kind for kind in TYPES if len(_of_type(trial, kind))]
    rows = [("interviews", kind, "n", _of_type(trial, kind)["interview_id"].nunique()) for kind in kinds]
    rows.append(("interviews", "total", "n", trial.tables["interviews"]["interview_id"].nunique()))
    for theme, part in themes.groupby("theme"):
        raised = part.groupby("interview_type", observed=True)["interview_id"].nunique()
        rows += [(theme, kind, "n", raised.get(kind, 0)) for kind in kinds]
        rows.append((theme, "total", "n", part["interview_id"].nunique()))
    groups = {"interviews": ["interviews"]} | _themes_by_aspect(themes)
    return Table("themes", cells(rows), rows=groups, columns=[*kinds, "total"])


def _themes_with_type(trial: Trial) -> pd.DataFrame:
    types = trial.tables["interviews"][["interview_id", "interview_type"]].drop_duplicates()
    return trial.tables["interview_themes"].merge(types, on="interview_id", validate="m:1")


def _themes_by_aspect(themes: pd.DataFrame) -> dict[str, list[str]]:
    """Themes under the aspect they were raised with most often, the commonest first."""
    counts = themes.groupby(["theme", "aspect"], observed=True)["interview_id"].nunique().rename("n").reset_index()
    main = counts.sort_values(["n", "theme"], ascending=[False, True]).drop_duplicates("theme")
    return {
        aspect: list(main.loc[main["aspect"] == aspect, "theme"])
        for aspect in ASPECTS
        if (main["aspect"] == aspect).any()
    }


def material(trial: Trial) -> Sentence:
    """How many interviews and informants there are."""
    interviews = trial.tables["interviews"]
    return Sentence(
        "material",
        {
            "interviews": count(interviews["interview_id"].nunique()),
            "informants": count(len(interviews)),
            "groups": count(_of_type(trial, "focus_group")["interview_id"].nunique()),
            "with_consultants": count(_groups_with_job_consultants(trial)),
        },
    )


def commonest_themes(trial: Trial) -> Sentence:
    """The commonest challenge and the commonest success factor, with the number of interviews that raised them."""
    if not {"challenge", "success_factor"} <= set(trial.tables["interview_themes"]["aspect"]):
        return Sentence("no_themes")
    themes, values = _themes_with_type(trial), {}
    for aspect in ("challenge", "success_factor"):
        own = themes[themes["aspect"] == aspect].groupby("theme")["interview_id"].nunique()
        top = own.sort_values(ascending=False, kind="stable")
        values |= {aspect: Label("themes", str(top.index[0])), f"{aspect}_n": count(top.iloc[0])}
    return Sentence(
        "commonest_themes", {**values, "interviews": count(trial.tables["interviews"]["interview_id"].nunique())}
    )

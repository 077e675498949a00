"""Numbers of the report's running text on organisation, dose, fidelity and interviews: sections 2.3, 2.4, 6 and A.3."""

import math

import pandas as pd

from analysis.chapters.process_evaluation.dose import centre_dose, dose_by_person, share_helped
from analysis.chapters.process_evaluation.interview_material import of_type
from analysis.chapters.process_evaluation.model_fidelity import (
    bands_of,
    integration_levels,
    newly_good,
    scores_by_centre,
)
from analysis.frames.instruments import read_parameters
from analysis.frames.needs import needs
from analysis.frames.trial import Trial
from analysis.published.keys import centres_in_print
from analysis.published.registry import published
from analysis.show.tables import Table, cells

CHAPTER = "process_evaluation"
_WHOLE_POSITIONS = {  # the report's own grouping of the centres
    "whole_positions_oestfold_strondelag_troms": ("oestfold", "soer_troendelag", "troms"),
    "whole_positions_oslo_akershus_hordaland": ("oslo", "akershus", "hordaland"),
}
_SECTION_6_ROWS = {
    "focus_groups": "focus_group",
    "team_leaders": "team_leader",
    "county_coordinators": "county_coordinator",
    "referrers": "referrer",
    "user_informants": "user",
}
# Appendix A.3 numbers the three counties of the referrers and names their workplaces.
_REFERRER_ROWS = {"ab_firm": "ab_firm", "nav": "nav_caseworker", "health": "health_service"}


@published("text_6", CHAPTER)
@needs("table:interviews")
def text_6(trial: Trial) -> Table:
    """Number of informants behind the quotation codes of section 6.2."""
    rows = [
        (row, "range_high", "n", of_type(trial, kind)["interview_id"].nunique())
        for row, kind in _SECTION_6_ROWS.items()
    ]
    return Table("text_6", cells(rows))


@published("text_6.5", CHAPTER)
@needs("table:contacts", "participants", "arms", "table:centres")
def text_6_5(trial: Trial) -> Table:
    """The numbers of section 6.5: positions, hours of guidance, use of job consultants."""
    people, by_centre = dose_by_person(trial), centre_dose(trial)
    guided = people.loc[people["guidance_hours"] > 0, "guidance_hours"]
    helped = people.loc[people["job_consultant_hours"] > 0, "job_consultant_hours"]
    rows = [
        *_position_rows(trial),
        ("guidance_hours", "mean", "hours", guided.mean()),
        ("guidance_hours", "min", "hours", guided.min()),
        ("guidance_hours", "max", "hours", guided.max()),
        ("received_job_consultant", trial.study.treatment, "pct", share_helped(people)),
        ("job_consultant_hours_among_users", "mean", "hours", helped.mean()),
        *_range_rows("guidance_hours_centre_mean", by_centre["guidance_hours"], "hours"),
        *_range_rows("received_job_consultant_by_centre", by_centre["received_job_consultant"], "pct"),
        *_range_rows("job_consultant_hours_by_centre", by_centre["job_consultant_hours"], "hours"),
    ]
    columns = ["total", "each", trial.study.treatment, "mean", "min", "max", "range_low", "range_high"]
    return Table("text_6.5", cells(rows), columns=columns, decimals={"hours": 1, ("positions_total", "n"): 1})


def _range_rows(row: str, values: pd.Series, statistic: str) -> list[tuple]:
    return [(row, "range_low", statistic, values.min()), (row, "range_high", statistic, values.max())]


def _position_rows(trial: Trial) -> list[tuple]:
    named = centres_in_print(trial, CHAPTER, "centres")
    centres = trial.tables["centres"].set_index("centre").rename(index=named)
    positions = centres["positions"].astype(float)
    whole = positions // 1
    rows = [
        ("positions_total", "total", "n", positions.sum(min_count=1)),
        *_range_rows("adviser_positions_per_centre", whole, "n"),
        *_range_rows("job_consultant_positions_per_team", centres["job_consultant_positions"].astype(float), "n"),
    ]
    for row, members in _WHOLE_POSITIONS.items():
        own = whole.reindex(list(members)).dropna().unique()
        rows.append((row, "each", "n", float(own[0]) if len(own) == 1 else math.nan))
    extra = 100 * float((positions - whole).get("hordaland", math.nan))
    return [*rows, ("extra_position_hordaland", "total", "pct", extra)]


@published("text_6.7", CHAPTER)
@needs("table:interviews")
def text_6_7(trial: Trial) -> Table:
    """Focus groups that job consultants took part in (section 6.7)."""
    return Table("text_6.7", cells([("focus_groups_with_job_consultants", "total", "n", _groups_with(trial))]))


def _groups_with(trial: Trial, role: str = "job_consultant") -> int:
    groups = of_type(trial, "focus_group")
    return groups.loc[groups["informant_role"] == role, "interview_id"].nunique()


@published("text_6.10", CHAPTER)
@needs("reviewed_centres:2")
def text_6_10(trial: Trial) -> Table:
    """The numbers of section 6.10: the scale, its bands, the centres' range, integration, the sensitivity analysis."""
    scores, levels = scores_by_centre(trial), integration_levels(trial)
    rows = [
        *_scale_rows(trial),
        *_extremes("ips_fidelity_six_centres", scores["total"]),
        ("ips_criteria_less_suitable", "total", "n", len(read_parameters("ips25")["less_suitable_items"].value)),
        ("centres_reaching_good_after_adjustment", "total", "n", newly_good(scores)),
    ]
    for level in ("high", "low"):
        own = levels.loc[levels["level"] == level, "score"]
        rows += [
            *_extremes(f"integration_criterion_{level}_centres", own),
            (f"centres_{level}_on_integration_criterion", "total", "n", len(own)),
        ]
    return Table("text_6.10", cells(rows), columns=["scale", "total", "min", "max"], decimals={"score": 0})


def _scale_rows(trial: Trial) -> list[tuple]:
    bands, items = bands_of(trial), trial.tables["fidelity"]["item"].nunique()
    lowest, highest = read_parameters("ips25")["item_range"].value
    tops = {
        "not_ips": bands["fair"] - 1,
        "fair": bands["good"] - 1,
        "good": bands["exemplary"] - 1,
        "exemplary": items * highest,
    }
    return [
        ("ips_fidelity_items", "scale", "n", items),
        ("ips_fidelity_item_score", "min", "score", lowest),
        ("ips_fidelity_item_score", "max", "score", highest),
        *((f"ips_fidelity_{band}", "max", "score", top) for band, top in tops.items()),
        *((f"ips_fidelity_{band}", "min", "score", bands[band]) for band in ("fair", "good", "exemplary")),
    ]


def _extremes(row: str, values: pd.Series) -> list[tuple]:
    return [(row, "min", "score", values.min()), (row, "max", "score", values.max())]


@published("text_2.3", CHAPTER)
@needs("table:interviews")
def text_2_3(trial: Trial) -> Table:
    """Size of the focus groups, number of referrers, and the years of the data collection (section 2.3)."""
    sizes = of_type(trial, "focus_group").groupby("interview_id").size()
    days = trial.tables["interviews"]["conducted_on"]
    rows = [
        ("focus_group_informants_per_group", "range_low", "n", sizes.min()),
        ("focus_group_informants_per_group", "range_high", "n", sizes.max()),
        ("referrers_interviewed", "total", "n", len(of_type(trial, "referrer"))),
        ("qualitative_data_collection_start", "note", "year", days.min().year),
        ("qualitative_data_collection_end", "note", "year", days.max().year),
        *_year_rows(trial, {"team_leader_follow_up_interviews": "team_leader", "user_interviews_when": "user"}),
    ]
    return Table("text_2.3", cells(rows), part="interviews", columns=["total", "range_low", "range_high", "note"])


def _year_rows(trial: Trial, kinds: dict[str, str]) -> list[tuple]:
    """Year of each kind of interview; missing when they span several years."""
    rows = []
    for row, kind in kinds.items():
        years = of_type(trial, kind)["conducted_on"].dt.year.unique()
        rows.append((row, "note", "year", float(years[0]) if len(years) == 1 else math.nan))
    return rows


@published("text_2.4", CHAPTER)
@needs("table:interviews")
def text_2_4(trial: Trial) -> Table:
    """Interviews as section 2.4 describes them."""
    leaders = of_type(trial, "county_coordinator")
    rows = [
        ("focus_groups_with_job_consultants_present", "total", "n", _groups_with(trial)),
        ("focus_group_with_county_coordinator", "total", "n", _groups_with(trial, "county_coordinator")),
        ("county_coordinators_interviewed_individually", "total", "n", len(leaders)),
        ("county_coordinators_face_to_face", "total", "n", (leaders["mode"] == "in_person").sum()),
        ("county_coordinators_by_phone", "total", "n", (leaders["mode"] == "telephone").sum()),
    ]
    return Table("text_2.4", cells(rows))


@published("text_A.3", CHAPTER)
@needs("table:interviews")
def text_a_3(trial: Trial) -> Table:
    """Appendix A.3: job consultants in the focus groups, referrers by county and workplace, years of the interviews."""
    groups, referrers = of_type(trial, "focus_group"), of_type(trial, "referrer")
    consultants = groups[groups["informant_role"] == "job_consultant"].groupby("interview_id").size()
    years = referrers["conducted_on"].dt.year
    rows = [
        ("job_consultants_per_focus_group", "range_low", "n", consultants.min()),
        ("job_consultants_per_focus_group", "range_high", "n", consultants.max()),
        ("focus_groups_with_job_consultants", "total", "n", len(consultants)),
        ("county_coordinators", "total", "n", len(of_type(trial, "county_coordinator"))),
        ("user_informants", "total", "n", len(of_type(trial, "user"))),
        *_referrer_rows(referrers),
        ("referrer_interviews_from", "note", "year", years.min()),
        ("referrer_interviews_to", "note", "year", years.max()),
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

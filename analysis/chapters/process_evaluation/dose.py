"""Organisation of the centres and the dose of guidance their participants got (report, section 6.5)."""

import math
from functools import lru_cache

import pandas as pd

from analysis.frames.trial import Trial
from analysis.methods.proportions import proportion_interval
from analysis.show.prose import Label, Sentence, count, decimal, percent
from analysis.show.tables import Table, cells

_WHOLE_POSITIONS = {  # the report's own grouping of the centres
    "whole_positions_oestfold_strondelag_troms": ("oestfold", "soer_troendelag", "troms"),
    "whole_positions_oslo_akershus_hordaland": ("oslo", "akershus", "hordaland"),
}


@lru_cache(maxsize=4)
def dose_by_person(trial: Trial) -> pd.DataFrame:
    """One row per participant of the treatment arm: centre, guidance_hours, job_consultant_hours (0: no contact).

    Guidance is given by therapists. Without any logged contact in the study both are missing.
    """
    people = trial.tables["participants"]
    treated = people.loc[people["arm"] == trial.study.treatment, ["participant_id", "centre"]]
    contacts = trial.tables["contacts"]
    hours = contacts.pivot_table(index="participant_id", columns="role", values="hours", aggfunc="sum", observed=True)
    hours = hours.reindex(index=treated["participant_id"], columns=["therapist", "job_consultant"]).astype(float)
    if not contacts.empty:
        hours = hours.fillna(0.0)
    return treated.assign(
        guidance_hours=hours["therapist"].to_numpy(), job_consultant_hours=hours["job_consultant"].to_numpy()
    )


def organisation_table(trial: Trial) -> Table:
    """Staff and organisation of each centre, as the centres report them."""
    rows = []
    for centre in trial.tables["centres"].to_dict("records"):
        code = centre["centre"]
        rows += [
            (code, "positions", "value", _number(centre["positions"]), None),
            (code, "job_consultant_positions", "value", _number(centre["job_consultant_positions"]), None),
            *(
                (code, column, "value", *_yes_no(centre[column]))
                for column in ("co_located_with_advisory_office", "only_psychologists")
            ),
        ]
    frame = pd.DataFrame(rows, columns=["row", "column", "statistic", "value", "text"])
    return Table("organisation", frame, rows=list(trial.study.centre_codes))


def _number(value: object) -> float:
    return math.nan if pd.isna(value) else float(value)


def _yes_no(value: object) -> tuple[float, str]:
    return (math.nan, "unknown") if pd.isna(value) else (float(value), "yes" if value else "no")


def dose_table(trial: Trial) -> Table:
    """Hours of guidance and use of job consultants by centre and in all."""
    people = dose_by_person(trial)
    parts = [*((centre, people[people["centre"] == centre]) for centre in trial.study.centre_codes), ("total", people)]
    rows = [row for name, part in parts for row in _dose_rows(name, part)]
    return Table("dose", cells(rows), n=len(people), rows=[*trial.study.centre_codes, "total"])


def _dose_rows(name: str, part: pd.DataFrame) -> list[tuple]:
    guided, helped = (part.loc[part[column] > 0, column] for column in ("guidance_hours", "job_consultant_hours"))
    low, high = proportion_interval(len(helped), len(part))
    return [
        (name, "participants", "n", len(part), len(part)),
        (name, "guidance_hours", "mean", guided.mean(), len(guided)),
        (name, "guidance_hours", "sd", guided.std(), len(guided)),
        (name, "guidance_range", "min", guided.min(), len(guided)),
        (name, "guidance_range", "max", guided.max(), len(guided)),
        (name, "received_job_consultant", "pct", _share(helped, part), len(helped)),
        (name, "received_job_consultant", "ci_low", 100 * low, len(helped)),
        (name, "received_job_consultant", "ci_high", 100 * high, len(helped)),
        (name, "job_consultant_hours", "mean", helped.mean(), len(helped)),
    ]


def _share(helped: pd.Series, part: pd.DataFrame) -> float:
    if part.empty or part["job_consultant_hours"].isna().all():
        return math.nan
    return 100 * len(helped) / len(part)


def centre_dose(trial: Trial) -> pd.DataFrame:
    """One row per centre: mean guidance_hours, received_job_consultant (per cent), job_consultant_hours among users."""
    cells_of = dose_table(trial).cells
    means = cells_of[cells_of["statistic"].isin(["mean", "pct"]) & (cells_of["row"] != "total")]
    return means.pivot(index="row", columns="column", values="value").reindex(list(trial.study.centre_codes))


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
        ("received_job_consultant", trial.study.treatment, "pct", _share(helped, people)),
        ("job_consultant_hours_among_users", "mean", "hours", helped.mean()),
        *_range_rows("guidance_hours_centre_mean", by_centre["guidance_hours"], "hours"),
        *_range_rows("received_job_consultant_by_centre", by_centre["received_job_consultant"], "pct"),
        *_range_rows("job_consultant_hours_by_centre", by_centre["job_consultant_hours"], "hours"),
    ]
    columns = ["total", "each", trial.study.treatment, "mean", "min", "max", "range_low", "range_high"]
    return Table("text_6.5", cells(rows), columns=columns, decimals={"hours": 1, "pct": 0, ("positions_total", "n"): 1})


def _range_rows(row: str, values: pd.Series, statistic: str) -> list[tuple]:
    return [(row, "range_low", statistic, values.min()), (row, "range_high", statistic, values.max())]


def _position_rows(trial: Trial) -> list[tuple]:
    centres = trial.tables["centres"].set_index("centre")
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


def dose(trial: Trial) -> Sentence:
    """Hours of guidance: mean and range over participants, and over centres."""
    guided = dose_by_person(trial).query("guidance_hours > 0")["guidance_hours"]
    if guided.empty:
        return Sentence("no_contacts")
    by_centre = centre_dose(trial)["guidance_hours"]
    return Sentence(
        "dose",
        {
            "mean": decimal(guided.mean()),
            "least": decimal(guided.min()),
            "most": decimal(guided.max()),
            "low": decimal(by_centre.min()),
            "low_centre": Label("centres", str(by_centre.idxmin())),
            "high": decimal(by_centre.max()),
            "high_centre": Label("centres", str(by_centre.idxmax())),
        },
    )


def job_consultants(trial: Trial) -> Sentence:
    """Share that met a job consultant, hours among them, and how centres differ."""
    people, by_centre = dose_by_person(trial), centre_dose(trial)
    helped = people.loc[people["job_consultant_hours"] > 0, "job_consultant_hours"]
    if helped.empty:
        return Sentence("no_job_consultants")
    share = by_centre["received_job_consultant"]
    return Sentence(
        "job_consultants",
        {
            "share": percent(_share(helped, people), 0),
            "hours": decimal(helped.mean()),
            "low": percent(share.min(), 0),
            "low_centre": Label("centres", str(share.idxmin())),
            "high": percent(share.max(), 0),
            "high_centre": Label("centres", str(share.idxmax())),
            "few_hours": decimal(by_centre["job_consultant_hours"].min()),
            "many_hours": decimal(by_centre["job_consultant_hours"].max()),
        },
    )


def contacts_missing(trial: Trial) -> Sentence:
    """How many of the treatment arm have a logged contact."""
    people = dose_by_person(trial)
    logged = (people["guidance_hours"] + people["job_consultant_hours"] > 0).sum()
    return Sentence(
        "contacts_missing",
        {"logged": count(logged), "all": count(len(people)), "centres": count(len(trial.tables["centres"]))},
    )

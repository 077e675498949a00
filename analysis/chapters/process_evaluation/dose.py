"""Organisation of the centres and the dose of guidance their participants got."""

import math

import pandas as pd

from analysis.chapters._shown_from import level_of, shown_from
from analysis.frames.needs import needs
from analysis.frames.trial import Trial
from analysis.methods.estimates import estimate_frame
from analysis.methods.means import mean_estimate
from analysis.methods.proportions import independence_test, proportion_estimate
from analysis.show.places import is_level, places
from analysis.show.prose import Label, Sentence, count, counted, decimal, labels, p_value, percent
from analysis.show.tables import Table, cells

POSITIONS = ("positions", "job_consultant_positions")
DECIMALS = 1  # of hours and per cents in sentences: centres that print alike tie
WAYS = ("co_located_with_advisory_office", "only_psychologists")


@needs("table:contacts", "participants")
def dose_by_person(trial: Trial) -> pd.DataFrame:
    """One row per participant offered the programme: centre, guidance_hours, job_consultant_hours (0: no contact).

    Those of the treatment arm; everybody in a study without two arms. Guidance is given by therapists.
    """
    people = trial.tables["participants"]
    if trial.study.has_arms:
        people = people[people["arm"] == trial.study.treatment]
    contacts = trial.tables["contacts"]
    hours = contacts.pivot_table(index="participant_id", columns="role", values="hours", aggfunc="sum", observed=True)
    hours = hours.reindex(index=people["participant_id"], columns=["therapist", "job_consultant"]).astype(float)
    return people[["participant_id", "centre"]].assign(
        guidance_hours=hours["therapist"].fillna(0.0).to_numpy(),
        job_consultant_hours=hours["job_consultant"].fillna(0.0).to_numpy(),
    )


@needs("centre_facts")
def organisation_table(trial: Trial) -> Table:
    """Staff and organisation of each centre, as the centres report them; only what is known of any centre."""
    centres = trial.tables["centres"]
    known = [column for column in (*POSITIONS, *WAYS) if centres[column].notna().any()]
    rows = [
        (centre["centre"], column, "value", *_fact(column, centre[column]))
        for centre in centres.to_dict("records")
        for column in known
    ]
    frame = pd.DataFrame(rows, columns=["row", "column", "statistic", "value", "text"])
    return Table("organisation", frame, rows=list(trial.study.centre_codes))


def _fact(column: str, value: object) -> tuple[float, str | None]:
    if pd.isna(value):
        return math.nan, "unknown"
    return (float(value), None) if column in POSITIONS else (float(value), "yes" if value else "no")


@needs("table:contacts", "participants")
def doses(trial: Trial, conf_level: float = 0.95) -> pd.DataFrame:
    """Estimate frame, by centre (`population`) and in all: mean hours of guidance among those with any (t interval)
    and the share that met a job consultant (Wilson's)."""
    people, names = dose_by_person(trial), {"contrast": "total", "conf_level": conf_level}
    parts = {centre: people[people["centre"] == centre] for centre in trial.study.centre_codes} | {"total": people}
    found = []
    for name, part in parts.items():
        guided, helped = part.loc[part["guidance_hours"] > 0, "guidance_hours"], part["job_consultant_hours"] > 0
        if len(part):
            found += [mean_estimate(guided, outcome="guidance_hours", population=name, **names),
                      proportion_estimate(helped, outcome="received_job_consultant", population=name, **names)]
    return estimate_frame(found)


@needs("table:contacts", "participants")
@shown_from(found=doses)
def dose_table(trial: Trial, found: pd.DataFrame) -> Table:
    """Hours of guidance and use of job consultants by centre and in all, with intervals."""
    people, rows = dose_by_person(trial), []
    for name, own in found.groupby("population", sort=False):
        part = people if name == "total" else people[people["centre"] == name]
        rows += dose_cells(str(name), part, own.set_index("outcome"))
    order = [*trial.study.centre_codes, "total"]
    return Table("dose", cells(rows), n=len(people), rows=order, values={"whom": _whom(trial)},
                 conf_level=level_of(found))  # fmt: skip


def _whom(trial: Trial) -> Label:
    return Label("whom", "treated" if trial.study.has_arms else "everybody")


def dose_cells(name: str, part: pd.DataFrame, found: pd.DataFrame) -> list[tuple]:
    """Cells of one row, from its people and the estimates of `doses`."""
    guided, helped = (part.loc[part[column] > 0, column] for column in ("guidance_hours", "job_consultant_hours"))
    mean, share = found.loc["guidance_hours"], found.loc["received_job_consultant"]
    return [
        (name, "participants", "n", len(part), len(part)),
        (name, "guidance_hours", "mean", guided.mean(), len(guided)),
        (name, "guidance_hours", "ci_low", mean["conf_low"], len(guided)),
        (name, "guidance_hours", "ci_high", mean["conf_high"], len(guided)),
        (name, "guidance_hours", "sd", guided.std(), len(guided)),
        (name, "guidance_range", "min", guided.min(), len(guided)),
        (name, "guidance_range", "max", guided.max(), len(guided)),
        (name, "received_job_consultant", "pct", share_helped(part), len(helped)),
        (name, "received_job_consultant", "ci_low", 100 * share["conf_low"], len(helped)),
        (name, "received_job_consultant", "ci_high", 100 * share["conf_high"], len(helped)),
        (name, "job_consultant_hours", "mean", helped.mean(), len(helped)),
    ]


def share_helped(people: pd.DataFrame) -> float:
    """Per cent of the people of `dose_by_person` that met a job consultant."""
    return 100 * float((people["job_consultant_hours"] > 0).mean())


@needs("table:contacts", "participants")
def centre_dose(trial: Trial) -> pd.DataFrame:
    """One row per centre: mean guidance_hours, received_job_consultant (per cent), job_consultant_hours among users."""
    cells_of = dose_table(trial).cells
    means = cells_of[cells_of["statistic"].isin(["mean", "pct"]) & (cells_of["row"] != "total")]
    return means.pivot(index="row", columns="column", values="value").reindex(list(trial.study.centre_codes))


@needs("table:contacts", "participants")
def dose(trial: Trial) -> Sentence:
    """Hours of guidance: mean and range over participants, and over centres."""
    guided = dose_by_person(trial).query("guidance_hours > 0")["guidance_hours"]
    if guided.empty:
        return Sentence("no_guidance")
    values = {"mean": decimal(guided.mean()), "least": decimal(guided.min()), "most": decimal(guided.max())}
    by_centre = between_centres("dose_by_centre", centre_dose(trial)["guidance_hours"].dropna(), decimal)
    return Sentence("dose", values | {"by_centre": by_centre})


def between_centres(key: str, means: pd.Series, kind, **more: object) -> Sentence | str:
    """The lowest and the highest centre, all that tie; nothing when fewer than two have a number."""
    if len(means) < 2:
        return ""
    values = means.to_dict()
    if is_level(values, DECIMALS):
        return Sentence(f"{key}_level", {"value": kind(means.iloc[0])} | more)
    ends = {"low": places(values, lowest=True, decimals=DECIMALS)[0]}
    ends["high"] = places(values, decimals=DECIMALS)[0]
    centres = {f"{end}_centre": labels("centres", place.keys) for end, place in ends.items()}
    return Sentence(key, {end: kind(place.value) for end, place in ends.items()} | centres | more)


@needs("table:contacts", "participants")
def job_consultants(trial: Trial) -> Sentence:
    """Share that met a job consultant, hours among them, and how centres differ."""
    people, by_centre = dose_by_person(trial), centre_dose(trial)
    helped = people.loc[people["job_consultant_hours"] > 0, "job_consultant_hours"]
    if helped.empty:
        return Sentence("no_job_consultants")
    hours = by_centre["job_consultant_hours"]
    ends = {"few_hours": decimal(hours.min()), "many_hours": decimal(hours.max())}
    shares = by_centre["received_job_consultant"].dropna()
    values = {"whom": _whom(trial), "share": percent(share_helped(people)), "hours": decimal(helped.mean())}
    between = between_centres("job_consultants_by_centre", shares, percent, **ends)
    return Sentence("job_consultants", values | {"by_centre": between})


@needs("table:contacts", "participants")
def contacts_missing(trial: Trial) -> Sentence:
    """How many of those offered the programme have a logged contact."""
    people, described = dose_by_person(trial), len(trial.tables["centres"])
    logged = (people["guidance_hours"] + people["job_consultant_hours"] > 0).sum()
    centres = Sentence("centres_described", {"centres": counted(described, "centres")}) if described > 1 else ""
    return Sentence("contacts_missing", {"logged": count(logged), "all": count(len(people)), "described": centres})


# Groups by hours of guidance: nobody's, and thirds of those with any.
DOSES = ("none", "fewest", "middle", "most")


@needs("table:contacts", "participants", "several_statuses")
def people_by_dose(trial: Trial) -> pd.DataFrame:
    """The people of `dose_by_person` with their dose (see `DOSES`), and what was known of them at inclusion."""
    people = dose_by_person(trial).merge(
        trial.people[["participant_id", "sex", "age", "status_group"]], on="participant_id", validate="1:1"
    )
    ranks = people["guidance_hours"].where(people["guidance_hours"] > 0).rank(method="first", pct=True)
    thirds = pd.cut(ranks, [0, 1 / 3, 2 / 3, 1], labels=DOSES[1:]).astype(object)
    return people.assign(dose=thirds.where(thirds.notna(), DOSES[0]))


@needs("table:contacts", "participants", "several_statuses")
def dose_selection(trial: Trial) -> Table:
    """Who got how many hours: sex, age and status at inclusion of those with none, and of thirds by hours."""
    people = people_by_dose(trial)
    statuses = [code for code in trial.study.status_groups if (people["status_group"] == code).any()]
    rows = []
    for dose in DOSES:
        own = people[people["dose"] == dose]
        hours, n = own["guidance_hours"], len(own)
        facts = [("participants", "n", n),
                 ("guidance_range", "min", hours.min()), ("guidance_range", "max", hours.max()),
                 ("woman", "pct", 100 * (own["sex"].dropna() == "woman").mean()),
                 ("age", "mean", own["age"].astype(float).mean()),
                 *((code, "pct", 100 * (own["status_group"] == code).mean()) for code in statuses)]  # fmt: skip
        rows += [(row, dose, statistic, value, n) for row, statistic, value in facts if n]
    order = {"people": ["participants", "guidance_range", "woman", "age"], "status": statuses}
    columns = [dose for dose in DOSES if (people["dose"] == dose).any()]
    names = {"rows": "status_groups"}
    return Table("dose_selection", cells(rows), rows=order, columns=columns, n=len(people), names=names)


@needs("table:contacts", "participants", "several_statuses")
def dose_selected(trial: Trial) -> Sentence:
    """Whether status at inclusion differs between the thirds with the fewest and the most hours."""
    people = people_by_dose(trial)
    few, many = (people.loc[people["dose"] == dose, "status_group"].dropna().astype(str) for dose in ("fewest", "most"))
    test = independence_test(few, many, outcome="status_group", population="offered", contrast="most_vs_fewest")
    if math.isnan(test.p_value):
        return Sentence("dose_selection_unknown")
    key = "dose_selection_seen" if test.p_value < 0.05 else "dose_selection_not_seen"
    return Sentence(key, {"p": p_value(test.p_value), "few": count(len(few)), "many": count(len(many))})

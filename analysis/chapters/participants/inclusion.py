"""Who came into the trial: the flow of referrals, inclusion by centre and over time."""

from datetime import date

import pandas as pd

from analysis.chapters.participants.shares import TOTAL, by_arm, cell, cell_frame
from analysis.frames.needs import Absent, needs
from analysis.frames.trial import Trial
from analysis.published.keys import centres_in_print, with_printed_keys
from analysis.show.figures import Figure, titled
from analysis.show.prose import Label, Number, Sentence, count, tally
from analysis.show.tables import Table


@needs("participants")
def flow_counts(trial: Trial) -> pd.DataFrame:
    """People on the way into the analysis, one row a box: box, count, arm (missing for boxes of all), side (who left).

    From the screening log; without one only those included are known.
    """
    study, log = trial.study, trial.tables["screening"]
    arms = [arm for arm in by_arm(trial.people, study) if arm != TOTAL]
    if log.empty:
        sizes = trial.people["arm"].value_counts()
        boxes = [("included", len(trial.people), None, False)]
        boxes += [("in_analysis", sizes.get(arm, 0), arm, False) for arm in arms]
    else:
        boxes = _screened(log, arms)
    frame = pd.DataFrame(boxes, columns=["box", "count", "arm", "side"])
    return frame.astype({"count": int, "arm": object})


def _screened(log: pd.DataFrame, arms: list[str]) -> list[tuple]:
    outcome = log["outcome"]
    boxes = [
        ("referred", len(log), None, False),
        ("not_eligible", (outcome == "not_eligible").sum(), None, True),
        ("no_consent", (outcome == "no_consent").sum(), None, True),
    ]
    if not arms:
        withdrew, included = (int((outcome == code).sum()) for code in ("withdrew", "included"))
        return [*boxes, ("withdrew", withdrew, None, True), ("in_analysis", included, None, False)]
    boxes.append(("randomised", outcome.isin(["included", "withdrew"]).sum(), None, False))
    for arm in arms:
        own = outcome[log["arm"] == arm]
        boxes += [
            ("allocated", len(own), arm, False),
            ("withdrew", (own == "withdrew").sum(), arm, True),
            ("in_analysis", (own == "included").sum(), arm, False),
        ]
    return boxes


@needs("participants")
def flow_figure(trial: Trial) -> Figure:
    """Flow of people from referral, or from inclusion where no screening log is, to the arms."""
    frame, study = flow_counts(trial), trial.study
    screened = not trial.tables["screening"].empty
    if not screened and not study.has_arms:
        return Absent("table:screening")
    first, last = frame["count"].iloc[0], frame.loc[frame["box"] == "in_analysis", "count"].sum()
    options = {"treatment": study.treatment} if study.has_arms else {}
    values = {"referred": count(first), "included": count(int(last))}
    name = "flow" if screened else "flow_from_inclusion"
    return titled(Figure(name, "flow", frame, options, values), Sentence(f"{name}_drawn", values))


@needs("participants")
def accumulated_inclusion_figure(trial: Trial) -> Figure:
    """Accumulated inclusion by centre, or of all where no centres are: one row per centre and calendar month of
    recruitment (1 = the first)."""
    people, named = trial.people, centres_in_print(trial, "participants", "accumulated_inclusion")
    centres = list(named)
    where = people["centre"] if centres else pd.Series(TOTAL, index=people.index, name="centre")
    counts = pd.crosstab(_recruitment_month(trial), where)
    counts = counts.reindex(index=_months(trial), columns=centres or [TOTAL], fill_value=0)
    frame = counts.cumsum().rename_axis("recruitment_month").reset_index()
    frame = frame.melt("recruitment_month", var_name="centre", value_name="estimate")
    frame["centre"] = frame["centre"].map(lambda code: named.get(code, code))
    first, last = inclusion_period(trial)
    per_month = inclusions_per_month(trial)
    values = {"n": count(per_month.sum()), "months": tally(len(per_month)), "most": count(per_month.max())}
    figure = Figure(
        "accumulated_inclusion" if centres else "accumulated_inclusion_of_all",
        "cumulative",
        frame.astype({"estimate": float}),
        {"x": "recruitment_month", "series": "centre", "zero": True},
        {**month_values("start", first), **month_values("end", last)},
    )
    return titled(figure, Sentence("inclusion_drawn", values))


def month_values(name: str, day: date) -> dict[str, object]:
    """Values of a sentence for a calendar month and its year, under `name` and `<name>_year`."""
    return {name: Label("calendar_months", str(day.month)), f"{name}_year": Number(day.year, "year")}


@needs("participants", "centres")
def inclusion_by_centre_table(trial: Trial) -> Table:
    """Participants by centre and arm, with each centre's share of its column."""
    people, study = trial.extract_for("participants.inclusion_by_centre").people, trial.study
    columns = by_arm(people, study)
    columns = {name: columns[name] for name in (*list(columns)[1:], TOTAL)}
    cells = []
    for column, own in columns.items():
        for centre in centres_in_print(trial, "participants", "inclusion_by_centre"):
            size = int((own["centre"] == centre).sum())
            cells += [
                cell(centre, column, "n", size, size),
                cell(centre, column, "pct", percent_part(size, len(own)), size),
            ]
        cells.append(cell("total", column, "n", len(own), len(own)))
    table = Table("inclusion_by_centre", cell_frame(cells), columns=list(columns), n=len(people))
    return with_printed_keys(table, trial, "participants")


def inclusions_per_month(trial: Trial) -> pd.Series:
    """People included in each calendar month of recruitment, months without inclusion counting as 0."""
    return _recruitment_month(trial).value_counts().reindex(_months(trial), fill_value=0)


def start_up(trial: Trial) -> pd.Series:
    """People included in each calendar month of the first allocation phase; all months if there is one phase only."""
    phases, start = trial.study.allocation_phases, inclusion_period(trial)[0]
    per_month = inclusions_per_month(trial)
    if not phases:
        return per_month
    last = phases[0].to_date
    return per_month.loc[: 12 * (last.year - start.year) + last.month - start.month + 1]


def steepest_rise(trial: Trial) -> tuple[int, int]:
    """Year and calendar month whose inclusions rose most above the month before; the first of equal ones."""
    start = inclusion_period(trial)[0]
    rise = inclusions_per_month(trial).diff().fillna(0)
    months_on = int(rise.idxmax()) - 1 + start.month - 1
    return start.year + months_on // 12, months_on % 12 + 1


def inclusion_period(trial: Trial) -> tuple[date, date]:
    """First and last day of inclusion, by the settings; without dates in them, of the participants."""
    dates, days = trial.study.dates, trial.tables["participants"]["included_on"]
    return (dates.inclusion_start, dates.inclusion_end) if dates else (days.min().date(), days.max().date())


def _months(trial: Trial) -> range:
    """Numbers of the calendar months from the first to the last day of inclusion, both counted, from 1."""
    first, last = inclusion_period(trial)
    return range(1, 12 * (last.year - first.year) + last.month - first.month + 2)


def _recruitment_month(trial: Trial) -> pd.Series:
    days, start = trial.people["included_on"], inclusion_period(trial)[0]
    return (12 * (days.dt.year - start.year) + days.dt.month - start.month + 1).rename("recruitment_month")


def percent_part(part: float, whole: float) -> float:
    """Per cent that a part is of the whole; NaN of nothing."""
    return 100 * part / whole if whole else float("nan")

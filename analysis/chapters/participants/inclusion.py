"""Who came into the trial: the flow of referrals (Figure 1), inclusion by centre (Table 1, Figure 2), referral sources,
monthly inflow."""

import pandas as pd

from analysis.chapters.participants.shares import cell, cell_frame
from analysis.frames.trial import Trial
from analysis.show.figures import Figure
from analysis.show.prose import Label, Number, count
from analysis.show.tables import Table

SOURCES = ("nav", "physician", "self", "other")


def figure_01(trial: Trial) -> Figure:
    """Flow of people from referral to the arms, from the screening log."""
    log, study = trial.tables["screening"], trial.study
    outcome = log["outcome"]
    randomised = outcome.isin(["included", "withdrew"])
    trunk = [
        ("referred", len(log), False),
        ("not_eligible", (outcome == "not_eligible").sum(), True),
        ("no_consent", (outcome == "no_consent").sum(), True),
        ("randomised", randomised.sum(), False),
    ]
    rows = [{"box": box, "count": int(people), "arm": None, "side": side} for box, people, side in trunk]
    for arm in (study.control, study.treatment):
        own = log[log["arm"] == arm]
        for box, people, side in (
            ("allocated", own, False),
            ("withdrew", own[own["outcome"] == "withdrew"], True),
            ("in_analysis", own[own["outcome"] == "included"], False),
        ):
            rows.append({"box": box, "count": len(people), "arm": arm, "side": side})
    values = {"referred": count(len(log)), "included": count(int((outcome == "included").sum()))}
    return Figure("figure_01", "flow", pd.DataFrame(rows), {"treatment": study.treatment}, values)


def figure_02(trial: Trial) -> Figure:
    """Accumulated inclusion by centre: one row per centre and calendar month of recruitment (1 = the first)."""
    people, dates = trial.people, trial.study.dates
    month = _recruitment_month(trial)
    months = range(1, inclusion_months(trial) + 1)
    counts = pd.crosstab(month, people["centre"]).reindex(index=months, columns=trial.study.centre_codes, fill_value=0)
    frame = counts.cumsum().rename_axis("recruitment_month").reset_index()
    frame = frame.melt("recruitment_month", var_name="centre", value_name="estimate")
    values = {
        "start": Label("calendar_months", str(dates.inclusion_start.month)),
        "start_year": Number(dates.inclusion_start.year, "year"),
        "end": Label("calendar_months", str(dates.inclusion_end.month)),
        "end_year": Number(dates.inclusion_end.year, "year"),
    }
    return Figure(
        "figure_02",
        "cumulative",
        frame.astype({"estimate": float}),
        {"x": "recruitment_month", "series": "centre", "zero": True},
        values,
    )


def table_01(trial: Trial) -> Table:
    """Participants by centre and arm, with each centre's share of its column."""
    people, study = trial.in_extract("table_01").people, trial.study
    cells = []
    for column, own in {
        study.control: _arm(people, study.control),
        study.treatment: _arm(people, study.treatment),
        "total": people,
    }.items():
        for centre in study.centre_codes:
            size = int((own["centre"] == centre).sum())
            cells += [
                cell(centre, column, "n", size, size),
                cell(centre, column, "pct", _percent(size, len(own)), size),
            ]
        cells.append(cell("total", column, "n", len(own), len(own)))
    return Table("table_01", cell_frame(cells), columns=[study.control, study.treatment, "total"], n=len(people))


def text_3(trial: Trial) -> Table:
    """Numbers of section 3: referrals, exclusions, participants, who referred them, when."""
    log, people, study = trial.tables["screening"], trial.people, trial.study
    outcome, total = log["outcome"], len(people)
    cells = [
        cell("referred_to_project", "total", "n", len(log)),
        cell("excluded_not_meeting_criteria", "total", "n", (outcome == "not_eligible").sum()),
        cell("excluded_no_consent", "total", "n", (outcome == "no_consent").sum()),
        cell("withdrew", "total", "n", (outcome == "withdrew").sum()),
    ]
    cells += [
        cell("withdrew", arm, "n", ((outcome == "withdrew") & (log["arm"] == arm)).sum())
        for arm in (study.control, study.treatment)
    ]
    cells.append(cell("participants_included", "total", "n", total))
    for arm in (study.treatment, study.control):
        size = len(_arm(people, arm))
        cells += [
            cell("participants_included", arm, "n", size),
            cell("participants_included", arm, "pct", _percent(size, total)),
        ]
    known = log["referral_source"].dropna()
    cells.append(cell("referral_source_known", "total", "n", len(known)))
    for source in SOURCES:
        size = int((known == source).sum())
        cells += [
            cell(f"referral_source_{source}", "total", "n", size),
            cell(f"referral_source_{source}", "total", "pct", _percent(size, len(known))),
        ]
    return Table("text_3", cell_frame(cells + _recruitment_cells(trial)), decimals={"pct": 1})


def _recruitment_cells(trial: Trial) -> list[dict]:
    dates, phases = trial.study.dates, trial.study.allocation_phases
    cells = [
        cell("recruitment_start_june", "note", "year", dates.inclusion_start.year),
        cell("referral_increase_from_january", "note", "year", steepest_rise(trial)[0]),
        cell("recruitment_end_february", "note", "year", dates.inclusion_end.year),
    ]
    if phases:
        ratio = phases[0].ratio
        cells += [
            cell("recruitment_2_to_1_period_start", "note", "year", phases[0].from_date.year),
            cell("recruitment_2_to_1_period_end", "note", "year", phases[0].to_date.year),
            cell(
                "randomisation_ratio_first_period_sfj_to_control",
                "note",
                "ratio",
                ratio[trial.study.treatment] / ratio[trial.study.control],
            ),
        ]
    return cells


def text_3_5(trial: Trial) -> Table:
    """Monthly inflow: calendar months of inclusion, mean a month, mean in the first allocation phase, largest month."""
    per_month = inclusions_per_month(trial)
    cells = [
        cell("participants_included", "total", "n", per_month.sum()),
        cell("inclusion_period", "total", "months", len(per_month)),
        cell("mean_inclusions_per_month", "total", "mean", per_month.mean()),
        cell("mean_inclusions_per_month_start_up_phase", "total", "mean", start_up(trial).mean()),
        cell("max_inclusions_per_month", "total", "n", per_month.max()),
        cell("ordinary_sfj_population", "total", "n", len(trial.tables["reference_group"])),
    ]
    return Table("text_3.5", cell_frame(cells), decimals={"mean": 1})


def inclusions_per_month(trial: Trial) -> pd.Series:
    """People included in each calendar month of recruitment, months without inclusion counting as 0."""
    months = range(1, inclusion_months(trial) + 1)
    return _recruitment_month(trial).value_counts().reindex(months, fill_value=0)


def start_up(trial: Trial) -> pd.Series:
    """People included in each calendar month of the first allocation phase; all months if there is one phase only."""
    phases, start = trial.study.allocation_phases, trial.study.dates.inclusion_start
    per_month = inclusions_per_month(trial)
    if not phases:
        return per_month
    last = phases[0].to_date
    return per_month.loc[: 12 * (last.year - start.year) + last.month - start.month + 1]


def steepest_rise(trial: Trial) -> tuple[int, int]:
    """Year and calendar month whose inclusions rose most above the month before; the first of equal ones."""
    start = trial.study.dates.inclusion_start
    rise = inclusions_per_month(trial).diff().fillna(0)
    months_on = int(rise.idxmax()) - 1 + start.month - 1
    return start.year + months_on // 12, months_on % 12 + 1


def inclusion_months(trial: Trial) -> int:
    """Calendar months from the first to the last day of inclusion, both counted."""
    first, last = trial.study.dates.inclusion_start, trial.study.dates.inclusion_end
    return 12 * (last.year - first.year) + last.month - first.month + 1


def _recruitment_month(trial: Trial) -> pd.Series:
    days, start = trial.people["included_on"], trial.study.dates.inclusion_start
    return (12 * (days.dt.year - start.year) + days.dt.month - start.month + 1).rename("recruitment_month")


def _arm(frame: pd.DataFrame, arm: str) -> pd.DataFrame:
    return frame[frame["arm"] == arm]


def _percent(part: float, whole: float) -> float:
    return 100 * part / whole if whole else float("nan")

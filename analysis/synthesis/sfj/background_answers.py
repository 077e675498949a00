"""The answers of the first questionnaire that enter no regression: work, strain, support, sleep, years."""

import numpy as np
import pandas as pd
from scipy import stats

from analysis.calibration import Puzzle, solve

from .answers_drawing import divide, pick
from .targets import Targets

NAME = "background_answers"
# People without an answer where the print implies fewer than everybody: 422 people are 36 per cent of at most 1,188.
UNANSWERED = {"violence_any": 17}
VIOLENCE = (
    "violence_been_beaten",
    "violence_robbery_assault",
    "violence_sexual",
    "violence_deprivation_of_liberty",
    "violence_serious_threats",
)


def stage(people: pd.DataFrame, rng: np.random.Generator, targets: Targets) -> dict[str, pd.DataFrame]:
    """Further columns of the table `background`: one row per participant.

    `people` has participant_id, arm, sex, birth_date, included_on, status_group and the answers that the people stage
    has calibrated. Counts are those of tables 4 and 5
    and the per cents of sections 3.2 to 3.4; years in the occupation and with complaints meet table 3.
    """
    people = people.reset_index(drop=True)
    table = people[["participant_id"]].copy()
    strain = rng.normal(size=len(people))
    for part in (_violence, _strain, _work, _years):
        for name, column in part(people, strain, rng, targets).items():
            table[name] = column
    return {"background": table}


def _count(targets: Targets, source: str, row: str, size: int) -> int:
    return round(targets.value(source, row, "total", "pct") / 100 * size)


def _nullable(values: np.ndarray, missing: np.ndarray) -> pd.Series:
    return pd.Series(values, dtype="boolean").mask(missing)


def _violence(people: pd.DataFrame, strain: np.ndarray, rng: np.random.Generator, targets: Targets) -> dict:
    size = len(people)
    woman = (people["sex"] == "woman").to_numpy()
    missing = pick(rng, np.zeros(size), UNANSWERED["violence_any"])
    exposed = pick(
        rng, np.where(missing, -np.inf, strain), targets.count("text_3.4", "ever_exposed_to_violence", "total")
    )
    columns = {"violence_any": _nullable(exposed, missing)}
    regular = _count(targets, "text_3.4", "regular_violence_over_time", size - missing.sum())
    columns["violence_regular"] = _nullable(pick(rng, np.where(exposed, strain, -np.inf), regular), missing)
    lean = {"violence_sexual": 2.0, "violence_robbery_assault": -0.8}
    kinds = {
        kind: pick(
            rng,
            np.where(exposed, strain + lean.get(kind, 0.0) * woman, -np.inf),
            targets.count("table_04", kind, "total"),
        )
        for kind in VIOLENCE
    }
    return columns | kinds


def _strain(people: pd.DataFrame, strain: np.ndarray, rng: np.random.Generator, targets: Targets) -> dict:
    size = len(people)
    bullied = pick(rng, 0.5 * strain, _count(targets, "text_3.4", "workplace_bullying", size))
    regularly = pick(
        rng, np.where(bullied, 0.5 * strain, -np.inf), _count(targets, "text_3.4", "workplace_bullying_regular", size)
    )
    conflicts = pick(
        rng, 0.3 * strain + 1.2 * bullied, _count(targets, "text_3.4", "workplace_conflicts_repeated", size)
    )
    alone_at_home = pick(rng, 0.5 * strain, _count(targets, "text_3.4", "no_family_to_share_with", size))
    alone_outside = pick(
        rng, 0.3 * strain + alone_at_home, _count(targets, "text_3.4", "no_one_outside_family_to_share_with", size)
    )
    return {
        "bullied_at_work": bullied,
        "bullied_regularly": regularly,
        "conflicts_at_work": conflicts,
        "support_in_family": ~alone_at_home,
        "support_outside_family": ~alone_outside,
        "sleep_quality": _sleep(strain, rng, targets),
    }


def _sleep(strain: np.ndarray, rng: np.random.Generator, targets: Targets) -> np.ndarray:
    bad = _count(targets, "text_3.2", "sleep_problems", len(strain))
    share = {"very_poor": 0.27 * bad, "poor": 0.73 * bad, "fair": 0.53, "good": 0.38}
    counts = {"very_poor": round(share["very_poor"])}
    counts["poor"] = bad - counts["very_poor"]
    rest = len(strain) - bad
    counts |= {"fair": round(share["fair"] * rest), "good": round(share["good"] * rest)}
    counts["very_good"] = rest - counts["fair"] - counts["good"]
    lean = {"very_poor": 0.6, "poor": 0.3, "fair": 0.0, "good": -0.3, "very_good": -0.5}
    return divide(rng, {level: weight * strain for level, weight in lean.items()}, counts)


def _work(people: pd.DataFrame, strain: np.ndarray, rng: np.random.Generator, targets: Targets) -> dict:
    group = people["status_group"].to_numpy()
    status = people["self_reported_status"].to_numpy(dtype=object)
    situation = _situation(status, rng, targets)
    reasons = {
        "mental": "mental",
        "work_conflict": "work_conflict",
        "other_health": "other_health",
        "home_strain": "home_strain",
    }
    sick = ((group == "sick_listed_full") | (status == "sick_listed_from_job") | (group == "in_work")) & (
        status != "unemployed"
    )
    counts = {key: _count(targets, "text_3.3", f"sick_leave_cause_{name}", sick.sum()) for key, name in reasons.items()}
    counts["other"] = int(sick.sum()) - sum(counts.values())
    reason = divide(rng, {key: np.where(sick, 0.0, -np.inf) for key in counts}, counts)
    return {"work_situation": situation, "sick_leave_reason": reason}


def _situation(status: np.ndarray, rng: np.random.Generator, targets: Targets) -> np.ndarray:
    rows = {
        "unemployed": "self_reported_unemployed",
        "job_attachment": "self_reported_job_attachment",
        "returning_date_unknown": "will_return_unknown_when",
        "returning_within_weeks": "concrete_plan_return_within_weeks",
    }
    counts = {key: _count(targets, "text_3.3", row, len(status)) for key, row in rows.items()}
    lean = {
        "unemployed": 4.0 * (status == "unemployed"),
        "job_attachment": 1.5 * (status == "in_work"),
        "returning_date_unknown": 1.0 * (status == "sick_listed_from_job"),
        "returning_within_weeks": 0.3 * (status == "sick_listed_from_job"),
    }
    return divide(rng, lean, counts)


def _years(people: pd.DataFrame, strain: np.ndarray, rng: np.random.Generator, targets: Targets) -> dict:
    age = (people["included_on"] - people["birth_date"]).dt.days.to_numpy() / 365.25
    working = np.clip(age - 19, 0.5, None)
    # Share of working life in the present occupation; complaints of a few years are common, lifelong ones not rare.
    occupation = np.round(2 * working * rng.beta(1.05, 1.0, size=len(age))) / 2
    complaints = np.round(2 * np.clip(rng.gamma(0.75, 11.5, size=len(age)), 0.5, age - 6)) / 2
    limits = {"years_in_occupation": working, "years_with_mental_complaints": age - 4}
    drawn = {"years_in_occupation": occupation, "years_with_mental_complaints": complaints}
    return {name: _fit_years(people, name, drawn[name], limits[name], rng, targets) for name in drawn}


def _fit_years(people, name, years, limit, rng, targets) -> np.ndarray:
    arm = (people["arm"] == "control").to_numpy().astype(int)
    columns = ["sfj", "control", "total"]
    keys = [(column, statistic) for column in columns for statistic in ("mean", "ci_low", "ci_high")]
    centre = np.array([targets.value("table_03", name, *key) for key in keys])
    half = np.array([targets.half_unit("table_03", name, *key) for key in keys]) * 0.96
    counts = np.array([(arm == 0).sum(), (arm == 1).sum()])

    def features(rows: np.ndarray, values: np.ndarray) -> np.ndarray:
        own = np.stack([values, values**2], axis=1)
        return np.hstack([own * (arm[rows] == 0)[:, None], own * (arm[rows] == 1)[:, None]])

    def cells(sums: np.ndarray) -> np.ndarray:
        total, squares = sums[:, [0, 2]], sums[:, [1, 3]]
        both = [np.hstack([part, part.sum(axis=1, keepdims=True)]) for part in (total, squares)]
        return _mean_cells(*both, np.append(counts, counts.sum()))

    def propose(rng: np.random.Generator, values: np.ndarray, size: int) -> tuple[np.ndarray, np.ndarray]:
        rows = rng.integers(len(values), size=size)
        step = rng.choice([-4.0, -2.0, -1.0, -0.5, 0.5, 1.0, 2.0, 4.0], size=size)
        new = values[rows] + step
        return rows, np.where((new >= 0) & (new <= limit[rows]), new, values[rows])

    fitted, _ = solve(Puzzle(features, cells, centre - half, centre + half, propose), years, rng)
    return fitted


def _mean_cells(total: np.ndarray, squares: np.ndarray, count: np.ndarray) -> np.ndarray:
    mean = total / count
    reach = stats.t.ppf(0.975, count - 1) * np.sqrt((squares / count - mean**2) / (count - 1))
    return np.stack([mean, mean - reach, mean + reach], axis=2).reshape(len(total), -1)

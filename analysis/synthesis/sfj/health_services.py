"""Health services outside the centres, with the shares and means of table 20."""

import numpy as np
import pandas as pd

from .answers_drawing import pick
from .targets import Targets

NAME = "health_services"
SOURCE = "table_20"
# Contract name of each service: the printed row of its share, and of its mean number of consultations.
SERVICES = {
    "general_practitioner": ("general_practitioner", "consultations_general_practitioner"),
    "psychologist": ("psychologist", "consultations_psychologist_plus_dps"),
    "district_psychiatric_centre": ("district_psychiatric_centre_dps", "consultations_psychologist_plus_dps"),
    "physiotherapist": ("physiotherapist", "consultations_physiotherapist"),
    "chiropractor": ("chiropractor", "consultations_chiropractor"),
    "other": ("other", None),
}
OTHER_MEAN_AMONG_USERS = 4.0  # not printed
MOST_CONSULTATIONS = 60  # in six months


def stage(
    people: pd.DataFrame, response: pd.DataFrame, scores: pd.DataFrame, rng: np.random.Generator, targets: Targets
) -> dict[str, pd.DataFrame]:
    """Table `health_services`: one row per participant, wave (6, 12) and service, six services per answered block.

    `response` tells who returned the questionnaire, `scores` (participant_id, distress) makes users of psychologists
    more distressed. A few users do not state the number of consultations: the printed means have no whole-number sum
    over everybody.
    """
    people = people.merge(response, on="participant_id").merge(scores, on="participant_id")
    parts = []
    for wave in (6, 12):
        for arm in ("sfj", "control"):
            group = people.loc[(people["arm"] == arm) & people[f"returned_{wave}"]]
            size = targets.count(SOURCE, "number", f"{wave}m_{arm}")
            answered = pick(rng, 3.0 * group[f"valid_hads_{wave}"].to_numpy(), size)
            parts.append(_block(group.loc[answered], wave, arm, rng, targets))
    table = pd.concat(parts, ignore_index=True)
    order = {service: place for place, service in enumerate(SERVICES)}
    table = table.assign(place=table["service"].map(order)).sort_values(["participant_id", "wave", "place"])
    return {"health_services": table.drop(columns="place").reset_index(drop=True)}


def _block(group: pd.DataFrame, wave: int, arm: str, rng: np.random.Generator, targets: Targets) -> pd.DataFrame:
    column, size = f"{wave}m_{arm}", len(group)
    used = {}
    for service, (row, _) in SERVICES.items():
        lean = 0.6 * group["distress"].to_numpy() if service not in ("chiropractor", "other") else np.zeros(size)
        used[service] = pick(rng, lean, round(targets.value(SOURCE, row, column, "pct") / 100 * size))
    visits = {service: np.zeros(size) for service in SERVICES}
    for service in ("general_practitioner", "physiotherapist", "chiropractor"):
        visits[service] = _visits(used[service][:, None], SERVICES[service][1], column, rng, targets)[:, 0]
    both = ["psychologist", "district_psychiatric_centre"]
    together = _visits(np.column_stack([used[s] for s in both]), SERVICES["psychologist"][1], column, rng, targets)
    visits["psychologist"], visits["district_psychiatric_centre"] = together[:, 0], together[:, 1]
    visits["other"] = np.where(used["other"], 1 + rng.poisson(OTHER_MEAN_AMONG_USERS - 1, size), 0)
    return pd.concat(
        [
            pd.DataFrame(
                {
                    "participant_id": group["participant_id"],
                    "wave": wave,
                    "service": service,
                    "used": used[service],
                    "consultations": visits[service],
                }
            )
            for service in SERVICES
        ]
    ).astype({"consultations": "Int64"})


def _visits(used: np.ndarray, row: str, column: str, rng: np.random.Generator, targets: Targets) -> np.ndarray:
    """Consultations of users (rows people, columns services); their mean over those who state them is as printed."""
    mean, half = targets.value(SOURCE, row, column, "mean"), targets.half_unit(SOURCE, row, column, "mean")
    silent, total = _whole_sum(mean, half * 0.99, len(used))
    visits = np.where(used, 1 + _skewed(rng, used.shape, mean * len(used) / max(used.sum(), 1)), 0.0)
    someone = np.flatnonzero(used.any(axis=1))
    quiet = rng.choice(someone, silent, replace=False)
    visits[quiet] = np.where(used[quiet], np.nan, 0.0)
    free = np.argwhere(used & ~np.isnan(visits))
    while (gap := int(total - np.nansum(visits))) != 0:
        person, service = free[rng.integers(len(free))]
        new = visits[person, service] + np.sign(gap)
        if 1 <= new <= MOST_CONSULTATIONS:
            visits[person, service] = new
    return visits


def _skewed(rng: np.random.Generator, shape: tuple[int, ...], mean: float) -> np.ndarray:
    """Further consultations after the first: geometric-like, with a few heavy users."""
    return np.minimum(rng.poisson(rng.gamma(0.9, max(mean - 1, 0.05) / 0.9, size=shape)), MOST_CONSULTATIONS - 1)


def _whole_sum(mean: float, half: float, size: int) -> tuple[int, int]:
    """Fewest people left out so that a whole number of consultations has the printed mean; and that number."""
    for silent in range(size):
        total = round(mean * (size - silent))
        if abs(total / (size - silent) - mean) <= half:
            return silent, total
    raise ValueError("no whole number of consultations has the printed mean")

"""What people answered about themselves at inclusion, as far as tables 2, 5 and A.1 and the regressions need it."""

from collections.abc import Mapping, Sequence
from itertools import product

import numpy as np
import pandas as pd
from scipy.stats import norm

from analysis.calibration import Margin, deal, integer_table, table_cells

from .groups import ARMS, STATUS_GROUPS, count_behind_mean, counts_behind_means, respondents_behind_mean
from .targets import Targets

MISSING = "missing"
GROUPS = tuple(sorted(set(STATUS_GROUPS.values())))

COUNTRIES = ("norway", "nordic", "outside_nordic")
MARITAL = ("unmarried", "married_partner", "cohabiting", "widowed", "divorced_separated")
EDUCATION = ("primary", "upper_secondary", "university_1_4_years", "university_over_4_years")
HEALTH = ("very_good", "good", "fair", "poor", "very_poor")
STATED_STATUS = ("sick_listed_from_job", "in_work", "unemployed")
EXPECTATION = ("fits_very_well", "fits_well", "neither", "fits_poorly", "fits_very_poorly")


def background(people: pd.DataFrame, targets: Targets, rng: np.random.Generator) -> pd.DataFrame:
    """The calibrated answers, one row a participant, same index as `people`; "missing" where not answered."""
    return pd.DataFrame(
        {
            "country_of_birth": _country(people, targets, rng),
            "marital_status": _marital_status(people, targets, rng),
            "reading_writing_difficulties": _reading_writing(people, targets, rng),
            "education": _education(people, targets, rng),
            "self_rated_health": _health(people, targets, rng),
            "self_reported_status": _stated_status(people, targets, rng),
            "expects_return_within_weeks": _expectation(people, targets, rng),
        }
    )


def _dealt(
    people: pd.DataFrame,
    name: str,
    categories: Sequence[str],
    margins: list[Margin],
    rng: np.random.Generator,
    tilt: dict[tuple[str, str], float] | None = None,
) -> pd.Series:
    """Whole people per arm, status group and category under the margins, dealt at random within the groups.

    `tilt` makes a category likelier in a status group than the margins alone would.
    """
    sizes = people.groupby(["arm", "status_group"]).size()
    cells = table_cells({"arm": ARMS, "status_group": GROUPS, name: categories})
    start = np.array(
        [1.0 if tilt is None else tilt.get(key, 1.0) for key in zip(cells["status_group"], cells[name], strict=True)]
    )
    group_margins = [({"arm": arm, "status_group": group}, int(n)) for (arm, group), n in sizes.items()]
    expected = fitted(cells, start, group_margins + margins)
    counts = integer_table(cells, expected, group_margins + margins)
    return deal(people, ["arm", "status_group"], cells, counts, name, rng)


def fitted(cells: pd.DataFrame, start: np.ndarray, margins: list[Margin], rounds: int = 60) -> np.ndarray:
    """Iterative proportional fitting of the start table to the margins."""
    fitted = start.astype(float)
    parts = [(_cells_with(cells, keys), total) for keys, total in margins]
    for _ in range(rounds):
        for chosen, total in parts:
            sum_now = fitted[chosen].sum()
            fitted[chosen] *= total / sum_now if sum_now > 0 else 0.0
    return fitted


def _cells_with(cells: pd.DataFrame, keys: Mapping[str, str]) -> np.ndarray:
    """Which cells of the table a margin counts."""
    chosen = np.ones(len(cells), dtype=bool)
    for column, value in keys.items():
        chosen &= (cells[column] == value).to_numpy()
    return chosen


def _by_arm(targets: Targets, prefix: str, name: str, categories: Sequence[str]) -> list[Margin]:
    """Table 2: people of each arm per category."""
    rows = {category: f"{prefix}_{category}" for category in categories}
    return [
        ({"arm": arm, name: category}, targets.count("table_02", row, arm))
        for category, row in rows.items()
        for arm in ARMS
    ]


def _country(people: pd.DataFrame, targets: Targets, rng: np.random.Generator) -> pd.Series:
    margins = _by_arm(targets, "country_of_birth", "country_of_birth", COUNTRIES)
    # Those without an answer must come from people in work: see `extracts`.
    margins += [
        ({"status_group": group, "country_of_birth": MISSING}, 0) for group in ("aap", "other", "sick_listed_full")
    ]
    return _dealt(people, "country_of_birth", (*COUNTRIES, MISSING), margins, rng)


def _marital_status(people: pd.DataFrame, targets: Targets, rng: np.random.Generator) -> pd.Series:
    margins = _by_arm(targets, "marital", "marital_status", MARITAL)
    margins += [
        ({"status_group": group, "marital_status": "married_partner"}, count_behind_mean(targets, "married", group)[0])
        for group in GROUPS
    ]
    return _dealt(people, "marital_status", (*MARITAL, MISSING), margins, rng)


def _reading_writing(people: pd.DataFrame, targets: Targets, rng: np.random.Generator) -> pd.Series:
    name = "reading_writing_difficulties"
    by_group, by_arm = answered_by_group_and_arm(targets, name)
    margins: list[Margin] = []
    for arm, answered in by_arm.items():
        missing = int((people["arm"] == arm).sum()) - answered
        margins += [({"arm": arm, name: "true"}, targets.count("table_02", name, arm))]
        margins += [({"arm": arm, name: MISSING}, missing)]
    for group, (answered, count) in by_group.items():
        missing = int((people["status_group"] == group).sum()) - answered
        margins += [({"status_group": group, name: "true"}, count), ({"status_group": group, name: MISSING}, missing)]
    return _dealt(people, name, ("true", "false", MISSING), margins, rng)


def answered_by_group_and_arm(targets: Targets, name: str) -> tuple[dict[str, tuple[int, int]], dict[str, int]]:
    """How many answered a yes/no question: (respondents, yes) by status group, and respondents by arm.

    By status group the means of table A.1 must print; by arm and in all, the percentages and Wald's intervals of table
    2; and both must add up to the same people. Of all such numbers, those with the most respondents.
    """
    options = [respondents_behind_mean(targets, name, group) for group in GROUPS]
    by_arm = [_respondents_behind_share(targets, name, arm) for arm in ARMS]
    in_all = _respondents_behind_share(targets, name, "total")
    totals = {sum(arms): arms for arms in product(*by_arm) if sum(arms) in in_all}
    for respondents in sorted(product(*options), key=lambda each: (-sum(each), each)):
        counts = [option[number] for option, number in zip(options, respondents, strict=True)]
        if sum(respondents) in totals and sum(counts) == targets.count("table_02", name, "total"):
            groups = dict(zip(GROUPS, zip(respondents, counts, strict=True), strict=True))
            return groups, dict(zip(ARMS, totals[sum(respondents)], strict=True))
    raise ValueError(f"{name}: no numbers of respondents give both table 2 and table A.1")


def _respondents_behind_share(targets: Targets, row: str, column: str) -> list[int]:
    """Numbers of respondents for which a percentage of table 2 and its Wald interval print."""
    n, size = targets.count("table_02", row, column), targets.count("table_01", "total", column)
    people = np.arange(n + 1, size + 1)
    share = n / people
    half = norm.ppf(0.975) * np.sqrt(share * (1 - share) / people)
    fits = np.ones(len(people), dtype=bool)
    for name, found in (("pct", share), ("ci_low", share - half), ("ci_high", share + half)):
        off = np.abs(100 * found - targets.value("table_02", row, column, name))
        fits &= off < targets.half_unit("table_02", row, column, name)
    return [int(number) for number in people[fits]]


def _education(people: pd.DataFrame, targets: Targets, rng: np.random.Generator) -> pd.Series:
    margins = _by_arm(targets, "education", "education", EDUCATION)
    for group, size in people.groupby("status_group").size().items():
        rows = ["education_primary", "education_upper_secondary", "education_higher"]
        counts, answered = counts_behind_means(targets, rows, group)
        numbers = {
            "primary": counts["education_primary"],
            "upper_secondary": counts["education_upper_secondary"],
            "other": answered - sum(counts.values()),
            MISSING: int(size) - answered,
        }
        margins += [({"status_group": group, "education": category}, n) for category, n in numbers.items()]
    # The percentages of table 2 have all 563 controls in their denominator, and 627 of SFJ.
    margins.append(({"arm": "control", "education": MISSING}, 0))
    return _dealt(people, "education", (*EDUCATION, "other", MISSING), margins, rng)


def _health(people: pd.DataFrame, targets: Targets, rng: np.random.Generator) -> pd.Series:
    margins = _by_arm(targets, "self_rated_health", "self_rated_health", HEALTH)
    cells = table_cells({"status_group": GROUPS, "arm": ARMS})
    good = {group: count_behind_mean(targets, "good_self_rated_health", group)[0] for group in GROUPS}
    very_good = {arm: targets.count("table_02", "self_rated_health_very_good", arm) for arm in ARMS}
    expected = cells["status_group"].map(good) * cells["arm"].map(very_good) / sum(good.values())
    tops = integer_table(cells, expected.to_numpy(), [({"arm": arm}, n) for arm, n in very_good.items()])
    margins += [
        ({"arm": arm, "status_group": group, "self_rated_health": "very_good"}, int(n))
        for group, arm, n in zip(cells["status_group"], cells["arm"], tops, strict=True)
    ]
    for group in GROUPS:
        chosen = cells["status_group"] == group
        margins.append(({"status_group": group, "self_rated_health": "good"}, good[group] - int(tops[chosen].sum())))
    return _dealt(people, "self_rated_health", (*HEALTH, MISSING), margins, rng)


def _totals(targets: Targets, name: str, categories: Sequence[str]) -> list[Margin]:
    """Table 5: people of the study population per category."""
    return [
        ({name: category}, targets.count("table_05", f"{name}_{category}", "study_population"))
        for category in categories
    ]


def _stated_status(people: pd.DataFrame, targets: Targets, rng: np.random.Generator) -> pd.Series:
    name = "self_reported_status"
    tilt = {
        ("in_work", "in_work"): 6.0,
        ("in_work", "unemployed"): 0.1,
        ("sick_listed_full", "sick_listed_from_job"): 3.0,
        ("aap", "unemployed"): 4.0,
        ("aap", MISSING): 2.0,
        ("other", "unemployed"): 6.0,
        ("other", "sick_listed_from_job"): 0.1,
    }
    return _dealt(people, name, (*STATED_STATUS, MISSING), _totals(targets, name, STATED_STATUS), rng, tilt)


def _expectation(people: pd.DataFrame, targets: Targets, rng: np.random.Generator) -> pd.Series:
    name = "expects_return_within_weeks"
    margins = _totals(targets, name, EXPECTATION)
    cells = table_cells({"status_group": GROUPS})
    positive = np.array([count_behind_mean(targets, "positive_expectation_of_work", group)[0] for group in GROUPS])
    best = targets.count("table_05", f"{name}_fits_very_well", "study_population")
    tops = integer_table(cells, positive * best / positive.sum(), [({}, best)])
    for group, count, top in zip(GROUPS, positive, tops, strict=True):
        margins += [
            ({"status_group": group, name: "fits_very_well"}, int(top)),
            ({"status_group": group, name: "fits_well"}, int(count - top)),
        ]
    tilt = {("aap", "fits_very_poorly"): 2.0, ("other", MISSING): 2.0, ("in_work", MISSING): 1.5}
    return _dealt(people, name, (*EXPECTATION, MISSING), margins, rng, tilt)

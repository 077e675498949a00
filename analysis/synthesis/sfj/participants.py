"""Who takes part: arm, centre, status at inclusion, sex and the day of inclusion."""

from functools import cache

import numpy as np
import pandas as pd

from analysis.calibration import deal, independent, integer_table, table_cells

from .groups import ARMS, STATUS_GROUPS, count_behind_mean, statuses_at_inclusion
from .targets import Targets

CENTRES = ("hordaland", "soer_troendelag", "oestfold", "akershus", "oslo", "troms")
# Days on which nobody was included: public holidays and the days around them.
CLOSED = pd.DatetimeIndex(
    [
        *pd.date_range("2010-12-23", "2011-01-02"),
        *pd.date_range("2011-04-18", "2011-04-25"),
        *pd.date_range("2011-12-23", "2012-01-02"),
        *(pd.Timestamp(day) for day in ("2011-05-17", "2011-06-02", "2011-06-13")),
    ]
)


def people_at_inclusion(targets: Targets, assumed: dict, rng: np.random.Generator) -> pd.DataFrame:
    """One row a participant: arm, status, status_group, centre, sex; index in no particular order."""
    groups = statuses_at_inclusion(targets, assumed["aap_beside_work_at_inclusion"])
    people = groups.loc[groups.index.repeat(groups["count"])].drop(columns="count").reset_index(drop=True)
    people = people.assign(centre=_centres(people, targets, assumed, rng))
    return people.assign(sex=_sexes(people, targets, rng))


def _centres(people: pd.DataFrame, targets: Targets, assumed: dict, rng: np.random.Generator) -> pd.Series:
    """Table 1, and the 100 per cent sick-listed of the three best centres (section 4.1)."""
    groups = sorted(set(STATUS_GROUPS.values()))
    cells = table_cells({"arm": ARMS, "status_group": groups, "centre": CENTRES})
    sizes = people.groupby(["arm", "status_group"]).size()
    margins = [({"arm": arm, "status_group": group}, int(n)) for (arm, group), n in sizes.items()]
    margins += [
        ({"arm": arm, "centre": centre}, targets.count("table_01", centre, arm)) for arm in ARMS for centre in CENTRES
    ]
    cells = cells.assign(best=np.where(cells["centre"].isin(assumed["best_centres"]), "best", "rest"))
    row = "three_best_centres_sick_listed_100"
    margins += [
        ({"arm": arm, "status_group": "sick_listed_full", "best": "best"}, targets.count("text_4.1", row, arm))
        for arm in ARMS
    ]
    share = {centre: targets.count("table_01", centre, "total") for centre in CENTRES}
    expected = cells["centre"].map(share) / sum(share.values())
    expected = expected * [sizes[key] for key in zip(cells["arm"], cells["status_group"], strict=True)]
    counts = integer_table(cells, expected.to_numpy(), margins)
    return deal(people, ["arm", "status_group"], cells, counts, "centre", rng)


def _sexes(people: pd.DataFrame, targets: Targets, rng: np.random.Generator) -> pd.Series:
    """Women by status group as in table A.1; by arm as in table 2, which lists one woman of SFJ as a man."""
    sizes = people.groupby(["arm", "status_group"]).size()
    cells = table_cells({"arm": ARMS, "status_group": sorted(set(STATUS_GROUPS.values())), "sex": ["man", "woman"]})
    women = {group: count_behind_mean(targets, "woman", group)[0] for group in sorted(set(people["status_group"]))}
    margins = [({"arm": arm, "status_group": group}, int(n)) for (arm, group), n in sizes.items()]
    margins += [({"status_group": group, "sex": "woman"}, count) for group, count in women.items()]
    margins.append(({"arm": "control", "sex": "woman"}, targets.count("table_02", "sex_woman", "control")))
    share = sum(women.values()) / len(people)
    expected = independent(cells, [{"woman": share, "man": 1 - share}], ["sex"])
    expected = expected * [sizes[key] for key in zip(cells["arm"], cells["status_group"], strict=True)]
    return deal(people, ["arm", "status_group"], cells, integer_table(cells, expected, margins), "sex", rng)


def inclusion_months(counts: pd.DataFrame, targets: Targets, assumed: dict) -> pd.DataFrame:
    """People included per month and arm: one row a month; columns month (period), control, sfj.

    The last five months are those table 8 leaves: a person is observed `m` months after inclusion if that month ends
    before the registers do. Before October 2011 the totals are assumed; the arms stand 2 to 1 until October 2010.
    """
    observed = counts.pivot(index="month", columns="arm", values="observed")
    late = (-observed.diff()).loc[14:].iloc[::-1]
    late.index = pd.period_range("2011-10", "2012-02", freq="M")
    totals = pd.Series(assumed["inclusions"])
    totals.index = pd.PeriodIndex([str(month) for month in totals.index], freq="M")
    early = pd.DataFrame({"total": totals})
    first = early.index <= pd.Period("2010-10", freq="M")
    size = {arm: targets.count("table_01", "total", arm) - int(late[arm].sum()) for arm in ARMS}
    if sum(size.values()) != totals.sum():
        raise ValueError(f"assumed inclusions sum to {totals.sum()}, table 8 leaves {sum(size.values())}")
    in_first = round(assumed["first_phase_share_sfj"] * totals[first].sum())
    early.loc[first, "sfj"] = _spread(totals[first], in_first)
    early.loc[~first, "sfj"] = _spread(totals[~first], size["sfj"] - in_first)
    early["sfj"] = early["sfj"].astype(int)
    early["control"] = early["total"] - early["sfj"]
    months = pd.concat([early[["control", "sfj"]], late[["control", "sfj"]]]).astype(int)
    return months.rename_axis("month").reset_index()


def _spread(totals: pd.Series, share: int) -> np.ndarray:
    """Split `share` people over the months in proportion, by cumulative rounding."""
    cumulative = np.rint(totals.cumsum() * share / totals.sum())
    return np.diff(np.concatenate([[0], cumulative])).astype(int)


@cache
def working_days(month: pd.Period) -> pd.DatetimeIndex:
    """Days on which people were included: Monday to Friday outside holidays, the first month from the 14th."""
    days = pd.bdate_range(month.start_time.normalize(), month.end_time.normalize())
    days = days.difference(CLOSED)
    return days[days.day >= 14] if month == pd.Period("2010-06", freq="M") else days


def inclusion_dates(
    people: pd.DataFrame, months: pd.DataFrame, early: pd.Series, rng: np.random.Generator
) -> pd.Series:
    """A day of inclusion for everyone. `early` marks people who must belong to the months up to September 2011."""
    dates = pd.Series(pd.NaT, index=people.index, dtype="datetime64[ns]")
    for arm, members in people.groupby("arm"):
        slots = np.repeat(months["month"].to_numpy(), months[arm].to_numpy())
        late = rng.permutation(np.flatnonzero(slots > pd.Period("2011-09", freq="M")))
        free = rng.permutation(members.index[~early.loc[members.index]])
        chosen = dict(zip(late, free, strict=False))
        remaining = np.setdiff1d(np.arange(len(slots)), late)
        others = rng.permutation(members.index.difference(list(chosen.values())))
        chosen |= dict(zip(remaining, others, strict=True))
        for slot, person in chosen.items():
            dates.loc[person] = rng.choice(working_days(slots[slot]))
    return dates

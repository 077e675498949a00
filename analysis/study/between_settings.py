"""What must hold between the settings of a study: each fault with the setting it is about."""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import TYPE_CHECKING

from analysis.study.economics import economics_faults

if TYPE_CHECKING:
    from analysis.study.settings import Study

Fault = tuple[tuple[str | int, ...], str]
# Words that tables and figures use beside the codes of arms and centres.
RESERVED = frozenset({"total", "all", "combined", "number", "note", "other", "n", "difference", "unadjusted"})


def faults_between_settings(study: "Study") -> Iterator[Fault]:
    """Path of a setting in `study.yml`, and what is wrong with it beside the other settings."""
    for check in (_arms, _codes, _waves, _registers, _phases, _outcomes, _windows, _groups, _companions,
                  economics_faults):  # fmt: skip
        yield from check(study)


def _arms(study: "Study") -> Iterator[Fault]:
    roles = sorted(arm.role for arm in study.arms)
    if len(roles) > 2:
        yield ("arms",), "Three or more arms cannot be compared here: every result is a difference between two."
    elif len(roles) == 2 and roles != ["control", "treatment"]:
        yield ("arms",), "Two arms must hold exactly one treatment arm and one control arm."


def _codes(study: "Study") -> Iterator[Fault]:
    lists = {
        "arms": [arm.code for arm in study.arms],
        "centres": [centre.code for centre in study.centres],
        "outcomes": [outcome.code for outcome in study.outcomes],
        "subgroups": [subgroup.code for subgroup in study.subgroups],
    }
    for setting, codes in lists.items():
        for number in _repeated(codes):
            yield (setting, number, "code"), f"Codes must be unique, and an earlier entry of {setting} has this one."
    for setting in ("arms", "centres"):
        for number, code in enumerate(lists[setting]):
            if code in RESERVED:
                yield (setting, number, "code"), f"The report uses the word {code} itself; choose another code."
    for number, code in enumerate(lists["arms"]):
        if code in lists["centres"]:
            yield (("arms", number, "code"), "An arm and a centre have the same code; give one of them another.")


def _repeated(codes: Iterable[str]) -> Iterator[int]:
    seen: set[str] = set()
    for number, code in enumerate(codes):
        if code in seen:
            yield number
        seen.add(code)


def _waves(study: "Study") -> Iterator[Fault]:
    if list(study.waves) != sorted(set(study.waves)):
        yield ("waves",), "Waves must rise: months after inclusion, each once, such as [0, 6, 12]."


def _registers(study: "Study") -> Iterator[Fault]:
    if (study.horizon is None) != (study.dates is None):
        lacking = "horizon" if study.horizon is None else "dates"
        yield ((lacking,), f"Registers need both horizon and dates; {lacking} is missing.")


def _phases(study: "Study") -> Iterator[Fault]:
    phases, dates = study.allocation_phases, study.dates
    for number, phase in enumerate(phases):
        unknown = sorted(set(phase.ratio) ^ {arm.code for arm in study.arms})
        if unknown:
            yield (
                ("allocation_phases", number, "ratio"),
                f"The ratio must name every arm once, and no other code: {', '.join(unknown)} is wrong or missing.",
            )
        if number and phase.from_date != phases[number - 1].to_date + timedelta(days=1):
            yield (
                ("allocation_phases", number, "from"),
                "Phases must follow each other day by day; this one does not begin on the day after the one before.",
            )
    if phases and dates and (phases[0].from_date, phases[-1].to_date) != (dates.inclusion_start, dates.inclusion_end):
        yield (
            ("allocation_phases",),
            f"Phases must reach from the first to the last day of inclusion, {dates.inclusion_start} to "
            f"{dates.inclusion_end}.",
        )


def _outcomes(study: "Study") -> Iterator[Fault]:
    if study.primary and study.primary.outcome not in study.monthly_outcomes:
        known = ", ".join(study.monthly_outcomes) or "none"
        yield ("primary", "outcome"), f"The primary outcome must be one at a time. There is: {known}."


def _windows(study: "Study") -> Iterator[Fault]:
    if study.horizon is None:
        return
    before, after = -study.horizon.before, study.horizon.after
    inside = f"{before} to {after}"
    if study.primary and study.primary.at > after:
        yield ("primary", "at"), f"The primary outcome is read outside the horizon, {inside}."
    spans = {("late_window",): study.late_window}
    spans |= {("outcomes", number, "window"): outcome.window for number, outcome in enumerate(study.outcomes)}
    for place, window in spans.items():
        if window and not before <= window.first <= window.last <= after:
            yield place, f"The window lies outside the horizon, {inside}."


def _groups(study: "Study") -> Iterator[Fault]:
    statuses = [status for group in study.status_groups.values() for status in group]
    if len(statuses) != len(set(statuses)):
        yield ("status_groups",), "A status stands in two groups."
    if sum(not group for group in study.status_groups.values()) > 1:
        yield ("status_groups",), "Only one group may be without statuses: it takes all others."
    for number, subgroup in enumerate(study.subgroups):
        rest = [group for group, values in subgroup.groups.items() if not values]
        if len(rest) > 1:
            yield ("subgroups", number, "groups"), "Only one group may be without values: it takes all others."


def _companions(study: "Study") -> Iterator[Fault]:
    if study.name in study.companions:
        yield ("companions",), "A study is not its own companion."

"""What must hold between the settings of a study: each fault with the setting it is about."""

from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import timedelta
from typing import TYPE_CHECKING

from analysis.study.declared_names import faults_of_names
from analysis.study.economics import economics_faults
from analysis.study.instrument_rules import BANDS
from analysis.study.outcome_rules import EVENTS, SHARES
from analysis.study.problems import Fault
from analysis.study.time_units import unit_number, whole_units

if TYPE_CHECKING:
    from analysis.study.settings import Study


# Words that tables and figures use beside the codes of arms and centres, for columns, rows and kinds of numbers.
_WORDS = (
    "adjusted_baseline all answers arm b both ci ci_high ci_low centre combined count days df difference effect "
    "estimate hazard_ratio hours inclusion kappa marginal_effect max mean median million_nok min missing month months "
    "n nok none note npv number odds_ratio other p pct proportion r2 range range_high range_low rank_sum "
    "rank_sum_expected ratio row scale score sd se source statistic status study_population t total unadjusted unit "
    "value wave week year year_short years z"
)
RESERVED = frozenset(_WORDS.split())


def faults_between_settings(study: "Study", faulty: Collection[str] = ()) -> Iterator[Fault]:
    """Everything that is wrong with settings beside each other, in the order of `Study`.

    faulty: settings with faults of their own, so that nothing can be held against them.
    """
    for settings, check in CHECKS:
        if not set(settings) & set(faulty):
            yield from check(study)


def unchecked_settings(faulty: Collection[str]) -> Iterator[tuple[str, ...]]:
    """The settings that are not held against each other, since one of them has a fault; one tuple for each check."""
    return (settings for settings, _ in CHECKS if len(settings) > 1 and set(settings) & set(faulty))


def _rounding(study: "Study") -> Iterator[Fault]:
    if study.rounding and study.disclosure != "protected":
        yield Fault(
            ("rounding",),
            "Numbers are rounded in a protected study alone; this one tells them as they are (`disclosure`).",
            "Set `disclosure: protected`, or take `rounding` away.",
        )


def _arms(study: "Study") -> Iterator[Fault]:
    roles = sorted(arm.role for arm in study.arms)
    if len(roles) > 2:
        yield Fault(
            ("arms",),
            "Three or more arms cannot be compared here: every result is a difference between two.",
            "Keep two arms, one study folder for each comparison.",
        )
    elif len(roles) == 2 and roles != ["control", "treatment"]:
        yield Fault(("arms",), "Two arms must hold exactly one treatment arm and one control arm.")
    if len(roles) > 1 and not study.randomised:
        yield Fault(
            ("randomised",),
            "Differences between arms are read as effects here, and only a draw makes the arms alike.",
            "Keep one arm, or none, and describe it without a comparison.",
        )
    names = [sorted(arm.short.items() or arm.label.items()) for arm in study.arms]
    for number in _repeated(map(str, names)):
        yield Fault(("arms", number, "label"), "Both arms have the same label; nobody could tell them apart.")


def _codes(study: "Study") -> Iterator[Fault]:
    lists = {
        "arms": [arm.code for arm in study.arms],
        "centres": [centre.code for centre in study.centres],
        "outcomes": [outcome.code for outcome in study.outcomes],
        "alternative_outcomes": [outcome.code for outcome in study.alternative_outcomes],
        "subgroups": [subgroup.code for subgroup in study.subgroups],
    }
    for setting, codes in lists.items():
        for number in _repeated(codes):
            yield Fault(
                (setting, number, "code"), f"Codes must be unique, and an earlier entry of {setting} has this one."
            )
    for setting in ("arms", "centres"):
        for number, code in enumerate(lists[setting]):
            if code in RESERVED:
                yield Fault((setting, number, "code"), f"The report uses the word {code} itself; choose another code.")
    for number, code in enumerate(lists["arms"]):
        if code in lists["centres"]:
            yield Fault(("arms", number, "code"), "An arm and a centre have the same code; give one of them another.")


def _repeated(codes: Iterable[str]) -> Iterator[int]:
    seen: set[str] = set()
    for number, code in enumerate(codes):
        if code in seen:
            yield number
        seen.add(code)


def _waves(study: "Study") -> Iterator[Fault]:
    if list(study.waves) != sorted(set(study.waves)):
        yield Fault(("waves",), "Waves must rise: months after inclusion, each once, such as [0, 6, 12].")


def _horizon(study: "Study") -> Iterator[Fault]:
    """The registers must show the whole horizon of somebody: what comes after of the first included, before of the
    last."""
    horizon, dates, unit = study.horizon, study.dates, study.unit
    if horizon and not dates:
        yield Fault(("horizon",), "A horizon needs dates, too: those of inclusion and of the registers.", "Add dates.")
    if not (horizon and dates):
        return
    seen = whole_units(dates.register_start, dates.register_end, unit)
    after = seen.stop - 1 - unit_number(dates.inclusion_start, unit)
    before = unit_number(dates.inclusion_end, unit) - seen.start
    remedy = "Shorten the horizon, or correct the dates."
    if horizon.after > after:
        cause = f"The registers end on {dates.register_end}: they show no more than {after} {unit}s after inclusion"
        yield Fault(("horizon", "after"), f"{cause}, even of the first people included.", remedy)
    if horizon.before > before:
        cause = f"The registers start on {dates.register_start}: they show no more than {before} {unit}s before"
        yield Fault(("horizon", "before"), f"{cause} inclusion, even of the last people included.", remedy)


def _phases(study: "Study") -> Iterator[Fault]:
    phases, dates = study.allocation_phases, study.dates
    for number, phase in enumerate(phases):
        unknown = sorted(set(phase.ratio) ^ set(study.arm_codes))
        if unknown:
            yield Fault(
                ("allocation_phases", number, "ratio"),
                f"The ratio must name every arm once, and no other code: {', '.join(unknown)} is wrong or missing.",
            )
        if phase.from_date > phase.to_date:
            yield Fault(("allocation_phases", number), "The phase ends before it begins.", "Correct one of the days.")
        if number and phase.from_date != phases[number - 1].to_date + timedelta(days=1):
            yield Fault(
                ("allocation_phases", number, "from"),
                "Phases must follow each other day by day; this one does not begin on the day after the one before.",
            )
    if phases and dates and (phases[0].from_date, phases[-1].to_date) != (dates.inclusion_start, dates.inclusion_end):
        yield Fault(
            ("allocation_phases",),
            f"Phases must reach from the first to the last day of inclusion, {dates.inclusion_start} to "
            f"{dates.inclusion_end}.",
        )


def _outcomes(study: "Study") -> Iterator[Fault]:
    known = ", ".join(study.monthly_outcomes) or "none"
    if study.primary and study.primary.outcome not in study.monthly_outcomes:
        yield Fault(("primary", "outcome"), f"The primary outcome must be one at a time. There is: {known}.")
    if study.horizon and not study.monthly_outcomes:
        cause = "With a horizon, at least one outcome must be of measure at_a_time: curves and the primary one are."
        yield Fault(("outcomes",), cause, "Add one, or leave outcomes out for the usual ones.")
    declared = {outcome.code for outcome in study.outcomes}
    for number, outcome in enumerate(study.alternative_outcomes):
        if outcome.code in declared:
            yield Fault(("alternative_outcomes", number, "code"), "An entry of outcomes has this code.", "Rename it.")
        if not (outcome.is_share or outcome.is_event):
            allowed = ", ".join((*SHARES, *EVENTS))
            cause = f"Beside the primary outcome stand shares and times to an event. Allowed is one of {allowed}."
            yield Fault(("alternative_outcomes", number, "measure"), cause)


def _windows(study: "Study") -> Iterator[Fault]:
    spans = {("late_window",): study.late_window}
    for setting in ("outcomes", "alternative_outcomes"):
        rules = enumerate(getattr(study, setting))
        spans |= {(setting, number, "window"): outcome.window for number, outcome in rules}
    if study.horizon is None:
        given = {("primary",): study.primary, **spans}
        for place in (place for place, setting in given.items() if setting):
            yield Fault(
                place, "Without a horizon nothing can be read so long after inclusion.", "Add horizon and dates."
            )
        return
    before, after = -study.horizon.before, study.horizon.after
    inside = f"{before} to {after}"
    if study.primary and study.primary.at > after:
        yield Fault(("primary", "at"), f"The primary outcome is read outside the horizon, {inside}.")
    for setting in ("outcomes", "alternative_outcomes"):
        for number, outcome in enumerate(getattr(study, setting)):
            longest = len(outcome.window.units) if outcome.window else after
            if outcome.units and outcome.units > longest:
                yield Fault((setting, number, "units"), f"No more than {longest} in a row fit there.")
    for place, window in spans.items():
        if window and not before <= window.first <= window.last <= after:
            yield Fault(place, f"The window lies outside the horizon, {inside}.")
    if study.late_window and study.late_window.first < 0:
        yield Fault(("late_window", "from"), "Results after inclusion cannot begin before it.")


def _instruments(study: "Study") -> Iterator[Fault]:
    given = study.instruments.get("ips25", {}).get("bands", {})
    bands = [given[name] for name in BANDS if name in given]
    if bands != sorted(set(bands)):
        yield Fault(("instruments", "ips25", "bands"), "Bands must rise: each begins where a higher fidelity begins.")


def _interviews(study: "Study") -> Iterator[Fault]:
    for number, code in enumerate(study.interviews.users):
        if code not in study.interviews.types:
            cause = "Users speak in types of interview: this is none of interviews.types."
            yield Fault(("interviews", "users", number), cause)


def _companions(study: "Study") -> Iterator[Fault]:
    if study.name in study.companions:
        yield Fault(("companions",), "A study is not its own companion.", "Remove the name.")
    for number in _repeated(study.companions):
        yield Fault(("companions", number), "This companion is named already.", "Remove the name.")


# What each check goes by.
CHECKS: tuple[tuple[tuple[str, ...], Callable[["Study"], Iterator[Fault]]], ...] = (
    (("disclosure", "rounding"), _rounding),
    (("arms", "randomised"), _arms),
    (("arms", "centres", "outcomes", "alternative_outcomes", "subgroups"), _codes),
    (("waves",), _waves),
    (("horizon", "dates", "registers"), _horizon),
    (("allocation_phases", "arms", "dates"), _phases),
    (("outcomes", "alternative_outcomes", "primary", "horizon"), _outcomes),
    (("outcomes", "alternative_outcomes", "primary", "late_window", "horizon"), _windows),
    (("instruments",), _instruments),
    (("interviews",), _interviews),
    (("companions", "name"), _companions),
    (
        ("columns", "outcomes", "status_groups", "status_group_labels", "subgroups", "covariates", "centres", "dates",
         "horizon"),
        faults_of_names,
    ),
    (("economics", "dates", "subgroups", "centres", "outcomes", "instruments"), economics_faults),
)  # fmt: skip

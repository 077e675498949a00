"""Checks of sums, products, percentages and repeated statements. Each takes a Relation and returns an Outcome."""

import math

from analysis.published.audit.cells import Cell, total
from analysis.published.audit.checks import FEWER, FORMULA, NUMBER, SPARE, TEXT, takes
from analysis.published.audit.outcome import FAILS, HOLDS, LIKELY, UNDECIDABLE, Outcome, compare, show
from analysis.published.audit.ranges import SLACK, Range, evaluate, exactly
from analysis.published.audit.relations import Relation

# Factors by which numbers differ when a unit is mixed up.
FACTORS = (100.0, 0.01, 1000.0, 0.001, 10.0, 0.1)


@takes(any_cells="the numbers of the formula; a list is added", options=FORMULA, required=("formula", "result"))
def formula(relation: Relation) -> Outcome:
    """A number is the formula of other numbers.

    A number that would fit if it were a hundred, a thousand or ten times as large or small is told so.
    """
    result, found = relation.cells[str(relation.options["result"])], computed(relation)
    outcome = compare(result, found, "arithmetic")
    factor = next((each for each in FACTORS if found.meets(result.range * exactly(each))), None)
    if outcome.verdict == FAILS and factor and not result.range.holds(0.0):
        details = {"factor": max(factor, 1 / factor)}
        kind = "too_small_by_factor" if factor > 1 else "too_large_by_factor"
        return Outcome(FAILS, kind, outcome.printed, outcome.recomputed, outcome.sure, details, outcome.corrects)
    return outcome


def computed(relation: Relation) -> Range:
    """The formula of a relation, from the printed numbers."""
    values = {name: total(cells) for name, cells in relation.cells.items()}
    values |= {name: exactly(relation.cells[name].value) for name in relation.options.get("exact", [])}
    values |= {name: exactly(value) for name, value in relation.options.get("constants", {}).items()}
    return evaluate(str(relation.options["formula"]), values)


@takes(any_cells="the numbers of the formula; a list is added", options=FORMULA, required=("formula", "result"))
def at_least(relation: Relation) -> Outcome:
    """The formula of other numbers is at least as large as the number named `result`."""
    result, found = relation.cells[str(relation.options["result"])], computed(relation)
    recomputed = show(found, result.places)
    if found.high >= result.range.low - SLACK * max(1.0, abs(found.high)):
        return Outcome(HOLDS, "holds", result.text, recomputed)
    return Outcome(FAILS, "too_few", result.text, recomputed, corrects={result.address: found})


@takes(any_cells="the numbers of the formula; a list is added", options=FORMULA, required=("formula", "result"))
def at_most(relation: Relation) -> Outcome:
    """The formula of other numbers is at most as large as the number named `result`."""
    result, found = relation.cells[str(relation.options["result"])], computed(relation)
    recomputed = show(found, result.places)
    if found.low <= result.range.high + SLACK * max(1.0, abs(found.low)):
        return Outcome(HOLDS, "holds", result.text, recomputed)
    return Outcome(FAILS, "too_many", result.text, recomputed, corrects={result.address: found})


@takes(
    any_cells="the numbers of the formula; a list is added",
    options={name: FORMULA[name] for name in ("formula", "constants", "exact")} | {
        "than": (TEXT, "the cell that the result is to be nearer to nought than")},
    required=("formula", "than"),
)  # fmt: skip
def nearer_nought(relation: Relation) -> Outcome:
    """Something said to come to nothing comes closer to nought, by the formula, than the number named `than`."""
    found, than = computed(relation), relation.cells[str(relation.options["than"])]
    nearest = 0.0 if found.holds(0.0) else min(abs(found.low), abs(found.high))
    recomputed = show(found, than.places)
    if nearest <= max(abs(than.range.low), abs(than.range.high)):
        return Outcome(HOLDS, "holds", than.text, recomputed)
    return Outcome(FAILS, "not_nought", than.text, recomputed)


@takes(
    cells={"a": "the number", "b": "the number again"},
    options={"scale": (NUMBER, "a times this is b, for other units (default 1)")},
)
def equal(relation: Relation) -> Outcome:
    """Two places print the same number; they agree at the coarser precision. Which is right the print does not say."""
    a, b = relation.cells["a"], relation.cells["b"]
    scale = exactly(float(relation.options.get("scale", 1)))
    found = a.range * scale
    if found.meets(b.range):
        return Outcome(HOLDS, "holds", b.text, show(found, b.places))
    kind = _between(a, b)
    return Outcome(
        FAILS, kind, b.text, show(found, b.places), UNDECIDABLE, corrects={b.address: found, a.address: b.range / scale}
    )


def _between(a: Cell, b: Cell) -> str:
    if a.in_table and b.in_table:
        return "tables_differ"
    return "text_against_table" if a.in_table or b.in_table else "statements_differ"


@takes(
    cells={"n": "the count", "pct": "its percentage", "base": "all people"},
    optional={"wave_base": "the people of each of two waves", "wave_n": "the count of each wave"},
    several=("wave_base", "wave_n"),
    added=("base",),
    options=FEWER | SPARE,
)
def share(relation: Relation) -> Outcome:
    """A percentage is its count over a whole number of people.

    With `wave_base` it is also said whether the percentage is instead the plain average of the percentages of two
    waves, for the counts of the waves if they are printed, else for any split of the count.
    """
    n, pct, bases = relation.cells["n"], relation.cells["pct"], possible_bases(relation)
    whole = int(total(relation.cells["base"]).middle)
    fits = next((base for base in bases if base and pct.range.holds(100 * n.value / base)), None)
    if fits is not None:
        return Outcome(HOLDS, "holds" if fits == whole else "holds_fewer_answers", pct.text, pct.text,
                       details={"base": fits, "whole": whole})  # fmt: skip
    found = compare(pct, exactly(100 * n.value / whole), "share")
    details = {"whole": whole, "n": int(n.value)}
    averaged = "wave_base" in relation.cells and any(pct.range.holds(mean) for mean in _means_of_waves(relation))
    kind, sure = ("average_of_waves", LIKELY) if averaged else ("share", found.sure)
    about = (pct.address,) if averaged else ()
    return Outcome(FAILS, kind, pct.text, found.recomputed, sure, details, found.corrects, about)


def possible_bases(relation: Relation, name: str = "base") -> list[int]:
    """Numbers of people that a percentage can be over, those printed first.

    They are one number, or several that are added. Down to a share `fewer_answers` below it, and up to `spare` above.
    """
    whole = int(total(relation.cells[name]).middle)
    least = max(1, round(whole * (1 - float(relation.options.get("fewer_answers", 0)))))
    most = whole + int(relation.options.get("spare", 0))
    return [whole, *range(whole - 1, least - 1, -1), *range(whole + 1, most + 1)]


def _means_of_waves(relation: Relation) -> list[float]:
    count = int(relation.cells["n"].value)
    first, second = (cell.value for cell in relation.cells["wave_base"])
    stated = relation.cells.get("wave_n")
    splits = [stated[0].value] if stated else range(count + 1)
    return [50 * (k / first + (count - k) / second) for k in splits]


@takes(
    cells={"pct": "the percentage, without a count"},
    optional={"base": "the people", "people": "the people, where they are what is in question"},
    either=((("base",), ("people",)),),
    added=("base",),
    options={"unit": (NUMBER, "what the whole is (default 100; 1 for a proportion)")} | FEWER | SPARE,
)
def whole_people(relation: Relation) -> Outcome:
    """A percentage without a printed count belongs to some whole number of people.

    If there is no such number, the nearest number of people (within 2%) at which there is one is named.
    """
    pct, unit = relation.cells["pct"], float(relation.options.get("unit", 100))
    bases = possible_bases(relation, "base" if "base" in relation.cells else "people")
    fits, whole = next((base for base in bases if whole_within(pct.range, base / unit)), None), bases[0]
    found = exactly(unit * round(pct.value * whole / unit) / whole)
    recomputed, corrects = show(found, pct.decimals), {pct.address: found}
    if fits is not None:
        return Outcome(HOLDS, "holds", pct.text, recomputed, details={"n": round(pct.value * fits / unit)})
    near = [other for step in range(1, round(0.02 * whole) + 1) for other in (whole + step, whole - step)]
    other = next((base for base in near if whole_within(pct.range, base / unit)), None)
    if other is None:
        return Outcome(FAILS, "no_whole_number", pct.text, recomputed, details={"whole": whole}, corrects=corrects)
    return Outcome(FAILS, "other_people", pct.text, recomputed, LIKELY, {"whole": whole, "fits": other}, corrects)


def whole_within(share: Range, people: float) -> bool:
    """Whether some whole number is this share of so many people."""
    return math.floor(share.high * people + SLACK * people) >= math.ceil(share.low * people - SLACK * people)


@takes(cells={"mean": "mean of whole numbers", "n": "the people"}, options=FEWER)
def whole_number_mean(relation: Relation) -> Outcome:
    """The mean of whole-number answers is a whole sum over the number of people (the GRIM test)."""
    mean, n = relation.cells["mean"], int(relation.cells["n"].value)
    least = max(1, round(n * (1 - float(relation.options.get("fewer_answers", 0)))))
    people = next((people for people in range(n, least - 1, -1) if whole_within(mean.range, people)), None)
    if people is not None:
        kind = "holds" if people == n else "holds_fewer_answers"
        return Outcome(HOLDS, kind, mean.text, mean.text, details={"base": people, "whole": n})
    found = exactly(round(mean.value * n) / n)
    return Outcome(FAILS, "no_whole_sum", mean.text, show(found, mean.decimals + 1), details={"n": n})


@takes(cells={"mean": "share of yes, 0 to 1", "sd": "its standard deviation", "n": "the people"})
def binary_sd(relation: Relation) -> Outcome:
    """The standard deviation of a yes/no variable follows from its mean: √(p(1−p)·n/(n−1))."""
    mean, n = relation.cells["mean"].range, relation.cells["n"].value
    ends = [mean.low * (1 - mean.low), mean.high * (1 - mean.high), *([0.25] if mean.holds(0.5) else [])]
    factor = n / max(n - 1, 1)
    found = Range((max(0.0, min(ends)) * factor) ** 0.5, (max(0.0, *ends) * factor) ** 0.5)
    return compare(relation.cells["sd"], found, "binary_sd")

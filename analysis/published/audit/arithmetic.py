"""Checks of sums, products, percentages and repeated statements. Each takes a Relation and returns an Outcome."""

from analysis.published.audit.outcome import CERTAIN, FAILS, HOLDS, LIKELY, UNDECIDABLE, Outcome, compare, show
from analysis.published.audit.ranges import SLACK, Range, evaluate, exactly
from analysis.published.audit.relations import Cell, Relation


def formula(relation: Relation) -> Outcome:
    """The cell named by `result` equals the formula of the other cells.

    Options: formula, result, constants (numbers that are exact, by name), kind (the explanation if it fails), sure.
    A tuple of cells is available as its sum.
    """
    values = {name: total(cells) for name, cells in relation.cells.items()}
    values |= {name: exactly(value) for name, value in relation.options.get("constants", {}).items()}
    result = relation.cells[relation.options["result"]]
    found = evaluate(relation.options["formula"], values)
    return compare(
        result, found, relation.options.get("kind", "arithmetic"), sure=relation.options.get("sure", CERTAIN)
    )


def total(cells: Cell | tuple[Cell, ...]) -> Range:
    """The range of one printed number, or of the sum of several."""
    added = exactly(0.0)
    for cell in cells if isinstance(cells, tuple) else (cells,):
        added = added + cell.range
    return added


def at_least(relation: Relation) -> Outcome:
    """The formula of the other cells is at least the cell named by `result`. Options as for `formula`."""
    values = {name: total(cells) for name, cells in relation.cells.items()}
    result = relation.cells[relation.options["result"]]
    found = evaluate(relation.options["formula"], values)
    recomputed = show(found, result.decimals)
    if found.high >= result.range.low - SLACK * max(1.0, abs(found.high)):
        return Outcome(HOLDS, "holds", result.text, recomputed)
    kind, sure = relation.options.get("kind", "too_few"), relation.options.get("sure", CERTAIN)
    return Outcome(FAILS, kind, result.text, recomputed, sure)


def equal(relation: Relation) -> Outcome:
    """Two statements of one quantity agree at the coarser precision. Cells: a, b. Option: scale (a × scale = b)."""
    a, b = relation.cells["a"], relation.cells["b"]
    found = a.range * exactly(float(relation.options.get("scale", 1)))
    if found.meets(b.range):
        return Outcome(HOLDS, "holds", b.text, show(found, b.decimals))
    kind = relation.options.get("kind", "statements_differ")
    sure = relation.options.get("sure", UNDECIDABLE)
    corrects = {b.address: found, a.address: b.range / exactly(float(relation.options.get("scale", 1)))}
    return Outcome(FAILS, kind, b.text, show(found, b.decimals), sure, corrects=corrects)


def share(relation: Relation) -> Outcome:
    """A percentage is its count over a whole number of people.

    Cells: n, pct, base. Options: fewer_answers, the share of the base that may not have answered (default 0), and
    `waves`, whether the percentage may instead be the plain average of the two waves' percentages (cells wave_n and
    wave_base, two each).
    """
    n, pct = relation.cells["n"], relation.cells["pct"]
    base = relation.cells["base"]
    whole = int(sum(cell.value for cell in base)) if isinstance(base, tuple) else int(base.value)
    if (fits := share_base(n.value, pct.range, whole, float(relation.options.get("fewer_answers", 0)))) is not None:
        return Outcome(HOLDS, "holds" if fits == whole else "holds_fewer_answers", pct.text, pct.text,
                       details={"base": fits, "whole": whole})  # fmt: skip
    expected = exactly(100 * n.value / whole)
    if "wave_n" in relation.cells and pct.range.meets(exactly(_mean_of_shares(relation))):
        return Outcome(FAILS, "average_of_waves", pct.text, show(expected, pct.decimals), LIKELY, {"whole": whole})
    found = compare(pct, expected, "share")
    details = {"whole": whole, "n": int(n.value)}
    return Outcome(FAILS, found.kind, pct.text, found.recomputed, details=details, corrects=found.corrects)


def share_base(n: float, pct: Range, whole: int, fewer_answers: float) -> int | None:
    """The largest base, at most `whole` and at least 1 − fewer_answers of it, at which n is the percentage, if any."""
    least = max(1, round(whole * (1 - fewer_answers)))
    for base in range(whole, least - 1, -1):
        if pct.holds(100 * n / base):
            return base
    return None


def _mean_of_shares(relation: Relation) -> float:
    pairs = zip(relation.cells["wave_n"], relation.cells["wave_base"], strict=True)
    shares = [100 * n.value / base.value for n, base in pairs]
    return sum(shares) / len(shares)


def whole_people(relation: Relation) -> Outcome:
    """A percentage without a printed count belongs to some whole number of the people.

    Cells: pct, and base or, if these people are in question, people. Option unit: what the whole is (default 100; 1 for
    a proportion). If there is no such number, the nearest number of people (within 2 per cent) at which it is one is
    named.
    """
    pct, unit = relation.cells["pct"], float(relation.options.get("unit", 100))
    base = int(relation.cells["base" if "base" in relation.cells else "people"].value)
    count = round(pct.value * base / unit)
    nearest = min((count - 1, count, count + 1), key=lambda k: abs(unit * k / base - pct.value))
    found = exactly(unit * nearest / base)
    if pct.range.meets(found):
        return Outcome(HOLDS, "holds", pct.text, show(found, pct.decimals), details={"n": nearest})
    near = [other for step in range(1, round(0.02 * base) + 1) for other in (base + step, base - step)]
    fits = next((other for other in near if pct.range.holds(unit * round(pct.value * other / unit) / other)), None)
    recomputed, corrects = show(found, pct.decimals), {pct.address: found}
    if fits is None:
        return Outcome(FAILS, "no_whole_number", pct.text, recomputed, details={"whole": base}, corrects=corrects)
    return Outcome(FAILS, "other_people", pct.text, recomputed, LIKELY, {"whole": base, "fits": fits}, corrects)


def whole_number_mean(relation: Relation) -> Outcome:
    """The mean of whole-number answers is a whole sum over the number of people (the GRIM test). Cells: mean, n.

    Option fewer_answers: the share of the people that may not have answered this question.
    """
    mean, n = relation.cells["mean"], int(relation.cells["n"].value)
    least = max(1, round(n * (1 - float(relation.options.get("fewer_answers", 0)))))
    for people in range(n, least - 1, -1):
        found = _nearest_mean(mean.value, people)
        if mean.range.holds(found):
            kind = "holds" if people == n else "holds_fewer_answers"
            return Outcome(HOLDS, kind, mean.text, mean.text, details={"base": people, "whole": n})
    found = exactly(_nearest_mean(mean.value, n))
    return Outcome(FAILS, "no_whole_sum", mean.text, show(found, mean.decimals + 1), details={"n": n})


def _nearest_mean(mean: float, people: int) -> float:
    """The mean closest to `mean` that whole-number answers of so many people can have."""
    total = round(mean * people)
    return min((total - 1, total, total + 1), key=lambda sum_: abs(sum_ / people - mean)) / people


def binary_sd(relation: Relation) -> Outcome:
    """The standard deviation of a yes/no variable follows from its mean: √(p(1−p)·n/(n−1)). Cells: mean, sd, n."""
    mean, n = relation.cells["mean"].range, relation.cells["n"].value
    ends = [max(0.0, end * (1 - end)) for end in (mean.low, mean.high)]
    factor = n / max(n - 1, 1)
    found = Range((min(ends) * factor) ** 0.5, (max(ends) * factor) ** 0.5)
    return compare(relation.cells["sd"], found, "binary_sd")

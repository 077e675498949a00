"""Comparisons in words, held to the numbers that their sentence was given."""

import ast
import operator
import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from itertools import pairwise

from analysis.book.claims.told import NUMERAL, Text, plain
from analysis.study.yaml_files import parse_yaml

HIGHER, LOWER, UNCLEAR = "higher", "lower", "unclear"
NUMBERS = ("nought", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
# An interval with the number it belongs to before it; one that says what it is of (“of the difference”) is none.
_INTERVAL = re.compile(rf"interval,?(?: runs from)? ({NUMERAL.pattern}) to ({NUMERAL.pattern})")
_OPERATORS = {
    ast.Lt: operator.lt, ast.LtE: operator.le, ast.Gt: operator.gt, ast.GtE: operator.ge, ast.Eq: operator.eq,
    ast.NotEq: operator.ne, ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul,
    ast.Div: operator.truediv, ast.USub: operator.neg, ast.Not: operator.not_,
}  # fmt: skip


def comparisons_of(sentence: Text) -> Iterator[str]:
    """What is wrong with the comparisons of a sentence and of those in it.

    A sentence with a direction is held to its interval, or without one to its p-value, and to the numbers of both
    sides. One that `rules.yml` lists is held to its rule instead; one without either, whose words compare, is a fault.
    Where a number must not be told, what would decide is not there to be read.
    """
    if sentence.hidden:
        return
    for key, direction, values in _with_parts(sentence.key, sentence.direction, sentence.values):
        rule = rule_of(key)
        yield from _direction_faults(direction, values) if rule is None else _rule_faults(rule, direction, values)
        yield from _order_faults(values)
        yield from _counted_faults(key, values)
    if cause := wrong_way(sentence.key, sentence.direction, sentence.outline):
        yield cause
    yield from _interval_faults(sentence.text)
    if rule_of(sentence.key) is None:
        yield from _word_faults(sentence)


def _with_parts(key: str, direction: str | None, values: Mapping) -> Iterator[tuple[str, str | None, Mapping]]:
    """(key, direction, values) of a sentence and of each one within it, which has the words of the same chapter."""
    yield key, direction, values
    chapter = key.partition(".")[0]
    for part in _flat(values.values()):
        if isinstance(part, Mapping):
            yield from _with_parts(f"{chapter}.{part.get('key', '')}", part.get("direction"), part)


def _flat(values: object) -> Iterator:
    for value in values:
        yield from _flat(value) if isinstance(value, list) else (value,)


def _direction_faults(direction: str | None, values: Mapping) -> Iterator[str]:
    if direction is None:
        return
    clear = _is_clear(values)
    if clear is not None and clear is (direction == UNCLEAR):
        yield f"says {direction}, which its interval or p-value does not bear out"
    treated, control = values.get("treated"), values.get("control")
    sides_told = all(isinstance(side, float) for side in (treated, control))
    if direction != UNCLEAR and sides_told and (treated > control) is not (direction == HIGHER):
        yield f"says {direction}, but the numbers of its two sides lie the other way round"


def _order_faults(values: Mapping) -> Iterator[str]:
    """A list of places whose shares do not fall from the first to the last."""
    for name, listed in values.items():
        parts = [part for part in listed if isinstance(part, Mapping)] if isinstance(listed, list) else []
        shares = [part.get("share") for part in parts if str(part.get("key")).startswith("place_of")]
        known = [share for share in shares if isinstance(share, float)]
        if any(first < then for first, then in pairwise(known)):
            yield f"names {shares} in this order as the first places ({name})"


def _interval_faults(text: str) -> Iterator[str]:
    """Intervals that hold none of the numbers told before them: “8.2 points, interval −16.6 to 0.1” has lost a sign.

    What an interval is of may also be said beside it (“fewer, interval of the difference −19.8 to −0.6”).
    """
    for found in _INTERVAL.finditer(text):
        low, high = (float(plain(end)) for end in found.groups())
        before = [float(plain(numeral)) for numeral in NUMERAL.findall(text[: found.start()])]
        if not any(low <= number <= high for number in before):
            yield f"tells an interval of {found[1]} to {found[2]} beside none of its numbers"


def _counted_faults(key: str, values: Mapping) -> Iterator[str]:
    """Numbers in words that are not the value that `counted.yml` names for them."""
    chapter, _, name = key.partition(".")
    for word, told in _read("counted.yml").get(chapter, {}).get(name, {}).items():
        value = values.get(told)
        if isinstance(value, float) and value != NUMBERS.index(word):
            yield f"says “{word}” of {value:g} ({told})"


def _is_clear(values: Mapping) -> bool | None:
    """Whether the interval leaves out no difference, or else the p-value is below its level; None without either."""
    low, high, p = (values.get(name) for name in ("low", "high", "p"))
    p = p.get("p") if isinstance(p, Mapping) else p  # in words of its own, such as “exact p”
    if isinstance(low, float) and isinstance(high, float):
        return low > 0 or high < 0
    if isinstance(p, float):
        return p < _level(values)
    return None


def _level(values: Mapping) -> float:
    level = values.get("level")
    if not isinstance(level, float):
        return 0.05
    return level / 100 if level < 50 else 1 - level / 100


def _word_faults(sentence: Text) -> Iterator[str]:
    doubts, compares = _words()["doubt"].search(sentence.text), compared_by(sentence.outline)
    if sentence.direction == UNCLEAR and not doubts:
        yield "does not say that the difference is not clear"
    if sentence.direction in (HIGHER, LOWER) and doubts and not compares:
        yield f"is {sentence.direction}, but says that the difference is not clear"
    if sentence.direction is None and compares:
        yield f"says “{compares[0]}”, and no rule tells what must hold for it ({sentence.key})"


def wrong_way(key: str, direction: str | None, words: str) -> str | None:
    """What is wrong with words of a sentence with a direction that say nothing but the other one."""
    other = {HIGHER: LOWER, LOWER: HIGHER}.get(direction or "")
    if other is None or key in _read("words.yml")["turned"]:
        return None
    plain = _words()["doubt"].sub(" ", _words()["free"].sub(" ", words))
    said = [way for way in (HIGHER, LOWER) if _words()[way].search(plain)]
    return f"is {direction}, but its words say {other}" if said == [other] else None


def compared_by(outline: str) -> list[str]:
    """The words by which a text compares, with its numbers and names taken out."""
    words = _words()
    return words["compares"].findall(words["doubt"].sub(" ", words["free"].sub(" ", outline)))


def comparing() -> tuple[re.Pattern, re.Pattern]:
    """Patterns of the words that say that nothing is clear, and of those that compare."""
    return _words()["doubt"], _words()["compares"]


def free() -> re.Pattern:
    """Turns in which the same words compare nothing."""
    return _words()["free"]


def rule_of(key: str) -> str | Mapping | None:
    """What must hold among the numbers of a sentence, also by its direction, or who decides instead (`because`).

    None for a sentence that is not listed.
    """
    chapter, _, name = key.partition(".")
    return _rules().get(chapter, {}).get(name)


def _rule_faults(rule: str | Mapping, direction: str | None, values: Mapping) -> Iterator[str]:
    if isinstance(rule, Mapping):
        rule = rule.get(direction)
    if rule is None:
        return
    try:
        holds = bool(worth(rule, values))
    except (KeyError, TypeError, ZeroDivisionError):  # a number that is not known, or words in its place
        return
    if not holds:
        yield f"it does not hold that {rule}"


def worth(rule: str, values: Mapping):
    """A rule's value for values by name."""
    return _worth(ast.parse(rule, mode="eval").body, values)


def _worth(node: ast.expr, values: Mapping):
    """A rule's value: numbers and texts by their names, comparisons, sums, products, and, or, not; `len` of a list."""
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, ast.Name):
        return values[node.id]
    if isinstance(node, ast.BoolOp):
        together = all if isinstance(node.op, ast.And) else any
        return together(_worth(part, values) for part in node.values)
    if isinstance(node, ast.UnaryOp):
        return _OPERATORS[type(node.op)](_worth(node.operand, values))
    if isinstance(node, ast.BinOp):
        return _OPERATORS[type(node.op)](_worth(node.left, values), _worth(node.right, values))
    if isinstance(node, ast.Call):
        return {"len": len, "abs": abs}[node.func.id](*(_worth(part, values) for part in node.args))
    if isinstance(node, ast.Compare):
        sides = [_worth(part, values) for part in (node.left, *node.comparators)]
        pairs = zip(node.ops, sides, sides[1:], strict=False)
        return all(_OPERATORS[type(op)](left, right) for op, left, right in pairs)
    raise TypeError(f"a rule cannot hold {type(node).__name__}")


@cache
def _words() -> dict[str, re.Pattern]:
    listed = {name: each for name, each in _read("words.yml").items() if isinstance(each, list)}
    return {name: re.compile(r"(?<!\w)(?:" + "|".join(phrases) + r")(?!\w)", flags=re.IGNORECASE)
            for name, phrases in listed.items()}  # fmt: skip


def _rules() -> Mapping[str, Mapping]:
    return _read("rules.yml")


@cache
def _read(name: str) -> dict:
    return parse_yaml(files(__package__).joinpath(name).read_text(encoding="utf-8"), name)

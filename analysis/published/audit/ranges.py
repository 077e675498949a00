"""What a printed number can stand for, and arithmetic with it.

A number printed as 0.34 stands for anything from 0.335 to 0.345. Every check of the audit computes with such ranges, so
that a difference which rounding alone can explain is never reported: a relation fails only when no unrounded numbers
behind the print could satisfy it. A number that occurs twice in a formula is treated as two numbers, which can only
make the check more lenient.
"""

import ast
import math
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass

# Binary fractions are not decimal ones: an end of a range may be off by this much, relatively.
SLACK = 1e-9


@dataclass(frozen=True)
class Range:
    """All numbers from `low` to `high`, both included."""

    low: float
    high: float

    def __add__(self, other: "Range") -> "Range":
        return Range(self.low + other.low, self.high + other.high)

    def __sub__(self, other: "Range") -> "Range":
        return Range(self.low - other.high, self.high - other.low)

    def __neg__(self) -> "Range":
        return Range(-self.high, -self.low)

    def __mul__(self, other: "Range") -> "Range":
        ends = [a * b for a in (self.low, self.high) for b in (other.low, other.high)]
        return Range(min(ends), max(ends))

    def __truediv__(self, other: "Range") -> "Range":
        if other.low <= 0 <= other.high:
            return Range(-math.inf, math.inf)
        return self * Range(1 / other.high, 1 / other.low)

    @property
    def middle(self) -> float:
        """The printed number itself, for a range made by `printed`."""
        return (self.low + self.high) / 2

    def meets(self, other: "Range") -> bool:
        """Whether some number lies in both ranges."""
        slack = SLACK * max(1.0, abs(self.low), abs(self.high), abs(other.low), abs(other.high))
        return self.low <= other.high + slack and other.low <= self.high + slack

    def holds(self, value: float) -> bool:
        """Whether `value` lies in the range."""
        return self.meets(Range(value, value))

    def distance(self, value: float) -> float:
        """How far `value` lies outside; nought inside."""
        return max(self.low - value, value - self.high, 0.0)


# Ways of rounding, each as how far below and above its print a number may lie, in units of the last printed decimal and
# away from nought.
Way = tuple[float, float]
NEAREST: Way = (0.5, 0.5)
TWICE: Way = (0.55, 0.55)  # to one decimal more, then to those printed
# Decimals cut off, or always rounded up. Few reports do so throughout; a number that fits only like this is told as one
# whose last digit is off.
UNUSUAL: tuple[Way, Way] = ((0.0, 0.9999), (0.9999, 0.0))
# A number whose last digit is one too high or too low, and is rounded to the nearest otherwise.
SLIPPED: Way = (1.5, 1.5)


def printed(value: float, decimals: int, way: Way = NEAREST) -> Range:
    """The numbers that are printed as `value` at `decimals` decimals; either end may be rounded up or down."""
    unit = 10.0**-decimals
    below, above = (part * unit for part in way)
    if value == 0:
        return Range(-max(below, above), max(below, above))
    return Range(value - below, value + above) if value > 0 else Range(value - above, value + below)


def exactly(value: float) -> Range:
    """The range of one number."""
    return Range(value, value)


def square_root(argument: Range) -> Range:
    """Square root of a range, negative numbers cut off."""
    return Range(math.sqrt(max(0.0, argument.low)), math.sqrt(max(0.0, argument.high)))


def increasing(function: Callable[[float], float], argument: Range) -> Range:
    """Image of a range under a function that never decreases."""
    return Range(function(argument.low), function(argument.high))


_BINARY = {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv}


def evaluate(formula: str, values: Mapping[str, Range]) -> Range:
    """The range of a formula of + − × ÷, sqrt(), min() and named numbers.

    Raises ValueError naming whatever else the formula contains.
    """
    return _visit(ast.parse(formula, mode="eval").body, values, formula)


def _visit(node: ast.expr, values: Mapping[str, Range], formula: str) -> Range:
    match node:
        case ast.Constant(value=int() | float() as number):
            return exactly(float(number))
        case ast.Name(id=name) if name in values:
            return values[name]
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_visit(operand, values, formula)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _BINARY:
            return _BINARY[type(op)](_visit(left, values, formula), _visit(right, values, formula))
        case ast.Call(func=ast.Name(id="sqrt"), args=[argument]):
            return square_root(_visit(argument, values, formula))
        case ast.Call(func=ast.Name(id="min"), args=arguments) if arguments:
            found = [_visit(argument, values, formula) for argument in arguments]
            return Range(min(each.low for each in found), min(each.high for each in found))
    raise ValueError(
        f"formula {formula!r}: {ast.unparse(node)} is not a number it is given, or not + − × ÷, sqrt() or min()"
    )

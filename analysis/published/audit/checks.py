"""What a check takes: the cells and options by which a relation declares it, for the user page and for messages."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

# What an option may be: the type of its value in YAML, and what to call it.
NUMBER, YES_NO, TEXT, LIST, NUMBERS = "a number", "true or false", "a text", "a list", "numbers by name"


@dataclass(frozen=True)
class Takes:
    """The cells and options of one check.

    cells, optional: name → what the number is. several: names that take a list of addresses. added: names that take one
    address or a list, whose numbers are added. any_cells: what cells of the relation's own choice are for; then their
    names are free, and a list is added. options: name → (what it may be, what it says). required: options that must be
    there. choices: option → what its list may hold. either: choices between groups of names, of each of which one whole
    group has to be there. about_words: whether the check is about the words beside a number, so that no way of rounding
    can excuse a failure.
    """

    cells: Mapping[str, str] = field(default_factory=dict)
    optional: Mapping[str, str] = field(default_factory=dict)
    several: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    any_cells: str = ""
    options: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    required: tuple[str, ...] = ()
    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    either: tuple[tuple[tuple[str, ...], ...], ...] = ()
    about_words: bool = False


def takes(**declared) -> Callable:
    """Decorates a check with what it takes; see `Takes`."""

    def decorate(function: Callable) -> Callable:
        function.takes = Takes(**declared)
        return function

    return decorate


FORMULA = {
    "formula": (TEXT, "sums, products and quotients of the cells, with sqrt() and min()"),
    "result": (TEXT, "the cell that the formula is held to"),
    "constants": (NUMBERS, "exact numbers that the formula names"),
    "exact": (LIST, "cells that state a rule, such as a rate or a price, and not a rounded result"),
}
FEWER = {"fewer_answers": (NUMBER, "the share of these people who may not have answered (default 0)")}
SPARE = {"spare": (NUMBER, "people that another count of the same group may have more (default 0)")}
ONCE = {"rounded_once": (YES_NO, "whether the report rounds once, and not to one decimal more first (default false)")}

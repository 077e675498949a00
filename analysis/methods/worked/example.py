"""A method followed by hand: the numbers of every step, beside what the method itself gives."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pandas as pd


@dataclass(frozen=True)
class Worked:
    """A way through a method with pencil and paper.

    people: one row a person (or what the method takes in its place), with what the steps find for each. steps: what
    each step gives, in the order in which it is taken; a number that cannot be found is NaN.
    """

    people: pd.DataFrame
    steps: Mapping[str, float]


@dataclass(frozen=True)
class Example:
    """A method with people to follow it on.

    functions: what the program computes it with, the first its door. people: ten or so invented ones, one row each.
    by_hand: the way through, written without the functions. by_method: what the functions give for some of the steps,
    under the same names. takes: which people of a study it can be worked on, a name of `chapters.worked_on`; none where
    it is empty.
    """

    functions: tuple[Callable, ...]
    people: pd.DataFrame
    by_hand: Callable[[pd.DataFrame], Worked]
    by_method: Callable[[pd.DataFrame], Mapping[str, float]]
    takes: str = ""

"""What a table or figure of a chapter shows: estimates that a method gave, handed over by the cell that shows it."""

from collections.abc import Callable
from functools import wraps
from inspect import signature

import pandas as pd

from analysis.frames.needs import Absent


def shown_from(**estimators: Callable) -> Callable:
    """Decorates a table or figure: each named argument holds what the estimator of that name gave.

    A notebook hands it over, so that its cell names the method with its options. An argument that is not handed over
    is asked of its estimator, with those of the other arguments that it takes. What is absent makes this absent.
    """

    def decorate(build: Callable) -> Callable:
        own = signature(build)

        @wraps(build)
        def given(*arguments, **options):
            named, asked = own.bind_partial(*arguments).arguments | options, set()
            for name, estimate in estimators.items():
                if name not in named:
                    takes = signature(estimate).parameters
                    asked |= set(takes)
                    named[name] = estimate(**{each: value for each, value in named.items() if each in takes})
            lacking = next((named[name] for name in estimators if isinstance(named[name], Absent)), None)
            if lacking:
                return lacking
            asked -= set(own.parameters)
            return build(**{name: value for name, value in named.items() if name not in asked})

        given.shown_from = estimators
        return given

    return decorate


def level_of(estimates: pd.DataFrame) -> float:
    """The level of the intervals of an estimate frame."""
    return float(estimates["conf_level"].iloc[0]) if len(estimates) else 0.95

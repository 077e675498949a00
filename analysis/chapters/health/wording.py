"""Pieces that the chapter's sentences share: level, difference with its interval, and their signs."""

import pandas as pd

from analysis.show.prose import Number, decimal, percent


def level(row: pd.Series) -> Number:
    """Level of the interval of an estimate row, in per cent."""
    return percent(100 * row["conf_level"], 0)


def turned(row: pd.Series, direction: str, decimals: int = 2) -> dict[str, Number]:
    """Difference and interval as the words need them: "1.2 lower (0.5 to 1.8)", with its sign when unclear."""
    point, low, high = (row[name] for name in ("estimate", "conf_low", "conf_high"))
    if direction == "lower":
        point, low, high = -point, -high, -low
    numbers = {"difference": point, "low": low, "high": high}
    return {name: decimal(value, decimals) for name, value in numbers.items()}

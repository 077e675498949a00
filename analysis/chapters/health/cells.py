"""From estimates to the cells of published tables: the same keys as in print, one row a number."""

from collections.abc import Sequence

import pandas as pd

from analysis.methods.means import standard_deviation

SMALLEST_PRINTED_P = 0.001


def one_estimate(estimates: pd.DataFrame, **where: str) -> pd.Series:
    """The single row of an estimate frame with these values; LookupError if there is not exactly one."""
    found = estimates
    for column, value in where.items():
        found = found[found[column] == value]
    if len(found) != 1:
        raise LookupError(f"{len(found)} estimates with {where}, expected one")
    return found.iloc[0]


def mean_cells(row: str, column: str, mean: pd.Series, spread: str | None = None) -> list[tuple]:
    """n, mean, optional se or sd, and interval of one group; the group's size stands behind every cell."""
    n = int(mean["n_treated"])
    statistics = [("n", float(n)), ("mean", mean["estimate"])]
    if spread == "se":
        statistics.append(("se", mean["std_error"]))
    if spread == "sd":
        statistics.append(("sd", standard_deviation(mean)))
    statistics += [("ci_low", mean["conf_low"]), ("ci_high", mean["conf_high"])]
    return [(row, column, statistic, value, n) for statistic, value in statistics]


def difference_cells(row: str, column: str, difference: pd.Series, point: str = "b") -> list[tuple]:
    """Point estimate and interval of a difference."""
    n = people_behind(difference)
    values = ((point, difference["estimate"]), ("ci_low", difference["conf_low"]), ("ci_high", difference["conf_high"]))
    return [(row, column, statistic, value, n) for statistic, value in values]


def statistic_cells(row: str, column: str, test: pd.Series, statistics: Sequence[str] = ("t", "df")) -> list[tuple]:
    """The wanted statistics of a test, and its p-value."""
    values = {"t": test["statistic_value"], "z": test["statistic_value"], "df": test["df"]}
    n = people_behind(test)
    return [(row, column, name, values[name], n) for name in statistics] + [p_cell(row, column, test)]


def p_cell(row: str, column: str, test: pd.Series, inequality: bool = True) -> tuple:
    """The p-value of a test as a cell; where the print uses inequalities, its key is p_lt below 0.001, else p."""
    key = "p_lt" if inequality and test["p_value"] < SMALLEST_PRINTED_P else "p"
    return (row, column, key, test["p_value"], people_behind(test))


def people_behind(estimate: pd.Series) -> int:
    """People an estimate rests on, both arms together."""
    sizes = [estimate["n_treated"], estimate["n_control"]]
    return int(sum(size for size in sizes if pd.notna(size)))

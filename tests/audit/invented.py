"""An invented report whose every number is right: people are drawn, tables computed from them and printed rounded."""

import math
from collections.abc import Callable

import numpy as np
import pandas as pd
from scipy import stats

from analysis.methods.proportions import INTERVALS, proportion_interval
from tests.audit.repeated import say_again

GROUPS, SCORES, MONTHS = ("young", "middle", "old"), ("mood", "sleep"), ("month_12", "month_18")
ANSWERS, THEMES = ("yes", "no", "unsure"), ("staff", "place", "tools", "other")


def half_even(value: float, decimals: int) -> float:
    """To the nearest, ties to the even digit, as programs print."""
    return float(f"{value:.{decimals}f}")


def half_up(value: float, decimals: int) -> float:
    """To the nearest, ties away from nought, as spreadsheets print."""
    return math.copysign(math.floor(abs(value) * 10**decimals + 0.5) / 10**decimals, value)


def twice(value: float, decimals: int) -> float:
    """To one decimal more, and then to those printed."""
    return half_up(half_up(value, decimals + 1), decimals)


def cut(value: float, decimals: int) -> float:
    """Decimals left out."""
    return math.copysign(math.floor(abs(value) * 10**decimals + 1e-9) / 10**decimals, value)


def up(value: float, decimals: int) -> float:
    """Away from nought."""
    return math.copysign(math.ceil(abs(value) * 10**decimals - 1e-9) / 10**decimals, value)


ROUNDINGS = (half_even, half_up, twice, cut, up)


def invented_report(seed: int, rounding: Callable[[float, int], float] = half_even) -> pd.DataFrame:
    """Printed numbers in the columns of data/sfj/published, one row each, from one seed, rounded in one way."""
    rng = np.random.default_rng(seed)
    people = {"treated": int(rng.integers(150, 400)), "untreated": int(rng.integers(150, 400))}
    cells: list[tuple] = []
    _people(cells, people, rng)
    _scores(cells, people, rng)
    _outcomes(cells, people, rng)
    _survey(cells, rng)
    _question(cells, sum(people.values()), rng)
    _themes(cells, rng)
    _economics(cells, rng)
    say_again(cells, people, rng)
    rows = [(*address.split("/"), rounding(value, decimals), decimals) for address, value, decimals in cells]
    frame = pd.DataFrame(rows, columns=["source", "row", "column", "statistic", "value", "decimals"])
    in_points = frame["row"].eq("difference") & frame["statistic"].eq("pct")
    return frame.assign(line=range(1, len(frame) + 1), unit=in_points.map({True: "points", False: ""}))


def _people(cells: list, people: dict, rng: np.random.Generator) -> None:
    everybody = sum(people.values())
    for arm, n in {**people, "all": everybody}.items():
        cells.append((f"table_a/people/{arm}/n", n, 0))
    counts = {arm: rng.multinomial(n, (0.25, 0.45, 0.3)) for arm, n in people.items()}
    for place, group in enumerate(GROUPS):
        for arm, n in people.items():
            k = int(counts[arm][place])
            low, high = proportion_interval(k, n, "wilson")
            parts = (("n", k, 0), ("pct", 100 * k / n, 1), ("ci_low", 100 * low, 1), ("ci_high", 100 * high, 1))
            cells += [(f"table_b/{group}/{arm}/{name}", value, places) for name, value, places in parts]
            cells.append((f"table_f/{group}/{arm}/pct", 100 * int(rng.integers(5, n - 5)) / n, 2))
        k = int(counts["treated"][place] + counts["untreated"][place])
        cells.append((f"table_b/{group}/all/n", k, 0))
        share = k / everybody
        cells.append((f"table_g/{group}/all/mean", share, 3))
        cells.append((f"table_g/{group}/all/sd", (share * (1 - share) * everybody / (everybody - 1)) ** 0.5, 3))


def _scores(cells: list, people: dict, rng: np.random.Generator) -> None:
    for score in SCORES:
        draws = {arm: rng.binomial(21, 0.45 if arm == "treated" else 0.5, n) for arm, n in people.items()}
        x, y = draws["treated"], draws["untreated"]
        for arm, values in draws.items():
            n, mean, se = len(values), values.mean(), stats.sem(values)
            half = stats.t.ppf(0.975, n - 1) * se
            parts = (
                ("n", n, 0),
                ("mean", mean, 2),
                ("se", se, 2),
                ("ci_low", mean - half, 2),
                ("ci_high", mean + half, 2),
            )
            cells += [(f"table_c/{score}/{arm}/{name}", value, places) for name, value, places in parts]
        test = stats.ttest_ind(x, y)
        ranks = stats.rankdata(np.concatenate([x, y]))
        u = stats.mannwhitneyu(x, y, method="asymptotic", use_continuity=False)
        z = stats.norm.isf(u.pvalue / 2)
        cells += [
            (f"table_c/{score}/treated/rank_sum", ranks[: len(x)].sum(), 1),
            (f"table_c/{score}/untreated/rank_sum", ranks[len(x) :].sum(), 1),
            (f"table_c/{score}/difference/t", test.statistic, 2),
            (f"table_c/{score}/difference/difference", x.mean() - y.mean(), 2),
            (f"table_c/{score}/difference/df", len(x) + len(y) - 2, 0),
            (f"table_c/{score}/difference/p", test.pvalue, 4),
            (f"table_c/{score}/difference/z", z, 3),
        ]


def _outcomes(cells: list, people: dict, rng: np.random.Generator) -> None:
    for month in MONTHS:
        k1 = round(people["treated"] * rng.uniform(0.5, 0.55))
        k0 = round(people["untreated"] * rng.uniform(0.3, 0.33))
        p1, p0 = k1 / people["treated"], k0 / people["untreated"]
        pooled = (k1 + k0) / sum(people.values())
        error = (pooled * (1 - pooled) * sum(1 / n for n in people.values())) ** 0.5
        cells += [
            (f"table_d/{month}/treated/proportion", p1, 4),
            (f"table_d/{month}/untreated/proportion", p0, 4),
            (f"table_d/{month}/difference/difference", p1 - p0, 4),
            (f"table_d/{month}/difference/p", 2 * stats.norm.sf((p1 - p0) / error), 6),
        ]
        if month == "month_12":
            cells += [("text/outcome/treated/pct", 100 * p1, 1), ("text/outcome/untreated/pct", 100 * p0, 1)]
            cells.append(("text/difference/all/pct", 100 * (p1 - p0), 1))


def _survey(cells: list, rng: np.random.Generator) -> None:
    interviews = int(rng.integers(8, 20))
    cells += [("text/interviews/all/n", interviews, 0), ("text/interviews_again/all/n", interviews, 0)]
    counts = dict(zip(("staff", "place", "tools", "waiting"), (61, 12, 44, 27), strict=True))
    cells += [(f"table_e/{row}/all/n", count, 0) for row, count in counts.items()]
    cells += [("text/staff/all/n", 61, 0), ("text/place/all/n", 12, 0), ("text/tools/all/n", 30, 0)]


def _question(cells: list, people: int, rng: np.random.Generator) -> None:
    """One question that some did not answer: shares of those who did, or of all, each row by a formula of its own.

    Some intervals are about the percentage as it is printed.
    """
    counts = rng.multinomial(people - 20, (0.5, 0.3, 0.2))
    base = int(rng.choice([counts.sum(), people]))
    for answer, count in zip(ANSWERS, counts, strict=True):
        about = rng.choice([count, round(1000 * count / base) / 1000 * base])
        low, high = proportion_interval(float(about), base, str(rng.choice(INTERVALS)))
        cells.append((f"table_j/{answer}/all/n", count, 0))
        cells += [(f"table_j/{answer}/all/{name}", 100 * value, 1)
                  for name, value in (("pct", count / base), ("ci_low", low), ("ci_high", high))]  # fmt: skip


def _themes(cells: list, rng: np.random.Generator) -> None:
    """Answers of two waves in categories, each answer in one at least."""
    answers = rng.integers(150, 300, 2)
    waves = [rng.multinomial(int(n * 1.1), (0.6, 0.2, 0.15, 0.05)) for n in answers]
    cells += [(f"table_k/answers/wave_{place}/n", n, 0) for place, n in enumerate(answers)]
    cells.append(("table_k/answers/all/n", answers.sum(), 0))
    for theme, first, second in zip(THEMES, *waves, strict=True):
        share = 100 * (first + second) / answers.sum()
        cells += [(f"table_k/{theme}/all/n", first + second, 0), (f"table_k/{theme}/all/pct", share, 1)]
    cells.append(("text/staff/wave_0/n", waves[0][0], 0))


def _economics(cells: list, rng: np.random.Generator) -> None:
    effect, value, cost, cases = rng.uniform(0.02, 0.09), rng.uniform(3e5, 5e5), rng.uniform(5e3, 3e4), 615
    gain = effect * value / 1.04
    net = gain - 1.2 * cost
    raw, before, slope = 1.9, rng.uniform(0.8, 1.2), rng.uniform(0.4, 0.8)
    cells += [
        ("table_h/effect/all/proportion", effect, 4), ("table_h/value/all/nok", value, 0),
        ("table_h/gain/all/nok", gain, 0), ("table_h/cost/all/nok", cost, 0), ("table_h/net/all/nok", net, 0),
        ("table_h/cases/all/n", cases, 0), ("table_h/total/all/nok", net * cases, 0),
        ("table_h/small_cost/all/nok", gain + 900.0, 0), ("table_h/loss/all/nok", -2100.0, 0),
        ("table_i/raw/all/b", raw, 2), ("table_i/adjusted/all/b", raw - slope * before, 2),
        ("table_i/before/all/difference", before, 2),
    ]  # fmt: skip

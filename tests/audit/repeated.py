"""What the invented report says again, roughly or in another form: right numbers for the checks of form and spread."""

import numpy as np
from scipy import stats


def say_again(cells: list, people: dict, rng: np.random.Generator) -> None:
    """Adds (address, value, decimals) of numbers that follow from those already there, or from newly drawn people."""
    values = {address: value for address, value, _ in cells}
    cells += [(f"text/people_{place}/all/n", sum(people.values()), 0) for place in ("first", "again")]
    cells += [(f"table_l/mood/treated/{end}", values[f"table_c/mood/treated/{end}"], 2) for end in ("mean", "ci_low")]
    cells += [("text/about/treated/pct", 50, 0), ("text/hours/fewest/hours", 1, 0), ("text/hours/most/hours", 30, 0),
              ("text/hours/all/hours", rng.uniform(5, 20), 1), ("text/critical/all/z", 1.96, 2),
              ("text/outcome/difference/p_lt", 0.001, 3)]  # fmt: skip
    parts = rng.multinomial(200, (0.3, 0.5, 0.2))
    cells += [(f"text/part_{place}/all/pct", part / 2, 1) for place, part in enumerate(parts)]
    _on_a_scale(cells, rng)
    _models(cells, rng)
    _groups(cells, rng)
    _differences(cells, people, values, rng)
    drawn = rng.binomial(200, 2 / 3) + rng.binomial(300, 1 / 2)
    cells += [("table_p/drawn/treated/n", drawn, 0), ("table_p/drawn/untreated/n", 500 - drawn, 0),
              ("text/drawn/first_months/ratio", 2, 0)]  # fmt: skip


def _on_a_scale(cells: list, rng: np.random.Generator) -> None:
    answers = rng.integers(1, 8, 80)
    cells += [("text/answer/all/mean", answers.mean(), 1), ("text/answer/all/sd", answers.std(ddof=1), 1),
              ("text/answer/low/score", 1, 0), ("text/answer/high/score", 7, 0)]  # fmt: skip


def _models(cells: list, rng: np.random.Generator) -> None:
    """One effect in two models with nearly one standard error; z is printed with a padding nought."""
    for model, error in (("plain", 0.0400), ("full", 0.0402)):
        effect = rng.uniform(0.08, 0.2)
        cells += [(f"table_m/effect/{model}/b", effect, 4), (f"table_m/effect/{model}/z", round(effect / error, 2), 3)]


def _groups(cells: list, rng: np.random.Generator) -> None:
    people = {"one": int(rng.integers(80, 120)), "two": int(rng.integers(150, 250))}
    counts = {group: rng.multinomial(n, (0.3, 0.45, 0.25)) for group, n in people.items()}
    for group, n in people.items():
        cells.append((f"table_n/people/{group}/n", n, 0))
        cells += [(f"table_n/answer_{place}/{group}/mean", k / n, 3) for place, k in enumerate(counts[group])]
    cells.append(("table_n/answer_0/both/n", sum(counts[group][0] for group in people), 0))
    for group, row in (("here", (45, 30, 25)), ("there", (28, 30, 42))):
        cells += [(f"table_n/answer_{place}/{group}/n", k, 0) for place, k in enumerate(row)]


def _differences(cells: list, people: dict, values: dict, rng: np.random.Generator) -> None:
    for score in ("mood", "sleep"):
        size = [people[arm] for arm in ("treated", "untreated")]
        errors = [values[f"table_c/{score}/{arm}/se"] for arm in ("treated", "untreated")]
        spread = sum((n - 1) * n * error**2 for n, error in zip(size, errors, strict=True)) / (sum(size) - 2)
        half = stats.t.ppf(0.975, sum(size) - 2) * (spread * sum(1 / n for n in size)) ** 0.5
        b = values[f"table_c/{score}/treated/mean"] - values[f"table_c/{score}/untreated/mean"]
        cells += [(f"table_o/{score}/all/{name}", value, 2)
                  for name, value in (("b", b), ("ci_low", b - half), ("ci_high", b + half))]  # fmt: skip
    for group, mean in (("here", 10 + rng.uniform()), ("there", 13 + rng.uniform())):
        cells += [(f"table_o/clear/{group}/{name}", value, 2)
                  for name, value in (("mean", mean), ("ci_low", mean - 0.6), ("ci_high", mean + 0.6))]  # fmt: skip

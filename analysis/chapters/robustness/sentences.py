"""What the specifications say together: sentences whose words turn with their estimates."""

import pandas as pd

from analysis.chapters.robustness.estimators import NOTHING, POOLED
from analysis.chapters.robustness.grid import HIGHER, LOWER, UNCLEAR, verdicts
from analysis.chapters.robustness.people import EVERYONE, family, people_in
from analysis.chapters.robustness.pooling import pooled_against_strata
from analysis.chapters.robustness.printed import RECKONED, printed_checks
from analysis.frames.needs import Absent, needs
from analysis.frames.trial import Trial
from analysis.show.prose import Label, Sentence, count, decimal, labels, month, p_value, points, tally


def _counts(found: pd.DataFrame) -> dict:
    """How many specifications can be estimated, and how many of them say what."""
    told = found["verdict"].value_counts()
    named = {name: tally(told.get(name, 0)) for name in (HIGHER, LOWER, UNCLEAR)}
    return {"all": tally(found["verdict"].notna().sum()), **named}


@needs()
def title(found: pd.DataFrame) -> Sentence:
    """The question of the chapter and how many specifications bear the conclusion out."""
    told = _counts(found)
    n, unclear = (int(told[name].value) for name in ("all", UNCLEAR))
    if not n:
        return Sentence("title_unknown")
    same = max(told[HIGHER].value, told[LOWER].value) == n
    return Sentence("title_all" if same else "title_none" if unclear == n else "title_some",
                    {**told, "clear": tally(n - unclear)})  # fmt: skip


@needs()
def overview(found: pd.DataFrame, trial: Trial) -> list[Sentence]:
    """The paragraph: how many are clear, the published way, how far estimates run, which choice moves them most."""
    known = found[found["verdict"].notna()]
    if known.empty:
        return [Sentence("nothing_known")]
    said = [_counted(known), *_published_way(found, trial), _same_sign(known), *_moves(known)]
    return [*said, *_by_outcome(known)]


def _counted(known: pd.DataFrame) -> Sentence:
    ends = {"lowest": decimal(100 * known["estimate"].min()), "largest": decimal(100 * known["estimate"].max())}
    return Sentence("counted", {**_counts(known), **ends})


def _published_way(found: pd.DataFrame, trial: Trial) -> list[Sentence]:
    own = found[found["primary"]].iloc[0]
    if pd.isna(own["verdict"]):
        return [Sentence("primary_unknown")]
    values = {"points": points(100 * own["estimate"]), "low": decimal(100 * own["conf_low"]),
              "high": decimal(100 * own["conf_high"]), "p": p_value(own["p_value"]),
              "level": tally(100 * own["conf_level"]), "outcome": Label("outcomes_in_text", own["outcome"]),
              "at": month(trial.study.primary_at)}  # fmt: skip
    return [Sentence("primary", values, own["verdict"])]


def _same_sign(known: pd.DataFrame) -> Sentence:
    """Whether all estimates lie on the one side of nought, clear or not."""
    above, n = int((known["estimate"] > 0).sum()), len(known)
    key = "same_sign" if max(above, n - above) == n else "both_signs"
    return Sentence(key, {"above": tally(above), "all": tally(n)})


def spreads(known: pd.DataFrame) -> pd.DataFrame:
    """How far the mean estimate runs over each choice, the other choices averaged, the widest first.

    One row a choice with several answers: `choice`, `lowest` and `highest` answer, their means `lower` and `upper`.
    """
    rows = []
    for choice in ("outcome", "population", "way"):
        by = known.assign(way=known["estimator"] + "_" + known["adjustment"]).groupby(choice, sort=False)
        means = by["estimate"].mean()
        if len(means) > 1:
            rows.append((choice, means.idxmin(), means.idxmax(), means.min(), means.max()))
    frame = pd.DataFrame(rows, columns=["choice", "lowest", "highest", "lower", "upper"])
    width = (frame["upper"] - frame["lower"]).astype(float)
    return frame.assign(width=width).sort_values("width", ascending=False, kind="stable", ignore_index=True)


def _moves(known: pd.DataFrame) -> list[Sentence]:
    frame = spreads(known)
    if frame.empty:
        return []
    first, others = frame.iloc[0], frame.iloc[1:]
    values = {"choice": Label("choices_in_text", first["choice"]), "bottom": decimal(100 * first["lower"]),
              "top": decimal(100 * first["upper"]), "spread": decimal(100 * first["width"])}  # fmt: skip
    if others.empty:
        return [Sentence("moved_by_one", values)]
    rest = tuple(Sentence("moved_less", {"choice": Label("choices_in_text", other["choice"]),
                                         "width": decimal(100 * other["width"])})
                 for _, other in others.iterrows())  # fmt: skip
    return [Sentence("moved", {**values, "next": decimal(100 * others["width"].max()), "others": rest})]


def _by_outcome(known: pd.DataFrame) -> list[Sentence]:
    """Which outcomes are clear whatever else is chosen, and which never are."""
    clear = known["verdict"].ne(UNCLEAR).groupby(known["outcome"], sort=False)
    told = {"always": clear.all(), "never": ~clear.any()}
    return [Sentence(f"{name}_clear", {"n": tally(which.sum()), "outcomes": tally(len(which)),
                                       "names": labels("outcomes_in_text", list(which.index[which]))})
            for name, which in told.items() if which.any()]  # fmt: skip


@needs()
def in_print(trial: Trial, conf_level: float = 0.95) -> list[Sentence] | Absent:
    """What the report's own printed counts say of outcomes that it does not give, one sentence each.

    They need no data: whoever has the report can reckon them.
    """
    printed = printed_checks(trial, conf_level)
    reckoned = printed[printed["method"] == RECKONED] if len(printed) else printed
    if reckoned.empty:
        return Absent("printed_tables")
    return [_reckoned(row, trial) for _, row in reckoned.assign(verdict=verdicts(reckoned)).iterrows()]


def _reckoned(row: pd.Series, trial: Trial) -> Sentence:
    if pd.isna(row["verdict"]):
        return Sentence("reckoned_unknown", {"outcome": Label("outcomes", row["outcome"])}, from_print=True)
    people = {"treated_people": count(round(row["treated"] * row["n_treated"])),
              "control_people": count(round(row["control"] * row["n_control"])),
              "n_treated": count(row["n_treated"]), "n_control": count(row["n_control"])}  # fmt: skip
    values = {"outcome": Label("outcomes", row["outcome"]), **people, "points": points(100 * row["estimate"]),
              "low": decimal(100 * row["conf_low"]), "high": decimal(100 * row["conf_high"]),
              "p": p_value(row["p_value"]), "level": tally(100 * row["conf_level"]),
              "at": month(trial.study.primary_at)}  # fmt: skip
    return Sentence("reckoned", values, row["verdict"], from_print=True)


@needs()
def methods_agree(side: pd.DataFrame, trial: Trial) -> Sentence:
    """Whether the estimators side by side lead to one verdict."""
    told = verdicts(side).dropna()
    if told.empty:
        return Sentence("methods_unknown")
    ends = {"lowest": decimal(100 * side["estimate"].min()), "largest": decimal(100 * side["estimate"].max()),
            "p_least": p_value(side["p_value"].min()), "p_most": p_value(side["p_value"].max()),
            "clear": tally(told.ne(UNCLEAR).sum()), "all": tally(len(told))}  # fmt: skip
    return Sentence("methods_agree" if told.nunique() == 1 else "methods_differ", ends)


@needs()
def key_numbers(found: pd.DataFrame, side: pd.DataFrame, trial: Trial) -> dict[str, float]:
    """Numbers for the test of the notebook; estimates and what pooling is off by in percentage points."""
    numbers = {f"specifications_{name}": number.value for name, number in _counts(found).items()}
    told = side.assign(estimate=100 * side["estimate"])
    numbers |= {f"{row['way']}_{name}": row[name] for _, row in told.iterrows() for name in ("estimate", "p_value")}
    bias = pooled_against_strata(people_in(trial), trial)
    off = {} if isinstance(bias, Absent) else {"pooled_less_standardised": 100 * bias["bias"].sum()}
    plain = found[(found["population"] == EVERYONE) & (found["estimator"] == POOLED) & (found["adjustment"] == NOTHING)]
    values = 100 * plain.set_index("outcome")["estimate"]
    return numbers | off | {rule.code: values[rule.code] for rule in family(trial)}

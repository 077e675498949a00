"""Effects among people looked at apart: the subgroups that `study.yml` declares."""

from dataclasses import replace

import pandas as pd

from analysis.chapters._shown_from import level_of, shown_from
from analysis.chapters.employment.follow_up import people_followed
from analysis.chapters.employment.populations import compare, gap_column, outcomes_at
from analysis.chapters.employment.shares import outcome_label, percent_cells, percent_table
from analysis.frames.needs import Absent, needs
from analysis.frames.trial import Trial
from analysis.methods.estimates import Estimate, concat_estimates, heterogeneity_test
from analysis.methods.multiplicity import holm
from analysis.show.figures import Figure, titled
from analysis.show.prose import Label, Sentence, labels, month, p_value, tally
from analysis.show.tables import Table, cells
from analysis.study.outcome_rules import Subgroup

NEEDS = ("arms", "registers", "subgroups")
FOLLOW_UP, EVERYONE = "follow_up", "everyone"
# Under which heading a subgroup was chosen: before anybody saw results, or afterwards.
PLANNED, POST_HOC = "planned", "post_hoc"


@needs(*NEEDS)
def over_follow_up(trial: Trial) -> str | Absent:
    """Code of the first outcome that asks whether something held at any time in the follow-up."""
    codes = [rule.code for rule in trial.study.outcomes if rule.measure == "any_time"]
    return codes[0] if codes else Absent("outcome:any_time")


def chosen_subgroups(trial: Trial, code: str | None = None) -> tuple[Subgroup, ...]:
    """The subgroup that was asked for, or all. Raises ValueError with the choices."""
    known = {subgroup.code: subgroup for subgroup in trial.study.subgroups}
    if code is not None and code not in known:
        raise ValueError(f"unknown subgroup {code!r}; choose one of {', '.join(known)}")
    return tuple(known.values()) if code is None else (known[code],)


def _people(trial: Trial, outcome: str | None, at: int | None) -> tuple[pd.DataFrame, str, dict]:
    """One row per participant, the outcome looked at, and what a caption says of it."""
    study = trial.study
    known = [rule.code for rule in study.outcomes if rule.is_yes_or_no]
    code = study.primary_outcome if outcome is None else outcome
    if code not in known:
        raise ValueError(f"unknown outcome {code!r}; choose one of {', '.join(known)}")
    if code not in study.monthly_outcomes:
        last = study.outcome(code).window.last if study.outcome(code).window else study.horizon.after
        return people_followed(trial), code, {"outcome": Label("outcomes", code), "at": month(last)}
    at = study.primary_at if at is None else at
    return outcomes_at(trial, at), code, {"outcome": outcome_label(code), "at": month(at)}


@needs(*NEEDS)
def subgroup_effects(
    trial: Trial, outcome: str | None = None, month: int | None = None, subgroup: str | None = None,
    conf_level: float = 0.95,
) -> pd.DataFrame:  # fmt: skip
    """Estimate frame: shares by arm and the difference in each group with people of a subgroup.

    Further columns: subgroup and group. `outcome` is a yes or no, at a time or over the follow-up; None is the primary
    one. People whose group is not known are in none.
    """
    people, code, _ = _people(trial, outcome, month)
    parts = []
    for apart in chosen_subgroups(trial, subgroup):
        for group, own in people.groupby(f"group_{apart.code}", observed=True):
            found = compare(own, trial, [code], conf_level=conf_level)
            parts.append(found.assign(population=f"{apart.code}_{group}", subgroup=apart.code, group=group))
    return concat_estimates(parts)


@needs(*NEEDS)
def effects_apart(
    trial: Trial, outcome: str | None = None, month: int | None = None, subgroup: str | None = None,
    conf_level: float = 0.95,
) -> pd.DataFrame:  # fmt: skip
    """`subgroup_effects`, below the comparison of everybody (population "all", subgroup "everyone"); `at`, the time."""
    people, code, _ = _people(trial, outcome, month)
    everyone = compare(people, trial, [code], conf_level=conf_level).assign(population="all", subgroup=EVERYONE)
    parts = [everyone, subgroup_effects(trial, outcome, month, subgroup, conf_level)]
    return concat_estimates(parts).assign(at=trial.study.primary_at if month is None else month)


@needs(*NEEDS)
def subgroup_tests(
    trial: Trial, outcome: str | None = None, month: int | None = None, subgroup: str | None = None
) -> dict[str, Estimate]:
    """For each subgroup, the test of the same effect in all its groups."""
    effects, tests = subgroup_effects(trial, outcome, month, subgroup), {}
    for apart in chosen_subgroups(trial, subgroup):
        own = effects if effects.empty else effects[effects["subgroup"].eq(apart.code)]
        gaps = own[own["contrast"] == trial.study.contrast]
        contrast = f"{trial.study.treatment}_x_{apart.code}"
        tests[apart.code] = heterogeneity_test(gaps, outcome=str(outcome), contrast=contrast)
    return tests


@needs(*NEEDS)
def subgroup_family(trial: Trial, outcome: str | None = None, month: int | None = None) -> pd.DataFrame:
    """One row a declared subgroup, by its code: whether planned, Q, df, p and Holm's p; the outcome, and the time (at).

    Holm's p counts all subgroups that could be tested, whichever is shown. A group that lacks an arm or whose standard
    error is nought leaves the test of its subgroup missing.
    """
    tests = subgroup_tests(trial, outcome, month)
    rows = {code: (test.statistic_value, test.df, test.p_value) for code, test in tests.items()}
    frame = pd.DataFrame.from_dict(rows, orient="index", columns=["q", "df", "p"], dtype=float)
    planned = {subgroup.code: subgroup.planned for subgroup in trial.study.subgroups}
    chosen = [PLANNED if planned[code] else POST_HOC for code in frame.index]
    at = trial.study.primary_at if month is None else month
    return frame.assign(chosen=chosen, holm=holm(frame["p"]), outcome=_people(trial, outcome, month)[1], at=at)


def _looked_at(trial: Trial, found: pd.DataFrame) -> tuple[pd.DataFrame, str, dict]:
    """As `_people`, of the outcome and time that the rows are about."""
    return _people(trial, found["outcome"].iloc[0], int(found["at"].iloc[0]))


@needs(*NEEDS)
@shown_from(family=subgroup_family)
def subgroup_test_table(trial: Trial, family: pd.DataFrame) -> Table:
    """Every declared subgroup, planned ones first: the test of the same effect in its groups, alone and among all."""
    people, code, values = _looked_at(trial, family)
    n, found = len(people), []
    for row, own in family.iterrows():
        found += [(row, "alone", name, own[name], n) for name in ("q", "df", "p")]
        found.append((row, "among_all", "p", own["holm"], n))
    rows = {name: list(family.index[family["chosen"] == name]) for name in (PLANNED, POST_HOC)}
    part = "" if code in trial.study.monthly_outcomes else FOLLOW_UP
    return Table("subgroup_tests", cells(found), {"q": 2}, rows=rows, part=part,
                 values={**values, "looked_at": tally(len(family))})  # fmt: skip


@needs(*NEEDS)
@shown_from(effects=effects_apart, family=subgroup_family)
def subgroup_table(trial: Trial, effects: pd.DataFrame, family: pd.DataFrame, subgroup: str | None = None) -> Table:
    """One outcome by subgroup: shares by arm, difference with interval, test of the same effect in all groups."""
    people, code, values = _looked_at(trial, effects)
    found = percent_cells("all", effects[effects["subgroup"] == EVERYONE], trial)
    rows: dict[str | None, list[str]] = {None: ["all"]}
    for apart in chosen_subgroups(trial, subgroup):
        own = effects[effects["subgroup"] == apart.code]
        for row, group in own.groupby("population", sort=False):
            found += percent_cells(str(row), group, trial)
        found.append((f"{apart.code}_interaction", gap_column(trial), "p", family.loc[apart.code, "p"], len(people)))
        rows[apart.code] = [*own["population"].drop_duplicates(), f"{apart.code}_interaction"]
    part = "" if code in trial.study.monthly_outcomes else FOLLOW_UP
    return percent_table("subgroups", found, trial, level_of(effects), values, rows=rows, part=part)


@needs(*NEEDS)
@shown_from(effects=effects_apart, family=subgroup_family)
def subgroup_figure(trial: Trial, effects: pd.DataFrame, family: pd.DataFrame) -> Figure | Absent:
    """Difference between the arms in each group of a subgroup, in percentage points, beside that among everyone.

    Beside the name of a subgroup stands the p-value of its test of the same effect in all groups, not adjusted.
    """
    _, code, values = _looked_at(trial, effects)
    if (effects["subgroup"] == EVERYONE).all():
        return Absent("observed")
    gaps = effects[effects["contrast"] == trial.study.contrast].rename(columns={"population": "row"})
    gaps = gaps.assign(p_interaction=gaps["subgroup"].map(family["p"]).astype(float))
    gaps = gaps.drop(columns="group").rename(columns={"subgroup": "group"})
    points = gaps.assign(**{name: 100 * gaps[name] for name in ("estimate", "conf_low", "conf_high")})
    columns = ["group", "row", "estimate", "conf_low", "conf_high", "n_treated", "n_control", "p_interaction"]
    name = "subgroups" if code in trial.study.monthly_outcomes else f"subgroups_{FOLLOW_UP}"
    frame = points[columns].reset_index(drop=True)
    figure = Figure(f"{name}_drawn", "forest", frame, {"reference": 0.0}, values, entry=name)
    told = _all_verdict(family, _said(values, family), 1 - level_of(effects))
    return titled(figure, None if told.key == "subgroups_unknown" else replace(told, key=f"{told.key}_drawn"))


@needs(*NEEDS)
def subgroup_verdicts(
    trial: Trial, outcome: str | None = None, month: int | None = None, subgroup: str | None = None,
    conf_level: float = 0.95,
) -> list[Sentence]:  # fmt: skip
    """How many were looked at and what is left of them, then whether the effect differs between the groups of each."""
    _, _, values = _people(trial, outcome, month)
    family = subgroup_family(trial, outcome, month)
    shown = family.loc[[apart.code for apart in chosen_subgroups(trial, subgroup)]]
    level, said = 1 - conf_level, _said(values, family)
    return [
        _all_verdict(family, said, level),
        *(_verdict(str(code), own, said, level) for code, own in shown.iterrows()),
    ]


def _said(values: dict, family: pd.DataFrame) -> dict:
    """What every verdict tells: the outcome, and how many subgroups could be tested."""
    return {"outcome": outcome_label(values["outcome"].key), "looked_at": tally(int(family["p"].notna().sum()))}


def _all_verdict(family: pd.DataFrame, said: dict, level: float) -> Sentence:
    """What is left of the subgroups once it is counted how many were looked at."""
    known = family.dropna(subset=["p"])
    if known.empty:
        return Sentence("subgroups_unknown", said)
    clear, numbers = known.index[known["holm"] < level], {
        "planned": (known["chosen"] == PLANNED).sum(), "post_hoc": (known["chosen"] == POST_HOC).sum(),
        "alone": (known["p"] < level).sum(),
    }  # fmt: skip
    values = {**said, **{name: tally(n) if n else Sentence("none") for name, n in numbers.items()},
              "least": p_value(known["holm"].min()), "level": tally(100 * level)}  # fmt: skip
    if len(clear):
        return Sentence("subgroups_clear", {**values, "names": labels("subgroups", list(clear))})
    return Sentence("subgroups_none_clear", values)


def _verdict(code: str, own: pd.Series, said: dict, level: float) -> Sentence:
    values = {"subgroup": Label("subgroups", code), **said}
    if pd.isna(own["p"]):
        return Sentence("subgroup_unknown", values)
    values |= {"p": p_value(own["p"]), "holm": p_value(own["holm"]), "level": tally(100 * level)}
    if own["p"] >= level:
        return Sentence("subgroup_not_found", values)
    return Sentence("subgroup_found" if own["holm"] < level else "subgroup_not_held", values)

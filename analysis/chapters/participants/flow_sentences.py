"""Sentences on how people came into the trial: each takes its numbers, and the turn of its words, from the trial."""

import pandas as pd

from analysis.chapters.participants.inclusion import (
    flow_counts,
    inclusions_per_month,
    month_values,
    start_up,
    steepest_rise,
)
from analysis.chapters.participants.questions import SEX, is_known
from analysis.frames.needs import Absent, needs
from analysis.frames.trial import Trial
from analysis.show.prose import Label, Number, Sentence, count, decimal, percent, tally

# By whether sex and age are known.
_WHO = {(True, True): "who_women_age", (True, False): "who_women", (False, True): "who_age"}


@needs("participants")
def title(trial: Trial) -> Sentence:
    """The question and its answer in a sentence: how many took part, and as far as known at how many centres, the share
    of women and the mean age."""
    people = trial.people
    values = {"n": count(len(people)), "centres": tally(people["centre"].nunique())}
    place = "took_part_at_centres" if people["centre"].nunique() > 1 else "took_part"
    known = is_known(people, "sex"), is_known(people, "age_exact")
    described = trial.extract_for("participants.background").people
    who = Sentence(_WHO[known], _sex_and_age(described)) if known in _WHO else ""
    return Sentence("title", {"took_part": Sentence(place, values), "who": who})


def _sex_and_age(people: pd.DataFrame) -> dict[str, Number]:
    women = SEX.held(people, "woman").dropna()
    return {"women": percent(100 * women.astype(float).mean()), "age": decimal(people["age_exact"].mean())}


@needs("participants")
def flow(trial: Trial) -> Sentence:
    """From referral to the arms, as far as a screening log and two arms are there, without reasons that nobody had."""
    frame, study = flow_counts(trial), trial.study
    screened, arms = not trial.tables["screening"].empty, study.has_arms
    if not screened and not arms:
        return Absent("table:screening")
    roles = ("treatment", "control") if arms else ()
    values = {role: count((trial.people["arm"] == getattr(study, role)).sum()) for role in roles}
    values["included"] = count(len(trial.people))
    if not screened:
        return Sentence("flow_from_inclusion", values, finding=True)
    gone = frame[frame["side"]]
    if not (study.disclosure == "protected" and gone["count"].between(1, study.smallest_group - 1).any()):
        gone = gone[gone["count"] > 0]  # beside a number of a few, which is not told, what is missing would tell it
    left = _left(gone, {getattr(study, role): role for role in roles})
    values |= {"referred": count(len(trial.tables["screening"])), "left": left}
    groups = "" if arms else "_one_group"
    return Sentence(f"flow{groups}" if left else f"flow_of_all{groups}", values, finding=True)


def _left(gone: pd.DataFrame, roles: dict[str, str]) -> tuple[Sentence, ...]:
    """How many left for each reason, and after the draw from which arm (arm → role)."""
    own = gone.dropna(subset=["arm"]).set_index("arm")["count"]
    arms = tuple(Sentence(f"left_{role}", {"n": count(own[arm])}) for arm, role in roles.items() if arm in own)
    keys = {"withdrew": "left_withdrew_after_draw"} if roles else {}
    totals = gone.groupby("box", sort=False)["count"].sum()
    return tuple(
        Sentence(keys.get(box, f"left_{box}"), {"n": count(n), "by_arm": arms}) for box, n in totals.items()
    )


@needs("arms")
def allocation(trial: Trial) -> Sentence:
    """Whether the treatment arm is larger than the control arm."""
    arms = trial.people["arm"].value_counts()
    treated, control = int(arms.get(trial.study.treatment, 0)), int(arms.get(trial.study.control, 0))
    direction = "higher" if treated > control else "lower" if treated < control else "unclear"
    return Sentence(
        "allocation",
        {
            "treatment": percent(100 * treated / (treated + control)),
            "control": percent(100 * control / (treated + control)),
        },
        direction,
    )


@needs("arms")
def allocation_phases(trial: Trial) -> list[Sentence]:
    """The allocation ratio of each phase that did not draw equally many to both arms; none if all did."""
    study = trial.study
    return [
        Sentence(
            "allocation_phase",
            {
                "treatment": _ratio(phase.ratio[study.treatment]),
                "control": _ratio(phase.ratio[study.control]),
                **month_values("from", phase.from_date),
                **month_values("to", phase.to_date),
            },
        )
        for phase in study.allocation_phases
        if phase.ratio[study.treatment] != phase.ratio[study.control]
    ]


def _ratio(share: float) -> Number:
    return decimal(share, 0 if float(share).is_integer() else 1)


@needs("participants", "table:screening")
def referral(trial: Trial) -> Sentence:
    """Who referred, commonest source first named; sources of nobody are not named."""
    known = trial.tables["screening"]["referral_source"].dropna()
    if known.empty:
        return Absent("known:referral_source")
    shares = 100 * known.value_counts(normalize=True, sort=False)
    order = ["nav", "physician", "self", "other"]
    first, *rest = sorted((source for source in order if source in shares), key=shares.get, reverse=True)
    parts = [
        Sentence("referral_source", {"source": Label("sources", source), "share": percent(shares[source])})
        for source in (first, *rest)
    ]
    values = {"known": count(len(known)), "first": parts[0]}
    return Sentence("referral", {**values, "rest": tuple(parts[1:])}) if rest else Sentence("referral_one", values)


@needs("participants")
def inflow(trial: Trial) -> Sentence:
    """Mean and largest monthly inclusion; with several allocation phases, months of the first against later ones."""
    per_month, first = inclusions_per_month(trial), start_up(trial)
    later = per_month.loc[first.index.max() + 1 :]
    places = 0 if per_month.mean() >= 10 else 1
    values = {
        "months": tally(len(per_month)), "mean": decimal(per_month.mean(), places), "most": count(per_month.max())
    }  # fmt: skip
    if later.empty:
        return Sentence("inflow_in_all" if len(per_month) > 1 else "inflow_in_one_month", values)
    year, month = steepest_rise(trial)
    values |= {
        "first": decimal(first.mean(), places),
        "later": decimal(later.mean(), places),
        "steepest": Label("calendar_months", str(month)),
        "steepest_year": Number(year, "year"),
    }
    change = later.mean() - first.mean()
    return Sentence("inflow", values, "higher" if change > 0 else "lower" if change < 0 else "unclear")

"""Which records stand behind the chapter's results: the report's extract that every page follows, others, and all."""

import pandas as pd

from analysis.chapters.employment.populations import PEOPLE, compare, compared, plain_outcome
from analysis.chapters.employment.shares import outcome_label
from analysis.frames.needs import needs
from analysis.frames.trial import Trial
from analysis.show.prose import Label, Sentence, count, decimal, month, p_value, percent

_CHAPTER = PEOPLE.split(".")[0]
ALL = "all_records"


@needs("arms", "registers", f"extract:{PEOPLE}")
def records(trial: Trial, conf_level: float = 0.95) -> list[Sentence]:
    """What the primary time shows in the records that all results follow, in the report's other extracts, and in all.

    The one place of the book where the results of other records stand.
    """
    found = _extracts(trial)
    main = found.pop(compared(trial).extract)
    alike = [name for name, extract in found.items() if _same(extract, main)]
    others = {name: extract for name, extract in found.items() if name not in alike}
    primary, plain = trial.study.primary_outcome, plain_outcome(trial)
    lead = _said("records_compared", (main.extract, *alike), main, primary, conf_level)
    rest = [_said("records_of_others", (name,), extract, plain, conf_level) for name, extract in others.items()]
    whole = trial.master or trial
    return [lead, *rest, *(_said("records_of_all", (ALL,), whole, each, conf_level) for each in (primary, plain))]


def _extracts(trial: Trial) -> dict[str, Trial]:
    """Name → extract of every extract behind a result of this chapter, the one all results follow among them."""
    printed = trial.study.as_printed.extracts
    own = {key: name for key, name in printed.items() if key.startswith(f"{_CHAPTER}.")}
    return {name: trial.in_extract(name) for name in dict.fromkeys([printed[PEOPLE], *own.values()])}


def _same(one: Trial, other: Trial) -> bool:
    """Whether two extracts give the same outcomes for the same people."""
    return one.outcomes.equals(other.outcomes) and one.people["arm"].equals(other.people["arm"])


def _said(key: str, names: tuple[str, ...], extract: Trial, outcome: str, conf_level: float) -> Sentence:
    study = extract.study
    rows = extract.outcomes.merge(extract.people[["participant_id", "arm"]], on="participant_id")
    now = rows[rows[study.unit] == study.primary_at]
    found = compare(now, extract, [outcome], conf_level=conf_level).set_index("contrast")
    return Sentence(key, _values(names, extract, outcome, found))


def _values(names: tuple[str, ...], extract: Trial, outcome: str, found: pd.DataFrame) -> dict:
    study, gap = extract.study, found.loc[extract.study.contrast]
    whole = extract.master or extract
    return {
        "records": tuple(Label("extracts", name) for name in names),
        "n": count(gap["n_treated"] + gap["n_control"]),
        "all": count(len(whole.people)),
        "n_treated": count(gap["n_treated"]),
        "n_control": count(gap["n_control"]),
        "outcome": outcome_label(outcome),
        "at": month(study.primary_at),
        "arm": Label("arms", study.treatment),
        "treated": percent(100 * found.loc[study.treatment, "estimate"]),
        "control": percent(100 * found.loc[study.control, "estimate"]),
        "difference": decimal(100 * gap["estimate"]),
        "p": p_value(gap["p_value"]),
    }

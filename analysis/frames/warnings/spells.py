"""Warnings about spells: what overlaps or adjoins, ends before the register does, or cannot follow what came before."""

from collections.abc import Iterator

import pandas as pd

from analysis.frames.registers import FORM_DAYS
from analysis.frames.trial import Trial
from analysis.frames.warnings.saying import counted, warning
from analysis.study.problems import Problem

# Each table of spells, what tells its spells apart, and how spells at the same time are handled.
_TABLES = {
    "benefit_spells": (
        ["benefit", "degree"],
        "A time unit gets one status: sickness benefit before AAP, disability pension, unemployment benefit and jobs.",
    ),
    "job_spells": (["employer_id"], "Agreed hours of jobs at the same time are added."),
    "measures": (["measure"], "Each row counts as a measure started, whatever else runs."),
}
# A register that shows nothing new for so long before its end was probably cut off earlier.
SILENT_DAYS = 92
# Sickness benefit is paid for up to 52 weeks (National Insurance Act section 8-12).
LONGEST_SICKNESS_BENEFIT = 52 * 7
# Statuses that nobody has who is fully retired on disability pension.
_AFTER_WORK = ("sickness_benefit", "aap", "unemployment_benefit", "individual_allowance")
_DATED = {"benefit_spells": "from_date", "job_spells": "from_date", "measures": "from_date", "contacts": "contact_on",
          "aap_hours": "period_start", "questionnaires": "answered_on"}  # fmt: skip
_DAY = pd.Timedelta(days=1)


def _side_by_side(trial: Trial) -> Iterator[Problem]:
    for name, (apart, rule) in _TABLES.items():
        spells = _ended(trial, name)
        overlapping = int((spells["from_date"] <= _latest_end(spells, ["participant_id"])).sum())
        if overlapping:
            cause = f"Begun while another spell of the person runs: {counted(overlapping, 'rows', len(spells))}."
            yield warning("overlapping_spells", f"{name}.csv", "from_date", cause, rule)
        keys = ["participant_id", *apart]
        adjacent = int((spells["from_date"] - _DAY == _latest_end(spells.fillna({"degree": 0}), keys)).sum())
        if adjacent:
            cause = f"Begun on the day after one of the same kind ended: {counted(adjacent, 'rows', len(spells))}."
            rule = "Benefits go on without a break; counts of jobs and measures count each row."
            yield warning("adjacent_spells", f"{name}.csv", "from_date", cause, rule)


def _forms_side_by_side(trial: Trial) -> Iterator[Problem]:
    forms = trial.tables["aap_hours"].sort_values(["participant_id", "period_start"], kind="stable")
    since = forms.groupby("participant_id")["period_start"].diff()
    count = int((since < pd.Timedelta(days=FORM_DAYS)).sum())
    if count:
        begun = f"Begun before the {FORM_DAYS} days of an earlier form of the person were over"
        cause = f"{begun}: {counted(count, 'rows', len(forms))}."
        yield warning("overlapping_forms", "aap_hours.csv", "period_start", cause,
                      "The hours of a time unit are the mean over its forms.")  # fmt: skip


def _ended(trial: Trial, name: str) -> pd.DataFrame:
    """Spells in the order of person and first day; those that still run end with the register."""
    spells = trial.tables[name].sort_values(["participant_id", "from_date"], kind="stable")
    last = trial.study.dates.register_end if trial.study.dates else None
    end = pd.Timestamp(last) if last else spells[["from_date", "to_date"]].max().max()
    return spells.assign(runs=spells["to_date"].isna(), to_date=spells["to_date"].fillna(end))


def _latest_end(spells: pd.DataFrame, keys: list[str]) -> pd.Series:
    """The latest last day of the earlier spells with the same keys; missing for the first."""
    by = [spells[key] for key in keys]
    return spells["to_date"].groupby(by).cummax().groupby(by).shift()


def _ending_early(trial: Trial) -> Iterator[Problem]:
    if not trial.study.has_registers:
        return
    end = pd.Timestamp(trial.study.dates.register_end)
    for name in _TABLES:
        spells = trial.tables[name]
        changes = pd.concat([spells["from_date"], spells["to_date"] + _DAY])
        if spells.empty or (end - changes.max()).days <= SILENT_DAYS:
            continue
        running = counted(int(spells["to_date"].isna().sum()), "spells still run") if spells["to_date"].isna().any() \
            else "none still runs"  # fmt: skip
        cause = f"No spell begins or ends in the last {SILENT_DAYS} days before the register ends; {running}."
        rule = "What is not in the table did not happen: if it was cut off earlier, mend register_end in study.yml."
        yield warning("ends_before_the_register", f"{name}.csv", "to_date", cause, rule)


def _longer_than_the_law(trial: Trial) -> Iterator[Problem]:
    spells = _ended(trial, "benefit_spells").query("benefit == 'sickness_benefit'")
    if spells.empty:
        return
    new = ~(spells["from_date"] - _DAY <= _latest_end(spells, ["participant_id"]))
    run = spells.groupby([spells["participant_id"], new.cumsum()])
    days = (run["to_date"].max() - run["from_date"].min()).dt.days + 1
    longer = int((days > LONGEST_SICKNESS_BENEFIT).sum())
    if longer:
        cause = f"Sickness benefit for more than 52 weeks without a break: {counted(longer, 'spells', len(days))}."
        yield warning("longer_than_the_law", "benefit_spells.csv", "to_date", cause,
                      "The days are used as they stand.")  # fmt: skip


def _back_from_pension(trial: Trial) -> Iterator[Problem]:
    spells = trial.tables["benefit_spells"]
    full = spells["benefit"].eq("disability_pension") & ~spells["degree"].lt(100)
    ended = spells[full & spells["to_date"].notna()].groupby("participant_id")["to_date"].max()
    running = spells.loc[full & spells["to_date"].isna(), "participant_id"]
    end = _of_person(spells, ended).mask(spells["participant_id"].isin(running))
    later = spells["benefit"].isin(_AFTER_WORK) & (spells["from_date"] > end)
    people = spells.loc[later, "participant_id"].nunique()
    if people:
        cause = f"Full disability pension ends and another benefit follows: {counted(people, 'people')}."
        yield warning("back_from_pension", "benefit_spells.csv", "benefit", cause,
                      "Each time unit has the status of its own spells; nobody is held in the pension.")  # fmt: skip


def _of_person(rows: pd.DataFrame, days: pd.Series) -> pd.Series:
    """The day of each row's person; missing for people without one."""
    return days.reindex(rows["participant_id"]).set_axis(rows.index)


def _after_observation(trial: Trial) -> Iterator[Problem]:
    until = trial.tables["participants"].set_index("participant_id")["observed_until"].dropna()
    for name, day in _DATED.items():
        rows = trial.tables[name]
        after = int((rows[day] > _of_person(rows, until)).sum())
        if after:
            cause = f"Begun after the last day on which the person was observed: {counted(after, 'rows', len(rows))}."
            yield warning("after_observation", f"{name}.csv", day, cause,
                          "Statuses end with the observation; other tables are used as they stand.")  # fmt: skip


LOOKS = (
    _side_by_side, _forms_side_by_side, _ending_early, _longer_than_the_law, _back_from_pension, _after_observation,
)  # fmt: skip

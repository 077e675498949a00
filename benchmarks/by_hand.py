"""What the register's cells are held against: the same in DuckDB's SQL by hand, and in plain pandas.

Both know the rules of the bundled trial in months, as somebody who needs just this would write them. They give the same
cells, row for row, which `benchmarks/scale.py` checks before it tells a time.
"""

from pathlib import Path

import pandas as pd

from analysis.frames.spells import engines
from analysis.frames.spells.cells import TABLES, added_up
from analysis.study.settings import Study

CELL = ["arm", "period", "status", "in_work_no_benefits", "fully_or_partly_in_work"]


def _month(day: str) -> str:
    return f"(year({day}) * 12 + month({day}) - 1)"


def _panel(first: str, last: str) -> str:
    """The panel from one month to another of each participant in `who`."""
    over = f"coalesce({_month('(to_date + 1)')} - 1, 99999)"
    packed = "(({day} - DATE '1800-01-01')::BIGINT * 1000000 + ({value} * 1000)::BIGINT)"
    begun, ended = (packed.format(day=day, value=value) for day, value in
                    (("from_date", "coalesce(degree, 100)"), ("to_date", "agreed_hours")))  # fmt: skip
    return f"""
    SELECT participant_id, period, (max(sick) % 1000000) / 1000.0 AS sick, (max(pension) % 1000000) / 1000.0 AS pension,
      max(rank) AS rank, bool_or(job) AS job, sum(hours) AS now, (max(past) % 1000000) / 1000.0 AS past,
      avg(form) AS form
    FROM (
      SELECT participant_id, (unnest(range({first}, {last} + 1)) - m)::INT AS period, NULL::BIGINT AS sick,
        NULL::BIGINT AS pension, NULL::TINYINT AS rank, NULL::BOOLEAN AS job, NULL::DOUBLE AS hours,
        NULL::BIGINT AS past, NULL::DOUBLE AS form FROM who
      UNION ALL
      SELECT participant_id, (unnest(range(greatest({first}, {_month('from_date')}), least({last},
          CASE WHEN benefit = 'aap' THEN {over} ELSE coalesce({_month('to_date')}, 99999) END) + 1)) - m)::INT,
        CASE WHEN benefit = 'sickness_benefit' THEN {begun} END,
        CASE WHEN benefit = 'disability_pension' THEN {begun} END,
        CASE benefit WHEN 'aap' THEN 3 WHEN 'unemployment_benefit' THEN 2 WHEN 'individual_allowance' THEN 2
          WHEN 'nav_follow_up' THEN 1 END, NULL, NULL, NULL, NULL
      FROM benefit_spells JOIN who USING (participant_id)
      UNION ALL
      SELECT participant_id,
        (unnest(range(greatest({first}, {_month('from_date')}), least({last}, {over}) + 1)) - m)::INT,
        NULL, NULL, NULL, true, nullif(agreed_hours, 0), NULL, NULL FROM job_spells JOIN who USING (participant_id)
      UNION ALL
      SELECT participant_id, (unnest(range(greatest({first}, {_month('from_date')}, {over} + 1), {last} + 1)) - m)::INT,
        NULL, NULL, NULL, NULL, NULL, {ended}, NULL
      FROM job_spells JOIN who USING (participant_id) WHERE agreed_hours > 0 AND to_date IS NOT NULL
      UNION ALL
      SELECT participant_id, ({_month('period_start')} - m)::INT, NULL, NULL, NULL, NULL, NULL, NULL, hours_worked
      FROM aap_hours JOIN who USING (participant_id) WHERE {_month('period_start')} BETWEEN {first} AND {last}
    ) GROUP BY participant_id, period"""


_STATUS = """CASE WHEN sick >= 100 THEN 'sick_listed_full' WHEN sick > 0 THEN 'sick_listed_graded'
      WHEN rank = 3 AND coalesce(form, 0) / (2 * coalesce(now, past, {full_time})) >= {share} THEN 'aap_and_job'
      WHEN rank = 3 THEN 'aap' WHEN pension >= 100 THEN 'disability_pension_full'
      WHEN pension > 0 THEN 'disability_pension_graded' WHEN rank = 2 THEN 'unemployment_benefit_individual_allowance'
      WHEN job THEN 'job_no_benefits' WHEN rank = 1 THEN 'nav_follow_up_without_benefits'
      ELSE 'no_job_no_benefit' END"""


def handwritten_query(study: Study) -> str:
    """Cells by arm, month, status and the two outcomes of the bundled trial, over the tables of a register."""
    dates, rules = study.dates, study.registers
    status = _STATUS.format(full_time=rules.full_time_weekly_hours, share=rules.aap_work_share_min)
    held = " OR ".join(_step(step) for step in study.outcomes[1].steps)
    start, end = (day.year * 12 + day.month - 1 for day in (dates.register_start, dates.register_end))
    return f"""
  WITH who AS (
    SELECT participant_id, arm, m, greatest(m - {study.horizon.before}, {start}) AS lo,
      least(m + {study.horizon.after}, {end}, coalesce({_month('(observed_until + 1)')} - 1, 99999)) AS hi
    FROM (SELECT *, {_month('included_on')} AS m FROM participants)),
  then_ AS (SELECT participant_id, {status} AS before, pension AS degree_before
    FROM ({_panel('m', 'least(m, hi)')})),
  now_ AS (SELECT participant_id, period, {status} AS status, coalesce(job, false) AS has_job
    FROM ({_panel('lo', 'hi')}))
  SELECT arm, period, status, status = 'job_no_benefits' AS in_work_no_benefits,
    coalesce(status = 'job_no_benefits' OR {held}, false) AS fully_or_partly_in_work, count(*) AS people
  FROM now_ JOIN who USING (participant_id) LEFT JOIN then_ USING (participant_id) GROUP BY ALL"""


def _step(step) -> str:
    before, after = (", ".join(f"'{status}'" for status in statuses) for statuses in (step.before, step.after))
    pension = " AND degree_before > 0 AND degree_before < 100" if step.beside_graded_pension else ""
    job = " AND has_job" if step.with_job else ""
    return f"(before IN ({before}) AND status IN ({after}){pension}{job})"


def handwritten_cells(folder: Path, study: Study) -> pd.DataFrame:
    """The cells by SQL written by hand, people taken by the same turns."""
    query, found, files = handwritten_query(study), [], engines.register_files(folder)
    with engines.duckdb_for(engines.MEMORY) as (connection, spill):
        starts = engines._view_all(connection, files, spill)
        for first, after in zip(starts, [*starts[1:], None], strict=True):
            for name in TABLES:
                inside = f"participant_id >= '{first}'" + (f" AND participant_id < '{after}'" if after else "")
                connection.execute(f"CREATE OR REPLACE VIEW {name} AS FROM all_{name} WHERE {inside}")
            found.append(connection.execute(query).df())
    return added_up(found)


def pandas_cells(folder: Path, study: Study) -> pd.DataFrame:
    """The cells by merging months and spells of each participant, as one would in pandas."""
    tables = {name: pd.read_parquet(folder / name).drop(columns=["centre", "sex", "birth_date"], errors="ignore")
              for name in TABLES}  # fmt: skip
    months = _months(tables["participants"], study)
    panel = months.merge(_benefits(months, tables["benefit_spells"]), how="left", on=["participant_id", "period"])
    panel = panel.merge(_jobs(months, tables["job_spells"]), how="left", on=["participant_id", "period"])
    panel = panel.merge(_forms(months, tables["aap_hours"]), how="left", on=["participant_id", "period"])
    panel["status"] = _named(panel, study)
    then = panel.loc[panel["period"] == 0, ["participant_id", "status", "pension"]]
    panel = panel.merge(then, how="left", on="participant_id", suffixes=("", "_then"))
    held = panel["status"] == "job_no_benefits"
    panel["in_work_no_benefits"] = held
    for step in study.outcomes[1].steps:
        took = panel["status_then"].isin(step.before) & panel["status"].isin(step.after)
        if step.beside_graded_pension:
            took &= (panel["pension_then"] > 0) & (panel["pension_then"] < 100)
        held = held | (took & panel["job"].fillna(False).astype(bool) if step.with_job else took)
    panel["fully_or_partly_in_work"] = held
    return panel.groupby(CELL).size().rename("people").reset_index()


def _months(people: pd.DataFrame, study: Study) -> pd.DataFrame:
    periods = pd.DataFrame({"period": range(-study.horizon.before, study.horizon.after + 1)})
    months = people.merge(periods, how="cross")
    first = pd.to_datetime(months["included_on"]).dt.to_period("M") + months["period"].to_numpy()
    months["first_day"], months["last_day"] = first.dt.start_time, first.dt.end_time.dt.normalize()
    inside = (months["first_day"] >= pd.Timestamp(study.dates.register_start)) & (
        months["last_day"] <= pd.Timestamp(study.dates.register_end))  # fmt: skip
    until = pd.to_datetime(months["observed_until"])
    return months[inside & (until.isna() | (months["last_day"] <= until))]


_KEYS = ["participant_id", "period"]


def _pairs(months: pd.DataFrame, spells: pd.DataFrame) -> pd.DataFrame:
    for name in ("from_date", "to_date"):
        spells = spells.assign(**{name: pd.to_datetime(spells[name])})
    pairs = months[[*_KEYS, "first_day", "last_day"]].merge(spells, on="participant_id")
    return pairs[pairs["from_date"] <= pairs["last_day"]]


def _benefits(months: pd.DataFrame, spells: pd.DataFrame) -> pd.DataFrame:
    pairs = _pairs(months, spells.assign(degree=spells["degree"].fillna(100)))
    pairs = pairs[pairs["to_date"].isna() | (pairs["to_date"] >= pairs["first_day"])]
    pairs = pairs.sort_values(["from_date", "degree"])
    at_end = pairs["to_date"].isna() | (pairs["to_date"] >= pairs["last_day"])
    parts = {}
    for name, benefit in (("sick", "sickness_benefit"), ("pension", "disability_pension")):
        parts[name] = pairs[pairs["benefit"] == benefit].groupby(_KEYS)["degree"].last()
    for name, rows in (("aap", (pairs["benefit"] == "aap") & at_end),
                       ("unemployed", pairs["benefit"].isin(["unemployment_benefit", "individual_allowance"])),
                       ("followed", pairs["benefit"] == "nav_follow_up")):  # fmt: skip
        parts[name] = pairs[rows].groupby(_KEYS).size() > 0
    return pd.DataFrame(parts).reset_index()


def _jobs(months: pd.DataFrame, jobs: pd.DataFrame) -> pd.DataFrame:
    pairs = _pairs(months, jobs.assign(agreed_hours=jobs["agreed_hours"].replace(0, float("nan"))))
    runs = pairs["to_date"].isna() | (pairs["to_date"] >= pairs["last_day"])
    past = pairs[~runs & pairs["agreed_hours"].notna()].sort_values(["to_date", "agreed_hours"])
    parts = {"job": pairs[runs].groupby(_KEYS).size() > 0, "past": past.groupby(_KEYS)["agreed_hours"].last(),
             "now": pairs[runs].groupby(_KEYS)["agreed_hours"].sum(min_count=1)}  # fmt: skip
    return pd.DataFrame(parts).reset_index()


def _forms(months: pd.DataFrame, forms: pd.DataFrame) -> pd.DataFrame:
    pairs = months[[*_KEYS, "first_day", "last_day"]].merge(forms, on="participant_id")
    start = pd.to_datetime(pairs["period_start"])
    pairs = pairs[(start >= pairs["first_day"]) & (start <= pairs["last_day"])]
    return pairs.groupby(_KEYS)["hours_worked"].mean().rename("form").reset_index()


def _named(panel: pd.DataFrame, study: Study) -> pd.Series:
    rules, yes = study.registers, {name: panel[name].eq(True) for name in ("aap", "unemployed", "followed", "job")}
    agreed = panel["now"].fillna(panel["past"]).fillna(rules.full_time_weekly_hours)
    works = panel["form"].fillna(0) / (2 * agreed) >= rules.aap_work_share_min
    sick, pension = panel["sick"].fillna(0), panel["pension"].fillna(0)
    status = pd.Series("no_job_no_benefit", index=panel.index)
    for name, rows in reversed([
        ("sick_listed_full", sick >= 100), ("sick_listed_graded", sick > 0), ("aap_and_job", yes["aap"] & works),
        ("aap", yes["aap"]), ("disability_pension_full", pension >= 100), ("disability_pension_graded", pension > 0),
        ("unemployment_benefit_individual_allowance", yes["unemployed"]), ("job_no_benefits", yes["job"]),
        ("nav_follow_up_without_benefits", yes["followed"]),
    ]):  # fmt: skip
        status = status.mask(rows, name)
    return status

"""The register tables: benefit spells, jobs and the hours reported on AAP."""

import numpy as np
import pandas as pd

from .jobs import job_spells
from .spells import careers, cut_benefits, employed_months, reported_hours

EMPLOYERS = np.arange(1, 901)
# AAP replaced three schemes that day, and who received one of those changed over (chapter 11 of the National Insurance
# Act). The code `aap` stands for them all.
AAP_BEGAN = pd.Timestamp("2010-03-01")


def register_tables(people: pd.DataFrame, months: pd.DataFrame, rng: np.random.Generator) -> dict[str, pd.DataFrame]:
    """`benefit_spells`, `job_spells` and `aap_hours` for everyone's months."""
    benefits: list[dict] = []
    jobs: list[dict] = []
    forms: list[dict] = []
    for career, sex in zip(careers(people, months), people["sex"], strict=True):
        cut_benefits(career, rng)
        employed = employed_months(career.path, rng)
        rows, agreed = job_spells(career, employed, sex == "woman", EMPLOYERS, rng)
        benefits += career.benefits
        jobs += rows
        forms += reported_hours(career, career.benefits, agreed, rng)
    return {
        "benefit_spells": _spell_frame(benefits, ["benefit", "degree"]),
        "job_spells": _spell_frame(jobs, ["employer_id", "agreed_hours"]),
        "aap_hours": pd.DataFrame(forms).astype({"period_start": "datetime64[ns]"}),
    }


def changed_over(benefits: pd.DataFrame) -> pd.DataFrame:
    """The benefit spells, those on AAP cut in two where AAP began; no status changes."""
    across = (benefits["benefit"] == "aap") & (benefits["from_date"] < AAP_BEGAN)
    across &= ~(benefits["to_date"] < AAP_BEGAN)
    before = benefits[across].assign(to_date=AAP_BEGAN - pd.Timedelta(days=1))
    after = benefits.assign(from_date=benefits["from_date"].mask(across, AAP_BEGAN))
    order = ["participant_id", "from_date", "benefit"]
    return pd.concat([before, after]).sort_values(order, kind="stable", ignore_index=True)


def _spell_frame(rows: list[dict], middle: list[str]) -> pd.DataFrame:
    frame = pd.DataFrame(rows)[["participant_id", *middle, "from_date", "to_date"]]
    frame = frame.astype({"from_date": "datetime64[ns]", "to_date": "datetime64[ns]"})
    if "degree" in frame:
        frame["degree"] = frame["degree"].astype("Int64")
    return frame.sort_values(["participant_id", "from_date", *middle[:1]], kind="stable").reset_index(drop=True)

"""Monthly statuses → the two employment outcomes of the evaluation."""

import pandas as pd

OUTCOMES = ("in_work_no_benefits", "fully_or_partly_in_work")


def work_outcomes(panel: pd.DataFrame) -> pd.DataFrame:
    """Both employment outcomes at every observed month.

    One row is one participant and month of `panel` (see `registers.status_panel`), in the panel's order; the outcomes
    are bool.

    in_work_no_benefits: a registered job and no benefit in the month.

    fully_or_partly_in_work: the same, or more work or less benefit than in the month of inclusion, which is: fully
    sick-listed then and graded now; AAP without work then and AAP with work now; graded disability pension and
    sick-listed then, and now on graded disability pension with a registered job and no sickness benefit. Before
    inclusion the same comparison is made, so that the two arms are treated alike in every month.

    Missing data: a participant without an observed month of inclusion has nothing to compare with, and only work
    without benefits counts.
    """
    at_inclusion = panel.loc[panel["month"] == 0].set_index("participant_id")
    then = at_inclusion.reindex(panel["participant_id"]).reset_index(drop=True)
    now = panel.reset_index(drop=True)
    in_work = now["status"] == "job_no_benefits"
    graded_now = (then["status"] == "sick_listed_full") & (now["status"] == "sick_listed_graded")
    aap_with_work = (then["status"] == "aap") & (now["status"] == "aap_and_job")
    return pd.DataFrame(
        {
            "participant_id": now["participant_id"],
            "month": now["month"],
            "in_work_no_benefits": in_work,
            "fully_or_partly_in_work": in_work | graded_now | aap_with_work | _back_on_graded_pension(then, now),
        }
    )


def _back_on_graded_pension(then: pd.DataFrame, now: pd.DataFrame) -> pd.Series:
    """Sick-listed beside a graded disability pension at inclusion, working beside the pension now."""
    sick_then = then["status"].isin(["sick_listed_full", "sick_listed_graded"])
    graded_then = then["disability_degree"].gt(0) & then["disability_degree"].lt(100)
    working_now = (now["status"] == "disability_pension_graded") & now["has_job"] & (now["sick_degree"] == 0)
    return sick_then & graded_then & working_now

"""All rules that need more than one value: between columns, rows and tables, and against study.yml."""

from collections.abc import Iterator

from analysis.study.contract.answer_rules import ANSWER_RULES
from analysis.study.contract.faults import Rule, Tables, faults
from analysis.study.contract.people_rules import PEOPLE_RULES
from analysis.study.contract.register_rules import REGISTER_RULES
from analysis.study.problems import Problem
from analysis.study.settings import Study


def _known_interview(tables: Tables, study: Study) -> Iterator[Problem]:
    ids = tables["interview_themes"]["interview_id"]
    yield from faults(
        "interview_themes",
        ~ids.isin(tables["interviews"]["interview_id"]),
        "interview_id",
        "unknown_interview",
        "This interview is not in interviews.csv.",
        "Add the interview there or correct the pseudonym.",
    )


INTERVIEW_RULES = (
    Rule(("interview_themes", "interviews"), "Every interview in interview_themes is in interviews.", _known_interview),
)

RULES: tuple[Rule, ...] = (*PEOPLE_RULES, *ANSWER_RULES, *REGISTER_RULES, *INTERVIEW_RULES)

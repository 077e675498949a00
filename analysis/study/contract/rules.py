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


def _labelled(table: str, column: str, codes: str) -> Rule:
    """A rule that every code of an open list has its label in the settings."""

    def check(tables: Tables, study: Study) -> Iterator[Problem]:
        values = tables[table][column]
        yield from faults(
            table,
            values.notna() & ~values.isin(getattr(study.interviews, codes)),
            column,
            "unknown_code",
            f"This code has no label under interviews.{codes} in study.yml.",
            "Add it there with a label, or correct the code.",
        )

    statement = f"Every {column} is listed with a label under interviews.{codes} in study.yml."
    return Rule({table: (column,)}, statement, check, settings=("interviews",))


# Table and column of each open code list of the interviews, with the setting that lists its codes.
_CODE_LISTS = (
    ("interviews", "interview_type", "types"),
    ("interviews", "informant_role", "roles"),
    ("interviews", "work_status_at_interview", "work_statuses"),
    ("interviews", "expectation_group", "expectation_groups"),
    ("interviews", "information_source", "information_sources"),
    ("interview_themes", "theme", "themes"),
)
INTERVIEW_RULES = (
    Rule(
        {"interview_themes": ("interview_id",), "interviews": ("interview_id",)},
        "Every interview in interview_themes is in interviews.",
        _known_interview,
        whole=("interviews",),
    ),
    *(_labelled(*listed) for listed in _CODE_LISTS),
)

RULES: tuple[Rule, ...] = (*PEOPLE_RULES, *ANSWER_RULES, *REGISTER_RULES, *INTERVIEW_RULES)

"""Tables about the centres and the people interviewed: organisation, fidelity reviews, interviews and their themes."""

from analysis.study.contract.columns import (
    any_identifier,
    code,
    day,
    decimal,
    flag,
    integer,
    study_code,
    table,
)

CENTRES = table(
    "centres",
    "One row per centre: staff and organisation.",
    {
        "centre": study_code("Centre", "centres"),
        "positions": decimal("Financed positions for therapists", 0, 50, unit="full-time positions", nullable=True),
        "co_located_with_advisory_office": flag("Shares premises with the advisory office", nullable=True),
        "only_psychologists": flag("All therapists are psychologists", nullable=True),
        "job_consultant_positions": decimal(
            "Positions for job consultants", 0, 50, unit="full-time positions", nullable=True
        ),
        "focus_group_size": integer("Informants in the focus group", 0, 30, unit="people", nullable=True),
    },
    key=("centre",),
    source="Centres' own reports and interviews",
)

FIDELITY = table(
    "fidelity",
    "One row per centre and item of the fidelity review.",
    {
        "centre": study_code("Centre", "centres"),
        "item": integer("Item of the IPS fidelity scale", 1, 25),
        "score": integer("Score", 1, 5, unit="points"),
        "reviewed_on": day("Day of the review", nullable=True),
    },
    key=("centre", "item", "reviewed_on"),
    source="Fidelity reviews with the IPS-25 scale",
)

INTERVIEWS = table(
    "interviews",
    "One row per informant of an interview.",
    {
        "interview_id": any_identifier("Pseudonym of the interview"),
        "interview_type": study_code("Type of interview", "interviews.types"),
        "centre": study_code("Centre the interview is about", "centres", nullable=True),
        "conducted_on": day("Day of the interview", nullable=True),
        "mode": code("Mode", "in_person", "telephone", nullable=True),
        "informant_id": any_identifier("Pseudonym of the informant"),
        "informant_role": study_code("Role of the informant", "interviews.roles"),
        "sex": code("Sex", "woman", "man", nullable=True),
        "age": integer("Age in completed years", 16, 80, unit="years", nullable=True),
        "education": code(
            "Highest completed education",
            "primary",
            "upper_secondary",
            "university_1_4_years",
            "university_over_4_years",
            "other",
            nullable=True,
        ),
        "work_status_at_interview": study_code("Tie to work", "interviews.work_statuses", nullable=True),
        "job_consultant_help": code("Help received from a job consultant", "none", "some", "extensive", nullable=True),
        "expectation_group": study_code(
            "What the user knew beforehand", "interviews.expectation_groups", nullable=True
        ),
        "information_source": study_code(
            "Where the user heard of the service", "interviews.information_sources", nullable=True
        ),
    },
    key=("interview_id", "informant_id"),
    source="Interviews of the process evaluation",
)

INTERVIEW_THEMES = table(
    "interview_themes",
    "One row per interview, theme, aspect and coder.",
    {
        "interview_id": any_identifier("Pseudonym of the interview"),
        "theme": study_code("Theme", "interviews.themes"),
        "aspect": code("How the theme was spoken of", "success_factor", "challenge", "wish", "experience"),
        "coder": integer(
            "Coder; empty or 1 is the one whose coding is counted, others coded some again", 1, 9, nullable=True
        ),
    },
    key=("interview_id", "theme", "aspect", "coder"),
    source="Content analysis of the interviews",
)

"""Tables about people: screening, participants, what they answered about themselves at inclusion, reference group."""

from analysis.study.contract.columns import (
    any_identifier,
    code,
    day,
    decimal,
    flag,
    identifier,
    integer,
    study_code,
    table,
    text,
)

PARTICIPANT = "Pseudonym of the participant"
HADS_ITEMS = tuple(f"hads_{item:02d}" for item in range(1, 15))
SHC_ITEMS = tuple(f"shc_{item:02d}" for item in range(1, 30))
TREATMENTS = ("psychologist", "other_talk_therapy", "medication", "alternative_treatment")


def hads_columns() -> dict:
    """The 14 items of the Hospital Anxiety and Depression Scale, odd items anxiety, even items depression."""
    return {name: integer(f"HADS item {name[-2:]}", 0, 3, unit="points", nullable=True) for name in HADS_ITEMS}


def shc_columns() -> dict:
    """The 29 items of the Subjective Health Complaints inventory."""
    return {
        name: integer(f"SHC item {name[-2:]}, severity in the last 30 days", 0, 3, unit="points", nullable=True)
        for name in SHC_ITEMS
    }


MARITAL_STATUSES = ("unmarried", "married_partner", "cohabiting", "widowed", "divorced_separated")
EDUCATION = ("primary", "upper_secondary", "university_1_4_years", "university_over_4_years", "other")


def shared_background_columns() -> dict:
    """Questions that participants and the reference group both answered."""
    years = {"unit": "years", "nullable": True}
    return {
        "country_of_birth": code("Country of birth", "norway", "nordic", "outside_nordic", nullable=True),
        "marital_status": code("Marital status", *MARITAL_STATUSES, nullable=True),
        "reading_writing_difficulties": flag("Has difficulties with reading or writing", nullable=True),
        "education": code("Highest completed education", *EDUCATION, nullable=True),
        "self_rated_health": code(
            "Own health as described by the person", "very_good", "good", "fair", "poor", "very_poor", nullable=True
        ),
        "years_in_occupation": decimal("Years in the present or latest occupation", 0, 60, **years),
        "years_with_mental_complaints": decimal("Years with mental complaints", 0, 80, **years),
        "self_reported_status": code(
            "Tie to work as reported by the person", "sick_listed_from_job", "in_work", "unemployed", nullable=True
        ),
        "expects_return_within_weeks": code(
            "How well it fits that the person will be back at work within weeks",
            "fits_very_well",
            "fits_well",
            "neither",
            "fits_poorly",
            "fits_very_poorly",
            nullable=True,
        ),
    }


SCREENING = table(
    "screening",
    "One row per person referred to the trial.",
    {
        "referral_id": identifier("Pseudonym of the referral", "R"),
        "centre": study_code(
            "Centre the person was referred to; needed if study.yml lists centres", "centres", nullable=True
        ),
        "referred_on": day("Day of referral", nullable=True),
        "referral_source": code("Who referred the person", "nav", "physician", "self", "other", nullable=True),
        "outcome": code("What came of the referral", "included", "not_eligible", "no_consent", "withdrew"),
        "arm": study_code("Arm drawn; empty for people who were not randomised", "arms", nullable=True),
        "participant_id": identifier("Pseudonym of the participant; only for included people", "P", nullable=True),
    },
    key=("referral_id",),
    source="Screening log of the centres",
)

PARTICIPANTS = table(
    "participants",
    "One row per participant.",
    {
        "participant_id": identifier(PARTICIPANT, "P"),
        "centre": study_code("Centre of inclusion; needed if study.yml lists centres", "centres", nullable=True),
        "arm": study_code("Arm the participant was drawn to; needed if study.yml lists arms", "arms", nullable=True),
        "included_on": day("Day of inclusion and randomisation"),
        "birth_date": day("Date of birth", nullable=True),
        "sex": code("Sex in the population register", "woman", "man", nullable=True),
        "observed_until": day(
            "Last day on which the person was observed, such as the day of death or emigration; empty when observed to "
            "the end of the registers",
            nullable=True,
            empty="when observed to the end of the registers",
        ),
    },
    key=("participant_id",),
    source="Randomisation list",
)

BACKGROUND = table(
    "background",
    "One row per participant: answers about oneself at inclusion.",
    {
        "participant_id": identifier(PARTICIPANT, "P"),
        **shared_background_columns(),
        "work_situation": code(
            "Description of the present work situation that fits best",
            "unemployed",
            "job_attachment",
            "returning_date_unknown",
            "returning_within_weeks",
            nullable=True,
        ),
        "sick_leave_reason": code(
            "Main reason for sickness absence, asked of people on sick leave",
            "mental",
            "work_conflict",
            "other_health",
            "home_strain",
            "other",
            nullable=True,
        ),
        "sleep_quality": code(
            "Sleep in the last three months", "very_good", "good", "fair", "poor", "very_poor", nullable=True
        ),
        "violence_any": flag("Has ever been exposed to violence", nullable=True),
        "violence_regular": flag("Violence took place regularly over time", nullable=True),
        "violence_been_beaten": flag("Has been beaten", nullable=True),
        "violence_robbery_assault": flag("Has been robbed or assaulted", nullable=True),
        "violence_sexual": flag("Has been exposed to sexual violence or abuse", nullable=True),
        "violence_deprivation_of_liberty": flag("Has been deprived of liberty", nullable=True),
        "violence_serious_threats": flag("Has received serious threats", nullable=True),
        "bullied_at_work": flag("Has been bullied at work", nullable=True),
        "bullied_regularly": flag("Bullied at work once a week or more often", nullable=True),
        "conflicts_at_work": flag("Has been part of personal conflicts at work several times", nullable=True),
        "support_in_family": flag("Has someone in the family to share joys and sorrows with", nullable=True),
        "support_outside_family": flag("Has someone outside the family to share joys and sorrows with", nullable=True),
    },
    key=("participant_id",),
    source="Questionnaire at inclusion",
)

EARLIER_TREATMENT = table(
    "earlier_treatment",
    "One row per participant and treatment received before inclusion.",
    {
        "participant_id": identifier(PARTICIPANT, "P"),
        "treatment": code("Treatment for mental complaints", *TREATMENTS),
        "effect": code("Effect as judged by the participant", "improved", "no_effect", "worse", nullable=True),
    },
    key=("participant_id", "treatment"),
    source="Questionnaire at inclusion",
)

REFERENCE_GROUP = table(
    "reference_group",
    "One row per person who used the service outside the trial.",
    {
        "person_id": any_identifier("Pseudonym of the person"),
        "sex": code("Sex", "woman", "man", nullable=True),
        "age": integer("Age in completed years", 16, 80, unit="years", nullable=True),
        **shared_background_columns(),
        **hads_columns(),
        **shc_columns(),
    },
    key=("person_id",),
    source="Questionnaire to ordinary users after the end of inclusion",
)

EXTRACT_DIFFERENCES = table(
    "extract_differences",
    "One row per value in which a named extract of the data differs.",
    {
        "extract": text("Name of the extract, as `extracts` of as_printed.yml has it"),
        "participant_id": identifier(PARTICIPANT, "P"),
        "field": text("included, arm, sex, birth_date, a background column, or status_m00, status_m12 and so on"),
        "value": text(
            "Value in the extract, written as in the table it replaces; empty when missing there; for included "
            "only false",
            nullable=True,
        ),
    },
    key=("extract", "participant_id", "field"),
    source="Reconciliation of the extracts behind the published tables",
)

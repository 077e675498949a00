"""Tables of answers: questionnaires at every wave, health services, open answers and their coding, coordination."""

from analysis.study.contract.columns import code, day, flag, identifier, integer, table
from analysis.study.contract.people_tables import PARTICIPANT, hads_columns, shc_columns

LAST_WAVE = 240
EQ5D_ITEMS = (
    "eq5d_mobility",
    "eq5d_self_care",
    "eq5d_usual_activities",
    "eq5d_pain_discomfort",
    "eq5d_anxiety_depression",
)
CHALDER_ITEMS = tuple(f"chalder_{item:02d}" for item in range(1, 12))
SERVICES = (
    "general_practitioner",
    "psychologist",
    "district_psychiatric_centre",
    "physiotherapist",
    "chiropractor",
    "other",
)
ANSWER_CATEGORIES = (
    "aspects_of_the_measure",
    "nav",
    "psychologist",
    "tools",
    "general_practitioner",
    "other_therapists",
    "results",
    "lack_of_follow_up",
    "satisfied_with_all_or_most",
    "was_heard_seen_believed",
    "other",
)


def _wave():
    return integer("Months after inclusion; a wave listed in study.yml", 0, LAST_WAVE, unit="months")


def _rating(description: str):
    return integer(description, 1, 7, unit="points", nullable=True)


QUESTIONNAIRES = table(
    "questionnaires",
    "One row per participant and returned questionnaire.",
    {
        "participant_id": identifier(PARTICIPANT, "P"),
        "wave": _wave(),
        "answered_on": day("Day the questionnaire was answered", nullable=True),
        **hads_columns(),
        **{
            name: integer(f"EQ-5D-3L {name[5:].replace('_', ' ')}, level", 1, 3, unit="level", nullable=True)
            for name in EQ5D_ITEMS
        },
        "health_ladder": integer("Own health today on a ladder", 0, 100, unit="points", nullable=True),
        **shc_columns(),
        **{
            name: integer(f"Chalder Fatigue Questionnaire item {name[-2:]}", 0, 3, unit="points", nullable=True)
            for name in CHALDER_ITEMS
        },
        "expectation_work": _rating("How likely it is to be in ordinary paid work within 12 months"),
        "expected_health_effect": _rating("Expected effect of work on own health"),
        "satisfaction": _rating("Satisfaction with the follow-up received; asked after inclusion only"),
        "followup_effect_on_health": _rating("Effect of the follow-up on own health; asked after inclusion only"),
    },
    key=("participant_id", "wave"),
    source="Questionnaires at inclusion and follow-up",
)

HEALTH_SERVICES = table(
    "health_services",
    "One row per participant, wave and service; the last six months.",
    {
        "participant_id": identifier(PARTICIPANT, "P"),
        "wave": _wave(),
        "service": code("Health service outside the programme", *SERVICES),
        "used": flag("Had at least one consultation"),
        "consultations": integer("Consultations", 0, 200, unit="consultations", nullable=True),
    },
    key=("participant_id", "wave", "service"),
    source="Questionnaires at follow-up",
)


def _category(rank: str):
    return code(f"{rank} category of the answer", *ANSWER_CATEGORIES, nullable=True)


OPEN_ANSWERS = table(
    "open_answers",
    "One row per open answer and coder.",
    {
        "participant_id": identifier(PARTICIPANT, "P"),
        "wave": _wave(),
        "question": code("Open question", "most_satisfied", "least_satisfied"),
        "coder": integer("Coder; 1 coded every answer, the others a random part", 1, 9),
        "category_1": _category("First"),
        "category_2": _category("Second"),
        "category_3": _category("Third"),
        "too_short_duration": flag("The answer says that the programme was too short"),
    },
    key=("participant_id", "wave", "question", "coder"),
    source="Open questions at follow-up, coded by content",
)

COORDINATION = table(
    "coordination",
    "One row per answer about how services were coordinated.",
    {
        "participant_id": identifier(PARTICIPANT, "P"),
        "wave": _wave(),
        "experience": code("Experience told in the answer", "positive", "negative", "mixed", "unclassifiable"),
    },
    key=("participant_id", "wave"),
    source="Open question at follow-up, coded by content",
)

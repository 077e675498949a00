"""Tables from registers: benefit and job spells, hours worked on AAP, income, labour-market measures, contacts."""

from analysis.study.contract.columns import code, day, decimal, identifier, integer, table
from analysis.study.contract.people_tables import PARTICIPANT

BENEFITS = (
    "sickness_benefit",
    "aap",
    "disability_pension",
    "unemployment_benefit",
    "individual_allowance",
    "nav_follow_up",
)
GRADED_BENEFITS = ("sickness_benefit", "aap", "disability_pension")
MEASURES = (
    "supported_employment_arbeid_med_bistand",
    "amo_labour_market_training",
    "clarification_avklaring",
    "individual_follow_up",
    "job_club",
    "wage_subsidy",
    "work_practice_sheltered",
    "work_practice_ordinary",
    "education",
    "other",
)


def _spell(running: str) -> dict:
    return {
        "from_date": day("First day"),
        "to_date": day(f"Last day, included; empty when {running}", nullable=True, empty=f"when {running}"),
    }


BENEFIT_SPELLS = table(
    "benefit_spells",
    "One row per unbroken spell of one benefit at one degree.",
    {
        "participant_id": identifier(PARTICIPANT, "P"),
        "benefit": code("Benefit; AAP stands for the three schemes that it replaced in 2010, too", *BENEFITS),
        "degree": integer(
            "Degree; given for sickness benefit, AAP and disability pension only", 1, 100, unit="percent", nullable=True
        ),
        **_spell("still running at the end of the register"),
    },
    source="NAV Infotrygd and Arena",
)

JOB_SPELLS = table(
    "job_spells",
    "One row per employment relationship.",
    {
        "participant_id": identifier(PARTICIPANT, "P"),
        "employer_id": identifier("Pseudonym of the employer", "E"),
        "agreed_hours": decimal("Agreed weekly working hours", 0, 80, unit="hours a week", nullable=True),
        **_spell("the job still ran at the end of the register"),
    },
    source="State register of employees",
)

AAP_HOURS = table(
    "aap_hours",
    "One row per participant and 14-day form of a recipient of AAP.",
    {
        "participant_id": identifier(PARTICIPANT, "P"),
        "period_start": day("Monday on which the 14 days start"),
        "hours_worked": decimal("Hours worked in the 14 days", 0, 150, unit="hours", nullable=True),
    },
    key=("participant_id", "period_start"),
    source="NAV Arena",
)

INCOME = table(
    "income",
    "One row per participant and calendar year.",
    {
        "participant_id": identifier(PARTICIPANT, "P"),
        "year": integer("Calendar year", 1967, 2100, unit="year"),
        "pensionable_income_nok": decimal("Pensionable income in prices of the year", 0, None, unit="NOK"),
    },
    key=("participant_id", "year"),
    source="Tax Administration through NAV",
)

MEASURES_TABLE = table(
    "measures",
    "One row per labour-market measure started.",
    {
        "participant_id": identifier(PARTICIPANT, "P"),
        "measure": code("Type of measure", *MEASURES),
        **_spell("the measure still ran at the end of the register"),
    },
    key=("participant_id", "measure", "from_date"),
    source="NAV Arena",
)

CONTACTS = table(
    "contacts",
    "One row per guidance contact in the treatment arm.",
    {
        "participant_id": identifier(PARTICIPANT, "P"),
        "contact_on": day("Day of the contact"),
        "role": code("Who gave guidance", "therapist", "job_consultant"),
        "hours": decimal("Length", 0.25, 4, unit="hours"),
    },
    source="Log of the centres",
)

"""Informants and themes of the interviews: who was interviewed, when and how, and what came up (codes only)."""

import numpy as np
import pandas as pd

from .answers_drawing import pick
from .targets import Targets

NAME = "interviews"
CENTRES = ("hordaland", "soer_troendelag", "oestfold", "akershus", "oslo", "troms")
COUNTIES_OF_OTHERS = ("hordaland", "akershus", "troms")  # three of the six counties; which ones is not printed
COORDINATOR_IN_GROUP = "oestfold"  # one focus group; which one is not printed
FOCUS_GROUP_DAYS = ("2011-03-22", "2011-03-29", "2011-04-05", "2011-04-12", "2011-05-03", "2011-05-10")
REFERRER_ROLES = (("F1", "ab_firm"), ("F1", "nav"), ("F2", "nav"), ("F2", "health"), ("F3", "nav"), ("F3", "health"))
ROLE_OF_REFERRER = {"ab_firm": "ab_firm", "nav": "nav_caseworker", "health": "health_service"}
# Chance that a theme comes up in an interview of each kind (focus group, team leader, coordinator, referrer, user).
THEMES = {
    ("role_of_job_consultant", "challenge"): (0.9, 0.6, 0.4, 0.2, 0.0),
    ("co_location", "success_factor"): (0.7, 0.8, 0.3, 0.1, 0.0),
    ("staffing_turnover", "challenge"): (0.5, 0.4, 0.2, 0.0, 0.0),
    ("anchoring_in_nav", "challenge"): (0.6, 0.6, 0.8, 0.3, 0.0),
    ("administrative_systems", "challenge"): (0.8, 0.7, 0.4, 0.1, 0.0),
    ("recruitment_and_randomisation", "challenge"): (0.9, 0.6, 0.6, 0.7, 0.0),
    ("method_development", "success_factor"): (0.9, 0.8, 0.4, 0.1, 0.0),
    ("low_threshold", "success_factor"): (0.4, 0.3, 0.3, 0.5, 0.6),
    ("short_waiting_time", "success_factor"): (0.3, 0.3, 0.3, 0.6, 0.6),
    ("being_heard", "success_factor"): (0.0, 0.0, 0.0, 0.1, 0.75),
    ("tools", "success_factor"): (0.3, 0.3, 0.1, 0.2, 0.75),
    ("job_focus", "success_factor"): (0.6, 0.5, 0.3, 0.4, 0.6),
    ("job_focus", "challenge"): (0.2, 0.1, 0.0, 0.0, 0.2),
    ("long_term_support", "experience"): (0.2, 0.2, 0.1, 0.1, 0.5),
}
USER_WISHES = {"expand_the_offer": 2, "more_homework": 1}  # section 7.11 gives these numbers in words
KINDS = ("focus_group", "team_leader", "county_coordinator", "referrer", "user")


def stage(sizes: dict[str, int], rng: np.random.Generator, targets: Targets) -> dict[str, pd.DataFrame]:
    """Tables `interviews` (one row per informant) and `interview_themes` (one row per interview, theme and aspect).

    `sizes` gives the number of informants in each centre's focus group. Numbers as in sections 2.4, 6.7, 7.6, 7.7 and
    appendix A.3; where they contradict each other (focus groups with job consultants: two or four) A.3 rules.
    """
    rows = _focus_groups(sizes, rng, targets) + _leaders(rng) + _coordinators(rng) + _referrers(rng, targets)
    table = pd.DataFrame(rows + _users(rng, targets))
    table["conducted_on"] = pd.to_datetime(table["conducted_on"])
    table.insert(5, "informant_id", [f"N{number:03d}" for number in range(1, len(table) + 1)])
    columns = ["work_status_at_interview", "job_consultant_help", "expectation_group", "information_source"]
    return {
        "interviews": table.reindex(columns=[*table.columns.difference(columns, sort=False), *columns]),
        "interview_themes": _themes(table, rng),
    }


def _person(
    role: str, kind: str, number: str, centre: str | None, day: str, mode: str, rng: np.random.Generator
) -> dict:
    higher = ["university_1_4_years", "university_over_4_years"]
    return {
        "interview_id": number,
        "interview_type": kind,
        "centre": centre,
        "conducted_on": day,
        "mode": mode,
        "informant_role": role,
        "sex": str(rng.choice(["woman", "man"], p=[0.68, 0.32])),
        "age": int(np.clip(rng.normal(43, 8), 27, 64)),
        "education": higher[int(rng.random() < (0.85 if role in ("team_leader", "adviser") else 0.4))],
    }


def _focus_groups(sizes: dict[str, int], rng: np.random.Generator, targets: Targets) -> list[dict]:
    with_consultant = targets.value("text_A.3", "focus_groups_with_job_consultants", "total", "n")
    joined = set(rng.choice(CENTRES, int(with_consultant), replace=False))
    rows = []
    for place, centre in enumerate(CENTRES):
        roles = ["team_leader"] + ["county_coordinator"] * (centre == COORDINATOR_IN_GROUP)
        roles += ["job_consultant"] * (int(rng.integers(1, 3)) if centre in joined else 0)
        roles += ["adviser"] * (sizes[centre] - len(roles))
        rows += [
            _person(role, "focus_group", f"F{place + 1:02d}", centre, FOCUS_GROUP_DAYS[place], "in_person", rng)
            for role in roles
        ]
    return rows


def _leaders(rng: np.random.Generator) -> list[dict]:
    days = pd.date_range("2012-02-06", "2012-02-29", freq="B")
    return [
        _person("team_leader", "team_leader", f"T{place + 1:02d}", centre, str(rng.choice(days))[:10], "telephone", rng)
        for place, centre in enumerate(CENTRES)
    ]


def _coordinators(rng: np.random.Generator) -> list[dict]:
    days = pd.date_range("2011-05-16", "2011-09-16", freq="B")
    counties = [centre for centre in CENTRES if centre != COORDINATOR_IN_GROUP]
    in_person = int(rng.integers(len(counties)))
    return [
        _person(
            "county_coordinator",
            "county_coordinator",
            f"FK{place + 1:02d}",
            centre,
            str(rng.choice(days))[:10],
            "in_person" if place == in_person else "telephone",
            rng,
        )
        for place, centre in enumerate(counties)
    ]


def _referrers(rng: np.random.Generator, targets: Targets) -> list[dict]:
    days = pd.date_range("2011-10-03", "2012-05-31", freq="B")
    rows = []
    for county, role in REFERRER_ROLES:
        centre = COUNTIES_OF_OTHERS[int(county[1]) - 1]
        for _ in range(targets.count("text_A.3", f"referrers_{county}_{role}", "total")):
            number = f"H{len(rows) + 1:02d}"
            rows.append(
                _person(
                    ROLE_OF_REFERRER[role], "referrer", number, centre, str(rng.choice(days))[:10], "telephone", rng
                )
            )
    return rows


def _users(rng: np.random.Generator, targets: Targets) -> list[dict]:
    count = targets.count("text_7.6", "user_informants", "total")
    days = pd.date_range("2013-04-02", "2013-04-30", freq="B")
    men = pick(rng, np.zeros(count), int(targets.value("text_7.6", "user_informants", "men", "n")))
    youngest, oldest = (int(targets.value("text_7.6", "user_informants_age", s, "years")) for s in ("min", "max"))
    ages = rng.permutation([youngest, oldest, *rng.integers(youngest + 1, oldest, count - 2)])
    details = _user_details(count, rng, targets)
    rows = []
    for place in range(count):
        row = _person(
            "user",
            "user",
            f"B{place + 1:02d}",
            COUNTIES_OF_OTHERS[place % 3],
            str(rng.choice(days))[:10],
            "telephone",
            rng,
        )
        rows.append(
            row
            | {"sex": "man" if men[place] else "woman", "age": int(ages[place])}
            | {k: v[place] for k, v in details.items()}
        )
    return rows


def _user_details(count: int, rng: np.random.Generator, targets: Targets) -> dict[str, list]:
    """Education, work status, job consultant, expectations and source of information of the users, in random order.

    Users on job trial had extensive help; sources other than NAV and the sizes of the expectation groups are given in
    words in sections 7.7 and 7.9, or assumed.
    """
    in_work = targets.count("text_7.6", "user_informants_in_full_work", "total")
    trial = targets.count("text_7.6", "user_informants_on_aap_job_trial", "total")
    helped = targets.count("text_7.7", "user_informants_received_job_consultant", "total")
    extensive = targets.count("text_7.7", "user_informants_extensive_job_consultant", "total")
    status = ["aap_job_trial"] * trial + ["in_work"] * in_work
    status += ["sick_listed"] * (count - len(status))
    helps = ["extensive"] * extensive + ["some"] * (helped - extensive) + ["none"] * (count - helped)
    helps = helps[:trial] + list(rng.permutation(helps[trial:]))
    order = rng.permutation(count)
    sources = ["nav_advisory_service", *["physician"] * 3, "employer_meeting", "union_meeting"]
    sources += ["nav"] * (count - len(sources))
    education = ["upper_secondary"] * 4 + ["university_1_4_years"] * 5 + ["university_over_4_years"] * 3
    groups = ["knew_method"] * 4 + ["little_knowledge"] * 5 + ["long_history"] * 3
    return {
        "education": list(rng.permutation(education)),
        "work_status_at_interview": [status[i] for i in order],
        "job_consultant_help": [helps[i] for i in order],
        "expectation_group": list(rng.permutation(groups)),
        "information_source": list(rng.permutation(sources)),
    }


def _themes(informants: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    interviews = informants.drop_duplicates("interview_id")
    rows = []
    for (theme, aspect), chances in THEMES.items():
        chance = interviews["interview_type"].map(dict(zip(KINDS, chances, strict=True))).to_numpy(dtype=float)
        raised = interviews.loc[rng.random(len(interviews)) < chance, "interview_id"]
        rows += [{"interview_id": number, "theme": theme, "aspect": aspect} for number in raised]
    users = interviews.loc[interviews["interview_type"] == "user", "interview_id"].to_numpy()
    for theme, count in USER_WISHES.items():
        rows += [{"interview_id": n, "theme": theme, "aspect": "wish"} for n in rng.choice(users, count, replace=False)]
    place = {number: i for i, number in enumerate(interviews["interview_id"])}
    table = pd.DataFrame(rows)
    return (
        table.assign(place=table["interview_id"].map(place))
        .sort_values(["place", "theme", "aspect"])
        .drop(columns="place")
        .reset_index(drop=True)
    )

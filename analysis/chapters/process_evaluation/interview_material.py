"""The interviews: who was interviewed, when and how, and the themes each group of informants raised."""

from collections.abc import Sequence

import pandas as pd

from analysis.frames.needs import FEWEST_INTERVIEWS, needs
from analysis.frames.trial import Trial
from analysis.methods.coding import first_coding
from analysis.show.places import places
from analysis.show.prose import Label, Sentence, count, counted
from analysis.show.tables import Table, cells

ASPECTS = ("success_factor", "challenge", "experience", "wish")
TYPES, THEMES = "interview_types", "interview_themes"  # names that the study itself gives


def of_type(trial: Trial, kind: str) -> pd.DataFrame:
    """Informants of one type of interview, one row each."""
    interviews = trial.tables["interviews"]
    return interviews[interviews["interview_type"] == kind]


def types_held(trial: Trial) -> list[str]:
    """Types of interview that were held, in the order of the settings."""
    held = set(trial.tables["interviews"]["interview_type"])
    return [kind for kind in trial.study.interviews.types if kind in held]


@needs("table:interviews")
def material_table(trial: Trial) -> Table:
    """Interviews and informants by type of interview: number, women, by telephone, first and last year.

    Somebody interviewed more than once is one informant. Women are counted among those whose sex is known, and so are
    interviews by telephone among those whose mode is; NaN where none is known.
    """
    rows = []
    for kind in types_held(trial):
        own = of_type(trial, kind)
        people, years = own.drop_duplicates("informant_id"), own["conducted_on"].dt.year
        n = len(people)
        rows += [
            (kind, "interviews", "n", own["interview_id"].nunique(), n),
            (kind, "informants", "n", n, n),
            (kind, "women", "n", _known(people["sex"], "woman"), n),
            (kind, "by_telephone", "n", _known(own["mode"], "telephone"), n),
            (kind, "first_year", "year", years.min(), n),
            (kind, "last_year", "year", years.max(), n),
        ]
    return Table("interview_material", cells(rows), names={"rows": TYPES})


def _known(codes: pd.Series, code: str) -> float:
    """How many rows hold the code, among those where it is known; NaN without any."""
    return (codes == code).where(codes.notna()).sum(min_count=1)


@needs("interviews_by_centre")
def material_by_centre(trial: Trial) -> Table:
    """Interviews and informants by type of interview and centre, and in all."""
    interviews = trial.tables["interviews"]
    places = {centre: interviews[interviews["centre"] == centre] for centre in _centres(trial)} | {"total": interviews}
    rows = []
    for kind in (*types_held(trial), "total"):
        for place, part in places.items():
            own = part if kind == "total" else part[part["interview_type"] == kind]
            rows += [
                (kind, place, "interviews", own["interview_id"].nunique()),
                (kind, place, "informants", own["informant_id"].nunique()),
            ]
    decimals = {"interviews": 0, "informants": 0}
    return Table("material_by_centre", cells(rows), columns=list(places), decimals=decimals, names={"rows": TYPES})


def _centres(trial: Trial) -> list[str]:
    """Centres that interviews are about, in the order of the settings."""
    return [centre for centre in trial.study.centre_codes if (trial.tables["interviews"]["centre"] == centre).any()]


@needs("interviews_by_centre")
def roles_by_centre(trial: Trial) -> Table:
    """Informants by their role and centre."""
    interviews, rows = trial.tables["interviews"], []
    roles = [role for role in trial.study.interviews.roles if (interviews["informant_role"] == role).any()]
    for role in roles:
        own = interviews[interviews["informant_role"] == role]
        people = own.groupby("centre")["informant_id"].nunique()
        rows += [(role, centre, "n", people.get(centre, 0)) for centre in _centres(trial)]
        rows.append((role, "total", "n", own["informant_id"].nunique()))
    columns = [*_centres(trial), "total"]
    return Table("roles_by_centre", cells(rows), columns=columns, names={"rows": "interview_roles"})


@needs("table:interviews", "table:interview_themes")
def themes_table(trial: Trial) -> Table:
    """Number of interviews of each type in which a theme came up, grouped by how it was mostly spoken of."""
    themes, kinds = themes_raised(trial), types_held(trial)
    rows = [("interviews", kind, "n", of_type(trial, kind)["interview_id"].nunique()) for kind in kinds]
    rows.append(("interviews", "total", "n", trial.tables["interviews"]["interview_id"].nunique()))
    for theme, part in themes.groupby("theme"):
        raised = part.groupby("interview_type", observed=True)["interview_id"].nunique()
        rows += [(theme, kind, "n", raised.get(kind, 0)) for kind in kinds]
        rows.append((theme, "total", "n", part["interview_id"].nunique()))
    groups = {"interviews": ["interviews"]} | _themes_by_aspect(themes)
    names = {"rows": THEMES, "columns": TYPES}
    return Table("themes", cells(rows), rows=groups, columns=[*kinds, "total"], names=names)


def themes_raised(trial: Trial) -> pd.DataFrame:
    """One row per interview, theme and aspect of the first coder, with the interview's type and centre."""
    held = trial.tables["interviews"][["interview_id", "interview_type", "centre"]].drop_duplicates("interview_id")
    return first_coding(trial.tables["interview_themes"]).merge(held, on="interview_id", validate="m:1")


def _themes_by_aspect(themes: pd.DataFrame) -> dict[str, list[str]]:
    """Themes under the aspect they were raised with most often, the commonest first."""
    counts = _mentions(themes, ["theme", "aspect"]).reset_index()
    main = counts.sort_values(["n", "theme"], ascending=[False, True]).drop_duplicates("theme")
    return {
        aspect: list(main.loc[main["aspect"] == aspect, "theme"])
        for aspect in ASPECTS
        if (main["aspect"] == aspect).any()
    }


def _mentions(themes: pd.DataFrame, by: Sequence[str]) -> pd.Series:
    return themes.groupby(list(by), observed=True)["interview_id"].nunique().rename("n")


@needs("interviews_by_centre", "table:interview_themes")
def themes_by_centre(trial: Trial) -> Table:
    """Number of interviews at each centre in which a theme came up, by how it was spoken of; the commonest first."""
    themes = themes_raised(trial)
    raised = _mentions(themes, ["theme", "centre", "aspect"])
    order = list(_mentions(themes, ["theme"]).sort_values(ascending=False, kind="stable").index)
    rows = [
        (theme, centre, aspect, raised.get((theme, centre, aspect), 0))
        for theme in order
        for centre in _centres(trial)
        for aspect in ASPECTS
    ]
    held = trial.tables["interviews"].groupby("centre")["interview_id"].nunique()
    out_of = tuple(
        Sentence("interviews_at", {"n": counted(held[centre], "interviews"), "centre": Label("centres", centre)})
        for centre in _centres(trial)
    )
    decimals = dict.fromkeys(ASPECTS, 0)
    names = {"rows": THEMES}
    return Table("themes_by_centre", cells(rows), decimals=decimals, names=names, values={"interviews": out_of})


@needs("interviews_by_centre", "table:interview_themes")
def themes_by_centre_and_type(trial: Trial) -> Table:
    """Number of interviews of each type at each centre in which a theme came up."""
    themes, held = themes_raised(trial), trial.tables["interviews"]
    raised = _mentions(themes, ["theme", "centre", "interview_type"])
    there = held.groupby(["centre", "interview_type"], observed=True)["interview_id"].nunique()
    order = list(_mentions(themes, ["theme"]).sort_values(ascending=False, kind="stable").index)
    rows = []
    for centre in _centres(trial):
        kinds = [kind for kind in types_held(trial) if (centre, kind) in there.index]
        rows += [("interviews", centre, kind, there[centre, kind]) for kind in kinds]
        rows += [(theme, centre, kind, raised.get((theme, centre, kind), 0)) for theme in order for kind in kinds]
    names = {"rows": THEMES, "statistics": TYPES}
    decimals = dict.fromkeys(types_held(trial), 0)
    return Table("themes_by_type", cells(rows), rows=["interviews", *order], decimals=decimals, names=names)


@needs("table:interviews")
def material(trial: Trial) -> Sentence:
    """How many interviews and informants there are, how many were in groups, and the groups each role took part in."""
    interviews = trial.tables["interviews"]
    sizes = interviews.groupby("interview_id")["informant_id"].transform("nunique")
    groups = interviews[sizes > 1]
    values = {
        "interviews": counted(interviews["interview_id"].nunique(), "interviews"),
        "informants": counted(interviews["informant_id"].nunique(), "informants"),
        "groups": count(groups["interview_id"].nunique()),
    }
    joined = groups.groupby("informant_role")["interview_id"].nunique()
    roles = {f"groups_with_{role}": count(joined.get(role, 0)) for role in trial.study.interviews.roles}
    return Sentence("material" if len(groups) else "material_alone", values | roles)


@needs("table:interviews", "table:interview_themes")
def commonest_themes(trial: Trial) -> Sentence:
    """The commonest challenge and the commonest success factor, with the number of interviews that raised them."""
    return _commonest("commonest_themes", themes_raised(trial), trial.tables["interviews"])


@needs("interviews_by_centre", "table:interview_themes")
def commonest_by_centre(trial: Trial) -> list[Sentence]:
    """The same for each centre."""
    themes, interviews = themes_raised(trial), trial.tables["interviews"]
    return [
        _commonest(
            "commonest_at_centre",
            themes[themes["centre"] == centre],
            interviews[interviews["centre"] == centre],
            centre=Label("centres", centre),
        )
        for centre in _centres(trial)
    ]


def _commonest(key: str, themes: pd.DataFrame, interviews: pd.DataFrame, **more: object) -> Sentence:
    """Themes that tie for the most interviews are all named; an aspect that nobody spoke of is left out."""
    of, parts = counted(interviews["interview_id"].nunique(), "interviews"), []
    for aspect in ("challenge", "success_factor"):
        counts = _mentions(themes[themes["aspect"] == aspect], ["theme"])
        for top in places(counts.to_dict())[:1]:
            plural = "s" if len(top.keys) > 1 else ""
            name = f"then_{aspect}{plural}" if parts else f"first_{aspect}{plural}"
            values = {"themes": tuple(map(theme_name, top.keys)), "n": count(top.value), "interviews": of}
            parts.append(Sentence(name, values))
    if not parts:
        return Sentence(f"no_{key}", more)
    return Sentence(key, {**more, "first": parts[0], "second": parts[1] if len(parts) > 1 else ""})


def theme_name(theme: str) -> Sentence:
    """A theme's label as a sentence has it."""
    return Sentence("theme_name", {"theme": Label(THEMES, str(theme))})


@needs("interviews_by_centre", "table:interview_themes")
def spoken_of_differently(trial: Trial) -> list[Sentence]:
    """One sentence for each theme that is more often a challenge at one centre and a success factor at another.

    A centre counts where at least `FEWEST_INTERVIEWS` interviews take a side.
    """
    counts = _mentions(themes_raised(trial), ["theme", "centre", "aspect"]).unstack(fill_value=0)
    counts = counts.reindex(columns=["challenge", "success_factor"], fill_value=0)
    counts = counts[counts.sum(axis=1) >= FEWEST_INTERVIEWS]
    more, less = counts["challenge"] > counts["success_factor"], counts["challenge"] < counts["success_factor"]
    both = more.groupby(level="theme").any() & less.groupby(level="theme").any()
    found = [
        Sentence(
            "spoken_of_differently",
            {
                "theme": theme_name(theme),
                "challenge": _at(counts[more].loc[theme], "challenge", "success_factor"),
                "success_factor": _at(counts[less].loc[theme], "success_factor", "challenge"),
            },
        )
        for theme in both.index[both]
    ]
    return found or [Sentence("spoken_of_alike")]


def _at(by_centre: pd.DataFrame, aspect: str, other: str) -> tuple[Sentence, ...]:
    """Each centre with the number of interviews in which the theme was spoken of in one way and in the other."""
    return tuple(
        Sentence("counts_at", {"centre": Label("centres", centre), "n": count(row[aspect]), "other": count(row[other])})
        for centre, row in by_centre.iterrows()
    )

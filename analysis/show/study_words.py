"""What a study calls its own things: arms, centres, outcomes, subgroups, codes, and words of its folder."""

from collections.abc import Mapping
from pathlib import Path

from analysis.show.catalogue import Catalogue, fill
from analysis.study.design import in_language
from analysis.study.settings import Study


def study_catalogue(study: Study, language: str, folder: Path | None = None) -> Catalogue:
    """The catalogue of a language, the words of the study's folder before the general ones, and the study's names."""
    own = folder / "words" if folder else None
    words = _study_words(study, language)
    names = _study_names(study, Catalogue(language, words=words, own=own))
    return Catalogue(language, names=names, words=words, own=own)


def missing_line(need: str, catalogue: Catalogue) -> str:
    """One line that says what a result would need (see `frames.needs`)."""
    return catalogue.text("common.not_in_study", need=need_in_words(need, catalogue))


def need_in_words(need: str, catalogue: Catalogue) -> str:
    """What a need is, in the words for its first word."""
    word, _, detail = need.partition(":")
    return catalogue.text(f"common.needs.{word}", detail=detail.replace("_", " "))


def _study_words(study: Study, language: str) -> dict[str, str]:
    """Words that any text may use: what the study calls the programme, the other arm, and the unit of time.

    programme: the treatment arm for short; programme_full: in full with the abbreviation behind it; comparison: the
    control arm for short. Without such an arm the general words of `common.yml` stand.
    """
    general = Catalogue(language).get("common.words", {})
    arms = {arm.role: arm for arm in study.arms}
    words = {name: str(text) for name, text in general.items()}
    words |= {name: str(text) for name, text in Catalogue(language).get(f"common.time.{study.unit}", {}).items()}
    if "treatment" in arms:
        name, short = arms["treatment"].name(language), arms["treatment"].short_name(language)
        words |= {"programme": short, "programme_full": name if name == short else f"{name} ({short})"}
    if "control" in arms:
        words["comparison"] = arms["control"].short_name(language)
    return words


def _study_names(study: Study, words: Catalogue) -> dict[str, dict[str, str]]:
    """Labels that the study itself gives, by group: arms and centres, which may also be rows or columns, its outcomes,
    its subgroups and their groups (`<subgroup>_<group>`), its own columns, the populations and scenarios of its
    economic evaluation, and its codes of interviews.

    Keys that combine an arm's code with something else, such as a difference or a product term, get their labels from
    the templates in `arm_labels:` of `common.yml`, so that a study may code and name its arms as it likes.
    """
    language = words.language
    arms = {arm.code: arm.name(language) for arm in study.arms}
    short = {arm.code: arm.short_name(language) for arm in study.arms}
    centres = {centre.code: str(centre.label) for centre in study.centres}
    declared = _declared_names(study, language)
    things = {name: text for labels in declared.values() for name, text in labels.items()}
    names = {"arms": arms, "panels": arms, "columns": arms | centres, "centres": centres, "rows": arms | centres}
    for group, templates in words.get("common.arm_labels", {}).items():
        names[group] = _arm_labels(templates, study, short) | words.get(f"common.{group}", {}) | names.get(group, {})
    for group, templates in words.get("common.wave_labels", {}).items():
        names[group] = _wave_labels(templates, study) | names.get(group, {})
    for group in ("rows", "columns", "row_groups", "column_groups", "panels"):
        names[group] = things | names.get(group, {})
    statuses = {code: code.replace("_", " ").capitalize() for code in study.status_groups}
    given = {code: in_language(label, language) for code, label in study.status_group_labels.items()}
    for group in ("status_groups", "columns"):
        names[group] = statuses | words.get(f"common.{group}", {}) | names.get(group, {}) | given
    return names | declared


def _declared_names(study: Study, language: str) -> dict[str, dict[str, str]]:
    """Labels of what `study.yml` declares: outcomes, subgroups, own columns, populations, scenarios, interviews."""
    outcomes = {outcome.code: in_language(outcome.label, language) for outcome in study.outcomes if outcome.label}
    subgroups = {subgroup.code: in_language(subgroup.label, language) for subgroup in study.subgroups}
    groups = {
        f"{subgroup.code}_{group}": in_language(label, language)
        for subgroup in study.subgroups
        for group, label in subgroup.labels.items()
    }
    groups |= {f"group_{name}": text for name, text in (subgroups | groups).items()}
    own = {
        name: in_language(column.label, language) if column.label else column.description
        for name, column in study.columns.items()
    }
    values = {
        f"{name}_{value}": in_language(label, language)
        for name, column in study.columns.items()
        for value, label in column.values.items()
    }
    economics = {
        name: {code: in_language(entry.label, language) for code, entry in getattr(study.economics, name).items()}
        for name in ("populations", "scenarios")
    }
    codes = {
        name: {code: in_language(label, language) for code, label in getattr(study.interviews, name).items()}
        for name in ("types", "roles", "themes", "expectation_groups", "information_sources", "work_statuses")
    }
    interviews = {f"interview_{name}": labels for name, labels in codes.items() if labels}
    declared = {"outcomes": outcomes, "subgroups": subgroups, "groups": groups, "own_columns": own | values}
    return declared | economics | interviews


def _arm_labels(templates: Mapping[str, str], study: Study, arms: Mapping[str, str]) -> dict[str, str]:
    """Each template's key with the arms' codes put in, and its text with their labels.

    `{arm}` stands for either arm, `{wave}` for the months of each wave of questionnaires.

    Without two arms there is nothing to combine.
    """
    if not study.has_arms:
        return {}
    roles = {"treatment": study.treatment, "control": study.control}
    named = {role: arms[code] for role, code in roles.items()}
    return {
        fill(key, roles | {"arm": code, "wave": wave}, key): fill(text, named | {"arm": arms[code], "wave": wave}, key)
        for key, text in templates.items()
        for code in arms
        for wave in map(str, study.waves or (0,))
    }


def _wave_labels(templates: Mapping[str, str], study: Study) -> dict[str, str]:
    """Each template's key and text with the number of months of every wave after inclusion put in."""
    waves = map(str, study.follow_up_waves)
    return {fill(key, {"wave": wave}, key): fill(text, {"wave": wave}, key) for wave in waves
            for key, text in templates.items()}  # fmt: skip

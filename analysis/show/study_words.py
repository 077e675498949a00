"""What a study calls its own things: arms, centres, outcomes, subgroups, codes, and words of its folder."""

import csv
from collections.abc import Iterable, Iterator, Mapping
from itertools import product
from pathlib import Path

from analysis.show.catalogue import Catalogue, fill
from analysis.study.design import in_language
from analysis.study.settings import Study
from analysis.study.yaml_files import read_yaml

_CODE_LISTS = ("types", "roles", "themes", "expectation_groups", "information_sources", "work_statuses")
# Names that are no rows or columns unless a table says so: one code may stand in several of these lists.
_LOOKED_UP_BY_LIST = (
    "outcomes_in_text", "status_groups", "extracts", "interview_details",
    *(f"interview_{name}" for name in _CODE_LISTS),
)  # fmt: skip


def study_catalogue(study: Study, language: str, folder: Path | None = None) -> Catalogue:
    """The catalogue of a language, the words of the study's folder before the general ones, and the study's names."""
    own = folder / "words" if folder else None
    words = _study_words(study, language)
    general = Catalogue(language, words=words, own=own)
    names = _study_names(study, general)
    for group, printed in _printed_names(folder).items():
        names[group] = printed | general.get(f"common.{group}", {}) | names.get(group, {})
    return Catalogue(language, names=names, words=words, own=own)


def _printed_names(folder: Path | None) -> dict[str, dict[str, str]]:
    """What to call the codes of a published report's places, rows and statistics where nothing else names them: the
    word in its `words.yml`, else the code itself with spaces for underscores."""
    cells = folder / "published" / "cells.csv" if folder else None
    if cells is None or not cells.is_file():
        return {}
    path = cells.with_name("words.yml")
    words = read_yaml(path) if path.is_file() else {}
    with cells.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    groups = {"rows": "source", "statistics": "statistic", "printed_rows": "row"}
    return {
        group: {row[column]: words.get(row[column], row[column].replace("_", " ")) for row in rows}
        for group, column in groups.items()
    }


def missing_line(need: str, catalogue: Catalogue) -> str:
    """One line that says what a result would need (see `frames.needs`)."""
    return catalogue.text("common.not_in_study", need=need_in_words(need, catalogue))


def need_in_words(need: str, catalogue: Catalogue) -> str:
    """What a need is, in the words for its first word."""
    word, _, detail = need.partition(":")
    return catalogue.text(f"common.needs.{word}", detail=catalogue.literal(detail.replace("_", " ")))


def _study_words(study: Study, language: str) -> dict[str, str]:
    """Words that any text may use: what the study calls the programme, the other arm, and the unit of time.

    programme: the treatment arm for short; programme_full: in full with the abbreviation behind it; comparison: the
    control arm for short, comparison_full: in full. Without such an arm the general words of `common.yml` stand.
    """
    general = Catalogue(language).get("common.words", {})
    arms = {arm.role: arm for arm in study.arms}
    words = {name: str(text) for name, text in general.items()}
    words |= {name: str(text) for name, text in Catalogue(language).get(f"common.time.{study.unit}", {}).items()}
    if "treatment" in arms:
        name, short = arms["treatment"].name(language), arms["treatment"].short_name(language)
        words |= {"programme": short, "programme_full": name if name == short else f"{name} ({short})"}
    if "control" in arms:
        control = arms["control"]
        words |= {"comparison": control.short_name(language), "comparison_full": control.name(language)}
    return words


def _study_names(study: Study, words: Catalogue) -> dict[str, dict[str, str]]:
    """Labels that the study itself gives, by group: arms and centres, which may also be rows or columns, its outcomes,
    its subgroups and their groups (`<subgroup>_<group>`), its own columns, the populations and scenarios of its
    economic evaluation, and its codes of interviews.

    Keys that combine an arm's code with something else, such as a difference or a product term, get their labels from
    the templates in `arm_labels:` of `common.yml`, so that a study may code and name its arms as it likes.
    """
    language = words.language
    short = {arm.code: arm.short_name(language) for arm in study.arms}
    arms = {code: _at_start(name) for code, name in short.items()}
    centres = {centre.code: str(centre.label) for centre in study.centres}
    declared = _declared_names(study, words)
    listed = [labels for group, labels in declared.items() if group not in _LOOKED_UP_BY_LIST]
    things = {name: text for labels in listed for name, text in labels.items()}
    names = {"arms": arms, "panels": arms, "columns": arms | centres, "centres": centres, "rows": arms | centres}
    for group, templates in words.template("common.arm_labels").items():
        combined = _arm_labels(templates, study, short, words.words)
        names[group] = combined | words.get(f"common.{group}", {}) | names.get(group, {})
    for group, templates in words.template("common.wave_labels").items():
        names[group] = _wave_labels(templates, study, words.words) | names.get(group, {})
    names["moves"] = _moves(words)
    for group in ("rows", "columns", "row_groups", "column_groups", "panels"):
        names[group] = things | names.get(group, {})
    names["columns"] = words.get("common.status_groups", {}) | declared["status_groups"] | names["columns"]
    names["rows"] = _term_labels(study, words, names["rows"], short, declared["status_groups"]) | names["rows"]
    for group, templates in words.template("common.time_labels").items():
        names[group] = dict(_time_labels(templates, study, short, words, declared)) | names.get(group, {})
    return names | {group: labels | names.get(group, {}) for group, labels in declared.items()}


def _moves(words: Catalogue) -> dict[str, str]:
    """Labels of moves from one group of statuses to another, `<before>_to_<after>`, and of the people before them."""
    states, people = words.get("employment.categories", {}), words.text("common.number_of_people")
    moves = {f"{before}_to_{after}": str(text) for before in states for after, text in states.items()}
    return moves | {f"{before}_people": people for before in states}


def _declared_names(study: Study, words: Catalogue) -> dict[str, dict[str, str]]:
    """Labels of what `study.yml` declares: outcomes, groups by status, subgroups, own columns, populations and
    scenarios of the economic evaluation, codes of interviews.

    What has no label there or in `common.yml` is called as its code is, with spaces.
    """
    language = words.language
    rules = (*study.outcomes, *study.alternative_outcomes)
    outcomes = {outcome.code: in_language(outcome.label, language) for outcome in rules if outcome.label}
    usual = words.get("common.outcomes", {})
    outcomes = _unnamed([outcome.code for outcome in rules], {}) | usual | outcomes
    given = {code: in_language(label, language) for code, label in study.status_group_labels.items()}
    statuses = _unnamed(study.status_groups, words.get("common.status_groups", {})) | given
    subgroups = {subgroup.code: in_language(subgroup.label, language) for subgroup in study.subgroups}
    same = words.text("common.same_effect")
    tests = {f"{subgroup.code}_interaction": same for subgroup in study.subgroups}
    groups = {
        f"{subgroup.code}_{group}": in_language(label, language)
        for subgroup in study.subgroups
        for group, label in subgroup.labels.items()
    }
    groups = groups | tests
    groups |= {f"group_{name}": text for name, text in (_headings(subgroups, words) | groups).items()}
    own = {
        name: in_language(column.label, language) if column.label else column.description
        for name, column in study.columns.items()
    }
    values = {
        f"{name}_{value}": in_language(label, language)
        for name, column in study.columns.items()
        for value, label in column.values.items()
    }
    in_text = {code: _within_a_sentence(label) for code, label in outcomes.items()}
    named = {"outcomes": outcomes, "outcomes_in_text": in_text, "status_groups": statuses, "subgroups": subgroups}
    named |= {"groups": groups | subgroups, "own_columns": own | values}
    return named | _extract_names(study, words) | _economic_names(study, language) | _interview_names(study, language)


def _extract_names(study: Study, words: Catalogue) -> dict[str, dict[str, str]]:
    """What to call the extracts of the data behind a published report."""
    extracts = study.as_printed.extracts.values() if study.as_printed else ()
    return {"extracts": _unnamed(extracts, words.get("common.extracts", {}))}


def _headings(subgroups: Mapping[str, str], words: Catalogue) -> dict[str, str]:
    """What heads the groups of a subgroup beside a question on the same thing, such as age in its usual bands."""
    return {code: words.text("common.own_groups", subgroup=label) for code, label in subgroups.items()}


def _economic_names(study: Study, language: str) -> dict[str, dict[str, str]]:
    """Labels of the populations and scenarios of the economic evaluation."""
    return {
        name: {code: in_language(entry.label, language) for code, entry in getattr(study.economics, name).items()}
        for name in ("populations", "scenarios")
    }


def _interview_names(study: Study, language: str) -> dict[str, dict[str, str]]:
    """Labels of the codes of interviews, by list; in `interview_details` those of the users, by column and code."""
    codes = {
        name: {code: in_language(label, language) for code, label in getattr(study.interviews, name).items()}
        for name in _CODE_LISTS
    }
    names = {f"interview_{name}": labels for name, labels in codes.items() if labels}
    details = {
        f"{column}_{code}": label
        for column in ("expectation_group", "information_source")
        for code, label in codes[f"{column}s"].items()
    }
    return names | {"interview_details": details}


def _unnamed(codes: Iterable[str], labels: Mapping[str, str]) -> dict[str, str]:
    return {code: code.replace("_", " ").capitalize() for code in codes if code not in labels}


def _within_a_sentence(label: str) -> str:
    """A label as a sentence has it: without its capital, unless its first word is an abbreviation."""
    return label[:1].lower() + label[1:] if label[1:2].islower() or label[1:2] == " " else label


def _term_labels(
    study: Study, words: Catalogue, rows: Mapping[str, str], arms: Mapping[str, str], groups: Mapping[str, str]
) -> dict[str, str]:
    """Labels of the terms of adjusted models: status at inclusion, and products of treatment with a covariate.

    And of the study's own groups by status as rows.
    """
    if not study.has_arms:
        return {}
    known = words.get("common.rows", {}) | rows
    statuses = words.get("common.status_groups", {}) | groups
    terms = {f"{group}{ending}": text for group, text in statuses.items()
             for ending in ("_at_inclusion", "_status_at_inclusion")}  # fmt: skip
    own = {name for name in known for code in study.columns if name == code or name.startswith(f"{code}_")}
    terms |= {name: known[name] for name in (*study.covariates, *own) if name in known}
    terms |= _unnamed(study.covariates, known)
    treatment = study.treatment
    products = {f"{treatment}_x_{name}": f"{arms[treatment]} × {_within_a_sentence(text)}"
                for name, text in terms.items()}  # fmt: skip
    own_rows = {code: statuses[code] for code in study.status_groups if code not in known}
    return own_rows | terms | products


def _time_labels(
    templates: Mapping[str, str], study: Study, arms: Mapping[str, str], words: Catalogue, declared: Mapping
) -> Iterator[tuple[str, str]]:
    """Labels of keys that hold a time unit, for each of the follow-up, made as those of keys with arms."""
    known = {"outcome": words.get("common.outcomes", {}) | declared["outcomes"],
             "group": words.get("common.status_groups", {}) | declared["status_groups"],
             "arm": {**arms, "total": words.text("common.columns.total")}}  # fmt: skip
    after = study.horizon.after if study.horizon else -1
    for key, text in templates.items():
        parts = [name for name in known if f"{{{name}}}" in key]
        for at, *codes in product(range(after + 1), *(known[name] for name in parts)):
            values = {name: known[name][code] for name, code in zip(parts, codes, strict=True)}
            place = {"unit": study.unit, "at": str(at), **dict(zip(parts, codes, strict=True))}
            yield fill(key, place, key), _begun(text, {**words.words, **values, "at": str(at)}, key)


def _arm_labels(
    templates: Mapping[str, str], study: Study, arms: Mapping[str, str], words: Mapping[str, str]
) -> dict[str, str]:
    """Each template's key with the arms' codes put in, and its text with their labels.

    `{arm}` stands for either arm, `{wave}` for the months of each wave of questionnaires.

    Without two arms there is nothing to combine. A text that begins with an arm begins with a capital.
    """
    if not study.has_arms:
        return {}
    roles = {"treatment": study.treatment, "control": study.control}
    named = {**words, **{role: arms[code] for role, code in roles.items()}}
    waves = [str(wave) for wave in study.waves or (0,)]
    own = [({"arm": code, "wave": wave}, {"arm": arms[code], "wave": wave}) for code in arms for wave in waves]
    return {fill(key, roles | codes, key): _begun(text, named | labels, key)
            for key, text in templates.items() for codes, labels in own}  # fmt: skip


def _begun(template: str, values: Mapping[str, str], key: str) -> str:
    """The template filled; with a capital where it begins with a name."""
    text = fill(template, values, key)
    return _at_start(text) if template.startswith("{") else text


def _at_start(text: str) -> str:
    return text[:1].upper() + text[1:]


def _wave_labels(templates: Mapping[str, str], study: Study, words: Mapping[str, str]) -> dict[str, str]:
    """Each template's key and text with the number of months of every wave after inclusion put in."""
    waves = map(str, study.follow_up_waves)
    return {fill(key, {"wave": wave}, key): fill(text, {**words, "wave": wave}, key) for wave in waves
            for key, text in templates.items()}  # fmt: skip

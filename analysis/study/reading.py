"""Reading `study.yml` and `as_printed.yml`: every fault becomes a `Problem` with its line in the file."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml
from pydantic import TypeAdapter, ValidationError

from analysis.study import as_printed as print_settings
from analysis.study.as_printed import AsPrinted
from analysis.study.between_settings import faults_between_settings
from analysis.study.problems import Problem, StudyProblems
from analysis.study.settings import FILE, Study

EXAMPLE = "data/<name>/study.yml of a bundled study"


def read_settings(folder: Path) -> Study:
    """Read `study.yml` of a study folder, and `as_printed.yml` if it has one.

    Raises StudyProblems with every missing, unknown or impossible setting, each with its line in the file.
    """
    path = Path(folder) / FILE
    if not path.is_file():
        remedy = f"Add {FILE}: python -m analysis init DIR writes one to fill in."
        problem = Problem(FILE, None, None, "missing_file", "The settings of the study are missing.", remedy)
        raise StudyProblems(folder, [problem])
    study, root = _validated(folder, path, Study)
    if study.as_printed is not None:
        raise StudyProblems(folder, [_unknown(root, "as_printed")])
    faults = list(faults_between_settings(study))
    if faults:
        raise StudyProblems(folder, [_between(place, cause, root) for place, cause in faults])
    printed = path.with_name(print_settings.FILE)
    return replace(study, as_printed=_validated(folder, printed, AsPrinted)[0]) if printed.is_file() else study


def _validated(folder: Path, path: Path, settings: type) -> tuple[Any, yaml.Node | None]:
    text = path.read_text(encoding="utf-8-sig")
    try:
        content = yaml.load(text, Loader=_DatesAsText)
    except yaml.YAMLError as error:
        raise StudyProblems(folder, [_unreadable(path.name, error)]) from error
    root = yaml.compose(text, Loader=_DatesAsText)
    try:
        return TypeAdapter(settings).validate_python(content), root
    except ValidationError as error:
        problems = [_setting_problem(path.name, fault, root) for fault in error.errors()]
        first_of_each = {(problem.row, problem.column): problem for problem in reversed(problems)}
        raise StudyProblems(folder, reversed(first_of_each.values())) from error


def _unknown(root: yaml.Node | None, name: str) -> Problem:
    return Problem(FILE, _line(root, (name,)), name, "unknown_setting", _CAUSES["unknown_setting"],
                   _REMEDIES["extra_forbidden"])  # fmt: skip


def _between(place: tuple[str | int, ...], cause: str, root: yaml.Node | None) -> Problem:
    name = ".".join(map(str, place))
    return Problem(FILE, _line(root, place), name, "impossible_setting", cause, "Correct one of the settings.")


class _DatesAsText(yaml.SafeLoader):
    """Leaves dates as text, so that an impossible date is reported with its line like any other setting."""


_DatesAsText.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def _unreadable(file: str, error: yaml.YAMLError) -> Problem:
    mark = getattr(error, "problem_mark", None)
    return Problem(
        file,
        mark.line + 1 if mark else None,
        None,
        "unreadable_yaml",
        "The file is not valid YAML.",
        "Check indentation, colons and quotation marks near this line.",
    )


_REMEDIES = {
    "missing": "Add the setting.",
    "unexpected_keyword_argument": "Remove the setting or correct its spelling.",
    "extra_forbidden": "Remove the setting or correct its spelling.",
}
_KINDS = {
    "missing": "missing_setting",
    "unexpected_keyword_argument": "unknown_setting",
    "extra_forbidden": "unknown_setting",
}
_CAUSES = {"missing_setting": "A required setting is missing.", "unknown_setting": "This setting is not known."}


def _setting_problem(file: str, fault: Mapping[str, Any], root: yaml.Node | None) -> Problem:
    location = tuple(part for part in fault["loc"] if not _is_type_tag(part))
    name = ".".join(str(part) for part in location) or None
    kind = _KINDS.get(fault["type"], "impossible_setting")
    message = _allowed(fault) or fault["msg"].removeprefix("Value error, ").rstrip(".") + "."
    remedy = _REMEDIES.get(fault["type"], f"Correct the setting; {EXAMPLE} is a complete example.")
    return Problem(file, _line(root, location), name, kind, _CAUSES.get(kind, message), remedy)


def _allowed(fault: Mapping[str, Any]) -> str | None:
    """What may stand in a setting, for the faults that people make most, in the words used for cells of tables."""
    if fault["type"].startswith("date_"):
        return "The value cannot be used. Allowed is a date written YYYY-MM-DD."
    if fault["type"] == "literal_error":
        names = fault["ctx"]["expected"].replace("'", "").replace(" or ", ", ")
        return f"The value cannot be used. Allowed is one of {names}."
    return None


def _is_type_tag(part: str | int) -> bool:
    """Pydantic names the member of a union it tried last in the location; that is no part of the path in the file."""
    return isinstance(part, str) and (part in {"float", "[key]"} or part.startswith("dict["))


def _line(node: yaml.Node | None, location: tuple[str | int, ...]) -> int | None:
    """Line of the deepest node of the path that exists in the file."""
    if node is None:
        return None
    line = node.start_mark.line + 1
    for part in location:
        found = _child(node, part)
        if found is None:
            break
        line, node = found
    return line


def _child(node: yaml.Node, part: str | int) -> tuple[int, yaml.Node] | None:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == str(part):
                return key.start_mark.line + 1, value
    if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
        item = node.value[part]
        return item.start_mark.line + 1, item
    return None

"""Reading `study.yml` and `as_printed.yml`: every fault becomes a `Problem` with its line in the file."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from analysis.study import as_printed as print_settings
from analysis.study.as_printed import AsPrinted
from analysis.study.between_settings import faults_between_settings
from analysis.study.design import CODE_PATTERN
from analysis.study.finding import find_companion
from analysis.study.problems import Fault, Problem, StudyProblems
from analysis.study.settings import FILE, Study
from analysis.study.yaml_files import Document, YamlProblems, read_document

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
    study, document = _validated(folder, path, Study)
    problems = list(_unknown_here(study, document))
    faults = [*faults_between_settings(study), *_missing_companions(folder, study)]
    problems += [_between(fault, document) for fault in faults]
    if problems:
        raise StudyProblems(folder, problems)
    return replace(study, as_printed=_of_the_same_study(folder, study))


def _of_the_same_study(folder: Path, study: Study) -> AsPrinted | None:
    """The ways of the folder's published report, unless the file is about a study of another name."""
    path = Path(folder) / print_settings.FILE
    printed = _validated(folder, path, AsPrinted)[0] if path.is_file() else None
    return printed if printed and printed.study in (None, study.name) else None


def _validated(folder: Path, path: Path, settings: type) -> tuple[Any, Document]:
    try:
        document = read_document(path)
    except YamlProblems as error:
        raise StudyProblems(folder, error.problems) from error
    problems = list(document.repeated)
    try:
        read = TypeAdapter(settings).validate_python(document.content)
    except ValidationError as error:
        found = [_setting_problem(path.name, fault, document) for fault in error.errors()]
        first_of_each = {(problem.row, problem.column): problem for problem in reversed(found)}
        problems += reversed(first_of_each.values())
    if problems:
        raise StudyProblems(folder, sorted(problems, key=lambda problem: problem.row or 0))
    return read, document


def _unknown_here(study: Study, document: Document) -> Iterator[Problem]:
    """What the print did stands in a file of its own."""
    if study.as_printed is not None:
        kind, line = "unknown_setting", document.line(("as_printed",))
        yield Problem(FILE, line, "as_printed", kind, _CAUSES[kind], _REMEDIES["extra_forbidden"])


def _between(fault: Fault, document: Document) -> Problem:
    name = ".".join(map(str, fault.place))
    return Problem(FILE, document.line(fault.place), name, "impossible_setting", fault.cause, fault.remedy)


def _missing_companions(folder: Path, study: Study) -> Iterator[Fault]:
    for number, name in enumerate(study.companions):
        try:
            find_companion(folder, name)
        except StudyProblems:
            remedy = f"Put the folder {name} beside this one, or remove the name."
            yield Fault(("companions", number), "There is no study folder of this name.", remedy)


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


# What a setting must be, by the beginning of the name of the fault.
_FORMS = {
    "bool_": "true or false",
    "int_": "a whole number",
    "float_": "a number",
    "tuple_type": "a list: [first, second]",
    "dict_type": "a mapping: {name: value}",
    "dataclass_type": "a mapping of its own settings: {name: value}",
}


def _setting_problem(file: str, fault: Mapping[str, Any], document: Document) -> Problem:
    location = tuple(part for part in fault["loc"] if not _is_type_tag(part))
    name = ".".join(str(part) for part in location) or None
    kind = _KINDS.get(fault["type"], "impossible_setting")
    message = _allowed(fault) or fault["msg"].removeprefix("Value error, ").rstrip(".") + "."
    remedy = _REMEDIES.get(fault["type"], f"Correct the setting; {EXAMPLE} is a complete example.")
    return Problem(file, document.line(location), name, kind, _CAUSES.get(kind, message), remedy)


def _allowed(fault: Mapping[str, Any]) -> str | None:
    """What may stand in a setting, for the faults that people make most, in the words used for cells of tables."""
    if fault["type"].startswith("date_"):
        return "The value cannot be used. Allowed is a date written YYYY-MM-DD."
    if fault["type"] == "literal_error":
        names = fault["ctx"]["expected"].replace("'", "").replace(" or ", ", ")
        return f"The value cannot be used. Allowed is one of {names}."
    if fault["type"] == "string_pattern_mismatch" and fault["ctx"]["pattern"] == CODE_PATTERN:
        return "The value cannot be used. Allowed are small letters, digits and underscores, a letter first."
    if fault["type"] == "dict_type" and isinstance(fault["input"], str):
        return "The value cannot be used. Allowed is a text for each language, such as {en: North}."
    form = next((text for start, text in _FORMS.items() if fault["type"].startswith(start)), None)
    return f"The value cannot be used. Allowed is {form}." if form else None


def _is_type_tag(part: str | int) -> bool:
    """Pydantic names the member of a union it tried last in the location; that is no part of the path in the file."""
    return isinstance(part, str) and (part in {"float", "[key]"} or part.startswith("dict["))

"""Reading `study.yml` and `as_printed.yml`: every fault becomes a `Problem` with its line in the file."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from difflib import get_close_matches
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, get_args, get_origin

from pydantic import TypeAdapter, ValidationError

from analysis.study import as_printed as print_settings
from analysis.study.as_printed import AsPrinted
from analysis.study.between_settings import faults_between_settings, unchecked_settings
from analysis.study.design import CODE_PATTERN
from analysis.study.finding import find_companion
from analysis.study.problems import Fault, Problem, StudyProblems, Unchecked
from analysis.study.settings import FILE, Study
from analysis.study.time_units import A_DAY
from analysis.study.yaml_files import Document, Location, YamlProblems, read_document

# What no study may lack, while its own cannot be read and the rest is checked.
_STAND_INS = {"name": "study", "title": {"en": "Study"}, "data": "synthetic"}
_KNOWN = frozenset(each.name for each in fields(Study))
EXAMPLES = {"mapping.yml": "a file in data/mappings/"}
EXAMPLE = "data/<name>/study.yml of a bundled study"


@dataclass(frozen=True)
class SettingsRead:
    """What could be read of the settings of a study.

    study: the settings without those that have a fault, None where nothing can be used; stand-ins take the place of
    what no study may lack. faulty: names of the settings left out. problems, unchecked: what is wrong, and what could
    not be looked at.
    """

    study: Study | None
    faulty: frozenset[str] = frozenset()
    problems: tuple[Problem, ...] = ()
    unchecked: tuple[Unchecked, ...] = ()


def read_settings(folder: Path) -> Study:
    """Read `study.yml` of a study folder, and `as_printed.yml` if it has one.

    Raises StudyProblems with every missing, unknown or impossible setting, each with its line in the file.
    """
    read = check_settings(folder)
    if read.problems or read.study is None:
        raise StudyProblems(folder, read.problems)
    return read.study


def check_settings(folder: Path) -> SettingsRead:
    """As `read_settings`, but gives everything that is wrong together with what can be used in spite of it."""
    path = Path(folder) / FILE
    if not path.is_file():
        remedy = f"Add {FILE}: python -m analysis init DIR writes one to fill in."
        problem = Problem(FILE, None, None, "missing_file", "The settings of the study are missing.", remedy)
        return SettingsRead(None, problems=(problem,))
    try:
        document = read_document(path)
    except YamlProblems as error:
        return SettingsRead(None, problems=error.problems)
    study, problems = validated(document, path.name, Study)
    faulty = _left_out(problems, document)
    if study is None and isinstance(document.content, dict):
        study = validated(_without(document, faulty), path.name, Study)[0]
    if study is None:
        return SettingsRead(None, problems=tuple(problems))
    problems += list(_unknown_here(study, document))
    faults = [*faults_between_settings(study, faulty), *_missing_companions(folder, study)]
    problems += [setting_problem(fault, document) for fault in faults]
    printed, found = _of_the_same_study(folder, study)
    unchecked = (Unchecked(f"Whether {', '.join(settings)} of {FILE} fit each other.", _faults_in(faulty & {*settings}))
                 for settings in unchecked_settings(faulty))  # fmt: skip
    faulty |= {str(fault.place[0]) for fault in faults}
    return SettingsRead(replace(study, as_printed=printed), faulty, (*problems, *found), tuple(unchecked))


def _faults_in(faulty: Iterable[str]) -> str:
    return f"{FILE} has faults in {', '.join(sorted(faulty))}"


def _left_out(problems: list[Problem], document: Document) -> frozenset[str]:
    """The settings with a fault. One that is not known may be one that is absent, misspelt."""
    names = {(problem.column or "").split(".")[0] for problem in problems}
    given = set(document.content) if isinstance(document.content, dict) else set()
    meant = {known for name in names - _KNOWN for known in get_close_matches(name, _KNOWN - given)}
    return frozenset(names & _KNOWN | meant)


def _without(document: Document, faulty: Collection[str]) -> Document:
    sound = {name: value for name, value in document.content.items() if name in _KNOWN - set(faulty)}
    return replace(document, content=_STAND_INS | sound, repeated=())


def _of_the_same_study(folder: Path, study: Study) -> tuple[AsPrinted | None, list[Problem]]:
    """The ways of the folder's published report, unless the file is about a study of another name."""
    path = Path(folder) / print_settings.FILE
    if not path.is_file():
        return None, []
    try:
        printed, problems = validated(read_document(path), path.name, AsPrinted)
    except YamlProblems as error:
        return None, list(error.problems)
    return printed if printed and printed.study in (None, study.name) else None, problems


def validated(document: Document, file: str, settings: type) -> tuple[Any, list[Problem]]:
    """The settings of a file, None where they cannot be used, and its problems in the order of the file."""
    problems, read = list(document.repeated), None
    try:
        read = TypeAdapter(settings).validate_python(document.content)
    except ValidationError as error:
        found = [_fault_of_form(file, fault, document, settings) for fault in error.errors()]
        first_of_each = {(problem.row, problem.column): problem for problem in reversed(found)}
        problems += reversed(first_of_each.values())
    return None if problems else read, sorted(problems, key=lambda problem: problem.row or 0)


def _unknown_here(study: Study, document: Document) -> Iterator[Problem]:
    """What the print did stands in a file of its own."""
    if study.as_printed is not None:
        kind, line = "unknown_setting", document.line(("as_printed",))
        yield Problem(FILE, line, "as_printed", kind, _CAUSES[kind], _REMEDIES["extra_forbidden"])


def setting_problem(fault: Fault, document: Document, file: str = FILE) -> Problem:
    """A fault of settings that are right each by itself, with its line in the file."""
    name = ".".join(map(str, fault.place))
    return Problem(file, document.line(fault.place), name, "impossible_setting", fault.cause, fault.remedy)


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


# Bounds of a number, by the name of the fault and of what it holds.
_BOUNDS = {
    "greater_than_equal": ("ge", "of at least"),
    "greater_than": ("gt", "above"),
    "less_than_equal": ("le", "of at most"),
    "less_than": ("lt", "below"),
}
_PATTERNS = {
    CODE_PATTERN: "are small letters, digits and underscores, a letter first",
    r"^[A-Z]+$": "are capital letters",
    r"\{n+\}": "is a name with {n} in place of a number, such as week_{nn}",
}
# What a setting must be, by the beginning of the name of the fault.
_FORMS = {
    "bool_": "true or false",
    "int_": "a whole number",
    "float_": "a number",
    "finite_number": "a number that has an end",
    "string_type": "text; in quotation marks where YAML reads a number or yes or no",
    "tuple_type": "a list: [first, second]",
    "dict_type": "a mapping: {name: value}",
    "dataclass_type": "a mapping of its own settings: {name: value}",
}


def _fault_of_form(file: str, fault: Mapping[str, Any], document: Document, settings: type) -> Problem:
    location = tuple(part for part in fault["loc"] if not _is_type_tag(part))
    name = ".".join(str(part) for part in location) or None
    kind = _KINDS.get(fault["type"], "impossible_setting")
    message = _allowed(fault) or fault["msg"].removeprefix("Value error, ").rstrip(".") + "."
    remedy = _REMEDIES.get(fault["type"], f"Correct the setting; {EXAMPLES.get(file, EXAMPLE)} is a complete example.")
    cause = _CAUSES.get(kind, message)
    if kind == "unknown_setting" and (names := _names_beside(settings, location)):
        cause += f" Allowed is one of {', '.join(names)}."
    return Problem(file, document.line(location), name, kind, cause, remedy)


def _names_beside(settings: Any, location: Location) -> list[str]:
    """The settings that may stand where an unknown one does: those of the dataclass that the path leads to."""
    for part in (*location[:-1], None):
        while get_origin(settings) is Annotated:
            settings = get_args(settings)[0]
        if isinstance(settings, UnionType):
            settings = next(kind for kind in get_args(settings) if kind is not type(None))
        names = {field.alias or name: field.annotation for name, field in _fields_of(settings).items()}
        if part is None:
            return list(names)
        settings = names.get(part) or (get_args(settings) or (None,))[-1 if get_origin(settings) is not tuple else 0]
    return []


def _fields_of(settings: Any) -> dict[str, Any]:
    return getattr(settings, "__pydantic_fields__", {})


def _allowed(fault: Mapping[str, Any]) -> str | None:
    """What may stand in a setting, for the faults that people make most, in the words used for cells of tables."""
    if fault["type"].startswith("date_"):
        return f"The value cannot be used. Allowed is {A_DAY}."
    if fault["type"] == "literal_error":
        names = fault["ctx"]["expected"].replace("'", "").replace(" or ", ", ")
        return f"The value cannot be used. Allowed is one of {names}."
    if fault["type"] == "string_pattern_mismatch" and (words := _PATTERNS.get(fault["ctx"]["pattern"])):
        return f"The value cannot be used. Allowed {words}."
    if fault["type"] == "dict_type" and isinstance(fault["input"], str):
        return "The value cannot be used. Allowed is a text for each language, such as {en: North}."
    if fault["type"] in _BOUNDS:
        bound, words = _BOUNDS[fault["type"]]
        return f"The value cannot be used. Allowed is a number {words} {fault['ctx'][bound]}."
    form = next((text for start, text in _FORMS.items() if fault["type"].startswith(start)), None)
    return f"The value cannot be used. Allowed is {form}." if form else None


def _is_type_tag(part: str | int) -> bool:
    """Pydantic names the member of a union it tried last in the location; that is no part of the path in the file."""
    return isinstance(part, str) and (part in {"float", "[key]"} or part.startswith("dict["))

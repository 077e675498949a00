"""Value sets, cut-offs, bands and item placement, read from the YAML files beside the code."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from analysis.study.yaml_files import parse_yaml

PARAMETER_FOLDER = Path(__file__).parent / "parameters"
PARAMETER_FIELDS = ("value", "unit", "date", "source")


class ParameterError(ValueError):
    """A parameter file that cannot be used: every fault in it, one a line."""


@dataclass(frozen=True)
class Parameter:
    """One parameter: its value, the value's unit, the year it holds for, and where it comes from."""

    value: Any
    unit: str
    date: int
    source: str


def _faults(name: str, entry: object) -> list[str]:
    if not isinstance(entry, Mapping):
        return [f"{name}: expected {', '.join(PARAMETER_FIELDS)}, found a bare value"]
    missing = [f"{name}: {field} is missing" for field in PARAMETER_FIELDS if entry.get(field) in (None, "")]
    unknown = [f"{name}: unknown field {field}" for field in entry if field not in PARAMETER_FIELDS]
    return missing + unknown


def parse_parameters(text: str, origin: str) -> Mapping[str, Parameter]:
    """Parameters by name from YAML text, read-only.

    Every entry has exactly value, unit, date and source, none of them empty; otherwise ParameterError names all the
    faults of the file (`origin`) at once.
    """
    entries = parse_yaml(text, origin)
    if not isinstance(entries, Mapping) or not entries:
        raise ParameterError(f"{origin}: expected named parameters, found none")
    faults = [fault for name, entry in entries.items() for fault in _faults(name, entry)]
    if faults:
        raise ParameterError("\n".join(f"{origin}: {fault}" for fault in faults))
    return MappingProxyType({name: Parameter(**entry) for name, entry in entries.items()})


@cache
def read_parameters(instrument: str) -> Mapping[str, Parameter]:
    """The parameters of one instrument, from `parameters/<instrument>.yml` (hads, eq5d, shc, chalder, ...)."""
    path = PARAMETER_FOLDER / f"{instrument}.yml"
    return parse_parameters(path.read_text(encoding="utf-8"), path.name)

"""What a published report did in its own way, from `as_printed.yml` of a study folder.

A study folder without the file has no such report, and every table follows the one general rule.
"""

from collections.abc import Mapping
from dataclasses import field
from typing import Any, Literal

from pydantic.dataclasses import dataclass

from analysis.study.design import SETTINGS, Code, FileName

FILE = "as_printed.yml"


@dataclass(frozen=True, config=SETTINGS)
class AsPrinted:
    """The ways of one published report.

    study: name of the study that the report is about. In the folder of a study of another name, such as one begun as a
        copy of it, nothing of the file holds; without the setting it holds for whatever study the folder has.
    package: the package below `analysis/as_printed/` with the code that only this print needs, if any.
    arms: code of each arm in the addresses of the printed numbers.
    tables: `<chapter>.<table>` → the print's own name of the table, which its download and its numbers carry.
    extracts: `<chapter>.<table>`, or another name that code asks for → the extract of the data behind it.
    unanswered_is_no: derived yes-or-no columns of `people` in which no answer counted as no.
    rules: what chapters ask for by name, such as formulas and denominators of single questions, models, months.
    """

    study: Code | None = None
    package: Code | None = None
    arms: Mapping[Literal["treatment", "control"], Code] = field(default_factory=dict)
    tables: Mapping[str, FileName] = field(default_factory=dict)
    extracts: Mapping[str, str] = field(default_factory=dict)
    unanswered_is_no: tuple[str, ...] = ()
    rules: Mapping[str, Any] = field(default_factory=dict)

"""What the parameters of a chapter may be: one check for the command line, for papermill, for a cell changed by hand.

A value is of the kind its name stands for or, for a name of the chapter's own, of the kind of its usual value.
"""

import ast
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from analysis.study.settings import Study

# Set by whoever runs the notebook; what they may be is said by those who read them.
OWN = ("study", "language", "results")
SHARES = ("conf_level",)
# Names of whole numbers, each with the least that can be computed with.
WHOLE_NUMBERS = {"n_best_centres": 1, "draws": 2, "seed": 0}
# How the cell begins that papermill puts behind the parameters cell.
_INJECTED = "# Parameters\n"


class WrongParameter(ValueError):
    """A parameter that the chapter does not have, or a value that it cannot take."""

    def _render_traceback_(self) -> list[str]:
        """A notebook shows the message alone; the way to it tells a reader nothing."""
        return [f"{type(self).__name__}: {self}"]


def assigned(source: str) -> dict[str, Any]:
    """Names that a cell assigns plain values to, each with its value.

    Read as Python: papermill's own inspection passes over a line whose comment holds an equals sign.
    """
    statements = [node for node in ast.parse(source).body if isinstance(node, ast.Assign | ast.AnnAssign)]
    pairs = [(target, node.value) for node in statements for target in getattr(node, "targets", None) or [node.target]]
    return {target.id: ast.literal_eval(value) for target, value in pairs if isinstance(target, ast.Name)}


def wanted(name: str, value: Any, usual: Any, study: Study) -> str | None:
    """What the parameter takes, if `value` is not that; None if it is. A usual value of None may always be given."""
    if usual is None and value is None and name not in (*SHARES, *WHOLE_NUMBERS):
        return None
    if name == "month":
        last = study.horizon.after if study.horizon else 0
        return None if _is_whole(value) and value <= last else f"a whole number from 0 to {last}"
    declared = {"outcome": study.outcomes, "subgroup": study.subgroups}
    if name in declared:
        codes = [each.code for each in declared[name]]
        return None if value in codes else f"one of {', '.join(codes) or 'none: the study declares none'}"
    if name in SHARES or (isinstance(usual, float) and 0 < usual < 1):
        return None if _is_number(value) and 0 < value < 1 else "a share between 0 and 1"
    if name in WHOLE_NUMBERS or (_is_number(usual) and isinstance(usual, int)):
        least = WHOLE_NUMBERS.get(name, 0)
        return None if _is_whole(value) and value >= least else "a whole number" + (f" from {least}" if least else "")
    return None


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_whole(value: Any) -> bool:
    return _is_number(value) and isinstance(value, int) and value >= 0


def check(given: Mapping[str, Any], usual: Mapping[str, Any], study: Study) -> None:
    """Raise WrongParameter naming each value that its parameter cannot take, what it takes, and an example."""
    faults = []
    for name, value in given.items():
        takes = wanted(name, value, usual.get(name), study)
        example = f", for example {name}={usual[name]}" if usual.get(name) is not None else ""
        faults += [f"{name} takes {takes}{example}"] if takes else []
    if faults:
        raise WrongParameter("; ".join(faults))


def check_in_notebook(given: Mapping[str, Any], study: Study) -> None:
    """Check the parameters a page was given, and those that papermill put into the notebook it stands in.

    Raises WrongParameter also for a name that papermill put in and the parameters cell does not have.
    """
    template, injected = _cells_run_so_far()
    if template and (unknown := sorted(set(injected) - set(template))):
        settable = ", ".join(sorted(set(template) - set(OWN))) or "none"
        raise WrongParameter(f"this chapter has no parameter {', '.join(unknown)}; there is: {settable}")
    own = {name: value for name, value in injected.items() if name not in OWN}
    check({**own, **given}, template if injected else {}, study)


def _cells_run_so_far() -> tuple[dict[str, Any], dict[str, Any]]:
    """What the notebook's parameters cell assigns, and what papermill assigned after it; nothing outside a notebook."""
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    ran: Sequence[str] = shell.user_ns.get("In", []) if shell else []
    places = [place for place, source in enumerate(ran) if source.startswith(_INJECTED)]
    if not places:
        return {}, {}
    return assigned(ran[places[-1] - 1]), assigned(ran[places[-1]])

"""Every method worked by hand on ten people, by the name of its page; the words of the steps are in the catalogue."""

from collections.abc import Mapping

from analysis.methods.worked import proportions
from analysis.methods.worked.example import Example, Worked

__all__ = ["EXAMPLES", "Example", "Worked"]

# Method → its example, in the order of the pages. A method's words stand in the catalogue file of its module.
MODULES: Mapping[str, Mapping[str, Example]] = {
    "proportions": proportions.EXAMPLES,
}
EXAMPLES: Mapping[str, Example] = {name: each for module in MODULES.values() for name, each in module.items()}

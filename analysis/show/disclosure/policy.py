"""The disclosure policy: what may leave the analysis, applied to every table, figure and sentence before it is shown.

`as_published` passes everything through unchanged, small cells included, as the published report printed them; it suits
the bundled synthetic trial, where no cell is about a real person.
"""

from typing import TypeVar

from analysis.study.settings import POLICIES

Result = TypeVar("Result")


class UnknownPolicy(ValueError):
    """A disclosure policy this version does not have."""


def apply(result: Result, policy: str) -> Result:
    """The result as it may be shown under `policy`; raises UnknownPolicy for a policy that does not exist here.

    An unknown policy stops the page: showing unprotected cells because a name was misspelt would be worse.
    """
    if policy not in POLICIES:
        raise UnknownPolicy(
            f"disclosure policy {policy!r} of study.yml is not available in this version; available: "
            f"{', '.join(POLICIES)}. Nothing is shown."
        )
    return result

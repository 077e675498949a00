"""How a study scores its instruments: what its `study.yml` says under `instruments`.

Placement of items, value sets and ranges themselves are in the room of frames, each with its source.
"""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import ConfigDict, Field
from typing_extensions import TypedDict

# The value sets that come with the program; a test holds them beside their values.
VALUE_SETS = ("uk_tto_mvh_a1",)
BANDS = ("not_ips", "fair", "good", "exemplary")
# Items whose answers make up each instrument of the questionnaires, by the beginning of their columns.
ITEMS = {"hads": "hads_", "eq5d": "eq5d_", "shc": "shc_", "chalder": "chalder_"}


class HadsSettings(TypedDict):
    """Unanswered items that may be replaced in a subscale of seven; lowest subscale score that counts as a case."""

    max_missing_per_subscale: Annotated[int, Field(ge=0, le=6)]
    caseness_from: Annotated[int, Field(ge=1, le=21)]


class Eq5dSettings(TypedDict):
    """Name of the value set that turns answers into an index."""

    value_set: Literal[VALUE_SETS]


class ShcSettings(TypedDict):
    """Unanswered items of 29 that may be replaced before a sum counts as missing."""

    max_missing: Annotated[int, Field(ge=0, le=28)]


class ChalderSettings(TypedDict):
    """Unanswered items of eleven that may be replaced before a sum counts as missing."""

    max_missing: Annotated[int, Field(ge=0, le=10)]


class Ips25Settings(TypedDict):
    """Lowest sum score, from 25 to 125, of each band of fidelity."""

    bands: Mapping[Literal[BANDS], Annotated[int, Field(ge=25, le=125)]]


class InstrumentSettings(TypedDict, total=False):
    """Scoring rules of the instruments in use, read as `study.instruments["hads"]["caseness_from"]`."""

    hads: HadsSettings
    eq5d: Eq5dSettings
    shc: ShcSettings
    chalder: ChalderSettings
    ips25: Ips25Settings


for _settings in (HadsSettings, Eq5dSettings, ShcSettings, ChalderSettings, Ips25Settings, InstrumentSettings):
    _settings.__pydantic_config__ = ConfigDict(extra="forbid")

"""How numbers are written in files, so that two machines write the same bytes."""

import json
import math
from collections.abc import Mapping
from typing import Any

SIGNIFICANT_DIGITS = 10


def json_bytes(content: Any) -> bytes:
    """Content as the bytes of a JSON file."""
    return (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode()


def rounded(content: Any) -> Any:
    """Plain content whose numbers are rounded as in other files, missing ones null."""
    if isinstance(content, float):
        return None if math.isnan(content) else significant(content)
    if isinstance(content, Mapping):
        return {name: rounded(value) for name, value in content.items()}
    return [rounded(value) for value in content] if isinstance(content, list) else content


def significant(value: float) -> float:
    """Rounded to ten significant digits, so that the last bits of a machine do not show in files."""
    return float(f"{value:.{SIGNIFICANT_DIGITS}g}")

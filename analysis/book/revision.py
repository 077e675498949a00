"""Which revision of the program this is."""

import subprocess
from pathlib import Path
from typing import Any


def revision(root: Path) -> dict[str, Any]:
    """Git revision of the program, None outside a checkout, and whether files differ from it."""
    if not (root / ".git").exists():
        return {"revision": None, "changed": None}
    try:
        changed = _git(root, "status", "--porcelain", "--untracked-files=no")
        return {"revision": _git(root, "rev-parse", "HEAD"), "changed": bool(changed)}
    except (OSError, subprocess.CalledProcessError):
        return {"revision": None, "changed": None}


def _git(root: Path, *arguments: str) -> str:
    """What git says, which neither writes to the checkout nor starts a program that the user has set up for it."""
    command = ["git", "--no-optional-locks", "-c", "core.fsmonitor=false", "-C", str(root), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()

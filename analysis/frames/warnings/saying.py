"""How a warning is said: where it shows, what is so, and the rule by which it is handled; never who or what."""

from analysis.study.problems import Problem

# Counts below are not told apart, so that nobody can be picked out.
FEWEST = 5


def warning(kind: str, file: str, column: str | None, cause: str, rule: str) -> Problem:
    """A warning is a `Problem` by its parts; its remedy is the rule by which the program handles what is odd."""
    return Problem(file, None, column, kind, cause, rule)


def counted(count: int, noun: str, of: int | None = None) -> str:
    """A count and its noun, `of` so many; neither a small count nor a small rest is told."""
    whole = "" if of is None or of < FEWEST else f" of {of}"
    if count < FEWEST:
        return f"fewer than {FEWEST}{whole} {noun}"
    if of is not None and of - FEWEST < count < of:
        return f"all but fewer than {FEWEST}{whole} {noun}"
    return f"{count:,}{whole} {noun}"

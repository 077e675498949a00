"""Disclosure control: which policy a study has, and what must stay untold so that no small group is found out."""

from analysis.show.disclosure.policy import Result, UnknownPolicy, apply

__all__ = ["Result", "UnknownPolicy", "apply"]

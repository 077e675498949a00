"""The synthetic follow-along evaluation of two pilots: informants and themes, by what `assumptions.yml` assumes.

SINTEF's project page prints no number on the interviews, only what they showed. So the sizes of the groups are
assumptions, and the themes are laid out so that what the page says of each pilot holds.
"""

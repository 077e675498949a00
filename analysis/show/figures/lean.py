"""A drawing in fewer bytes: what matplotlib writes for programs that edit drawings, and digits that no screen shows."""

import re

_FOR_EDITORS = re.compile(r"<!DOCTYPE[^>]*>\s*|<!--.*?-->|\s*<metadata>.*?</metadata>", flags=re.DOTALL)
_FAMILY = re.compile(r" font-family: ('[^;\"]*sans-serif);")
_ID = re.compile(r' id="([^"]+)"')
_REFERRED = re.compile(r"[#]([\w.-]+)")
_PLACES = re.compile(r'(?<= )(?:d|x|y|x1|x2|y1|y2|width|height|points|transform)="[^"]*"')
_DIGITS = re.compile(r"-?\d+\.\d{3,}(?!\d*e)")
_BETWEEN = re.compile(r">\s+<")
_SPACES = re.compile(r"\s+")
_LEVEL = re.compile(r' transform="rotate\(-?0 [^"]*"')
# A rectangle from corner to corner, upright.
_RECTANGLE = re.compile(r"M (\S+) (\S+) L (\S+) \2 L \3 (\S+) L \1 \4 L \1 \2(?= z|\")")
_GROUP = re.compile(r"<g\b[^>]*>|</g>")


def lean(svg: str) -> str:
    """The same drawing: places to a hundredth of a point, one family of letters for all, names only where referred to,
    groups only where they say something of what is in them, rectangles by their sides.

    Texts stay as they are.
    """
    svg = _FOR_EDITORS.sub("", svg)
    families = dict.fromkeys(_FAMILY.findall(svg))
    if len(families) == 1:
        svg = _FAMILY.sub("", svg).replace("*{", f"text{{font-family: {next(iter(families))}}}*{{", 1)
    referred = set(_REFERRED.findall(svg))
    svg = _ID.sub(lambda found: found[0] if found[1] in referred else "", svg)
    svg = _PLACES.sub(lambda found: _SPACES.sub(" ", _DIGITS.sub(_rounded, found[0])).replace(' "', '"'), svg)
    svg = _RECTANGLE.sub(r"M \1 \2 H \3 V \4 H \1 V \2", svg)
    return _without_bare_groups(_BETWEEN.sub("><", _LEVEL.sub("", svg)))


def _without_bare_groups(svg: str) -> str:
    kept: list[bool] = []

    def told(found: re.Match) -> str:
        tag = found[0]
        if tag.endswith("/>"):
            return ""
        if tag != "</g>":
            kept.append(tag != "<g>")
            return tag * kept[-1]
        return tag * kept.pop()

    return _GROUP.sub(told, svg)


def _rounded(found: re.Match) -> str:
    return f"{float(found[0]):.2f}".rstrip("0").rstrip(".")

"""The same page in fewer bytes: marks that no style, script or reader asks for, and long lists in a short form."""

import re

# What Sphinx and the theme write → what says the same.
_VIEWPORT = r'<meta content="width=device-width[^>]*>\s*'
_SAME = (
    (re.compile(r"<!--.*?-->\s*", re.DOTALL), ""),
    (re.compile(rf"{_VIEWPORT}(?=.*{_VIEWPORT})", re.DOTALL), ""),
    (re.compile(r'(?<!has-children">)<a class="reference internal"'), "<a"),
    (re.compile(r'class="reference external"'), 'class="external"'),
    (re.compile(r'<li class="toctree-l1">'), "<li>"),
    (re.compile(r' class="row-(?:odd|even)"'), ""),
    (re.compile(r"(<t[dh]\b[^>]*>)<p>((?:(?!</?p>).)*)</p>(?=</t[dh]>)", re.DOTALL), r"\1\2"),
    (re.compile(r'(?<=<math) display="inline"'), ""),
    (re.compile(r'(<math[^>]*) xmlns="http://www\.w3\.org/1998/Math/MathML"'), r"\1"),
    # Parts of code that have the colour of the code around them, and signs, which are told apart without one.
    (re.compile(r'<span class="(?:n|p|w|nn|o)">([^<]*)</span>'), r"\1"),
)
_BELOW = re.compile(r'(?=<li class="toctree-l2)')
_SCRIPTS = (re.compile(r"^[ \t]*/\*(?!!).*?\*/[ \t]*\n", re.DOTALL | re.MULTILINE),
            re.compile(r"^[ \t]*//.*\n", re.MULTILINE))  # fmt: skip
_AROUND = 3  # pages of a long list that are listed before and behind the page itself


def compact(page: str) -> str:
    """A finished page with the same words, links and look."""
    for written, short in _SAME:
        page = written.sub(short, page)
    return _near(page)


def _near(page: str) -> str:
    """Of the pages below an entry of the contents those next to this one; the entry's own page lists them all.

    With sixty pages that list each other a book would be a twentieth lists.
    """
    before, *entries = _BELOW.split(page)
    here = [place for place, entry in enumerate(entries) if entry.startswith('<li class="toctree-l2 current')]
    if not here:
        return page
    last, behind, rest = entries[-1].partition("</ul>")
    near = [*entries[:-1], last][max(0, here[0] - _AROUND) : here[0] + _AROUND + 1]
    return "".join([before, *near, behind, rest])


def compact_script(script: str) -> str:
    """A script without what explains it to those who change it; licences stay."""
    for comment in _SCRIPTS:
        script = comment.sub("", script)
    return script

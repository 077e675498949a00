"""Sphinx extension: formulas become MathML when the book is built.

Pages then show formulas without any script or network, screen readers can read them, and a formula that cannot be
translated is a build warning (and so an error) instead of a red box in front of the reader.
"""

import re

from docutils import nodes
from latex2mathml.converter import convert
from sphinx.application import Sphinx
from sphinx.util import logging

LOGGER = logging.getLogger(__name__)

# The translator knows the starred environment; the others differ from it only in LaTeX's own numbering.
_ENVIRONMENTS = re.compile(r"\\(begin|end)\{(aligned|align|gathered|gather\*?|equation\*?)\}")
_LEFT_OVER = re.compile(r"<m[ion]>(?:\\[^<]*|&(?:amp;)?)</m[ion]>")
# Plus-minus comes back as an identifier, which sets it without space around.
_PLUS_MINUS = re.compile(r"<mi>(&#x000B1;|±)</mi>")


class UntranslatedFormula(ValueError):
    """A formula with a command or environment that has no MathML."""


def to_mathml(latex: str, display: bool) -> str:
    """MathML of a LaTeX formula; `display` sets it on a line of its own.

    Raises UntranslatedFormula when the formula is broken or holds a command that has no translation.
    """
    source = _ENVIRONMENTS.sub(_known_environment, latex.strip())
    try:
        mathml = convert(source, display="block" if display else "inline")
    except Exception as error:  # the translator has a class of its own for each kind of fault
        raise UntranslatedFormula(f"formula {latex.strip()!r} cannot be read: {type(error).__name__}") from error
    left_over = _LEFT_OVER.search(mathml)
    if left_over:
        raise UntranslatedFormula(f"formula {latex.strip()!r} has no MathML for {left_over.group()}")
    return _PLUS_MINUS.sub(r"<mo>\1</mo>", mathml)


def _known_environment(match: re.Match) -> str:
    edge, name = match.groups()
    if name.startswith("equation"):
        return ""
    return f"\\{edge}{{align*}}"


def _translated(node: nodes.Element, display: bool) -> str:
    try:
        return to_mathml(node.astext(), display)
    except UntranslatedFormula as error:
        LOGGER.warning(str(error), location=node, type="mathml")
        return ""


def visit_inline(writer: nodes.NodeVisitor, node: nodes.Element) -> None:
    """Write a formula inside a line of text."""
    writer.body.append(_translated(node, display=False))
    raise nodes.SkipNode


def visit_block(writer: nodes.NodeVisitor, node: nodes.Element) -> None:
    """Write a formula on a line of its own, with its number if it has a label."""
    writer.body.append(writer.starttag(node, "div", CLASS="formula", TABINDEX="0"))
    writer.body.append(_translated(node, display=True))
    if node["number"]:
        writer.body.append(f'<span class="formula-number">({node["number"]})</span>')
    writer.body.append("</div>\n")
    raise nodes.SkipNode


def setup(app: Sphinx) -> dict:
    """Register the renderer; `html_math_renderer: mathml` selects it."""
    app.add_html_math_renderer("mathml", (visit_inline, None), (visit_block, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}

"""Sphinx extension: titles are texts also where the theme puts them into its pages as they are."""

from html import escape

from sphinx.application import Sphinx

# What the theme takes from pages and writes as HTML: the title of the book and of the page.
_AS_HTML = ("root_title", "pagetitle")
_AFTER_THE_THEME = 900


def _escape(app: Sphinx, page: str, template: str, context: dict, *_: object) -> None:
    context.update({name: escape(context[name]) for name in _AS_HTML if name in context})
    if page == "search":  # which has no title of its own, and shows the book's
        context["title"] = escape(app.config.html_title)


def setup(app: Sphinx) -> dict:
    app.connect("html-page-context", _escape, priority=_AFTER_THE_THEME)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

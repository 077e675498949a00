"""What a cell of a protected notebook may show: what a page gave it. All else is refused: no gate saw it."""

from functools import partial
from typing import Any

from analysis.show.finished import Html, Markdown, Numbers


class PastPage(Exception):
    """A cell of a protected study's notebook shows something that did not come through its page."""


def refuse_others(*pages: type) -> None:
    """From now on every cell of this notebook that shows what is no page, nor given by one, stops with PastPage."""
    from IPython import get_ipython

    formatter = get_ipython().display_formatter
    formatter.format = partial(_format, formatter.format, (Html, Markdown, Numbers, *pages))


def _format(usual: Any, given: tuple[type, ...], shown: Any, *arguments: Any, **options: Any) -> Any:
    if not isinstance(shown, given):
        raise PastPage(past_page(f"a {type(shown).__name__}"))
    return usual(shown, *arguments, **options)


def past_page(what: str) -> str:
    """What is wrong and what to do, in one line."""
    return (f"{what} is shown past the page, so nobody looked whom it tells of; the study is protected. "
            'Show it with page.show(...), a frame with caption="What it shows".')  # fmt: skip

"""Can everyone use the pages? axe-core's rules (WCAG 2.1 A and AA, and its own good practice) on each kind of page."""

from functools import cache

import pytest
from axe_playwright_python.sync_playwright import Axe

pytestmark = pytest.mark.browser

# One page of each kind: front page, findings, tables and figures, formulas, plain tables, definitions.
PAGES = (
    "book/index.html",
    "notebooks/summary.html",
    "notebooks/health.html",
    "book/methods.html",
    "book/provenance.html",
    "book/glossary.html",
    "ips/employment.html",
    "trace/process_evaluation.html",
    "book/method_difference_in_shares.html",
    "jmo/process_evaluation.html",
    "book/accessibility.html",
    "404.html",
)


# Colours are those of the scheme at any width, and what is laid out otherwise on a phone is so in any colours.
WIDTHS = {"light": 390, "dark": 1280}
UNFOLD = """document.querySelectorAll('.unfold[aria-expanded="false"]').forEach(button => button.click())"""
# A page that stands alone has no theme to be turned.
TURNED = "scheme => [undefined, scheme].includes(document.documentElement.dataset.theme)"


@pytest.fixture(scope="module")
def barriers(browser, address):
    """What axe finds on a page, by scheme; the page is loaded once, on a phone, then made dark and wide."""

    @cache
    def on(page):
        tab, found = browser.new_page(color_scheme="light", viewport={"width": WIDTHS["light"], "height": 900}), {}
        tab.goto(address + page, wait_until="networkidle")
        for scheme, width in WIDTHS.items():
            tab.emulate_media(color_scheme=scheme)
            tab.set_viewport_size({"width": width, "height": 900})
            tab.wait_for_function(TURNED, arg=scheme)
            tab.evaluate(UNFOLD)
            # With preload axe fetches the theme's style sheets again, from a wrong address. Of what passes, one node
            # is told.
            found[scheme] = Axe().run(tab, options={"preload": False, "resultTypes": ["violations"]}).response
        tab.close()
        return found

    return on


@pytest.mark.parametrize("scheme", WIDTHS)
@pytest.mark.parametrize("page", PAGES)
def test_page_has_no_barrier(barriers, page, scheme):
    found = barriers(page)[scheme]
    assert found["passes"]
    assert {rule["id"]: [node["html"] for node in rule["nodes"][:3]] for rule in found["violations"]} == {}

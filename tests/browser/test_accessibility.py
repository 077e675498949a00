"""Can everyone use the pages? axe-core's rules (WCAG 2.1 A and AA, and its own good practice) on each kind of page."""

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


@pytest.mark.parametrize(("scheme", "width"), [("light", 390), ("dark", 1280)])
@pytest.mark.parametrize("page", PAGES)
def test_page_has_no_barrier(browser, address, page, scheme, width):
    """Colours are those of the scheme at any width, and what is laid out otherwise on a phone is so in any colours."""
    tab = browser.new_page(color_scheme=scheme, viewport={"width": width, "height": 900})
    tab.goto(address + page, wait_until="networkidle")
    tab.evaluate("document.querySelectorAll('.unfold').forEach(button => button.click())")
    # With preload axe fetches the theme's style sheets again, from a wrong address. Of what passes, one node is told.
    found = Axe().run(tab, options={"preload": False, "resultTypes": ["violations"]}).response
    tab.close()
    assert found["passes"]
    assert {rule["id"]: [node["html"] for node in rule["nodes"][:3]] for rule in found["violations"]} == {}

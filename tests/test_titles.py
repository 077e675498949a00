"""Every figure of the book says above itself what it shows, and of how many people its numbers are."""

import csv
import re

import pytest

_FIGURE = re.compile(r'<figure class="result-figure[^"]*" id="(?P<name>[^"]+)">(?P<body>.*?)</figure>', flags=re.DOTALL)
_FINDING = re.compile(r"<figcaption><span[^>]*>[^<]*</span>\s*<strong>[^<]")
_NUMBERS = re.compile(r'href="([^"]+\.csv)"[^>]*download|download[^>]*href="([^"]+\.csv)"')
_PEOPLE = {"n", "n_treated", "n_control", "at_risk", "count", "people"}
# Figures whose numbers are not of so many people each → why. Another figure has to tell them.
_NOT_OF_PEOPLE = {
    r"audit-slips|cost-benefit-(npv|acceptability|net-values|tornado).*": "amounts from the same people; a model",
    r"audit-findings-map|reproduction-map": "counts printed numbers and relations",
    r"user-survey-printed-order-.*": "shares as printed, without their numbers",
    r"process-evaluation-fidelity-items": "one score a centre",
    r"participants-(figure-02|accumulated-inclusion-of-all)": "counts people itself",
    r"employment-(duration-effects|best-of-centres-.*)|health-tipping-.*": "from a model, or draws of all people",
}


@pytest.fixture(scope="module")
def figures(built_book):
    """(page, name, its finding, head of its download) of each figure."""
    found = []
    for page in sorted(path for folder in ("notebooks", "ips", "jmo") for path in (built_book / folder).glob("*.html")):
        for figure in _FIGURE.finditer(page.read_text(encoding="utf-8")):
            file = next(filter(None, _NUMBERS.search(figure["body"]).groups()))
            with (page.parent / file).open(encoding="utf-8", newline="") as numbers:
                head = set(next(csv.reader(numbers)))
            found.append((page.name, figure["name"], _FINDING.search(figure["body"]), head))
    return found


def test_each_says_what_it_shows(figures):
    assert len(figures) > 60
    assert [(page, name) for page, name, finding, _ in figures if not finding] == []


def test_each_tells_of_how_many_people_it_is_or_is_of_none(figures):
    listed = re.compile("|".join(f"(?:{names})" for names in _NOT_OF_PEOPLE))
    without = {name for _, name, _, head in figures if _PEOPLE.isdisjoint(head)}
    assert {name for name in without if not listed.fullmatch(name)} == set()
    for names in _NOT_OF_PEOPLE:  # none is listed in vain
        assert [name for name in without if re.fullmatch(names, name)], names

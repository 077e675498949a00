"""Listings: words come from the catalogue, everything is escaped, choices are marked, downloads may hold more."""

import pandas as pd
import pytest

from analysis.show import prose
from analysis.show.catalogue import Catalogue
from analysis.show.listing import Listing, to_html, written


@pytest.fixture
def catalogue(tmp_path) -> Catalogue:
    chapter = "listings: {places: {caption: Places, columns: {place: Place, kind: Kind, size: Size}}}\n"
    chapter += "kinds: {city: A city}\n"
    common = "listing: {search: Search, all: All, sort: Order by, shown: '[n] of [all]'}\n"
    (tmp_path / "en").mkdir()
    (tmp_path / "en" / "atlas.yml").write_text(chapter)
    (tmp_path / "en" / "common.yml").write_text(common)
    return Catalogue("en", folder=tmp_path)


def places() -> Listing:
    frame = pd.DataFrame({"place": ["<Oslo>"], "kind": [prose.Label("kinds", "city")], "size": [prose.count(1234)]})
    return Listing("places", frame, filters=["kind"])


def test_cells_are_worded_and_escaped(catalogue):
    html = to_html(places(), "atlas", catalogue, "Places")
    assert '<th scope="row">&lt;Oslo&gt;</th>' in html
    assert "<td>A city</td><td>1,234</td>" in html
    assert list(written(places(), "atlas", catalogue).iloc[0]) == ["<Oslo>", "A city", "1,234"]


def test_columns_to_filter_by_are_marked(catalogue):
    html = to_html(places(), "atlas", catalogue, "Places")
    assert '<th scope="col" data-column="kind" data-filter>Kind</th>' in html
    assert html.count("data-filter") == 1


def test_an_unknown_filter_is_refused():
    with pytest.raises(ValueError, match="colour"):
        Listing("places", pd.DataFrame({"place": ["x"]}), filters=["colour"])

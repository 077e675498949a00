"""Tables in the files of other programs: every format gives the same study, and what gives none is named."""

import hashlib
import shutil
from pathlib import Path

import pandas as pd
import pytest

from analysis.frames.trial import open_trial
from analysis.study.intake import check_study, read_study, recognised
from tests.table_formats import FORMATS
from tests.walk import shown

HANDMADE = Path(__file__).parent / "handmade"


@pytest.fixture(scope="module")
def tables():
    return read_study(HANDMADE)[1]


@pytest.fixture
def without_tables(tmp_path):
    return Path(shutil.copytree(HANDMADE, tmp_path / "study", ignore=shutil.ignore_patterns("*.csv")))


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_gives_the_same_tables(without_tables, tables, name):
    FORMATS[name](without_tables, tables)
    read = read_study(without_tables)[1]
    assert list(read) == list(tables)
    for table in tables:
        pd.testing.assert_frame_equal(read[table], tables[table], check_exact=True)

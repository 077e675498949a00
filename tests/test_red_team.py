"""A red team plants a hundred leaks; each is caught."""

import pytest

from tests.red_team import LEAKS, plan, untold


@pytest.mark.parametrize("leak", LEAKS, ids=lambda leak: leak.name)
def test_ten_planted_leaks_of_each_kind_are_caught(leak):
    plans = [plan(leak, seed) for seed in range(10)]
    assert [seed for seed, made in enumerate(plans) if not all(untold(leak, made))] == []
    known = plans[0].hidden | plans[0].told
    assert all(any(place in known for place in some) for some in leak.places)

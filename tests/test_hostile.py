"""Whatever stands in a file, mcdiv reads it or says in one line why not; `python -m benchmarks.hostile` tries more."""

from collections import Counter
from pathlib import Path

import pytest
from hostile import Hostile

#: how a scenario may end
FINE = {"read", "refused"}


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_scenario_changed_at_random_is_read_or_refused_in_one_line(seed: int, tmp_path: Path) -> None:
    hostile, ends = Hostile(seed, tmp_path), Counter[str]()
    for _ in range(700):
        end, said, given = hostile.try_one()
        assert end in FINE, (end, said, given)
        ends[end] += 1
    assert set(ends) == FINE

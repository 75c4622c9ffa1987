"""Whatever stands in a file, mcdiv reads it or says in one line why not; `python -m benchmarks.hostile` tries more."""

from collections import Counter
from pathlib import Path

import pytest
from cases import quick
from data_files import DataFiles
from format_files import FormatFiles
from hostile import Hostile

#: how a file may end
FINE = {"read", "refused"}


@pytest.mark.slow
@pytest.mark.parametrize(("seed", "times"), quick(1, [(1, 50), (1, 500), (2, 500)], measured=1))
def test_a_scenario_changed_at_random_is_read_or_refused_in_one_line(seed: int, times: int, tmp_path: Path) -> None:
    ends = _ends(Hostile(seed, tmp_path), times)
    assert set(ends) == FINE or times < 500  # few of them are read


@pytest.mark.parametrize(("seed", "times"), quick(1, [(1, 100), (1, 1000), (2, 1000)], measured=1))
def test_a_file_of_data_is_refused_or_read_as_an_independent_reader_reads_it(
    seed: int, times: int, tmp_path: Path
) -> None:
    ends = _ends(DataFiles(seed, tmp_path), times)
    assert ends["read"] > times / 4


@pytest.mark.parametrize(("seed", "times"), quick(1, [(1, 300), (2, 1000), (3, 1000)], measured=1))
def test_a_file_of_another_format_is_refused_or_read_as_its_own_library_reads_it(
    seed: int, times: int, tmp_path: Path
) -> None:
    for library in ("h5py", "openpyxl", "pyarrow"):
        pytest.importorskip(library)
    ends = _ends(FormatFiles(seed, tmp_path), times)
    assert ends["read"] > times / 5


def _ends(generator: Hostile | DataFiles | FormatFiles, times: int) -> Counter[str]:
    ends = Counter[str]()
    for _ in range(times):
        end, said, given = generator.try_one()
        assert end in FINE, (end, said, given)
        ends[end] += 1
    return ends

"""Position frequency matrices as JASPAR has them: broken ones are one line."""

from pathlib import Path

import pytest

from mcdiv.errors import ScenarioError
from mcdiv.files.counts import Reading, read_tallies

BROKEN = {
    ">a\nA [ 1 2 ]\nC [ 1 ]\n": "a.pfm: expected as many counts in each row, got 1 and 2",
    ">a\nA [ 1 ]\nA [ 1 ]\n": "a.pfm:3: expected a row of counts for each of A, C, G and T, got 'A [ 1 ]'",
    ">a\n1 2\n1 2\n1 2\n1 2\n1 2\n": "a.pfm:6: expected a row of counts for each of A, C, G and T, got '1 2'",
    ">a\nA [ 1 x ]\n": "a.pfm:2: expected a row of counts for each of A, C, G and T, got 'A [ 1 x ]'",
    ">a\nA [ 1 ]\n>b\nA [ 1 ]\n": "a.pfm:3: a second matrix begins here; expected one in a file",
    ">a\nA [ 0.5 ]\nC [ 0.5 ]\n": "a.pfm: category 'A': expected a whole number >= 0, got '0.5'",
    ">a\n": "a.pfm: expected as many counts in each row, got no rows",
    ">a\nA [ ]\n": "a.pfm: expected as many counts in each row, got 0",
}


@pytest.mark.parametrize("text", BROKEN)
def test_a_broken_matrix_is_one_line(folder: Path, text: str) -> None:
    (folder / "a.pfm").write_text(text)
    with pytest.raises(ScenarioError) as caught:
        read_tallies("a.pfm", Reading())
    assert list(caught.value.problems) == [BROKEN[text]]


def test_options_of_tables_do_not_apply(folder: Path) -> None:
    (folder / "a.pfm").write_text(">a\nA [ 1 2 ]\nC [ 1 0 ]\n")
    with pytest.raises(ScenarioError, match="--column does not apply: the file holds counts by category"):
        read_tallies("a.pfm", Reading(column="A"))

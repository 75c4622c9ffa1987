"""Tallies of counts: how often each count occurs in a row, however large the counts and however many the categories."""

import numpy as np
import pytest

from mcdiv.core.fingerprints import distinct_counts, fingerprints, tally_up_to


def rows_of(kind: str, categories: int) -> np.ndarray:
    """A few rows of counts: mostly small, mostly large, or some of them beyond the number of categories."""
    rng = np.random.default_rng(categories)
    counts = rng.poisson({"small": 0.7, "large": 30, "beyond": 0.7}[kind], size=(9, categories))
    if kind == "beyond":
        counts[::2, :1] = [[10**9], [7], [2**52], [6], [5]]
    counts[0] = 0
    counts[0, -1] = 1
    return counts


@pytest.mark.parametrize("categories", [2, 63, 100, 127, 128, 1023, 1024, 70_000])
@pytest.mark.parametrize("kind", ["small", "large", "beyond"])
def test_a_tally_is_what_counting_row_by_row_gives(kind: str, categories: int) -> None:
    counts = rows_of(kind, categories)
    values, times = fingerprints(counts)
    assert values.tolist() == sorted(set(counts.ravel().tolist()))
    for row, tallied in zip(counts, times, strict=True):
        occurring, often = np.unique(row, return_counts=True)
        assert values[tallied > 0].tolist() == occurring.tolist()
        assert tallied[tallied > 0].tolist() == often.tolist()


def test_a_row_of_one_count_alone_fills_its_field() -> None:
    for categories in (127, 128, 1023, 1024):
        for count in range(12):
            values, times = fingerprints(np.full((3, categories), count))
            assert (values.tolist(), times.tolist()) == ([count], [[categories]] * 3)


def test_counts_of_a_narrower_type_are_tallied_alike() -> None:
    counts = rows_of("small", 300)
    for tallied, expected in zip(fingerprints(counts.astype(np.int32)), fingerprints(counts), strict=True):
        assert tallied.tolist() == expected.tolist()


def test_counts_that_can_be_read_only_are_tallied_and_stay_as_they_are() -> None:
    counts = np.broadcast_to(np.arange(200) % 5, (7, 200))
    values, times = fingerprints(counts)
    assert values.tolist() == [0, 1, 2, 3, 4]
    assert (times == 40).all()


def test_no_table_is_made_of_more_distinct_counts_than_are_wanted() -> None:
    counts = np.arange(400).reshape(2, 200) % 7
    assert tally_up_to(6, counts) is None
    tally = tally_up_to(7, counts)
    assert tally is not None
    assert tally[1].shape == (2, 7)
    assert distinct_counts(np.arange(300).reshape(2, 150))[1].shape == (1, 1)

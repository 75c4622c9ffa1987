"""A sample over an alphabet of which it lists a part: categories without draws are a number, columns only where few."""

from dataclasses import replace

import numpy as np

from mcdiv.core.arrays import COUNT_LIMIT, Counts, Sample
from mcdiv.core.catalogue import quoted
from mcdiv.core.fingerprints import alphabet_of

#: counts in a sample that lists all its categories: up to here it always does, and never above
ALWAYS_LISTED, MAX_LISTED = 2**22, 2**26


def over_alphabet(sample: Sample, size: object) -> Sample:
    """The sample over so many categories: with a column for each, or with one for all that have no draws.

    Raises
    ------
    ValueError
        More categories were given, with draws in them or as those of a model.
    """
    if isinstance(size, bool) or not isinstance(size, (int, np.integer)) or not 1 <= size < COUNT_LIMIT:
        raise ValueError(f"alphabet_size: expected a whole number from 1 to 2^53 − 1, got {quoted(size)}")
    model = sample.counts_q if sample.q is None else sample.q
    columns = max(some.shape[-1] for some in (sample.counts, model) if some is not None)
    if size < columns:
        if model is not None:  # zeros left out of each by itself would pair categories that are not the same
            raise ValueError(f"alphabet_size is {size}, but P and Q are given over {columns} categories")
        return replace(sample, counts=_first_seen(sample.counts, int(size)))
    if sample.q is not None and size > columns:
        raise ValueError(f"q has {sample.q.shape[-1]} categories, counts has {size}; they must be the same")
    if sample.counts.size // sample.counts.shape[-1] * int(size) <= ALWAYS_LISTED:
        return _padded(sample, int(size))
    sample = _padded(sample, columns + 1)
    multiplicity = np.ones(sample.counts.shape)
    multiplicity[..., -1] = size - columns
    return replace(sample, multiplicity=multiplicity)


def categories_of(sample: Sample) -> int:
    """K: how many categories a sample is over."""
    if sample.multiplicity is None:
        return int(sample.counts.shape[-1])
    return alphabet_of(sample.counts, sample.multiplicity.reshape(-1, sample.multiplicity.shape[-1]))


def listed(sample: Sample, name: str) -> Sample:
    """The sample with a column for every category, as `name` needs it; a ValueError where these are too many."""
    if sample.multiplicity is None:
        return sample
    size, columns = categories_of(sample), sample.counts.shape[-1]
    rows = sample.counts.size // columns
    if rows * size > MAX_LISTED:
        said = f"{name} needs a count for every category, and {rows:,} × {size:,} are more than {MAX_LISTED:,}"
        raise ValueError(f"alphabet_size: {said}; use a smaller one")
    return _padded(replace(sample, multiplicity=None), size)


def _padded(sample: Sample, size: int) -> Sample:
    def wide(counts: Counts) -> Counts:
        return np.pad(counts, [(0, 0)] * (counts.ndim - 1) + [(0, size - counts.shape[-1])])

    second = sample.counts_q
    return replace(sample, counts=wide(sample.counts), counts_q=None if second is None else wide(second))


def _first_seen(counts: Counts, size: int) -> Counts:
    """Without so many of the categories that have no draws: given beyond the alphabet, they are none."""
    seen = (counts > 0).reshape(-1, counts.shape[-1]).any(axis=0)
    if seen.sum() > size:
        raise ValueError(f"alphabet_size is {size}, but counts has draws in {seen.sum()} categories")
    return counts[..., np.sort(np.argsort(~seen, kind="stable")[:size])]

"""A sequence of draws as pairs of the draws before and the next one: what a draw depends on, and blocks of draws."""

from dataclasses import replace

import numpy as np

from mcdiv.core.arrays import Counts
from mcdiv.core.domains import MAX_ALPHABET
from mcdiv.core.number_format import counted
from mcdiv.errors import ScenarioError
from mcdiv.files.counts.category_counts import CategoryCounts


def in_blocks(tally: CategoryCounts, order: int, name: str) -> CategoryCounts:
    """Counts of pairs (X, Y), X the so many draws before and Y the next one, in overlapping blocks of a sequence.

    X has the values that occurred, in the order of their first occurrence, Y all categories.
    """
    if tally.sequence is None:
        raise ScenarioError([f"{name}: --order needs draws one by one, in their order, and the file has counts"])
    size = len(tally.labels)
    before, then = block_numbers(tally.sequence, size, order)[:-1], tally.sequence[order:]
    whole = (before >= 0) & (then >= 0)
    if not whole.any():
        wrong = f"has no {order + 1:,} draws that follow each other"
        raise ScenarioError([f"{name}: {wrong}, as --order {order} needs"])
    _, first, row = np.unique(before[whole], return_index=True, return_inverse=True)
    if len(first) * size > MAX_ALPHABET:
        pairs = f"{len(first):,} different blocks of {order:,} × {counted(size, 'category', 'categories')}"
        raise ScenarioError([f"{name}: --order {order}: {pairs} are more than {MAX_ALPHABET:,} pairs"])
    by_place = np.argsort(first)
    row = np.argsort(by_place)[row]
    starts = np.flatnonzero(whole)[first[by_place]].tolist()
    blocks = [" ".join(tally.labels[i] for i in tally.sequence[start : start + order]) for start in starts]
    table = np.bincount(row * size + then[whole], minlength=len(first) * size)
    return replace(
        tally,
        labels=tuple(f"{block}, {label}" for block in blocks for label in tally.labels),
        counts=table.astype(np.int64),
        read_as=f"{tally.read_as}; in {counted(int(whole.sum()), 'overlapping block')} of {order + 1:,} draws",
        order=order,
        shape=(len(first), size),
    )


def block_numbers(sequence: Counts, categories: int, length: int) -> Counts:
    """At each place, the number of the block of so many draws that begins there, −1 where one of them was left out.

    Alike blocks have one number, from 0 to one less than there are different ones.
    """
    numbers = sequence
    for step in range(1, length):
        then = sequence[step:]
        whole = (numbers[:-1] >= 0) & (then >= 0)
        pairs = numbers[:-1][whole] * categories + then[whole]
        numbers = np.full(len(then), -1)
        numbers[whole] = np.unique(pairs, return_inverse=True)[1]
    return numbers

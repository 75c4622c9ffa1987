"""How often each of many cells occurs, counted as bytes: only one cell of each kind becomes a text.

Cells of few bytes are numbers of 64 bits. A hash of these numbers sorts the cells into slots, and each cell is compared
with the first one of its slot. What differs from that one, and every long cell, is counted one by one.
"""

from collections import Counter

import numpy as np
from numpy.typing import NDArray

from mcdiv.core.arrays import Counts

#: odd numbers of 64 bits, one for each word of a cell that is compared as numbers
_FACTORS = np.array([0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0x27D4EB2F165667C5], dtype=np.uint64)
_WORD, _SHORT = 8, 8 * len(_FACTORS)
#: the first bytes of a word, by how many they are
_FIRST_BYTES = np.array([2 ** (8 * size) - 1 for size in range(_WORD + 1)], dtype=np.uint64)
#: binary digits of the number of a slot
_DIGITS = 20


def cell_tally(data: bytes, starts: Counts, stops: Counts) -> Counter[str]:
    """How often each cell occurs, in the order in which they first do.

    Cell i is data[starts[i]:stops[i]], text in UTF-8 without NUL.
    """
    lengths = stops - starts
    words = _words(data, starts, np.minimum(lengths, _SHORT))
    first = _first_in_slot(words)
    same = np.logical_and.reduce([word[first] == word for word in words])
    if lengths.max() > _SHORT:
        same &= (lengths <= _SHORT) & (lengths[first] <= _SHORT)
    others = np.flatnonzero(~same)
    if 16 * len(others) > len(same):  # too many different ones for the slots
        return Counter(_texts(data, starts, stops))
    times = np.bincount(first[same])
    firsts = np.flatnonzero(times)
    names = _texts(data, starts[firsts], stops[firsts])
    counts = dict(zip(names, times[firsts].tolist(), strict=True))
    if len(others):
        places = dict(zip(names, firsts.tolist(), strict=True))
        for name, place in zip(_texts(data, starts[others], stops[others]), others.tolist(), strict=True):
            counts[name] = counts.get(name, 0) + 1
            places.setdefault(name, place)
        counts = {name: counts[name] for name in sorted(counts, key=places.__getitem__)}
    return Counter(counts)


def _words(data: bytes, starts: Counts, lengths: Counts) -> list[NDArray[np.uint64]]:
    """The bytes of each cell, eight at a time, zeros behind its end."""
    padded = data + bytes(2 * _SHORT)
    at = np.ndarray((len(data) + _SHORT,), dtype="<u8", buffer=padded, strides=(1,))  # eight bytes from each place on
    return [
        at[starts + done] & _FIRST_BYTES[np.clip(lengths - done, 0, _WORD)]
        for done in range(0, max(int(lengths.max()), 1), _WORD)
    ]


def _first_in_slot(words: list[NDArray[np.uint64]]) -> NDArray[np.int32]:
    """For each cell the place of the first one in its slot."""
    hashed = sum(word * factor for word, factor in zip(words, _FACTORS, strict=False))
    slot = (hashed >> np.uint64(64 - _DIGITS)).astype(np.intp)
    places = np.empty(2**_DIGITS, dtype=np.int32)
    places[slot[::-1]] = np.arange(len(slot), dtype=np.int32)[::-1]  # of several, the one written last stays
    first: NDArray[np.int32] = places[slot]
    return first


def _texts(data: bytes, starts: Counts, stops: Counts) -> list[str]:
    return [data[start:stop].decode() for start, stop in zip(starts.tolist(), stops.tolist(), strict=True)]

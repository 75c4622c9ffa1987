"""Which draws follow each other, where a file has them one by one: counted in its first draws, in a few categories."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from mcdiv.core.arrays import Counts

#: draws whose successors are counted: enough to see dependence, and at no cost in a long file
MAX_DRAWS = 100_000
#: categories of which pairs are counted
MAX_CATEGORIES = 64


class SuccessorCounter:
    """Counts pairs of successive symbols while the symbols are read, many at a time."""

    def __init__(self) -> None:
        self._pairs: Counter[tuple[str, str]] = Counter()
        self._last: list[str] = []
        self._left = MAX_DRAWS

    @property
    def wanted(self) -> int:
        """How many more symbols are looked at."""
        return self._left

    def add(self, symbols: Sequence[str]) -> None:
        """The symbols that come next."""
        if not self._left or not symbols:
            return
        some = [*self._last, *symbols[: self._left]]
        self._pairs.update(pairwise(some))
        self._left -= len(some) - len(self._last)
        self._last = some[-1:]
        if len(self._pairs) > MAX_CATEGORIES**2:
            self._left = 0

    def table(self, labels: Iterable[str], label: Callable[[str], str]) -> Counts | None:
        """Shape (K, K), the first of a pair in the rows; None for more than 64 categories.

        `label` names the category of a symbol. Pairs with a symbol of none, which was left out, are not counted.
        """
        places = {name: place for place, name in enumerate(labels)}
        if len(places) > MAX_CATEGORIES or len(self._pairs) > MAX_CATEGORIES**2:
            return None
        table = np.zeros((len(places), len(places)), dtype=np.int64)
        for pair, count in self._pairs.items():
            first, then = (places.get(label(symbol)) for symbol in pair)
            if first is not None and then is not None:
                table[first, then] += count
        return table


class DrawsInOrder:
    """Draws as they come: pairs of successive ones are counted, and with `keep` all draws are kept in their order."""

    def __init__(self, *, keep: bool) -> None:
        self._pairs = SuccessorCounter()
        self._codes: dict[str, int] | None = {} if keep else None
        self._parts: list[NDArray[np.int32]] = []

    @property
    def wanted(self) -> int | None:
        """How many more symbols are looked at; None for all."""
        return self._pairs.wanted if self._codes is None else None

    def add(self, symbols: Sequence[str]) -> None:
        """The symbols that come next."""
        self._pairs.add(symbols)
        if (codes := self._codes) is not None:
            self._parts.append(np.array([codes.setdefault(each, len(codes)) for each in symbols], dtype=np.int32))

    def successors(self, labels: Iterable[str], label: Callable[[str], str]) -> Counts | None:
        """Pairs of successive draws, as `SuccessorCounter.table` has them."""
        return self._pairs.table(labels, label)

    def sequence(self, labels: Iterable[str], label: Callable[[str], str]) -> Counts | None:
        """The place of each draw's category among the labels, −1 for a draw that was left out; None if not kept."""
        if self._codes is None:
            return None
        places = {name: place for place, name in enumerate(labels)}
        of_code = np.array([places.get(label(symbol), -1) for symbol in self._codes], dtype=np.int64)
        codes = np.concatenate(self._parts) if self._parts else np.zeros(0, dtype=np.int32)
        return of_code[codes]

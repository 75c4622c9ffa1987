"""What estimators and intervals gave on each outcome of a block: known from an earlier run, or made now.

Moments hold the covariance of all estimators of an estimand, so that one more estimator needs the estimates of all
of them on the same outcomes. Estimates that are costly to make are therefore worth keeping, and those alone.
"""

import time
from collections.abc import Callable, Hashable, Mapping
from typing import TypeAlias

import numpy as np

from mcdiv.core.arrays import Array

#: values with the outcomes on the last axis, and what was raised for which of them
Column: TypeAlias = tuple[Array, dict[int, str]]

#: processor time per outcome, in seconds, above which it is kept: so 20 ms of work keep a few thousand bytes at most
MIN_SECONDS_TO_CACHE = 20e-6


class Columns:
    """The columns of one block, asked for some outcomes at a time."""

    def __init__(
        self, known: Mapping[Hashable, Column] | None = None, expensive_from: float | None = MIN_SECONDS_TO_CACHE
    ) -> None:
        """With `expensive_from` None nothing is kept, nor timed."""
        self._known = known or {}
        self._expensive_from = expensive_from
        #: pieces with the place of their first outcome; None for what was cheap to make
        self._made: dict[Hashable, list[tuple[int, Column]] | None] = {}

    def of(self, key: Hashable, rows: slice, make: Callable[[], Column]) -> Column:
        """The column of these outcomes: as it is known, or else made."""
        if key in self._known:
            values, raised = self._known[key]
            some = values[..., rows]
            return some, {row - rows.start: text for row, text in raised.items() if 0 <= row - rows.start < len(some.T)}
        if self._expensive_from is None:
            return make()
        started = time.thread_time()  # the processor's own: other work on the machine makes nothing costly
        column = make()
        if key not in self._made:  # the first piece decides
            spent = time.thread_time() - started
            self._made[key] = [] if spent > self._expensive_from * column[0].shape[-1] else None
        kept = self._made[key]
        if kept is not None:
            kept.append((rows.start, column))
        return column

    def expensive(self) -> dict[Hashable, Column]:
        """What was costly to make."""
        return {
            key: (
                np.concatenate([values for _, (values, _) in pieces], axis=-1),
                {start + row: text for start, (_, raised) in pieces for row, text in raised.items()},
            )
            for key, pieces in self._made.items()
            if pieces
        }

"""Which estimators of a condition have the smallest bias or RMSE, and which cannot be told from them."""

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from mcdiv.engine.records import Pair, Row

Compared: TypeAlias = Literal["bias", "rmse"]
#: which differences of a pair decide
_DECIDES = {"bias": "abs_bias", "rmse": "mse"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaders:
    """The rows of a study by condition and estimand, and the paired differences between them."""

    rows: dict[tuple[int, str], list[Row]]
    pairs: dict[tuple[int, str, frozenset[str]], Pair]

    @staticmethod
    def of(rows: Iterable[Row], pairs: Iterable[Pair]) -> "Leaders":
        """From the records of a study."""
        grouped: defaultdict[tuple[int, str], list[Row]] = defaultdict(list)
        for row in rows:
            grouped[row.condition.number, row.task.estimand].append(row)
        return Leaders(rows=dict(grouped), pairs={_key(pair.first, pair.second): pair for pair in pairs})

    def best(self, number: int, estimand: str, measure: Compared) -> Sequence[Row]:
        """The best of a condition and those within 2 MCSE of it, the best first; none where there is one estimator.

        Exact values are compared where both are known, paired differences else. Where some estimators give fewer
        finite estimates than others, only those that give the most are compared, as by rank.
        """
        group = self.rows.get((number, estimand), [])
        there = [row for row in group if not math.isnan(row.value(measure))]
        if len(group) < 2 or not there:
            return []
        fewest = min(map(_lost, there))
        there = [row for row in there if _lost(row) == fewest]
        if measure == "rmse":
            leader = min(there, key=lambda row: math.inf if row.rank is None else row.rank)
        else:
            leader = min(there, key=lambda row: sum(self._less(other, row) for other in there))
        return [leader, *(row for row in there if row is not leader and self._alike(row, leader, measure))]

    def _less(self, first: Row, second: Row) -> bool:
        """Whether the first has the smaller bias; one of roundings is 0."""
        if second.unbiased or first.unbiased:
            return not second.unbiased
        pair = self.pairs.get(_key(first, second))
        if pair is None:
            return abs(first.value("bias")) < abs(second.value("bias"))
        difference = pair.differences["abs_bias"].value
        return difference < 0 if pair.first.task == first.task else difference > 0

    def _alike(self, row: Row, leader: Row, measure: Compared) -> bool:
        if measure == "bias" and row.unbiased and leader.unbiased:
            return True
        pair = self.pairs.get(_key(row, leader))
        return pair is not None and pair.outcome(_DECIDES[measure]) == "indistinguishable"


def _key(first: Row, second: Row) -> tuple[int, str, frozenset[str]]:
    return first.condition.number, first.task.estimand, frozenset((first.task.label, second.task.label))


def _lost(row: Row) -> float:
    return round(row.value("infinite_share") + row.value("undefined_share"), 12)

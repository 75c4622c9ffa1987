"""What a person reads of tests of P = Q at the end of a run: the largest type I error and the least power."""

import math
from collections.abc import Iterator, Sequence

from mcdiv.core.number_format import percent
from mcdiv.engine.records import Row
from mcdiv.estimands.contract import symbol_of

#: tests that are told of; the others are in performance.csv
MAX_TESTS = 4


def rejection_sentences(rows: Sequence[Row]) -> Iterator[str]:
    """A sentence for each estimand and estimator that P = Q is tested by."""
    names = ("type_i_error", "power")
    tests = list(dict.fromkeys(row.task for row in rows if any(_has(row, name) for name in names)))
    for task in tests[:MAX_TESTS]:
        errors, powers = ([row for row in rows if row.task == task and _has(row, name)] for name in names)
        parts = []
        if errors:
            worst = max(errors, key=lambda row: row.value("type_i_error"))
            parts.append(f"a true P = Q in {_share(worst, 'type_i_error', 'up to ' * (len(errors) > 1))}")
        if powers:
            least = min(powers, key=lambda row: row.value("power"))
            parts.append(f"a false one in {_share(least, 'power', 'at least ' * (len(powers) > 1))}")
        told = " and ".join(parts).replace("a false one", "a false P = Q" if not errors else "a false one")
        yield f"The test by {task.label} of {symbol_of(task.estimand)} rejects {told}."
    if (more := len(tests) - MAX_TESTS) > 0:
        yield f"{more} more {'test is' if more == 1 else 'tests are'} in performance.csv."


def _has(row: Row, measure: str) -> bool:
    return not math.isnan(row.value(measure))


def _share(row: Row, measure: str, bound: str) -> str:
    """A share of samples with its MCSE, where it has one, and the condition."""
    at, share = row.condition, row.value(measure)
    if measure not in row.exact and share in (0, 1):
        many = f"{'all' if share else 'none of'} {row.replicates:,} replicates"
    else:
        mcse = "" if measure in row.exact else f" (MCSE {percent(row.reported(measure).mcse)})"
        many = f"{bound}{percent(share)}{mcse} of samples"
    model = f", Q = {at.model.label}" if at.model else ""
    return f"{many} (P = {at.truth.label}{model}, N = {at.sample_size:,})"

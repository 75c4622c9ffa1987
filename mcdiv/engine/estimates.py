"""Estimates of samples, and their failures: infinite or undefined values, and what estimators raise."""

from dataclasses import dataclass, replace

import numpy as np

from mcdiv.core.arrays import Array, Nats, Sample
from mcdiv.core.fingerprints import alphabet_of, expanded
from mcdiv.core.outcomes import BLOCK_ENTRIES
from mcdiv.engine.plan import Task
from mcdiv.estimators.registry import find

#: what an estimator may raise without ending a study
RAISED = (Exception, SystemExit, GeneratorExit)


@dataclass(frozen=True, slots=True, kw_only=True)
class EstimateFailure:
    """Estimates of one task that are infinite, undefined, or were not had at all: how many, and the first.

    None and without counts, where an exact value of the task was not had.
    """

    kind: str
    task: Task
    replicates: int
    #: number of the first replicate, and its counts
    first: int
    counts: tuple[int, ...]
    counts_q: tuple[int, ...] | None
    #: what the estimator raised
    message: str = ""


def join_failures(earlier: EstimateFailure | None, later: EstimateFailure) -> EstimateFailure:
    """Failures of one kind and task taken together: the first that has counts stays the example."""
    if earlier is None:
        return later
    example = earlier if earlier.counts or not later.counts else later
    return replace(example, replicates=earlier.replicates + later.replicates)


def estimates_of(task: Task, sample: Sample) -> tuple[Nats, dict[int, str]]:
    """Estimates (R,) of a task, and what was raised for which row: one bad sample must not end a study."""
    rows = rows_of(sample)
    try:
        return evaluated(task, sample), {}
    except RAISED:
        values, raised = np.full(rows, np.nan), {}
    for row in range(rows):
        try:
            values[row] = evaluated(task, some_of(sample, slice(row, row + 1)))[0]
        except RAISED as error:
            raised[row] = error_text(error)
    return values, raised


def evaluated(task: Task, sample: Sample) -> Nats:
    """Estimates (R,), or whatever the estimator raises.

    One that wants every category's own count gets it, some samples at a time.
    """
    entry = find(task.estimand, task.name, task.design)
    assert entry is not None  # the scenario was checked
    parameters = dict(task.parameters)
    if task.design != "pmfs_known":
        sample = replace(sample, p=None, o=None)  # nobody else may look at the truth
    if sample.multiplicity is None or entry.accepts_multiplicities:
        return _shaped(entry.evaluate(sample, parameters), rows_of(sample))
    size = max(1, BLOCK_ENTRIES // alphabet_of(sample.counts, sample.multiplicity))
    parts = (some_of(sample, slice(start, start + size)) for start in range(0, rows_of(sample), size))
    return np.concatenate([_shaped(entry.evaluate(ungrouped(part), parameters), rows_of(part)) for part in parts])


def rows_of(sample: Sample) -> int:
    """How many samples there are."""
    return len(sample.counts if sample.multiplicity is None else sample.multiplicity)


def some_of(sample: Sample, rows: slice) -> Sample:
    """Some of the samples."""
    return replace(
        sample,
        counts=sample.counts if sample.multiplicity is not None and sample.counts.ndim == 1 else sample.counts[rows],
        multiplicity=None if sample.multiplicity is None else sample.multiplicity[rows],
        counts_q=None if sample.counts_q is None else sample.counts_q[rows],
    )


def ungrouped(sample: Sample) -> Sample:
    """The same samples with a column for every category."""
    if sample.multiplicity is None:
        return sample
    return replace(sample, counts=expanded(sample.counts, sample.multiplicity), multiplicity=None)


def error_text(error: BaseException) -> str:
    """The type of an error and its message."""
    try:
        return f"{type(error).__name__}: {error}"
    except Exception:  # one that cannot even say what it is
        return type(error).__name__


def _shaped(values: Nats, rows: int) -> Nats:
    if isinstance(values, np.ma.MaskedArray) or np.asarray(values).dtype.kind not in "fiubO":
        kind = "masked" if isinstance(values, np.ma.MaskedArray) else np.asarray(values).dtype
        raise TypeError(f"expected estimates that are plain numbers, got {kind}")
    array = np.asarray(values, dtype=np.float64)
    if array.shape != (rows,):
        raise ValueError(f"expected one estimate for each of {rows} samples, got shape {array.shape}")
    return array


def failures_of(
    task: Task, values: Nats, raised: dict[int, str], sample: Sample, times: Array, numbers: Array
) -> list[EstimateFailure]:
    """A record for each kind of failure: `times` and `numbers` are each outcome's replicates and the first of them."""
    if not raised and np.isfinite(values).all():
        return []
    failed = np.zeros(len(values), dtype=bool)
    failed[list(raised)] = True
    kinds = (("infinite", np.isinf(values)), ("undefined", np.isnan(values) & ~failed), ("exception", failed))
    failures = []
    for kind, rows in kinds:
        met = np.flatnonzero(rows & (times > 0))
        if not met.size:
            continue
        row = int(met[0])
        example = ungrouped(some_of(sample, slice(row, row + 1)))
        failures.append(
            EstimateFailure(
                kind=kind,
                task=task,
                replicates=int(times[met].sum()),
                first=int(numbers[row]),
                counts=tuple(example.counts[0].tolist()),
                counts_q=None if example.counts_q is None else tuple(example.counts_q[0].tolist()),
                message=raised.get(row, ""),
            )
        )
    return failures

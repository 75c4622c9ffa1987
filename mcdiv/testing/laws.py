"""Each law is a function of an estimator, and of counts where it must hold for any; it raises an AssertionError."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, get_args

import numpy as np

from mcdiv.api.estimate import estimate
from mcdiv.api.exact_performance import exact_performance
from mcdiv.core.arrays import Sample
from mcdiv.core.units import Units, nats_per
from mcdiv.engine.exact import SamplingDesign, exact_bias, exact_variance, has_exact_mean
from mcdiv.estimands.contract import estimand_of
from mcdiv.estimators.entry import Estimator, Property
from mcdiv.estimators.registry import find
from mcdiv.testing.inputs import (
    EDGES,
    P,
    Q,
    Rows,
    agree,
    by_enumeration,
    changed,
    described,
    is_of_a_category,
    is_of_pairs,
    listed_shape,
    parameters_of,
    raised,
    sample_of,
    true_value,
    value,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TestedLaw:
    """What must be true of an estimator, for counts that are given or for an input of its own."""

    __test__ = False  # no test case, whatever its name

    says: str
    check: Callable[..., None]
    applies: Callable[[Estimator], bool]

    def hold(self, entry: Estimator, *rows: Rows) -> None:
        """Raise an AssertionError of one line where the law applies to this estimator and does not hold."""
        if not self.applies(entry):
            return
        law = f'{entry.name} of {entry.estimand}: "{self.says}"'
        try:
            self.check(entry, *rows)
        except AssertionError as error:
            raise AssertionError(f"{law}: {error}") from error.__cause__
        except Exception as error:  # where mcdiv and not the law called it
            raise AssertionError(f"{law}: {raised(error)}") from error


#: laws of any counts, and laws with an input of their own
LAWS_OF_COUNTS: list[TestedLaw] = []
FIXED_LAWS: list[TestedLaw] = []


def _law(
    says: str, *, into: list[TestedLaw], applies: Callable[[Estimator], bool] = lambda entry: True
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    def register(check: Callable[..., None]) -> Callable[..., None]:
        into.append(TestedLaw(says=says, check=check, applies=applies))
        return check

    return register


def _claims(kept: Property) -> Callable[[Estimator], bool]:
    return lambda entry: kept in entry.properties


@_law("a batch gives, over its last axis, what its samples give one by one", into=LAWS_OF_COUNTS)
def _batch(entry: Estimator, rows: Rows) -> None:
    single = [float(value(entry, sample_of(entry, row))) for row in rows]
    for batch in (rows, [rows, rows]):
        sample = sample_of(entry, batch)
        agree(described(entry, sample), value(entry, sample), np.broadcast_to(single, sample.counts.shape[:-1]))


@_law("the counts are not written to, and int32 does as well", into=LAWS_OF_COUNTS)
def _input(entry: Estimator, rows: Rows) -> None:
    sample = sample_of(entry, rows)
    wide = value(entry, sample)
    if not (sample.counts == sample_of(entry, rows).counts).all():
        raise AssertionError(f"{described(entry, sample_of(entry, rows))} became {sample.counts.tolist()}")
    narrow = sample_of(entry, rows, np.int32)
    agree(f"{described(entry, narrow)} as int32", value(entry, narrow), wide)


@_law(
    "the order of the categories does not matter",
    into=LAWS_OF_COUNTS,
    applies=lambda entry: entry.entropies is not None or not (is_of_pairs(entry) or is_of_a_category(entry)),
)
def _relabelling(entry: Estimator, rows: Rows) -> None:
    sample = sample_of(entry, rows)
    orders = [np.arange(len(rows[0]))[::-1], np.random.default_rng(len(rows)).permutation(len(rows[0]))]
    for order in orders:
        moved = changed(sample, partial(np.take, indices=order, axis=-1))
        agree(described(entry, moved), value(entry, moved), value(entry, sample), relative=1e-11, absolute=1e-12)


@_law(Property.IGNORES_UNSEEN.value, into=LAWS_OF_COUNTS, applies=_claims(Property.IGNORES_UNSEEN))
def _unseen(entry: Estimator, rows: Rows) -> None:
    sample = sample_of(entry, rows)
    padded = changed(sample, lambda array: np.concatenate([array, np.zeros_like(array[..., :1])], axis=-1))
    agree(described(entry, padded), value(entry, padded), value(entry, sample))


@_law(
    "a column may stand for several categories", into=LAWS_OF_COUNTS, applies=lambda entry: entry.accepts_multiplicities
)
def _columns(entry: Estimator, rows: Rows) -> None:
    counts = np.array(rows)
    single = value(entry, sample_of(entry, rows))
    shared = np.arange(counts.max() + 2)
    times = (counts[:, :, np.newaxis] == shared).sum(axis=1).astype(float)
    # Each row's own columns, some of them equal.
    split = np.concatenate([np.ones((len(counts), 1)), times], axis=1)
    own = np.concatenate([counts[:, :1], np.broadcast_to(shared, times.shape)], axis=1)
    split[np.arange(len(counts)), 1 + counts[:, 0]] -= 1
    for columns, multiplicity in ((shared, times), (own, split)):
        sample = Sample(counts=columns, multiplicity=multiplicity)
        agree(described(entry, sample), value(entry, sample, len(rows)), single, relative=1e-11)


@_law("a value is within the bounds that are claimed", into=LAWS_OF_COUNTS)
def _bounds(entry: Estimator, rows: Rows) -> None:
    sample = sample_of(entry, rows)
    estimates = value(entry, sample)
    bounds = {
        Property.NONNEGATIVE: estimates < -1e-13,
        Property.AT_MOST_LOG_K: estimates > math.log(len(rows[0])) + 1e-12,
    }
    for bound, beyond in bounds.items():
        if bound in entry.properties and beyond.any():
            raise AssertionError(
                f"{described(entry, sample)} gave {estimates.tolist()}, and the claim is: {bound.value}"
            )


@_law(
    "the sum over categories is the estimate",
    into=LAWS_OF_COUNTS,
    applies=lambda entry: entry.entropy_terms is not None and entry.entropies is None,
)
def _additive(entry: Estimator, rows: Rows) -> None:
    assert entry.entropy_terms is not None
    for row in rows:
        sample, counts = sample_of(entry, row), np.array(row)
        total = float(entry.entropy_terms(counts, int(counts.sum()), len(row), **parameters_of(entry)).sum())
        if sample.q is not None:
            total = float(-(counts / counts.sum()) @ np.log(sample.q)) - total
        agree(described(entry, sample), value(entry, sample), total, relative=1e-11, absolute=1e-12)


@_law(Property.LINEAR.value, into=LAWS_OF_COUNTS, applies=_claims(Property.LINEAR))
def _linear(entry: Estimator, rows: Rows) -> None:
    for row in rows:
        sample, counts = sample_of(entry, row), np.array(row)
        each = value(entry, sample_of(entry, np.eye(len(row), dtype=np.int64)))
        agree(described(entry, sample), value(entry, sample), counts @ each / counts.sum(), absolute=1e-14)


def _is_lifted(entry: Estimator) -> bool:
    known = entry.estimand == "kl_divergence" and entry.design == "model_known"
    return known and find("entropy", entry.name, "sample") is not None


@_law(
    "KL with Q known is the cross-entropy of the frequencies less the entropy", into=LAWS_OF_COUNTS, applies=_is_lifted
)
def _lifted(entry: Estimator, rows: Rows) -> None:
    entropy, sample = find("entropy", entry.name, "sample"), sample_of(entry, rows)
    assert entropy is not None and sample.q is not None
    frequencies = sample.counts / sample.counts.sum(axis=-1, keepdims=True)
    expected = -(frequencies @ np.log(sample.q)) - value(entropy, sample)
    agree(described(entry, sample), value(entry, sample), expected, relative=1e-10, absolute=1e-12)


@_law("the reference values are met", into=FIXED_LAWS)
def _reference_values(entry: Estimator) -> None:
    for reference in entry.reference_values:
        others: dict[str, Any] = {
            key: np.array(given) for key in ("q", "p", "counts_q") if (given := getattr(reference, key)) is not None
        }
        sample = Sample(counts=np.array(reference.counts), **others)
        chosen = parameters_of(entry) | dict(reference.parameters)
        digits = len(repr(reference.value).rstrip("0").partition(".")[2])
        # A published value has the digits it was published with.
        absolute = 10.0**-digits if 0 < digits < 12 else 1e-15
        estimated = value(entry, sample, parameters=chosen)
        agree(f"{described(entry, sample, chosen)} ({reference.origin})", estimated, reference.value, absolute=absolute)


@_law("extreme counts give a finite value, or what the card declares under Valid", into=FIXED_LAWS)
def _edges(entry: Estimator) -> None:
    for counts in EDGES:
        sample = sample_of(entry, counts)
        estimated = float(value(entry, sample))
        if not math.isfinite(estimated) and ("NaN" if math.isnan(estimated) else "∞") not in entry.card.valid:
            raise AssertionError(f"{described(entry, sample)} gave {estimated}, and the card says: {entry.card.valid}")


@_law("a value in another unit is the value in nats divided", into=FIXED_LAWS)
def _units(entry: Estimator) -> None:
    sample = sample_of(entry, [3, 4, 5])
    given = {"q": sample.q, "p": sample.p, "counts_q": sample.counts_q}
    common: dict[str, Any] = {key: array for key, array in given.items() if array is not None}
    for units in get_args(Units):
        chosen = common | parameters_of(entry)
        counts = sample.counts if sample.shape is None else sample.counts.reshape(sample.shape)
        estimated = estimate(entry.estimand, counts, estimator=entry.name, units=units, **chosen)
        factor = nats_per(units) ** estimand_of(entry.estimand).unit_power
        agree(f"{described(entry, sample)} in {units}", estimated * factor, value(entry, sample))


@_law(Property.CONSISTENT.value, into=FIXED_LAWS, applies=_claims(Property.CONSISTENT))
def _consistent(entry: Estimator) -> None:
    chosen = parameters_of(entry)
    if not has_exact_mean(entry.estimand, entry.name, entry.design, chosen):
        return
    shape = listed_shape(entry)
    settings = [SamplingDesign.of(np.array(P), np.array(Q), size, size, shape) for size in (10, 10**6)]
    few, many = (abs(exact_bias(entry, chosen, sampling) or 0.0) for sampling in settings)
    if many > max(few / 100, 1e-12):
        raise AssertionError(f"P = {P}, Q = {Q}: the bias is {few:g} for 10 draws and {many:g} for 10^6")


@_law(Property.UNBIASED.value, into=FIXED_LAWS, applies=_claims(Property.UNBIASED))
def _unbiased(entry: Estimator) -> None:
    for size in (1, 4, 9):
        mean, _ = by_enumeration(entry, size)
        agree(f"the mean for P = {P}, Q = {Q}, N = {size}", mean, true_value(entry), relative=1e-13, absolute=0.0)


@_law(
    "the exact mean and variance are those of all outcomes, listed",
    into=FIXED_LAWS,
    applies=lambda entry: entry.design != "model_sampled",
)
def _exact(entry: Estimator) -> None:
    chosen = parameters_of(entry)
    for size in (1, 2, 7):
        mean, variance = by_enumeration(entry, size)
        case = f"P = {P}, Q = {Q}, N = {size}"
        pmfs: dict[str, Any] = {"truth": [P]} if is_of_pairs(entry) else {"truth": P, "model": Q}
        common: dict[str, Any] = {**pmfs, "sample_size": size, **chosen}
        exact = exact_performance(entry.estimand, estimator=entry.name, **common)
        agree(f"the mean for {case}", exact.mean, mean, absolute=1e-14)
        agree(f"the variance for {case}", exact.sd**2, variance, relative=1e-9)
        if has_exact_mean(entry.estimand, entry.name, entry.design, chosen):
            # The same by linearity, the way it is done where outcomes cannot be listed.
            sampling = SamplingDesign.of(np.array(P), np.array(Q), size, shape=listed_shape(entry))
            bias, spread = exact_bias(entry, chosen, sampling), exact_variance(entry, chosen, sampling)
            agree(f"the bias by linearity for {case}", bias, mean - true_value(entry), relative=1e-9)
            if entry.entropies is None:  # of a sum of entropies no variance is known by linearity
                agree(f"the variance by linearity for {case}", spread, variance, relative=1e-8)

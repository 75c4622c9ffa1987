"""What the laws try an estimator on, how its values are compared, and how a message tells what it was given."""

import itertools
import math
import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from mcdiv.core.arrays import Array, Sample, Shape
from mcdiv.estimands.contract import ESTIMANDS, estimand_of
from mcdiv.estimators.entry import Estimator
from mcdiv.estimators.registry import find

#: count vectors over the same categories, each with at least one draw
Rows: TypeAlias = Sequence[Sequence[int]]

#: a truth and a model, of which every outcome is listed
P, Q = (0.2, 0.3, 0.5), (0.3, 0.3, 0.4)
EDGES = ((1,), (7,), (1, 0), (0, 1, 0), (10, 0), (1, 1, 1, 1), (2, 0, 0, 0), (1000, 1), (10**9, 1), (10**9, 10**9))


def some_rows() -> list[list[list[int]]]:
    """Batches of a few samples over one to six categories: few draws and many, zeros, all singletons."""
    draw = np.random.default_rng(1)
    batches = [[[1]], [[5, 0]], [[1, 1, 1, 1], [4, 0, 0, 0]]]
    for categories in range(1, 7):
        for most in (2, 30):
            rows = draw.integers(0, most + 1, size=(3, categories))
            rows[:, 0] += rows.sum(axis=1) == 0
            batches.append(rows.tolist())
    return batches


def with_example(entry: Estimator) -> Estimator:
    """The entry of an estimand that has parameters, for example values of these; any other as it is."""
    label = ESTIMANDS[entry.estimand].example.label if entry.estimand in ESTIMANDS else entry.estimand
    return entry if label == entry.estimand else find(label, entry.name, entry.design) or entry


def parameters_of(entry: Estimator) -> dict[str, Any]:
    """A value for every parameter: its default, or the example of its domain."""
    return {name: parameter.example for name, parameter in entry.parameters.items()}


def is_of_pairs(entry: Estimator) -> bool:
    """Whether it needs a joint alphabet."""
    return estimand_of(entry.estimand).needs_joint


def is_of_a_category(entry: Estimator) -> bool:
    """Whether it is about one of the categories, so that their order matters."""
    return estimand_of(entry.estimand).category is not None


def listed_shape(entry: Estimator) -> Shape | None:
    """What the truth is, of which every outcome is listed, where categories have to be pairs: a table of one row."""
    return (1, len(P)) if is_of_pairs(entry) else None


def sample_of(entry: Estimator, counts: Any, dtype: type = np.int64) -> Sample:
    """A sample of the kind the entry needs, with a model and a truth that have every category; a table of two rows."""
    array: NDArray[Any] = np.array(counts, dtype=dtype)
    categories = array.shape[-1]
    weights = np.arange(1.0, categories + 1)
    if is_of_pairs(entry):
        table = np.stack([array, np.roll(array, 1, axis=-1)], axis=-2)
        return Sample(counts=table.reshape(*array.shape[:-1], -1), shape=(2, categories))
    return Sample(
        counts=array,
        q=weights / weights.sum() if entry.design in ("model_known", "pmfs_known") else None,
        p=np.full(categories, 1 / categories) if entry.design == "pmfs_known" else None,
        counts_q=np.roll(array, 1, axis=-1) + 1 if entry.design == "model_sampled" else None,
    )


def value(
    entry: Estimator, sample: Sample, batch: int | None = None, parameters: Mapping[str, Any] | None = None
) -> Array:
    """The estimates; an AssertionError where the estimator raises, warns or gives something else than numbers."""
    chosen = parameters_of(entry) if parameters is None else parameters
    given = described(entry, sample, chosen)  # before it may write to its input
    shape = sample.counts.shape[:-1] if batch is None else (batch,)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            estimates = entry.evaluate(sample, chosen)
            if np.shape(estimates) != shape:
                raise AssertionError(f"{given} gave shape {np.shape(estimates)}, expected {shape}")
            return np.asarray(estimates, dtype=np.float64)
    except AssertionError:
        raise
    except Exception as error:
        raise AssertionError(f"{given} {raised(error)}") from error


def by_enumeration(entry: Estimator, size: int) -> tuple[float, float]:
    """Mean and variance over all count vectors with their multinomial probabilities, in plain Python.

    Conditional on the estimate being finite, as all moments are.
    """
    mean = second = share = 0.0
    for a, b in itertools.product(range(size + 1), repeat=2):
        if a + b > size:
            continue
        counts = (a, b, size - a - b)
        ways = math.factorial(size) // math.prod(map(math.factorial, counts))
        weight = ways * math.prod(x**n for x, n in zip(P, counts, strict=True))
        sample = Sample(counts=np.array(counts), q=np.array(Q), p=np.array(P), shape=listed_shape(entry))
        estimate = float(value(entry, sample))
        if math.isfinite(estimate):
            share += weight
            mean += weight * estimate
            second += weight * estimate**2
    return (mean / share, second / share - (mean / share) ** 2) if share else (math.nan, math.nan)


def true_value(entry: Estimator) -> float:
    """The estimand at the truth and the model whose outcomes are listed."""
    return float(estimand_of(entry.estimand).value(np.array(P), np.array(Q), listed_shape(entry)))


def changed(sample: Sample, change: Callable[[Any], Any]) -> Sample:
    """The sample with the categories of all its arrays changed in the same way; the columns of a table."""
    if sample.shape is not None:
        table = change(sample.counts.reshape(*sample.counts.shape[:-1], *sample.shape))
        return Sample(counts=table.reshape(*sample.counts.shape[:-1], -1), shape=table.shape[-2:])
    others = {key: array for key in ("q", "p", "counts_q") if (array := getattr(sample, key)) is not None}
    return Sample(counts=change(sample.counts), **{key: change(array) for key, array in others.items()})


def described(entry: Estimator, sample: Sample, parameters: Mapping[str, Any] | None = None) -> str:
    """What an estimator was given, for a message."""
    arrays = {key: getattr(sample, key) for key in ("counts", "multiplicity", "q", "p", "counts_q")}
    parts = [f"{key} {array.tolist()}" for key, array in arrays.items() if array is not None]
    parts += [f"{name} {chosen}" for name, chosen in (parameters or parameters_of(entry)).items()]
    return ", ".join(parts)


def raised(error: Exception) -> str:
    """An exception on one line."""
    return f"raised {type(error).__name__}: {' '.join(str(error).split())}"


def agree(given: str, computed: Any, expected: Any, *, relative: float = 1e-12, absolute: float = 1e-13) -> None:
    """Raise an AssertionError unless two values, or all of two arrays, are the same but for roundings."""
    one, other = np.asarray(computed, dtype=np.float64), np.asarray(expected, dtype=np.float64)
    same = (one == other) | (np.isnan(one) & np.isnan(other))
    with np.errstate(invalid="ignore", over="ignore"):
        near = np.abs(one - other) <= np.maximum(relative * np.abs(other), absolute)
    if not (same | (near & np.isfinite(other))).all():
        raise AssertionError(f"{given} gave {one.tolist()}, expected {other.tolist()}")

"""Whether two samples differ in entropy, from Python: the difference with its standard error, z test and interval."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr, ndtri

from mcdiv.api.estimate import estimate
from mcdiv.core.arrays import Array
from mcdiv.core.catalogue import check_name, quoted
from mcdiv.core.labels import paired
from mcdiv.core.number_format import amount, figure, rounded
from mcdiv.core.performance import Measured
from mcdiv.core.spelling import read_spelling
from mcdiv.observed.uncertainty import IntervalEstimate, interval

if TYPE_CHECKING:
    from mcdiv.core.units import Units

Method: TypeAlias = Literal["delta", "jackknife"]
#: biased by different amounts: where their differences are apart, so are the biases of the two samples
_COMPARED = ("plugin", "miller_madow", "chao_shen")
#: standard errors of bias from which on a test at level 0.05 rejects in 8 % of samples
_MATTERS = 0.5


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class EntropyDifference:
    """H(second) − H(first) of two independent samples; arrays of shape (...), in `units` where they have a unit."""

    #: estimates of the two entropies
    first: Array
    second: Array
    #: their standard errors; 0 where the method sees no variation in the sample
    first_standard_error: Array
    second_standard_error: Array
    #: the second less the first
    difference: Array
    #: the same by plugin, miller_madow and chao_shen, and by the estimator that was asked for
    by_estimator: dict[str, Array]
    #: root of the sum of both squared standard errors; 0 where the method sees no variation in either sample
    standard_error: Array
    #: difference/standard error, and the two-sided p-value by the normal law; NaN where the standard error is 0
    z: Array
    p_value: Array
    #: ends of the interval difference ± quantile × standard error; NaN where the standard error is 0
    low: Array
    high: Array
    #: intended coverage, between 0 and 1
    level: float
    #: of the two entropies
    estimator: str
    #: of the standard errors
    method: str
    #: nats, bits or bans
    units: str

    def record(self) -> dict[str, Any]:
        """The fields and the sentences by name, as `mcdiv difference --json` has them; lists of several."""
        return {name: _plain(value) for name, value in asdict(self).items()} | {"sentences": self.sentences}

    @property
    def sentences(self) -> list[str]:
        """What limits trust in the test and the interval; of several pairs, in how many of them. Empty if nothing."""
        return [*_constant(self), *_biased(self)]

    def __repr__(self) -> str:
        """The difference, its standard error and its p-value on one line; of several only how many there are."""
        if self.difference.ndim:
            return f"<mcdiv.EntropyDifference of {self.difference.size:,} pairs of samples, in {self.units}>"
        value = rounded(Measured(value=float(self.difference), mcse=float(self.standard_error)))
        doubtful = "; see .sentences" if self.sentences else ""
        return f"<mcdiv.EntropyDifference {value} {self.units}, {_p_value(float(self.p_value))}{doubtful}>"


def _plain(value: object) -> object:
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    return value.tolist() if isinstance(value, np.ndarray) else value


def _constant(found: EntropyDifference) -> Iterator[str]:
    """That one of the standard errors is 0, and so that of the difference may be too small."""
    for which, error in (("first", found.first_standard_error), ("second", found.second_standard_error)):
        zero = (error == 0) & (found.standard_error > 0)
        if zero.any():
            pairs = f"In {zero.sum():,} of {zero.size:,} pairs: the" if zero.ndim else "The"
            yield (
                f"{pairs} standard error of the {which} entropy is 0 because every draw contributes the same, not "
                "because the estimate is certain: that of the difference may be far too small."
            )


def _biased(found: EntropyDifference) -> Iterator[str]:
    """That estimators disagree about the difference, which is bias where the two samples have not the same."""
    values = np.broadcast_arrays(*found.by_estimator.values())
    with np.errstate(divide="ignore", invalid="ignore"):
        apart = np.ptp(values, axis=0) / found.standard_error
    doubtful = np.isfinite(apart) & (apart > _MATTERS)
    if not doubtful.any():
        return
    if doubtful.ndim:
        told = f"In {doubtful.sum():,} of {doubtful.size:,} pairs the difference depends on the estimator by more than "
        told += "half its standard error."
    else:
        by = dict(zip(found.by_estimator, map(float, values), strict=True))
        ends = [
            f"{figure(float(f'{by[name]:.3g}'))} ({name})"
            for name in (min(by, key=by.__getitem__), max(by, key=by.__getitem__))
        ]
        told = f"The difference depends on the estimator: from {ends[0]} to {amount(ends[1], found.units)}, "
        told += f"{float(apart):.1f} times its standard error."
    yield (
        f"{told} Estimates of entropy are biased, and not equally where samples differ in size or in how even they "
        "are. z, the p-value and the interval leave that out: where the entropies are equal, the test can reject far "
        "more often than it should."
    )
    if (found.estimator, found.method) != ("miller_madow", "jackknife"):
        yield "miller_madow with jackknife standard errors corrects the leading term of the bias, (S − 1)/2N."


def _p_value(value: float) -> str:
    return "no test" if np.isnan(value) else f"p = {value:.3g}"


def entropy_difference(
    first: ArrayLike,
    second: ArrayLike,
    *,
    estimator: str = "plugin",
    method: Method = "delta",
    level: float = 0.95,
    alphabet_size: int | None = None,
    units: Units = "nats",
) -> EntropyDifference:
    """By how much the entropy of the second of two samples is larger, with standard error, z test and interval.

    Parameters
    ----------
    first, second : array_like of whole numbers, shape (..., K)
        Draws per category of two independent samples; their numbers of categories may differ. Two pandas objects are
        paired by their labels.
    estimator : str
        Of the two entropies, a name from `mcdiv list estimators`, or with parameters: "additive(alpha=0.5)".
    method : {"delta", "jackknife"}
        Of the two standard errors: that of the plug-in to first order, or by leaving out each draw.
    level : float
        Intended coverage of the interval, between 0 and 1.
    alphabet_size : int, optional
        K, where it is more than the categories given.
    units : {"nats", "bits", "bans"}

    Returns
    -------
    EntropyDifference
        With `.difference`, `.standard_error`, `.z`, `.p_value`, `.low` and `.high`, arrays of shape (...), and
        `.sentences`: what limits trust in them.

    Raises
    ------
    ValueError
        Counts, names, level or shapes that do not fit; the message names what is wrong.

    Notes
    -----
    The variances of the two estimates are added. With "delta" each is (Σ p̂ ln² p̂ − Ĥ²)/N, which is 0 where all
    categories were seen equally often: if so in both samples, there is no test. Bias is left out. Of 2,000 pairs of
    samples of Zipf's law on 30 categories, 40 draws against 800, the test at level 0.05 rejected 68 % with the plug-in
    and "delta", 11 % with "miller_madow" and "jackknife". `.sentences` says where estimators disagree, as they do in
    nearly all of these.

    References
    ----------
    Basharin (1959), On a statistical estimate for the entropy of a sequence of independent random variables; Hutcheson
    (1970), A test for comparing diversities based on the Shannon formula.

    Examples
    --------
    >>> found = entropy_difference([30, 12, 6, 2], [14, 13, 12, 11])
    >>> found
    <mcdiv.EntropyDifference 0.35 ± 0.10 nats, p = 0.000771>
    >>> float(found.low.round(6)), float(found.high.round(6))
    (0.146065, 0.554126)
    """
    check_name("estimator", estimator)
    if not isinstance(method, str) or method not in ("delta", "jackknife"):
        raise ValueError(f"method: expected delta or jackknife, got {quoted(method)}")
    name, parameters = read_spelling(estimator)
    given = paired(first=first, second=second)
    one, other = (
        _entropy(label, counts, name, parameters, method, level, alphabet_size, units)
        for label, counts in given.items()
    )
    if np.ndim(one.estimate) and np.ndim(other.estimate) and one.estimate.shape != other.estimate.shape:
        raise ValueError(f"first has samples of shape {one.estimate.shape}, second of {other.estimate.shape}")
    difference = np.asarray(other.estimate - one.estimate)
    error = np.asarray(np.hypot(one.standard_error, other.standard_error))
    varies = np.where(error > 0, error, np.nan)
    z = np.asarray(difference / varies)
    reach = float(ndtri((1 + level) / 2)) * varies
    return EntropyDifference(
        first=one.estimate,
        second=other.estimate,
        first_standard_error=np.asarray(one.standard_error),
        second_standard_error=np.asarray(other.standard_error),
        difference=difference,
        by_estimator=_by_estimator(given, alphabet_size, units) | {estimator: difference},
        standard_error=error,
        z=z,
        p_value=np.asarray(2 * ndtr(-np.abs(z))),
        low=np.asarray(difference - reach),
        high=np.asarray(difference + reach),
        level=one.level,
        estimator=estimator,
        method=method,
        units=one.units,
    )


def _by_estimator(given: dict[str, Any], alphabet_size: int | None, units: Units) -> dict[str, Array]:
    found = {}
    for name in _COMPARED:
        one, other = (
            estimate("entropy", counts, estimator=name, alphabet_size=alphabet_size, units=units)
            for counts in given.values()
        )
        found[name] = np.asarray(other - one)
    return found


def _entropy(
    label: str,
    counts: ArrayLike,
    name: str,
    parameters: dict[str, Any],
    method: Method,
    level: float,
    alphabet_size: int | None,
    units: Units,
) -> IntervalEstimate:
    """The entropy of one sample with its standard error; a ValueError says of which sample it is."""
    try:
        return interval(
            "entropy",
            counts,
            method=method,
            level=level,
            estimator=name,
            alphabet_size=alphabet_size,
            units=units,
            **parameters,
        )
    except ValueError as error:
        said = str(error)
        raise ValueError(said.replace("counts", label, 1) if said.startswith("counts") else said) from None

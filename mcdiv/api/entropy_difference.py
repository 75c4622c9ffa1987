"""Whether two samples differ in entropy, from Python: the difference with its standard error, z test and interval."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr, ndtri

from mcdiv.core.arrays import Array
from mcdiv.core.catalogue import check_name, quoted
from mcdiv.core.labels import paired
from mcdiv.core.number_format import rounded
from mcdiv.core.performance import Measured
from mcdiv.core.spelling import read_spelling
from mcdiv.observed.uncertainty import IntervalEstimate, interval

if TYPE_CHECKING:
    from mcdiv.core.units import Units

Method: TypeAlias = Literal["delta", "jackknife"]


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class EntropyDifference:
    """H(second) − H(first) of two independent samples; arrays of shape (...), in `units` where they have a unit."""

    #: estimates of the two entropies
    first: Array
    second: Array
    #: the second less the first
    difference: Array
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
        """The fields by name, as `mcdiv difference --json` has them: numbers, or lists where there are several."""
        values = asdict(self)
        return {name: value.tolist() if isinstance(value, np.ndarray) else value for name, value in values.items()}

    def __repr__(self) -> str:
        """The difference, its standard error and its p-value on one line; of several only how many there are."""
        if self.difference.ndim:
            return f"<mcdiv.EntropyDifference of {self.difference.size:,} pairs of samples, in {self.units}>"
        value = rounded(Measured(value=float(self.difference), mcse=float(self.standard_error)))
        return f"<mcdiv.EntropyDifference {value} {self.units}, {_p_value(float(self.p_value))}>"


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
        With `.difference`, `.standard_error`, `.z`, `.p_value`, `.low` and `.high`, arrays of shape (...).

    Raises
    ------
    ValueError
        Counts, names, level or shapes that do not fit; the message names what is wrong.

    Notes
    -----
    The variances of the two estimates are added. With "delta" each is (Σ p̂ ln² p̂ − Ĥ²)/N, which is 0 where all
    categories were seen equally often: if so in both samples, there is no test. Bias is not corrected: where the
    samples differ in size or in the number of categories, prefer an estimator that corrects it to the plug-in.

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
        difference=difference,
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

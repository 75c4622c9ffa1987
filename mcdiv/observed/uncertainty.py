"""How sure one estimate is, from the one sample it was made of: standard errors and intervals."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from mcdiv.core.alphabets import categories_of
from mcdiv.core.arrays import Nats, Sample, check_batches
from mcdiv.core.catalogue import check_name, did_you_mean
from mcdiv.core.domains import POSITIVE, check_parameters
from mcdiv.core.labels import Distributed
from mcdiv.core.units import Units
from mcdiv.estimands.contract import estimand_of, scale_of, unit_of
from mcdiv.estimators.bayesian import bayes_sd, nsb_sd
from mcdiv.estimators.entry import Estimator, Property
from mcdiv.estimators.variances import entropy_variance_jackknife, kl_variance_jackknife, plugin_variance_delta
from mcdiv.intervals.contract import INTERVALS, LEVEL, Interval, bounds_of
from mcdiv.observed.samples import entry_of, in_rows, needed, sample_of
from mcdiv.observed.usual import usual_interval


@dataclass(frozen=True, slots=True, kw_only=True)
class IntervalEstimate:
    """Intervals, one per row of counts; arrays of shape (...), in `units`."""

    #: lower and upper ends, both belonging to the interval; NaN where the method has nothing to say
    low: Nats
    high: Nats
    #: of the estimator that the interval is built around, or that the method brings along
    estimate: Nats
    #: NaN where the method has none
    standard_error: Nats
    #: intended coverage, between 0 and 1
    level: float
    #: as it was named
    method: str
    #: what the interval is built around
    estimator: str
    #: of the values: nats, bits or bans; "1" where the estimand has none
    units: str


def interval(
    estimand: str,
    counts: Distributed,
    *,
    method: str | None = None,
    level: float = 0.95,
    estimator: str | None = None,
    q: Distributed | None = None,
    counts_q: Distributed | None = None,
    alphabet_size: int | None = None,
    units: Units = "nats",
    normalise: bool = False,
    **parameters: Any,
) -> IntervalEstimate:
    """Interval for entropy, cross-entropy or a divergence from counts.

    Parameters
    ----------
    estimand : str
        A name from `mcdiv list estimands`, with its parameters where it has some: "renyi(order=2)".
    counts : array_like of whole numbers, shape (..., K)
        Draws from P per category. Where several arguments are pandas objects or dicts, they are paired by their
        labels; a category that one of them lacks has 0 there. Of an estimand of a joint alphabet, tables of shape
        (..., K, L).
    method : str, optional
        A name from `mcdiv list intervals`: "noncentral_chi2" (divergences and mutual information), "delta",
        "jackknife", "bootstrap_basic", "bootstrap_bca", "bootstrap_percentile", "bayes", "nsb", or for a coin
        "clopper_pearson". If left out, "noncentral_chi2" where there is one; else "jackknife", or "delta" around
        estimators whose spread the jackknife overstates.
    level : float
        Intended coverage, between 0 and 1.
    estimator : str, optional
        What delta, jackknife and the bootstraps are built around; "plugin" if left out. The others bring theirs.
    q : array_like, shape (..., K), optional
        The model Q, where it is known.
    counts_q : array_like, shape (..., K), optional
        Draws from Q, where it is known only through them.
    alphabet_size : int, optional
        K, where it is more than the categories given.
    units : {"nats", "bits", "bans"}
    normalise : bool
        Divide `q` by its sum first, whatever that is.
    **parameters
        The method's own and the estimator's: `alpha=1` for "bayes", `resamples=999` for a bootstrap.

    Returns
    -------
    IntervalEstimate
        With `.low`, `.high`, `.estimate` and `.standard_error`, arrays of shape (...), in `units`. The same counts
        always give the same interval: what is random in a method starts from its parameter `seed`.

    Raises
    ------
    ValueError
        Counts, pmf, level, names or parameters that do not fit; the message names place and value.

    Notes
    -----
    An interval of a divergence is not a test of P = Q, unless it is by "noncentral_chi2" or "clopper_pearson": even
    where P = Q, the others can exclude 0 in far more than 1 − `level` of samples. Their ends are not cut to what the
    estimand can be: they may be below 0.

    Warns
    -----
    UserWarning
        The method is known to mislead: the percentile bootstrap, and the jackknife around Grassberger's estimators.

    Examples
    --------
    >>> found = interval("entropy", [7, 3], method="clopper_pearson")
    >>> float(found.low.round(6)), float(found.high.round(6))
    (0.245122, 0.693147)
    >>> found = interval("kl_divergence", [40, 60], counts_q=[50, 50])
    >>> found.method, float(found.low), float(found.high.round(6))
    ('noncentral_chi2', 0.0, 0.117316)
    """
    check_name("estimand", estimand)
    if estimator is not None:
        check_name("estimator", estimator)
    if method is not None:
        check_name("method", method)
        if method not in INTERVALS:
            raise ValueError(did_you_mean("method", method, INTERVALS))
    for _, message in LEVEL.problems(level):
        raise ValueError(f"level: {message}")
    joint = estimand_of(estimand).needs_joint
    sample = sample_of(counts, q=q, counts_q=counts_q, alphabet_size=alphabet_size, normalise=normalise, joint=joint)
    method = method or usual_interval(entry_of(estimand, estimator or "plugin", sample))
    rule = INTERVALS[method]
    entry = _centre(rule, estimand, estimator, sample)
    sample = _needed_for(rule, entry, sample)
    of_rule, of_entry = _share_out(parameters, rule, entry)
    bounds, estimates = bounds_of(
        rule, of_rule, estimand, lambda some: entry.evaluate(some, of_entry), in_rows(sample)[0], float(level)
    )
    if caution := rule.cautions(entry):
        warnings.warn(f"{method}: {caution}", UserWarning, stacklevel=2)
    unit, shape = scale_of(estimand, units), check_batches(counts=sample.counts, counts_q=sample.counts_q, q=sample.q)
    low, high, estimate, error = (
        (each / unit).reshape(shape) for each in (bounds.low, bounds.high, estimates, bounds.error)
    )
    return IntervalEstimate(
        low=low,
        high=high,
        estimate=estimate,
        standard_error=error,
        level=float(level),
        method=method,
        estimator=entry.name,
        units=unit_of(estimand, units),
    )


def standard_error(
    estimand: str,
    counts: Distributed,
    *,
    method: str,
    counts_q: Distributed | None = None,
    alpha: float | None = None,
    alphabet_size: int | None = None,
    units: Units = "nats",
) -> Nats:
    """Standard error of one estimate, from the one sample it was made of.

    Parameters
    ----------
    estimand : {"entropy", "kl_divergence", "mutual_information", "conditional_entropy"}
        KL divergence with both pmfs sampled (`counts_q`); all but entropy by "delta" or "jackknife".
    counts, counts_q : array_like of whole numbers, shape (..., K)
        Draws from P, and from Q, per category; two pandas objects or dicts are paired by their labels. Of mutual
        information and conditional entropy, tables of shape (..., K, L), as in `mcdiv.estimate`.
    method : {"delta", "jackknife", "bayes", "nsb"}
        Of the plug-in, to first order or by leaving a draw out; or the posterior sd under a Dirichlet(`alpha`) prior,
        or under the prior of the estimator nsb.
    alpha : float, optional
        For "bayes": pseudo-counts in every category.
    alphabet_size : int, optional
        K, where it is more than the categories given; it matters for "bayes" and "nsb".
    units : {"nats", "bits", "bans"}

    Returns
    -------
    ndarray, shape (...), in `units`
        0 where a method sees no variation: one category, and for "delta" uniform frequencies. +inf where the
        plug-in KL divergence is.

    Raises
    ------
    ValueError
        Counts, names or parameters that do not fit; the message names place and value.

    Examples
    --------
    >>> float(standard_error("entropy", [7, 3], method="delta").round(6))
    0.122785
    """
    check_name("estimand", estimand)
    check_name("method", method)
    joint = estimand_of(estimand).needs_joint
    sample = sample_of(counts, counts_q=counts_q, alphabet_size=alphabet_size, joint=joint)
    if (alpha is None) == (method == "bayes"):
        raise ValueError("alpha: give it with method='bayes', and only then")
    return np.asarray(_error(estimand, sample, method, alpha) / scale_of(estimand, units))


def _error(estimand: str, sample: Sample, method: str, alpha: float | None) -> Nats:
    n, m, multiplicity = sample.counts, sample.counts_q, sample.multiplicity
    if sample.shape is not None and m is None:
        rules: dict[str, Callable[[], Nats]] = {
            "delta": lambda: np.sqrt(plugin_variance_delta(estimand, n, None, None, sample.shape)),
            "jackknife": lambda: _jackknife(estimand, sample),
        }
    elif estimand == "entropy" and m is None:
        rules = {
            "delta": lambda: np.sqrt(plugin_variance_delta(estimand, n, None, None)),
            "jackknife": lambda: np.sqrt(entropy_variance_jackknife(n)),
            "bayes": lambda: bayes_sd(n, POSITIVE.parse(alpha), multiplicity),
            "nsb": lambda: nsb_sd(n, multiplicity),
        }
    elif estimand == "kl_divergence" and m is not None:
        rules = {
            "delta": lambda: np.sqrt(plugin_variance_delta(estimand, n, None, m)),
            "jackknife": lambda: np.sqrt(kl_variance_jackknife(n, m)),
        }
    else:
        wanted = "of entropy and what is a sum of entropies from counts, or of kl_divergence from counts and counts_q"
        raise ValueError(f"standard errors are {wanted}")
    if method not in rules:
        raise ValueError(did_you_mean("method", method, rules))
    return np.asarray(rules[method]())


def _jackknife(estimand: str, sample: Sample) -> Nats:
    entry, flat = entry_of(estimand, "plugin", sample), in_rows(sample)[0]
    bounds, _ = bounds_of(INTERVALS["jackknife"], {}, estimand, lambda some: entry.evaluate(some, {}), flat, 0.95)
    return bounds.error.reshape(sample.counts.shape[:-1])


def _centre(rule: Interval, estimand: str, estimator: str | None, sample: Sample) -> Estimator:
    """The estimator that the interval is built around."""
    if rule.fixed_estimator and estimator not in (None, rule.fixed_estimator):
        raise ValueError(f"estimator: {rule.name} brings its own, {rule.fixed_estimator}; got {estimator!r}")
    entry = entry_of(estimand, "plugin" if rule.fixed_estimator else estimator or "plugin", sample)
    if misfit := rule.reason_unsupported(estimand, entry.design, categories_of(sample)):
        raise ValueError(misfit)
    return entry_of(estimand, rule.center_estimator(estimand, entry.design) or entry.name, sample)


def _needed_for(rule: Interval, entry: Estimator, sample: Sample) -> Sample:
    """The sample with no more than the interval looks at."""
    # Around an estimator that ignores categories without draws, every method does.
    ignores = rule.fixed_estimator is None and Property.IGNORES_UNSEEN in entry.properties
    return needed(sample, rule.name if rule.fixed_estimator else entry.name, ignores_unseen=ignores)


def _share_out(given: dict[str, Any], rule: Interval, entry: Estimator) -> tuple[dict[str, Any], dict[str, Any]]:
    """The parameters of the method and those of the estimator; a name that neither has is the method's mistake."""
    of_entry = {name: value for name, value in given.items() if name in entry.parameters}
    of_rule = {name: value for name, value in given.items() if name in rule.parameters or name not in of_entry}
    return (
        check_parameters(rule.name, of_rule, rule.parameters),
        check_parameters(entry.name, of_entry, entry.parameters),
    )

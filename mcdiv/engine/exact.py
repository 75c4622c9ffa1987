"""Exact means and variances of an estimator, without simulation and for any alphabet where it is additive.

What outcomes can be listed for is the business of `block`; this is what linearity gives.
"""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from mcdiv.core.additive import PIECE, CategoryLevels, Windows, levels_of, mean_of, variance_of
from mcdiv.core.arrays import Array, Counts, Pmf, Sample, Shape
from mcdiv.core.binomial import WINDOW_COUNTS, WINDOW_SD, binomial_windows, window_pieces
from mcdiv.core.joint import as_table, margins
from mcdiv.core.log_ratios import kl_terms
from mcdiv.core.rounding import sum_of
from mcdiv.engine.plan import Condition
from mcdiv.estimands.contract import estimand_of
from mcdiv.estimators.entry import Design, Estimator, Property, TwoSampleTerms
from mcdiv.estimators.lifts import plugin_terms
from mcdiv.estimators.registry import find

#: a linear estimator is evaluated on each single draw at once up to this alphabet
MAX_LINEAR_ALPHABET = 4096
#: counts with a probability of their own that an exact value may be summed over (some minutes), and so many of them are
#: kept from one estimator to the next (80 MB)
MAX_TERMS, MAX_KEPT = 2**27, 2**21


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """The binomial windows of some levels of categories."""

    windows: Windows
    #: what an entry of the windows adds to the plug-in entropy, and to its bias; shape (T,)
    plugin: Array
    plugin_error: Array


@dataclass(frozen=True, slots=True, kw_only=True)
class SamplingDesign:
    """Where an additive estimator is used: pmfs, sample size, and the levels of categories they give."""

    p: Pmf
    #: the model, where there is one
    q: Pmf | None
    sample_size: int
    levels: CategoryLevels
    #: all pieces, where they are few
    kept: tuple[Piece, ...] | None
    #: draws from Q, where it is sampled
    model_sample_size: int | None = None
    #: rows and columns of a joint alphabet
    shape: Shape | None = None
    #: what samples are drawn from, where it is not P; then linear estimators alone have exact values
    o: Pmf | None = None
    #: what `true_value` was asked for
    _true_values: dict[str, float] = field(default_factory=dict, repr=False)

    def true_value(self, estimand: str) -> float:
        """The estimand at (P, Q), in nats; evaluated once for all estimators."""
        if estimand not in self._true_values:
            self._true_values[estimand] = true_value(estimand, self.p, self.q, self.shape)
        return self._true_values[estimand]

    @classmethod
    def of(
        cls, p: Pmf, q: Pmf | None, sample_size: int, model_sample_size: int | None = None, shape: Shape | None = None
    ) -> "SamplingDesign":
        """The sampling of these pmfs."""
        levels = levels_of(p, q, sample_size)
        kept = tuple(_pieces(levels, len(p))) if levels.entries <= MAX_KEPT else None
        return cls(
            p=p,
            q=q,
            sample_size=sample_size,
            model_sample_size=model_sample_size,
            levels=levels,
            kept=kept,
            shape=shape,
        )

    @classmethod
    def at(cls, condition: Condition) -> "SamplingDesign":
        """The sampling of a condition."""
        sizes, o = (condition.sample_size, condition.model_sample_size), condition.o if condition.drawn_from else None
        return replace(cls.of(condition.p, condition.q, *sizes, shape=condition.truth.shape), o=o)

    @property
    def drawn(self) -> Pmf:
        """The probabilities that samples are drawn with."""
        return self.p if self.o is None else self.o

    def of_margins(self, name: str) -> tuple["SamplingDesign", "SamplingDesign", "SamplingDesign"]:
        """The settings of X, of Y and of the pairs, which `name` needs; all of the same draws."""
        of_x, of_y, _ = margins(as_table(self.p, self.shape, name))
        one, other = (SamplingDesign.of(np.minimum(part, 1.0), None, self.sample_size) for part in (of_x, of_y))
        return one, other, self

    def pieces(self) -> Iterator[Piece]:
        """The windows of all levels, some levels at a time."""
        yield from _pieces(self.levels, len(self.p)) if self.kept is None else self.kept


def _pieces(levels: CategoryLevels, categories: int) -> Iterator[Piece]:
    for windows in levels.windows():
        plugin = plugin_terms(windows.counts, levels.draws, categories)
        error = -kl_terms(windows.counts / levels.draws, windows.p[windows.level])
        yield Piece(windows=windows, plugin=plugin, plugin_error=error)


def true_value(estimand: str, p: Pmf, q: Pmf | None, shape: Shape | None = None) -> float:
    """The estimand at (P, Q), in nats; of a joint alphabet with so many rows and columns."""
    return float(estimand_of(estimand).value(p, q, shape))


def has_exact_mean(estimand: str, name: str, design: Design, parameters: Mapping[str, Any]) -> bool:
    """Whether linearity gives the exact mean of this estimator."""
    entry = find(estimand, name, design)
    if entry is None:
        return False
    if entry.two_samples is not None:
        return _always_finite(entry.two_samples, parameters)
    return entry.entropy_terms is not None or _has_sum(entry) or Property.LINEAR in entry.properties


def _has_sum(entry: Estimator) -> bool:
    """Whether it is a sum over the categories of one sample."""
    return entry.sum_terms is not None and entry.design in ("sample", "model_known")


def too_long(p: Pmf, q: Pmf | None, draws: int) -> str:
    """What to say where an exact value would be a sum of too many terms; empty where it is not."""
    bound = 2 * WINDOW_COUNTS * len(p) + 2 * WINDOW_SD * math.sqrt(float(draws) * len(p))  # Σ √p ≤ √K
    terms = levels_of(p, q, draws).entries if bound > MAX_TERMS else 0
    return f"would be sums of {terms:,} terms, more than {MAX_TERMS:,}" if terms > MAX_TERMS else ""


def exact_bias(entry: Estimator, parameters: Mapping[str, Any], sampling: SamplingDesign) -> float | None:
    """The exact bias in nats by linearity; None where the mean is no sum over categories, or the estimand infinite.

    The error of the plug-in is summed in a form that is never a small difference of large numbers:
    H(p̂) − H(p) = −Σ [p̂ ln(p̂/p) − p̂ + p] − Σ (p̂ − p) ln p, whose last sum has mean 0. What another
    estimator adds to the plug-in is summed by itself.
    """
    if not math.isfinite(sampling.true_value(entry.estimand)):
        return None
    unbiased = Property.UNBIASED in entry.properties and sampling.o is None
    return 0.0 if unbiased else _bias(entry, parameters, sampling)


def _bias(entry: Estimator, parameters: Mapping[str, Any], sampling: SamplingDesign) -> float | None:
    if entry.two_samples is not None:
        finite = _always_finite(entry.two_samples, parameters)
        return _bias_of_two(entry.two_samples, parameters, sampling) if finite else None
    if _has_sum(entry):
        return _sum_bias(entry, parameters, sampling)
    if entry.entropy_terms is None:
        if Property.LINEAR not in entry.properties or len(sampling.p) > MAX_LINEAR_ALPHABET:
            return None
        values = _single_draws(entry, parameters, sampling)
        return sum_of(np.append(sampling.drawn * values, -sampling.true_value(entry.estimand)))
    if entry.entropies is not None:
        parts = zip(entry.entropies, sampling.of_margins(entry.estimand), strict=True)
        found = [weight * _entropy_bias(entry.entropy_terms, parameters, part) for weight, part in parts if weight]
        return sum_of(np.array(found))
    bias = _entropy_bias(entry.entropy_terms, parameters, sampling)
    return 0.0 - bias if entry.estimand == "kl_divergence" else bias  # 0 − 0 is 0, where −0 would be shown as it is


def _entropy_bias(terms: Callable[..., Array], parameters: Mapping[str, Any], sampling: SamplingDesign) -> float:
    size, categories = sampling.sample_size, len(sampling.p)
    # Categories that cannot occur add the same to every sample.
    impossible = int(np.count_nonzero(sampling.p == 0))
    constant = impossible * float(terms(np.array([0]), size, categories, **parameters)[0]) if impossible else 0.0
    means = [
        mean_of(
            terms(piece.windows.counts, size, categories, **parameters) - piece.plugin + piece.plugin_error,
            piece.windows,
        )
        for piece in sampling.pieces()
    ]
    return sum_of(np.array([*means, constant]))


def _sum_bias(entry: Estimator, parameters: Mapping[str, Any], sampling: SamplingDesign) -> float | None:
    """The bias of Σ_k g(n_k, q_k) for Σ_k f(p_k, q_k): what each category adds to it, E g − f."""
    target, terms = estimand_of(entry.estimand), entry.sum_terms
    assert terms is not None
    size, categories = sampling.sample_size, len(sampling.p)

    def error(n: Counts, p: Array, q: Array) -> Array:
        return np.asarray(terms(n, size, categories, q, **parameters) - target.terms_at(p, q))

    impossible = sampling.p == 0
    q = sampling.p if sampling.q is None else sampling.q
    none = np.zeros(np.count_nonzero(impossible), dtype=np.int64)
    means = [mean_of(error(piece.windows.counts, *piece.windows.pmfs), piece.windows) for piece in sampling.pieces()]
    bias = sum_of(np.array([*means, *error(none, sampling.p[impossible], q[impossible])]))
    return bias if math.isfinite(bias) else None


def _always_finite(terms: TwoSampleTerms, parameters: Mapping[str, Any]) -> bool:
    """Whether it is finite even where the second sample lacks a category: else its mean is that of other samples."""
    return bool(np.isfinite(terms.surprisal(np.zeros(1, dtype=np.int64), 1, 2, **parameters)[0]))


def _bias_of_two(terms: TwoSampleTerms, parameters: Mapping[str, Any], sampling: SamplingDesign) -> float:
    """The bias of Σ w(n_k) s(m_k) − Σ e(n_k): E w (E s + ln q) − (E w − p) ln q by category, less that of Σ e.

    The counts of one category in two samples are independent, so that the mean of a product is that of the means.
    """
    p, q, model_size = sampling.p, sampling.q, sampling.model_sample_size
    assert q is not None and model_size is not None
    K, surprisal = len(p), -np.log(np.where(q > 0, q, 1.0))
    weight, excess = p, np.zeros(K)
    if (rule := terms.weight) is not None:
        excess = _expected(lambda n, p: rule(n, sampling.sample_size, K, **parameters) - p, sampling.sample_size, p, p)
        weight = p + excess
    error = _expected(lambda m, s: terms.surprisal(m, model_size, K, **parameters) - s, model_size, q, surprisal)
    entropy = 0.0 if terms.entropy is None else _entropy_bias(terms.entropy, parameters, sampling)
    return sum_of(np.concatenate([weight * error, excess * surprisal, [-entropy]]))


def _expected(term: Callable[[Counts, Array], Array], draws: int, pmf: Pmf, given: Array) -> Array:
    """E f(n_k, g_k) of every category, n_k ~ Binomial(draws, p_k), for a g that p alone decides."""
    levels, first, place = np.unique(pmf, return_index=True, return_inverse=True)
    means = []
    for some in window_pieces(draws, levels, PIECE):
        counts, weights, lengths = binomial_windows(draws, levels[some])
        level = np.repeat(np.arange(len(lengths)), lengths)
        values = weights * term(counts, given[first[some]][level])
        means.append(np.bincount(level, values).astype(np.float64))
    return np.asarray(np.concatenate(means)[place], dtype=np.float64)


def exact_variance(entry: Estimator, parameters: Mapping[str, Any], sampling: SamplingDesign) -> float:
    """The exact variance in nats², by linearity; NaN where it cannot be had, or only with too much work."""
    if Property.LINEAR in entry.properties and len(sampling.p) <= MAX_LINEAR_ALPHABET:
        values = _single_draws(entry, parameters, sampling)
        drawn = sampling.drawn
        if not np.isfinite(values[drawn > 0]).all():
            return math.nan
        # From the likeliest draw, so that draws which all give the same have no variance at all.
        values -= values[drawn.argmax()]
        mean = float(drawn @ values)
        return float(drawn @ (values - mean) ** 2) / sampling.sample_size
    if (sums := entry.sum_terms) is not None and _has_sum(entry):
        return variance_of(
            lambda n, p, q: sums(n, sampling.sample_size, len(sampling.p), q, **parameters), sampling.levels
        )
    if entry.entropy_terms is None or entry.entropies is not None:  # H(X), H(Y) and H(X, Y) are not independent
        return math.nan
    levels = sampling.levels
    if entry.estimand != "entropy" and (levels.q[levels.p > 0] == 0).any():
        return math.nan  # some samples are infinite
    terms, size, categories = entry.entropy_terms, sampling.sample_size, len(sampling.p)

    def term(counts: Counts, p: Array, q: Array) -> Array:
        entropy: Array = terms(counts, size, categories, **parameters)
        if entry.estimand == "entropy":
            return entropy
        with np.errstate(divide="ignore", invalid="ignore"):  # a category that the model rules out
            return -(counts / size) * np.log(q) - entropy

    return variance_of(term, levels)


def _single_draws(entry: Estimator, parameters: Mapping[str, Any], sampling: SamplingDesign) -> Array:
    """The estimates that single draws give, 0 where one cannot occur; shape (K,)."""
    one_each = np.eye(len(sampling.p), dtype=np.int64)
    values = entry.evaluate(Sample(counts=one_each, q=sampling.q, p=sampling.p, o=sampling.o), parameters)
    return np.where(sampling.drawn > 0, values, 0.0)

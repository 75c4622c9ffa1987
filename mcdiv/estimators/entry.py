"""An estimator's record: what it estimates from which sample, how, and what is known of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Literal, TypeAlias

from mcdiv.core.arrays import Array, Counts, Nats, Pmf, Sample
from mcdiv.core.cards import Card
from mcdiv.core.domains import Parameter

#: what an estimator must know besides the counts from P
Design: TypeAlias = Literal["sample", "model_known", "model_sampled", "pmfs_known"]

Evaluate: TypeAlias = Callable[[Sample, Mapping[str, Any]], Nats]


class Property(Enum):
    """What an estimator claims of itself; each is tested for every estimator that claims it."""

    CONSISTENT = "the bias vanishes as N grows"
    IGNORES_UNSEEN = "adding a category that was not seen changes nothing"
    NONNEGATIVE = "never below 0"
    AT_MOST_LOG_K = "never above ln K"
    UNBIASED = "exactly unbiased, for every truth and sample size"
    LINEAR = "the mean over the draws of what a single draw gives"
    ALTERNATES = "one draw more or less makes its terms jump at any N, so leaving draws out overstates its spread"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferenceValue:
    """A value known from elsewhere: a paper, a hand calculation, 50 digits of the formula."""

    counts: tuple[int, ...]
    #: in nats
    value: float
    #: where it comes from: never this code
    origin: str
    counts_q: tuple[int, ...] | None = None
    q: tuple[float, ...] | None = None
    p: tuple[float, ...] | None = None
    parameters: tuple[tuple[str, Any], ...] = ()
    #: only where the inputs leave it open
    estimand: str | None = None

    @property
    def design(self) -> Design:
        """Which kind of sample it gives."""
        if self.p is not None:
            return "pmfs_known"
        return "model_known" if self.q is not None else "model_sampled" if self.counts_q is not None else "sample"


@dataclass(frozen=True, slots=True, kw_only=True)
class TwoSampleTerms:
    """Σ_k w(n_k) s(m_k) − Σ_k e(n_k): the two samples are independent, so that exact means are products."""

    #: s(m, M, K, **parameters): the estimated −ln q of a category
    surprisal: Callable[..., Array]
    #: w(n, N, K, **parameters): its estimated probability; None for n/N
    weight: Callable[..., Array] | None = None
    #: e(n, N, K, **parameters): a category's part of the entropy that is subtracted; None for a cross-entropy
    entropy: Callable[..., Array] | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PmfRule:
    """An estimated pmf, p̃ = f(counts): every estimand has an estimate at it."""

    #: (counts, parameters) → p̃, shape (..., K)
    pmf: Callable[[Counts, Mapping[str, Any]], Pmf]
    #: f(n, N, K, **parameters), where each category's probability is one of its own count
    elementwise: Callable[..., Pmf] | None
    reference_values: tuple[ReferenceValue, ...]
    properties: frozenset[Property]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Lift:
    """How an estimate of the entropy becomes one of another estimand, for samples whose columns are categories."""

    #: the estimator of the entropy, from counts alone
    source: "Estimator"
    #: (samples, the same tallied or as they are) → what does not depend on the estimate: the same for every source
    base: Callable[[Sample, Sample], Any]
    #: (base, estimates of the entropy) → estimates, shape (...)
    combine: Callable[[Any, Nats], Nats]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Estimator:
    """A rule for one estimand from one kind of sample."""

    name: str
    estimand: str
    design: Design
    #: (sample, parameters) → estimates, shape (...)
    evaluate: Evaluate
    #: how it is made of an entropy estimator, if it is
    lift: Lift | None
    #: f(n, N, K, **parameters) of the *entropy* estimator, where it is additive; exact means rest on it
    entropy_terms: Callable[..., Array] | None
    #: a, b, c where it is a Ĥ(X) + b Ĥ(Y) + c Ĥ(X, Y) of a joint alphabet
    entropies: tuple[float, float, float] | None
    #: f(n, N, K, q, **parameters), where the estimate is Σ_k of it and the estimand a sum too (without Q, q is ignored)
    sum_terms: Callable[..., Array] | None
    #: for exact means where both pmfs are sampled, if it is such a sum
    two_samples: TwoSampleTerms | None
    #: whether it takes samples whose columns stand for several categories
    accepts_multiplicities: bool
    #: the estimated pmf that it is the estimand at, if it is
    at: PmfRule | None
    parameters: dict[str, Parameter]
    card: Card
    reference_values: tuple[ReferenceValue, ...]
    properties: frozenset[Property]
    #: what its author left out of what an estimator may say of itself: "card", "reference values", "properties"
    left_out: tuple[str, ...]
    #: the function that it was made of, and the file that holds it
    rule: Callable[..., Any]
    module: str

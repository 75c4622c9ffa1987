"""What an interval is: one function (IntervalInput, parameters) → Bounds with a card, entered by a decorator.

Some intervals are built around any estimator (delta, jackknife, bootstrap); others bring an estimator of their own
(posteriors, the coin's exact interval). An interval is a fixed function of the sample: where it resamples
or draws from a posterior, it does so from a seed that is one of its parameters. So its coverage can be
exact, and the interval of a study is the one that `mcdiv.interval` gives.
"""

import itertools
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, TypeAlias

import numpy as np
from scipy.special import ndtri

from mcdiv.core.arrays import Array, Nats, Sample
from mcdiv.core.cards import Card, card_of
from mcdiv.core.catalogue import Catalogue
from mcdiv.core.domains import Domain, Parameter, parameters_of
from mcdiv.estimands.contract import ESTIMANDS, Estimand, estimand_of
from mcdiv.estimators.entry import Design, Estimator, Property
from mcdiv.estimators.registry import find

SEED_LIMIT = 2**63
#: values this close, relative to their mean, are the same but for rounding
ROUNDING = 1e-13

#: how many resamples or posterior draws, and where their random stream starts
Draws: TypeAlias = Annotated[
    int, Domain(expected="a whole number from 100 to 10^6", accepts=lambda x: 100 <= x <= 10**6, whole=True)
]
Seed: TypeAlias = Annotated[
    int, Domain(expected="a whole number from 0 to 2^63 − 1", accepts=lambda x: 0 <= x < SEED_LIMIT, whole=True)
]
LEVEL = Domain(expected="a level between 0 and 1", accepts=lambda x: 0 < x < 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class IntervalInput:
    """What an interval is made of."""

    estimand: str
    #: counts of shape (R, K)
    sample: Sample
    #: the estimator that the interval is built around
    estimate: Callable[[Sample], Nats]
    #: its estimates, in nats, shape (R,)
    estimates: Nats
    #: intended coverage, between 0 and 1
    level: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """Closed intervals in nats, shape (R,); NaN where a rule has nothing to say."""

    low: Nats
    high: Nats
    #: standard error of the estimate; NaN where the rule has none
    error: Nats
    #: standard error of an end that rests on draws; None where the ends are exact
    end_error: Nats | None = None


#: the earlier name, for plug-ins
Case = IntervalInput

Rule: TypeAlias = Callable[..., Bounds]
Offered: TypeAlias = Callable[[Estimand, Design], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """A rule for an interval."""

    name: str
    evaluate: Callable[[IntervalInput, Mapping[str, Any]], Bounds]
    parameters: dict[str, Parameter]
    card: Card
    #: name of the estimator the rule brings along; None where it is built around any
    fixed_estimator: str | None
    #: whether it is for this estimand from this kind of sample
    offered: Offered
    #: categories it is for; None for any number
    categories: int | None
    #: what to say to someone who uses it, if anything
    caution: str
    #: what to say where it is built around an estimator that alternates, if anything
    caution_alternating: str
    #: the file that holds it
    module: str

    def reason_unsupported(self, estimand: str, design: Design, categories: int) -> str | None:
        """Why there is no such interval here, or None if there is."""
        if not self.offered(estimand_of(estimand), design):
            return f"{self.name} gives no interval for {estimand} {_PHRASES[design]}"
        if self.categories not in (None, categories):
            return f"{self.name} is for {self.categories} categories, got {categories}"
        return None

    def pairs(self) -> list[tuple[str, Design]]:
        """The estimands that it is for, and from which kinds of sample."""
        possible = itertools.product(ESTIMANDS.values(), _PHRASES)
        return [(entry.name, design) for entry, design in possible if self.offered(entry, design)]

    def cautions(self, entry: Estimator) -> str:
        """What to say to someone who builds it around this estimator; empty if nothing."""
        alternating = self.caution_alternating if Property.ALTERNATES in entry.properties else ""
        return "; ".join(filter(None, (self.caution, alternating)))

    def center_estimator(self, estimand: str, design: Design) -> str | None:
        """The estimator that it brings along for this estimand, None where it is built around any."""
        if self.fixed_estimator is None:
            return None
        return self.fixed_estimator if find(estimand, self.fixed_estimator, design) else "plugin"


INTERVALS: Catalogue[Interval] = Catalogue("interval")

_PHRASES: dict[Design, str] = {
    "sample": "from counts alone",
    "model_known": "with the model known",
    "model_sampled": "with the model sampled",
    "pmfs_known": "with both pmfs known",
}


def anywhere(entry: Estimand, design: Design) -> bool:
    """Where intervals make sense: what estimates something from a sample."""
    return design in (("model_known", "model_sampled") if entry.needs_model else ("sample",))


def interval(
    *,
    offered: Offered | Iterable[tuple[str, Design]] = anywhere,
    fixed_estimator: str | None = None,
    own: str | None = None,
    categories: int | None = None,
    caution: str = "",
    caution_alternating: str = "",
) -> Callable[[Rule], Rule]:
    """Enter f(case, *, …) → Bounds into the catalogue; `own` is the earlier name of `fixed_estimator`."""

    pairs = None if callable(offered) else frozenset(offered)

    def listed(entry: Estimand, design: Design) -> bool:
        return pairs is not None and (entry.name, design) in pairs

    def register(rule: Rule) -> Rule:
        entry = Interval(
            name=rule.__name__,
            evaluate=lambda case, parameters: rule(case, **parameters),
            parameters=parameters_of(rule),
            card=card_of(rule),
            fixed_estimator=fixed_estimator or own,
            offered=offered if callable(offered) else listed,
            categories=categories,
            caution=caution,
            caution_alternating=caution_alternating,
            module=rule.__module__,
        )
        INTERVALS.add(entry.name, entry)
        return rule

    return register


def bounds_of(
    rule: Interval,
    settings: Mapping[str, Any],
    estimand: str,
    estimate: Callable[[Sample], Nats],
    sample: Sample,
    level: float,
) -> tuple[Bounds, Nats]:
    """Intervals around an estimator's estimates, and the estimates; counts of shape (R, K)."""
    estimates = estimate(sample)
    case = IntervalInput(estimand=estimand, sample=sample, estimate=estimate, estimates=estimates, level=level)
    return rule.evaluate(case, settings), estimates


def tails(level: float) -> tuple[float, float]:
    """The probabilities left below and up to the upper end: 0.025 and 0.975 for 95 %."""
    return (1 - level) / 2, (1 + level) / 2


def end_error_of(draws: int, level: float) -> float:
    """Standard error of an end from so many draws of a normal law, in units of its sd: 2.7/√draws for 95 %."""
    below = (1 - level) / 2
    density = math.exp(-(float(ndtri(below)) ** 2) / 2) / math.sqrt(2 * math.pi)
    return math.sqrt(below * (1 - below) / draws) / density


def spread_of(values: Array, weights: Array) -> float:
    """Standard deviation of weighted values; inf where one of them is infinite."""
    mean = float(weights @ values)
    if not abs(mean) < math.inf:
        return math.inf
    steps = np.where(np.abs(values - mean) <= ROUNDING * abs(mean), 0.0, values - mean)
    return math.sqrt(weights @ steps**2)

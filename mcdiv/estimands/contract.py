"""What an estimand is: one function of P, or of P and Q, with a card. A decorator makes a catalogue entry of it.

`@estimand(symbol="H(P)")` on f(p) or f(p, q) → value, over the last axis. Its further arguments are its parameters,
each with its domain in the annotation. An estimand is called by its label, which names them: renyi(order=2).
With `additive=True` the function is elementwise and the estimand Σ_k of it, whose exact means go by linearity.
On f(joint) it is one of a joint alphabet: of pairs (X, Y), over the last two axes; `entropies` says which sum of
H(X), H(Y) and H(X, Y) it is, and every entropy estimator gives an estimate of it.
"""

import inspect
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, TypeAlias

import numpy as np

from mcdiv.core.arrays import Array, Pmf, Shape, over_categories
from mcdiv.core.cards import Card, card_of
from mcdiv.core.catalogue import Catalogue
from mcdiv.core.distributions import text_of
from mcdiv.core.domains import CATEGORY, Parameter, check_parameters, parameters_of
from mcdiv.core.joint import as_table, entropies_slope
from mcdiv.core.spelling import read_spelling, spelled
from mcdiv.core.units import nats_per

Rule: TypeAlias = Callable[..., Array]
#: (number of categories, Q or None) → least and largest value, in nats where it has a unit
Limits: TypeAlias = Callable[..., tuple[float, float]]
Slopes: TypeAlias = Callable[..., tuple[Array, Array]]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Estimand:
    """A quantity of P, or of P and Q, to estimate."""

    name: str
    #: f(p) or f(p, q), each (..., K) → (...), or f(joint), (..., K, L) → (...); in nats where it has a unit
    rule: Rule
    #: what it is the sum of over the categories, elementwise in p or in p and q, if it is such a sum
    terms: Rule | None
    #: (p, q) → derivatives in p and in q, but for constants; None where they are not known
    slopes: Slopes | None
    needs_model: bool
    #: whether the categories have to be pairs (X, Y)
    needs_joint: bool
    #: a, b, c where it is a H(X) + b H(Y) + c H(X, Y)
    entropies: tuple[float, float, float] | None
    #: as formulas write it, parameters in braces: "H_{order}(P)"
    pattern: str
    #: its unit is so many nats multiplied together: 1 for an entropy, 0 for what has no unit
    unit_power: int
    limits: Limits
    #: whether it is 0 where P = Q, and nowhere negative
    divergence: bool
    #: the estimate at observed frequencies → what, times N, is about χ²(K − 1) distributed where P = Q; None: not known
    null_statistic: Callable[[Array], Array] | None
    card: Card
    parameters: dict[str, Parameter]
    #: the file that holds it
    module: str
    #: the values of its parameters, all of them; empty where they are still open
    given: tuple[tuple[str, Any], ...] = ()

    @property
    def label(self) -> str:
        """How tables call it: renyi(order=2)."""
        return spelled(self.name, self.given)

    @property
    def symbol(self) -> str:
        """As formulas write it: "H_2(P)"."""
        shown = {name: name for name in self.parameters} | {name: text_of(value) for name, value in self.given}
        return self.pattern.format(**shown)

    def value(self, p: Pmf, q: Pmf | None, shape: Shape | None = None) -> Array:
        """The estimand at (P, Q), over the last axis; Q and the shape of a joint alphabet are used where needed."""
        return self._of(self.rule, as_table(p, shape, self.name) if self.needs_joint else p, q)

    def terms_at(self, p: Array, q: Array) -> Array:
        """What each category adds to a sum over the categories; Q is only looked at where it is needed."""
        assert self.terms is not None
        return self._of(self.terms, p, q)

    def _of(self, rule: Rule, p: Array, q: Array | None) -> Array:
        return rule(*((p, q) if self.needs_model else (p,)), **dict(self.given))

    @property
    def category(self) -> int | None:
        """Which category it is about, counted from 0, where a parameter names one."""
        named = (value for name, value in self.given if self.parameters[name].domain is CATEGORY)
        return next(named, None)

    @property
    def example(self) -> "Estimand":
        """The same with values for its parameters: the defaults, or examples of their domains."""
        values = {name: parameter.example for name, parameter in self.parameters.items()}
        return self if not values else estimand_of(spelled(self.name, values.items()))

    @property
    def has_slopes(self) -> bool:
        """Whether its derivatives are known, given or as those of the entropies it is a sum of."""
        return self.slopes is not None or self.entropies is not None

    def slopes_at(self, p: Pmf, q: Pmf, shape: Shape | None = None) -> tuple[Array, Array]:
        """Derivatives in p and in q, but for constants; anything where both pmfs are 0 or it is infinite."""
        if self.entropies is not None:
            slope = entropies_slope(as_table(p, shape, self.name), self.entropies).reshape(p.shape)
            return slope, np.zeros_like(slope)
        if self.slopes is None:
            raise ValueError(f"no slopes of {self.label} are known, which the delta method needs")
        return self.slopes(p, q, **dict(self.given))

    def range(self, categories: float, q: Pmf | None) -> tuple[float, float]:
        """The least and the largest value it can have for so many categories and, where Q is known, for that Q."""
        return self.limits(categories, q, **dict(self.given))


ESTIMANDS: Catalogue[Estimand] = Catalogue("estimand")
#: those asked for where a scenario names none
USUAL_ESTIMANDS = ("entropy", "cross_entropy", "kl_divergence")


def estimand(
    *,
    symbol: str,
    unit_power: int = 1,
    additive: bool = False,
    divergence: bool = False,
    null_statistic: Callable[[Array], Array] | None = None,
    limits: Limits = lambda categories, q, **parameters: (0.0, math.inf),
    slopes: Slopes | None = None,
    entropies: tuple[float, float, float] | None = None,
) -> Callable[[Rule], Rule]:
    """Enter a function of pmfs into the catalogue of estimands; an additive one is Σ_k of what the function gives."""

    def register(rule: Rule) -> Rule:
        where, parameters = f"{inspect.getsourcefile(rule)}: {rule.__name__}", parameters_of(rule)
        pmfs = [name for name in inspect.signature(rule).parameters if name not in parameters]
        sums = entropies is not None
        if wrong := _misfit(pmfs, divergence=divergence, sums=sums, of_pmfs=additive or slopes is not None):
            raise ValueError(f"{where}: {wrong}")

        def total(*pmfs: Pmf, **parameters: Any) -> Array:
            return over_categories(rule(*pmfs, **parameters))

        entry = Estimand(
            name=rule.__name__,
            rule=total if additive else rule,
            terms=rule if additive else None,
            slopes=slopes,
            needs_model="q" in pmfs,
            needs_joint=pmfs == ["joint"],
            entropies=entropies,
            pattern=symbol,
            unit_power=unit_power,
            limits=limits,
            divergence=divergence,
            null_statistic=null_statistic,
            card=card_of(rule),
            parameters=parameters,
            module=rule.__module__,
        )
        ESTIMANDS.add(entry.name, entry)
        return rule

    return register


def _misfit(pmfs: list[str], *, divergence: bool, sums: bool, of_pmfs: bool) -> str | None:
    """What is wrong with the arguments of an estimand for what it says of itself."""
    if pmfs not in (["p"], ["p", "q"], ["joint"]):
        wanted = "the arguments 'p', or 'p' and 'q', or 'joint', and parameters with a domain in their annotation"
        return f"an estimand has {wanted}; got {', '.join(pmfs) or 'none'}"
    if divergence and "q" not in pmfs:
        return "a divergence needs the argument 'q'"
    if sums and pmfs != ["joint"]:
        return "a sum of H(X), H(Y) and H(X, Y) needs the argument 'joint'"
    if pmfs == ["joint"] and of_pmfs:
        return "'additive' and 'slopes' are for the arguments 'p' and 'q'"
    return None


def estimand_of(label: str) -> Estimand:
    """The estimand of this label, its parameters given; a ValueError says what is wrong with the label."""
    name, given = read_spelling(label)
    entry = ESTIMANDS[name]
    return _with(entry, tuple(given.items()))


@lru_cache(maxsize=4096)
def _with(entry: Estimand, given: tuple[tuple[str, str], ...]) -> Estimand:
    chosen = check_parameters(entry.name, dict(given), entry.parameters)
    return replace(entry, given=tuple(chosen.items())) if chosen else entry


def scale_of(label: str, units: str, power: int = 1) -> float:
    """What divides a value in nats (to this power) to give it in these units; 1 where the estimand has no unit."""
    return nats_per(units) ** (power * estimand_of(label).unit_power)


def unit_of(label: str, units: str, power: int = 1) -> str:
    """The unit of a measure of it: nats, nats² or 1."""
    return {0: "1", 1: units, 2: f"{units}²"}[power * estimand_of(label).unit_power]


def units_of(labels: Iterable[str], units: str) -> str:
    """The units of a table of these estimands: "bits", "no unit", or "bits; hill(order=2) has no unit"."""
    there = list(dict.fromkeys(labels))
    bare = [label for label in there if not estimand_of(label).unit_power]
    if not bare or len(bare) == len(there):
        return "no unit" if bare else units
    return f"{units}; {', '.join(bare)} {'has' if len(bare) == 1 else 'have'} no unit"


def symbol_of(label: str) -> str:
    """An estimand as formulas write it."""
    return estimand_of(label).symbol


def in_order(labels: Iterable[str]) -> list[str]:
    """Each of these estimands once, in the order of the catalogue."""
    names = list(ESTIMANDS)
    return sorted(dict.fromkeys(labels), key=lambda label: names.index(estimand_of(label).name))

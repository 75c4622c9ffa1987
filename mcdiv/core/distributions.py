"""Named distributions: each is one function from its parameters to a pmf.

Adding one is one function, here or in a file given to `--plugin`; it then appears in `mcdiv list distributions`, in
scenarios (with its parameters checked against their domains) and in the generated tests.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Annotated, Any, Literal

import numpy as np
from numpy.random import SFC64, Generator, SeedSequence

from mcdiv.core.arrays import Array, Pmf, Shape
from mcdiv.core.catalogue import Catalogue, docstring_of, unknown
from mcdiv.core.domains import (
    ALPHABET,
    COUNTS,
    NAME,
    NONNEGATIVE,
    NUMBERS,
    PMF,
    POSITIVE,
    PROBABILITY,
    SHARE,
    TABLE,
    WHOLE,
    Domain,
    Number,
    Parameter,
    check_parameters,
    parameters_of,
    shown,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """A distribution before its parameters are chosen."""

    name: str
    rule: Callable[..., Pmf]
    parameters: dict[str, Parameter]
    #: first line of the docstring
    summary: str


FAMILIES: Catalogue[Family] = Catalogue("distribution")


def distribution(rule: Callable[..., Pmf]) -> Callable[..., Pmf]:
    """Enter a function from parameters to a pmf into the catalogue under its own name."""
    summary = docstring_of(rule).strip().split("\n")[0]
    family = Family(name=rule.__name__, rule=rule, parameters=parameters_of(rule), summary=summary)
    FAMILIES.add(family.name, family)
    return rule


def is_shipped(rule: Callable[..., Pmf]) -> bool:
    """Whether it is one of ours, whose pmfs need no check."""
    return rule.__module__ == __name__


@dataclass(frozen=True, slots=True, kw_only=True)
class Distribution:
    """A family with its parameters chosen: what a condition names as its truth or its model."""

    family: str
    #: (name, value) for every parameter, defaults filled in, values in canonical form
    parameters: tuple[tuple[str, Any], ...]
    #: the pmf once it was computed, in no text, comparison or message to another process
    _known: list[Any] = field(default_factory=list, init=False, repr=False, compare=False)

    def pmf(self) -> Pmf:
        """Its probabilities, shape (K,), computed once and read-only."""
        if not self._known:
            self._known.append(self._computed())
        pmf: Pmf = self._known[0]
        return pmf

    def _computed(self) -> Pmf:
        rule = FAMILIES[self.family].rule
        with np.errstate(over="ignore"):  # an exponent beyond floats is −∞, and its probability 0 as it should be
            pmf = rule(**dict(self.parameters)).ravel() if is_shipped(rule) else self._checked(rule)
        pmf.setflags(write=False)
        return pmf

    def _checked(self, rule: Callable[..., Pmf]) -> Pmf:
        """What a function from outside gives; a ValueError of one line if that is no pmf of the size it says."""
        try:
            pmf = np.array(rule(**dict(self.parameters)), dtype=np.float64)
            size = pmf.size if self._stated_size is None else self._stated_size
            if pmf.ndim != 1 or not 0 < pmf.size == size:
                raise ValueError(f"expected one probability for each of the {size} categories, got shape {pmf.shape}")
            if not ((pmf >= 0).all() and abs(pmf.sum() - 1) <= 1e-9):
                raise ValueError(f"expected probabilities that sum to 1, got a sum of {pmf.sum():.10g}")
        except Exception as error:
            told = f"{type(error).__name__}: {' '.join(str(error).split())}"
            raise ValueError(f"distribution '{self.content}' fails: {told}") from error
        return pmf

    def __reduce__(self) -> tuple[Any, ...]:
        """Sent to another process without its pmf."""
        return _chosen, (self.family, self.parameters)

    @property
    def shape(self) -> Shape | None:
        """Rows and columns of a joint alphabet; None of any other."""
        declared = FAMILIES[self.family].parameters
        table = next((value for name, value in self.parameters if declared[name].domain.table), None)
        return None if table is None else (len(table), len(table[0]))

    @property
    def categories(self) -> int:
        """K; without the pmf where a parameter says it, as it may have a million entries."""
        return len(self.pmf()) if self._stated_size is None else self._stated_size

    @property
    def _stated_size(self) -> int | None:
        if self.shape is not None:
            return self.shape[0] * self.shape[1]
        values, declared = dict(self.parameters), FAMILIES[self.family].parameters
        if self.family == "mixture":
            part: Distribution = values["components"][0][1]
            return part.categories
        for name, value in values.items():
            if declared[name].domain is ALPHABET:
                return int(value)
            if declared[name].domain in (PMF, COUNTS, NUMBERS):
                return len(value)
        return None

    @property
    def terms(self) -> int:
        """How many probabilities `pmf` computes: K, and of a mixture those of every component."""
        if self.family == "mixture":
            return sum(part.terms for _, part in dict(self.parameters)["components"])
        return self.categories

    @property
    def content(self) -> str:
        """All of it as text: two distributions with the same text are the same."""
        return f"{self.family}({', '.join(f'{name}={text_of(value)}' for name, value in self.parameters)})"

    @property
    def label(self) -> str:
        """Its content, shortened where a pmf is long to a hash that tells it from others; for tables and pictures."""
        if self.family == "counts":
            values = dict(self.parameters)
            smoothed = f", smoothing={values['smoothing']}" if values["smoothing"] != "none" else ""
            return f"counts({values['name'] or str(len(values['values'])) + ' categories ' + self._mark}{smoothed})"
        if len(self.content) <= 60:
            return self.content
        name, first = self.parameters[0]
        if not isinstance(first, tuple):
            return self.content
        if self.shape is not None:
            return f"{self.family}({self.shape[0]} × {self.shape[1]} probabilities {self._mark})"
        rest = "".join(f", {key}={text_of(value)}" for key, value in self.parameters[1:])
        return f"{self.family}({len(first)} {'probabilities' if name == 'pmf' else name} {self._mark}{rest})"

    @property
    def _mark(self) -> str:
        return "#" + hashlib.sha256(self.content.encode()).hexdigest()[:4]


def _chosen(family: str, parameters: tuple[tuple[str, Any], ...]) -> Distribution:
    return Distribution(family=family, parameters=parameters)


def _alone(name: str, given: object) -> Distribution:
    """A distribution with one value for each parameter, given by name or, where one is enough, alone."""
    if name not in FAMILIES:
        raise ValueError(unknown("distribution", name, FAMILIES))
    known = FAMILIES[name].parameters
    values = dict(given) if isinstance(given, Mapping) else {next(iter(known)): given}
    return Distribution(family=name, parameters=tuple(check_parameters(name, values, known).items()))


def text_of(value: Any) -> str:
    """A parameter's value as text: 2.0 as 2, a fraction as 1/3, a list in brackets."""
    if isinstance(value, tuple):
        return f"[{', '.join(text_of(entry) for entry in value)}]"
    if isinstance(value, Distribution):
        return value.content
    if isinstance(value, (Fraction, str)):
        return str(value)
    return repr(int(value)) if value == int(value) else repr(value)


@distribution
def coin(p: Annotated[Number, PROBABILITY]) -> Pmf:
    """One toss: heads (category 0) with probability p, tails (category 1) with 1 − p."""
    return np.array([p, 1 - p], dtype=np.float64)


@distribution
def categorical(pmf: Annotated[Sequence[Number], PMF]) -> Pmf:
    """Any finite distribution, its probabilities written out."""
    return np.array(pmf, dtype=np.float64)


@distribution
def joint(pmf: Annotated[Sequence[Sequence[Number]], TABLE]) -> Pmf:
    """A joint alphabet of pairs (X, Y): a table of probabilities with a row for each X and a column for each Y."""
    return np.array(pmf, dtype=np.float64)


@distribution
def uniform(k: Annotated[int, ALPHABET]) -> Pmf:
    """Each of k categories with probability 1/k."""
    return np.full(k, 1 / k)


@distribution
def zipf(k: Annotated[int, ALPHABET], s: Annotated[Number, NONNEGATIVE] = 1) -> Pmf:
    """Zipf's law on k categories: the one of rank r has probability proportional to 1/r^s."""
    return _normalised(np.arange(1, k + 1, dtype=np.float64) ** -float(s))


@distribution
def geometric(k: Annotated[int, ALPHABET], ratio: Annotated[Number, SHARE]) -> Pmf:
    """Each of k categories with `ratio` times the probability of the one before: p_r ∝ ratio^r."""
    return _normalised(np.power(float(ratio), np.arange(k, dtype=np.float64)))


@distribution
def power_law(
    k: Annotated[int, ALPHABET], s: Annotated[Number, NONNEGATIVE], cutoff: Annotated[Number, POSITIVE]
) -> Pmf:
    """Zipf's law with an exponential cutoff: the category of rank r has probability ∝ r^−s exp(−r/cutoff)."""
    rank = np.arange(1, k + 1, dtype=np.float64)
    return _normalised(np.exp(-float(s) * np.log(rank) - (rank - 1) / float(cutoff)))


@distribution
def two_level(
    k: Annotated[int, ALPHABET], share: Annotated[Number, SHARE], mass: Annotated[Number, PROBABILITY]
) -> Pmf:
    """The first round(share · k) categories hold `mass` in equal parts, the others the rest; an empty group holds 0."""
    first = round(share * k)
    if first in (0, k):
        return uniform(k)
    return np.repeat([float(mass / first), float((1 - mass) / (k - first))], [first, k - first])


@distribution
def spike_and_slab(k: Annotated[int, ALPHABET], spike: Annotated[Number, PROBABILITY]) -> Pmf:
    """Category 0 with probability `spike` (1 if it is the only one), the others in equal parts."""
    if k == 1:
        return np.ones(1)
    return np.repeat([float(spike), float((1 - spike) / (k - 1))], [1, k - 1])


@distribution
def softmax(logits: Annotated[Sequence[Number], NUMBERS], temperature: Annotated[Number, POSITIVE] = 1) -> Pmf:
    """What a classifier predicts from logits z at temperature T: p_k ∝ exp(z_k/T)."""
    values = np.array(logits, dtype=np.float64)
    return _normalised(np.exp((values - values.max()) / float(temperature)))


@distribution
def dirichlet(k: Annotated[int, ALPHABET], alpha: Annotated[Number, POSITIVE], seed: Annotated[int, WHOLE] = 1) -> Pmf:
    """A random pmf, drawn from the symmetric Dirichlet law with α per category: the same for the same seed."""
    generator = Generator(SFC64(SeedSequence(seed)))
    # A gamma variate of shape α is one of shape α + 1 times U^(1/α): in logarithms, where a small α underflows.
    shape = max(float(alpha), 1e-300)  # below, all is in one category anyway
    logs = np.log(generator.standard_gamma(shape + 1, k)) - generator.standard_exponential(k) / shape
    return _normalised(np.exp(logs - logs.max()))


def _normalised(weights: Array) -> Pmf:
    return np.asarray(weights / weights.sum())


@distribution
def counts(
    values: Annotated[Sequence[int], COUNTS],
    smoothing: Literal["none", "laplace", "coverage"] = "none",
    name: Annotated[str, NAME] = "",
) -> Pmf:
    """Observed counts taken as the truth (in a scenario `file: data.csv` reads them), as they are or smoothed.

    none: n/N. laplace: (n + 1)/(N + K). coverage: C = 1 − f₁/N of the probability in proportion to the counts, the
    rest in equal parts to the categories with count 0, if there are any (Good 1953; f₁ = N counts as N − 1).
    """
    n = np.array(values, dtype=np.float64)
    total, unseen = float(n.sum()), n == 0
    if smoothing == "laplace":
        return np.asarray((n + 1) / (total + len(n)))
    if smoothing == "none" or not unseen.any():
        return np.asarray(n / total)
    lost = min(float((n == 1).sum()), total - 1) / total
    return np.asarray(np.where(unseen, lost / unseen.sum(), (1 - lost) * n / total))


def _components(value: object) -> tuple[tuple[Number, Distribution], ...]:
    """`[{weight: 0.7, zipf: 100}, {weight: 0.3, uniform: 100}]`: weights that sum to 1, alphabets of one size."""
    expected = "a list such as [{weight: 0.7, zipf: 100}, {weight: 0.3, uniform: 100}]"
    entries = list(value) if isinstance(value, (list, tuple)) else []
    if not entries or not all(isinstance(e, Mapping) and len(e) == 2 and "weight" in e for e in entries):
        raise ValueError(f"expected {expected}, got {shown(value)}")
    weights = PMF.parse([entry["weight"] for entry in entries])
    parts = [next((k, v) for k, v in entry.items() if k != "weight") for entry in entries]
    found = [_alone(str(name), given) for name, given in parts]
    sizes = list(dict.fromkeys(each.categories for each in found))
    if len(sizes) > 1:
        raise ValueError(f"components of {' and '.join(map(str, sizes))} categories; they must have the same")
    return tuple(zip(weights, found, strict=True))


_COMPONENTS = Domain(expected="a list of {weight: w, distribution}", reader=_components)


@distribution
def mixture(components: Annotated[Sequence[tuple[Number, Distribution]], _COMPONENTS]) -> Pmf:
    """A category is drawn from one of several distributions, each chosen with its weight: p = Σ w_i p_i."""
    return np.asarray(sum(float(weight) * part.pmf() for weight, part in components))

"""What a distribution is: a function from parameters to a pmf, and one with its parameters chosen.

Adding one is one function in a file of `core/families/`, or in a file given to `--plugin`; it then appears in
`mcdiv list distributions`, in scenarios (with its parameters checked against their domains) and in the generated tests.
"""

import hashlib
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, TypeAlias, overload

import numpy as np

from mcdiv.core.arrays import Pmf, Shape
from mcdiv.core.catalogue import Catalogue, did_you_mean, docstring_of
from mcdiv.core.domains import ALPHABET, COUNTS, NUMBERS, PMF, Parameter, check_parameters, parameters_of

#: from parameters to a pmf
Rule: TypeAlias = Callable[..., Pmf]
#: the parameter that tells draws of a random pmf apart
SEED = "seed"
_SHIPPED = "mcdiv.core.families"


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """A distribution before its parameters are chosen."""

    name: str
    rule: Rule
    parameters: dict[str, Parameter]
    #: first line of the docstring
    summary: str
    #: whether parameters that are each in their domain may still not fit together: then only the pmf tells
    may_refuse: bool


FAMILIES: Catalogue[Family] = Catalogue("distribution", source=_SHIPPED)


@overload
def distribution(rule: Rule) -> Rule: ...


@overload
def distribution(*, may_refuse: bool) -> Callable[[Rule], Rule]: ...


def distribution(rule: Rule | None = None, *, may_refuse: bool = False) -> Rule | Callable[[Rule], Rule]:
    """Enter a function from parameters to a pmf into the catalogue under its own name.

    One that `may_refuse` raises a ValueError for parameters that do not fit together; of one from outside the pmf is
    always checked.
    """

    def enter(rule: Rule) -> Rule:
        summary = docstring_of(rule).strip().split("\n")[0]
        if not summary:
            place = f"{inspect.getsourcefile(rule)}: {rule.__name__}"
            raise ValueError(f"{place}: the docstring is empty; expected what the distribution is")
        refuses = may_refuse or not is_shipped(rule)
        known = parameters_of(rule)
        FAMILIES.add(
            rule.__name__,
            Family(name=rule.__name__, rule=rule, parameters=known, summary=summary, may_refuse=refuses),
        )
        return rule

    return enter if rule is None else enter(rule)


def is_shipped(rule: Rule) -> bool:
    """Whether it is one of ours, whose pmfs need no check."""
    return rule.__module__.startswith(f"{_SHIPPED}.")


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

    def _checked(self, rule: Rule) -> Pmf:
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
    def law(self) -> str:
        """What a random pmf is drawn from: its content without the seed; of any other distribution its label."""
        if SEED not in dict(self.parameters):
            return self.label
        return f"{self.family}({', '.join(f'{n}={text_of(v)}' for n, v in self.parameters if n != SEED)})"

    @property
    def _mark(self) -> str:
        return "#" + hashlib.sha256(self.content.encode()).hexdigest()[:4]


def _chosen(family: str, parameters: tuple[tuple[str, Any], ...]) -> Distribution:
    return Distribution(family=family, parameters=parameters)


def distribution_of(name: str, given: object) -> Distribution:
    """A distribution with one value for each parameter, given by name or, where one is enough, alone."""
    if name not in FAMILIES:
        raise ValueError(did_you_mean("distribution", name, FAMILIES))
    known = FAMILIES[name].parameters
    values = dict(given) if isinstance(given, Mapping) else {next(iter(known)): given}
    found = Distribution(family=name, parameters=tuple(check_parameters(name, values, known).items()))
    if FAMILIES[name].may_refuse:
        found.pmf()
    return found


def text_of(value: Any) -> str:
    """A parameter's value as text: 2.0 as 2, a fraction as 1/3, a list in brackets."""
    if isinstance(value, tuple):
        return f"[{', '.join(text_of(entry) for entry in value)}]"
    if isinstance(value, Distribution):
        return value.content
    if isinstance(value, (Fraction, str)):
        return str(value)
    return repr(int(value)) if value == int(value) else repr(value)

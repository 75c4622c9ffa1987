"""Mixtures of other distributions."""

from collections.abc import Mapping, Sequence
from typing import Annotated

import numpy as np

from mcdiv.core.arrays import Pmf
from mcdiv.core.distributions import Distribution, distribution, distribution_of
from mcdiv.core.domains import PMF, Domain, Number, shown


def _components(value: object) -> tuple[tuple[Number, Distribution], ...]:
    """`[{weight: 0.7, zipf: 100}, {weight: 0.3, uniform: 100}]`: weights that sum to 1, alphabets of one size."""
    expected = "a list such as [{weight: 0.7, zipf: 100}, {weight: 0.3, uniform: 100}]"
    entries = list(value) if isinstance(value, (list, tuple)) else []
    if not entries or not all(isinstance(e, Mapping) and len(e) == 2 and "weight" in e for e in entries):
        raise ValueError(f"expected {expected}, got {shown(value)}")
    weights = PMF.parse([entry["weight"] for entry in entries])
    parts = [next((k, v) for k, v in entry.items() if k != "weight") for entry in entries]
    found = [distribution_of(str(name), given) for name, given in parts]
    sizes = list(dict.fromkeys(each.categories for each in found))
    if len(sizes) > 1:
        raise ValueError(f"components of {' and '.join(map(str, sizes))} categories; they must have the same")
    return tuple(zip(weights, found, strict=True))


_COMPONENTS = Domain(expected="a list of {weight: w, distribution}", reader=_components)


@distribution
def mixture(components: Annotated[Sequence[tuple[Number, Distribution]], _COMPONENTS]) -> Pmf:
    """A category is drawn from one of several distributions, each chosen with its weight: p = Σ w_i p_i."""
    return np.asarray(sum(float(weight) * part.pmf() for weight, part in components))

"""What a gradient estimator is: one function of (p, q, o) with a card. `@gradient_estimator` enters it.

A draw x from O gives an estimate of ∇KL(P‖Q) in the logits of P. Nearly all are a coefficient times the score
∇ ln p_x = e_x − p, and the function returns the coefficients c, shape (K,). One whose gradient is no multiple of the
score returns the gradient that each draw gives, shape (K, K), or one that is the same for all draws, shape (1, K).
Its further arguments are its parameters, each with its domain in the annotation.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeAlias, overload

import numpy as np

from mcdiv.core.arrays import Array, Pmf
from mcdiv.core.cards import Card, card_of
from mcdiv.core.catalogue import Catalogue
from mcdiv.core.domains import Parameter, check_parameters, parameters_of
from mcdiv.core.spelling import read_spelling, spelled

#: (p, q, o) and parameters → coefficients of the score (K,), or gradients (1, K) or (K, K)
Rule: TypeAlias = Callable[..., Array]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class GradientEstimator:
    """An estimator of ∇KL(P‖Q) in the logits of P from one draw of O."""

    name: str
    rule: Rule
    #: what it differentiates or takes as a reward: k1, k2, k3, exact; empty where that is not said
    of: str
    #: loss, reward, or empty where that is not said
    placement: str
    card: Card
    parameters: Mapping[str, Parameter]
    #: the file that holds it
    module: str
    #: the values of its parameters, all of them; empty where they are still open
    given: Mapping[str, Any]

    @property
    def label(self) -> str:
        """How tables call it: k3_loss(weight=detached). A parameter that has its default is left out."""
        defaults = {name: parameter.default for name, parameter in self.parameters.items()}
        return spelled(self.name, [(name, value) for name, value in self.given.items() if value != defaults[name]])

    def with_parameters(self, **given: Any) -> GradientEstimator:
        """The same with values for its parameters, defaults for those left out; a ValueError says what is wrong."""
        return replace(self, given=check_parameters(self.name, given, dict(self.parameters)))

    def at(self, p: Pmf, q: Pmf, o: Pmf) -> Array:
        """What it returns at (P, Q, O), shape (K,), (1, K) or (K, K); a ValueError where it is something else."""
        chosen = self.given or check_parameters(self.name, {}, dict(self.parameters))
        with np.errstate(all="ignore"):
            found = self._returned(p, q, o, chosen)
        categories = p.size
        if found.shape not in ((categories,), (1, categories), (categories, categories)):
            wanted = f"({categories},), (1, {categories}) or ({categories}, {categories})"
            raise ValueError(
                f"gradient estimator '{self.name}': expected an array of shape {wanted}, got {found.shape}"
            )
        return found

    def _returned(self, p: Pmf, q: Pmf, o: Pmf, chosen: Mapping[str, Any]) -> Array:
        """What the function returns; of a user's own, what it raises is told in one line."""
        try:
            return np.asarray(self.rule(p, q, o, **chosen), dtype=np.float64)
        except Exception as error:
            if self.module.startswith("mcdiv."):
                raise
            told = f"{type(error).__name__}: {' '.join(str(error).split())}"
            raise ValueError(f"gradient estimator '{self.name}' fails: {told}") from error


GRADIENT_ESTIMATORS: Catalogue[GradientEstimator] = Catalogue("gradient estimator", "mcdiv.policies.shipped")


@overload
def gradient_estimator(rule: Rule) -> Rule: ...
@overload
def gradient_estimator(*, of: str = "", placement: str = "") -> Callable[[Rule], Rule]: ...
def gradient_estimator(rule: Rule | None = None, *, of: str = "", placement: str = "") -> Rule | Callable[[Rule], Rule]:
    """Enter a function of p, q and o into the catalogue of gradient estimators.

    Of a file of a user's own the card is optional.
    """

    def register(rule: Rule) -> Rule:
        where, parameters = f"{inspect.getsourcefile(rule)}: {rule.__name__}", parameters_of(rule)
        pmfs = [name for name in inspect.signature(rule).parameters if name not in parameters]
        if pmfs != ["p", "q", "o"]:
            wanted = "the arguments 'p', 'q' and 'o', and parameters with a domain in their annotation"
            raise ValueError(f"{where}: a gradient estimator has {wanted}; got {', '.join(pmfs) or 'none'}")
        ours = rule.__module__.partition(".")[0] == __name__.partition(".")[0]
        entry = GradientEstimator(
            name=rule.__name__,
            rule=rule,
            of=of,
            placement=placement,
            card=card_of(rule, optional=not ours),
            parameters=parameters,
            module=rule.__module__,
            given={},
        )
        GRADIENT_ESTIMATORS.add(entry.name, entry)
        return rule

    return register if rule is None else register(rule)


def gradient_estimator_of(label: str) -> GradientEstimator:
    """The gradient estimator of this label, its parameters given; a ValueError says what is wrong with the label."""
    name, given = read_spelling(label)
    return GRADIENT_ESTIMATORS[name].with_parameters(**given)

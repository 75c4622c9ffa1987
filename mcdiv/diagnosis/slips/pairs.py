"""What is put into the formula is not the two pmfs: exchanged, normalised, with another temperature or floor."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np

from mcdiv.core.arrays import Array
from mcdiv.diagnosis.contract import changes_pair

_Pair: TypeAlias = tuple[Array, Array]
#: floors that libraries have: Keras 1e-7, others down to the last digit of a float
_FLOORS = (1e-7, 1e-8, 1e-9, 1e-10, 1e-12, 1e-15)
_TEMPERATURES = (0.5, 0.6, 0.7, 0.8, 0.9, 1.5, 2.0)


@changes_pair()
def swapped(p: Array, q: Array) -> _Pair:
    """P and Q exchanged.

    Formula: p and q exchanged
    Valid:   P ≠ Q
    Mend:    exchange the arguments: PyTorch's kl_div(input, target) is KL(target‖input)
    Source:  documentation of torch.nn.functional.kl_div
    """
    return q, p


@changes_pair()
def normalised(p: Array, q: Array) -> _Pair:
    """Each divided by its sum first, as scipy.stats.entropy does without saying so.

    Formula: p/Σp and q/Σq in place of p and q
    Valid:   a sum other than 1
    Mend:    give pmfs that sum to 1; for two that do not, this is KL of the distributions that they are proportional to
    Source:  documentation of scipy.stats.entropy
    """
    return _by_sum(p), _by_sum(q)


@changes_pair(family="softmax", of=("both", "q", "p"))
def softmax_of_probabilities(p: Array, q: Array, *, of: str) -> _Pair:
    """The softmax of what is a pmf already: a softmax taken twice, or probabilities where logits belong.

    Formula: softmax(<of>) in place of <of>
    Valid:   not both uniform
    Mend:    take the softmax once, of logits; log-probabilities are logits, probabilities are not
    Source:  Bridle (1990), for the softmax
    """
    return _applied(_softmax, p, q, of)


@changes_pair(family="temperature", rarity=2, temperature=_TEMPERATURES, of=("q", "p", "both"))
def temperature_on_logprobs(p: Array, q: Array, *, temperature: float, of: str) -> _Pair:
    """Log-probabilities divided by a temperature, and not normalised again.

    Formula: exp(ln(<of>)/T), which does not sum to 1, in place of <of>
    Valid:   T ≠ 1
    Mend:    divide the logits by T before log_softmax, or subtract logsumexp from what was divided
    Source:  by definition
    """
    return _applied(lambda x: x ** (1 / temperature), p, q, of)


@changes_pair(family="temperature", rarity=2, temperature=_TEMPERATURES, of=("q", "p", "both"))
def other_temperature(p: Array, q: Array, *, temperature: float, of: str) -> _Pair:
    """Logits divided by a temperature.

    Formula: softmax(ln(<of>)/T) in place of <of>
    Valid:   T ≠ 1
    Mend:    use the same temperature for both, or compare at T = 1
    Source:  by definition
    """
    return _applied(lambda x: _by_sum(x ** (1 / temperature)), p, q, of)


@changes_pair(family="floor", rarity=2, eps=_FLOORS, of=("q", "both"))
def clipped(p: Array, q: Array, *, eps: float, of: str) -> _Pair:
    """Probabilities below ε set to ε, which makes infinite divergences finite.

    Formula: max(<of>, ε) in place of <of>
    Valid:   a probability below ε
    Mend:    do not clip: where q = 0 and p > 0 the divergence is ∞, and what is printed depends on ε
    Source:  documentation of keras.losses.KLDivergence
    """
    return _applied(lambda x: np.maximum(x, eps), p, q, of)


@changes_pair(family="floor", rarity=3, eps=_FLOORS, of=("q", "both"))
def clipped_and_normalised(p: Array, q: Array, *, eps: float, of: str) -> _Pair:
    """Probabilities below ε set to ε, and all divided by their sum again.

    Formula: max(<of>, ε), divided by the sum, in place of <of>
    Valid:   a probability below ε
    Mend:    do not clip: where q = 0 and p > 0 the divergence is ∞, and what is printed depends on ε
    Source:  by definition
    """
    return _applied(lambda x: _by_sum(np.maximum(x, eps)), p, q, of)


@changes_pair(family="floor", rarity=3, eps=_FLOORS, of=("q", "both"))
def added(p: Array, q: Array, *, eps: float, of: str) -> _Pair:
    """A small number added to each probability.

    Formula: <of> + ε in place of <of>
    Valid:   a difference only where probabilities are about as small as ε
    Mend:    leave ε out; where q = 0 and p > 0 the divergence is ∞, and what is printed depends on ε
    Source:  by definition
    """
    return _applied(lambda x: x + eps, p, q, of)


@changes_pair(family="floor", rarity=3, eps=_FLOORS, of=("q", "both"))
def added_and_normalised(p: Array, q: Array, *, eps: float, of: str) -> _Pair:
    """A small number added to each probability, and all divided by their sum again.

    Formula: <of> + ε, divided by the sum, in place of <of>
    Valid:   a difference only where probabilities are about as small as ε
    Mend:    leave ε out; where q = 0 and p > 0 the divergence is ∞, and what is printed depends on ε
    Source:  by definition
    """
    return _applied(lambda x: _by_sum(x + eps), p, q, of)


@changes_pair(family="smoothing", rarity=2, eps=(0.01, 0.05, 0.1, 0.2), of=("p", "q"))
def smoothed(p: Array, q: Array, *, eps: float, of: str) -> _Pair:
    """Label smoothing, with ε shared out over all K categories.

    Formula: (1 − ε) <of> + ε/K in place of <of>
    Valid:   not uniform
    Mend:    the loss then has the entropy of the smoothed target as its floor; subtract it, or set ε = 0
    Source:  Szegedy et al. (2016), Rethinking the inception architecture for computer vision
    """
    return _applied(lambda x: (1 - eps) * x + eps / x.shape[-1], p, q, of)


@changes_pair(family="smoothing", rarity=2, eps=(0.01, 0.05, 0.1, 0.2), of=("p", "q"))
def smoothed_over_the_others(p: Array, q: Array, *, eps: float, of: str) -> _Pair:
    """Label smoothing, with ε shared out over the K − 1 other categories.

    Formula: (1 − ε) <of> + ε (1 − <of>)/(K − 1) in place of <of>
    Valid:   K > 1, not uniform
    Mend:    with ε/K in place of ε/(K − 1) the target keeps 1 − ε + ε/K; use the same form on both sides
    Source:  by definition
    """
    return _applied(lambda x: (1 - eps) * x + eps * (1 - x) / max(x.shape[-1] - 1, 1), p, q, of)


def _applied(change: Callable[[Array], Array], p: Array, q: Array, of: str) -> _Pair:
    return p if of == "q" else change(p), q if of == "p" else change(q)


def _by_sum(x: Array) -> Array:
    return np.asarray(x / x.sum(axis=-1, keepdims=True))


def _softmax(x: Array) -> Array:
    return _by_sum(np.exp(x - x.max(axis=-1, keepdims=True)))

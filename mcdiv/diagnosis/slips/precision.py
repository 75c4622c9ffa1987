"""Probabilities, log-probabilities or logits that were rounded to a narrower format, or taken one for the other."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np

from mcdiv.core.arrays import Array
from mcdiv.diagnosis.contract import changes_pair
from mcdiv.diagnosis.formats import FORMATS

_Pair: TypeAlias = tuple[Array, Array]


@changes_pair(family="precision", rarity=2, format=FORMATS, of=("q", "p", "both"))
def rounded_logprobs(p: Array, q: Array, *, format: str, of: str) -> _Pair:  # noqa: A002
    """Log-probabilities rounded to a narrower format, so that their exponentials do not sum to 1.

    Formula: exp(ln(<of>) rounded to <format>) in place of <of>
    Valid:   logarithms that the format does not hold
    Mend:    take log_softmax in float32, of logits that were converted first
    Source:  by definition
    """
    return _of_logs(p, q, format, of, normalise=False)


@changes_pair(family="precision", rarity=3, format=FORMATS, of=("q", "p", "both"))
def rounded_logprobs_normalised(p: Array, q: Array, *, format: str, of: str) -> _Pair:  # noqa: A002
    """Log-probabilities rounded to a narrower format, and normalised again.

    Formula: exp(ln(<of>) rounded to <format>), divided by the sum, in place of <of>
    Valid:   logarithms that the format does not hold
    Mend:    take log_softmax in float32, of logits that were converted first
    Source:  by definition
    """
    return _of_logs(p, q, format, of, normalise=True)


@changes_pair(family="precision", rarity=2, format=FORMATS, of=("q", "p", "both"))
def rounded_probabilities(p: Array, q: Array, *, format: str, of: str) -> _Pair:  # noqa: A002
    """Probabilities rounded to a narrower format.

    Formula: <of> rounded to <format> in place of <of>
    Valid:   probabilities that the format does not hold
    Mend:    keep log-probabilities, in float32 or float64
    Source:  by definition
    """
    rounded = FORMATS[format].rounded
    return p if of == "q" else rounded(p), q if of == "p" else rounded(q)


@changes_pair(family="precision", rarity=2, format=FORMATS)
def rounded_logits_of_q(p: Array, z_q: Array, *, format: str) -> _Pair:  # noqa: A002
    """The logits of Q rounded to a narrower format before the softmax.

    Formula: the softmax of z rounded to <format>, z the logits of Q, in place of q
    Valid:   logits that the format does not hold
    Mend:    keep the logits in float32: bfloat16 has steps of 1/4 at a logit of 60
    Source:  by definition
    """
    return p, _softmax(FORMATS[format].rounded(z_q))


@changes_pair(family="precision", rarity=2, format=FORMATS)
def rounded_logits_of_p(z_p: Array, q: Array, *, format: str) -> _Pair:  # noqa: A002
    """The logits of P rounded to a narrower format before the softmax.

    Formula: the softmax of z rounded to <format>, z the logits of P, in place of p
    Valid:   logits that the format does not hold
    Mend:    keep the logits in float32: bfloat16 has steps of 1/4 at a logit of 60
    Source:  by definition
    """
    return _softmax(FORMATS[format].rounded(z_p)), q


@changes_pair(family="softmax")
def logits_of_q_as_logprobs(p: Array, z_q: Array) -> _Pair:
    """The logits of Q taken for log-probabilities: no log_softmax.

    Formula: exp(z), z the logits of Q, in place of q
    Valid:   exp(z) does not sum to 1
    Mend:    log_softmax of the logits: PyTorch's kl_div takes log-probabilities
    Source:  documentation of torch.nn.functional.kl_div
    """
    return p, np.exp(z_q)


@changes_pair(family="softmax")
def logits_of_both_as_logprobs(z_p: Array, z_q: Array) -> _Pair:
    """The logits of both taken for log-probabilities: no log_softmax.

    Formula: exp(z), z the logits, in place of p and q
    Valid:   exp(z) does not sum to 1
    Mend:    log_softmax of the logits on both sides
    Source:  documentation of torch.nn.functional.kl_div
    """
    return np.exp(z_p), np.exp(z_q)


def _of_logs(p: Array, q: Array, name: str, of: str, *, normalise: bool) -> _Pair:
    def rounded(x: Array) -> Array:
        values = np.exp(FORMATS[name].rounded(np.log(x)))
        return np.asarray(values / values.sum(axis=-1, keepdims=True) if normalise else values)

    return p if of == "q" else rounded(p), q if of == "p" else rounded(q)


def _softmax(z: Array) -> Array:
    weights = np.exp(z - z.max(axis=-1, keepdims=True))
    return np.asarray(weights / weights.sum(axis=-1, keepdims=True))

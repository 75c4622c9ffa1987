"""What estimators of the KL divergence of sequences return: exact mean, bias and spread of each."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from mcdiv.core.arrays import Array
from mcdiv.core.rounding import without_rounding
from mcdiv.policies.sequence_weights import (
    cumulative_weight,
    mean_weight,
    prefix_weight,
    sequence_mass,
    sequence_weight,
    token_weight,
)
from mcdiv.policies.sequences import Along
from mcdiv.policies.verdicts import size


class SequenceValue(NamedTuple):
    """What an estimator of KL(P‖Q) of sequences returns."""

    estimator: str
    #: of one sequence that is drawn, nats
    mean: float
    #: mean − KL; NaN where both are infinite
    bias: float
    #: √n times the standard deviation over batches of n sequences, for large n; NaN where the mean is infinite
    sd: float
    #: the probability that it is infinite or undefined for a sequence
    infinite_share: float


def sequence_values(along: Along, clip: float | None = None) -> list[SequenceValue]:
    """Every estimator of KL(P‖Q) of sequences with mean, bias and spread; with ratios where another policy draws."""
    with np.errstate(all="ignore"):
        found = _values(along)
        if along.tree.o is not None:
            clips = [("", np.inf)] + ([] if clip is None else [(", clipped", clip)])
            of_each = [_with_ratios(along, size_of_clip) for _, size_of_clip in clips]
            for several in zip(*of_each, strict=True):
                for (suffix, _), (name, values) in zip(clips, several, strict=True):
                    found.append(_value(along, name + suffix, values))
        return found


def _values(along: Along) -> list[SequenceValue]:
    total, lengths = along.sequence_log_ratio, along.lengths
    token_k2, token_k3 = along.summed(along.terms["k2"].value), along.summed(along.k3)
    mass, length = sequence_mass(along, along.terms["k3"]), along.drawn_length
    per_token = (along.kl if along.on_policy else along.mean(total)) / length
    # Where a ratio is infinite, so is the mean of a batch, with a spread that is undefined.
    batch_errors = per_token + (total - per_token * lengths) / length if np.isfinite(per_token) else total
    on_policy = along.on_policy
    return [
        _value(along, "sum of token k1", total, bias=0.0 if on_policy else None),
        _value(along, "sum of token k2", token_k2),
        _value(
            along,
            "sum of token k3",
            token_k3,
            bias=0.0 - _never_drawn_next(along) if on_policy else None,
            mass=mass,
        ),
        _value(along, "k2 of the sequence ratio", total**2 / 2),
        _value(
            along,
            "k3 of the sequence ratio",
            along.sequence_k3,
            bias=0.0 - along.never_drawn if on_policy else None,
            mass=along.sequence_terms["k3"].value_mass,
        ),
        _value(along, "mean over sequences of token-mean k1", total / lengths),
        _value(along, "mean over sequences of token-mean k3", token_k3 / lengths, mass=mass / lengths),
        _value(along, "token mean of k1 over a large batch", batch_errors),
        _value(along, _EXACT, along.visited_kl, bias=0.0 if on_policy else None),
    ]


_EXACT = "exact KL at each visited prefix (Rao-Blackwell)"


def _with_ratios(along: Along, clip: float) -> Iterator[tuple[str, Array]]:
    """What a sequence gives where each value has a ratio as its weight, shape (leaves,)."""
    token, cumulative = token_weight(along, clip), cumulative_weight(along, clip)
    whole, mean, prefix = sequence_weight(along, clip), mean_weight(along, clip), prefix_weight(along, clip)
    before = along.visits[along.tree.prefix]
    for name, term in along.terms.items():
        total = along.summed(term.value)
        yield f"sum of token {name} x own-token ratio", along.summed(token.times(term.value, term.value_mass))
        of_prefixes = cumulative.times(term.value, before * term.value_mass)
        yield f"sum of token {name} x cumulative ratio", along.summed(of_prefixes)
        yield f"sum of token {name} x sequence ratio", whole.times(total, sequence_mass(along, term))
        yield f"sum of token {name} x sequence-mean ratio", mean.factor * total
    for name, term in along.sequence_terms.items():
        yield f"{name} of the sequence ratio x sequence ratio", whole.times(term.value, term.value_mass)
        yield f"{name} of the sequence ratio x sequence-mean ratio", mean.factor * term.value
    yield f"{_EXACT} x cumulative ratio", along.summed((prefix.factor * along.prefix_kl)[along.tree.prefix])


def _value(
    along: Along, name: str, per_sequence: Array, *, bias: float | None = None, mass: Array | None = None
) -> SequenceValue:
    """The record of an estimator; a bias that is known exactly is given, and decides its mean.

    `mass` is P times the value: it is finite where the value is only larger than any float.
    """
    seen = along.drawn_weights > 0
    weights, values = along.drawn_weights[seen], per_sequence[seen]
    infinite = float(weights[~np.isfinite(values)].sum())
    weighed, roots = weights * values, np.sqrt(weights) * values
    if infinite and mass is not None:
        beyond = ~np.isfinite(values) & (along.weights[seen] > 0)
        per_root = np.sqrt(weights) / along.weights[seen] * mass[seen]
        weighed = np.where(beyond, np.sqrt(weights) * per_root, weighed)
        roots = np.where(beyond, per_root, roots)
    mean = along.kl + bias if bias is not None else float(weighed.sum())
    if not np.isfinite(mean):
        return SequenceValue(name, mean, np.nan if np.isinf(along.kl) else mean, np.nan, infinite)
    if bias is None:
        bias = without_rounding(mean - along.kl, float(abs(weighed).sum()) + along.kl)
        mean = mean if bias or along.on_policy else along.kl
    sd = size(np.where(np.isfinite(values), np.sqrt(weights) * (values - mean), roots))
    return SequenceValue(name, mean, bias, sd if np.isfinite(sd) else np.nan, infinite)


def _never_drawn_next(along: Along) -> float:
    """What of the reference the policy never draws, summed over the prefixes it visits: k3 never sees that."""
    lost = along.tree.per_prefix(np.where(along.tree.p > 0, 0.0, along.tree.q))
    return float(along.tree.means_from(lost)[0])

"""Sequences of tokens: values and gradients of their divergence, against enumeration in many digits."""

from collections.abc import Callable, Iterator
from typing import Any

import mpmath as mp
import numpy as np
import pytest

from mcdiv.policies.sequence_gradients import (
    SEQUENCE_ESTIMATORS,
    reverse_gradient,
    sequence_moments,
    true_gradient,
)
from mcdiv.policies.sequences import Along, sequence_values
from mcdiv.policies.tree import coins
from mcdiv.policies.tree_form import tree_of

#: three sequences: goes on with 0.6 then 0.3, the reference with 0.5 then 0.6; enumerated by hand
TWO_STEPS = Along(tree=coins(np.array([0.6, 0.3]), np.array([0.5, 0.6])))
KNOWN_MEANS = {
    "sum of token k1": 0.13040765198277626,
    "sum of token k2": 0.1289373894951756,
    "sum of token k3": 0.13040765198277626,
    "k3 of the sequence ratio": 0.13040765198277626,
    "k2 of the sequence ratio": 0.14904237744511226,
    "mean over sequences of token-mean k1": 0.020575115728546173,
    "token mean of k1 over a large batch": 0.08150478248923515,
    "exact KL at each visited prefix (Rao-Blackwell)": 0.13040765198277626,
}
KNOWN_SDS = {
    "sum of token k1": 0.5301684630328021,
    "sum of token k3": 0.10508593267778331,
    "k3 of the sequence ratio": 0.08739223526751741,
    "exact KL at each visited prefix (Rao-Blackwell)": 0.09003682400138824,
}
TRUE = [0.1414204813187944, -0.15784813403041636]
OF_PREFIXES = [0.09731162594595945, -0.15784813403041636]
KNOWN_GRADIENTS = {
    "k1 in reward, return to go": TRUE,
    "k1 in reward, whole sequence": TRUE,
    "k1 in reward, own token only": OF_PREFIXES,
    "k2 in loss, summed over tokens": OF_PREFIXES,
    "k2 of the sequence in loss": TRUE,
    "k3 in loss, summed over tokens": [0.1, -0.18],
    "k3 of the sequence in loss": [0.1, -0.15],
    "exact KL at each prefix in loss, prefixes not differentiated": OF_PREFIXES,
    "token k3 x sequence-mean ratio, differentiated": [0.11748746681710237, -0.16892406701520818],
    "token k3 x own-token ratio, differentiated": OF_PREFIXES,
}


def test_two_steps_give_the_known_values() -> None:
    found = {value.estimator: value for value in sequence_values(TWO_STEPS)}
    assert {name: found[name].mean for name in KNOWN_MEANS} == pytest.approx(KNOWN_MEANS, rel=1e-12)
    assert {name: found[name].sd for name in KNOWN_SDS} == pytest.approx(KNOWN_SDS, rel=1e-12)
    assert TWO_STEPS.kl == pytest.approx(0.13040765198277626, rel=1e-13)
    assert TWO_STEPS.mean_length == pytest.approx(1.6, rel=1e-15)


@pytest.mark.parametrize("name", KNOWN_GRADIENTS)
def test_two_steps_give_the_known_gradients(name: str) -> None:
    mean = sequence_moments(TWO_STEPS, SEQUENCE_ESTIMATORS[name].rule(TWO_STEPS)).mean
    assert mean[TWO_STEPS.tree.is_parameter].tolist() == pytest.approx(KNOWN_GRADIENTS[name], rel=1e-12)
    assert true_gradient(TWO_STEPS)[[0, 2]].tolist() == pytest.approx(TRUE, rel=1e-12)


# A tree of its own: three tokens at each of four prefixes; from the logits, so that they can be moved.

#: prefix → the logits of its tokens a, b, c under the policy and under the reference
LOGITS = {
    "": ([0.3, -0.5, 0.9], [0.1, 0.4, -0.2]),
    "a": ([-0.2, 1.1, 0.2], [0.6, 0.0, -0.9]),
    "c": ([0.8, 0.1, -1.3], [-0.4, 0.7, 0.2]),
    "cb": ([0.0, 0.5, -0.7], [1.2, -0.3, 0.1]),
}
Logits = dict[str, list[Any]]
Path = list[tuple[str, int]]


def softmax(z: list[Any]) -> list[Any]:
    weights = [mp.exp(each) for each in z]
    total = mp.fsum(weights)
    return [weight / total for weight in weights]


def nested(prefix: str = "") -> dict[str, Any]:
    policy, reference = (dict(zip("abc", map(float, softmax(z)), strict=True)) for z in LOGITS[prefix])
    then = {token: nested(prefix + token) for token in "abc" if prefix + token in LOGITS}
    return {"policy": policy, "reference": reference, "then": then}


def paths(prefix: str = "") -> Iterator[Path]:
    for place, token in enumerate("abc"):
        if prefix + token in LOGITS:
            yield from ([(prefix, place), *rest] for rest in paths(prefix + token))
        else:
            yield [(prefix, place)]


def log_p(z: Logits, path: Path) -> list[Any]:
    """ln p of each token of a sequence."""
    return [mp.log(softmax(z[prefix])[place]) for prefix, place in path]


POLICY: Logits = {prefix: [mp.mpf(each) for each in z] for prefix, (z, _) in LOGITS.items()}
REFERENCE: Logits = {prefix: [mp.mpf(each) for each in z] for prefix, (_, z) in LOGITS.items()}


class Sequence:
    """What a surrogate loss is made of: at logits z that move, and at those that were drawn from."""

    def __init__(self, z: Logits, path: Path) -> None:
        self.path = path
        self.lp, self.fixed, self.lq = log_p(z, path), log_p(POLICY, path), log_p(REFERENCE, path)
        self.d = [a - b for a, b in zip(self.fixed, self.lq, strict=True)]
        self.k3 = [mp.exp(b - a) - 1 + a - b for a, b in zip(self.lp, self.lq, strict=True)]
        self.ratios = [mp.exp(a - o) for a, o in zip(self.lp, self.fixed, strict=True)]
        self.T = len(path)
        self.kl = [prefix_kl(z, prefix) for prefix, _ in path]
        self.kl_fixed = [prefix_kl(POLICY, prefix) for prefix, _ in path]


def prefix_kl(z: Logits, prefix: str) -> Any:
    return mp.fsum(p * mp.log(p / q) for p, q in zip(softmax(z[prefix]), softmax(REFERENCE[prefix]), strict=True))


def k3_of(s: Sequence) -> Any:
    total = mp.fsum(s.lq) - mp.fsum(s.lp)
    return mp.exp(total) - 1 - total


#: what a program would hand to its differentiation; `fixed`, `d` and `kl_fixed` are detached
SURROGATES: dict[str, Callable[[Sequence], Any]] = {
    "k1 in reward, return to go": lambda s: mp.fsum(s.lp[t] * mp.fsum(s.d[t:]) for t in range(s.T)),
    "k1 in reward, whole sequence": lambda s: mp.fsum(s.lp) * mp.fsum(s.d),
    "k1 in reward, own token only": lambda s: mp.fsum(a * d for a, d in zip(s.lp, s.d, strict=True)),
    "k1 in loss": lambda s: mp.fsum(s.lp) - mp.fsum(s.lq),
    "k2 in loss, summed over tokens": lambda s: mp.fsum((a - b) ** 2 / 2 for a, b in zip(s.lp, s.lq, strict=True)),
    "k2 of the sequence in loss": lambda s: (mp.fsum(s.lp) - mp.fsum(s.lq)) ** 2 / 2,
    "k3 in loss, summed over tokens": lambda s: mp.fsum(s.k3),
    "k3 in loss, mean over the tokens of a sequence": lambda s: mp.fsum(s.k3) / s.T,
    "k3 of the sequence in loss": k3_of,
    "token k3 x sequence ratio, differentiated": lambda s: mp.fprod(s.ratios) * mp.fsum(s.k3),
    "token k3 x sequence-mean ratio, differentiated": lambda s: mp.fprod(s.ratios) ** (mp.mpf(1) / s.T) * mp.fsum(s.k3),
    "token k3 x own-token ratio, differentiated": lambda s: mp.fsum(w * k for w, k in zip(s.ratios, s.k3, strict=True)),
    "exact KL at each prefix in loss, prefixes not differentiated": lambda s: mp.fsum(s.kl),
    "exact KL at each prefix in loss, prefixes differentiated": lambda s: mp.fsum(
        s.kl[t] + s.lp[t] * mp.fsum(s.kl_fixed[t + 1 :]) for t in range(s.T)
    ),
}


def moved(step: Any) -> Iterator[Logits]:
    """The policy's logits, each in turn moved by a step, in the order of the tree's branches."""
    for prefix in ("", "a", "c", "cb"):
        for place in range(3):
            yield POLICY | {prefix: [z + step * (i == place) for i, z in enumerate(POLICY[prefix])]}


def slopes(function: Callable[[Logits], Any]) -> list[Any]:
    """Central differences in 40 digits: they are off by about 1e-24."""
    step = mp.mpf(10) ** -12
    return [(function(up) - function(down)) / (2 * step) for up, down in zip(moved(step), moved(-step), strict=True)]


@pytest.fixture(scope="module")
def along() -> Along:
    tree, problems = tree_of(nested())
    assert problems == []
    assert tree is not None
    return Along(tree=tree)


def sequences_kl(z: Logits) -> Any:
    return mp.fsum(
        mp.exp(mp.fsum(lp := log_p(z, path))) * (mp.fsum(lp) - mp.fsum(log_p(REFERENCE, path))) for path in paths()
    )


def test_the_true_gradient_is_the_derivative_of_the_divergence(along: Along) -> None:
    with mp.workdps(40):
        assert along.kl == pytest.approx(float(sequences_kl(POLICY)), rel=1e-12)
        assert true_gradient(along).tolist() == pytest.approx([float(each) for each in slopes(sequences_kl)], rel=1e-11)


def test_the_gradient_of_the_other_divergence_is_its_derivative(along: Along) -> None:
    def other(z: Logits) -> Any:
        return mp.fsum(mp.exp(mp.fsum(log_p(REFERENCE, path))) * (0 - mp.fsum(log_p(z, path))) for path in paths())

    with mp.workdps(40):
        assert reverse_gradient(along).tolist() == pytest.approx([float(each) for each in slopes(other)], rel=1e-11)


def test_every_estimator_of_the_gradient_is_the_mean_of_what_its_loss_gives(along: Along) -> None:
    assert list(SURROGATES) == list(SEQUENCE_ESTIMATORS)
    every = list(paths())
    with mp.workdps(40):
        weights = [mp.exp(mp.fsum(log_p(POLICY, path))) for path in every]
        step = mp.mpf(10) ** -12
        ups, downs = ([[Sequence(z, path) for z in moved(by)] for path in every] for by in (step, -step))
        for name, loss in SURROGATES.items():
            gradients = [
                [(loss(up) - loss(down)) / (2 * step) for up, down in zip(*pair, strict=True)]
                for pair in zip(ups, downs, strict=True)
            ]
            mean = [mp.fsum(w * g[j] for w, g in zip(weights, gradients, strict=True)) for j in range(12)]
            squared = mp.fsum(w * mp.fsum(each**2 for each in g) for w, g in zip(weights, gradients, strict=True))
            trace = squared - mp.fsum(each**2 for each in mean)
            found = sequence_moments(along, SEQUENCE_ESTIMATORS[name].rule(along))
            assert found.mean.tolist() == pytest.approx([float(each) for each in mean], rel=1e-11, abs=1e-15), name
            assert found.trace == pytest.approx(float(trace), rel=1e-11), name

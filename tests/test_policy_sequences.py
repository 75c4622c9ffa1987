"""Sequences of tokens: values and gradients of their divergence, against enumeration in many digits."""

import json
import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import mpmath as mp
import numpy as np
import pytest
from numpy.testing import assert_allclose
from pages import ROOT
from ruamel.yaml import YAML

from mcdiv.api.policy_sequences import PolicySequences, policy_sequences
from mcdiv.errors import ScenarioError
from mcdiv.policies import tree_form
from mcdiv.policies.sequence_gradients import (
    SEQUENCE_ESTIMATORS,
    reverse_gradient,
    sequence_moments,
    true_gradient,
)
from mcdiv.policies.sequence_values import sequence_values
from mcdiv.policies.sequences import Along
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
Tokens = list[tuple[str, int]]


def softmax(z: list[Any]) -> list[Any]:
    weights = [mp.exp(each) for each in z]
    total = mp.fsum(weights)
    return [weight / total for weight in weights]


def nested(prefix: str = "") -> dict[str, Any]:
    policy, reference = (dict(zip("abc", map(float, softmax(z)), strict=True)) for z in LOGITS[prefix])
    then = {token: nested(prefix + token) for token in "abc" if prefix + token in LOGITS}
    return {"policy": policy, "reference": reference, "then": then}


def paths(prefix: str = "") -> Iterator[Tokens]:
    for place, token in enumerate("abc"):
        if prefix + token in LOGITS:
            yield from ([(prefix, place), *rest] for rest in paths(prefix + token))
        else:
            yield [(prefix, place)]


def log_p(z: Logits, path: Tokens) -> list[Any]:
    """ln p of each token of a sequence."""
    return [mp.log(softmax(z[prefix])[place]) for prefix, place in path]


POLICY: Logits = {prefix: [mp.mpf(each) for each in z] for prefix, (z, _) in LOGITS.items()}
REFERENCE: Logits = {prefix: [mp.mpf(each) for each in z] for prefix, (_, z) in LOGITS.items()}


class Sequence:
    """What a surrogate loss is made of: at logits z that move, and at those that were drawn from."""

    def __init__(self, z: Logits, path: Tokens) -> None:
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


VALUES: dict[str, Callable[[Sequence], Any]] = {
    "sum of token k1": lambda s: mp.fsum(s.d),
    "sum of token k2": lambda s: mp.fsum(d**2 for d in s.d) / 2,
    "sum of token k3": lambda s: mp.fsum(s.k3),
    "k2 of the sequence ratio": lambda s: mp.fsum(s.d) ** 2 / 2,
    "k3 of the sequence ratio": k3_of,
    "mean over sequences of token-mean k1": lambda s: mp.fsum(s.d) / s.T,
    "mean over sequences of token-mean k3": lambda s: mp.fsum(s.k3) / s.T,
    "exact KL at each visited prefix (Rao-Blackwell)": lambda s: mp.fsum(s.kl),
}


def test_every_value_has_the_mean_and_spread_that_enumeration_gives(along: Along) -> None:
    found = {value.estimator: value for value in sequence_values(along)}
    with mp.workdps(40):
        every = [Sequence(POLICY, path) for path in paths()]
        weights = [mp.exp(mp.fsum(s.fixed)) for s in every]
        kl, length = sequences_kl(POLICY), mp.fsum(w * s.T for w, s in zip(weights, every, strict=True))
        # Of a large batch: the delta method for a ratio of two means.
        batch = {
            "token mean of k1 over a large batch": lambda s: kl / length + (mp.fsum(s.d) - kl / length * s.T) / length
        }
        assert found.keys() == VALUES.keys() | batch.keys()
        for name, value in (VALUES | batch).items():
            mean = mp.fsum(w * value(s) for w, s in zip(weights, every, strict=True))
            variance = mp.fsum(w * (value(s) - mean) ** 2 for w, s in zip(weights, every, strict=True))
            wanted = [float(each) for each in (mean, mean - kl, mp.sqrt(variance), 0)]
            assert list(found[name][1:]) == pytest.approx(wanted, rel=1e-11, abs=1e-15), name
        assert along.mean_length == pytest.approx(float(length), rel=1e-13)


def test_near_the_reference_the_digits_of_the_divergence_are_kept() -> None:
    policy, reference = [0.3, 0.7], [0.3 + 2**-30, 0.7 - 2**-31]
    found = Along(tree=coins(np.array(policy), np.array(reference)))
    with mp.workdps(40):
        first, second = (
            mp.fsum(mp.mpf(a) * mp.log(mp.mpf(a) / mp.mpf(b)) for a, b in ((p, q), (1 - mp.mpf(p), 1 - mp.mpf(q))))
            for p, q in zip(policy, reference, strict=True)
        )
        assert found.kl == pytest.approx(float(first + mp.mpf(policy[0]) * second), rel=1e-7)
    k3 = next(value for value in sequence_values(found) if value.estimator == "sum of token k3")
    assert k3.mean == found.kl


@pytest.mark.slow
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


# Claims, zeros, and what is refused.

VERDICTS = {
    "k1 in reward, return to go": "exact",
    "k1 in reward, whole sequence": "exact",
    "k1 in reward, own token only": "exact with prefixes held fixed",
    "k1 in loss": "no gradient",
    "k2 in loss, summed over tokens": "exact with prefixes held fixed",
    "k2 of the sequence in loss": "exact",
    "k3 in loss, summed over tokens": "gradient of the other divergence with prefixes held fixed",
    "k3 in loss, mean over the tokens of a sequence": "biased",
    "k3 of the sequence in loss": "gradient of the other divergence",
    "token k3 x sequence ratio, differentiated": "exact",
    "token k3 x sequence-mean ratio, differentiated": "biased",
    "token k3 x own-token ratio, differentiated": "exact with prefixes held fixed",
    "exact KL at each prefix in loss, prefixes not differentiated": "exact with prefixes held fixed",
    "exact KL at each prefix in loss, prefixes differentiated": "exact",
}


def verdicts(lab: PolicySequences) -> dict[str, str]:
    return {row.entry.name: row.verdict for row in lab.gradient_rows}


@pytest.mark.parametrize("policy", [[0.6, 0.3], [0.6], [0.5, 0.6]])
def test_a_verdict_is_a_claim_about_the_estimator_not_about_one_tree(policy: list[float]) -> None:
    """With one token, or where the policy is the reference, many of them agree: by coincidence."""
    assert verdicts(policy_sequences(steps_policy=policy, steps_reference=[0.5, 0.6][: len(policy)])) == VERDICTS


def test_verdicts_hold_where_policy_and_reference_differ_by_a_billionth() -> None:
    lab = policy_sequences(steps_policy=[0.6, 0.3, 0.5], steps_reference=[0.6 + 1e-9, 0.3 - 2e-9, 0.5])
    assert verdicts(lab) == VERDICTS


def test_what_happens_once_in_ten_to_the_300_has_its_spread() -> None:
    """The token with p = 1e-300 has k3 = 5e299 and more, the other one has k3 = ln 2 − 1/2."""
    found = policy_sequences(steps_policy=[1e-300], steps_reference=[0.5]).values.set_index("estimator")
    assert found.loc["sum of token k3", "sd"] == pytest.approx(5e149, rel=1e-12)
    assert found.loc["sum of token k3", "mean"] == pytest.approx(math.log(2), rel=1e-12)


def test_a_mean_over_tokens_can_point_the_wrong_way() -> None:
    found = policy_sequences(steps_policy=[0.1, 0.1, 0.8], steps_reference=[0.2, 0.9, 0.5])
    row = next(row for row in found.gradient_rows if row.entry.name == "k3 in loss, mean over the tokens of a sequence")
    assert row.comparison.cosine < 0
    assert row.verdict == "wrong direction"


def test_the_gradients_table_has_a_column_for_each_logit_and_then_what_is_found() -> None:
    lab = policy_sequences(steps_policy=[0.6, 0.3], steps_reference=[0.5, 0.6])
    assert lab.logits == ("step 1", "step 2")
    assert list(lab.gradients) == [
        *("estimator", "gradient_0", "gradient_1", "relative_error", "cosine", "trace_covariance", "verdict", "draws"),
        "infinite_share",
    ]
    exact = lab.gradients.query("verdict == 'exact'")
    assert (exact["relative_error"] == 0).all()
    assert exact["draws"].min() == 1
    assert (lab.gradients.query("verdict != 'exact'")["draws"] == math.inf).all()
    assert policy_sequences(nested()).logits[:4] == ("a", "b", "c", "a a")


def test_with_the_logits_of_both_tokens_the_spread_of_a_coin_is_twice_that_with_one() -> None:
    coin = {"policy": {"on": 0.6, "end": 0.4}, "reference": {"on": 0.5, "end": 0.5}}
    one = policy_sequences(steps_policy=[0.6], steps_reference=[0.5])
    assert_allclose(policy_sequences(coin).gradients["trace_covariance"], 2 * one.gradients["trace_covariance"])


def test_sequences_that_the_reference_cannot_draw_are_infinite_with_their_probability() -> None:
    lab = policy_sequences(steps_policy=[0.6, 0.3], steps_reference=[0.5, 0.0])
    assert lab.kl_divergence == math.inf
    values = lab.values.set_index("estimator")
    # It goes on twice with probability 0.18, and so comes to the impossible token.
    assert values.loc["sum of token k1", ["mean", "infinite_share"]].tolist() == pytest.approx([math.inf, 0.18])
    assert values[["bias", "sd"]].isna().all(axis=None)
    found = lab.gradients.set_index("estimator")
    assert found.loc["k1 in reward, return to go", "verdict"] == "infinite"
    assert found.loc["k1 in reward, return to go", "infinite_share"] == pytest.approx(0.18)
    assert found.loc["exact KL at each prefix in loss, prefixes differentiated", "infinite_share"] == pytest.approx(0.6)
    assert found.loc["k3 in loss, summed over tokens", "infinite_share"] == 0
    assert "(18 % of the sequences of P are impossible under Q)" in lab.sentences[0]


def test_what_the_policy_never_draws_k3_never_sees() -> None:
    lab = policy_sequences(steps_policy=[0.6, 0.0], steps_reference=[0.5, 0.25])
    found = lab.values.set_index("estimator")
    assert found.loc["sum of token k3", "bias"] == pytest.approx(-0.6 * 0.25, rel=1e-12)
    assert found.loc["k3 of the sequence ratio", "bias"] == pytest.approx(-0.5 * 0.25, rel=1e-12)
    assert found.loc["sum of token k1", "bias"] == 0
    assert lab.sentences[0].endswith("KL(Q‖P) = ∞ nats (12 % of those of Q are impossible under P).")
    claims = verdicts(lab)
    assert claims["k1 in reward, return to go"] == "exact"
    assert claims["token k3 x sequence ratio, differentiated"] == "biased"


def test_the_block_for_a_review_has_a_line_for_every_estimator() -> None:
    block = policy_sequences(steps_policy=[0.6, 0.3], steps_reference=[0.5, 0.6]).markdown()
    lines = [line for line in block.split("\n") if line.startswith("|")]
    assert len(lines) == 2 + len(VERDICTS)
    assert "| k2 of the sequence in loss | yes | exact | 0 | 1 | 2.825 |" in lines


TREE = """policy: {a: 0.6, end: 0.4}
reference: {a: 1/2, end: 1/2}
then:
  a:
    policy: {a: 0.3, end: 0.7}
    reference: {a: 0.6, end: 0.4}
"""


def test_a_file_has_the_tree_in_yaml_or_in_json(tmp_path: Path) -> None:
    steps = policy_sequences(steps_policy=[0.6, 0.3], steps_reference=[0.5, 0.6])
    (tmp_path / "tree.yaml").write_text(TREE)
    in_json = YAML(typ="safe").load(TREE.replace("1/2", "0.5"))
    (tmp_path / "tree.json").write_text(json.dumps(in_json))
    for given in (tmp_path / "tree.yaml", str(tmp_path / "tree.json"), in_json):
        assert policy_sequences(given).kl_divergence == steps.kl_divergence


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("end: 0.7", "end: 0.8", ":5:13: then.a.policy: sums to 1.1; probabilities must sum to 1 (within 1e-9)"),
        ("a: 0.3", "b: 0.3", ":5:13: then.a.policy: has no entry for a, which reference has; add it with 0"),
        ("a: 0.3", "a: x", ":5:17: then.a.policy.a: expected a probability in [0, 1], got 'x'"),
        ("  a:\n", "  b:\n", ":4:3: then.b: unknown token 'b'; expected one of: a, end"),
        ("then", "than", ":3:1: than: unknown key 'than'; did you mean 'then'?"),
        (
            "policy: {a: 0.3, end: 0.7}",
            "policy: 3",
            ":5:13: then.a.policy: expected a mapping of tokens to probabilities",
        ),
        (TREE, "[1]", ":1:1: expected keys 'policy:' and 'reference:', got a list"),
        (TREE, "", ": the file is empty; expected keys 'policy:' and 'reference:'"),
        (
            TREE,
            "a: 1\n" * 40000,
            ": larger than 128 kB; write a larger tree as JSON, in a file whose name ends in .json",
        ),
    ],
)
def test_a_mistake_in_a_file_is_told_with_its_place(tmp_path: Path, old: str, new: str, said: str) -> None:
    path = tmp_path / "tree.yaml"
    path.write_text(TREE.replace(old, new))
    with pytest.raises(ScenarioError) as error:
        policy_sequences(path)
    assert error.value.problems[0].removeprefix(str(path)).startswith(said)


def test_a_tree_without_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tree_form, "MAX_LEAVES", 1000)
    monkeypatch.setattr(tree_form, "MAX_STEPS", 100)
    tree: dict[str, Any] = {"policy": {"a": 0.5, "b": 0.5}, "reference": {"a": 0.5, "b": 0.5}}
    tree["then"] = {"a": tree, "b": tree}
    with pytest.raises(ScenarioError, match="has more than 1,000 sequences"):
        policy_sequences(tree)
    tree["then"] = {"a": tree}
    with pytest.raises(ScenarioError, match="has sequences of more than 100 tokens"):
        policy_sequences(tree)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "expected a tree, or both steps_policy and steps_reference"),
        ({"steps_policy": [0.5]}, "expected a tree, or both steps_policy and steps_reference"),
        ({"tree": {}, "steps_policy": [0.5]}, "expected a tree, or both steps_policy and steps_reference"),
        ({"steps_policy": [0.5], "steps_reference": []}, "steps_reference: expected a list of probabilities to go on"),
        (
            {"steps_policy": [0.5], "steps_reference": [0.5, 0.5]},
            "steps_policy has 1 step, steps_reference has 2 steps",
        ),
        ({"steps_policy": [0.5, 2], "steps_reference": [0.5, 0.5]}, r"steps_policy\[1\]: expected a probability"),
        ({"steps_policy": [0.5] * 10001, "steps_reference": [0.5]}, "steps_policy: has more than 10,000 steps"),
    ],
)
def test_what_is_no_tree_is_one_line(given: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        policy_sequences(**given)


def test_the_page_has_the_formula_of_every_estimator() -> None:
    page = (ROOT / "docs" / "policy.md").read_text(encoding="utf-8")
    for entry in SEQUENCE_ESTIMATORS.values():
        assert f"| {entry.name} | {entry.card.formula} |" in page


def test_the_mean_over_the_tokens_of_a_batch_is_infinite_where_a_sequence_is() -> None:
    values = policy_sequences(steps_policy=[0.5, 0.5], steps_reference=[0, 0.5]).values.set_index("estimator")
    row = values.loc["token mean of k1 over a large batch"]
    assert row["mean"] == np.inf
    assert np.isnan(row["bias"])
    assert np.isnan(row["sd"])

"""Sequences drawn from another policy: claims, what is never drawn, the tree that says it, and the command."""

import json
from pathlib import Path
from typing import Any

import pytest
from conftest import Command
from drawn_sequences import SIDES, nested
from pages import ROOT

from mcdiv.api.policy_sequences import PolicySequences, policy_sequences
from mcdiv.errors import ScenarioError
from mcdiv.policies.sequence_gradients import SEQUENCE_ESTIMATORS
from mcdiv.policies.sequence_ratios import RATIO_ESTIMATORS

#: name → the claim where another policy draws; clipped, "exact" is so on-policy only
VERDICTS = {
    "k1 in reward, return to go": "exact on-policy only",
    "k1 in loss": "no gradient",
    "k2 in loss, summed over tokens": "exact with prefixes held fixed on-policy only",
    "k3 in loss, summed over tokens": "gradient of the other divergence with prefixes held fixed on-policy only",
    "exact KL at each prefix in loss, prefixes not differentiated": "exact with the drawn prefixes held fixed",
    "token k1 x own-token ratio, detached": "no gradient",
    "token k1 x own-token ratio, differentiated": "exact with the drawn prefixes held fixed",
    "token k1 x cumulative ratio, differentiated": "exact",
    "token k1 x cumulative ratio, differentiated, clipped": "exact on-policy only",
    "token k2 x own-token ratio, detached": "exact with the drawn prefixes held fixed",
    "token k2 x cumulative ratio, detached": "exact with prefixes held fixed",
    "token k2 x sequence ratio, detached, clipped": "exact with prefixes held fixed on-policy only",
    "token k2 x sequence-mean ratio, differentiated": "biased",
    "token k3 x own-token ratio, detached": "gradient of the other divergence with the drawn prefixes held fixed",
    "token k3 x own-token ratio, differentiated": "exact with the drawn prefixes held fixed",
    "token k3 x cumulative ratio, detached": "gradient of the other divergence with prefixes held fixed",
    "token k3 x sequence ratio, differentiated": "exact",
    "token k3 x sequence-mean ratio, differentiated, clipped": "biased",
    "k1 in reward, return to go x own-token ratio": "exact on-policy only",
    "k1 in reward, return to go x cumulative ratio": "exact",
    "k2 of the sequence x sequence ratio, detached": "exact",
    "k3 of the sequence x sequence ratio, detached": "gradient of the other divergence",
    "exact KL at each prefix x cumulative ratio, detached": "exact with prefixes held fixed",
    "exact KL at each prefix x cumulative ratio, differentiated, clipped": "exact on-policy only",
}


@pytest.mark.parametrize("drawn_from", [[0.7, 0.5], [0.6, 0.3], [0.6 + 1e-9, 0.3]])
def test_a_verdict_holds_whatever_draws(drawn_from: list[float]) -> None:
    """Where O is the policy, or is so but for a billionth, or where the policy is the reference, many agree there."""
    for reference in ([0.5, 0.6], [0.6, 0.3]):
        lab = policy_sequences(steps_policy=[0.6, 0.3], steps_reference=reference, drawn_from=drawn_from, clip=0.2)
        found = {row.entry.name: row.verdict for row in lab.gradient_rows}
        assert {name: found[name] for name in VERDICTS} == VERDICTS


def of(lab: PolicySequences) -> dict[str, tuple[Any, ...]]:
    """The numbers of every row by its name."""
    gradients = {
        f"∇ {row.entry.name}": (*row.comparison.mean, row.trace_covariance, row.draws) for row in lab.gradient_rows
    }
    return gradients | {row.estimator: row[1:] for row in lab.value_rows}


def test_where_the_policy_draws_a_ratio_changes_no_number() -> None:
    text = json.dumps(nested())
    of_policy = json.loads(text, object_hook=lambda x: x | {"drawn_from": x["policy"]} if "then" in x else x)
    alone = json.loads(text, object_hook=lambda x: {name: each for name, each in x.items() if name != "drawn_from"})
    found, wanted = of(policy_sequences(of_policy, clip=0)), of(policy_sequences(alone))
    assert len(wanted) == len(SEQUENCE_ESTIMATORS) + 9
    for name, numbers in wanted.items():
        assert found[name] == pytest.approx(numbers, rel=1e-12, abs=1e-15), name
    for name in wanted:
        for ratio in ("own-token", "cumulative", "sequence", "sequence-mean"):
            if f"{name} x {ratio} ratio" in found:
                assert found[f"{name} x {ratio} ratio"] == pytest.approx(found[name], rel=1e-12, abs=1e-15)


def with_rare(e: float) -> dict[str, Any]:
    """The policy gives e to tokens that are drawn with 0.3 and 0.5, one of them after the other."""

    def node(*pmfs: list[float], **then: Any) -> dict[str, Any]:
        return {side: dict(zip("abc", pmf, strict=False)) for side, pmf in zip(SIDES, pmfs, strict=True)} | {
            "then": then
        }

    rare = node([1 - e, e], [0.7, 0.3], [0.5, 0.5])
    usual = node([0.3, 0.7], [0.7, 0.3], [0.5, 0.5])
    return node([0.6 - e, 0.4, e], [0.3, 0.5, 0.2], [0.4, 0.3, 0.3], a=rare, b=usual, c=rare)


def test_what_the_policy_cannot_draw_has_the_limit_of_what_it_hardly_draws() -> None:
    """Drawn are sequences with none, one and two impossible tokens; a ratio clipped from below is not 0 there."""
    rare, never = policy_sequences(with_rare(1e-11), clip=0.3), policy_sequences(with_rare(0), clip=0.3)
    near, limit = of(rare), of(never)
    infinite = {f"∇ {row.entry.name}" for row in never.gradient_rows if row.verdict == "infinite"}
    infinite |= {row.estimator for row in never.value_rows if row.infinite_share}
    for name in near.keys() - infinite - {"∇ token k1 x sequence-mean ratio, detached"}:  # (p/o)^(1/2) is 3e-6
        assert limit[name] == pytest.approx(near[name], rel=1e-7, abs=1e-7), name
    plain = {name for name in limit if "mean" not in name and "clipped" not in name and " x " in name}
    assert plain & infinite == {"∇ k1 in reward, return to go x own-token ratio"}
    assert {row.infinite_share for row in never.gradient_rows} == {0.0, 0.5}
    assert never.sentences[2].startswith("With probability 0.5 a sequence has a token with probability 0 under P")
    exact = [row.entry.name for row in never.gradient_rows if row.exact_here]
    assert exact == [row.entry.name for row in rare.gradient_rows if row.exact_here]
    assert len(exact) == 9


def test_what_is_never_drawn_no_ratio_makes_up_for() -> None:
    lab = policy_sequences(steps_policy=[0.6, 0.3], steps_reference=[0.5, 0.6], drawn_from=[0.5, 0])
    found = {row.entry.name: row.verdict for row in lab.gradient_rows}
    assert found["token k3 x sequence ratio, differentiated"] == "exact where all is drawn"
    assert found["token k2 x cumulative ratio, detached"] == "exact with prefixes held fixed where all is drawn"
    assert "18 % of the sequences of P are never drawn: no ratio can make up for them." in lab.sentences
    exact = [row.entry.name for row in lab.gradient_rows if row.exact_here]
    assert exact == ["exact KL at each prefix x cumulative ratio, differentiated"]  # each prefix of P is drawn


def test_the_command_prints_what_the_function_gives(mcdiv_command: Command, folder: Path) -> None:
    (folder / "tree.json").write_text(json.dumps(nested()))
    lab = policy_sequences(nested(), clip=0.2)
    printed = json.loads(mcdiv_command("policy", "--tree", "tree.json", "--clip", "0.2", "--json").stdout)
    assert [row["estimator"] for row in printed["gradients"]] == [*lab.gradients["estimator"]]
    assert [row["mean"] for row in printed["values"]] == pytest.approx([*lab.values["mean"]])
    assert (printed["drawn_length"], printed["sentences"]) == (lab.drawn_length, list(lab.sentences))
    steps = ("--steps-policy", "0.6, 0.3", "--steps-reference", "0.5, 0.6", "--drawn-from", "0.7, 0.5", "--clip", "0.2")
    block = mcdiv_command("policy", *steps, "--markdown").stdout
    assert "ratios are of P and O. Clipped ratios are kept within 1 ± 0.2.\n" in block
    assert block.endswith("--steps-reference '0.5, 0.6' --drawn-from '0.7, 0.5' --clip 0.2`.\n")


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        (["then", "a", "drawn_from"], None, "tree: then.a.drawn_from: expected a mapping of tokens to probabilities"),
        (["drawn_from"], None, "tree: then.a.drawn_from: is not there at the start; give it at every prefix"),
        (
            ["drawn_from"],
            {"a": 0.5, "b": 0.5},
            "tree: drawn_from: has no entry for end, which policy has;",
        ),
        (["policy"], {"a": 1}, "tree: policy: has no entry for b, which reference has; add it with 0"),
        (["drawn_from", "a"], 0.7, "tree: drawn_from: sums to 1.1; probabilities must sum to 1 (within 1e-9)"),
    ],
)
def test_a_mistake_in_what_draws_is_a_line_with_its_place(path: list[str], value: Any, said: str) -> None:
    tree = nested()
    *above, last = path
    node = tree
    for key in above:
        node = node[key]
    node.pop(last)
    if value is not None:
        node[last] = value
    with pytest.raises(ScenarioError) as error:
        policy_sequences(tree)
    assert error.value.problems[0].startswith(said)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (
            ("--drawn-from", "0.7, 0"),
            "--steps-policy has 1 step, --steps-reference has 1 step, --drawn-from has 2",
        ),
        (("--drawn-from", "x"), "--drawn-from: expected a list of probabilities to go on, got x"),
        (("--drawn-from", "0.7", "--clip", "-1"), "--clip: expected a number >= 0, got '-1'"),
        (("--clip", "0.2"), "--clip: the policy draws, so that every ratio is 1; 'drawn_from' says what else does"),
    ],
)
def test_options_that_do_not_fit_are_one_line(mcdiv_command: Command, asked: tuple[str, ...], said: str) -> None:
    steps = ("--steps-policy", "0.6", "--steps-reference", "0.5")
    (line,) = mcdiv_command("policy", *steps, *asked, code=2).stderr.splitlines()
    assert line.startswith(said)


def test_the_page_has_the_formula_of_every_kind_of_row() -> None:
    page = (ROOT / "docs" / "policy.md").read_text(encoding="utf-8")
    for entry in RATIO_ESTIMATORS.values():
        assert f" | {entry.card.formula} |" in page


def test_a_tree_with_its_own_takes_no_other() -> None:
    with pytest.raises(ValueError, match="drawn_from: a tree has its own, beside 'policy' at every prefix"):
        policy_sequences(nested(), drawn_from=[0.5])

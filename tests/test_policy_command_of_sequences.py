"""`mcdiv policy` of sequences and of the largest probabilities: the command beside the functions."""

import json
import math
from pathlib import Path

import pandas as pd
import pytest
from conftest import Command
from numpy.testing import assert_allclose

import mcdiv

STEPS = ("--steps-policy", "0.6, 0.3", "--steps-reference", "[1/2, 3/5]")
TEACHER = ("--policy", "0.5, 0.25, 0.05, 0.1, 0.1", "--reference", "0.6, 0.3, 0.04, 0.03, 0.03")
TREE = "policy: {a: 0.6, end: 0.4}\nreference: {a: 0.5, end: 0.5}\n"


def as_frame(records: list[dict[str, object]]) -> pd.DataFrame:
    return pd.DataFrame(records).replace("inf", math.inf).replace({None: math.nan})


def test_the_command_prints_as_json_and_writes_as_csv_what_the_function_of_sequences_gives(
    mcdiv_command: Command, folder: Path
) -> None:
    printed = json.loads(mcdiv_command("policy", *STEPS, "--json", "-o", "g.csv").stdout)
    lab = mcdiv.policy_sequences(steps_policy=[0.6, 0.3], steps_reference=[0.5, 0.6])
    for name, table in (("values", lab.values), ("gradients", lab.gradients)):
        pd.testing.assert_frame_equal(as_frame(printed[name]), table, check_dtype=False, rtol=1e-12)
    assert printed["sentences"] == list(lab.sentences)
    assert [printed[name] for name in ("mean_length", "sequences", "logits")] == [1.6, 3, ["step 1", "step 2"]]
    assert_allclose(pd.read_csv(folder / "g.csv")["gradient_1"], lab.gradients["gradient_1"], rtol=0)


def test_the_screen_has_the_values_the_gradients_and_which_of_them_are_exact(mcdiv_command: Command) -> None:
    printed = mcdiv_command("policy", *STEPS).stdout
    assert printed.startswith(
        "3 sequences, 1.6 tokens long on average under P (the last one counts): KL(P‖Q) = 0.130408 nats"
    )
    line = next(line for line in printed.splitlines() if line.startswith(" k3 of the sequence in loss"))
    assert line.split()[-4:] == ["0.9899", "–", "0.1", "−0.15"]
    assert "Exact here: k1 in reward, return to go; " in printed


def test_a_tree_in_a_file_is_the_steps_and_a_block_is_pasted(mcdiv_command: Command, folder: Path) -> None:
    (folder / "tree.yaml").write_text(TREE)
    of_steps = mcdiv_command("policy", *STEPS, "--markdown").stdout
    assert of_steps.endswith("Made by `mcdiv policy --steps-policy '0.6, 0.3' --steps-reference '[1/2, 3/5]'`.\n")
    of_tree = mcdiv_command("policy", "--tree", "tree.yaml", "--markdown").stdout
    assert "2 sequences, 1 token long on average under P" in of_tree
    assert "| k3 of the sequence in loss | no | gradient of the other divergence | 0.02763 | 1 | – |" in of_tree


def test_the_command_prints_as_json_and_writes_as_csv_what_the_function_of_the_largest_gives(
    mcdiv_command: Command, folder: Path
) -> None:
    asked = (*TEACHER, "--top-k", "2", "--kept-by", "reference", "--clip-terms", "0.05")
    printed = json.loads(mcdiv_command("policy", *asked, "--json", "-o", "k.csv").stdout)
    p, q = [0.5, 0.25, 0.05, 0.1, 0.1], [0.6, 0.3, 0.04, 0.03, 0.03]
    found = mcdiv.top_k_divergence(p, q, 2, kept_by="reference", clip=0.05)
    pd.testing.assert_frame_equal(as_frame(printed["values"]), found.values, check_dtype=False, rtol=1e-12)
    assert (printed["kept"], printed["kept_by"], printed["policy_share"]) == ([0, 1], "reference", 0.75)
    assert_allclose(pd.read_csv(folder / "k.csv")["value"], found.values["value"], rtol=0)
    assert repr(found) == "<mcdiv.TopKDivergence: 2 of 5 categories, KL(P‖Q) at least 0.0923315 nats>"


def test_the_screen_says_what_each_number_of_the_largest_is(mcdiv_command: Command) -> None:
    printed = mcdiv_command("policy", *TEACHER, "--top-k", "2").stdout
    assert printed.startswith("Kept: the 2 most probable categories of P, of 5, with 75 % of P and 90 % of Q.\n")
    assert "tail bucket                  0.0923315      lower bound" in printed
    block = mcdiv_command("policy", *TEACHER, "--top-k", "2", "--markdown").stdout
    assert "| KL(P‖Q) | truncated sum | −0.136741 | no bound |" in block
    made = "--policy '0.5, 0.25, 0.05, 0.1, 0.1' --reference '0.6, 0.3, 0.04, 0.03, 0.03' --top-k 2 --kept-by policy"
    assert block.endswith(f"\nMade by `mcdiv policy {made}`.\n")


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (
            ("--steps-policy", "0.6"),
            "--steps-reference: give the probabilities to go on at each step, such as 0.6, 0.3",
        ),
        (
            ("--steps-policy", "0.6, x", "--steps-reference", "0.5"),
            "--steps-policy: expected a list of probabilities to go on, got 0.6, x",
        ),
        (
            ("--steps-policy", "0.6, 2", "--steps-reference", "0.5"),
            "--steps-policy[1]: expected a probability in [0, 1], got 2.0",
        ),
        (("--tree", "no.yaml"), "no.yaml: there is no such file"),
        (("--tree", "no.yaml", "--steps-policy", "1"), "--tree: holds P and Q; --steps-policy does not go with it"),
        (("--tree", "no.yaml", "--drawn-from", "0.2"), "--tree: --drawn-from does not go with it"),
        (("--tree", "no.yaml", "--rate", "1"), "--tree: --rate does not go with it"),
        (
            (*STEPS, "--json", "--markdown"),
            "--json and --markdown do not go together: each is a form of what is printed",
        ),
        (("--tree", "no.yaml", "--top-k", "2"), "--tree: --top-k does not go with it"),
        (("--tree", "no.yaml", "--normalise"), "--tree: an option of how files are read does not go with it"),
        ((*TEACHER, "--top-k", "2", "--steps", "3"), "--top-k: --steps does not go with it"),
        ((*TEACHER, "--top-k", "6"), "--top-k: expected a whole number from 1 to 5, the number of categories, got '6'"),
        ((*TEACHER, "--top-k", "2", "--clip-terms", "-1"), "--clip-terms: expected a number >= 0, got '-1'"),
        (
            (*TEACHER[:2], "--top-k", "2"),
            "--reference: give the probabilities of the reference, such as '0.5, 0.3, 0.2'",
        ),
        (
            (*TEACHER[:2], "--reference", "0.5, 0.5", "--top-k", "2"),
            "--policy has 5 categories, --reference has 2; they must be the same",
        ),
    ],
)
def test_what_does_not_fit_is_one_line(mcdiv_command: Command, asked: tuple[str, ...], said: str) -> None:
    result = mcdiv_command("policy", *asked, code=2)
    assert result.stderr == said + "\n"

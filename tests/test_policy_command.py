"""`mcdiv policy` and `mcdiv.policy`: the tables, what is refused, and what is said."""

import json
import math
import shlex
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from conftest import Command
from numpy.testing import assert_allclose

import mcdiv

GOLDEN = ("--policy", "0.5, 0.3, 0.2", "--reference", "[7/10, 1/5, 1/10]")
OFF = (*GOLDEN, "--drawn-from", "0.4, 0.4, 0.2", "--clip", "0.2")
P, Q, DRAWN = [0.5, 0.3, 0.2], [0.7, 0.2, 0.1], [0.4, 0.4, 0.2]


def test_the_tables_have_the_promised_columns_and_a_row_for_each_combination_that_makes_sense() -> None:
    lab = mcdiv.policy(P, Q, DRAWN, clip=0.2)
    assert list(lab.values)[:5] == ["estimator", "weight", "mean", "bias", "sd"]
    promised = ["estimator", "placement", "weight", "clipped", "gradient_0", "gradient_1", "gradient_2"]
    assert list(lab.gradients)[:11] == [*promised, "relative_error", "cosine", "trace_covariance", "verdict"]
    keys = lab.gradients[["estimator", "placement", "weight", "clipped"]]
    assert len(keys) == 25 and not keys.duplicated().any()
    assert len(mcdiv.policy(P, Q).gradients) == 16
    assert repr(lab) == "<mcdiv.PolicyLab: KL(P‖Q) = 0.0920329 nats, 5 of 25 gradients exact>"


@pytest.mark.slow
def test_the_command_prints_as_json_and_writes_as_csv_what_the_function_gives(
    mcdiv_command: Command, folder: Path
) -> None:
    printed = json.loads(mcdiv_command("policy", *OFF, "--json", "--steps", "3", "-o", "g.csv").stdout)
    lab = mcdiv.policy(P, Q, DRAWN, clip=0.2)
    for name, table in (("values", lab.values), ("gradients", lab.gradients), ("steps", lab.steps(3))):
        found = pd.DataFrame(printed[name]).replace("inf", math.inf).replace({None: math.nan})
        pd.testing.assert_frame_equal(found, table.replace({None: math.nan}), check_dtype=False, rtol=1e-12)
    assert printed["sentences"] == list(lab.sentences)
    written = pd.read_csv(folder / "g.csv", keep_default_na=False, na_values=[""])
    assert_allclose(written["gradient_0"], lab.gradients["gradient_0"], rtol=0)


@pytest.mark.slow
def test_the_screen_says_which_rows_are_exact_and_what_the_others_are(mcdiv_command: Command) -> None:
    printed = mcdiv_command("policy", *OFF).stdout
    assert "drawn from (0.4, 0.4, 0.2); KL(P‖Q) = 0.09203 nats, KL(Q‖P) = 0.08512 nats" in printed
    assert (
        "k1 in the loss, weight differentiated needs 11.7 times as many draws as k1 in the reward, weight detached "
        "for the same total variance."
    ) in printed
    assert "Off the policy, the expectation for k1 in the loss is o − p" in printed
    assert "o − p" not in mcdiv_command("policy", *GOLDEN).stdout


def test_the_block_to_paste_is_one_markdown_table_with_what_it_was_made_of(mcdiv_command: Command) -> None:
    block = mcdiv_command("policy", *OFF, "--markdown").stdout
    rows = [line for line in block.splitlines() if line.startswith("|")]
    assert len(rows) == 25 + 2 and {line.count("|") for line in rows} == {9}
    assert "| k3 | loss | none | no | gradient of the other divergence on-policy only | 0.1624 | 0.9893 | – |" in rows
    assert "| k3 | loss | differentiated | yes | exact | 0 | 1 | 1 |" in rows
    assert "drawn from O = (0.4, 0.4, 0.2); weights clipped to 1 ± 0.2." in block
    assert "∇KL(P‖Q) in the logits of P is (−0.2143, 0.09403, 0.1202)." in block
    (made,) = (line for line in block.splitlines() if line.startswith("Made by "))
    words = shlex.split(made.removeprefix("Made by `").removesuffix("`."))
    assert mcdiv_command(*words[1:], "--markdown").stdout == block


@pytest.mark.slow
def test_files_pair_their_categories_by_name(mcdiv_command: Command, folder: Path) -> None:
    (folder / "p.csv").write_text("token,probability\nthe,0.5\na,0.3\nan,0.2\n")
    (folder / "q.csv").write_text("token,probability\na,0.2\nan,0.1\nthe,0.7\n")
    (folder / "counts.csv").write_text("token,count\nan,10\nthe,50\na,30\n")
    printed = mcdiv_command("policy", "--policy", "p.csv", "--reference", "q.csv").stdout
    assert "KL(P‖Q) = 0.09203 nats" in printed and "p.csv: read as " in printed
    counted = mcdiv_command("policy", "--policy", "counts.csv", "--reference", "q.csv").stdout
    assert "taken as shares of their sum" in counted
    said = mcdiv_command("policy", "--policy", "p.csv", "--reference", "0.7, 0.2, 0.1", code=2).stderr
    assert "give both as files, or write both out" in said


def test_labels_pair_the_categories_of_a_call(folder: Path) -> None:
    shuffled = mcdiv.policy(pd.Series(P, ["a", "b", "c"]), {"c": 0.1, "a": 0.7, "b": 0.2})
    assert shuffled.kl_divergence == pytest.approx(0.09203285023383191, rel=1e-14)
    with pytest.raises(ValueError, match="reference has no entry for 'c', which policy has"):
        mcdiv.policy({"a": 0.5, "c": 0.5}, {"a": 1.0})
    assert mcdiv.policy({"a": 0.5, "c": 0.5}, {"a": 1.0}, fill=0).kl_divergence == math.inf


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--policy", "0.5, 0.5"), "--reference: give the probabilities of the reference, such as '0.5, 0.3, 0.2'"),
        (("--policy", "0.5, 0.4", "--reference", "0.6"), "--policy sums to 0.9; probabilities must sum to 1"),
        (("--policy", "0.5, 0.5", "--reference", "0.7, 0.2, 0.1"), "--policy has 2 categories, --reference has 3"),
        (("--policy", "0.5, -0.5", "--reference", "0.6"), "--policy[1] is -0.5; expected a probability"),
        (("--policy", "0.5, x", "--reference", "0.6"), "--policy 0.5, x: expected numbers, such as"),
        ((*GOLDEN, "--drawn-from", "0.5"), "--policy has 3 categories, --drawn-from has 2; they must be the same"),
        ((*GOLDEN, "--clip", "-0.1"), "--clip: expected a number >= 0, got '-0.1'"),
        ((*GOLDEN, "--steps", "1.5"), "--steps: expected a whole number from 0 to 10^6, got '1.5'"),
        ((*GOLDEN, "--steps", "5", "--rate", "0"), "--rate: expected a number above 0 and up to 10^6, got '0'"),
        (("--policy", "there/is/none.csv", "--reference", "0.5"), "there/is/none.csv: there is no such file"),
        (("--policy", "", "--reference", "0.5"), "--policy : expected numbers, such as 0.5, 0.3, 0.2"),
        (("--policy", "uniform: {k: [2, 3]}", "--reference", "0.5"), "expected one distribution, got 2"),
    ],
)
def test_bad_input_is_one_line(arguments: tuple[str, ...], said: str, mcdiv_command: Command) -> None:
    (line,) = mcdiv_command("policy", *arguments, code=2).stderr.splitlines()
    assert said in line


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--json", "--markdown"), "--json and --markdown do not go together"),
        (("--markdown", "--steps", "3"), "--steps is not in the block that --markdown prints"),
        (("--rate", "0.5"), "--rate is the size of --steps, which is not given"),
    ],
)
def test_options_that_say_two_things_are_refused(options: tuple[str, ...], said: str, mcdiv_command: Command) -> None:
    assert said in mcdiv_command("policy", *GOLDEN, *options, code=2).stderr


def test_an_existing_table_is_not_overwritten(mcdiv_command: Command, folder: Path) -> None:
    (folder / "mine.csv").write_text("kept")
    mcdiv_command("policy", *GOLDEN, "-o", "mine.csv", code=2)
    assert (folder / "mine.csv").read_text() == "kept"


@pytest.mark.parametrize(
    ("p", "q", "o", "said"),
    [
        ([1.0], [1.0], None, "∇KL(P‖Q) is 0 here, so relative errors and cosines are undefined."),
        (P, P, DRAWN, "∇KL(P‖Q) is 0 here"),
        ([0.25, 0.75], [1.0, 0.0], None, "75 % of the policy's probability is in categories to which the reference"),
        (
            [0.25, 0.75],
            [0.5, 0.5],
            [1.0, 0.0],
            "75 % of the policy's probability is in categories that are never drawn",
        ),
        ([1.0, 0.0], [0.5, 0.5], [0.8, 0.2], "With probability 0.2 a draw has probability 0 under the policy"),
        ([1.0, 0.0], [0.5, 0.5], [0.8, 0.2], "Infinite or undefined with probability 0.2, as a value: k1; k2; k3."),
        ([0.25, 0.75], [1.0, 0.0], None, "No row is exact here."),
    ],
)
def test_what_zeros_do_is_said(p: list[float], q: list[float], o: list[float] | None, said: str) -> None:
    lab = mcdiv.policy(p, q, o)
    assert any(sentence.startswith(said) for sentence in lab.sentences)
    assert np.isfinite(lab.steps(2)["steps"]).all() and lab.markdown()


@pytest.mark.slow
def test_descents_end_at_the_reference_where_the_gradient_is_exact_and_never_begin_where_there_is_none() -> None:
    ends = mcdiv.policy(P, Q).steps(25, rate=4).set_index(["estimator", "placement", "weight"])
    assert ends.loc[("k1", "loss", "none"), "ends"] == "where it began"
    assert ends.loc[("k1", "loss", "none"), "steps"] == 0
    for row in (("k1", "reward", "none"), ("k2", "loss", "none"), ("k3", "loss", "none"), ("exact", "loss", "none")):
        assert ends.loc[row, "ends"] == "at the reference"
        assert_allclose(ends.loc[row, ["policy_0", "policy_1", "policy_2"]].to_numpy(float), Q, atol=1e-5)
    away = mcdiv.policy(P, Q, DRAWN).steps(15, rate=8).set_index(["estimator", "placement", "weight"])
    assert away.loc[("k1", "loss", "none"), "policy_0"] > 0.999
    assert away.loc[("k1", "loss", "none"), "kl_divergence"] == pytest.approx(math.log(1 / 0.7), rel=1e-6)


def test_one_step_of_a_descent_is_one_step_against_the_expected_gradient() -> None:
    lab = mcdiv.policy(P, Q, DRAWN)
    logits = np.log(P) - 0.5 * lab.gradients.loc[:, ["gradient_0", "gradient_1", "gradient_2"]].to_numpy()
    expected = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    assert_allclose(lab.steps(1, rate=0.5).loc[:, ["policy_0", "policy_1", "policy_2"]], expected, rtol=1e-12)


def test_a_vocabulary_is_one_call() -> None:
    rng = np.random.default_rng(5)
    p, q = rng.dirichlet(np.ones(2000), size=2)
    lab = mcdiv.policy(p, q, rng.dirichlet(np.ones(2000)), clip=0.2)
    table = lab.gradients
    assert table.shape == (25, 4 + 2000 + 6)
    assert (table.loc[table["verdict"] == "exact", "relative_error"] == 0).all()
    gradient = p * (np.log(p / q) - p @ np.log(p / q))
    assert_allclose(table.iloc[-1, 4:2004].to_numpy(float), gradient, rtol=1e-10, atol=1e-18)
    assert "2,000 probabilities" in lab.markdown()


def test_where_the_best_has_no_spread_the_others_take_infinitely_many_draws(mcdiv_command: Command) -> None:
    """At P = Q a reward of k1 is always 0; in the loss its score, with the weight, still varies."""
    printed = mcdiv_command("policy", "--policy", "0.5, 0.5", "--reference", "0.5, 0.5").stdout
    (row,) = [line for line in printed.splitlines() if line.split()[:3] == ["k1", "loss", "differentiated"]]
    assert row.split()[-3:] == ["∞", "0", "0"]
    said = (
        "No number of draws of k1 in the loss, weight differentiated is as good as one of k1 in the reward, which does"
    )
    assert said in printed


def test_the_table_says_what_its_columns_are(mcdiv_command: Command) -> None:
    said = mcdiv_command("policy", "--policy", "0.5, 0.5", "--reference", "0.4, 0.6").stdout
    assert "draws: how many are as good as one of the best exact estimator; 0 for the exact sum." in said

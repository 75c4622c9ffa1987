"""The map of coins: expected gradients as multiples of ∇KL(P‖Q), and how k3 spreads beside k1."""

import math
from pathlib import Path

import numpy as np
import pytest
from conftest import Command
from legibility import faults

import mcdiv
from mcdiv.core.arrays import Array
from mcdiv.policies.coin_map import SIZE, CoinMap, coin_map
from mcdiv.policies.rows import gradient_rows

COIN, OTHER = np.array([0.5, 0.5]), np.array([0.6, 0.4])


def map_of(o: Array | None, clip: float | None = None) -> CoinMap:
    return coin_map(gradient_rows(COIN, OTHER, COIN if o is None else o, clip), o)


def test_on_the_policy_the_map_has_four_gradients_that_are_not_the_same_multiple_everywhere() -> None:
    constants = {each.names: each.constant for each in map_of(None).gradients}
    (exact,) = (names for names, constant in constants.items() if constant == 1)
    assert exact == (
        *("k1 in the loss, weight differentiated", "k1 in the reward"),
        *("k2 in the loss", "k3 in the loss, weight differentiated"),
    )
    assert [names for names, constant in constants.items() if constant == 0] == [("k1 in the loss",)]
    assert [names for names, constant in constants.items() if constant is None] == [
        *(("k2 in the loss, weight differentiated",), ("k2 in the reward",)),
        *(("k3 in the loss",), ("k3 in the reward",)),
    ]


def test_multiples_are_those_of_the_closed_forms_of_a_coin() -> None:
    found = map_of(None)
    multiples = {each.names[0]: each.multiple for each in found.gradients}
    for i, j in ((0, 0), (3, 110), (60, 61), (119, 40)):
        p, q = (i + 0.5) / SIZE, (j + 0.5) / (SIZE + 1)
        heads, tails = math.log(p / q), math.log((1 - p) / (1 - q))
        assert multiples["k2 in the reward"][i, j] == pytest.approx((heads + tails) / 2, rel=1e-9)
        reverse = (p - q) / (p * (1 - p) * (heads - tails))
        assert multiples["k3 in the loss"][i, j] == pytest.approx(reverse, rel=1e-9)
        assert multiples["k3 in the reward"][i, j] == pytest.approx(1 - reverse, rel=1e-6, abs=1e-9)
        assert multiples["k2 in the loss, weight differentiated"][i, j] == pytest.approx(
            1 + (heads + tails) / 2, rel=1e-9
        )
        assert found.sd_ratio[i, j] == pytest.approx(abs(1 - reverse), rel=1e-6, abs=1e-9)


def test_k2_in_the_reward_points_away_wherever_the_policy_is_further_from_fair_than_the_reference() -> None:
    found = map_of(None)
    (multiple,) = (each.multiple for each in found.gradients if each.names == ("k2 in the reward",))
    p, q = np.meshgrid(found.policies, found.references, indexing="ij")
    further = p * (1 - p) < q * (1 - q)
    assert ((multiple < 0) == further).all()


def test_k3_spreads_more_than_k1_for_a_sixth_of_all_coins_and_in_the_reward_points_away_for_three_fifths() -> None:
    shares = np.arange(1, 1000) / 1000
    p, q = np.meshgrid(shares, shares, indexing="ij")
    with np.errstate(divide="ignore", invalid="ignore"):
        reverse = ((q - p) / (p * (1 - p) * (np.log(q / (1 - q)) - np.log(p / (1 - p)))))[p != q]
    ratio = np.abs(1 - reverse)  # the sd of k3 over that of k1; and 1 − reverse is k3 in the reward
    assert (reverse > 1).mean() == pytest.approx(0.608, abs=2e-3)
    assert (np.abs(reverse - 1) < 0.1).mean() == pytest.approx(0.298, abs=2e-3)
    assert (ratio > 1).mean() == pytest.approx(0.163, abs=5e-4)
    assert ratio.max() == pytest.approx(97.9, abs=0.05)
    assert (map_of(None).sd_ratio > 1).mean() == pytest.approx((ratio > 1).mean(), abs=0.003)


@pytest.mark.slow
def test_off_the_policy_the_map_agrees_with_the_rows_of_one_pair() -> None:
    o = np.array([0.3, 0.7])
    found = map_of(o, 0.2)
    i, j = 77, 30
    p, q = (np.array([heads, 1 - heads]) for heads in (found.policies[i], found.references[j]))
    rows = {row.name: row.comparison for row in gradient_rows(p, q, o, 0.2) if row.estimator != "exact"}
    multiples = {name: each.multiple[i, j] for each in found.gradients for name in each.names}
    assert multiples.keys() == rows.keys()
    for name, comparison in rows.items():
        assert multiples[name] == pytest.approx(comparison.mean[0] / comparison.kl[0], rel=1e-9, abs=1e-12), name


def test_what_is_no_coin_and_a_name_without_a_format_are_refused(mcdiv_command: Command, folder: Path) -> None:
    more = ("policy", "--policy", "uniform: 3", "--reference", "0.2, 0.3, 0.5", "--plot", "more.svg")
    assert "--plot: the map is of coins, and the policy has 3 categories" in mcdiv_command(*more, code=2).stderr
    coins = ("policy", "--policy", "0.5", "--reference", "0.6", "--plot")
    assert "expected a name that ends in .svg" in mcdiv_command(*coins, "map.gif", code=2).stderr
    (folder / "map.png").write_text("kept")
    assert "map.png" in mcdiv_command(*coins, "map.png", code=2).stderr
    assert (folder / "map.png").read_text() == "kept"


@pytest.mark.slow
def test_the_command_draws_coins(mcdiv_command: Command, folder: Path) -> None:
    printed = mcdiv_command("policy", "--policy", "0.5", "--reference", "0.6", "--plot", "map.png").stdout
    assert printed.endswith("wrote map.png\n") and (folder / "map.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.slow
@pytest.mark.parametrize("o", [None, [0.3, 0.7]])
def test_nothing_is_cut_or_overprinted_in_the_picture(o: list[float] | None) -> None:
    assert faults(mcdiv.policy([0.5, 0.5], [0.6, 0.4], o).draw()) == []


@pytest.mark.slow
def test_the_title_of_the_picture_says_what_is_exact_and_what_is_nothing_everywhere() -> None:
    title = mcdiv.policy([0.5, 0.5], [0.6, 0.4], [0.3, 0.7]).draw().get_suptitle().replace("\n", " ")
    assert "drawn from a coin with P(heads) = 0.3" in title
    assert "1 everywhere: k1 in the loss, weight differentiated; k1 in the reward, weight detached; " in title
    assert "0 everywhere: k1 in the loss, weight detached" in title

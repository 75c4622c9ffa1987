"""Gradient estimators in a study: exact bias and spread by component, simulated, clipped, and of a user's own."""

import json
import math
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import Command
from small import scenario_of, small

import mcdiv
from mcdiv.estimators.registry import names
from mcdiv.files.yaml_text import write_text
from mcdiv.policies.contract import GRADIENT_ESTIMATORS, gradient_estimator
from mcdiv.scenario.model import read_scenario

REFERENCE = json.loads((Path(__file__).parent / "reference" / "policies.json").read_text(encoding="utf-8"))
ON, OFF = REFERENCE["kl_lab_on_policy"], REFERENCE["kl_lab_off_policy"]
TRUE = ON["values"]["grad KL(p||q)"]
P, Q, DRAWN = ON["input"]["policy p"], ON["input"]["reference q"], OFF["input"]["drawn from o"]
COMPONENTS = [f"kl_gradient(category={j})" for j in range(3)]


def study(**changes: Any) -> dict[str, Any]:
    return {
        "truth": {"categorical": [P]},
        "model": {"categorical": [Q]},
        "estimands": COMPONENTS,
        "sample_sizes": [3],
        "replicates": 2000,
    } | changes


def label_of(name: str) -> str:
    """The label of a row of the reference: "k1 grad loss, weight detached and clipped"."""
    estimator, _, rest = name.partition(" grad ")
    placement, _, weight = rest.partition(", ")
    kind = "differentiated" if "differentiated" in weight else "none" if weight == "no weight" else "detached"
    given = [f"weight={kind}"] * (kind != "none") + ["clip=0.2"] * ("clipped" in weight)
    return f"{estimator}_{placement}" + (f"({', '.join(given)})" if given else "")


def golden(case: Any) -> dict[str, Any]:
    return {label_of(name): row for name, row in case["values"]["rows"].items() if " grad " in name}


@pytest.mark.slow
@pytest.mark.parametrize(("case", "drawn", "size"), [(ON, None, 3), (OFF, DRAWN, 3), (OFF, DRAWN, 3000)])
def test_the_bias_and_spread_of_each_component_are_those_of_the_reference(case: Any, drawn: Any, size: int) -> None:
    rows = golden(case)
    changes = {} if drawn is None else {"drawn_from": {"categorical": [drawn]}}
    found = mcdiv.run(scenario_of(**study(estimators=[*rows], sample_sizes=[size], **changes))).rows
    assert len(found) == 3 * len(rows)
    for row in found:
        j, expected = COMPONENTS.index(row.task.estimand), rows[row.task.label]
        assert row.true_value == pytest.approx(TRUE[j], rel=1e-13)
        assert row.exact["bias"] == pytest.approx(expected["grad"][j] - TRUE[j], rel=1e-11, abs=1e-15)
        if "bias_cv" in row.simulated:
            controlled = row.simulated["bias_cv"]
            assert abs(controlled.value - row.exact["bias"]) <= 5 * controlled.mcse + 1e-15
        simulated = row.simulated["bias"]
        assert abs(simulated.value - row.exact["bias"]) <= 5 * simulated.mcse + 1e-15
    for label, expected in rows.items():
        variances = [row.exact["sd"] ** 2 for row in found if row.task.label == label]
        assert size * math.fsum(variances) == pytest.approx(expected["trace_cov_one_draw"], rel=1e-11)


def test_the_exact_one_is_the_same_for_every_sample() -> None:
    for row in mcdiv.run(scenario_of(**study(estimators=["exact_loss"], drawn_from={"uniform": 3}))).rows:
        assert row.exact["bias"] == row.exact["sd"] == row.simulated["sd"].value == 0


def test_every_gradient_estimator_of_the_catalogue_is_one_of_a_study() -> None:
    assert list(GRADIENT_ESTIMATORS) == [name for name in names() if name in GRADIENT_ESTIMATORS]
    found = mcdiv.run(scenario_of(**study(estimators=[*GRADIENT_ESTIMATORS], mode="exact"))).rows
    assert len(found) == 3 * len(GRADIENT_ESTIMATORS)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {"estimators": ["k3_loss(clip=0.2)"]},
            "k3_loss(clip=0.2): clip: there is no weight to clip; exp",
        ),
        ({"estimators": ["k3_loss(weight=twice)"]}, "expected none or detached or differentiated, got 'twice'"),
        ({"estimators": ["k3_loss(weight=detached, clip=-1)"]}, "expected a number >= 0, got"),
        ({"estimands": ["kl_divergence"], "estimators": ["k3_loss"]}, "k3_loss does not estimate kl_divergence"),
        ({"model_sample_sizes": [9], "estimators": ["k3_loss"]}, "k3_loss needs a known model"),
    ],
)
def test_what_does_not_fit_is_said_in_one_line(changes: dict[str, Any], said: str) -> None:
    _, problems = read_scenario(small(**study(**changes)))
    assert len(problems) == 1
    assert said in str(problems[0].message)


def test_draws_that_are_infinite_have_their_sign_and_two_signs_are_undefined() -> None:
    # The policy has no third category, which is drawn: k1 is −∞ there.
    common = {"p": [0.5, 0.5, 0.0], "q": [0.25, 0.25, 0.5], "estimator": "k1_reward"}
    found = [
        float(mcdiv.estimate(f"kl_gradient(category={j})", [1, 1, 1], drawn_from=[0.25, 0.5, 0.25], **common))
        for j in range(3)
    ]
    assert found == [math.inf, math.inf, -math.inf]


@pytest.fixture
def own() -> Iterator[str]:
    @gradient_estimator
    def half_squared(p, q, o):  # type: ignore[no-untyped-def]
        """k2 in the loss, written out."""
        return np.log(p / q)

    yield "half_squared"


def test_an_estimator_of_a_users_own_is_in_a_study(own: str) -> None:
    changes = study(estimators=["k2_loss", own], drawn_from={"categorical": [DRAWN]})
    found = mcdiv.run(scenario_of(**changes)).rows
    for shipped, mine in zip(found[::2], found[1::2], strict=True):
        assert mine.exact["bias"] == pytest.approx(shipped.exact["bias"], rel=1e-12)
        assert mine.simulated["bias"].value == pytest.approx(shipped.simulated["bias"].value, rel=1e-12)


PLUGIN = '''
import numpy as np
from mcdiv.policies.contract import gradient_estimator

@gradient_estimator
def per_draw(p, q, o):
    """A gradient for each draw: k1 in the reward with its mean as a baseline."""
    k1 = np.log(p / q)
    return (k1 - p @ k1)[:, None] * (np.eye(len(p)) - p)
'''


def test_a_plug_in_of_a_gradient_is_run_listed_and_shown(mcdiv_command: Command, folder: Path) -> None:
    Path("mine.py").write_text(PLUGIN, encoding="utf-8")
    scenario = small(**study(name="own", estimators=["per_draw", "k1_reward"]))
    Path("own.yaml").write_text(write_text(scenario), encoding="utf-8")
    assert "unknown estimator 'per_draw'" in mcdiv_command("check", "own.yaml", code=2).stderr
    mcdiv_command("exact", "own.yaml", "--plugin", "mine.py")
    shown = mcdiv_command("show", "per_draw", "--plugin", "mine.py").stdout
    assert "k1 in the reward with its mean as a baseline" in shown
    assert "left out" in shown
    rows = mcdiv.exact("own.yaml", plugins=["mine.py"]).rows
    for mine, shipped in zip(rows[::2], rows[1::2], strict=True):
        # A baseline that does not depend on the draw leaves the mean as it is, and takes noise away.
        assert mine.exact["bias"] == pytest.approx(0, abs=1e-16)
        assert mine.exact["sd"] < shipped.exact["sd"]


def test_a_plug_in_of_a_gradient_has_a_row_with_a_verdict_beside_those_that_ship(folder: Path) -> None:
    Path("mine.py").write_text(PLUGIN, encoding="utf-8")
    pmfs = [[float(Fraction(each)) for each in side] for side in (P, Q)]
    found = mcdiv.policy(*pmfs, plugins=["mine.py"]).gradients.set_index("estimator").loc["per_draw"]
    assert [found[f"gradient_{j}"] for j in range(3)] == pytest.approx(TRUE, rel=1e-12)
    assert found["verdict"] == "exact on-policy only"


BROKEN = """
from mcdiv.policies.contract import gradient_estimator

@gradient_estimator
def broken(p, q, o):
    raise KeyError("nothing")
"""


def test_a_plug_in_that_fails_is_one_line_in_a_table_and_a_problem_in_a_study(
    mcdiv_command: Command, folder: Path
) -> None:
    Path("broken.py").write_text(BROKEN, encoding="utf-8")
    asked = ("policy", "--policy", "0.5, 0.5", "--reference", "0.4, 0.6", "--plugin", "broken.py")
    said = mcdiv_command(*asked, code=2).stderr
    assert "gradient estimator 'broken' fails: KeyError: 'nothing'" in said
    assert said.count("\n") == 1
    found = mcdiv.run(scenario_of(**study(estimators=["broken", "k1_reward"])), plugins=["broken.py"])
    assert found.tables["problems"]["kind"].tolist().count("exception") == 3


def test_a_plug_in_may_not_take_the_name_of_an_estimator(mcdiv_command: Command, folder: Path) -> None:
    Path("mine.py").write_text(PLUGIN.replace("per_draw", "plugin"), encoding="utf-8")
    said = mcdiv_command("list", "estimators", "--plugin", "mine.py", code=2).stderr
    assert "'plugin' is an estimator and a gradient estimator; choose another name" in said


def test_hundreds_of_categories_have_bias_and_spread_without_listing() -> None:
    row = mcdiv.exact_performance(
        "kl_gradient(category=0)",
        estimator="k1_reward",
        truth=np.full(500, 1 / 500),
        model=np.r_[0.5, np.full(499, 0.5 / 499)],
        sample_size=100,
    )
    assert row.bias == 0
    assert row.sd > 0

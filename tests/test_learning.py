"""`mcdiv fit`: gradients, descents, what each step costs, the floor that finite data set, and the files."""

import hashlib
import itertools
import json
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from cases import examples, quick
from conftest import Command
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.figure import Figure
from mpmath import mp, mpf
from small import scenario_of, small

from mcdiv.core import learning
from mcdiv.engine.learning import fits
from mcdiv.engine.plan import plan_of
from mcdiv.files.yaml_text import write_text
from mcdiv.lessons.fit import plots
from mcdiv.lessons.fit.run import fit
from mcdiv.results.tables import learning as learning_tables
from mcdiv.scenario.model import read_scenario

pmfs = st.lists(st.floats(0.01, 1), min_size=2, max_size=6).map(lambda weights: np.array(weights) / sum(weights))
few = examples(25)
logits = st.lists(st.floats(-5, 5), min_size=2, max_size=6).map(np.array)


def divergences(p: np.ndarray, z: np.ndarray) -> tuple[mpf, mpf]:
    """H(P, Q) and KL(P‖Q) of q = softmax(z), with 40 digits, from their definitions."""
    with mp.workdps(40):
        weights = [mp.exp(mpf(float(value))) for value in z]
        q = [weight / sum(weights) for weight in weights]
        pairs = list(zip([mpf(float(value)) for value in p], q, strict=True))
        total = -sum(a * mp.log(b) for a, b in pairs if a)
        return total, sum(a * mp.log(a / b) for a, b in pairs if a)


@few
@given(logits, st.data())
def test_both_gradients_in_the_logits_are_the_derivatives_of_their_own_definition(
    z: np.ndarray, data: st.DataObject
) -> None:
    p = data.draw(st.lists(st.floats(0, 1), min_size=len(z), max_size=len(z)).filter(lambda w: sum(w) > 0.1))
    p = np.array(p) / sum(p)
    z = z - z[1] if len(z) == 2 else z
    step = 1e-12
    for which, gradient in enumerate((learning.cross_entropy_gradient, learning.kl_divergence_gradient)):
        found = gradient(z, p)
        for k in range(1 if len(z) == 2 else len(z)):
            with mp.workdps(40):
                up, down = (
                    [mpf(float(v)) + (sign * step if j == k else 0) for j, v in enumerate(z)] for sign in (1, -1)
                )
                expected = (_exactly(p, up)[which] - _exactly(p, down)[which]) / (2 * mpf(step))
            assert found[k] == pytest.approx(float(expected), abs=1e-13)
        assert len(z) > 2 or found[1] == 0


def _exactly(p: np.ndarray, z: list[mpf]) -> tuple[mpf, mpf]:
    weights = [mp.exp(value) for value in z]
    pairs = [(mpf(float(a)), weight / sum(weights)) for a, weight in zip(p, weights, strict=True) if a]
    return -sum(a * mp.log(b) for a, b in pairs), sum(a * mp.log(a / b) for a, b in pairs)


@few
@given(logits, st.data())
def test_a_newton_direction_solves_the_newton_equations(z: np.ndarray, data: st.DataObject) -> None:
    p = data.draw(pmfs.filter(lambda pmf: len(pmf) == len(z)) if len(z) == 2 else st.just(np.full(len(z), 1 / len(z))))
    z = z - z[1] if len(z) == 2 else z
    q = learning.softmax(z)
    hessian = np.diag(q) - np.outer(q, q)
    direction = learning.newton_direction(z, p)
    assert hessian @ direction == pytest.approx(q - p, abs=1e-12)
    if len(z) == 2:  # the textbook's: gradient over the second derivative of a coin's loss
        assert direction[0] == pytest.approx((q[0] - p[0]) / (q[0] * q[1]), rel=1e-9)


@few
@given(pmfs, st.floats(-30, 30))
def test_newton_finds_the_frequencies_from_anywhere(p: np.ndarray, first: float) -> None:
    start = np.array([first] + [0.0] * (len(p) - 1))
    assert learning.softmax(learning.newton(p, start, 200)[-1]) == pytest.approx(p, abs=1e-12)


@pytest.mark.parametrize("p", [[0.7, 0.3], [0.5, 0.2, 0.3], [0.1, 0.2, 0.3, 0.4]])
def test_gradient_descent_finds_the_frequencies(p: list[float]) -> None:
    trace = learning.gradient_descent(np.array(p), np.arange(len(p)) * 1.0, 800, lambda step: 1.0)
    assert learning.softmax(trace[-1]) == pytest.approx(p, abs=1e-12)


@pytest.mark.slow
@few
@given(pmfs)
def test_descents_never_go_up(p: np.ndarray) -> None:
    start = np.zeros(len(p))
    for trace in (learning.gradient_descent(p, start, 30, lambda step: 1.0), learning.newton(p, start, 30)):
        losses = [float(divergences(p, z)[1]) for z in trace]
        assert all(after <= before + 1e-15 for before, after in itertools.pairwise(losses))


def test_one_step_of_each_method_is_what_the_formulas_say() -> None:
    p, start = np.array([0.75, 0.25]), np.zeros(2)
    assert learning.gradient_descent(p, start, 1, lambda step: 0.5)[1].tolist() == [0.125, 0]
    assert learning.newton(p, start, 1)[1].tolist() == [1, 0]  # (q − p)/(q(1 − q)) = −0.25/0.25
    three = learning.gradient_descent(np.array([0.5, 0.25, 0.25]), np.log([0.25, 0.5, 0.25]), 1, lambda step: 1.0)
    assert three[1] - three[0] == pytest.approx([0.25, -0.25, 0], abs=1e-16)


def test_batches_of_all_draws_are_gradient_descent() -> None:
    counts, start = np.array([7, 2, 1]), np.zeros(3)
    rng = np.random.default_rng(1)
    batches = learning.mini_batches(counts, start, 20, lambda step: 0.5, 10, rng)
    assert (batches == learning.gradient_descent(counts / 10, start, 20, lambda step: 0.5)).all()


def test_every_pass_of_mini_batches_sees_every_draw_once() -> None:
    counts, size = np.array([7, 4]), 3  # batches of 3, 3, 3 and 2
    trace = learning.mini_batches(counts, np.zeros(2), 8, lambda step: 1.0, size, np.random.default_rng(3))
    q = learning.softmax(trace)[:-1, 0]
    heads = np.array([3, 3, 3, 2] * 2) * (q + np.diff(trace[:, 0]))  # z changes by p_batch − q
    assert heads == pytest.approx(heads.round(), abs=1e-9)
    assert heads[:4].sum() == pytest.approx(7)
    assert heads[4:].sum() == pytest.approx(7)


@pytest.mark.slow
def test_mini_batches_settle_where_their_steps_grow_smaller_and_not_otherwise() -> None:
    recipe = {"method": "sgd", "steps": 20_000, "learning_rate": 1, "batch_size": 5}
    (steady,) = fits(plan_of(scenario_of(sample_sizes=[100], learning=recipe)).seeded(7))
    (settling,) = fits(plan_of(scenario_of(sample_sizes=[100], learning=recipe | {"decay": 0.05})).seeded(7))
    assert settling.distance[-1000:].max() < 0.005
    assert steady.distance[-1000:].max() > 0.05


@pytest.mark.parametrize("truth", [{"coin": 0.7}, {"zipf": 5}])
def test_at_every_step_cross_entropy_less_divergence_is_entropy_and_the_gradients_are_one(truth: dict) -> None:
    changes = {"truth": truth, "model": None, "sample_sizes": [20, 100], "estimators": ["plugin"]}
    for found in fits(plan_of(scenario_of(**changes, learning={"steps": 40})).seeded(7)):
        assert np.abs(found.empirical.residual).max() < 2e-15
        assert np.abs(found.true.residual).max() < 2e-15
        assert found.gradient_difference.max() < 1e-15
        assert (found.empirical.cross_entropy >= found.empirical.entropy - 1e-15).all()
        for step in (0, 17, 40):
            loss, divergence = divergences(found.flips.p_hat, np.log(found.q[step]))
            assert found.empirical.cross_entropy[step] == pytest.approx(float(loss), rel=1e-13)
            assert found.empirical.kl_divergence[step] == pytest.approx(float(divergence), rel=1e-11, abs=2e-16)


def test_the_minimiser_is_p_hat_the_floor_its_entropy_and_the_excess_exact() -> None:
    found = fit("learning")
    summary, scenario = found.summary, found.scenario
    newton = summary[summary["method"] == "newton"].set_index("sample_size")
    assert found.recipe.tolerance == 1e-6
    assert newton["arrived_at"].max() <= 6
    assert (newton["cross_entropy"] - newton["floor"]).abs().max() < 1e-14
    assert newton["heads"].tolist() == [16, 36, 73, 716]
    descent = summary[summary["method"] == "gradient_descent"]
    assert descent["arrived_at"].notna().all()
    assert scenario.units == "bits"
    with mp.workdps(30):
        p, share = mpf(0.7), mpf(16) / 20
        entropy = -(p * mp.log(p, 2) + (1 - p) * mp.log(1 - p, 2))
        cost = p * mp.log(p / share, 2) + (1 - p) * mp.log((1 - p) / (1 - share), 2)
        floor = -(share * mp.log(share, 2) + (1 - share) * mp.log(1 - share, 2))
        squares = [_floor(20, p, power) for power in (1, 2)]
    row = newton.loc[20]
    assert row["floor"] == pytest.approx(float(floor), rel=1e-14)
    assert row["floor_bias"] == pytest.approx(float(floor - entropy), rel=1e-13)
    assert row["exact_floor_bias"] == pytest.approx(float(squares[0] - entropy), rel=1e-12)
    assert row["exact_floor_sd"] == pytest.approx(float(mp.sqrt(squares[1] - squares[0] ** 2)), rel=1e-10)
    assert row["minimiser_true_kl_divergence"] == pytest.approx(float(cost), rel=1e-12)
    assert row["minimiser_true_cross_entropy"] == pytest.approx(float(cost + entropy), rel=1e-13)
    assert row["exact_unseen"] == pytest.approx(0.7**20 + 0.3**20, rel=1e-12)


def _floor(size: int, p: mpf, power: int) -> mpf:
    """E H(P̂)^power in bits, by listing the outcomes of a coin."""

    def entropy(heads: int) -> mpf:
        shares = [mpf(heads) / size, 1 - mpf(heads) / size]
        return -sum(share * mp.log(share, 2) for share in shares if share)

    return sum(mp.binomial(size, k) * p**k * (1 - p) ** (size - k) * entropy(k) ** power for k in range(size + 1))


def test_more_flips_are_the_same_flips_and_then_some_and_those_of_the_literal_experiments() -> None:
    from mcdiv.results.run import run

    changes = {"sample_sizes": [100, 10], "paths": 1, "seed": 5}
    counts = {
        f.flips.sample_size: f.flips.counts
        for f in fits(plan_of(scenario_of(**changes, learning={"steps": 1})).seeded(5))
    }
    assert list(counts) == [100, 10]
    assert (counts[100] >= counts[10]).all()
    path = run(scenario_of(**changes), backend="serial").tables["convergence"].set_index("sample_size")["heads"]
    assert [counts[size][0] for size in (10, 100)] == [path[10], path[100]]


def test_another_rate_or_method_changes_no_other_fit() -> None:
    few = {"method": ["sgd"], "steps": 10, "batch_size": 3}
    more = {"method": ["newton", "sgd"], "steps": 10, "batch_size": [2, 3], "learning_rate": [0.5, 0.1]}
    (alone,) = [f for f in fits(plan_of(scenario_of(learning=few)).seeded(7)) if f.flips.sample_size == 10]
    others = [f for f in fits(plan_of(scenario_of(learning=more)).seeded(7)) if f.flips.sample_size == 10]
    (same,) = [f for f in others if (f.batch_size, f.learning_rate) == (3, 0.5)]
    assert len(others) == 5
    assert (same.q == alone.q).all()


def test_a_batch_is_never_more_than_the_sample_and_no_fit_is_done_twice() -> None:
    found = list(
        fits(plan_of(scenario_of(learning={"method": "sgd", "steps": 2, "batch_size": [8, 50, 60]})).seeded(7))
    )
    assert [(f.flips.sample_size, f.batch_size) for f in found] == [(5, 5), (10, 8), (10, 10)]


def test_a_category_never_seen_is_learnt_away_without_an_end() -> None:
    scenario = scenario_of(truth={"coin": 0.999}, sample_sizes=[5], learning={"method": "newton", "steps": 500})
    (found,) = fits(plan_of(scenario).seeded(7))
    assert found.flips.counts.tolist() == [5, 0]
    assert found.empirical.entropy == 0
    assert found.q[500, 1] < found.q[100, 1] < found.q[10, 1] < 1e-3
    assert (np.diff(found.empirical.cross_entropy) <= 0).all()


BAD = [
    ({"method": "adam"}, "learning.method[0]: expected one of gradient_descent, sgd, newton, got 'adam'"),
    ({"methods": "sgd"}, "unknown key 'methods'; did you mean 'method'?"),
    ({"steps": 0}, "learning.steps: expected a whole number from 1 to 100,000, got 0"),
    ({"learning_rate": [0.5, -1]}, "learning.learning_rate[1]: expected a number > 0, at most 1000, got -1"),
    ({"batch_size": 2.5}, "learning.batch_size[0]: expected a whole number from 1 to 10^9, got 2.5"),
    ({"decay": "fast"}, "learning.decay: expected a number from 0 to 1000, got 'fast'"),
    ({"tolerance": 0}, "learning.tolerance: expected a number between 0 and 1, got 0"),
    (5, "learning: expected a mapping, got 5"),
]


@pytest.mark.parametrize(("learning_key", "line"), BAD, ids=[line for _, line in BAD])
def test_a_mistake_in_the_key_is_one_line(learning_key: object, line: str) -> None:
    scenario, problems = read_scenario(small(learning=learning_key))
    assert scenario is None
    assert [problem.text() for problem in problems] == [line]


def test_the_key_reads_back_as_it_was_written_with_every_default() -> None:
    scenario = scenario_of(learning={"method": "newton", "learning_rate": "1/4"})
    written = scenario.as_written()["learning"]
    assert written == {
        "method": ("newton",),
        "steps": 100,
        "learning_rate": (0.25,),
        "batch_size": (10,),
        "decay": 0,
        "tolerance": 1e-6,
    }
    assert scenario_of(learning=written).learning == scenario.learning
    assert "learning" not in scenario_of().as_written()


@pytest.fixture
def scenario(folder: Path) -> Path:
    path = folder / "small.yaml"
    path.write_text(write_text(small(learning={"steps": 20, "batch_size": 4}, plots=None)), encoding="utf-8")
    return path


MISTAKES = [
    (["fit", "nope.yaml"], "nope.yaml: there is no such file"),
    (["fit", "small.yaml", "--set", "learning.method=adam"], "--set learning.method=adam: learning.method[0]: expected one"),
    (["fit", "small.yaml", "--set", "learning.stps=1"], "unknown key 'stps'; did you mean 'steps'?"),
    (["fit", "small.yaml", "--set", "model={coin: 1}"], "model: learning starts at the model, and coin(p=1) has a probability of 0"),
    (["fit", "small.yaml", "--set", "sample_sizes=[1e8]"], "sample_sizes[0]: a model is learnt from at most 10^7 draws"),
    (["fit", "small.yaml", "--set", "learning.steps=100000", "--set", "sample_sizes=[1, 2, 3, 4]"], "steps would be kept"),
    (["fit", "small.yaml", "--set", "truth={uniform: 1e6}", "--set", "model={uniform: 1e6}"], "learning.steps: 126,000,000 probabilities would be kept"),
    (["check", "small.yaml", "--set", "learning.steps=many"], "learning.steps: expected a whole number"),
    (["fit"], "Missing argument 'SCENARIO'"),
]  # fmt: skip


@pytest.mark.parametrize(("arguments", "line"), MISTAKES, ids=[" ".join(arguments) for arguments, _ in MISTAKES])
def test_a_mistake_ends_with_two_and_writes_nothing(
    mcdiv_command: Command, scenario: Path, folder: Path, arguments: list[str], line: str
) -> None:
    done = mcdiv_command(*arguments, code=2)
    assert line in " ".join(done.stderr.split())
    assert [path.name for path in folder.iterdir()] == ["small.yaml"]


def test_a_mistake_in_a_file_is_told_with_its_line(mcdiv_command: Command, folder: Path) -> None:
    text = write_text(small()) + "learning:\n  steps: 5\n  learning_rate: 0\n"
    (folder / "s.yaml").write_text(text, encoding="utf-8")
    line = text.split("\n").index("  learning_rate: 0") + 1
    assert f"s.yaml:{line}:18: learning.learning_rate[0]: expected" in mcdiv_command("fit", "s.yaml", code=2).stderr


@pytest.mark.slow
def test_a_fit_writes_its_tables_its_picture_and_says_what_they_show(
    mcdiv_command: Command, scenario: Path, folder: Path
) -> None:
    done = mcdiv_command("fit", "small.yaml")
    assert "minimising one minimises the other" in done.stdout
    assert "the minimiser is p̂" in done.stdout
    assert "wrote results/small/: learning.csv" in done.stdout
    results = folder / "results" / "small"
    steps = pd.read_csv(results / "learning.csv")
    assert list(steps.columns) == learning_tables.LEARNING
    assert len(steps) == 2 * 3 * 21
    assert steps["residual"].abs().max() < 1e-15
    assert list(pd.read_csv(results / "learning_summary.csv").columns) == learning_tables.LEARNING_SUMMARY
    manifest = json.loads((results / "learning.json").read_text(encoding="utf-8"))
    files = ["learning.csv", "learning.yaml", "learning_summary.csv", "plots/learning.png", "plots/learning.svg"]
    assert list(manifest["files"]) == files
    for name, entry in manifest["files"].items():
        assert hashlib.sha256((results / name).read_bytes()).hexdigest() == entry["sha256"]
    of_a_run = mcdiv_command("plot", "results/small", code=2)
    assert of_a_run.stderr == "results/small: holds a fit and no results of a run (no manifest.json)\n"


@pytest.mark.slow
def test_the_same_fit_gives_the_same_bytes_also_from_the_scenario_it_recorded(
    mcdiv_command: Command, scenario: Path, folder: Path
) -> None:
    mcdiv_command("fit", "small.yaml", "-q")
    first = folder / "results" / "small"
    (folder / "again.yaml").write_bytes((first / "learning.yaml").read_bytes())
    mcdiv_command("fit", "again.yaml", "-q", "-o", "other")
    for path in first.rglob("*"):
        if path.is_file():
            assert path.read_bytes() == (folder / "other" / "small" / path.relative_to(first)).read_bytes()


@pytest.mark.slow
def test_a_run_and_a_fit_keep_each_others_results_and_replace_their_own(
    mcdiv_command: Command, scenario: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def blank(*_: object) -> Figure:
        figure = Figure()
        figure.subplots()
        return figure

    monkeypatch.setattr(plots, "learning", blank)  # this is not about what is drawn
    results = folder / "results" / "small"
    mcdiv_command("fit", "small.yaml", "-q")
    mcdiv_command("run", "small.yaml", "-q", "--set", "plots=[decomposition]")
    assert (results / "plots" / "learning.png").exists()
    summary = (results / "summary.csv").read_bytes()
    mcdiv_command("fit", "small.yaml", "-q", "--set", "plots=[]")
    assert (results / "summary.csv").read_bytes() == summary
    assert (results / "plots" / "decomposition.png").exists()
    assert not (results / "plots" / "learning.png").exists()
    mcdiv_command("compare", "results/small")


@pytest.mark.slow
def test_any_scenario_can_be_fitted_with_the_defaults_and_from_no_model(mcdiv_command: Command, folder: Path) -> None:
    (folder / "plain.yaml").write_text(
        write_text(small(name="plain", truth={"zipf": 30}, model=None, estimators=["plugin"])), encoding="utf-8"
    )
    found = json.loads(mcdiv_command("fit", "plain.yaml", "--json").stdout)
    assert [row["method"] for row in found["fits"]] == ["gradient_descent", "sgd", "newton"] * 2
    assert found["fits"][0]["model"] == "uniform(k=30)"
    assert found["fits"][0]["heads"] is None
    assert "could" not in mcdiv_command("fit", "plain.yaml").stderr
    assert math.isfinite(found["fits"][0]["exact_floor_bias"])


@pytest.mark.parametrize(
    "changes",
    quick(
        0,
        [
            {"truth": {"coin": 1}, "sample_sizes": [1]},
            {"truth": {"uniform": 1}, "model": None, "estimators": ["plugin"], "sample_sizes": [3]},
            {"truth": {"coin": 0.5}, "sample_sizes": [2, 4], "learning": {"method": "sgd", "learning_rate": 1000}},
            {"truth": {"coin": [0.2, 0.8]}, "sample_sizes": [5]},
        ],
    ),
)
def test_degenerate_data_are_fitted_drawn_and_told(mcdiv_command: Command, folder: Path, changes: dict) -> None:
    text = write_text(small(plots=None, **({"learning": {"steps": 5}} | changes)))
    (folder / "s.yaml").write_text(text, encoding="utf-8")
    assert "the minimiser is" in mcdiv_command("fit", "s.yaml").stdout
    assert (folder / "results" / "small" / "plots" / "learning.png").exists()

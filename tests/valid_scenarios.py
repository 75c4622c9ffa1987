"""Random scenarios that are valid, and what a run of one has to do: end, draw, write, print no NaN and no warning.

Tests run some of them, and `python -m benchmarks.valid_scenarios` thousands.
"""

import contextlib
import io
import itertools
import json
import random
import re
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from unittest.mock import patch
from xml.etree import ElementTree

import numpy as np
from matplotlib.figure import Figure

from mcdiv.cli import run_output
from mcdiv.engine.cost import outcomes
from mcdiv.engine.plan import plan_of
from mcdiv.errors import ScenarioError
from mcdiv.estimands.contract import ESTIMANDS
from mcdiv.files import store, yaml_text
from mcdiv.results import pages, plots
from mcdiv.results.loading import parse
from mcdiv.results.run import run
from mcdiv.results.study_results import Results
from mcdiv.scenario.model import Scenario

Dice = random.Random
_PROBABILITIES = [0, 1, 0.5, "1/3", 0.6, 0.9, 0.999, 1e-3, 1e-6, "1/2"]
_SIZES = [1, 2, 3, 4, 5, 8, 10, 20, 50, 100, 200]
_TEXTS = ["", "A title", "50 % of $x$ & <b>", "=1+1", "«Ärger» 漢字 🎲", "a_b^c $", "\\frac{1}{2} $\\bad$"]
_ESTIMANDS = [entry.example.label for entry in ESTIMANDS.values() if not entry.needs_joint]
_OF_PAIRS = [entry.example.label for entry in ESTIMANDS.values() if entry.needs_joint]
#: the first of them have most of the special cases
_FAMILIAR = 5
_ESTIMATORS = [
    ["plugin"],
    ["plugin", "miller_madow"],
    ["plugin", "laplace", "chao_shen"],
    ["k1"],
    ["k1", "k3"],
    ["k1", "k2", "k3", "plugin"],
    ["plugin", "jackknife", "grassberger_2003", "zhang"],
    ["plugin", {"additive": {"alpha": 0.5}}, {"bayes": {"alpha": "1/3"}}, "james_stein"],
    ["augmented_plugin", {"augmented_plugin": {"floor": "add_one"}}, "zhang_grabchak", "plugin"],
    ["horvitz_thompson", "ansb", "chao_wang_jost"],
    ["bub", "wu_yang", "jvhw", "bonachela"],
    ["perks", "minimax", "jeffreys", {"schurmann": {"xi": 1}}, "grassberger_1988"],
    ["plugin", "laplace", "jeffreys", "perks", "minimax", "miller_madow", "jackknife", "chao_shen", "zhang", "ansb",
     "bonachela", "james_stein"],
]  # fmt: skip
#: slower, and tried less often
_SLOW = ["nsb", "pym", "unseen"]
_INTERVALS = [
    ["delta"],
    ["jackknife", "delta"],
    ["clopper_pearson"],
    [{"bayes": {"draws": 100}}],
    [{"bootstrap_percentile": {"resamples": 100}}, {"bootstrap_basic": {"resamples": 100}}],
    [{"bootstrap_bca": {"resamples": 100}}, "delta"],
    [{"nsb": {"draws": 100}}],
]
#: what takes about a second
_MOST_WORK = 400


def valid_scenario(dice: Dice) -> dict[str, Any]:
    """A mapping that `mcdiv check` finds fine; the same for the same dice."""
    while True:
        values = _scenario(dice)
        try:
            scenario = parse(yaml_text.read_text(yaml_text.write_text(values), "study.yaml"))
        except ScenarioError:
            continue
        if _work(scenario) <= _MOST_WORK:
            return values


def _work(scenario: Scenario) -> float:
    """About how much there is to compute: an interval of a hundred resamples, and a slow estimate, are 1."""
    slow = sum(choice.name in _SLOW for choice in scenario.estimators)
    plan = plan_of(scenario)
    plain = 0.001 * len(plan.tasks)
    return sum(
        outcomes(plan, condition) * (plain + slow + (1 + 100 * slow) * len(plan.intervals(condition)))
        for condition in plan.conditions
    )


def run_whole(values: dict[str, Any], folder: Path, *, twice: bool = False, laid_out: bool = True) -> set[str]:
    """Run a scenario from its file to its page, pictures as SVG only; the names of the pictures drawn.

    All pictures are looked at. The report is made `twice` if told so, and pictures that are not `laid_out` take half
    the time.

    Raises whatever a user would see as a traceback or a warning, and AssertionError where what was made is empty.
    """
    source = folder / "study.yaml"
    source.write_text(yaml_text.write_text(values), encoding="utf-8")
    drawn: set[str] = set()

    def render(figure: Figure, kind: str) -> bytes:
        if kind != "svg":
            return b""
        looked_at(figure)
        if not laid_out:
            figure.set_layout_engine("none")
        return _RENDER(figure, kind)

    with warnings.catch_warnings(), patch.object(plots, "render", render):
        warnings.simplefilter("error")
        results = run(source, out=folder / "results", backend="serial")
        assert results.folder is not None
        assert not results.failures, results.failures
        drawn = {path.stem for path in results.folder.glob("plots/*.svg")}
        for name in drawn:
            ElementTree.parse(results.folder / "plots" / f"{name}.svg")
        page = (results.folder / pages.REPORT).read_bytes()
        if twice:
            pages.report(results.folder)
            assert (results.folder / pages.REPORT).read_bytes() == page, "the report made again is another"
        printed = _printed(results)
        json.dumps(run_output.as_json(results), allow_nan=False)
    assert not re.search(r"\bnan\b|\bNone\b", printed), printed
    manifest = store.read_manifest(results.folder)
    assert set(manifest["pictures"]) == drawn
    return drawn


_RENDER = plots.render


def looked_at(figure: Figure) -> None:
    """AssertionError where a panel that is shown has nothing in it: no point, line, bar or word."""
    shown = [axes for axes in figure.axes if axes.get_visible()]
    assert shown, "a picture without panels"
    for axes in shown:
        # axhline and axvline span a panel whatever is in it.
        lines = [line for line in axes.lines if len(line.get_xdata()) and line.get_transform() == axes.transData]
        points = any(_finite(line.get_xydata()) for line in lines)
        bars = any(_finite(patch.get_extents().get_points()) and patch.get_visible() for patch in axes.patches)
        areas = any(len(collection.get_paths()) for collection in axes.collections)
        words = any(text.get_text().strip() for text in axes.texts)
        assert points or bars or areas or words, f"an empty panel: {axes.get_ylabel()} by {axes.get_xlabel()}"
        assert np.isfinite([*axes.get_xlim(), *axes.get_ylim()]).all()


def _finite(points: Any) -> bool:
    return bool(np.isfinite(np.asarray(points, dtype=float)).all(axis=1).any())


def _printed(results: Results) -> str:
    """All that the command prints of a run."""
    with contextlib.redirect_stdout(io.StringIO()) as out, contextlib.redirect_stderr(io.StringIO()) as err:
        for show in (run_output.print_answer, run_output.print_failures, run_output.print_undrawn):
            show(results)
        run_output.print_folder(results)
    return out.getvalue() + err.getvalue()


def _scenario(dice: Dice) -> dict[str, Any]:
    k = dice.choice([1, 2, 2, 3, 5, 6, 12, 30, 100])
    few = k <= 6
    modelled = dice.random() < 0.7
    sampled = modelled and dice.random() < 0.3
    known = _ESTIMANDS[: dice.choice([_FAMILIAR, None])]
    values: dict[str, Any] = {
        "schema": 1,
        "name": "study",
        "title": dice.choice(_TEXTS),
        "question": dice.choice(_TEXTS),
        "truth": _distribution(dice, k),
        "model": _distribution(dice, k) if modelled else None,
        "model_sample_sizes": _some(dice, _SIZES[:-1], 2) if sampled else None,
        "estimands": _some(dice, known, _FAMILIAR) if dice.random() < 0.6 else None,
        "estimators": [dice.choice(_SLOW), "plugin"] if dice.random() < 0.04 else dice.choice(_ESTIMATORS),
        "sample_sizes": _some(dice, _SIZES, 4 if few else 2) if dice.random() < 0.95 else [10**6] * (k == 2) or [500],
        "replicates": _replicates(dice),
        "mode": dice.choice(["exact", "monte_carlo", "both", "both"]),
        "paths": dice.choice([0, 0, 1, 2, 20]),
        "seed": dice.randrange(1000),
        "units": dice.choice(["nats", "bits", "bans"]),
        "plots": _pictures(dice),
        "save": dice.choice([None] * 9 + ["outcomes"]),
    }
    if dice.random() < 0.2:
        values |= {"intervals": dice.choice(_INTERVALS), "level": dice.choice([0.5, 0.9, 0.95, 0.999])}
        most = 50 if k <= 3 else 8  # every outcome has its intervals: of a dozen categories there are millions
        values["sample_sizes"] = [size for size in values["sample_sizes"] if size <= most] or [5]
    if dice.random() < 0.1 and len(values["sample_sizes"]) > 1:
        values["exclude"] = [{"sample_size": values["sample_sizes"][0]}]
    if dice.random() < 0.15:
        values["checks"] = [_check(dice, values)]
    if not modelled and dice.random() < 0.3:
        rows = dice.choice([each for each in (1, 2, 3) if k % each == 0])
        cells = _pmf(dice, k)
        values["truth"] = {"joint": [cells[start :: k // rows] for start in range(k // rows)]}
        values["estimands"] = [*(values["estimands"] or ["entropy"]), *_some(dice, _OF_PAIRS, 2)]
    return {key: value for key, value in values.items() if value is not None}


def _distribution(dice: Dice, k: int) -> dict[str, Any]:
    """Any family with k categories, sometimes a grid of them."""
    grid = dice.random() < 0.25

    def one(options: Sequence[Any]) -> Any:
        return _some(dice, options, 5) if grid else dice.choice(options)

    families: list[dict[str, Any]] = [
        {"uniform": k},
        {"categorical": _pmf(dice, k)},
        {"zipf": {"k": k, "s": one([0, 0.5, 1, 1.5, 3])}},
        {"geometric": {"k": k, "ratio": one([0, 0.1, 0.5, 0.9, 1])}},
        {"power_law": {"k": k, "s": one([0, 1, 2]), "cutoff": one([0.5, 3, 50])}},
        {"two_level": {"k": k, "share": one([0, 0.1, 0.5, 1]), "mass": one([0, 0.2, 0.5, 1])}},
        {"spike_and_slab": {"k": k, "spike": one([0, 0.5, 0.9, 0.999, 1])}},
        {"softmax": {"logits": [round(dice.gauss(0, 3), 2) for _ in range(k)], "temperature": one([0.1, 1, 10])}},
        {"dirichlet": {"k": k, "alpha": one([0.01, 0.3, 1, 10]), "seed": dice.randrange(9)}},
        {
            "dirichlet_with_zeros": {
                "k": k,
                "alpha": one([0.3, 1]),
                "zeros": dice.randrange(k),
                "seed": dice.randrange(9),
            }
        },
        {
            "normal": {
                "k": k,
                "mean": one([-1, 0, 0.1]),
                "sd": one([0.5, 1, 2]),
                "span": dice.choice([[-3, 3], [-8, 8]]),
            }
        },
        {"counts": _counts(dice, k)},
        {"mixture": {"components": [{"weight": 0.25, "uniform": k}, {"weight": 0.75, "zipf": k}]}},
    ]
    coins = [{"coin": one(_PROBABILITIES)}] * (6 if k == 2 else 0)
    return dice.choice([*families, *coins])


def _pmf(dice: Dice, k: int) -> list[Any]:
    """Small whole numbers over their sum: ties, zeros, and certain ones among them."""
    weights = [dice.choice([0, 1, 1, 2, 7]) for _ in range(k)]
    weights[0] += not any(weights)
    return [f"{weight}/{sum(weights)}" for weight in weights]


def _counts(dice: Dice, k: int) -> dict[str, Any]:
    counts = [dice.choice([0, 1, 2, 5, 40]) for _ in range(k)]
    counts[-1] += not any(counts)
    names = ["", "a table", "$x_1$ & <i>", "=cmd", "long " * 12, "né 漢字"]
    smoothing = dice.choice(["none", "laplace", "coverage"])
    return {"values": counts, "smoothing": smoothing, "name": dice.choice(names)}


def _replicates(dice: Dice) -> Any:
    if dice.random() < 0.1:
        return {"until": {"measure": dice.choice(["bias", "rmse"]), "mcse": 0.05}, "min": 50, "max": 400}
    return dice.choice([1, 2, 3, 30, 100, 300])


def _pictures(dice: Dice) -> list[str] | None:
    if dice.random() < 0.01:
        return None
    return [dice.choice(list(plots.PLOTS))]


def _check(dice: Dice, values: dict[str, Any]) -> dict[str, Any]:
    """A stated answer; whether it is met is another matter."""
    measure = dice.choice(["bias", "rmse", "sd", "infinite_share", "true_value"])
    bound = dice.choice([{"below": 1}, {"above": 0}, {"near": 0, "within": 0.5}])
    named = values["estimands"] or ["entropy"]
    return {"estimand": named[0], "measure": measure, **bound}


def _some(dice: Dice, options: Sequence[Any], most: int) -> list[Any]:
    """Some of these, in their order."""
    chosen = set(dice.sample(range(len(options)), dice.randint(1, min(most, len(options)))))
    return [option for place, option in enumerate(options) if place in chosen]


def numbered(seed: int, first: int = 0) -> Iterator[tuple[int, dict[str, Any]]]:
    """Scenarios without end, each made from the seed and its own number."""
    for number in itertools.count(first):
        yield number, valid_scenario(random.Random(f"{seed} {number}"))

"""Functions of the commands with one odd argument among good ones: a result, or one line that mcdiv itself raises."""

import warnings
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from conftest import Command
from test_odd_calls import ARRAYS, SCALARS, told

import mcdiv

COUNTS = "species,n\noak,7\nelm,2\nash,1\n"


def one_compared(results: Any) -> Any:
    return mcdiv.compare(results)


GOOD: dict[str, tuple[Callable[..., Any], dict[str, Any]]] = {
    "explain": (mcdiv.explain, {"truth": 0.5, "model": [0.25, 0.75], "units": "bits"}),
    "explore": (
        mcdiv.explore,
        {"truth": 0.5, "model": 0.25, "sample_size": 20, "units": "bits", "out": "page.html"},
    ),
    "exact": (
        mcdiv.exact,
        {
            **{"truth": [0.25, 0.75], "model": 0.5, "sample_sizes": 2, "model_sample_sizes": (), "settings": ()},
            **{"estimators": "laplace", "estimands": "kl_divergence", "units": "bits", "plugins": ()},
        },
    ),
    "exact of a scenario": (mcdiv.exact, {"scenario": "fair", "settings": ["sample_sizes=[2]"], "units": "bits"}),
    "estimates": (
        mcdiv.estimates,
        {
            **{"file": "counts.csv", "column": "species", "weights": "n", "by": None, "text": None, "symbols": False},
            **{"against": None, "model": None, "alphabet_size": 5, "estimands": "entropy", "estimators": "plugin"},
            **{"interval": "delta", "level": 0.9, "units": "bits", "plugins": ()},
        },
    ),
    "estimates at a model": (
        mcdiv.estimates,
        {"file": "counts.csv", "model": [0.5, 0.25, 0.25], "estimators": "plugin"},
    ),
    "catalogue": (mcdiv.catalogue, {"kind": "estimands", "plugins": ()}),
    "show": (mcdiv.show, {"name": "plugin", "plugins": ()}),
    "new": (mcdiv.new, {"path": "mine", "source": "fair"}),
    "plot": (mcdiv.plot, {"results": "nothing", "only": "bias", "kind": "svg", "style": "paper", "out": "pictures"}),
    "report": (mcdiv.report, {"results": "nothing", "out": "page.html", "plugins": ()}),
    "compare": (one_compared, {"results": "nothing"}),
    "fit": (
        mcdiv.fit,
        {"scenario": "learning", "settings": ["learning.steps=2", "sample_sizes=[2]", "plots=[]"], "out": None},
    ),
    "replay": (mcdiv.replay, {"results": "nothing", "condition": 1, "replicate": 0, "estimator": None, "plugins": ()}),
}
_PMFS = {"truth", "model"}


@pytest.mark.parametrize(
    ("name", "argument"), [(name, argument) for name, (_, good) in GOOD.items() for argument in good]
)
def test_an_odd_argument_has_a_result_or_lines_that_say_what_was_expected(
    name: str, argument: str, folder: Path
) -> None:
    (folder / "counts.csv").write_text(COUNTS, encoding="utf-8")
    function, good = GOOD[name]
    for value in (SCALARS | (ARRAYS if argument in _PMFS else {})).values():
        with warnings.catch_warnings():
            told(partial(function, **good | {argument: value}))


SCORES = "item,nll\nx,1\ny,2\n"
HUGE = "species,n\noak,10000000000000\nelm,20000000000000\nash,5\n"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("plan --truth 0.5 --rmse 0.1 --estimand foo", "unknown estimand 'foo'; expected one of: chi_squared, "),
        ("plan --truth 0.5 --rmse 0.1 --estimand renyi(", "expected a name and its parameters, such as "),
        ("plan --truth 0.5 --rmse 0.1 --estimand renyi(order=-1)", "renyi.order: expected an order from 0 to 1000"),
        (
            "paired scores.csv scores.csv --item item",
            "scores.csv: column 'nll' is given for both scores; expected two columns, or two files",
        ),
        (
            "threshold huge.csv -n 5",
            "reference: a sample of 30,000,000,000,005 draws; expected 1,000,000,000 at most, ",
        ),
    ],
)
def test_a_mistake_is_one_line_and_exit_code_2(line: str, said: str, folder: Path, mcdiv_command: Command) -> None:
    for name, text in {"scores.csv": SCORES, "huge.csv": HUGE}.items():
        (folder / name).write_text(text, encoding="utf-8")
    printed = mcdiv_command(*line.split(), code=2).stderr
    assert printed.startswith(said)
    assert printed.count("\n") == 1


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (partial(mcdiv.plan, "entropy", truth=0.5, rmse=0.1, units=0), "units: expected nats, bits or bans, got "),
        (partial(mcdiv.plan, "entropy", truth=0.5, rmse=0.1, curve=[1]), "curve: expected True or False, got [1]"),
        (partial(mcdiv.threshold, [10**400, 1], n=5), "reference: "),
        (partial(mcdiv.threshold, [10**13, 1], n=5), "reference: a sample of 10,000,000,000,001 draws; "),
    ],
)
def test_a_wrong_type_or_a_number_without_bounds_is_one_line(call: Callable[[], Any], said: str) -> None:
    assert told(call).startswith(said)


def test_a_probability_near_the_smallest_float_is_planned_for_without_a_warning() -> None:
    assert mcdiv.plan("kl_divergence", truth=[1e-320, 1.0], model=0.5, rmse=0.1).sample_size == 1

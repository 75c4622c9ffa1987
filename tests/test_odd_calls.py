"""Calls with one odd argument among good ones: a result, or an error of one line that mcdiv itself raises."""

import traceback
from collections.abc import Callable
from contextlib import suppress
from decimal import Decimal
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from cases import quick
from small import scenario_of

import mcdiv

#: what may stand where an array is expected
ARRAYS: dict[str, Any] = {
    "none": None,
    "text": "abc",
    "number": 3,
    "nan": [float("nan"), 1.0],
    "empty": [],
    "ragged": [[1, 2], [3]],
    "words": ["a\nb", "c"],
    "dict": {"a": 1, "b": 2},
    "huge": [10**400, 1],
    "fractions": [Fraction(1, 2), Fraction(1, 2)],
    "float16": np.array([0.5, 0.5], dtype=np.float16),
    "whole float16": np.array([5, 3], dtype=np.float16),
    "long overflow": np.array(["1e4000", "1"], dtype=np.longdouble),
    "uint64": np.array([2**64 - 1, 1], dtype=np.uint64),
    "dates": np.array(["2020-01-01", "2020-01-02"], dtype="datetime64[D]"),
    "masked": np.ma.masked_array([1, 2], mask=[True, False]),
    "64 dimensions": np.ones((1,) * 63 + (2,)),
    "three rows": np.full((3, 2), 0.5),
    "three samples": np.array([[3, 4], [1, 2], [2, 2]]),
    "labelled": pd.Series({"a": 3, "b": 4}),
    "frame": pd.DataFrame({"a": [0.5], "b": [0.5]}),
    "tiny": [1e-320, 1.0],
    "nullable": pd.array([3, None], dtype="Int64"),
    "nullable whole": pd.Series([3, 4], dtype="Int64"),
    "nullable decimals": pd.Series([0.5, None], dtype="Float64"),
    "booleans": [True, False],
    "sets": {1, 2},
    "empty rows": np.empty((0, 2)),
    "empty columns": np.empty((2, 0)),
    "one": [1, 0],
}
#: what may stand where a name, a number or a size is
SCALARS: dict[str, Any] = {
    "none": None,
    "word": "nonsense",
    "newline": "a\nb",
    "nul": "\0",
    "zero": 0,
    "negative": -1,
    "nan": float("nan"),
    "beyond": 10**400,
    "beyond printing": 10**5000,
    "true": True,
    "list": [1],
    "dict": {"a": 1},
    "array": np.array([1, 2]),
    "single": np.float32(0.5),
    "whole of numpy": np.int64(3),
    "bool of numpy": np.True_,
    "no number of pandas": pd.NA,
    "array of one": np.array([3]),
    "decimal": Decimal("0.5"),
    "bytes": b"a",
    "object": object(),
}
COUNTS, PMF = [5, 3], [0.25, 0.75]
GOOD: dict[str, tuple[Callable[..., Any], dict[str, Any]]] = {
    "entropy": (mcdiv.entropy, {"p": PMF, "units": "bits"}),
    "kl_divergence": (mcdiv.kl_divergence, {"p": PMF, "q": [[0.5, 0.5]] * 2, "units": "nats"}),
    "estimate": (
        mcdiv.estimate,
        {"estimand": "entropy", "counts": COUNTS, "estimator": "additive", "alpha": 1, "alphabet_size": 2},
    ),
    "estimate two": (
        mcdiv.estimate,
        {"estimand": "js_divergence", "counts": COUNTS, "estimator": "laplace", "counts_q": [[1, 4]] * 2},
    ),
    "standard_error": (
        mcdiv.standard_error,
        {"estimand": "entropy", "counts": COUNTS, "method": "bayes", "alpha": 1, "alphabet_size": 2},
    ),
    "standard_error two": (
        mcdiv.standard_error,
        {"estimand": "kl_divergence", "counts": COUNTS, "counts_q": [2, 2], "method": "jackknife"},
    ),
    "interval": (
        mcdiv.interval,
        {"estimand": "entropy", "counts": COUNTS, "method": "delta", "level": 0.9, "alphabet_size": 3},
    ),
    "interval q": (
        mcdiv.interval,
        {"estimand": "kl_divergence", "counts": COUNTS, "method": "bootstrap_basic", "q": PMF, "resamples": 100},
    ),
    "interval coin": (
        mcdiv.interval,
        {"estimand": "cross_entropy", "counts": COUNTS, "method": "clopper_pearson", "q": PMF, "estimator": None},
    ),
    "exact": (
        mcdiv.exact_performance,
        {"estimand": "kl_divergence", "estimator": "plugin", "truth": PMF, "model": PMF, "sample_size": 3},
    ),
    "plan": (
        mcdiv.plan,
        {
            **{"estimand": "kl_divergence", "truth": [0.3, 0.7], "model": PMF, "estimator": "plugin", "rmse": 0.1},
            **{"within": None, "confidence": 0.9, "ratio": None, "units": "bits", "seed": 0, "curve": False},
        },
    ),
    "plan_power": (
        mcdiv.plan_power,
        {"reference": 0.5, "alternative": 0.9, "alpha": 0.05, "power": 0.8, "statistic": "g"},
    ),
    "threshold": (
        mcdiv.threshold,
        {
            **{"reference": PMF, "n": 10, "m": None, "rate": 0.05, "statistic": "js", "known": False, "at": None},
            **{"floor": 0.0, "replicates": None, "seed": 0},
        },
    ),
    "alarm_probability": (mcdiv.alarm_probability, {"reference": COUNTS, "n": 10, "statistic": "js", "at": 0.1}),
    "paired": (
        mcdiv.paired,
        {
            **{"a": [1.0, 2.5], "b": [2.0, 2.5], "groups": ["a", "b"], "byte_counts": [1, 2], "scores": "nll"},
            **{"units": "bits", "level": 0.9, "power": 0.8, "replicates": None, "seed": 1},
        },
    ),
    "entropy_difference": (
        mcdiv.entropy_difference,
        {
            **{"first": COUNTS, "second": [2, 4], "estimator": "plugin", "method": "delta", "level": 0.9},
            **{"alphabet_size": None, "units": "bits"},
        },
    ),
    "from_logits": (mcdiv.from_logits, {"z": [0.0, 1.0], "temperature": 1.0}),
    "test": (
        partial(mcdiv.test, COUNTS),
        {"model": PMF, "statistic": "js", "alpha": 0.05, "method": "auto", "mcse": 1e-3, "seed": 1},
    ),
}
_ARRAYS = {"p", "q", "counts", "counts_q", "truth", "model", "reference", "a", "b", "groups", "byte_counts"}
_ARRAYS |= {"first", "second", "z"}
_OURS = (ValueError, TypeError, mcdiv.StoreError, mcdiv.BackendError)


def told(call: Callable[[], Any]) -> str:
    """What an odd call ends with: nothing, or one line that a `raise` of mcdiv says."""
    try:
        call()
    except _OURS as error:
        last = traceback.extract_tb(error.__traceback__)[-1]
        assert Path(mcdiv.__file__).parent in Path(last.filename).parents, error
        assert (last.line or "").startswith("raise "), error
        said = str(error)
        assert said and all(
            map(str.isprintable, said.split("\n") if isinstance(error, mcdiv.ScenarioError) else [said])
        )
        return said
    return ""


@pytest.mark.parametrize(
    ("name", "argument"), quick(44, [(name, argument) for name, (_, good) in GOOD.items() for argument in good])
)
def test_an_odd_argument_has_a_result_or_one_line_that_says_what_was_expected(name: str, argument: str) -> None:
    function, good = GOOD[name]
    for value in (ARRAYS if argument in _ARRAYS else SCALARS).values():
        told(partial(function, **good | {argument: value}))


@pytest.mark.slow
@pytest.mark.parametrize("argument", ["scenario", "settings", "plugins", "backend", "workers", "out", "max_time"])
def test_a_run_with_an_odd_argument_ends_the_same_way(
    argument: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    good: dict[str, Any] = {"backend": "serial", "workers": 1}
    scenario = scenario_of(estimators=["plugin"], sample_sizes=[2], replicates=10, model=None)
    good["scenario"] = "fair" if argument == "settings" else scenario
    for value in SCALARS.values():
        with suppress(mcdiv.OutOfTime):  # 0 seconds are none
            told(partial(mcdiv.run, **good | {argument: value}))


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"scenario": None}, "scenario: expected the path of its file or the name of a shipped one, got None"),
        ({"scenario": 0}, "scenario: expected the path of its file or the name of a shipped one, got 0"),
        ({"scenario": "fair", "settings": [1]}, "settings: expected strings such as 'units=bits', got [1]"),
        ({"scenario": "fair", "settings": None}, "settings: expected strings such as 'units=bits', got None"),
        ({"scenario": "fair", "plugins": 3}, "plugins: expected the paths of Python files, got 3"),
        ({"scenario": "fair", "out": 3}, "out: expected the path of a folder, got 3"),
        ({"scenario": "fair", "workers": "a"}, "workers: expected a whole number >= 1, got a"),
        ({"scenario": "fair", "max_time": "1h"}, "max_time: expected a number of seconds below 1e+10, got 1h"),
    ],
)
def test_a_run_says_what_it_expected(given: dict[str, Any], said: str) -> None:
    assert told(partial(mcdiv.run, **given)) == said


def test_names_are_quoted_on_one_line() -> None:
    given: dict[str, Any] = {"estimand": "entropy", "counts": COUNTS, "estimator": "plugin"}
    assert told(partial(mcdiv.estimate, **given | {"estimand": "a\nb"})).startswith("unknown estimand 'a\\nb'; ")
    assert told(partial(mcdiv.estimate, **given | {"estimator": [1]})) == "estimator: expected a name, got 1"
    assert told(partial(mcdiv.estimate, **given | {"alphabet_size": "a\nb"})).endswith("got a\\nb")


def test_one_sample_and_several_models_are_paired_row_by_row() -> None:
    given: dict[str, Any] = {"method": "delta", "estimator": "plugin"}
    models = [[0.5, 0.5], PMF]
    found = mcdiv.interval("kl_divergence", COUNTS, q=models, **given)
    for row, model in enumerate(models):
        wanted = mcdiv.interval("kl_divergence", COUNTS, q=model, **given)
        assert (found.low[row], found.high[row]) == (wanted.low, wanted.high)
    assert mcdiv.interval("kl_divergence", COUNTS, q=pd.DataFrame([PMF]), **given).low.shape == (1,)
    said = "rows do not go together: p has (2,) and q has (3,); expected as many of each, or one"
    assert told(partial(mcdiv.kl_divergence, [PMF] * 2, [PMF] * 3)) == said

"""mcdiv.testing for authors of plug-ins: what is right passes, and every law can fail, with its name and the values."""

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import pytest
from conftest import Command
from small import small

from mcdiv.core.domains import Domain
from mcdiv.estimators.contract import Property, ReferenceValue, estimator
from mcdiv.estimators.corrected import miller_madow
from mcdiv.estimators.entry import Estimator
from mcdiv.estimators.lifts import plugin_terms
from mcdiv.estimators.registry import entries, find
from mcdiv.files.yaml_text import write_text
from mcdiv.scenario.plugins import load_plugins
from mcdiv.testing import check_estimator
from mcdiv.testing.laws import FIXED_LAWS, LAWS_OF_COUNTS

ROWS = [[3, 0, 5], [1, 1, 1]]
THREE_LINES = """\
from mcdiv.estimators.contract import estimator


@estimator("entropy")
def {name}(counts):
    return {body}
"""


def plugin(design: Any = "sample") -> Estimator:
    entry = find("entropy" if design == "sample" else "kl_divergence", "plugin", design)
    assert entry is not None
    return entry


def entropy(counts: np.ndarray) -> np.ndarray:
    shares = counts / counts.sum(axis=-1, keepdims=True)
    return np.asarray(-(shares * np.log(np.where(shares > 0, shares, 1))).sum(axis=-1))


def gives(rule: Callable[[np.ndarray], Any], **changes: Any) -> Estimator:
    """The plug-in with another rule."""
    return replace(plugin(), evaluate=lambda sample, parameters: rule(sample.counts), **changes)


def overwritten(counts: np.ndarray) -> np.ndarray:
    found = entropy(counts)
    counts[...] = 1
    return found


BROKEN = {
    "a batch gives": (gives(lambda n: entropy(n) + n.max()), "counts [[3, 0, 5], [1, 1, 1]] gave"),
    "the counts are not written to": (gives(overwritten), "[[3, 0, 5], [1, 1, 1]] became [[1, 1, 1], [1, 1, 1]]"),
    "the order of the categories": (gives(lambda n: n[..., 0] / n.sum(axis=-1)), "[[5, 0, 3], [1, 1, 1]] gave [0.625,"),
    "adding a category": (gives(lambda n: entropy(n) + n.shape[-1]), "counts [[3, 0, 5, 0], [1, 1, 1, 0]] gave"),
    "a column may stand": (gives(entropy), "multiplicity [[1.0, 0.0, 0.0, 1.0,"),
    "a value is within": (gives(lambda n: entropy(n) - 9), "and the claim is: never below 0"),
    "the sum over": (replace(plugin(), entropy_terms=lambda n, N, K: n / N), "counts [3, 0, 5] gave 0.66"),
    "the mean over the draws": (replace(plugin(), properties=frozenset({Property.LINEAR})), "expected 0.0"),
    "KL with Q known": (
        replace(plugin("model_known"), evaluate=lambda sample, parameters: entropy(sample.counts)),
        "q [0.16666666666666666, 0.3333333333333333, 0.5] gave",
    ),
    "the reference values are met": (
        replace(plugin(), reference_values=(ReferenceValue(counts=(1, 1), value=0.5, origin="nobody"),)),
        "counts [1, 1] (nobody) gave 0.6931471805599453, expected 0.5",
    ),
    "extreme counts give": (gives(lambda n: np.where(n.max(axis=-1) == 1, np.nan, 0.0)), "counts [1] gave nan, and"),
    "a value in another unit": (gives(lambda n: entropy(n) + 1), "counts [3, 4, 5] in nats gave 1.07"),
    "the bias vanishes": (
        replace(plugin(), entropy_terms=lambda n, N, K: plugin_terms(n, N, K) + n / N),
        "the bias is 0.8",
    ),
    "exactly unbiased": (replace(plugin(), properties=frozenset({Property.UNBIASED})), "N = 1 gave 0.0, expected 1.02"),
    "the exact mean": (gives(lambda n: entropy(n) + 1), "N = 1 gave 0.0, expected 1.0"),
}


@pytest.mark.parametrize("law", [*LAWS_OF_COUNTS, *FIXED_LAWS], ids=lambda law: law.says[:40])
def test_every_law_can_fail_and_says_with_what(law: Any) -> None:
    (start,) = [start for start in BROKEN if law.says.startswith(start)]
    entry, said = BROKEN[start]
    with pytest.raises(AssertionError) as caught:
        law.hold(entry, *([ROWS] if law in LAWS_OF_COUNTS else []))
    (line,) = str(caught.value).splitlines()
    assert line.startswith(f'plugin of {entry.estimand}: "{law.says}": ')
    assert said in line


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        (lambda n: np.full(len(n), 0.5), "counts [1] gave shape (1,), expected ()"),
        (lambda n: 1 / (n - n)[..., 0], "counts [1] raised RuntimeWarning: divide by zero encountered in"),
        (lambda n: {}["H"], "counts [1] raised KeyError: 'H'"),
        (lambda n: np.full(n.shape[:-1], 0.5j), "counts [1] raised"),
    ],
)
def test_what_is_no_estimate_is_told_with_the_counts(rule: Callable[[np.ndarray], Any], said: str) -> None:
    with pytest.raises(AssertionError, match=re.escape(said)):
        check_estimator(gives(rule, reference_values=()))


@pytest.mark.slow
def test_a_function_is_checked_for_all_that_it_estimates() -> None:
    check_estimator(miller_madow)
    check_estimator(plugin())
    for wrong in (np.log, "plugin"):
        with pytest.raises(TypeError, match="expected an estimator's function or its entry in the catalogue, got"):
            check_estimator(wrong)  # type: ignore[arg-type]


def load(folder: Path, name: str, body: str) -> Callable[..., Any]:
    (folder / f"{name}_file.py").write_text(THREE_LINES.format(name=name, body=body), encoding="utf-8")
    load_plugins([f"{name}_file.py"])
    rule: Callable[..., Any] = next(entry.rule for entry in entries() if entry.name == name)
    return rule


@pytest.mark.slow
def test_three_lines_are_an_estimator_and_what_they_leave_out_is_said_in_one(
    mcdiv_command: Command, folder: Path
) -> None:
    rule = load(folder, "zero", "counts[..., 0] * 0.0")
    with pytest.warns(
        UserWarning, match="^zero: card, reference values, properties left out, so that nothing was checked of them$"
    ):
        check_estimator(rule)
    given = ("--plugin", "zero_file.py")
    assert re.search(r"left out +card, reference values, properties\n", mcdiv_command("show", "zero", *given).stdout)
    assert "not stated" in mcdiv_command("list", "estimators", *given).stdout
    (folder / "s.yaml").write_text(write_text(small(estimators=["plugin", "zero"])), encoding="utf-8")
    mcdiv_command("run", "s.yaml", "-q", *given)


@pytest.mark.filterwarnings("ignore:wrong. card, reference values, properties left out")
def test_three_lines_are_held_to_the_laws(folder: Path) -> None:
    rule = load(folder, "wrong", "counts[..., 0] / counts.sum(axis=-1)")
    with pytest.raises(
        AssertionError, match=r'^wrong of entropy: "the order of the categories does not matter": counts'
    ):
        check_estimator(rule)


def test_a_parameter_is_tried_at_the_example_of_its_domain() -> None:
    @estimator("entropy", reference_values=[], properties={Property.NONNEGATIVE})
    def below(counts, m: Annotated[float, Domain(expected="a number", example=-1)]):
        """A test.

        Formula: Ĥ = m
        Valid:   always
        Source:  this test
        """
        return counts[..., 0] * 0.0 + m

    @estimator("entropy", reference_values=[], properties=[])
    def nowhere(counts, m: Annotated[float, Domain(expected="a number")]):
        """A test.

        Formula: Ĥ = m
        Valid:   always
        Source:  this test
        """
        return counts[..., 0] * 0.0 + m

    with pytest.raises(AssertionError, match="m -1 gave"):
        check_estimator(below)
    with pytest.raises(ValueError, match="parameter 'm' has no example: give its Domain one"):
        check_estimator(nowhere)


def test_a_sum_over_all_axes_is_told_before_what_follows_from_it() -> None:
    said = r'"a batch gives, over its last axis, .*": counts \[\[1\]\] gave shape \(\), expected \(1,\)$'
    with pytest.raises(AssertionError, match=said):
        check_estimator(gives(lambda counts: entropy(counts).sum()))


def test_the_catalogue_of_mcdiv_leaves_nothing_out() -> None:
    def bare(counts):
        """A test.

        Formula: Ĥ = 0
        Valid:   always
        Source:  this test
        """

    bare.__module__ = "mcdiv.estimators.bare"
    with pytest.raises(
        ValueError, match=r"bare: an estimator of mcdiv states its reference values and properties, if only as \[\]$"
    ):
        estimator("entropy")(bare)
    bare.__doc__ = None
    with pytest.raises(ValueError, match="bare: the docstring has no 'summary:'"):
        estimator("entropy", reference_values=[], properties=[])(bare)
    assert not any(entry.left_out for entry in entries())

"""Golden values for other libraries: right to their last digit, of inputs that are the nearest floats."""

import json
import subprocess
import sys
from collections.abc import Iterator
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import mpmath
import numpy as np
import pytest
from conftest import Command
from hypothesis import given
from hypothesis import strategies as st
from pages import ROOT

import mcdiv
from mcdiv.golden.cases import CASES
from mcdiv.golden.formats import rounded

NAMES = sorted(case.name for case in CASES)
SMALL = [case.name for case in CASES if len(case.p) < 100]
FLOATS = ("float64", "float32", "bfloat16")


@cache
def golden_values() -> dict[str, Any]:
    return mcdiv.fixtures()


def of(x: Any) -> mpmath.mpf:
    """A number of a file: a fraction as text, or a float."""
    exact = Fraction(x)
    return mpmath.mpf(exact.numerator) / exact.denominator


def in_mpmath(p: list[Any], q: list[Any]) -> dict[str, Any]:
    """Every quantity, as its formula has it."""
    log, inf, pairs = mpmath.log, mpmath.inf, list(zip(p, q, strict=True))
    total = mpmath.fsum

    def kl(a: list[Any], b: list[Any]) -> Any:
        return inf if any(x and not y for x, y in zip(a, b, strict=True)) else total(terms(a, b))

    def terms(a: list[Any], b: list[Any]) -> list[Any]:
        return [x * log(x / y) if x else mpmath.mpf(0) for x, y in zip(a, b, strict=True)]

    def cross(a: list[Any], b: list[Any]) -> Any:
        if any(x and not y for x, y in zip(a, b, strict=True)):
            return inf
        return -total(x * log(y) for x, y in zip(a, b, strict=True) if x)

    middle, forward, back = [(x + y) / 2 for x, y in pairs], kl(p, q), kl(q, p)
    finite, outside = forward != inf, any(x and not y for x, y in pairs)
    overlap = total(mpmath.sqrt(x) * mpmath.sqrt(y) for x, y in pairs)
    return {
        "entropy": cross(p, p),
        "entropy_of_q": cross(q, q),
        "cross_entropy": cross(p, q),
        "cross_entropy_reverse": cross(q, p),
        "kl_divergence": forward,
        "kl_divergence_reverse": back,
        "plain_sum_error": (total(p) + total(map(abs, terms(p, q)))) / abs(forward) if finite and forward else None,
        "generalised_kl": forward - total(p) + total(q),
        "jeffreys_divergence": forward + back,
        "js_divergence": (kl(p, middle) + kl(q, middle)) / 2,
        "renyi_entropy_half": 2 * log(total(map(mpmath.sqrt, p))),
        "renyi_entropy_2": -log(total(x**2 for x in p)),
        "min_entropy": -log(max(p)),
        "tsallis_entropy_2": 1 - total(x**2 for x in p),
        "renyi_divergence_half": -2 * log(overlap) if overlap else inf,
        "renyi_divergence_2": inf if outside else log(total(x**2 / y for x, y in pairs if x)),
        "total_variation": total(abs(x - y) for x, y in pairs) / 2,
        "squared_hellinger": total((mpmath.sqrt(x) - mpmath.sqrt(y)) ** 2 for x, y in pairs) / 2,
        "chi_squared": inf if outside else total((x - y) ** 2 / y for x, y in pairs if y),
        "gradient_p": [(log(x / y) + 1 if x and y else inf) if x else (-inf if y else None) for x, y in pairs],
        "gradient_q": [(-x / y if y else -inf) if x else mpmath.mpf(0) for x, y in pairs],
        "gradient_logits_p": [t - x * forward for x, t in zip(p, terms(p, q), strict=True)] if finite else None,
        "gradient_logits_q": [y - x for x, y in pairs] if finite else None,
    }


def differences(name: str, digits: int) -> Iterator[str]:
    """Outputs of a case that are not the 30 digits of mpmath."""
    case = golden_values()[name]
    with mpmath.workdps(digits):
        for kind, sides in case["inputs"].items():
            p, q = ([of(x) for x in sides[side]] for side in "pq")
            for form, outputs in case["outputs"][kind].items():
                if form == "normalised":
                    p, q = [x / mpmath.fsum(p) for x in p], [x / mpmath.fsum(q) for x in q]
                right = in_mpmath(p, q)
                assert set(right) - set(outputs) <= {"gradient_logits_p", "gradient_logits_q"}
                for quantity, value in outputs.items():
                    if not agrees(value, right[quantity], digits):
                        yield f"{kind} {form} {quantity}: {value}, not {right[quantity]}"


def agrees(written: Any, right: Any, digits: int) -> bool:
    if isinstance(right, list):
        return all(agrees(x, y, digits) for x, y in zip(written, right, strict=True))
    if written is None or right is None:
        return written is right or (written == "0" and right is None)
    if abs(right) < mpmath.mpf(10) ** (20 - digits):  # what mpmath leaves of 0
        return written == "0"
    return bool(mpmath.mpf(written) == right or abs(mpmath.mpf(written) / right - 1) <= mpmath.mpf("5.01e-30"))


@pytest.mark.parametrize("name", SMALL)
def test_every_output_has_thirty_right_digits(name: str) -> None:
    assert list(differences(name, 1400 if name in ("tiny_q", "tiny_in_both") else 160)) == []


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(set(NAMES) - set(SMALL)))
def test_every_output_of_many_categories_has_thirty_right_digits(name: str) -> None:
    assert list(differences(name, 160)) == []


def test_the_golden_values_of_one_pair_are_met() -> None:
    """The same pair, computed elsewhere in exact rationals and mpmath."""
    values = golden_values()["direction"]["outputs"]["exact"]["as_given"]
    golden = {
        "kl_divergence": 0.09203285023383191,
        "kl_divergence_reverse": 0.08512282595722165,
        "cross_entropy": 1.1216858642984053,
        "entropy": 1.0296530140645734,
        "jeffreys_divergence": 0.17715567619105357,
        "js_divergence": 0.02190117896849384,
        "chi_squared": 0.20714285714285713,
        "total_variation": 0.2,
        "squared_hellinger": 0.022021691174411082,
    }
    assert {name: float(values[name]) for name in golden} == pytest.approx(golden, rel=1e-15)
    gradient = [-0.21425254342752242, 0.09402967736229974, 0.12022286606522269]
    given = golden_values()["direction"]["outputs"]["exact"]["normalised"]["gradient_logits_p"]
    assert list(map(float, given)) == pytest.approx(gradient, rel=1e-14)
    reported = golden_values()["not_normalised"]["outputs"]["exact"]["as_given"]["kl_divergence"]
    assert round(float(reported) / 3, 4) == -0.0648


@given(st.floats(min_value=0, max_value=1e30))
def test_a_float64_is_rounded_to_float32_as_numpy_rounds_it(x: float) -> None:
    assert rounded(Fraction(x), "float64") == x
    assert rounded(Fraction(x), "float32") == float(np.float32(x))


@given(st.floats(min_value=0, max_value=2.0**100, width=32))
def test_bfloat16_is_the_upper_half_of_a_float32_rounded_to_even(x: float) -> None:
    bits = int(np.float32(x).view(np.uint32))
    upper = (bits + 0x7FFF + (bits >> 16 & 1)) >> 16 << 16
    assert rounded(Fraction(x), "bfloat16") == float(np.uint32(upper).view(np.float32))


@pytest.mark.parametrize("kind", FLOATS)
def test_inputs_are_the_nearest_numbers_of_their_format(kind: str) -> None:
    """No neighbour is nearer; those of a bfloat16 differ in the last bit of the upper half."""
    for case in golden_values().values():
        for side in "pq":
            for exact, x in zip(case["inputs"]["exact"][side], case["inputs"][kind][side], strict=True):
                distance = abs(Fraction(exact) - Fraction(x))
                assert all(distance <= abs(Fraction(exact) - Fraction(y)) for y in neighbours(x, kind)), (exact, x)


def neighbours(x: float, kind: str) -> list[float]:
    if kind == "float64":
        return [float(np.nextafter(x, side)) for side in (-1.0, 1e300)]
    step = 1 if kind == "float32" else 0x10000
    bits = int(np.float32(x).view(np.uint32))
    assert float(np.uint32(bits).view(np.float32)) == x
    return [float(np.uint32(each).view(np.float32)) for each in (bits - step, bits + step) if each >= 0]


@pytest.mark.parametrize("name", sorted(set(NAMES) - {"not_normalised", "counts", "tiny_in_both"}))
def test_mcdiv_passes_its_own_fixtures(name: str) -> None:
    case = golden_values()[name]
    p, q = (case["inputs"]["float64"][side] for side in "pq")
    golden = case["outputs"]["float64"]["as_given"]
    for ours, theirs in {
        "entropy": mcdiv.entropy(p),
        "cross_entropy": mcdiv.cross_entropy(p, q),
        "generalised_kl": mcdiv.kl_divergence(p, q),  # near P = Q it sums what does not cancel
        "js_divergence": mcdiv.js_divergence(p, q),
        "jeffreys_divergence": mcdiv.jeffreys_divergence(p, q),
        "gradient_q": mcdiv.kl_divergence_gradient(p, q),
    }.items():
        want = golden[ours]
        want = [float(x) for x in want] if isinstance(want, list) else float(want)
        assert np.asarray(theirs).tolist() == pytest.approx(want, rel=1e-12, abs=0), ours


def test_the_command_writes_a_file_of_each_case_and_overwrites_none(mcdiv_command: Command, folder: Path) -> None:
    assert (
        mcdiv_command("fixtures", "-o", "golden").stdout
        == f"wrote golden/: index.json and {len(golden_values())} cases\n"
    )
    read = {path.stem: json.loads(path.read_text("utf-8")) for path in (folder / "golden").glob("*.json")}
    index = read.pop("index")
    assert read == golden_values()
    assert index["cases"] == {name: case["trap"] for name, case in golden_values().items()}
    outputs = [form for case in golden_values().values() for kind in case["outputs"].values() for form in kind.values()]
    assert set(index["quantities"]) == {name for form in outputs for name in form}
    (folder / "golden" / "index.json").unlink()
    for place, said in [
        ("golden", "exists already; choose another name"),
        ("golden/bits.json", "golden/bits.json: is not a folder"),
    ]:
        refused = mcdiv_command("fixtures", "-o", place, code=2).stderr
        assert said in refused and refused.count("\n") == 1
    assert not (folder / "golden" / "index.json").exists()


def test_without_a_folder_the_command_lists_the_cases(mcdiv_command: Command) -> None:
    listed = mcdiv_command("fixtures").stdout
    assert all(name in listed and case["trap"] in listed for name, case in golden_values().items())
    assert json.loads(mcdiv_command("fixtures", "--json").stdout) == golden_values()


def test_every_trap_says_what_the_values_are() -> None:
    def kl(name: str, kind: str = "exact", form: str = "as_given", quantity: str = "kl_divergence") -> float:
        return float(golden_values()[name]["outputs"][kind][form][quantity])

    assert kl("direction") / kl("direction", quantity="kl_divergence_reverse") == pytest.approx(1.08, abs=0.005)
    assert kl("bits") / np.log(2) == pytest.approx(0.25, rel=1e-15)
    assert kl("near_equal_1e_4") == pytest.approx(2e-8, rel=1e-6)
    assert kl("near_equal_1e_9") == pytest.approx(2.7e-18, rel=0.02)
    assert kl("many_near_equal") == pytest.approx(5e-13, rel=1e-6)
    assert kl("tiny_q", "float64") == pytest.approx(344.7, abs=0.05)
    assert kl("tiny_q", "float32") == kl("tiny_q", "bfloat16") == np.inf
    assert kl("subnormal_q", "float32") < 46
    assert kl("tiny_in_both", "float64") == pytest.approx(-6.9e-201, rel=0.01)
    assert kl("far_apart", quantity="kl_divergence_reverse") / kl("far_apart") == pytest.approx(2.6, abs=0.05)
    assert kl("counts") == pytest.approx(10 * kl("counts", form="normalised"), rel=1e-15)
    assert golden_values()["not_normalised"]["sums"]["exact"]["p"] == "0.2999"
    assert float(golden_values()["thirds"]["sums"]["float32"]["p"]) - 1 == pytest.approx(3e-8, rel=0.01)
    assert 0.25 * np.log(0.25 / 0.5) == pytest.approx(-0.17, abs=0.005)
    assert 0 < kl("negative_term") < abs(0.5 * np.log(0.5 / 0.75))


@pytest.mark.slow
def test_the_page_has_what_scipy_returns(folder: Path) -> None:
    """The script needs no mcdiv; rows of other libraries are made where they are installed."""
    mcdiv.fixtures(folder / "golden")
    script = [sys.executable, ROOT / "benchmarks" / "libraries.py", "golden"]
    table = subprocess.run(script, capture_output=True, text=True, check=True).stdout.splitlines()
    page = (ROOT / "docs" / "fixtures.md").read_text("utf-8").splitlines()
    rows = [line for line in table if line.startswith(("| call", "| `scipy"))]
    assert len(rows) == 5
    assert [line for line in rows if line not in page] == []


def test_a_folder_without_a_name_is_refused(folder: Path) -> None:
    with pytest.raises(mcdiv.StoreError, match="the name of the folder to write to is empty"):
        mcdiv.fixtures("")
    assert list(folder.iterdir()) == []

"""The explorer without a screen: its mathematics against Python, its parts, the command."""

import itertools
import json
import math
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
import pytest
from browser import chromium
from conftest import Command

import mcdiv
from mcdiv.core.binomial import binomial_window
from mcdiv.files import yaml_text
from mcdiv.results.explorer import SCRIPTS, as_part, explorer_page, explorer_section
from mcdiv.results.loading import parse
from mcdiv.significance.power import power_of_samples

ESTIMATORS = ("plugin", "miller_madow", "jackknife", "zhang", "grassberger_2003", "jeffreys")
ESTIMANDS = ("entropy", "cross_entropy", "kl_divergence")
#: expression in JavaScript, in the scope of all modules but the page's own → its value
JavaScript = Callable[[str], Any]


def source(name: str) -> str:
    return files("mcdiv.results.explorer").joinpath(name).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def javascript() -> Iterator[JavaScript]:
    """Evaluate in node, or else in a browser; numbers that JSON lacks come back as words."""
    scope = "\n".join(as_part(source(f"{name}.js")) for name in (*SCRIPTS[:3], "questions"))
    spoken = "(_, x) => typeof x === 'number' && !Number.isFinite(x) ? String(x) : ArrayBuffer.isView(x) ? [...x] : x"
    node = shutil.which("node")
    if node:

        def in_node(expression: str) -> Any:
            code = f"{scope}\nconsole.log(JSON.stringify({expression}, {spoken}));"
            call = [node or "", "--input-type=module"]
            return json.loads(
                subprocess.run(call, input=code, capture_output=True, encoding="utf-8", check=True).stdout
            )

        yield in_node
        return
    with chromium() as browser:
        page = browser.new_page()

        def in_browser(expression: str) -> Any:
            page.set_content(
                f"<script type=module>{scope}\nwindow.answer = JSON.stringify({expression}, {spoken});</script>"
            )
            return json.loads(page.wait_for_function("window.answer").json_value())

        yield in_browser


def agree(found: Any, expected: Any) -> None:
    np.testing.assert_allclose(np.asarray(found, dtype=float), np.asarray(expected, dtype=float), rtol=0, atol=1e-12)


@cache
def exact(estimand: str, estimator: str, p: float, q: float, n: int) -> tuple[float, ...]:
    rule = "plugin" if estimand == "cross_entropy" else estimator
    model = None if estimand == "entropy" else [q, 1 - q]
    found = mcdiv.exact_performance(estimand, estimator=rule, truth=[p, 1 - p], model=model, sample_size=n)
    return found.mean, found.bias, found.sd, found.rmse


@pytest.mark.slow
@pytest.mark.unmeasured
def test_definitions_and_slopes_agree_with_python_on_a_grid(javascript: JavaScript) -> None:
    values = [0, 1e-9, 0.01, 0.25, 0.3, 0.5, 0.5 + 1e-9, 0.7, 0.99, 1]
    grid = list(itertools.product(values, values))
    found = javascript(f"{grid_of(grid)}.map(([p, q]) => [entropy(p), crossEntropy(p, q), klDivergence(p, q)])")
    for (p, q), row in zip(grid, found, strict=True):
        pmfs = ([p, 1 - p], [q, 1 - q])
        agree(row, [mcdiv.entropy(pmfs[0]), mcdiv.cross_entropy(*pmfs), mcdiv.kl_divergence(*pmfs)])
    inside = [(p, q) for p, q in grid if 0.001 < q < 0.999]
    found = javascript(f"{grid_of(inside)}.map(([p, q]) => [crossEntropySlope(p, q), klSlope(p, q)])")
    for (p, q), row in zip(inside, found, strict=True):
        # Heads gains what tails loses, so along the coins the slope is the difference of the gradient's two entries.
        both = [f([p, 1 - p], [q, 1 - q]) for f in (mcdiv.cross_entropy_gradient, mcdiv.kl_divergence_gradient)]
        agree(row, [gradient[0] - gradient[1] for gradient in both])


@pytest.mark.slow
@pytest.mark.unmeasured
def test_kl_keeps_its_digits_near_p_equal_to_q(javascript: JavaScript) -> None:
    for step in (1e-3, 1e-6, 1e-9):
        expected = float(mcdiv.kl_divergence([0.3, 0.7], [0.3 + step, 1 - (0.3 + step)]))
        assert javascript(f"klDivergence(0.3, {0.3 + step!r})") == pytest.approx(expected, rel=1e-9)


@pytest.mark.slow
@pytest.mark.unmeasured
@pytest.mark.parametrize("n", [1, 2, 5, 10, 37, 100, 1000, 10_000])
def test_performance_of_every_estimator_agrees_with_python_on_a_grid(javascript: JavaScript, n: int) -> None:
    grid = list(itertools.product([0, 0.01, 0.3, 0.5, 0.7, 0.999], [0.02, 0.5, 0.7, 0.71]))
    rules = list(itertools.product(ESTIMATORS, ESTIMANDS))
    one = "(law) => [law.mean, law.bias, law.sd, law.rmse]"
    law = f"samplingDistribution(estimand, estimand === 'cross_entropy' ? 'plugin' : rule, {n}, p, q)"
    found = javascript(
        f"{grid_of(grid)}.map(([p, q]) => {json.dumps(rules)}.map(([rule, estimand]) => ({one})({law})))"
    )
    for (p, q), rows in zip(grid, found, strict=True):
        for (estimator, estimand), row in zip(rules, rows, strict=True):
            agree(row, exact(estimand, estimator, p, q, n))


@pytest.mark.slow
@pytest.mark.unmeasured
def test_every_outcome_has_the_estimate_that_python_gives(javascript: JavaScript) -> None:
    for estimator, n in itertools.product(ESTIMATORS, (1, 2, 3, 50, 1001)):
        counts = np.stack([np.arange(n + 1), n - np.arange(n + 1)], axis=-1)
        agree(
            javascript(f"entropyEstimates('{estimator}', {n})"),
            mcdiv.estimate("entropy", counts, estimator=estimator),
        )


@pytest.mark.slow
@pytest.mark.unmeasured
def test_binomial_weights_and_central_counts_agree_with_python(javascript: JavaScript) -> None:
    for n, p in ((1, 0.5), (10, 0.01), (100, 0.7), (10_000, 0.999)):
        found = javascript(f"binomialWindow({n}, {p})")
        counts, weights = binomial_window(n, p)
        offset = int(counts[0]) - found["low"]
        agree(found["weights"][offset : offset + len(counts)], weights)
        low, high = javascript(f"centralCounts({n}, {p}, 0.95)")
        assert weights[(counts >= low) & (counts <= high)].sum() >= 0.95
        assert weights[counts < low].sum() < 0.025
        assert weights[counts > high].sum() < 0.025


@pytest.mark.slow
@pytest.mark.unmeasured
def test_the_p_value_of_heads_is_that_of_mcdiv_test(javascript: JavaScript) -> None:
    grid = [(n, heads, q) for n in (1, 2, 10, 37) for heads in (0, 1, n // 3, n) for q in (0.02, 0.5, 0.7)]
    found = javascript(f"{grid_of(grid)}.map(([n, heads, q]) => gPValue(gLaw(n, q, q), gStatistic(heads, n, q)))")
    agree(found, [mcdiv.test([heads, n - heads], model=[q, 1 - q]).p_value for n, heads, q in grid])


@pytest.mark.slow
@pytest.mark.unmeasured
def test_size_and_power_are_those_of_the_exact_g_test(javascript: JavaScript) -> None:
    grid = [(n, p, q) for n in (1, 5, 20, 333) for p in (0.0, 0.3, 0.7) for q in (0.02, 0.5, 0.7)]
    numbers = "({ critical, size, power }) => [critical, size, power]"
    found = javascript(f"{grid_of(grid)}.map(([n, p, q]) => ({numbers})(gTest(n, p, q, 0.05)))")
    for (n, p, q), row in zip(grid, found, strict=True):
        test = power_of_samples("g", np.array([q, 1 - q]), np.array([p, 1 - p]), n, alpha=0.05)
        assert test is not None
        np.testing.assert_allclose(row, [test.critical_value, test.size, test.power], rtol=1e-11, atol=1e-15)


@pytest.mark.slow
@pytest.mark.unmeasured
def test_the_test_of_a_model_without_chance_rejects_whatever_it_rules_out(javascript: JavaScript) -> None:
    assert javascript("((t) => [t.critical, t.size, t.power])(gTest(3, 0.5, 1, 0.05))") == [0, 0, 0.875]
    words = javascript("testWords({ p: 0.5, q: 1, n: 3 }, gTest(3, 0.5, 1, 0.05), { g: Infinity, p: 0 })")
    assert words == (
        "A test at level 5 % rejects p = q where G is above 0: if p = q in 0 % of experiments. With this coin, "
        "p = 0.5, it rejects in 87.5 % of experiments. Your last experiment has G = +∞, and a G at least as large has "
        "probability below 10⁻¹² if p = q: the test rejects."
    )
    same = javascript("testWords({ p: 0.5, q: 0.5, n: 10 }, gTest(10, 0.5, 0.5, 0.05), null)")
    # |heads − 5| > 3: 22/1024
    assert same.endswith("if p = q in 2.1 % of experiments. This coin is the model.")


def test_a_model_that_rules_out_what_the_coin_does_is_infinite(javascript: JavaScript) -> None:
    law = javascript("samplingDistribution('cross_entropy', 'plugin', 5, 0.7, 0)")
    assert law["mean"] == "Infinity"
    assert law["infinite"] == pytest.approx(1 - 0.3**5, abs=1e-12)


@pytest.mark.slow
@pytest.mark.unmeasured
@pytest.mark.parametrize(
    ("p", "q", "excluded"),
    [(0.7, 0, "heads"), (0.7, 1, "tails"), (0, 1, "tails"), (1, 0, "heads"), (0, 0, ""), (1, 1, ""), (0.7, 1e-9, "")],
)
def test_captions_speak_of_bias_and_tangents_only_where_values_are_finite(
    javascript: JavaScript, p: float, q: float, excluded: str
) -> None:
    assert math.isinf(mcdiv.cross_entropy([p, 1 - p], [q, 1 - q])) == bool(excluded)
    state = {"p": p, "q": q, "n": 10, "estimator": "plugin", "units": "nats"}
    captions, answers = javascript(
        f"[captions({json.dumps(state)}), "
        f"Object.values(QUESTIONS).map((question) => question.answer({json.dumps(state)}, 1))]"
    )
    told = " ".join([*captions.values(), *answers])
    assert ("unbiased" in told) == (not excluded)
    assert ("parallel" in told) == (not excluded)
    assert (f"infinite as soon as the coin shows {excluded}" in told) == bool(excluded)
    assert "∞" not in told
    assert "undefined" not in told
    assert ("cross zero" in told) == (0 < p < 1)


def test_both_slopes_are_one_at_the_ends_too(javascript: JavaScript) -> None:
    grid = list(itertools.product([0, 0.3, 1], [0, 0.3, 0.5, 1]))
    for (p, q), (first, second) in zip(
        grid, javascript(f"{grid_of(grid)}.map(([p, q]) => [crossEntropySlope(p, q), klSlope(p, q)])"), strict=True
    ):
        if p in (0, 1) or 0 < q < 1:
            assert float(first) == pytest.approx(float(second), abs=1e-12), (p, q)


@pytest.mark.slow
@pytest.mark.unmeasured
def test_flips_follow_the_coin_and_earlier_experiments_stay(javascript: JavaScript) -> None:
    heads = np.array(javascript("experiments(20261123, 2000, 0.7, 100).runs.map((run) => run.heads)"))
    assert abs(heads.mean() - 70) < 5 * math.sqrt(100 * 0.7 * 0.3 / 2000)
    assert abs(heads.var() / 21 - 1) < 5 * math.sqrt(2 / 2000)
    assert javascript("experiments(20261123, 3, 0.7, 100).runs.map((run) => run.heads)") == heads[:3].tolist()


@pytest.mark.slow
@pytest.mark.unmeasured
def test_the_address_carries_the_state_and_nothing_else_gets_in(javascript: JavaScript) -> None:
    state = {
        "p": 0.7,
        "q": 0.25,
        "n": 1000,
        "estimator": "zhang",
        "units": "bits",
        "predict": True,
        "seed": 7,
        "runs": 3,
    }
    assert javascript(f"readAddress(writeAddress({json.dumps({**state, 'predict': True})}))") == state
    assert javascript("readAddress('#p=2&q=x&n=1e9&units=pints&estimator=constructor&runs=-1&toString=1&seed=')") == {}
    assert javascript("readAddress('#p=0.7&q=0.5&n=100')") == {"p": 0.7, "q": 0.5, "n": 100}


@pytest.mark.slow
@pytest.mark.unmeasured
def test_the_scenario_that_the_page_writes_is_one_that_mcdiv_runs(javascript: JavaScript) -> None:
    for n, estimator in ((1, "plugin"), (10, "jeffreys"), (10_000, "grassberger_2003")):
        state = {"p": 0.7, "q": 0.5, "n": n, "estimator": estimator, "units": "bits", "seed": 4}
        scenario = parse(yaml_text.read_text(javascript(f"scenarioText({json.dumps(state)})"), "page"))
        assert scenario.sample_sizes[-1] == n
        assert list(scenario.sample_sizes) == sorted(set(scenario.sample_sizes))
        assert scenario.units == "bits"


def test_numbers_are_written_for_reading(javascript: JavaScript) -> None:
    written = javascript("[0.61086, -0.005, 1.5e-5, 3e-16, Infinity, NaN, 12345.6].map((x) => shown(x))")
    assert written == ["0.6109", "−0.005000", "1.500 × 10⁻⁵", "0", "+∞", "undefined", "12346"]


def test_the_page_is_one_small_file_that_names_no_address() -> None:
    page = explorer_page()
    assert len(page.encode()) < 150_000
    assert set(re.findall(r"https?://[^\s\"'`]+", page)) == {"http://www.w3.org/2000/svg"}  # a name, never fetched
    assert not re.search(r"<(link|img|iframe|script[^>]*\bsrc)\b|@import|url\((?!#)", page)
    assert page.count("<script") == page.count("</script>") == 1


def test_modules_stand_in_one_scope_without_meeting() -> None:
    names: list[str] = []
    for script in SCRIPTS:
        text = source(f"{script}.js")
        for listed, origin in re.findall(r'^import \{ ([^}]*) \} from "\./(\w+)\.js";$', text, flags=re.MULTILINE):
            assert SCRIPTS.index(origin) < SCRIPTS.index(script)
            assert set(listed.split(", ")) <= set(
                re.findall(
                    r"^export (?:const|function|async function) (\w+)", source(f"{origin}.js"), flags=re.MULTILINE
                )
            )
        assert not re.search(r"^(import|export)\b", as_part(text), flags=re.MULTILINE)
        names += re.findall(r"^(?:const|let|function|async function) (\w+)", as_part(text), flags=re.MULTILINE)
    assert len(names) == len(set(names))


def test_text_is_readable_on_its_ground_in_light_and_dark() -> None:
    css = source("section.css")
    light, dark = re.findall(r"--ink: .*?--path: #\w+", css, flags=re.DOTALL)[:2]
    for theme in (light, dark):
        colours = dict(re.findall(r"--(\w+): (#\w{6})", theme))
        for ink, ground in itertools.product(("ink", "quiet", "h", "kl"), ("paper", "raised")):
            if (ink, ground) not in {("h", "raised"), ("kl", "raised")}:
                assert contrast(colours[ink], colours[ground]) >= 4.5, (ink, ground)


def test_what_is_out_of_range_is_refused_by_name() -> None:
    for wrong in ({"truth": 1.2}, {"model": -0.1}, {"sample_size": 0}, {"sample_size": 10_001}, {"units": "bans"}):
        with pytest.raises(ValueError, match=next(iter(wrong)).replace("_", " ")):
            explorer_page(**wrong)  # type: ignore[arg-type]
    assert "<html" not in explorer_section(0.2, 0.4, 10, "bits")


def test_the_command_writes_a_page_and_never_over_a_file(mcdiv_command: Command) -> None:
    assert "wrote explorer.html" in mcdiv_command("explore", "--truth", "1/4", "--model", "0.5", "-n", "20").stdout
    assert "exists already" in mcdiv_command("explore", code=2).stderr
    mcdiv_command("explore", "-o", "other.html", "-u", "bits")
    assert "probability such as" in mcdiv_command("explore", "--truth", "seven", code=2).stderr


def grid_of(pairs: list[tuple[float, float]]) -> str:
    return json.dumps(pairs)


def contrast(one: str, other: str) -> float:
    """The ratio of relative luminances that WCAG 2 defines."""
    darker, lighter = sorted(map(luminance, (one, other)))
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    shares = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [x / 12.92 if x <= 0.04045 else ((x + 0.055) / 1.055) ** 2.4 for x in shares]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

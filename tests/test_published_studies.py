"""Published studies that are shipped as scenarios: their exact values, by mpmath from the papers' mathematics."""

import itertools
import math
from collections.abc import Iterator

import numpy as np
import pytest
from mpmath import binomial, exp, log, mp, mpf, nsum, sqrt
from mpmath import factorial as mp_factorial
from scipy.special import digamma

from mcdiv.results.run import run
from mcdiv.results.study_results import Results

SIZES = (10, 20, 50, 100, 200, 500, 1000)


@pytest.fixture(autouse=True)
def digits() -> Iterator[None]:
    with mp.workdps(30):
        yield


def exact(name: str, *settings: str) -> Results:
    return run(name, settings=["mode=exact", "plots=[]", "paths=0", "checks=[]", *settings])


def entropy_of_counts(size: int, p: mpf) -> mpf:
    """E[−(n/N) ln(n/N)] of one category, n binomial."""
    terms = (
        binomial(size, n) * p**n * (1 - p) ** (size - n) * -mpf(n) / size * log(mpf(n) / size)
        for n in range(1, size + 1)
    )
    return sum(terms, mpf(0))


def plugin_of_uniform(k: int, size: int) -> mpf:
    return k * entropy_of_counts(size, mpf(1) / k) - log(k)


@pytest.mark.slow
def test_the_biases_of_a_uniform_truth_are_sums_over_the_binomial_law() -> None:
    biases = exact("paninski_2003", "truth.uniform.k=[10, 100]", "sample_sizes=[10, 100]").summary
    biases = biases.set_index(["truth", "sample_size", "estimator"])["exact_bias"]
    for k, size in itertools.product((10, 100), repeat=2):
        plugin = plugin_of_uniform(k, size)
        seen = k * (1 - (1 - mpf(1) / k) ** size)
        wanted = {
            "plugin": plugin,
            "miller_madow": plugin + (seen - 1) / (2 * size),
            "jackknife": size * plugin - (size - 1) * plugin_of_uniform(k, size - 1),
        }
        for estimator, bias in wanted.items():
            assert biases[f"uniform(k={k})", size, estimator] == pytest.approx(float(bias), abs=1e-13)


@pytest.mark.slow
def test_where_draws_and_categories_grow_together_the_bias_goes_to_the_limit_of_paninski() -> None:
    found = exact("paninski_2003", "truth.uniform.k=1000", "sample_sizes=[100, 1000, 10_000]").summary
    found = found.set_index(["sample_size", "estimator"])["exact_bias"]
    for size in (100, 1000, 10_000):
        c = mpf(size) / 1000
        limit = log(c) - exp(-c) * nsum(lambda j, c=c: c ** (j - 1) / mp_factorial(j - 1) * log(j), [1, mp.inf])
        assert found[size, "plugin"] == pytest.approx(float(limit), abs=1e-3)
        corrected = limit + (1 - exp(-c)) / (2 * c) - mpf(1) / (2 * size)
        assert found[size, "miller_madow"] == pytest.approx(float(corrected), abs=1e-3)


def zipf_and_uniform() -> tuple[list[mpf], mpf]:
    total = sum(mpf(1) / rank for rank in range(1, 11))
    return [1 / (rank * total) for rank in range(1, 11)], mpf(1) / 10


def tail(x: mpf, first: int) -> mpf:
    """Σ x^v/v over v ≥ first."""
    return -log(1 - x) - sum(x**v / v for v in range(1, first))


@pytest.mark.slow
def test_the_bias_of_zhang_and_grabchak_is_the_difference_of_two_tails() -> None:
    found = exact("zhang_grabchak_2014", "estimators=[zhang_grabchak]").summary.set_index("sample_size")["exact_bias"]
    truth, q = zipf_and_uniform()
    for size in SIZES:
        bias = sum(p * (tail(1 - p, size) - tail(1 - q, size + 1)) for p in truth)
        assert found[size] == pytest.approx(float(bias), rel=1e-6, abs=1e-15)


@pytest.mark.slow
def test_the_bias_of_the_augmented_plugin_is_a_sum_over_the_binomial_law_and_falls_as_nine_over_n() -> None:
    found = exact("zhang_grabchak_2014", "estimators=[augmented_plugin]").summary.set_index("sample_size")["exact_bias"]
    truth, q = zipf_and_uniform()
    kl = log(10) + sum(p * log(p) for p in truth)
    for size in SIZES[:5]:
        laws = [binomial(size, m) * q**m * (1 - q) ** (size - m) for m in range(size + 1)]
        cross = -sum(law * log(mpf(max(m, 1)) / size) for m, law in enumerate(laws))
        bias = cross - sum(entropy_of_counts(size, p) for p in truth) - kl
        assert found[size] == pytest.approx(float(bias), abs=1e-13)
    assert 1000 * found[1000] == pytest.approx(9, rel=0.01)


def infinite_share(size: int) -> mpf:
    """How often a category of the first sample is missing in the second, by the set of those missing."""
    truth, q = zipf_and_uniform()
    finite = mpf(0)
    for missing in range(10):
        others = 10 - missing
        law = sum((-1) ** i * math.comb(others, i) * ((others - i) * q) ** size for i in range(others + 1))
        finite += law * sum((1 - sum(some)) ** size for some in itertools.combinations(truth, missing))
    return 1 - finite


@pytest.mark.slow
def test_the_plugin_is_infinite_as_often_as_inclusion_and_exclusion_says() -> None:
    found = run("zhang_grabchak_2014", settings=["plots=[]", "paths=0", "estimators=[plugin]", "checks=[]"]).summary
    for _, row in found.iterrows():
        share = float(infinite_share(int(row["sample_size"])))
        mcse = math.sqrt(max(share, 0) * (1 - share) / row["replicates"])
        assert row["infinite_share"] == pytest.approx(share, abs=5 * mcse + 1e-12)


def test_the_spread_of_k1_k2_and_k3_is_that_of_normal_laws_but_for_the_width_of_the_bins() -> None:
    found = exact("schulman_2020", "sample_sizes=[1, 100]").summary
    found = found.assign(mean=[0.1 if "mean=0.1" in label else 1.0 for label in found["model"]])
    for (mean, size), rows in found.groupby(["mean", "sample_size"]):
        row = rows.set_index("estimator")
        assert row["true_value"].iloc[0] == pytest.approx(mean**2 / 2 * (1 - 0.1**2 / 12), rel=1e-5)
        relative = row["exact_sd"] / row["true_value"] * math.sqrt(size)
        assert relative["k1"] == pytest.approx(2 / mean, rel=5e-4)
        assert relative["k2"] == pytest.approx(math.sqrt(2 + mean**2), rel=5e-4)
        assert relative["k3"] == pytest.approx(2 * math.sqrt(math.expm1(mean**2) - mean**2) / mean**2, rel=5e-4)
        assert row.loc["k2", "exact_bias"] / row["true_value"].iloc[0] == pytest.approx(mean**2 / 4, rel=1e-3)


#: (bias, RMSE) of a thousand samples of ten, each from its own truth: the log of the authors, to four decimals
LOG = {
    "plugin": (-0.2095, 0.3135),
    "horvitz_thompson": (-0.0368, 0.2951),
    "chao_shen": (-0.0186, 0.2923),
    "miller_madow": (-0.0813, 0.2782),
    "jackknife": (-0.0115, 0.2883),
}


def entropies(n: np.ndarray) -> np.ndarray:
    p = n / n.sum(axis=-1, keepdims=True)
    return -np.sum(p * np.log(np.where(p > 0, p, 1)), axis=-1)


def estimates(n: np.ndarray) -> dict[str, np.ndarray]:
    """By the formulas of the papers, of count vectors of ten draws."""
    size, plugin = 10, entropies(n)
    p, coverage = n / size, 1 - np.minimum(np.sum(n == 1, axis=-1, keepdims=True), size - 1) / size
    less = [np.maximum(n - np.eye(5, dtype=int)[k], 0) for k in range(5)]
    seen = np.where(p > 0, p, 1)

    def inclusion(q: np.ndarray) -> np.ndarray:
        return -np.sum(np.where(n > 0, q * np.log(q) / (1 - (1 - q) ** size), 0), axis=-1)

    return {
        "plugin": plugin,
        "miller_madow": plugin + (np.sum(n > 0, axis=-1) - 1) / (2 * size),
        "jackknife": size * plugin
        - (size - 1) * sum(p[:, k] * np.where(n[:, k] > 0, entropies(less[k]), 0) for k in range(5)),
        "horvitz_thompson": inclusion(seen),
        "chao_shen": inclusion(coverage * seen),
    }


@pytest.mark.slow
@pytest.mark.unmeasured
def test_the_means_over_random_truths_are_those_of_their_law_and_the_published_ones_but_for_chance() -> None:
    # Under a Dirichlet law with α = 1 all count vectors are equally probable; given one the truth is Dirichlet(n + 1).
    n = np.array([c for c in itertools.product(range(11), repeat=5) if sum(c) == 10])
    a = n + 1.0
    entropy = digamma(16) - np.sum(a * digamma(a + 1), axis=-1) / 15
    table = run("arora_2022", settings=["plots=[]", "sample_sizes=[10]"]).tables["pooled"]
    table = table.set_index(["estimator", "measure"])[["value", "mcse"]]
    for name, values in estimates(n).items():
        bias = float(np.mean(values - entropy))
        published, rmse = LOG[name]
        assert abs(table.loc[(name, "bias"), "value"] - bias) <= 5 * table.loc[(name, "bias"), "mcse"]
        assert abs(published - bias) <= 5 * math.sqrt((rmse**2 - published**2) / 1000)
    value, mcse = table.loc[("bayes(alpha=1)", "bias")]
    assert abs(value) <= 5 * mcse


@pytest.mark.slow
def test_the_biases_under_a_power_law_over_a_thousand_categories_are_sums_over_the_binomial_law() -> None:
    found = exact(
        "hausser_strimmer_2009",
        "truth={zipf: {k: 1000}}",
        "sample_sizes=[10]",
        "estimators=[plugin, miller_madow, jeffreys, laplace, perks, minimax]",
    ).summary.set_index("estimator")["exact_bias"]
    total = sum(mpf(1) / rank for rank in range(1, 1001))
    truth, size = [1 / (rank * total) for rank in range(1, 1001)], 10

    def mean(pseudo_count: mpf) -> mpf:
        values = [(n + pseudo_count) / (size + 1000 * pseudo_count) for n in range(size + 1)]
        terms = [binomial(size, n) * (-value * log(value) if value else 0) for n, value in enumerate(values)]
        return sum((term * p**n * (1 - p) ** (size - n) for p in truth for n, term in enumerate(terms)), mpf(0))

    entropy = sum(-p * log(p) for p in truth)
    seen = sum(1 - (1 - p) ** size for p in truth)
    wanted = {
        "plugin": mean(mpf(0)),
        "miller_madow": mean(mpf(0)) + (seen - 1) / (2 * size),
        "jeffreys": mean(mpf(1) / 2),
        "laplace": mean(mpf(1)),
        "perks": mean(mpf(1) / 1000),
        "minimax": mean(sqrt(mpf(size)) / 1000),
    }
    for estimator, value in wanted.items():
        assert found[estimator] == pytest.approx(float(value - entropy), abs=1e-12)

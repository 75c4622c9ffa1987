"""Entropy estimators where nearly all draws fell into one category, and the entropy is next to 0: 80 digits of the
formula on the card."""

import math
from collections.abc import Callable, Sequence

import mpmath as mp
import pytest
from cases import quick

import mcdiv
from mcdiv.estimators.registry import ESTIMATORS

SIZES = [10, 10**3, 10**6, 10**9, 10**12, 10**14, 2**51]
Formula = Callable[[Sequence[int], int], mp.mpf]


def near_certain(N: int) -> list[list[int]]:
    return [[N - 1, 1], [N - 2, 1, 1], [N - 3, 2, 1], [1, N - 1, 0, 0]]


def plugin(p: mp.mpf) -> mp.mpf:
    return -p * mp.log(p) if p else mp.mpf(0)


def at(pmf: Callable[[int, int, int], mp.mpf]) -> Formula:
    return lambda counts, N: mp.fsum(plugin(pmf(mp.mpf(n), mp.mpf(N), mp.mpf(len(counts)))) for n in counts)


def weighted(value: Callable[[mp.mpf, mp.mpf], mp.mpf]) -> Formula:
    """Σ (n/N) f(n, N) over the categories seen."""
    return lambda counts, N: mp.fsum(mp.mpf(n) / N * value(mp.mpf(n), mp.mpf(N)) for n in counts if n)


def sign(n: mp.mpf) -> int:
    return 1 if int(n) % 2 == 0 else -1


def step(n: mp.mpf) -> mp.mpf:
    return n * mp.log(n) - (n - 1) * mp.log(n - 1) if n > 1 else mp.mpf(0)


def included(p: mp.mpf, N: int) -> mp.mpf:
    return plugin(p) / (1 - (1 - p) ** N) if p else mp.mpf(0)


def chao_shen(counts: Sequence[int], N: int) -> mp.mpf:
    coverage = 1 - mp.mpf(sum(n == 1 for n in counts)) / N
    return mp.fsum(included(coverage * n / N, N) for n in counts)


def chao_wang_jost(counts: Sequence[int], N: int) -> mp.mpf:
    once, twice = sum(n == 1 for n in counts), sum(n == 2 for n in counts)
    rest = (N - 1) * (once if twice else once - 1)
    more = 2 * max(twice, 1)
    # (1−A)^(1−N) {−ln A − Σ_{r<N} (1−A)^r/r} = Σ_{r≥N} (1−A)^(r−N+1)/r = (1−A)/N ₂F₁(1, N; N+1; 1−A)
    missed = mp.mpf(rest) / (rest + more)
    tail = missed / N * mp.hyp2f1(1, N, N + 1, missed) if missed else mp.mpf(0)
    return weighted(lambda n, N: mp.digamma(N) - mp.digamma(n))(counts, N) + mp.mpf(once) / N * tail


def james_stein(counts: Sequence[int], N: int) -> mp.mpf:
    K, p = mp.mpf(len(counts)), [mp.mpf(n) / N for n in counts]
    away = (N - 1) * mp.fsum((1 / K - x) ** 2 for x in p)
    shrunk = min(mp.mpf(1), (1 - mp.fsum(x * x for x in p)) / away)
    return mp.fsum(plugin(shrunk / K + (1 - shrunk) * x) for x in p)


def bayes(counts: Sequence[int], N: int) -> mp.mpf:
    A = N + mp.mpf(len(counts)) / 2
    return mp.fsum((n + mp.mpf(0.5)) / A * (mp.digamma(A + 1) - mp.digamma(n + mp.mpf(1.5))) for n in counts)


def bonachela(counts: Sequence[int], N: int) -> mp.mpf:
    return mp.fsum(mp.mpf(n + 1) / (N + 2) * (mp.digamma(N + 3) - mp.digamma(n + 2)) for n in counts if n)


def schurmann(counts: Sequence[int], N: int) -> mp.mpf:
    xi = mp.mpf(math.exp(-0.5))
    y = 1 / xi - 1

    def alternating(n: mp.mpf) -> mp.mpf:
        # the integral is below yⁿ/n, and y = 0.65
        return sign(n) * y**n / n * mp.hyp2f1(1, n, n + 1, -y) if n < 1000 else mp.mpf(0)

    return weighted(lambda n, N: mp.digamma(N) - mp.digamma(n) - alternating(n))(counts, N)


def wu_yang(counts: Sequence[int], N: int) -> mp.mpf:
    """Up to five categories: the polynomial is the constant 1/2e, and takes single draws alone."""
    reach = mp.mpf(3.5) * mp.log(len(counts)) / N
    low = reach / (2 * mp.e)
    parts = (
        low - (mp.log(reach) / N if n else 0) if n <= 1 else plugin(mp.mpf(n) / N) + mp.mpf(1) / 2 / N for n in counts
    )
    return mp.fsum(parts)


def nsb(counts: Sequence[int], N: int) -> mp.mpf:
    """Both integrals by the trapezoid rule in ln β, which errs by exp(−4π²) for steps of ½."""
    K, above, below = len(counts), mp.mpf(0), mp.mpf(0)
    for i in range(-120, 121):
        beta = mp.exp(mp.mpf(i) / 2)
        A = N + K * beta
        slope = beta * (K * mp.psi(1, K * beta + 1) - mp.psi(1, beta + 1))
        logs = (
            mp.loggamma(K * beta) - mp.loggamma(A) + mp.fsum(mp.loggamma(n + beta) - mp.loggamma(beta) for n in counts)
        )
        mean = mp.fsum((n + beta) / A * (mp.digamma(A + 1) - mp.digamma(n + beta + 1)) for n in counts)
        above, below = above + mp.exp(logs) * slope * mean, below + mp.exp(logs) * slope
    return above / below


FORMULAS: dict[str, Formula] = {
    "plugin": at(lambda n, N, K: n / N),
    "additive": at(lambda n, N, K: (n + mp.mpf(0.5)) / (N + K / 2)),
    "laplace": at(lambda n, N, K: (n + 1) / (N + K)),
    "jeffreys": at(lambda n, N, K: (n + mp.mpf(0.5)) / (N + K / 2)),
    "perks": at(lambda n, N, K: (n + 1 / K) / (N + 1)),
    "minimax": at(lambda n, N, K: (n + mp.sqrt(N) / K) / (N + mp.sqrt(N))),
    "james_stein": james_stein,
    "miller_madow": lambda counts, N: (
        at(lambda n, N, K: n / N)(counts, N) + mp.mpf(sum(n > 0 for n in counts) - 1) / (2 * N)
    ),
    "jackknife": weighted(lambda n, N: step(N) - step(n)),
    "zhang": weighted(lambda n, N: mp.digamma(N) - mp.digamma(n)),
    "grassberger_1988": weighted(lambda n, N: mp.log(N) - mp.digamma(n) - sign(n) / (n + 1)),
    "grassberger_2003": weighted(
        lambda n, N: mp.digamma(N) - mp.digamma(n) - sign(n) * (mp.digamma((n + 1) / 2) - mp.digamma(n / 2)) / 2
    ),
    "bonachela": bonachela,
    "horvitz_thompson": lambda counts, N: mp.fsum(included(mp.mpf(n) / N, N) for n in counts),
    "chao_shen": chao_shen,
    "chao_wang_jost": chao_wang_jost,
    "bayes": bayes,
    "schurmann": schurmann,
    "wu_yang": wu_yang,
}
#: nsb has a test of its own; ansb does not come near 0; jvhw's card tells its digits; the others solve a
#: least-squares or a linear program, or integrate with the error on their card
OTHERS = {"nsb", "ansb", "jvhw", "bub", "unseen", "pym"}


def entropy_estimators() -> set[str]:
    return {entry.name for entry in ESTIMATORS.values() if entry.estimand == "entropy" and entry.module[:5] == "mcdiv"}


def test_every_entropy_estimator_is_tried_near_zero_or_listed_as_an_exception() -> None:
    assert set(FORMULAS) | OTHERS == entropy_estimators()


@pytest.mark.slow
@pytest.mark.parametrize("name", FORMULAS)
def test_entropy_estimators_keep_fourteen_digits_next_to_zero(name: str) -> None:
    parameters = {"alpha": 0.5} if name in ("additive", "bayes") else {}
    with mp.workdps(80):
        for counts in (counts for N in SIZES for counts in near_certain(N)):
            if name == "wu_yang" and len(counts) > 3:
                continue
            found = float(mcdiv.estimate("entropy", counts, estimator=name, **parameters))
            truth = FORMULAS[name](counts, sum(counts))
            assert abs(found - truth) <= 1e-14 * abs(truth), counts


@pytest.mark.slow
@pytest.mark.parametrize(
    "counts", quick(2, [[2**51, 1], [10**12 - 2, 1, 1], [10**9 - 1, 1], [10**12 - 1, 1], [10**15, 1]]), ids=str
)
def test_nsb_keeps_twelve_digits_next_to_zero_and_comes_to_an_end(counts: list[int]) -> None:
    with mp.workdps(50):
        truth = nsb(counts, sum(counts))
    assert float(mcdiv.estimate("entropy", counts, estimator="nsb")) == pytest.approx(float(truth), rel=1e-12)


@pytest.mark.parametrize("counts", [[10**15, 5 * 10**14, 1], [2**50, 2**50], [2**51, 2**50, 2**49, 0, 0, 7]], ids=str)
def test_nsb_of_very_many_draws_is_bayes_at_any_weight_of_the_prior(counts: list[int]) -> None:
    """For N this large the prior adds less than 1e-12, whatever β is: the posterior mean is the entropy seen."""
    found = float(mcdiv.estimate("entropy", counts, estimator="nsb"))
    assert found == pytest.approx(float(mcdiv.estimate("entropy", counts, estimator="plugin")), rel=1e-12)
    assert 0 < float(mcdiv.standard_error("entropy", counts, method="nsb")) < 1e-7


@pytest.mark.parametrize("N", [10**9, 10**12, 2**51])
def test_a_smoothed_cross_entropy_of_two_samples_keeps_its_digits_next_to_zero(N: int) -> None:
    n, m = [N - 1, 1], [N - 2, 2]
    with mp.workdps(50):
        p, q = ([(mp.mpf(x) + mp.mpf(0.5)) / (N + 1) for x in counts] for counts in (n, m))
        truth = -mp.fdot(p, map(mp.log, q))
        unsmoothed = -mp.fdot([mp.mpf(x) / N for x in n], [mp.log(mp.mpf(x) / N) for x in m])
    for name, value in (("jeffreys", truth), ("plugin", unsmoothed)):
        found = float(mcdiv.estimate("cross_entropy", n, counts_q=m, estimator=name))
        assert found == pytest.approx(float(value), rel=1e-14), name


def test_a_divergence_is_0_where_the_entropy_estimate_is_the_plug_in() -> None:
    # Equal counts of a uniform model: Chao–Shen's weights are 1 − 1e-24, and KL is that of the plug-in, 0.
    for name in ("plugin", "chao_shen", "horvitz_thompson"):
        assert mcdiv.estimate("kl_divergence", [50] * 6, estimator=name, q=[1 / 6] * 6) == 0

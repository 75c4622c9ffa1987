"""B7, B8 and B10: estimators on batches of counts, against SciPy, adaptive integration and another package."""

from functools import partial
from importlib.util import find_spec
from typing import Any

import mpmath as mp
import numpy as np
from scipy import stats
from scipy.integrate import quad
from scipy.special import gammaln, polygamma, psi
from threadpoolctl import threadpool_limits

import mcdiv
from benchmarks.report import Line, side_note
from benchmarks.timing import in_turn, ratio
from mcdiv.core.arrays import Counts, Sample
from mcdiv.core.families.named import zipf
from mcdiv.core.fingerprints import fingerprints
from mcdiv.core.outcomes import stream
from mcdiv.estimators.registry import find

ROUNDS = 5
CATEGORIES = DRAWS = 1000
BATCH = 10_000
NAMES = ("plugin", "miller_madow", "jackknife", "zhang", "grassberger_2003", "laplace", "chao_shen", "chao_wang_jost")
#: samples that are integrated one by one, and the replicates they stand for
INTEGRATED, REPLICATES = 3, 1000
#: of the one sample given to the other package
LONG = 100_000


def compare() -> list[Line]:
    """Eight estimators at once; the NSB posterior; Zhang's sum."""
    with threadpool_limits(1):
        counts = stream(1).multinomial(DRAWS, zipf(CATEGORIES), size=BATCH)
        return [_eight(counts), _nsb(counts[:REPLICATES]), *_zhang()]


def _eight(counts: Counts) -> Line:
    seconds = in_turn(
        {
            "mcdiv": lambda: mcdiv.estimate("entropy", counts, estimator=list(NAMES)),
            "SciPy": lambda: stats.entropy(counts, axis=1),
        },
        rounds=ROUNDS,
    )
    some = counts[:50]
    found = mcdiv.estimate("entropy", some, estimator=list(NAMES))
    far = 0.0
    for name in NAMES:
        entry = find("entropy", name, "sample")
        assert entry is not None
        far = max(far, float(np.abs(found[name] / entry.evaluate(Sample(counts=some), {}) - 1).max()))
    far = max(far, float(np.abs(found["plugin"] / stats.entropy(some, axis=1) - 1).max()))
    return Line(
        number="B7",
        work=f"Zipf, K = N = {CATEGORIES}, {BATCH} samples: {len(NAMES)} estimators in one call of mcdiv.estimate",
        against="one scipy.stats.entropy(axis=1) on the same counts",
        reach=1,
        measured=ratio(seconds["SciPy"], seconds["mcdiv"]),
        at_least=True,
        answer=f"relative difference {far:.1e} of each without a tally, and of SciPy's",
        right=far < 1e-12,
        times=side_note(seconds),
    )


def _nsb(counts: Counts) -> Line:
    seconds = in_turn(
        {
            "mcdiv": lambda: mcdiv.estimate("entropy", counts, estimator="nsb"),
            "quad": lambda: [_by_quad(row) for row in counts[:INTEGRATED]],
        },
        rounds=ROUNDS,
    )
    each = {"mcdiv": len(counts), "quad": INTEGRATED}
    seconds = {name: [value / each[name] for value in values] for name, values in seconds.items()}
    truth = _by_mpmath(counts[0])
    far = abs(float(mcdiv.estimate("entropy", counts[0], estimator="nsb")) / truth - 1)
    return Line(
        number="B8",
        work=f"NSB, Zipf, K = N = {CATEGORIES}, {len(counts)} samples, for each of them",
        against=f"scipy.integrate.quad, one by one (from {INTEGRATED} samples)",
        reach=50,
        measured=ratio(seconds["quad"], seconds["mcdiv"]),
        at_least=True,
        answer=f"relative error {far:.1e} against mpmath (quad {abs(_by_quad(counts[0]) / truth - 1):.1e})",
        right=far < 1e-10,
        times=side_note(seconds),
    )


def _by_quad(row: Counts) -> float:
    """The posterior mean by adaptive integration in ln β, on the distinct counts."""
    n, times = (part.ravel() for part in fingerprints(row[np.newaxis]))
    N, K = int(row.sum()), len(row)

    def log_weight(u: float) -> float:
        beta = np.exp(u)
        prior = K * polygamma(1, K * beta + 1) - polygamma(1, beta + 1)
        ratio_of_gammas = float(times @ (gammaln(n + beta) - gammaln(beta)))
        return float(gammaln(K * beta) - gammaln(N + K * beta) + ratio_of_gammas + np.log(prior) + u)

    def mean(u: float) -> float:
        beta = np.exp(u)
        A = N + K * beta
        return float(psi(A + 1) - times @ ((n + beta) / A * psi(n + beta + 1)))

    grid = np.linspace(-15, 15, 61)
    peak = grid[int(np.argmax([log_weight(u) for u in grid]))]
    top = log_weight(peak)
    ends: dict[str, Any] = {"epsabs": 0, "epsrel": 1e-11, "limit": 500, "points": [peak - 1, peak, peak + 1]}
    above = quad(lambda u: np.exp(log_weight(u) - top) * mean(u), peak - 12, peak + 12, **ends)[0]
    below = quad(lambda u: np.exp(log_weight(u) - top), peak - 12, peak + 12, **ends)[0]
    return float(above / below)


def _by_mpmath(row: Counts) -> float:
    """The same by the trapezoidal rule with 30 digits."""
    n, times = (part.ravel() for part in fingerprints(row[np.newaxis]))
    N, K = int(row.sum()), len(row)
    kinds = [(int(count), int(number)) for count, number in zip(n, times, strict=True)]
    with mp.workdps(30):
        above = below = mp.mpf(0)
        top = None
        for place in range(-240, 241):
            u = mp.mpf(place) / 20
            beta = mp.exp(u)
            A = N + K * beta
            logs = mp.loggamma(K * beta) - mp.loggamma(A)
            logs += sum(number * (mp.loggamma(count + beta) - mp.loggamma(beta)) for count, number in kinds)
            logs += mp.log(K * mp.polygamma(1, K * beta + 1) - mp.polygamma(1, beta + 1)) + u
            inner = mp.psi(0, A + 1) - sum(
                number * (count + beta) / A * mp.psi(0, count + beta + 1) for count, number in kinds
            )
            top = logs if top is None else top
            above += mp.exp(logs - top) * inner
            below += mp.exp(logs - top)
        return float(above / below)


def _zhang() -> list[Line]:
    if find_spec("infomeasure") is None:
        return []
    from infomeasure import entropy

    symbols = stream(3).choice(CATEGORIES, p=zipf(CATEGORIES), size=LONG)
    counts = np.bincount(symbols, minlength=CATEGORIES)
    theirs = partial(entropy, symbols, approach="zhang", base="e")
    seconds = in_turn(
        {"mcdiv": lambda: mcdiv.estimate("entropy", counts, estimator="zhang"), "infomeasure": theirs}, rounds=2
    )
    far = abs(float(mcdiv.estimate("entropy", counts, estimator="zhang")) / float(theirs()) - 1)
    return [
        Line(
            number="B10",
            work=f"Zhang, Zipf, K = {CATEGORIES}, N = {LONG}: one sample",
            against='infomeasure, approach="zhang"',
            reach=10_000,
            measured=ratio(seconds["infomeasure"], seconds["mcdiv"]),
            at_least=True,
            answer=f"relative difference {far:.1e}",
            right=far < 1e-10,
            times=side_note(seconds),
        )
    ]

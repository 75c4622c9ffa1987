"""What share of intervals of a divergence hold it, at P = Q and away from it: a table of docs/intervals.md."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.special import gammaln, xlogy

from mcdiv.core.arrays import Array, Counts, Pmf
from mcdiv.core.number_format import counted
from mcdiv.core.outcomes import stream
from mcdiv.estimands.contract import estimand_of, symbol_of
from mcdiv.observed.uncertainty import interval

LEVEL = 0.95
#: other truths than P = Q, at least, and how near to one category P comes
POINTS, NEAR = 20, 0.9
REPLICATES = 2000
KL, JS, J, INFO = "kl_divergence", "js_divergence", "jeffreys_divergence", "mutual_information"
#: a share of P(heads) and 1 − P(heads), of three categories, and Zipf's law over fifty
FAIR, BENT, DIE = (0.5, 0.5), (0.3, 0.7), (0.5, 0.3, 0.2)
UNIFORM, ZIPF = (0.05,) * 20, tuple((1 / np.arange(1, 51) / (1 / np.arange(1, 51)).sum()).tolist())

ABOUT = """Of {:.0%} intervals: the share that holds the true value where P = Q (for I(X; Y), where X and Y are
independent), and the least share at {} or more other P, on the ways from Q to each category. Exact, over all
samples, unless ± says that {:,} samples were drawn; then elsewhere is every tenth of these P. The coverage
of noncentral_chi2 is never below the bounds, the first at P = Q and the second elsewhere. For a coin with a
known model it inverts the exact G test and is never below its level; otherwise G is compared with the χ² law
that has the exact mean of G. The jackknife, which is centred on the estimate, covers P = Q nearly always
with two categories, and hardly ever with many."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One row of the table."""

    estimand: str
    q: tuple[float, ...]
    N: int
    #: draws from Q; None: Q is known
    M: int | None = None
    #: the page states that no coverage at P = Q, and none elsewhere, is below
    bounds: tuple[float, float] = (0.95, 0.95)
    simulated: bool = False


SETTINGS = [
    *(Setting(estimand=e, q=q, N=N) for e in (KL, JS, J) for q in (FAIR, BENT) for N in (5, 20, 100)),
    *(
        Setting(estimand=e, q=q, N=N, M=M, bounds=(0.93, 0.90))
        for e in (KL, JS, J)
        for q in (FAIR, BENT)
        for N, M in ((20, 20), (20, 40), (50, 100))
    ),
    *(Setting(estimand=e, q=DIE, N=10, bounds=(0.93, 0.85)) for e in (KL, JS, J)),
    *(Setting(estimand=e, q=DIE, N=30, bounds=(0.93, 0.90)) for e in (KL, JS, J)),
    *(Setting(estimand=e, q=DIE, N=12, M=12, bounds=(0.93, 0.90)) for e in (KL, JS, J)),
    *(Setting(estimand=INFO, q=(0.25,) * 4, N=N, bounds=(0.93, 0.90)) for N in (10, 20)),
    *(Setting(estimand=e, q=UNIFORM, N=2000, M=2000, bounds=(0.93, 0.90), simulated=True) for e in (KL, JS)),
    *(Setting(estimand=e, q=ZIPF, N=100, M=100, bounds=(0.93, 0.85), simulated=True) for e in (KL, JS)),
]


def edge_coverage_section() -> str:
    """The section with its table."""
    lines = [
        "## Coverage where nothing differs, and away from it",
        "",
        ABOUT.format(LEVEL, POINTS, REPLICATES),
        "",
        "| estimand | Q | draws | jackknife, P = Q | noncentral_chi2, P = Q | elsewhere, least | bounds |",
        "|---|---|---|---:|---:|---:|---|",
    ]
    return "\n".join([*lines, *map(coverage_line, SETTINGS), ""])


def coverage_line(setting: Setting) -> str:
    size = f"N = {setting.N}, Q known" if setting.M is None else f"N = {setting.N}, M = {setting.M}"
    if setting.estimand == INFO:
        size = f"N = {setting.N}"
    shares = _shares(setting)
    cells = [f"{share:.4f}" + (f" ± {error:.4f}" if setting.simulated else "") for share, error in shares]
    bounds = " and ".join(f"{bound:.2f}" for bound in setting.bounds)
    return " | ".join([f"| {symbol_of(setting.estimand)}", _named(setting), size, *cells, f"{bounds} |"])


def _named(setting: Setting) -> str:
    if setting.estimand == INFO:
        return "2 × 2, uniform"
    if len(setting.q) > 3:
        return f"{'uniform' if setting.q == UNIFORM else 'zipf'}, {counted(len(setting.q), 'category', 'categories')}"
    return ", ".join(f"{each:g}" for each in setting.q)


def _shares(setting: Setting) -> list[tuple[float, float]]:
    """Of the jackknife at P = Q, of noncentral_chi2 there, and its least elsewhere, each with its MCSE."""
    if setting.simulated:
        return _simulated(setting)
    samples, others, held = _all_samples(setting.q, setting.N), None, {}
    if setting.M is not None:
        second = _all_samples(setting.q, setting.M)
        first, last = (grid.ravel() for grid in np.indices((len(samples), len(second))))
        samples, others = samples[first], second[last]
    for method in ("jackknife", "noncentral_chi2"):
        held[method] = _intervals(setting, method, samples, others)
    q = np.array(setting.q)
    weights = _chances(others, q) if others is not None else np.ones(len(samples))
    found = []
    for p in _truths(setting):
        weight = _chances(samples, p) * weights
        true = _true(setting, p)
        found.append({name: float(weight[_holds(*ends, true)].sum()) for name, ends in held.items()})
    at, elsewhere = found[0], [each["noncentral_chi2"] for each in found[1:]]
    return [(at["jackknife"], 0.0), (at["noncentral_chi2"], 0.0), (min(elsewhere), 0.0)]


def _simulated(setting: Setting) -> list[tuple[float, float]]:
    """The same from samples that are drawn; elsewhere at every tenth P only."""
    q, found = np.array(setting.q), []
    truths = list(_truths(setting))
    for number, p in enumerate([truths[0], *truths[1::10]]):
        random = stream(1, number)
        samples, others = (random.multinomial(n, pmf, size=REPLICATES) for n, pmf in ((setting.N, p), (setting.M, q)))
        for method in ("jackknife", "noncentral_chi2") if number == 0 else ("noncentral_chi2",):
            share = float(_holds(*_intervals(setting, method, samples, others), _true(setting, p)).mean())
            found.append((share, float(np.sqrt(share * (1 - share) / REPLICATES))))
    return [*found[:2], min(found[2:])]


def _truths(setting: Setting) -> Iterator[Pmf]:
    """P = Q, then P on the ways to each category; of pairs, on the ways to X = Y and to X ≠ Y."""
    q = np.array(setting.q)
    yield q
    targets = np.eye(4)[[0, 1]] + np.eye(4)[[3, 2]] if setting.estimand == INFO else np.eye(len(q))
    steps = -(-POINTS // len(targets))
    for target, step in itertools.product(targets, np.arange(1, steps + 1)):
        share = NEAR * step / steps
        yield (1 - share) * q + share * target / target.sum()


def _true(setting: Setting, p: Pmf) -> float:
    shape = (2, 2) if setting.estimand == INFO else None
    return float(estimand_of(setting.estimand).value(p, np.array(setting.q), shape))


def _intervals(setting: Setting, method: str, samples: Counts, others: Counts | None) -> tuple[Array, Array]:
    given = {"counts_q": others} if others is not None else {"q": setting.q}
    if setting.estimand == INFO:
        samples, given = samples.reshape(-1, 2, 2), {}
    found = interval(setting.estimand, samples, method=method, level=LEVEL, **given)
    return found.low, found.high


def _holds(low: Array, high: Array, true: float) -> Array:
    return np.asarray((low - 1e-12 <= true) & (true <= high + 1e-12))


def _all_samples(q: tuple[float, ...], draws: int) -> Counts:
    counts = itertools.product(range(draws + 1), repeat=len(q) - 1)
    return np.array([(*each, draws - sum(each)) for each in counts if sum(each) <= draws])


def _chances(counts: Counts, p: Pmf) -> Array:
    logs = gammaln(counts.sum(axis=1) + 1) + (xlogy(counts, p) - gammaln(counts + 1)).sum(axis=1)
    return np.asarray(np.exp(logs))

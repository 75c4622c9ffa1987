"""The page on `mcdiv test`: a story, and the exact size of each test over coins and small dice."""

from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

import numpy as np
from scipy.special import chdtri

from mcdiv.core.outcomes import enumerate_outcomes
from mcdiv.significance.columns import law_of_samples, law_of_tables
from mcdiv.significance.statistics import STATISTICS, chi_squared_scale, exceeds, of_tables, reaches

ALPHA = 0.05
_HEADS = {"g": "G", "pearson": "Pearson", "js": "JS", "psi": "PSI", "tv": "TV", "kl": "KL"}
STORY = Path(__file__).parent / "tests_story.md"
#: of one sample, KL is G/2N
NAMES = ("g", "pearson", "js", "psi", "tv", "kl")
#: label, pmf
COINS = [(f"coin, p = {p:g}", [p, 1 - p]) for p in (0.5, 0.3, 0.1, 0.02)]
DICE = [
    ("3 sides, fair", [1 / 3] * 3),
    ("3 sides, 0.6, 0.3, 0.1", [0.6, 0.3, 0.1]),
    ("4 sides, fair", [0.25] * 4),
    ("6 sides, fair", [1 / 6] * 6),
]
ONE, TWO = (10, 20, 50), ((10, 10), (10, 20), (20, 20))
#: of two samples all pairs of outcomes are listed, so that dice have three sides at most and fewer draws
TWO_OF_DICE = ((5, 5), (8, 8))


def one_sample_sizes(name: str, q: Sequence[float], draws: int) -> tuple[float, float | None]:
    """How often the exact test and the χ² test of one sample reject at 5 % where P = Q, without simulation."""
    pmf = np.array(q)
    law = law_of_samples(name, pmf, draws, 2**20)
    assert law is not None
    exact = float(law.exceeding(law.critical_value(ALPHA))[0])
    scale = chi_squared_scale(name, draws)
    # The χ² test rejects at its critical value as well, as its p-value is 5 % there.
    return exact, None if scale is None else float(law.reaching(chdtri(len(q) - 1, ALPHA) / scale)[0])


def two_sample_sizes(name: str, p: Sequence[float], draws: int, second: int) -> tuple[float, float | None]:
    """The same of two samples from one P, over all pairs of outcomes; the exact test knows the margins alone."""
    tables, weights = _pairs(tuple(p), draws, second)
    scale = chi_squared_scale(name, draws, second)
    values = of_tables(name, tables)
    rejected = np.zeros(len(tables), dtype=bool)
    approximate = np.zeros(len(tables), dtype=bool)
    columns, places = np.unique(np.sort(tables.sum(axis=1), axis=1), axis=0, return_inverse=True)
    for place, margins in enumerate(columns):
        if (margins > 0).sum() < 2:
            continue  # one category: nothing to test, and nothing is rejected
        some = np.flatnonzero(places.ravel() == place)
        law = law_of_tables(name, tables[some[0]][:, tables[some[0]].any(axis=0)], 2**20)
        assert law is not None
        rejected[some] = exceeds(values[some], law.critical_value(ALPHA))
        if scale is not None:
            approximate[some] = reaches(values[some], chdtri((margins > 0).sum() - 1, ALPHA) / scale)
    return float(weights[rejected].sum()), None if scale is None else float(weights[approximate].sum())


@cache
def _pairs(p: tuple[float, ...], draws: int, second: int) -> tuple[np.ndarray, np.ndarray]:
    pmf = np.array(p)
    outcomes = enumerate_outcomes(pmf, draws, pmf, second)
    assert outcomes.counts_q is not None
    return np.stack([outcomes.counts, outcomes.counts_q], axis=1), outcomes.weights


def page_of_tests() -> str:
    """The whole page."""
    assert set(NAMES) == set(STATISTICS)
    parts = [STORY.read_text("utf-8"), "### One sample against a known model\n", *_table(NAMES[:-1], _one_sample()), ""]
    parts += ["### Two samples\n", *_table(NAMES, _two_samples()), ""]
    return "\n".join(parts)


def _one_sample() -> Iterator[tuple[str, str, list[tuple[float, float | None]]]]:
    for label, q in (*COINS, *DICE):
        for draws in ONE:
            yield label, f"{draws}", [one_sample_sizes(name, q, draws) for name in NAMES[:-1]]


def _two_samples() -> Iterator[tuple[str, str, list[tuple[float, float | None]]]]:
    cases = [(label, p, sizes) for some, sizes in ((COINS, TWO), (DICE[:2], TWO_OF_DICE)) for label, p in some]
    for label, p, sizes in ((label, p, size) for label, p, all_sizes in cases for size in all_sizes):
        yield label, f"{sizes[0]} and {sizes[1]}", [two_sample_sizes(name, p, *sizes) for name in NAMES]


def _table(names: Sequence[str], rows: Iterator[tuple[str, str, list[tuple[float, float | None]]]]) -> Iterator[str]:
    heads = [f"{_HEADS[name]}: exact" + " | χ² test" * (name != "tv") for name in names]
    yield f"| P | draws | {' | '.join(heads)} |"
    yield f"|---|---|{'---:|' * (2 * len(names) - 1)}"
    for label, draws, sizes in rows:
        cells = [cell for exact, chi in sizes for cell in (_percent(exact), *([] if chi is None else [_marked(chi)]))]
        yield f"| {label} | {draws} | {' | '.join(cells)} |"


def _percent(size: float) -> str:
    return f"{100 * size:.2f}"


def _marked(size: float) -> str:
    return f"**{_percent(size)}**" if size > ALPHA + 1e-12 else _percent(size)

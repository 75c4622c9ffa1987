"""B16: entropy and divergences of many pmfs at once, against the SciPy expression with the same answer."""

from collections.abc import Callable

import numpy as np
from scipy.special import entr, rel_entr, xlogy

import mcdiv
from benchmarks.report import Line, side_note
from benchmarks.timing import in_turn, ratio
from mcdiv.core.arrays import Array
from mcdiv.core.outcomes import stream

ROUNDS, ROWS, CATEGORIES = 7, 256, 32_000


def compare() -> list[Line]:
    """A line for each function, on pmfs like those of a language model: logits that differ by 0.7 or so."""
    generator = stream(1)
    p, q = _pmfs(generator.normal(0, 3, (ROWS, CATEGORIES)), generator.normal(0, 0.7, (ROWS, CATEGORIES)))
    return [
        _line("entropy", lambda: mcdiv.entropy(p), "entr(p).sum(-1)", lambda: entr(p).sum(-1)),
        _line("cross_entropy", lambda: mcdiv.cross_entropy(p, q), "-xlogy(p, q).sum(-1)", lambda: -xlogy(p, q).sum(-1)),
        _line(
            "kl_divergence", lambda: mcdiv.kl_divergence(p, q), "rel_entr(p, q).sum(-1)", lambda: rel_entr(p, q).sum(-1)
        ),
        _line(
            "js_divergence",
            lambda: mcdiv.js_divergence(p, q),
            "(rel_entr(p, m) + rel_entr(q, m)).sum(-1)/2, m = (p + q)/2",
            lambda: _js(p, q),
        ),
    ]


def _pmfs(logits: Array, steps: Array) -> tuple[Array, Array]:
    weights = np.exp(logits), np.exp(logits + steps)
    first, second = (each / each.sum(axis=-1, keepdims=True) for each in weights)
    return first, second


def _js(p: Array, q: Array) -> Array:
    m = (p + q) / 2
    return np.asarray((rel_entr(p, m) + rel_entr(q, m)).sum(-1) / 2)


def _line(name: str, ours: Callable[[], Array], expression: str, theirs: Callable[[], Array]) -> Line:
    seconds = in_turn({"mcdiv": ours, "SciPy": theirs}, rounds=ROUNDS)
    far = float(np.abs(ours() / theirs() - 1).max())
    return Line(
        number="B16",
        work=f"{name} of {ROWS} pmfs over {CATEGORIES} categories",
        against=expression,
        reach=1.5,
        measured=ratio(seconds["mcdiv"], seconds["SciPy"]),
        at_least=False,
        answer=f"relative difference {far:.1e}",
        right=far < 1e-12,
        times=side_note(seconds),
    )

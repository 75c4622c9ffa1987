"""Sequences drawn from another policy: values and gradients with ratios, against enumeration with complex steps."""

import cmath
import math
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import mpmath as mp
import pytest
from drawn_sequences import PREFIXES, Tokens, nested, paths
from numpy.testing import assert_allclose

from mcdiv.api.policy_sequences import policy_sequences
from mcdiv.policies.sequence_gradients import SEQUENCE_ESTIMATORS, sequence_moments, true_gradient
from mcdiv.policies.sequence_ratios import RATIO_ESTIMATORS, ratio_estimators
from mcdiv.policies.sequences import Along
from mcdiv.policies.tree_form import tree_of

CLIP = 0.3


class Calculus:
    """Numbers of one kind, complex ones, with an imaginary part that is the derivative by one logit."""

    def __init__(self, exp: Any, log: Any, number: Any, step: Any) -> None:
        self.exp, self.log, self.number, self.step = exp, log, number, step

    def log_p(self, prefix: str, side: int, moved: tuple[str, str] | None = None) -> dict[str, Any]:
        """Logarithms of the softmax of the logits ln p, one of which is moved."""
        shares = {token: self.number(each[side]) / 10 for token, each in PREFIXES[prefix].items()}
        logits = {t: self.log(p) + (self.step * 1j if (prefix, t) == moved else 0) for t, p in shares.items()}
        total = self.log(sum(map(self.exp, logits.values())))
        return {token: z - total for token, z in logits.items()}

    def sequence(self, path: Tokens, moved: tuple[str, str] | None) -> SimpleNamespace:
        """ln p of each token, moved and fixed, ln q, ln o, and the KL of what comes next at each prefix, likewise."""
        lp, fixed = ([self.log_p(prefix, 0, by)[token] for prefix, token in path] for by in (moved, None))
        lq, lo = ([self.log_p(prefix, side)[token] for prefix, token in path] for side in (1, 2))
        kl, kl_fixed = ([self.kl(prefix, by) for prefix, _ in path] for by in (moved, None))
        return SimpleNamespace(lp=lp, fixed=fixed, lq=lq, lo=lo, kl=kl, kl_fixed=kl_fixed, T=len(path), exp=self.exp)

    def kl(self, prefix: str, moved: tuple[str, str] | None) -> Any:
        lp, lq = self.log_p(prefix, 0, moved), self.log_p(prefix, 1)
        return sum(self.exp(lp[token]) * (lp[token] - lq[token]) for token in lp)


def k(s: SimpleNamespace, name: str, difference: Any) -> Any:
    """k1, k2 or k3 of a difference ln(p/q)."""
    return {"k1": difference, "k2": difference**2 / 2, "k3": s.exp(-difference) - 1 + difference}[name]


def terms(s: SimpleNamespace, name: str, lp: list[Any]) -> list[Any]:
    return [k(s, name, a - b) for a, b in zip(lp, s.lq, strict=True)]


def weights(s: SimpleNamespace, ratio: str, lp: list[Any], clip: float) -> list[Any]:
    """The weight of each token."""
    logs = [a - b for a, b in zip(lp, s.lo, strict=True)]
    sums = {
        "own-token": logs,
        "cumulative": [sum(logs[: t + 1]) for t in range(s.T)],
        "before": [sum(logs[:t]) for t in range(s.T)],
        "sequence": [sum(logs)] * s.T,
        "sequence-mean": [sum(logs) / s.T] * s.T,
    }[ratio]
    return [clipped(s.exp(each), clip) for each in sums]


def clipped(w: Any, clip: float) -> Any:
    """A complex number whose real part is kept within 1 ± clip; at an end it is a constant."""
    return w if abs(w.real - 1) <= clip else 1 + math.copysign(clip, w.real - 1)


def dot(first: list[Any], second: list[Any]) -> Any:
    return sum(a * b for a, b in zip(first, second, strict=True))


RATIOS = ("own-token", "cumulative", "sequence", "sequence-mean")
Loss = Callable[[SimpleNamespace], Any]


def losses(clip: float) -> Iterator[tuple[str, Loss]]:
    """What a program would hand to its differentiation, by the name of the row."""
    for passes in ("detached", "differentiated"):

        def weigh(s: SimpleNamespace, ratio: str, passes: str = passes) -> list[Any]:
            return weights(s, ratio, s.fixed if passes == "detached" else s.lp, clip)

        for ratio in RATIOS:
            for name in ("k1", "k2", "k3"):
                yield (
                    f"token {name} x {ratio} ratio, {passes}",
                    lambda s, r=ratio, n=name, w=weigh: dot(w(s, r), terms(s, n, s.lp)),
                )
        for ratio in RATIOS[2:]:
            for name in ("k2", "k3"):
                yield (
                    f"{name} of the sequence x {ratio} ratio, {passes}",
                    lambda s, r=ratio, n=name, w=weigh: w(s, r)[0] * k(s, n, sum(s.lp) - sum(s.lq)),
                )
        yield f"exact KL at each prefix x cumulative ratio, {passes}", lambda s, w=weigh: dot(w(s, "before"), s.kl)
    for ratio in RATIOS:
        yield f"k1 in reward, return to go x {ratio} ratio", lambda s, r=ratio: rewarded(s, r, clip)


def rewarded(s: SimpleNamespace, ratio: str, clip: float) -> Any:
    w, d = weights(s, ratio, s.fixed, clip), terms(s, "k1", s.fixed)
    if ratio == "cumulative":
        return sum(s.lp[t] * dot(w[t:], d[t:]) for t in range(s.T))
    return sum(s.lp[t] * w[t] * sum(d[t:]) for t in range(s.T))


#: some of the rows without a ratio
PLAIN: dict[str, Loss] = {
    "k1 in reward, return to go": lambda s: sum(s.lp[t] * sum(terms(s, "k1", s.fixed)[t:]) for t in range(s.T)),
    "k2 in loss, summed over tokens": lambda s: sum(terms(s, "k2", s.lp)),
    "k3 in loss, mean over the tokens of a sequence": lambda s: sum(terms(s, "k3", s.lp)) / s.T,
    "k3 of the sequence in loss": lambda s: k(s, "k3", sum(s.lp) - sum(s.lq)),
    "exact KL at each prefix in loss, prefixes differentiated": lambda s: sum(
        s.kl[t] + s.lp[t] * sum(s.kl_fixed[t + 1 :]) for t in range(s.T)
    ),
}

IN_FLOATS = Calculus(cmath.exp, cmath.log, float, 1e-30)
IN_40_DIGITS = Calculus(mp.exp, mp.log, mp.mpf, mp.mpf(10) ** -50)
CALCULI = [pytest.param(IN_FLOATS, id="floats"), pytest.param(IN_40_DIGITS, id="mpmath", marks=pytest.mark.slow)]
LOGITS = [(prefix, token) for prefix, tokens in PREFIXES.items() for token in tokens]


def drawn_probabilities(calculus: Calculus) -> list[Any]:
    return [calculus.exp(sum(calculus.sequence(path, None).lo)).real for path in paths()]


@pytest.fixture(scope="module")
def along() -> Along:
    tree, problems = tree_of(nested())
    assert problems == []
    assert tree is not None
    return Along(tree=tree)


@pytest.mark.parametrize("calculus", CALCULI)
def test_every_gradient_is_the_mean_of_what_its_loss_gives(along: Along, calculus: Calculus) -> None:
    rules = {entry.name: entry.rule for entry in [*SEQUENCE_ESTIMATORS.values(), *ratio_estimators(CLIP)]}
    wanted = PLAIN | dict(losses(math.inf)) | {f"{name}, clipped": loss for name, loss in losses(CLIP)}
    assert {f"{name}{end}" for name in RATIO_ESTIMATORS for end in ("", ", clipped")} == {*wanted} - {*PLAIN}
    with mp.workdps(40):
        moved = [[calculus.sequence(path, logit) for logit in LOGITS] for path in paths()]
        shares = drawn_probabilities(calculus)
        for name, loss in wanted.items():
            each = [[mp.mpmathify(loss(s)).imag / calculus.step for s in row] for row in moved]
            mean = [mp.fsum(o * g[j] for o, g in zip(shares, each, strict=True)) for j in range(len(LOGITS))]
            squared = mp.fsum(o * mp.fsum(x**2 for x in g) for o, g in zip(shares, each, strict=True))
            found = sequence_moments(along, rules[name](along))
            assert_allclose(found.mean, [float(x) for x in mean], rtol=1e-11, atol=1e-14, err_msg=name)
            assert found.trace == pytest.approx(float(squared - mp.fsum(x**2 for x in mean)), rel=1e-11), name


@pytest.mark.parametrize("calculus", CALCULI)
def test_the_exact_rows_have_the_derivative_of_the_divergence_of_sequences(along: Along, calculus: Calculus) -> None:
    def divergence(moved: tuple[str, str]) -> Any:
        every = [calculus.sequence(path, moved) for path in paths()]
        return sum(calculus.exp(sum(s.lp)) * (sum(s.lp) - sum(s.lq)) for s in every)

    with mp.workdps(40):
        wanted = [float(divergence(logit).imag / calculus.step) for logit in LOGITS]
    assert_allclose(true_gradient(along), wanted, rtol=1e-12)
    exact = [row for row in policy_sequences(nested()).gradient_rows if row.exact_here]
    assert len(exact) == 9
    for row in exact:
        assert_allclose(row.comparison.mean, wanted, rtol=1e-11, err_msg=row.entry.name)


def values(s: SimpleNamespace, clip: float) -> Iterator[tuple[str, Any]]:
    for ratio in RATIOS:
        w = weights(s, ratio, s.fixed, clip)
        for name in ("k1", "k2", "k3"):
            yield f"sum of token {name} x {ratio} ratio", dot(w, terms(s, name, s.fixed))
    for ratio in RATIOS[2:]:
        for name in ("k2", "k3"):
            whole = k(s, name, sum(s.fixed) - sum(s.lq))
            yield f"{name} of the sequence ratio x {ratio} ratio", weights(s, ratio, s.fixed, clip)[0] * whole
    visited = "exact KL at each visited prefix (Rao-Blackwell)"
    yield f"{visited} x cumulative ratio", dot(weights(s, "before", s.fixed, clip), s.kl)
    yield visited, sum(s.kl)
    yield "sum of token k1", sum(terms(s, "k1", s.fixed))
    yield "mean over sequences of token-mean k3", sum(terms(s, "k3", s.fixed)) / s.T


def test_every_value_has_the_mean_the_bias_and_the_spread_that_enumeration_gives() -> None:
    found = {row.estimator: row for row in policy_sequences(nested(), clip=CLIP).value_rows}
    with mp.workdps(40):
        every, shares = [IN_40_DIGITS.sequence(path, None) for path in paths()], drawn_probabilities(IN_40_DIGITS)
        kl = sum(mp.exp(sum(s.fixed)) * (sum(s.fixed) - sum(s.lq)) for s in every)
        for clip, end in ((mp.inf, ""), (CLIP, ", clipped")):
            for rows in zip(*(values(s, clip) for s in every), strict=True):
                name = rows[0][0] + (end if " x " in rows[0][0] else "")
                mean = mp.fsum(o * value.real for o, (_, value) in zip(shares, rows, strict=True))
                variance = mp.fsum(o * (v.real - mean) ** 2 for o, (_, v) in zip(shares, rows, strict=True))
                wanted = [float(each) for each in (mean, mean - kl.real, mp.sqrt(variance), 0)]
                assert list(found[name][1:]) == pytest.approx(wanted, rel=1e-11, abs=1e-15), name

"""What the rows of a policy say, in sentences that hold for every P, Q and O, and as a block of Markdown."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from mcdiv.core.arrays import Array, Pmf
from mcdiv.core.number_format import counted, figure, percent
from mcdiv.policies.rows import GradientRow, ValueRow
from mcdiv.policies.terms import beyond_floats
from mcdiv.policies.verdicts import NO_GRADIENT, size

#: the largest number of categories whose probabilities are written out
MAX_WRITTEN = 8
#: what a table of gradients says of its columns, in Markdown
EXPLAINED = (
    "*exact here*: the expected gradient is ∇KL(P‖Q) at these P, Q and draws. *draws*: how many are as good as one "
    "of the best exact estimator; 0 for the exact sum."
)
#: of the table of gradients
COLUMNS = ("estimator", "placement", "weight", "exact here", "verdict", "relative error", "cosine", "draws")


def sentences(p: Pmf, q: Pmf, o: Pmf, values: Sequence[ValueRow], gradients: Sequence[GradientRow]) -> Iterator[str]:
    """What is undefined and why, which rows are exact here, and what that costs."""
    yield from _zeros(p, q, o, gradients[0].comparison.kl)
    besides = ", or beyond the largest float," if beyond_floats(p, q, o).any() else ""
    yield from _infinite(values, gradients, besides)
    if (lost := float(p[o == 0].sum())) > 0:
        yield (
            f"{percent(lost)} of the policy's probability is in categories that are never drawn: no weight can make "
            "up for them."
        )
    yield from _exact(gradients)
    if idle := [row for row in gradients if row.verdict == NO_GRADIENT]:
        yield f"No gradient of the divergence: {listed(idle)}. On the policy the expectation is 0, whatever Q is."
    if not np.array_equal(p, o) and any(_is_bare_k1(row) for row in idle):
        yield (
            "Off the policy, the expectation for k1 in the loss is o − p: gradient descent moves the policy away from "
            "what was drawn."
        )
    yield from _spreads(values, "none" if np.array_equal(p, o) else "weighted")


def _zeros(p: Pmf, q: Pmf, o: Pmf, kl: Array) -> Iterator[str]:
    if (beyond := float(p[q == 0].sum())) > 0:
        yield (
            f"{percent(beyond)} of the policy's probability is in categories to which the reference gives 0: "
            "KL(P‖Q) is infinite and has no gradient to compare with."
        )
    elif not size(kl):
        yield "∇KL(P‖Q) is 0 here, so relative errors and cosines are undefined."
    if (impossible := float(o[p == 0].sum())) > 0:
        yield (
            f"With probability {figure(impossible)} a draw has probability 0 under the policy, where ln(p/q) is −∞ or "
            "undefined. Its weight p/o is 0; the product with k is taken as the limit p → 0, which is 0 for k1 and k2 "
            "and q/o for k3. Code that multiplies 0 by ∞ gets NaN there."
        )


def _infinite(values: Sequence[ValueRow], gradients: Sequence[GradientRow], besides: str) -> Iterator[str]:
    """Which rows are infinite or undefined, or what is said besides, and with what probability."""
    for what, shares in (
        ("value", [(_value_name(row), row.infinite_share + row.undefined_share) for row in values]),
        ("gradient", [(row.name, row.infinite_share) for row in gradients]),
    ):
        for share in sorted({share for _, share in shares if share > 0}):
            names = "; ".join(name for name, each in shares if each == share)
            yield f"Infinite or undefined{besides} with probability {figure(share)}, as a {what}: {names}."


def _value_name(row: ValueRow) -> str:
    return {"none": row.estimator, "weighted": f"{row.estimator} with the weight"}.get(
        row.weight, f"{row.estimator} with the clipped weight"
    )


def _exact(gradients: Sequence[GradientRow]) -> Iterator[str]:
    right = [row for row in gradients if row.exact_here]
    if not right:
        yield "No row is exact here."
        return
    yield f"Exact here: {listed(right)}."
    sampled = [row for row in right if row.draws > 0]
    if len(sampled) > 1 and (worst := max(sampled, key=lambda row: row.draws)).draws > 1.005:
        best = min(sampled, key=lambda row: row.draws)
        if math.isinf(worst.draws):
            yield f"No number of draws of {worst.name} is as good as one of {best.name}, which does not vary here."
            return
        yield (
            f"{worst.name} needs {short(worst.draws)} times as many draws as {best.name} for the same total variance."
        )


def _is_bare_k1(row: GradientRow) -> bool:
    return (row.estimator, row.placement, row.weight) == ("k1", "loss", "none")


def _spreads(values: Sequence[ValueRow], weight: str) -> Iterator[str]:
    sds = {row.estimator: row.sd for row in values if row.weight == weight}
    if sds["k1"] > 0 and sds["k3"] > 0 and math.isfinite(sds["k1"] + sds["k3"]):
        more, less = sorted(("k1", "k3"), key=lambda name: sds[name], reverse=True)
        if (ratio := short(sds[more] / sds[less])) != "1":
            yield f"As a value, {more} has {ratio} times the sd of {less}{_weighted(weight)}."


def _weighted(weight: str) -> str:
    return "" if weight == "none" else ", both with the weight"


def listed(rows: Iterable[GradientRow]) -> str:
    """The rows by name."""
    return "; ".join(row.name for row in rows)


def short(value: float) -> str:
    """A number to four significant digits."""
    return figure(float(f"{value:.4g}"))


def written(pmf: Array) -> str:
    """The probabilities, where they are few."""
    if pmf.size > MAX_WRITTEN:
        return f"{pmf.size:,} probabilities"
    return f"({', '.join(map(short, pmf))})"


def markdown(p: Pmf, q: Pmf, o: Pmf, clip: float | None, gradients: Sequence[GradientRow]) -> str:
    """A table of the rows, with what it was made of; to paste into a review."""
    drawn = "the policy" if np.array_equal(p, o) else f"O = {written(o)}"
    clipped = "" if clip is None else f"; weights clipped to 1 ± {short(clip)}"
    kl = gradients[0].comparison.kl
    head = [
        "**Which gradient of the KL term is right?**",
        "",
        f"Exact, by summation over {counted(p.size, 'category', 'categories')}: policy P = {written(p)}, reference "
        f"Q = {written(q)}, drawn from {drawn}{clipped}.",
    ]
    if p.size <= MAX_WRITTEN and np.isfinite(kl).all() and size(kl) > 0:
        head.append(f"∇KL(P‖Q) in the logits of P is {written(kl)}.")
    table = [f"| {' | '.join(COLUMNS)} |", "|" + "---|" * len(COLUMNS)]
    table += [f"| {' | '.join(cells_of(row))} |" for row in gradients]
    return "\n".join([*head, "", *table, "", EXPLAINED])


def cells_of(row: GradientRow) -> tuple[str, ...]:
    """A row of the table of gradients."""
    return (
        row.estimator,
        row.placement or "–",
        (row.weight or "–") + (", clipped" if row.clipped else ""),
        "yes" if row.exact_here else "no",
        row.verdict,
        short(row.comparison.relative_error),
        short(row.comparison.cosine),
        short(row.draws) if row.exact_here else "–",
    )

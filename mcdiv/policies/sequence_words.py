"""What is said of the KL term of sequences: sentences, and a block of Markdown for a review."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from mcdiv.core.number_format import counted, figure, percent
from mcdiv.policies.sequence_rows import DRAWN_PREFIXES_FIXED, PREFIXES_FIXED, SequenceRow
from mcdiv.policies.sequences import Along
from mcdiv.policies.verdicts import NO_GRADIENT, OTHER_DIVERGENCE

COLUMNS = ("gradient", "exact here", "verdict", "relative error", "cosine", "draws")


def sequence_sentences(along: Along, rows: Sequence[SequenceRow]) -> Iterator[str]:
    """What there is, which gradients are exact, and what is meant by the claims of the others."""
    yield _setting(along)
    yield from _drawn(along)
    exact = [row for row in rows if row.exact_here]
    yield f"Exact here: {_listed(exact)}." if exact else "No row is exact here."
    if any(PREFIXES_FIXED in row.verdict for row in rows):
        yield "With prefixes held fixed: such a gradient leaves out that a token decides which prefixes come after it."
    if any(DRAWN_PREFIXES_FIXED in row.verdict for row in rows):
        yield "With the drawn prefixes held fixed: besides, it weighs a prefix by how often O draws it, not P."
    if any(row.verdict.startswith(OTHER_DIVERGENCE) for row in rows):
        yield "The other divergence is KL(Q‖P); with prefixes held fixed it is summed over those that P visits."
    if idle := [row for row in rows if row.verdict == NO_GRADIENT]:
        where = "The" if along.tree.o is None else "On the policy the"
        yield f"No gradient of the divergence: {_listed(idle)}. {where} expectation is 0, whatever Q is."
    for share in sorted({row.infinite_share for row in rows} - {0.0}):
        lost = [row for row in rows if row.infinite_share == share]
        what = "Beyond the largest float" if along.all_finite else "Infinite or undefined"
        yield f"{what} with probability {figure(share)}: {_listed(lost)}."
    yield from _spreads(exact)


def _drawn(along: Along) -> Iterator[str]:
    """What draws, where that is not the policy, and what it does not draw."""
    if along.tree.o is None:
        return
    drawn = f"{short(along.drawn_length)} token{'s' * (along.drawn_length != 1)} long on average"
    yield f"Drawn from O, where they are {drawn}; ratios are of P and O."
    if along.not_covered:
        yield f"{percent(along.not_covered)} of the sequences of P are never drawn: no ratio can make up for them."
    if along.drawn_impossible:
        share = figure(along.drawn_impossible)
        yield (
            f"With probability {share} a sequence has a token with probability 0 under P, where ln(p/q) is −∞ or "
            "undefined. Its product with a ratio of 0 is taken as the limit p → 0, and left undefined for the "
            "sequence-mean ratio and for a token's own ratio times what comes after the token. Code that multiplies 0 "
            "by ∞ gets NaN there."
        )


def _spreads(exact: Sequence[SequenceRow]) -> Iterator[str]:
    varying = [row for row in exact if row.draws > 0]
    if len(varying) > 1 and (worst := max(varying, key=lambda row: row.draws)).draws > 1.005:
        best = min(varying, key=lambda row: row.draws)
        times = short(worst.draws)
        yield (
            f"'{worst.entry.name}' needs {times} times as many sequences as '{best.entry.name}' for the same total "
            "variance."
        )


def _listed(rows: Sequence[SequenceRow]) -> str:
    return "; ".join(row.entry.name for row in rows)


def sequence_markdown(along: Along, rows: Sequence[SequenceRow], clip: float | None = None) -> str:
    """A table of the rows, with what it was made of; to paste into a review."""
    lines = [COLUMNS, ("---", "---", "---", "--:", "--:", "--:"), *map(sequence_cells, rows)]
    foot = (
        "*exact here*: the expected gradient is ∇KL(P‖Q) of sequences, in the logits at every prefix. *draws*: how "
        "many sequences are as good as one with the best exact estimator that varies; 0 where all give the same."
    )
    table = [f"| {' | '.join(line)} |" for line in lines]
    clipped = [] if clip is None else [f"Clipped ratios are kept within 1 ± {short(clip)}."]
    head = " ".join([f"Exact, by summation over {_setting(along)}", *_drawn(along), *clipped])
    return "\n".join(["**Which gradient of the KL term of sequences is right?**", "", head, "", *table, "", foot])


def sequence_cells(row: SequenceRow) -> tuple[str, ...]:
    """A row of the table of gradients."""
    return (
        row.entry.name,
        "yes" if row.exact_here else "no",
        row.verdict,
        short(row.comparison.relative_error),
        short(row.comparison.cosine),
        "–" if math.isinf(row.draws) else short(row.draws),
    )


def _setting(along: Along) -> str:
    tokens = f"{short(along.mean_length)} token{'s' * (along.mean_length != 1)}"
    length = (
        f"{counted(int(along.tree.ends.sum()), 'sequence')}, {tokens} long on average under P (the last one counts)"
    )
    lost = f" ({percent(along.impossible)} of the sequences of P are impossible under Q)" if along.impossible else ""
    unseen = f" ({percent(along.never_drawn)} of those of Q are impossible under P)" if along.never_drawn else ""
    return f"{length}: KL(P‖Q) = {figure(along.kl)} nats{lost}, KL(Q‖P) = {figure(along.reverse_kl)} nats{unseen}."


def short(value: float) -> str:
    """A number to four significant digits."""
    return figure(float(f"{value:.4g}"))

"""What is said of the KL term of sequences: sentences, and a block of Markdown for a review."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from mcdiv.core.number_format import counted, figure, joined, percent
from mcdiv.policies.sequence_rows import PREFIXES_FIXED, SequenceRow
from mcdiv.policies.sequences import Along
from mcdiv.policies.verdicts import BIASED, EXACT, INFINITE, NO_GRADIENT, OTHER_DIVERGENCE, WRONG_DIRECTION

#: what a verdict means, in the order in which it is said
_MEANINGS = {
    EXACT: "Exact",
    EXACT + PREFIXES_FIXED: "Exact but for what a token does to those after it (the prefixes are held fixed)",
    OTHER_DIVERGENCE: "The gradient of KL(Q‖P)",
    OTHER_DIVERGENCE
    + PREFIXES_FIXED: "The gradient of KL(Q‖P) at each prefix that P visits (the prefixes are held fixed)",
    NO_GRADIENT: "On average 0, whatever P and Q are",
    BIASED: "Biased",
    WRONG_DIRECTION: "Biased, and here on average more than 90° from the true gradient",
    INFINITE: "Infinite or undefined on average",
}


def sequence_sentences(along: Along, rows: Sequence[SequenceRow]) -> Iterator[str]:
    """What there is, and which gradients are right."""
    yield _setting(along)
    for verdict, meaning in _MEANINGS.items():
        if names := [row.entry.name for row in rows if row.verdict == verdict]:
            yield f"{meaning}: {'; '.join(names)}."
    exact = [row for row in rows if row.verdict == EXACT]
    if exact and (least := min(row.trace_covariance for row in exact)) > 0:
        best = [row.entry.name for row in exact if row.trace_covariance == least]
        yield f"Of the exact ones the gradient of one sequence varies least with {_either(best)}."


def sequence_markdown(along: Along, rows: Sequence[SequenceRow]) -> str:
    """The same as a block to paste, with the numbers of each gradient."""
    head = ("Gradient from one sequence", "Verdict", "Relative error", "Cosine", "Sequences needed")
    lines = [head, ("---", "---", "--:", "--:", "--:"), *map(_cells, rows)]
    table = "\n".join(f"| {' | '.join(line)} |" for line in lines)
    notes = (
        "Exact expectations over all sequences, in the logits at every prefix. Sequences needed: to spread as little "
        "as one does with the best exact gradient that varies; ∞ where no number of them makes it exact."
    )
    return f"{_setting(along)}\n\n{table}\n\n{notes}\n"


def cells_of(row: SequenceRow) -> tuple[str, ...]:
    """A row of a table: relative error, cosine, trace of the covariance, sequences needed."""
    found = row.comparison
    numbers = (found.relative_error, found.cosine, row.trace_covariance, row.draws)
    return (row.entry.name, row.verdict, *(_short(number) for number in numbers))


def _cells(row: SequenceRow) -> tuple[str, ...]:
    name, verdict, error, cosine, _, draws = cells_of(row)
    return name, f"**{verdict}**" if verdict == EXACT else verdict, error, cosine, draws


def _setting(along: Along) -> str:
    tokens = f"{_short(along.mean_length)} token{'s' * (along.mean_length != 1)}"
    length = f"{counted(int(along.tree.ends.sum()), 'sequence')}, under P of {tokens} on average, the end counted"
    lost = f" ({percent(along.impossible)} of the sequences of P are impossible under Q)" if along.impossible else ""
    return f"{length}: KL(P‖Q) = {figure(along.kl)} nats{lost}, KL(Q‖P) = {figure(along.reverse_kl)} nats."


def _either(names: Iterable[str]) -> str:
    return joined(f"'{name}'" for name in names)


def _short(value: float) -> str:
    return figure(float(f"{value:.4g}"))

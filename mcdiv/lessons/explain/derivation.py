"""From KL(P‖Q) to H(P, Q) = KL(P‖Q) + H(P) with the numbers of one P and one Q: the derivation as data.

How a step looks on a screen, in Markdown or on a page is the business of `pages`.
"""

import math
from dataclasses import dataclass

import numpy as np

from mcdiv.core.distributions import Distribution
from mcdiv.core.units import UNITS, nats_per
from mcdiv.lessons.explain.worked_example import WorkedExample, short, worked_example

#: categories that a table shows one by one; where there are more, the first of them
MAX_ROWS, FIRST_ROWS = 12, 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of the derivation."""

    title: str
    #: as it holds for any P and Q
    formula: str
    #: the same with the numbers given, line by line
    numbers: tuple[str, ...]
    #: what it means
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """The derivation for one truth and one model."""

    truth: str
    model: str
    case: WorkedExample
    #: what is out of the ordinary here, a sentence each
    notes: tuple[str, ...]
    #: the terms by category: header, rows, and the last row with their sums
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    steps: tuple[Step, ...]


def explain(truth: Distribution, model: Distribution, units: str) -> Explanation:
    """The derivation for a truth and a model over the same categories, in nats, bits or bans."""
    example = worked_example(truth.pmf(), model.pmf(), units)
    makers = (_definition, _expansion, _cross_entropy, _entropy, _identity, _loss, _direction, _units)
    header, rows = _table(example)
    return Explanation(
        truth=truth.label,
        model=model.label,
        case=example,
        notes=tuple(_notes(example)),
        header=header,
        rows=rows,
        steps=tuple(make(example) for make in makers),
    )


def _definition(example: WorkedExample) -> Step:
    formula, log = "KL(P‖Q) = Σ p_k log(p_k/q_k)", example.log
    numbers = [f"= {_summed(example, 0)}"]
    if example.coin:
        formula = "KL(P‖Q) = Σ P log(P/Q) = p log(p/q) + (1 − p) log((1 − p)/(1 − q))"
        pairs = zip(map(short, example.p), map(short, example.q), strict=True)
        numbers.insert(0, "= " + " + ".join(f"{p} · {log}({p}/{q})" for p, q in pairs))
    return Step(
        title="The definition",
        formula=formula,
        numbers=(*numbers, f"= {example.measured(example.kl_divergence)}"),
        sentence=f"The divergence: how many {example.units} more than necessary {_draw(example)} from P costs on "
        "average if you believe Q. It is never negative, and it is 0 only for Q = P.",
    )


def _expansion(example: WorkedExample) -> Step:
    first, second = example.figure(example.cross_entropy), example.figure(example.entropy)
    numbers = [f"= {first} − {second} = {example.measured(example.kl_divergence)}"]
    if example.lost:
        numbers = [f"= {first} − {second}, whose digits hold nothing of {example.measured(example.kl_divergence)}"]
    formula = "KL(P‖Q) = [−Σ p_k log q_k] + [Σ p_k log p_k]"
    if example.coin:
        formula = "KL(P‖Q) = [−p log q − (1 − p) log(1 − q)] + [p log p + (1 − p) log(1 − p)]"
        numbers.insert(0, f"= [{_summed(example, 1)}] + [−{_summed(example, 2).replace('+', '−')}]")
    return Step(
        title="The expansion",
        formula=formula,
        numbers=tuple(numbers),
        sentence="The logarithm of a ratio is a difference, log(p/q) = log p − log q, so the sum splits into two: "
        "term 1 contains Q, term 2 does not.",
    )


def _cross_entropy(example: WorkedExample) -> Step:
    formula = "H(P, Q) = −Σ p_k log q_k"
    lines = [f"= {_summed(example, 1)}"]
    if example.coin:
        formula = "H(P, Q) = −Σ P log Q = −p log q − (1 − p) log(1 − q)"
        pairs = zip(map(short, example.p), map(short, example.q), strict=True)
        lines.insert(0, "= " + " ".join(f"− {p} · {example.log}({q})" for p, q in pairs))
    return Step(
        title="Term 1 is the cross-entropy H(P, Q)",
        formula=formula,
        numbers=(*lines, f"= {example.measured(example.cross_entropy)}"),
        sentence=f"The average length, in {example.units}, of {_draw(example)} from P written in a code made for Q.",
    )


def _entropy(example: WorkedExample) -> Step:
    formula = "H(P) = −Σ p_k log p_k"
    lines = [f"= {_summed(example, 2)}"]
    if example.coin:
        formula = "H(P) = −Σ P log P = −p log p − (1 − p) log(1 − p)"
        lines.insert(0, "= " + " ".join(f"− {p} · {example.log}({p})" for p in map(short, example.p)))
    return Step(
        title="Term 2 is −H(P), the entropy",
        formula=formula,
        numbers=(*lines, f"= {example.measured(example.entropy)}"),
        sentence=f"The average length, in {example.units}, with P's own code: no code is shorter. Q does not occur in "
        "it, so no model changes it.",
    )


def _identity(example: WorkedExample) -> Step:
    values = (example.cross_entropy, example.kl_divergence, example.entropy)
    left, divergence, entropy = map(example.figure, values)
    numbers = [f"{left} = {divergence} + {entropy} {example.units}"]
    if math.isfinite(values[0]):
        residual = values[0] - (values[1] + values[2])
        numbers.append(f"computed separately, the two sides differ by {_small(residual)} {example.units}")
        sentence = "What a draw costs is what it must cost, H(P), plus what believing Q adds, KL(P‖Q)."
    else:
        sentence = "Both sides are infinite. H(P) is finite, so the divergence is infinite."
    return Step(
        title="The identity",
        formula="H(P, Q) = KL(P‖Q) + H(P): cross-entropy = divergence + entropy",
        numbers=tuple(numbers),
        sentence=sentence,
    )


def _loss(example: WorkedExample) -> Step:
    lowest = f"H(P, Q) = H(P) = {example.measured(example.entropy)} and KL(P‖Q) = 0"
    formula = "∂H(P, Q)/∂z_k = ∂KL(P‖Q)/∂z_k = q_k − p_k, where q = softmax(z), in nats"
    if example.coin:
        formula = "∂H(P, Q)/∂z = ∂KL(P‖Q)/∂z = q − p, where z = ln(q/(1 − q)), in nats"
    index = 0 if example.coin else int(np.argmax(np.abs(example.q - example.p)))
    at = "" if example.coin else f", the largest, at category {index + 1}"
    p, q = example.p[index], example.q[index]
    numbers = (f"= {short(q)} − {short(p)} = {example.figure(q - p)}{at}",)
    if (example.p == example.q).all():
        sentence = f"Q = P is where both are lowest, {lowest}. The slope of both is 0 there."
    elif not example.q.all():
        numbers = (
            f"q = 0 at {_listed([_names(example)[k] for k in np.flatnonzero(example.q == 0)])}: z is infinite there",
        )
        sentence = f"A probability of 0 has no finite logit. Over all Q both are lowest at Q = P: there {lowest}."
    else:
        sentence = (
            f"H(P) has no q in it, so both have the same slope: every step that lowers one lowers the other by as "
            f"much. Both are lowest at Q = P: there {lowest}. So minimising the loss drives Q to P."
        )
    return Step(title="Why it is the loss", formula=formula, numbers=numbers, sentence=sentence)


def _direction(example: WorkedExample) -> Step:
    same = (
        math.isclose(example.kl_divergence, example.reverse, rel_tol=1e-9) or example.kl_divergence == example.reverse
    )
    other = "Here the other direction has the same value" if same else "The other direction is another number"
    return Step(
        title="The direction",
        formula="KL(P‖Q) and KL(Q‖P) " + ("are the same here, but not in general" if same else "are not the same"),
        numbers=(
            f"KL(P‖Q) = {example.measured(example.kl_divergence)}: samples from P",
            f"KL(Q‖P) = {example.measured(example.reverse)}: samples from Q",
        ),
        sentence=f"P, the truth, is where the draws come from, and the average is over P. {other}; check the order of "
        "arguments in your library.",
    )


def _units(example: WorkedExample) -> Step:
    unit = nats_per(example.units)
    ordered = dict.fromkeys((example.units, *UNITS))

    def line(symbol: str, value: float) -> str:
        values_in_units = (f"{example.figure(value * unit / nats_per(units))} {units}" for units in ordered)
        return f"{symbol} = " + " = ".join(values_in_units)

    return Step(
        title="The units",
        formula="1 bit = ln 2 = 0.693147 nats; 1 ban = ln 10 = 2.302585 nats",
        numbers=(
            line("H(P, Q)", example.cross_entropy),
            line("KL(P‖Q)", example.kl_divergence),
            line("H(P)", example.entropy),
        ),
        sentence=f"The base of the logarithm is the unit: {example.log} gives {example.units}. Never add numbers of "
        "different units.",
    )


def _notes(example: WorkedExample) -> list[str]:
    """What is out of the ordinary: zeros, certainties, and a Q that is P or nearly so."""
    names, notes = _names(example), []
    impossible = np.flatnonzero((example.q == 0) & (example.p > 0))
    if len(impossible):
        share = float(example.p[impossible].sum())
        which = _listed([names[k] for k in impossible])
        notes.append(
            f"H(P, Q) and KL(P‖Q) are infinite: Q gives probability 0 to {which}, which P has with probability "
            f"{short(share)}. A code made for Q has no word for it, as −log 0 = ∞, and one such draw outweighs all "
            "others. This is neither rounding nor a bug; give every category some probability in Q, for instance by "
            "smoothing."
        )
    never = np.flatnonzero(example.p == 0)
    if len(never):
        text = f"{_listed([names[k] for k in never])}: P has probability 0 there, and p log p and p log(p/q) are 0, "
        text += "the limit for p → 0, whatever q is"
        notes.append(text + (" (also for q = 0)." if (example.q[never] == 0).any() else "."))
    if (example.p == example.q).all():
        notes.append("Q is P: the divergence is 0, and cross-entropy is entropy. No model does better.")
    elif example.lost:
        notes.append(
            "Q is so close to P that H(P, Q) and H(P) agree in every digit of double precision: their difference would "
            "be rounding. KL is computed on its own, as Σ p_k (d_k − ln(1 + d_k)) with d_k = (q_k − p_k)/p_k."
        )
    # 1 − 1e-17 is 1 to double precision, and not certain.
    if np.count_nonzero(example.p) == 1:
        notes.append(
            "P is certain: H(P) = 0, there is nothing to learn from a draw, and cross-entropy is divergence. This is "
            "the case of a training example with one true label."
        )
    if np.count_nonzero(example.q) == 1 and len(example.q) > 1:
        notes.append("Q is certain: it pays nothing when it is right, and an infinite amount when it is wrong.")
    return notes


def _table(example: WorkedExample) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """The terms category by category; of a long table the first, the rest in one row."""
    names, header = _names(example), ("category", "p", "q", *_columns(example))
    shown = len(example.p) if len(example.p) <= MAX_ROWS else FIRST_ROWS
    rows = [
        (names[k], short(example.p[k]), short(example.q[k]), *(example.figure(term) for term in example.terms[:, k]))
        for k in range(shown)
    ]
    if shown < len(example.p):
        rest = (math.fsum(values[shown:]) for values in (example.p, example.q))
        sums = (example.figure(math.fsum(term[shown:])) for term in example.terms)
        rows.append((f"{len(example.p) - shown:,} more", *map(short, rest), *sums))
    totals = (example.kl_divergence, example.cross_entropy, example.entropy)
    rows.append(("sum", "1", "1", *map(example.figure, totals)))
    return header, tuple(rows)


def _columns(example: WorkedExample) -> tuple[str, str, str]:
    return f"p {example.log}(p/q)", f"−p {example.log} q", f"−p {example.log} p"


def _summed(example: WorkedExample, which: int) -> str:
    """The terms of KL(P‖Q), H(P, Q) or H(P) as a sum: a coin's written out, others by the table's column."""
    if not example.coin:
        return f"the sum of the column {_columns(example)[which]}"
    first, second = example.terms[which]
    sign = "−" if second < 0 else "+"
    return f"{example.figure(first)} {sign} {example.figure(abs(second))}"


def _names(example: WorkedExample) -> list[str]:
    return ["heads", "tails"] if example.coin else [str(k) for k in range(1, len(example.p) + 1)]


def _listed(names: list[str]) -> str:
    """Some names, a number of categories as such: heads; categories 1, 2 and 5 more."""
    if names[0] in ("heads", "tails"):
        return " and ".join(names)
    shown = ", ".join(names[:3]) + (f" and {len(names) - 3:,} more" if len(names) > 3 else "")
    return f"categor{'y' if len(names) == 1 else 'ies'} {shown}"


def _draw(example: WorkedExample) -> str:
    return "a toss" if example.coin else "a draw"


def _small(value: float) -> str:
    return "0" if value == 0 else f"{value:.0e}".replace("-", "−")

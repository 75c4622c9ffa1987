"""One condition in words: every estimator in a line rounded by its MCSE, and a plain sentence for each estimand."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace

from mcdiv.core.number_format import counted, figure, percent, rounded
from mcdiv.core.performance import Measured
from mcdiv.engine.records import Pair, Row
from mcdiv.estimands.contract import scale_of, symbol_of, units_of
from mcdiv.results.words.digest_table import DigestTable
from mcdiv.results.words.row_words import (
    display_name,
    doubt,
    fails,
    left_out,
    negligible,
    never_finite,
    why_infinite,
    with_unit,
)

MAX_LINES = 12
#: a share of a bias that is told as a size, not as what is removed
_NEXT_TO_NOTHING = 1e-3


def table(rows: Sequence[Row], units: str) -> tuple[str, DigestTable]:
    """What is shown of them, and a line for each of the first dozen."""
    condition, left = rows[0].condition, len(rows) - MAX_LINES
    model = f", Q = {condition.model.label}" if condition.model else ""
    drawn = f" known from M = {condition.model_sample_size:,} draws" if condition.model_sample_size else ""
    drawn += f", drawn from O = {condition.drawn_from.label}" if condition.drawn_from else ""
    shown_in = units_of((row.task.estimand for row in rows), units)
    cut = f"; {counted(left, 'more row')} in summary.csv" if left > 0 else ""
    simulated = any(row.simulated for row in rows)
    middle = ("bias ± MCSE", "exact bias", "RMSE ± MCSE") if simulated else ("exact bias", "exact sd", "exact RMSE")
    return (
        f"P = {condition.truth.label}{model}{drawn}, N = {condition.sample_size:,} ({shown_in}{cut})",
        DigestTable(
            title="Every estimator",
            header=("estimand", "estimator", "true value", *middle, "rank"),
            texts=2,
            lines=tuple(_line(row, units, simulated=simulated) for row in rows[:MAX_LINES]),
        ),
    )


def _line(row: Row, units: str, *, simulated: bool) -> tuple[str, ...]:
    unit = scale_of(row.task.estimand, units)
    exact = {name: figure(row.exact.get(name, math.nan) / unit) for name in ("bias", "sd", "rmse")}
    middle = (
        ("constant", exact["bias"], "constant")
        if _is_constant(row)
        else (rounded(_measured(row, "bias", units)), exact["bias"], rounded(_measured(row, "rmse", units)))
        if simulated
        else (exact["bias"], exact["sd"], exact["rmse"])
    )
    rank = "–" if row.rank is None else str(row.rank)
    return (symbol_of(row.task.estimand), row.task.label, figure(row.true_value / unit), *middle, rank)


def _measured(row: Row, measure: str, units: str) -> Measured:
    """A measure in these units, without an MCSE where the estimates do not vary: there it is made of roundings."""
    unit, reported = scale_of(row.task.estimand, units), row.reported(measure)
    return Measured(value=reported.value / unit, mcse=math.nan if row.constant else reported.mcse / unit)


def _is_constant(row: Row) -> bool:
    """Whether every sample gave the same estimate, a finite one."""
    return row.constant and row.reported("infinite_share").value == row.reported("undefined_share").value == 0


def sentences(rows: Sequence[Row], pairs: Sequence[Pair], units: str) -> Iterator[str]:
    """How the usual estimator of each estimand does, and which other is less biased."""
    for estimand in dict.fromkeys(row.task.estimand for row in rows):
        group = [row for row in rows if row.task.estimand == estimand]
        leading = next((row for row in group if row.task.name == "plugin"), group[0])
        others = [row for row in group if row is not leading]
        yield _sentence(leading, others, pairs, units)


def _sentence(row: Row, others: Sequence[Row], pairs: Sequence[Pair], units: str) -> str:
    symbol, name = symbol_of(row.task.estimand), display_name(row)
    start = f"At N = {row.condition.sample_size:,}"
    if not math.isfinite(row.true_value):
        return f"{symbol} is infinite: {why_infinite(row)}. {start}, {_of_infinite(row)}"
    value, lost = row.value("bias"), left_out(row)
    if math.isnan(value):
        return f"{start} {name} {never_finite(row, symbol)}."
    if negligible(row):
        how = f"estimates {symbol} without bias" if "bias" in row.exact else f"shows no bias for {symbol}"
        return f"{start} {name} {how}{_evidence(row, units)}{lost}{doubt(row)}."
    verb = "underestimates" if value < 0 else "overestimates"
    # The exact bias where it is known: beside it, the MCSE of a simulated one says nothing.
    exact = Measured(value=value / scale_of(row.task.estimand, units), mcse=0.0)
    bias = exact if "bias" in row.exact else _measured(row, "bias", units)
    size = with_unit(rounded(replace(bias, value=abs(bias.value))), row, units)
    # Where some estimates are left out, another estimator's bias is that of other samples.
    than = _best_in_common(row, pairs, units) if fails(row) else _best_of(row, others, units)
    return f"{start} {name} {verb} {symbol} by {size}{lost}{doubt(row)}{than}."


def _of_infinite(row: Row) -> str:
    """How often the estimate of an infinite estimand is infinite."""
    infinite = row.value("infinite_share")
    if infinite == 1:
        of = "all" if math.isnan(row.bound("infinite_share")) else f"all {row.replicates:,}"
        return f"{of} estimates are infinite too."
    if infinite == 0:
        bound = row.bound("infinite_share")
        return "no estimate is infinite." if math.isnan(bound) else f"none of {row.replicates:,} estimates is infinite."
    return f"{percent(infinite)} of the estimates are infinite too; the others are finite, and therefore too low."


def _best_of(row: Row, others: Sequence[Row], units: str) -> str:
    """What the least biased other estimator makes of the bias; of those that like this one never fail."""
    reliable = [other for other in others if not math.isnan(other.value("bias")) and not fails(other)]
    if not reliable:
        return ""
    best = min(reliable, key=lambda other: abs(other.value("bias")))
    if negligible(best):
        return f"; {display_name(best)} {'has no bias' if 'bias' in best.exact else 'shows no bias'}"
    bias, left = (abs(one.value("bias")) for one in (row, best))
    error = 2 * math.hypot(*(0.0 if "bias" in one.exact else one.reported("bias").mcse for one in (row, best)))
    if left < bias - error:
        if not error and left < _NEXT_TO_NOTHING * bias:
            left /= scale_of(row.task.estimand, units)
            return f"; {display_name(best)} leaves {with_unit(figure(float(f'{left:.2g}')), row, units)} of it"
        return f"; {display_name(best)} removes {percent(1 - left / bias)} of it"
    always = "" if len(reliable) == len(others) else " that is always finite"
    return f"; no other estimator{always} {'shows' if error else 'has'} a smaller bias"


def _best_in_common(row: Row, pairs: Sequence[Pair], units: str) -> str:
    """Which other estimator is less biased than one that sometimes fails, on the samples for which both are finite."""
    held: list[tuple[Measured, Row]] = []
    for pair in pairs:
        difference = pair.differences["abs_bias"]
        if row.task in (pair.first.task, pair.second.task) and not math.isnan(difference.value):
            other, sign = (pair.second, 1) if pair.first.task == row.task else (pair.first, -1)
            held.append((Measured(value=sign * difference.value, mcse=difference.mcse), other))
    if not held:
        return ""
    common, less = "on the samples for which both are finite", [one for one in held if one[0].value > 2 * one[0].mcse]
    if not less:
        verb = "has" if all(by.mcse == 0 for by, _ in held) else "shows"
        return f"; {common}, no other estimator {verb} a smaller bias"
    by, best = max(less, key=lambda one: one[0].value)
    unit = scale_of(row.task.estimand, units)
    size = with_unit(rounded(Measured(value=by.value / unit, mcse=by.mcse / unit)), row, units)
    return f"; {common}, {display_name(best)} has a smaller bias, by {size}"


def mirror(rows: Sequence[Row]) -> Iterator[str]:
    """With Q known, the bias of KL is that of the entropy with the sign turned."""
    bias = {row.task.estimand: row.exact.get("bias") for row in rows if row.task.name == "plugin"}
    entropy, divergence = bias.get("entropy"), bias.get("kl_divergence")
    if not entropy or not divergence or abs(entropy + divergence) > 1e-9 * abs(entropy):
        return
    yield (
        "The biases of Ĥ and K̂L mirror each other: K̂L = ĈE − Ĥ and ĈE has no bias, so K̂L is too high by exactly as "
        "much as Ĥ is too low."
    )


def _evidence(row: Row, units: str) -> str:
    if not row.simulated:
        return ""
    if _is_constant(row):
        if "sd" in row.exact:
            return ", with the same estimate in every sample"
        return f", with the same estimate in all {row.replicates:,} replicates"
    return f" (simulated: {with_unit(rounded(_measured(row, 'bias', units)), row, units)})"

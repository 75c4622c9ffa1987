"""What a person reads at the end of a run: a short table rounded by its MCSE, and a plain sentence per estimand."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from mcdiv.core.number_format import amount, counted, figure, percent, percent_of_level, rounded
from mcdiv.core.performance import Measured
from mcdiv.core.rare_events import share_bound
from mcdiv.core.rounding import without_rounding
from mcdiv.engine.interval_block import IntervalRow
from mcdiv.engine.plan import Condition
from mcdiv.engine.records import Pair, Row
from mcdiv.estimands.contract import scale_of, symbol_of, unit_of, units_of
from mcdiv.estimators.registry import find
from mcdiv.results.words.rejections import rejection_sentences

MAX_LINES = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """The part of a study that fits on a screen."""

    #: what the table shows, and what else there is
    caption: str
    header: tuple[str, ...]
    lines: tuple[tuple[str, ...], ...]
    #: how biased each estimand's usual estimator is: a sentence for each estimand
    of_estimands: tuple[str, ...]
    #: what else there is to say: how two biases go together, what the intervals cover
    further: tuple[str, ...]

    @property
    def sentences(self) -> tuple[str, ...]:
        """All of them, as they are printed."""
        return (*self.of_estimands, *self.further)


def digest(
    rows: Sequence[Row], units: str, intervals: Sequence[IntervalRow] = (), pairs: Sequence[Pair] = ()
) -> Digest:
    """The condition that tells most, in a dozen lines and a sentence for each estimand."""
    condition = representative_condition(rows)
    shown = [row for row in rows if row.condition == condition]
    held = [pair for pair in pairs if pair.first.condition == condition]
    others = len({row.condition.number for row in rows}) - 1
    model = f", Q = {condition.model.label}" if condition.model else ""
    drawn = f" known from M = {condition.model_sample_size:,} draws" if condition.model_sample_size else ""
    more = f"; {counted(others, 'more condition')} in summary.csv" if others else ""
    left = len(shown) - MAX_LINES
    shown_in = units_of((row.task.estimand for row in shown), units)
    cut = f"; {counted(left, 'more row')} there" if left > 0 else ""
    simulated = any(row.simulated for row in shown)
    middle = ("bias ± MCSE", "exact bias", "RMSE ± MCSE") if simulated else ("exact bias", "exact sd", "exact RMSE")
    return Digest(
        caption=f"P = {condition.truth.label}{model}{drawn}, N = {condition.sample_size:,} ({shown_in}{more}{cut})",
        header=("estimand", "estimator", "true value", *middle, "rank"),
        lines=tuple(_line(row, units, simulated=simulated) for row in shown[:MAX_LINES]),
        of_estimands=tuple(_sentences(shown, held, units)),
        further=(*_mirror(shown), *_interval_sentences(intervals), *rejection_sentences(rows)),
    )


def exact_lines(rows: Sequence[Row], units: str) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """Every exact value of a study, a line for each row: header and lines."""
    header = ("truth", "model", "N", "M", "estimand", "estimator", "true value", "bias", "sd", "RMSE", "infinite")
    lines = []
    for row in rows:
        unit = scale_of(row.task.estimand, units)
        at, found = (
            row.condition,
            {name: figure(row.exact.get(name, math.nan) / unit) for name in ("bias", "sd", "rmse")},
        )
        place = (at.truth.label, at.model.label if at.model else "–", f"{at.sample_size:,}")
        drawn = f"{at.model_sample_size:,}" if at.model_sample_size else "–"
        what = (symbol_of(row.task.estimand), row.task.label, figure(row.true_value / unit))
        lines.append((*place, drawn, *what, *found.values(), percent(row.exact.get("infinite_share", math.nan))))
    return header, lines


def display_name(row: Row) -> str:
    """An estimator as a sentence calls it: Miller–Madow where its name is its authors', else its label."""
    task = row.task
    if task.name == "plugin":
        return "the plug-in"
    entry = find(task.estimand, task.name, task.design)
    parts = task.name.split("_")
    if entry is None or task.parameters or not all(part.capitalize() in entry.card.source for part in parts):
        return task.label
    authors = "–".join(part.capitalize() for part in parts if not part.isdigit())
    return " ".join([authors, *(part for part in parts if part.isdigit())])


def representative_condition(rows: Sequence[Row]) -> Condition:
    """The first setting at the smallest N with five draws for each category, or at the largest N."""
    first = rows[0].condition
    same = [r.condition for r in rows if (r.condition.truth, r.condition.model) == (first.truth, first.model)]
    same = [c for c in same if c.model_sample_size == first.model_sample_size]
    ordered = sorted(same, key=lambda condition: condition.sample_size)
    enough = [c for c in ordered if c.sample_size >= 5 * c.truth.categories]
    return enough[0] if enough else ordered[-1]


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


def _amount(size: str, row: Row, units: str) -> str:
    """A size in the unit of what is estimated, if that has one."""
    return amount(size, unit_of(row.task.estimand, units))


def _is_constant(row: Row) -> bool:
    """Whether every sample gave the same estimate, a finite one."""
    return row.constant and row.reported("infinite_share").value == row.reported("undefined_share").value == 0


def _sentences(rows: Sequence[Row], pairs: Sequence[Pair], units: str) -> Iterator[str]:
    for estimand in dict.fromkeys(row.task.estimand for row in rows):
        group = [row for row in rows if row.task.estimand == estimand]
        leading = next((row for row in group if row.task.name == "plugin"), group[0])
        others = [row for row in group if row is not leading]
        yield _sentence(leading, others, pairs, units)


def _sentence(row: Row, others: Sequence[Row], pairs: Sequence[Pair], units: str) -> str:
    symbol, name = symbol_of(row.task.estimand), display_name(row)
    start = f"At N = {row.condition.sample_size:,}"
    if not math.isfinite(row.true_value):
        return f"{symbol} is infinite: {_why_infinite(row)}. {start}, {_of_infinite(row)}"
    value, lost = row.value("bias"), _lost(row)
    if math.isnan(value):
        return f"{start} {name} {_never_finite(row, symbol)}."
    if _negligible(row):
        how = f"estimates {symbol} without bias" if "bias" in row.exact else f"shows no bias for {symbol}"
        return f"{start} {name} {how}{_evidence(row, units)}{lost}{_doubt(row)}."
    verb = "underestimates" if value < 0 else "overestimates"
    missed = row.simulated and row.flat(row.simulated["sd"].value)
    rare = "bias" in row.exact and (missed or "bias" in row.rare_events)
    bias = (
        Measured(value=value / scale_of(row.task.estimand, units), mcse=0.0) if rare else _measured(row, "bias", units)
    )
    size = _amount(rounded(replace(bias, value=abs(bias.value))), row, units)
    # Where some estimates are left out, another estimator's bias is that of other samples.
    than = _best_in_common(row, pairs, units) if _fails(row) else _best_of(row, others)
    return f"{start} {name} {verb} {symbol} by {size}{lost}{_doubt(row)}{than}."


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


def _lost(row: Row) -> str:
    """How many estimates a bias leaves out; none of a simulation is no proof that there are none."""
    shares = (("infinite_share", "infinite"), ("undefined_share", "undefined"))
    parts = [
        f"the {percent(row.value(share))} of its estimates that are {what}"
        for share, what in shares
        if row.value(share) > 0
    ]
    if parts:
        return f" (not counting {' and '.join(parts)})"
    bound = row.bound("infinite_share")
    if math.isnan(bound) or row.task.design != "model_sampled":
        return ""
    return f" (none of {row.replicates:,} estimates is infinite: with 95 % confidence, at most {percent(bound)} are)"


def _doubt(row: Row) -> str:
    """That a simulated bias may lack what rare samples add to it."""
    if "bias" in row.exact or not row.rare_events:
        return ""
    if row.constant:
        return f" ({row.replicates:,} replicates all agree, and show nothing of samples rarer than {_rarest(row)})"
    return " (the MCSE rests on too few rare events to be relied on)" if "bias" in row.rare_events else ""


def _rarest(row: Row) -> str:
    """The 95 % bound of the probability of what no replicate showed."""
    return percent(share_bound(0, row.replicates))


def _never_finite(row: Row, symbol: str) -> str:
    """Whether all samples give no finite estimate, or all replicates did."""
    if not row.simulated or (row.value("infinite_share") + row.value("undefined_share") == 1 and row.exact):
        return f"gives no finite estimate of {symbol}"
    among = f"{row.replicates:,} replicates"
    return f"gave no finite estimate of {symbol} in {among} (95 % bound of the share that is finite: {_rarest(row)})"


def _fails(row: Row) -> bool:
    return row.value("infinite_share") > 0 or row.value("undefined_share") > 0


def _why_infinite(row: Row) -> str:
    """Which of the two gives weight to what the other excludes."""
    if row.task.estimand == "jeffreys_divergence":
        return "one of P and Q gives weight to a category that the other excludes"
    return "P gives weight to a category that Q excludes"


def _best_of(row: Row, others: Sequence[Row]) -> str:
    """What the least biased other estimator makes of the bias; of those that like this one never fail."""
    reliable = [other for other in others if not math.isnan(other.value("bias")) and not _fails(other)]
    if not reliable:
        return ""
    best = min(reliable, key=lambda other: abs(other.value("bias")))
    if _negligible(best):
        return f"; {display_name(best)} {'has no bias' if 'bias' in best.exact else 'shows no bias'}"
    bias, left = (abs(one.value("bias")) for one in (row, best))
    error = 2 * math.hypot(*(0.0 if "bias" in one.exact else one.reported("bias").mcse for one in (row, best)))
    if left < bias - error:
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
    size = _amount(rounded(Measured(value=by.value / unit, mcse=by.mcse / unit)), row, units)
    return f"; {common}, {display_name(best)} has a smaller bias, by {size}"


def _mirror(rows: Sequence[Row]) -> Iterator[str]:
    """With Q known, the bias of KL is that of the entropy with the sign turned."""
    bias = {row.task.estimand: row.exact.get("bias") for row in rows if row.task.name == "plugin"}
    entropy, divergence = bias.get("entropy"), bias.get("kl_divergence")
    if not entropy or not divergence or abs(entropy + divergence) > 1e-9 * abs(entropy):
        return
    yield (
        "The biases of Ĥ and K̂L mirror each other: K̂L = ĈE − Ĥ and ĈE has no bias, so K̂L is too high by exactly as "
        "much as Ĥ is too low."
    )


def _negligible(row: Row) -> bool:
    """No bias: exactly, or as far as the simulation can see."""
    scale = max(abs(row.true_value), row.value("sd") if not math.isnan(row.value("sd")) else 0.0)
    if "bias" in row.exact:
        return without_rounding(row.exact["bias"], scale) == 0
    simulated = row.simulated["bias"]
    return simulated.value == 0 or abs(simulated.value) <= 2 * simulated.mcse


def _evidence(row: Row, units: str) -> str:
    if not row.simulated:
        return ""
    if _is_constant(row):
        if "sd" in row.exact:
            return ", with the same estimate in every sample"
        return f", with the same estimate in all {row.replicates:,} replicates"
    return f" (simulated: {_amount(rounded(_measured(row, 'bias', units)), row, units)})"


def _interval_sentences(rows: Sequence[IntervalRow]) -> Iterator[str]:
    """How often each interval covers where it covers least, the most reliable first: a sentence per estimand."""
    for estimand, level in dict.fromkeys((row.task.estimand, row.level) for row in rows):
        worst: dict[str, IntervalRow] = {}
        for row in rows:
            if row.task.estimand == estimand and not row.value("coverage") >= _least(worst.get(row.interval)):
                worst[row.interval] = row
        ordered = sorted(worst.values(), key=lambda row: -row.value("coverage"))
        least = ", ".join(f"{row.interval} {100 * row.value('coverage'):.1f} % ({_where(row)})" for row in ordered)
        yield (
            f"Lowest coverage of {percent_of_level(level)} intervals for {symbol_of(estimand)}: {least}; all are in "
            "intervals.csv."
        )


def _where(row: IntervalRow) -> str:
    at = row.condition
    model = f", Q = {at.model.label}" if at.model and row.task.estimand != "entropy" else ""
    drawn = f", M = {at.model_sample_size:,}" if at.model_sample_size and model else ""
    return f"{row.task.label}, P = {at.truth.label}{model}, N = {at.sample_size:,}{drawn}"


def _least(row: IntervalRow | None) -> float:
    return math.inf if row is None else row.value("coverage")

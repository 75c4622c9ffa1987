"""The bias of one estimator across the conditions of a study, in sentences."""

import math
from collections.abc import Iterator, Sequence

from mcdiv.core.number_format import concise, percent, rounded, value_and_error
from mcdiv.core.performance import Measured
from mcdiv.engine.rates import rates
from mcdiv.engine.records import Row
from mcdiv.estimands.contract import scale_of, symbol_of
from mcdiv.results.words.places import where
from mcdiv.results.words.row_words import (
    display_name,
    doubt,
    negligible,
    never_finite,
    why_infinite,
    with_unit,
)


def bias_sentences(settings: Sequence[Sequence[Row]], units: str) -> Iterator[str]:
    """Of the rows of an estimator, those of a setting in ascending N: direction and size of its bias, and its rate."""
    rows = [row for setting in settings for row in setting]
    symbol = symbol_of(rows[0].task.estimand)
    there = [row for row in rows if math.isfinite(row.true_value)]
    if len(there) < len(rows):
        yield _of_infinite([row for row in rows if not math.isfinite(row.true_value)], rows)
    never = [row for row in there if math.isnan(row.value("bias"))]
    if never:
        yield f"{_subject(rows[0])} {never_finite(never[0], symbol)} {where(never, rows)}."
    there = [row for row in there if not math.isnan(row.value("bias"))]
    if there:
        yield from _of_finite(there, rows, units)


def _of_infinite(rows: Sequence[Row], among: Sequence[Row]) -> str:
    """Where the estimand is infinite, and how often its estimates are."""
    symbol, name = symbol_of(rows[0].task.estimand), display_name(rows[0])
    place = "" if len(rows) == len(among) else f" {where(rows, among)}"
    shares = [row.value("infinite_share") for row in rows]
    low, high = percent(min(shares)), percent(max(shares))
    share = "None" if max(shares) == 0 else "All" if min(shares) == 1 else low if low == high else f"{low} to {high}"
    simulated = "" if all("infinite_share" in row.exact for row in rows) else "simulated "
    others = "" if min(shares) == 1 else "; those that are finite are too low"
    found = f"{share} of the {simulated}estimates by {name} are infinite{others}"
    return f"{symbol} is infinite{place}: {why_infinite(rows[0])}. {found}."


def _of_finite(there: Sequence[Row], among: Sequence[Row], units: str) -> Iterator[str]:
    """The direction and size of the bias, what limits trust in it, and how it goes with N."""
    signs = [0.0 if negligible(row) else math.copysign(1.0, row.value("bias")) for row in there]
    under, over, none = ([row for row, found in zip(there, signs, strict=True) if found == s] for s in (-1, 1, 0))
    told, of = [], symbol_of(there[0].task.estimand)
    for verb, rows in (("underestimates", under), ("overestimates", over)):
        if rows:
            told.append(f"{verb} {of} {where(rows, among)}{_amounts(rows, units)}")
            of = "it"
    if none:
        proven = all("bias" in row.exact for row in none)
        how = f"estimates {of} without bias" if proven else f"shows no bias for {of}"
        nowhere_else = len(none) == len(among) and not proven
        told.append(f"{how} {where(none, among, 'any' if nowhere_else else 'every')}")
    yield f"{_subject(there[0])} {' and '.join(told)}{_left_out(there)}."
    yield from _doubts(there, among)
    if under or over:
        after = [_beside_the_sd(there, among), _rate(there)]
        if any(after):
            yield "; ".join(filter(None, after)) + "."


def _amounts(rows: Sequence[Row], units: str) -> str:
    """The sizes at the smallest and the largest N of a setting; of several settings the smallest and the largest."""
    if len(rows) == 1:
        return f" by {_amount(rows[0], units)}"
    if len({row.condition.sample_size for row in rows}) < len(rows):
        ordered = sorted(rows, key=lambda row: abs(row.value("bias")))
        return f", by {_size(ordered[0], units)} to {_amount(ordered[-1], units)}"
    if len(amounts := {_amount(row, units) for row in rows}) == 1:
        return f", by {amounts.pop()}"
    first, last = (f"{_amount(row, units)} at N = {row.condition.sample_size:,}" for row in (rows[0], rows[-1]))
    return f", by {first} and {last}"


def _amount(row: Row, units: str) -> str:
    return with_unit(_size(row, units), row, units)


def _size(row: Row, units: str) -> str:
    """The size of a bias: exact where known, else with its MCSE."""
    unit = scale_of(row.task.estimand, units)
    mcse = 0.0 if "bias" in row.exact or row.constant else row.reported("bias").mcse / unit
    found = Measured(value=abs(row.value("bias")) / unit, mcse=mcse)
    return rounded(found) if mcse > 0 else concise(found)


def _left_out(rows: Sequence[Row]) -> str:
    """How many estimates the biases leave out; none of a simulation is no proof that there are none."""
    shares = {"infinite": "infinite_share", "undefined": "undefined_share"}
    most = {word: max(row.value(share) for row in rows) for word, share in shares.items()}
    if parts := [f"{word} (up to {percent(share)})" for word, share in most.items() if share > 0]:
        return f", not counting estimates that are {' or '.join(parts)}"
    bounds = [row.bound("infinite_share") for row in rows if row.task.design == "model_sampled"]
    bounds = [bound for bound in bounds if not math.isnan(bound)]
    return (
        f" (no simulated estimate is infinite: at most {percent(max(bounds))} are, with 95 % confidence)"
        if bounds
        else ""
    )


def _doubts(rows: Sequence[Row], among: Sequence[Row]) -> Iterator[str]:
    """Where simulated biases may lack what rare samples add to them."""
    doubtful: dict[str, list[Row]] = {}
    for row in rows:
        if text := doubt(row):
            doubtful.setdefault(text, []).append(row)
    for text, there in doubtful.items():
        yield f"{_capital(where(there, among))}:{text.replace(' (', ' ').removesuffix(')')}."


def _beside_the_sd(rows: Sequence[Row], among: Sequence[Row]) -> str:
    """From which N on the bias is smaller than the standard deviation; empty where that is not known."""
    below = [row for row in rows if abs(row.value("bias")) + 2 * _mcse(row) < row.value("sd")]
    above = [row for row in rows if abs(row.value("bias")) - 2 * _mcse(row) >= row.value("sd")]
    if len(above) == len(rows):
        return f"Its bias is at least as large as its sd {where(above, among)}"
    return f"Its bias is smaller than its sd {where(below, among)}" if below else ""


def _mcse(row: Row) -> float:
    return 0.0 if "bias" in row.exact else row.reported("bias").mcse


def _rate(rows: Sequence[Row]) -> str:
    """The power of N with which the bias falls, where one can be fitted."""
    fitted = rates(rows, ("bias",))
    known = [rate for rate in fitted if math.isfinite(rate.slope)]
    if not known:
        return ""
    if len(fitted) == 1:
        power = rounded(Measured(value=known[0].slope, mcse=known[0].slope_se))
        count, there = len(known[0].fitted_sizes), len(known[0].sample_sizes)
        used = f", fitted to {count} of {there} N" if count < there else " as fitted"
        if known[0].slope == known[0].slope_se == 0:
            return f"|bias| is the same at every N{used.removesuffix(' as fitted')}"
        return f"|bias| ∝ N^({power}){used}"
    slopes = [rate.slope for rate in known]
    powers = [value_and_error(Measured(value=slope, mcse=0.1))[0] for slope in (min(slopes), max(slopes))]
    every = "both settings" if len(fitted) == 2 else f"all {len(fitted)} settings"
    of = every if len(known) == len(fitted) else f"{len(known)} of {len(fitted)} settings"
    if not any(float(power.replace("−", "-")) for power in powers):
        return f"|bias| hardly changes with N in {of}"
    return f"|bias| ∝ N^({') to N^('.join(dict.fromkeys(powers))}) as fitted in {of}"


def _subject(row: Row) -> str:
    """The estimator at the beginning of a sentence; a label, such as k1, is written as it is."""
    name = display_name(row)
    return name if name == row.task.label else _capital(name)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]

"""A paired comparison in words: its tables and sentences, true of whatever scores there are."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TypeAlias

from mcdiv.core.number_format import amount, counted, figure, percent_of_level, rounded, span
from mcdiv.core.performance import Measured
from mcdiv.significance.paired import PairedComparison

_MEANS = {"nll": "mean NLL", "right": "share right", "other": "mean score"}
#: from which ratio of the two standard errors on pairing is said to change something
_CHANGES = 1.05
Line: TypeAlias = tuple[str, ...]


def read_as(found: PairedComparison, by: str | None) -> str:
    """What the scores were understood as."""
    what = {"nll": f", NLLs in {found.units}", "right": ", right (1) and wrong (0)", "other": ""}[found.scores]
    groups = "" if found.groups is None else f", in {counted(found.groups, 'group')}{f' by {by}' if by else ''}"
    return f"{counted(found.items, 'item')} with two scores each{what}{groups}"


def levels(found: PairedComparison, names: tuple[str, str]) -> tuple[Line, list[Line]]:
    """Header and lines of the table of means and what follows from them."""
    a, b = names
    header = ("", a, b, "b − a", f"{percent_of_level(found.level)} interval")
    lines: list[Line] = [
        (
            _MEANS[found.scores] + (f" [{found.units}]" if found.scores == "nll" else ""),
            rounded(Measured(value=found.mean_a, mcse=found.standard_error_a)),
            rounded(Measured(value=found.mean_b, mcse=found.standard_error_b)),
            rounded(Measured(value=found.difference, mcse=found.standard_error)),
            span(*found.interval, found.standard_error),
        )
    ]
    if found.perplexity_a is not None and found.perplexity_b is not None and found.perplexity_ratio is not None:
        low, high = found.perplexity_ratio_interval or (math.nan, math.nan)
        both = figure(found.perplexity_a), figure(found.perplexity_b)
        lines.append(("perplexity", *both, f"b/a = {figure(found.perplexity_ratio)}", _ends(low, high)))
    if found.bits_per_byte_a is not None and found.bits_per_byte_b is not None:
        low, high = found.bits_per_byte_interval or (math.nan, math.nan)
        both = figure(found.bits_per_byte_a), figure(found.bits_per_byte_b)
        difference = figure(found.bits_per_byte_b - found.bits_per_byte_a)
        lines.append(("bits per byte", *both, difference, _ends(low, high)))
    return header, lines


def errors(found: PairedComparison) -> tuple[Line, list[Line]]:
    """Header and lines of the table of standard errors and p-values."""
    by_group = "" if found.groups is None else ", by group"
    return ("error of b − a", "standard error", "p (t or normal)", "p (sign flips)"), [
        (f"in pairs{by_group}", _size(found.standard_error), _p(found.p_t), p_sign_text(found)),
        (f"as two independent samples{by_group}", _size(found.unpaired_standard_error), _p(found.unpaired_p), "–"),
    ]


def sentences(found: PairedComparison) -> Iterator[str]:
    """What the numbers say, and what they cannot."""
    yield from _verdict(found)
    units = "groups" if found.groups is not None else "items"
    count = found.groups if found.groups is not None else found.items
    alpha = 1 - found.level
    if 0 < found.differing < count:
        yield f"{found.differing:,} of {count:,} {units} differ; the sign-flip test rests on these."
    if found.differing and 2.0 ** (1 - found.differing) > alpha:
        smallest = _p(2.0 ** (1 - found.differing))
        yield f"With {counted(found.differing, f'differing {units[:-1]}')} no sign-flip p can be below {smallest}."
    if found.only_a is not None and found.only_b is not None:
        exact = ", as McNemar's exact test has it" if found.groups is None else ""
        said = f"Only a is right in {found.only_a:,}, only b in {found.only_b:,} items"
        yield f"{said}; p (sign flips) compares these{exact}."
    yield from _pairing(found)
    yield from _needed(found)


def _verdict(found: PairedComparison) -> Iterator[str]:
    alpha = f"{1 - found.level:.6g}"
    if not found.differing:
        yield (
            "No item has two scores that differ."
            if found.groups is None
            else "In every group a and b have the same sum."
        )
        return
    sides = [p <= round(1 - found.level, 12) for p in (found.p_t, found.p_sign) if not math.isnan(p)]
    higher, lower = ("b", "a") if found.difference > 0 else ("a", "b")
    size = amount(figure(abs(found.difference)), found.units)
    if len(sides) < len((found.p_t, found.p_sign)):
        same = "All differences are the same" if found.groups is None else "Every group has the same mean difference"
        yield f"{same}: there is no spread to take a standard error from, and t and the intervals are undefined."
    if all(sides):
        test = "both tests tell" if len(sides) > 1 else "the sign-flip test tells"
        yield f"The mean of {higher} is {size} above that of {lower}; at level {alpha} {test} this from chance."
    elif not any(sides):
        test = "neither test tells" if len(sides) > 1 else "the sign-flip test does not tell"
        yield f"At level {alpha} {test} the mean difference from chance."
    else:
        values = f"p = {_p(found.p_t)} by t, {p_sign_text(found)} by sign flips"
        yield f"At level {alpha} the two tests disagree ({values}); only the sign flips need no normal mean."
    if abs(found.p_sign - (1 - found.level)) < 3 * found.p_sign_mcse:
        yield f"The sign-flip p was simulated, and too near {alpha} to decide; draw more patterns with --replicates."


def _pairing(found: PairedComparison) -> Iterator[str]:
    paired, unpaired = found.standard_error, found.unpaired_standard_error
    if not paired or not unpaired:
        return
    ratio = unpaired / paired
    shared = f"the scores of an item have correlation {_correlation(found.correlation)}"
    if ratio > _CHANGES:
        yield f"Pairing makes the standard error {figure(float(f'{ratio:.2g}'))} times smaller: {shared}."
    elif ratio < 1 / _CHANGES:
        yield f"Pairing makes the standard error {figure(float(f'{1 / ratio:.2g}'))} times larger: {shared}."
    else:
        yield f"Pairing changes the standard error by less than 5 %: {shared}."


def _needed(found: PairedComparison) -> Iterator[str]:
    if not math.isfinite(found.items_needed) or not math.isfinite(found.unpaired_items_needed):
        return
    alike = ", in groups of this size" if found.groups is not None else ""
    alone = f"{_whole(found.unpaired_items_needed)} in each of two independent samples"
    pairs = "pair" if found.items_needed <= 1 else "pairs"
    needed = f"{_whole(found.items_needed)} {pairs}, or {alone}"
    design = f"power {found.power:.6g} at level {1 - found.level:.6g}"
    yield f"For {design}, a difference and a spread like these take about {needed}{alike} (by the normal law)."


def _correlation(value: float) -> str:
    return f"{value:.3f}".replace("-", "−") if abs(value) < 0.9995 else "above 0.999" if value > 0 else "below −0.999"


def _whole(items: float) -> str:
    return f"{math.ceil(items):,}" if items < 1e12 else figure(float(f"{items:.3g}"))


def _size(error: float) -> str:
    return figure(float(f"{error:.3g}"))


def _ends(low: float, high: float) -> str:
    return "–" if math.isnan(low) else f"[{figure(low)}, {figure(high)}]"


def _p(p: float) -> str:
    return "below 1e−300" if p < 1e-300 else figure(float(f"{p:.3g}")) if not math.isnan(p) else "–"


def p_sign_text(found: PairedComparison) -> str:
    """The p of the sign flips; where no pattern that was drawn is as extreme, p is its own MCSE."""
    if not found.p_sign_mcse:
        return _p(found.p_sign)
    if found.p_sign_mcse > 0.999 * found.p_sign:
        return f"at most {_p(found.p_sign)}"
    return rounded(Measured(value=found.p_sign, mcse=found.p_sign_mcse))

"""What a test found, in sentences that hold for every outcome."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from mcdiv.core.number_format import counted, figure, joined, rounded
from mcdiv.core.performance import Measured
from mcdiv.significance.statistics import STATISTICS
from mcdiv.significance.tested import Tested, rejected_of_all

#: an approximate p-value is off where it differs by more than this share of the p-value, and by 3 MCSEs
OFF = 0.1
#: tests that a sentence names
_NAMED = 8
#: by which a simulated p-value may be too high
_MCSES = 3


def sentences(tested: Tested) -> Iterator[str]:
    """What the p-value is, what follows at level α, what the χ² approximation says, and what was left out."""
    yield first_sentence(tested)
    if tested.least is not None and tested.least > tested.alpha:
        which = "outcome of so many draws" if tested.compared == "model" else "table with these margins"
        least = p_text(tested.least, tested.alpha)
        yield f"No {which} has a p-value below {least}, so the test cannot reject at level {_level(tested)}."
    yield from _approximation(tested)
    yield from _left_out(tested)


def several_sentences(tests: Sequence[Tested]) -> Iterator[str]:
    """How many of several tests reject, by themselves and corrected for their number."""
    alpha, many = tests[0].alpha, len(tests)
    level, rejected, corrected = _level(tests[0]), [each for each in tests if each.rejects], rejected_of_all(tests)
    yield (
        f"{len(rejected):,} of {many:,} tests reject at level {level}; if nothing differed anywhere, at most "
        f"{figure(alpha * many)} would on average. Corrected for their number (Holm), {len(corrected):,} reject."
    )
    if 0 < len(rejected) <= _NAMED:
        yield f"Rejected: {_named(rejected)}. After correction: {_named(corrected)}."
    if (could := len(rejected_of_all(tests, _MCSES))) > len(corrected):
        yield f"But for the error of simulated p-values {could:,} might, corrected: a smaller --mcse tells."
    if undecided := sum(not tested.decided for tested in tests):
        yield f"Of {counted(undecided, 'simulated p-value')} the MCSE does not tell on which side of {level} it is."
    if hopeless := sum(tested.least is not None and tested.least > alpha for tested in tests):
        yield f"{counted(hopeless, 'test')} cannot reject at level {level}, whatever had been drawn given the margins."
    off = sum(tested.asymptotic is not None and (tested.asymptotic <= alpha) != tested.rejects for tested in tests)
    if off:
        yield f"The χ² approximation would decide otherwise in {counted(off, 'test')}."


def _named(tests: Sequence[Tested]) -> str:
    return joined(tested.group for tested in tests) if tests else "none"


def first_sentence(tested: Tested) -> str:
    """The statistic, its p-value, what that is the probability of, and what follows at level α."""
    given = "" if tested.compared == "model" else ", given the margins"
    how = "exact" if tested.exact else f"simulated with {tested.replicates:,} replicates"
    found = f"{STATISTICS[tested.name].symbol} = {figure(tested.statistic)}, p = {p_value_text(tested)} ({how}{given})"
    if tested.decided:
        verdict = f"which the test {'rejects' if tested.rejects else 'does not reject'} at level {_level(tested)}"
    else:
        verdict = f"and is within 3 MCSEs of {_level(tested)}, so that the simulation does not decide at that level"
    return f"{found}: the probability of a value at least as large if {null_hypothesis(tested)}, {verdict}."


def p_value_text(tested: Tested) -> str:
    """The p-value, with its MCSE where it has one."""
    if tested.exact:
        return p_text(tested.p_value, tested.alpha)
    return rounded(Measured(value=tested.p_value, mcse=tested.mcse))


def p_text(p: float, alpha: float) -> str:
    """A probability to three significant digits, or as many more as show on which side of α it is."""
    if 0 < p < 1e-300:
        return "below 1e−300"
    digits = next((d for d in range(3, 17) if (float(f"{p:.{d}g}") <= alpha) == (p <= alpha)), 17)
    return f"{p:.{digits}g}".replace("-", "−")


def _level(tested: Tested) -> str:
    return f"{tested.alpha:.15g}".replace("-", "−")


def null_hypothesis(tested: Tested) -> str:
    """What is tested, as a clause behind "if"."""
    if tested.compared == "model":
        return "the draws come from the model"
    if tested.compared == "table":
        return "rows and columns are independent"
    samples = "both samples" if len(tested.sample_sizes) == 2 else f"all {len(tested.sample_sizes):,} samples"
    return f"{samples} come from one distribution"


def _approximation(tested: Tested) -> Iterator[str]:
    """Whether the χ² approximation is off: by its verdict, or by its size."""
    p = tested.asymptotic
    if p is None or not tested.p_value:
        return
    if math.isinf(tested.statistic):
        yield "The χ² approximation says nothing of an infinite statistic."
        return
    freedom = counted(tested.degrees_of_freedom, "degree", "degrees")
    said = f"The χ² approximation ({freedom} of freedom) gives {p_text(p, tested.alpha)}"
    rejects, differs = p <= tested.alpha, abs(p - tested.p_value) > OFF * tested.p_value + 3 * tested.mcse
    if tested.decided and rejects != tested.rejects:
        yield f"{said} and would {'reject' if rejects else 'not reject'}."
    elif differs:
        yield f"{said}, {figure(float(f'{p / tested.p_value:.2g}'))} times that."


def _left_out(tested: Tested) -> Iterator[str]:
    if tested.empty_categories:
        many = counted(tested.empty_categories, "category", "categories")
        which = "without draws or probability" if tested.compared == "model" else "without draws"
        are = "is" if tested.empty_categories == 1 else "are"
        yield f"{many} {which} {are} left out."
    if tested.empty_rows:
        yield f"{counted(tested.empty_rows, 'row')} without draws {'is' if tested.empty_rows == 1 else 'are'} left out."
    if tested.impossible:
        are = "is" if tested.impossible == 1 else "are"
        yield f"{counted(tested.impossible, 'draw')} {are} in categories to which the model gives no probability."

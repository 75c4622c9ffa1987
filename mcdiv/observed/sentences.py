"""What limits trust in the estimates of one group of observations, in sentences."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from mcdiv.estimands.contract import scale_of, symbol_of, unit_of
from mcdiv.observed import trust
from mcdiv.observed.at_pmf import pmf_sentences
from mcdiv.observed.blocks import block_sentences
from mcdiv.observed.certain import why_certain
from mcdiv.observed.diagnostics import BEYOND, EXCLUDES, NO_TEST, range_of, spread_at_equality
from mcdiv.observed.group import Group
from mcdiv.observed.question import Observed
from mcdiv.observed.quote import quotes
from mcdiv.observed.spectrum import spectrum_sentences
from mcdiv.observed.succession import succession_sentence
from mcdiv.observed.usual import EDGE
from mcdiv.significance.p_values import Precision
from mcdiv.significance.tested import tested_table
from mcdiv.significance.words import first_sentence

#: categories of which a test is done beside estimates: it takes a second or two at most
MAX_TESTED = 2**13


def sentences(group: Group) -> Iterator[str]:
    """What limits trust, and at the end what to quote."""
    yield from limits(group)
    yield from quotes(group)


def limits(group: Group) -> Iterator[str]:
    """What limits trust: the data first, then the estimates, then their intervals."""
    yield from (f"The file says: {caution}" for caution in group.observed.cautions)
    yield from _data_sentences(group.observed)
    yield from _succession_sentences(group.observed)
    if group.observed.pmf is not None:
        return
    yield from _test_sentences(group)
    for estimand in dict.fromkeys(line.estimand for line in group.lines):
        yield from _estimate_sentences(group, estimand)
    yield from interval_sentences(group)


def _test_sentences(group: Group) -> Iterator[str]:
    """What `mcdiv test` says of two samples, and whether the intervals of their divergences agree with it."""
    counts, counts_q = group.observed.sample.counts, group.observed.sample.counts_q
    if counts_q is None:
        return
    table = np.concatenate([counts, counts_q])
    drawn = int(table.any(axis=0).sum())
    if drawn < 2:
        return
    if drawn > MAX_TESTED:
        yield f"{drawn:,} categories were drawn: mcdiv test says whether P = Q, which takes a while."
        return
    alpha = round(1 - group.level, 12)
    tested = tested_table("g", table, Precision(alpha=alpha, mcse=5e-3, cells=2**24))
    yield f"Test of P = Q: {first_sentence(tested)}"
    other = [line for line in group.lines if line.interval == EDGE and (line.low > 0) != tested.rejects]
    if tested.decided and other:
        symbols = list(dict.fromkeys(symbol_of(line.estimand) for line in other))
        yield trust.disagreement_sentence(symbols, exact=tested.exact, rejects=tested.rejects)


def _data_sentences(observed: Observed) -> Iterator[str]:
    sample, alphabet = observed.sample, observed.alphabet
    if sample.q is not None:
        yield trust.model_sentence(observed.labels, sample.q)
    if observed.pmf is not None:
        yield from pmf_sentences(observed.pmf)
        return
    if observed.order is not None:
        yield from block_sentences(observed)
        return
    if sample.multiplicity is not None:
        yield from spectrum_sentences(sample.counts[0], sample.multiplicity[0])
        return
    if sample.counts_q is None:
        yield from trust.data_sentences(sample.counts[0], alphabet)
        yield from trust.alphabet_sentences([sample.counts[0]], alphabet, sample.shape)
        return
    both = (sample.counts[0], sample.counts_q[0])
    for counts, of in zip(both, (" from P", " from Q"), strict=True):
        yield from trust.data_sentences(counts, alphabet, of=of, either=True)
    yield from trust.alphabet_sentences(both, alphabet)


def _succession_sentences(observed: Observed) -> Iterator[str]:
    """That successive draws do not look independent, where their order is known."""
    samples = [""] if len(observed.successors) == 1 else [" from P", " from Q"]
    for pairs, of in zip(observed.successors, samples, strict=True):
        yield from filter(None, [succession_sentence(pairs, observed.scenario.units, of)])


def _estimate_sentences(group: Group, estimand: str) -> Iterator[str]:
    """How far the estimators of one estimand are apart, and what is infinite, beyond its range or without an error."""
    observed = group.observed
    sampled = observed.sample.counts_q is not None
    lines = [line for line in group.lines if line.estimand == estimand]
    if infinite := [line.estimator for line in lines if math.isinf(line.value)]:
        yield f"{symbol_of(estimand)}: {trust.infinite_sentence(infinite, estimand, sampled=sampled)}"
    told = trust.estimate_sentences(
        {line.estimator: line.value for line in lines},
        {line.estimator: line.standard_error for line in lines},
        unit_of(estimand, group.units),
        certain=why_certain(observed, estimand),
        chance=spread_at_equality(estimand, observed.sample) / scale_of(estimand, observed.scenario.units),
        advised=group.advice is not None and group.advice.results is not None,
    )
    yield from (f"{symbol_of(estimand)}: {sentence}" for sentence in told)
    if any(BEYOND in line.notes for line in lines):
        possible = range_of(estimand, observed.sample, alphabet_known=observed.alphabet_known)
        low, high = (end / scale_of(estimand, observed.scenario.units) for end in possible)
        edge = all(line.interval == EDGE for line in lines)
        yield trust.beyond_sentence(
            symbol_of(estimand), (low, high), unit_of(estimand, group.units), None if edge else group.level
        )


def interval_sentences(group: Group) -> Iterator[str]:
    """Which intervals test nothing, where another method stands in, and where the one asked for misleads."""
    if any(NO_TEST in line.notes for line in group.lines):
        yield trust.no_test_sentence(group.level)
    if any(EXCLUDES in line.notes for line in group.lines):
        methods = {line.interval for line in group.lines if EXCLUDES in line.notes}
        yield trust.excludes_sentence(centred=methods != {EDGE})
    named = group.observed.interval_named
    if not named and (edge := dict.fromkeys(line.estimand for line in group.lines if line.interval == EDGE)):
        pairs = group.observed.sample.shape is not None
        yield trust.edge_sentence([symbol_of(estimand) for estimand in edge], pairs=pairs)
    others = dict.fromkeys(line.estimator for line in group.lines if line.interval not in (group.interval, EDGE))
    if others:
        yield (
            f"{' and '.join(others)}: standard error and interval are by the delta method, because the jackknife "
            "overstates the spread of this estimator. Where many categories are rare, they may be too small."
        )
    for caution in dict.fromkeys(line.caution for line in group.lines if line.caution):
        around = dict.fromkeys(line.estimator for line in group.lines if line.caution == caution)
        yield f"{group.interval} around {', '.join(around)}: {caution}."
    sample = group.observed.sample
    if (
        sample.counts.shape[1] == 2
        and sample.counts_q is None
        and sample.shape is None
        and sample.multiplicity is None
        and group.interval != "clopper_pearson"
    ):
        yield "For two categories there is an exact interval: --interval clopper_pearson."

"""What limits trust in an estimate, in plain words: rare categories, draws too few, estimators that disagree."""

import math
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from mcdiv.core.arrays import Array, Counts, Pmf, Shape
from mcdiv.core.number_format import amount, counted, figure, joined, percent_of_level
from mcdiv.estimands.contract import estimand_of
from mcdiv.observed.diagnostics import BEYOND, EXCLUDES, NO_TEST, SHORT, Alphabet
from mcdiv.observed.truncation import truncation_sentence

#: share of the categories seen from which on the size of the alphabet matters
_MANY_SINGLETONS = 0.3
#: standard errors from which on their number says nothing more; two estimators so far apart differ by more than chance;
#: so near that nobody would mind
_FAR, _MATTERS, _LITTLE = 100, 2, 0.1
#: beside an estimate or an interval: what is noted of it
MARKS = {BEYOND: "*", NO_TEST: "†", EXCLUDES: "‡ excludes its estimate", SHORT: "covers less than its level"}
#: categories whose probabilities are shown
_SHOWN = 8


def count_summary(counts: Counts, multiplicity: Array | None = None) -> dict[str, float]:
    """Of counts (K,): draws, categories seen, singletons f₁, and the estimated coverage C = 1 − f₁/N.

    Each count stands for one category, or for as many as `multiplicity` says.
    """
    times = np.ones(len(counts)) if multiplicity is None else multiplicity
    draws, once = int((counts * times).sum()), int(times[counts == 1].sum())
    return {
        "draws": draws,
        "seen": int(times[counts > 0].sum()),
        "categories": int(times.sum()),
        "singletons": once,
        "coverage": 1 - once / draws,
    }


def data_sentences(counts: Counts, alphabet: Alphabet, *, of: str = "", either: bool = False) -> Iterator[str]:
    """What the data are like; `either`: the columns are the categories of two samples."""
    summary = count_summary(counts)
    draws, seen, once = int(summary["draws"]), int(summary["seen"]), int(summary["singletons"])
    whole, missed = alphabet != "seen", len(counts) - seen
    categories = f"{seen:,} of {len(counts):,} categories" if missed else counted(seen, "category", "categories")
    if of_either := bool(either and missed and not whole):
        categories = f"{seen:,} of the {len(counts):,} categories seen in either sample"
    yield f"{counted(draws, 'draw')}{of}, {categories}{'' if of_either else ' seen'}."
    if whole and not missed:
        yield f"These are all the categories {'listed' if alphabet == 'listed' else 'there are'}."
    elif draws == 1:
        yield "A single draw does not show how much others would differ."
    elif once == draws:
        more = "" if whole else "the sample does not show how many more categories there are, and "
        yield f"Every draw is of a different category: {more}every estimate of the entropy is little more than a guess."
    elif once:
        yield once_sentence(once, seen, summary["coverage"])
    elif cut := truncation_sentence(counts):
        yield cut
    elif whole or missed:
        yield (
            "No category was seen only once. With 95 % confidence, a category that was not seen has a probability "
            f"below {_share(_missed(draws))}."
        )
    else:
        yield (
            "No category was seen only once, so there is no sign of unseen categories (C = 1 − f₁/N = 100 %); but a "
            f"category of probability {_share(_missed(draws))} would be missing from 5 % of samples of this size."
        )


def once_sentence(once: int, seen: int, coverage: float) -> str:
    """What categories seen once say of those that were not seen."""
    return (
        f"{counted(once, 'category was', 'categories were')} seen once ({_share(once / seen)} of those seen): "
        f"the estimated coverage is C = 1 − f₁/N = {_share(coverage)}, so about "
        f"{_share(1 - coverage)} of further draws would be of categories not seen yet."
    )


def _missed(draws: int) -> float:
    """The probability p of a category that no draw shows in one sample of twenty: (1 − p)^N = 0.05."""
    return -math.expm1(math.log(0.05) / draws)


def alphabet_sentences(samples: Sequence[Counts], alphabet: Alphabet, shape: Shape | None = None) -> Iterator[str]:
    """What is taken to be the alphabet, where that can matter; the counts (K,) of one sample or two, or of a table."""
    categories = len(samples[0])
    missed = int((np.sum(samples, axis=0) == 0).sum())
    if shape is not None and missed:
        yield (
            f"{counted(missed, 'pair has', 'pairs have')} no draws: the {shape[0]:,} × {shape[1]:,} pairs of a value "
            "of X and a value of Y are taken to be the whole alphabet."
        )
    elif alphabet == "listed" and missed:
        yield (
            f"The data list {counted(missed, 'category', 'categories')} without draws, so the {categories:,} listed "
            "are taken to be the whole alphabet; if there are more, give their number with --alphabet-size."
        )
    elif alphabet == "seen" and any((each == 1).sum() > _MANY_SINGLETONS * (each > 0).sum() for each in samples):
        yield (
            "Estimators that need the size of the alphabet take it to be the number of categories seen; if you know "
            "it, give it with --alphabet-size."
        )


def model_sentence(labels: Sequence[str], q: Pmf) -> str:
    """Which probability goes to which category; those behind the labels were not seen."""
    kept = range(len(q)) if len(q) <= _SHOWN else (*range(_SHOWN - 1), len(q) - 1)
    parts = [f"Q({labels[k] if k < len(labels) else 'not seen'}) = {figure(float(q[k]))}" for k in kept]
    cut = ["…"] * (len(q) > _SHOWN)
    return f"{', '.join([*parts[:-1], *cut, parts[-1]])}."


def estimate_sentences(
    estimates: Mapping[str, float],
    errors: Mapping[str, float],
    unit: str,
    *,
    certain: str = "",
    chance: float = 0.0,
    advised: bool = False,
) -> Iterator[str]:
    """What the standard errors of one estimand do not show, and how far its estimators are apart, by name.

    Where the estimand is the same whatever P is, `certain` says why, and no variation is as it should be. Where
    standard errors can be too small, `chance` is what the sampling error is at least.
    """
    finite = {name: value for name, value in estimates.items() if math.isfinite(value)}
    if jumping := [name for name in finite if math.isinf(errors[name])]:
        yield (
            f"The standard error of {joined(jumping)} is infinite: without one of the draws the estimate would be "
            "infinite or undefined."
        )
    if certain:
        yield certain
    elif constant := [name for name in finite if errors[name] == 0]:
        yield (
            f"The standard error of {joined(constant)} is 0 because every draw contributes the same, not because the "
            "estimate is certain: do not rely on it, or on an interval of width 0."
        )
    if len(finite) < 2:
        return
    low, high = min(finite, key=finite.__getitem__), max(finite, key=finite.__getitem__)
    gap = finite[high] - finite[low]
    finite_errors = [errors[name] for name in finite if math.isfinite(errors[name])]
    error = float(np.median(finite_errors)) if finite_errors else math.nan
    between = f"from {low} ({_apart(finite[low], finite[high])}) to {high} ({_apart(finite[high], finite[low])})"
    if gap <= 1e-9 * abs(finite[high]):
        yield "The estimators agree."
        return
    ratio = gap / error if error > 0 else 0.0
    matters = (
        " The choice of estimator matters more here than sampling error."
        if ratio > _MATTERS and gap > _MATTERS * chance
        else ""
    )
    use = " Use --advise to see which is most accurate on data like yours." if ratio > _LITTLE and not advised else ""
    times = f", {_errors(ratio)}" if error > 0 else ""
    yield f"The estimators differ by {amount(f'{gap:.3g}', unit)}, {between}{times}.{matters}{use}"


def infinite_sentence(names: Sequence[str], estimand: str, *, sampled: bool) -> str:
    """Why estimates of one estimand are infinite."""
    if not estimand_of(estimand).needs_model:
        why = "see its card (mcdiv show)"
    elif estimand == "jeffreys_divergence":
        why = f"a category has {'draws' if sampled else 'draws or probability'} on one side and none on the other"
    elif sampled:
        why = "a category drawn from P was not drawn from Q"
    else:
        why = "the model gives probability 0 to a category that was drawn"
    return f"{joined(names)} {'is' if len(names) == 1 else 'are'} infinite: {why}."


def beyond_sentence(symbol: str, possible: tuple[float, float], unit: str, level: float | None) -> str:
    """What the mark of values beyond the range of an estimand means; the range in this unit.

    `level` is that of the intervals; None where they do not depend on the estimates, and are never beyond it.
    """
    least, most = map(figure, possible)
    ends = f"cannot be below {least}" if math.isinf(possible[1]) else f"lies between {least} and {most}"
    told = f"{MARKS[BEYOND]} {symbol} {amount(ends, unit)}."
    if level is None:
        return f"{told} An estimate beyond that is off by at least as much."
    return (
        f"{told} Where an estimate or an end of its interval is beyond that, "
        f"do not rely on the interval to cover {percent_of_level(level)}."
    )


def no_test_sentence(level: float) -> str:
    """What the mark of intervals that exclude a divergence of 0 means."""
    return (
        f"{MARKS[NO_TEST]} Not a test of P = Q: even where P = Q, such an interval can exclude 0 in far more than "
        f"{percent_of_level(1 - level)} of samples."
    )


def edge_sentence(symbols: Sequence[str], *, pairs: bool = False) -> str:
    """What the interval of divergences, or of `pairs`, is, which is not centred on their estimates."""
    null = "that X and Y are independent" if pairs else "P = Q"
    return (
        f"{joined(symbols)}: the interval is noncentral_chi2, which holds near 0 as well. It does not depend on the "
        f"estimator, and contains 0 unless its own G test rejects {null} (mcdiv show noncentral_chi2)."
    )


def disagreement_sentence(symbols: Sequence[str], *, exact: bool, rejects: bool) -> str:
    """That the interval of divergences holds 0 or not, against the test of P = Q, whose p-value is the better one."""
    said = "contains 0 although this test rejects" if rejects else "leaves out 0 although this test does not reject"
    found = "exact" if exact else "simulated from the exact law"
    return (
        f"{joined(symbols)}: the interval {said}, because its own G test uses a χ² approximation. Where the two "
        f"differ, rely on this test, whose p-value is {found}."
    )


def excludes_sentence(*, centred: bool) -> str:
    """What the mark of intervals that lie beside their estimate means; `centred`: the jackknife is an alternative."""
    advice = " --interval jackknife is centred on the estimate." if centred else ""
    return (
        f"{MARKS[EXCLUDES][0]} The interval does not contain its own estimate: do not report the two together.{advice}"
    )


def _share(share: float) -> str:
    """In percent; 100 % is all of them."""
    return f"{_apart(100 * share, 100, digits=3)} %" if 0 < share < 1 else f"{100 * share:.0f} %"


def _apart(value: float, other: float, digits: int = 4) -> str:
    """A value with so many digits, or as many as tell it from the other."""
    enough = (d for d in range(digits, 17) if float(f"{value:.{d}g}") != float(f"{other:.{d}g}"))
    return f"{value:.{next(enough, 17)}g}".replace("-", "−")


def _errors(ratio: float) -> str:
    if ratio < _LITTLE:
        return "less than a tenth of their standard error"
    return f"{'more than 100' if ratio > _FAR else f'{ratio:.1f}'} times their standard error"

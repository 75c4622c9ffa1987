"""What limits trust in an estimate, in plain words: rare categories, draws too few, estimators that disagree."""

import math
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from mcdiv.core.arrays import Counts, Pmf
from mcdiv.study.numerals import figure

#: shares from which on a limit is spoken of
_MANY_SINGLETONS, _LOW_COVERAGE = 0.3, 0.9
#: standard errors from which on their number says nothing more
_FAR = 100
#: categories whose probabilities are told
_SHOWN = 8


def facts_of(counts: Counts) -> dict[str, float]:
    """Of counts (K,): draws, categories seen, singletons f₁, and the estimated coverage C = 1 − f₁/N."""
    draws, once = int(counts.sum()), int((counts == 1).sum())
    return {
        "draws": draws,
        "seen": int((counts > 0).sum()),
        "categories": len(counts),
        "singletons": once,
        "coverage": 1 - once / draws,
    }


def data_sentences(counts: Counts, *, alphabet_known: bool, of: str = "") -> Iterator[str]:
    """What the data are like."""
    known = facts_of(counts)
    draws, seen, once = int(known["draws"]), int(known["seen"]), int(known["singletons"])
    among = f" of {len(counts):,}" if len(counts) > seen else ""
    yield f"{_counted(draws, 'draw')}{of}, {_counted(seen, 'category', 'categories', among)} seen."
    if draws == 1:
        yield "A single draw says nothing about how uncertain the next one is."
    elif alphabet_known and seen == len(counts):
        yield "Those are all the categories there are."
    elif once == draws:
        yield (
            "Every draw is of another category: the sample says nothing about how many more there are, and no estimate "
            "of entropy is more than a guess."
        )
    elif once:
        yield (
            f"{_counted(once, 'category was', 'categories were')} seen once ({_share(once / seen)} of those seen): "
            f"the estimated coverage is C = 1 − f₁/N = {_share(known['coverage'])}, so about "
            f"{_share(1 - known['coverage'])} of further draws would be of categories not seen yet."
        )
    elif alphabet_known:
        yield "No category was seen only once: the others are rare, if they occur at all (C = 1 − f₁/N = 100 %)."
    else:
        missed = len(counts) - seen
        missing = f"more than the {missed:,} listed that did not occur" if missed else "categories that were missed"
        yield f"No category was seen only once: there is no sign of {missing} (C = 1 − f₁/N = 100 %)."
    if not alphabet_known and once > _MANY_SINGLETONS * seen:
        yield (
            "The alphabet is taken to be the categories seen; if you know how many there are, say so with "
            "--alphabet-size."
        )


def model_sentence(labels: Sequence[str], q: Pmf) -> str:
    """Which probability goes to which category; those behind the labels were not seen."""
    kept = range(len(q)) if len(q) <= _SHOWN else (*range(_SHOWN - 1), len(q) - 1)
    told = [f"Q({labels[k] if k < len(labels) else 'not seen'}) = {figure(float(q[k]))}" for k in kept]
    cut = ["…"] * (len(q) > _SHOWN)
    return f"{', '.join([*told[:-1], *cut, told[-1]])}."


def estimate_sentences(
    estimates: Mapping[str, float], errors: Mapping[str, float], unit: str, *, certain: bool = False
) -> Iterator[str]:
    """What the standard errors of one estimand do not tell, and how far its estimators are apart, by name.

    Where the estimand is the same whatever P is (`certain`), no variation is as it should be.
    """
    finite = {name: value for name, value in estimates.items() if math.isfinite(value)}
    for name, value in estimates.items():
        if math.isinf(value):
            yield f"{name} is infinite: the model has no probability, or no draw, where there are observations."
    if lonely := [name for name in finite if math.isinf(errors[name])]:
        yield (
            f"The standard error of {_all_of(lonely)} is infinite: without one of the draws the estimate would be "
            "infinite or undefined."
        )
    if certain:
        yield "It is the logarithm of K whatever P is, as Q is uniform."
    elif alike := [name for name in finite if errors[name] == 0]:
        yield (
            f"The standard error of {_all_of(alike)} is 0 only because all draws do the same to the estimate: do not "
            "trust it, nor an interval without width."
        )
    if len(finite) < 2:
        return
    low, high = min(finite, key=finite.__getitem__), max(finite, key=finite.__getitem__)
    gap = finite[high] - finite[low]
    known = [errors[name] for name in finite if math.isfinite(errors[name])]
    error = float(np.median(known)) if known else math.nan
    between = f"from {low} ({_apart(finite[low], finite[high])}) to {high} ({_apart(finite[high], finite[low])})"
    if gap <= 1e-9 * abs(finite[high]):
        yield "The estimators agree."
    elif error > 0 and gap > 2 * error:
        yield (
            f"The estimators differ by {gap:.3g} {unit}, {between}: {_errors(gap / error)}. Which one you "
            "choose matters more than chance does; --advise tells which errs least in a case like this."
        )
    else:
        little = (
            f": {_errors(gap / error)}. All saw the same draws; --advise tells which errs least" if error > 0 else ""
        )
        yield f"The estimators differ by {gap:.2g} {unit}, {between}{little}."


def _all_of(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _counted(number: int, one: str, many: str = "", of: str = "") -> str:
    return f"{number:,}{of} {one if number == 1 and not of else many or one + 's'}"


def _share(share: float) -> str:
    """In percent; 100 % is all of them."""
    return f"{_apart(100 * share, 100, digits=3)} %" if 0 < share < 1 else f"{100 * share:.0f} %"


def _apart(value: float, other: float, digits: int = 4) -> str:
    """A value with so many digits, or as many as tell it from the other."""
    enough = (d for d in range(digits, 17) if float(f"{value:.{d}g}") != float(f"{other:.{d}g}"))
    return f"{value:.{next(enough, 17)}g}"


def _errors(ratio: float) -> str:
    return "more than 100 standard errors" if ratio > _FAR else f"{ratio:.1f} standard errors"

"""What limits trust in an estimate, in plain words: rare categories, draws too few, estimators that disagree."""

import math
from collections.abc import Iterator, Mapping

import numpy as np

from mcdiv.core.arrays import Counts

#: shares from which on a limit is spoken of
_MANY_SINGLETONS, _LOW_COVERAGE = 0.3, 0.9


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
    if once == draws:
        yield (
            "Every draw is of another category: the sample says nothing about how many more there are, and no estimate "
            "of entropy is more than a guess."
            if draws > 1
            else "A single draw says nothing about how uncertain the next one is."
        )
    elif once:
        yield (
            f"{_counted(once, 'category was', 'categories were')} seen once ({_share(once / seen)} of those seen): "
            f"the estimated coverage is C = 1 − f₁/N = {_share(known['coverage'])}, so about "
            f"{_share(1 - known['coverage'])} of further draws would be of categories not seen yet."
        )
    else:
        yield "No category was seen only once: there is no sign of categories that were missed (C = 1 − f₁/N = 100 %)."
    if not alphabet_known and once > _MANY_SINGLETONS * seen:
        yield (
            "The alphabet is taken to be the categories seen; if you know how many there are, say so with "
            "--alphabet-size."
        )


def estimate_sentences(estimates: Mapping[str, float], errors: Mapping[str, float], unit: str) -> Iterator[str]:
    """How far the estimators of one estimand are apart, by name."""
    finite = {name: value for name, value in estimates.items() if math.isfinite(value)}
    for name, value in estimates.items():
        if math.isinf(value):
            yield f"{name} is infinite: the model has no probability, or no draw, where there are observations."
    if len(finite) < 2:
        return
    low, high = min(finite, key=finite.__getitem__), max(finite, key=finite.__getitem__)
    gap = finite[high] - finite[low]
    known = [errors[name] for name in finite if math.isfinite(errors[name])]
    error = float(np.median(known)) if known else math.nan
    between = f"from {low} ({finite[low]:.4g}) to {high} ({finite[high]:.4g})"
    if gap <= 1e-9 * abs(finite[high]):
        yield "The estimators agree."
    elif error > 0 and gap > 2 * error:
        yield (
            f"The estimators differ by {gap:.3g} {unit}, {between}: {gap / error:.1f} standard errors. Which one you "
            "choose matters more than chance does; --advise tells which errs least in a case like this."
        )
    elif error > 0:
        little = f"{gap / error:.1f} standard errors, which is little"
        yield f"The estimators differ by {gap:.2g} {unit}, {between}: {little}."
    else:
        yield (
            f"The estimators differ by {gap:.2g} {unit}, {between}. The standard errors see no variation here (the "
            "frequencies are all the same): do not trust them."
        )


def _counted(number: int, one: str, many: str = "", of: str = "") -> str:
    return f"{number:,}{of} {one if number == 1 and not of else many or one + 's'}"


def _share(share: float) -> str:
    return f"{100 * share:.3g} %" if 0 < share < 1 else f"{100 * share:.0f} %"

"""What the value of an estimand is whatever P is, where that is so."""

from mcdiv.observed.question import Observed


def why_certain(observed: Observed, estimand: str) -> str:
    """Why the estimand is the same whatever P is; empty where it is not."""
    q = observed.sample.q
    if estimand == "entropy" and observed.alphabet_known and observed.sample.counts.shape[1] == 1:
        return "There is only one category, so this is 0."
    if estimand == "cross_entropy" and q is not None and bool((q == q[0]).all()):
        return "Q is uniform, so this is the logarithm of K whatever P is."
    return ""

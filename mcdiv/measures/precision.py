"""Measures of how precise an estimator is beside another."""

from dataclasses import replace

from mcdiv.core.performance import Measured
from mcdiv.measures.contract import measure


@measure(unit_power=0, percent=True, best="none")
def relative_precision(gain: Measured) -> Measured:
    """How much more precise an estimator is than the first one that the scenario lists for the estimand.

    Formula: 100 (Var θ̂₁/Var θ̂ − 1) %,  θ̂₁ the estimator listed first, on the same replicates; the first has none
    Valid:   estimates that vary, both finite; it says nothing of bias
    MCSE:    by the delta method on the joint moments of both, which uses that the replicates are the same; of normal
             estimates it is that of Morris et al., 200 (Var θ̂₁/Var θ̂) √((1 − ρ²)/R). NaN where some estimates are not
             finite
    Source:  Morris, White & Crowther (2019), Using simulation studies to evaluate statistical methods, table 6; rsimsum
             calls it relprec
    """
    return replace(gain, value=100 * (gain.value - 1), mcse=100 * gain.mcse)

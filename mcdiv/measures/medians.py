"""Measures of where the middle of the estimates is."""

from mcdiv.core.performance import Measured
from mcdiv.measures.contract import measure
from mcdiv.measures.law import EstimateLaw


@measure(unit_power=1, best="zero", signed=True)
def median_bias(law: EstimateLaw) -> Measured:
    """How far the estimates are off in the middle: at 0 they are too high as often as too low.

    Formula: med θ̂ − θ
    Valid:   θ finite; infinite estimates count, undefined ones are left out
    MCSE:    a quarter of the distance between the quantiles of θ̂ at 1/2 ± 1/√R; NaN up to 4 replicates
    Source:  Brown (1947), On small-sample estimation; MCSE: Woodruff (1952), Confidence intervals for medians and other
             position measures
    """
    return law.errors.quantile(0.5)

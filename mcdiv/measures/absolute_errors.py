"""Measures of the size of the errors: their mean, which one large error moves, and their median, which it does not."""

import numpy as np

from mcdiv.core.performance import Measured
from mcdiv.measures.contract import measure
from mcdiv.measures.law import EstimateLaw


@measure(unit_power=1, best="zero", statistic="mean", features={"size": np.abs})
def mean_absolute_error(size: float) -> float:
    """The mean size of the errors.

    Formula: E |θ̂ − θ|
    Valid:   θ finite; of the finite estimates
    MCSE:    √(Var |θ̂ − θ| / R), by the delta method
    Source:  by definition; MCSE: Morris, White & Crowther (2019), Using simulation studies to evaluate statistical
             methods
    """
    return size


@measure(unit_power=1, best="zero")
def median_absolute_error(law: EstimateLaw) -> Measured:
    """The size that half of the errors do not exceed.

    Formula: med |θ̂ − θ|
    Valid:   θ finite; an infinite estimate has an infinite error, undefined ones are left out
    MCSE:    a quarter of the distance between the quantiles of |θ̂ − θ| at 1/2 ± 1/√R; NaN up to 4 replicates
    Source:  by definition; MCSE: Woodruff (1952), Confidence intervals for medians and other position measures
    """
    return law.absolute_errors.quantile(0.5)

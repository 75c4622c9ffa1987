"""The measures that every study with intervals has of them."""

from dataclasses import replace

from mcdiv.core.interval_performance import (
    BOUNDED,
    COVERED,
    COVERED_MEAN,
    SQUARE,
    SURE,
    UNDEFINED,
    WIDTH,
    IntervalSummary,
)
from mcdiv.core.performance import Measured
from mcdiv.measures.contract import measure


@measure(unit_power=0, best="level", statistic="share", usual=True)
def coverage(interval: IntervalSummary) -> Measured:
    """How often an interval covers the true value.

    Formula: P(low ≤ θ ≤ high)
    Valid:   always; an undefined interval is a miss
    MCSE:    √(p (1 − p)/R)
    Source:  Morris, White & Crowther (2019), Using simulation studies to evaluate statistical methods, table 6;
             rsimsum, as cover, leaves out replicates without a standard error
    """
    return interval.share(COVERED)


@measure(unit_power=0, best="level", statistic="share", usual=True, title="coverage of the mean")
def bias_eliminated_coverage(interval: IntervalSummary) -> Measured:
    """How often an interval covers the mean of the estimates, as if the estimator had no bias.

    Formula: P(low ≤ E θ̂ ≤ high),  E θ̂ exact where it is known, else the mean of the replicates
    Valid:   always; an undefined interval is a miss
    MCSE:    √(p (1 − p)/R)
    Source:  Morris, White & Crowther (2019), table 6; rsimsum calls it becover, always of the mean of the replicates
    """
    return interval.share(COVERED_MEAN)


@measure(unit_power=1, best="zero", statistic="mean", usual=True)
def width(interval: IntervalSummary) -> Measured:
    """The mean width of an interval.

    Formula: E (high − low)
    Valid:   of intervals with finite ends
    MCSE:    by the delta method for a ratio of means
    Source:  by definition
    """
    return interval.mean_where(WIDTH, BOUNDED)


@measure(unit_power=1, best="sd", usual=True, title="ModSE")
def modse(interval: IntervalSummary) -> Measured:
    """The root of the mean squared standard error.

    Formula: √E (standard error)²
    Valid:   of finite standard errors
    MCSE:    by the delta method for a ratio of means
    Source:  Morris, White & Crowther (2019), table 6
    """
    return interval.mean_where(SQUARE, SURE).root


@measure(unit_power=0, best="zero", statistic="share", usual=True)
def undefined_interval_share(interval: IntervalSummary) -> Measured:
    """The share of intervals that are undefined.

    Formula: P(low = NaN or high = NaN)
    Valid:   always
    MCSE:    √(p (1 − p)/R)
    Source:  by definition
    """
    return interval.share(UNDEFINED)


@measure(unit_power=0, percent=True, best="zero", signed=True, usual=True, title="relative error of ModSE")
def relative_error_modse(interval: IntervalSummary) -> Measured:
    """By how much the standard errors are too large, or too small, for the spread of the estimates.

    Formula: 100 (ModSE/EmpSE − 1) %,  ModSE = √E (standard error)², EmpSE = √Var θ̂ (the measure sd)
    Valid:   estimates that vary; of finite standard errors and of finite estimates
    MCSE:    by the delta method on the joint moments of squared standard errors and estimates, so for skewed estimates
             too: that of Morris et al. takes normal estimates, and standard errors that do not depend on them
    Source:  Morris, White & Crowther (2019), table 6; rsimsum calls it relerror
    """
    ratio = interval.error_ratio()
    return replace(ratio, value=100 * (ratio.value - 1), mcse=100 * ratio.mcse)

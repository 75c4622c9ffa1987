"""The measures that every study has of an estimator: of its errors, and of estimates that are not finite.

Bias, sd, MSE and what follows from them are of the finite estimates.
"""

from dataclasses import replace

from mcdiv.core.performance import MISSING, ErrorSummary, Measured
from mcdiv.measures.contract import measure


@measure(unit_power=1, best="truth", statistic="mean", usual=True)
def mean(errors: ErrorSummary) -> Measured:
    """The mean of the estimates.

    Formula: E θ̂
    Valid:   where an estimate can be finite; of the finite ones
    MCSE:    √(Var θ̂ / R)
    Source:  by definition
    """
    return errors.mean


@measure(unit_power=1, best="zero", statistic="mean", signed=True, usual=True)
def bias(errors: ErrorSummary) -> Measured:
    """How far the estimates are off on average.

    Formula: E θ̂ − θ
    Valid:   θ finite; of the finite estimates
    MCSE:    √(Var θ̂ / R)
    Source:  Morris, White & Crowther (2019), Using simulation studies to evaluate statistical methods, table 6
    """
    return errors.bias


@measure(
    unit_power=1, best="zero", statistic="mean", signed=True, usual=True, instead="bias", title="bias with controls"
)
def bias_cv(controlled: Measured | None) -> Measured | None:
    """The bias regressed on statistics of the counts whose means are known, which leaves less to chance.

    Formula: E θ̂ − θ, the errors less their regression on centred control variates
    Valid:   individual draws, finite estimates, at least 100 replicates a control; left out elsewhere
    MCSE:    the square root of the residual variance of the regression over R
    Source:  Lavenberg & Welch (1981), A perspective on the use of control variables
    """
    return controlled


@measure(unit_power=0, best="zero", signed=True, usual=True)
def relative_bias(errors: ErrorSummary) -> Measured:
    """The bias as a share of the true value.

    Formula: (E θ̂ − θ) / θ
    Valid:   θ finite and not 0; of the finite estimates
    MCSE:    that of the bias, divided by |θ|
    Source:  by definition
    """
    true_value, bias = errors.true_value, errors.bias
    if not true_value:
        return MISSING
    return replace(bias, value=bias.value / true_value, mcse=bias.mcse / abs(true_value))


@measure(unit_power=1, best="zero", usual=True, root_of="variance", title="sd")
def sd(errors: ErrorSummary) -> Measured:
    """The standard deviation of the estimates; rsimsum and Morris et al. call it the empirical SE.

    Formula: √Var θ̂, with R − 1 where it is simulated
    Valid:   where an estimate can be finite; of the finite ones
    MCSE:    by the delta method on the moments of the errors, so for skewed estimates too
    Source:  Morris, White & Crowther (2019), table 6
    """
    return errors.variance.root


@measure(unit_power=2, best="zero", usual=True)
def variance(errors: ErrorSummary) -> Measured:
    """The variance of the estimates.

    Formula: Var θ̂, with R − 1 where it is simulated
    Valid:   where an estimate can be finite; of the finite ones
    MCSE:    by the delta method on the moments of the errors
    Source:  by definition
    """
    return errors.variance


@measure(unit_power=2, best="zero", statistic="mean", usual=True, title="MSE")
def mse(errors: ErrorSummary) -> Measured:
    """The mean squared error.

    Formula: E (θ̂ − θ)²
    Valid:   θ finite; of the finite estimates
    MCSE:    √(Var (θ̂ − θ)² / R)
    Source:  Morris, White & Crowther (2019), table 6
    """
    return errors.mse


@measure(unit_power=1, best="zero", usual=True, root_of="mse", title="RMSE")
def rmse(errors: ErrorSummary) -> Measured:
    """The root of the mean squared error, by which estimators are ranked.

    Formula: √E (θ̂ − θ)²
    Valid:   θ finite; of the finite estimates
    MCSE:    that of the MSE, divided by 2 RMSE (delta method)
    Source:  by definition
    """
    return errors.mse.root


@measure(unit_power=0, best="zero", statistic="share", usual=True)
def infinite_share(errors: ErrorSummary) -> Measured:
    """The share of estimates that are infinite.

    Formula: P(|θ̂| = ∞)
    Valid:   always
    MCSE:    √(p (1 − p)/R); with none or all of the replicates, a 95 % bound
    Source:  by definition; bound: Clopper & Pearson (1934)
    """
    return errors.infinite


@measure(unit_power=0, best="zero", statistic="share", usual=True)
def undefined_share(errors: ErrorSummary) -> Measured:
    """The share of estimates that are undefined (NaN).

    Formula: P(θ̂ = NaN)
    Valid:   always
    MCSE:    √(p (1 − p)/R); with none or all of the replicates, a 95 % bound
    Source:  by definition; bound: Clopper & Pearson (1934)
    """
    return errors.undefined

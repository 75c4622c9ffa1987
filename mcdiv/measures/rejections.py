"""How often a test of P = Q rejects: its type I error where that is so, its power where it is not."""

from mcdiv.core.performance import Measured
from mcdiv.measures.contract import measure
from mcdiv.measures.rejection_share import RejectionShare


@measure(unit_power=0, best="test", statistic="share", title="type I error")
def type_i_error(rejections: RejectionShare) -> Measured | None:
    """How often the test rejects P = Q although it is true. A scenario's `test` asks for it.

    Formula: P(T > χ²₁₋ₐ(K − 1)) at P = Q,  T = 2N K̂L, N χ̂², 8N ĴS, N Ĵ or 8N Ĥel², a the level of the test;
             with law: exact P(θ̂ > c), c the smallest estimate that is exceeded with probability at most a there
    Valid:   Q known, and P = Q; infinite estimates reject, undefined ones do not. T is about χ² only for large N p
    MCSE:    √(p (1 − p)/R); with none or all of the replicates, a 95 % bound
    Source:  Wilks (1938), The large-sample distribution of the likelihood ratio; Pearson (1900); Cressie & Read (1984)
    """
    return rejections.share if rejections.null_holds else None


@measure(unit_power=0, best="one", statistic="share")
def power(rejections: RejectionShare) -> Measured | None:
    """How often the test rejects P = Q where P is another distribution. A scenario's `test` asks for it.

    Formula: P(T > χ²₁₋ₐ(K − 1)) at P ≠ Q,  T = 2N K̂L, N χ̂², 8N ĴS, N Ĵ or 8N Ĥel², a the level of the test;
             with law: exact P(θ̂ > c), c the smallest estimate that is exceeded with probability at most a at P = Q
    Valid:   Q known, and P ≠ Q; infinite estimates reject, undefined ones do not
    MCSE:    √(p (1 − p)/R); with none or all of the replicates, a 95 % bound
    Source:  Morris, White & Crowther (2019), Using simulation studies to evaluate statistical methods, table 6
    """
    return None if rejections.null_holds else rejections.share

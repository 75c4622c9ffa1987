"""The share of samples in which a test of P = Q rejects, exact or of the replicates."""

import math
from dataclasses import dataclass

from mcdiv.core.performance import Measured


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectionShare:
    """What a test does in a condition."""

    share: Measured
    #: whether P = Q: then rejecting is an error
    null_holds: bool

    @classmethod
    def exact(cls, share: float, true_value: float) -> "RejectionShare":
        """Of all outcomes; the true value of a divergence is 0 where P = Q, and only there."""
        return cls(share=Measured(value=share, mcse=0.0), null_holds=true_value == 0)

    @classmethod
    def simulated(cls, share: float, replicates: float, law: float, true_value: float) -> "RejectionShare":
        """Of so many replicates; `law` is the exact share where that is known, else NaN."""
        known = share if math.isnan(law) else law
        mcse = math.sqrt(max(0.0, share * (1 - share)) / replicates)
        measured = Measured(value=share, mcse=mcse, events=replicates * min(known, 1 - known))
        return cls(share=measured, null_holds=true_value == 0)

"""P and Q with every number that a derivation shows of them, and how these are written."""

import math
from dataclasses import dataclass

import numpy as np

from mcdiv.core.arrays import Array, Pmf
from mcdiv.core.rows import cross_entropy_nats, entropy_nats, kl_divergence_nats
from mcdiv.core.units import nats_per

LOGARITHMS = {"nats": "ln", "bits": "log₂", "bans": "log₁₀"}
#: decimals of every number, and the most that double precision holds for sums below 10
DECIMALS, MAX_DECIMALS = 6, 13


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkedExample:
    """P and Q with all that is computed of them; values in `units`."""

    p: Pmf
    q: Pmf
    units: str
    cross_entropy: float
    kl_divergence: float
    entropy: float
    #: KL(Q‖P)
    reverse: float
    #: what each category adds to KL(P‖Q), H(P, Q) and H(P), shape (3, K)
    terms: Array

    @property
    def coin(self) -> bool:
        """Whether there are two categories, told as heads and tails."""
        return len(self.p) == 2

    @property
    def log(self) -> str:
        """How the logarithm of the units is written."""
        return LOGARITHMS[self.units]

    @property
    def decimals(self) -> int:
        """Decimals of every number: more where KL is small, as far as the other two have them."""
        sums = [value for value in (self.cross_entropy, self.entropy, 1.0) if math.isfinite(value)]
        most = MAX_DECIMALS - math.floor(math.log10(max(sums)))
        if not 0 < self.kl_divergence < 1e-2:
            return DECIMALS
        return max(DECIMALS, min(most, 3 - math.floor(math.log10(self.kl_divergence))))

    @property
    def lost(self) -> bool:
        """Whether KL is so small that H(P, Q) and H(P) do not show it."""
        return 0 < self.kl_divergence < 10.0 ** (3 - self.decimals)

    def figure(self, value: float) -> str:
        """A number to the decimals of this example; its powers of ten where they would show nothing of it."""
        if math.isinf(value):
            return "∞" if value > 0 else "−∞"
        if 0 < abs(value) < 10.0 ** (3 - self.decimals) and self.lost:
            mantissa, _, power = f"{value:.3e}".partition("e")
            return f"{mantissa}e{int(power)}".replace("-", "−")
        return f"{0.0 if value == 0 else value:.{self.decimals}f}".replace("-", "−")

    def measured(self, value: float) -> str:
        """A number with its unit."""
        return f"{self.figure(value)} {self.units}"


def worked_example(p: Pmf, q: Pmf, units: str) -> WorkedExample:
    """All that is computed of two pmfs already checked."""
    unit = nats_per(units)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        # ln(p/q) by log1p near p = q, where the quotient would have lost the digits of what it is off 1.
        near = (q > 0) & (np.abs(p - q) < q / 2)
        ratio = np.where(near, np.log1p((p - q) / q), np.log(p) - np.log(q))
        terms = np.stack([p * ratio, -p * np.log(q), -p * np.log(p)])
    return WorkedExample(
        p=p,
        q=q,
        units=units,
        cross_entropy=float(cross_entropy_nats(p, q)) / unit,
        kl_divergence=float(kl_divergence_nats(p, q)) / unit,
        entropy=float(entropy_nats(p)) / unit,
        reverse=float(kl_divergence_nats(q, p)) / unit,
        terms=np.where(p > 0, terms, 0.0) / unit + 0.0,
    )


def short(value: float) -> str:
    """A probability in as few digits as it takes: 0.7; six where that would be more than a dozen: 0.333333."""
    exact = (
        text for digits in range(1, 13) if math.isclose(float(text := f"{value:.{digits}g}"), value, rel_tol=1e-15)
    )
    return next(exact, f"{value:.6g}").replace("-", "−")

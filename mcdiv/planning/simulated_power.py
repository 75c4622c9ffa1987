"""The power of a test by simulation, where its outcomes cannot be listed: its critical value has an error as well."""

import math

import numpy as np

from mcdiv.core.arrays import Array
from mcdiv.core.outcomes import stream
from mcdiv.core.samplers import draw_counts
from mcdiv.engine.plan import address_of
from mcdiv.planning.power import PowerQuestion
from mcdiv.significance.null_design import NullDesign
from mcdiv.significance.simulated_law import SimulatedLaw, simulated_law
from mcdiv.significance.statistics import against_pmf, exceeds
from mcdiv.significance.thresholds import CriticalValue, critical_value

#: replicates of the law that the critical value is read from in the end: at least, at most, and times the categories
_LEAST, _MOST, _WORK = 20_000, 100_000, 2**25
#: entries of counts made at once
_ENTRIES = 2**22


class SimulatedPower:
    """Powers with their standard errors, and what they have cost."""

    def __init__(self, question: PowerQuestion, seed: int) -> None:
        self._question, self._seed = question, seed
        self.replicates = 0

    def at(self, draws: int, replicates: int, stage: int) -> tuple[float, float]:
        """The power with N draws, and its MCSE.

        An error in the critical value is an error in the size. What that does to the power is read from the critical
        values of sizes two standard errors smaller and larger.
        """
        alpha, law = self._question.alpha, self._law(draws, replicates)
        statistic = self._drawn(draws, replicates, stage)
        error = law.above(law.threshold(alpha)).mcse
        step = min(2 * error, alpha / 2)
        power, larger, smaller = (
            float(exceeds(statistic, law.threshold(rate)).mean()) for rate in (alpha, alpha + step, alpha - step)
        )
        self.replicates += replicates
        # One more success and one more failure: a share of 0 or 1 is not known without error.
        share = (power * replicates + 1) / (replicates + 2)
        of_size = (larger - smaller) * error / (2 * step) if step else 0.0
        return power, math.hypot(math.sqrt(share * (1 - share) / replicates), of_size)

    def critical_value(self, draws: int) -> CriticalValue:
        """The critical value, and the size, with N draws."""
        replicates = max(_LEAST, min(_MOST, _WORK // len(self._question.reference)))
        return critical_value(self._law(draws, replicates), self._question.alpha)

    @property
    def work(self) -> float:
        """Replicates times categories so far, of both distributions."""
        return 2.0 * self.replicates * len(self._question.reference)

    def _law(self, draws: int, replicates: int) -> SimulatedLaw:
        reference = self._question.reference
        design = NullDesign(statistic=self._question.statistic, p=reference[reference > 0], draws=draws)
        return simulated_law(design, self._question.alpha, replicates, self._seed)

    def _drawn(self, draws: int, replicates: int, stage: int) -> Array:
        """The statistic of samples from the alternative, shape (R,)."""
        question = self._question
        generator = stream(self._seed, address_of("power", str(draws), str(stage)))
        size = max(1, _ENTRIES // len(question.reference))
        return np.concatenate(
            [
                against_pmf(
                    question.statistic,
                    draw_counts(question.alternative, draws, min(size, replicates - start), generator),
                    question.reference,
                )
                for start in range(0, replicates, size)
            ]
        )

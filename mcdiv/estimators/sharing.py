"""Some samples, and what several estimators need of them: made once.

An estimator of entropy that takes counts with multiplicities sums over the distinct counts, which are tallied once.
What is computed from an entropy estimate (`Lift`) takes that estimate and, made once for all, the rest.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import cached_property
from typing import Any, TypeVar

from numpy.typing import NDArray

from mcdiv.core.arrays import Nats, Sample
from mcdiv.core.fingerprints import tally_up_to
from mcdiv.estimators.entry import Estimator, Lift

A = TypeVar("A", bound=NDArray[Any] | None)

#: counts of so many categories are tallied, if that leaves so many times fewer columns
WIDE, GAIN = 100, 3


class SharedSamples:
    """Samples that several estimators look at; those of shape (R, K) are tallied."""

    def __init__(self, sample: Sample) -> None:
        self.sample = locked(sample)
        #: what lifts of one kind have in common
        self._bases: dict[Callable[..., Any], Any] = {}

    @cached_property
    def tallied(self) -> Sample:
        """The samples as counts that stand for several categories, where that is less to look at.

        Samples alone decide, not how many estimators share the tally: none of them may change another's last digit.
        """
        sample = self.sample
        if sample.multiplicity is not None or sample.counts.ndim != 2 or sample.counts.shape[1] < WIDE:
            return sample
        tally = tally_up_to(sample.counts.shape[1] // GAIN, sample.counts)
        if tally is None:
            return sample
        counts, multiplicity = tally
        return locked(replace(sample, counts=counts, multiplicity=multiplicity))

    def given_to(self, entry: Estimator) -> Sample:
        """The samples as this estimator takes them."""
        return self.tallied if entry.accepts_multiplicities and entry.design == "sample" else self.sample

    def lifted(self, lift: Lift, entropy: Nats) -> Nats:
        """What the lift makes of these estimates of the entropy, shape (R,)."""
        if lift.base not in self._bases:
            self._bases[lift.base] = lift.base(self.sample, self.tallied)
        return lift.combine(self._bases[lift.base], entropy)


def locked(sample: Sample) -> Sample:
    """The same, read-only: what one estimator changed all others would see."""
    return replace(
        sample,
        counts=_read_only(sample.counts),
        multiplicity=_read_only(sample.multiplicity),
        q=_read_only(sample.q),
        counts_q=_read_only(sample.counts_q),
        p=_read_only(sample.p),
        o=_read_only(sample.o),
    )


def _read_only(array: A) -> A:
    if array is None:
        return array
    view = array.view()
    view.setflags(write=False)
    return view

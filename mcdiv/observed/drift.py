"""From files of reference counts to thresholds, a feature at a time; with current counts, whether each alarms."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import numpy as np

from mcdiv.engine.pool import default_workers
from mcdiv.errors import ScenarioError
from mcdiv.files import counts
from mcdiv.files.counts import Reading
from mcdiv.observed.null_comparison import corrected, design_of, replicates_of
from mcdiv.observed.option_texts import shipped_or_own
from mcdiv.observed.several_samples import Samples, Wanted, samples_in, samples_of_rows
from mcdiv.scenario.plugins import installed
from mcdiv.significance.null_design import NullDesign, observed_value
from mcdiv.significance.statistics import exceeds
from mcdiv.significance.thresholds import Law, Simulation, Threshold, law_and_threshold

#: replicates of laws that cannot be computed: in all features together, and of each at least and at most
_SHARED, _LEAST, _MOST = 2_000_000, 4_000, 400_000


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftQuestion:
    """What is wanted of files, checked but for what depends on what is in them."""

    #: the reference, and the current counts where they have a file of their own
    files: tuple[str, ...]
    reading: Reading = field(default_factory=Reading)
    #: columns of counts: the reference's, and the current ones where they are in the same file
    weights: tuple[str, ...] = ()
    #: draws of a check, where there are no current counts
    n: int | None = None
    known: bool = False
    #: of each feature, or of all together where it is corrected for their number
    rate: float = 0.05
    correct: str | None = None
    statistic: str = "psi"
    at: tuple[float, ...] = ()
    floor: float = 0.0
    #: None: shared among the features
    replicates: int | None = None
    seed: int = 0

    @property
    def has_current(self) -> bool:
        """Whether there are current counts."""
        return len(self.files) > 1 or len(self.weights) > 1


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureDrift:
    """One feature: its threshold, and what its current counts say if there are any."""

    #: its name; empty where there is only one
    feature: str
    threshold: Threshold
    #: the statistic of the current counts
    observed: float | None = None
    #: P(statistic ≥ observed) without drift, and its Monte Carlo standard error
    p_value: float | None = None
    p_value_mcse: float | None = None
    #: whether the observed value is above the threshold
    alarm: bool | None = None

    def record(self) -> dict[str, Any]:
        """The columns of a table: the feature, its threshold, and what its current counts say."""
        values = asdict(self.threshold)
        alarms = {f"alarm_probability_at_{alarm['at']:g}": alarm["probability"] for alarm in values.pop("alarms")}
        values["threshold"], values["threshold_mcse"] = values.pop("value"), values.pop("mcse")
        observed = {name: getattr(self, name) for name in ("observed", "p_value", "p_value_mcse", "alarm")}
        return {"feature": self.feature, **values, **observed, **alarms}


def drifts_of(
    question: DriftQuestion, on_progress: Callable[[int, int], None] = lambda done, total: None
) -> list[tuple[Samples, FeatureDrift]]:
    """The features as they were read, and their thresholds; a ScenarioError names file, feature and what is wrong."""
    features = list(_features(question))
    rate = corrected(question.rate, question.correct, len(features))
    share = min(_MOST, max(_LEAST, _SHARED // len(features)))
    alike: dict[object, list[tuple[int, Samples, NullDesign]]] = {}
    for place, samples in enumerate(features):
        with _named(samples):
            design = _design(question, samples)
        # Of many features, such as deciles, one is as another: their law is made once.
        alike.setdefault((design.p.tobytes(), design.draws, design.second), []).append((place, samples, design))

    def found(some: list[tuple[int, Samples, NullDesign]]) -> list[tuple[int, FeatureDrift]]:
        _, first, design = some[0]
        with _named(first):
            replicates = question.replicates or replicates_of(design, share)
            law = law_and_threshold(design, rate, question.at, Simulation(replicates=replicates, seed=question.seed))
        return [(place, _drift(samples, design, *law)) for place, samples, design in some]

    drifts: dict[int, FeatureDrift] = {}
    # Most of the time goes by in NumPy, which lets other threads work.
    with ThreadPoolExecutor(min(default_workers(), len(alike))) as pool:
        for each in pool.map(found, alike.values()):
            drifts.update(each)
            on_progress(len(drifts), len(features))
    return [(samples, drifts[place]) for place, samples in enumerate(features)]


@contextmanager
def _named(samples: Samples) -> Iterator[None]:
    """A ValueError is one of a feature."""
    try:
        yield
    except ValueError as error:
        where = f"feature '{samples.group}': " if samples.group else ""
        raise ScenarioError([f"{where}{error}"]) from None


def _features(question: DriftQuestion) -> Iterator[Samples]:
    """The reference of each feature, and below it the current counts."""
    installed()
    if question.has_current:
        if question.n is not None:
            raise ScenarioError(["-n: the current counts say how many draws a check has; leave it out"])
        yield from samples_in(Wanted(files=question.files, reading=question.reading, weights=question.weights))
        return
    if question.n is None:
        said = "give -n, the draws of a check, or the current counts: another file, or --weights once more"
        raise ScenarioError([f"{question.files[0]}: {said}"])
    reading = replace(question.reading, weights=question.weights[0]) if question.weights else question.reading
    for tally in counts.read_tallies(shipped_or_own(question.files[0]), reading):
        yield samples_of_rows(tally.group, [(question.files[0], tally)], ())


def _design(question: DriftQuestion, samples: Samples) -> NullDesign:
    return design_of(
        samples.table[0],
        n=int(samples.table[1].sum()) if question.n is None else question.n,
        m=None,
        statistic=question.statistic,
        known=question.known,
        floor=question.floor,
        sample=True,
    )


def _drift(samples: Samples, design: NullDesign, law: Law, threshold: Threshold) -> FeatureDrift:
    if len(samples.table) == 1:
        return FeatureDrift(feature=samples.group, threshold=threshold)
    reference, current = samples.table
    value = observed_value(design, current, reference)
    order = np.argsort(-reference, kind="stable")[: len(design.p)]  # as the design has its categories
    share = law.p_value(value, current[order], None if design.second is None else reference[order])
    return FeatureDrift(
        feature=samples.group,
        threshold=threshold,
        observed=value,
        p_value=share.value,
        p_value_mcse=share.mcse,
        alarm=bool(exceeds(np.array(value), threshold.value)),
    )

"""What is asked of observations, and a group of them with the scenario that asks about it."""

from dataclasses import dataclass, field

from mcdiv.core.arrays import Counts, Pmf, Sample
from mcdiv.files.counts import Reading
from mcdiv.observed.diagnostics import Alphabet
from mcdiv.scenario.model import Scenario


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is wanted of the data; the texts are as a scenario writes them."""

    source: str
    reading: Reading = field(default_factory=Reading)
    #: a second sample, or a model: a file of probabilities or a distribution
    against: str | None = None
    model: str | None = None
    alphabet_size: int | str | None = None
    estimands: tuple[str, ...] = ()
    estimators: tuple[str, ...] = ()
    #: None: the usual ones (`usual_interval`)
    interval: str | None = None
    level: str | float = "0.95"
    units: str = "nats"


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """One group of observations, and the scenario that asks about it."""

    group: str
    read_as: str
    #: what the files themselves warn of
    cautions: tuple[str, ...]
    #: the categories in the order of the counts; those without a name, which were not seen, come after them
    labels: tuple[str, ...]
    #: counts of shape (1, K), and the model if there is one
    sample: Sample
    #: where K is from: an option, a model, a file that lists categories without draws too, or only the categories seen
    alphabet: Alphabet
    #: shape (K,): what the file has in place of counts; these are then 1 where it is above 0, and mean nothing else
    pmf: Pmf | None = None
    #: shape (N,) and a number: draws in their order, by their categories, and how many belong to the next one; None
    #: where nobody asked
    sequence: Counts | None = None
    order: int | None = None
    #: shape (K, K) each: pairs of successive draws from P, and from Q, where their order is known
    successors: tuple[Counts | None, ...]
    #: whether estimators were named, or the usual ones are meant
    named: bool
    #: whether an interval was named
    interval_named: bool
    #: estimators, estimands, interval, level and units, checked; its P, Q, N and M stand for K and for what there is.
    #: Groups with as many categories share one
    scenario: Scenario

    @property
    def alphabet_known(self) -> bool:
        """Whether K is known, or only the categories that were seen."""
        return self.alphabet != "seen"

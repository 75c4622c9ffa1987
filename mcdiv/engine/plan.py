"""The plan of a study, made once: its conditions, its tasks, and the blocks, each able to run anywhere.

Whoever simulates, tabulates or tells takes the plan; nobody asks the scenario again what follows from it.
"""

import hashlib
import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Literal, TypeAlias

from mcdiv.core.arrays import Pmf
from mcdiv.core.distributions import Distribution
from mcdiv.core.outcomes import block_size, enumerable
from mcdiv.estimators.entry import Design, Estimator
from mcdiv.estimators.registry import find
from mcdiv.intervals.contract import INTERVALS, Interval
from mcdiv.scenario.choices import Choice
from mcdiv.scenario.grid import combinations
from mcdiv.scenario.model import Scenario


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """One (P, Q, N, M) of a scenario."""

    #: place in the scenario, from 1
    number: int
    truth: Distribution
    model: Distribution | None
    sample_size: int
    #: draws from Q, where the model is known only through them
    model_sample_size: int | None
    #: what the samples are drawn from, where it is not the truth
    drawn_from: Distribution | None = None

    @property
    def p(self) -> Pmf:
        """The truth's probabilities, shape (K,)."""
        return self.truth.pmf()

    @property
    def q(self) -> Pmf | None:
        """The model's, where there is one."""
        return self.model.pmf() if self.model else None

    @property
    def o(self) -> Pmf:
        """The probabilities that samples are drawn with: the truth's, unless they are drawn from elsewhere."""
        return self.p if self.drawn_from is None else self.drawn_from.pmf()

    @property
    def enumerable(self) -> bool:
        """Whether all outcomes can be listed."""
        return enumerable(self.o, self.sample_size, self.q, self.model_sample_size)

    @property
    def replicates_per_block(self) -> int:
        """Replicates in a block of individual draws."""
        return block_size(self.o, self.sample_size, self.q, self.truth.shape)

    @property
    def address(self) -> int:
        """Where its random streams are: a hash of its content, so that no other condition changes its numbers."""
        parts = [self.truth.content, self.model.content if self.model else "", self.sample_size, self.model_sample_size]
        return address_of(*map(str, parts + ([self.drawn_from.content] if self.drawn_from else [])))


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One estimator for one estimand."""

    estimand: str
    name: str
    design: Design
    parameters: tuple[tuple[str, Any], ...]
    #: name and parameters
    label: str

    @property
    def entry(self) -> Estimator:
        """The catalogue's entry. A task is sent to other processes, and the functions of an entry are not."""
        entry = find(self.estimand, self.name, self.design)
        assert entry is not None  # the scenario was checked
        return entry


#: enumeration: all outcomes at once, exact and simulated; draws: some replicates; linearity: exact values for any K,
#: and those of the control variates
Kind: TypeAlias = Literal["enumeration", "draws", "linearity"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """The unit of work: what a worker gets, and all it needs."""

    condition: Condition
    kind: Kind
    tasks: tuple[Task, ...]
    seed: int
    #: place among the condition's blocks
    index: int
    #: number of its first replicate, and how many it has (0: only exact values are wanted)
    start: int
    replicates: int
    #: whether exact values are wanted
    exact: bool
    #: names of measures that are wanted besides the usual ones
    measures: tuple[str, ...] = ()
    #: level of the test of P = Q that estimates are put to; None: no test
    test_level: float | None = None
    #: whether its critical values are those of the exact law of the estimates where P = Q, not of χ²
    test_exact: bool = False

    @property
    def unmeasured(self) -> "Block":
        """The block without what is measured besides the usual: neither further measures nor a test."""
        return replace(self, measures=(), test_level=None, test_exact=False)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Plan:
    """All that a study does, decided before any of it is done."""

    scenario: Scenario
    seed: int
    #: every (P, Q, N, M), in the order of the tables: truth, model, M, N
    conditions: tuple[Condition, ...]
    #: every estimator for every estimand it has, estimand by estimand
    tasks: tuple[Task, ...]
    #: by number of categories, which alone decides: intervals with their tasks, and all tasks that are measured
    _intervals: dict[int, tuple[tuple[Task, Choice], ...]] = field(default_factory=dict, repr=False)
    _measured: dict[int, tuple[Task, ...]] = field(default_factory=dict, repr=False)

    def seeded(self, seed: int) -> "Plan":
        """The same with another seed."""
        return replace(self, seed=seed, scenario=self.scenario.model_copy(update={"seed": seed}))

    @property
    def pairs(self) -> list[tuple[Distribution, Distribution | None]]:
        """Every (P, Q) that there is a condition of."""
        return list(dict.fromkeys((condition.truth, condition.model) for condition in self.conditions))

    def intervals(self, condition: Condition) -> tuple[tuple[Task, Choice], ...]:
        """Every interval with every estimator it is built around here, estimator by estimator."""
        categories = condition.truth.categories
        if categories not in self._intervals:
            self._intervals[categories] = tuple(_intervals(self.scenario, self.tasks, categories))
        return self._intervals[categories]

    def measured(self, condition: Condition) -> tuple[Task, ...]:
        """The tasks, each estimand's followed by those of estimators that only its intervals bring along."""
        if not self.scenario.intervals:
            return self.tasks
        categories = condition.truth.categories
        if categories not in self._measured:
            order = self.scenario.resolved_estimands()
            everything = [*self.tasks, *(task for task, _ in self.intervals(condition))]
            ordered = sorted(everything, key=lambda task: order.index(task.estimand))
            self._measured[categories] = tuple(dict.fromkeys(ordered))
        return self._measured[categories]

    def blocks(self, condition: Condition, stage: int = 0) -> Iterator[Block]:
        """The blocks of one condition, in the order in which their results are folded.

        Where replicates are added until they are precise enough, those of one stage; none after the last.
        """
        exact = self.scenario.mode != "monte_carlo"
        if condition.enumerable:
            if stage == 0:
                yield self._block(condition, "enumeration", replicates=self.replicates_when_enumerated, exact=exact)
            return
        if stage == 0:
            yield self._block(condition, "linearity", replicates=0, exact=exact)
        size = condition.replicates_per_block
        first, end = (self._end(size, each) for each in (stage - 1, stage))
        for start in range(first, end, size):
            drawn = min(size, end - start)
            yield self._block(condition, "draws", replicates=drawn, exact=False, start=start, size=size)

    def _block(
        self, condition: Condition, kind: Kind, *, replicates: int, exact: bool, start: int = 0, size: int = 1
    ) -> Block:
        return Block(
            condition=condition,
            kind=kind,
            tasks=self.measured(condition),
            seed=self.seed,
            index=start // size,
            start=start,
            replicates=replicates,
            exact=exact,
            measures=self.scenario.further_measures(),
            test_level=self.scenario.test.level if self.scenario.test else None,
            test_exact=self.scenario.test is not None and self.scenario.test.law == "exact",
        )

    def all_blocks(self, condition: Condition) -> Iterator[Block]:
        """The most blocks that a condition can come to have, stage by stage."""
        for stage in itertools.count():
            blocks = self.blocks(condition, stage)
            first = next(blocks, None)
            if first is None:
                return
            yield first
            yield from blocks

    @property
    def replicates_when_enumerated(self) -> int:
        """Replicates of a condition whose outcomes are listed, where any number costs the same.

        Until precise enough: all that there may be, unless there are exact values, which nothing makes more precise.
        """
        wanted, mode = self.scenario.replicates, self.scenario.mode
        if mode == "exact":
            return 0
        return wanted if isinstance(wanted, int) else wanted.least if mode == "both" else wanted.most

    @property
    def most_replicates(self) -> int:
        """The most replicates that a condition can come to have."""
        wanted = self.scenario.replicates
        if self.scenario.mode == "exact":
            return 0
        return wanted if isinstance(wanted, int) else wanted.most

    def most_blocks(self, condition: Condition, replicates: int = 0) -> int:
        """The most blocks of draws that a condition can come to have, after those that held so many replicates."""
        left = self.most_replicates - replicates
        return 0 if condition.enumerable else -(-left // condition.replicates_per_block)

    def _end(self, size: int, stage: int) -> int:
        """Replicates drawn by the end of a stage: whole blocks, twice as many every time."""
        wanted = self.scenario.replicates
        if stage < 0 or isinstance(wanted, int):
            return 0 if stage < 0 else self.most_replicates
        return min(self.most_replicates, -(-wanted.least // size) * size << stage)


def plan_of(scenario: Scenario) -> Plan:
    """The plan of a study; without a seed that of 0."""
    conditions = tuple(
        Condition(
            number=number,
            truth=truth,
            model=model,
            sample_size=size,
            model_sample_size=model_size,
            drawn_from=scenario.drawn_from,
        )
        for number, (truth, model, size, model_size) in enumerate(combinations(scenario), start=1)
    )
    return Plan(scenario=scenario, seed=scenario.seed or 0, conditions=conditions, tasks=tuple(_tasks(scenario)))


def _tasks(scenario: Scenario) -> Iterator[Task]:
    for estimand in scenario.resolved_estimands():
        for choice, entry in scenario.estimators_of(estimand):
            yield Task(
                estimand=estimand,
                name=choice.name,
                design=entry.design,
                parameters=choice.parameters,
                label=choice.label,
            )


def _intervals(scenario: Scenario, tasks: Iterable[Task], categories: int) -> list[tuple[Task, Choice]]:
    pairs: list[tuple[Task, Choice]] = []
    for choice in scenario.intervals:
        rule = INTERVALS[choice.name]
        fitting = [task for task in tasks if not rule.reason_unsupported(task.estimand, task.design, categories)]
        if rule.fixed_estimator:
            fitting = list(dict.fromkeys(_own_task(choice, rule, task.estimand, task.design) for task in fitting))
        pairs += [(task, choice) for task in fitting]
    order = scenario.resolved_estimands()
    return sorted(pairs, key=lambda pair: order.index(pair[0].estimand))


def _own_task(choice: Choice, rule: Interval, estimand: str, design: Design) -> Task:
    name = rule.center_estimator(estimand, design) or "plugin"
    entry = find(estimand, name, design)
    assert entry is not None  # the interval fits
    parameters = tuple((key, value) for key, value in choice.parameters if key in entry.parameters)
    label = Choice(name=name, parameters=parameters).label
    return Task(estimand=estimand, name=name, design=design, parameters=parameters, label=label)


def address_of(*parts: str) -> int:
    """A number below 2^64 that stands for these texts."""
    return int.from_bytes(hashlib.sha256("\x1f".join(parts).encode()).digest()[:8], "big")

"""What the tables of a study are made of: its findings, and what samples and estimates look like once that is asked."""

from collections.abc import Sequence
from functools import cached_property

from threadpoolctl import threadpool_limits

from mcdiv.engine.ranked_intervals import RankedIntervals
from mcdiv.engine.simulate import Findings, Illustrations, illustrate


class TableSource:
    """Findings in nats, and what a table needs besides.

    `plugins`: the files that a command which shows a replicate again has to name; `ranked`: what `keep` gave back.
    """

    def __init__(self, findings: Findings, plugins: Sequence[str] = (), ranked: Sequence[RankedIntervals] = ()) -> None:
        self.findings, self.plugins, self.ranked = findings, tuple(plugins), tuple(ranked)
        self.scenario, self.units = findings.scenario.name, findings.scenario.units

    @cached_property
    def illustrations(self) -> Illustrations:
        """What samples and estimates look like, in three of the tables only; BLAS on one thread, as in a run."""
        with threadpool_limits(1):
            return illustrate(self.findings.plan)

"""Which tables there are, and which records each is made of; nothing is simulated here."""

from collections.abc import Callable, Mapping
from typing import TypeAlias

import pandas as pd

from mcdiv.engine.pooled import PooledRow, pooled
from mcdiv.engine.rates import rates
from mcdiv.engine.simulate import Findings
from mcdiv.results.table_source import TableSource
from mcdiv.results.tables.information import convergence_table, decomposition_table
from mcdiv.results.tables.laws import bands_table, distribution_table, null_law_table
from mcdiv.results.tables.performance import comparison_table, intervals_table, performance_table, summary_table
from mcdiv.results.tables.pooled import pooled_table
from mcdiv.results.tables.problems import problems_table
from mcdiv.results.tables.ranked_intervals import zip_table
from mcdiv.results.tables.rates import rates_table

Maker: TypeAlias = Callable[[TableSource], pd.DataFrame]

#: by the names of their files; "zip" only where replicates were kept, "null_law" only where P = Q is tested
TABLES: Mapping[str, Maker] = {
    "summary": lambda of: summary_table(of.scenario, of.findings.rows, of.units),
    "performance": lambda of: performance_table(of.scenario, of.findings.rows, of.findings.intervals, of.units),
    "intervals": lambda of: intervals_table(of.scenario, of.findings.intervals, of.units),
    "decomposition": lambda of: decomposition_table(of.scenario, of.findings.plan.conditions, of.units),
    "convergence": lambda of: convergence_table(of.scenario, of.illustrations.paths, of.units),
    "bands": lambda of: bands_table(of.scenario, of.illustrations.bands, of.units),
    "distribution": lambda of: distribution_table(of.scenario, of.illustrations.laws, of.units),
    "null_law": lambda of: null_law_table(of.scenario, of.illustrations.tested, of.units),
    "comparison": lambda of: comparison_table(of.scenario, of.findings.pairs, of.units),
    "rates": lambda of: rates_table(of.scenario, rates(of.findings.rows), of.units),
    "pooled": lambda of: pooled_table(of.scenario, _pooled_of(of.findings), of.units),
    "zip": lambda of: zip_table(of.scenario, of.ranked, of.units),
    "problems": lambda of: problems_table(of.scenario, of.findings.problems, of.units, of.plugins),
}


def _pooled_of(findings: Findings) -> list[PooledRow]:
    return pooled(findings.scenario.pool, findings.rows, findings.intervals)

"""From records to tidy tables in the scenario's units, one file for each subject."""

from mcdiv.results.tables.frames import to_records
from mcdiv.results.tables.information import convergence_table, decomposition_table
from mcdiv.results.tables.laws import bands_table, distribution_table
from mcdiv.results.tables.learning import learning_summary_table, learning_table
from mcdiv.results.tables.performance import (
    comparison_table,
    intervals_table,
    performance_table,
    summary_table,
)
from mcdiv.results.tables.problems import problems_table
from mcdiv.results.tables.tabulate import TABLES

__all__ = [
    "TABLES",
    "bands_table",
    "comparison_table",
    "convergence_table",
    "decomposition_table",
    "distribution_table",
    "intervals_table",
    "learning_summary_table",
    "learning_table",
    "performance_table",
    "problems_table",
    "summary_table",
    "to_records",
]

"""All tables of a study, from what was found; nothing is simulated here."""

from collections.abc import Sequence

import pandas as pd

from mcdiv.engine.simulate import Findings
from mcdiv.results.tables.information import convergence_table, decomposition_table
from mcdiv.results.tables.laws import bands_table, distribution_table
from mcdiv.results.tables.performance import (
    comparison_table,
    intervals_table,
    performance_table,
    problems_table,
    summary_table,
)


def tabulate(found: Findings, plugins: Sequence[str] = ()) -> dict[str, pd.DataFrame]:
    """The tables by the names of their files, in the scenario's units.

    `plugins`: the files that a command which shows a replicate again has to name.
    """
    name, units, shown = found.scenario.name, found.scenario.units, found.illustrations
    return {
        "summary": summary_table(name, found.rows, units),
        "performance": performance_table(name, found.rows, found.intervals, units),
        "intervals": intervals_table(name, found.intervals, units),
        "decomposition": decomposition_table(name, found.plan.conditions, units),
        "convergence": convergence_table(name, shown.paths, units),
        "bands": bands_table(name, shown.bands, units),
        "distribution": distribution_table(name, shown.laws, units),
        "comparison": comparison_table(name, found.pairs, units),
        "problems": problems_table(
            name, found.failures, found.imprecise_rows, units, plugins, found.rows, found.disagreements
        ),
    }

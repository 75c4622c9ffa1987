"""Which one estimator to use everywhere: how often each is the best, and how far it is from the best at most."""

import math
from collections.abc import Sequence

from mcdiv.core.number_format import figure
from mcdiv.engine.records import Row
from mcdiv.estimands.contract import symbol_of
from mcdiv.results.words.digest_table import DigestTable
from mcdiv.results.words.grid import Grid
from mcdiv.results.words.row_words import fails

MAX_LINES = 5


def overall(grid: Grid, estimand: str) -> DigestTable | None:
    """A line for each estimator that always gives a finite estimate, the one that loses least first.

    None where an RMSE is 0, so that no other is a multiple of it, or fewer than two estimators can be compared.
    """
    groups = [rows for (_, name), rows in grid.leaders.rows.items() if name == estimand]
    labels = [one.estimator for one in grid.of_estimand(estimand, grid.settings[0])]
    errors = {label: _errors(groups, label) for label in labels}
    errors = {label: found for label, found in errors.items() if found}
    smallest = [min(at) for at in zip(*errors.values(), strict=True)]
    if len(errors) < 2 or not all(smallest):
        return None
    worst = {label: max(e / s for e, s in zip(found, smallest, strict=True)) for label, found in errors.items()}
    first = sorted(worst, key=worst.__getitem__)[:MAX_LINES]
    best = [grid.best(rows[0], "rmse") for rows in groups]
    smallest_in = "smallest RMSE or tied in" if any(len(rows) > 1 for rows in best) else "smallest RMSE in"
    times = {label: sum(any(row.task.label == label for row in rows) for rows in best) for label in first}
    return DigestTable(
        title="Over all conditions",
        header=(f"of {len(groups):,} conditions", "estimator", smallest_in, "RMSE at most"),
        texts=2,
        lines=tuple(
            (symbol_of(estimand), label, f"{times[label]:,}", f"{figure(float(f'{worst[label]:.3g}'))} × the smallest")
            for label in first
        ),
    )


def _errors(groups: Sequence[Sequence[Row]], label: str) -> list[float]:
    """The RMSE of an estimator in every condition; nothing where there is none, or some estimates are not finite."""
    rows = [row for group in groups for row in group if row.task.label == label]
    errors = [row.value("rmse") for row in rows]
    return errors if len(rows) == len(groups) and all(map(math.isfinite, errors)) and not any(map(fails, rows)) else []

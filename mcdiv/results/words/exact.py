"""Every exact value of a study, a line for each row: what `mcdiv exact` prints."""

import math
from collections.abc import Iterator, Sequence

from mcdiv.core.number_format import figure, percent
from mcdiv.engine.records import Row
from mcdiv.estimands.contract import scale_of, symbol_of


def exact_lines(rows: Sequence[Row], units: str) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """Every exact value of a study, a line for each row: header and lines."""
    header = ("truth", "model", "N", "M", "estimand", "estimator", "true value", "bias", "sd", "RMSE", "infinite")
    lines = []
    for row in rows:
        unit = scale_of(row.task.estimand, units)
        at, found = (
            row.condition,
            {name: figure(row.exact.get(name, math.nan) / unit) for name in ("bias", "sd", "rmse")},
        )
        place = (at.truth.label, at.model.label if at.model else "–", f"{at.sample_size:,}")
        drawn = f"{at.model_sample_size:,}" if at.model_sample_size else "–"
        what = (symbol_of(row.task.estimand), row.task.label, figure(row.true_value / unit))
        lines.append((*place, drawn, *what, *found.values(), percent(row.exact.get("infinite_share", math.nan))))
    return header, lines


def undefined_sentences(rows: Sequence[Row]) -> Iterator[str]:
    """Which estimators have no value for some samples, and for how many."""
    shares: dict[str, list[float]] = {}
    for row in rows:
        shares.setdefault(f"{row.task.label} of {symbol_of(row.task.estimand)}", []).append(
            row.exact.get("undefined_share", 0.0)
        )
    for label, found in shares.items():
        if max(found) > 0:
            most = f"{'' if min(found) == max(found) else 'up to '}{percent(max(found))}"
            yield (
                f"{label} is undefined for {most} of samples: it gives NaN or raises an error. problems.csv "
                "of mcdiv run says which, with a command that shows such a sample."
            )

"""The tables of a study of several conditions: who is best where, and bias and RMSE of the estimators by N."""

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from mcdiv.core.number_format import concise
from mcdiv.core.performance import Measured
from mcdiv.engine.records import Row
from mcdiv.estimands.contract import scale_of, symbol_of, units_of
from mcdiv.results.leaders import Compared
from mcdiv.results.words.digest_table import MARK, DigestTable, fitting
from mcdiv.results.words.grid import Grid, Series, Setting, mirrored, spread
from mcdiv.results.words.overall import overall
from mcdiv.results.words.row_words import fails

#: lines of a table, and of a table of numbers below one of who is best
MAX_LINES, MAX_LINES_BELOW = 12, 8
_TITLES: Mapping[Compared, str] = {"bias": "Bias", "rmse": "RMSE"}
#: what a sign behind a number says, and brackets
SIGNS = {
    "†": ("†", "of the finite estimates only, and so ranked last"),
    "?": ("?", "rests on too few rare events to be relied on"),
    "(": ("0.053(2)", "simulated, 0.053 with an MCSE of 0.002"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What is shown of a grid."""

    caption: str
    tables: tuple[DigestTable, ...]
    #: signs and what they mean
    legend: tuple[tuple[str, str], ...]


def tables(grid: Grid, units: str, width: int) -> Shown:
    """Who is best where there are several settings, then bias and RMSE, as far as they fit."""
    most = max(grid.estimands, key=lambda name: len(grid.of_estimand(name)))
    winners = [_winners(grid, most, width)] if _changes(grid) else []
    chosen = _chosen(grid, most, MAX_LINES_BELOW if winners else MAX_LINES)
    numbers = [_numbers(grid, chosen, measure, units, width) for measure in _TITLES]
    of_all = overall(grid, most) if winners else None
    found = [*winners, *([of_all] if of_all else []), *(table for table in numbers if table.lines)]
    return Shown(
        caption=_caption(grid, chosen, found, units),
        tables=tuple(found),
        legend=_legend(found, exact=_all_exact(chosen)),
    )


def _changes(grid: Grid) -> bool:
    """Whether there are several settings, and not the same estimator is the best everywhere."""
    best = [grid.leaders.best(*place, "rmse") for place in grid.leaders.rows]
    return len(grid.settings) > 1 and len({frozenset(row.task.label for row in rows) for rows in best if rows}) > 1


def _chosen(grid: Grid, estimand: str, most: int) -> list[Series]:
    """The lines of the tables of numbers: every estimand of one setting, one estimand of several settings."""
    if len(grid.settings) == 1:
        groups = [grid.of_estimand(name) for name in grid.estimands[:most]]
    else:
        groups = [grid.of_estimand(estimand, setting) for setting in spread(grid.settings, most // 2)]
    leading = _times_leading(grid)
    lines: list[Series] = []
    for group, quota in zip(groups, _quotas(list(map(len, groups)), most), strict=True):
        usual = grid.usual(group[0].estimand)[0].estimator
        by_merit = sorted(group, key=lambda one: (one.estimator != usual, -leading[one.estimand, one.estimator]))
        kept = {one.estimator for one in by_merit[:quota]}
        lines += [one for one in group if one.estimator in kept]
    return lines


def _times_leading(grid: Grid) -> Counter[tuple[str, str]]:
    """How often each estimator is among the best of a condition."""
    best = (grid.leaders.best(*place, measure) for place in grid.leaders.rows for measure in _TITLES)
    return Counter((row.task.estimand, row.task.label) for row in chain.from_iterable(best))


def _quotas(sizes: Sequence[int], total: int) -> list[int]:
    """Lines for each group, as equal as their sizes allow."""
    quotas = [0] * len(sizes)
    while (more := [i for i, size in enumerate(sizes) if quotas[i] < size]) and sum(quotas) + len(more) <= total:
        for i in more:
            quotas[i] += 1
    return quotas


def _numbers(grid: Grid, chosen: Sequence[Series], measure: Compared, units: str, width: int) -> DigestTable:
    """A measure, a line for each series and a column for each N."""
    if measure == "bias" and mirrored(grid) and len(grid.settings) == 1:
        chosen = [one for one in chosen if one.estimand != "kl_divergence"]
    chosen = [one for one in chosen if any(not math.isnan(row.value(measure)) for row in one.rows.values())]
    head = "RMSE of" if measure == "rmse" else "bias of"
    first = (head, *(symbol for symbol, _ in grid.varying), "estimator")

    def line(one: Series, sizes: Sequence[int]) -> tuple[str, ...]:
        at = [_label(one.setting[i]) for _, i in grid.varying]
        cells = [_cell(one.rows[n], measure, units) if n in one.rows else "" for n in sizes]
        return (symbol_of(one.estimand), *at, one.estimator, *cells)

    def table(sizes: Sequence[int]) -> DigestTable:
        places = [(i, len(first) + j, one.rows.get(n)) for i, one in enumerate(chosen) for j, n in enumerate(sizes)]
        return DigestTable(
            title=_TITLES[measure],
            header=(*first, *map(size_head, sizes)),
            texts=len(first),
            lines=tuple(line(one, sizes) for one in chosen),
            marked={(i, j) for i, j, row in places if row is not None and grid.is_best(row, measure)},
        )

    return fitting(grid.sizes, width, table)


def _winners(grid: Grid, estimand: str, width: int) -> DigestTable:
    """The estimator with the smallest RMSE: a line for each setting, of each estimand where they fit."""
    several = [name for name in grid.estimands if len({one.estimator for one in grid.of_estimand(name)}) > 1]
    if len(several) * len(grid.settings) > MAX_LINES:
        several = [name for name in several if name == estimand]
    places = [(name, setting) for name in several for setting in spread(grid.settings, MAX_LINES)]

    def line(name: str, setting: Setting, sizes: Sequence[int]) -> tuple[str, ...]:
        rows = grid.of_estimand(name, setting)[0].rows
        cells = [_best(grid.best(rows[n], "rmse")) if n in rows else "" for n in sizes]
        return (symbol_of(name), *(_label(setting[i]) for _, i in grid.varying), *cells)

    first = ("smallest RMSE of", *(symbol for symbol, _ in grid.varying))

    def table(sizes: Sequence[int]) -> DigestTable:
        header = (*first, *map(size_head, sizes))
        lines = tuple(line(*place, sizes) for place in places)
        return DigestTable(title="Smallest RMSE", header=header, texts=len(header), lines=lines)

    return fitting(grid.sizes, width, table)


def _best(best: Sequence[Row]) -> str:
    if not best:
        return "–"
    return best[0].task.label + (f" +{len(best) - 1}" if len(best) > 1 else "")


def _cell(row: Row, measure: Compared, units: str) -> str:
    """A value, exact where known, and what is to be known of it."""
    scale = scale_of(row.task.estimand, units)
    value = row.value(measure) / scale
    if math.isnan(value):
        return "–"
    if measure in row.exact:
        value = 0.0 if measure == "bias" and row.unbiased else value
        return concise(Measured(value=value, mcse=0.0)) + "†" * fails(row)
    mcse = math.nan if row.constant else row.reported(measure).mcse / scale
    doubtful = measure in row.rare_events or (math.isnan(mcse) and not row.constant)
    return concise(Measured(value=value, mcse=mcse)) + "†" * fails(row) + "?" * doubtful


def _caption(grid: Grid, chosen: Sequence[Series], found: Sequence[DigestTable], units: str) -> str:
    """What is the same everywhere, and what is left out and where it is."""
    fixed = [
        f"{symbol} = {_label(grid.settings[0][i])}"
        for i, symbol in enumerate(("P", "Q", "M"))
        if grid.settings[0][i] is not None and symbol not in dict(grid.varying)
    ]
    drawn_from = next(iter(grid.series[0].rows.values())).condition.drawn_from
    fixed += [f"drawn from O = {drawn_from.label}"] if drawn_from else []
    settings = len({one.setting for one in chosen})
    there = {(one.estimand, one.estimator) for one in grid.series if one.estimand in {each.estimand for each in chosen}}
    lines = {(one.estimand, one.estimator) for one in chosen}
    cut = []
    if len(grid.settings) > 1:
        fixed.append(f"{len(grid.settings):,} settings")
        cut += [symbol_of(chosen[0].estimand)] if len(grid.estimands) > 1 else []
        cut += [f"{settings} of {len(grid.settings):,} settings"] if settings < len(grid.settings) else []
        cut += [f"{len(lines)} of {len(there)} estimators"] if len(lines) < len(there) else []
        cut = [f"bias and RMSE of {', '.join(cut)}"] if cut else []
    elif len(lines) < len(grid.series):
        cut = [f"{len(lines)} of {len(grid.series)} estimators"]
    shown = {name for table in found for name in table.header if name.startswith("N = ")}
    cut += [f"{len(shown)} of {len(grid.sizes)} N"] if len(shown) < len(grid.sizes) else []
    shown_in = units_of(grid.estimands, units)
    return f"{', '.join(fixed)} ({'; '.join([shown_in, *cut, 'all in summary.csv'])})"


def _all_exact(chosen: Sequence[Series]) -> bool:
    rows = [row for one in chosen for row in one.rows.values()]
    return all(measure in row.exact for row in rows for measure in _TITLES if not math.isnan(row.value(measure)))


def _legend(found: Sequence[DigestTable], *, exact: bool) -> tuple[tuple[str, str], ...]:
    """What the signs in these tables mean, as far as there are any."""
    lines = [(line, table.texts) for table in found for line in table.lines]
    cells = [text for line, texts in lines for text in line[texts:]]
    smallest = "the smallest; all values are exact" if exact else "the smallest, or within 2 MCSE of it"
    parts = [(MARK, smallest)] if any(table.marked for table in found) else []
    if any(re.search(r" \+\d+$", text) for line, _ in lines for text in line):
        parts.append(("+1", "one more within 2 MCSE of it"))
    return (*parts, *(said for sign, said in SIGNS.items() if any(sign in text for text in cells)))


def _label(part: str | int | None) -> str:
    return "–" if part is None else f"{part:,}" if isinstance(part, int) else part


def size_head(size: int) -> str:
    """The head of a column for one sample size."""
    return f"N = {size:,}"

"""What a person reads of means over truths at the end of a run: bias and RMSE by N, with the spread between truths."""

import math
from collections.abc import Mapping, Sequence

from mcdiv.core.number_format import concise, counted
from mcdiv.core.performance import Measured
from mcdiv.engine.pooled import Pool, PooledRow
from mcdiv.estimands.contract import scale_of, symbol_of, units_of
from mcdiv.results.words.digest import WIDTH, Digest
from mcdiv.results.words.digest_table import DigestTable, fitting
from mcdiv.results.words.grid_tables import size_head

MAX_LINES = 16
#: a sentence for the error of such a mean
ERROR = {
    "draws": "In brackets is the MCSE of the mean over all that could be drawn: it includes the spread between truths.",
    "truth": "In brackets is the MCSE of a mean over so many truths, as if they were drawn at random: it includes the "
    "spread between them; mcse_given_truths in pooled.csv is that of these truths.",
}
_TITLES = {"bias": "bias", "rmse": "RMSE"}
#: the heads of what may differ from line to line, before the estimator
_HEADS = ("truths from", "Q", "M")

#: the means of one estimator by N
_Series = Mapping[int, PooledRow]


def pooled_digest(over: Pool, rows: Sequence[PooledRow], units: str, width: int = WIDTH) -> Digest | None:
    """Bias and RMSE of each estimator, a line each and a column for each N; None where nothing is pooled."""
    lines: dict[tuple[object, ...], dict[int, PooledRow]] = {}
    for row in rows:
        if row.interval is None:
            lines.setdefault((row.task, *_texts(row)), {})[row.sample_size] = row
    if over is None or not lines:
        return None
    chosen, sizes = list(lines.values())[:MAX_LINES], sorted({size for line in lines.values() for size in line})
    varied = [i for i in range(len(_HEADS)) if len({texts[i] for _, *texts in lines}) > 1]
    tables = [_table(measure, chosen, varied, sizes, units, width) for measure in _TITLES]
    cut = [f"{len(chosen)} of {len(lines)} lines"] if len(chosen) < len(lines) else []
    columns = {name for table in tables for name in table.header if name in map(size_head, sizes)}
    cut += [f"{len(columns)} of {len(sizes)} N"] if len(columns) < len(sizes) else []
    counts = sorted({row.truths for line in lines.values() for row in line.values()})
    return Digest(
        caption=_caption(chosen, varied, counts, [units_of((row.task.estimand for row in rows), units), *cut]),
        tables=tuple(tables),
        legend=(),
        of_estimands=(),
        further=(f"{ERROR[over]} The RMSE is the root of the mean MSE.",) if counts[-1] > 1 else (),
    )


def _texts(row: PooledRow) -> tuple[str, ...]:
    """What stands under `_HEADS`."""
    model_size = f"{row.model_sample_size:,}" if row.model_sample_size else "–"
    return (row.law or "–", row.model.label if row.model else "–", model_size)


def _caption(lines: Sequence[_Series], varied: Sequence[int], counts: Sequence[int], in_brackets: Sequence[str]) -> str:
    """How many truths, what is the same in every line, and what is left out."""
    truths = counted(counts[0], "truth") if len(counts) == 1 else f"{counts[0]:,} to {counts[-1]:,} truths"
    law, model, model_size = _texts(next(iter(lines[0].values())))
    fixed = [f" from {law}" if 0 not in varied and law != "–" else ""]
    fixed += [f", Q = {model}" if 1 not in varied and model != "–" else ""]
    fixed += [f", M = {model_size}" if 2 not in varied and model_size != "–" else ""]
    return f"Means over {truths}{''.join(fixed)} ({'; '.join([*in_brackets, 'all in pooled.csv'])})"


def _table(
    measure: str, lines: Sequence[_Series], varied: Sequence[int], sizes: Sequence[int], units: str, width: int
) -> DigestTable:
    """A measure, a line for each estimator and a column for each N."""
    first = (f"{_TITLES[measure]} of", *(_HEADS[i] for i in varied), "estimator")

    def text_of(line: _Series, shown: Sequence[int]) -> tuple[str, ...]:
        row = next(iter(line.values()))
        at = [_texts(row)[i] for i in varied]
        cells = [_cell(line[size], measure, units) if size in line else "" for size in shown]
        return (symbol_of(row.task.estimand), *at, row.task.label, *cells)

    def table(shown: Sequence[int]) -> DigestTable:
        return DigestTable(
            title=f"{_TITLES[measure]}, a mean over truths",
            header=(*first, *map(size_head, shown)),
            texts=len(first),
            lines=tuple(text_of(line, shown) for line in lines),
        )

    return fitting(sizes, width, table)


def _cell(row: PooledRow, measure: str, units: str) -> str:
    found, unit = row.measures.get(measure), scale_of(row.task.estimand, units)
    if found is None or math.isnan(found.value):
        return "–"
    return concise(Measured(value=found.value / unit, mcse=found.mcse / unit))

"""What a person reads of means over truths at the end of a run: bias and RMSE, each with the spread between truths."""

from collections.abc import Callable, Sequence

from mcdiv.core.number_format import counted, figure, rounded
from mcdiv.core.performance import Measured
from mcdiv.engine.pooled import Pool, PooledRow
from mcdiv.estimands.contract import scale_of, symbol_of, units_of
from mcdiv.results.words.digest import Digest
from mcdiv.results.words.digest_table import DigestTable

MAX_LINES = 24
#: a sentence for the error of such a mean
ERROR = {
    "draws": "± is the MCSE of the mean over all that could be drawn: it includes the spread between the truths.",
    "truth": "± is the MCSE of a mean over so many truths, as if they were drawn at random: it includes their spread; "
    "mcse_given_truths in pooled.csv is that of these truths.",
}


def pooled_digest(over: Pool, rows: Sequence[PooledRow], units: str) -> Digest | None:
    """Bias and RMSE of each estimator, a line each; None where nothing is pooled."""
    shown = [row for row in rows if row.interval is None]
    if over is None or not shown:
        return None
    columns = [(name, [read(row) for row in shown]) for name, read in _columns(units)]
    # What is the same in every line, or nowhere, needs no column.
    told = [(name, cells) for name, cells in columns if name in _ALWAYS or len(set(cells)) > 1]
    left = len(shown) - MAX_LINES
    counts = sorted({row.truths for row in shown})
    truths = counted(counts[0], "truth") if len(counts) == 1 else f"{counts[0]} to {counts[-1]} truths"
    law = {row.law for row in shown}
    of = f" from {law.pop()}" if over == "draws" and len(law) == 1 else ""
    fixed = [f"{name} = {cells[0]}" for name, cells in columns if name in ("Q", "N", "M") and _same(cells)]
    cut = f"; {counted(left, 'more row')} in pooled.csv" if left > 0 else ""
    shown_in = units_of((row.task.estimand for row in shown), units)
    return Digest(
        caption=", ".join([f"Means over {truths}{of}", *fixed]) + f" ({shown_in}{cut})",
        tables=(
            DigestTable(
                title="Means over truths",
                header=tuple(name for name, _ in told),
                texts=[name for name, _ in told].index("true value"),
                lines=tuple(zip(*(cells[:MAX_LINES] for _, cells in told), strict=True)),
            ),
        ),
        legend=(),
        of_estimands=(),
        further=(ERROR[over],) if max(counts) > 1 else (),
    )


_ALWAYS = ("estimand", "estimator", "true value", "bias ± MCSE", "RMSE ± MCSE")


def _same(cells: Sequence[str]) -> bool:
    return len(set(cells)) == 1 and cells[0] != "–"


def _columns(units: str) -> list[tuple[str, Callable[[PooledRow], str]]]:
    """The head of each column, and what stands in it."""

    def measured(row: PooledRow, measure: str) -> str:
        unit, found = scale_of(row.task.estimand, units), row.measures.get(measure)
        if found is None:
            return "–"
        return rounded(Measured(value=found.value / unit, mcse=found.mcse / unit))

    return [
        ("truths from", lambda row: row.law or "–"),
        ("truths", lambda row: f"{row.truths:,}"),
        ("Q", lambda row: row.model.label if row.model else "–"),
        ("N", lambda row: f"{row.sample_size:,}"),
        ("M", lambda row: f"{row.model_sample_size:,}" if row.model_sample_size else "–"),
        ("estimand", lambda row: symbol_of(row.task.estimand)),
        ("estimator", lambda row: row.task.label),
        ("true value", lambda row: figure(row.true_value / scale_of(row.task.estimand, units))),
        ("bias ± MCSE", lambda row: measured(row, "bias")),
        ("RMSE ± MCSE", lambda row: measured(row, "rmse")),
    ]

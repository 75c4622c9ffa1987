"""Tables of any length as CSV or Parquet, a row at a time: what a run keeps of its replicates."""

import csv
import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal, TypeAlias

#: rows held at once
_ROWS = 2**15
#: what a column holds, by its name, in order
Columns: TypeAlias = Mapping[str, Literal["text", "whole", "number"]]


def missing(what: str) -> str | None:
    """What stands in the way of Parquet, None if nothing does."""
    if find_spec("pyarrow"):
        return None
    return f"parquet needs pyarrow: pip install 'mcdiv[parquet]', or write CSV with 'save: {what}'"


def write(path: Path, columns: Columns, rows: Iterable[Sequence[Any]], kind: str) -> None:
    """Write a new file; None is a cell with nothing in it. OSError where that fails."""
    (_write_parquet if kind == "parquet" else _write_csv)(path, columns, iter(rows))


def _write_csv(path: Path, columns: Columns, rows: Iterator[Sequence[Any]]) -> None:
    with path.open("x", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle, lineterminator="\n")
        writer.writerow(columns)
        for row in rows:
            writer.writerow([f"{cell:.17g}" if isinstance(cell, float) else cell for cell in row])


def _write_parquet(path: Path, columns: Columns, rows: Iterator[Sequence[Any]]) -> None:
    import pyarrow as arrow
    from pyarrow import parquet

    types = {"text": arrow.string(), "whole": arrow.int64(), "number": arrow.float64()}
    schema = arrow.schema([(name, types[holds]) for name, holds in columns.items()])
    with parquet.ParquetWriter(str(path), schema) as writer:
        while some := list(itertools.islice(rows, _ROWS)):
            held = zip(zip(*some, strict=True), schema, strict=True)
            arrays = [arrow.array(list(cells), column.type) for cells, column in held]
            writer.write_table(arrow.Table.from_arrays(arrays, schema=schema))

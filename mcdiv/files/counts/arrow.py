"""The readers of Parquet and Feather, a batch of rows at a time, by pyarrow."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mcdiv.files.counts.batches import Batches, begins_with, translated
from mcdiv.files.counts.category_counts import Reading
from mcdiv.files.counts.contract import reader
from mcdiv.files.counts.encodings import STREAM
from mcdiv.files.counts.table import ROWS


@reader(suffixes=[".parquet"])
def parquet(path: Path, reading: Reading) -> "Batches":
    """A table as pandas, polars, R or Spark save it, read a batch of rows at a time; needs `mcdiv[parquet]`."""
    return Batches(path, "Parquet", _parquet(path), reading)


@reader(suffixes=[".feather", ".arrow"])
def feather(path: Path, reading: Reading) -> "Batches":
    """A table of Arrow, as pandas, polars or R save it (version 2) or as a stream; needs `mcdiv[parquet]`."""
    return Batches(path, "Feather", _feather(path), reading)


def _parquet(path: Path) -> Iterator[Any]:
    """An empty table with the columns, then batches of rows."""
    with translated(path, "Parquet"):
        from pyarrow.parquet import ParquetFile

        with ParquetFile(path) as file:
            yield file.schema_arrow.empty_table()
            yield from file.iter_batches(batch_size=ROWS)


def _feather(path: Path) -> Iterator[Any]:
    with translated(path, "Feather"):
        from pyarrow import ipc, memory_map

        if begins_with(path, STREAM):
            with memory_map(str(path)) as mapped, ipc.open_stream(mapped) as stream:
                yield stream.schema.empty_table()
                for batch in stream:
                    yield from _checked(batch)
            return
        with memory_map(str(path)) as mapped, ipc.open_file(mapped) as file:
            yield file.schema.empty_table()
            for place in range(file.num_record_batches):
                yield from _checked(file.get_batch(place))


def _checked(batch: Any) -> Iterator[Any]:
    """A batch in pieces; a broken one may point anywhere."""
    batch.validate(full=True)
    yield from (batch.slice(start, ROWS) for start in range(0, batch.num_rows, ROWS))

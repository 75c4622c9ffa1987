"""The readers of Parquet and Feather, a batch of rows at a time, by pyarrow."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mcdiv.errors import ScenarioError
from mcdiv.files.counts.category_counts import Reading
from mcdiv.files.counts.contract import reader
from mcdiv.files.counts.table import ROWS

if TYPE_CHECKING:
    import pandas as pd

#: what pandas calls an index without a name
_INDEX = re.compile(r"__index_level_\d+__")


@reader(suffixes=[".parquet"])
def parquet(path: Path, reading: Reading) -> "Iterator[pd.DataFrame]":
    """A table as pandas, polars, R or Spark save it, read a batch of rows at a time; needs `mcdiv[parquet]`."""
    with _translated(path, "Parquet"):
        from pyarrow.parquet import ParquetFile

        with ParquetFile(path) as file:
            schema = file.schema_arrow
            yield _frame(schema.empty_table(), reading, path)
            for batch in file.iter_batches(batch_size=ROWS):
                yield _frame(batch, reading, path)


@reader(suffixes=[".feather"])
def feather(path: Path, reading: Reading) -> "Iterator[pd.DataFrame]":
    """A table as pandas, polars or R save it, version 2 of the format, a batch at a time; needs `mcdiv[parquet]`."""
    with _translated(path, "Feather"):
        from pyarrow import ipc, memory_map

        with memory_map(str(path)) as mapped, ipc.open_file(mapped) as file:
            yield _frame(file.schema.empty_table(), reading, path)
            for place in range(file.num_record_batches):
                batch = file.get_batch(place)
                batch.validate(full=True)  # a broken file may point anywhere
                yield _frame(batch, reading, path)


@contextmanager
def _translated(path: Path, kind: str) -> Iterator[None]:
    """Whatever pyarrow cannot read is one line."""
    try:
        import pyarrow
    except ImportError:
        raise ScenarioError([f"{path}: {kind} needs pyarrow: pip install 'mcdiv[parquet]'"]) from None
    if kind == "Feather" and _begins_with(path, b"FEA1"):
        raise ScenarioError([f"{path}: is version 1 of Feather; expected version 2, which pandas and R write today"])
    try:
        yield
    except (pyarrow.ArrowException, OSError, ValueError) as error:
        if isinstance(error, ScenarioError) or (isinstance(error, OSError) and error.strerror):
            raise
        told = " ".join(str(error).split()) or type(error).__name__
        raise ScenarioError([f"{path}: not a {kind} file that can be read: {told[:200]}"]) from None


def _begins_with(path: Path, mark: bytes) -> bool:
    with path.open("rb") as handle:
        return handle.read(len(mark)) == mark


def _frame(batch: Any, reading: Reading, path: Path) -> "pd.DataFrame":
    """The rows of a batch, an index without a name in front as in a CSV of pandas; a whole number stays one."""
    import pandas as pd

    names = [name.strip() for name in batch.schema.names]
    places = sorted(range(len(names)), key=lambda place: _INDEX.fullmatch(names[place]) is None)
    columns = [_plain(batch.column(place), names[place], reading, path) for place in places]
    frame = pd.DataFrame(dict(enumerate(columns)), dtype=object)  # by number: a name may be there twice
    frame.columns = pd.Index(["" if _INDEX.fullmatch(names[place]) else names[place] for place in places])
    return frame


def _plain(column: Any, name: str, reading: Reading, path: Path) -> list[Any]:
    """The cells, None for a missing one; bytes are text."""
    from pyarrow import string, types

    kind = column.type.value_type if types.is_dictionary(column.type) else column.type
    if types.is_nested(kind) and name not in reading.ignore:
        wrong = f"column '{name}' holds {kind}; expected a number or a text in each cell"
        raise ScenarioError([f"{path}: {wrong}; leave the column out with --ignore {name}"])
    if types.is_binary(kind) or types.is_large_binary(kind) or types.is_fixed_size_binary(kind):
        column = column.cast(kind).cast(string())
    return list(column.to_pylist())

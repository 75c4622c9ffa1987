"""The readers of JSON: counts by category, counts by sample and category, lists, records, tables, and BIOM tables."""

import json
import re
from collections.abc import Sequence
from typing import Any

import numpy as np

from mcdiv.errors import ScenarioError
from mcdiv.files.counts.arrays import array_meant
from mcdiv.files.counts.biom import biom_of_hdf5
from mcdiv.files.counts.category_counts import Reading, is_number
from mcdiv.files.counts.contract import reader
from mcdiv.files.counts.encodings import HDF5
from mcdiv.files.counts.text import Text

#: an object that ends with its line, and another one below
_LINES = re.compile(r"\s*\{[^\n]*\}[ \t\r]*\n\s*\{")


@reader(suffixes=[".json", ".biom"], binary=HDF5)
def json_data(text: Text, reading: Reading) -> Any:
    """Counts by category, or by sample and category; a list of symbols, of numbers or of records; a BIOM table.

    A BIOM table of version 2 is an HDF5 file, and needs `mcdiv[biom]`.
    """
    if text.binary is not None:
        return biom_of_hdf5(text, text.binary, reading)
    return json_in(text, "", reading)


@reader(suffixes=[".jsonl", ".ndjson"])
def json_lines(text: Text, reading: Reading) -> Any:
    """A record, a symbol or a count in each line, as pandas writes it with `lines=True`."""
    return _listed(_lines_of(text, "".join(text.pieces())), reading, text.name)


def json_in(text: Text, first: str, reading: Reading) -> Any:
    """What JSON holds, of which the beginning may have been read; several values are one list, a line each."""
    content = "".join(text.pieces(first))
    value = _lines_of(text, content) if _LINES.match(content) else loaded(text, content)
    if isinstance(value, dict) and str(value.get("format", "")).startswith("Biological Observation Matrix"):
        return _biom(value, text.name)
    if isinstance(value, dict) and value:
        table = _table_in(value)
        return value if table is None else table
    return _listed(value, reading, text.name)


def _lines_of(text: Text, content: str) -> list[Any]:
    """The values of lines that hold one each."""
    lines = [(number, line) for number, line in enumerate(content.split("\n"), start=1) if line.strip()]
    return [loaded(text, line, number) for number, line in lines]


def loaded(text: Text, content: str | None = None, number: int = 0) -> Any:
    """What JSON holds, a text or what of it was read, the line of that number; no object has a name twice."""

    def unique(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            twice = next(key for i, (key, _) in enumerate(pairs) if key in dict(pairs[:i]))
            raise ScenarioError([f"{text.name}: '{twice}' is there twice in one object"])
        return found

    try:
        return json.loads("".join(text.pieces()) if content is None else content, object_pairs_hook=unique)
    except json.JSONDecodeError as error:
        raise text.error(f"not JSON: {error.msg}", number or error.lineno) from None
    except RecursionError:
        raise ScenarioError([f"{text.name}: is nested too deeply"]) from None
    except ValueError as error:
        if isinstance(error, ScenarioError):
            raise
        raise ScenarioError([f"{text.name}: not JSON that can be read: {' '.join(str(error).split())}"]) from None


def _table_in(value: dict[str, Any]) -> Any:
    """A table as pandas writes it: its columns as lists, or as objects with a member a row; None where it is none."""
    import pandas as pd

    if {"columns", "data"} <= {*value} <= {"columns", "data", "index"}:  # orient="split"
        rows, names = value["data"], value["columns"]
        fits = isinstance(rows, list) and isinstance(names, list) and all(map(_is_plain, names))
        if fits and all(isinstance(row, list) and len(row) == len(names) and all(map(_is_plain, row)) for row in rows):
            return pd.DataFrame(rows, columns=pd.Index(names, dtype=object), dtype=object)
    columns = list(value.values())
    by_row = all(isinstance(column, dict) and {*column} == {*columns[0]} for column in columns)
    cells = [list(column.values()) for column in columns] if by_row else columns
    fits = all(isinstance(some, list) and len(some) == len(cells[0]) and all(map(_is_plain, some)) for some in cells)
    if by_row and not any(isinstance(cell, str) and not is_number(cell) for some in cells for cell in some):
        return None  # numbers by sample and category
    return pd.DataFrame(value, dtype=object) if fits and cells[0] else None


def _is_plain(cell: Any) -> bool:
    return cell is None or isinstance(cell, (str, int, float))


def _listed(value: Any, reading: Reading, name: str) -> Any:
    """What a list holds: records are a table, anything else an array."""
    wanted = "an object of counts, or a list of symbols, numbers or records"
    if not isinstance(value, list) or not value:
        kind = "nothing" if isinstance(value, (list, dict)) else type(value).__name__
        raise ScenarioError([f"{name}: expected {wanted}, got {kind}"])
    if all(isinstance(each, dict) for each in value):
        import pandas as pd

        return pd.DataFrame(value, dtype=object)
    if all(isinstance(each, list) and [*map(_is_number, each)] == [False, True] for each in value):  # pairs
        import pandas as pd

        return pd.DataFrame(value, columns=["1", "2"], dtype=object)
    texts, numbers = all(isinstance(each, str) for each in value), all(_is_number(each) for each in value)
    rows = all(isinstance(each, list) and len(each) == len(value[0]) and all(map(_is_number, each)) for each in value)
    if not (texts or numbers or rows):
        raise ScenarioError(
            [f"{name}: expected {wanted}, or of rows of as many numbers; got several kinds in one list"]
        )
    try:
        return array_meant(np.array(value, dtype=str if texts else None), reading, name)
    except OverflowError:
        raise ScenarioError([f"{name}: a number is too large"]) from None


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < 2**63


def _biom(table: dict[str, Any], name: str) -> dict[str, dict[str, Any]]:
    """Counts by sample and observation of a BIOM table (version 1)."""
    try:
        rows = [str(row["id"]) for row in table["rows"]]
        columns = [str(column["id"]) for column in table["columns"]]
        counts: dict[str, dict[str, Any]] = {column: dict.fromkeys(rows, 0) for column in columns}
        if table["matrix_type"] == "sparse":
            cells = table["data"]
        else:
            cells = [(i, j, value) for i, row in enumerate(table["data"]) for j, value in enumerate(row)]
        for i, j, value in cells:
            if not (0 <= i < len(rows) and 0 <= j < len(columns)):
                raise ScenarioError([f"{name}: a cell is beyond the {len(rows)} rows and {len(columns)} columns"])
            counts[columns[j]][rows[i]] = value
    except (KeyError, TypeError, ValueError) as error:
        if isinstance(error, ScenarioError):
            raise
        raise ScenarioError([f"{name}: not a BIOM table: {type(error).__name__}: {error}"]) from None
    if len(counts) < len(columns) or len(set(rows)) < len(rows):
        raise ScenarioError([f"{name}: an id is there twice"])
    return counts

"""outcomes.csv or outcomes.parquet: a row per distinct outcome, written as it comes, whatever there is of it."""

import itertools
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, Literal, TypeAlias

from mcdiv.engine.saving import Saved, Shape
from mcdiv.results import row_file
from mcdiv.results.row_file import Columns

Row: TypeAlias = tuple[int, str, str, int | None, float | None]


def write(folder: Path, saved: Iterable[Saved], shape: Shape, kind: str) -> None:
    """Write outcomes.csv or outcomes.parquet into a folder; OSError where that fails."""
    rows = (_cells(row, shape) for row in _merged(saved, folder / ".outcomes"))
    try:
        row_file.write(folder / f"outcomes.{kind}", columns(shape), rows, kind)
    except sqlite3.Error as error:
        raise OSError(0, str(error)) from None


def columns(shape: Shape) -> Columns:
    """The header, and what is below it."""
    found: dict[str, Literal["text", "whole", "number"]] = {"scenario": "text", "condition": "whole"}
    for what in ("count", "model_count") if shape.sampled else ("count",):
        if shape.categories is None:
            found[f"{what}s"] = "text"
        else:
            found |= dict.fromkeys((f"{what}_{k}" for k in range(shape.categories)), "whole")
    return found | {"weight": "whole", "probability": "number"}


def _merged(saved: Iterable[Saved], place: Path) -> Iterator[Row]:
    """The rows in order, those that several blocks have as one."""
    for condition, group in itertools.groupby(saved, key=lambda part: part.condition):
        parts = iter(group)
        start = list(itertools.islice(parts, 2))
        if len(start) == 1:  # nothing to merge
            yield from _rows(start[0])
        else:
            yield from _tallied(condition, itertools.chain(start, parts), place)


def _tallied(condition: int, parts: Iterable[Saved], place: Path) -> Iterator[Row]:
    """On disk: individual draws may all be different, and more than fit into memory."""
    try:
        with closing(sqlite3.connect(place.absolute(), isolation_level=None)) as table:
            table.execute("PRAGMA journal_mode = OFF")
            table.execute("PRAGMA synchronous = OFF")
            table.execute("CREATE TABLE met (p TEXT, q TEXT, weight INTEGER, UNIQUE (p, q))")
            add = "INSERT INTO met VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET weight = weight + excluded.weight"
            for part in parts:
                table.execute("BEGIN")
                table.executemany(add, ((p, q, weight) for _, p, q, weight, _ in _rows(part)))
                table.execute("COMMIT")
            for p, q, weight in table.execute("SELECT p, q, weight FROM met ORDER BY rowid"):
                yield condition, p, q, weight, None
    finally:
        place.unlink(missing_ok=True)


def _rows(part: Saved) -> Iterator[Row]:
    for i, counts in enumerate(part.counts):
        yield (
            part.condition,
            counts,
            part.counts_q[i],
            None if part.weights is None else part.weights[i],
            None if part.probabilities is None else part.probabilities[i],
        )


def _cells(row: Row, shape: Shape) -> list[Any]:
    condition, counts, counts_q, weight, probability = row
    cells: list[Any] = [shape.scenario, condition]
    for text in (counts, counts_q) if shape.sampled else (counts,):
        if shape.categories is None:
            cells.append(text)
        else:
            given = [int(n) for n in text.split()]
            cells += given + [None] * (shape.categories - len(given))
    return [*cells, weight, probability]

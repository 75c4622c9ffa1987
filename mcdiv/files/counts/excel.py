"""The reader of Excel workbooks, some rows at a time, by openpyxl: values alone, no macro, link or formula is run."""

import warnings
import zipfile
from collections.abc import Iterator, Sequence
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mcdiv.errors import ScenarioError
from mcdiv.files.counts.above import SEEN, said_of, titles_above
from mcdiv.files.counts.category_counts import Reading, is_number
from mcdiv.files.counts.contract import reader
from mcdiv.files.counts.frames import Frames
from mcdiv.files.counts.table import ROWS, refusal_of_names

if TYPE_CHECKING:
    import pandas as pd

#: bytes that a workbook may unpack to
_LARGEST = 2**30
#: how an old .xls begins, and a workbook that is protected by a password
_OLD = b"\xd0\xcf\x11\xe0"
#: what Excel shows in place of a value that it could not compute; #N/A is a missing value
_ERRORS = {"#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!"}
#: rows that a sheet of Excel can have
_MANY_ROWS = 2**20


@reader(suffixes=[".xlsx"])
def excel(path: Path, reading: Reading) -> Frames:
    """The table on the only sheet of a workbook, below the names of its columns; needs `mcdiv[excel]`."""
    numbered = enumerate(_cells(path), start=1)
    first = [(number, row) for number, row in islice(numbered, SEEN) if any(cell.strip() for cell in row)]
    titles = titles_above([row for _, row in first]) or []
    rows = _filled(chain(first[len(titles) :], numbered), path)
    return Frames(str(path), _frames(rows, path, reading), said_of(titles))


def _frames(rows: Iterator[tuple[int, list[str]]], path: Path, reading: Reading) -> "Iterator[pd.DataFrame]":
    import pandas as pd

    first = list(islice(rows, 2))
    if not first:
        raise ScenarioError([f"{path}: the sheet is empty"])
    start = min(_extent(row)[0] for _, row in first)
    stop = _extent(first[0][1])[1]
    header = first[0][1][start:stop]
    if numbers := [name for name in header if is_number(name)]:
        header = [str(i + 1) for i in range(stop - start)]
        named = reading.named_columns()
        if reading.layout is None and (reading.table or not named or named - {*header}):
            ways = "name them with --column and --weights, or say the --layout"
            raise ScenarioError([f"{path}: {refusal_of_names(numbers[0], 'row')}: {ways}"])
    else:
        first = first[1:]
    held = [_within(row, number, start, stop, path) for number, row in first]
    yield pd.DataFrame(held, columns=pd.Index(header, dtype=object), dtype=object)
    while more := [_within(row, number, start, stop, path) for number, row in islice(rows, ROWS)]:
        yield pd.DataFrame(more, columns=pd.Index(header, dtype=object), dtype=object)


def _extent(row: Sequence[str]) -> tuple[int, int]:
    """Where the cells of a row begin and end that are not blank."""
    places = [place for place, cell in enumerate(row) if cell.strip()]
    return places[0], places[-1] + 1


def _within(row: list[str], number: int, start: int, stop: int, path: Path) -> list[str]:
    """The cells below the names of the columns; an error where others are filled."""
    first, end = _extent(row)
    if first < start or end > stop:
        cell = row[first if first < start else end - 1]
        raise ScenarioError([f"{path}: row {number} of the sheet has '{cell[:60]}' beside the table, below no name"])
    return [*row[start:stop], *[""] * (stop - max(start, len(row)))]


def _filled(numbered: Iterator[tuple[int, list[str]]], path: Path) -> Iterator[tuple[int, list[str]]]:
    """The rows with their numbers on the sheet, without blank ones above and below; none may be between."""
    last = 0
    for number, row in numbered:
        if not any(cell.strip() for cell in row):
            continue
        if last and number > last + 1:
            wrong = f"row {last + 1} of the sheet is blank, and row {number} is not; expected one table"
            raise ScenarioError([f"{path}: {wrong}"])
        last = number
        yield number, row


def _cells(path: Path) -> Iterator[list[str]]:
    """The rows of the only sheet as texts; whatever openpyxl cannot read is one line."""
    try:
        import openpyxl
    except ImportError:
        raise ScenarioError([f"{path}: Excel needs openpyxl: pip install 'mcdiv[excel]'"]) from None
    _refuse_others(path)
    try:
        with path.open("rb") as handle:
            with warnings.catch_warnings(action="ignore"):
                book = openpyxl.load_workbook(handle, read_only=True, data_only=True, keep_links=False)
            rows, number = _only_sheet(book, path).iter_rows(values_only=True), 0
            while piece := _next(rows):
                for row in piece:
                    number += 1
                    yield [_text(cell, number, path) for cell in row]
                if number > _MANY_ROWS:
                    raise ScenarioError([f"{path}: the sheet has more rows than Excel can have, {_MANY_ROWS:,}"])
    except (ScenarioError, GeneratorExit):
        raise
    except Exception as error:  # openpyxl has no error of its own for a broken file
        told = " ".join(str(error).split()) or type(error).__name__
        raise ScenarioError([f"{path}: not an Excel workbook that can be read: {told[:200]}"]) from None


def _only_sheet(book: Any, path: Path) -> Any:
    if len(book.worksheets) != 1:
        names = ", ".join(f"'{sheet.title}'" for sheet in book.worksheets[:5])
        raise ScenarioError([f"{path}: has {len(book.worksheets)} sheets; expected one: {names}"])
    sheet = book.worksheets[0]
    sheet.reset_dimensions()  # what programs write there is not always true
    return sheet


def _next(rows: Iterator[Any]) -> list[Any]:
    """Some rows, without what openpyxl warns of while it reads them."""
    with warnings.catch_warnings(action="ignore"):
        return list(islice(rows, 2**12))


def _refuse_others(path: Path) -> None:
    with path.open("rb") as handle:
        if handle.read(4) == _OLD:
            wrong = "is an old .xls, or protected by a password; save it as .xlsx without one"
            raise ScenarioError([f"{path}: {wrong}"])
    try:
        with zipfile.ZipFile(path) as archive:
            size = sum(member.file_size for member in archive.infolist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        told = " ".join(str(error).split())
        raise ScenarioError([f"{path}: not an Excel workbook that can be read: {told[:200]}"]) from None
    if size > _LARGEST:
        wrong = f"unpacks to {size:,} bytes, more than {_LARGEST:,}; save the sheet as CSV"
        raise ScenarioError([f"{path}: {wrong}"])


def _text(cell: Any, number: int, path: Path) -> str:
    """A cell as a text: 3.0 is 3, as Excel shows it."""
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 2**53:
        return str(int(cell))
    if isinstance(cell, str) and cell in _ERRORS:
        raise ScenarioError([f"{path}: row {number} of the sheet holds the error {cell}"])
    return "" if cell is None else str(cell)

"""What stands above the names of the columns in a sheet: a title, a source, a date; each fills one cell of its row."""

import csv
from collections.abc import Sequence

from mcdiv.files.counts.category_counts import is_number, pointed
from mcdiv.files.counts.missing import is_missing
from mcdiv.files.counts.text import Text

#: rows that are looked at; the names are among them
SEEN = 20


def titles_above(rows: Sequence[Sequence[str]]) -> list[str] | None:
    """What fills each row above the names of the columns, "" for a blank one; None where the first row has the names.

    A title stands where the first name does. The names have no gap, and none is a number or stands for no value; below
    are rows of as many cells, and in one column at least all are numbers. What is less clear has its names in the
    first row, and is refused where it does not fit.
    """
    places = [[place for place, cell in enumerate(row) if cell.strip()] for row in rows]
    top = next((i for i, filled in enumerate(places) if len(filled) > 1), 0)
    below = [row for row, filled in zip(rows[top + 1 :], places[top + 1 :], strict=True) if filled]
    if not top or not below or places[top + 1] != places[top]:
        return None
    first, last = places[top][0], places[top][-1]
    names = rows[top][first : last + 1]
    if any(is_number(name) or is_missing(name) for name in names) or any(f not in ([], [first]) for f in places[:top]):
        return None
    columns = [[row[place] if place < len(row) else "" for row in below] for place in range(first, last + 1)]
    titles = [rows[i][first].strip() if filled else "" for i, filled in enumerate(places[:top])]
    numeric = any(all(is_number(pointed(cell.strip())) for cell in column) for column in columns)
    return titles if numeric and not any(map(is_number, titles)) else None


def titles_of(text: Text, first: str) -> list[str] | None:
    """The same of a delimited text that begins with this line, where all rows seen below are as wide as the names."""
    lines = [line for line in [first, *text.ahead(SEEN)] if line.strip() and not line.startswith("#")]
    marks = {mark: max(line.count(mark) for line in lines) for mark in ",;\t"}
    if not any(marks.values()):
        return None
    try:
        rows = [*csv.reader(lines, delimiter=max(marks, key=lambda mark: marks[mark]), strict=True)]
    except csv.Error:
        return None
    titles = titles_above(rows)
    return titles if titles is not None and len({len(row) for row in rows[len(titles) :]}) == 1 else None


def said_of(titles: Sequence[str]) -> list[str]:
    """A clause on what was left out."""
    shown = ", ".join(f"'{title[:60]}'" for title in titles if title)
    return [f"{shown} above the names of the columns: left out"] if shown else []

"""What stands above the names of the columns in a sheet: a title, a source, a date; each fills one cell of its row."""

import csv
from collections.abc import Sequence

from mcdiv.files.counts.category_counts import is_number, pointed
from mcdiv.files.counts.text import Text

#: rows that are looked at; the names are among them
SEEN = 20


def titles_above(rows: Sequence[Sequence[str]]) -> list[str] | None:
    """What fills each row above the names of the columns, "" for a blank one; None where the first row has the names.

    Below them come names without a gap, none of them a number, and below these a row of as many cells, one of them a
    number. What is less clear has its names in the first row, and is refused where it does not fit.
    """
    places = [[place for place, cell in enumerate(row) if cell.strip()] for row in rows]
    top = next((i for i, filled in enumerate(places) if len(filled) > 1), 0)
    if not top or len(rows) < top + 2 or places[top] != places[top + 1]:
        return None
    titles = [rows[i][filled[0]].strip() if filled else "" for i, filled in enumerate(places[:top])]
    names, cells = ([row[place].strip() for place in places[top]] for row in rows[top : top + 2])
    gapless = places[top][-1] - places[top][0] == len(names) - 1
    fits = gapless and any(is_number(pointed(cell)) for cell in cells)
    return titles if fits and not any(map(is_number, [*titles, *names])) else None


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

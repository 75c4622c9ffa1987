"""The layout of counts: a row for each category."""

from shlex import quote

from mcdiv.files.counts.category_counts import CategoryCounts, numbered
from mcdiv.files.counts.layouts.contract import layout
from mcdiv.files.counts.layouts.long import category_counts
from mcdiv.files.counts.layouts.spectrum import is_spectrum
from mcdiv.files.counts.looked import Column, Looked
from mcdiv.files.counts.table import count_at, each_row

_Columns = tuple[Column | None, Column]


def category_and_number(looked: Looked) -> _Columns | None:
    """The column of the categories, if they have names, and that of the counts; None where these are not clear."""
    reading = looked.reading
    named = None if reading.column is None else looked.column(reading.column)
    free = [column for column in looked.columns if named is None or column.place != named.place]
    if reading.weights is not None:
        weights = looked.column(reading.weights)
    else:
        called = [column for column in free if column.is_count]
        numbers = called or [column for column in free if column.numeric]
        if len(numbers) != 1:
            return None
        weights = numbers[0]
    others = [column for column in free if column.place != weights.place]
    if named is None and (len(others) > 1 or (looked.by is not None and weights.place == looked.by.place)):
        return None
    return named or (others[0] if others else None), weights


def _misfit(looked: Looked) -> str:
    columns = category_and_number(looked)
    if is_spectrum(looked) and not looked.reading.options():
        return "its columns are those of a spectrum"
    asked = looked.reading.layout == "counts" or looked.reading.weights is not None
    if columns is None and looked.reading.weights is None and not looked.numbers:
        return "no column holds counts"
    if columns is None:
        counts = "" if looked.reading.weights is not None else ", and which the counts"
        return f"which column holds the categories{counts}?"
    category, weights = columns
    if weights.decimal and looked.reading.layout is None:
        return "its numbers are not whole"
    if asked or weights.is_count:
        return ""
    fits = weights.numeric and not weights.is_share and (category is None or not category.numeric)
    return "" if fits else "no column is called a count"


def _command(looked: Looked) -> str:
    columns = category_and_number(looked)
    category, weights = columns or (None, None)
    if category is None or weights is None or not category.name or not weights.name:
        return "--layout counts"
    return f"--column {quote(category.name)} --weights {quote(weights.name)}"


@layout(
    "counts",
    misfit=_misfit,
    command=_command,
    example=("trees.csv", "species,n\noak,4\nelm,2\nfir,1\n", ""),
    written_by="R's table, dplyr's count, pandas' value_counts, GROUP BY of SQL, lists of word frequencies",
)
def counts(looked: Looked) -> list[CategoryCounts]:
    """Each row is a category and how often it occurred; without a column of names, the categories are numbered."""
    columns = category_and_number(looked)
    assert columns is not None
    category, weights = columns
    if category is not None:
        return category_counts(looked, category, weights)
    groups: dict[str, list[int]] = {}
    for some, place, row in each_row(looked.rows()):
        group = "" if looked.by is None else row[looked.by.place]
        groups.setdefault(group, []).append(count_at(looked.table, some, place, weights.place))
    read_as = f"one category in each row, counted by '{weights.name}'"
    return [numbered(group, values, read_as) for group, values in groups.items()]

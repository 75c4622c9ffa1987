"""The layout of draws: a row for each."""

from shlex import quote

from mcdiv.files.counts.category_counts import CategoryCounts
from mcdiv.files.counts.layouts.contract import layout
from mcdiv.files.counts.layouts.long import category_counts
from mcdiv.files.counts.looked import Column, Looked


def column_of(looked: Looked) -> Column | None:
    """The column of the symbols; None where that is not clear."""
    if looked.reading.column is not None:
        return looked.column(looked.reading.column)
    if len(looked.columns) == 1:
        return looked.columns[0]
    return looked.names[0] if len(looked.columns) == 2 and len(looked.names) == 1 else None


def _misfit(looked: Looked) -> str:
    if looked.reading.layout == "draws":
        return (
            "" if len(looked.columns) == 1 or looked.reading.column is not None else "which column holds the symbols?"
        )
    if looked.reading.column is not None:
        return ""
    column = column_of(looked)
    if column is None:
        return "more than one column may hold the symbols"
    other = next((other for other in looked.columns if other is not column), None)
    if other is None:
        return "its column is called a count" if column.numeric and column.is_count else ""
    if other.is_count:
        return f"column '{other.name}' is called a count"
    return (
        "" if column.repeats or (other.runs and len(other.cells) > 2) else "every symbol occurs once, beside a number"
    )


def _command(looked: Looked) -> str:
    column = column_of(looked)
    return f"--column {quote(column.name)}" if column and column.name and len(looked.columns) > 1 else "--layout draws"


@layout(
    "draws",
    misfit=_misfit,
    command=_command,
    example=("trees.csv", "species\noak\nelm\noak\n", ""),
    written_by="R's write.csv of a vector, pandas' to_csv of a column, form and survey tools",
)
def draws(looked: Looked) -> list[CategoryCounts]:
    """Each row is one draw; one column holds its symbol."""
    column = column_of(looked)
    assert column is not None
    found = category_counts(looked, column, None)
    asked = looked.reading.column is not None or looked.reading.layout is not None
    if not asked and any(column.name in each.labels for each in found):
        wrong = f"'{column.name}' is a symbol as well as the column's name"
        raise looked.table.error(f"{wrong}; put a header above, or say --column {column.name} if it is one")
    return found

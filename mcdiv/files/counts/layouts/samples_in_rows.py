"""The layout of samples in rows: a column for each category."""

from collections import Counter

from mcdiv.core.number_format import counted
from mcdiv.files.counts.category_counts import CategoryCounts
from mcdiv.files.counts.layouts import wide
from mcdiv.files.counts.layouts.contract import layout
from mcdiv.files.counts.looked import TOTALS, Column, Looked
from mcdiv.files.counts.table import count_at, each_row

#: names of columns that are said back
_SHOWN = 6


def _misfit(looked: Looked) -> str:
    if wrong := wide.misfit(looked):
        return wrong
    if looked.reading.layout is None and wide.rows_are(looked) == "categories":
        return "the names of its rows are categories"
    return ""


@layout(
    "samples-in-rows",
    misfit=_misfit,
    example=("sites.csv", "site,oak,elm\nA,3,1\nB,2,2\nC,0,5\n", ""),
    written_by="vegan, mothur (.shared), scikit-learn, pandas' crosstab, spreadsheets",
)
def samples_in_rows(looked: Looked) -> list[CategoryCounts]:
    """Each row is a sample; its categories are the columns.

    Samples of one name stay apart; --by adds them.
    """
    columns, label = wide.number_columns(looked), wide.label_column(looked)
    for column in columns:
        if not column.name:
            raise looked.table.error(f"column {column.place + 1} has no name, and is a category")
    rows: list[tuple[str, Counter[str]]] = []
    for some, place, row in each_row(looked.rows()):
        counter: Counter[str] = Counter()
        for column in columns:
            counter[column.name] += count_at(looked.table, some, place, column.place)
        named = looked.by or label
        rows.append((row[named.place] if named else "", counter))
    rows = _without_total(looked, rows)
    groups = _added(rows) if looked.by else _apart(rows, label)
    read_as = _read_as(looked, columns)
    return [CategoryCounts.of(group, counts, read_as) for group, counts in groups]


def _read_as(looked: Looked, columns: list[Column]) -> str:
    named = ", ".join(column.name for column in columns[:_SHOWN]) + ", …" * (len(columns) > _SHOWN)
    sample = f"a sample for each '{looked.by.name}', its rows added up" if looked.by else "one sample in each row"
    return f"{sample}, its categories in {counted(len(columns), 'column')}: {named}"


def _without_total(looked: Looked, rows: list[tuple[str, Counter[str]]]) -> list[tuple[str, Counter[str]]]:
    """Without a last row that is called a total and is one."""
    name, last = rows[-1]
    if len(rows) < 3 or name.strip().lower() not in {*TOTALS, "all"}:
        return rows
    if any(2 * count != sum(counts[column] for _, counts in rows) for column, count in last.items()):
        return rows
    looked.said.append(f"the last row, '{name}', is the sum of the others: left out")
    return rows[:-1]


def _added(rows: list[tuple[str, Counter[str]]]) -> list[tuple[str, Counter[str]]]:
    groups: dict[str, Counter[str]] = {}
    for name, counts in rows:
        counter = groups.setdefault(name, Counter())
        for category, count in counts.items():
            counter[category] += count
    return list(groups.items())


def _apart(rows: list[tuple[str, Counter[str]]], label: Column | None) -> list[tuple[str, Counter[str]]]:
    """Every row a sample, with its number where it has no name of its own."""
    if len(rows) == 1:
        return [("", rows[0][1])]
    if label is None:
        return [(f"row {i}", counts) for i, (_, counts) in enumerate(rows, start=1)]
    times = Counter(name for name, _ in rows)
    names = [f"{name} (row {i})" if times[name] > 1 else name for i, (name, _) in enumerate(rows, start=1)]
    return [(name, counts) for name, (_, counts) in zip(names, rows, strict=True)]

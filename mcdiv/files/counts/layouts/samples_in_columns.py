"""The layout of samples in columns: a row for each category."""

from mcdiv.core.number_format import counted
from mcdiv.files.counts.category_counts import CategoryCounts, numbered
from mcdiv.files.counts.layouts import wide
from mcdiv.files.counts.layouts.contract import layout
from mcdiv.files.counts.layouts.long import no_genes, refuse_nested
from mcdiv.files.counts.looked import TOTALS, Looked
from mcdiv.files.counts.table import count_at, each_row


def _misfit(looked: Looked) -> str:
    if wrong := wide.misfit(looked):
        return wrong
    if looked.by is not None:
        return "--by is a column of groups, and its rows are categories"
    label = wide.label_column(looked)
    if label is not None and label.repeats:
        return f"a category of column '{label.name}' is there twice"
    if looked.reading.layout is None and wide.rows_are(looked) == "samples":
        return "the names of its rows are samples"
    return ""


@layout(
    "samples-in-columns",
    misfit=_misfit,
    example=("otu.tsv", "taxon\tS1\tS2\noak\t4\t0\nelm\t2\t3\nfir\t1\t5\n", ""),
    written_by="QIIME (biom convert), phyloseq's otu_table, count matrices of genes, position frequency matrices",
)
def samples_in_columns(looked: Looked) -> list[CategoryCounts]:
    """Each column is a sample; its categories are the rows."""
    columns, label = wide.number_columns(looked), wide.label_column(looked)
    names: list[str] = []
    counts: list[list[int]] = [[] for _ in columns]
    for some, place, row in each_row(looked.rows()):
        names.append(row[label.place] if label else str(len(names) + 1))
        for column, values in zip(columns, counts, strict=True):
            values.append(count_at(looked.table, some, place, column.place))
    if len(names) > 2 and names[-1].strip().lower() in {*TOTALS, "all"} and all(2 * v[-1] == sum(v) for v in counts):
        looked.said.append(f"the last row, '{names[-1]}', is the sum of the others: left out")
        del names[-1]
    refuse_nested(looked, names)
    for name in no_genes(looked, names):
        place = names.index(name)
        del names[place]
        for values in counts:
            del values[place]
    if len(set(names)) < len(names):
        raise looked.table.error("a category is there twice; with samples in columns each has one row")
    read_as = f"one sample in each column, its categories in {counted(len(names), 'row')}"
    groups = [column.name if len(columns) > 1 else "" for column in columns]
    if label is None:
        return [numbered(group, values, read_as) for group, values in zip(groups, counts, strict=True)]
    tallies = (dict(zip(names, values, strict=False)) for values in counts)
    return [CategoryCounts.of(group, tally, read_as) for group, tally in zip(groups, tallies, strict=True)]

"""Tables of samples by categories: which column names the rows, and what these names say of them."""

import re

from mcdiv.files.counts.looked import Column, Looked

#: what the names of rows are called, where these are categories, and where they are samples
CATEGORIES = {
    *("otu", "otu id", "otus", "asv", "asv id", "feature", "feature id", "taxon", "taxa", "species", "genus", "family"),
    *(
        "gene",
        "gene id",
        "geneid",
        "transcript",
        "clonotype",
        "clone",
        "cdr3",
        "kmer",
        "codon",
        "amino acid",
        "aa",
        "base",
    ),
    *("nucleotide", "word", "term", "token", "symbol", "category", "categories", "letter", "representative sequence"),
}
SAMPLES = {
    *("site", "sites", "sample", "samples", "sample id", "sample name", "group", "habitat", "plot", "station"),
    *("quadrat", "transect", "location", "library", "subject", "patient", "individual", "document", "doc id"),
    *("author", "year", "date", "month", "day", "replicate", "run", "position", "pos"),
}
#: Otu0001, ASV_12, sp1, and lineages such as k__Bacteria;p__…
_CATEGORY = re.compile(r"(z?otu|asv|sp|species|taxon|gene)[ _.-]?\d+$|[kd]__|ENS[A-Z]*G\d", re.IGNORECASE)


def label_column(looked: Looked) -> Column | None:
    """The column that names the rows: the one that holds no numbers, or whose name is known."""
    if looked.names:
        return looked.names[0]
    if looked.by is not None:
        return None
    return next((each for each in looked.columns if each.heading in CATEGORIES | SAMPLES), None)


def number_columns(looked: Looked) -> list[Column]:
    """The columns of counts."""
    label = label_column(looked)
    return [column for column in looked.numbers if column is not label]


def misfit(looked: Looked) -> str:
    """Why a table is none of samples by categories; empty where it is one."""
    if len(looked.names) > 1:
        return "more than one column holds no numbers"
    if looked.reading.layout is None and len(looked.columns) == 2 and any(each.is_count for each in looked.columns):
        return "one of its two columns is called a count"
    if rivals := names_of_rows(looked):
        return f"columns '{rivals[0]}' and '{rivals[1]}' may both name the rows"
    if wrong := decimals(looked):
        return wrong
    fewest = 1 if (looked.reading.layout or "").startswith("samples") else 2
    return "" if len(number_columns(looked)) >= fewest else "it has no two columns of numbers"


def decimals(looked: Looked) -> str:
    """Which column of a table without a named layout holds no counts; empty where none does."""
    if looked.reading.layout is not None:
        return ""
    return next((f"column '{each.name}' holds decimals" for each in number_columns(looked) if each.decimal), "")


def names_of_rows(looked: Looked) -> list[str]:
    """The columns that may name the rows, where these are several and no layout was named."""
    label = label_column(looked)
    if looked.reading.layout is not None or label is None:
        return []
    others = [each.name for each in looked.numbers if each is not label and each.heading in CATEGORIES | SAMPLES]
    return [label.name, *others] if others else []


def rows_are(looked: Looked) -> str:
    """What the rows are by their names: "categories", "samples", or "" where these do not say it."""
    label, numbers = label_column(looked), number_columns(looked)
    if label is not None and label.heading in CATEGORIES:
        return "categories"
    if label is not None and label.heading in SAMPLES:
        return "samples"
    if all(_CATEGORY.match(column.name) for column in numbers) or (label is not None and label.repeats):
        return "samples"
    if label is not None and all(_CATEGORY.match(cell) for cell in label.cells):
        return "categories"
    return "samples" if len(numbers[0].cells) == 1 else ""

"""The layout of a spectrum: frequencies of frequencies."""

import re
from collections.abc import Sequence
from dataclasses import replace
from shlex import quote

import numpy as np

from mcdiv.core.arrays import COUNT_LIMIT
from mcdiv.core.domains import MAX_ALPHABET
from mcdiv.files.counts.category_counts import CategoryCounts, count_of, numbered
from mcdiv.files.counts.layouts.contract import layout
from mcdiv.files.counts.looked import Column, Looked
from mcdiv.files.counts.table import count_at, each_row

#: the names of its columns that need no option
_NAMES = ["count", "categories"]
#: names of a column of how often: nTokens, times, multiplicity, coverage …
_OFTEN = re.compile(r"(n|num|count|times|freq|token|occ|abundance|mult|depth|coverage|cop)|[mirx1]$")


def is_spectrum(looked: Looked) -> bool:
    """Whether the names of all columns say so."""
    return _named(looked.columns)


def _named(columns: Sequence[Column]) -> bool:
    return [column.heading for column in columns] == _NAMES


def _columns(looked: Looked) -> list[Column]:
    if looked.reading.spectrum:
        return [looked.column(name) for name in looked.reading.spectrum]
    known = [column for name in _NAMES for column in looked.columns if column.heading == name]
    return known if len(known) == 2 else list(looked.columns)


def _misfit(looked: Looked) -> str:
    columns = _columns(looked)
    if looked.by is not None:
        return "a spectrum has no column of groups"
    if len(columns) != 2:
        return "it has not two columns; name them with --spectrum"
    if looked.reading.layout or looked.reading.spectrum or _named(columns):
        return ""
    often = list(map(count_of, columns[0].times))
    if columns[0].repeats or len(often) < 2 or 0 in often or None in often or sorted({o for o in often if o}) != often:
        return "its first column is not of counts in increasing order"
    if not columns[1].numeric:
        return "its second column has no numbers"
    return "" if _OFTEN.match(columns[0].heading) else f"column '{columns[0].name}' is not called a count"


def _command(looked: Looked) -> str:
    first, second = _columns(looked)
    return f"--spectrum {quote(f'{first.name},{second.name}')}"


@layout(
    "spectrum",
    misfit=_misfit,
    command=_command,
    example=("kmers.txt", "1 40\n2 10\n3 4\n", "--layout spectrum"),
    written_by="Jellyfish, KMC (k-mer histograms), R's table(table(x)), zipfR (.spc), species caught once, twice, …",
)
def spectrum(looked: Looked) -> list[CategoryCounts]:
    """Each row says how many categories occurred how often; they have no names."""
    often, categories = _columns(looked)
    times: dict[int, int] = {}
    counts: list[int] = []
    for some, place, _ in each_row(looked.rows()):
        count, number = (count_at(looked.table, some, place, column.place) for column in (often, categories))
        times[count] = times.get(count, 0) + number
        if times[count] >= COUNT_LIMIT or count >= COUNT_LIMIT:
            raise looked.table.error_at(some, place, "a number is too large; expected less than 2^53")
        if len(counts) + number <= MAX_ALPHABET:
            counts += [count] * number
    read_as = "how many categories occurred how often"
    if sum(times.values()) <= MAX_ALPHABET:
        return [numbered("", counts, read_as, told_apart=False)]
    kept = {count: number for count, number in times.items() if number}
    if (draws := sum(count * number for count, number in kept.items())) >= COUNT_LIMIT:
        raise OverflowError(f"the counts add up to {draws:.6g}; expected less than 2^53")
    tally = numbered("", list(kept), read_as, told_apart=False)
    return [replace(tally, multiplicity=np.array(list(kept.values()), dtype=np.int64))]

"""Tables with a column of categories: what they count, group by group, without what is missing."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping

from mcdiv.core.number_format import counted
from mcdiv.errors import ScenarioError
from mcdiv.files.counts.category_counts import CategoryCounts
from mcdiv.files.counts.looked import TOTALS, Column, Looked, called
from mcdiv.files.counts.missing import drop_missing, is_missing, missing_message, refuse_missing
from mcdiv.files.counts.successive import DrawsInOrder
from mcdiv.files.counts.table import Rows, count_at

#: what HTSeq and STAR count beside the genes
_NO_GENES = {"__no_feature", "__ambiguous", "__too_low_aQual", "__not_aligned", "__alignment_not_unique"}
_NO_GENES |= {"N_unmapped", "N_multimapping", "N_noFeature", "N_ambiguous"}

#: how a lineage begins
_RANK = re.compile(r"[a-z]__", re.IGNORECASE)

_Groups = dict[str, Counter[str]]


def category_counts(looked: Looked, column: Column, weights: Column | None) -> list[CategoryCounts]:
    """How often each category occurred; `weights`: how often each row counts."""
    groups: _Groups = {}
    in_order = looked.by is None and weights is None
    draws = DrawsInOrder(keep=looked.reading.order is not None) if in_order else None
    for some in looked.rows():
        _add(groups, looked, some, column, weights)
        if draws is not None and draws.wanted != 0:
            draws.add(list(map(_name, some.cells(column.place)[: draws.wanted])))
    if looked.reading.missing == "drop":
        _drop_missing(looked, groups)
    if weights is not None:
        _drop_total(looked, groups)
        refuse_nested(looked, (label for counts in groups.values() for label in counts))
        for counts in groups.values():
            for label in no_genes(looked, counts):
                del counts[label]
    by = "" if weights is None else f", counted by '{weights.name}'"
    read_as = f"the symbols of {called(column)}{by}"
    return [CategoryCounts.of(group, _named(counts), read_as, in_order=draws) for group, counts in groups.items()]


def no_genes(looked: Looked, labels: Iterable[str]) -> list[str]:
    """Those of the labels that stand for reads of no gene, where there are three or more, which is said."""
    found = [label for label in labels if label in _NO_GENES]
    if len(found) < 3:
        return []
    said = f"{', '.join(found)} stand for reads of no gene: left out"
    looked.said.extend([said] if said not in looked.said else [])
    return found


def refuse_nested(looked: Looked, labels: Iterable[str]) -> None:
    """Where a lineage is there as well as one within it, whose draws are counted in both."""
    known = dict.fromkeys(labels)
    for label in filter(lambda label: "|" in label, known):
        parts = label.split("|")
        wider = next((w for i in range(1, len(parts)) if (w := "|".join(parts[:i])) in known), "")
        if wider and _RANK.match(wider):
            both = f"'{wider[:60]}' holds '{label[:60]}', which would be counted twice"
            raise looked.table.error(f"{both}; keep the rows of one rank, such as those of species")


def _add(groups: _Groups, looked: Looked, some: Rows, column: Column, weights: Column | None) -> None:
    symbol = column.place
    if looked.by is None and weights is None:
        tally = some.tally(symbol)
        groups.setdefault("", Counter()).update(tally)
        _refuse_missing(looked, some, column, tally)
        return
    by, drop = looked.by, looked.reading.missing == "drop"
    for place, row in enumerate(some.rows):
        if row:
            counter = groups.setdefault("" if by is None else row[by.place], Counter())
            if weights is None or (drop and (is_missing(row[symbol]) or is_missing(row[weights.place]))):
                counter["" if weights else row[symbol]] += 1  # one row that is dropped
            else:
                counter[row[symbol]] += _count_at(looked, some, place, weights)
    _refuse_missing(looked, some, column, set(some.cells(symbol)))


def _count_at(looked: Looked, some: Rows, place: int, weights: Column) -> int:
    cell = some.rows[place][weights.place]
    if looked.reading.missing is None and is_missing(cell):
        said = missing_message(cell).partition(", or count")[0]  # a row without a count counts nothing
        raise looked.table.error_at(some, place, f"column '{weights.name}' {said}")
    return count_at(looked.table, some, place, weights.place)


def _refuse_missing(looked: Looked, some: Rows, column: Column, cells: Iterable[str]) -> None:
    def error(cell: str, message: str) -> ScenarioError:
        place = next(i for i, row in enumerate(some.rows) if row and row[column.place] == cell)
        return looked.table.error_at(some, place, f"column '{column.name}' {message}")

    refuse_missing(cells, looked.reading, error)


def _drop_missing(looked: Looked, groups: _Groups) -> None:
    dropped = sum(map(drop_missing, groups.values()))
    looked.said.append(f"{counted(dropped, 'row')} without a value left out")
    for group in [group for group, counts in groups.items() if not counts]:
        del groups[group]
    if not groups:
        raise looked.table.error("every value is missing")


def _drop_total(looked: Looked, groups: _Groups) -> None:
    """Without a last row that is called a total and is one."""
    for group, counts in groups.items():
        last = next(reversed(counts), "")
        if last.strip().lower() in {*TOTALS, "all"} and len(counts) > 2 and 2 * counts[last] == sum(counts.values()):
            del counts[last]
            of = f" of {group}" if group else ""
            looked.said.append(f"the last row{of}, '{last}', is the sum of the others: left out")


def _named(counts: Mapping[str, int]) -> Mapping[str, int]:
    return {_name(label): count for label, count in counts.items()}


def _name(label: str) -> str:
    return label if label.strip() else "(empty)"

"""Cells and tokens that stand for no value, such as NA: never a category, or left out, unless that was said."""

from collections import Counter
from collections.abc import Callable, Iterable

from mcdiv.errors import ScenarioError
from mcdiv.files.counts.category_counts import Reading

#: what stands for no value: the list of pandas.read_csv, and the "." of SAS, Stata and VCF
MISSING = frozenset(
    {
        *("#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN", "<NA>"),
        *("N/A", "NA", "NULL", "NaN", "None", "n/a", "nan", "null", "."),
    }
)


def is_missing(cell: str) -> bool:
    """Whether a cell holds no value: it is blank, or says so."""
    text = cell.strip()
    return not text or text in MISSING


def missing_message(cell: str) -> str:
    """What is wrong with a cell that is missing, and what to say."""
    remedy = "leave such rows out with --missing drop, or count them as a category with --missing category"
    kind = f"has '{cell.strip()}', which may be a missing value" if cell.strip() else "is empty"
    return f"{kind}; {remedy}"


def refuse_missing(cells: Iterable[str], reading: Reading, error: Callable[[str, str], ScenarioError]) -> None:
    """Raise where one of these is missing and nothing was said of such cells; error(cell, message) knows the place."""
    if reading.missing is not None:
        return
    for cell in cells:
        if is_missing(cell):
            raise error(cell, missing_message(cell))


def drop_missing(counts: Counter[str]) -> int:
    """Take what is missing out of these counts, and say how many draws that were."""
    return sum(counts.pop(cell) for cell in [cell for cell in counts if is_missing(cell)])

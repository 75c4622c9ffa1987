"""Files of observations → how often each category occurred; each format is a reader, one function in one file.

What a table means is told by its header and its columns, whatever format it is from, and said back to the reader; where
that leaves a doubt, it is an error that names the choices. Text is read piece by piece: only the tally is held.
"""

import pkgutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any, TypeVar

from mcdiv.core.domains import MAX_ALPHABET
from mcdiv.errors import ScenarioError
from mcdiv.files.counts.blocks import in_blocks
from mcdiv.files.counts.byte_counts import byte_tally
from mcdiv.files.counts.category_counts import CategoryCounts, Reading, aligned, is_number
from mcdiv.files.counts.contract import READERS, USUAL, Reader, reader, reader_of
from mcdiv.files.counts.numbers import Numbers, numbers_in, rows_of_numbers
from mcdiv.files.counts.packed import unpacked_name
from mcdiv.files.counts.standard_input import STANDARD_INPUT, held
from mcdiv.files.counts.table import Table
from mcdiv.files.counts.text import OnBytes, Text, located, opened
from mcdiv.files.counts.values import model_of, said_back, table_in, tallies_of
from mcdiv.files.counts.windows_1252 import in_its_encoding

__all__ = [
    "READERS",
    "STANDARD_INPUT",
    "USUAL",
    "CategoryCounts",
    "OnBytes",
    "Reader",
    "Reading",
    "aligned",
    "held",
    "is_number",
    "read_numbers",
    "read_pmf",
    "read_table",
    "read_tallies",
    "reader",
    "title_of",
]

#: layouts of numbers that are no counts
OF_NUMBERS = ("probabilities", "logprobs", "logits")
_TABLE = Reading(table=True)
_Made = TypeVar("_Made")

for _module in pkgutil.iter_modules(__path__):  # a new file needs no list
    import_module(f"{__name__}.{_module.name}")


def read_tallies(
    source: str,
    reading: Reading,
    on_bytes: OnBytes = lambda done, total: None,
    *,
    pmfs: bool = False,
    spectra: bool = False,
) -> list[CategoryCounts]:
    """The groups of a file ("-" is standard input), in the order in which they first occur.

    `pmfs`: they may be probabilities of an unknown number of draws; `spectra`: counts may stand for many categories
    each. Otherwise these are an error.

    Raises
    ------
    ScenarioError
        The file cannot be read or does not say what it counts; one line names file, line and column.
    """

    def read(encoding: str | None = None) -> list[CategoryCounts]:
        return _tallies(source, reading, on_bytes, encoding, pmfs=pmfs)

    found, said = (read(), "") if reading.text == "bytes" else in_its_encoding(source, read)
    found = [replace(tally, read_as=f"{tally.read_as}; {said}") for tally in found] if said else found
    if not spectra and any(tally.multiplicity is not None for tally in found):
        raise ScenarioError([f"{source}: the table stands for more than {MAX_ALPHABET:,} categories"])
    return found


def _tallies(
    source: str, reading: Reading, on_bytes: OnBytes, encoding: str | None, *, pmfs: bool
) -> list[CategoryCounts]:
    if reading.text == "bytes":
        name, caution = STANDARD_INPUT if source == "-" else source, ""
        tallies = [byte_tally(source, reading, on_bytes)]
    else:
        entry = reader_of(source)
        with _given(entry, source, on_bytes, encoding) as file:
            name = file.name if isinstance(file, Text) else source
            tallies = tallies_of(entry.contents(file, reading), reading, name)
        caution = file.caution() if isinstance(file, Text) else ""
    for tally in tallies:
        where = f", group '{tally.group}'" if tally.group else ""
        if tally.pmf is not None and not pmfs:
            wrong = f"expected counts, got {tally.read_as.partition(',')[0]}: of how many draws is not known"
            raise ScenarioError([f"{name}{where}: {wrong}; --draws says it"])
        if tally.pmf is None and not tally.counts.any():
            raise ScenarioError([f"{name}{where}: there are no draws: all counts are 0"])
    found = [replace(tally, caution=caution) for tally in said_back(tallies)]
    return found if reading.order is None else [in_blocks(tally, reading.order, name) for tally in found]


def read_table(source: str, make: Callable[[Table], _Made], reading: Reading = _TABLE) -> tuple[_Made, str]:
    """What is made of the table that a file holds ("-" is standard input); a ScenarioError where it holds none.

    And a clause on its encoding, where that is an older one; so have `read_numbers` and `read_pmf`.
    """

    def made_of(contents: Any, name: str) -> _Made:
        table = table_in(contents, name)
        if table is None:
            raise ScenarioError([f"{name}: expected a table with a header line"])
        return make(table)

    return _read(source, reading, made_of)


def read_numbers(source: str, reading: Reading) -> tuple[Numbers | None, str]:
    """Numbers that stand for probabilities, or for what they are made of; None where the file holds counts or draws.

    Nothing is refused that is a number: they may be negative, infinite or NaN, and have any sum.
    """
    if reading.layout in (None, *OF_NUMBERS):
        rows, said = in_its_encoding(source, lambda encoding: rows_of_numbers(source, encoding))
        if rows is not None:
            return rows, said
    if reading.layout not in (None, *OF_NUMBERS) or reading.text or reading.symbols:
        return None, ""
    # With a layout, an array and tokens are taken as they are.
    asked = replace(reading, layout=reading.layout or "probabilities")
    return _read(source, asked, lambda contents, name: numbers_in(contents, reading, name))


def read_pmf(source: str) -> tuple[dict[str, float], str]:
    """A model: a table of two columns, category and probability, or what a reader gives as such."""
    return _read(source, _TABLE, model_of)


def _read(source: str, reading: Reading, make: Callable[[Any, str], _Made]) -> tuple[_Made, str]:
    """What is made of what a reader returns, and of the name of the file."""
    entry = reader_of(source)

    def read(encoding: str | None) -> _Made:
        with _given(entry, source, lambda done, total: None, encoding) as file:
            return make(entry.contents(file, reading), file.name if isinstance(file, Text) else source)

    return in_its_encoding(source, read)


def title_of(path: Path) -> str:
    """The first remark of a file."""
    with path.open(encoding="utf-8") as handle:
        return handle.readline().lstrip("# ").rstrip()


@contextmanager
def _given(entry: Reader, source: str, on_bytes: OnBytes, encoding: str | None = None) -> Iterator[Text | Path]:
    """What a reader takes of a file; whatever goes wrong in one from outside is a ScenarioError, too."""
    if "text" not in entry.takes and unpacked_name(source) != source:
        raise ScenarioError([f"{source}: the reader '{entry.name}' takes no packed files; unpack it first"])
    with opened(source, on_bytes, encoding, entry.binary) if "text" in entry.takes else located(source) as file:
        try:
            yield file
        except (ScenarioError, OSError, OverflowError):
            raise
        except (Exception, SystemExit) as error:
            if entry.module.startswith("mcdiv.") or (isinstance(error, UnicodeDecodeError) and isinstance(file, Text)):
                raise
            told = f"{type(error).__name__}: {' '.join(str(error).split())}"
            raise ScenarioError([f"{source}: the reader '{entry.name}' fails: {told}"]) from None

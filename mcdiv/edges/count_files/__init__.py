"""Files of observations → how often each category occurred: tables of counts or symbols, plain tokens, running text.

What a table means is told by its header and its columns, and said back to the reader; where that leaves a doubt,
it is an error that names the choices. Files are read piece by piece: only the tally is held.
"""

from dataclasses import replace
from pathlib import Path

from mcdiv.edges.count_files.table import Table, each_row
from mcdiv.edges.count_files.tally import Reading, Tally, aligned, is_number, label_of
from mcdiv.edges.count_files.text import OnBytes, opened, text_tally, token_tally
from mcdiv.study.errors import ScenarioError

__all__ = ["OnBytes", "Reading", "Tally", "aligned", "is_number", "read_pmf", "read_tallies", "title_of"]


def read_tallies(source: str, reading: Reading, on_bytes: OnBytes = lambda done, total: None) -> list[Tally]:
    """The groups of a file ("-" is standard input), in the order in which they first occur.

    Raises
    ------
    ScenarioError
        The file cannot be read or does not say what it counts; one line names file, line and column.
    """
    with opened(source, on_bytes) as text:
        first = "" if reading.text else text.after_remarks()
        named = any(name is not None for name in (reading.column, reading.weights, reading.by))
        table = named or source.lower().endswith((".csv", ".tsv")) or any(mark in first for mark in ",;\t")
        table = table or (first.startswith('"') and not reading.symbols)
        if wrong := reading.misfit(table=table):
            raise ScenarioError([f"{text.name}: {wrong}"])
        if reading.text:
            return [text_tally(text.pieces(), reading.text, text.name)]
        if table:
            tallies = Table(text, first).tallies(reading)
        else:
            tallies = [token_tally(text, first, as_symbols=reading.symbols)]
    for tally in tallies:
        if not tally.counts.any():
            where = f", group '{tally.group}'" if tally.group else ""
            raise ScenarioError([f"{text.name}{where}: there are no draws: all counts are 0"])
    return [replace(tally, caution=text.caution()) for tally in tallies]


def title_of(path: Path) -> str:
    """The first remark of a file."""
    with path.open(encoding="utf-8") as handle:
        return handle.readline().lstrip("# ").rstrip()


def read_pmf(source: str) -> dict[str, float]:
    """A model: a table of two columns, category and probability."""
    with opened(source, lambda done, total: None) as text:
        table = Table(text, text.after_remarks())
        if len(table.header) != 2:
            raise text.error(f"expected two columns, category and probability, got {len(table.header)}")
        model: dict[str, float] = {}
        for some, place, (name, value) in each_row(table.some_rows()):
            if (label := label_of(name)) in model:
                raise text.error(f"category '{label}' is there twice", some.line(place))
            if not is_number(value) or not 0 <= float(value) <= 1:
                wrong = f"column '{table.header[1]}': expected a probability, got '{value[:60]}'"
                raise text.error(wrong, some.line(place))
            model[label] = float(value)
    return model

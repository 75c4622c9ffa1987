"""The reader of what has no layout of its own: tokens between blanks, running text, and tables under any name."""

from mcdiv.errors import ScenarioError
from mcdiv.files.counts.category_counts import CategoryCounts, Reading
from mcdiv.files.counts.contract import reader
from mcdiv.files.counts.delimited import Delimited
from mcdiv.files.counts.text import Text, text_tally, token_tally


@reader(suffixes=[".txt"])
def plain(text: Text, reading: Reading) -> Delimited | list[CategoryCounts]:
    """Counts or symbols between blanks; with --text, letters or words; a table where the first line has separators."""
    first = "" if reading.text else text.after_remarks()
    table = reading.names_columns or any(mark in first for mark in ",;\t")
    table = table or (first.startswith('"') and not reading.symbols)
    if wrong := reading.reason_unsupported(table=table):
        raise ScenarioError([f"{text.name}: {wrong}"])
    if reading.text:
        return [text_tally(text.pieces(), reading.text, text.name)]
    return Delimited(text, first) if table else [token_tally(text, first, as_symbols=reading.symbols)]

"""The reader of what has no layout of its own: tokens between blanks, running text, and tables under any name."""

from mcdiv.errors import ScenarioError
from mcdiv.files.counts.blanks import Blanks, blank_separated
from mcdiv.files.counts.category_counts import CategoryCounts, Reading
from mcdiv.files.counts.contract import reader
from mcdiv.files.counts.delimited import Delimited
from mcdiv.files.counts.text import Text
from mcdiv.files.counts.tokens import text_tally, token_tally


@reader(suffixes=[".txt"])
def plain(text: Text, reading: Reading) -> Delimited | Blanks | list[CategoryCounts]:
    """Counts or symbols between blanks, lines of label and count, tables; with --text, letters or words."""
    first = "" if reading.text else text.after_remarks()
    separated = any(mark in first for mark in ",;\t")
    lines = None if reading.text or separated else blank_separated(text, first, reading)
    table = lines is not None or reading.names_columns or separated
    table = table or (first.startswith('"') and not reading.symbols)
    if wrong := reading.reason_unsupported(table=table):
        raise ScenarioError([f"{text.name}: {wrong}"])
    if reading.text:
        return [text_tally(text, reading)]
    if lines is not None:
        return lines
    return Delimited(text, first, reading) if table else [token_tally(text, first, reading)]

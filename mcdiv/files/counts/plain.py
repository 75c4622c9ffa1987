"""The reader of what has no layout of its own: tokens between blanks, running text, and tables under any name."""

import re
from shlex import quote
from typing import Any

from mcdiv.errors import ScenarioError
from mcdiv.files.counts.blanks import blank_separated
from mcdiv.files.counts.category_counts import Reading
from mcdiv.files.counts.contract import reader
from mcdiv.files.counts.delimited import Delimited
from mcdiv.files.counts.json_file import json_in
from mcdiv.files.counts.ruled import has_bars, ruled
from mcdiv.files.counts.standard_input import STANDARD_INPUT
from mcdiv.files.counts.text import Text
from mcdiv.files.counts.tokens import text_tally, token_tally

#: how JSON begins, and no table
_JSON = re.compile(r'\s*(\{|\[\s*(["{\[\d-]|$))')


@reader(suffixes=[".txt"])
def plain(text: Text, reading: Reading) -> Any:
    """Counts or symbols between blanks, lines of label and count, tables; with --text, letters, words or characters.

    On standard input, what begins as JSON is JSON.
    """
    first = "" if reading.text else text.after_remarks()
    if text.name == STANDARD_INPUT and _JSON.match(first) and not reading.symbols:
        return json_in(text, first, reading)
    if first.startswith(">") and not reading.symbols:
        raise _sequences(text, first)
    lines = None if reading.text else ruled(text, first, reading)
    separated = lines is None and any(mark in first for mark in ",;\t")
    if lines is None and not separated and not reading.text and not reading.symbols and has_bars(text, first):
        return Delimited(text, first, reading, delimiter="|")
    if lines is None and not reading.text and not separated:
        lines = blank_separated(text, first, reading)
    table = lines is not None or reading.names_columns or separated
    table = table or (first.startswith('"') and not reading.symbols)
    if wrong := reading.reason_unsupported(table=table):
        raise ScenarioError([f"{text.name}: {wrong}"])
    if reading.text:
        return [text_tally(text, reading)]
    if lines is not None:
        return lines
    return Delimited(text, first, reading) if table else [token_tally(text, first, reading)]


def _sequences(text: Text, first: str) -> ScenarioError:
    """What is wrong with a file that begins as FASTA, and the commands for both of its meanings."""
    source = "FILE" if text.name == STANDARD_INPUT else quote(text.name)
    letters = f"grep -v '^>' {source} | mcdiv estimate - --text letters"
    ways = f"for the letters of its sequences: {letters}; if these are symbols, say --symbols"
    return text.error(f"begins with '{first.strip()[:40]}', as FASTA does; {ways}")

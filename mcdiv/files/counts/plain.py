"""The reader of what has no layout of its own: tokens between blanks, running text, and tables under any name."""

import re
from typing import Any

from mcdiv.errors import ScenarioError
from mcdiv.files.counts.above import titles_of
from mcdiv.files.counts.blanks import blank_separated
from mcdiv.files.counts.category_counts import Reading
from mcdiv.files.counts.contract import reader
from mcdiv.files.counts.delimited import Delimited
from mcdiv.files.counts.foreign import refuse_foreign
from mcdiv.files.counts.json_file import json_in
from mcdiv.files.counts.meme import meme
from mcdiv.files.counts.ruled import has_bars, ruled
from mcdiv.files.counts.standard_input import STANDARD_INPUT
from mcdiv.files.counts.text import Text
from mcdiv.files.counts.tokens import text_tally, token_tally

#: how JSON begins, and no table
_JSON = re.compile(r'\s*(\{|\[\s*(["{\[\d-]|$))')


@reader(suffixes=[".txt"])
def plain(text: Text, reading: Reading) -> Any:
    """Counts or symbols between blanks, lines of label and count, tables; with --text, letters, words or characters.

    What begins as an object of JSON is JSON, and on standard input as a list of it, too.
    """
    first = "" if reading.text else text.after_remarks()
    if _is_json(text, first) and not reading.symbols:
        return json_in(text, first, reading)
    if first.startswith("MEME version") and not reading.symbols:
        return meme(text, reading)
    refuse_foreign(text, first, reading)
    lines = None if reading.text else ruled(text, first, reading)
    separated = lines is None and (any(mark in first for mark in ",;\t") or _has_titles(text, first, reading))
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


def _is_json(text: Text, first: str) -> bool:
    """Whether a text begins as JSON: on standard input a list, too, which in a file may be a token in brackets."""
    return _JSON.match(first) is not None if text.name == STANDARD_INPUT else first.lstrip().startswith('{"')


def _has_titles(text: Text, first: str, reading: Reading) -> bool:
    return not reading.text and titles_of(text, first) is not None

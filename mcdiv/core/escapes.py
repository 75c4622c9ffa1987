"""Text from outside (names, labels, cells, messages) on its way out: a function for each way, and nothing else escapes.

Terminals, pictures and pages get no control character, spreadsheets no formula, Markdown no markup. HTML is escaped by
its templates; what reaches them has been through `printable`.
"""

import re

# All that moves a cursor, breaks a line, turns the writing direction, or is half a character.
_UNPRINTABLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)
_FORMULA = re.compile(r"[=+\-@\t\r]")
_MARKUP = re.compile(r"[\\`*<|$~]|&(?=[#\w])|(?<!\w)_|_(?!\w)|\](?=[(\[:])")


def printable(text: str) -> str:
    """Text that can be shown anywhere: line feeds and tabs stay, other control characters are written out as \\x1b."""
    return _UNPRINTABLE.sub(_written_out, text)


def one_line(text: str) -> str:
    """The same with line feeds and tabs written out."""
    return printable(text).replace("\n", "\\n").replace("\t", "\\t")


def csv_cell(text: str) -> str:
    """Text as a cell that no spreadsheet takes for a formula: an apostrophe goes before =, +, - and @.

    Numbers stay as they are: −5 is a formula to nobody.
    """
    if not _FORMULA.match(text) or _is_number(text):
        return text
    return f"'{text}"


def markdown(text: str) -> str:
    """Text that Markdown shows as it is, in a line or in a cell of a table."""
    return _MARKUP.sub(r"\\\g<0>", one_line(text))


def in_json(text: str) -> str:
    """JSON with what cannot be printed as JSON's own escapes."""
    return _UNPRINTABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def _written_out(found: re.Match[str]) -> str:
    code = ord(found[0])
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True

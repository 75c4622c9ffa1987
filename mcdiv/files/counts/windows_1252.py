"""Files and standard input that are no UTF-8 but can be text in Windows-1252: read as such, which is said."""

import codecs
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from mcdiv.files.counts.encodings import OLDER, OLDER_NAME, NotUtf8Error, older_text
from mcdiv.files.counts.packed import unpacked
from mcdiv.files.counts.standard_input import in_utf8

_Read = TypeVar("_Read")
_PIECE = 2**20
_SAID = f"read as {OLDER_NAME}, as it is not UTF-8"


def in_its_encoding(source: str, read: Callable[[str | None], _Read]) -> tuple[_Read, str]:
    """What `read` gets from a file in UTF-8 or UTF-16 (None), or else in Windows-1252, which a clause then says.

    All data that are text go through here.
    """
    if source == "-":
        with in_utf8() as stream:
            return read(None), _SAID if stream is not None and stream.older else ""
    try:
        return read(None), ""
    except NotUtf8Error:
        if not _is_older(source):
            raise
        return read(OLDER), _SAID


def _is_older(source: str) -> bool:
    """Whether a file that is not UTF-8 can be a text in Windows-1252."""
    if not Path(source).is_file():
        return False
    letters = codecs.getincrementaldecoder("utf-8")(errors="surrogateescape")
    with unpacked(Path(source)) as raw:
        while piece := raw.read(_PIECE):
            if older_text(piece, letters) is None:
                return False
    return not letters.getstate()[0]  # a letter of UTF-8 that is cut off

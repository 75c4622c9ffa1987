"""Standard input: kept where it has to be looked at more than once, and in UTF-8 where it is Windows-1252.

A file that is not UTF-8 is read again (`windows_1252`). What comes through a pipe is read once: which of the two it is,
its first letter beyond ASCII says, and those that follow have to be of the same kind.
"""

import codecs
import io
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from mcdiv.errors import ScenarioError
from mcdiv.files.counts.encodings import LONGEST_MARK, known_format, older_text
from mcdiv.files.disk import encoding_of

#: what "-" is called in messages
STANDARD_INPUT = "standard input"
#: bytes of it that are kept
_LARGEST_HELD = 2**28
#: bytes of UTF-8 that a letter has at most
_LONGEST = 4


class _Held(io.BufferedReader):
    """Standard input in memory: every opening begins at its first byte."""


@contextmanager
def held(source: str) -> Iterator[None]:
    """Within it a source can be opened several times, standard input too; of any other, nothing is done."""
    if source != "-" or sys.stdin is None:
        yield
        return
    bytes_read = sys.stdin.buffer.read(_LARGEST_HELD + 1)
    if len(bytes_read) > _LARGEST_HELD:
        raise ScenarioError([f"{STANDARD_INPUT}: has more than {_LARGEST_HELD >> 20} MB; write it to a file first"])
    with _in_place_of_it(_Held(io.BytesIO(bytes_read))):
        yield


@contextmanager
def in_utf8() -> Iterator["AsUtf8 | None"]:
    """Within it standard input is UTF-8 where it is Windows-1252; None where there is none."""
    if sys.stdin is None:
        yield None
        return
    raw = sys.stdin.buffer
    if isinstance(raw, _Held):
        raw.seek(0)
    stream = AsUtf8(raw)
    with _in_place_of_it(io.BufferedReader(stream)):
        yield stream


@contextmanager
def _in_place_of_it(buffer: io.BufferedReader) -> Iterator[None]:
    given, sys.stdin = sys.stdin, io.TextIOWrapper(buffer)
    try:
        yield
    finally:
        sys.stdin.detach()
        sys.stdin = given


class AsUtf8(io.RawIOBase):
    """Bytes that are passed on as they are unless they are text in Windows-1252; closing it leaves these open."""

    def __init__(self, raw: Any) -> None:
        self._raw, self._begun = raw, False
        #: whether the bytes are Windows-1252; None as long as all were ASCII
        self.older: bool | None = None
        self._letters = codecs.getincrementaldecoder("utf-8")(errors="surrogateescape")

    def readable(self) -> bool:
        """Always."""
        return True

    def readinto(self, into: Any) -> int:
        """Fill some of a buffer; 0 at the end."""
        view = memoryview(into).cast("B")
        piece: bytes = self._raw.read1(len(view) // _LONGEST)
        if not self._begun:
            piece, self._begun = piece + self._raw.read(LONGEST_MARK), True
            self.older = False if encoding_of(piece) == "utf-16" or known_format(piece)[1] else None
        if self.older is None and not piece.isascii():
            piece += self._raw.read(_LONGEST)
            self.older = not _begins_with_letter(piece.lstrip(bytes(range(128))))
        if self.older is not False:
            piece = self._in_utf8(piece)
        view[: len(piece)] = piece
        return len(piece)

    def _in_utf8(self, piece: bytes) -> bytes:
        """A piece of ASCII or of Windows-1252; as it is where that is neither, which is then told as no UTF-8."""
        text = older_text(piece, self._letters)
        if text is None or (not piece and self._letters.getstate()[0]):
            was_older, self.older = self.older, False
            return piece or b"\xff" if was_older else piece
        return text.encode()


def _begins_with_letter(data: bytes) -> bool:
    """Whether the first bytes are a letter of UTF-8, or the beginning of one that is cut off."""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(data[:_LONGEST])
    except UnicodeDecodeError as error:
        return error.start > 0
    return True

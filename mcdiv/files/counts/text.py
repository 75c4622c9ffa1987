"""A file as text that is read once: its lines, its pieces, its place in messages. What is in it: see `tokens`."""

import codecs
import csv
import io
import re
import sys
from collections import deque
from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from itertools import islice
from pathlib import Path
from shlex import quote
from typing import IO, TextIO, TypeAlias

from mcdiv.errors import ScenarioError
from mcdiv.files.counts.encodings import NotUtf8Error, beginning_of, known_format
from mcdiv.files.counts.packed import SUFFIXES, unpacked
from mcdiv.files.counts.standard_input import STANDARD_INPUT
from mcdiv.files.disk import encoding_of

#: characters that are looked at together
_PIECE = 2**20
#: characters of first lines that are looked at together, at most
_HELD = 2**24
#: characters of a line or a symbol, at most: a file may be a device that never ends
_LONGEST = 2**26
#: lines between two words on how far the reading is
_TOLD = 2**16

#: told how many bytes were read, and of how many (0 where nobody knows)
OnBytes: TypeAlias = Callable[[int, int], None]


@contextmanager
def opened(source: str, on_bytes: OnBytes, encoding: str | None = None, binary: bytes = b"") -> Iterator["Text"]:
    """A file to read, in UTF-8 unless it says otherwise or an encoding is given; what goes wrong is a ScenarioError.

    `binary`: the first bytes of a format without text that is fine.
    """
    name = STANDARD_INPUT if source == "-" else source
    number = 0
    try:
        size = _size(source)
        with _raw(source) as raw:
            packed = source.lower().endswith(SUFFIXES)
            head = beginning_of(raw)
            mark, kind = known_format(head)
            if mark != binary and kind:
                raise ScenarioError([f"{name}: is {kind}"])
            handle = io.TextIOWrapper(raw, encoding=encoding or encoding_of(head), newline="")
            text = Text(name, handle, 0 if packed else size, on_bytes)
            text.binary = raw if mark == binary and kind else None
            try:
                yield text
            finally:
                number = text.number
                handle.detach()  # standard input stays open
    except OSError as error:
        raise ScenarioError([f"{name}: {_reason(error)}"]) from None
    except UnicodeDecodeError as error:
        if "16" in error.encoding:
            raise ScenarioError([f"{name}: not a text file (not UTF-16)"]) from None
        raise NotUtf8Error([f"{name}{_line_not_utf8(source)}: not a text file (not UTF-8)"]) from None
    except csv.Error as error:
        raise ScenarioError([f"{name}:{number}: not a table: {error}"]) from None
    except OverflowError as error:
        raise ScenarioError([f"{name}: {error}"]) from None


@contextmanager
def located(source: str) -> Iterator[Path]:
    """The path of a file that is there; what goes wrong in reading it is a ScenarioError."""
    try:
        _size(source)
        yield Path(source)
    except OSError as error:
        raise ScenarioError([f"{source}: {_reason(error)}"]) from None
    except OverflowError as error:
        raise ScenarioError([f"{source}: {error}"]) from None


class Text:
    """A text that is read once, from the beginning, row by row or in pieces."""

    def __init__(self, name: str, handle: TextIO, size: int, on_bytes: OnBytes) -> None:
        self.name, self.handle = name, handle
        #: of the line read last, from 1
        self.number = 0
        #: the lines above the header that are remarks, and the last of them as it is written
        self.remarks: list[str] = []
        self.last_remark = ""
        #: the bytes themselves, where a format without text was asked for and this is one
        self.binary: IO[bytes] | None = None
        self._header = 0
        self._ahead: deque[str] = deque()
        #: how many lines were read by `whole_lines`, and not put back
        self.passed = 0
        self._size, self._on_bytes = size, on_bytes

    def error(self, message: str, number: int | None = None) -> ScenarioError:
        """A mistake in the file, in the line read last unless told otherwise."""
        return ScenarioError([f"{self.name}:{number or max(1, self.number)}: {message}"])

    @property
    def source(self) -> str:
        """What to type for it in a command."""
        return "FILE" if self.name == STANDARD_INPUT else quote(self.name)

    def after_remarks(self) -> str:
        """The first line that is neither blank nor a remark (or its beginning, where it is very long).

        What follows it is still to be read.
        """
        while line := self._line(_PIECE):
            self.number += 1
            if line.strip() and not line.startswith("#"):
                self._header = self.number
                return self._text(line, self.number)
            self.remarks.append(line.lstrip("# ").strip())
            self.last_remark = line.strip()
            while len(line) == _PIECE and not line.endswith(("\n", "\r")):
                line = self._line(_PIECE)
        raise ScenarioError([f"{self.name}: the file is empty"])

    def caution(self) -> str:
        """What the remarks say below "Caution:", up to the next heading or blank line; empty if nothing."""
        found = re.search(r"^Caution: *(.*?)(?=^\w+: |^$|\Z)", "\n".join(self.remarks), re.DOTALL | re.MULTILINE)
        return " ".join(found[1].split()) if found else ""

    def lines(self) -> Iterator[str]:
        """Every line, without its line break; an error names the one read last."""
        while line := self._line(_LONGEST):
            self.number += 1
            if self.number % _TOLD == 0:
                self.tell()
            yield self._text(line, self.number).rstrip("\r\n")

    def lines_from(self, first: str) -> Iterator[str]:
        """The line that began like this, whole, and the lines below it."""
        # Not `yield from`: a generator that ends early would close the handle, which may be standard input.
        line = first if first.endswith(("\n", "\r")) else first + self._line(_LONGEST)
        number = self._header
        while line:
            yield self._text(line, number + self.passed)
            line, number = self._line(_LONGEST), number + 1

    def peeked(self) -> Generator[str, None, None]:
        """The lines that follow, as many as are asked for; once this is closed they are still to be read."""
        seen: list[str] = []
        try:
            while line := self._line(_LONGEST):
                seen.append(line)
                yield line
        finally:
            self._ahead.extendleft(reversed(seen))

    def ahead(self, most: int) -> list[str]:
        """So many of the lines that follow, or all there are, still to be read; none where one is very long."""
        while len(self._ahead) < most and (line := self.handle.readline(_PIECE)):
            self._ahead.append(line)
            if len(line) == _PIECE:
                return []
        return list(islice(self._ahead, most))

    @property
    def waiting(self) -> bool:
        """Whether lines were read ahead, or put back."""
        return bool(self._ahead)

    def whole_lines(self, size: int) -> str:
        """What follows, about so many characters, up to the end of a line; empty at the end of the file."""
        piece, self._ahead = "".join(self._ahead) + self.handle.read(size), deque()
        return piece if piece.endswith("\n") else piece + self.handle.readline(_LONGEST)

    def first_lines(self, most: int) -> str:
        """So many of the lines that follow, or all there are; none where they are too long to be held at once."""
        lines, size = list[str](), 0
        while len(lines) < most and size < _HELD and (line := self._line(_PIECE)):
            lines.append(line)
            size += len(line)
        if size < _HELD:
            return "".join(lines)
        self.put_back("".join(lines))
        return ""

    def put_back(self, piece: str) -> None:
        """Let these lines be read once more, before those that follow."""
        self._ahead.extendleft(reversed(list(io.StringIO(piece, newline=""))))

    def _line(self, longest: int) -> str:
        """The next line, or its beginning."""
        if not self._ahead:
            return self.handle.readline(longest)
        line = self._ahead.popleft()
        whole = line.endswith(("\n", "\r")) or len(line) >= longest
        return line if whole else line + self.handle.readline(longest - len(line))

    def _text(self, part: str, number: int | None = None) -> str:
        """A part of the file, if it is text and ends somewhere."""
        where = self.name if number is None else f"{self.name}:{number}"
        if "\0" in part:
            raise ScenarioError([f"{where}: not a text file (it holds NUL characters; is it UTF-16?)"])
        if len(part) >= _LONGEST:
            raise ScenarioError([f"{where}: {_LONGEST:,} characters without a {'line break' if number else 'blank'}"])
        return part

    def number_at(self, lines: int) -> int:
        """The number of the last of so many lines from the header on."""
        return self._header + lines - 1 + self.passed

    def tell(self) -> None:
        """Tell how far the reading is."""
        if self._size > _PIECE:
            self._on_bytes(self.handle.buffer.raw.tell(), self._size)  # type: ignore[attr-defined]

    def pieces(self, first: str = "") -> Iterator[str]:
        """What follows, cut at blanks; a small file is one piece."""
        rest, self._ahead = self._text(first + "".join(self._ahead)), deque()
        while piece := self.handle.read(_PIECE):
            self.tell()
            rest = self._text(rest) + self._text(piece)
            if len(rest) < _PIECE:
                continue
            end = max(rest.rfind(blank) for blank in " \n\r") + 1
            yield rest[:end]
            rest = rest[end:]
        yield rest


def _size(source: str) -> int:
    try:
        return 0 if source == "-" else Path(source).stat().st_size
    except ValueError:  # a NUL, or half of a surrogate pair
        raise ScenarioError([f"{source}: is not the name of a file"]) from None


def _raw(source: str) -> AbstractContextManager[IO[bytes]]:
    if source != "-":
        return unpacked(Path(source))
    if sys.stdin is None:
        raise OSError("is closed")
    return nullcontext(sys.stdin.buffer)


def _line_not_utf8(source: str) -> str:
    """ ":" and the first line that is not UTF-8, found by reading a file once more; "" where that cannot be done."""
    if source == "-" or not Path(source).is_file():
        return ""
    decoder, line = codecs.getincrementaldecoder("utf-8")(), 1
    with unpacked(Path(source)) as handle:
        while piece := handle.read(_PIECE):
            try:
                decoder.decode(piece)
            except UnicodeDecodeError as error:
                line += error.object[: error.start].count(b"\n")
                break
            line += piece.count(b"\n")
    return f":{line}"  # the last one where only the file's last letter is cut off


def _reason(error: OSError) -> str:
    if isinstance(error, FileNotFoundError):
        return "there is no such file"
    return "is a folder" if isinstance(error, IsADirectoryError) else (error.strerror or str(error)).lower()

"""What the bytes of a file are: text in UTF-8, UTF-16 or an older code, or a format that is no text."""

import codecs
from typing import IO

from mcdiv.errors import ScenarioError

#: the first bytes of an HDF5 file
HDF5 = b"\x89HDF\r\n\x1a\n"
#: those of a stream of Arrow
STREAM = b"\xff\xff\xff\xff"
#: the first bytes of formats that are no text, and what to do with such a file
_FORMATS = (
    (HDF5, "an HDF5 file; of these, BIOM tables are read, with a name that ends with .biom"),
    (b"PAR1", "a Parquet file; give it a name that ends with .parquet"),
    (b"ARROW1", "a Feather file; give it a name that ends with .feather"),
    (b"FEA1", "a Feather file of version 1; expected version 2"),
    (b"\x93NUMPY", "an array of NumPy; give it a name that ends with .npy"),
    (b"\x1f\x8b", "packed by gzip; unpack it, or give it a name that ends with .gz"),
    (b"BZh", "packed by bzip2; unpack it, or give it a name that ends with .bz2"),
    (b"\xfd7zXZ\x00", "packed by xz; unpack it, or give it a name that ends with .xz"),
    (b"PK\x03\x04", "a zip file, such as a workbook of Excel (.xlsx) or an archive (.zip, .npz)"),
    (b"\xd0\xcf\x11\xe0", "a file of an old Office, such as .xls; save it as .xlsx or .csv"),
    (b"%PDF", "a PDF file; expected a table or a text"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"SQLite format 3\x00", "a database of SQLite; write the table to a CSV file first"),
    (b"$FL2", "a file of SPSS; save it as CSV"),
    (b"RDX", "a file of R; write the table with write.csv"),
    (b"X\n\0\0\0", "a file of R (.rds); write the table with write.csv"),
    (b"MATLAB 5.0 MAT-file", "a MAT-file of MATLAB; write the numbers with writematrix, as .csv"),
    (b"<stata_dta>", "a file of Stata; write the table with export delimited"),
    (b"\x80\x02", "a pickle of Python; write counts with json.dump, arrays with numpy.save"),
    (b"\x80\x04", "a pickle of Python; write counts with json.dump, arrays with numpy.save"),
    (b"\x80\x05", "a pickle of Python; write counts with json.dump, arrays with numpy.save"),
    (STREAM, "a stream of Arrow; give it a name that ends with .arrow"),
    (b"GGUF", "a model in GGUF; expected its counts or probabilities, in a table or an array"),
)
#: what a spreadsheet of LibreOffice has behind the head of a zip file
_ODS = b"mimetypeapplication/vnd.oasis.opendocument.spreadsheet"
#: bytes by which a format is known
LONGEST_MARK = 30 + len(_ODS)
#: what an older text has in place of UTF-8: Latin-1, with quotes, dashes and the euro where that has nothing
OLDER = "cp1252"
OLDER_NAME = "Windows-1252 (Latin-1)"
#: characters of it that no text has: control characters but for blanks, and the ÿ of bytes that are all ones
_ODD = {*map(chr, range(32))} - {*"\t\n\v\f\r\x1a"} | {"ÿ"}


class NotUtf8Error(ScenarioError):
    """A file is no text in UTF-8, nor in the encoding that its first bytes name."""


def beginning_of(raw: IO[bytes]) -> bytes:
    """The first bytes of a file, still to be read; empty where nobody can look ahead."""
    peek = getattr(raw, "peek", None)
    return bytes(peek(LONGEST_MARK)[:LONGEST_MARK]) if callable(peek) else b""


def known_format(head: bytes) -> tuple[bytes, str]:
    """The mark and the name of a format that is no text; empty where none begins so."""
    if head[30:].startswith(_ODS):
        return _ODS, "a spreadsheet of LibreOffice (.ods); save the sheet as .xlsx or .csv"
    if head[2:8] == bytes(6) and head[8:10] == b'{"':  # after the length of its header
        return head[2:10], "a file of safetensors; save the one that is wanted with numpy.save"
    return next(((mark, kind) for mark, kind in _FORMATS if head.startswith(mark)), (b"", ""))


def older_text(piece: bytes, letters: codecs.IncrementalDecoder) -> str | None:
    """A piece of a text in Windows-1252; None where it has an odd byte, or a letter of UTF-8 as `letters` knows it."""
    try:
        older = piece.decode(OLDER)
    except UnicodeDecodeError:
        return None
    mixed = any(ord(c) > 127 and not 0xDC80 <= ord(c) <= 0xDCFF for c in {*letters.decode(piece)})
    return None if mixed or not _ODD.isdisjoint(older) else older

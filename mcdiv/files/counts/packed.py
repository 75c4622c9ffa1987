"""Files as bytes: as they are, or out of a .gz, .bz2, .xz or .zip; read once, from the beginning, piece by piece."""

import bz2
import gzip
import lzma
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, Any

from mcdiv.errors import ScenarioError

_OPENERS: dict[str, Callable[..., Any]] = {".gz": gzip.open, ".bz2": bz2.open, ".xz": lzma.open}
SUFFIXES = (*_OPENERS, ".zip")


def unpacked_name(source: str) -> str:
    """The name without the suffix of what packed it; of a .zip, that of the file in it is not looked at."""
    suffix = next((suffix for suffix in SUFFIXES if source.lower().endswith(suffix)), "")
    return source[: len(source) - len(suffix)]


@contextmanager
def unpacked(path: Path) -> Iterator[IO[bytes]]:
    """The bytes of a file; a ScenarioError where a .zip holds not one file, or what is packed is broken."""
    suffix = path.suffix.lower()
    try:
        with zipped(path) if suffix == ".zip" else _OPENERS.get(suffix, open)(path, "rb") as handle:
            yield handle
    except (EOFError, OSError, zlib.error, lzma.LZMAError, zipfile.BadZipFile) as error:
        if isinstance(error, OSError) and error.errno is not None:  # of the disk; those of gzip and bz2 have no number
            raise
        told = " ".join(str(error).split())
        raise ScenarioError([f"{path}: is broken, or no {suffix} file: {told or type(error).__name__}"]) from None


@contextmanager
def zipped(path: Path) -> Iterator[IO[bytes]]:
    """The bytes of the one file in a .zip."""
    with ExitStack() as stack:
        try:
            archive = stack.enter_context(zipfile.ZipFile(path))
            member = stack.enter_context(archive.open(_only(archive, path)))
        except (NotImplementedError, RuntimeError) as error:  # another version or compression, or a password
            raise ScenarioError([f"{path}: cannot be unpacked: {error}"]) from None
        yield member


def _only(archive: zipfile.ZipFile, path: Path) -> zipfile.ZipInfo:
    members = [member for member in archive.infolist() if not member.filename.endswith("/")]
    if len(members) != 1:
        names = ", ".join(member.filename for member in members[:5])
        raise ScenarioError([f"{path}: holds {len(members)} files; expected one: {names}"])
    return members[0]

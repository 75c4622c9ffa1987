"""One file at a time: read and written as a whole, what the system says as one line."""

import codecs
import os
from contextlib import suppress
from pathlib import Path

from mcdiv.core.catalogue import quoted
from mcdiv.errors import StoreError


def as_path(argument: str, given: object, expected: str = "the path of a file") -> Path:
    """A path that was given as an argument; a TypeError says what was expected of it instead."""
    if not isinstance(given, (str, Path)) or "\0" in str(given):
        raise TypeError(f"{argument}: expected {expected}, got {quoted(given)}")
    return Path(given)


def is_file(text: str) -> bool:
    """Whether a text is the name of a file; False also for what no file can be called."""
    try:
        return Path(text).is_file()
    except (OSError, ValueError):
        return False


def raise_if_exists(path: Path) -> None:
    """Raise a StoreError where a file that is to be new is there already, or cannot be: before any work for it."""
    try:
        there, somewhere = path.exists(), path.parent.is_dir()
    except OSError as error:
        raise StoreError(f"{path}: cannot write: {reason(error)}") from None
    if there:
        raise StoreError(f"{path}: exists already; choose another name")
    if not somewhere:
        raise StoreError(f"{path}: cannot write: there is no folder {path.parent}")


def write_new(path: Path, text: str) -> None:
    """Write a file that must not exist yet: there as a whole, or not at all."""
    raise_if_exists(path)
    replace_file(path.parent, path.name, encoded(text), new=True)


def write_text(folder: Path, name: str, text: str) -> None:
    """Write one text file, UTF-8, its line ends as they are."""
    write_bytes(folder, name, encoded(text))


def write_bytes(folder: Path, name: str, content: bytes) -> None:
    """Write one file."""
    path = folder / name
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    except OSError as error:
        raise StoreError(f"{path}: cannot write: {reason(error)}") from None


def read_plugin(path: Path) -> bytes:
    """The Python source of a plug-in."""
    if "\0" in str(path):
        raise StoreError(f"{path}: not the name of a file")
    try:
        if path.exists() and not path.is_file():
            raise StoreError(f"{path}: is not a file; expected a Python file")
        return path.read_bytes()
    except FileNotFoundError:
        raise StoreError(f"{path}: there is no such file") from None
    except OSError as error:
        raise StoreError(f"{path}: {reason(error)}") from None


def read_text(folder: Path, name: str) -> str:
    """The text of one file."""
    try:
        return (folder / name).read_bytes().decode("utf-8")
    except OSError as error:
        raise StoreError(f"{folder / name}: {reason(error)}") from None
    except UnicodeDecodeError:
        raise StoreError(f"{folder / name}: not a text file") from None


def read_bytes(path: Path) -> bytes:
    """The content of one file; an OSError where it cannot be read."""
    return path.read_bytes()


def replace_file(folder: Path, name: str, content: bytes, *, new: bool = False) -> None:
    """Write a file of a folder that is in use, aside and then renamed: there as a whole, or as it was.

    A `new` one must not be there yet, not even by the time it is written.
    """
    path = folder / name
    partial = path.with_name(f".{path.name}.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial.write_bytes(content)
        if new:
            _link(partial, path)
        else:
            partial.replace(path)
    except OSError as error:
        if new and isinstance(error, FileExistsError):
            raise StoreError(f"{path}: exists already; choose another name") from None
        raise StoreError(f"{path}: cannot write: {reason(error)}") from None
    finally:
        with suppress(OSError):  # it may have been its name that was too long
            partial.unlink(missing_ok=True)


def _link(partial: Path, path: Path) -> None:
    """A rename that takes no other file's place, where the file system can do that."""
    try:
        os.link(partial, path)
    except FileExistsError:
        raise
    except OSError:
        partial.rename(path)


def encoded(text: str) -> bytes:
    """UTF-8; half a character, such as a file's name may have, is written out and costs no results."""
    return text.encode("utf-8", "backslashreplace")


def reason(error: OSError) -> str:
    """What the system says of an error, in small letters."""
    return (error.strerror or os.strerror(error.errno or 0)).lower()


def encoding_of(head: bytes) -> str:
    """UTF-16 where a text begins with its mark, else UTF-8."""
    return "utf-16" if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "utf-8-sig"

"""results/<name>/ledger.sqlite: what was computed, under its content key, one transaction per block.

SQLite writes ahead (WAL) in its exclusive mode: a commit is one append, needs no shared memory (so that network
folders will do), and what was committed survives a kill at any moment. Every row carries a checksum. There are no dates
in it, so that no clock matters.
"""

import hashlib
import json
import shlex
import shutil
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from mcdiv.errors import StoreError

NAME = "ledger.sqlite"
#: "mcdv": tells a ledger from any other database
APPLICATION = 0x6D636476
SCHEMA = 1
_MAGIC = b"SQLite format 3\x00"
_METADATA = b"facts"
#: keys in one question to the database
_KEYS_PER_QUERY = 500
_TABLE = """
CREATE TABLE entries (
    key BLOB PRIMARY KEY,       -- sha256 of all that decides the content
    era TEXT NOT NULL,          -- code version: of the engine and the libraries that made it
    content BLOB NOT NULL,
    checksum BLOB NOT NULL      -- sha256 of key and content
)
"""


class Ledger:
    """An open ledger."""

    def __init__(self, path: Path, connection: sqlite3.Connection, code_version: str) -> None:
        self._path, self._connection, self._code_version = path, connection, code_version

    def holding(self, keys: Iterable[bytes]) -> set[bytes]:
        """Those of these keys that something is under."""
        left, held = list(keys), set()
        with self._translate_errors():
            while left:
                some, left = left[:_KEYS_PER_QUERY], left[_KEYS_PER_QUERY:]
                query = f"SELECT key FROM entries WHERE key IN ({', '.join('?' * len(some))})"
                held |= {key for (key,) in self._connection.execute(query, some)}
        return held

    def get(self, key: bytes) -> bytes | None:
        """What is under a key, None if nothing is."""
        with self._translate_errors():
            row = self._connection.execute("SELECT content, checksum FROM entries WHERE key = ?", (key,)).fetchone()
        if row is None:
            return None
        if not _as_written(key, *row):
            raise _damaged(self._path)
        return bytes(row[0])

    def store(self, entries: Mapping[bytes, bytes]) -> None:
        """Keep all of these, or none of them."""
        rows = [(key, self._code_version, content, _checksum(key, content)) for key, content in entries.items()]
        with self._translate_errors(), self._connection:
            self._connection.execute("BEGIN")
            self._connection.executemany("INSERT OR REPLACE INTO entries VALUES (?, ?, ?, ?)", rows)

    @property
    def metadata(self) -> dict[str, Any]:
        """What the last run recorded of itself; empty before the first."""
        content = self.get(_METADATA)
        return {} if content is None else dict(json.loads(content))

    def write_metadata(self, metadata: Mapping[str, Any]) -> None:
        """Record what this run is."""
        self.store({_METADATA: json.dumps(metadata, ensure_ascii=False).encode()})

    def delete_stale(self) -> None:
        """Drop what other code computed: it will not be asked for again."""
        with self._translate_errors(), self._connection:
            self._connection.execute("BEGIN")
            self._connection.execute("DELETE FROM entries WHERE era != ? AND key != ?", (self._code_version, _METADATA))

    @contextmanager
    def _translate_errors(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise _translated(self._path, error) from None


@contextmanager
def open_ledger(folder: Path, code_version: str, *, fresh: bool = False) -> Iterator[Ledger]:
    """The ledger of a results folder, made if there is none; StoreError where it cannot be used.

    Whoever asks holds the lock of the folder. `fresh` starts a new one, but never in place of a stranger's file.
    """
    path = folder / NAME
    try:
        _raise_if_foreign(path)
        if fresh or not path.exists() or not path.stat().st_size:
            _create(path)
    except OSError as error:
        raise StoreError(f"{path}: {(error.strerror or 'cannot be opened').lower()}") from None
    except sqlite3.Error as error:
        raise _translated(path, error) from None
    with _copied(path) as copy, _connected(copy) as connection:
        _verify(path, connection)
    with _connected(path) as connection:
        ledger = Ledger(path, connection, code_version)
        with ledger._translate_errors():
            for setting in ("journal_mode = WAL", "synchronous = NORMAL", "wal_autocheckpoint = 5000"):
                connection.execute(f"PRAGMA {setting}").fetchall()
        yield ledger


@contextmanager
def _copied(path: Path) -> Iterator[Path]:
    """What to verify: after a kill a copy, as SQLite tidies up what it opens; else, or without room, the file."""
    log = path.with_name(f"{path.name}-wal")
    if not log.exists():
        try:
            yield path
        finally:
            if log.exists() and not log.stat().st_size:
                log.unlink()  # made by looking, and left where something was found
        return
    with TemporaryDirectory(prefix="mcdiv-") as folder:
        try:
            copy = Path(shutil.copy(path, folder))
            shutil.copy(log, folder)
        except OSError:
            copy = path
        yield copy


@contextmanager
def _connected(path: Path) -> Iterator[sqlite3.Connection]:
    connection = _opened(path)
    try:
        connection.execute("PRAGMA locking_mode = EXCLUSIVE").fetchall()
        yield connection
    finally:
        connection.close()


def _opened(path: Path) -> sqlite3.Connection:
    # A path from the root: SQLite may take one that begins with file: for an address.
    return sqlite3.connect(path.absolute(), isolation_level=None)


def _verify(path: Path, connection: sqlite3.Connection) -> None:
    """Look at everything once; StoreError where something is not as it was written."""
    try:
        (schema,) = connection.execute("PRAGMA user_version").fetchone()
        if schema != SCHEMA:
            raise StoreError(f"{path}: of schema {schema}, this mcdiv reads {SCHEMA}; start anew with --fresh")
        (found,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
        rows = connection.execute("SELECT key, content, checksum FROM entries")
        if found != "ok" or not all(_as_written(*row) for row in rows):
            raise _damaged(path)
    except sqlite3.Error as error:
        raise _translated(path, error) from None


def _raise_if_foreign(path: Path) -> None:
    """A file of another program is not opened at all: SQLite would tidy up in it."""
    if path.is_symlink() or (path.exists() and not path.is_file()):
        raise StoreError(f"{path}: not a ledger of mcdiv; --fresh does not replace it: {_moving(path)}")
    if path.exists():
        with path.open("rb") as handle:
            header = handle.read(100)
        if header and (header[:16] != _MAGIC or header[68:72] != APPLICATION.to_bytes(4, "big")):
            raise StoreError(f"{path}: not a ledger of mcdiv, or damaged; --fresh does not replace it: {_moving(path)}")


def _create(path: Path) -> None:
    """Made beside its place and put there whole, so that there is never half a ledger."""
    new = path.with_suffix(".new")
    for leftover in (new, path, *(path.with_name(path.name + end) for end in ("-wal", "-shm", "-journal"))):
        leftover.unlink(missing_ok=True)
    connection = _opened(new)
    try:
        connection.execute(f"PRAGMA application_id = {APPLICATION}")
        connection.execute(f"PRAGMA user_version = {SCHEMA}")
        connection.execute(_TABLE)
    finally:
        connection.close()
    new.replace(path)


def _checksum(key: bytes, content: bytes) -> bytes:
    return hashlib.sha256(key + content).digest()


def _as_written(key: Any, content: Any, checksum: Any) -> bool:
    return isinstance(key, bytes) and isinstance(content, bytes) and _checksum(key, content) == checksum


def _damaged(path: Path) -> StoreError:
    return StoreError(f"{path}: damaged; the same command with --fresh replaces it; to keep it: {_moving(path)}")


def _moving(path: Path) -> str:
    """What to type."""
    return f"mv {shlex.quote(str(path))} {shlex.quote(f'{path}.old')}"


def _translated(path: Path, error: sqlite3.Error) -> StoreError:
    """What SQLite says, as one line about the ledger."""
    name = getattr(error, "sqlite_errorname", "") or ""
    if name.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")):
        return _damaged(path)
    if name == "SQLITE_FULL":
        return StoreError(f"{path}: no space left on device; what is finished is kept, the same command continues")
    if name.startswith("SQLITE_IOERR"):
        return StoreError(f"{path}: cannot be written ({name}); what is finished is kept, the same command continues")
    if name == "SQLITE_BUSY":
        return StoreError(f"{path}: another program holds it")
    return StoreError(f"{path}: {error}")

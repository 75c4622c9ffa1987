"""results/<name>/: written beside it first and put in place as a whole, so that nothing is ever half there."""

import hashlib
import json
import os
import shutil
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from mcdiv.errors import StoreError
from mcdiv.files.disk import encoded, read_text, reason, replace_file, write_text

MANIFEST = "manifest.json"
#: the manifest of what `mcdiv fit` writes into the same folder
LEARNING = "learning.json"
#: what numbers and pictures may depend on
_PACKAGES = ("numpy", "scipy", "pandas", "seaborn", "matplotlib", "pydantic")


@contextmanager
def lock_output(output: Path, name: str) -> Iterator[Path]:
    """A fresh folder to write results into, while no other run may write the same ones.

    Raises StoreError before anything is computed if the output folder cannot be written or is in use.
    """
    partial, lock = output / f".{name}.partial", output / f".{name}.lock"
    try:
        output.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(lock, os.O_CREAT | os.O_RDWR | getattr(os, "O_NOFOLLOW", 0), 0o644)
    except OSError as error:
        raise StoreError(f"{output}: cannot write results here: {reason(error)}") from None
    try:
        _lock(descriptor, output / name)
    except StoreError:
        os.close(descriptor)  # what is there belongs to the other run
        raise
    try:
        _recover(output, name)
        _raise_if_foreign(output / name)
        shutil.rmtree(partial, ignore_errors=True)
        try:
            partial.mkdir()
        except OSError as error:
            raise StoreError(f"{output}: cannot write results here: {reason(error)}") from None
        yield partial
    finally:
        shutil.rmtree(partial, ignore_errors=True)
        # Unlinked while it is still held: whoever comes next makes a new one.
        lock.unlink(missing_ok=True)
        os.close(descriptor)


def init_results(partial: Path, output: Path, name: str) -> Path:
    """results/<name>/, where a run keeps what it needs to go on; where nothing is yet, a manifest says just that."""
    target = output / name
    try:
        target.mkdir(exist_ok=True)
        if not (target / MANIFEST).exists():
            write_manifest(partial, {"name": name, "status": "interrupted"})
            (partial / MANIFEST).rename(target / MANIFEST)  # there as a whole, or not at all
    except OSError as error:
        raise StoreError(f"{target}: cannot write results here: {reason(error)}") from None
    return target


def commit(partial: Path, output: Path, name: str) -> Path:
    """Put finished results in place of earlier ones; files there that no run wrote are kept."""
    target, old = output / name, output / f".{name}.old"
    try:
        if target.exists():
            target.rename(old)
        try:
            partial.rename(target)
        except BaseException:  # interrupted just here: nothing is gone
            if old.exists() and not target.exists():
                old.rename(target)
            raise
        _keep_others(old, target)
    except OSError as error:
        raise StoreError(f"{target}: cannot write results: {reason(error)}") from None
    return target


def environment() -> dict[str, Any]:
    """What a manifest says of the program, of Python and of the libraries."""
    versions = {package: _version(package) for package in _PACKAGES}
    return {"mcdiv": _version("mcdiv"), "python": sys.version.split()[0], "versions": versions}


#: reading what was installed takes longer than writing a table
_version = cache(version)


def write_manifest(folder: Path, entries: Mapping[str, Any], name: str = MANIFEST) -> None:
    """Write the manifest, last: what was run with what, and every file with its rows and its sha256."""
    files = {}
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        entry: dict[str, Any] = {"sha256": "", "bytes": path.stat().st_size}
        entry["sha256"], lines = _sha256_and_lines(path)
        if path.suffix == ".csv":
            entry["rows"] = lines - 1
        files[path.relative_to(folder).as_posix()] = entry
    write_text(folder, name, json.dumps({**entries, "files": files}, indent=2, ensure_ascii=False) + "\n")


def replace_result(folder: Path, name: str, text: str) -> Path:
    """Write one file of finished results anew, and what the manifest says of it."""
    replace_results(folder, {name: encoded(text)})
    return folder / name


def replace_results(folder: Path, contents: Mapping[str, bytes]) -> None:
    """Write some files of finished results anew, and what the manifest says of them."""
    manifest = read_manifest(folder)
    for name, content in contents.items():
        manifest["files"][name] = {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
        replace_file(folder, name, content)
    manifest["files"] = {key: manifest["files"][key] for key in sorted(manifest["files"], key=Path)}
    replace_file(folder, MANIFEST, (json.dumps(manifest, indent=2, ensure_ascii=False) + "\n").encode("utf-8"))


def _sha256_and_lines(path: Path) -> tuple[str, int]:
    """The sha256 and the number of line ends of a file of any size."""
    digest, lines = hashlib.sha256(), 0
    with path.open("rb") as handle:
        while part := handle.read(2**20):
            digest.update(part)
            lines += part.count(b"\n")
    return digest.hexdigest(), lines


def read_manifest(folder: Path, name: str = MANIFEST) -> dict[str, Any]:
    """The manifest of a results folder; StoreError where there is none that can be read."""
    try:
        manifest = json.loads((folder / name).read_text(encoding="utf-8"))
    except FileNotFoundError:
        of_a_fit = name == MANIFEST and (folder / LEARNING).is_file()
        held = "a fit and no results of a run" if of_a_fit else "no results"
        what = "there is no such folder" if not folder.exists() else f"holds {held} (no {name})"
        meant = Path("results") / folder
        if not folder.is_absolute() and (meant / name).is_file():
            what += f"; did you mean '{meant}'?"
        raise StoreError(f"{folder}: {what}") from None
    except OSError as error:
        raise StoreError(f"{folder / name}: {reason(error)}") from None
    except ValueError:
        raise StoreError(f"{folder / name}: cannot be read: not JSON") from None
    if not isinstance(manifest, dict) or not isinstance(manifest.get("files"), dict):
        raise StoreError(f"{folder / name}: not a manifest of mcdiv")
    return manifest


def read_result(folder: Path, name: str) -> str:
    """The text of one file of finished results; StoreError where it is not what the manifest says was written."""
    manifest = read_manifest(folder)
    if manifest.get("status") == "interrupted":
        raise StoreError(f"{folder}: holds no results yet, its run was interrupted; the same command continues")
    entry = manifest["files"].get(name)
    text = read_text(folder, name)
    if not isinstance(entry, dict) or hashlib.sha256(text.encode("utf-8")).hexdigest() != entry.get("sha256"):
        raise StoreError(f"{folder / name}: not as it was written (its sha256 is not the manifest's); run it again")
    return text


def _lock(descriptor: int, target: Path) -> None:
    try:
        import fcntl
    except ImportError:  # not on this system: runs are not kept apart
        return
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        raise StoreError(f"{target}: another mcdiv run is writing these results") from None


def _recover(output: Path, name: str) -> None:
    """A run that died within `commit` left earlier results aside: put them back, or what others put among them."""
    target, old = output / name, output / f".{name}.old"
    if old.exists() and not target.exists():
        old.rename(target)
    else:
        _keep_others(old, target)


def _raise_if_foreign(target: Path) -> None:
    if target.is_symlink() or (target.exists() and not target.is_dir()):
        raise StoreError(
            f"{target}: is a link or a file, not a results folder; move it away or choose another --output"
        )
    if target.exists() and any(target.iterdir()):
        try:
            for name in [name for name in (MANIFEST, LEARNING) if (target / name).exists()] or [MANIFEST]:
                read_manifest(target, name)
        except StoreError:
            raise StoreError(
                f"{target}: exists and holds no results of mcdiv; move it away or choose another --output"
            ) from None


def _keep_others(old: Path, target: Path) -> None:
    if not old.exists():
        return
    # What a run wrote makes room for a run, what a fit wrote for a fit; each keeps the other's.
    known = [name for name in (MANIFEST, LEARNING) if (target / name).exists() and (old / name).exists()]
    written = {file for name in known for file in (*read_manifest(old, name)["files"], name)}
    for path in sorted(path for path in old.rglob("*") if path.is_symlink() or not path.is_dir()):
        relative = path.relative_to(old)
        if relative.as_posix() not in written and not (target / relative).exists():
            (target / relative).parent.mkdir(parents=True, exist_ok=True)
            path.rename(target / relative)
    shutil.rmtree(old, ignore_errors=True)

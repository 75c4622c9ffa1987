"""Tables, pictures and page of an earlier run: kept where the same findings, scenario and code would make them again.

Decided on content, never on the times of files. What comes from outside of mcdiv is always made anew. To load what
makes the files (pandas, scipy.stats, matplotlib, seaborn) takes longer than to find that they are there.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import fields
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from mcdiv.core.pictures import PLOTS
from mcdiv.engine.cache.changes import modules_of_study
from mcdiv.engine.plan import Condition, Plan, Task
from mcdiv.engine.records import Row
from mcdiv.errors import StoreError
from mcdiv.files import disk, store
from mcdiv.results.table_source import TableSource

#: of the files that a manifest names, the ones that are taken from its folder
_NAMES = re.compile(r"report\.html|[a-z_]+\.csv|plots/\w+\.(?:svg|png)", re.ASCII)
_PACKAGE = Path(__file__).parents[1]


def made_of(plan: Plan, source: TableSource, written: str, manifest: Mapping[str, Any]) -> str:
    """The hash of all that decides what is in the tables, the pictures and the page; empty where a plug-in has a part.

    `written` is scenario.yaml; the manifest has the versions.
    """
    modules = {getattr(picture, "module", "") for picture in PLOTS.entered().values()} | modules_of_study(plan)
    if manifest["plugins"] or not all(module.startswith("mcdiv.") for module in modules):
        return ""
    everything = [_records(source), written, manifest, _code()]
    return _sha256(json.dumps(everything, sort_keys=True).encode("utf-8"))


def _records(source: TableSource) -> str:
    """The hash of all that was found; paths and laws follow from the scenario alone."""
    found, digest = source.findings, hashlib.sha256()
    for records in (found.rows, found.pairs, found.intervals, found.problems, source.ranked):
        for record in records:
            digest.update(repr(_fields(record)).encode("utf-8"))
        digest.update(b"\n")
    return digest.hexdigest()


def _fields(record: Any) -> list[Any]:
    """Its values, each as `_plain` has it."""
    return [_plain(getattr(record, field.name)) for field in fields(record)]


def _plain(value: Any) -> Any:
    """A value of a record as text, numbers and lists; conditions, tasks and rows within it by what they are called."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, float | int | np.number):
        return float(value)  # of NumPy or not
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    if isinstance(value, Mapping):
        return [_plain(part) for part in value.items()]
    return value.tolist() if isinstance(value, np.ndarray) else _plain(_called(value))


def _called(record: Any) -> list[Any]:
    """A record within another, in short."""
    if isinstance(record, Condition):
        return [record.number]
    if isinstance(record, Task):
        return [record.estimand, record.label]
    return [record.condition, record.task] if isinstance(record, Row) else _fields(record)


def entry(of: str, files: Mapping[str, bytes]) -> dict[str, Any]:
    """What a manifest keeps of tables, pictures and page, so that a later run finds them."""
    return {"made": {"of": of, "files": {name: _sha256(content) for name, content in files.items()}}} if of else {}


def kept(folder: Path | None, of: str) -> dict[str, bytes] | None:
    """The tables, the pictures and the page in a results folder, if made of the same and as they were made."""
    try:
        made = store.read_manifest(folder).get("made") if folder and of else None
        if not isinstance(made, dict) or made.get("of") != of or not all(map(_NAMES.fullmatch, made["files"])):
            return None
        files = {name: disk.read_bytes(Path(str(folder)) / name) for name in made["files"]}
    except (StoreError, OSError, LookupError, TypeError):
        return None
    return files if all(_sha256(content) == made["files"][name] for name, content in files.items()) else None


@cache
def _code() -> str:
    """The hash of every file of the package: code, templates and styles."""
    files = sorted(path for path in _PACKAGE.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return _sha256(
        "".join(f"{path.relative_to(_PACKAGE)} {_sha256(disk.read_bytes(path))}\n" for path in files).encode()
    )


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()

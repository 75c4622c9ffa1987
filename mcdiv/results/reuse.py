"""Pictures and the page of an earlier run: kept where the same tables, scenario, styles and code would make them again.

Decided on content, never on the times of files. What comes from outside of mcdiv is always made anew.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from mcdiv.core.pictures import PLOTS
from mcdiv.engine.cache.changes import modules_of_study
from mcdiv.engine.plan import Plan
from mcdiv.errors import StoreError
from mcdiv.files import disk, store

#: of the files that a manifest names, the ones that are taken from its folder
_NAMES = re.compile(r"report\.html|plots/\w+\.(?:svg|png)", re.ASCII)
_PACKAGE = Path(__file__).parents[1]


def made_of(plan: Plan, texts: Mapping[str, str], written: str, manifest: Mapping[str, Any]) -> str:
    """The hash of all that decides how pictures and page look; empty where a plug-in has a part in them.

    `texts` are the CSV files by the name of their table, `written` is scenario.yaml; the manifest has the versions.
    """
    modules = {getattr(picture, "module", "") for picture in PLOTS.entered().values()} | modules_of_study(plan)
    if manifest["plugins"] or not all(module.startswith("mcdiv.") for module in modules):
        return ""
    hashes = {name: _sha256(text.encode("utf-8")) for name, text in texts.items()}
    everything = [hashes, written, manifest, _code()]
    return _sha256(json.dumps(everything, sort_keys=True).encode("utf-8"))


def entry(of: str, files: Mapping[str, bytes]) -> dict[str, Any]:
    """What a manifest keeps of pictures and page, so that a later run finds them."""
    return {"made": {"of": of, "files": {name: _sha256(content) for name, content in files.items()}}} if of else {}


def kept(folder: Path | None, of: str) -> dict[str, bytes] | None:
    """The pictures and the page in a results folder, if they were made of the same and are as they were made."""
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

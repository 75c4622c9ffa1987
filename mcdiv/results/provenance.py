"""Where results are from, as their manifest says: versions, plug-ins with their hashes, the command to repeat them."""

import shlex
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from mcdiv import __version__
from mcdiv.errors import ScenarioError, StoreError
from mcdiv.scenario.plugins import Plugin, missing


def notices(manifest: Mapping[str, Any]) -> Sequence[str]:
    """What to know before reading on."""
    notices = []
    if manifest.get("status") != "complete":
        notices.append(
            f"The manifest marks this run as {manifest.get('status', 'nothing')}, not complete: some of its results "
            "may be missing."
        )
    if manifest.get("mcdiv") != __version__:
        theirs = manifest.get("mcdiv", "of an unknown version")
        notices.append(
            f"These results were made by mcdiv {theirs}, this page by mcdiv {__version__}: a run with the other "
            "version may give other numbers."
        )
    return notices


def provenance(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """What a page and a methods section say of where results are from."""
    versions = manifest.get("versions")
    versions_of_run = {name: str(manifest.get(name, "unknown")) for name in ("mcdiv", "python", "scenario")}
    plugins = _plugins(manifest)
    files = [shlex.quote(str(entry["file"])) for entry in plugins if "file" in entry]
    return {
        **versions_of_run,
        "versions": versions if isinstance(versions, dict) else {},
        "plugins": [_described(entry) for entry in plugins],
        "command": " ".join(["mcdiv run scenario.yaml", *(f"--plugin {file}" for file in files)]),
    }


def _plugins(manifest: Mapping[str, Any]) -> list[dict[str, Any]]:
    recorded = manifest.get("plugins")
    return [entry for entry in recorded if isinstance(entry, dict)] if isinstance(recorded, list) else []


def _described(entry: Mapping[str, Any]) -> str:
    if "file" in entry:
        return f"{entry['file']} (sha256 {entry.get('sha256', 'unknown')})"
    return f"{entry.get('entry_point', 'unknown')} of {entry.get('package', 'an unknown package')}"


@contextmanager
def reading(folder: Path, manifest: Mapping[str, Any], loaded: Sequence[Plugin]) -> Iterator[None]:
    """Within it errors name the folder, and the plug-ins that its run had and that are not loaded now."""
    try:
        yield
    except StoreError as error:
        raise StoreError(f"{folder}: {error}") from None
    except ScenarioError as error:
        raise ScenarioError([*error.problems, *missing(manifest.get("plugins"), loaded)]) from None

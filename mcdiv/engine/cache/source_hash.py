"""The source text of the code that computes, as hashes: what other code computed is not mixed with this one's."""

import hashlib
import re
import secrets
import sys
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

PACKAGE = "mcdiv"
#: an import statement, wherever it stands: `import home`, or `from home import some`
_IMPORT = re.compile(r"^[ \t]*(?:import +([\w.]+)|from +([\w.]+) +import +(\([^)]*\)|[^\n]*))", re.MULTILINE)
_ROOT = Path(__file__).parents[3]


def hashes(modules: Iterable[str]) -> dict[str, str]:
    """By file name: the hash of these modules' sources and of everything of mcdiv that they import."""
    return {name: _hash(name) for name in sorted({inner for module in modules for inner in _closure(module)})}


def combined(parts: Mapping[str, str]) -> str:
    """Several hashes as one."""
    return hashlib.sha256(repr(sorted(parts.items())).encode()).hexdigest()[:16]


@cache
def _closure(module: str) -> frozenset[str]:
    found, waiting = {module}, [module]
    while waiting:
        new = {name for name in _imports(waiting.pop()) if name not in found}
        found |= new
        waiting += new
    return frozenset(found)


@cache
def _imports(module: str) -> frozenset[str]:
    """The modules of mcdiv, and of the module's own surroundings, that it imports anywhere in its text."""
    path = _path(module)
    if path is None:
        return frozenset()
    text = path.read_text(encoding="utf-8")
    names = set()
    for plain, place, some in _IMPORT.findall(text):
        dots = len(place) - len(place.lstrip("."))
        home = ".".join([*module.split(".")[:-dots], place.lstrip(".")]).strip(".") if dots else place
        names |= {plain, home}
        # What is imported from a file is in it; only from a package may it be a file of its own.
        if (found := _path(home)) is None or found.name == "__init__.py":
            names |= {f"{home}.{name}" for name in re.findall(r"\w+", some)}
    return frozenset(name for name in names if _belongs(name, module, path))


def _belongs(name: str, module: str, path: Path) -> bool:
    """Whether what a module imports is of mcdiv, of its own package, or lies beside it or below."""
    found = _path(name)
    if found is None:
        return False
    if name.startswith((f"{PACKAGE}.", f"{module.split('.', maxsplit=1)[0]}.")):
        # A package's __init__ computes nothing, and some of them import all that is beside them.
        return found.name != "__init__.py"
    return found.parent == path.parent or (path.parent.name != "site-packages" and path.parent in found.parents)


@cache
def _hash(module: str) -> str:
    path = _path(module)
    if path is None:
        return secrets.token_hex(8)  # typed in somewhere: nobody knows whether it is still the same
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16]


@cache
def _path(module: str) -> Path | None:
    """The file of a module: of mcdiv by its place, of a plug-in as it was loaded."""
    if module.startswith(f"{PACKAGE}."):
        place = _ROOT.joinpath(*module.split("."))
        file = place.with_suffix(".py")
        return file if file.is_file() else (place / "__init__.py" if place.is_dir() else None)
    origin = getattr(sys.modules.get(module), "__file__", None)
    return Path(origin) if origin and Path(origin).is_file() else None

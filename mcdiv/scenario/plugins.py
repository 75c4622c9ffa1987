"""Entries from outside: Python files given by name, and packages with an entry point `mcdiv.estimators`.

A scenario is data and never loads code: a file comes from `--plugin` (or `plugins=`), an entry point from what is
installed. Either is loaded once, and all that it registers is there, or none of it.
"""

import hashlib
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cache, partial
from importlib import metadata
from pathlib import Path
from traceback import extract_tb
from types import ModuleType
from typing import Any, TypeVar

from mcdiv.core.catalogue import Catalogue, texts
from mcdiv.core.distributions import FAMILIES
from mcdiv.core.pictures import PLOTS
from mcdiv.errors import StoreError
from mcdiv.estimands.contract import ESTIMANDS
from mcdiv.estimators.registry import ESTIMATORS
from mcdiv.files import disk
from mcdiv.intervals.contract import INTERVALS
from mcdiv.measures.contract import MEASURES
from mcdiv.policies.contract import GRADIENT_ESTIMATORS

GROUP = "mcdiv.estimators"
_KINDS = "an estimator, a gradient estimator, an estimand, a measure, an interval, a distribution, a reader, a slip or "
_KINDS += "a picture"

B = TypeVar("B")
R = TypeVar("R")


@dataclass(frozen=True, slots=True, kw_only=True)
class Plugin:
    """What was loaded: a file with its sha256, or an entry point with the package that has it."""

    #: as it was given
    file: str = ""
    sha256: str = ""
    entry_point: str = ""
    #: name and version
    package: str = ""

    def recorded(self) -> dict[str, str]:
        """For the manifest: the file without its folder, which says nothing elsewhere."""
        if self.file:
            return {"file": Path(self.file).name, "sha256": self.sha256}
        return {"entry_point": self.entry_point, "package": self.package}


def load_plugins(files: Sequence[str | Path] = ()) -> tuple[Plugin, ...]:
    """Load the entry points and these files, each once; a StoreError of one line says what cannot be loaded."""
    paths = texts("plugins", files, "the paths of Python files", (str, Path))
    return (*installed(), *dict.fromkeys(_load_file(str(file)) for file in paths))


@cache
def installed() -> tuple[Plugin, ...]:
    """Load every entry point; a broken one is a warning of one line, as the study may not need it."""
    found = []
    for point in metadata.entry_points(group=GROUP):
        package = f"{point.dist.name} {point.dist.version}" if point.dist else "unknown package"
        try:
            with _all_or_none():
                point.load()
        except (Exception, SystemExit) as error:
            message = f"entry point '{point.name} = {point.value}' of {package} cannot be loaded: {_error_text(error)}"
            warnings.warn(message, stacklevel=2)
        else:
            found.append(Plugin(entry_point=f"{point.name} = {point.value}", package=package))
    return tuple(found)


def missing(recorded: Any, loaded: Sequence[Plugin]) -> list[str]:
    """A line for each plug-in of a run, as its manifest records them, that is not loaded now."""
    now = [plugin.recorded() for plugin in loaded]
    known = {key: value for entry in now for key, value in entry.items() if key in ("file", "entry_point")}.items()
    lines = []
    for entry in recorded if isinstance(recorded, list) else ():
        if not isinstance(entry, dict) or entry in now:
            continue
        message = f"the run had the plug-in {entry.get('file') or entry.get('package')}"
        if any((key, entry.get(key)) in known for key in ("file", "entry_point")):
            lines.append(f"{message}, and this is not the same")
        else:
            lines.append(f"{message}: give it with --plugin" if "file" in entry else f"{message}: install it")
    return lines


def with_plugins(work: Callable[[B], R], plugins: Sequence[Plugin]) -> Callable[[B], R]:
    """The same work, for workers who may not have loaded the plug-ins yet, as a new process has not."""
    return partial(_prepared, tuple(plugins), work) if plugins else work


def _prepared(plugins: tuple[Plugin, ...], work: Callable[[B], R], block: B) -> R:
    installed()
    for plugin in plugins:
        if plugin.file and _load_file(plugin.file).sha256 != plugin.sha256:
            raise StoreError(f"{plugin.file}: was changed while the study ran")
    before = [(catalogue, catalogue.snapshot()) for catalogue in _catalogues()]
    try:
        return work(block)
    finally:  # also where the work failed: then this is why
        for catalogue, entries in before:
            if change := catalogue.change_since(entries):
                files = ", ".join(plugin.file or plugin.package for plugin in plugins)
                raise StoreError(f"{files}: {change} while the study ran; a plug-in may not change what there is")


def _load_file(file: str) -> Plugin:
    """Run a Python file that registers entries; one that was loaded before stays as it was then."""
    path = Path(file)
    place, name = str(path.absolute()), f"mcdiv_plugin_{path.stem}"
    if name in sys.modules:
        if sys.modules[name].__file__ == place:
            return Plugin(file=file, sha256=sys.modules[name].__dict__["__sha256__"])
        raise StoreError(f"{file}: a plug-in of the same name is loaded already: {sys.modules[name].__file__}")
    source = disk.read_plugin(path)
    module = ModuleType(name)
    module.__dict__.update(__file__=place, __sha256__=hashlib.sha256(source).hexdigest())
    before = _registered()
    sys.modules[name] = module  # where dataclasses and annotations of the file look names up
    try:
        with _all_or_none():
            exec(compile(source, place, "exec"), module.__dict__)
            if clash := sorted({key.partition(" ")[0] for key in ESTIMATORS} & set(GRADIENT_ESTIMATORS)):
                raise StoreError(f"{file}: '{clash[0]}' is an estimator and a gradient estimator; choose another name")
            if _registered() == before:
                raise StoreError(f"{file}: registers nothing; expected {_KINDS}")
    except BaseException as error:
        del sys.modules[name]
        if isinstance(error, (StoreError, KeyboardInterrupt)):
            raise
        raise StoreError(f"{_place(error, file, place)}: {_error_text(error, place)}") from None
    return Plugin(file=file, sha256=module.__dict__["__sha256__"])


def _place(error: BaseException, file: str, place: str) -> str:
    """The file, and the last line of its own that led to the error."""
    if isinstance(error, SyntaxError) and error.filename == place:
        lines: list[int | None] = [error.lineno]
    else:
        lines = [frame.lineno for frame in extract_tb(error.__traceback__) if frame.filename == place]
    return f"{file}:{lines[-1]}" if lines and lines[-1] else file


def _error_text(error: BaseException, place: str = "") -> str:
    text = error.msg if isinstance(error, SyntaxError) else " ".join(str(error).split())
    text = text.removeprefix(f"{place}: ")  # said already
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


@cache
def _catalogues() -> tuple[Catalogue[Any], ...]:
    """What a plug-in may add to. Readers and slips are loaded here, as most runs need none and have no plug-in."""
    from mcdiv.diagnosis.contract import SLIPS
    from mcdiv.files.counts.contract import READERS

    return ESTIMANDS, ESTIMATORS, GRADIENT_ESTIMATORS, INTERVALS, FAMILIES, MEASURES, READERS, PLOTS, SLIPS


def _registered() -> int:
    return sum(map(len, _catalogues()))


@contextmanager
def _all_or_none() -> Iterator[None]:
    with ExitStack() as stack:
        for catalogue in _catalogues():
            stack.enter_context(catalogue.all_or_none())
        yield

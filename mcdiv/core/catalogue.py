"""Named entries in the order they were added, each name once, with "did you mean" for the others."""

import ast
import difflib
import inspect
import sys
import textwrap
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any, Generic, TypeVar, cast

T = TypeVar("T")


class Catalogue(Generic[T]):
    """Name → entry. `kind` is the word used in messages: "estimator", "distribution" ….

    `source` is a module that enters what ships, imported before the first look; without it, whoever imports the
    catalogue has them.
    """

    def __init__(self, kind: str, source: str = "") -> None:
        self.kind = kind
        self._source = source
        self._entries: dict[str, T] = {}

    def _all(self) -> dict[str, T]:
        if self._source:
            import_module(self._source)
            self._source = ""
        return self._entries

    def add(self, name: str, entry: T) -> None:
        """Add an entry; a name that is taken is an error."""
        if name in self._entries:
            raise ValueError(f"{self.kind} '{name}' exists already")
        self._entries[name] = entry

    @contextmanager
    def all_or_none(self) -> Iterator[None]:
        """Within it entries are added, all or none of them; earlier ones stay as they are, or it is a ValueError."""
        before = self.snapshot()
        try:
            yield
            if change := self.change_since(before):
                raise ValueError(f"{change}; a plug-in may add names, not change those there are")
        except BaseException:
            self._entries = before
            raise

    def snapshot(self) -> dict[str, T]:
        """The entries by name, as they are now."""
        return dict(self._all())

    def entered(self) -> dict[str, T]:
        """The entries by name that somebody has loaded so far, without those that ship if nobody has looked yet."""
        return dict(self._entries)

    def change_since(self, before: dict[str, T]) -> str:
        """Which of those earlier entries is not as it was; empty if they all are."""
        for name, entry in before.items():
            if self.get(name) is not entry:
                return f"{self.kind} '{name}' was {'replaced' if name in self else 'removed'}"
        return ""

    def __getitem__(self, name: str) -> T:
        """The entry of that name; an unknown name is a ValueError that suggests a near one."""
        try:
            return self._all()[name]
        except KeyError:
            raise ValueError(did_you_mean(self.kind, name, self)) from None

    def get(self, name: str) -> T | None:
        """The entry of that name, or None."""
        return self._all().get(name)

    def __contains__(self, name: object) -> bool:
        """Whether there is an entry of that name."""
        return name in self._all()

    def __iter__(self) -> Iterator[str]:
        """Names, in the order they were added."""
        return iter(self._all())

    def __len__(self) -> int:
        """How many entries there are."""
        return len(self._all())

    def values(self) -> list[T]:
        """The entries, in the order they were added."""
        return list(self._all().values())


def docstring_of(rule: Callable[..., Any]) -> str:
    """What a function says of itself: cards are made of it, so it is read from the source where -OO has dropped it."""
    if rule.__doc__ is None and sys.flags.optimize > 1:
        tree = ast.parse(textwrap.dedent(inspect.getsource(rule)))
        return ast.get_docstring(cast("ast.FunctionDef", tree.body[0])) or ""
    return rule.__doc__ or ""


def quoted(value: object) -> str:
    """What was given, as a message quotes it: on one line, odd characters escaped, and cut where it is long."""
    try:
        text = str(value)[:60]
    except Exception:  # a whole number of thousands of digits, or an object that cannot say what it is
        return f"a {type(value).__name__} that cannot be printed"
    return "".join(each if each.isprintable() else ascii(each)[1:-1] for each in text)


def texts(argument: str, given: object, expected: str, kinds: tuple[type, ...] = (str,)) -> tuple[Any, ...]:
    """Several texts, or one by itself; a TypeError says what was expected of the argument instead."""
    several: tuple[Any, ...] = (given,)
    if not isinstance(given, kinds) and isinstance(given, Iterable):
        several = tuple(given)
    if not all(isinstance(each, kinds) for each in several):
        raise TypeError(f"{argument}: expected {expected}, got {quoted(given)}")
    return several


def check_name(argument: str, name: object) -> None:
    """That a name is a text, whatever it names; else a ValueError: what else there is may not even be comparable."""
    if not isinstance(name, str):
        raise ValueError(f"{argument}: expected a name, got {quoted(name)}")


def did_you_mean(kind: str, name: object, known: Iterable[str]) -> str:
    """Say that there is no such name, and what may have been meant."""
    return f"unknown {kind} '{quoted(name)}'; {nearest_or_all(name, known)}"


def nearest_or_all(name: object, known: Iterable[str]) -> str:
    """The name that may have been meant, or else all there are."""
    near = difflib.get_close_matches(quoted(name), names := list(dict.fromkeys(known)), n=1, cutoff=0.6)
    return f"did you mean '{near[0]}'?" if near else f"expected one of: {', '.join(sorted(names))}"

"""Named entries in the order they were added, each name once, with "did you mean" for the others."""

import difflib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Generic, TypeVar

T = TypeVar("T")


class Catalogue(Generic[T]):
    """Name → entry. `kind` is the word used in messages: "estimator", "distribution" …."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self._entries: dict[str, T] = {}

    def add(self, name: str, entry: T) -> None:
        """Add an entry; a name that is taken is an error."""
        if name in self._entries:
            raise ValueError(f"{self.kind} '{name}' exists already")
        self._entries[name] = entry

    @contextmanager
    def all_or_none(self) -> Iterator[None]:
        """Within it entries are added together: where something is raised, none of them stays."""
        before = dict(self._entries)
        try:
            yield
        except BaseException:
            self._entries = before
            raise

    def __getitem__(self, name: str) -> T:
        """The entry of that name; an unknown name is a ValueError that suggests a near one."""
        try:
            return self._entries[name]
        except KeyError:
            raise ValueError(unknown(self.kind, name, self._entries)) from None

    def get(self, name: str) -> T | None:
        """The entry of that name, or None."""
        return self._entries.get(name)

    def __contains__(self, name: object) -> bool:
        """Whether there is an entry of that name."""
        return name in self._entries

    def __iter__(self) -> Iterator[str]:
        """Names, in the order they were added."""
        return iter(self._entries)

    def __len__(self) -> int:
        """How many entries there are."""
        return len(self._entries)

    def values(self) -> list[T]:
        """The entries, in the order they were added."""
        return list(self._entries.values())


def unknown(kind: str, name: object, known: Iterable[str]) -> str:
    """Say that there is no such name, and what may have been meant."""
    said = f"{name!s:.60}"
    near = difflib.get_close_matches(said, names := list(dict.fromkeys(known)), n=1, cutoff=0.6)
    hint = f"did you mean '{near[0]}'?" if near else f"there are {', '.join(sorted(names))}"
    return f"unknown {kind} '{said}'; {hint}"

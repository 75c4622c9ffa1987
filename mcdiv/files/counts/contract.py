"""What a reader is: one function from a file to what it holds. A decorator makes a catalogue entry of it.

`@reader(suffixes=[".fasta"])` on f(text) or f(path): `text` is a `Text`, the file read once as UTF-8 (`text.lines()`,
`text.error(message)` for the line read last), and `path` is for what is no text. One that also takes `reading` is told
what was asked, such as which columns. It returns a table (a DataFrame, or several, one after the other), counts by
category, or an array. What these mean is decided in `values` and `table`, in the same way for every format.
"""

import inspect
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from mcdiv.core.catalogue import Catalogue, docstring_of, quoted
from mcdiv.files.counts.category_counts import Reading
from mcdiv.files.counts.packed import unpacked_name
from mcdiv.files.counts.text import Text

Rule: TypeAlias = Callable[..., Any]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Reader:
    """A rule for files of some suffixes."""

    name: str
    #: ends of file names that are read by it, with the dot, in lower case; each belongs to one reader
    suffixes: tuple[str, ...]
    rule: Rule
    #: the arguments that it takes: text or path, and perhaps reading
    takes: tuple[str, ...]
    #: the first bytes of files that it reads though they are no text; empty: none
    binary: bytes
    #: the first paragraph of its docstring
    summary: str
    #: the file that holds it
    module: str

    def contents(self, file: Text | Path, reading: Reading) -> Any:
        """What a file holds: a table, tallies or an array."""
        given = {"text": file, "path": file, "reading": reading}
        return self.rule(**{name: given[name] for name in self.takes})


READERS: Catalogue[Reader] = Catalogue("reader")
#: what reads a file of any other suffix, or of none, and standard input
USUAL = "plain"


def reader(*, suffixes: Iterable[str], binary: bytes = b"") -> Callable[[Rule], Rule]:
    """Enter a reader into the catalogue; a ValueError says which suffix belongs to another, or what is left open.

    `binary`: the first bytes of files without text that one of texts can read as well, by `text.binary`.
    """

    def register(rule: Rule) -> Rule:
        place = f"{inspect.getsourcefile(rule)}: {rule.__name__}"
        takes = tuple(inspect.signature(rule).parameters)
        if {*takes} - {"reading"} not in ({"text"}, {"path"}):
            wanted = "the argument 'text' or 'path', and 'reading' where it needs what was asked"
            raise ValueError(f"{place}: a reader has {wanted}; got {', '.join(takes) or 'none'}")
        summary = " ".join(inspect.cleandoc(docstring_of(rule)).partition("\n\n")[0].split())
        if not summary:
            raise ValueError(f"{place}: the docstring is empty; expected what such a file holds")
        entry = Reader(
            name=rule.__name__,
            suffixes=_checked(place, (suffixes,) if isinstance(suffixes, str) else tuple(suffixes)),
            rule=rule,
            takes=takes,
            binary=binary,
            summary=summary,
            module=rule.__module__,
        )
        READERS.add(entry.name, entry)
        return rule

    return register


def reader_of(source: str) -> Reader:
    """The reader of the longest suffix that the name of a file has; the usual one where it has none of them."""
    name = unpacked_name(source).lower()
    fitting = [(s, entry) for entry in READERS.values() for s in entry.suffixes if name.endswith(s)]
    return max(fitting, key=lambda pair: len(pair[0]), default=("", READERS[USUAL]))[1]


def _checked(place: str, suffixes: tuple[str, ...]) -> tuple[str, ...]:
    if not suffixes:
        raise ValueError(f"{place}: a reader has at least one suffix, such as suffixes=['.fasta']")
    for suffix in suffixes:
        if not isinstance(suffix, str) or not re.fullmatch(r"\.[^\s./\\A-Z][^\s/\\A-Z]*", suffix):
            raise ValueError(f"{place}: expected a suffix with its dot, in lower case, got '{quoted(suffix)}'")
        for other in READERS.values():
            if suffix in other.suffixes:
                raise ValueError(
                    f"{place}: the suffix '{suffix}' belongs to the reader '{other.name}' ({other.module})"
                )
    return suffixes

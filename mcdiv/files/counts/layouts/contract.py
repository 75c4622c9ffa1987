"""What a layout is: one function from a table to what it counts, with what it means and an example.

`@layout("spectrum", misfit=…, example=…)` on f(looked). Its first paragraph says what it means. `misfit(looked)` says
why a table cannot be read so, or is empty; where no layout was asked for, the one that alone fits is taken, and several
are a doubt (`choice`).
"""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from mcdiv.core.catalogue import Catalogue, docstring_of
from mcdiv.files.counts.category_counts import CategoryCounts
from mcdiv.files.counts.looked import Looked

Rule: TypeAlias = Callable[[Looked], list[CategoryCounts]]
#: something said of a table, or nothing
Said: TypeAlias = Callable[[Looked], str]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Layout:
    """A meaning that a table can have."""

    name: str
    #: the groups of a table that fits
    rule: Rule
    #: why a table cannot be read so; empty where it can
    misfit: Said
    #: the options that say so
    command: Said
    #: the first paragraph of the docstring
    meaning: str
    #: the programs that write such tables
    written_by: str
    #: the name of a small file, its text, and the options with which it is read
    example: tuple[str, str, str]
    #: whether it is taken where it alone fits, or only where it is named
    guessed: bool


LAYOUTS: Catalogue[Layout] = Catalogue("layout")


def layout(
    name: str,
    *,
    misfit: Said,
    example: tuple[str, str, str],
    written_by: str = "",
    command: Said | None = None,
    guessed: bool = True,
) -> Callable[[Rule], Rule]:
    """Enter a layout into the catalogue."""

    def register(rule: Rule) -> Rule:
        entry = Layout(
            name=name,
            rule=rule,
            misfit=misfit,
            command=command or (lambda looked: f"--layout {name}"),
            meaning=" ".join(inspect.cleandoc(docstring_of(rule)).partition("\n\n")[0].split()),
            written_by=written_by,
            example=example,
            guessed=guessed,
        )
        LAYOUTS.add(name, entry)
        return rule

    return register

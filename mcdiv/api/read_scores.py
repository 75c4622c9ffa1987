"""Two scores of each item from files, from Python: what `mcdiv paired` reads."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from mcdiv.api.argument_words import arguments_named
from mcdiv.files import disk
from mcdiv.files.counts.asked import reading_of
from mcdiv.files.scores import ScoreColumns, ScoresOfItems
from mcdiv.files.scores import read_scores as scores_of
from mcdiv.scenario.plugins import load_plugins


def read_scores(
    file: str | Path,
    second: str | Path | None = None,
    *,
    a: str | None = None,
    b: str | None = None,
    by: str | None = None,
    byte_counts: str | None = None,
    item: str | None = None,
    layout: Literal["scores"] | None = None,
    ignore: str | Sequence[str] = (),
    missing: Literal["drop"] | None = None,
    plugins: Sequence[str | Path] = (),
) -> ScoresOfItems:
    """Read two scores of each item as `mcdiv paired` does, for `paired`.

    Parameters
    ----------
    file : str or Path
        A table with a row for each item, in any format of `catalogue("readers")`.
    second : str or Path, optional
        A table of the same items with the scores of the second model, where these are not in `file`.
    a, b : str, optional
        The columns of the scores; where they are left out, the only ones there are.
    by, byte_counts : str, optional
        The columns of groups, such as documents, and of bytes of text.
    item : str, optional
        The column that names the items of two files; where it is left out, these are in the same order.
    layout : {"scores"}, optional
        Take numbers in the first line as scores, with columns 1, 2, …, and commas in numbers as decimal.
    ignore, missing, plugins
        As `estimates` has them; `missing="drop"` leaves out items without a score.

    Returns
    -------
    ScoresOfItems
        With `.a`, `.b`, `.groups` and `.byte_counts`, which `paired` takes, `.names` of the scores, and in `.said` what
        was left out.

    Raises
    ------
    ScenarioError
        A file cannot be read, or its columns are not clear; the message names file, line and column.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.NamedTemporaryFile("w", suffix=".csv") as table:
    ...     _ = table.write("full,quantised\\n2.31,2.4\\n0.02,0.03\\n5.1,5.05\\n0.88,0.95\\n")
    ...     table.flush()
    ...     found = read_scores(table.name)
    >>> found.names, found.a.tolist()
    (('full', 'quantised'), [2.31, 0.02, 5.1, 0.88])
    """
    load_plugins(plugins)
    sources = [str(disk.as_path(name, each)) for name, each in (("file", file), ("second", second)) if each is not None]
    with arguments_named():
        reading = reading_of(layout=layout, ignore=ignore, missing=missing)
        columns = ScoreColumns(a=a, b=b, by=by, byte_counts=byte_counts, item=item)
        return scores_of(sources[0], sources[1] if second is not None else None, columns, reading)

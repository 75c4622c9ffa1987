"""`mcdiv test` from Python: tests of samples in files, group by group."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from mcdiv.api.argument_words import arguments_named
from mcdiv.api.estimates import model_text
from mcdiv.core.catalogue import texts
from mcdiv.files import disk
from mcdiv.files.counts.asked import reading_of
from mcdiv.observed.pictures_of_tests import check_picture, write_picture
from mcdiv.observed.several_samples import Wanted, tests_of
from mcdiv.scenario.plugins import load_plugins
from mcdiv.significance.p_values import precision_of
from mcdiv.significance.statistics import statistic_named
from mcdiv.significance.tested import Tested

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from mcdiv.significance.p_values import Method


def tests(
    *files: str | Path,
    column: str | None = None,
    weights: str | Sequence[str] = (),
    by: str | None = None,
    text: Literal["letters", "words", "characters", "bytes"] | None = None,
    symbols: bool = False,
    layout: str | None = None,
    samples: Literal["rows", "columns"] | None = None,
    ignore: str | Sequence[str] = (),
    missing: Literal["drop", "category"] | None = None,
    spectrum: tuple[str, str] | None = None,
    draws: int | None = None,
    normalise: bool = False,
    model: str | Path | float | Mapping[str, Any] | ArrayLike | None = None,
    statistic: str = "g",
    alpha: float = 0.05,
    method: Method = "auto",
    mcse: float = 1e-3,
    seed: int = 1,
    plot: str | Path | None = None,
    plugins: Sequence[str | Path] = (),
) -> list[Tested]:
    """Test whether samples in files come from one distribution, or whether a sample comes from a known one.

    Parameters
    ----------
    *files : str or Path
        A sample each, read as `estimates` reads them. One file by itself has several samples in columns of counts
        (`weights`) or in groups (`by`), or is compared with a `model`.
    column : str, optional
        Column of the symbols, or of the categories that `weights` counts.
    weights : str or sequence of str
        Column of how often each row counts; several of one file are a sample each.
    by : str, optional
        Column of groups. Of one file without anything else to compare, the groups are the samples; otherwise each
        group has a test of its own.
    text : {"letters", "words", "characters", "bytes"}, optional
        The files are running text: count these; or the bytes of any files.
    symbols : bool
        Treat plain tokens as symbols even if they are whole numbers.
    layout, samples, ignore, missing, spectrum, draws, normalise
        As `estimates` has them: what the rows and columns of a table are.
    model : str, Path, float, mapping or array_like of shape (K,), optional
        As `estimates` has it.
    statistic, alpha, method, mcse, seed
        As `test` has them.
    plot : str or Path, optional
        A new file, .svg, .png or .pdf, for a picture: of one test the law of the statistic where nothing differs, with
        the observed value on it, of several their p-values.
    plugins : sequence of str or Path
        Python files with readers of your own; they are run.

    Returns
    -------
    list of Tested
        One for each group, in the order of the first file; `.group` and `.samples` name it and what was compared.

    Raises
    ------
    ScenarioError
        A file cannot be read, or there is nothing to compare; `.problems` has a line for everything wrong.
    ValueError
        An argument that is none.

    Warns
    -----
    UserWarning
        One of several groups cannot be tested, such as one with a single category, and is left out.

    Examples
    --------
    >>> found = tests("butterflies", model={"uniform": {"k": 501}})
    >>> found[0].rejects
    True
    """
    load_plugins(plugins)
    with arguments_named():
        reading = reading_of(
            column=column,
            by=by,
            text=text,
            symbols=symbols,
            layout=layout,
            samples=samples,
            ignore=ignore,
            missing=missing,
            spectrum=spectrum,
            draws=draws,
            normalise=normalise,
        )
    if not files:
        raise ValueError("files: expected one file or more, got none")
    statistic_named(statistic)
    if plot is not None:
        with arguments_named():
            check_picture(str(disk.as_path("plot", plot)))
    wanted = Wanted(
        files=tuple(str(disk.as_path("files", file)) for file in files),
        reading=reading,
        weights=texts("weights", weights, "names of columns"),
        model=None if model is None else model_text(model),
        statistic=statistic,
        precision=precision_of(alpha=alpha, method=method, mcse=mcse, seed=seed),
    )
    with arguments_named():
        found = tests_of(wanted, lambda line: warnings.warn(line, UserWarning, stacklevel=4))
        if plot is not None:
            write_picture(found, wanted.precision, str(plot))
    return [tested for _, tested in found]

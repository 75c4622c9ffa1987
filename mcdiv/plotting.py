"""`mcdiv plot` on one screen: the tables of finished results → pictures → files. Nothing is simulated."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from mcdiv.core.catalogue import unknown
from mcdiv.edges import store
from mcdiv.reporting import failure, read_tables
from mcdiv.study.errors import ScenarioError


@dataclass(frozen=True, slots=True, kw_only=True)
class Plotted:
    """What was drawn."""

    #: where the files are
    folder: Path
    files: list[str]
    #: pictures asked for by name for which these results have nothing to draw
    empty: list[str]
    #: pictures that could not be drawn, a line each
    failures: tuple[str, ...]


def plot(
    results: Path, *, only: Sequence[str] = (), kind: str = "svg", style: str = "paper", out: Path | None = None
) -> Plotted:
    """Draw the pictures of a finished run from its CSV files.

    Parameters
    ----------
    results : Path
        The run's folder.
    only : sequence of str
        Names of pictures; all that have something to draw if left out.
    kind : {"svg", "png", "pdf"}
    style : {"paper", "slides"}
    out : Path, optional
        Folder for the files, `results`/plots if left out. Files of the same names there are replaced; within
        `results` the manifest is told.

    Raises
    ------
    ScenarioError
        There is no such picture, kind or style.
    StoreError
        There are no finished results, a table is not as it was written, or the files cannot be written.
    """
    from mcdiv.edges import plots

    problems = [unknown("plot", name, plots.PLOTS) for name in only if name not in plots.PLOTS]
    problems += [] if kind in plots.FORMATS else [unknown("format", kind, plots.FORMATS)]
    problems += [] if style in plots.STYLES else [unknown("style", style, plots.STYLES)]
    if problems:
        raise ScenarioError(problems)
    tables = read_tables(results)
    chosen = [plots.PLOTS[name] for name in plots.PLOTS if name in only or not only]
    files: dict[str, bytes] = {}
    empty, failures = [], []
    with plots.style(style):
        for picture in chosen:
            try:
                rows = picture.data(tables)
                if rows.empty:
                    empty.append(picture.name)
                else:
                    files[f"{picture.name}.{kind}"] = plots.render(picture.draw(rows), kind)
            except Exception as error:  # a picture must not cost the others
                failures.append(failure(f"plots/{picture.name}", error))
    folder = results / "plots" if out is None else out
    _write(results, folder, files)
    return Plotted(folder=folder, files=list(files), empty=empty if only else [], failures=tuple(failures))


def _write(results: Path, folder: Path, files: dict[str, bytes]) -> None:
    try:
        inside = folder.resolve().relative_to(results.resolve())
    except ValueError:
        for name, content in files.items():
            store.put(folder, name, content)
    else:
        store.replace_results(results, {(inside / name).as_posix(): content for name, content in files.items()})

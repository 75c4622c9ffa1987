"""`mcdiv plot` on one screen: the tables of finished results → pictures → files. Nothing is simulated."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mcdiv.core.catalogue import did_you_mean, texts
from mcdiv.errors import ScenarioError
from mcdiv.files import disk, store
from mcdiv.results.pages import failure, read_tables

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure


@dataclass(frozen=True, slots=True, kw_only=True)
class Plotted:
    """What was drawn."""

    #: where the files are
    folder: Path
    #: their names
    files: list[str]
    #: pictures asked for by name for which these results have nothing to draw
    empty: list[str]
    #: pictures that could not be drawn, a line each
    failures: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Drawing:
    """One picture of a run, as a notebook shows it and as a file."""

    #: as in `catalogue("plots")`
    name: str
    #: what one sees and how to read it
    caption: str
    #: of matplotlib, to change and to add to
    figure: Figure
    #: "paper" or "slides"
    style: str

    def save(self, path: str | Path) -> Path:
        """Write it to a file, .svg, .png or .pdf, which is replaced; StoreError where it cannot be written."""
        from mcdiv.results import plots

        target = disk.as_path("path", path)
        kind = target.suffix.removeprefix(".")
        _check_names([], kind, self.style)
        with plots.style(self.style):
            disk.replace_file(target.parent, target.name, plots.render(self.figure, kind))
        return target

    def __repr__(self) -> str:
        """Which picture it is, on one line."""
        return f"<mcdiv.Drawing {self.name}>"

    def _repr_svg_(self) -> str:
        """As a notebook shows it."""
        from mcdiv.results import plots

        with plots.style(self.style):
            return plots.render(self.figure, "svg").decode("utf-8")


def plot(
    results: str | Path,
    *,
    only: str | Sequence[str] = (),
    kind: str = "svg",
    style: str = "paper",
    out: str | Path | None = None,
) -> Plotted:
    """Draw the pictures of a finished run from its CSV files.

    Parameters
    ----------
    results : str or Path
        The run's folder.
    only : str or sequence of str
        Names of pictures from `catalogue("plots")`; all that have something to draw if left out.
    kind : {"svg", "png", "pdf"}
    style : {"paper", "slides"}
    out : str or Path, optional
        Folder for the files, `results`/plots if left out. Files of the same names there are replaced.

    Returns
    -------
    Plotted
        With `.folder` and `.files`; `.empty` has the pictures asked for that these results have nothing for, and
        `.failures` a line for each that could not be drawn.

    Raises
    ------
    ScenarioError
        There is no such picture, kind or style.
    StoreError
        There are no finished results, a table is not as it was written, or the files cannot be written.
    """
    from mcdiv.results import plots

    results = disk.as_path("results", results, "the path of a folder")
    folder = results / "plots" if out is None else disk.as_path("out", out, "the path of a folder")
    only = texts("only", only, "names of pictures")
    _check_names(only, kind, style)
    tables = read_tables(results)
    chosen = [picture for name, picture in plots.catalogue().snapshot().items() if name in only or not only]
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
    _write(results, folder, files)
    return Plotted(folder=folder, files=list(files), empty=empty if only else [], failures=tuple(failures))


def drawing(tables: Mapping[str, pd.DataFrame], name: str, style: str = "paper") -> Drawing:
    """One picture of a run's tables; ValueError where there is no such picture, or nothing to draw in it."""
    from mcdiv.results import plots

    _check_names([name], "svg", style)
    picture = plots.PLOTS[name]
    with plots.style(style):
        rows = picture.data(tables)
        if rows.empty:
            raise ValueError(f"{name}: these results have nothing to draw")
        return Drawing(name=name, caption=picture.caption, figure=picture.draw(rows), style=style)


def _check_names(only: Sequence[str], kind: str, style: str) -> None:
    """That there are such pictures, such a kind of file and such a style."""
    from mcdiv.results import plots

    given: list[tuple[str, object, Collection[str]]] = [*(("plot", name, list(plots.catalogue())) for name in only)]
    given += [("format", kind, plots.FORMATS), ("style", style, plots.STYLES)]
    if problems := [did_you_mean(*each) for each in given if not isinstance(each[1], str) or each[1] not in each[2]]:
        raise ScenarioError(problems)


def _write(results: Path, folder: Path, files: dict[str, bytes]) -> None:
    try:
        inside = folder.resolve().relative_to(results.resolve())
    except ValueError:
        for name, content in files.items():
            disk.replace_file(folder, name, content)
    else:
        store.replace_results(results, {(inside / name).as_posix(): content for name, content in files.items()})

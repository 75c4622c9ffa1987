"""`mcdiv plot` on one screen: the tables of finished results → pictures → files. Nothing is simulated."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mcdiv.core.catalogue import did_you_mean, texts
from mcdiv.core.number_format import joined
from mcdiv.core.pictures import unknown_plot
from mcdiv.errors import ScenarioError
from mcdiv.files import disk, store
from mcdiv.results.pages import failure, read_tables
from mcdiv.results.paper_table import unknown_measure
from mcdiv.results.selection import Selection, select

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from mcdiv.results.plots import Picture


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
    truth: Any = (),
    model: Any = (),
    estimands: Any = (),
    estimators: Any = (),
    sample_sizes: Any = (),
    model_sample_sizes: Any = (),
    measure: str = "",
    split: bool = False,
) -> Plotted:
    """Draw the pictures of a finished run from its CSV files.

    Parameters
    ----------
    results : str or Path
        The run's folder.
    only : str or sequence of str
        Names of pictures from `catalogue("plots")`; if left out, all that a run draws by itself and that have something
        to draw.
    kind : {"svg", "png", "pdf"}
    style : {"paper", "slides", "slides-dark"}
        Slides are 16:9, with larger letters.
    out : str or Path, optional
        Folder for the files, `results`/plots if left out. Files of the same names there are replaced.
    truth, model, estimands, estimators, sample_sizes, model_sample_sizes : optional
        Only what has one of these labels or sizes, each a value or several: "coin(p=0.5)", 0.5, ["plugin", "zhang"].
    measure : str, optional
        Draw the pictures that can show any measure, or those of them in `only`, of this one, such as "coverage".
    split : bool
        A file for each panel, such as bias-1.svg and bias-2.svg.

    Returns
    -------
    Plotted
        With `.folder` and `.files`; `.empty` has the pictures asked for that these results have nothing for, and
        `.failures` a line for each that could not be drawn.

    Raises
    ------
    ScenarioError
        There is no such picture, kind, style, label, size or measure.
    StoreError
        There are no finished results, a table is not as it was written, or the files cannot be written.
    """
    selection = Selection(
        truth=truth,
        model=model,
        estimands=estimands,
        estimators=estimators,
        sample_sizes=sample_sizes,
        model_sample_sizes=model_sample_sizes,
    )
    look = Look(style=style, measure=measure, split=split, selection=selection)
    return draw_files(results, texts("only", only, "names of pictures"), kind, look, out)


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How pictures are drawn, and of what."""

    style: str = "paper"
    #: of the pictures that show any one measure; empty for their own
    measure: str = ""
    #: a figure for each panel
    split: bool = False
    selection: Selection = field(default_factory=Selection)


def look_of(style: str, measure: str, selection: Mapping[str, Any]) -> Look:
    """How one picture is drawn, from the arguments of a function."""
    return Look(style=style, measure=measure, selection=Selection(**selection))


def draw_files(results: str | Path, only: Sequence[str], kind: str, look: Look, out: str | Path | None) -> Plotted:
    """What `plot` does, with a selection made already."""
    from mcdiv.results import plots

    results = disk.as_path("results", results, "the path of a folder")
    folder = results / "plots" if out is None else disk.as_path("out", out, "the path of a folder")
    _check_names(only, kind, look.style)
    study = read_tables(results)
    tables = select(study, look.selection)
    there = plots.catalogue().snapshot()
    chosen = [picture for name, picture in there.items() if name in (only or plots.usual())]
    if look.measure:
        chosen = _of_measure(look.measure, only, study["performance"])
    files: dict[str, bytes] = {}
    empty, failures = [], []
    with plots.style(look.style):
        for picture in chosen:
            try:
                figures = _figures(picture, tables, study, look)
                files |= {f"{name}.{kind}": plots.render(figure, kind) for name, figure in figures.items()}
            except Exception as error:  # a picture must not cost the others
                failures.append(failure(f"plots/{picture.name}", error))
            else:
                empty += [] if figures else [picture.name]
    _write(results, folder, files)
    return Plotted(folder=folder, files=list(files), empty=empty if only else [], failures=tuple(failures))


def _figures(
    picture: Picture, tables: Mapping[str, pd.DataFrame], study: Mapping[str, pd.DataFrame], look: Look
) -> dict[str, Figure]:
    """The figures of a picture by the names of their files; none where there is nothing to draw."""
    from mcdiv.results import plots

    rows = picture.data(tables, study=study, measure=look.measure)
    name = "-".join(filter(None, [picture.name, look.measure]))
    if rows.empty:
        return {}
    if not look.split:
        return {name: picture.draw(rows)}
    return {f"{name}-{n}": figure for n, figure in enumerate(plots.one_panel_each(partial(picture.draw, rows)), 1)}


def drawing(tables: Mapping[str, pd.DataFrame], name: str, look: Look | None = None) -> Drawing:
    """One picture of a run's tables; ValueError where there is no such picture, or nothing to draw in it."""
    from mcdiv.results import plots

    look = look or Look()
    _check_names([name], "svg", look.style)
    picture = plots.catalogue()[name]
    if look.measure:
        _of_measure(look.measure, [name], tables["performance"])
    with plots.style(look.style):
        figures = _figures(picture, select(tables, look.selection), tables, look)
        if not figures:
            raise ValueError(nothing_to_draw(name))
        [figure] = figures.values()
        return Drawing(name=name, caption=picture.caption, figure=figure, style=look.style)


def nothing_to_draw(name: str) -> str:
    """Why a picture is not drawn, as far as that is known."""
    from mcdiv.results import plots

    takes = plots.catalogue()[name].takes
    return f"{name}: these results have nothing to draw" + (f"; it takes {takes}" if takes else "")


def _of_measure(measure: object, only: Sequence[str], performance: pd.DataFrame) -> list[Picture]:
    """The pictures that show any measure, or those of them that are asked for; ScenarioError where there are none."""
    from mcdiv.results import plots

    if problem := unknown_measure(performance, measure):
        raise ScenarioError([problem])
    able = {name: picture for name, picture in plots.catalogue().snapshot().items() if picture.measure}
    if others := [name for name in only if name not in able]:
        raise ScenarioError(
            [f"{joined(others)}: not a picture of any measure; a measure can be chosen for {joined(able)}"]
        )
    return [able[name] for name in only or able]


def _check_names(only: Sequence[str], kind: str, style: str) -> None:
    """That there are such pictures, such a kind of file and such a style."""
    from mcdiv.results import plots

    there = plots.catalogue()
    problems = [unknown_plot(name, there) for name in only if not isinstance(name, str) or name not in there]
    given: list[tuple[str, object, Collection[str]]] = [("format", kind, plots.FORMATS), ("style", style, plots.STYLES)]
    problems += [did_you_mean(*each) for each in given if not isinstance(each[1], str) or each[1] not in each[2]]
    if problems:
        raise ScenarioError(problems)


def _write(results: Path, folder: Path, files: dict[str, bytes]) -> None:
    try:
        inside = folder.resolve().relative_to(results.resolve())
    except ValueError:
        for name, content in files.items():
            disk.replace_file(folder, name, content)
    else:
        store.replace_results(results, {(inside / name).as_posix(): content for name, content in files.items()})

"""From a folder of results to tables, and from tables to the page that tells of them: nothing is simulated here.

A run and `mcdiv report` both come this way, with the texts of the CSV files, and so write the same page.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from mcdiv import __version__
from mcdiv.core.escapes import one_line
from mcdiv.engine.plan import Plan, plan_of
from mcdiv.errors import ScenarioError, StoreError
from mcdiv.estimands.contract import estimand_of
from mcdiv.files import disk, store, yaml_text
from mcdiv.results.provenance import notices, provenance, reading
from mcdiv.scenario.model import Scenario, read_scenario
from mcdiv.scenario.plugins import load_plugins
from mcdiv.scenario.readers import SAVED

if TYPE_CHECKING:
    import pandas as pd

    from mcdiv.results.report import Drawn

Kind: TypeAlias = Literal["svg", "png"]
REPORT = "report.html"
TABLES = ("summary", "performance", "intervals", "decomposition", "convergence", "comparison", "problems")


def report(results: str | Path, *, out: str | Path | None = None, plugins: Sequence[str | Path] = ()) -> Path:
    """Write the page of a finished run anew from its files; nothing is simulated.

    Parameters
    ----------
    results : str or Path
        The run's folder.
    out : str or Path, optional
        A new file for the page; `results`/report.html, which is replaced, if left out.
    plugins : sequence of str or Path
        The plug-ins of the run, if it had any: they hold its estimators. They are run.

    Returns
    -------
    Path
        The page.

    Raises
    ------
    StoreError
        There are no finished results, a file of theirs is missing or was edited, or the page cannot be written.
    ScenarioError
        The scenario of the run names what is not there, as without its plug-ins.
    """
    folder = disk.as_path("results", results, "the path of a folder")
    target = None if out is None else disk.as_path("out", out)
    if target is not None:
        disk.raise_if_exists(target)
    loaded = load_plugins(plugins)
    texts, manifest = read_texts(folder), store.read_manifest(folder)
    written = store.read_result(folder, "scenario.yaml")
    with reading(folder, manifest, loaded):
        plan = plan_of(scenario_of(folder, written))
        text = page(
            texts, tables_of(texts), plan, written, manifest, saved=lambda name: _saved_picture(folder, manifest, name)
        )
    if target is None:
        return store.replace_result(folder, REPORT, text)
    disk.write_new(target, text)
    return target


def read_texts(folder: Path) -> dict[str, str]:
    """Every CSV file of finished results by the name of its table; StoreError where one is missing or was edited."""
    listed = store.read_manifest(folder)["files"]
    # What is kept of the replicates is no table of the page, and may be larger than memory.
    names = [name.removesuffix(".csv") for name in listed if name.endswith(".csv") and "/" not in name]
    names = [name for name in names if name not in SAVED]
    texts = {name: store.read_result(folder, f"{name}.csv") for name in names or ("summary",)}
    missing = [f"{name}.csv" for name in TABLES if name not in texts]
    if missing:
        raise StoreError(f"{folder}: its run wrote no {', '.join(missing)}, as older versions did; run it again")
    return texts


def read_tables(folder: Path) -> Mapping[str, pd.DataFrame]:
    """The tables of finished results, by name."""
    return tables_of(read_texts(folder))


def tables_of(texts: Mapping[str, str]) -> Mapping[str, pd.DataFrame]:
    """The tables that CSV files hold, by name."""
    from mcdiv.results.csv_tables import read_table

    return {name: read_table(text) for name, text in texts.items()}


def page_of(tables: Mapping[str, pd.DataFrame], plan: Plan, written: str, manifest: Mapping[str, Any]) -> str:
    """The page that tells of a run whose tables are not written."""
    from mcdiv.results.csv_tables import to_csv

    texts = {name: to_csv(table) for name, table in tables.items()}
    return page(texts, tables_of(texts), plan, written, manifest)


def page(
    texts: Mapping[str, str],
    tables: Mapping[str, pd.DataFrame],
    plan: Plan,
    written: str,
    manifest: Mapping[str, Any],
    *,
    drawn: Drawings | None = None,
    saved: Callable[[str], bytes | None] = lambda name: None,
) -> str:
    """The page that tells of a run.

    Parameters
    ----------
    texts : mapping
        The CSV files by the name of their table.
    tables : mapping
        What they hold, by the same names.
    plan : Plan
        What was run.
    written : str
        scenario.yaml.
    manifest : mapping
        What the manifest says of the run, but for its files.
    drawn : Drawings, optional
        The pictures, where they are made already.
    saved : callable(name)
        Else: a picture's SVG where its run left it, None where it is to be drawn.
    """
    from mcdiv.engine.checks import verdicts
    from mcdiv.results.csv_tables import interval_rows_of, pairs_of, rows_of
    from mcdiv.results.report import Study, report_page
    from mcdiv.results.words.agreement import disagreement
    from mcdiv.results.words.digest import digest

    scenario = plan.scenario
    rows, intervals = rows_of(tables, plan), interval_rows_of(tables, plan)
    pairs = pairs_of(tables, rows, scenario.units)
    drawn = drawn or draw(scenario, tables, saved=saved)
    return report_page(
        Study(
            plan=plan,
            rows=rows,
            pairs=pairs,
            intervals=intervals,
            tables=tables,
            texts=texts,
            digest=digest(rows, scenario.units, intervals, pairs),
            checks=verdicts(scenario, rows, intervals),
            definitions={name: _definition(name) for name in scenario.resolved_estimands()},
            pictures=drawn.pictures,
            explorer=_explorer(scenario),
            notices=[*notices(manifest), *filter(None, [disagreement(tables["problems"])]), *drawn.failures],
            provenance=provenance(manifest),
            written=written,
        )
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawings:
    """The pictures of a study, and a line for each that could not be drawn."""

    pictures: list[Drawn]
    failures: list[str]


def draw(
    scenario: Scenario,
    tables: Mapping[str, pd.DataFrame],
    kinds: Sequence[Kind] = ("svg",),
    saved: Callable[[str], bytes | None] = lambda name: None,
) -> Drawings:
    """The scenario's pictures, where there is something to draw, each with its files and the rows behind it."""
    if scenario.plots == ():
        return Drawings(pictures=[], failures=[])
    from mcdiv.results import plots

    drawn: list[Drawn] = []
    failures = []
    with plots.defaults():  # so that a later run knows what the pictures of this one look like
        for name in scenario.plots or plots.usual():
            try:
                drawn += _drawn(name, tables, kinds, saved(name))
            except Exception as error:  # a picture must not cost the results of a run
                failures.append(failure(f"plots/{name}", error))
    return Drawings(pictures=drawn, failures=failures)


def failure(what: str, error: Exception) -> str:
    """One line for what could not be made of finished results, and that these are whole."""
    return one_line(f"{what}: not made ({type(error).__name__}: {str(error)[:200]}); the tables are complete")


def _drawn(name: str, tables: Mapping[str, pd.DataFrame], kinds: Sequence[Kind], svg: bytes | None) -> Iterator[Drawn]:
    """A picture, if it has something to draw; with the SVG there is, if there is one."""
    from mcdiv.results import plots
    from mcdiv.results.csv_tables import to_csv
    from mcdiv.results.report import Drawn

    picture = plots.catalogue()[name]
    rows = picture.data(tables)
    if rows.empty:
        return
    files: dict[str, bytes] = {} if svg is None else {"svg": svg}
    if svg is None:
        with plots.style():
            figure = picture.draw(rows)
            files |= plots.render_all(figure, kinds)
    yield Drawn(name=picture.name, caption=picture.caption, files=files, csv=to_csv(rows))


def picture_hashes(files: Mapping[str, bytes]) -> dict[str, str]:
    """What the manifest keeps of a run's pictures, to know them when others may have been drawn in their place."""
    drawn = {Path(name).stem: content for name, content in files.items() if name.endswith(".svg")}
    return {name: hashlib.sha256(content).hexdigest() for name, content in drawn.items()}


def _saved_picture(folder: Path, manifest: Mapping[str, Any], name: str) -> bytes | None:
    """A picture as the run drew it from the same tables, which takes longer than all the rest of the page."""
    hashes = manifest.get("pictures")
    if manifest.get("mcdiv") != __version__ or not isinstance(hashes, dict):
        return None
    try:
        svg = store.read_result(folder, f"plots/{name}.svg").encode("utf-8")
    except StoreError:
        return None
    return svg if hashlib.sha256(svg).hexdigest() == hashes.get(name) else None


def scenario_of(folder: Path, written: str) -> Scenario:
    """The scenario of a run, from its scenario.yaml."""
    # Not `loading`: what a run has written names no other file, and nobody's results shall make us open one.
    text = yaml_text.read_text(written, str(folder / "scenario.yaml"))
    scenario, problems = read_scenario(text.values)
    if scenario is None:
        raise ScenarioError(text.lines(problems))
    return scenario


def _definition(estimand: str) -> tuple[str, str]:
    card = estimand_of(estimand).card
    return card.formula, card.summary


def _explorer(scenario: Scenario) -> str:
    """The explorer of the scenario's first coin, at the N that tells most; empty where there is no coin."""
    from mcdiv.results.explorer import MAX_FLIPS, explorer_section

    truth = next((one for one in scenario.truth if one.family == "coin"), None)
    if truth is None or scenario.drawn_from:  # its flips are of P
        return ""
    model = next((one for one in scenario.model if one.categories == 2), None)
    p, q = float(truth.pmf()[0]), float(model.pmf()[0]) if model else 0.5
    sizes = sorted(scenario.sample_sizes)
    size = next((n for n in sizes if n >= 10), sizes[-1])
    return explorer_section(p, q, min(size, MAX_FLIPS), "bits" if scenario.units == "bits" else "nats")

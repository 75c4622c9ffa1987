"""The files of a run, made of its tables: CSV, pictures, the report, and last the manifest that names them all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mcdiv.engine.plan import Plan, address_of
from mcdiv.files import disk, store, yaml_text
from mcdiv.results import pages, reuse
from mcdiv.results.table_source import TableSource
from mcdiv.scenario.model import Scenario
from mcdiv.scenario.plugins import Plugin

if TYPE_CHECKING:
    import pandas as pd


def write(
    source: TableSource,
    tables: Mapping[str, pd.DataFrame],
    plan: Plan,
    plugins: Sequence[Plugin],
    folder: Path,
    earlier: Path | None = None,
) -> list[str]:
    """Every file of a run from its tables, made of `source`; a line for each picture or page that could not be made.

    Tables, pictures and the page are those of `earlier` results where they would be made again as they are there.
    """
    written = yaml_text.write_text(plan.scenario.as_written())
    manifest = manifest_of(plan.scenario, plugins, written)
    disk.write_text(folder, "scenario.yaml", written)
    of, failures = reuse.made_of(plan, source, written, manifest), list[str]()
    files = reuse.kept(earlier, of)
    if files is None:
        files, failures = _made(tables, plan, written, manifest)
    for name, content in files.items():
        disk.write_bytes(folder, name, content)
    entries = {"pictures": pages.picture_hashes(files)} | ({} if failures else reuse.entry(of, files))
    store.write_manifest(folder, manifest | entries)
    return failures


def _made(
    tables: Mapping[str, pd.DataFrame], plan: Plan, written: str, manifest: Mapping[str, Any]
) -> tuple[dict[str, bytes], list[str]]:
    """The tables, the pictures and the page by the names of their files, and a line for each that could not be made."""
    from mcdiv.results.csv_tables import to_csv

    texts = {name: to_csv(table) for name, table in tables.items()}
    files, failures = _drawn(texts, plan, written, manifest)
    return {f"{name}.csv": disk.encoded(text) for name, text in texts.items()} | files, failures


def _drawn(
    texts: Mapping[str, str], plan: Plan, written: str, manifest: Mapping[str, Any]
) -> tuple[dict[str, bytes], list[str]]:
    """The pictures and the page by the names of their files, and a line for each that could not be made."""
    # As they are in the files, so that whoever draws from those draws the same.
    tables = pages.tables_of(texts)
    drawn = pages.draw(plan.scenario, tables, ("svg", "png"))
    files = {
        f"plots/{picture.name}.{kind}": content for picture in drawn.pictures for kind, content in picture.files.items()
    }
    failures = list(drawn.failures)
    try:
        page = pages.page(texts, tables, plan, written, manifest, drawn=drawn)
    except Exception as error:  # nor must the page cost the tables it tells of
        failures.append(pages.failure(pages.REPORT, error))
    else:
        files[pages.REPORT] = disk.encoded(page)
    return files, failures


def manifest_of(scenario: Scenario, plugins: Sequence[Plugin], written: str) -> dict[str, Any]:
    """What the manifest says of a run, but for its files."""
    return {
        "name": scenario.name,
        "status": "complete",
        "seed": scenario.seed,
        "scenario": f"{address_of(written):016x}",
        "plugins": [plugin.recorded() for plugin in plugins],
        **store.environment(),
    }

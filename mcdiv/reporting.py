"""From a folder of results to tables, and from tables to the page that tells of them: nothing is simulated here."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from mcdiv.edges import store
from mcdiv.study.errors import StoreError

if TYPE_CHECKING:
    import pandas as pd

TABLES = ("summary", "performance", "intervals", "decomposition", "convergence", "comparison", "problems")


def read_texts(folder: Path) -> dict[str, str]:
    """Every CSV file of finished results by the name of its table; StoreError where one is missing or was edited."""
    listed = store.read_manifest(folder)["files"]
    names = [name.removesuffix(".csv") for name in listed if name.endswith(".csv") and "/" not in name]
    texts = {name: store.read_result(folder, f"{name}.csv") for name in names or ("summary",)}
    missing = [f"{name}.csv" for name in TABLES if name not in texts]
    if missing:
        raise StoreError(f"{folder}: its run wrote no {', '.join(missing)}, as older versions did; run it again")
    return texts


def read_tables(folder: Path) -> "Mapping[str, pd.DataFrame]":
    """The tables of finished results, by name."""
    from mcdiv.edges.records import read_table

    return {name: read_table(text) for name, text in read_texts(folder).items()}

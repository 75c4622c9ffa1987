"""`mcdiv list`, `show` and `new` from Python: the names to choose from, their cards, and a scenario to start from."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from mcdiv.api.cards import LISTINGS, card
from mcdiv.core.catalogue import check_name, did_you_mean
from mcdiv.errors import ScenarioError
from mcdiv.files import disk
from mcdiv.files.shipped import shipped_scenarios
from mcdiv.scenario.model import NAME_CHARACTERS, is_name
from mcdiv.scenario.plugins import load_plugins


def catalogue(kind: str, *, plugins: Sequence[str | Path] = ()) -> pd.DataFrame:
    """What there is to choose from.

    Parameters
    ----------
    kind : str
        "estimators", "intervals", "distributions", "estimands", "measures", "scenarios", "data", "readers",
        "plots" or "slips" (what `mcdiv doctor` knows).
    plugins : sequence of str or Path
        Python files with entries of your own; they are run.

    Returns
    -------
    DataFrame
        A row for each name, with the columns of `mcdiv list`.

    Raises
    ------
    ValueError
        There is no such kind; the message has them all.

    Examples
    --------
    >>> catalogue("estimands").name.tolist()[:3]
    ['entropy', 'cross_entropy', 'kl_divergence']
    """
    check_name("kind", kind)
    if kind not in LISTINGS:
        raise ValueError(did_you_mean("kind", kind, LISTINGS))
    load_plugins(plugins)
    return pd.DataFrame.from_records(LISTINGS[kind]())


def show(name: str, *, plugins: Sequence[str | Path] = ()) -> dict[str, str]:
    """The card of a name: an estimator, an interval, a distribution, an estimand, a reader, a slip, a scenario …

    Parameters
    ----------
    name : str
    plugins : sequence of str or Path
        Python files with entries of your own; they are run.

    Returns
    -------
    dict of str
        The text under each heading: "formula", "valid", "source", "parameters" …

    Raises
    ------
    ScenarioError
        Nothing is called that; the message suggests a near name.

    Examples
    --------
    >>> show("miller_madow")["formula"]
    'Ĥ = Ĥ_plugin + (S − 1)/2N,  S = number of categories seen'
    """
    check_name("name", name)
    load_plugins(plugins)
    return card(name)


def new(path: str | Path, *, source: str | None = None) -> Path:
    """Write a scenario file to start from: a shipped scenario, named as the file is.

    Parameters
    ----------
    path : str or Path
        The file, which must not exist yet; ".yaml" is added where it has no such ending.
    source : str, optional
        Name of a shipped scenario from `catalogue("scenarios")`; "fair" if left out.

    Returns
    -------
    Path
        The file that was written.

    Raises
    ------
    ScenarioError
        There is no such scenario, or the file's name is none that a scenario may have.
    StoreError
        The file exists already or cannot be written.
    """
    given = disk.as_path("path", path)
    target = given if given.suffix in (".yaml", ".yml") else Path(f"{given}.yaml")
    if source is not None:
        check_name("source", source)
    shipped = shipped_scenarios()
    if (source or "fair") not in shipped:
        raise ScenarioError([did_you_mean("scenario", source or "fair", shipped)])
    if not is_name(target.stem):
        raise ScenarioError([f"{path}: a scenario's name has {NAME_CHARACTERS}, a letter or digit first"])
    text = disk.read_text(shipped[source or "fair"].parent, shipped[source or "fair"].name)
    lines = [f"name: '{target.stem}'" if line.startswith("name:") else line for line in text.split("\n")]
    disk.write_new(target, "\n".join(lines))
    return target

"""A page for each shipped scenario: its question, its picture, the answer in numbers, its checks, its text.

The words of an answer are in answers.yaml; every number in them is looked up in the results.
"""

import hashlib
import math
import re
import shlex
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
from ruamel.yaml import YAML

from mcdiv.core.number_format import figure, rounded
from mcdiv.core.performance import Measured
from mcdiv.engine.pooled import pooled
from mcdiv.estimands.contract import symbol_of
from mcdiv.files.shipped import shipped_data, shipped_scenarios
from mcdiv.files.yaml_text import read_file
from mcdiv.lessons.fit import plots as fit_plots
from mcdiv.lessons.fit.run import fit
from mcdiv.results import plots
from mcdiv.results.loading import load
from mcdiv.results.run import run
from mcdiv.results.study_results import Results
from mcdiv.results.words.digest import digest
from mcdiv.results.words.pooled import pooled_digest

ANSWERS = Path(__file__).parent / "answers.yaml"
MEASURES = {
    "bias": "Bias",
    "sd": "Standard deviation",
    "rmse": "RMSE",
    "coverage": "Coverage",
    "infinite_share": "Share of infinite estimates",
}

INDEX_HEAD = """# The shipped scenarios

Each is a question with its answer, run by its name: `mcdiv run fair`. The pages are made by `python docs/generate.py`
from what that prints and writes.

| scenario | question |
|---|---|
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What is said of a scenario by hand."""

    #: which picture answers the question
    picture: str
    #: of which measure and estimand the page has a table
    measure: str
    estimand: str
    #: Markdown, with {estimand estimator N measure …} where a number goes
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    """A shipped scenario, what is said of it and what was found."""

    name: str
    answer: Answer
    found: Results


@cache
def answers() -> dict[str, Answer]:
    """All of them, by scenario."""
    return {name: Answer(**entry) for name, entry in YAML(typ="safe").load(ANSWERS.read_text("utf-8")).items()}


def studied(name: str, *, out: Path | None = None) -> Study:
    """Run it as it is shipped, but for pictures: a page has one, and draws it itself."""
    answer = answers()[name]
    unseen = {"plots": ()} if answer.picture == "convergence" else {"plots": (), "paths": 0}
    return Study(name=name, answer=answer, found=run(load(name).model_copy(update=unseen), out=out))


def page(study: Study) -> str:
    """The page, in Markdown."""
    name, answer, found = study.name, study.answer, study.found
    told = _sentences(found)
    quoted = [f"{'✓' if verdict.met else '✗'} {verdict.text}" for verdict in found.checks]
    parts = [
        f"<!-- Made by `python docs/generate.py` from what has the sha256\n{fingerprint(name)} -->",
        f"# {found.scenario.title}",
        f"**{found.scenario.question}**",
        f"![{caption(study)}]({name}.svg)",
        re.sub(r"\{([^}]+)\}", lambda match: looked_up(found, shlex.split(match[1])), answer.text.strip()),
        _table(study),
        f"## What `mcdiv run {name}` says",
        "\n".join(["```text", *told, *quoted, "```"]),
        _provenance(found),
        "## The scenario",
        f"```yaml\n{shipped_scenarios()[name].read_text('utf-8').rstrip()}\n```",
        "[All scenarios](README.md)",
    ]
    return "\n\n".join(parts) + "\n"


def _sentences(found: Results) -> tuple[str, ...]:
    """What is printed below the table at the end of a run."""
    if found.scenario.pool is not None:
        means = pooled_digest(found.scenario.pool, pooled(found.scenario.pool, found.rows), found.scenario.units)
        return () if means is None else means.sentences
    return digest(found.rows, found.scenario.units, found.intervals, found.pairs).sentences


def picture(study: Study) -> bytes:
    """The picture that answers the question, as SVG."""
    with plots.style():
        if study.answer.picture == "learning":
            fitted = fit(study.name)
            return plots.render(fit_plots.learning(fitted.steps, fitted.summary), "svg")
        chosen = plots.PLOTS[study.answer.picture]
        rows = chosen.data(study.found.tables)
        assert not rows.empty, f"{study.name}: nothing to draw in {study.answer.picture}"
        return plots.render(chosen.draw(rows), "svg")


def caption(study: Study) -> str:
    """What the picture shows, for who does not see it."""
    if study.answer.picture == "learning":
        return str(fit_plots.learning.__doc__)
    return plots.PLOTS[study.answer.picture].caption


def index() -> str:
    """The page that lists them."""
    lines = []
    for name, path in shipped_scenarios().items():
        values = read_file(path).values
        lines.append(f"| [{name}]({name}.md) | {values['question']} |")
    return INDEX_HEAD + "\n".join(lines) + "\n"


def fingerprint(name: str) -> str:
    """The sha256 of what a page is made from: the scenario's file, its table of data, and what is said of it."""
    scenario = shipped_scenarios()[name].read_bytes()
    data = [path.read_bytes() for file, path in shipped_data().items() if f"data/{file}.csv".encode() in scenario]
    return hashlib.sha256(b"\0".join([scenario, *data, repr(answers()[name]).encode()])).hexdigest()


def looked_up(found: Results, words: list[str]) -> str:
    """The number that is meant by estimand, estimator, N and measure, and key=value where these are not enough."""
    estimand, estimator, size, measure, *further = words
    exactly = "exact" in further
    wanted: dict[str, Any] = {"estimand": estimand, "estimator": estimator, "sample_size": int(size)}
    wanted |= {"measure": measure} | dict(word.split("=", maxsplit=1) for word in further if "=" in word)
    table = _measures(found)
    if "interval" not in wanted:
        table = table[table["interval"].isna()]
    for column, value in wanted.items():
        kind = str(value) if column not in ("sample_size", "model_sample_size") else int(value)
        table = table[table[column] == kind]
    if len(table) != 1:
        raise LookupError(f"{found.scenario.name}: {' '.join(words)}: {len(table)} rows")
    return _number(table.iloc[0], exactly=exactly)


def _measures(found: Results) -> pd.DataFrame:
    """The table that a page quotes: means over truths, each with its MCSE, where the study asks for them."""
    if found.scenario.pool is None:
        return found.tables["performance"]
    return found.tables["pooled"].assign(exact=math.nan, source="pooled")


def _number(row: "pd.Series[Any]", *, exactly: bool) -> str:
    """A simulated value with its MCSE; the exact one if asked for, or if nothing was simulated."""
    if exactly or row["source"] == "exact":
        value = float(row["exact"] if not math.isnan(row["exact"]) else row["value"])
        return "0" if _is_rounding(row, value) else figure(value)
    return rounded(Measured(value=float(row["value"]), mcse=float(row["mcse"])))


def _table(study: Study) -> str:
    """One measure of one estimand, a row for each estimator (or interval) and setting, a column for each N."""
    answer, table = study.answer, _measures(study.found)
    rows = table[(table["measure"] == answer.measure) & (table["estimand"] == answer.estimand)]
    label = "interval" if rows["interval"].notna().any() else "estimator"
    # What goes along with N, one value for each, is no setting of its own.
    settings = [key for key in ("truth", "model", "model_sample_size") if _varies_at_one_size(rows, key)]
    sizes = list(rows["sample_size"].unique())
    unit = str(rows["unit"].iloc[0]).replace("1", "")  # a share has the unit 1
    heads = [*({"model_sample_size": "M"}.get(key, key) for key in settings), label]
    columns = [f"N = {size:,}" for size in sizes]
    lines = [
        f"## {MEASURES[answer.measure]} of {symbol_of(answer.estimand)}{f', in {unit}' if unit else ''}",
        "",
        f"| {' | '.join([*heads, *columns])} |",
        f"|{'---|' * len(heads)}{'---:|' * len(columns)}",
    ]
    for key, group in rows.groupby([*settings, label], sort=False, dropna=False):
        by_size = group.set_index("sample_size")
        shown = [_cell(by_size.loc[size]) if size in by_size.index else "–" for size in sizes]
        names = [f"{part:,.0f}" if isinstance(part, float) else str(part) for part in key]
        lines.append(f"| {' | '.join([*names, *shown])} |")
    return "\n".join(lines)


def _varies_at_one_size(rows: pd.DataFrame, key: str) -> bool:
    return bool((rows.groupby("sample_size")[key].nunique(dropna=False) > 1).any())


def _cell(row: "pd.Series[Any]") -> str:
    """The exact value where there is one, else the simulated one ± its MCSE."""
    if math.isnan(row["exact"]):
        return rounded(Measured(value=float(row["value"]), mcse=float(row["mcse"])))
    value = float(row["exact"])
    return "0" if _is_rounding(row, value) else f"{value:.4g}".replace("-", "−")


def _is_rounding(row: "pd.Series[Any]", value: float) -> bool:
    """A bias of 1e-17 is what double precision makes of none."""
    return row["measure"] == "bias" and abs(value) < 1e-12


def _provenance(found: Results) -> str:
    """How many replicates there were, from which seed."""
    if found.scenario.pool is not None and found.scenario.mode == "exact":
        return "Exact for each truth: nothing was simulated. ± is the MCSE of a mean over so many truths."
    most = max(row.replicates for row in found.rows)
    how = f"{most:,} replicates, seed {found.scenario.seed}" if most else "Exact: nothing was simulated"
    return f"{how}. In the table a value with ± was simulated (± its MCSE), one without is exact."

"""A study as one page: it asks no address for anything, runs no script but its own, and reads on paper and on a phone.

What stands in the page is handed in or read off the tables; nothing is simulated and no estimate computed here.
"""

import base64
import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import pandas as pd
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from mcdiv.core.escapes import printable
from mcdiv.core.number_format import percent
from mcdiv.engine.checks import Verdict
from mcdiv.engine.interval_block import IntervalRow
from mcdiv.engine.plan import Plan
from mcdiv.engine.pooled import pooled
from mcdiv.engine.records import Pair, Row
from mcdiv.results.report.agreement import agreement
from mcdiv.results.report.answer import answer, status
from mcdiv.results.report.comparison import comparison_table
from mcdiv.results.report.inline_svg import inlined
from mcdiv.results.report.intervals import interval_table
from mcdiv.results.report.means import ERROR_OF_MEANS, pooled_means
from mcdiv.results.report.methods import methods
from mcdiv.results.report.paragraph import paragraph
from mcdiv.results.report.problems import about_problems, problems_table
from mcdiv.results.words.digest import Digest

#: letters of a file that the page holds for whoever wants to take it; of a thousand conditions it is 3 million
MAX_EMBEDDED = 4_000_000
_SCRIPT = re.compile(r"<script[^>]*>(.*?)</script>", re.DOTALL)
_TITLES = {"rmse": "RMSE", "bias_log": "Bias on logarithmic axes"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """A picture: what it shows in words, its files by kind ("svg" among them), and the rows behind it as CSV."""

    name: str
    caption: str
    files: Mapping[str, bytes]
    csv: str

    @property
    def title(self) -> str:
        """What the page calls it."""
        return _TITLES.get(self.name, self.name.replace("_", " ").capitalize())


@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    """All that a page tells of."""

    plan: Plan
    rows: Sequence[Row]
    pairs: Sequence[Pair]
    intervals: Sequence[IntervalRow]
    tables: Mapping[str, pd.DataFrame]
    #: the CSV files as they are, by table
    texts: Mapping[str, str]
    #: what a person reads at the end of a run
    digest: Digest
    checks: Sequence[Verdict]
    #: by estimand: its definition, and what it is
    definitions: Mapping[str, tuple[str, str]]
    pictures: Sequence[Drawn]
    #: the explorer of a coin, as HTML
    explorer: str
    #: what to know before reading on
    notices: Sequence[str]
    #: manifest: mcdiv, python, versions, scenario
    provenance: Mapping[str, object]
    #: scenario.yaml
    written: str


def report_page(study: Study) -> str:
    """The page."""
    described = methods(study.plan, study.rows, study.tables)
    pictures = [(one, Markup(inlined(one.files["svg"], f"picture-{one.name}"))) for one in study.pictures]
    script, explorer = _source("page.js"), study.explorer
    means = pooled(study.plan.scenario.pool, study.rows, study.intervals)
    problems = study.tables["problems"]
    return (
        _environment()
        .get_template("page.html")
        .render(
            study=study,
            max_embedded=MAX_EMBEDDED,
            scenario=study.plan.scenario,
            answer=answer(study.digest, study.intervals),
            status=status(study.checks, problems),
            methods=described,
            paragraph=paragraph(study.plan, described, study.provenance),
            comparison=comparison_table(study.rows, study.pairs, study.tables, study.plan.scenario.units),
            intervals=interval_table(study.intervals, study.plan.scenario.units) if study.intervals else None,
            means=pooled_means(means, study.plan.scenario.units) if means else None,
            error_of_means=ERROR_OF_MEANS,
            problems=None if problems.empty else problems_table(problems),
            about_problems=about_problems(problems),
            agreement=agreement(study.tables),
            pictures=pictures,
            explorer=Markup(explorer),
            style=Markup(_source("page.css")),
            script=Markup(script),
            scripts=[_hash(text) for text in (script, *_SCRIPT.findall(explorer))],
            files=[(f"{name}.csv", text.count("\n") - 1, _sha256(text)) for name, text in sorted(study.texts.items())],
        )
    )


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("mcdiv.results.report", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda value: printable(value) if type(value) is str else value,  # Markup is ours
    )
    environment.filters |= {"percent": percent, "unbroken": _unbroken, "name": _name}
    return environment


def _unbroken(text: str) -> str:
    """A number stays in one line with its error and its unit; infinity as one writes it."""
    text = re.sub(r"\binf\b", "∞", text)
    return re.sub(r"(?<=[\d±]) (?=[±%\d])", "\u00a0", text)


def _name(text: str) -> Markup:
    """A name that may go on in the next line after "_", and before a parameter; it is copied as it is."""
    broken = re.sub(r"(?<=[^\W_]_)(?=[^\W_])|(?<=\()(?=\w+=)|(?<=,)(?=[^\s\d])", "<wbr>", escape(printable(text)))
    return Markup(re.sub(r"\w+\(\w[,;] \w\)", r'<span class="whole">\g<0></span>', broken))  # H(P, Q)


def _source(name: str) -> str:
    """A part of the page as it lies beside this file."""
    environment = _environment()
    assert environment.loader is not None
    return environment.loader.get_source(environment, name)[0]


def _hash(script: str) -> str:
    """A script's name in a Content-Security-Policy."""
    return "sha256-" + base64.b64encode(hashlib.sha256(script.encode("utf-8")).digest()).decode("ascii")


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8")).hexdigest()

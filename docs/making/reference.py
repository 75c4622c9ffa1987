"""The pages made from docstrings and options: the Python API and the commands."""

import ast
import inspect
import re
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import is_dataclass
from operator import attrgetter
from typing import Any

import click

import mcdiv.testing
from mcdiv.cli.main import cli

#: every public name, under the heading of what it is for, and what authors of plug-ins have besides
SECTIONS = {
    "Definitions, on pmfs": [
        *("entropy", "cross_entropy", "kl_divergence", "js_divergence", "jeffreys_divergence"),
        *("cross_entropy_gradient", "kl_divergence_gradient", "from_logits", "fixtures"),
    ],
    "From counts": [
        *("estimate", "standard_error", "interval", "IntervalEstimate", "exact_performance", "ExactPerformance"),
    ],
    "From files of observations": ["read", "Observations", "estimates", "Estimates", "advise"],
    "How many draws": ["plan", "SampleSizePlan", "plan_power", "PowerPlan"],
    "The KL term of a policy": [
        *("policy", "PolicyLab", "policy_sequences", "PolicySequences", "top_k_divergence", "TopKDivergence"),
    ],
    "Two models on the same items": ["paired", "PairedComparison", "read_scores", "ScoresOfItems"],
    "Is it more than noise?": ["test", "tests", "Tested"],
    "Thresholds without drift": [
        *("threshold", "Threshold", "Alarm", "alarm_probability", "thresholds", "Thresholds", "FeatureDrift"),
    ],
    "Difference of two entropies": ["entropy_difference", "EntropyDifference"],
    "Is the number right?": ["doctor", "Diagnosis"],
    "Studies": [
        *(
            "run",
            "Results",
            "exact",
            "check",
            "Checked",
            "compare",
            "plot",
            "Plotted",
            "Drawing",
            "report",
            "methods",
            "replay",
            "Replayed",
            "table",
        ),
    ],
    "Derivation and learning": ["explain", "Derivation", "explore", "fit", "Fitted"],
    "What there is": ["catalogue", "show", "new", "scenario_schema"],
    "For plug-ins": ["testing.check_estimator"],
    "Errors": ["ScenarioError", "StoreError", "BackendError", "OutOfTime"],
}
#: the functions of a command, where it is not one that is called as the command is
FUNCTIONS = {
    "list": ["catalogue"],
    "estimate": ["estimates", "advise"],
    "test": ["test", "tests"],
    "threshold": ["threshold", "alarm_probability", "thresholds"],
    "difference": ["entropy_difference"],
    "exact": ["exact", "exact_performance"],
    "report": ["report", "methods"],
    "policy": ["policy", "policy_sequences", "top_k_divergence"],
}

API_HEAD = """# The Python API

Made from the docstrings by `python docs/generate.py`. Everything here is a name of `mcdiv`, whose import loads nothing
heavy; what is not here may change. Nothing is printed. A user's mistake is an exception, with one line for each
problem.

In signatures, `ArrayLike` is whatever NumPy makes an array of, `Distributed` that or a dict, a Series or a DataFrame,
`Array` and `Nats` are arrays of floats, `Units` is one of "nats", "bits" and "bans", `Progress` a callable(done,
total), and `Note` a callable(line). What `normalise=True` takes away is reported to the logger "mcdiv" at the level
INFO, as the largest |sum − 1|.
"""
COMMANDS_HEAD = """# The commands

Made from their options by `python docs/generate.py`; each with `--help` says the same. Results go to standard output,
progress and problems to standard error.

| exit code | meaning |
|---|---|
| 0 | done |
| 1 | a check was not met, an estimator raised, simulated and exact values disagree, or a picture or the report failed |
| 1 | with `--exit-code`: a feature alarms, or a test rejects |
| 2 | bad usage or bad input: a line for each problem, with its place |
| 130 | interrupted, or out of time: finished blocks are kept, and the same command goes on |
"""


def api_page() -> str:
    """The whole page of functions and records."""
    parts = [API_HEAD]
    for heading, names in SECTIONS.items():
        parts.append(f"## {heading}\n")
        if heading == "Errors":
            parts.append(f"{_indented(inspect.getdoc(inspect.getmodule(mcdiv.ScenarioError)) or '')}\n")
        parts += [_entry(name, attrgetter(name)(mcdiv)) for name in names]
    return "\n".join(parts)


def commands_page() -> str:
    """The whole page of commands."""
    return "\n".join([COMMANDS_HEAD, *(_command(name, command) for name, command in cli.commands.items())])


def _entry(name: str, entry: Any) -> str:
    """A function with its signature, or a record with its fields and methods; then what its docstring says."""
    lines = [f"### {name}", ""]
    if not inspect.isclass(entry):
        return "\n".join([*lines, _indented(_signature(f"mcdiv.{name}", entry)), "", *_prose(entry)])
    lines += _prose(entry)
    if is_dataclass(entry):
        lines += [f"- `{field}`: {text}" for field, text in _fields(entry)]
    for method, function in vars(entry).items():
        if not method.startswith("_") and isinstance(function, property):
            lines.append(f"- `{method}`: {_summary(function.fget)}")
        elif not method.startswith("_") and inspect.isfunction(function):
            lines.append(f"- `{_one_line(method, function)}`: {_summary(function)}")
    return "\n".join([*lines, ""])


def _signature(name: str, function: Callable[..., Any]) -> str:
    """As it is written, a line for each argument."""
    one = _one_line(name, function)
    if len(one) <= 100:
        return one
    parameters = "\n".join(f"    {text}," for text in _parameters(function))
    return f"{name}(\n{parameters}\n) -> {inspect.signature(function).return_annotation}"


def _one_line(name: str, function: Callable[..., Any]) -> str:
    given = ", ".join(text for text in _parameters(function) if text != "self")
    return f"{name}({given}) -> {inspect.signature(function).return_annotation}"


def _parameters(function: Callable[..., Any]) -> Iterator[str]:
    """The arguments; annotations are texts, as modules with public names do not evaluate theirs."""
    starred = False
    for parameter in inspect.signature(function).parameters.values():
        if parameter.kind is parameter.KEYWORD_ONLY and not starred:
            yield "*"
        starred |= parameter.kind in (parameter.KEYWORD_ONLY, parameter.VAR_POSITIONAL)
        stars = {parameter.VAR_POSITIONAL: "*", parameter.VAR_KEYWORD: "**"}.get(parameter.kind, "")
        annotation = "" if parameter.annotation is parameter.empty else f": {parameter.annotation}"
        default = "" if parameter.default is parameter.empty else f" = {parameter.default!r}"
        yield f"{stars}{parameter.name}{annotation}{default}"


def _prose(entry: Any) -> list[str]:
    """A docstring in numpydoc's form, in Markdown."""
    text = re.sub(r" +# doctest: .*", "", inspect.getdoc(entry) or "")
    head, *sections = re.split(r"^(\w[\w ]*)\n-{3,}\n", text, flags=re.MULTILINE)
    lines = [_plain(head.strip()), ""]
    for title, body in zip(sections[::2], sections[1::2], strict=True):
        lines += [f"**{title}**", ""]
        lines += [_indented(body.strip())] if title == "Examples" else list(_items(body, title))
        lines.append("")
    return lines


def _items(body: str, title: str) -> Iterator[str]:
    """Entries with their texts as a list; where there are none, the text itself."""
    if title in ("Notes", "See Also"):
        yield _plain(body.strip())
        return
    for head, text in re.findall(r"^(\S[^\n]*)\n((?:[ \t]+[^\n]*\n?|\n)*)", f"{body.strip()}\n", re.MULTILINE):
        name, colon, kind = head.partition(" : ")
        rest = f" ({kind})" if colon and kind else ""
        said = _plain(" ".join(text.split()))
        yield f"- {name if '`' in name else f'`{name}`'}{rest}" + (f": {said}" if said else "")


def _fields(record: type) -> Iterator[tuple[str, str]]:
    """The fields of a dataclass with the comments above them; two under one comment share it."""
    source = textwrap.dedent(inspect.getsource(record))
    lines, said, last = source.splitlines(), "", -1
    (tree,) = ast.parse(source).body
    assert isinstance(tree, ast.ClassDef)
    for node in tree.body:
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            above = node.lineno - 2
            comment: list[str] = []
            while lines[above].lstrip().startswith("#:"):
                comment.insert(0, lines[above].lstrip().removeprefix("#:").strip())
                above -= 1
            said = " ".join(comment) if comment else said if last == node.lineno - 1 else ""
            last = node.end_lineno or node.lineno
            kind = ast.unparse(node.annotation).replace("'", "")
            if not node.target.id.startswith("_"):
                yield node.target.id, f"{kind}{f'; {said}' if said else ''}"


def _summary(function: Any) -> str:
    return _plain(" ".join((inspect.getdoc(function) or "").split()))


def _command(name: str, command: click.Command) -> str:
    """A command: how it is called, what it does, its options, and its function."""
    arguments = [each for each in command.params if isinstance(each, click.Argument)]
    options = [each for each in command.params if isinstance(each, click.Option)]
    named = [each.metavar or f"{each.name}".upper() for each in arguments]
    lines = [f"## mcdiv {name}", "", _indented(" ".join(["mcdiv", name, *["[OPTIONS]"] * bool(options), *named])), ""]
    for paragraph in inspect.cleandoc(command.help or "").split("\n\n"):
        lines += [_indented(paragraph) if paragraph.startswith("mcdiv ") else _plain(paragraph), ""]
    for each in arguments:
        if isinstance(each.type, click.Choice):
            lines += [f"{f'{each.name}'.upper()} is one of {', '.join(map(str, each.type.choices))}.", ""]
    if options:
        lines += ["| option | meaning |", "|---|---|", *map(_option, options), ""]
    functions = [f"[mcdiv.{each}](api.md#{each})" for each in FUNCTIONS.get(name, [name])]
    return "\n".join([*lines, f"From Python: {', '.join(functions)}.", ""])


def _option(option: click.Option) -> str:
    """A row of the table."""
    spelled = ", ".join(sorted([*option.opts, *option.secondary_opts], key=len))
    choices = option.type.choices if isinstance(option.type, click.Choice) else ()
    number = isinstance(option.type, (click.types.IntParamType, click.types.FloatParamType))
    value = "" if option.is_flag else option.metavar or "|".join(map(str, choices)) or ("N" if number else "TEXT")
    usual = option.show_default if isinstance(option.show_default, str) else option.default
    default = f" Default: {usual}." if option.show_default else ""
    cells = (f"`{' '.join(filter(None, [spelled, value]))}`", _plain(f"{option.help or ''}{default}"))
    return f"| {' | '.join(cell.replace('|', chr(92) + '|').strip() for cell in cells)} |"


def _plain(text: str) -> str:
    """Text in which no word in angle brackets is taken for HTML."""
    return "`".join(part if i % 2 else part.replace("<", "\\<") for i, part in enumerate(text.split("`")))


def _indented(text: str) -> str:
    return textwrap.indent(text, "    ")

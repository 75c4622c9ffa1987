"""`mcdiv policy` of sequences, from a tree or from steps: its options, and what it prints."""

import shlex
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mcdiv.cli import console

if TYPE_CHECKING:
    from mcdiv.api.policy_sequences import PolicySequences
    from mcdiv.policies.tree import Tree

#: logits up to which the table has the expected gradients
_MAX_ENTRIES = 4
#: logits up to which there are tables with a column for each
_MAX_COLUMNS = 100_000
_OPTIONS = (
    click.option("--tree", metavar="FILE", help="P and Q of sequences of tokens, maybe O: a tree, in YAML or JSON."),
    click.option("--steps-policy", metavar="LIST", help="P of sequences that go on with these probabilities."),
    click.option("--steps-reference", metavar="LIST", help="Q, the same way."),
)


def or_sequences(command: Callable[..., None]) -> Callable[..., None]:
    """With one of the options of sequences these are what is asked about, else what the command itself is."""

    @wraps(command)
    def policy(tree: str | None, steps_policy: str | None, steps_reference: str | None, **given: Any) -> None:
        asked = {"tree": tree, "steps-policy": steps_policy, "steps-reference": steps_reference}
        if any(text is not None for text in asked.values()):
            _run(asked, given)
        else:
            command(**given)

    for option in reversed(_OPTIONS):
        option(policy)
    return policy


def refuse_others(option: str, given: dict[str, Any], *allowed: str) -> None:
    """An error where an option of `mcdiv policy` was given that does not go with this one."""
    from mcdiv.errors import ScenarioError
    from mcdiv.files.counts import Reading

    names = {"policy_text": "--policy", "reference": "--reference", "drawn_from": "--drawn-from", "clip": "--clip"}
    names |= {
        "steps": "--steps",
        "rate": "--rate",
        "plot": "--plot",
        "top_k": "--top-k",
        "kept_by": "--kept-by",
        "clip_terms": "--clip-terms",
    }
    others = [said for name, said in names.items() if name not in allowed and given.get(name) is not None]
    if "reading" not in allowed and given["reading"] != Reading():
        others.append("an option of how files are read")
    if others:
        raise ScenarioError([f"--{option}: {others[0]} does not go with it"])
    if given["as_json"] and given["as_markdown"]:
        raise ScenarioError(["--json and --markdown do not go together: each is a form of what is printed"])


def made_by(options: dict[str, str | None]) -> str:
    """The command with these options, as a line of Markdown."""
    given = {name.replace("_", "-"): text for name, text in options.items() if text is not None}
    words = [f"--{name} {shlex.quote(text)}" for name, text in given.items()]
    return f"Made by `{' '.join(['mcdiv policy', *words])}`."


def _run(asked: dict[str, str | None], given: dict[str, Any]) -> None:
    from mcdiv.files.disk import raise_if_exists, write_new
    from mcdiv.results.csv_tables import to_csv

    output = given["output"]
    with console.plain_errors():
        asked_for = next(name for name, text in asked.items() if text is not None)
        refuse_others(asked_for, given, "clip", *["drawn_from"] * (asked["tree"] is None))
        if output is not None:
            raise_if_exists(Path(output))
        tree = _tree_of(asked, given["drawn_from"])
        lab = _lab(tree, given["clip"], tables=given["as_json"] or output is not None)
        if output is not None:
            write_new(Path(output), to_csv(lab.gradients))
    if given["as_json"]:
        console.print_json(_record(lab))
    elif given["as_markdown"]:
        console.echo(lab.markdown())
        if asked["tree"] is None:  # anybody can run it
            console.echo(made_by(asked | {name: given[name] for name in ("drawn_from", "clip")}))
    else:
        _show(lab)
        if output is not None:
            console.echo(f"wrote {output}")


def _lab(tree: "Tree", clip: str | None, *, tables: bool) -> "PolicySequences":
    from mcdiv.api.policy_sequences import lab_of_sequences
    from mcdiv.errors import ScenarioError

    if tables and (logits := int(tree.is_parameter.sum())) > _MAX_COLUMNS:
        said = f"a table with a column for each of {logits:,} logits; expected at most {_MAX_COLUMNS:,}"
        raise ScenarioError([f"{said}; mcdiv.policy_sequences gives it in Python"])
    try:
        return lab_of_sequences(tree, clip)
    except ValueError as error:
        raise ScenarioError([f"--{error}"]) from None


def _tree_of(asked: dict[str, str | None], drawn_from: str | None) -> "Tree":
    """The tree that the options give; a ScenarioError names the option or the place in the file."""
    from mcdiv.api.policy_sequences import tree_in, tree_of_steps
    from mcdiv.errors import ScenarioError
    from mcdiv.observed.pmfs import numbers_in

    tree = asked["tree"]
    steps = {name: text for name, text in asked.items() if name != "tree"}
    if tree is not None:
        if other := next((name for name, text in steps.items() if text is not None), None):
            raise ScenarioError([f"--tree: holds P and Q; --{other} does not go with it"])
        return tree_in(tree)
    for name, text in steps.items():
        if text is None:
            raise ScenarioError([f"--{name}: give the probabilities to go on at each step, such as 0.6, 0.3"])
    if drawn_from is not None:
        steps["drawn-from"] = drawn_from
    try:
        return tree_of_steps({f"--{name}": numbers_in(str(text)) or text for name, text in steps.items()})
    except ValueError as error:
        raise ScenarioError([str(error)]) from None


def _record(lab: "PolicySequences") -> dict[str, Any]:
    """All there is, for a program to read."""
    from mcdiv.core.number_format import for_json
    from mcdiv.results.tables import to_records

    numbers = {
        name: getattr(lab, name)
        for name in ("kl_divergence", "reverse_kl_divergence", "mean_length", "drawn_length", "sequences")
    }
    return {
        **{name: for_json(number) for name, number in numbers.items()},
        "logits": list(lab.logits),
        "values": to_records(lab.values),
        "gradients": to_records(lab.gradients),
        "sentences": list(lab.sentences),
    }


def _show(lab: "PolicySequences") -> None:
    """The values, the gradients, and which of them are right."""
    from mcdiv.policies.sequence_words import COLUMNS, sequence_cells, short

    first, *others = lab.sentences
    console.echo(f"{first}\n")
    values = [(row.estimator, *map(short, (row.mean, row.bias, row.sd))) for row in lab.value_rows]
    console.print_table("Value of one sequence [nats]", ("estimator", "mean", "bias", "sd"), values)
    few = lab.gradient.size <= _MAX_ENTRIES
    entries = tuple(f"∇ {name}" for name in lab.logits) if few else ()
    lines = [(*sequence_cells(row), *(map(short, row.comparison.mean) if few else ())) for row in lab.gradient_rows]
    console.print_table("Expected gradient from one sequence, in the logits of the policy", (*COLUMNS, *entries), lines)
    for sentence in others:
        console.echo(sentence)

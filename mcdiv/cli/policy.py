"""`mcdiv policy`: the KL term of a policy; its options, and what it prints."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mcdiv.cli import console
from mcdiv.cli.options import json_option, plugin_option, reading_options
from mcdiv.cli.picture_file import check_picture, write_picture
from mcdiv.cli.policy_sequences import made_by, or_sequences
from mcdiv.cli.policy_top_k import or_top_k

if TYPE_CHECKING:
    from mcdiv.api.policy import PolicyLab

#: categories up to which the table has the expected gradients
_MAX_ENTRIES = 4


@click.command()
@click.option("--policy", "policy_text", metavar="PMF", help="P, which is trained: '0.5, 0.3, 0.2', a DIST or a FILE.")
@click.option("--reference", metavar="PMF", help="Q, the same way.")
@click.option("--drawn-from", metavar="PMF", help="O, which draws are from; of steps a LIST. Default: the policy.")
@click.option("--clip", metavar="SIZE", help="Add rows whose weights p/o are clipped to [1 − SIZE, 1 + SIZE].")
@click.option("--steps", metavar="N", help="Follow N steps of gradient descent on each expected gradient.")
@click.option("--rate", metavar="SIZE", help="Of these steps, in the logits. Default: 1.")
@click.option("--markdown", "as_markdown", is_flag=True, help="Print a block of Markdown, to paste into a review.")
@click.option("-o", "--output", metavar="FILE", help="Write the gradients as CSV; an existing file is not overwritten.")
@click.option("--plot", metavar="FILE", help="Of coins: draw gradients by policy and reference; .svg, .png or .pdf.")
@reading_options
@json_option
@plugin_option
@or_sequences
@or_top_k
def policy(
    policy_text: str | None,
    reference: str | None,
    drawn_from: str | None,
    clip: str | None,
    steps: str | None,
    rate: str | None,
    output: str | None,
    plot: str | None,
    *,
    as_markdown: bool,
    as_json: bool,
    reading: Any,
    plugins: tuple[str, ...],
) -> None:
    """Say which gradient of the KL term is right: k1, k2, k3 and the exact sum, in the loss and in the reward.

    Values and expected gradients of one draw are exact sums over the categories. PMF is a list of probabilities, a
    distribution such as 'zipf: {k: 100}', or a FILE of probabilities, logits or counts.

    mcdiv policy --policy "0.5, 0.3, 0.2" --reference "0.7, 0.2, 0.1" --drawn-from "0.4, 0.4, 0.2" --clip 0.2

    Of sequences of tokens, with P, Q and maybe O in a tree of tokens or as steps, at each of which a sequence goes on
    or ends:

    mcdiv policy --steps-policy "0.6, 0.3" --steps-reference "0.5, 0.6"

    What the largest probabilities say without the others, and what that is worth:

    mcdiv policy --policy teacher.csv --reference student.csv --top-k 20
    """
    from mcdiv.files.disk import raise_if_exists, write_new
    from mcdiv.results.csv_tables import to_csv

    _refuse_contradictions(steps, rate, as_json=as_json, as_markdown=as_markdown)
    with console.plain_errors():
        if output is not None:
            raise_if_exists(Path(output))
        if plot is not None:
            check_picture(Path(plot))
        given = {"policy": policy_text, "reference": reference, "drawn_from": drawn_from}
        lab, read_as = _lab(given, clip, reading)
        descent = None if steps is None else _descended(lab, steps, rate or "1")
        if output is not None:
            write_new(Path(output), to_csv(lab.gradients))
        if plot is not None:
            _draw(lab, Path(plot))
    if as_json:
        console.print_json(_record(lab, descent))
        return
    if as_markdown:
        console.echo(lab.markdown())
        if not read_as and not plugins:  # anybody can run it
            console.echo(made_by(given | {"clip": clip}))
        return
    for line in read_as:
        console.echo(line)
    _print(lab)
    if descent is not None:
        _print_descent(descent)
    for path in filter(None, (output, plot)):
        console.echo(f"wrote {path}")


def _refuse_contradictions(steps: str | None, rate: str | None, *, as_json: bool, as_markdown: bool) -> None:
    if as_json and as_markdown:
        raise click.UsageError("--json and --markdown do not go together: each is a form of what is printed.")
    if as_markdown and steps is not None:
        raise click.UsageError("--steps is not in the block that --markdown prints: leave one of them out.")
    if rate is not None and steps is None:
        raise click.UsageError("--rate is the size of --steps, which is not given.")


def _lab(given: dict[str, str | None], clip: str | None, reading: Any) -> "tuple[PolicyLab, tuple[str, ...]]":
    from mcdiv.api.policy import lab_of
    from mcdiv.errors import ScenarioError
    from mcdiv.observed.pmfs import pmfs_of

    for name in ("policy", "reference"):
        if given[name] is None:
            raise ScenarioError([f"--{name}: give the probabilities of the {name}, such as '0.5, 0.3, 0.2'"])
    found = pmfs_of(given, reading)
    pmfs = found.pmfs
    try:
        return lab_of(pmfs["policy"], pmfs["reference"], pmfs.get("drawn_from"), clip), found.read_as
    except ValueError as error:
        raise ScenarioError([_as_option(str(error))]) from None


def _descended(lab: "PolicyLab", steps: Any, rate: Any) -> Any:
    """Texts are read as numbers."""
    from mcdiv.errors import ScenarioError

    try:
        return lab.steps(steps, rate)
    except ValueError as error:
        raise ScenarioError([_as_option(str(error))]) from None


def _draw(lab: "PolicyLab", path: Path) -> None:
    from mcdiv.errors import ScenarioError

    try:
        write_picture(path, lab.draw())
    except ValueError as error:
        raise ScenarioError([str(error).replace("draw:", "--plot:", 1)]) from None


def _as_option(said: str) -> str:
    """A mistake in an argument, in the words of the command."""
    known = ("clip", "steps", "rate", "policy")
    return (
        f"--{said}".replace(", drawn_from has", ", --drawn-from has").replace(", reference has", ", --reference has")
        if said.startswith(known)
        else said
    )


def _print(lab: "PolicyLab") -> None:
    from mcdiv.core.number_format import counted
    from mcdiv.policies.words import COLUMNS, EXPLAINED, cells_of, short, written

    drawn = "the policy" if lab.on_policy else written(lab.drawn_from)
    ends = f"KL(P‖Q) = {short(lab.kl_divergence)} nats, KL(Q‖P) = {short(lab.reverse_kl_divergence)} nats"
    console.echo(f"{counted(lab.policy.size, 'category', 'categories')}; drawn from {drawn}; {ends}\n")
    values = [(row.estimator, row.weight, *map(short, (row.mean, row.bias, row.sd))) for row in lab.value_rows]
    console.print_table("Value of one draw [nats]", ("estimator", "weight", "mean", "bias", "sd"), values)
    few = lab.policy.size <= _MAX_ENTRIES
    entries = tuple(f"∇{k}" for k in range(lab.policy.size)) if few else ()
    header = (*COLUMNS, *entries)
    lines = [(*cells_of(row), *(map(short, row.comparison.mean) if few else ())) for row in lab.gradient_rows]
    console.print_table("Expected gradient in the logits of the policy, beside ∇KL(P‖Q)", header, lines)
    console.echo(EXPLAINED.replace("*", ""))
    for sentence in lab.sentences:
        console.echo(sentence)


def _print_descent(descent: Any) -> None:
    from mcdiv.policies.words import short, written

    names = [name for name in descent.columns if name.startswith("policy_")]
    lines = [
        (
            row["estimator"],
            row["placement"] or "–",
            (row["weight"] or "–") + (", clipped" if row["clipped"] else ""),
            f"{row['steps']:,}",
            short(row["kl_divergence"]),
            row["ends"],
            written(row[names].to_numpy(float)),
        )
        for _, row in descent.iterrows()
    ]
    header = ("estimator", "placement", "weight", "steps", "KL(P‖Q) [nats]", "ends", "policy")
    console.print_table("\nGradient descent on each expected gradient", header, lines)


def _record(lab: "PolicyLab", descent: Any) -> dict[str, Any]:
    from mcdiv.results.tables import to_records

    tables = {"values": to_records(lab.values), "gradients": to_records(lab.gradients)}
    if descent is not None:
        tables["steps"] = to_records(descent)
    ends = {"kl_divergence": lab.kl_divergence, "reverse_kl_divergence": lab.reverse_kl_divergence}
    return ends | tables | {"sentences": list(lab.sentences)}

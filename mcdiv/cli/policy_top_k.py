"""`mcdiv policy --top-k`: what the largest probabilities say; its options, and what it prints."""

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mcdiv.cli import console
from mcdiv.cli.policy_sequences import made_by, refuse_others

if TYPE_CHECKING:
    from mcdiv.api.top_k_divergence import TopKDivergence

_OPTIONS = (
    click.option("--top-k", metavar="K", help="What the K largest probabilities of P say of KL(P‖Q) and of H(P)."),
    click.option(
        "--kept-by", type=click.Choice(["policy", "reference"]), help="Whose K largest. Default: of the policy."
    ),
    click.option("--clip-terms", metavar="SIZE", help="With --top-k: the sum with each term at most SIZE as well."),
)


def or_top_k(command: Callable[..., None]) -> Callable[..., None]:
    """With --top-k the largest probabilities are what is asked about, else what the command itself is."""

    @wraps(command)
    def policy(top_k: str | None, kept_by: str | None, clip_terms: str | None, **given: Any) -> None:
        if top_k is not None:
            _run({"k": top_k, "kept_by": kept_by or "policy", "clip": clip_terms}, given)
            return
        for name, value in (("--kept-by", kept_by), ("--clip-terms", clip_terms)):
            if value is not None:
                raise click.UsageError(f"{name} goes with --top-k")
        command(**given)

    for option in reversed(_OPTIONS):
        option(policy)
    return policy


def _run(asked: dict[str, Any], given: dict[str, Any]) -> None:
    from mcdiv.files.disk import raise_if_exists, write_new
    from mcdiv.results.csv_tables import to_csv

    output = given["output"]
    with console.plain_errors():
        refuse_others("top-k", given, "policy_text", "reference", "reading")
        if output is not None:
            raise_if_exists(Path(output))
        found, read_as = _found(asked, given)
        if output is not None:
            write_new(Path(output), to_csv(found.values))
    if given["as_json"]:
        console.print_json(_record(found))
    elif given["as_markdown"]:
        console.echo(found.markdown())
        if not read_as and not given["plugins"]:  # anybody can run it
            pmfs = {"policy": given["policy_text"], "reference": given["reference"]}
            console.echo(
                made_by(pmfs | {"top-k": asked["k"], "kept-by": asked["kept_by"], "clip-terms": asked["clip"]})
            )
    else:
        for line in read_as:
            console.echo(line)
        _show(found)
        if output is not None:
            console.echo(f"wrote {output}")


def _found(asked: dict[str, Any], given: dict[str, Any]) -> "tuple[TopKDivergence, tuple[str, ...]]":
    from mcdiv.api.top_k_divergence import top_k_of
    from mcdiv.errors import ScenarioError
    from mcdiv.observed.pmfs import pmfs_of

    texts = {"policy": given["policy_text"], "reference": given["reference"]}
    for name, text in texts.items():
        if text is None:
            raise ScenarioError([f"--{name}: give the probabilities of the {name}, such as '0.5, 0.3, 0.2'"])
    read = pmfs_of(texts, given["reading"])
    try:
        return top_k_of(read.pmfs["policy"], read.pmfs["reference"], **asked), read.read_as
    except ValueError as error:
        name, _, rest = str(error).partition(":")
        option = {"k": "--top-k", "clip": "--clip-terms"}.get(name)
        raise ScenarioError([f"{option}:{rest}" if option else f"--{error}".replace(", ref", ", --ref")]) from None


def _record(found: "TopKDivergence") -> dict[str, Any]:
    from mcdiv.results.tables import to_records

    kept = {name: getattr(found, name) for name in ("kept", "kept_by", "policy_share", "reference_share")}
    return kept | {"values": to_records(found.values), "sentences": list(found.sentences)}


def _show(found: "TopKDivergence") -> None:
    from mcdiv.policies.top_k_words import COLUMNS, top_k_cells

    for sentence in found.sentences:
        console.echo(sentence)
    console.print_table(None, COLUMNS, [top_k_cells(row) for row in found.rows])

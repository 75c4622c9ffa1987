"""`mcdiv doctor`: its options, and what it prints."""

from typing import TYPE_CHECKING, Any

import click

from mcdiv.cli import console
from mcdiv.cli.options import json_option, plugin_option, reading_options_but

if TYPE_CHECKING:
    from mcdiv.diagnosis.diagnosed import Diagnosis
    from mcdiv.files.counts import Reading

_KINDS = click.Choice(["probabilities", "counts", "logprobs", "logits"])


@click.command()
@click.option("--p", "p_text", required=True, metavar="PMF", help="P: '0.5, 0.3, 0.2', a DIST or a FILE.")
@click.option("--q", "q_text", required=True, metavar="PMF", help="Q, the same way.")
@click.option("--got", metavar="NUMBER", help="The number that should be KL(P‖Q); its digits count.")
@click.option("--p-as", type=_KINDS, help="What the numbers of P stand for. Default: what --layout or they say.")
@click.option("--q-as", type=_KINDS, help="What those of Q stand for.")
@click.option("--draws", type=int, metavar="N", help="What k1, k2 and k3 of N draws from P can be by chance.")
@click.option("--temperature", metavar="T", help="A temperature to try besides the usual ones.")
@click.option("--eps", metavar="SIZE", help="A floor, or a share of label smoothing, to try besides the usual ones.")
@reading_options_but("draws", "order", "weights")
@click.option(
    "--weights", multiple=True, metavar="NAME", help="Column of the numbers. Twice: that of P, and that of Q."
)
@json_option
@plugin_option
def doctor(
    p_text: str,
    q_text: str,
    got: str | None,
    p_as: str | None,
    q_as: str | None,
    temperature: str | None,
    eps: str | None,
    weights: tuple[str, ...],
    *,
    reading: "Reading",
    as_json: bool,
    plugins: tuple[str, ...],
) -> None:
    """Say what is wrong with two pmfs, or with a number that should be their divergence.

    Sums, signs, zeros and precision are checked. The number is looked up among the known slips, alone and in pairs:
    swapped arguments, units, means in place of sums, conventions of SciPy and PyTorch, floors, temperatures …
    (mcdiv list slips). As a FILE, - is standard input.

    mcdiv doctor --p "0.5, 0.3, 0.2" --q "0.7, 0.2, 0.1" --got 0.1328
    """
    from mcdiv.diagnosis.words import sentences

    with console.plain_errors():
        found, read_as = _diagnosed(
            {"p": p_text, "q": q_text}, {"p": p_as, "q": q_as}, got, _readings(reading, weights), temperature, eps
        )
    if as_json:
        console.print_json(_record(found))
        return
    for line in (*read_as, *sentences(found)):
        console.echo(line)


def _readings(reading: "Reading", weights: tuple[str, ...]) -> "dict[str, Reading]":
    """How P and Q are read: with a column of numbers of their own where two are named."""
    from dataclasses import replace

    if len(weights) > 2:
        raise click.UsageError("--weights: P and Q have a column each; expected two at most")
    p, q = (weights * 2)[:2] or (None, None)
    return {"p": replace(reading, weights=p), "q": replace(reading, weights=q)}


def _diagnosed(
    texts: dict[str, str],
    kinds: dict[str, str | None],
    got: str | None,
    readings: "dict[str, Reading]",
    temperature: str | None,
    eps: str | None,
) -> "tuple[Diagnosis, list[str]]":
    from mcdiv.api.doctor import diagnosed
    from mcdiv.errors import ScenarioError
    from mcdiv.files.counts import OF_NUMBERS
    from mcdiv.observed.numbers import numbers_given
    from mcdiv.observed.option_texts import check_read_once

    reading = readings["p"]
    layout = reading.layout if reading.layout in (*OF_NUMBERS, "counts") else None
    asked = {name: kind or layout for name, kind in kinds.items()}
    check_read_once(texts.values())
    read = {name: numbers_given(name, text, asked[name], readings[name]) for name, text in texts.items()}
    try:
        found = diagnosed(
            {name: each.values for name, each in read.items()},
            {name: "counts" if each.counted else asked[name] for name, each in read.items()},
            got,
            normalise=reading.normalise,
            draws=reading.draws,
            parameters={"temperature": temperature, "eps": eps},
        )
    except ValueError as error:
        raise ScenarioError([_as_option(str(error))]) from None
    return found, [each.read_as for each in read.values() if each.read_as]


def _as_option(said: str) -> str:
    """A mistake in an argument, in the words of the command."""
    said = said.replace("give names to both, or arrays in the same order", "give both as files, or write both out")
    said = said.replace(", or arrays (to_numpy()) to pair them by position", "")
    name, colon, _ = said.partition(":")
    return f"--{said}" if colon and name in ("p", "q", "got", "draws", "temperature", "eps") else said


def _record(found: "Diagnosis") -> Any:
    """The diagnosis for a program to read: "inf" where it is infinite, null where there is nothing."""
    from dataclasses import asdict

    from mcdiv.diagnosis.words import sentences

    return _for_json(asdict(found)) | {"sentences": list(sentences(found))}


def _for_json(value: Any) -> Any:
    from mcdiv.core.number_format import for_json

    if isinstance(value, dict):
        return {key: _for_json(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_for_json(each) for each in value]
    return for_json(value)

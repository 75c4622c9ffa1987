"""Options that several commands have."""

import warnings
from collections.abc import Callable
from functools import wraps
from typing import Any

import click

from mcdiv.cli import console


def load_plugins(context: click.Context, option: click.Parameter, files: tuple[str, ...]) -> tuple[str, ...]:
    """Load plug-ins as soon as the option is read: before any scenario is."""
    from mcdiv.scenario import plugins

    console.take_stdout()
    with console.plain_errors(), warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        plugins.load_plugins(files)
    for warning in caught:
        console.warn(str(warning.message))
    return files


#: shared by all commands that read a scenario
set_option = click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="KEY=VALUE",
    help="Change a value of the scenario; dotted keys. Repeatable.",
)


def own_folder(context: click.Context, name: str | None) -> bool:
    """Whether a study that settings change goes to a folder called by them: not where --output or --name is given."""
    return name is None and context.get_parameter_source("output") != click.core.ParameterSource.COMMANDLINE


def named(settings: tuple[str, ...], name: str | None) -> tuple[str, ...]:
    """With the name that an option gives."""
    return settings if name is None else (*settings, f'name="{name}"')


def _checked_name(context: click.Context, option: click.Parameter, name: str | None) -> str | None:
    from mcdiv.scenario.model import NAME_CHARACTERS, is_name

    if name is not None and not is_name(name):
        raise click.BadParameter(f"expected {NAME_CHARACTERS}, got {name!r}")
    return name


name_option = click.option(
    "--name",
    callback=_checked_name,
    metavar="NAME",
    help="Of the results' folder, OUTPUT/NAME/. Default: the scenario's name; without --output it is followed by what "
    "--set changes of what is studied (truth, model, sample sizes, zip, exclude, estimands, level).",
)
#: what a DIST can be
DIST = "a coin's P(heads) such as 0.5, probabilities such as '0.5, 0.3, 0.2', or 'zipf: {k: 100}'"
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON for a program to read.")
#: shared by all commands that look estimators up
plugin_option = click.option(
    "--plugin",
    "plugins",
    multiple=True,
    metavar="FILE",
    callback=load_plugins,
    help="A Python file with entries of your own, such as estimators or readers; it is run. Repeatable.",
)

_READING = {
    "column": click.option(
        "--column", metavar="NAME", help="Column of the symbols, or of the categories that --weights counts."
    ),
    "weights": click.option("--weights", metavar="NAME", help="Column of how often each row counts."),
    "by": click.option("--by", metavar="NAME", help="Column of groups; each group is estimated separately."),
    "text": click.option(
        "--text",
        type=click.Choice(["letters", "words", "characters", "bytes"]),
        help="FILE is running text: count these; characters keep their case, and leave out blanks.",
    ),
    "bytes": click.option("--bytes", "as_bytes", is_flag=True, help="Short for --text bytes: of any file, as it is."),
    "symbols": click.option(
        "--symbols", is_flag=True, help="Treat plain tokens as symbols even if they are whole numbers."
    ),
    "layout": click.option(
        "--layout",
        metavar="NAME",
        help="What rows and columns are: draws, counts, samples-in-rows, samples-in-columns, sequence, joint (pairs), "
        "spectrum, weights, probabilities, logprobs or logits.",
    ),
    "samples": click.option(
        "--samples", type=click.Choice(["rows", "columns"]), help="Short for --layout samples-in-rows or -columns."
    ),
    "ignore": click.option("--ignore", metavar="NAME,NAME", default="", help="Columns to leave out."),
    "missing": click.option(
        "--missing",
        type=click.Choice(["drop", "category"]),
        help="Leave rows out whose symbol is NA, NaN, empty …, or count these as a category.",
    ),
    "spectrum": click.option(
        "--spectrum", metavar="NAME,NAME", help="Columns of how often, and of how many categories occurred so often."
    ),
    "draws": click.option(
        "--draws", type=int, metavar="N", help="N, where FILE has weights or probabilities, not counts."
    ),
    "order": click.option(
        "--order",
        type=int,
        metavar="K",
        help="Draws are a sequence: estimate the entropy of blocks of K + 1, and of a draw given the K before it.",
    ),
    "normalise": click.option("--normalise", is_flag=True, help="Divide probabilities by their sum, whatever that is."),
    "logprobs": click.option(
        "--logprobs", is_flag=True, help="Short for --layout logprobs: natural logarithms of probabilities."
    ),
    "logits": click.option("--logits", is_flag=True, help="Short for --layout logits."),
}


def reading_options_but(*own: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """The options of a command that reads observations; it gets one argument for them, `reading`.

    Those named are declared by the command itself, or are none of it; --weights then stays with it.
    """
    return reading_options_of(*(name for name in _READING if name not in own))


def reading_options_of(*names: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """The same with these options alone."""
    plain = {"column", "by", "text", "symbols", "layout", "samples", "missing", "draws", "normalise", "order"}
    plain |= {"weights"} & {*names}

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        @wraps(command)
        def reading_so(**given: Any) -> None:
            from mcdiv.files.counts.asked import names_in, reading_of

            asked = {name: given.pop(name) for name in plain & given.keys()}
            for short, (option, value) in _SHORT.items():
                if short in names and given.pop("as_bytes" if short == "bytes" else short):
                    if asked[option] not in (None, value):
                        said = f"--{short} is short for --{option} {value}, and --{option} is {asked[option]}"
                        raise click.UsageError(said)
                    asked[option] = value
            with console.plain_errors():
                for listed in {"ignore", "spectrum"} & {*names}:
                    text = given.pop(listed)
                    asked[listed] = None if text is None else names_in(text)
                reading = reading_of(**asked)
            command(reading=reading, **given)

        for name in reversed(names):
            _READING[name](reading_so)
        return reading_so

    return decorate


#: options that stand for a value of another one
_SHORT = {"logprobs": ("layout", "logprobs"), "logits": ("layout", "logits"), "bytes": ("text", "bytes")}
reading_options = reading_options_but()


_SELECTING = (
    click.option("--truth", multiple=True, metavar="LABEL", help="Only this truth, such as 'coin(p=0.5)'. Repeatable."),
    click.option("--model", multiple=True, metavar="LABEL", help="Only this model. Repeatable."),
    click.option("--estimand", "estimands", multiple=True, metavar="LABEL", help="Only this estimand. Repeatable."),
    click.option(
        "-e", "--estimator", "estimators", multiple=True, metavar="LABEL", help="Only this estimator. Repeatable."
    ),
    click.option("-n", "--sample-size", "sizes", multiple=True, metavar="N", help="Only this N. Repeatable."),
    click.option(
        "-m", "--model-sample-size", "model_sizes", multiple=True, metavar="M", help="Only this M. Repeatable."
    ),
)


def selection_options(command: Callable[..., None]) -> Callable[..., None]:
    """The options of a command that shows some of a run's rows; it gets one argument for them, `selection`."""

    @wraps(command)
    def selecting(**given: Any) -> None:
        from mcdiv.results.loading import OPTIONS
        from mcdiv.results.selection import Selection

        names = {key: given.pop(key) for key in ("truth", "model", "estimands", "estimators")}
        sizes = {"sample_sizes": given.pop("sizes"), "model_sample_sizes": given.pop("model_sizes")}
        command(selection=Selection(**names, **sizes, called=OPTIONS), **given)

    for option in reversed(_SELECTING):
        option(selecting)
    return selecting

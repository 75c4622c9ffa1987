"""Options that several commands have."""

import warnings

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

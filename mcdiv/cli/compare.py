"""`mcdiv compare`: the estimators of finished runs, ranked."""

import click

from mcdiv.cli import console
from mcdiv.cli.options import json_option


@click.command()
@click.argument("folders", nargs=-1, required=True, metavar="RESULTS...")
@json_option
def compare(folders: tuple[str, ...], as_json: bool) -> None:
    """Rank the estimators of finished runs.

    By |bias| and by RMSE; "indistinguishable" where 2 MCSE do not separate them. Within a run these are the MCSEs of
    the paired differences in comparison.csv; between runs, those of independent samples.
    """
    from mcdiv.results.compare import compare as compare_runs
    from mcdiv.results.ranking import ranking_lines
    from mcdiv.results.tables import to_records

    with console.plain_errors():
        ranking = compare_runs(*folders)
    if as_json:
        console.print_json(to_records(ranking))
        return
    for title, header, lines in ranking_lines(ranking):
        console.print_table(title, header, lines)

"""`mcdiv compare`: the estimators of finished runs, ranked."""

import click

from mcdiv.cli import console
from mcdiv.cli.options import json_option


@click.command()
@click.argument("folders", nargs=-1, required=True, metavar="RESULTS...")
@click.option("--details", is_flag=True, help="Print the table of every setting, however many there are.")
@json_option
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV, every digit.")
def compare(folders: tuple[str, ...], details: bool, as_json: bool, as_csv: bool) -> None:
    """Rank the estimators of finished runs.

    By |bias| and by RMSE: the best of each setting first, then a table for each. "indistinguishable" where 2 MCSE do
    not separate them. Within a run these are the MCSEs of the paired differences in comparison.csv; between runs, those
    of independent samples, and where the seeds are the same the sum of both.
    """
    from mcdiv.results.compare import compare as compare_runs
    from mcdiv.results.csv_tables import to_csv
    from mcdiv.results.tables import to_records
    from mcdiv.results.words.ranking import ranking_tables, remarks

    if as_json and as_csv:
        raise click.UsageError("Give either --json or --csv.")
    with console.plain_errors():
        ranking = compare_runs(*folders)
    if as_json:
        console.print_json(to_records(ranking))
    elif as_csv:
        console.echo(to_csv(ranking).rstrip("\n"))
    else:
        for title, header, lines in ranking_tables(ranking, details=details):
            console.print_table(title, header, lines)
        for line in remarks(ranking, details=details):
            console.echo(line)

"""What a run prints: its table, sentences, checks and problems; or a record for a program to read."""

from typing import TYPE_CHECKING, Any

from mcdiv.cli import console

if TYPE_CHECKING:
    from mcdiv.results.study_results import Results
    from mcdiv.results.words.digest import Digest


def print_answer(results: "Results", detail: str | None = None) -> None:
    """The study, or one of its conditions, in a few tables and sentences, its checks and problems."""
    shown = results.digest(detail)
    for text in (results.scenario.title, results.scenario.question):
        if text:
            console.echo(text)
    _print_digest(shown)
    _print_means(results)
    for verdict in results.checks:
        console.echo(f"{'✓' if verdict.met else '✗'} {verdict.text}")
    _print_problems(results)


def _print_digest(shown: "Digest") -> None:
    console.echo(shown.caption)
    for table in shown.tables:
        console.print_table(None, table.header, table.printed, narrow=len(shown.tables) > 1)
    if shown.legend:
        console.echo("; ".join(f"{sign} {words}" for sign, words in shown.legend))
    for sentence in shown.sentences:
        console.echo(sentence)


def _print_means(results: "Results") -> None:
    """Means over truths, where the scenario asks for them."""
    if results.scenario.pool is None:
        return
    from mcdiv.engine.pooled import pooled
    from mcdiv.results.words.pooled import pooled_digest

    over = results.scenario.pool
    shown = pooled_digest(over, pooled(over, results.rows), results.scenario.units)
    if shown is not None:
        _print_digest(shown)


def print_folder(results: "Results") -> None:
    """Where the files are."""
    if results.folder is not None:
        page, plots = ((results.folder / name).exists() for name in ("report.html", "plots"))
        listed = ["report.html"] * page + ["summary.csv and the other tables"] + ["plots/"] * plots
        console.echo(f"wrote {results.folder}/: {', '.join(listed)}, scenario.yaml, …")


def print_failures(results: "Results") -> None:
    """Only what went wrong."""
    for verdict in results.checks:
        if not verdict.met:
            console.warn(f"✗ {verdict.text}")
    _print_problems(results)


def _print_problems(results: "Results") -> None:
    if not results.problems:
        return  # without pandas, which the table of problems takes
    from mcdiv.core.number_format import counted
    from mcdiv.results.words.agreement import DISAGREEMENT, disagreement

    table = results.tables["problems"]
    if text := disagreement(table):
        console.warn(f"✗ {text}")
    table = table[table["kind"] != DISAGREEMENT]
    imprecise = table["kind"] == "imprecise"
    if imprecise.any():
        rows = counted(int(imprecise.sum()), "row")
        console.warn(f"problems.csv: {rows} less precise than asked for after all replicates")
    rare = table["kind"] == "rare_events"
    if rare.any():
        rows = counted(int(rare.sum()), "row")
        console.warn(f"problems.csv: {rows} with MCSEs that rest on too few rare events to be believed")
    table = table[~imprecise & ~rare]
    if not table.empty:
        rows = counted(len(table), "row")
        missing = {"exception": "missing because an estimator raised an error"}
        kinds = ", ".join(
            missing.get(kind, kind) for kind in sorted(set(table["kind"]), key=lambda kind: (kind in missing, kind))
        )
        again = "; the command in its column 'replay' shows one again" if table["replicates"].all() else ""
        console.warn(f"problems.csv: {rows} of estimates that are {kinds}{again}")


def print_undrawn(results: "Results") -> None:
    """What could not be made of the tables."""
    for line in results.failures:
        console.warn(line)


def print_exact(results: "Results") -> None:
    """Every exact value of a study."""
    from mcdiv.estimands.contract import units_of
    from mcdiv.results.words.exact import exact_lines, undefined_sentences

    header, lines = exact_lines(results.rows, results.scenario.units)
    units = units_of((row.task.estimand for row in results.rows), results.scenario.units)
    drawn_from = results.scenario.drawn_from
    elsewhere = f", drawn from O = {drawn_from.label}" if drawn_from else ""
    console.print_table(f"exact, without simulation{elsewhere} ({units})", header, lines)
    for sentence in undefined_sentences(results.rows):
        console.echo(sentence)


def as_json(results: "Results") -> dict[str, Any]:
    """A run for a program to read."""
    from mcdiv.results.tables import to_records
    from mcdiv.results.words.agreement import disagreement

    means = {"pooled": to_records(results.tables["pooled"])} if results.scenario.pool else {}
    return {
        "name": results.scenario.name,
        "seed": results.scenario.seed,
        "folder": str(results.folder),
        "checks": [{"met": verdict.met, "text": verdict.text} for verdict in results.checks],
        "summary": results.records(),
        **means,
        "disagreement": disagreement(results.tables["problems"]) or None,
    }

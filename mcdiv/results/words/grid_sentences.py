"""What a study of several conditions says of each estimand: how its usual estimator does, and who is best where."""

from collections.abc import Iterator

from mcdiv.core.number_format import joined
from mcdiv.engine.records import Row
from mcdiv.estimands.contract import symbol_of
from mcdiv.results.leaders import Compared
from mcdiv.results.words.grid import Grid, mirrored
from mcdiv.results.words.grid_bias import bias_sentences
from mcdiv.results.words.places import where

#: groups of estimators that are listed with their places; of more it is counted how often each is best
_MAX_GROUPS = 4


def sentences(grid: Grid, units: str) -> Iterator[str]:
    """A text of a few sentences for each estimand."""
    for estimand in grid.estimands:
        mirrors = estimand == "kl_divergence" and mirrored(grid)
        if mirrors:
            told = ["The biases of Ĥ and K̂L mirror each other: K̂L = ĈE − Ĥ and ĈE has no bias."]
        else:
            told = list(bias_sentences([list(one.rows.values()) for one in grid.usual(estimand)], units))
        best = "" if mirrors else _best(grid, estimand, "bias")
        told += [f"Smallest |bias| of {symbol_of(estimand)}: {best}."] if best else []
        smallest = _best(grid, estimand, "rmse")
        of = "" if best else f" of {symbol_of(estimand)}"
        told += [f"Smallest RMSE{of}: {smallest}."] if smallest else []
        yield " ".join(told)


def _best(grid: Grid, estimand: str, measure: Compared) -> str:
    """Which estimators are best where, those within 2 MCSE of each other together; empty where none are compared."""
    there = {number: rows for (number, name), rows in grid.leaders.rows.items() if name == estimand}
    found: dict[frozenset[str], list[Row]] = {}
    none: dict[frozenset[str], bool] = {}
    for number, rows in there.items():
        if best := grid.leaders.best(number, estimand, measure):
            names = frozenset(row.task.label for row in best)
            found.setdefault(names, []).append(rows[0])
            none[names] = none.get(names, measure == "bias") and all(row.unbiased for row in best)
    among = [rows[0] for rows in there.values()]
    several = len(grid.settings) > 1
    if len(found) > 1 and (several or len(found) > _MAX_GROUPS):
        return _counted(found, len(among), several=several)
    return "; ".join(
        f"{_names(names, rows[0], grid, without=none[names])} {where(rows, among)}" for names, rows in found.items()
    )


def _names(together: frozenset[str], row: Row, grid: Grid, *, without: bool) -> str:
    """One estimator, or those that differ by less than 2 MCSE, as the tables have them; `without`: none has a bias."""
    there = [one.task.label for one in grid.leaders.rows[row.condition.number, row.task.estimand]]
    if without:
        return f"0 within rounding for {joined(label for label in there if label in together)}"
    if len(together) == 1:
        return next(iter(together))
    if len(together) == len(there):
        return f"no difference between the {len(there)} estimators"
    return f"no difference between {joined(label for label in there if label in together)}"


def _counted(found: dict[frozenset[str], list[Row]], total: int, *, several: bool) -> str:
    """How often each is the best."""
    alone = {next(iter(names)): len(rows) for names, rows in found.items() if len(names) == 1}
    tied = sum(len(rows) for names, rows in found.items() if len(names) > 1)
    how = " alone" if tied else ""
    parts = [f"{name}{how} in {count:,}" for name, count in sorted(alone.items(), key=lambda one: -one[1])]
    parts += [f"a tie in {tied:,}"] if tied else []
    missing = total - sum(map(len, found.values()))
    parts += [f"none to compare in {missing:,}"] if missing else []
    return f"{', '.join(parts)} of {total:,} {'conditions' if several else 'sample sizes'}"

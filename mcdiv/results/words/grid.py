"""A study of several conditions as a grid: settings (P, Q, M) by sample size, and the rows at each place."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias, TypeVar

from mcdiv.engine.plan import Condition
from mcdiv.engine.records import Pair, Row
from mcdiv.results.leaders import Compared, Leaders

Item = TypeVar("Item")
#: labels of truth and model, and M
Setting: TypeAlias = tuple[str, str | None, int | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One estimator of one estimand in one setting."""

    setting: Setting
    estimand: str
    #: its label
    estimator: str
    #: by N, ascending
    rows: dict[int, Row]


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """All rows of a study, put in order."""

    #: in the order of the tables
    settings: tuple[Setting, ...]
    #: every N of the study, ascending
    sizes: tuple[int, ...]
    estimands: tuple[str, ...]
    series: tuple[Series, ...]
    leaders: Leaders

    @staticmethod
    def of(rows: Sequence[Row], pairs: Iterable[Pair]) -> "Grid":
        """From the records of a study."""
        found: dict[tuple[Setting, str, str], dict[int, Row]] = {}
        for row in sorted(rows, key=lambda row: row.condition.sample_size):
            at = row.condition
            found.setdefault((setting_of(at), row.task.estimand, row.task.label), {})[at.sample_size] = row
        settings = tuple(dict.fromkeys(setting_of(row.condition) for row in rows))
        order = {key: i for i, key in enumerate(dict.fromkeys(_key(row) for row in rows))}
        return Grid(
            settings=settings,
            sizes=tuple(sorted({row.condition.sample_size for row in rows})),
            estimands=tuple(dict.fromkeys(row.task.estimand for row in rows)),
            series=tuple(
                Series(setting=key[0], estimand=key[1], estimator=key[2], rows=found[key])
                for key in sorted(found, key=order.__getitem__)
            ),
            leaders=Leaders.of(rows, pairs),
        )

    def of_estimand(self, estimand: str, setting: Setting | None = None) -> list[Series]:
        """Every estimator of an estimand, in one setting or in all of them."""
        return [one for one in self.series if one.estimand == estimand and setting in (None, one.setting)]

    def usual(self, estimand: str) -> list[Series]:
        """The plug-in of an estimand in every setting, or its first estimator where it has no plug-in."""
        there = self.of_estimand(estimand)
        plain = [one for one in there if next(iter(one.rows.values())).task.name == "plugin"]
        first = (plain or there)[0].estimator
        return [one for one in there if one.estimator == first]

    def best(self, row: Row, measure: Compared) -> Sequence[Row]:
        """The best of the row's condition and estimand, and those within 2 MCSE of it."""
        return self.leaders.best(row.condition.number, row.task.estimand, measure)

    def is_best(self, row: Row, measure: Compared) -> bool:
        """Whether it is one of them."""
        return any(one is row for one in self.best(row, measure))

    @property
    def varying(self) -> list[tuple[str, int]]:
        """What tells the settings apart: its symbol and place in a setting."""
        places = enumerate(("P", "Q", "M"))
        return [(symbol, i) for i, symbol in places if len({one[i] for one in self.settings}) > 1]


def setting_of(condition: Condition) -> Setting:
    """The setting of a condition."""
    return condition.truth.label, condition.model.label if condition.model else None, condition.model_sample_size


def spread(items: Sequence[Item], most: int) -> list[Item]:
    """At most so many of them, the first and the last among them, at even distances."""
    if len(items) <= most:
        return list(items)
    if most < 2:
        return list(items[:most])
    return [items[round(i * (len(items) - 1) / (most - 1))] for i in range(most)]


def mirrored(grid: Grid) -> bool:
    """Whether the exact bias of every estimator of KL is that of the entropy with the sign turned."""
    entropy = {(one.setting, one.estimator): one for one in grid.of_estimand("entropy")}
    divergence = grid.of_estimand("kl_divergence")
    return bool(divergence) and all(_mirrors(one, entropy.get((one.setting, one.estimator))) for one in divergence)


def _mirrors(divergence: Series, entropy: Series | None) -> bool:
    if entropy is None or list(entropy.rows) != list(divergence.rows):
        return False
    both = [(entropy.rows[n].exact.get("bias"), row.exact.get("bias")) for n, row in divergence.rows.items()]
    return all(a is not None and b is not None and abs(a + b) <= 1e-9 * abs(a) for a, b in both)


def _key(row: Row) -> tuple[Setting, str, str]:
    return setting_of(row.condition), row.task.estimand, row.task.label

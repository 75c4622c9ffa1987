"""The pages of estimands, distributions, readers and pictures: their cards, one after the other."""

from collections.abc import Callable, Iterable

from mcdiv.api.cards import distribution_card, estimand_card, picture_card, reader_card
from mcdiv.core.distributions import FAMILIES
from mcdiv.estimands.contract import ESTIMANDS
from mcdiv.files.counts import READERS
from mcdiv.results.plots import catalogue

HEADS = {
    "estimands": """# The estimands

Made from the cards in `mcdiv/estimands/` by `python docs/generate.py`. P is the truth, Q the model. A scenario
names them under `estimands`, a command with `--estimand`; one with parameters is called by its label, such as
`renyi(order=2)`. Every one has an estimate at every estimated pmf, the plug-in among them; [the
estimators](estimators.md) say what else there is.
""",
    "distributions": """# The distributions

Made from the functions in `mcdiv/core/families/` by `python docs/generate.py`. A scenario's `truth` or
`model` is one of them, as `truth: {zipf: {k: 100, s: 1.1}}`; of the first parameter alone the value is enough, as
`truth: {zipf: 100}`. A list for a number makes a grid; a list of distributions, such as
`truth: [{coin: 0.5}, {zipf: 100}]`, is one after the other. A random family, one with a `seed`, takes `redraw: 100`
too: so many draws, whose seeds count up from `seed`. With `pool: draws` a study averages over them.
""",
    "readers": """# The readers

Made from the functions in `mcdiv/files/counts/` by `python docs/generate.py`. The longest suffix that a file's name
ends with decides which reads it. What a table means is on the page of [layouts](reading.md), alike for
every format. Text may be packed: `trees.csv.gz` (.bz2, .xz, .zip) is read as `trees.csv` is. It is UTF-8, or
UTF-16 where the file begins with its mark.
""",
    "pictures": """# The pictures

Made from what `mcdiv/results/plots/` registers by `python docs/generate.py`. A scenario asks for some of them with
`plots`; without, a run draws every one for which its tables have rows, but those that are drawn only
where they are named. `mcdiv plot` draws them again in other styles and formats. A fit has a picture of its own,
`learning`, which [`mcdiv fit`](learning.md) draws.
""",
}


def entries_page(kind: str) -> str:
    """The whole page of one kind."""
    known: dict[str, tuple[Iterable[str], Callable[[str], dict[str, str]]]] = {
        "estimands": (ESTIMANDS, estimand_card),
        "distributions": (FAMILIES, distribution_card),
        "readers": (READERS, reader_card),
        "pictures": (catalogue(), picture_card),
    }
    names, card = known[kind]
    return "\n".join([HEADS[kind], *(entry_section(card(name)) for name in names)])


def entry_section(card: dict[str, str]) -> str:
    """One card: its name, what it is, and its headings."""
    (_, name), *rest = card.items()
    lines = [f"- **{heading.capitalize()}:** {text}" for heading, text in rest if heading not in ("about", "file")]
    return "\n".join([f"## {name}", "", card["about"], "", *lines, *([""] if lines else [])])

"""The page on `mcdiv doctor`: a story, and a table of every slip it knows."""

from collections.abc import Iterator
from pathlib import Path

from mcdiv.core.escapes import markdown
from mcdiv.diagnosis.contract import SLIPS, Slip

STORY = Path(__file__).parent / "doctor_story.md"
_HEADS = {
    "pair": "What is put in place of p and q",
    "quantity": "Another quantity of p and q",
    "number": "What is done with the number x",
}
_KINDS = tuple(_HEADS)


def page_of_slips() -> str:
    """The page, generated lines last."""
    return STORY.read_text("utf-8") + "\n\n".join(_table(kind) for kind in _KINDS) + "\n"


def _table(kind: str) -> str:
    lines = [
        f"### {_HEADS[kind]}",
        "",
        "| slip | what it is | formula | where it matters | fix |",
        "|---|---|---|---|---|",
    ]
    return "\n".join([*lines, *(_line(several) for several in SLIPS.values() if several[0].kind == kind)])


def _line(several: tuple[Slip, ...]) -> str:
    one = several[0]
    name = one.label.partition("(")[0]
    tried = "".join(f"; {key}: {', '.join(_written(value) for value in values)}" for key, values in _tried(several))
    formula = one.card.formula.replace("<of>", "q").replace("<format>", "a format")
    cells = (
        markdown(one.card.summary),
        markdown(formula) + tried,
        markdown(one.card.valid),
        markdown(one.card.more["Mend"]),
    )
    return f"| `{name}` | {' | '.join(cells)} |"


def _tried(several: tuple[Slip, ...]) -> Iterator[tuple[str, list[object]]]:
    """The values that are tried of each parameter, in their order."""
    for key in several[0].given:
        yield key, list(dict.fromkeys(each.given[key] for each in several))


def _written(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)

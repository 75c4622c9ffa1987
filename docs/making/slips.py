"""The page on `mcdiv doctor`: a story, and a table of every slip it knows."""

from pathlib import Path

from mcdiv.core.escapes import markdown
from mcdiv.diagnosis.contract import SLIPS, SlipSummary, slip_summary

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
    return "\n".join([*lines, *(_line(slip) for slip in map(slip_summary, SLIPS) if slip.kind == kind)])


def _line(slip: SlipSummary) -> str:
    tried = f"; {slip.tried_text}" if slip.tried else ""
    cells = (
        markdown(slip.card.summary),
        markdown(slip.formula) + tried,
        markdown(slip.card.valid),
        markdown(slip.card.more["Mend"]),
    )
    return f"| `{slip.name}` | {' | '.join(cells)} |"

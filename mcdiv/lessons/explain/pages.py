"""An explanation as plain text, as Markdown, and as a page that needs nothing else: light, dark, printable."""

import math
import textwrap
from collections.abc import Callable, Iterator
from html import escape

from mcdiv.core.escapes import markdown, one_line, printable
from mcdiv.lessons.explain.derivation import Explanation
from mcdiv.lessons.explain.worked_example import WorkedExample

_WIDTH = 100


def as_text(explanation: Explanation) -> str:
    """For a terminal."""
    lines = [_title(explanation), ""]
    for note in explanation.notes:
        lines += [*textwrap.wrap(f"! {note}", _WIDTH, subsequent_indent="  "), ""]
    lines += [*_text_table(explanation), ""]
    for number, step in enumerate(explanation.steps, start=1):
        lines += [f"{number}. {step.title}", f"   {step.formula}"]
        lines += [f"     {line}" for line in step.numbers]
        lines += textwrap.wrap(step.sentence, _WIDTH, initial_indent="   ", subsequent_indent="   ")
        lines.append("")
    return "\n".join(lines)


def as_markdown(explanation: Explanation) -> str:
    """For notes, issues and slides."""
    lines = [f"# {markdown(_title(explanation))}", ""]
    for note in explanation.notes:
        lines += [f"> {markdown(note)}", ""]
    lines += _markdown_table(explanation)
    for number, step in enumerate(explanation.steps, start=1):
        lines += ["", f"## {number}. {markdown(step.title)}", "", "```text", one_line(step.formula)]
        lines += [*(f"  {one_line(line)}" for line in step.numbers), "```", "", markdown(step.sentence)]
    return "\n".join([*lines, ""])


def as_html(explanation: Explanation) -> str:
    """A page that needs no other file and no network."""
    title = escape(one_line(_title(explanation)))
    parts = [f"<h1>{title}</h1>", *(f'<p class="note">{escape(note)}</p>' for note in explanation.notes)]
    parts += [_bars(explanation.case), _html_table(explanation)]
    for number, step in enumerate(explanation.steps, start=1):
        numbers = "\n".join(map(escape, step.numbers))
        parts.append(
            f"<section>\n<h2>{number}. {escape(step.title)}</h2>\n"
            f'<p class="formula">{escape(step.formula)}</p>\n<pre>{numbers}</pre>\n<p>{escape(step.sentence)}</p>\n'
            "</section>"
        )
    body = printable("\n".join(part for part in parts if part))
    return _PAGE.replace("{title}", title).replace("{style}", _STYLE).replace("{body}", body)


FORMATS: dict[str, Callable[[Explanation], str]] = {"text": as_text, "markdown": as_markdown, "html": as_html}


def _title(explanation: Explanation) -> str:
    return f"H(P, Q) = KL(P‖Q) + H(P) for P = {explanation.truth}, Q = {explanation.model}"


def _text_table(explanation: Explanation) -> Iterator[str]:
    rows = [explanation.header, *explanation.rows]
    widths = [max(len(row[i]) for row in rows) for i in range(len(explanation.header))]

    def line(row: tuple[str, ...]) -> str:
        cells = [row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))]
        return "   ".join(cells)

    rule = "─" * (sum(widths) + 3 * (len(widths) - 1))
    yield from (line(explanation.header), rule, *map(line, explanation.rows[:-1]), rule, line(explanation.rows[-1]))


def _markdown_table(explanation: Explanation) -> Iterator[str]:
    yield f"| {' | '.join(map(markdown, explanation.header))} |"
    yield "|---" + "|---:" * (len(explanation.header) - 1) + "|"
    yield from (f"| {' | '.join(map(markdown, row))} |" for row in explanation.rows[:-1])
    yield f"| **{'** | **'.join(map(markdown, explanation.rows[-1]))}** |"


def _html_table(explanation: Explanation) -> str:
    def row(cells: tuple[str, ...], tag: str) -> str:
        scope = ' scope="col"' if tag == "th" else ""
        return "<tr>" + "".join(f"<{tag}{scope}>{escape(cell)}</{tag}>" for cell in cells) + "</tr>"

    body = "\n".join(row(cells, "td") for cells in explanation.rows[:-1])
    return (
        f'<div class="wide"><table>\n<thead>{row(explanation.header, "th")}</thead>\n<tbody>\n{body}\n</tbody>\n'
        f"<tfoot>{row(explanation.rows[-1], 'td')}</tfoot>\n</table></div>"
    )


def _bars(example: WorkedExample) -> str:
    """H(P, Q) as one bar, and below it KL and H(P) end to end: the same length. Nothing where one is infinite or 0."""
    if not math.isfinite(example.cross_entropy) or example.cross_entropy <= 0:
        return ""
    share = 100 * example.kl_divergence / example.cross_entropy
    label = escape(
        f"H(P, Q) = {example.figure(example.cross_entropy)} is as long as "
        f"KL(P‖Q) = {example.figure(example.kl_divergence)} and H(P) = {example.figure(example.entropy)} together"
    )
    return (
        f'<figure role="img" aria-label="{label}">\n'
        f'<div class="bar"><span class="cross" style="width:100%"></span></div>\n'
        f'<div class="bar"><span class="divergence" style="width:{share:.4f}%"></span>'
        f'<span class="entropy" style="width:{100 - share:.4f}%"></span></div>\n'
        f'<figcaption><i class="cross"></i>H(P, Q) = {escape(example.measured(example.cross_entropy))}'
        f' <i class="divergence"></i>KL(P‖Q) = {escape(example.measured(example.kl_divergence))}'
        f' <i class="entropy"></i>H(P) = {escape(example.measured(example.entropy))}</figcaption>\n</figure>'
    )


_STYLE = """
:root { color-scheme: light dark; --ink: #1b1f24; --paper: #fff; --faint: #f2f4f6; --rule: #c9ced4; --note: #8a4b00;
  --cross: #5b6672; --divergence: #c25b00; --entropy: #0067a5; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e8ea; --paper: #14171a; --faint: #20252a; --rule: #444c54;
  --note: #ffb866; --cross: #9aa5b1; --divergence: #ff9a3c; --entropy: #5ab4f0; } }
body { font: 17px/1.55 system-ui, sans-serif; color: var(--ink); background: var(--paper); max-width: 48rem;
  margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.4rem; line-height: 1.3; } h2 { font-size: 1.1rem; margin: 2rem 0 .4rem; }
.formula { font-family: Cambria, "STIX Two Text", Georgia, serif; font-size: 1.1rem; margin: .3rem 0; }
pre { background: var(--faint); padding: .6rem .8rem; margin: .4rem 0; overflow-x: auto; font-size: .92rem; }
.note { border-left: 4px solid var(--note); padding: .1rem .8rem; background: var(--faint); }
.wide { overflow-x: auto; } table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: .95rem; }
th, td { padding: .2rem .8rem; text-align: right; white-space: nowrap; }
th:first-child, td:first-child { text-align: left; padding-left: 0; }
thead th { border-bottom: 1.5px solid var(--rule); }
tfoot td { border-top: 1.5px solid var(--rule); font-weight: 600; }
figure { margin: 1.2rem 0; } .bar { display: flex; height: 1.5rem; margin-bottom: .3rem; }
figcaption { font-size: .92rem; }
figcaption i { display: inline-block; width: .8rem; height: .8rem; margin: 0 .4rem 0 .9rem; }
figcaption i:first-child { margin-left: 0; } .cross { background: var(--cross); }
.divergence { background: var(--divergence); } .entropy { background: var(--entropy); }
@media print { :root { --ink: #000; --paper: #fff; --faint: #fff; --rule: #888; --note: #8a4b00; --cross: #5b6672;
  --divergence: #c25b00; --entropy: #0067a5; } body { margin: 0; max-width: none; font-size: 11pt; }
  section, figure, table { break-inside: avoid; } .bar, figcaption i { print-color-adjust: exact; }
  pre { padding-left: 0; } }
"""

_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
{body}
</body>
</html>
"""

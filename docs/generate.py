"""Write the pages that are made: `python docs/generate.py`; with names, these pages, scenarios and arguments.

Tests say which are stale. What was simulated is kept in results/docs/, where the next call finds it: only what has
changed is computed again.
"""

import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

from making.arguments import argument_page, argument_picture, arguments, arguments_index
from making.cards import estimators_page, intervals_page, measures_page
from making.entries import HEADS, entries_page
from making.keys import keys_page
from making.reading import reading_page
from making.reference import api_page, commands_page
from making.scenarios import index, page, picture, studied
from making.sizes import page_of_tests
from making.slips import page_of_slips

import mcdiv
from mcdiv.core.catalogue import did_you_mean
from mcdiv.files.shipped import shipped_scenarios
from mcdiv.results.plots.rendering import render

HERE = Path(__file__).parent
KEPT = HERE.parent / "results" / "docs"
#: pages that need no study, by name
PAGES: dict[str, Callable[[], str]] = {
    "estimators": estimators_page,
    "intervals": intervals_page,
    "measures": measures_page,
    **{kind: partial(entries_page, kind) for kind in HEADS},
    "reading": reading_page,
    "scenario_keys": keys_page,
    "tests": page_of_tests,
    "doctor": page_of_slips,
    "api": api_page,
    "commands": commands_page,
}


def write(chosen: list[str]) -> None:
    """The pages of the chosen names; with none chosen, all pages there are."""
    known = {*PAGES, *arguments(), *shipped_scenarios()}
    if unknown := [name for name in chosen if name not in known]:
        sys.exit(did_you_mean("page", unknown[0], known))
    for name in [name for name in arguments() if name in chosen or not chosen]:
        (HERE / "arguments" / f"{name}.svg").write_bytes(argument_picture(name))
        (HERE / "arguments" / f"{name}.md").write_text(argument_page(name), encoding="utf-8")
        print(f"arguments/{name}.md")
    for name in [name for name in shipped_scenarios() if name in chosen or not chosen]:
        study = studied(name, out=KEPT)
        (HERE / "scenarios" / f"{name}.svg").write_bytes(picture(study))
        (HERE / "scenarios" / f"{name}.md").write_text(page(study), encoding="utf-8")
        print(f"scenarios/{name}.md")
    for name in [name for name in PAGES if name in chosen or not chosen]:
        (HERE / f"{name}.md").write_text(PAGES[name](), encoding="utf-8")
    if not chosen:
        (HERE / "scenarios" / "README.md").write_text(index(), encoding="utf-8")
        (HERE / "arguments" / "README.md").write_text(arguments_index(), encoding="utf-8")
        coins = mcdiv.policy([0.5, 0.5], [0.6, 0.4]).draw()
        coins.set_dpi(75)
        (HERE / "images" / "policy_coins.png").write_bytes(render(coins, "png"))


if __name__ == "__main__":
    write(sys.argv[1:])

"""Write the pages that are made: `python docs/generate.py`; with names, the pages of these scenarios and arguments.

Tests say which are stale. What was simulated is kept in results/docs/, where the next call finds it: only what has
changed is computed again.
"""

import sys
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
from mcdiv.files.shipped import shipped_scenarios
from mcdiv.results.plots.rendering import render

HERE = Path(__file__).parent
KEPT = HERE.parent / "results" / "docs"


def write(chosen: list[str]) -> None:
    """The pages of the chosen scenarios and arguments; with none chosen, all pages there are."""
    for name in [name for name in chosen if name in arguments()] or ([] if chosen else arguments()):
        (HERE / "arguments" / f"{name}.svg").write_bytes(argument_picture(name))
        (HERE / "arguments" / f"{name}.md").write_text(argument_page(name), encoding="utf-8")
        print(f"arguments/{name}.md")
    for name in [name for name in chosen if name not in arguments()] or ([] if chosen else shipped_scenarios()):
        study = studied(name, out=KEPT)
        (HERE / "scenarios" / f"{name}.svg").write_bytes(picture(study))
        (HERE / "scenarios" / f"{name}.md").write_text(page(study), encoding="utf-8")
        print(f"scenarios/{name}.md")
    if not chosen:
        (HERE / "scenarios" / "README.md").write_text(index(), encoding="utf-8")
        (HERE / "arguments" / "README.md").write_text(arguments_index(), encoding="utf-8")
        (HERE / "estimators.md").write_text(estimators_page(), encoding="utf-8")
        (HERE / "intervals.md").write_text(intervals_page(), encoding="utf-8")
        (HERE / "measures.md").write_text(measures_page(), encoding="utf-8")
        for kind in HEADS:
            (HERE / f"{kind}.md").write_text(entries_page(kind), encoding="utf-8")
        (HERE / "reading.md").write_text(reading_page(), encoding="utf-8")
        (HERE / "scenario_keys.md").write_text(keys_page(), encoding="utf-8")
        (HERE / "tests.md").write_text(page_of_tests(), encoding="utf-8")
        (HERE / "doctor.md").write_text(page_of_slips(), encoding="utf-8")
        coins = mcdiv.policy([0.5, 0.5], [0.6, 0.4]).draw()
        coins.set_dpi(75)
        (HERE / "images" / "policy_coins.png").write_bytes(render(coins, "png"))
        (HERE / "api.md").write_text(api_page(), encoding="utf-8")
        (HERE / "commands.md").write_text(commands_page(), encoding="utf-8")


if __name__ == "__main__":
    write(sys.argv[1:])

"""The pages on the Python API and the commands say what docstrings and options say today."""

import inspect
import re
from pathlib import Path

import generate
import pytest
from making.entries import HEADS, entries_page
from making.keys import keys_page
from making.reading import reading_page
from making.reference import SECTIONS, api_page, commands_page
from making.slips import page_of_slips
from pages import ROOT

import mcdiv
from mcdiv.cli.main import cli

DOCS = ROOT / "docs"


def test_the_page_of_the_api_is_not_stale() -> None:
    assert (DOCS / "api.md").read_text("utf-8") == api_page(), "run python docs/generate.py api"


def test_the_page_of_commands_is_not_stale() -> None:
    assert (DOCS / "commands.md").read_text("utf-8") == commands_page(), "run python docs/generate.py commands"


def test_the_page_of_keys_is_not_stale() -> None:
    assert (DOCS / "scenario_keys.md").read_text("utf-8") == keys_page(), "run python docs/generate.py scenario_keys"


def test_the_page_of_layouts_is_not_stale() -> None:
    assert (DOCS / "reading.md").read_text("utf-8") == reading_page(), "run python docs/generate.py reading"


def test_the_page_of_slips_is_not_stale() -> None:
    assert (DOCS / "doctor.md").read_text("utf-8") == page_of_slips(), "run python docs/generate.py doctor"


@pytest.mark.parametrize("kind", HEADS)
def test_the_pages_of_entries_are_not_stale(kind: str) -> None:
    assert (DOCS / f"{kind}.md").read_text("utf-8") == entries_page(kind), f"run python docs/generate.py {kind}"


def test_every_public_name_has_its_place_on_the_page() -> None:
    named = [name for names in SECTIONS.values() for name in names if "." not in name]
    assert sorted(named) == sorted(mcdiv.__all__)


def test_every_command_and_every_option_is_on_the_page() -> None:
    page = commands_page()
    for name, command in cli.commands.items():
        section = page.split(f"## mcdiv {name}\n")[1].split("\n## ")[0]
        for parameter in command.params:
            assert all(spelling in section for spelling in parameter.opts if spelling.startswith("-")), (
                name,
                parameter,
            )


@pytest.mark.parametrize("name", sorted(set(mcdiv.__all__) - {"OutOfTime"}))
def test_docstrings_name_every_argument(name: str) -> None:
    entry = getattr(mcdiv, name)
    if inspect.isclass(entry):
        return
    said = inspect.getdoc(entry) or ""
    section = re.search(r"Parameters\n-+\n(.*?)(?:\n\w+\n-+\n|$)", said, re.DOTALL)
    named = re.findall(r"^\**(\w+(?:, \**\w+)*)(?: :|$)", section[1], re.MULTILINE) if section else []
    listed = [each.lstrip("*") for group in named for each in group.split(", ")]
    assert sorted(listed) == sorted(inspect.signature(entry).parameters)
    assert "Returns\n---" in said


def test_a_page_may_be_made_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(generate, "HERE", tmp_path)
    generate.write(["readers", "measures"])
    assert {path.name for path in tmp_path.iterdir()} == {"readers.md", "measures.md"}
    assert (tmp_path / "readers.md").read_text("utf-8") == (DOCS / "readers.md").read_text("utf-8")
    with pytest.raises(SystemExit, match="unknown page 'reader'; did you mean 'readers'"):
        generate.write(["reader"])

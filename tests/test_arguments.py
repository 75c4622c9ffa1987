"""The answers to public questions: every number is the exact one, and what the command gives today."""

import re
from pathlib import Path

import pytest
from cases import quick
from making.argument_pictures import drawn
from making.arguments import argument_page, arguments, arguments_index, fingerprint, recomputed, said
from pages import ROOT, plain

from mcdiv.results.plots import render, style

FOLDER = ROOT / "docs" / "arguments"
#: one of each command whose answer is there at once
QUICK = ["trl_7096", "trl_6586", "pytorch_60928", "whylogs_492", "llama_cpp_12557"]
NAMES = [*QUICK, *sorted(set(arguments()) - set(QUICK))]


@pytest.mark.parametrize("name", quick(len(QUICK), NAMES))
def test_the_command_of_an_argument_has_the_numbers_of_its_answer(name: str) -> None:
    numbers = arguments()[name]["numbers"]
    assert recomputed(arguments()[name]) == {
        key: pytest.approx(float(number["exact"]), rel=1e-9, abs=1e-14) for key, number in numbers.items()
    }


@pytest.mark.slow
@pytest.mark.parametrize("name", quick(len(QUICK), NAMES))
def test_the_page_of_an_argument_is_what_is_printed_today(name: str) -> None:
    written = (FOLDER / f"{name}.md").read_text("utf-8")
    assert plain(written) == plain(argument_page(name)), f"run python docs/generate.py {name}"


@pytest.mark.parametrize("name", NAMES)
def test_the_page_and_the_picture_of_an_argument_are_made_from_what_is_said_now(name: str) -> None:
    entry, written = arguments()[name], (FOLDER / f"{name}.md").read_text("utf-8")
    assert fingerprint(name) in written, f"run python docs/generate.py {name}"
    assert (FOLDER / f"{name}.svg").stat().st_size > 5_000
    used = set(re.findall(r"[{](\w+)[}]", entry["answer"]))
    assert used <= set(entry["numbers"])
    assert all(said(entry["numbers"][key]) in written for key in used)


def test_an_answer_has_two_sentences() -> None:
    for name, entry in arguments().items():
        sentences = re.findall(r"[.?!](?= [A-Z]|$)", entry["answer"].strip())
        assert len(sentences) <= 2, name


def test_the_index_of_arguments_names_every_page() -> None:
    assert (FOLDER / "README.md").read_text("utf-8") == arguments_index(), "run python docs/generate.py"
    files = {path.name for path in FOLDER.iterdir()}
    assert files == {"README.md"} | {f"{name}{suffix}" for name in arguments() for suffix in (".md", ".svg")}


def test_links_lead_to_the_threads() -> None:
    for path in FOLDER.glob("*.md"):
        for link in re.findall(r"\]\(([^)]+)\)", path.read_text("utf-8")):
            assert re.fullmatch(r"https://github\.com/[\w.-]+/[\w.-]+/issues/\d+", link) or Path(FOLDER, link).exists()


@pytest.mark.parametrize("length", [0.0, 2.0, 3.8, 3.9])
def test_no_line_crosses_the_number_of_a_bar(length: float) -> None:
    bars = {"draw": "bars", "axis": "statistic", "bars": {"one": length, "other": 40}, "line": 3.84, "line_label": "χ²"}
    with style():
        figure = drawn("Two statistics", bars, {})
        render(figure, "png")
        axes = figure.axes[0]
        line = axes.transData.transform((3.84, 0))[0]
        assert [words.get_text().strip() for words in axes.texts] == [f"{length:.3g}", "40"]
        assert not any(words.get_window_extent().x0 + 1 < line < words.get_window_extent().x1 for words in axes.texts)

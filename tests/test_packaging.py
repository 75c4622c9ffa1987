"""What is declared is what is needed: dependencies, groups, versions, files of the source archive."""

import ast
import re
import sys
import tomllib
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import pytest
from pages import ROOT

import mcdiv

PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PROJECT = PYPROJECT["project"]
EXTRAS = PROJECT["optional-dependencies"]
#: what this repository imports of itself
OURS = {"mcdiv", "benchmarks", "generate", "making", "tasks", *(path.stem for path in (ROOT / "tests").glob("*.py"))}
#: what benchmarks compare with where it is installed, and what tests write before they import it
OTHERS = {"infomeasure", "near", "theirs"}
#: of what is imported under another name than it is installed
INSTALLED_AS = {"PIL": "pillow"}


def names(requirements: Iterable[str]) -> set[str]:
    """Of the requirements, as pip compares them."""
    return {_plain(re.split(r"[\[<>=!~; ]", requirement)[0]) for requirement in requirements}


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


@cache
def parsed(folder: Path) -> list[tuple[Path, ast.Module]]:
    """Every file with what is in it."""
    return [(path, ast.parse(path.read_text(encoding="utf-8"))) for path in folder.rglob("*.py")]


@cache
def imported(folder: Path) -> list[tuple[str, str]]:
    """Every file with the first word of a module that it imports and that is neither Python's nor ours."""
    everything = []
    for path, tree in parsed(folder):
        for node in ast.walk(tree):
            found = []
            if isinstance(node, ast.Import):
                found = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found = [f"{node.module}.{alias.name}" for alias in node.names]
            for module in found:
                # ruamel is a folder that several distributions share
                first = ".".join(module.split(".")[: 2 if module.startswith("ruamel.") else 1])
                if first not in sys.stdlib_module_names and first not in OURS | OTHERS:
                    everything.append((path.relative_to(ROOT).as_posix(), _plain(INSTALLED_AS.get(first, first))))
    return everything


@pytest.mark.slow
@pytest.mark.unmeasured
def test_whatever_the_package_imports_is_declared_and_whatever_is_declared_is_imported() -> None:
    found = {module for _, module in imported(ROOT / "mcdiv")}
    declared = names(PROJECT["dependencies"])
    assert found - {"distributed", "h5py", "openpyxl", "pyarrow"} == declared
    assert {"distributed"} == names(EXTRAS["dask"])
    assert {"pyarrow"} == names(EXTRAS["parquet"])
    assert {"openpyxl"} == names(EXTRAS["excel"])
    assert {"h5py"} == names(EXTRAS["biom"])


@pytest.mark.slow
def test_what_is_optional_is_imported_only_where_it_is_used() -> None:
    for path, tree in parsed(ROOT / "mcdiv"):
        for node in tree.body:
            if isinstance(node, ast.Import | ast.ImportFrom):
                assert not re.search("(import|from) (distributed|h5py|openpyxl|pyarrow)", ast.unparse(node)), path


@pytest.mark.slow
@pytest.mark.unmeasured
@pytest.mark.parametrize("folder", ["tests", "docs", "benchmarks"])
def test_whatever_tests_and_pages_import_is_declared(folder: str) -> None:
    extras = [name for extra in ("test", "biom", "browser", "dask", "excel", "parquet") for name in EXTRAS[extra]]
    declared = names([*PROJECT["dependencies"], *extras])
    assert not [(path, module) for path, module in imported(ROOT / folder) if module not in declared]


def test_the_extra_of_developers_is_the_tests_and_all_groups() -> None:
    groups = PYPROJECT["dependency-groups"]
    of_groups = {entry for name, entries in groups.items() if name != "dev" for entry in entries}
    assert {entry["include-group"] for entry in groups["dev"]} == set(groups) - {"dev"}
    assert set(EXTRAS["dev"]) == {"mcdiv[test]"} | of_groups


def test_one_version_is_named_everywhere() -> None:
    assert f"\nversion: {mcdiv.__version__}\n" in (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    headings = re.findall("^## (.*)$", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert headings[0] in ("Unreleased", f"{mcdiv.__version__} (unreleased)") or mcdiv.__version__ in headings[0]
    for heading in headings[1:]:
        assert re.fullmatch(r"\d+\.\d+\.\d+ \(\d{4}-\d\d-\d\d\)", heading), "a released version has its date"


def test_the_source_archive_names_files_that_exist() -> None:
    for name in PYPROJECT["tool"]["hatch"]["build"]["targets"]["sdist"]["include"]:
        assert (ROOT / name).exists(), name


def test_a_lowest_version_is_printed_for_every_requirement_that_has_one(capsys: pytest.CaptureFixture[str]) -> None:
    import tasks

    tasks.main(["lowest"])
    printed = capsys.readouterr().out.splitlines()
    assert "numpy==2.0" in printed
    assert {_plain(line.split("==")[0]) for line in printed} == names(
        entry for entry in [*PROJECT["dependencies"], *EXTRAS["dask"], *EXTRAS["test"]] if ">=" in entry
    )


def test_a_word_that_is_no_task_prints_those_there_are() -> None:
    import tasks

    with pytest.raises(SystemExit, match=r"check  .*ruff"):
        tasks.main(["nothing"])

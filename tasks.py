"""What a contributor does, one word each: `python tasks.py check`. `.ci/run` and the workflow do the same.

check      ruff, its format, mypy
test       the tests a change has to pass at once; what follows goes to pytest
test-all   those, and the slow ones
docs       make the generated pages anew; with names, those of these scenarios
coverage   all tests, subprocesses included, and whether enough of the package was run
lowest     print the lowest versions that pyproject.toml allows, as constraints for pip
sdist      build the source archive, and run its own tests in an environment of its own
"""

import os
import re
import subprocess
import sys
import tarfile
import tomllib
import venv
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).parent


def call(*command: str | Path, folder: Path = ROOT, **environment: str) -> None:
    """Show a command and run it; the first one that fails ends everything."""
    print("+", *command, flush=True)
    done = subprocess.run(command, cwd=folder, env=os.environ | environment, check=False)
    if done.returncode:
        sys.exit(done.returncode)


def python(*arguments: str | Path, **environment: str) -> None:
    """The same with this Python."""
    call(sys.executable, *arguments, **environment)


def check() -> None:
    """The linters and the types."""
    python("-m", "ruff", "check", ".")
    python("-m", "ruff", "format", "--check", ".")
    python("-m", "mypy")


def coverage(*given: str) -> None:
    """Whoever starts Python while this variable is set is measured: workers, commands and their processes too."""
    with TemporaryDirectory() as folder:
        measured = {"COVERAGE_PROCESS_START": str(ROOT / "pyproject.toml"), "COVERAGE_FILE": f"{folder}/data"}
        python("-m", "pytest", "-m", "", *given, **measured)
        there = {"COVERAGE_FILE": measured["COVERAGE_FILE"]}
        python("-m", "coverage", "combine", "--quiet", **there)
        python("-m", "coverage", "report", **there)


def lowest() -> None:
    """A constraint for every requirement that has a lower bound."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    for requirement in [*project["dependencies"], *extras["dask"], *extras["test"]]:
        if found := re.fullmatch(r"([\w.-]+)>=([\d.]+)", requirement):
            print(f"{found[1]}=={found[2]}")


def sdist() -> None:
    """Nothing of this folder is within reach of the tests."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        python("-m", "hatchling", "build", "--target", "sdist", "--directory", folder)
        [archive] = folder.glob("*.tar.gz")
        with tarfile.open(archive) as opened:
            opened.extractall(folder, filter="data")
        unpacked = folder / archive.name.removesuffix(".tar.gz")
        venv.create(folder / "venv", with_pip=True)
        [there] = [*folder.glob("venv/bin/python"), *folder.glob("venv/Scripts/python.exe")]
        call(there, "-m", "pip", "install", "--quiet", ".[test]", folder=unpacked)
        call(there, "-m", "pytest", folder=unpacked)


def main(words: Sequence[str]) -> None:
    """Do what the first word says."""
    tasks = {
        "check": check,
        "test": lambda *given: python("-m", "pytest", *given),
        "test-all": lambda *given: python("-m", "pytest", "-m", "", *given),
        "docs": lambda *given: python("docs/generate.py", *given),
        "coverage": coverage,
        "lowest": lowest,
        "sdist": sdist,
    }
    if not words or words[0] not in tasks:
        sys.exit(__doc__)
    tasks[words[0]](*words[1:])


if __name__ == "__main__":
    main(sys.argv[1:])

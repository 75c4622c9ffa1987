"""The rules of the house: what may import what, who opens files, who prints."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import mcdiv

PACKAGE = Path(mcdiv.__file__).parent
FILES = sorted(path.relative_to(PACKAGE).as_posix() for path in PACKAGE.rglob("*.py"))
#: from the ground up; a file may import its own floor and those below
FLOORS = [
    "errors",
    "core",
    "golden",
    "significance",
    "estimands",
    "policies",
    "diagnosis",
    "measures",
    "estimators",
    "intervals",
    "files",
    "scenario",
    "engine",
    "planning",
    "results",
    "observed",
    "lessons",
    "api",
    "testing",
    "cli",
    "__init__",
    "__main__",
]
#: mathematics, what a scenario means, and what a study does: without pandas, files and YAML
PURE = (
    *("core", "golden", "significance", "estimands", "policies", "diagnosis", "measures", "estimators"),
    *("intervals", "scenario", "engine", "planning"),
)
#: workers, what is remembered, and code from outside
TALKERS = (
    "engine/cache/",
    "engine/cost.py",
    "engine/dask_pool.py",
    "engine/executor.py",
    "engine/interrupts.py",
    "engine/pool.py",
    "engine/process_pool.py",
    "scenario/plugins.py",
)
#: a linear program is outside what mcdiv exists for, and one estimator needs it
BORROWED = {"estimators/unseen.py": {"scipy.optimize", "scipy.sparse"}, "engine/quantities.py": {"scipy"}}
#: the explorer reads its own parts out of the package
OPENERS = (
    "files/",
    "results/row_file.py",
    "results/explorer/__init__.py",
    "engine/cache/ledger.py",
    "engine/cache/source_hash.py",
    "engine/interrupts.py",
    "cli/main.py",
)


def floor(path: str) -> int:
    return FLOORS.index(path.split("/", maxsplit=1)[0].removesuffix(".py"))


@cache
def nodes(path: str) -> list[ast.AST]:
    return list(ast.walk(ast.parse((PACKAGE / path).read_text(encoding="utf-8"))))


def imports(path: str) -> Iterator[str]:
    for node in nodes(path):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def test_every_room_is_known() -> None:
    assert {path.split("/")[0].removesuffix(".py") for path in FILES} == set(FLOORS)


def test_imports_go_one_way() -> None:
    wrong = [
        f"{path} imports {module} from above"
        for path in FILES
        for module in imports(path)
        if module.startswith("mcdiv.") and floor(module.split(".")[1]) > floor(path)
    ]
    assert wrong == []


def test_the_mathematics_knows_no_pandas_no_files_and_no_yaml() -> None:
    paths = [path for path in FILES if path.startswith(PURE) and not path.startswith(TALKERS)]
    wrong = [
        f"{path} imports {module}"
        for path in paths
        for module in imports(path)
        if module not in allowed_in(path) and module.split(".")[0] not in allowed_in(path) - {"scipy"}
    ]
    assert wrong == []


@cache
def allowed_in(path: str) -> set[str]:
    allowed = {"numpy", "scipy.special", "mcdiv", *sys.stdlib_module_names} - {"pathlib", "os", "io", "sqlite3"}
    if path.startswith(("scenario/", "engine/")):
        allowed |= {"pydantic", "pydantic_core"}
    return allowed | BORROWED.get(path, set())


def test_scipy_stats_is_only_the_independent_check() -> None:
    users = {
        path
        for path in FILES
        if "scipy.stats" in imports(path) or "from scipy import stats" in (PACKAGE / path).read_text(encoding="utf-8")
    }
    assert users <= {"engine/quantities.py"}


def test_only_the_edges_of_disk_open_files_and_only_the_command_prints() -> None:
    found = [f"{path}: {name}" for path in FILES for name in calls_of_files_and_print(path)]
    assert found == []


def calls_of_files_and_print(path: str) -> Iterator[str]:
    opens = path.startswith(OPENERS)
    for call in (node for node in nodes(path) if isinstance(node, ast.Call)):
        if isinstance(call.func, ast.Name) and call.func.id in {"print"} | ({"open"} if not opens else set()):
            yield call.func.id
        if isinstance(call.func, ast.Attribute) and not opens:
            owner = call.func.value
            asks_an_opener = isinstance(owner, ast.Name) and owner.id in ("disk", "store", "yaml_text")
            of_files = {"open", "read_text", "write_text", "read_bytes", "write_bytes", "mkdir"}
            if not asks_an_opener and call.func.attr in of_files:
                yield call.func.attr


def test_importing_mcdiv_loads_nothing_heavy_and_its_laws_no_test_framework() -> None:
    code = """if True:
        import sys, mcdiv.cli.main
        print({'pandas', 'seaborn', 'numpy', 'scipy', 'pydantic'} & set(sys.modules))
        mcdiv.testing.check_estimator
        print({'pytest', 'hypothesis'} & set(sys.modules))
    """
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.split() == ["set()", "set()"]


def test_every_public_name_is_there_and_documented() -> None:
    for name in mcdiv.__all__:
        assert getattr(mcdiv, name).__doc__
    assert set(mcdiv.__all__) <= set(dir(mcdiv))
    with pytest.raises(AttributeError):
        _ = mcdiv.nothing_of_the_kind


@pytest.mark.slow
def test_results_are_printed_in_one_place() -> None:
    for path in FILES:
        if path != "cli/console.py":
            for node in nodes(path):
                if isinstance(node, ast.Call) and ast.unparse(node.func) == "click.echo":
                    assert "err" in {keyword.arg for keyword in node.keywords}, f"{path}: use console.echo"


def test_no_file_is_longer_than_one_subject_needs() -> None:
    lines = {path: (PACKAGE / path).read_text(encoding="utf-8").count("\n") for path in FILES}
    assert {path: number for path, number in lines.items() if number > 330} == {}, "split them by subject"

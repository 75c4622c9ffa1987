"""Estimators from outside mcdiv: files given to --plugin and installed entry points."""

import json
import subprocess
import sys
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from cases import quick
from conftest import Command
from faults import environment
from small import small

import mcdiv
from mcdiv.estimators.registry import ESTIMATORS, names
from mcdiv.files.store import StoreError
from mcdiv.files.yaml_text import write_text
from mcdiv.scenario import plugins

HEAD = """\
import numpy as np

from mcdiv.estimators.contract import Property, additive_estimator, estimator
from mcdiv.estimators.lifts import plugin_terms
"""
CARD = '''
    """An estimator of a test.

    Formula: Ĥ = Ĥ_plugin + 1/N
    Valid:   N ≥ 1
    Source:  this test
    """
'''
LUCKY = f"""{HEAD}

@additive_estimator("entropy", reference_values=[], properties={{Property.CONSISTENT}})
def lucky(n, N, K):{CARD}
    return plugin_terms(n, N, K) + n / N**2
"""


def plain(name: str, body: str) -> str:
    """A file with an entropy estimator of counts."""
    return f'{HEAD}\n\n@estimator("entropy", reference_values=[], properties=set())\ndef {name}(counts):{CARD}{body}'


@pytest.fixture
def scenario(folder: Path) -> Path:
    (folder / "mine.py").write_text(LUCKY, encoding="utf-8")
    path = folder / "small.yaml"
    path.write_text(write_text(small(estimators=["plugin", "lucky"])), encoding="utf-8")
    return path


@pytest.mark.slow
@pytest.mark.parametrize("backend", quick(1, ["threads", "processes"]))
def test_a_file_of_ones_own_takes_part_with_every_backend(
    mcdiv_command: Command, scenario: Path, folder: Path, backend: str
) -> None:
    mcdiv_command("run", "small.yaml", "-q", "--plugin", "mine.py", "--backend", backend)
    rows = pd.read_csv(folder / "results" / "small" / "summary.csv").set_index(["estimand", "estimator", "sample_size"])
    for size in (5, 10):
        plugin, lucky = rows.loc[("entropy", "plugin", size)], rows.loc[("entropy", "lucky", size)]
        assert lucky["exact_bias"] == pytest.approx(plugin["exact_bias"] + 1 / size, rel=1e-12)
        assert rows.loc[("kl_divergence", "lucky", size)]["exact_bias"] == -lucky["exact_bias"]
        assert lucky["mean"] == pytest.approx(plugin["mean"] + 1 / size, rel=1e-12)
    manifest = json.loads((folder / "results" / "small" / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["plugins"] == [{"file": "mine.py", "sha256": sha256(LUCKY.encode()).hexdigest()}]


def test_every_command_that_looks_estimators_up_takes_it(mcdiv_command: Command, scenario: Path) -> None:
    given = ("--plugin", "mine.py")
    assert "small.yaml: fine" in mcdiv_command("check", "small.yaml", *given).stdout
    assert "lucky" in mcdiv_command("list", "estimators", *given).stdout
    card = mcdiv_command("show", "lucky", *given).stdout
    assert "Ĥ = Ĥ_plugin + 1/N" in card
    assert str(Path("mine.py").absolute()) in card
    assert "lucky" in mcdiv_command("exact", "--truth", "0.5", "-n", "10", "-e", "lucky", *given).stdout
    assert "lucky" in mcdiv_command("estimate", "butterflies", "-e", "lucky", *given).stdout


def test_from_python_it_is_an_argument(scenario: Path) -> None:
    results = mcdiv.run("small.yaml", plugins=["mine.py"], backend="serial")
    assert "lucky" in set(results.summary["estimator"])
    assert mcdiv.run("small.yaml", plugins="mine.py", backend="serial").summary.equals(results.summary)


def test_a_scenario_alone_never_loads_code(mcdiv_command: Command, scenario: Path) -> None:
    assert "unknown estimator 'lucky'" in mcdiv_command("check", "small.yaml", code=2).stderr
    for key in ("plugin", "plugins"):
        told = mcdiv_command("run", "fair", "--set", f"{key}=mine.py", code=2).stderr
        assert "a scenario is data and loads no code: give the file to --plugin" in told


BROKEN = {
    "name": (f"{HEAD}\n\n\ndef f():\n    return x\n\n\nf()\n", "bad.py:9: NameError: name 'x' is not defined"),
    "syntax": (f"{HEAD}\ndef f(:\n", "bad.py:6: SyntaxError: invalid syntax"),
    "import": ("import nothing_of_the_kind\n", "bad.py:1: ModuleNotFoundError: No module named 'nothing_of_the_kind'"),
    "leaves": ("\nimport sys\n\nsys.exit(3)\n", "bad.py:4: SystemExit: 3"),
    "lines": ('raise ValueError("two\\nlines")\n', "bad.py:1: ValueError: two lines"),
    "bytes": ("x = 1\0\n", "bad.py"),
    "empty": ("", "bad.py: registers nothing; expected an estimator, a gradient estimator, an estimand, a measure, an interval, a distribution, a reader, a slip or a picture"),
    "taken": (plain("plugin", "    return 0\n"), "bad.py:7: ValueError: estimator 'plugin' exists already; choose another name"),
    "lent": (LUCKY.replace("def lucky", "def k3"), "bad.py:7: ValueError: estimator 'k3' exists already; choose another name"),
    "card": (LUCKY.replace("Formula", "Formel"), "bad.py:7: ValueError: lucky: the docstring has no 'Formula:'"),
}  # fmt: skip


@pytest.mark.parametrize("text, line", BROKEN.values(), ids=BROKEN)
def test_a_plugin_that_cannot_be_loaded_is_one_line_with_its_place_and_leaves_nothing(
    mcdiv_command: Command, folder: Path, text: str, line: str
) -> None:
    (folder / "bad.py").write_text(text, encoding="utf-8")
    before = names()
    for command in (["run", "fair"], ["check", "fair"], ["list", "estimators"], ["show", "plugin"]):
        told = mcdiv_command(*command, "--plugin", "bad.py", code=2).stderr
        assert told.startswith(line), told
        assert told.count("\n") == 1
    assert names() == before
    assert not (folder / "results").exists()


def test_a_plugin_that_fails_half_way_leaves_nothing(folder: Path) -> None:
    (folder / "bad.py").write_text(LUCKY + "\n1 / 0\n", encoding="utf-8")
    before = names()
    with pytest.raises(StoreError, match=r"^bad\.py:18: ZeroDivisionError: division by zero$"):
        plugins.load_plugins(["bad.py"])
    assert names() == before


def test_files_that_are_none(mcdiv_command: Command, folder: Path) -> None:
    assert mcdiv_command("run", "fair", "--plugin", "no.py", code=2).stderr == "no.py: there is no such file\n"
    assert "is not a file" in mcdiv_command("run", "fair", "--plugin", ".", code=2).stderr


def test_two_files_of_one_name_are_told_apart(folder: Path, scenario: Path) -> None:
    (folder / "other").mkdir()
    (folder / "other" / "mine.py").write_text(plain("else_", "    return counts[..., 0] * 0.0\n"), encoding="utf-8")
    first = plugins.load_plugins(["mine.py"])
    assert plugins.load_plugins(["mine.py", "mine.py"]) == first
    with pytest.raises(StoreError, match="a plug-in of the same name is loaded already"):
        plugins.load_plugins(["other/mine.py"])


def test_a_file_that_changes_during_the_study_ends_it(scenario: Path) -> None:
    (loaded,) = [plugin for plugin in plugins.load_plugins(["mine.py"]) if plugin.file]
    earlier = plugins.Plugin(file=loaded.file, sha256="0" * 64)
    assert plugins.with_plugins(abs, [loaded])(-1) == 1
    with pytest.raises(StoreError, match=r"mine\.py: was changed while the study ran"):
        plugins.with_plugins(abs, [earlier])(-1)


SULKS = {
    "raises": ("    if (counts[..., 0] == 0).any():\n        raise ArithmeticError('no heads')\n", "exception"),
    "nan": ("    return np.where(counts[..., 0] == 0, np.nan, 0.5)\n", "undefined"),
    "inf": ("    return np.where(counts[..., 0] == 0, np.inf, 0.5)\n", "infinite"),
    "shape": ("    if (counts[..., 0] == 0).any():\n        return np.zeros((len(counts), 2))\n", "exception"),
    "text": ("    if (counts[..., 0] == 0).any():\n        return 'none'\n", "exception"),
    "complex": ("    if (counts[..., 0] == 0).any():\n        return np.full(len(counts), 0.5j)\n", "exception"),
    "masked": ("    if (counts[..., 0] == 0).any():\n        return np.ma.zeros(len(counts))\n", "exception"),
    "exits": ("    if (counts[..., 0] == 0).any():\n        raise SystemExit(3)\n", "exception"),
    "changes what it is given": ("    if (counts[..., 0] == 0).any():\n        counts[:] = 7\n", "exception"),
}


@pytest.mark.slow
@pytest.mark.parametrize("body, kind", quick(4, [*SULKS.values()]), ids=SULKS)
def test_one_that_fails_for_some_replicates_is_counted_and_the_study_goes_on(
    mcdiv_command: Command, folder: Path, body: str, kind: str
) -> None:
    (folder / "sulky.py").write_text(plain("sulky", body + "    return np.full(len(counts), 0.5)\n"), encoding="utf-8")
    values = small(model=None, estimators=["plugin", "sulky"], sample_sizes=[3])
    (folder / "s.yaml").write_text(write_text(values), encoding="utf-8")
    mcdiv_command("run", "s.yaml", "-q", "--plugin", "sulky.py", code=1 if kind == "exception" else 0)
    results = folder / "results" / "small"
    (problem,) = pd.read_csv(results / "problems.csv").to_dict("records")
    rows = pd.read_csv(results / "summary.csv").set_index("estimator")
    assert (problem["estimator"], problem["kind"]) == ("sulky", kind)
    share = "infinite_share" if kind == "infinite" else "undefined_share"
    # No heads in three tosses: 1/8 of 1000 replicates.
    assert rows.loc["sulky", share] == problem["share"] == pytest.approx(1 / 8, abs=5 * np.sqrt(7 / 64 / 1000))
    assert rows.loc["plugin", "undefined_share"] == 0


@pytest.fixture
def entry_points(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Install a package, as far as importlib.metadata can see."""
    monkeypatch.syspath_prepend(str(folder))

    def install(module: str, text: str) -> None:
        (folder / f"{module}.py").write_text(text, encoding="utf-8")
        about = folder / f"{module}-1.2.dist-info"
        about.mkdir()
        (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {module}\nVersion: 1.2\n", encoding="utf-8")
        (about / "entry_points.txt").write_text(f"[mcdiv.estimators]\n{module} = {module}\n", encoding="utf-8")
        plugins.installed.cache_clear()

    yield install
    plugins.installed.cache_clear()


@pytest.mark.slow
def test_exact_values_that_are_not_there_are_explained(mcdiv_command: Command, folder: Path) -> None:
    (folder / "mine.py").write_text(plain("sulky", "    raise OSError('no')\n"), encoding="utf-8")
    given = ("exact", "--truth", "0.3", "-e", "plugin", "-e", "sulky", "--plugin", "mine.py")
    told = mcdiv_command(*given, "-n", "5", "-n", "6").stdout.splitlines()[-1]
    assert told.startswith("sulky of H(P) is undefined for 100 % of samples: it gives NaN or raises an error.")
    assert "undefined" not in mcdiv_command("exact", "--truth", "0.3", "-n", "5").stdout


def test_an_installed_package_offers_its_estimators(mcdiv_command: Command, folder: Path, entry_points: Any) -> None:
    entry_points("lucky_charms", LUCKY)
    assert "lucky_charms" not in sys.modules
    value = mcdiv.estimate("entropy", [1, 1], estimator="lucky")
    assert value == pytest.approx(np.log(2) + 1 / 2, rel=1e-15)
    (folder / "small.yaml").write_text(write_text(small(estimators=["lucky"])), encoding="utf-8")
    mcdiv_command("run", "small.yaml", "-q")
    manifest = json.loads((folder / "results" / "small" / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["plugins"] == [{"entry_point": "lucky_charms = lucky_charms", "package": "lucky_charms 1.2"}]


@pytest.mark.slow
def test_a_broken_package_is_one_line_and_nothing_else_fails(mcdiv_command: Command, entry_points: Any) -> None:
    entry_points("unlucky_charms", LUCKY + "\n1 / 0\n")
    told = "entry point 'unlucky_charms = unlucky_charms' of unlucky_charms 1.2 cannot be loaded: ZeroDivisionError: division by zero\n"
    assert mcdiv_command("check", "fair").stderr == told
    plugins.installed.cache_clear()
    with pytest.warns(UserWarning, match="cannot be loaded: ZeroDivisionError"):
        mcdiv.run("fair", settings=["plots=[]", "paths=0"], backend="serial")
    assert "lucky" not in names()


@pytest.mark.slow
def test_its_report_can_be_made_again_and_names_it(mcdiv_command: Command, scenario: Path, folder: Path) -> None:
    mcdiv_command("run", "small.yaml", "-q", "--plugin", "mine.py")
    page = folder / "results" / "small" / "report.html"
    text = page.read_text(encoding="utf-8")
    assert "mcdiv run scenario.yaml --plugin mine.py</pre>" in text
    assert sha256(LUCKY.encode()).hexdigest() in text
    told = mcdiv_command("report", "results/small", "--plugin", "mine.py").stdout
    assert told.startswith("wrote results/small/report.html")
    assert page.read_text(encoding="utf-8") == text


@pytest.mark.slow
def test_a_report_without_it_says_what_to_give(
    mcdiv_command: Command, scenario: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mcdiv_command("run", "small.yaml", "-q", "--plugin", "mine.py")
    del sys.modules["mcdiv_plugin_mine"]
    own = {key: entry for key, entry in ESTIMATORS.snapshot().items() if entry.name != "lucky"}
    monkeypatch.setattr(ESTIMATORS, "_entries", own)
    for command in (["report", "results/small"], ["replay", "results/small", "--condition", "1", "--replicate", "0"]):
        told = mcdiv_command(*command, code=2).stderr.splitlines()
        assert "unknown estimator 'lucky'" in told[0]
        assert told[-1] == "the run had the plug-in mine.py: give it with --plugin"


NOISY = (
    LUCKY.replace("import numpy as np", "import atexit, os, subprocess, sys, threading\nimport numpy as np")
    + '''
say = lambda: (print("noise"), sys.__stdout__.write("noise\\n"), os.write(1, b"noise\\n"))


@estimator("entropy", reference_values=[], properties=set())
def noisy(counts):
    """Prints.

    Formula: none
    Valid:   never
    Source:  this test
    """
    say()
    threading.Thread(target=say).start()
    subprocess.run(["echo", "noise"], check=True)
    return counts[..., 0] * 0.5


say()
atexit.register(say)
threading.Thread(target=lambda: 1 / 0).start()
'''
)


@pytest.mark.slow
@pytest.mark.parametrize("backend", ["threads", "processes"])
def test_standard_output_belongs_to_mcdiv_whatever_a_plugin_prints(folder: Path, backend: str) -> None:
    (folder / "noisy.py").write_text(NOISY, encoding="utf-8")
    (folder / "small.yaml").write_text(write_text(small(estimators=["noisy"])), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "mcdiv", *("run", "small.yaml", "--plugin", "noisy.py", "--backend", backend, "--json")],
        env=environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(done.stdout)["name"] == "small"
    assert done.stderr.count("noise") >= 8


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("del ESTIMATORS._entries['plugin of entropy (sample)']", "removed"),
        ("ESTIMATORS._entries['plugin of entropy (sample)'] = None", "replaced"),
        ("ESTIMATORS._entries = {}", "removed"),
    ],
)
def test_a_plugin_that_changes_shipped_estimators_is_refused_by_name(
    mcdiv_command: Command, scenario: Path, folder: Path, line: str, what: str
) -> None:
    poke = f"from mcdiv.estimators.contract import ESTIMATORS\n{line}\n"
    (folder / "bad.py").write_text(f"{LUCKY}\n{poke}", encoding="utf-8")
    told = mcdiv_command("run", "small.yaml", "--plugin", "bad.py", code=2).stderr
    assert told == (
        f"bad.py: ValueError: estimator 'plugin of entropy (sample)' was {what}; "
        "a plug-in may add names, not change those there are\n"
    )
    assert "plugin" in names()
    late = LUCKY.replace("    return", f"    from mcdiv.estimators.contract import ESTIMATORS\n    {line}\n    return")
    (folder / "late.py").write_text(late, encoding="utf-8")
    told = mcdiv_command("run", "small.yaml", "-q", "--plugin", "late.py", "--backend", "serial", code=2).stderr
    assert told.startswith(f"late.py: estimator 'plugin of entropy (sample)' was {what} while the study ran")

"""What many tests share: a study run with some changes, an empty folder to stand in, the command.

What a test adds to a catalogue is gone after it, whichever tests share its process. Coverage measures no test twice.
"""

import gc
import io
import sys
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, settings
from measuring import unmeasured
from small import scenario_of

import mcdiv.estimators
import mcdiv.intervals
import mcdiv.measures  # noqa: F401  all entries are there before the first test
from mcdiv.cli.main import main
from mcdiv.core.distributions import FAMILIES
from mcdiv.core.pictures import PLOTS
from mcdiv.estimands.contract import ESTIMANDS
from mcdiv.estimators.registry import ESTIMATORS
from mcdiv.files.counts import READERS
from mcdiv.intervals.contract import INTERVALS
from mcdiv.measures.contract import MEASURES
from mcdiv.policies.contract import GRADIENT_ESTIMATORS
from mcdiv.results.run import run
from mcdiv.results.study_results import Results


class Done(NamedTuple):
    """What a command printed."""

    stdout: str
    stderr: str


Command = Callable[..., Done]

# No test fails because the machine is busy.
settings.register_profile("all", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("quick", settings.get_profile("all"), max_examples=30)


def pytest_configure(config: pytest.Config) -> None:
    """Plain `pytest` tries fewer random cases of each law than `pytest -m ""`."""
    settings.load_profile("quick" if config.option.markexpr == "not slow" else "all")


def _is_second(config: pytest.Config) -> bool:
    """Whether marks were asked for: plain `pytest` was measured before."""
    return config.option.markexpr not in ("", "not slow")


@pytest.hookimpl(wrapper=True)
def pytest_collection(session: pytest.Session) -> Iterator[None]:
    """What was imported and collected stays until the end: Python need not look through it during every test."""
    gc.disable()
    with unmeasured() if _is_second(session.config) else nullcontext():
        result = yield
    gc.collect()
    gc.freeze()
    gc.enable()
    return result


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Coverage looks where it may see something new."""
    seen = _is_second(item.config) and item.get_closest_marker("slow") is None
    with unmeasured() if seen or item.get_closest_marker("unmeasured") else nullcontext():
        return (yield)


@pytest.fixture(autouse=True)
def _forgotten(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for catalogue in (ESTIMANDS, ESTIMATORS, GRADIENT_ESTIMATORS, INTERVALS, FAMILIES, MEASURES, READERS, PLOTS):
        monkeypatch.setattr(catalogue, "_entries", catalogue.snapshot())
    yield
    for name in [name for name in sys.modules if name.startswith("mcdiv_plugin_")]:
        del sys.modules[name]


@pytest.fixture
def study() -> Callable[..., Results]:
    """Run the small scenario with some changes."""
    return lambda **changes: run(scenario_of(**changes), backend="serial")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to stand in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def mcdiv_command(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """Run `mcdiv …` in the empty folder; whatever is no SystemExit would be a traceback for the user."""

    def call(*arguments: str, code: int = 0, stdin: str = "") -> Done:
        monkeypatch.setattr(sys, "argv", ["mcdiv", *arguments])
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin.encode())))
        with pytest.raises(SystemExit) as leaving:
            main()
        done = Done(*capsys.readouterr())
        assert leaving.value.code == code, done
        return done

    return call

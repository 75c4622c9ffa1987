"""What many tests share: a study run with some changes, an empty folder to stand in, the command."""

import io
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
from small import scenario_of

from mcdiv.cli import main
from mcdiv.pipeline import Results, run


class Done(NamedTuple):
    """What a command printed."""

    stdout: str
    stderr: str


Command = Callable[..., Done]


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

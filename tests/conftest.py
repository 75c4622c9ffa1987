"""What many tests share: a study run with some changes, and an empty folder to stand in."""

from collections.abc import Callable
from pathlib import Path

import pytest
from small import scenario_of

from mcdiv.pipeline import Results, run


@pytest.fixture
def study() -> Callable[..., Results]:
    """Run the small scenario with some changes."""
    return lambda **changes: run(scenario_of(**changes), backend="serial")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to stand in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path

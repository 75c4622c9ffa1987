"""Workers that share the tests must agree on what there is: their order may not come from the hash of a string."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.mark.slow
@pytest.mark.unmeasured
def test_the_same_tests_are_collected_whatever_the_hash_of_a_string_is() -> None:
    first, second = (_collected(seed) for seed in ("0", "1"))
    assert first == second


def _collected(seed: str) -> list[str]:
    command = [sys.executable, "-m", "pytest", "-m", "", "--collect-only", "-q", "-n", "0", "-p", "no:cacheprovider"]
    done = subprocess.run(
        command, cwd=ROOT, env=os.environ | {"PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True
    )
    names = [line for line in done.stdout.splitlines() if "::" in line]
    assert len(names) > 1000
    return names

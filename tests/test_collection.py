"""Workers that share the tests must agree on what there is: their order may not come from the hash of a string."""

import os
import subprocess
import sys

import pytest
from conftest import COLLECTED


@pytest.mark.slow
def test_the_same_tests_are_collected_whatever_the_hash_of_a_string_is(pytestconfig: pytest.Config) -> None:
    """What this process has collected is what another one does whose hashes are others."""
    seed = "1" if os.environ.get("PYTHONHASHSEED") == "0" else "0"
    command = [sys.executable, "-m", "pytest", *pytestconfig.args, "-m", "", "--collect-only", "-q", "-n", "0"]
    done = subprocess.run(
        [*command, "-p", "no:cacheprovider"],
        cwd=pytestconfig.invocation_params.dir,
        env=os.environ | {"PYTHONHASHSEED": seed},
        capture_output=True,
        text=True,
        check=True,
    )
    names = [line for line in done.stdout.splitlines() if "::" in line]
    assert names == pytestconfig.stash[COLLECTED]

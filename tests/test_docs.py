"""Pages made from the code say what the code says."""

import re
import runpy
import shlex
from pathlib import Path

from conftest import Command

DOCS = Path(__file__).parents[1] / "docs"


def test_the_page_of_estimators_is_not_stale() -> None:
    page = runpy.run_path(str(DOCS / "generate.py"))["page"]()
    assert (DOCS / "estimators.md").read_text(encoding="utf-8") == page, "run python docs/generate.py"


def test_the_page_of_intervals_is_not_stale() -> None:
    page = runpy.run_path(str(DOCS / "generate.py"))["intervals_page"]()
    assert (DOCS / "intervals.md").read_text(encoding="utf-8") == page, "run python docs/generate.py"


def test_the_page_on_learning_runs_and_quotes_what_is_printed(mcdiv_command: Command, folder: Path) -> None:
    page = (DOCS / "learning.md").read_text(encoding="utf-8")
    commands = [line for block in re.findall(r"```sh\n(.*?)```", page, re.DOTALL) for line in block.splitlines()]
    printed = "".join(mcdiv_command(*shlex.split(command)[1:]).stdout for command in commands)
    assert len(commands) == 9
    # How large roundings are depends on the machine.
    shown, quoted = (
        re.sub(r"[0-9]e-1[0-9]", "a rounding", text).splitlines()
        for text in (printed, re.findall(r"```text\n(.*?)```", page, re.DOTALL)[0])
    )
    assert set(quoted) <= set(shown)
    (folder / "own.yaml").write_text(
        "schema: 1\nname: own\ntruth: {coin: 0.7}\nsample_sizes: [10]\nestimators: [plugin]\n"
        + re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)[0],
        encoding="utf-8",
    )
    assert "own.yaml: fine" in mcdiv_command("check", "own.yaml").stdout
    assert (folder / "trials" / "die" / "learning.csv").exists()

"""What a run loads: nothing that it does not need."""

import subprocess
import sys
from pathlib import Path

import pytest

from mcdiv.results.run import run

HEAVY = {"pandas", "matplotlib", "seaborn", "scipy.stats", "scipy.optimize"}
_RUN = """
import sys
from mcdiv.cli.run_output import print_answer
from mcdiv.results.run import run
heavy = {heavy!r}
answer = []
settings = ["replicates=1000", "sample_sizes=[5]", "checks=[]"]
def told(results):
    print_answer(results)
    answer.append(heavy & set(sys.modules))
run("fair", settings=settings, out={out!r}, on_answer=told)
print(*sorted(answer[0]), "|", *sorted(heavy & set(sys.modules)), file=sys.stderr)
"""


@pytest.mark.slow
@pytest.mark.unmeasured
def test_a_run_has_its_answer_without_pandas_and_a_second_one_does_without_it(
    tmp_path: Path,
) -> None:
    code = _RUN.format(heavy=HEAVY, out=str(tmp_path))
    told = [
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stderr.split("|")
        for _ in range(2)
    ]
    assert [answer.split() for answer, _ in told] == [[], []]
    assert {"matplotlib", "seaborn", "pandas"} <= {*told[0][1].split()}
    assert told[1][1].split() == []


@pytest.mark.slow
@pytest.mark.unmeasured
@pytest.mark.parametrize("table", ["c,n\na,12\nb,6\n", "c\n" + 2**16 * "a\nb\n"], ids=["small", "large"])
def test_estimates_of_a_table_load_neither_pandas_nor_what_runs_studies(table: str, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(table)
    code = "import sys; from mcdiv.cli.main import main; sys.argv[0] = 'mcdiv'\ntry: main()\nexcept SystemExit: pass\n"
    code += f"print(*sorted({HEAVY | {'mcdiv.results.run'}!r} & set(sys.modules)), file=sys.stderr)"
    command = [sys.executable, "-c", code, "estimate", "t.csv"]
    assert not subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True).stderr.strip()


@pytest.mark.slow
@pytest.mark.unmeasured
def test_settings_of_matplotlib_have_no_part_in_the_pictures_of_a_run(tmp_path: Path) -> None:
    settings = ["replicates=1000", "plots=[decomposition]", "sample_sizes=[5]", "checks=[]"]
    code = f"from mcdiv.results.run import run; run('fair', settings={settings}, out='there')"
    (tmp_path / "matplotlibrc").write_text("legend.fancybox: False\naxes.titleweight: bold\n", encoding="utf-8")
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True)
    run("fair", settings=settings, out=tmp_path / "here", backend="serial")
    one, other = (tmp_path / place / "fair" / "plots" / "decomposition.png" for place in ("here", "there"))
    assert one.read_bytes() == other.read_bytes()

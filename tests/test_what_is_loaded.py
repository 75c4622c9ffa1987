"""What a run loads: nothing that it does not need; and that what is written out for that is as it is there."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import seaborn as sns
from scipy import stats

from mcdiv.engine.quantities import quantities
from mcdiv.results.plots import seaborn_style
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


def test_a_run_has_its_answer_without_pandas_and_a_second_one_draws_nothing_and_loads_nothing_to_draw_with(
    tmp_path: Path,
) -> None:
    code = _RUN.format(heavy=HEAVY, out=str(tmp_path))
    told = [
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stderr.split("|")
        for _ in range(2)
    ]
    assert [answer.split() for answer, _ in told] == [[], []]
    assert [end.split() for _, end in told] == [["matplotlib", "pandas"], ["pandas"]]


def test_colours_styles_and_contexts_are_those_of_seaborn() -> None:
    assert sns.color_palette("colorblind", 10).as_hex() == seaborn_style.COLORS
    theirs = sns.axes_style("whitegrid")
    assert {name: value for name, value in theirs.items() if name != "image.cmap"} == seaborn_style.WHITEGRID
    assert seaborn_style.context(1, letters=1.15) == sns.plotting_context("notebook", font_scale=1.15)
    assert seaborn_style.context(1.5) == sns.plotting_context("talk")


@pytest.mark.parametrize("categories", [1, 2, 9, 1000])
def test_the_values_beside_ours_are_those_of_scipy_stats(categories: int) -> None:
    random = np.random.default_rng(categories)
    p, q = random.dirichlet(np.full(categories, 0.2), 20), random.dirichlet(np.full(categories, 0.5), 1)
    found, alone = quantities(p, q), quantities(p, None)
    entropy, relative = stats.entropy(p, axis=-1), stats.entropy(p, np.broadcast_to(q, p.shape), axis=-1)
    np.testing.assert_array_equal(found.scipy_entropy, entropy)
    np.testing.assert_array_equal(alone.scipy_entropy, entropy)
    np.testing.assert_array_equal(found.scipy_kl_divergence, relative)
    np.testing.assert_array_equal(found.scipy_cross_entropy, entropy + relative)


def test_settings_of_matplotlib_have_no_part_in_the_pictures_of_a_run(tmp_path: Path) -> None:
    settings = ["replicates=1000", "plots=[decomposition]", "sample_sizes=[5]", "checks=[]"]
    code = f"from mcdiv.results.run import run; run('fair', settings={settings}, out='there')"
    (tmp_path / "matplotlibrc").write_text("legend.fancybox: False\naxes.titleweight: bold\n", encoding="utf-8")
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True)
    run("fair", settings=settings, out=tmp_path / "here", backend="serial")
    one, other = (tmp_path / place / "fair" / "plots" / "decomposition.png" for place in ("here", "there"))
    assert one.read_bytes() == other.read_bytes()

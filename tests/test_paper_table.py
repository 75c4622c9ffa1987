"""`mcdiv table`: a measure as a paper prints it, in each of its formats."""

import csv
import io
import itertools
import math
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from conftest import Command
from small import scenario_of

import mcdiv
from mcdiv.errors import ScenarioError
from mcdiv.results.paper_formats import FORMATS, frame
from mcdiv.results.paper_latex import latex
from mcdiv.results.paper_table import PaperTable, exact_figure, paper_table

NAN = math.nan


def of(*rows: dict[str, Any], **common: Any) -> PaperTable:
    """The table of rows of performance.csv that are written out here."""
    usual = {
        **{"condition": 1, "truth": "coin(p=0.5)", "model": None, "model_sample_size": pd.NA, "sample_size": 10},
        **{"estimand": "entropy", "estimator": "plugin", "interval": None, "measure": "bias", "unit": "bits"},
        **{"value": NAN, "mcse": NAN, "exact": NAN, "source": "monte_carlo", "bound": NAN, "events": 1e4},
    }
    performance = pd.DataFrame([usual | common | row for row in rows])
    summary = performance[["condition", "estimand", "estimator"]].drop_duplicates()
    tables = {"performance": performance, "summary": summary.assign(true_value=1.0, replicates=1000)}
    return paper_table(tables, list(dict.fromkeys(performance.query("measure != 'infinite_share'")["measure"])))


def text(table: PaperTable) -> str:
    """The first cell of the first line."""
    return str(frame(table).iloc[0, -1])


def test_a_value_is_rounded_by_its_mcse_and_an_exact_one_to_four_digits() -> None:
    simulated = of({"value": -0.0168123, "mcse": 0.0032456})
    assert text(simulated) == "−0.0168 (0.0032)"
    assert frame(simulated, "pm").iloc[0, -1] == "−0.0168 ± 0.0032"
    assert frame(simulated, "none").iloc[0, -1] == "−0.0168"
    assert simulated.notes["parentheses"] == ("Monte Carlo standard errors in parentheses, from 1,000 replicates.",)
    exact = of({"value": -0.0168123, "mcse": 0.0032456, "exact": -0.0170999})
    assert (text(exact), exact.notes["pm"]) == ("−0.01710", ("All values are exact.",))
    assert text(of({"value": -0.0170999, "mcse": 0.0, "source": "exact"})) == "−0.01710"


def test_exact_values_keep_four_digits_whatever_their_size() -> None:
    values = {0.25: "0.2500", 0.0: "0", 1: "1.000", 0.99999996: "0.99999996", 1234.567: "1235", 123456.7: "123457"}
    values |= {-3.65614e-05: "−3.656e−05", math.inf: "∞", NAN: "–"}
    assert {value: exact_figure(value) for value in values} == values


def test_the_units_stand_in_the_head_and_what_is_the_same_everywhere_in_the_caption() -> None:
    table = of({"exact": 1.0}, {"exact": 2.0, "estimator": "zhang"}, model="coin(p=0.6)", estimand="kl_divergence")
    assert table.caption == "Bias [bits] of estimators of KL(P‖Q); P = coin(p=0.5), Q = coin(p=0.6)."
    assert (table.head, table.keys, table.sizes) == ("bias [bits] at N", ("estimator",), (10,))
    assert of({"exact": 1.0}, model="coin(p=0.6)").caption == "Bias [bits] of estimators of H(P); P = coin(p=0.5)."
    hill = of({"exact": 1.0}, {"exact": 2.0, "estimand": "hill(order=2)", "unit": "1"})
    assert hill.caption == "Bias of estimators; P = coin(p=0.5)."
    assert [line.headings["measure"] for line in hill.lines] == ["bias [bits]", "bias"]
    assert hill.keys == ("measure", "estimand", "estimator")


def test_lines_are_grouped_and_a_condition_that_is_not_there_is_blank() -> None:
    rows = [
        {"truth": truth, "sample_size": size, "estimator": estimator, "exact": 0.5, "condition": i}
        for i, (truth, size) in enumerate([("b", 100), ("b", 10), ("a", 10)])
        for estimator in ("zhang", "plugin")
    ]
    table = of(*rows)
    assert frame(table).to_numpy().tolist() == [
        ["b", "zhang", "0.5000", "0.5000"],
        ["b", "plugin", "0.5000", "0.5000"],
        ["a", "zhang", "0.5000", ""],
        ["a", "plugin", "0.5000", ""],
    ]
    lines = FORMATS["markdown"](table, "parentheses").splitlines()
    assert lines[2] == "| P | estimator | bias [bits] at N = 10 | N = 100 |"
    assert lines[4:7] == [
        "| b | zhang | 0.5000 | 0.5000 |",
        "|  | plugin | 0.5000 | 0.5000 |",
        "| a | zhang | 0.5000 |  |",
    ]


def test_what_leaves_out_infinite_estimates_or_rests_on_few_events_is_marked() -> None:
    table = of(
        {"value": 0.5, "mcse": 0.01, "events": 3},
        {"measure": "infinite_share", "value": 0.25, "mcse": 0.01, "exact": 0.24, "unit": "1"},
    )
    assert text(table) == "0.500 (0.010)†‡"
    assert (
        table.notes["parentheses"][1]
        == "† Some estimates are infinite or undefined, up to 24 %; the value is of the others."
    )
    assert table.notes["parentheses"][2].startswith("‡ The standard error rests on fewer than 10 rare events")


def test_where_all_estimates_are_infinite_no_value_is_said_to_be_of_the_others() -> None:
    share, small = {"measure": "infinite_share", "mcse": 0.0, "unit": "1"}, {"condition": 2, "sample_size": 5}
    none: list[dict[str, Any]] = [small, share | small | {"value": 1.0}]
    of_all = "† All estimates are infinite or undefined, so there is no value."
    assert of(*none).notes["parentheses"] == ("–: undefined.", of_all)
    some = [{"value": 0.5, "mcse": 0.01}, share | {"value": 0.25, "mcse": 0.01}]
    of_some = "† Some estimates are infinite or undefined, up to 25 %; the value is of the others"
    assert of(*none, *some).notes["parentheses"][-1] == f"{of_some}; where all are, there is no value."


def test_a_share_that_no_replicate_had_is_a_bound_and_no_exact_zero() -> None:
    share = {"measure": "coverage", "interval": "delta", "unit": "1", "mcse": 0.0}
    assert text(of(share | {"value": 0.0, "bound": 0.0029})) == "< 0.003 (–)"
    table = of(share | {"value": 1.0, "bound": 1 - 0.0021})
    assert text(table) == "> 0.997 (–)"
    assert table.caption.startswith("Coverage of intervals around estimators of H(P) (delta);")
    (row,) = csv.DictReader(io.StringIO(FORMATS["csv"](table, "parentheses")))
    assert (row["N=10"], row["N=10 mcse"], row["N=10 note"]) == ("1", "", "> 0.997")


def test_the_notes_say_how_errors_are_written_and_which_values_have_none() -> None:
    table = of({"value": 0.5, "mcse": 0.01}, {"exact": 0.25, "estimator": "jackknife"})
    assert table.notes["pm"] == ("±: Monte Carlo standard error, from 1,000 replicates.", "Values without ± are exact.")
    assert table.notes["none"] == ("Values are from 1,000 replicates, or exact where that is known.",)
    constant = of({"value": 1.0, "mcse": 0.0})
    assert FORMATS["markdown"](constant, "pm").count("± –") == 2
    assert constant.notes["none"] == ("Values are from 1,000 replicates.",)


def test_a_value_that_is_undefined_has_no_error_and_is_not_called_the_same_in_all_replicates() -> None:
    table = of({"value": NAN, "mcse": NAN}, {"exact": 0.25, "estimator": "jackknife"})
    assert text(table) == "–"
    assert table.notes["parentheses"] == ("All values are exact.", "–: undefined.")
    assert of({"value": NAN, "mcse": NAN}).notes["parentheses"] == ("–: undefined.",)


def test_csv_has_numbers_that_a_program_reads_and_the_columns_of_performance() -> None:
    table = of({"value": -0.0168123, "mcse": 0.0032456}, {"value": math.inf, "sample_size": 20, "source": "exact"})
    (row,) = csv.DictReader(io.StringIO(FORMATS["csv"](table, "parentheses")))
    assert row == {
        "measure": "bias",
        "unit": "bits",
        "estimand": "entropy",
        "truth": "coin(p=0.5)",
        "estimator": "plugin",
        "N=10": "-0.0168",
        "N=10 mcse": "0.0032",
        "N=20": "inf",
    }


ODD = r"a&b%c$d#e_f{g}h~i^j\k<l>m|n"


def test_names_are_escaped_in_every_format() -> None:
    table = of({"value": -3.2e-9, "mcse": 1e-9, "estimator": ODD}, {"exact": 0.5, "truth": "H_2(P)"})
    made = {kind: write(table, "parentheses") for kind, write in FORMATS.items()}
    assert latex(ODD) in made["latex"] and "a&b" not in made["latex"]
    assert "a&amp;b%c$d#e_f{g}h~i^j\\k&lt;l&gt;m|n" in made["html"]
    (line,) = (line for line in made["markdown"].splitlines() if "i^j" in line)
    assert len(re.findall(r"(?<!\\)\|", line)) == 4  # two keys and one N
    assert next(csv.DictReader(io.StringIO(made["csv"])))["estimator"] == ODD


def test_latex_writes_subscripts_powers_and_signs_as_mathematics() -> None:
    assert latex("H_0.5(P)") == "H$_{0.5}$(P)" and latex("H_∞(P)") == r"H$_{\infty}$(P)"
    assert latex("−3.66e−05 (∞)") == r"$-$3.66$\times 10^{-5}$ ($\infty$)"
    assert latex("grassberger_2003(variant=log)") == r"grassberger\_2003(variant=log)"


def compiled(table: str, folder: Path) -> str:
    """What LaTeX says of a table, in a document with booktabs alone."""
    head = "\\documentclass{article}\n\\usepackage{booktabs}\n\\begin{document}\n"
    (folder / "t.tex").write_text(head + table + "\\end{document}\n", encoding="utf-8")
    done = subprocess.run(
        ["pdflatex", "-halt-on-error", "t.tex"],
        cwd=folder,
        capture_output=True,
        check=False,
        text=True,
        errors="replace",
    )
    assert done.returncode == 0, done.stdout[-2000:]
    assert (folder / "t.pdf").exists()
    return done.stdout


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="pdflatex is not installed")
def test_latex_compiles_with_booktabs_alone(tmp_path: Path) -> None:
    rows = [
        {"value": -3.2e-9, "mcse": 1e-9, "estimator": ODD, "events": 1},
        {"exact": math.inf, "estimand": "renyi(order=2)", "sample_size": 20},
        {"exact": 0.5, "estimand": "kl_divergence", "model": "coin(p=0.6)"},
        {"exact": 0.5, "estimand": "chi_squared", "unit": "1", "measure": "mse"},
    ]
    compiled(FORMATS["latex"](of(*rows), "pm"), tmp_path)


SIZES = [10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000]


def grid(truths: int, sizes: list[int]) -> PaperTable:
    """Four estimators of the entropy of some truths, simulated: columns as wide as they come."""
    estimators = ["plugin", "miller_madow", "additive(alpha=0.5)", "chao_shen"]
    cells = itertools.product(range(truths), estimators, sizes)
    rows = ({"truth": f"zipf(k={20 + t}, s=1)", "estimator": each, "sample_size": size} for t, each, size in cells)
    return of(*({"value": -0.48731, "mcse": 0.0095, **row} for row in rows))


def test_a_table_as_wide_as_the_text_is_one_block_and_a_wider_one_has_each_column_in_one_of_several() -> None:
    narrow, wide = (FORMATS["latex"](grid(1, sizes), "parentheses") for sizes in (SIZES[:2], SIZES))
    assert narrow.count(r"\begin{tabular}") == 1
    assert r"\small" not in narrow
    heads = re.findall(r"^estimator & (.+) \\\\$", wide, flags=re.MULTILINE)
    assert [int(size.replace(",", "")) for head in heads for size in head.split(" & ")] == SIZES
    assert len({head.count("&") for head in heads}) <= 2
    assert wide.count("0.0095") == 4 * len(SIZES)
    assert wide.count(r"\begin{table}") == wide.count(r"\caption") == 1


def test_a_long_table_goes_on_in_floats_of_the_same_number_and_names_its_truth_again() -> None:
    text = FORMATS["latex"](grid(12, SIZES[:1]), "parentheses")
    floats = text.split(r"\begin{table}")[1:]
    assert [one.count(r"\addtocounter{table}{-1}") for one in floats] == [0, *[1] * (len(floats) - 1)]
    assert len(floats) > 1
    for one in floats:
        first = re.search(r"\\midrule\n(.+?) &", one)
        assert first is not None
        assert first[1].startswith("zipf")
    assert text.count("0.0095") == 4 * 12


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="pdflatex is not installed")
@pytest.mark.parametrize("truths", [1, 2, 12])
def test_what_is_wide_or_long_fits_the_page(truths: int, tmp_path: Path) -> None:
    said = compiled(FORMATS["latex"](grid(truths, SIZES), "parentheses"), tmp_path)
    assert "Overfull" not in said
    assert "Float too large" not in said


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    scenario = scenario_of(estimands=["entropy", "kl_divergence"], replicates=100)
    found = mcdiv.run(scenario, out=tmp_path_factory.mktemp("results"), backend="serial").folder
    assert found is not None
    return found


@pytest.mark.slow
def test_the_command_prints_what_the_function_returns(folder: Path, mcdiv_command: Command) -> None:
    given = ("--measure", "bias", "--measure", "rmse", "-e", "plugin", "-n", "10", "--simulated", "--mcse", "pm")
    for kind in ("latex", "markdown", "html", "csv"):
        printed = mcdiv_command("table", str(folder), *given, "--format", kind).stdout
        made = mcdiv.table(
            folder, ["bias", "rmse"], kind=kind, estimators="plugin", sample_sizes=10, simulated=True, mcse="pm"
        )
        assert printed.rstrip("\n") == made.rstrip("\n")
    # The plug-in entropy of ten flips of a fair coin: its bias is −0.053027 nats.
    table = mcdiv.table(folder, estimands="entropy", estimators="plugin")
    assert table.to_numpy().tolist()[0][-1] == "−0.05303"


@pytest.mark.slow
def test_a_file_has_the_format_of_its_suffix_and_none_is_replaced(
    folder: Path, mcdiv_command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert mcdiv_command("table", str(folder), "-o", "bias.tex").stdout == "wrote bias.tex\n"
    told = mcdiv_command("table", str(folder), "-o", "bias.tex", code=2).stderr
    assert told == "bias.tex: exists already; choose another name\n"
    assert Path("bias.tex").read_text("utf-8") == mcdiv.table(folder, kind="latex")


@pytest.mark.slow
def test_what_these_results_do_not_have_is_one_line(folder: Path, mcdiv_command: Command) -> None:
    for given, said in (
        (["--measure", "bais"], "unknown measure 'bais'; did you mean 'bias'?"),
        (["--measure", "coverage"], "these results have no coverage; run the scenario with 'intervals'"),
        (
            ["--measure", "median_bias"],
            "these results have no median_bias; run the scenario with 'measures: median_bias'",
        ),
        (["--format", "tex"], "unknown format 'tex'; did you mean 'latex'?"),
        (["--mcse", "sd"], "unknown mcse 'sd'; expected one of: none, parentheses, pm"),
        (["-n", "7"], "-n 7: these results have no such N; expected one of: 5, 10"),
    ):
        assert mcdiv_command("table", str(folder), *given, code=2).stderr == f"{said}\n"
    with pytest.raises(ScenarioError, match=r"^estimators plugn: these results have no such estimator"):
        mcdiv.table(folder, estimators="plugn")
    with pytest.raises(TypeError, match=r"^measure: expected names of measures, got 3"):
        mcdiv.table(folder, 3)  # type: ignore[call-overload]


def test_an_exact_bias_of_roundings_is_0() -> None:
    # Of 600 draws of six faces the bias is about (2/3)^600 = 1e-106; of 60 it is 1.9e-12 bits.
    found = mcdiv.exact(truth="uniform: 6", sample_sizes=[60, 600], estimators=["grassberger_2003"], units="bits")
    table = mcdiv.table(found, measure="bias")
    assert list(table.iloc[0])[-2:] == ["−1.901e−12", "0"]

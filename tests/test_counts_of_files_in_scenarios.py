"""`counts: {file: …}` with a layout: a scenario says how a file is read in the words of the options."""

from pathlib import Path
from typing import Any

import jsonschema
import pytest
from editors import fit_the_schema

import mcdiv
from mcdiv.errors import ScenarioError
from mcdiv.results.loading import load

_TABLE = "taxon\tS1\tS2\noak\t4\t0\nelm\t2\t3\nfir\t1\t5\n"


def counts_of(given: str) -> tuple[int, ...]:
    """The counts that a truth comes to."""
    text = f"schema: 1\nname: s\ntruth: {{counts: {{{given}}}}}\nsample_sizes: 5\nestimators: plugin\n"
    Path("s.yaml").write_text(text)
    return tuple(dict(load("s.yaml").truth[0].parameters)["values"])  # type: ignore[arg-type]


READ: list[tuple[str, str, tuple[int, ...]]] = [
    (_TABLE, "file: a.tsv, samples: columns, group: S2", (0, 3, 5)),
    (_TABLE, "file: a.tsv, layout: samples-in-rows, group: elm", (2, 3)),
    (_TABLE, "file: a.tsv, layout: counts, column: taxon, weights: S1", (4, 2, 1)),
    (_TABLE, "file: a.tsv, ignore: [S2], layout: counts", (4, 2, 1)),
    ("6\t1\n1\t2\n6\t3\n", "file: a.tsv, layout: draws, column: 1", (2, 1)),
    ("k\tg\na\tx\nNA\tx\nb\ty\na\tx\n", "file: a.tsv, column: k, by: g, group: x, missing: drop", (2,)),
    ("m\tVm\n1\t2\n3\t1\n", "file: a.tsv, spectrum: [m, Vm]", (1, 1, 3)),
    ("k\tp\na\t0.5\nb\t0.2\nc\t0.2\n", "file: a.tsv, layout: probabilities, normalise: true, draws: 9", (5, 2, 2)),
]


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(("text", "given", "expected"), READ, ids=[each[1] for each in READ])
def test_a_file_is_read_as_the_scenario_says(text: str, given: str, expected: tuple[int, ...]) -> None:
    Path("a.tsv").write_text(text)
    assert counts_of(given) == expected


REFUSED = [
    ("file: a.tsv, samples: columns", "holds 2 samples; expected one, named by 'group': S1, S2"),
    ("file: a.tsv, samples: columns, group: S3", "unknown group 'S3'"),
    ("file: a.tsv, layout: drwas", "unknown layout 'drwas'; did you mean 'draws'?"),
    ("file: a.tsv, layout: [draws]", "layout: expected a name, got"),
    ("file: a.tsv, samples: diagonal", "samples: expected rows or columns, got diagonal"),
    ("file: a.tsv, symbols: 3", "symbols: expected True or False, got 3"),
    ("values: [3, 4], layout: draws", "unknown parameter 'layout'"),
    ("file: a.tsv, lyaout: draws, samples: columns, group: S1", "unknown parameter 'lyaout'"),
]


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(("given", "said"), REFUSED, ids=[each[0] for each in REFUSED])
def test_what_does_not_say_how_is_one_line(given: str, said: str) -> None:
    Path("a.tsv").write_text(_TABLE)
    with pytest.raises(ScenarioError) as caught:
        counts_of(given)
    (line,) = caught.value.problems
    assert said in line
    assert line.startswith("s.yaml:3:")


@pytest.mark.slow
def test_the_schema_knows_these_words() -> None:
    scenario: dict[str, Any] = {"schema": 1, "name": "s", "sample_sizes": 5, "estimators": "plugin"}
    fine = {"file": "a.tsv", "layout": "samples-in-columns", "group": "S1", "ignore": ["x", 3], "draws": 5}
    fit_the_schema(scenario | {"truth": {"counts": fine}})
    for wrong in ({"layout": "drwas"}, {"samples": "diagonal"}, {"symbols": 3}, {"draws": 0}, {"spectrum": ["m"]}):
        with pytest.raises(jsonschema.ValidationError):
            fit_the_schema(scenario | {"truth": {"counts": {"file": "a.tsv", **wrong}}})


@pytest.mark.usefixtures("folder")
def test_a_study_of_two_samples_of_one_table_pairs_their_categories() -> None:
    Path("a.tsv").write_text(_TABLE)
    usual = "file: a.tsv, samples: columns"
    Path("s.yaml").write_text(
        f"schema: 1\nname: s\ntruth: {{counts: {{{usual}, group: S1}}}}\n"
        f"model: {{counts: {{{usual}, group: S2, smoothing: laplace}}}}\nsample_sizes: 5\nestimators: plugin\n"
    )
    p, q = (truth.pmf().tolist() for truth in (load("s.yaml").truth[0], load("s.yaml").model[0]))
    assert p == pytest.approx([4 / 7, 2 / 7, 1 / 7])
    assert q == pytest.approx([1 / 11, 4 / 11, 6 / 11])
    assert float(mcdiv.kl_divergence(p, q)) > 0

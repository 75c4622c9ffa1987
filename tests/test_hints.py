"""What a refusal says to type is typed: it reads the file, or a more particular refusal says what is wrong with it."""

import io
import itertools
import json
import math
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import Command
from test_layouts import DOUBTS
from test_tables_of_programs import HERE, READ, REFUSED, SHARES, reading_of_options

from mcdiv.errors import ScenarioError
from mcdiv.files.counts import Reading, read_tallies

#: an option with its value, in quotes or not
_OPTION = re.compile(r"--(?:layout|samples|missing|ignore|spectrum|column|weights) (?:'[^']+'|(?!if\b|or\b)[^\s;:,?]+)")
_CHOICES = re.compile(r"(?:Choose one with|[Ss]ay so with|Choose with) --column.*?: (.*?)(?: \(or |; or, |$)")
#: what goes to mcdiv through a pipe, and its options there
_PIPED = re.compile(r": ([^:]*) \| mcdiv estimate -(.*?)(?:;|$)")
#: what more than this many choices of columns can be is not tried
_PAIRS = 40


def refusal(name: str, options: str = "") -> str:
    """What is said of a file; empty where it is read."""
    try:
        read_tallies(name, reading_of_options(options) if options else Reading(), pmfs=True)
    except ScenarioError as error:
        (line,) = error.problems
        return line
    return ""


def commands_in(line: str) -> list[str]:
    """The options that a refusal names, those that go together in one."""
    line = _PIPED.sub("", line)
    found = [match for match in re.findall(r"with (--\w+ \S+(?: --\w+ \S+)*)", line) if _OPTION.match(match)]
    found = [part.rstrip(";,.") for part in found] or [" ".join([match]) for match in _OPTION.findall(line)]
    return ["--ignore " + shlex.quote(name) for name in re.findall(r"--ignore, such as '([^']+)'", line)] + found


def choices_in(line: str) -> list[str]:
    """--column and, where it is named, --weights with every two of the columns that a refusal lists."""
    names = [each for match in _CHOICES.findall(line) for each in match.split(", ")]
    alone = [f"--column {shlex.quote(name)}" for name in names]
    pairs = itertools.permutations(map(shlex.quote, names), 2) if "--weights" in line else ()
    return [*alone, *(f"--column {a} --weights {b}" for a, b in itertools.islice(pairs, _PAIRS))]


def leads_somewhere(name: str) -> None:
    """Every command that is named reads the file or gets another answer; of the choices one reads it."""
    line = refusal(name)
    for options in commands_in(line):
        assert refusal(name, options) != line, options
    if choices := choices_in(line):
        answers = [refusal(name, options) for options in choices]
        assert "" in answers, line
        assert line not in answers


@pytest.mark.parametrize("name", REFUSED)
def test_what_a_refusal_of_a_programs_file_names_leads_somewhere(name: str, folder: Path) -> None:
    shutil.copy(HERE / name, folder)
    leads_somewhere(name)


@pytest.mark.parametrize(("name", "text", "said"), DOUBTS.values(), ids=DOUBTS)
def test_what_a_doubt_names_leads_somewhere(name: str, text: str, said: list[str], folder: Path) -> None:
    (folder / name).write_text(text)
    leads_somewhere(name)


#: the counts of the commands that refusals print, of files that are read by no option
TYPED: dict[str, dict[str, float]] = {
    "percent_marks.csv": {"oak": 0.6, "elm": 0.4},
    "r_table_printed.txt": {"oak": 3, "elm": 1, "ash": 2},
    "docword.txt": {"1": 7, "2": 1, "5": 2},
    "reads.fastq": {"a": 3, "c": 2, "g": 2, "t": 1},
    "reads.sam": {"chr1": 2, "chr2": 1},
    "jellyfish_dump.fa": {"ACGT": 3, "ACCC": 1, "GGGT": 2},
}


@pytest.mark.parametrize("name", TYPED)
def test_the_command_that_a_refusal_prints_can_be_typed(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ScenarioError) as caught:
        read_tallies(str(HERE / name), Reading())
    found = _PIPED.search(caught.value.problems[0])
    assert found is not None
    command = found[1].replace("FILE", shlex.quote(str(HERE / name)))
    piped = subprocess.run(command, shell=True, capture_output=True, check=True).stdout
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(piped)))
    (tally,) = read_tallies("-", reading_of_options(found[2]), pmfs=True)
    values = (tally.counts if tally.pmf is None else tally.pmf).tolist()
    assert dict(zip(tally.labels, values, strict=True)) == pytest.approx(TYPED[name])


def test_lineages_of_several_ranks_are_not_counted_twice() -> None:
    with pytest.raises(ScenarioError, match=r"'k__Bacteria' holds .*, which would be counted twice"):
        read_tallies(
            str(HERE / "metaphlan.txt"),
            reading_of_options("--column clade_name --weights relative_abundance"),
            pmfs=True,
        )


#: what refusals give as an example
EXAMPLES = {
    **dict.fromkeys(("centrifuge.tsv", "kallisto.tsv", "mixcr.tsv", "salmon.sf", "spss.csv", "subtlex.tsv")),
    **dict.fromkeys(("airr.tsv", "vdjtools.txt")),
    "bracken.tsv": "--column name --weights kraken_assigned_reads",
    "immunarch.tsv": "--column CDR3.nt --weights Clones",
    "phyloseq_psmelt.csv": "--column OTU --weights Abundance",
}


@pytest.mark.parametrize("name", sorted({*READ, *SHARES} & {*REFUSED}))
def test_the_options_that_a_refusal_gives_as_an_example_can_be_typed(name: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        read_tallies(str(HERE / name), Reading())
    found = re.search(r"; for example (--column .*?)(?: \(or |;|$)", caught.value.problems[0])
    assert (found is not None) == (name in EXAMPLES)
    if found is not None:
        assert read_tallies(str(HERE / name), reading_of_options(found[1]), pmfs=True)
        assert found[1] == (EXAMPLES[name] or {**READ, **SHARES}[name][0])


#: files with nothing to choose from, and what is asked of them
NO_CHOICE = {
    "k\noak\n": ["--layout counts", "--logits", "--layout probabilities", "--layout joint", "--layout spectrum"],
    "z\n1.5\n2.5\n": ["--layout samples-in-rows", "--layout joint", "--layout spectrum"],
}


@pytest.mark.parametrize(("text", "options"), [(t, o) for t, all_of in NO_CHOICE.items() for o in all_of])
def test_columns_are_to_be_chosen_only_where_a_choice_helps(text: str, options: str, folder: Path) -> None:
    (folder / "a.csv").write_text(text)
    line = refusal("a.csv", options)
    assert line
    assert all(refusal("a.csv", f"{options} {choice}") == "" for choice in choices_in(line)[:1])


def test_commands_are_found_in_refusals() -> None:
    assert commands_in("a, with --column 'x y'; or b, with --column x --weights n")[-1] == "--column x --weights n"
    assert commands_in("leave such rows out with --missing drop, or count") == ["--missing drop"]
    assert commands_in("leave out with --ignore, such as 'a b'") == ["--ignore 'a b'"]
    assert choices_in("Choose one with --column, and with --weights: a, b")[-1] == "--column b --weights a"


def test_a_plan_is_made_of_a_file_as_of_the_same_distribution(mcdiv_command: Command, folder: Path) -> None:
    (folder / "n.csv").write_text("species;n\nÜlme;5\noak;3\nash;2\n", encoding="cp1252")
    (folder / "z.txt").write_text("".join(f"{math.log(p) + 7}\n" for p in (0.5, 0.3, 0.2)))
    words = ("plan", "--within", "0.2", "--json", "--truth")
    told = mcdiv_command(*words, "categorical: {pmf: [0.5, 0.3, 0.2]}").stdout
    (expected,) = json.loads(told)
    for given in (["n.csv"], ["z.txt", "--logits"]):
        (found,) = json.loads(mcdiv_command(*words, *given).stdout)
        assert found["sample_size"] == expected["sample_size"]
        assert found["true_value"] == pytest.approx(expected["true_value"])
    power = ("plan", "--power", "0.5", "--truth", "n.csv", "--against", "uniform: {k: 3}")
    assert "n.csv: read as the symbols of column 'species'" in mcdiv_command(*power).stdout
    told = mcdiv_command("plan", "--truth", "0.5", "--within", "0.1", "--logits", code=2).stderr
    assert told == "--truth: options that say how a file is read are given, and no file\n"

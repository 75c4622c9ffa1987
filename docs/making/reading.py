"""The page on what tables mean: every layout, and tables of other programs, each read when the page is made."""

import os
import shlex
import tempfile
from pathlib import Path

import click

from mcdiv.cli.options import reading_options
from mcdiv.errors import ScenarioError
from mcdiv.files.counts import Reading, read_tallies
from mcdiv.files.counts.layouts.contract import LAYOUTS, Layout

HEAD = """# Reading data

Made from the layouts in `mcdiv/files/counts/layouts/` by `python docs/generate.py`. A layout says what the rows and the
columns of a table are. mcdiv takes one by itself only where no other fits, and says back in the line `read as` what it
understood: N, K and the number of samples, and what it left out. Otherwise it refuses the table, shows how its first
lines would be read, and names the options that say so. The options are those of `mcdiv estimate`; in Python they are
arguments of `mcdiv.estimates`, such as `samples="columns"`. How the bytes of a file become a table is on the page of
[readers](readers.md). In a scenario the same words stand beside the file, and `group` names one of several samples:
`truth: {counts: {file: otu.tsv, layout: samples-in-columns, group: S1}}`.

```csv
# sites.csv
,A,B,C
x,3,1,0
y,2,2,4
```

```sh
mcdiv estimate sites.csv -e plugin  # exit code 2
mcdiv estimate sites.csv -e plugin --samples columns
```

```text
read as one sample in each column, its categories in 2 rows; 3 samples of 2 categories, 12 draws
```

The first of these commands says:

"""

PYTHON = """## From Python

`mcdiv.read` gives the counts of a file, for functions that take counts; `mcdiv.read_scores` gives two scores of each
item, for `mcdiv.paired`; and a `truth` or `model`, as of `mcdiv.plan`, is a file in the words of a scenario:

```python
import mcdiv

sites = mcdiv.read("sites.csv", samples="columns")
print(mcdiv.estimate("entropy", sites.counts, estimator="miller_madow").round(3).tolist())
tally = {"counts": {"file": "trees.csv"}}
print(mcdiv.plan("entropy", truth=tally, within=0.1).sample_size)
```

What the options of a command say of a file are arguments of the first two, and keys beside `file` in the third.
"""

LEFT_OUT = """## What is left out, and what is refused

- **Row numbers:** a column without a name, or called `index`, `rownames` or `X`, that counts up from 0 or 1. Beside
  nothing but a count, it has the categories.
- **Totals:** a column called `Total`, `Sum` or `All`, or a count, that is the sum of the others in every row; and a
  last row of such a name. A column called so that is not the sum, or one that is and is not called so, is refused:
  `--ignore` leaves it out, and `--layout` counts it.
- **Titles:** rows above the names of the columns of which each has one cell filled, as spreadsheets have them, or none.
- **Bookkeeping:** mothur's `label` and `numOtus`; a column `taxonomy` behind the counts; the places of genes that
  featureCounts writes; the rows of HTSeq and STAR for reads of no gene.
- **Shares:** whole numbers in a column called percent, share, TPM and the like are weights, not counts.
- **Missing values:** NA, NaN, an empty cell and the like are refused. `--missing drop` leaves such rows out and
  says how many; `--missing category` counts them as a category.
- **Repeated names of rows:** with samples in rows, each row stays a sample of its own; `--by site` adds up those of
  one site.
- **Measurements:** a column of decimals that are all different is refused. Its entropy depends on the bins that you
  put it into.
- **Drawn tables:** those of psql, mysql, sqlite3, sqlcmd and Markdown are read with their line of dashes below the
  names, and without the number of rows below.
- **Blank columns:** columns without a name behind the others, without a cell that is filled.
- **No header:** a first line with a number in it is no header. With a `--layout`, the columns are then called 1, 2,
  …
- **Decimal commas:** 211,5 is a decimal where no cell of its column has a decimal point. 1,234 and 1.234 in a column of
  nothing else may be thousands, and are refused; so is 1,234,567.
- **Encodings:** UTF-8, UTF-16 with its mark, and what is neither but can be Windows-1252 (Latin-1), which is said;
  on standard input, too.
- **What is no table:** `--text` counts the letters, words, characters or bytes of a file; `--bytes` takes any file as
  it is stored. What begins as an object of JSON is JSON, and on standard input a list of it, too. HTML, FASTA, FASTQ,
  SAM, VCF, ARFF and what R, Python, Julia and polars print is refused, with what to do.
- **Plain tokens:** what stands between blanks in lines of different lengths has no layout: numbers are counts, all
  else is symbols; `--layout draws` makes symbols of numbers. Words and numbers mixed are refused.
"""

#: a program, its file, and the options with which it is read
PROGRAMS = [
    ("R: write.csv of a vector", "r_vector.csv", '"","x"\n"1","A"\n"2","A"\n"3","B"\n', ""),
    ("R: write.table of a data frame", "r_table.txt", '"species" "n"\n"1" "oak" 3\n"2" "elm" 1\n', ""),
    ("pandas: to_csv with its index", "pandas.csv", ",species\n0,oak\n1,elm\n2,oak\n", ""),
    ("pandas: value_counts().to_csv", "value_counts.csv", "species,count\noak,3\nelm,2\n", ""),
    ("A spreadsheet with semicolons", "excel.csv", "Art;n\nEiche;3\nUlme;2\n", ""),
    ("QIIME: biom convert --to-tsv", "otu.tsv", "#OTU ID\tA\tB\n11\t3\t0\n12\t1\t4\n", ""),
    ("mothur: .shared", "mothur.shared", "label\tGroup\tnumOtus\tOtu01\tOtu02\n1\tS1\t2\t4\t2\n1\tS2\t2\t1\t5\n", ""),
    ("vegan: a community matrix", "vegan.csv", '"","sp1","sp2"\n"site1",3,1\n"site2",0,5\n', ""),
    ("phyloseq: otu_table", "phyloseq.csv", '"","S1","S2"\n"OTU1",3,1\n"OTU2",0,5\n', ""),
    (
        "Kraken: a report, reads by the taxon that they were assigned to",
        "kraken.txt",
        " 30.00\t3\t3\tU\t0\tunclassified\n 70.00\t7\t7\tD\t2\t  Bacteria\n",
        "--layout counts --column 6 --weights 3",
    ),
    (
        "immunarch, MiXCR: clonotypes with their proportions",
        "clones.tsv",
        "Clones\tProportion\tCDR3.nt\n3\t0.75\tTGTGCC\n1\t0.25\tTGTGCA\n",
        "--column CDR3.nt --weights Clones",
    ),
    ("A list of words", "words.txt", "the 6\nof 3\nsea 1\n", ""),
    ("sort | uniq -c", "uniq.txt", "      6 the\n      3 of\n      1 sea\n", ""),
    ("Jellyfish, KMC: a histogram of k-mers", "kmers.histo", "1 40\n2 10\n3 4\n", "--layout spectrum"),
    ("zipfR: .spc", "words.spc", "m\tVm\n1\t40\n2\t10\n3\t4\n", "--spectrum m,Vm"),
    ("pandas: value_counts(), printed", "printed.txt", "species\noak    3\nelm    2\nName: count, dtype: int64\n", ""),
    ("JASPAR: a position frequency matrix", "MA1.jaspar", ">MA1 X\nA [ 2 9 ]\nC [ 1 0 ]\nG [ 5 1 ]\nT [ 2 0 ]\n", ""),
    ("A position frequency matrix", "motif.pfm", "A 2 9 0\nC 1 0 5\nG 5 1 5\nT 2 0 0\n", "--samples columns"),
    (
        "MEME: a letter-probability matrix",
        "crp.meme",
        "MEME version 4\n\nALPHABET= ACGT\n\nMOTIF crp\nletter-probability matrix: alength= 4 w= 2 nsites= 20\n"
        " 0.100000 0.150000 0.250000 0.500000\n 0.000000 0.050000 0.650000 0.300000\n",
        "--draws 20",
    ),
    (
        "featureCounts",
        "genes.txt",
        "# Program:featureCounts\nGeneid\tChr\tStart\tEnd\tStrand\tLength\ta.bam\n"
        "G1\tchr1\t1\t90\t+\t90\t5\nG2\tchr1\t200\t300\t-\t101\t7\n",
        "",
    ),
    (
        "HTSeq",
        "htseq.txt",
        "G1\t5\nG2\t7\n__no_feature\t9\n__ambiguous\t3\n__not_aligned\t1\n",
        "--column 1 --weights 2",
    ),
    ("A spreadsheet with a title", "survey.csv", "Survey of trees,\n,\nspecies,n\noak,3\nelm,1\n", ""),
    ("Frequencies per million", "per_million.csv", "sound,weight\ni,211.5\nu,1797.4\n", ""),
]


def reading_page() -> str:
    """The whole page."""
    here = Path.cwd()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)  # the files are named as on the page
        try:
            parts = [
                HEAD + _refusal(),
                *map(_layout, sorted(LAYOUTS.values(), key=lambda each: (not each.guessed, each.name))),
                PYTHON,
                LEFT_OUT,
                "## Tables of other programs\n",
            ]
            parts += [f"**{program}**\n\n{_example(*file)}" for program, *file in PROGRAMS]
        finally:
            os.chdir(here)
    return "\n".join(parts)


def _refusal() -> str:
    Path("sites.csv").write_text("# sites.csv\n,A,B,C\nx,3,1,0\ny,2,2,4\n", encoding="utf-8")
    try:
        read_tallies("sites.csv", Reading())
    except ScenarioError as error:
        return f"> {error}\n"
    raise AssertionError("sites.csv can be read in two ways")


def _layout(layout: Layout) -> str:
    title = f"## {layout.name}\n\n{layout.meaning}\n"
    return "\n".join([title, f"**Written by:** {layout.written_by}.\n", _example(*layout.example)])


def _example(name: str, text: str, options: str) -> str:
    """A file, the command that reads it, and what it says of that."""
    content = f"# {name}\n{text}"
    Path(name).write_text(content, encoding="utf-8")
    command = " ".join(["mcdiv estimate", name, "-e plugin", options]).rstrip()
    try:
        tally = read_tallies(name, _reading(options), pmfs=True)[0]
    except ScenarioError as error:
        return f"```csv\n{content}```\n\n```sh\n{command}  # exit code 2\n```\n\n> {error}\n"
    return f"```csv\n{content}```\n\n```sh\n{command}\n```\n\n```text\nread as {tally.read_as}\n```\n"


def _reading(options: str) -> Reading:
    """What the options ask for, as the command understands them."""
    found: list[Reading] = []

    @click.command()
    @reading_options
    def read(*, reading: Reading) -> None:
        found.append(reading)

    read.main(shlex.split(options), standalone_mode=False)
    return found[0]

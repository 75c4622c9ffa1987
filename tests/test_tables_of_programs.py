"""Tables as other programs write them: each comes to its right answer, worked out by hand, with the options it needs.

The files in `tests/data` are small ones of our own, in the form that the program named gives its own.
"""

import shlex
from pathlib import Path

import click
import pytest

from mcdiv.cli.options import reading_options
from mcdiv.errors import ScenarioError
from mcdiv.files.counts import Reading, read_tallies

HERE = Path(__file__).parent / "data"
Tallies = dict[str, dict[str, int]]

#: the counts by group, and the options that are needed
READ: dict[str, tuple[str, Tallies]] = {
    # R: write.csv of a vector, of as.data.frame(table(x)) and of a data frame; write.table with and without quotes
    "r_csv_vector.csv": ("", {"": {"oak": 3, "elm": 1}}),
    "r_csv_table.csv": ("", {"": {"elm": 1, "oak": 3}}),
    "r_csv_frame.csv": ("--column species --by site", {"A": {"oak": 1, "elm": 1}, "B": {"oak": 1}}),
    "r_csv_matrix.csv": ("--samples rows", {"A": {"oak": 3, "elm": 1}, "B": {"oak": 0, "elm": 2}}),
    "r_table_frame.txt": ("", {"": {"oak": 3, "white elm": 1}}),
    "r_table_noquote.txt": ("", {"": {"oak": 3, "elm": 1}}),
    "r_table_tab.tsv": ("", {"": {"oak": 3, "elm": 1}}),
    # pandas: to_csv of a column, of value_counts(), of crosstab(margins=True) of counts with a gap; printed
    "pandas_series.csv": ("", {"": {"oak": 2, "elm": 1}}),
    "pandas_value_counts.csv": ("", {"": {"oak": 3, "elm": 2}}),
    "pandas_printed.txt": ("", {"": {"oak": 3, "elm": 2}}),
    "pandas_printed_old.txt": ("", {"": {"oak": 3, "elm": 2}}),
    "pandas_crosstab_margins.csv": ("", {"A": {"elm": 1, "oak": 3}, "B": {"elm": 2, "oak": 2}}),
    "pandas_float.csv": ("--missing drop", {"": {"oak": 3, "fir": 2}}),
    # Excel: CSV UTF-8 with semicolons, the same below "sep=;", CSV, Unicode text
    "excel.csv": ("", {"": {"Eiche": 3, "Ülme": 2}}),
    "excel_sep.csv": ("", {"": {"Eiche": 3, "Ulme": 2}}),
    "excel_ansi.csv": ("", {"": {"Buche": 3, "Ülme": 2}}),
    "excel_unicode.txt": ("", {"": {"Eiche": 3, "Ülme": 2}}),
    # Excel in German: whole numbers shown with a decimal; columns behind the table that were once filled
    "excel_whole.csv": ("", {"": {"Fläche": 12, "Wälder": 3, "Öd": 5}}),
    "excel_blank.csv": ("", {"": {"oak": 3, "elm": 1}}),
    # databases: psql, mysql, sqlite3 in the modes box, column and list; a table of Markdown
    "psql.txt": ("", {"": {"oak": 3, "elm": 1, "ash": 2}}),
    "mysql.txt": ("", {"": {"oak": 3, "elm": 1}}),
    "sqlite_box.txt": ("", {"": {"oak": 3, "elm": 1}}),
    "sqlite_column.txt": ("", {"": {"oak": 3, "elm": 1, "ash": 2}}),
    "sqlite_list.txt": ("--layout counts", {"": {"oak": 3, "elm": 1, "ash": 2}}),
    "markdown.md": ("", {"": {"oak": 3, "elm": 1}}),
    # Stata: contract
    "stata_freq.csv": ("", {"": {"1": 10, "2": 25, "3": 5}}),
    # QIIME: biom convert --to-tsv, with lineages; the table behind a bar plot of QIIME 2
    "qiime.tsv": ("", {"S1": {"4479944": 3, "995900": 1}, "S2": {"4479944": 0, "995900": 4}}),
    "qiime_tax.tsv": ("", {"S1": {"4479944": 3, "995900": 1}, "S2": {"4479944": 0, "995900": 4}}),
    "qiime2_barplot.csv": (
        "--ignore body-site",
        {
            "L1S8": {"k__Bacteria;p__Firmicutes": 12, "k__Bacteria;p__Bacteroidetes": 4},
            "L2S9": {"k__Bacteria;p__Firmicutes": 3, "k__Bacteria;p__Bacteroidetes": 9},
        },
    ),
    "mothur.shared": (
        "",
        {"F3D0": {"Otu01": 4, "Otu02": 2, "Otu03": 1}, "F3D1": {"Otu01": 1, "Otu02": 0, "Otu03": 5}},
    ),
    "mothur_tab.shared": (
        "",
        {"F3D0": {"Otu0001": 499, "Otu0002": 306, "Otu0003": 1}, "F3D1": {"Otu0001": 351, "Otu0002": 0, "Otu0003": 2}},
    ),
    "mothur_labels.shared": (
        "--ignore label",
        {"F3D0 (row 1)": {"Otu1": 4, "Otu2": 3}, "F3D0 (row 2)": {"Otu1": 7, "Otu2": 0}},
    ),
    "mothur.count_table": ("", {"F3D0": {"seq1": 4, "seq2": 2, "seq3": 1}, "F3D1": {"seq1": 1, "seq2": 0, "seq3": 5}}),
    # phyloseq: otu_table, and psmelt
    "phyloseq_otu.csv": ("", {"S1": {"OTU1": 3, "OTU2": 0}, "S2": {"OTU1": 1, "OTU2": 5}}),
    "phyloseq_psmelt.csv": (
        "--column OTU --weights Abundance --by Sample",
        {"S2": {"OTU2": 5, "OTU1": 1}, "S1": {"OTU1": 3, "OTU2": 0}},
    ),
    # vegan: a community matrix with numbers as names of its rows, and with names
    "vegan_dune.csv": (
        "--samples rows",
        {
            "row 1": {"Achimill": 1, "Agrostol": 0},
            "row 2": {"Achimill": 3, "Agrostol": 0},
            "row 3": {"Achimill": 0, "Agrostol": 4},
        },
    ),
    "vegan_names.csv": ("", {"site1": {"sp1": 3, "sp2": 1}, "site2": {"sp1": 0, "sp2": 5}}),
    # Kraken 2: a report, by the reads that each taxon was assigned itself; Bracken
    "kraken2.report": (
        "--layout counts --column 6 --weights 3",
        {"": {"unclassified": 3, "root": 0, "  Bacteria": 2, "    Proteobacteria": 5}},
    ),
    "bracken.tsv": ("--column name --weights new_est_reads", {"": {"Escherichia coli": 50, "Bacillus subtilis": 30}}),
    # repertoires: immunarch (by nucleotides, by amino acids), VDJtools, MiXCR, AIRR
    "immunarch.tsv": ("--column CDR3.aa --weights Clones", {"": {"CA": 4, "CS": 1}}),
    "vdjtools.txt": ("--column cdr3nt --weights count", {"": {"TGTGCC": 3, "TGTGCA": 2}}),
    "mixcr.tsv": ("--column nSeqCDR3 --weights readCount", {"": {"TGTGCC": 3, "TGTGCA": 2}}),
    "airr.tsv": ("--column junction_aa --weights duplicate_count", {"": {"CASSF": 3, "CASSY": 1}}),
    # lists of words: two columns, uniq -c, Leipzig, SUBTLEX, AntConc
    "words.txt": ("", {"": {"the": 6, "of": 3, "sea": 1}}),
    "uniq.txt": ("", {"": {"the": 6, "of": 3, "sea": 1}}),
    "leipzig.txt": ("--column 2 --weights 3", {"": {"the": 6, "of": 3, "sea": 1}}),
    "subtlex.tsv": ("--column Word --weights FREQcount", {"": {"the": 6, "of": 3}}),
    "antconc.tsv": ("--layout counts --column 3 --weights 2", {"": {"the": 6, "of": 3, "sea": 1}}),
    # how many k-mers, and words, occurred how often: Jellyfish, KMC, zipfR
    "jellyfish.histo": ("--layout spectrum", {"": {"1": 1, "2": 1, "3": 1, "4": 2, "5": 2, "6": 3}}),
    "kmc.hist": ("--layout spectrum", {"": {"1": 1, "2": 1, "3": 1, "4": 2, "5": 2, "6": 3}}),
    "zipfr.spc": ("--spectrum m,Vm", {"": {"1": 1, "2": 1, "3": 1, "4": 2, "5": 2, "6": 3}}),
    # position frequency matrices: JASPAR with its brackets and without, a plain one, one with positions in rows
    "jaspar.pfm": ("", {"1": {"A": 2, "C": 1, "G": 5, "T": 2}, "2": {"A": 9, "C": 0, "G": 1, "T": 0}}),
    "jaspar_raw.pfm": ("", {"1": {"A": 2, "C": 1, "G": 5, "T": 2}, "2": {"A": 9, "C": 0, "G": 1, "T": 0}}),
    "pfm.txt": ("--samples columns", {"2": {"A": 2, "C": 1, "G": 5, "T": 2}, "3": {"A": 9, "C": 0, "G": 1, "T": 0}}),
    # a sheet with a title above its table; pandas' to_json: orient="records" with lines=True, "split", and "columns";
    # the pairs of Counter.most_common()
    "excel_title.csv": ("", {"": {"oak": 4, "elm": 2}}),
    "excel_title.txt": ("", {"": {"Eiche": 4, "Ulme": 2}}),
    "pandas_lines.jsonl": ("", {"": {"oak": 4, "elm": 2}}),
    "pandas_lines.json": ("", {"": {"oak": 2, "elm": 1}}),
    "pandas_split.json": ("", {"": {"oak": 4, "elm": 2}}),
    "pandas_columns.json": ("", {"": {"oak": 4, "elm": 2}}),
    "pandas_lists.json": ("", {"": {"oak": 4, "elm": 2}}),
    "most_common.json": ("", {"": {"oak": 4, "elm": 2}}),
    # reads by gene or transcript: featureCounts of one sample and of two, HTSeq, STAR, kallisto; DADA2's table of
    # sequences; Centrifuge; SPSS's frequencies
    "featurecounts.txt": ("", {"": {"G1": 5, "G2": 0, "G3": 7}}),
    "featurecounts_two.txt": ("", {"a.bam": {"G1": 5, "G2": 0, "G3": 7}, "b.bam": {"G1": 1, "G2": 2, "G3": 4}}),
    "htseq.txt": ("--column 1 --weights 2", {"": {"G1": 5, "G2": 0, "G3": 7}}),
    "star.tab": ("--column 1 --weights 2", {"": {"G1": 5, "G2": 0, "G3": 7}}),
    "star_all.tab": (
        "--samples columns",
        {"2": {"G1": 5, "G3": 7}, "3": {"G1": 3, "G3": 3}, "4": {"G1": 2, "G3": 4}},
    ),
    "kallisto.tsv": ("--column target_id --weights est_counts", {"": {"T1": 12, "T2": 3}}),
    "dada2.csv": ("--samples rows", {"S1": {"ACGTACGT": 10, "GGCATTAC": 2}, "S2": {"ACGTACGT": 0, "GGCATTAC": 7}}),
    "centrifuge.tsv": ("--column name --weights numReads", {"": {"Escherichia coli": 50, "Bacillus": 30}}),
    "spss.csv": ("--column VAR --weights Frequency", {"": {"Yes": 10, "No": 30}}),
    "confusion.csv": (
        "--layout joint",
        {"": {"cat, cat": 10, "cat, dog": 2, "dog, cat": 3, "dog, dog": 20}},
    ),
    # k-mers with their counts: jellyfish dump -c, KMC's dump; numpy.savetxt; UTF-16, packed
    "jellyfish_dump.txt": ("", {"": {"ACGT": 3, "ACCC": 1, "GGGT": 2}}),
    "kmc_dump.txt": ("--column 1 --weights 2", {"": {"ACGT": 3, "ACCC": 1, "GGGT": 2}}),
    "savetxt.txt": ("--samples rows", {"row 1": {"1": 3, "2": 1}, "row 2": {"1": 0, "2": 22038615}}),
    "savetxt_column.txt": ("", {"": {"1": 3, "2": 1, "3": 22038615}}),
    "utf16.csv.gz": ("", {"": {"oak": 4, "Ülme": 2}}),
    # MEME's letter-probability matrix, of 17 sites
    "meme.meme": (
        "--draws 17",
        {
            "crp 1": {"A": 0, "C": 3, "G": 0, "T": 14},
            "crp 2": {"A": 0, "C": 1, "G": 11, "T": 5},
            "crp 3": {"A": 0, "C": 1, "G": 0, "T": 16},
        },
    ),
    "consensus.csv": ("", {"1": {"A": 2, "C": 1, "G": 5, "T": 2}, "2": {"A": 9, "C": 0, "G": 1, "T": 0}}),
}

#: what is said where the options are left out: it names them
REFUSED = {
    "r_csv_frame.csv": ["Choose one with --column"],
    "r_csv_matrix.csv": ["A (3, 1), B (0, 2), with --layout samples-in-rows", "--layout samples-in-columns"],
    "pandas_float.csv": ["column 'n' is empty; leave such rows out with --missing drop"],
    "qiime2_barplot.csv": ["leave out what holds no counts with --ignore, such as 'body-site'"],
    "phyloseq_psmelt.csv": ["Choose one with --column, and one that says how often each row counts with --weights"],
    "vegan_dune.csv": ["row 1 (1, 0), row 2 (3, 0), row 3 (0, 4), with --layout samples-in-rows"],
    "kraken2.report": [
        "where nothing names them, they are 1, 2, …: which column holds the symbols? Choose one with --column"
    ],
    "bracken.tsv": ["Choose one with --column", "with --weights"],
    "immunarch.tsv": ["Choose one with --column", "with --weights"],
    "vdjtools.txt": ["Say so with --column and --weights"],
    "mixcr.tsv": ["Choose one with --column", "with --weights"],
    "airr.tsv": ["Choose one with --column", "with --weights"],
    "leipzig.txt": [
        "where nothing names them, they are 1, 2, …: ",
        "; or choose some of them with --column and --weights",
    ],
    "subtlex.tsv": ["Choose one with --column", "with --weights"],
    "antconc.tsv": [
        "where nothing names them, they are 1, 2, …: ",
        "; or choose some of them with --column and --weights",
    ],
    "jellyfish.histo": ["6 categories: (1, 1, 1, …), with --spectrum 1,2"],
    "kmc.hist": [
        "where nothing names them, they are 1, 2, …: ",
        "10 draws of 6 categories: (1, 1, 1, …), with --spectrum 1,2",
    ],
    "zipfr.spc": ["--spectrum m,Vm"],
    "pfm.txt": ["with --layout samples-in-columns", "with --layout samples-in-rows"],
    "mothur_labels.shared": ["leave out what holds no counts with --ignore, such as 'label'"],
    "sqlite_list.txt": ["this may be: 6 draws of 3 categories: (oak 3, elm 1, ash 2), with --column 1 --weights 2"],
    "htseq.txt": ["this may be: 12 draws of 3 categories: (G1 5, G2 0, G3 7), with --column 1 --weights 2"],
    "star.tab": ["choose some of them with --column and --weights"],
    "star_all.tab": ["with --layout samples-in-columns", "with --layout samples-in-rows"],
    "kallisto.tsv": ["for example --column target_id --weights est_counts"],
    "salmon.sf": ["for example --column Name --weights NumReads"],
    "dada2.csv": ["with --layout samples-in-columns", "S1 (10, 2), S2 (0, 7), with --layout samples-in-rows"],
    "centrifuge.tsv": ["for example --column name --weights numReads"],
    "spss.csv": ["for example --column VAR --weights Frequency"],
    "kmc_dump.txt": ["with --column 1 --weights 2"],
    "savetxt.txt": ["with --layout samples-in-columns", "with --layout samples-in-rows"],
    "meme.meme": ["expected counts, got letter probabilities by position of 17 sites: of how many draws is not known"],
    "metaphlan.txt": ["column 'NCBI_tax_id' has numbers, and here it has '2|1239'"],
    "percent_marks.csv": ["column 'share' has '60%'; take out such marks: tr -d % < FILE | mcdiv estimate - --layout"],
    "confusion.csv": ["(cat, cat 10, cat, dog 2, dog, cat 3, …), with --layout joint; or 2 samples of 2 categories"],
    "r_table_printed.txt": ["if a table begins in line 2: tail -n +2 "],
    "docword.txt": ["as bags of words; for the words: tail -n +4 "],
    "weka.arff": ["is an ARFF file of Weka; save it as CSV"],
    "table.html": ["is a page of HTML or XML; save its table as CSV"],
    "reads.fastq": ["is FASTQ; for the letters of its sequences: awk 'NR % 4 == 2' "],
    "reads.sam": ["is SAM; for how many reads lie on each sequence of reference: grep -v '^@' "],
    "jellyfish_dump.fa": ["as counts of k-mers by Jellyfish do; for these: paste - - < "],
    "variants.vcf": ["is VCF, a variant in each row; name the column to count, such as --column REF"],
    "libsvm.txt": ["is a LIBSVM file, a label and index:value in each line; write its counts as CSV"],
    "r_dput.txt": ["is R code, as dput writes it; write the table with write.csv"],
    "r_tibble.txt": ["is a tibble as R prints it; write it with write.csv"],
    "python_counter.txt": ["is Python, as it is printed; write it with json.dump"],
    "julia_countmap.txt": ["is a dictionary as Julia prints it; write it with JSON.print"],
    "polars_printed.txt": ["is a table as polars prints it; write it with write_csv"],
    "stata_tab.txt": ["words and numbers stand in lines of different lengths, which is no table"],
    "transfac.txt": ["words and numbers stand in lines of different lengths, which is no table"],
}


#: probabilities by category of shares and of decimals, and the options that are needed
SHARES = {
    "r_csv2.csv": ("", {"oak": 3.5 / 4.75, "elm": 1.25 / 4.75}),
    "excel_decimal.csv": ("--layout probabilities", {"Eiche": 0.625, "Ulme": 0.375}),
    "salmon.sf": ("--column Name --weights NumReads", {"T1": 12 / 15.4, "T2": 3.4 / 15.4}),
    "percent.csv": ("", {"oak": 0.6, "elm": 0.4}),
    "excel_weights.csv": ("", {"i": 211.5 / 2008.9, "u": 1797.4 / 2008.9}),
}


def reading_of_options(options: str) -> Reading:
    """What the options ask for, as a command understands them."""
    found: list[Reading] = []

    @click.command()
    @reading_options
    def command(*, reading: Reading) -> None:
        found.append(reading)

    command.main(shlex.split(options), standalone_mode=False)
    return found[0]


@pytest.mark.parametrize("name", READ)
def test_a_file_of_another_program_comes_to_its_right_answer(name: str) -> None:
    options, expected = READ[name]
    tallies = read_tallies(str(HERE / name), reading_of_options(options))
    assert {each.group: dict(zip(each.labels, each.counts.tolist(), strict=True)) for each in tallies} == expected


@pytest.mark.parametrize("name", SHARES)
def test_shares_and_numbers_with_decimals_come_to_probabilities(name: str) -> None:
    options, expected = SHARES[name]
    (tally,) = read_tallies(str(HERE / name), reading_of_options(options), pmfs=True)
    assert tally.pmf is not None
    assert dict(zip(tally.labels, tally.pmf.tolist(), strict=True)) == pytest.approx(expected, rel=1e-14)


@pytest.mark.parametrize("name", REFUSED)
def test_where_options_are_needed_the_refusal_names_them(name: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        read_tallies(str(HERE / name), Reading())
    (line,) = caught.value.problems
    assert "\n" not in line
    for part in REFUSED[name]:
        assert part in line


def test_every_file_of_data_has_its_answer() -> None:
    assert {path.name for path in HERE.iterdir()} == {*READ, *REFUSED, *SHARES}
    assert {name for name, (options, _) in READ.items() if options} <= {*REFUSED}

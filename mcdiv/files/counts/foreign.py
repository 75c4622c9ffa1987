"""Texts that are no table and no tokens, though they would be read as such: known by how they begin, and refused.

What each is, and the one command or step by which its counts are read all the same.
"""

import re

from mcdiv.errors import ScenarioError
from mcdiv.files.counts.category_counts import Reading, count_of
from mcdiv.files.counts.text import Text

#: how a text begins, and what it is
_BEGINNINGS = (
    (r"\s*<(?:\?xml|!doctype|html|table|svg)\b", "is a page of HTML or XML; save its table as CSV"),
    (r"\s*@relation\b", "is an ARFF file of Weka; save it as CSV"),
    (r"(?:structure|list|c)\(\S", "is R code, as dput writes it; write the table with write.csv"),
    (r"(?:Counter\(|defaultdict\(.*|OrderedDict\()?\{'", "is Python, as it is printed; write it with json.dump"),
    (r"(?:Ordered)?Dict\{.*\} with \d+ entr", "is a dictionary as Julia prints it; write it with JSON.print"),
    (r"shape: \(\d+, \d+\)", "is a table as polars prints it; write it with write_csv"),
)
#: lines by which the others are told
_SEEN = 100
#: label, then index:value …
_LIBSVM = re.compile(r"[-+.\w]+(?: +\d+:[-+.\w]+)+\s*(?:#.*)?")


def refuse_foreign(text: Text, first: str, reading: Reading) -> None:
    """Raise where a text begins as one that would be read wrong; not where its tokens were said to be symbols."""
    if reading.symbols or reading.text:
        return
    for beginning, what in _BEGINNINGS:
        if re.match(beginning, first, re.IGNORECASE):
            raise text.error(what)
    source = text.source
    lines = [line.rstrip("\r\n") for line in [first, *text.ahead(_SEEN)] if line.strip()]
    if text.last_remark.startswith("# A tibble:"):
        raise text.error("is a tibble as R prints it; write it with write.csv")
    if first.startswith(">"):
        raise _sequences(text, lines)
    if first.startswith("@") and len(lines) > 2 and lines[2].startswith("+"):
        letters = f"awk 'NR % 4 == 2' {source} | mcdiv estimate - --text letters"
        raise text.error(f"is FASTQ; for the letters of its sequences: {letters}")
    if re.match(r"@(?:HD|SQ|RG|PG|CO)\t", first):
        names = f"grep -v '^@' {source} | cut -f 3 | mcdiv estimate - --symbols"
        raise text.error(f"is SAM; for how many reads lie on each sequence of reference: {names}")
    if len(lines) > 1 and all(map(_LIBSVM.fullmatch, lines)):
        raise text.error("is a LIBSVM file, a label and index:value in each line; write its counts as CSV")
    numbers = all(count_of(cell) is not None for line in lines for cell in line.split())
    if len(lines) > 3 and [len(line.split()) for line in lines] == [1, 1, 1, *[3] * (len(lines) - 3)] and numbers:
        table = f"tail -n +4 {source} | mcdiv estimate - --column 2 --weights 3"
        raise text.error(f"has a number in each of three lines, then three, as bags of words; for the words: {table}")
    asked = reading.layout is not None or bool(reading.named_columns())
    if any(remark.startswith("fileformat=VCF") for remark in text.remarks) and not asked:
        raise text.error("is VCF, a variant in each row; name the column to count, such as --column REF")


def _sequences(text: Text, lines: list[str]) -> ScenarioError:
    """What is wrong with a file that begins as FASTA, and the commands for what it may mean."""
    names, others = lines[0::2], lines[1::2]
    if all(line.startswith(">") and count_of(line[1:]) for line in names) and not any(">" in line for line in others):
        table = f"paste - - < {text.source} | tr -d '>' | mcdiv estimate - --column 2 --weights 1"
        return text.error(f"begins with '{lines[0][:40]}', as counts of k-mers by Jellyfish do; for these: {table}")
    letters = f"grep -v '^>' {text.source} | mcdiv estimate - --text letters"
    ways = f"for the letters of its sequences: {letters}; if these are symbols, say --symbols"
    return text.error(f"begins with '{lines[0].strip()[:40]}', as FASTA does; {ways}")

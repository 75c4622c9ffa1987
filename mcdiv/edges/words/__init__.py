"""What a person reads: the digest of a run, what limits trust in an estimate, advice, and how numbers are written."""

from mcdiv.edges.words.agreement import DISAGREEMENT, disagreement
from mcdiv.edges.words.counsel import Counsel, counsel
from mcdiv.edges.words.digest import MOST_LINES, Digest, digest, exact_lines
from mcdiv.edges.words.trust import (
    MARKS,
    alphabet_sentences,
    beyond_sentence,
    data_sentences,
    estimate_sentences,
    excludes_sentence,
    facts_of,
    infinite_sentence,
    model_sentence,
    no_test_sentence,
)
from mcdiv.study.numerals import figure, percent_of_level, rounded, span

__all__ = [
    "DISAGREEMENT",
    "MARKS",
    "MOST_LINES",
    "Counsel",
    "Digest",
    "alphabet_sentences",
    "beyond_sentence",
    "counsel",
    "data_sentences",
    "digest",
    "disagreement",
    "estimate_sentences",
    "exact_lines",
    "excludes_sentence",
    "facts_of",
    "figure",
    "infinite_sentence",
    "model_sentence",
    "no_test_sentence",
    "percent_of_level",
    "rounded",
    "span",
]

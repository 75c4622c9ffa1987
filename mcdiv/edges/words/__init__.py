"""What a person reads: the digest of a run, what limits trust in an estimate, advice, and how numbers are written."""

from mcdiv.edges.words.counsel import Counsel, counsel
from mcdiv.edges.words.digest import MOST_LINES, Digest, digest, exact_lines
from mcdiv.edges.words.trust import data_sentences, estimate_sentences, facts_of, model_sentence
from mcdiv.study.numerals import figure, percent_of_level, rounded, span

__all__ = [
    "MOST_LINES",
    "Counsel",
    "Digest",
    "counsel",
    "data_sentences",
    "digest",
    "estimate_sentences",
    "exact_lines",
    "facts_of",
    "figure",
    "model_sentence",
    "percent_of_level",
    "rounded",
    "span",
]

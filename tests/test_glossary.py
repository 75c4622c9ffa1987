"""The glossary: every term once, in alphabetical order, in few lines; and it has all kinds of entries."""

import re
from pathlib import Path

import pytest

from mcdiv.api.cards import LISTINGS

DOCS = Path(__file__).parents[1] / "docs"
#: what a kind of entry is called where `mcdiv list` has another word, or none where it lists no entries
WORDS = {"plots": "picture", "data": ""}


def entries() -> list[tuple[str, str]]:
    _, *paragraphs = (DOCS / "glossary.md").read_text(encoding="utf-8").split("\n\n**")
    return [(term, text) for term, _, text in (paragraph.partition("**: ") for paragraph in paragraphs)]


def test_every_term_is_there_once_in_alphabetical_order() -> None:
    terms = [term.casefold() for term, _ in entries()]
    assert len(terms) > 50
    assert terms == sorted(set(terms), key=lambda term: re.sub(r"[^\w ]", "", term))


@pytest.mark.parametrize(("term", "text"), entries(), ids=[term for term, _ in entries()])
def test_a_term_is_explained_in_at_most_three_lines_and_refers_to_terms_that_are_there(term: str, text: str) -> None:
    assert 1 <= len(text.strip().splitlines()) <= 3
    assert text.strip().endswith((".", ".)"))
    starts = tuple(other.casefold() for other, _ in entries())
    for other in re.findall(r"(?<![*\w])\*([^*]+)\*(?!\*)", text):
        assert any(start.startswith(other.casefold()) for start in starts), other


def test_every_kind_of_entry_is_a_term() -> None:
    terms = {term.casefold() for term, _ in entries()}
    for kind in LISTINGS:
        assert WORDS.get(kind, kind.removesuffix("s")) in {*terms, ""}
    assert "[glossary](glossary.md)" in (DOCS / "README.md").read_text(encoding="utf-8")

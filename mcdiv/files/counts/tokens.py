"""Tokens between blanks and running text: counts, symbols, letters or words."""

import re
from collections import Counter

from mcdiv.core.domains import MAX_ALPHABET
from mcdiv.errors import ScenarioError
from mcdiv.files.counts.category_counts import (
    COUNTING,
    NAMING,
    CategoryCounts,
    Reading,
    count_of,
    is_number,
    label_of,
    numbered,
)
from mcdiv.files.counts.missing import drop_missing, refuse_missing
from mcdiv.files.counts.successive import DrawsInOrder
from mcdiv.files.counts.text import Text

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")


def text_tally(text: Text, reading: Reading) -> CategoryCounts:
    """The letters, the words or the characters of a running text."""
    kind = reading.text
    counts: Counter[str] = Counter()
    draws = None if reading.order is None else DrawsInOrder(keep=True)
    for piece in text.pieces():
        folded = label_of(piece if kind == "characters" else piece.casefold())
        if kind == "words":
            found = _WORD.findall(folded)
        else:
            found = list(filter(str.isalpha, folded) if kind == "letters" else "".join(folded.split()))
        counts.update(found)
        if draws is not None:
            draws.add(found)
    if not counts:
        raise ScenarioError([f"{text.name}: the text has no {kind}"])
    return CategoryCounts.of(
        "",
        counts,
        "characters of a text but for blanks" if kind == "characters" else f"{kind} of a text, ignoring case",
        in_order=draws,
    )


def token_tally(text: Text, first: str, reading: Reading) -> CategoryCounts:
    """Tokens between blanks: counts where most of the first ones are numbers (below a name for them), else symbols."""
    counts: Counter[str] = Counter()
    draws = DrawsInOrder(keep=reading.order is not None)
    numbers: list[int] = []
    as_symbols = reading.symbols or reading.layout in ("draws", "sequence")
    counted: bool | None = False if as_symbols else True if reading.layout == "counts" else None
    for piece in text.pieces(first):
        tokens = piece.split()
        if counted is None and tokens:
            values = tokens[1:] if tokens[0].lower() in COUNTING else tokens
            counted = 2 * sum(map(is_number, values)) > len(values)
            tokens = values if counted else tokens
        if counted:
            numbers += _counts(tokens, text.name, len(numbers))
        else:
            counts.update(tokens)
            draws.add(tokens)
            refuse_missing(set(tokens), reading, lambda _, message: ScenarioError([f"{text.name}: a token {message}"]))
        if max(len(numbers), len(counts)) > 2 * MAX_ALPHABET:  # the file may never end
            raise ScenarioError([f"{text.name}: there are more than {MAX_ALPHABET:,} categories"])
    if counted:
        return numbered("", numbers, "counts, one for each category")
    name = next(iter(counts), "")
    if reading.layout == "sequence" and counts[name] == len(counts) == 1 and len(name) > 1:
        return _characters(name)
    alone = first.strip() == name and counts[name] == 1 < len(counts) and not reading.symbols
    if alone and (_above_numbers(name, counts) or (not as_symbols and name.lower() in COUNTING + NAMING)):
        wrong = f"'{name}' may be a symbol or the name of a column"
        raise text.error(f"{wrong}; say --symbols if it is a symbol, --column {name} if it is a name")
    dropped = drop_missing(counts) if reading.missing == "drop" else 0
    left = f", {dropped:,} without a value left out" if dropped else ""
    read_as = f"symbols separated by blanks, the first being '{name[:60]}'{left}"
    return CategoryCounts.of("", counts, read_as, in_order=draws)


def _above_numbers(name: str, counts: Counter[str]) -> bool:
    """Whether this is no number, and all other tokens, of which there are several, are."""
    return not is_number(name) and counts.total() > 2 and all(is_number(token) for token in counts if token != name)


def _characters(token: str) -> CategoryCounts:
    """The characters of the only token, since one draw has no order."""
    draws = DrawsInOrder(keep=True)
    draws.add(token)
    return CategoryCounts.of("", Counter(token), "the characters of the only token, in their order", in_order=draws)


def _counts(tokens: list[str], name: str, before: int) -> list[int]:
    counts = [count_of(token) for token in tokens]
    if None in counts:
        stray = counts.index(None)
        wanted = "expected a whole number >= 0 (or say --symbols)"
        raise ScenarioError([f"{name}: number {before + stray + 1}: {wanted}, got '{tokens[stray][:60]}'"])
    return [count for count in counts if count is not None]

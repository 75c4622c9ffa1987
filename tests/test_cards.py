"""Cards as `mcdiv show` prints them: every formula stands under the name that it belongs to."""

import re

from mcdiv.api import cards
from mcdiv.estimators.registry import entries_of, find, names
from mcdiv.intervals.contract import INTERVALS


def test_a_card_shows_the_formula_of_each_estimand_under_its_name() -> None:
    for name in names():
        shown, entries = cards.card(name), entries_of(name)
        first = {entry.card: entry for entry in reversed(entries)}
        assert shown["formula"] == entries[0].card.formula
        for card, entry in first.items():
            if card != entries[0].card:
                assert shown[f"{entry.estimand} {cards.DESIGNS[entry.design]}, formula"] == card.formula


def test_a_card_claims_for_each_estimand_what_its_estimator_claims_and_no_more() -> None:
    for name in names():
        lines = cards.card(name)["claims"].split("\n")
        claims = {}
        for line in lines:
            subjects, _, told = line.partition(": ") if len(lines) > 1 else ("", "", line)
            for estimand, *designs in (re.split(" (?=from|with)| or ", subject) for subject in subjects.split(", ")):
                claims |= {(estimand, design): told for design in designs}
        for entry in entries_of(name):
            told = claims.get((entry.estimand, cards.DESIGNS[entry.design]), lines[0])
            assert sorted(told.split("; ")) == (sorted(kept.value for kept in entry.properties) or ["none"])


def test_a_name_of_two_things_shows_both() -> None:
    shown = cards.card("zipf")
    assert shown["distribution"] == shown["scenario"] == "zipf"
    assert cards.card("jackknife")["as interval, interval"] == "jackknife"


def test_a_default_that_is_empty_is_called_none() -> None:
    assert "(default )" not in " ".join(line["parameters"] for line in cards.listing("distributions"))


def test_a_reference_value_is_shown_with_all_that_its_value_rests_on() -> None:
    anchors = cards.card("bayes")["anchors"].split("\n")
    assert "cross_entropy of [1, 0] with model counts [0, 1], alpha 1 = 1.16666666667 nats" in anchors[2]


def test_a_card_names_the_estimator_that_an_interval_is_built_around() -> None:
    shown = cards.card("bayes")["as interval, around"]
    assert shown == "the estimator bayes (plugin where bayes has no estimate)"
    assert any(find(estimand, "bayes", design) is None for estimand, design in INTERVALS["bayes"].pairs())
    assert cards.card("nsb")["as interval, around"] == "the estimator nsb"

"""Cards as `mcdiv show` prints them: every formula stands under the name that it belongs to."""

from mcdiv import guide
from mcdiv.estimators.contract import entries_of, find, names
from mcdiv.intervals.contract import INTERVALS


def test_a_card_shows_the_formula_of_each_estimand_under_its_name() -> None:
    for name in names():
        shown, entries = guide.card(name), entries_of(name)
        first = {entry.card: entry for entry in reversed(entries)}
        assert shown["formula"] == entries[0].card.formula
        for card, entry in first.items():
            if card != entries[0].card:
                assert shown[f"{entry.estimand} {guide.DESIGNS[entry.design]}, formula"] == card.formula
        assert shown["claims"] == ("; ".join(sorted(law.value for law in entries[0].laws)) or "none")


def test_an_anchor_is_shown_with_all_that_its_value_rests_on() -> None:
    anchors = guide.card("bayes")["anchors"].split("\n")
    assert "cross_entropy of [1, 0] with model counts [0, 1], alpha 1 = 1.16666666667 nats" in anchors[2]


def test_a_card_names_the_estimator_that_an_interval_is_built_around() -> None:
    shown = guide.card("bayes")["as interval, around"]
    for estimand, design in INTERVALS["bayes"].offered:
        own = find(estimand, "bayes", design) is not None
        assert (f"{estimand} {guide.DESIGNS[design]}" in shown) != own

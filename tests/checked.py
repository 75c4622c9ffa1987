"""What a run prints whose checks are met, and how much of it."""


def meets_its_checks(printed: str) -> None:
    """Every check is met, and the table below the head is short."""
    assert "✓" in printed
    assert "✗" not in printed
    table = printed.split(" ─", 1)[1].split("\n\n", maxsplit=1)[0]  # from the rule below its head on
    assert len(table.splitlines()) <= 13

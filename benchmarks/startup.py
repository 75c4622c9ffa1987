"""B11: how long `mcdiv --help` takes, in empty interpreters."""

from benchmarks.processes import interpreter
from benchmarks.report import Line, side_note
from benchmarks.timing import in_turn, ratio

ROUNDS = 15


def compare() -> list[Line]:
    """One line."""
    with interpreter() as start:
        variants = {"--help": lambda: start("-m", "mcdiv", "--help"), "pass": lambda: start("-c", "pass")}
        seconds = in_turn(variants, rounds=ROUNDS)
        commands = [name for name in ("run", "exact", "list") if f" {name} " in start("-m", "mcdiv", "--help")]
    return [
        Line(
            number="B11",
            work="`mcdiv --help`",
            against="`python -c pass`",
            reach=8,
            measured=ratio(seconds["--help"], seconds["pass"]),
            at_least=False,
            answer=f"names the commands {', '.join(commands)}",
            right=len(commands) == 3,
            times=side_note(seconds),
        )
    ]

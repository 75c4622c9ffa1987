"""`python -m benchmarks [B1 B9 …]`: run all or some, print one table. Exit code 1 if an answer is wrong."""

import sys
from importlib import import_module

from benchmarks.report import Line, table

#: by number: the module whose `compare` gives its lines
BENCHMARKS = {
    "B1": "coin",
    "B2": "study",
    "B4": "flips",
    "B5": "samplers",
    "B6": "samplers",
    "B7": "estimators",
    "B8": "estimators",
    "B9": "exact",
    "B10": "estimators",
    "B11": "startup",
    "B12": "workers",
    "B13": "controls",
    "B14": "overhead",
    "B15": "explorer",
    "B16": "information",
    "B17": "fair",
    "B18": "fair",
    "B19": "reading",
    "B20": "thresholds",
}


def main(wanted: list[str]) -> int:
    """Run the benchmarks with these numbers, or all."""
    unknown = [number for number in wanted if number not in BENCHMARKS]
    if unknown:
        print(f"{', '.join(unknown)}: no such benchmark; there are {', '.join(BENCHMARKS)}", file=sys.stderr)
        return 2
    lines: list[Line] = []
    for module in dict.fromkeys(BENCHMARKS[number] for number in wanted or BENCHMARKS):
        print(f"{module} …", file=sys.stderr, flush=True)
        lines += import_module(f"benchmarks.{module}").compare()
    print(table(lines))
    return 0 if all(line.right for line in lines) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

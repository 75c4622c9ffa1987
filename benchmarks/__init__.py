"""How fast mcdiv is, as ratios measured side by side; `python -m benchmarks` prints the table."""

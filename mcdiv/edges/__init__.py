"""The edges: each file talks to one thing outside (YAML, threads, disk, pandas, seaborn), and none to another edge."""

"""What a scenario means: its keys, how their values are read, and which conditions they make. Pure."""

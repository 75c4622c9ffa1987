"""What a scenario means: its conditions, the blocks of work they are cut into, and what comes of them. Pure."""

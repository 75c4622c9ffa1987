"""What a person reads: the digest of a run, what limits trust in an estimate, and advice."""

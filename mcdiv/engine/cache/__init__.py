"""What was computed before and is not computed again: keys, their contents as bytes, the ledger that holds them."""

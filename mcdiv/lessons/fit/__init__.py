"""A model learnt from flips: what `mcdiv fit` does."""

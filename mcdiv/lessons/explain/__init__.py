"""The derivation of the identity: what `mcdiv explain` says."""

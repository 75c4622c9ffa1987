"""Golden values for other libraries to test against: pairs of pmfs, what goes wrong with each, and 30 digits of every
quantity. Exact fractions and decimals of as many digits as a case takes; no floats but those that are handed out.
"""

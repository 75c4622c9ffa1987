"""The mathematics: pure functions on arrays, built on NumPy and scipy.special alone."""

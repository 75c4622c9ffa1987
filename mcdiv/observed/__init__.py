"""Questions about data: which they are, the estimates, how far they can be trusted, and which to believe."""
